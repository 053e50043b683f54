// SPDX-License-Identifier: GPL-2.0-or-later
/* What only some views show of a namespace, as far as the kernel's list did not tell it already. */
#include <fcntl.h>
#include <linux/net_namespace.h>
#include <sys/utsname.h>

#include "collect/nsfs.h"
#include "collect/proc.h"
#include "collect/shown.h"
#include "net/rtnl.h"

struct details {
	struct nsfs n;
	struct snap *s;
	struct proc_map map; /* large, so read into one place */
};

static const struct snap_task *member(const struct details *d, uint32_t ns, uint32_t k)
{
	const struct ns_members *m = &d->n.ix->ns[ns];

	return k < m->n ? &d->s->tasks[d->n.ix->members[m->begin + k]] : NULL;
}

/*
 * A file of a task, if the task still is in the namespace: asked after reading, for what was read while it was there stays true.
 * A dead leader keeps the files of its user and PID namespace. Length or -errno.
 */
static ssize_t read_of_member(struct details *d, const struct snap_task *t, const char *file, const char *link, uint32_t inum,
			      char **text)
{
	char path[NUMBER_SIZE + 1];
	ssize_t n;

	snprintf(path, sizeof(path), "%u", t->tid); /* a thread's directory is there, though not listed, and has timens_offsets */

	CLEAN_FD int dirfd = openat(d->n.c->proc_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char is[64] = "", want[64];

	if (dirfd < 0)
		return -errno;
	n = read_file_at(dirfd, file, 0, 1 << 20, text);
	snprintf(want, sizeof(want), "[%u]", inum);
	if (n >= 0 && (readlinkat(dirfd, link, is, sizeof(is) - 1) < 0 || !strstr(is, want))) {
		free(*text);
		*text = NULL;
		return -ESRCH;
	}
	return n;
}

/* --- uid and gid maps -------------------------------------------------------------------------------------------------- */

enum { MAX_TRIES = 8 };

static const struct snap_map *read_map(struct details *d, uint32_t ns, const char *file, uint32_t *n_out)
{
	uint32_t inum = d->s->namespaces[ns].inum;
	const struct snap_task *t;
	struct snap_map *map;
	ssize_t n = -ENOENT;

	for (uint32_t k = 0; k < MAX_TRIES && (t = member(d, ns, k)); k++) {
		CLEAN_MEM char *text = NULL;

		n = read_of_member(d, t, file, "ns/user", inum, &text);
		if (n < 0 || proc_parse_map(text, (size_t)n, &d->map))
			continue;
		map = arena_alloc(&d->s->arena, MAX(d->map.n, 1u) * sizeof(*map));
		memcpy(map, d->map.lines, d->map.n * sizeof(*map));
		*n_out = d->map.n;
		return map;
	}
	if (n < 0 && !proc_gone((int)n))
		snap_add_gap(d->s, "user namespaces' maps", (int)-n, NULL);
	return NULL;
}

static void read_maps(struct details *d, uint32_t i)
{
	struct snap_ns *ns = &d->s->namespaces[i];

	if (ns->uid_map && ns->gid_map)
		return;
	if (!d->n.ix->ns[i].n) { /* only the kernel's list tells of one that nobody is in */
		snap_add_gap(d->s, "user namespaces' maps", ENODATA, "CAP_BPF and CAP_PERFMON");
		return;
	}
	if (!ns->uid_map)
		ns->uid_map = read_map(d, i, "uid_map", &ns->n_uid_map);
	if (!ns->gid_map)
		ns->gid_map = read_map(d, i, "gid_map", &ns->n_gid_map);
}

/* --- clock offsets -------------------------------------------------------------------------------------------------------- */

static bool read_offsets_of(struct details *d, struct snap_ns *ns, const struct snap_task *t)
{
	CLEAN_MEM char *text = NULL;
	struct proc_timens o;
	ssize_t n = read_of_member(d, t, "timens_offsets", "ns/time_for_children", ns->inum, &text);

	if (n < 0 || proc_parse_timens(text, (size_t)n, &o))
		return false;
	ns->monotonic = snap_offset(d->s, o.monotonic_sec, o.monotonic_nsec);
	ns->boottime = snap_offset(d->s, o.boottime_sec, o.boottime_nsec);
	return true;
}

/*
 * timens_offsets is about the namespace of the task's children (proc_timens_show_offsets, kernel/time/namespace.c): of its own only
 * where both are one.
 */
static void read_offsets(struct details *d, uint32_t i)
{
	struct snap_ns *ns = &d->s->namespaces[i];
	const struct index *ix = d->n.ix;
	const struct snap_task *t;
	uint32_t tries = 0;

	if (ns->monotonic)
		return;
	for (uint32_t k = 0; tries < MAX_TRIES && (t = member(d, i, k)); k++)
		if (!t->time_for_children) {
			if (read_offsets_of(d, ns, t))
				return;
			tries++;
		}
	for (uint32_t k = ix->first_future[1][i]; k != IDMAP_NONE && tries < 2 * MAX_TRIES; k = ix->next_future[1][k], tries++)
		if (read_offsets_of(d, ns, &d->s->tasks[k]))
			return;
	if (!tries) /* nobody's children will be in it: no file tells */
		snap_add_gap(d->s, "time namespaces' offsets", ENODATA, "CAP_BPF and CAP_PERFMON");
}

/* --- host names --------------------------------------------------------------------------------------------------------------- */

static bool needs_hostname(const struct snap_ns *ns)
{
	return ns->type == NS_UTS && !ns->hostname;
}

static int read_hostname(struct details *d, uint32_t i)
{
	struct snap_ns *ns = &d->s->namespaces[i];
	int err = nsfs_enter(&d->n, i);
	struct utsname uts;

	if (err)
		return err;
	if (uname(&uts))
		return -errno;
	ns->hostname = arena_strdup(&d->s->arena, uts.nodename);
	ns->domainname = arena_strdup(&d->s->arena, uts.domainname);
	return 0;
}

/* It takes no capability, while setns() to where one is does. */
static void take_own_hostname(struct details *d)
{
	struct snap_ns *ns = snap_find_ns(d->s, NS_UTS, d->n.own[NS_UTS]);
	struct utsname uts;

	if (!ns || ns->hostname || uname(&uts))
		return;
	ns->hostname = arena_strdup(&d->s->arena, uts.nodename);
	ns->domainname = arena_strdup(&d->s->arena, uts.domainname);
}

/* In a thread of its own: it ends in some stranger's UTS namespace, and nobody else with it. */
static void visit_hostnames(void *arg)
{
	struct details *d = arg;

	take_own_hostname(d);
	for (uint32_t i = 0; i < d->n.n_indexed; i++) {
		int err = needs_hostname(&d->s->namespaces[i]) ? read_hostname(d, i) : 0;

		if (err && !proc_gone(err))
			snap_add_gap(d->s, "host names", -err, "CAP_SYS_ADMIN");
	}
}

static void read_hostnames(struct details *d)
{
	bool any = false;
	int err;

	for (uint32_t i = 0; i < d->n.n_indexed && !any; i++)
		any = needs_hostname(&d->s->namespaces[i]);
	if (!any)
		return;
	err = nsfs_visit(visit_hostnames, d);
	if (err)
		snap_add_gap(d->s, "host names", -err, NULL);
}

void details_read(struct collecting *c)
{
	CLEAN_MEM struct details *d = xcalloc(1, sizeof(*d));
	struct index ix;

	index_build(&ix, c->snap);
	nsfs_init(&d->n, c, &ix);
	d->s = c->snap;
	for (uint32_t i = 0; i < d->n.n_indexed; i++) {
		if (d->s->namespaces[i].type == NS_USER)
			read_maps(d, i);
		else if (d->s->namespaces[i].type == NS_TIME)
			read_offsets(d, i);
	}
	read_hostnames(d);
	index_done(&ix);
}

/* --- ids of network namespaces ---------------------------------------------------------------------------------------------------- */

static void read_nsid(const struct nsfs *n, struct nl *nl, uint32_t i)
{
	struct snap *s = n->c->snap;
	CLEAN_FD int fd = nsfs_open(n, i);
	int32_t nsid = NETNSA_NSID_NOT_ASSIGNED;
	int err = fd < 0 ? fd : rtnl_ask_nsid(nl, fd, &nsid);

	if (proc_gone(err))
		return;
	if (err) {
		s->namespaces[i].netnsid = err;
		snap_add_gap(s, "network namespaces' ids", -err, fd == -EXDEV ? "CAP_BPF and CAP_PERFMON" : "CAP_SYS_ADMIN");
	} else if (nsid == NETNSA_NSID_NOT_ASSIGNED) {
		s->namespaces[i].netnsid_unassigned = true;
	} else {
		s->namespaces[i].netnsid = nsid;
	}
}

void netnsids_read(struct collecting *c)
{
	struct nl nl = { 0 };
	int err = nl_open(&nl, NETLINK_ROUTE);
	struct nsfs n;
	struct index ix;

	if (err) {
		snap_add_gap(c->snap, "network namespaces' ids", -err, NULL);
		return;
	}
	index_build(&ix, c->snap);
	nsfs_init(&n, c, &ix);
	for (uint32_t i = 0; i < n.n_indexed; i++)
		if (c->snap->namespaces[i].type == NS_NET)
			read_nsid(&n, &nl, i);
	index_done(&ix);
	nl_close(&nl);
}

void shown_maps(struct collecting *c, const uint8_t *which)
{
	struct details d = { .s = c->snap };
	struct idmap seen = { 0 };
	struct index ix;

	index_build(&ix, c->snap);
	nsfs_init(&d.n, c, &ix);
	for (uint32_t i = 0; i < d.s->n_tasks; i++) {
		uint32_t ns = is_shown(which, i) ? index_ns(&ix, NS_USER, d.s->tasks[i].ns[NS_USER]) : IDMAP_NONE;

		if (ns != IDMAP_NONE && idmap_add(&seen, ns, i) == i)
			read_maps(&d, ns);
	}
	idmap_done(&seen);
	index_done(&ix);
}
