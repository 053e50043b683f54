// SPDX-License-Identifier: GPL-2.0-or-later
#include <time.h>

#include "explain.h"
#include "util/ipaddr.h"
#include "view/whydoc.h"
#include "why/why.h"

enum {
	REMEMBERED = 64,
	REMEMBER = 2000, /* ms */
	PER_SECOND = 5,
};

struct answer {
	char key[512];
	uint64_t at; /* ms */
	struct arena arena;
	struct event_why why;
};

struct explainer {
	const struct cli *cli;
	struct answer answers[REMEMBERED];
	size_t next;
	uint64_t second;
	int this_second;
	struct event_why not_asked;
};

struct explainer *explain_new(const struct cli *c)
{
	struct explainer *x = xcalloc(1, sizeof(*x));

	x->cli = c;
	x->not_asked = (struct event_why){ .verdict = why_verdict_names[WHY_UNKNOWN],
					   .summary = "too many failures at once: not looked into" };
	return x;
}

void explain_free(struct explainer *x)
{
	for (size_t i = 0; x && i < REMEMBERED; i++)
		arena_done(&x->answers[i].arena);
	free(x);
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* --- the question ------------------------------------------------------------------------------------------------------------- */

static int netid_of(const char *proto)
{
	static const struct {
		const char *proto;
		enum sock_netid netid;
	} known[] = {
		{ "tcp", NETID_TCP },
		{ "udp", NETID_UDP },
		{ "mptcp", NETID_MPTCP },
		{ "udplite", NETID_UDPLITE },
		{ "sctp", NETID_SCTP },
		{ "raw", NETID_RAW },
		{ "unix", NETID_UNIX_STREAM },
		{ "unix-dgram", NETID_UNIX_DGRAM },
		{ "unix-seqpacket", NETID_UNIX_SEQPACKET },
	};

	for (size_t i = 0; proto && i < ARRAY_SIZE(known); i++)
		if (!strcmp(known[i].proto, proto))
			return known[i].netid;
	return -1;
}

static int set_address(struct why_query *q, const struct event *e, struct arena *arena)
{
	char *addr, *zone;

	if (q->netid >= NETID_UNIX_STREAM && q->netid <= NETID_UNIX_SEQPACKET) {
		if (!e->addr)
			return -EINVAL;
		q->abstract = *e->addr == '@';
		q->path = e->addr + q->abstract;
		q->path_len = (uint32_t)strlen(q->path);
		return 0;
	}
	if (!e->addr || e->port < 0)
		return -EINVAL;
	addr = arena_strdup(arena, e->addr);
	zone = strchr(addr, '%');
	if (zone) {
		*zone = '\0';
		q->zone = zone + 1;
	}
	q->port = (uint32_t)e->port;
	return ipaddr_parse(addr, &q->addr);
}

/* 0, or -EINVAL: no question that could be answered. */
static int ask(struct why_query *q, const struct event *e, struct arena *arena)
{
	int netid = netid_of(e->proto);

	*q = (struct why_query){ .call = e->kind == EVENT_BIND     ? CALL_BIND
					 : e->kind == EVENT_LISTEN ? CALL_LISTEN
								   : CALL_SOCKET,
				 .ns = NSREF_KNOWN(e->socket_netns) ? e->socket_netns : e->netns,
				 .task = IDMAP_NONE,
				 .client_task = IDMAP_NONE,
				 .uid = OPT_NONE,
				 .gid = OPT_NONE,
				 .v6only = FLAG_UNSET,
				 .err = e->err };
	if (netid < 0)
		return -EINVAL;
	q->netid = (uint8_t)netid;
	if (e->kind != EVENT_SOCKET)
		return set_address(q, e, arena);
	q->addr = ipaddr_any(4);
	return 0;
}

/* --- the answer --------------------------------------------------------------------------------------------------------------- */

struct looking {
	struct why_query q;
	const struct event *e;
	bool thorough; /* all network namespaces, if they would tell more */
};

/* A process that began later only has its number. (A second: clocks that were set, ticks.) */
static uint32_t task_then(const struct index *ix, uint32_t tid, uint64_t time)
{
	uint32_t i = index_task(ix, tid);
	const struct snap_head *h = &ix->snap->head;

	if (i != IDMAP_NONE && h->booted && h->booted + ix->snap->tasks[i].start * 10000000 > time + 1000000000)
		return IDMAP_NONE;
	return i;
}

/* Who asked, if he still lives. */
static void find_asker(struct looking *l, const struct index *ix)
{
	l->q.task = task_then(ix, l->e->tid, l->e->time);
	if (l->q.task == IDMAP_NONE)
		l->q.task = task_then(ix, l->e->pid, l->e->time);
	l->q.named = l->q.task != IDMAP_NONE;
	if (!l->q.named)
		l->q.uid = l->e->uid;
}

static void choose(const struct index *ix, uint8_t *which, void *arg)
{
	struct looking *l = arg;

	find_asker(l, ix);
	if (l->q.task != IDMAP_NONE)
		which[l->q.task / 8] |= (uint8_t)(1 << l->q.task % 8);
}

static void choose_ns(const struct index *ix, uint8_t *which, void *arg)
{
	const struct looking *l = arg;
	uint32_t ns = index_ns(ix, NS_NET, l->q.ns);

	if (ns != IDMAP_NONE)
		which[ns / 8] |= (uint8_t)(1 << ns % 8);
}

/* The cause of this very errno: others may wait behind it. */
static const struct why_cause *the_cause(const struct why *why, int err)
{
	for (size_t i = 0; i < why->n_causes; i++)
		if (why->causes[i].err == err)
			return &why->causes[i];
	return why->n_causes ? &why->causes[0] : NULL;
}

static void keep(void *arg, const struct index *ix, const struct looking *l, const struct why *why)
{
	const struct why_cause *c = the_cause(why, l->e->err);
	struct answer *a = arg;
	const char **advice;

	(void)ix;
	a->why = (struct event_why){ .verdict = why_verdict_names[why->verdict] };
	if (!c) {
		a->why.summary = why->verdict == WHY_OK ? "nothing stands in the way any more" : NULL;
		return;
	}
	advice = arena_alloc(&a->arena, (c->n_advice + 1) * sizeof(*advice));
	for (size_t i = 0; i < c->n_advice; i++)
		advice[i] = arena_strdup(&a->arena, c->advice[i]);
	a->why.code = c->code;
	a->why.err = c->err;
	a->why.summary = arena_strdup(&a->arena, c->summary);
	a->why.advice = advice;
	a->why.n_advice = (uint32_t)c->n_advice;
}

struct taker {
	void (*take)(void *arg, const struct index *ix, const struct looking *l, const struct why *why);
	void *arg;
};

/* Collect what the question needs, judge, and hand the answer over. 0; -EAGAIN: all would tell more; -errno: nobody was told anything. */
static int look_at(const struct cli *c, struct looking *l, bool all, const struct taker *t)
{
	struct collect_opts o = { .proc = c->proc,
				  .tool = c->tool,
				  .choose = choose,
				  .choose_arg = l,
				  .choose_ns = all ? NULL : choose_ns,
				  .choose_ns_arg = l };
	const char *hint;
	struct index ix;
	struct why why;
	struct snap s;
	int err;

	o.wants = why_wants(&l->q) | WANT_HIDDEN | WANT_NS | WANT_CONTAINERS | WANT_ALL_CONTAINERS;
	if (l->q.port)
		o.sockets.ports = (struct sock_ports){ (uint16_t)l->q.port, (uint16_t)l->q.port };
	snap_init(&s);
	err = collect(&s, &o, &hint);
	if (!err) {
		index_build(&ix, &s);
		find_asker(l, &ix);
		why_run(&ix, &l->q, &why);
		if (why.elsewhere && l->thorough && !all)
			err = -EAGAIN;
		else
			t->take(t->arg, &ix, l, &why);
		why_done(&why);
		index_done(&ix);
	}
	snap_done(&s);
	return err;
}

static int look(const struct cli *c, struct looking *l, const struct taker *t)
{
	int err = look_at(c, l, false, t);

	return err == -EAGAIN ? look_at(c, l, true, t) : err;
}

static bool is_call(const struct event *e)
{
	return e->err && (e->kind == EVENT_BIND || e->kind == EVENT_LISTEN || e->kind == EVENT_SOCKET);
}

static bool may_look(struct explainer *x, uint64_t now)
{
	if (now / 1000 != x->second) {
		x->second = now / 1000;
		x->this_second = 0;
	}
	return x->this_second++ < PER_SECOND;
}

const struct event_why *explain(struct explainer *x, const struct event *e)
{
	uint64_t now = now_ms();
	struct looking l = { .e = e };
	struct answer *a;
	char key[512];

	if (!is_call(e))
		return NULL;
	snprintf(key, sizeof(key), "%u %u %u %d %s %lld %s", e->kind, e->pid, e->socket_netns, e->err, e->proto ? e->proto : "",
		 (long long)e->port, e->addr ? e->addr : "");
	for (size_t i = 0; i < REMEMBERED; i++)
		if (x->answers[i].at && now - x->answers[i].at < REMEMBER && !strcmp(x->answers[i].key, key))
			return &x->answers[i].why;
	if (!may_look(x, now))
		return &x->not_asked;
	a = &x->answers[x->next++ % REMEMBERED];
	arena_done(&a->arena);
	memcpy(a->key, key, sizeof(key));
	a->why = (struct event_why){ .verdict = why_verdict_names[WHY_UNKNOWN] };
	if (!ask(&l.q, e, &a->arena))
		look(x->cli, &l, &(struct taker){ keep, a });
	a->at = now_ms();
	return &a->why;
}

/* --- the answer in full ---------------------------------------------------------------------------------------------------------- */

struct printing {
	FILE *f;
	unsigned int flags;
};

static void print(void *arg, const struct index *ix, const struct looking *l, const struct why *why)
{
	struct printing *p = arg;

	whydoc_text(p->f, ix, &l->q, why, &(struct whydoc_style){ .flags = p->flags });
}

/* What a snapshot was saved without could not be looked at. */
static void note_missing(struct why *why, uint64_t missing)
{
	if (why->verdict != WHY_OK || !missing) /* the steps themselves have told, as far as they need it */
		return;
	why->verdict = WHY_UNKNOWN;
	for (size_t i = 0; snap_want_names[i]; i++)
		if (missing & 1ull << i)
			*ARRAY_ADD(why, unchecked) =
				(struct why_unchecked){ .what = snap_want_names[i], .why = "not in the snapshot" };
}

static void judge(const struct frame *frame, struct looking *l, struct printing *p)
{
	time_t t = (time_t)(frame->snap.head.taken / 1000000000);
	struct why why;
	char at[16];
	struct tm tm;

	localtime_r(&t, &tm);
	strftime(at, sizeof(at), "%H:%M:%S", &tm);
	find_asker(l, &frame->ix);
	why_run(&frame->ix, &l->q, &why);
	note_missing(&why, why_wants(&l->q) & ~snap_implied_wants(frame->snap.head.wants));
	fprintf(p->f, "judged by the snapshot of %s, not by this host:\n", at);
	print(p, &frame->ix, l, &why);
	why_done(&why);
}

int explain_text(FILE *f, const struct cli *c, const struct frame *frame, const struct event *e, unsigned int flags)
{
	struct printing p = { f, flags };
	struct looking l = { .e = e, .thorough = true };
	struct arena arena = { 0 };
	int err = is_call(e) ? ask(&l.q, e, &arena) : -EINVAL;

	if (!err && frame)
		judge(frame, &l, &p);
	else if (!err)
		err = look(c, &l, &(struct taker){ print, &p });
	arena_done(&arena);
	return err;
}
