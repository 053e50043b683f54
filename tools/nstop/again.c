// SPDX-License-Identifier: GPL-2.0-or-later
/* Collecting again and again: what is read each time, what only now and then. */
#include "collect/session.h"
#include "feed.h"
#include "model/carry.h"

enum {
	MOST_FAILED = 64, /* processes whose guards are kept */
	SLOW_EVERY = 5,   /* refreshes */
	FRESH_EVERY =
		30, /* refreshes after which nothing is taken over: a process may have got other arguments, a container another name */
};

/* What is read of the network namespaces on the screen alone. */
static const uint64_t net_wants = WANT_LINKS | WANT_LISTENERS | WANT_SOCKETS | WANT_COUNTERS;
/* What is read of all of them, and what takes a search of the whole host: now and then. */
static const uint64_t slow_wants = WANT_LINKS | WANT_LISTENERS | WANT_SOCKETS | WANT_COUNTERS | WANT_SOCKET_FDS | WANT_ROUTES |
				   WANT_NEIGHBOURS | WANT_FIREWALL | WANT_NSIDS | WANT_KEEPERS | WANT_MOUNTED | WANT_SYSCTLS;

struct collecting_again {
	const struct nstop *n;
	struct session *session;
	struct frame *last; /* what the next one is compared with; a copy of nobody's: the caller has another */
	uint64_t slow;      /* what the last slow collection had */
	unsigned int count;
	uint64_t hidden;              /* which namespaces had no process when their keepers were searched for: a hash */
	bool searched;                /* they were, ever */
	bool lists;                   /* the kernel lists namespaces: they need not be searched for */
	uint32_t failed[MOST_FAILED]; /* pids, the oldest one gives way */
	size_t n_failed, next_failed;
};

struct collecting_again *again_new(const struct nstop *n)
{
	struct collecting_again *a = xcalloc(1, sizeof(*a));

	a->n = n;
	a->session = session_new();
	return a;
}

void again_free(struct collecting_again *a)
{
	if (!a)
		return;
	session_free(a->session);
	frame_put(a->last);
	free(a);
}

/* What takes a search of all open files and mounts. */
static const uint64_t keeper_wants = WANT_KEEPERS | WANT_MOUNTED;

/* The namespaces that no process is in. */
static uint64_t hidden_now(const struct frame *f)
{
	uint64_t hash = 0;

	for (uint32_t i = 0; i < f->snap.n_namespaces; i++)
		if (!f->ix.ns[i].n)
			hash += ns_key(f->snap.namespaces[i].type, f->snap.namespaces[i].inum) * 0x9e3779b97f4a7c15ULL;
	return hash;
}

/* As long as they are the same ones, what keeps them is taken to be the same. */
static bool need_keepers(const struct collecting_again *a)
{
	return !a->searched || a->count % FRESH_EVERY == 1 || (a->last && hidden_now(a->last) != a->hidden);
}

/* The first refresh has to be there at once: what is slow comes with the second. */
static bool is_slow_turn(const struct collecting_again *a, uint64_t slow)
{
	return a->count && (a->count % SLOW_EVERY == 1 || slow & ~a->slow);
}

void again_failed(struct collecting_again *a, const struct event *e)
{
	if (!e->err || (e->kind != EVENT_BIND && e->kind != EVENT_LISTEN && e->kind != EVENT_SOCKET))
		return;
	for (size_t i = 0; i < a->n_failed; i++)
		if (a->failed[i] == e->pid)
			return;
	a->failed[a->next_failed++ % MOST_FAILED] = e->pid;
	a->n_failed = MIN(a->next_failed, (size_t)MOST_FAILED);
}

static void copy_section(struct snap *to, const struct snap *from, const char *key)
{
	const struct snap_section *section = snap_section(key);
	struct snap_array t = snap_array(to, section), f = snap_array(from, section);
	size_t size = section->desc->size;

	for (size_t i = 0; i < *f.n; i++)
		record_copy(&to->arena, section->desc, array_grow(t.items, t.n, t.cap, size), (const char *)*f.items + i * size);
}

/*
 * What decides about the calls of those whose bind failed: of all processes it would cost more than all the rest. Who has ended has
 * taken it with him.
 */
static void add_guards(struct collecting_again *a, struct snap *s)
{
	static const char *const sections[] = { "guards", "filters", "cgprogs", "cgmaps" };
	const struct collect_opts o = {
		.proc = a->n->cli.proc, .tool = "nstop", .wants = WANT_TASKS | WANT_GUARDS, .pids = a->failed, .n_pids = a->n_failed
	};
	const char *why;
	struct snap few;

	if (!a->n_failed || !s->head.initial_view) /* events tell the numbers of the host */
		return;
	snap_init(&few);
	if (!collect(&few, &o, &why)) {
		for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
			copy_section(s, &few, sections[i]);
		if (few.head.cgroup2)
			s->head.cgroup2 = arena_strdup(&s->arena, few.head.cgroup2);
		s->head.wants |= WANT_GUARDS;
		snap_settle(s);
	}
	snap_done(&few);
}

int again_collect(struct collecting_again *a, const struct order *o, struct frame **out, const char **why)
{
	struct collect_opts opts = {
		.proc = a->n->cli.proc, .collector = a->n->cli.collector, .tool = "nstop", .session = a->session
	};
	uint64_t slow = o->wants & (a->lists ? slow_wants : slow_wants | WANT_HIDDEN);
	bool slow_turn = is_slow_turn(a, slow), keepers = slow_turn && slow & keeper_wants && need_keepers(a);
	struct snap s;
	int err;

	opts.wants = o->wants & ~slow;
	/* Command lines and owners take longer than all the rest: they come with the next refresh, which follows at once. */
	if (!a->count)
		opts.wants = (opts.wants & ~(uint64_t)(WANT_COMMAND | WANT_COMMANDS | WANT_HIDDEN | WANT_NS)) | o->named;
	if (slow_turn)
		opts.wants |= keepers ? slow : slow & ~keeper_wants;
	else if (a->count && o->n_netns)
		opts.wants |= o->wants & net_wants;
	if (!slow_turn || o->only_netns) {
		opts.netns = o->netns;
		opts.n_netns = o->n_netns;
	}
	opts.sockets.netids = (1u << NETID_UNIX_STREAM) - 1; /* those of IP */
	if (a->last && a->count % FRESH_EVERY)
		opts.before = &a->last->snap;
	opts.hasty = !slow_turn;
	snap_init(&s);
	err = collect(&s, &opts, why);
	if (err) {
		snap_done(&s);
		return err;
	}
	a->lists = s.head.lister && strcmp(s.head.lister, "files") != 0;
	if (a->last)
		snap_carry(&s, &a->last->snap, slow_turn && !opts.netns ? slow & ~opts.wants : slow);
	if (a->n->record)
		add_guards(a, &s);
	if (slow_turn)
		a->slow = slow;
	a->count++;
	*out = frame_new(&s, a->last);
	if (keepers) {
		a->searched = true;
		a->hidden = hidden_now(*out);
	}
	frame_put(a->last);
	a->last = frame_get(*out);
	return 0;
}
