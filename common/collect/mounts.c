// SPDX-License-Identifier: GPL-2.0-or-later
/* Namespaces that are mounted somewhere: by statmount(2) and listmount(2) of each mount namespace (6.11), else by mountinfo. */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "collect/mounts.h"
#include "collect/proc.h"

/* Those of the mount namespace at hand, each once: (namespace, mount point). */
struct nsfs_mounts {
	struct mounts m;
	struct idmap seen;
};

/*
 * A nsfs mount. `ip netns add` mounts over its own directory, so that the same place often comes twice. root is "net:[4026532180]"
 * and terminated. (Should the hashes of two mount points collide, a namespace loses one line of its keepers.)
 */
static void add_mount(struct mounts *m, const char *root, const char *point, size_t len)
{
	struct nsfs_mounts *x = m->arg;
	enum nstype type;
	uint32_t inum, next = (uint32_t)m->s->n_holds;

	if (nstype_parse_link(root, &type, &inum))
		return;
	if (idmap_add(&x->seen, bytes_key(point, len) ^ ns_key(type, inum), next) != next)
		return;

	struct snap_hold *h = ARRAY_ADD(m->s, holds);

	*h = (struct snap_hold){
		.kind = HOLD_MOUNT,
		.type = (uint8_t)type,
		.inum = inum,
		.pid = m->pid,
		.fd = OPT_NONE,
		.mntns = m->mntns,
		.path = arena_strndup(&m->s->arena, point, len),
	};
}

/* --- statmount --------------------------------------------------------------------------------------------------------------- */

int mounts_ask(struct mounts *m, uint64_t mnt, uint64_t ns, uint64_t mask)
{
	struct nskit_mnt_id_req req = { .size = ns ? REQ_SIZE_ANY : REQ_SIZE_OWN, .mnt_id = mnt, .param = mask, .mnt_ns_id = ns };

	for (;;) {
		if (!syscall(SYS_statmount, &req, m->sm, m->sm_size, 0))
			return 0;
		if (errno != EOVERFLOW || m->sm_size > 1 << 20)
			return -errno;
		m->sm_size *= 2;
		m->sm = xrealloc(m->sm, m->sm_size);
	}
}

static void look_at_mount(struct mounts *m, uint64_t mnt, uint64_t ns)
{
	const char *root, *point;

	if (mounts_ask(m, mnt, ns, MASK_SB_BASIC) || m->sm->sb_magic != NSKIT_NSFS_MAGIC)
		return;
	if (mounts_ask(m, mnt, ns, MASK_MNT_ROOT | MASK_MNT_POINT) || !(m->sm->mask & MASK_MNT_ROOT))
		return;
	root = m->sm->str + m->sm->mnt_root;
	point = m->sm->mask & MASK_MNT_POINT ? m->sm->str + m->sm->mnt_point : "";
	add_mount(m, root, point, strlen(point));
}

/* ns 0: our own. */
static int scan_statmount(struct mounts *m, uint64_t ns)
{
	struct nskit_mnt_id_req req = { .size = ns ? REQ_SIZE_ANY : REQ_SIZE_OWN, .mnt_id = UINT64_MAX, .mnt_ns_id = ns };
	uint64_t ids[512];
	long n;

	m->begin(m);
	do {
		n = syscall(SYS_listmount, &req, ids, ARRAY_SIZE(ids), 0);
		if (n < 0)
			return -errno;
		for (long i = 0; i < n; i++)
			m->take_id(m, ids[i], ns);
		if (n)
			req.param = ids[n - 1];
	} while (n == ARRAY_SIZE(ids));
	return 0;
}

/* --- mountinfo ------------------------------------------------------------------------------------------------------------------ */

static void add_line(struct mounts *m, struct slice line)
{
	struct proc_mount pm;
	char root[64], point[4096 + 1];
	size_t len;

	if (proc_parse_mount(line.at, line.len, &pm) || pm.type.len != 4 || memcmp(pm.type.at, "nsfs", 4))
		return;
	if (pm.root.len >= sizeof(root) || pm.point.len >= sizeof(point))
		return;
	memcpy(root, pm.root.at, pm.root.len);
	root[pm.root.len] = '\0';
	len = proc_unescape(pm.point, point);
	add_mount(m, root, point, len);
}

static int scan_mountinfo(struct mounts *m, const char *path)
{
	CLEAN_MEM char *buf = NULL;
	ssize_t n = read_file_at(m->n.c->proc_fd, path, 0, 64 << 20, &buf);
	struct slice text = { buf, n > 0 ? (size_t)n : 0 }, line;

	m->begin(m);
	while (proc_next_line(&text, &line))
		m->take_line(m, line);
	return n < 0 ? (int)n : 0;
}

/* It takes no right over the process (mountinfo_open, fs/proc_namespace.c: only that it is not a zombie). */
static int scan_member(struct mounts *m, uint32_t ns)
{
	const struct ns_members *members = &m->n.ix->ns[ns];
	char path[64];
	int err = -ENOENT;

	for (uint32_t i = 0; i < members->n && i < 8 && err; i++) {
		const struct snap_task *t = &m->s->tasks[m->n.ix->members[members->begin + i]];

		snprintf(path, sizeof(path), "%u/task/%u/mountinfo", t->pid, t->tid);
		m->pid = t->pid;
		err = scan_mountinfo(m, path);
	}
	return err;
}

/* --- all of them ------------------------------------------------------------------------------------------------------------------ */

/* The id by which the system calls name a mount namespace, or 0: ours, or unknown. */
static uint64_t mntns_id(struct mounts *m, uint32_t ns)
{
	struct snap_ns *rec = &m->s->namespaces[ns];
	CLEAN_FD int fd = rec->id ? -1 : nsfs_open(&m->n, ns);

	if (fd >= 0)
		rec->id = nsfs_id(fd, NS_MNT);
	return rec->id;
}

int mounts_walk_ids(struct mounts *m, uint32_t ns)
{
	bool own = m->s->namespaces[ns].inum == m->n.own[NS_MNT];
	uint64_t id = own || m->no_statmount ? 0 : mntns_id(m, ns);
	int err = m->no_statmount || (!own && !id) ? -ENOSYS : scan_statmount(m, own ? 0 : id);

	if (err == -ENOSYS && (own || id))
		m->no_statmount = true;
	return err;
}

int mounts_walk(struct mounts *m, uint32_t ns)
{
	const struct ns_members *members = &m->n.ix->ns[ns];
	bool own = m->s->namespaces[ns].inum == m->n.own[NS_MNT];
	int err = -ENOSYS;

	m->mntns = m->s->namespaces[ns].inum;
	m->pid = members->n ? m->s->tasks[m->n.ix->members[members->begin]].pid : 0;
	if (!m->files_first || !members->n)
		err = mounts_walk_ids(m, ns);
	if (err && (own || members->n))
		err = own ? scan_mountinfo(m, "self/mountinfo") : scan_member(m, ns);
	return err == -EINVAL ? -ESRCH : err; /* a zombie's */
}

void mounts_init(struct mounts *m, struct collecting *c, const struct index *ix)
{
	m->s = c->snap;
	m->sm_size = 4096;
	m->sm = xrealloc(NULL, m->sm_size);
	nsfs_init(&m->n, c, ix);
}

void mounts_done(struct mounts *m)
{
	free(m->sm);
}

static void forget_seen(struct mounts *m)
{
	struct nsfs_mounts *x = m->arg;

	idmap_done(&x->seen);
}

void mounts_holds(struct collecting *c, bool own_only)
{
	struct nsfs_mounts x = { .m = { .take_id = look_at_mount, .take_line = add_line, .begin = forget_seen, .arg = &x } };
	struct mounts *m = &x.m;
	struct index ix;

	index_build(&ix, c->snap);
	mounts_init(m, c, &ix);
	for (uint32_t i = 0; i < m->n.n_indexed; i++) {
		const struct snap_ns *ns = &m->s->namespaces[i];
		int err = ns->type == NS_MNT && (!own_only || ns->inum == m->n.own[NS_MNT]) ? mounts_walk(m, i) : 0;

		if (err && !proc_gone(err) && err != -ENOSYS)
			snap_add_gap(m->s, "mount namespaces' mounts", -err, "CAP_SYS_ADMIN");
	}
	mounts_done(m);
	idmap_done(&x.seen);
	index_done(&ix);
}

/* --- mount namespaces without a process ----------------------------------------------------------------------------------------------- */

static int walk(struct snap *s, int start, unsigned long request)
{
	CLEAN_FD int at = fcntl(start, F_DUPFD_CLOEXEC, 0);

	while (at >= 0) {
		struct nskit_mnt_ns_info info = { .size = sizeof(info) };
		int next = ioctl(at, request, &info);
		struct snap_ns *ns;

		if (next < 0)
			return errno == ENOENT ? 0 : -errno;
		close(at);
		at = next;
		ns = snap_add_ns(s, NS_MNT, nsfs_inum(at));
		ns->id = info.mnt_ns_id;
		ns->listed = true;
	}
	return -errno;
}

int mounts_list_namespaces(struct collecting *c)
{
	CLEAN_FD int own = openat(c->proc_fd, "self/ns/mnt", O_RDONLY | O_CLOEXEC);
	int err;

	if (own < 0)
		return -errno;
	err = walk(c->snap, own, NSKIT_NS_MNT_GET_NEXT);
	return err ? err : walk(c->snap, own, NSKIT_NS_MNT_GET_PREV);
}
