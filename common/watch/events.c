// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include "collect/bpf_iter.h"
#include "collect/cgroups.h"
#include "events.lskel.h"
#include "events_old.skel.h"
#include "watch/changes.h"
#include "watch/event_parse.h"
#include "watch/event_points.h"
#include "watch/events.h"

enum {
	BUSY_INTERVAL = 20, /* ms */
	LIVES_INTERVAL = 250,
	REST_AFTER = 1000, /* ms without an event */
	BATCH = 16384,
};

/* The programs, whichever way they could be loaded. */
struct programs {
	struct events *light;
	struct events_old_full *full;
	int begins, ends, born, died;
	int ring, target_tasks, target_cgroups, target_namespaces;
	struct events__bss *bss;
};
_Static_assert(sizeof(struct events__bss) == sizeof(struct events_old_full__bss), "two skeletons of one object");

struct eventwatch {
	struct events_sink sink;
	struct changes *changes; /* without BPF; else NULL */
	struct programs p;
	struct ring_buffer *ring;
	struct cgroups *cgroups;
	struct event_points points;
	uint32_t missing;
	const char *missing_why;
	struct parsed_event parsed;
	uint64_t wall_offset; /* ns from CLOCK_MONOTONIC to CLOCK_REALTIME, as of the last service */
	uint64_t last;        /* ms, when there was an event */
	uint64_t told_lost[EVENT_KINDS];
	int handed, lives, stop; /* lives: of those that were handed out, births and deaths that nobody is woken for */
	bool few_lives, more;
};

static uint64_t now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint64_t now_ms(void)
{
	return now_ns(CLOCK_MONOTONIC) / 1000000;
}

/* --- loading ------------------------------------------------------------------------------------------------------------------ */

/* The two skeletons have the same members in types of different names. */
#define SET_RODATA(rodata, o, w) \
	do { \
		(rodata)->own_tgid = (uint32_t)getpid(); \
		(rodata)->cgroup_subsys = (w)->cgroups ? cgroups_controller((w)->cgroups) : -1; \
		(rodata)->errors_only = (o)->errors; \
		(rodata)->only_ppid = (o)->ppid; \
		(rodata)->only_targets = (o)->targets; \
		(rodata)->want_clone = !!((o)->kinds & 1 << EVENT_CLONE); \
		(rodata)->want_fork = !!((o)->kinds & 1 << EVENT_FORK); \
		(rodata)->few_lives = (o)->few_lives != 0; \
		(rodata)->nr_setns = SYS_setns; \
		(rodata)->nr_unshare = SYS_unshare; \
		(rodata)->nr_clone = SYS_clone; \
		(rodata)->nr_clone3 = SYS_clone3; \
		(rodata)->nr_bind = SYS_bind; \
		(rodata)->nr_listen = SYS_listen; \
	} while (0)

static int load_light(struct eventwatch *w, const struct events_opts *o)
{
	LIBBPF_OPTS(bpf_test_run_opts, once);
	struct events *s = events__open();
	int err;

	if (!s)
		return -ENOMEM;
	SET_RODATA(s->rodata, o, w);
	err = events__load(s);
	if (!err)
		err = bpf_prog_test_run_opts(s->progs.find_numbers.prog_fd, &once);
	if (err) {
		events__destroy(s);
		return err;
	}
	w->p = (struct programs){ .light = s,
				  .begins = s->progs.call_begins.prog_fd,
				  .ends = s->progs.call_ends.prog_fd,
				  .born = s->progs.born.prog_fd,
				  .died = s->progs.died.prog_fd,
				  .ring = s->maps.events.map_fd,
				  .target_tasks = s->maps.target_tasks.map_fd,
				  .target_cgroups = s->maps.target_cgroups.map_fd,
				  .target_namespaces = s->maps.target_namespaces.map_fd,
				  .bss = s->bss };
	return 0;
}

static int load_full(struct eventwatch *w, const struct events_opts *o)
{
	struct events_old_full *s = events_old_full__open();
	int err;

	if (!s)
		return -errno;
	SET_RODATA(s->rodata, o, w);
	err = events_old_full__load(s);
	if (err) {
		events_old_full__destroy(s);
		return err;
	}
	w->p = (struct programs){ .full = s,
				  .begins = bpf_program__fd(s->progs.call_begins),
				  .ends = bpf_program__fd(s->progs.call_ends),
				  .born = bpf_program__fd(s->progs.born),
				  .died = bpf_program__fd(s->progs.died),
				  .ring = bpf_map__fd(s->maps.events),
				  .target_tasks = bpf_map__fd(s->maps.target_tasks),
				  .target_cgroups = bpf_map__fd(s->maps.target_cgroups),
				  .target_namespaces = bpf_map__fd(s->maps.target_namespaces),
				  .bss = (struct events__bss *)(void *)s->bss };
	return 0;
}

static int set_targets(struct eventwatch *w, const struct events_opts *o)
{
	uint32_t one = 1, members;
	int err = 0;

	for (size_t i = 0; i < o->n_tasks && !err; i++)
		err = bpf_map_update_elem(w->p.target_tasks, &o->tasks[i], &one, BPF_ANY);
	for (size_t i = 0; i < o->n_namespaces && !err; i++) {
		members = o->namespaces[i].members;
		err = bpf_map_update_elem(w->p.target_namespaces, &o->namespaces[i].inum, &members, BPF_ANY);
	}
	for (size_t i = 0; i < o->n_containers && w->cgroups && !err; i++) {
		CLEAN_MEM uint64_t *ids = NULL;
		size_t n = cgroups_of(w->cgroups, o->containers[i], &ids);

		for (size_t k = 0; k < n && !err; k++)
			err = bpf_map_update_elem(w->p.target_cgroups, &ids[k], &one, BPF_ANY);
	}
	return err;
}

/* The programs tell the host's numbers: those of /proc only in the host's own PID namespace. */
static bool in_initial_pidns(void)
{
	struct stat st;

	return !stat("/proc/self/ns/pid", &st) && st.st_ino == nstypes[NS_PID].initial;
}

/* --- records ------------------------------------------------------------------------------------------------------------------ */

static int hand_out(struct eventwatch *w, const struct event *e)
{
	w->stop = w->sink.event(w->sink.arg, e);
	w->handed++;
	w->lives += w->few_lives && 1u << e->kind & EVENTS_LIVES;
	return w->stop || w->handed >= BATCH ? -ECANCELED : 0; /* libbpf stops behind a record that it has handed out */
}

static int take_record(void *arg, void *data, size_t size)
{
	struct eventwatch *w = arg;
	struct parsed_event *p = &w->parsed;

	if (event_parse(data, size, p))
		return 0;
	p->e.time = p->mono + w->wall_offset;
	if (w->cgroups)
		p->e.container = cgroups_container(w->cgroups, p->cgroup, p->e.pid, &p->e.container_unknown);
	else
		p->e.container_unknown = true;
	return hand_out(w, &p->e);
}

/* How many of that kind since events_open(). */
static uint64_t lost_of(const struct eventwatch *w, enum event_kind kind)
{
	if (w->changes)
		return kind == EVENT_CHANGE ? changes_lost(w->changes) : 0;
	return kind < (enum event_kind)EVREC_KINDS ? __atomic_load_n(&w->p.bss->lost[kind], __ATOMIC_RELAXED) : 0;
}

static void tell_lost(struct eventwatch *w)
{
	for (enum event_kind kind = 0; kind < EVENT_LOST && !w->stop; kind++) {
		uint64_t lost = lost_of(w, kind);
		struct event e = { .kind = EVENT_LOST,
				   .time = now_ns(CLOCK_REALTIME),
				   .count = lost - w->told_lost[kind],
				   .of = event_kinds[kind].name };

		if (!e.count)
			continue;
		w->told_lost[kind] = lost;
		w->stop = w->sink.event(w->sink.arg, &e);
	}
}

static int service_changes(struct eventwatch *w)
{
	int n = changes_take(w->changes);

	w->stop = 0;
	tell_lost(w);
	return n;
}

int events_service(struct eventwatch *w)
{
	int n;

	if (w->changes)
		return service_changes(w);

	w->p.bss->resting = 0;
	w->wall_offset = now_ns(CLOCK_REALTIME) - now_ns(CLOCK_MONOTONIC);
	w->handed = w->lives = w->stop = 0;
	n = ring_buffer__consume(w->ring);
	w->more = n == -ECANCELED;
	if (n < 0 && !w->more)
		return n;
	tell_lost(w);
	if (w->handed > w->lives)
		w->last = now_ms();
	w->p.bss->resting = now_ms() - w->last >= REST_AFTER;
	return w->handed;
}

int events_fd(const struct eventwatch *w)
{
	return !w->changes && w->p.bss->resting ? w->p.ring : -1;
}

int events_timeout(const struct eventwatch *w)
{
	if (w->changes)
		return changes_interval(w->changes);
	return w->more ? 0 : !w->p.bss->resting ? BUSY_INTERVAL : w->few_lives ? LIVES_INTERVAL : -1;
}

void events_allow_lives(struct eventwatch *w, uint32_t n)
{
	if (w->changes)
		return;
	__atomic_store_n(&w->p.bss->lives_withheld, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&w->p.bss->lives_room, (int32_t)MIN(n, (uint32_t)INT32_MAX), __ATOMIC_RELEASE);
}

bool events_lives_withheld(const struct eventwatch *w)
{
	return !w->changes && __atomic_load_n(&w->p.bss->lives_withheld, __ATOMIC_RELAXED);
}

/* --------------------------------------------------------------------------------------------------------------------------------- */

uint32_t events_missing(const struct eventwatch *w, const char **why)
{
	*why = w->missing_why;
	return w->missing;
}

static int attach(struct eventwatch *w, const struct events_opts *o)
{
	const struct event_programs p = { w->p.begins, w->p.ends, w->p.born, w->p.died };
	uint32_t kinds = o->kinds & ~(1u << EVENT_CHANGE);
	int err = event_points_attach(&w->points, &p, kinds, &w->missing);

	w->missing |= o->kinds & 1 << EVENT_CHANGE;
	if (err == -EACCES)
		w->missing_why = "tracefs is root's: needs CAP_DAC_READ_SEARCH; of clone only what succeeds is seen";
	else if (err)
		w->missing_why = "the kernel has no such tracepoints (CONFIG_FTRACE_SYSCALLS), or no tracefs is mounted";
	return kinds & ~w->missing ? 0 : err;
}

static int open_bpf(struct eventwatch *w, const struct events_opts *o)
{
	int err = in_initial_pidns() ? bpf_prepare() : -EXDEV;
	int ignored;

	if (err)
		return err;
	w->cgroups = cgroups_open(&ignored);
	err = load_light(w, o);
	if (err)
		err = load_full(w, o);
	if (!err)
		err = set_targets(w, o);
	if (err)
		return err;
	w->p.bss->lives_room = (int32_t)MIN(o->few_lives, (uint32_t)INT32_MAX);
	w->ring = ring_buffer__new(w->p.ring, take_record, w, NULL);
	if (!w->ring)
		return -errno;
	err = attach(w, o);
	if (!err && w->cgroups) /* now that nothing is missed any more */
		cgroups_walk(w->cgroups);
	return err;
}

/* What of an attempt is left. */
static void close_bpf(struct eventwatch *w)
{
	event_points_detach(&w->points);
	ring_buffer__free(w->ring);
	if (w->p.light)
		events__destroy(w->p.light);
	events_old_full__destroy(w->p.full);
	cgroups_close(w->cgroups);
	w->ring = NULL;
	w->p = (struct programs){ .light = NULL };
	w->cgroups = NULL;
}

/* Where there is no BPF: only for those who may do what it takes, for without CAP_SYS_PTRACE strangers' namespaces can't be read. */
static int open_changes(struct eventwatch *w, const struct events_opts *o)
{
	struct events_opts instead = *o;
	int err;

	close_bpf(w);
	instead.kinds |= o->kinds & EVENTS_USUAL ? 1u << EVENT_CHANGE : 0;
	if (o->few_lives) /* each would be asked for in /proc */
		instead.kinds &= ~(uint32_t)EVENTS_LIVES;
	w->missing = o->kinds & ~(uint32_t)CHANGES_SEEN;
	w->missing_why = "that takes BPF; a namespace that was exchanged for another is told as a change";
	if (!(instead.kinds & CHANGES_SEEN) || geteuid())
		return -EPERM;
	w->changes = changes_open(&instead, &w->sink, &err);
	return w->changes ? 0 : err;
}

struct eventwatch *events_open(const struct events_opts *o, const struct events_sink *sink, int *err, const char **why)
{
	struct eventwatch *w = xcalloc(1, sizeof(*w));

	w->sink = *sink;
	w->few_lives = o->few_lives != 0;
	w->last = now_ms();
	event_points_init(&w->points);
	*why = NULL;
	*err = o->collector == COLLECT_PROC ? -EOPNOTSUPP : open_bpf(w, o);
	if (*err)
		*why = *err == -EXDEV   ? "needs the host's own PID namespace"
		       : w->missing_why ? w->missing_why
					: "needs CAP_BPF, CAP_PERFMON and CAP_DAC_READ_SEARCH, BPF ring buffers (5.8) and BTF";
	if (*err && o->collector != COLLECT_BPF && !open_changes(w, o))
		*err = 0;
	if (!*err)
		return w;
	events_close(w);
	return NULL;
}

void events_close(struct eventwatch *w)
{
	if (!w)
		return;
	changes_close(w->changes);
	close_bpf(w);
	free(w);
}
