// SPDX-License-Identifier: GPL-2.0-or-later
/* A few processes, at a cost that does not depend on how many others there are. */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "collect/nsfs.h"
#include "collect/proc.h"
#include "collect/shown.h"

enum {
	STATUS_MAX = 4 << 20, /* up to 65536 groups stand in it */
	MAX_CLIMB = 256,      /* ancestors that are asked whether they are an init */
};

static const struct snap_task *find(const struct snap *s, uint32_t tid)
{
	for (size_t i = 0; i < s->n_tasks; i++)
		if (s->tasks[i].tid == tid)
			return &s->tasks[i];
	return NULL;
}

/* Of whom is it a thread? 0: gone. (/proc/TID is there, though readdir does not list it.) */
static uint32_t process_of(struct collecting *c, uint32_t tid)
{
	CLEAN_FD int dirfd = proc_open_dir(c->proc_fd, tid);
	CLEAN_MEM char *text = NULL;
	struct proc_levels tgid;
	ssize_t n = dirfd < 0 ? dirfd : read_file_at(dirfd, "status", 0, STATUS_MAX, &text);

	if (n < 0 || proc_parse_levels(text, (size_t)n, "Tgid:", &tgid) || !tgid.n)
		return 0;
	return tgid.nr[0];
}

static const struct snap_task *add(struct collecting *c, uint32_t tid)
{
	const struct snap_task *had = find(c->snap, tid);
	uint32_t pid = had ? 0 : process_of(c, tid);

	if (had || !pid)
		return had;
	if (pid == tid && c->opts->wants & WANT_THREADS)
		proc_task(c, pid);
	else
		proc_alone(c, pid, tid);
	return find(c->snap, tid);
}

/* --- inits ----------------------------------------------------------------------------------------------------------- */

/* On older kernels: an init is an ancestor of those in its namespace, save of those who came by setns(2). */
static void add_inits_above(struct collecting *c, uint32_t tid)
{
	const struct snap_task *t = find(c->snap, tid);

	for (int i = 0; i < MAX_CLIMB && t && t->n_nspid > 1 && t->ppid; i++)
		t = add(c, t->ppid);
}

static int open_pidns(struct collecting *c, const struct snap_task *t)
{
	CLEAN_FD int dirfd = proc_open_task(c, t);
	int fd = dirfd < 0 ? dirfd : openat(dirfd, "ns/pid", O_RDONLY | O_CLOEXEC);

	return dirfd >= 0 && fd < 0 ? -errno : fd;
}

/* Of the task's PID namespace and of those above it: whose process 1 is in a container tells whose the namespace is. */
static void add_inits(struct collecting *c, const struct snap_task *task)
{
	struct snap_task t = *task; /* the array grows */
	int fd = t.n_nspid > 1 && c->own_proc ? open_pidns(c, &t) : -1;

	for (uint32_t left = t.n_nspid - 1; left && fd >= 0; left--) {
		int init = ioctl(fd, NSKIT_NS_GET_PID_FROM_PIDNS, 1UL), up;

		if (init < 0 && errno == ENOTTY)
			break;
		if (init > 0)
			add(c, (uint32_t)init);
		up = ioctl(fd, NSKIT_NS_GET_PARENT);
		close(fd);
		fd = up;
		if (left == 1)
			goto out;
	}
	add_inits_above(c, t.tid);
out:
	if (fd >= 0)
		close(fd);
}

/* --- which PID is PID N in there? ------------------------------------------------------------------------------------------ */

static int add_inner(struct collecting *c, const struct snap_task *there)
{
	CLEAN_FD int fd = c->own_proc ? open_pidns(c, there) : -EOPNOTSUPP;
	int pid;

	if (fd < 0)
		return proc_gone(fd) ? 0 : -EOPNOTSUPP;
	pid = ioctl(fd, NSKIT_NS_GET_PID_FROM_PIDNS, (unsigned long)c->opts->inner);
	if (pid < 0)
		return errno == ESRCH ? 0 : -EOPNOTSUPP;
	add(c, (uint32_t)pid);
	return 0;
}

/* --------------------------------------------------------------------------------------------------------------------------------- */

/* The PID namespace that this procfs shows is that of its process 1; ours, where it shows our pids. */
static void find_pidns(struct collecting *c)
{
	static const char *const links[] = { "self/ns/pid", "1/ns/pid" };
	struct stat st;

	if (!fstatat(c->proc_fd, links[!c->own_proc], &st, 0))
		c->snap->head.pidns = (uint32_t)st.st_ino;
}

int proc_chosen(struct collecting *c)
{
	const struct snap_task *t = NULL;
	int err = 0;

	find_pidns(c);
	c->snap->head.wants |= WANT_THREADS; /* a thread that was asked for stays, whether it differs from its process or not */
	for (size_t i = 0; i < c->opts->n_pids; i++) {
		t = add(c, c->opts->pids[i]);
		if (t && !i && c->opts->inner)
			err = add_inner(c, t);
		t = find(c->snap, c->opts->pids[i]);
		if (t)
			add_inits(c, t);
	}
	return err;
}
