// SPDX-License-Identifier: GPL-2.0-or-later
/* Collecting again and again: what is read each time, what only now and then. */
#include "collect/session.h"
#include "feed.h"
#include "model/carry.h"

enum {
	SLOW_EVERY = 5, /* refreshes */
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
	uint64_t hidden; /* which namespaces had no process when their keepers were searched for: a hash */
	bool searched;   /* they were, ever */
	bool lists;      /* the kernel lists namespaces: they need not be searched for */
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
