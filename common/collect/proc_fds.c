// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Open files that keep a namespace, by the links of /proc/PID/fd. It takes CAP_SYS_PTRACE for other users' processes; for the
 * network namespace of a socket pidfd_getfd(2) (5.6; PTRACE_MODE_ATTACH, so that Yama may refuse it), and SIOCGSKNS
 * (CAP_NET_ADMIN in the user namespace that owns the network namespace).
 */
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "collect/net.h"
#include "collect/proc.h"

struct search {
	struct collecting *c;
	struct snap *s;
	struct idmap netns_of_socket; /* inode number of a socket -> its network namespace, or 0: refused */
	struct idmap netns_of_cookie;
	struct idmap mount_points; /* hash of the path of a nsfs mount */
	struct numbers fds, tids;
	struct socket_pass *pass; /* all sockets are looked for, and nothing else; or NULL */
};

/* What one look at a process's or thread's file table needs. */
struct table {
	const struct snap_task *process;
	uint32_t tid;
	uint32_t netns; /* NSREF: that its sockets are no keepers of, for its task is there */
	int fds;        /* its fd/ */
	int pidfd;      /* -1: not opened yet */
};

/* --- sockets ----------------------------------------------------------------------------------------------------------- */

/*
 * The network namespace of a socket that we hold a copy of. Its cookie (5.14) costs a fifth of asking for the namespace itself, and
 * is the same for all sockets of one. 0: refused.
 */
static uint32_t socket_netns(struct search *f, int sock, int *err)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);
	uint32_t inum = IDMAP_NONE;

	if (!getsockopt(sock, SOL_SOCKET, NSKIT_SO_NETNS_COOKIE, &cookie, &len) && cookie)
		inum = idmap_get(&f->netns_of_cookie, cookie);
	if (inum != IDMAP_NONE)
		return inum;

	CLEAN_FD int ns = ioctl(sock, NSKIT_SIOCGSKNS);

	if (ns < 0) {
		*err = errno;
		return 0;
	}
	inum = nsfs_inum(ns);
	if (cookie)
		idmap_add(&f->netns_of_cookie, cookie, inum);
	return inum;
}

static int copy_fd(struct search *f, struct table *t, uint32_t fd)
{
	if (!f->c->own_proc)
		return -EXDEV;
	if (t->pidfd < 0)
		t->pidfd = nsfs_pidfd_open(t->tid, t->tid != t->process->pid);
	if (t->pidfd < 0)
		return -errno;

	int copy = (int)syscall(SYS_pidfd_getfd, t->pidfd, (int)fd, 0);

	return copy < 0 ? -errno : copy;
}

static void count_socket(struct search *f, int err)
{
	if (err == ENOENT || err == ESRCH || err == EBADF) /* closed since */
		return;
	snap_add_gap(f->s, "sockets' network namespaces", err,
		     err == EXDEV ? "the PID namespace of this /proc" : "CAP_SYS_PTRACE and CAP_NET_ADMIN");
}

/* A copied fd is the socket that its link named: else the fd was closed and opened again, or the pid reused. */
static bool is_socket(int sock, uint64_t ino)
{
	struct stat st;

	return !fstat(sock, &st) && S_ISSOCK(st.st_mode) && st.st_ino == ino;
}

/* Sockets are shared by fork() and between containers' shims: each is looked at once. */
static uint32_t netns_of(struct search *f, struct table *t, uint32_t fd, uint64_t ino)
{
	uint32_t inum = idmap_get(&f->netns_of_socket, ino);
	int err = 0;

	if (inum != IDMAP_NONE)
		return inum;

	CLEAN_FD int sock = copy_fd(f, t, fd);

	if (sock < 0)
		err = -sock;
	else if (!is_socket(sock, ino))
		return 0;
	else
		inum = socket_netns(f, sock, &err);
	if (err) {
		inum = 0;
		count_socket(f, err);
	}
	return idmap_add(&f->netns_of_socket, ino, inum);
}

/* --- one fd -------------------------------------------------------------------------------------------------------------- */

/*
 * What was opened by the path of a mount shows that path instead of "net:[N]" (d_path(), fs/d_path.c). Following the link of any
 * file may hang (a dead network mount), so only that of one whose path is known for a nsfs mount.
 */
static bool opened_by_mount(struct search *f, struct table *t, const char *name, const char *link, size_t len, struct snap_hold *h)
{
	if (link[0] != '/' || idmap_get(&f->mount_points, bytes_key(link, len)) == IDMAP_NONE)
		return false;

	CLEAN_FD int look = openat(t->fds, name, O_PATH | O_CLOEXEC);
	CLEAN_FD int fd = look >= 0 && nsfs_is(look) ? nsfs_reopen(f->c, look) : -1;
	int flag = fd < 0 ? 0 : ioctl(fd, NSKIT_NS_GET_NSTYPE);
	enum nstype type = nstype_by_flag((uint32_t)flag);

	if (type == NS_TYPES)
		return false;
	h->type = (uint8_t)type;
	h->inum = nsfs_inum(fd);
	return true;
}

static bool look_at_link(struct search *f, struct table *t, uint32_t fd, const char *name, const char *link, size_t len,
			 struct snap_hold *h)
{
	enum nstype type;

	if (!strncmp(link, "socket:[", 8)) {
		char *end;

		h->kind = HOLD_SOCKET;
		h->type = NS_NET;
		h->socket = strtoull(link + 8, &end, 10);
		h->inum = netns_of(f, t, fd, h->socket);
		return NSREF_KNOWN(h->inum) && h->inum != t->netns;
	}
	h->kind = HOLD_FD;
	if (!nstype_parse_link(link, &type, &h->inum)) {
		h->type = (uint8_t)type;
		return true;
	}
	return opened_by_mount(f, t, name, link, len, h);
}

static void note_socket(struct search *f, const struct table *t, uint32_t fd, const char *link)
{
	if (!strncmp(link, "socket:[", 8))
		*ARRAY_ADD(f->pass, fds) = (struct seen_fd){
			.fd = { .ino = strtoull(link + 8, NULL, 10), .pid = t->process->pid, .tid = t->tid, .fd = fd }
		};
}

static void look_at_fd(struct search *f, struct table *t, uint32_t fd)
{
	char name[NUMBER_SIZE + 1], link[4096];
	struct snap_hold h = { .pid = t->process->pid, .fd = fd };
	ssize_t len;

	*numbers_name(name, fd) = '\0';
	len = readlinkat(t->fds, name, link, sizeof(link) - 1);
	if (len <= 0)
		return;
	link[len] = '\0';
	if (f->pass) {
		note_socket(f, t, fd, link);
		return;
	}
	if (look_at_link(f, t, fd, name, link, (size_t)len, &h))
		*ARRAY_ADD(f->s, holds) = h;
}

/* --- file tables ------------------------------------------------------------------------------------------------------------ */

/* A thread may have left its process's network namespace. 0: it does not say. */
static uint32_t thread_netns(int dirfd)
{
	char link[64];
	ssize_t len = readlinkat(dirfd, "ns/net", link, sizeof(link) - 1);
	enum nstype type;
	uint32_t inum;

	link[MAX(len, 0)] = '\0';
	return nstype_parse_link(link, &type, &inum) ? 0 : inum;
}

/* The fds of a process or thread. 0 or -errno. */
static int search_table(struct search *f, const struct snap_task *process, uint32_t tid, uint32_t netns, int dirfd)
{
	struct table t = { .process = process, .tid = tid, .netns = netns, .pidfd = -1 };
	int err;

	t.fds = openat(dirfd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t.fds < 0)
		return -errno;
	err = numbers_read(&f->fds, t.fds);
	for (size_t i = 0; !err && i < f->fds.n_items; i++)
		look_at_fd(f, &t, f->fds.items[i].number);
	cleanup_fd(&t.pidfd);
	close(t.fds);
	return err;
}

static bool same_table(struct search *f, uint32_t a, uint32_t b)
{
	return f->c->own_proc && !syscall(SYS_kcmp, (pid_t)a, (pid_t)b, KCMP_FILES, 0, 0);
}

/*
 * Threads share their process's table unless they left it (unshare(CLONE_FILES)), or it died with the first thread. Where kcmp(2)
 * does not tell (no CONFIG_KCMP, another PID namespace's /proc), only the latter is looked for. A table of a thread's own keeps what
 * that thread is not in. (The BPF iterator has each thread whose table is not the first one's.)
 */
static void search_threads(struct search *f, const struct snap_task *process, int dirfd)
{
	CLEAN_FD int task_fd = openat(dirfd, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool leader_dead = process->flags & TASK_LEADER_DEAD;
	bool compare = same_table(f, process->pid, process->pid);
	uint32_t searched = leader_dead ? 0 : process->pid, seen_from = process->ns[NS_NET];

	if (task_fd < 0 || (!compare && !leader_dead) || numbers_read(&f->tids, task_fd))
		return;
	for (size_t i = 0; i < f->tids.n_items; i++) {
		uint32_t tid = f->tids.items[i].number;

		/* Of the first thread's table the others' namespaces do not count; without one, each of those who share has a say. */
		if (tid == process->pid || (searched && !leader_dead && same_table(f, searched, tid)))
			continue;

		CLEAN_FD int thread = proc_open_dir(task_fd, tid);
		uint32_t netns = thread >= 0 ? thread_netns(thread) : 0;

		if (!netns || (searched && leader_dead && netns == seen_from && (!compare || same_table(f, searched, tid))))
			continue;
		if (!search_table(f, process, tid, netns, thread) && leader_dead && !searched) {
			searched = tid;
			seen_from = netns;
		}
	}
}

static void search_process(struct search *f, const struct snap_task *process)
{
	CLEAN_FD int dirfd = proc_open_dir(f->c->proc_fd, process->pid);
	size_t had = f->s->n_holds, had_fds = f->pass ? f->pass->n_fds : 0;
	int err;

	if (dirfd < 0)
		return;
	err = process->flags & TASK_LEADER_DEAD ? 0 : search_table(f, process, process->pid, process->ns[NS_NET], dirfd);
	if (err && !proc_gone(err))
		snap_add_gap(f->s, "processes' open files", -err, "CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH");
	if (!err && process->nthreads > 1)
		search_threads(f, process, dirfd);
	/* The pid may have been reused since the tasks were read: then what was found is somebody else's. */
	if ((f->s->n_holds > had || (f->pass && f->pass->n_fds > had_fds)) && !proc_is_task(f->c, dirfd, process)) {
		f->s->n_holds = had;
		if (f->pass)
			f->pass->n_fds = had_fds;
	}
}

/* What is known of sockets' namespaces and of mount points before anything is searched. */
static void learn(struct search *f)
{
	const struct snap *s = f->s;

	/* From 6.18 on a network namespace's id is its sockets' cookie (net_ns_net_init, net/core/net_namespace.c). */
	for (size_t i = 0; i < s->n_namespaces; i++)
		if (s->namespaces[i].type == NS_NET && s->namespaces[i].id)
			idmap_add(&f->netns_of_cookie, s->namespaces[i].id, s->namespaces[i].inum);
	for (size_t i = 0; i < s->n_holds; i++)
		if (s->holds[i].kind == HOLD_MOUNT && s->holds[i].path)
			idmap_add(&f->mount_points, text_key(s->holds[i].path), 1);
}

static void search_all(struct search *f)
{
	const struct snap *s = f->s;

	for (size_t i = 0; i < s->n_tasks; i++)
		if (s->tasks[i].tid == s->tasks[i].pid && !(s->tasks[i].flags & (TASK_KTHREAD | TASK_ZOMBIE)))
			search_process(f, &s->tasks[i]);
	idmap_done(&f->netns_of_socket);
	idmap_done(&f->netns_of_cookie);
	idmap_done(&f->mount_points);
	numbers_done(&f->fds);
	numbers_done(&f->tids);
}

int proc_fds(struct collecting *c)
{
	struct search f = { .c = c, .s = c->snap };

	learn(&f);
	search_all(&f);
	return 0;
}

void proc_sockets(struct collecting *c, struct socket_pass *p)
{
	struct search f = { .c = c, .s = c->snap, .pass = p };

	search_all(&f);
}
