// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tasks by /proc. What each process costs is what counts here: one directory opened, ten namespace links read (2.6 us each; a stat
 * through one takes 6, for it makes an inode of nsfs each time), one read of stat, and of status once for each PID namespace.
 * The directory is ns/, in which most is read; the rest is found by "..".
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "collect/nsfs.h"
#include "collect/pidns.h"
#include "collect/proc.h"

/* The directory of a number, or one below it. */
static int open_dir(int dirfd, uint32_t number, const char *below)
{
	char name[NUMBER_SIZE + 8];

	strcpy(numbers_name(name, number), below);

	int fd = openat(dirfd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int proc_open_dir(int dirfd, uint32_t number)
{
	return open_dir(dirfd, number, "");
}

int proc_pids(struct collecting *c, struct proc_entry **pids, size_t *n)
{
	CLEAN_FD int fd = openat(c->proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct numbers list = { 0 };
	int err = fd < 0 ? -errno : numbers_read(&list, fd);

	if (err) {
		numbers_done(&list);
		return err;
	}
	*pids = list.items;
	*n = list.n_items;
	return 0;
}

/* --- one task -------------------------------------------------------------------------------------------------------- */

enum { LINK_PID_CHILDREN = NS_TYPES, LINK_TIME_CHILDREN, N_LINKS };

/* What stays the same from one process to the next. */
struct scan {
	struct collecting *c;
	const char *links[N_LINKS];
	bool has_pid_children; /* this kernel has that link (4.12) */
	bool no_threads;       /* the process alone */
	struct pidns_cache pidns;
	struct numbers tids;
};

static void scan_init(struct scan *scan, struct collecting *c)
{
	struct stat st;

	*scan = (struct scan){ .c = c };
	pidns_init(&scan->pidns, c->own_proc);
	for (enum nstype t = 0; t < NS_TYPES; t++)
		scan->links[t] = nstypes[t].name;
	scan->links[LINK_PID_CHILDREN] = nstypes[NS_PID].for_children;
	scan->links[LINK_TIME_CHILDREN] = nstypes[NS_TIME].for_children;

	CLEAN_FD int self = openat(c->proc_fd, "self/ns", O_PATH | O_DIRECTORY | O_CLOEXEC);

	scan->has_pid_children = !fstatat(self, scan->links[LINK_PID_CHILDREN], &st, AT_SYMLINK_NOFOLLOW);
}

static void scan_done(struct scan *scan)
{
	pidns_done(&scan->pidns);
	numbers_done(&scan->tids);
}

/* A namespace link's number; 0 where it leads nowhere: a kernel without that type, or a dying task. */
static uint32_t read_link(int ns_dir, const char *link)
{
	char buf[64];
	ssize_t n = readlinkat(ns_dir, link, buf, sizeof(buf));
	uint32_t inum = 0;

	if (n < 0)
		return errno == ENOENT || errno == ESRCH ? 0 : (uint32_t)errno;
	/* "net:[4026531833]": the shape is the kernel's own, ns_get_name() in fs/nsfs.c */
	for (ssize_t i = 0; i < n; i++)
		if (buf[i] >= '0' && buf[i] <= '9')
			inum = inum * 10 + (uint32_t)(buf[i] - '0');
	return inum;
}

/*
 * After unshare(CLONE_NEWPID) and before its first child, a PID namespace has no init and the link leads nowhere
 * (pidns_for_children_get, kernel/pid_namespace.c). A pidfd does not mind (6.11; of a thread, 6.9).
 */
static uint32_t unborn_pid_children(const struct scan *scan, int ns_dir, const struct snap_task *t)
{
	CLEAN_FD int pidfd = scan->c->own_proc ? nsfs_pidfd_open(t->tid, t->tid != t->pid) : -1;
	CLEAN_FD int ns = -1;
	struct stat st;

	/* Our task still being there says that the pid was not reused before it was opened. */
	if (pidfd < 0 || fstatat(ns_dir, "../stat", &st, 0))
		return 0;
	ns = ioctl(pidfd, NSKIT_PIDFD_GET_PID_FOR_CHILDREN, 0);
	return ns >= 0 && !fstat(ns, &st) ? (uint32_t)st.st_ino : 0;
}

/* What unshare() and setns() can change in any one thread. */
static void read_thread_links(const struct scan *scan, int ns_dir, struct snap_task *t)
{
	for (enum nstype type = 0; type < NS_TYPES; type++)
		if (type != NS_USER && type != NS_PID)
			t->ns[type] = read_link(ns_dir, scan->links[type]);
	t->pid_for_children = read_link(ns_dir, scan->links[LINK_PID_CHILDREN]);
	t->time_for_children = read_link(ns_dir, scan->links[LINK_TIME_CHILDREN]);
	if (!t->pid_for_children && scan->has_pid_children && NSREF_KNOWN(t->ns[NS_UTS]))
		t->pid_for_children = unborn_pid_children(scan, ns_dir, t);
}

static void read_links(const struct scan *scan, int ns_dir, struct snap_task *t)
{
	t->ns[NS_PID] = read_link(ns_dir, scan->links[NS_PID]);
	t->ns[NS_USER] = read_link(ns_dir, scan->links[NS_USER]);
	if (!NSREF_DENIED(t->ns[NS_PID])) {
		read_thread_links(scan, ns_dir, t);
		return;
	}
	/* The same check guards all of them (ptrace_may_access in proc_ns_get_link, fs/proc/namespaces.c). */
	for (enum nstype type = 0; type < NS_TYPES; type++)
		t->ns[type] = t->ns[NS_PID];
	t->pid_for_children = t->time_for_children = t->ns[NS_PID];
}

/* A dead task has given up its nsproxy (exit_task_namespaces, kernel/exit.c); whom it was stays known until it is reaped. */
static void forget_links(struct snap_task *t)
{
	for (enum nstype type = 0; type < NS_TYPES; type++)
		if (type != NS_USER && type != NS_PID)
			t->ns[type] = 0;
	t->pid_for_children = t->time_for_children = 0;
}

/* CPU time in ticks of 1/100 s (USER_HZ) becomes microseconds, pages become bytes. */
static void take_usage(struct snap_task *t, const struct proc_stat *st)
{
	t->cpu = st->cpu;
	t->rss = (int64_t)st->rss * sysconf(_SC_PAGESIZE);
}

static int read_stat(struct collecting *c, int ns_dir, struct snap_task *t)
{
	char buf[2048];
	struct proc_stat st;
	ssize_t n = read_once(ns_dir, "../stat", buf, sizeof(buf));

	if (n < 0)
		return (int)n;
	if (proc_parse_stat(buf, (size_t)n, &st))
		return -ESRCH;
	if (st.flags & PROC_PF_KTHREAD) {
		t->flags |= TASK_KTHREAD;
		st.comm = proc_kthread_comm(st.comm);
	}
	t->ppid = st.ppid;
	t->pgid = st.pgid;
	t->sid = st.sid;
	t->nthreads = t->tid == t->pid ? st.nthreads : 0;
	t->start = st.start - (uint64_t)c->boot_offset;
	if (c->opts->wants & WANT_USAGE && t->tid == t->pid)
		take_usage(t, &st);
	t->comm = arena_strndup(&c->snap->arena, st.comm.at, st.comm.len);
	if (st.state == 'Z' || st.state == 'X')
		t->flags |= t->nthreads > 1 ? TASK_LEADER_DEAD : TASK_ZOMBIE;
	return 0;
}

static int read_nspid(struct scan *scan, int ns_dir, struct snap_task *t)
{
	struct proc_levels levels = { .n = 0 };
	uint32_t *nspid;
	int err = pidns_levels(&scan->pidns, ns_dir, t, &levels);

	if (proc_gone(err))
		return err;
	if (!err && !levels.n)
		snap_add_gap(scan->c->snap, "processes' pids inside of namespaces", ENOSYS, "Linux 4.1");
	if (err || !levels.n) {
		levels.nr[0] = t->tid;
		levels.n = 1;
	}
	nspid = arena_alloc(&scan->c->snap->arena, levels.n * sizeof(*nspid));
	memcpy(nspid, levels.nr, levels.n * sizeof(*nspid));
	t->nspid = nspid;
	t->n_nspid = levels.n;
	return 0;
}

/*
 * The directory belongs to the effective ids, whatever it is that protects the process otherwise (task_dump_owner, fs/proc/base.c):
 * cheaper than reading status.
 */
static void read_owner(int ns_dir, struct snap_task *t)
{
	struct stat st;

	if (!fstatat(ns_dir, "..", &st, 0)) {
		t->uid = st.st_uid;
		t->gid = st.st_gid;
	}
}

/* --- threads ----------------------------------------------------------------------------------------------------------- */

static bool same_links(const struct snap_task *a, const struct snap_task *b)
{
	return !memcmp(a->ns, b->ns, sizeof(a->ns)) && a->pid_for_children == b->pid_for_children &&
	       a->time_for_children == b->time_for_children;
}

static void read_thread(struct scan *scan, int task_fd, const struct snap_task *leader, uint32_t tid, bool always)
{
	CLEAN_FD int ns_dir = open_dir(task_fd, tid, "/ns");
	struct snap_task t = { .pid = leader->pid, .tid = tid, .cpu = OPT_NONE, .rss = OPT_NONE };

	if (ns_dir < 0)
		return;
	/* user and pid are the same in all threads: setns and unshare refuse the one, and leave the other to the children */
	t.ns[NS_USER] = leader->ns[NS_USER];
	t.ns[NS_PID] = leader->ns[NS_PID];
	read_thread_links(scan, ns_dir, &t);
	if (!t.ns[NS_UTS]) /* it is exiting */
		return;
	if (!always && same_links(&t, leader))
		return;
	read_owner(ns_dir, &t);
	if (!read_nspid(scan, ns_dir, &t) && !read_stat(scan->c, ns_dir, &t))
		*ARRAY_ADD(scan->c->snap, tasks) = t;
}

static void read_threads(struct scan *scan, int ns_dir, const struct snap_task *leader)
{
	CLEAN_FD int task_fd = openat(ns_dir, "../task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool all = scan->c->opts->wants & WANT_THREADS;

	if (task_fd < 0 || numbers_read(&scan->tids, task_fd))
		return;
	for (size_t i = 0; i < scan->tids.n_items; i++)
		if (scan->tids.items[i].number != leader->pid)
			read_thread(scan, task_fd, leader, scan->tids.items[i].number, all);
}

/* Threads of a process that we may not look into cannot be told from it: they are read only where all are wanted. */
static bool wants_threads(const struct scan *scan, const struct snap_task *leader)
{
	if (leader->nthreads < 2 || scan->no_threads)
		return false;
	return scan->c->opts->wants & WANT_THREADS || !NSREF_DENIED(leader->ns[NS_PID]);
}

/* --- processes ----------------------------------------------------------------------------------------------------------- */

static void count_refusal(struct snap *s, const struct snap_task *t)
{
	for (enum nstype type = 0; type < NS_TYPES; type++)
		if (NSREF_DENIED(t->ns[type])) {
			snap_add_gap(s, "processes' namespaces", (int)t->ns[type], "CAP_SYS_PTRACE");
			return;
		}
}

static int read_process(struct scan *scan, uint32_t pid, uint64_t ino)
{
	struct snap *s = scan->c->snap;
	CLEAN_FD int ns_dir = open_dir(scan->c->proc_fd, pid, "/ns");
	struct snap_task t = { .pid = pid, .tid = pid, .cpu = OPT_NONE, .rss = OPT_NONE, .proc_ino = ino };
	int err = ns_dir;

	if (ns_dir < 0)
		goto out;
	/* stat comes last: that it answers says that the process was there, and had this pid, all the time; and as what it ended. */
	read_owner(ns_dir, &t);
	read_links(scan, ns_dir, &t);
	err = read_nspid(scan, ns_dir, &t);
	if (!err)
		err = read_stat(scan->c, ns_dir, &t);
	if (err)
		goto out;
	if (t.flags & (TASK_ZOMBIE | TASK_LEADER_DEAD))
		forget_links(&t);
	count_refusal(s, &t);
	*ARRAY_ADD(s, tasks) = t;
	if (wants_threads(scan, &t))
		read_threads(scan, ns_dir, &t);
out:
	if (err < 0 && !proc_gone(err)) /* hidepid=noaccess */
		snap_add_gap(s, "processes", -err, "CAP_SYS_PTRACE");
	return MIN(err, 0);
}

int proc_task(struct collecting *c, uint32_t pid)
{
	struct scan scan;
	int err;

	scan_init(&scan, c);
	err = read_process(&scan, pid, 0);
	scan_done(&scan);
	return err;
}

int proc_alone(struct collecting *c, uint32_t pid, uint32_t tid)
{
	struct snap *s = c->snap;
	struct scan scan;
	int err;

	scan_init(&scan, c);
	scan.no_threads = true;
	err = read_process(&scan, pid, 0);
	if (!err && tid != pid) {
		CLEAN_FD int task_fd = open_dir(c->proc_fd, pid, "/task");
		struct snap_task leader = s->tasks[s->n_tasks - 1]; /* the array may grow */
		size_t had = s->n_tasks;

		if (task_fd >= 0)
			read_thread(&scan, task_fd, &leader, tid, true);
		err = s->n_tasks > had ? 0 : -ESRCH;
	}
	scan_done(&scan);
	return err;
}

int proc_tasks(struct collecting *c)
{
	CLEAN_MEM struct proc_entry *pids = NULL;
	struct scan scan;
	size_t n = 0;
	int err = proc_pids(c, &pids, &n);

	if (err)
		return err;
	scan_init(&scan, c);
	for (size_t i = 0; i < n; i++)
		read_process(&scan, pids[i].number, pids[i].ino);
	scan_done(&scan);
	if (proc_hides_pids(c))
		snap_add_gap(c->snap, "procfs mounted with hidepid", EPERM, "CAP_SYS_PTRACE");
	return 0;
}

/* --- what is read later, of tasks known -------------------------------------------------------------------------------------- */

bool proc_is_task(struct collecting *c, int dirfd, const struct snap_task *t)
{
	char buf[2048];
	struct proc_stat st;
	struct stat dir;
	ssize_t n;

	/* The directory that was listed before the task was read: the cheap answer. (Its inode may have been dropped since.) */
	if (t->proc_ino && !fstat(dirfd, &dir) && dir.st_ino == t->proc_ino)
		return true;
	n = read_once(dirfd, "stat", buf, sizeof(buf));
	return n > 0 && !proc_parse_stat(buf, (size_t)n, &st) && st.start - (uint64_t)c->boot_offset == t->start;
}

int proc_open_task(struct collecting *c, const struct snap_task *t)
{
	int dirfd = proc_open_dir(c->proc_fd, t->tid); /* a thread's directory is there, though not listed */

	if (dirfd >= 0 && !proc_is_task(c, dirfd, t)) {
		close(dirfd);
		return -ESRCH;
	}
	return dirfd;
}

ssize_t proc_cgroup(struct collecting *c, const struct snap_task *t, char *buf, size_t size)
{
	CLEAN_FD int dirfd = proc_open_dir(c->proc_fd, t->pid);
	ssize_t n;

	if (dirfd < 0)
		return dirfd;
	if (!proc_is_task(c, dirfd, t))
		return -ESRCH;
	n = read_once(dirfd, "cgroup", buf, size - 1);
	if (n >= 0)
		buf[n] = '\0';
	return n;
}

void proc_usage(struct collecting *c)
{
	usage_clock(c);
	for (size_t i = 0; i < c->snap->n_tasks; i++) {
		struct snap_task *t = &c->snap->tasks[i];
		char path[NUMBER_SIZE + 8], buf[2048], *end = numbers_name(path, t->pid);
		struct proc_stat st;
		ssize_t n;

		if (t->tid != t->pid)
			continue;
		strcpy(end, "/stat");
		n = read_once(c->proc_fd, path, buf, sizeof(buf));
		if (n <= 0 || proc_parse_stat(buf, (size_t)n, &st) || st.start - (uint64_t)c->boot_offset != t->start)
			continue;
		take_usage(t, &st);
	}
}
