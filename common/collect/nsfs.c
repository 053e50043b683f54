// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "collect/nsfs.h"

int nsfs_pidfd_open(uint32_t pid, bool thread)
{
	return (int)syscall(SYS_pidfd_open, pid, thread ? O_EXCL : 0);
}

uint32_t nsfs_inum(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : (uint32_t)st.st_ino;
}

uint64_t nsfs_id(int fd, enum nstype type)
{
	uint64_t id = 0;

	if (!ioctl(fd, NSKIT_NS_GET_ID, &id) || (type == NS_MNT && !ioctl(fd, NSKIT_NS_GET_MNTNS_ID, &id)))
		return id;
	return 0;
}

/* --- ways to open one --------------------------------------------------------------------------------------------------- */

/* The fd if it is the namespace that was meant: pids and fds are reused, and mount points mounted over. */
static int if_it_is(int fd, uint32_t inum)
{
	if (fd < 0)
		return -errno;
	if (nsfs_inum(fd) == inum)
		return fd;
	close(fd);
	return -ENOENT;
}

bool nsfs_is(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && fs.f_type == NSKIT_NSFS_MAGIC;
}

int nsfs_reopen(struct collecting *c, int fd)
{
	char path[64];
	int again;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = openat(c->proc_fd, path + strlen("/proc/"), O_RDONLY | O_CLOEXEC);
	return again >= 0 ? again : open(path, O_RDONLY | O_CLOEXEC);
}

/* Any thread will do: those that are where their process is have no record of their own. */
static int open_live_thread(struct collecting *c, const struct snap_task *leader, const char *link, uint32_t inum)
{
	char path[64];
	struct numbers tids = { 0 };
	int fd = -ENOENT;

	snprintf(path, sizeof(path), "%u/task", leader->pid);

	CLEAN_FD int dirfd = openat(c->proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dirfd < 0 || numbers_read(&tids, dirfd))
		tids.n_items = 0;
	for (size_t i = 0; i < tids.n_items && fd < 0; i++) {
		snprintf(path, sizeof(path), "%u/ns/%s", tids.items[i].number, link);
		fd = if_it_is(openat(dirfd, path, O_RDONLY | O_CLOEXEC), inum);
	}
	numbers_done(&tids);
	return fd;
}

static int open_link(struct collecting *c, const struct snap_task *t, const char *link, uint32_t inum)
{
	char path[64];

	if (t->flags & TASK_LEADER_DEAD)
		return open_live_thread(c, t, link, inum);
	if (t->tid == t->pid)
		snprintf(path, sizeof(path), "%u/ns/%s", t->pid, link);
	else
		snprintf(path, sizeof(path), "%u/task/%u/ns/%s", t->pid, t->tid, link);
	return if_it_is(openat(c->proc_fd, path, O_RDONLY | O_CLOEXEC), inum);
}

/* The namespace of children to come; before the first one there is no file but a pidfd's ioctl, see proc.c. */
static int open_future(struct collecting *c, const struct snap_task *t, enum nstype type, uint32_t inum)
{
	int fd = open_link(c, t, nstypes[type].for_children, inum);

	if (fd >= 0 || type != NS_PID || !c->own_proc)
		return fd;

	CLEAN_FD int pidfd = nsfs_pidfd_open(t->tid, t->tid != t->pid);

	return pidfd < 0 ? fd : if_it_is(ioctl(pidfd, NSKIT_PIDFD_GET_PID_FOR_CHILDREN, 0), inum);
}

/* What is open there now may be any file, and opening some has consequences: look first. */
static int open_fd(struct collecting *c, const struct snap_hold *h)
{
	char path[64];

	snprintf(path, sizeof(path), "%u/fd/%u", h->pid, (unsigned int)h->fd);

	CLEAN_FD int look = openat(c->proc_fd, path, O_PATH | O_CLOEXEC);

	if (look < 0)
		return -errno;
	return nsfs_is(look) ? if_it_is(nsfs_reopen(c, look), h->inum) : -ENOENT;
}

static int open_socket(struct collecting *c, const struct snap_hold *h)
{
	CLEAN_FD int pidfd = c->own_proc ? nsfs_pidfd_open(h->pid, false) : -1;

	if (pidfd < 0)
		return -ENOENT;

	CLEAN_FD int sock = (int)syscall(SYS_pidfd_getfd, pidfd, (int)h->fd, 0);

	return sock < 0 ? -errno : if_it_is(ioctl(sock, NSKIT_SIOCGSKNS), h->inum);
}

static int open_mount(struct collecting *c, const struct snap_hold *h)
{
	CLEAN_FD int look = open(h->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (look < 0)
		return -errno;
	return nsfs_is(look) ? if_it_is(nsfs_reopen(c, look), h->inum) : -ENOENT;
}

static int open_hold(const struct nsfs *n, const struct snap_hold *h)
{
	if (h->kind == HOLD_MOUNT)
		return h->path && h->mntns == n->own[NS_MNT] ? open_mount(n->c, h) : -EXDEV;
	if (!OPT_VALUE(h->fd))
		return -ENOENT;
	return h->kind == HOLD_FD ? open_fd(n->c, h) : open_socket(n->c, h);
}

int nsfs_open_handle(uint64_t id, uint32_t clone_flag, uint32_t inum)
{
	enum { FD_NSFS_ROOT_ = -10003, FILEID_NSFS_ = 0xf1 };
	struct {
		struct file_handle head;
		uint64_t id;
		uint32_t type, inum;
	} h = { .head = { .handle_bytes = 16, .handle_type = FILEID_NSFS_ } };

	_Static_assert(sizeof(h) == 24, "struct nsfs_file_handle stands behind two ints");
	memcpy(h.head.f_handle, &id, sizeof(id));
	memcpy(h.head.f_handle + 8, &clone_flag, 4);
	memcpy(h.head.f_handle + 12, &inum, 4);

	int fd = open_by_handle_at(FD_NSFS_ROOT_, &h.head, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int open_handle(const struct snap_ns *ns)
{
	int fd = ns->id ? nsfs_open_handle(ns->id, nstypes[ns->type].clone_flag, ns->inum) : -ENOENT;

	if (fd < 0)
		return fd == -ESTALE ? -ENOENT : fd; /* gone, or not for us */
	return if_it_is(fd, ns->inum);
}

/* A few of many members and holders are enough: they vanish one by one, but are barred together. */
enum { MAX_TRIES = 8 };

/* Which failure says more: that a way is barred, that it leads through strangers' mounts, or that it is gone. */
static int worse(int a, int b)
{
	if (proc_gone(a) || (a == -EXDEV && !proc_gone(b)))
		return b;
	return a;
}

static int open_by_members(const struct nsfs *n, uint32_t i)
{
	const struct snap *s = n->c->snap;
	const struct snap_ns *ns = &s->namespaces[i];
	const struct ns_members *m = &n->ix->ns[i];
	int err = -ENOENT;

	for (uint32_t k = 0; k < m->n && k < MAX_TRIES; k++) {
		int fd = open_link(n->c, &s->tasks[n->ix->members[m->begin + k]], nstypes[ns->type].name, ns->inum);

		if (fd >= 0)
			return fd;
		err = worse(err, fd);
	}
	return err;
}

static int open_by_holds(const struct nsfs *n, uint32_t i)
{
	const struct snap *s = n->c->snap;
	int err = -ENOENT;

	for (uint32_t k = n->ix->first_hold[i], tries = 0; k != IDMAP_NONE && tries < MAX_TRIES; k = n->ix->next_hold[k]) {
		int fd = open_hold(n, &s->holds[k]);

		if (fd >= 0)
			return fd;
		tries += fd != -EXDEV;
		err = worse(err, fd);
	}
	return err;
}

static int open_by_future(const struct nsfs *n, uint32_t i)
{
	const struct snap *s = n->c->snap;
	const struct snap_ns *ns = &s->namespaces[i];
	int which = ns->type == NS_PID ? 0 : 1, err = -ENOENT;

	if (!nstypes[ns->type].for_children)
		return err;
	for (uint32_t k = n->ix->first_future[which][i], tries = 0; k != IDMAP_NONE && tries < MAX_TRIES;
	     k = n->ix->next_future[which][k], tries++) {
		int fd = open_future(n->c, &s->tasks[k], ns->type, ns->inum);

		if (fd >= 0)
			return fd;
		err = worse(err, fd);
	}
	return err;
}

int nsfs_open(const struct nsfs *n, uint32_t i)
{
	int (*const ways[])(const struct nsfs *, uint32_t) = { open_by_members, open_by_holds, open_by_future };
	int err = open_handle(&n->c->snap->namespaces[i]);

	for (size_t k = 0; k < ARRAY_SIZE(ways) && err < 0 && i < n->n_indexed; k++) {
		int fd = ways[k](n, i);

		err = fd >= 0 ? fd : worse(err, fd);
	}
	return err;
}

int nsfs_enter(const struct nsfs *n, uint32_t i)
{
	CLEAN_FD int fd = nsfs_open(n, i);

	if (fd < 0)
		return fd;
	return setns(fd, (int)nstypes[n->c->snap->namespaces[i].type].clone_flag) ? -errno : 0;
}

struct visit {
	void (*visit)(void *arg);
	void *arg;
};

static void *run_visit(void *arg)
{
	const struct visit *v = arg;

	v->visit(v->arg);
	return NULL;
}

int nsfs_visit(void (*visit)(void *arg), void *arg)
{
	struct visit v = { visit, arg };
	pthread_t thread;
	int err = pthread_create(&thread, NULL, run_visit, &v);

	return err ? -err : -pthread_join(thread, NULL);
}

void nsfs_init(struct nsfs *n, struct collecting *c, const struct index *ix)
{
	CLEAN_FD int self = openat(c->proc_fd, "self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char path[32];
	struct stat st;

	*n = (struct nsfs){ .c = c, .ix = ix, .n_indexed = (uint32_t)c->snap->n_namespaces };
	for (enum nstype t = 0; t < NS_TYPES; t++) {
		snprintf(path, sizeof(path), "ns/%s", nstypes[t].name);
		n->own[t] = fstatat(self, path, &st, 0) ? 0 : (uint32_t)st.st_ino;
	}
}

/* --- parents and owners --------------------------------------------------------------------------------------------------- */

struct climb {
	struct nsfs n;
	struct snap *s;
	struct idmap added; /* ns_key -> index of those that the index does not have */
	uint8_t *done;      /* of those that it has */
};

static void describe(struct climb *w, uint32_t i, int fd);

static bool is_initial(const struct snap_ns *ns)
{
	return ns->inum == nstypes[ns->type].initial;
}

/* The namespace that an ioctl led to: its number, and its record if nobody lives in it and it has none yet. */
static uint32_t visit(struct climb *w, enum nstype type, int fd)
{
	uint32_t inum = nsfs_inum(fd), next = (uint32_t)w->s->n_namespaces;
	uint32_t i = index_ns(w->n.ix, type, inum);

	if (!inum)
		return 0;
	if (i == IDMAP_NONE) {
		i = idmap_add(&w->added, ns_key(type, inum), next);
		if (i != next)
			return inum;
		snap_add_ns(w->s, type, inum);
	}
	describe(w, i, fd);
	return inum;
}

/*
 * Ask for a parent or owner, which is of that type. EPERM: it lies outside of what our user namespace may see, or there is none
 * (ns_get_owner, kernel/user_namespace.c; pidns_get_parent, kernel/pid_namespace.c): only the initial ones have no parent.
 * ENOTTY: older than 4.9.
 */
static uint32_t relative(struct climb *w, uint32_t i, int fd, unsigned long request, enum nstype type)
{
	CLEAN_FD int other = ioctl(fd, request);
	const struct snap_ns *ns = &w->s->namespaces[i];

	if (other >= 0)
		return visit(w, type, other);
	if (errno == ENOTTY || (errno == EPERM && is_initial(ns) && type == ns->type))
		return 0;
	return (uint32_t)errno;
}

static bool is_described(const struct snap_ns *ns)
{
	bool parent = !nstypes[ns->type].hierarchical || ns->parent;

	return (ns->type == NS_USER && is_initial(ns)) || (ns->owner && (parent || is_initial(ns)));
}

/* Climbs by itself: the deepest nesting is 32 of PID and 32 of user namespaces. */
static void describe(struct climb *w, uint32_t i, int fd)
{
	enum nstype type = w->s->namespaces[i].type;
	uint32_t owner, parent = 0;
	uid_t uid;

	if (i < w->n.n_indexed) {
		if (w->done[i])
			return;
		w->done[i] = 1;
	}
	if (!w->s->namespaces[i].id)
		w->s->namespaces[i].id = nsfs_id(fd, type);
	if (is_described(&w->s->namespaces[i]) && w->s->namespaces[i].listed)
		return;
	owner = relative(w, i, fd, NSKIT_NS_GET_USERNS, NS_USER);
	if (type == NS_USER)
		parent = owner;
	else if (nstypes[type].hierarchical)
		parent = relative(w, i, fd, NSKIT_NS_GET_PARENT, type);

	struct snap_ns *ns = &w->s->namespaces[i]; /* only now: the array may have grown */

	ns->owner = owner;
	ns->parent = parent;
	if (type == NS_USER && !OPT_VALUE(ns->owner_uid))
		ns->owner_uid = ioctl(fd, NSKIT_NS_GET_OWNER_UID, &uid) ? -errno : (int64_t)uid;
}

static void mark_unopened(struct snap *s, struct snap_ns *ns, int err)
{
	if (proc_gone(err))
		return;
	ns->owner = (uint32_t)-err;
	if (nstypes[ns->type].hierarchical)
		ns->parent = ns->owner;
	if (ns->type == NS_USER)
		ns->owner_uid = err;
	snap_add_gap(s, "namespaces' owners", -err, err == -EXDEV ? "CAP_BPF and CAP_PERFMON" : "CAP_SYS_PTRACE");
}

/* Depth below the initial one, by the parents; their chain ends at the initial one or where we may not look. */
static int64_t level(struct climb *w, uint32_t i)
{
	struct snap_ns *ns = &w->s->namespaces[i];
	uint32_t parent;
	int64_t above;

	if (ns->level != OPT_NONE)
		return ns->level;
	if (is_initial(ns))
		return ns->level = 0;
	if (NSREF_DENIED(ns->parent))
		return ns->level = -(int64_t)ns->parent;
	if (!ns->parent)
		return OPT_NONE;
	parent = index_ns(w->n.ix, ns->type, ns->parent);
	if (parent == IDMAP_NONE)
		parent = idmap_get(&w->added, ns_key(ns->type, ns->parent));
	above = parent == IDMAP_NONE ? OPT_NONE : level(w, parent);
	return ns->level = OPT_VALUE(above) ? above + 1 : above;
}

void nsfs_details(struct collecting *c)
{
	struct climb w = { .s = c->snap };
	struct index ix;

	index_build(&ix, c->snap);
	nsfs_init(&w.n, c, &ix);
	w.done = xcalloc(w.n.n_indexed, 1);
	for (uint32_t i = 0; i < w.n.n_indexed; i++) {
		CLEAN_FD int fd = -1;

		if (w.done[i] || is_described(&w.s->namespaces[i]))
			continue;
		fd = nsfs_open(&w.n, i);
		if (fd >= 0)
			describe(&w, i, fd);
		else
			mark_unopened(w.s, &w.s->namespaces[i], fd);
	}
	for (uint32_t i = 0; i < w.s->n_namespaces; i++)
		if (nstypes[w.s->namespaces[i].type].hierarchical)
			level(&w, i);
	free(w.done);
	idmap_done(&w.added);
	index_done(&ix);
}
