// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "collect/cgroups.h"
#include "util/idmap.h"
#include "util/words.h"
#include "watch/changes.h"

enum {
	RING_PAGES = 64, /* of each CPU */
	PERF_INTERVAL = 50,
	POLL_INTERVAL = 500,
	MAX_CPUS = 4096,
	MAX_RECORD = 1024,
};

/* What we know of a task: who it is, and where. */
struct known {
	uint32_t pid, tid, ppid;
	uint64_t start;
	uint32_t ns[NS_TYPES]; /* NSREF */
	char comm[16];
	bool seen; /* in the last look */
};

struct changes {
	struct events_opts o;
	struct events_sink sink;
	struct cgroups *cgroups;
	struct known *tasks; /* dead ones stay until the next look or for ever: a slot is 64 bytes, and pids come again */
	size_t n_tasks, cap_tasks;
	struct idmap by_tid;
	struct cpu_ring {
		int fd;
		struct perf_event_mmap_page *page;
	} * rings;
	size_t n_rings, cap_rings;
	size_t page_size;
	uint64_t lost;
	int handed;
};

/* --- an event of what is known ------------------------------------------------------------------------------------------------ */

static bool is_listed(const uint32_t *list, size_t n, uint32_t id)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == id)
			return true;
	return false;
}

/* The filters that BPF programs apply in the kernel, as far as they can be applied here. */
static bool is_asked_for(const struct changes *c, const struct event *e, const struct known *k)
{
	if (!(c->o.kinds & 1u << e->kind) || c->o.errors || (c->o.ppid && e->ppid != c->o.ppid))
		return false;
	if (!c->o.targets || is_listed(c->o.tasks, c->o.n_tasks, e->pid) || is_listed(c->o.tasks, c->o.n_tasks, e->tid))
		return true;
	for (size_t i = 0; e->container && i < c->o.n_containers; i++)
		if (!strcmp(c->o.containers[i], e->container->id))
			return true;
	for (size_t i = 0; i < c->o.n_namespaces; i++) {
		uint32_t inum = c->o.namespaces[i].inum;

		if (c->o.namespaces[i].members && is_listed(k->ns, NS_TYPES, inum))
			return true;
		for (uint32_t n = 0; n < e->n_changes; n++)
			if (e->changes[n].from == inum || e->changes[n].to == inum)
				return true;
	}
	return false;
}

struct about {
	uint32_t nspid[33], n_nspid;
	struct event_child child;
};

/* What /proc still says of the task: it may be gone. */
static void read_about(struct event *e, struct about *a)
{
	char path[64], text[4096], *line;
	uint64_t v[ARRAY_SIZE(a->nspid)];

	snprintf(path, sizeof(path), "/proc/%u/status", e->pid);
	if (read_at(AT_FDCWD, path, text, sizeof(text)) <= 0)
		return;
	line = strstr(text, "\nPPid:");
	if (line && words_numbers(line + 6, v, 1) == 1)
		e->ppid = (uint32_t)v[0];
	line = strstr(text, "\nUid:");
	if (line && words_numbers(line + 5, v, 2) == 2)
		e->uid = (uint32_t)v[1]; /* the effective one */
	line = strstr(text, "\nNSpid:");
	a->n_nspid = line ? words_numbers(line + 7, v, ARRAY_SIZE(v)) : 0;
	for (uint32_t i = 0; i < a->n_nspid; i++)
		a->nspid[i] = (uint32_t)v[i];
}

static void tell(struct changes *c, struct event *e, const struct known *k, uint64_t when)
{
	struct about about = { .n_nspid = 0 };

	e->time = when;
	e->pid = k->pid;
	e->tid = k->tid;
	e->ppid = k->ppid;
	e->comm = k->comm;
	e->port = e->code = e->signal = OPT_NONE;
	read_about(e, &about);
	if (!about.n_nspid)
		about.nspid[about.n_nspid++] = k->pid;
	e->nspid = about.nspid;
	e->n_nspid = about.n_nspid;
	if (c->cgroups)
		e->container = cgroups_of_process(c->cgroups, k->pid, &e->container_unknown);
	if (is_asked_for(c, e, k)) {
		c->sink.event(c->sink.arg, e);
		c->handed++;
	}
	e->nspid = NULL; /* it lies in about */
}

static struct known *find(const struct changes *c, uint32_t tid)
{
	uint32_t at = idmap_get(&c->by_tid, tid);

	return at == IDMAP_NONE ? NULL : &c->tasks[at];
}

static struct known *put(struct changes *c, const struct known *k)
{
	struct known *slot = find(c, k->tid);

	if (!slot) {
		idmap_set(&c->by_tid, k->tid, (uint32_t)c->n_tasks);
		slot = ARRAY_ADD(c, tasks);
	}
	*slot = *k;
	return slot;
}

/* A task is where it is now: what is different from before is an event. */
static void compare(struct changes *c, struct known *k, const uint32_t *now, uint64_t when)
{
	struct event_change changes[NS_TYPES];
	struct event e = { .kind = EVENT_CHANGE, .changes = changes, .entered = true };

	for (enum nstype t = 0; t < NS_TYPES; t++) {
		if (NSREF_KNOWN(now[t]) && NSREF_KNOWN(k->ns[t]) && now[t] != k->ns[t])
			changes[e.n_changes++] = (struct event_change){ nstypes[t].name, k->ns[t], now[t], false };
		if (NSREF_KNOWN(now[t]))
			k->ns[t] = now[t];
	}
	if (e.n_changes)
		tell(c, &e, k, when);
}

static void tell_birth(struct changes *c, const struct known *parent, const struct known *child, uint64_t when)
{
	struct event_child who = { .pid = child->pid, .tid = child->tid, .nspid = &child->tid, .n_nspid = 1 };
	struct event e = { .kind = EVENT_FORK, .child = &who, .ret = (int32_t)child->tid, .entered = true, .start = child->start };

	memcpy(e.ns, child->ns, sizeof(e.ns));
	if (c->o.kinds & 1 << EVENT_FORK)
		tell(c, &e, parent ? parent : child, when);
}

static void tell_death(struct changes *c, const struct known *k, uint64_t when)
{
	struct event e = { .kind = EVENT_EXIT, .last = k->pid == k->tid, .entered = true, .start = k->start };

	if (c->o.kinds & 1 << EVENT_EXIT)
		tell(c, &e, k, when);
}

static uint64_t wall(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* --- looking ------------------------------------------------------------------------------------------------------------------ */

static void look_at(struct changes *c, const struct snap_task *t, uint64_t when, bool first)
{
	struct known *k = find(c, t->tid), fresh = { t->pid, t->tid, t->ppid, t->start, { 0 }, "", true };
	const struct known *parent = find(c, t->ppid);

	snprintf(fresh.comm, sizeof(fresh.comm), "%s", t->comm ? t->comm : "");
	if (k && k->start == t->start) {
		memcpy(k->comm, fresh.comm, sizeof(k->comm));
		k->seen = true;
		compare(c, k, t->ns, when);
		return;
	}
	if (first || !parent) {
		memcpy(fresh.ns, t->ns, sizeof(fresh.ns));
		put(c, &fresh);
		return;
	}
	memcpy(fresh.ns, parent->ns, sizeof(fresh.ns));
	tell_birth(c, parent, &fresh, when);
	k = put(c, &fresh);
	compare(c, k, t->ns, when);
}

static void bury(struct changes *c, uint64_t when)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_tasks; i++) {
		if (!c->tasks[i].seen) {
			tell_death(c, &c->tasks[i], when);
			continue;
		}
		c->tasks[n] = c->tasks[i];
		c->tasks[n++].seen = false;
	}
	c->n_tasks = n;
	idmap_done(&c->by_tid);
	c->by_tid = (struct idmap){ 0 };
	for (size_t i = 0; i < n; i++)
		idmap_set(&c->by_tid, c->tasks[i].tid, (uint32_t)i);
}

static int look(struct changes *c, bool first)
{
	const struct collect_opts o = { .collector = COLLECT_PROC, .wants = WANT_TASKS | WANT_THREADS, .tool = "nstop" };
	uint64_t when = wall();
	const char *why;
	struct snap s;
	int err;

	snap_init(&s);
	err = collect(&s, &o, &why);
	for (size_t i = 0; !err && i < s.n_tasks; i++)
		look_at(c, &s.tasks[i], when, first);
	if (!err)
		bury(c, when);
	snap_done(&s);
	return err;
}

/* --- perf --------------------------------------------------------------------------------------------------------------------- */

/* The order of perf's own (NET_NS_INDEX and so on, include/uapi/linux/perf_event.h). */
static const enum nstype perf_types[] = { NS_NET, NS_UTS, NS_IPC, NS_PID, NS_USER, NS_MNT, NS_CGROUP };

struct namespaces_record {
	struct perf_event_header h;
	uint32_t pid, tid;
	uint64_t n;
	struct {
		uint64_t dev, inode;
	} at[ARRAY_SIZE(perf_types)];
};

struct task_record {
	struct perf_event_header h;
	uint32_t pid, ppid, tid, ptid;
};

struct comm_record {
	struct perf_event_header h;
	uint32_t pid, tid;
	char comm[16];
};

struct lost_record {
	struct perf_event_header h;
	uint64_t id, lost;
};

static void take_namespaces(struct changes *c, const struct namespaces_record *r, uint64_t when)
{
	struct known *k = find(c, r->tid), fresh = { r->pid, r->tid, 0, 0, { 0 }, "", true };
	uint32_t now[NS_TYPES] = { 0 };

	for (uint64_t i = 0; i < MIN(r->n, (uint64_t)ARRAY_SIZE(perf_types)); i++)
		now[perf_types[i]] = (uint32_t)r->at[i].inode;
	compare(c, k ? k : put(c, &fresh), now, when);
}

static void take_birth(struct changes *c, const struct task_record *r, uint64_t when)
{
	const struct known *parent = find(c, r->ptid);
	struct known fresh = { r->pid, r->tid, r->pid == r->ppid ? 0 : r->ppid, 0, { 0 }, "", true };

	if (parent) {
		memcpy(fresh.ns, parent->ns, sizeof(fresh.ns));
		memcpy(fresh.comm, parent->comm, sizeof(fresh.comm));
	}
	tell_birth(c, parent, &fresh, when);
	put(c, &fresh);
}

static void take_comm(struct changes *c, const struct comm_record *r)
{
	struct known *k = find(c, r->tid);

	if (k)
		snprintf(k->comm, sizeof(k->comm), "%.15s", r->comm);
}

static void take_record(struct changes *c, const char *buf, size_t len)
{
	uint64_t when = wall();
	struct perf_event_header h;
	struct namespaces_record ns = { .n = 0 };
	struct task_record task = { .pid = 0 };
	struct lost_record lost = { .lost = 0 };
	struct comm_record comm = { .comm = "" };
	const struct known *k;

	memcpy(&h, buf, sizeof(h));
	switch (h.type) {
	case PERF_RECORD_NAMESPACES:
		memcpy(&ns, buf, MIN(len, sizeof(ns)));
		take_namespaces(c, &ns, when);
		break;
	case PERF_RECORD_FORK:
		memcpy(&task, buf, MIN(len, sizeof(task)));
		take_birth(c, &task, when);
		break;
	case PERF_RECORD_EXIT:
		memcpy(&task, buf, MIN(len, sizeof(task)));
		k = find(c, task.tid);
		if (k)
			tell_death(c, k, when);
		break;
	case PERF_RECORD_COMM:
		memcpy(&comm, buf, MIN(len, sizeof(comm)));
		take_comm(c, &comm);
		break;
	case PERF_RECORD_LOST:
		memcpy(&lost, buf, MIN(len, sizeof(lost)));
		c->lost += lost.lost;
		break;
	default:
		break;
	}
}

/* The next record of a ring, pieced together where it goes round its end; 0: there is none. */
static size_t next_record(const struct cpu_ring *r, size_t size, uint64_t tail, uint64_t head, char buf[MAX_RECORD])
{
	const char *data = (const char *)r->page + r->page->data_offset;
	struct perf_event_header h;
	char *out = (char *)&h;

	if (head - tail < sizeof(h))
		return 0;
	for (size_t i = 0; i < sizeof(h); i++)
		out[i] = data[(tail + i) % size];
	if (h.size < sizeof(h) || head - tail < h.size)
		return 0;
	for (size_t i = 0; i < MIN(h.size, (size_t)MAX_RECORD); i++)
		buf[i] = data[(tail + i) % size];
	return h.size;
}

static void drain(struct changes *c, const struct cpu_ring *r)
{
	uint64_t head = __atomic_load_n(&r->page->data_head, __ATOMIC_ACQUIRE), tail = r->page->data_tail;
	_Alignas(8) char buf[MAX_RECORD];
	size_t n;

	while ((n = next_record(r, RING_PAGES * c->page_size, tail, head, buf))) {
		take_record(c, buf, MIN(n, (size_t)MAX_RECORD));
		tail += n;
	}
	__atomic_store_n(&r->page->data_tail, tail, __ATOMIC_RELEASE);
}

static int open_ring(struct changes *c, int cpu)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE,
					.config = PERF_COUNT_SW_DUMMY,
					.size = sizeof(attr),
					.namespaces = 1,
					.task = 1,
					.comm = 1,
					.sample_period = 1,
					.watermark = 1 };
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	void *page;

	if (fd < 0)
		return -errno;
	page = mmap(NULL, (RING_PAGES + 1) * c->page_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED) {
		int err = -errno;

		close(fd);
		return err;
	}
	*ARRAY_ADD(c, rings) = (struct cpu_ring){ fd, page };
	return 0;
}

static void close_rings(struct changes *c)
{
	for (size_t i = 0; i < c->n_rings; i++) {
		munmap(c->rings[i].page, (RING_PAGES + 1) * c->page_size);
		close(c->rings[i].fd);
	}
	c->n_rings = 0;
}

/* On every CPU or on none: half of the changes would be a lie. NSKIT_NO_PERF (any value) is as if there were no perf. */
static void open_perf(struct changes *c)
{
	long cpus = getenv("NSKIT_NO_PERF") ? 0 : sysconf(_SC_NPROCESSORS_CONF);
	int err = 0;

	for (int cpu = 0; cpu < MIN(cpus, (long)MAX_CPUS) && (!err || err == -ENODEV); cpu++) /* ENODEV: it is offline */
		err = open_ring(c, cpu);
	if (err && err != -ENODEV)
		close_rings(c);
}

/* ------------------------------------------------------------------------------------------------------------------------------------ */

struct changes *changes_open(const struct events_opts *o, const struct events_sink *sink, int *err)
{
	struct changes *c = xcalloc(1, sizeof(*c));
	int ignored;

	c->o = *o;
	c->sink = *sink;
	c->page_size = (size_t)sysconf(_SC_PAGESIZE);
	c->cgroups = cgroups_open(&ignored);
	open_perf(c); /* before the first look: what happens between is told, if not as a change then by the look */
	if (c->cgroups)
		cgroups_walk(c->cgroups);
	*err = look(c, true);
	if (!*err)
		return c;
	changes_close(c);
	return NULL;
}

void changes_close(struct changes *c)
{
	if (!c)
		return;
	close_rings(c);
	free(c->rings);
	free(c->tasks);
	idmap_done(&c->by_tid);
	cgroups_close(c->cgroups);
	free(c);
}

int changes_interval(const struct changes *c)
{
	return c->n_rings ? PERF_INTERVAL : POLL_INTERVAL;
}

int changes_take(struct changes *c)
{
	int err = 0;

	c->handed = 0;
	for (size_t i = 0; i < c->n_rings; i++)
		drain(c, &c->rings[i]);
	if (!c->n_rings)
		err = look(c, false);
	return err ? err : c->handed;
}

uint64_t changes_lost(const struct changes *c)
{
	return c->lost;
}
