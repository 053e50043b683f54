// SPDX-License-Identifier: GPL-2.0-or-later
#include <pthread.h>

#include "between.h"
#include "eventlog.h"
#include "output/errname.h"
#include "util/job.h"
#include "view/event_text.h"
#include "view/procrow.h"

struct eventlog {
	struct frame *const *frame;
	struct job job;
	enum collector collector;
	struct events_sink also;
	struct eventwatch *watch; /* the thread's until attached is set */
	const char *why;
	bool started;
	bool attached; /* atomic */
	struct eventrows rows;
	uint64_t seq, lost;
	bool fresh;
};

/* --- keeping ----------------------------------------------------------------------------------------------------------------- */

static void copy_row(struct arena *a, struct eventrow *to, const struct eventrow *from)
{
	*to = *from;
	to->comm = arena_strdup(a, from->comm);
	to->container = arena_strdup(a, from->container);
	to->container_id = arena_strdup(a, from->container_id);
	to->pod = arena_strdup(a, from->pod);
	to->pod_namespace = arena_strdup(a, from->pod_namespace);
	to->what = arena_strdup(a, from->what);
	to->ask = arena_strdup(a, from->ask);
	if (from->failure)
		to->failure = event_copy(a, from->failure);
}

/* When there are twice as many as are kept, the newer half moves to new memory: each is copied once. */
static void forget_old(struct eventrows *rows)
{
	struct eventrows kept = { 0 };

	if (rows->n_items < 2 * EVENTLOG_KEEPS)
		return;
	for (size_t i = rows->n_items - EVENTLOG_KEEPS; i < rows->n_items; i++)
		copy_row(&kept.arena, ARRAY_ADD(&kept, items), &rows->items[i]);
	free(rows->items);
	arena_done(&rows->arena);
	*rows = kept;
}

/* "nsnet why --errno EADDRINUSE 127.0.0.1:80/tcp 4711". false: it is nothing that nsnet could explain. */
static bool say_ask(const struct event *e, char *buf, size_t size)
{
	bool ip = e->proto && (!strncmp(e->proto, "tcp", 3) || !strncmp(e->proto, "udp", 3)),
	     six = ip && e->addr && strchr(e->addr, ':');

	if (e->kind != EVENT_BIND || !e->err || !ip || !e->addr || !OPT_VALUE(e->port))
		return false;
	snprintf(buf, size, "nsnet why --errno %s %s%s%s:%lld/%.3s %u", errno_name(e->err), six ? "[" : "", e->addr, six ? "]" : "",
		 (long long)e->port, e->proto, e->pid);
	return true;
}

/* As the last frame knows. */
static const char *name_of_ns(void *arg, uint32_t inum)
{
	const struct frame *f = *((struct eventlog *)arg)->frame;
	static char name[96];

	for (enum nstype t = 0; f && t < NS_TYPES; t++) {
		uint32_t more, ns = index_ns(&f->ix, t, inum);
		const struct snap_container *c;

		if (ns == IDMAP_NONE)
			continue;
		if (index_is_initial(&f->ix, ns))
			return "host";
		c = index_ns_container(&f->ix, ns, &more);
		if (!c)
			return NULL;
		container_name(c, name, sizeof(name));
		return name;
	}
	return NULL;
}

static void add(struct eventlog *l, const struct event *e)
{
	const struct event_names names = { name_of_ns, l };
	char what[1024], container[80], ask[256];
	struct eventrow row = {
		.seq = ++l->seq,
		.time = e->time,
		.pid = e->pid,
		.inside = e->n_nspid > 1 ? e->nspid[e->n_nspid - 1] : OPT_NONE,
		.comm = e->comm,
		.container_id = e->container ? e->container->id : NULL,
		.pod = e->container ? e->container->pod : NULL,
		.pod_namespace = e->container ? e->container->pod_namespace : NULL,
		.kind = event_kinds[e->kind].name,
		.what = what,
		.ask = say_ask(e, ask, sizeof(ask)) ? ask : NULL,
		.failed = e->err != 0,
		.failure = e->err && (e->kind == EVENT_BIND || e->kind == EVENT_LISTEN || e->kind == EVENT_SOCKET) ? e : NULL,
	};

	if (e->kind == EVENT_LOST) {
		l->lost += e->count;
		row.failed = true;
	}
	event_what(e, &names, what, sizeof(what));
	container_name(e->container, container, sizeof(container));
	row.container = *container ? container : NULL;
	forget_old(&l->rows);
	copy_row(&l->rows.arena, ARRAY_ADD(&l->rows, items), &row);
	l->fresh = true;
}

static int take(void *arg, const struct event *e)
{
	struct eventlog *l = arg;

	if (!(1u << e->kind & EVENTS_LIVES))
		add(l, e);
	return l->also.event ? l->also.event(l->also.arg, e) : 0;
}

static void forget_all(struct eventlog *l)
{
	free(l->rows.items);
	arena_done(&l->rows.arena);
	l->rows = (struct eventrows){ 0 };
	l->lost = 0;
}

void eventlog_recall(struct eventlog *l, struct happened *h)
{
	if (h->anew)
		forget_all(l);
	for (size_t i = 0; i < h->events.n_items; i++)
		add(l, &h->events.items[i]);
	eventlist_done(&h->events);
	h->anew = false;
}

/* --- attaching ------------------------------------------------------------------------------------------------------------------ */

static void attach(void *arg)
{
	struct eventlog *l = arg;
	const struct events_opts opts = { .kinds = EVENTS_USUAL | EVENTS_LIVES,
					  .collector = l->collector,
					  .few_lives = BETWEEN_LIVES };
	const struct events_sink sink = { take, l };
	int err;

	l->watch = events_open(&opts, &sink, &err, &l->why);
	if (!l->watch && !l->why)
		l->why = "events cannot be seen here";
	__atomic_store_n(&l->attached, true, __ATOMIC_RELEASE);
}

struct eventlog *eventlog_new(struct frame *const *frame)
{
	struct eventlog *l = xcalloc(1, sizeof(*l));

	l->frame = frame;
	return l;
}

void eventlog_attach(struct eventlog *l, enum collector collector, const struct events_sink *also)
{
	l->started = true;
	l->collector = collector;
	l->also = *also;
	job_start(&l->job, attach, l);
}

bool eventlog_is_attached(const struct eventlog *l)
{
	return l->started;
}

void eventlog_free(struct eventlog *l)
{
	if (!l)
		return;
	job_wait(&l->job);
	if (l->watch)
		events_close(l->watch);
	forget_all(l);
	free(l);
}

static struct eventwatch *watch(struct eventlog *l)
{
	return __atomic_load_n(&l->attached, __ATOMIC_ACQUIRE) ? l->watch : NULL;
}

int eventlog_fd(struct eventlog *l)
{
	return watch(l) ? events_fd(l->watch) : -1;
}

int eventlog_timeout(struct eventlog *l)
{
	return watch(l) ? events_timeout(l->watch) : -1;
}

bool eventlog_service(struct eventlog *l, const char **why)
{
	*why = __atomic_load_n(&l->attached, __ATOMIC_ACQUIRE) && !l->watch ? l->why : NULL;
	if (!watch(l))
		return false;
	l->fresh = false;
	if (events_service(l->watch) < 0)
		*why = "events cannot be read";
	return l->fresh;
}

void eventlog_allow_lives(struct eventlog *l, uint32_t n)
{
	if (watch(l))
		events_allow_lives(watch(l), n);
}

bool eventlog_lives_withheld(struct eventlog *l)
{
	return watch(l) && events_lives_withheld(watch(l));
}

const struct eventrows *eventlog_rows(const struct eventlog *l)
{
	return &l->rows;
}

uint64_t eventlog_lost(const struct eventlog *l)
{
	return l->lost;
}
