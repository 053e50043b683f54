// SPDX-License-Identifier: GPL-2.0-or-later
/* Tasks and open files by BPF iterators: 0.5 us a task where /proc takes 60. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <dirent.h>

#include "../bpf/records.h"
#include "collect/bpf_iter.h"
#include "collect/session.h"
#include "collect/sources.h"
#include "tasks.lskel.h"
#include "tasks.skel.h"
#include "util/job.h"

enum { NS_PER_TICK = 10000000 };

static void add_task(struct snap *s, const struct task_rec *r, const char *levels)
{
	struct snap_task *t = ARRAY_ADD(s, tasks);
	uint32_t *nspid = arena_alloc(&s->arena, r->levels * sizeof(*nspid));

	for (uint32_t i = 0; i < r->levels; i++)
		memcpy(&nspid[i], levels + i * sizeof(struct level_rec) + offsetof(struct level_rec, nr), sizeof(*nspid));
	*t = (struct snap_task){
		.pid = r->pid,
		.tid = r->tid,
		.ppid = r->ppid,
		.pgid = r->pgid,
		.sid = r->sid,
		.uid = r->uid,
		.gid = r->gid,
		.nthreads = r->tid == r->pid ? r->nthreads : 0,
		.start = r->start / NS_PER_TICK,
		.comm = arena_strndup(&s->arena, r->comm, strnlen(r->comm, sizeof(r->comm))),
		.ns = { [NS_MNT] = r->mnt,
			[NS_NET] = r->net,
			[NS_PID] = r->pidns,
			[NS_UTS] = r->uts,
			[NS_IPC] = r->ipc,
			[NS_USER] = r->user,
			[NS_CGROUP] = r->cgroup,
			[NS_TIME] = r->time },
		.pid_for_children = r->pid_for_children,
		.time_for_children = r->time_for_children,
		.nspid = nspid,
		.n_nspid = r->levels,
		.cpu = OPT_NONE,
		.rss = OPT_NONE,
		.cgroup_key = r->cgroup_key,
	};
	if (r->flags & REC_PF_KTHREAD)
		t->flags |= TASK_KTHREAD;
	if (r->exit_state & REC_EXIT_ZOMBIE)
		t->flags |= t->nthreads > 1 ? TASK_LEADER_DEAD : TASK_ZOMBIE;
}

static size_t take_tasks(const char *buf, size_t len, void *arg)
{
	size_t used = 0;

	for (;;) {
		struct task_rec r;
		size_t size;

		if (len - used < sizeof(r))
			return used;
		memcpy(&r, buf + used, sizeof(r));
		size = sizeof(r) + r.levels * sizeof(struct level_rec);
		if (r.levels > REC_MAX_LEVELS || len - used < size)
			return used;
		add_task(arg, &r, buf + used + sizeof(r));
		used += size;
	}
}

/*
 * What /proc lists, read in a thread while the program is loaded: two halves of the same few milliseconds. The kernel's list of
 * namespaces is walked after that and not at the same time: on two cores three loads would delay the one that all else waits for.
 */
struct listing {
	struct collecting *c;
	struct job job;
	struct proc_entry *pids;
	size_t n;
	int err;
};

static void read_listing(void *arg)
{
	struct listing *l = arg;

	l->err = proc_pids(l->c, &l->pids, &l->n);
	list_start(l->c);
}

/* The listing first: who is missing from the iterator's later one is withheld or has died, and was not just born. */
static int iterate(struct listing *l, int prog_fd)
{
	const struct snap *s = l->c->snap;
	size_t had = s->n_tasks;
	int err;

	job_wait(&l->job);
	err = l->err ? l->err : bpf_iter_run(prog_fd, take_tasks, l->c->snap);
	if (!err && s->n_tasks > had && !s->tasks[had].n_nspid) /* see struct task_rec */
		err = -EOPNOTSUPP;
	return err;
}

static void destroy_full(void *skel)
{
	tasks_full__destroy(skel);
}

static void destroy(void *skel)
{
	tasks__destroy(skel);
}

/* The plain skeleton: 20 times slower to load, but for kernels that cannot resolve CO-RE themselves (before 5.17). */
static int load_full(struct loaded *l, bool all_threads)
{
	struct tasks_full *skel = tasks_full__open();
	int err;

	if (!skel)
		return -errno;
	skel->rodata->all_threads = all_threads;
	err = tasks_full__load(skel);
	if (err) {
		tasks_full__destroy(skel);
		return err;
	}
	*l = (struct loaded){ .prog_fd = bpf_program__fd(skel->progs.tasks), .skel = skel, .destroy = destroy_full };
	return 0;
}

static int load(struct loaded *l, void *arg)
{
	struct tasks *skel = tasks__open();
	const bool *all_threads = arg;

	if (!skel)
		return -ENOMEM;
	skel->rodata->all_threads = *all_threads;
	if (tasks__load(skel)) {
		tasks__destroy(skel);
		return load_full(l, *all_threads);
	}
	*l = (struct loaded){ .prog_fd = skel->progs.tasks.prog_fd, .skel = skel, .destroy = destroy };
	return 0;
}

static int run(struct listing *l, bool all_threads)
{
	struct session *session = l->c->opts->session;
	struct loaded own, *prog;
	int err;

	prog = session_get(session, all_threads ? SESSION_ALL_THREADS : SESSION_TASKS, load, &all_threads, &own, &err);
	if (!prog)
		return err;
	err = iterate(l, prog->prog_fd);
	session_put(session, prog);
	return err;
}

/*
 * A task that /proc lists and the iterator does not: born meanwhile, or withheld from BPF. Read those from /proc, so that both
 * collectors show the same (and the same refusals). The others are told the directory that was theirs: see proc_is_task().
 */
static void join_listing(const struct listing *l)
{
	struct snap *s = l->c->snap;
	struct idmap read = { 0 };
	size_t had = s->n_tasks;

	idmap_reserve(&read, had);
	for (size_t i = 0; i < had; i++)
		if (s->tasks[i].pid == s->tasks[i].tid)
			idmap_add(&read, s->tasks[i].pid, (uint32_t)i);
	for (size_t i = 0; i < l->n; i++) {
		uint32_t task = idmap_get(&read, l->pids[i].number);

		if (task == IDMAP_NONE)
			proc_task(l->c, l->pids[i].number);
		else
			s->tasks[task].proc_ino = l->pids[i].ino;
	}
	idmap_done(&read);
}

/* Those that the snapshot before has from /proc alone: still withheld, if they are still there. */
static void read_withheld(struct collecting *c)
{
	const struct snap *before = c->opts->before;

	for (size_t i = 0; i < before->n_tasks; i++)
		if (!before->tasks[i].cgroup_key && before->tasks[i].tid == before->tasks[i].pid)
			proc_task(c, before->tasks[i].pid);
}

int bpf_tasks(struct collecting *c)
{
	struct listing l = { .c = c };
	struct snap *s = c->snap;
	bool all_threads = s->head.wants & WANT_THREADS, hasty = c->opts->hasty && c->opts->before;
	size_t had = s->n_tasks;
	int err = bpf_prepare();

	if (err)
		return err;
	if (hasty)
		list_start(c);
	else
		job_start(&l.job, read_listing, &l);
	err = run(&l, all_threads);
	job_wait(&l.job);
	if (err)
		s->n_tasks = had;
	else if (hasty)
		read_withheld(c);
	else
		join_listing(&l);
	free(l.pids);
	return err;
}
