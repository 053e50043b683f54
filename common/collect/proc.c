// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tasks by /proc. What each process costs is what counts here: one directory opened, ten namespace links read (2.6 us each; a stat
 * through one takes 6, for it makes an inode of nsfs each time), one read of stat, and of status once for each PID namespace.
 * The directory is ns/, in which most is read; the rest is found by "..".
 */
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "collect/nsfs.h"
#include "collect/proc.h"
#include "util/job.h"

/* --- directories of numbers ------------------------------------------------------------------------------------------ */

struct dirent64_head { /* getdents64(2); include/linux/dirent.h */
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

static void add_number(struct numbers *list, const char *name, uint64_t ino)
{
	uint32_t n;

	if (!parse_u32(name, &n))
		*ARRAY_ADD(list, items) = (struct proc_entry){ n, ino };
}

int numbers_read(struct numbers *list, int dirfd)
{
	char buf[16384] __attribute__((aligned(8)));

	list->n_items = 0;
	for (;;) {
		long n = syscall(SYS_getdents64, dirfd, buf, sizeof(buf));

		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		for (char *p = buf; p < buf + n;) {
			const struct dirent64_head *e = (const void *)p;

			add_number(list, e->name, e->ino);
			p += e->reclen;
		}
	}
}

void numbers_done(struct numbers *list)
{
	free(list->items);
	*list = (struct numbers){ 0 };
}

char *number_name(char *buf, uint32_t n)
{
	char digits[NUMBER_SIZE], *p = digits + sizeof(digits);

	do
		*--p = (char)('0' + n % 10);
	while (n /= 10);
	return mempcpy(buf, p, (size_t)(digits + sizeof(digits) - p));
}

static int open_dir(int dirfd, uint32_t number, const char *below)
{
	char name[NUMBER_SIZE + 8];

	strcpy(number_name(name, number), below);

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

/*
 * How pids translate into one nested PID namespace: asking it costs 1 us a process, status 13. Opened when its second process is
 * met; for the first one status does as well.
 */
enum { PIDNS_BITS = 9, N_PIDNS = 1 << PIDNS_BITS, PIDNS_LEVELS = 4 };
struct pidns {
	uint32_t inum;
	bool failed;          /* to open it */
	uint32_t n;           /* fds: 0, not opened yet */
	int fd[PIDNS_LEVELS]; /* the outermost below the view first, inum's own last */
};

/* What stays the same from one process to the next. */
struct scan {
	struct collecting *c;
	const char *links[N_LINKS];
	bool has_pid_children; /* this kernel has that link (4.12) */
	bool no_threads;       /* the process alone */
	bool translates;       /* and NS_GET_PID_IN_PIDNS (6.11), and pids mean the same to it */
	uint32_t spare_fds;    /* how many pidns[] may hold open */
	uint32_t view;         /* the PID namespace whose numbers we see, once met */
	struct pidns pidns[N_PIDNS];
	struct numbers tids;
};

static void scan_init(struct scan *scan, struct collecting *c)
{
	struct rlimit files = { .rlim_cur = 0 };
	struct stat st;

	getrlimit(RLIMIT_NOFILE, &files);
	*scan = (struct scan){ .c = c, .translates = c->own_proc, .spare_fds = (uint32_t)MIN(files.rlim_cur / 2, 1024u) };
	for (enum nstype t = 0; t < NS_TYPES; t++)
		scan->links[t] = nstypes[t].name;
	scan->links[LINK_PID_CHILDREN] = nstypes[NS_PID].for_children;
	scan->links[LINK_TIME_CHILDREN] = nstypes[NS_TIME].for_children;

	CLEAN_FD int self = openat(c->proc_fd, "self/ns", O_PATH | O_DIRECTORY | O_CLOEXEC);

	scan->has_pid_children = !fstatat(self, scan->links[LINK_PID_CHILDREN], &st, AT_SYMLINK_NOFOLLOW);
}

static void pidns_close(struct scan *scan, struct pidns *p)
{
	for (; p->n; scan->spare_fds++)
		close(p->fd[--p->n]);
}

static void scan_done(struct scan *scan)
{
	for (size_t i = 0; i < N_PIDNS; i++)
		pidns_close(scan, &scan->pidns[i]);
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

/* seq files give what fits of them in one read; a second one would only say that there is no more. */
static ssize_t read_once(int dirfd, const char *path, char *buf, size_t size)
{
	CLEAN_FD int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size);

	return n < 0 ? -errno : n;
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
	if (c->opts->wants & WANT_USAGE && t->tid == t->pid) {
		t->cpu = (int64_t)(st.cpu & INT64_MAX / 10000) * 10000;
		t->rss = (int64_t)st.rss * sysconf(_SC_PAGESIZE);
	}
	t->comm = arena_strndup(&c->snap->arena, st.comm.at, st.comm.len);
	if (st.state == 'Z' || st.state == 'X')
		t->flags |= t->nthreads > 1 ? TASK_LEADER_DEAD : TASK_ZOMBIE;
	return 0;
}

/* NSpid stands behind the line of groups, which has up to 65536 of them: then a read of one page is not enough. */
static int read_levels(int ns_dir, struct proc_levels *levels)
{
	char buf[4096];
	CLEAN_MEM char *whole = NULL;
	ssize_t n = read_once(ns_dir, "../status", buf, sizeof(buf));

	if (n < 0)
		return (int)n;
	if ((size_t)n < sizeof(buf))
		return proc_parse_nspid(buf, (size_t)n, levels);
	n = read_file_at(ns_dir, "../status", 0, 4 << 20, &whole);
	return n < 0 ? (int)n : proc_parse_nspid(whole, (size_t)n, levels);
}

/* Open a PID namespace and its ancestors up to the view's. False: not allowed, too deep, or no such interface (before 4.9). */
static bool pidns_open(struct scan *scan, struct pidns *p, int ns_dir)
{
	int chain[PIDNS_LEVELS];
	uint32_t n = 0;
	CLEAN_FD int fd = openat(ns_dir, "pid", O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && nsfs_inum(fd) == p->inum;

	while (ok && nsfs_inum(fd) != scan->view) {
		ok = n < MIN(PIDNS_LEVELS, scan->spare_fds);
		if (ok) {
			chain[n++] = fd;
			fd = ioctl(fd, NSKIT_NS_GET_PARENT);
			ok = fd >= 0;
		}
	}
	if (!ok) {
		while (n)
			close(chain[--n]);
		return false;
	}
	for (p->n = 0; p->n < n; p->n++, scan->spare_fds--)
		p->fd[p->n] = chain[n - 1 - p->n];
	return true;
}

/* NSpid without reading status. False where that cannot be done, or not yet. */
static bool translate_pid(struct scan *scan, int ns_dir, const struct snap_task *t, struct proc_levels *levels)
{
	struct pidns *p = &scan->pidns[t->ns[NS_PID] * 0x9e3779b1u >> (32 - PIDNS_BITS)];

	if (!scan->translates || !NSREF_KNOWN(scan->view) || !NSREF_KNOWN(t->ns[NS_PID]))
		return false;
	if (p->inum != t->ns[NS_PID]) {
		pidns_close(scan, p);
		*p = (struct pidns){ .inum = t->ns[NS_PID] };
		return false;
	}
	if (!p->n && !p->failed)
		p->failed = !pidns_open(scan, p, ns_dir);
	if (p->failed)
		return false;
	levels->nr[0] = t->tid;
	for (levels->n = 1; levels->n <= p->n; levels->n++) {
		int nr = ioctl(p->fd[levels->n - 1], NSKIT_NS_GET_PID_IN_PIDNS, (unsigned long)t->tid);

		if (nr < 0) {
			scan->translates = errno != ENOTTY;
			return false;
		}
		levels->nr[levels->n] = (uint32_t)nr;
	}
	return true;
}

/* The pid at every level. In the view's own PID namespace there is but one, so that nothing has to be read. */
static int read_nspid(struct scan *scan, int ns_dir, struct snap_task *t)
{
	struct proc_levels levels;
	uint32_t *nspid;
	int err = 0;

	levels.nr[0] = t->tid;
	levels.n = 1;
	if (t->ns[NS_PID] != scan->view || !NSREF_KNOWN(scan->view))
		if (!translate_pid(scan, ns_dir, t, &levels))
			err = read_levels(ns_dir, &levels);
	if (proc_gone(err))
		return err;
	if (!err && !levels.n)
		snap_add_gap(scan->c->snap, "processes' pids inside of namespaces", ENOSYS, "Linux 4.1");
	if (err || !levels.n) { /* before 4.1 */
		levels.nr[0] = t->tid;
		levels.n = 1;
	} else if (levels.n == 1 && NSREF_KNOWN(t->ns[NS_PID])) {
		scan->view = t->ns[NS_PID];
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

/* --- what hidepid hides (Documentation/filesystems/proc.rst, 4.1) ------------------------------------------------------------ */

static bool may_ptrace_all(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	return !syscall(SYS_capget, &head, data) && data[0].effective & 1u << CAP_SYS_PTRACE;
}

static bool in_group(gid_t gid)
{
	int n = getgroups(0, NULL);
	CLEAN_MEM gid_t *groups = xcalloc(n > 0 ? (size_t)n : 1, sizeof(*groups));

	n = getgroups(n, groups);
	for (int i = 0; i < n; i++)
		if (groups[i] == gid)
			return true;
	return getegid() == gid;
}

static bool slice_any_of(struct slice s, const char *a, const char *b)
{
	return (s.len == strlen(a) && !memcmp(s.at, a, s.len)) || (s.len == strlen(b) && !memcmp(s.at, b, s.len));
}

/* has_pid_permissions(), fs/proc/base.c: the group of gid= sees all, but not with ptraceable (5.8). */
static bool options_hide(struct slice options)
{
	struct slice hide, group;
	gid_t gid = 0;

	if (!proc_option(options, "hidepid", &hide) || slice_any_of(hide, "0", "off") || slice_any_of(hide, "1", "noaccess"))
		return false; /* with noaccess each process that refuses is counted */
	if (slice_any_of(hide, "4", "ptraceable"))
		return true;
	if (proc_option(options, "gid", &group)) {
		char digits[NUMBER_SIZE] = "";

		memcpy(digits, group.at, MIN(group.len, sizeof(digits) - 1));
		parse_u32(digits, &gid);
	}
	return !in_group(gid);
}

/* Options belong to the file system, not to the place where it is mounted, so its device number finds them. */
static bool pids_hidden(struct collecting *c)
{
	CLEAN_MEM char *buf = NULL;
	struct slice text, line;
	struct proc_mount m;
	struct stat st;
	ssize_t n;

	if (may_ptrace_all() || fstat(c->proc_fd, &st))
		return false;
	n = read_file_at(AT_FDCWD, "/proc/self/mountinfo", 0, 16 << 20, &buf);
	text = (struct slice){ buf, n > 0 ? (size_t)n : 0 };
	while (proc_next_line(&text, &line))
		if (!proc_parse_mount(line.at, line.len, &m) && m.major == major(st.st_dev) && m.minor == minor(st.st_dev))
			return options_hide(m.super_options);
	return false;
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
	if (pids_hidden(c))
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

/* Few fill the first buffer. A process can make any of its memory its command line (PR_SET_MM_ARG_START), so there has to be an end. */
enum { COMMAND_FIRST = 32768, COMMAND_MAX = 2 << 20 };

/* A part of the tasks, and memory of its own, so that two threads can read at once: this is waiting for procfs, mostly. */
struct command_reader {
	struct collecting *c;
	const uint8_t *which; /* a bit for each task, or NULL: all */
	size_t begin, end;
	char *buf;
	size_t cap;
	uint32_t cut; /* commands that were longer */
	struct arena arena;
	struct job job;
};

/* To r->buf; how long it is, or -errno. More than COMMAND_MAX says that there is more. */
static ssize_t read_cmdline(struct command_reader *r, int dirfd)
{
	CLEAN_FD int fd = openat(dirfd, "cmdline", O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	for (;;) {
		n = read(fd, r->buf + len, r->cap - len);
		if (n < 0)
			return -errno;
		len += (size_t)n;
		/* What fits comes in one read (get_mm_cmdline, fs/proc/base.c). */
		if (len < r->cap || len > COMMAND_MAX)
			return (ssize_t)len;
		r->cap = MIN(2 * r->cap, (size_t)COMMAND_MAX + 1);
		r->buf = xrealloc(r->buf, r->cap);
	}
}

static void read_command(struct command_reader *r, struct snap_task *t)
{
	CLEAN_FD int dirfd = proc_open_dir(r->c->proc_fd, t->pid);
	ssize_t n;
	size_t len;

	if (dirfd < 0 || !proc_is_task(r->c, dirfd, t))
		return;
	n = read_cmdline(r, dirfd);
	if (n <= 0)
		return;
	if (n > COMMAND_MAX) {
		n = COMMAND_MAX;
		r->cut++;
	}
	len = proc_join_cmdline(r->buf, (size_t)n, r->buf);
	if (len)
		t->command = arena_strndup(&r->arena, r->buf, len);
}

static void read_part(void *arg)
{
	struct command_reader *r = arg;

	r->cap = COMMAND_FIRST;
	r->buf = xcalloc(1, r->cap);
	for (size_t i = r->begin; i < r->end; i++) {
		struct snap_task *t = &r->c->snap->tasks[i];

		if (t->command || (r->which && !(r->which[i / 8] >> i % 8 & 1)))
			continue;
		if (!(t->flags & (TASK_KTHREAD | TASK_ZOMBIE)))
			read_command(r, t);
	}
	free(r->buf);
}

void proc_commands(struct collecting *c, const uint8_t *which)
{
	size_t n = c->snap->n_tasks, half = n < 500 ? n : n / 2;
	struct command_reader first = { .c = c, .which = which, .end = half };
	struct command_reader second = { .c = c, .which = which, .begin = half, .end = n };

	if (half < n)
		job_start(&second.job, read_part, &second);
	read_part(&first);
	job_wait(&second.job);
	arena_take(&c->snap->arena, &first.arena);
	arena_take(&c->snap->arena, &second.arena);
	for (uint32_t i = 0; i < first.cut + second.cut; i++)
		snap_add_gap(c->snap, "command lines longer than 2 MiB", 0, NULL);
}

void proc_usage(struct collecting *c)
{
	long page = sysconf(_SC_PAGESIZE);

	usage_clock(c);
	for (size_t i = 0; i < c->snap->n_tasks; i++) {
		struct snap_task *t = &c->snap->tasks[i];
		char path[NUMBER_SIZE + 8], buf[2048], *end = number_name(path, t->pid);
		struct proc_stat st;
		ssize_t n;

		if (t->tid != t->pid)
			continue;
		strcpy(end, "/stat");
		n = read_once(c->proc_fd, path, buf, sizeof(buf));
		if (n <= 0 || proc_parse_stat(buf, (size_t)n, &st) || st.start - (uint64_t)c->boot_offset != t->start)
			continue;
		t->cpu = (int64_t)(st.cpu & INT64_MAX / 10000) * 10000;
		t->rss = (int64_t)st.rss * page;
	}
}
