// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>

#include "view/nsrow.h"

/* --- how nested values look in a cell ------------------------------------------------------------------------------ */

static void container_text(const void *rec, char *buf, size_t size)
{
	const struct nsrow *r = rec;
	const struct snap_container *c = r->container;

	if (!c)
		*buf = '\0';
	else if (r->containers > 1)
		snprintf(buf, size, "%s +%u", c->name ? c->name : c->id, r->containers - 1);
	else if (c->name)
		snprintf(buf, size, "%s", c->name);
	else
		snprintf(buf, size, "%.12s", c->id);
}

static void map_text(const struct snap_map *map, uint32_t n, char *buf, size_t size)
{
	size_t len = 0;

	*buf = '\0';
	for (uint32_t i = 0; i < n && len < size; i++)
		len += (size_t)snprintf(buf + len, size - len, "%s%u:%u:%u", i ? "," : "", map[i].inside, map[i].outside,
					map[i].count);
}

static void uidmap_text(const void *rec, char *buf, size_t size)
{
	const struct nsrow *r = rec;

	map_text(r->uidmap, r->n_uidmap, buf, size);
}

static void gidmap_text(const void *rec, char *buf, size_t size)
{
	const struct nsrow *r = rec;

	map_text(r->gidmap, r->n_gidmap, buf, size);
}

static void offsets_text(const void *rec, char *buf, size_t size)
{
	const struct nsrow *r = rec;

	*buf = '\0';
	if (r->offsets)
		snprintf(buf, size, "monotonic %s, boottime %s", r->offsets->monotonic, r->offsets->boottime);
}

size_t keeper_words(const struct keeper *k, char *buf, size_t size)
{
	const char *comm = k->comm ? k->comm : "pid";
	int n = 0;

	switch ((enum keep_kind)k->kind) {
	case KEEP_PROCESS:
		n = snprintf(buf, size, "%s %" PRId64, comm, k->pid);
		break;
	case KEEP_THREAD:
		n = snprintf(buf, size, "thread %" PRId64 " (%s) of %" PRId64, k->tid, comm, k->pid);
		break;
	case KEEP_FOR_CHILDREN:
		n = snprintf(buf, size, "future children of %s %" PRId64, comm, k->pid);
		break;
	case KEEP_FD:
		n = snprintf(buf, size, "fd %" PRId64 " of %s %" PRId64, k->fd, comm, k->pid);
		break;
	case KEEP_SOCKET:
		n = snprintf(buf, size, "a socket of %s %" PRId64 ", fd %" PRId64, comm, k->pid, k->fd);
		break;
	case KEEP_MOUNT:
		n = snprintf(buf, size, "mount %s", k->path ? k->path : "?");
		break;
	case KEEP_CHILD:
		n = snprintf(buf, size, "its child %s:[%u]", k->ns_type, k->ns);
		break;
	case KEEP_OWNED:
		n = snprintf(buf, size, "%s:[%u], which it owns", k->ns_type, k->ns);
		break;
	case KEEP_HIDDEN:
		n = snprintf(buf, size, "nothing that can be seen");
		break;
	}
	return (size_t)MAX(n, 0);
}

enum { MAX_WORDS = 3 }; /* keepers of a kind that a cell names before it only counts them */

/* A mount that shows up in several mount namespaces (/run/netns is shared) is said once. */
static bool said_before(const struct keeper *k, const size_t *said, size_t n_said, size_t i)
{
	for (size_t j = 0; j < n_said; j++)
		if (k[i].kind == KEEP_MOUNT && k[i].path && k[said[j]].path && !strcmp(k[i].path, k[said[j]].path))
			return true;
	return false;
}

/* The keepers in words; of a crowd of one kind the first few, and how many more. */
static size_t keepers_words(const struct keeper *k, size_t n, char *buf, size_t size)
{
	size_t len = 0, said[MAX_WORDS], n_said = 0;

	*buf = '\0';
	for (size_t i = 0, first = 0; i < n && len < size; i++) {
		if (k[i].kind != k[first].kind) {
			first = i;
			n_said = 0;
		}
		if (said_before(k, said, n_said, i))
			continue;
		if (n_said == MAX_WORDS) {
			while (i + 1 < n && k[i + 1].kind == k[first].kind)
				i++;
			len += (size_t)snprintf(buf + len, size - len, " and %zu more", i + 1 - first - n_said);
		} else {
			len += len ? (size_t)snprintf(buf + len, size - len, ", ") : 0;
			if (len < size)
				len += keeper_words(&k[i], buf + len, size - len);
			said[n_said++] = i;
		}
	}
	return len;
}

static void keepers_text(const void *rec, char *buf, size_t size)
{
	const struct nsrow *r = rec;

	keepers_words(r->keepers, r->n_keepers, buf, size);
}

static size_t sharer_words(const struct sharer *x, char *buf, size_t size)
{
	int n;

	if (x->host || x->pid == 1)
		n = snprintf(buf, size, "%s", x->comm ? x->comm : "host");
	else if (x->container)
		n = snprintf(buf, size, x->container->name ? "%s%s" : "%.12s%s",
			     x->container->name ? x->container->name : x->container->id, x->same_pod ? " (same pod)" : "");
	else
		n = snprintf(buf, size, "%s %" PRId64, x->comm ? x->comm : "pid", x->pid);
	return (size_t)MAX(n, 0);
}

static void shared_text(const void *rec, char *buf, size_t size)
{
	const struct nsrow *r = rec;
	size_t len = 0;

	*buf = '\0';
	for (uint32_t i = 0; i < r->n_shared && len < size; i++) {
		if (i == MAX_WORDS * 2 && r->n_shared > i + 1) {
			snprintf(buf + len, size - len, " and %u more", r->n_shared - i);
			return;
		}
		if (i)
			len += (size_t)snprintf(buf + len, size - len, ", ");
		if (len < size)
			len += sharer_words(&r->shared[i], buf + len, size - len);
	}
}

static void inside_text(const void *rec, char *buf, size_t size)
{
	const struct nsrow *r = rec;

	*buf = '\0';
	if (r->inside)
		inside_words(r->inside, buf, size);
}

/* --- the columns ----------------------------------------------------------------------------------------------------- */

#define F(member, ...) FIELD(nsrow, member, __VA_ARGS__)
#define N(member) COUNTED(nsrow, member)

static const struct field offsets_fields[] = {
	{ .name = "monotonic",
	  .kind = F_STR,
	  .off = offsetof(struct ns_offsets, monotonic),
	  HELP("of CLOCK_MONOTONIC, in seconds") },
	{ .name = "boottime", .kind = F_STR, .off = offsetof(struct ns_offsets, boottime), HELP("of CLOCK_BOOTTIME, in seconds") },
};
static DESC(offsets_desc, "offsets", struct ns_offsets, "clock offsets of a time namespace", offsets_fields);

#define S(member, knd, ...) \
	{ \
		.name = #member, .kind = knd, .off = offsetof(struct sharer, member), __VA_ARGS__ \
	}
static const struct field sharer_fields[] = {
	S(host, F_BOOL, HELP("it is the host's own")),
	S(container, F_REC, .rec = &snap_container_desc, HELP("container")),
	S(same_pod, F_BOOL, HELP("of the same Kubernetes pod")),
	S(pid, F_OPT, .flags = FF_OMIT, HELP("process of no container")),
	S(comm, F_STR, .flags = FF_OMIT, HELP("its name")),
};
static DESC(sharer_desc, "sharer", struct sharer, "who else is in a namespace", sharer_fields);

/* lsns's thirteen first, in its order and with its words. */
static const struct field nsrow_fields[] = {
	F(ns, F_U32, HELP("namespace identifier (inode number)")),
	F(type, F_STR, HELP("kind of namespace")),
	F(path, F_STR, .want = WANT_MOUNTED, HELP("path to the namespace")),
	F(nprocs, F_U32, HELP("number of processes in the namespace")),
	F(pid, F_OPT, HELP("lowest PID in the namespace")),
	F(ppid, F_OPT, HELP("PPID of the PID")),
	F(command, F_STR, .flags = FF_CUT, .want = WANT_COMMAND, HELP("command line of the PID")),
	F(uid, F_OPT, HELP("UID of the PID")),
	F(user, F_STR, .want = WANT_USERS, HELP("username of the PID")),
	F(netnsid, F_STR, .want = WANT_NETNSID, HELP("namespace ID as used by network subsystem")),
	F(nsfs, F_STRS, N(nsfs), .flags = FF_CUT, .want = WANT_MOUNTED, HELP("nsfs mountpoint (usually used network subsystem)")),
	F(pns, F_NSREF, .flags = FF_ZERO, .want = WANT_NS, HELP("parent namespace identifier (inode number)")),
	F(ons, F_NSREF, .flags = FF_ZERO, .want = WANT_NS, HELP("owner namespace identifier (inode number)")),
	F(nthreads, F_U32, HELP("number of threads in the namespace")),
	F(container, F_REC, .rec = &snap_container_desc, .text = container_text, .want = WANT_CONTAINERS,
	  HELP("container of the PID")),
	F(initial, F_BOOL, HELP("whether it is the host's")),
	F(level, F_OPT, .want = WANT_NS, HELP("depth below the host's (pid, user)")),
	F(id, F_ID64, .want = WANT_NS, HELP("the kernel's unique namespace id (6.18)")),
	F(hostname, F_STR, .want = WANT_DETAILS, HELP("host name (uts)")),
	F(domainname, F_STR, .want = WANT_DETAILS, HELP("domain name (uts)")),
	F(offsets, F_REC, .rec = &offsets_desc, .text = offsets_text, .want = WANT_DETAILS, HELP("clock offsets (time)")),
	F(uidmap, F_RECS, N(uidmap), .rec = &snap_map_desc, .text = uidmap_text, .want = WANT_DETAILS,
	  HELP("user ids, inside:outside:count (user)")),
	F(gidmap, F_RECS, N(gidmap), .rec = &snap_map_desc, .text = gidmap_text, .want = WANT_DETAILS,
	  HELP("group ids, inside:outside:count (user)")),
	F(keepers, F_RECS, N(keepers), .flags = FF_CUT | FF_EXTRA, .rec = &keeper_desc, .text = keepers_text,
	  .want = WANT_KEEPERS | WANT_ALL_KEEPERS | WANT_NS | WANT_CONTAINERS, HELP("all that keeps the namespace alive")),
	F(inside, F_REC, .flags = FF_CUT | FF_EXTRA, .rec = &inside_desc, .text = inside_text,
	  .want = INSIDE_WANTS | WANT_DETAILS | WANT_NS | WANT_USERS, HELP("what it isolates")),
	F(shared, F_RECS, N(shared), .flags = FF_CUT | FF_EXTRA, .rec = &sharer_desc, .text = shared_text, .want = WANT_CONTAINERS,
	  HELP("who else is in it, seen from the target")),
};
DESC(nsrow_desc, "namespace", struct nsrow, "a namespace", nsrow_fields);

/* --- filling ----------------------------------------------------------------------------------------------------------- */

void nsrows_init(struct nsrows *r, const struct index *ix)
{
	*r = (struct nsrows){ .ix = ix };
}

void nsrows_done(struct nsrows *r)
{
	for (size_t i = 0; i < r->n_items; i++) {
		free((void *)r->items[i].keepers);
		free((void *)r->items[i].shared);
	}
	free(r->items);
	arena_done(&r->arena);
}

static void fill_process(struct nsrows *r, struct nsrow *row, const struct snap_task *t)
{
	const char *user = index_user(r->ix, t->uid);

	row->pid = t->pid;
	row->ppid = t->ppid;
	row->uid = t->uid;
	row->user = user ? user : arena_printf(&r->arena, "%u", t->uid);
	row->command = t->command ? t->command : t->comm;
	row->path = arena_printf(&r->arena, "%s/%u/ns/%s", r->ix->snap->head.proc, t->pid, row->type);
}

static bool is_ours(const struct nsrows *r, const struct snap_hold *h)
{
	return h->kind == HOLD_MOUNT && h->path && h->mntns == r->ix->snap->head.own_mntns;
}

static void fill_mounts(struct nsrows *r, struct nsrow *row, uint32_t ns)
{
	const struct index *ix = r->ix;
	uint32_t n = 0;

	for (uint32_t i = ix->first_hold[ns]; i != IDMAP_NONE; i = ix->next_hold[i])
		n += is_ours(r, &ix->snap->holds[i]);
	if (!n)
		return;

	const char **paths = arena_alloc(&r->arena, n * sizeof(*paths));
	struct idmap seen = { 0 }; /* one mount may lie on top of another at the same path */

	row->nsfs = paths;
	for (uint32_t i = ix->first_hold[ns]; i != IDMAP_NONE; i = ix->next_hold[i]) {
		const struct snap_hold *h = &ix->snap->holds[i];

		if (is_ours(r, h) && idmap_add(&seen, text_key(h->path), i) == i)
			paths[row->n_nsfs++] = h->path;
	}
	idmap_done(&seen);
}

/* Where a namespace without a process can be opened: its mount, else somebody's fd of it. */
static const char *path_of_hold(struct nsrows *r, const struct nsrow *row, uint32_t ns)
{
	const struct index *ix = r->ix;
	const struct ns_members *m = &ix->ns[ns];

	if (m->n) /* only threads are in it: their directories are there, though readdir hides them */
		return arena_printf(&r->arena, "%s/%u/ns/%s", ix->snap->head.proc, ix->snap->tasks[ix->members[m->begin]].tid,
				    row->type);
	if (row->n_nsfs)
		return row->nsfs[0];
	for (uint32_t i = ix->first_hold[ns]; i != IDMAP_NONE; i = ix->next_hold[i]) {
		const struct snap_hold *h = &ix->snap->holds[i];

		if (h->kind == HOLD_FD && h->pid)
			return arena_printf(&r->arena, "%s/%u/fd/%lld", ix->snap->head.proc, h->pid, (long long)h->fd);
	}
	return NULL;
}

static void fill_own(struct nsrows *r, struct nsrow *row, const struct snap_ns *x)
{
	row->pns = nstypes[x->type].hierarchical ? x->parent : 0;
	row->ons = x->owner;
	row->level = x->level;
	row->id = x->id;
	row->hostname = x->hostname;
	row->domainname = x->domainname;
	row->uidmap = x->uid_map;
	row->n_uidmap = x->n_uid_map;
	row->gidmap = x->gid_map;
	row->n_gidmap = x->n_gid_map;
	if (x->netnsid_unassigned)
		row->netnsid = "unassigned";
	else if (OPT_DENIED(x->netnsid))
		row->netnsid = "?";
	else if (OPT_VALUE(x->netnsid))
		row->netnsid = arena_printf(&r->arena, "%lld", (long long)x->netnsid);
	if (x->monotonic) {
		struct ns_offsets *o = arena_alloc(&r->arena, sizeof(*o));

		*o = (struct ns_offsets){ x->monotonic, x->boottime };
		row->offsets = o;
	}
}

static const char *kept_by(struct nsrows *r, uint32_t ns)
{
	struct keeper *keepers;
	size_t n = index_keepers(r->ix, ns, &keepers);
	char buf[512];

	keepers_words(keepers, n, buf, sizeof(buf));
	free(keepers);
	return arena_printf(&r->arena, "(kept by %s)", buf);
}

struct sharers {
	struct sharer *items;
	size_t n_items, cap_items;
};

static bool same_pod(const struct target *t, const struct snap_container *c)
{
	const char *pod = t->container ? t->container->pod : t->pod;
	const char *pod_ns = t->container ? t->container->pod_namespace : t->pod_namespace;

	return pod && c->pod && !strcmp(pod, c->pod) && pod_ns && c->pod_namespace && !strcmp(pod_ns, c->pod_namespace);
}

/* A container is named once however many of its processes are in there; the host's own namespaces are simply the host's. */
static void fill_shared(struct nsrows *r, struct nsrow *row)
{
	const struct index *ix = r->ix;
	const struct ns_members *m = &ix->ns[row->index];
	struct sharers list = { 0 };
	struct idmap seen = { 0 };

	if (row->initial) {
		*ARRAY_ADD(&list, items) = (struct sharer){
			.host = ix->snap->head.initial_view,
			.pid = ix->snap->head.initial_view ? OPT_NONE : 1,
			.comm = ix->snap->head.initial_view ? NULL : "PID 1 of this view",
		};
		goto out;
	}
	for (uint32_t i = m->begin; i < m->begin + m->n; i++) {
		const struct snap_task *t = &ix->snap->tasks[ix->members[i]];
		const struct snap_container *c = index_container(ix, t->container);
		uint64_t key = c ? (uint64_t)(c - ix->snap->containers) << 32 | 1u << 31 : t->pid;

		if (target_has_task(ix, r->target, ix->members[i]) || idmap_add(&seen, key, i) != i)
			continue;
		*ARRAY_ADD(&list, items) = (struct sharer){
			.container = c,
			.same_pod = c && same_pod(r->target, c),
			.pid = c ? OPT_NONE : t->pid,
			.comm = c ? NULL : t->comm,
		};
	}
	idmap_done(&seen);
out:
	row->shared = list.items;
	row->n_shared = (uint32_t)list.n_items;
}

static struct nsrow *add_row(struct nsrows *r, uint32_t ns)
{
	const struct snap_ns *x = &r->ix->snap->namespaces[ns];
	const struct ns_members *m = &r->ix->ns[ns];
	struct nsrow *row = ARRAY_ADD(r, items);

	row->index = ns;
	row->ns = x->inum;
	row->type = nstypes[x->type].name;
	row->nprocs = m->nprocs;
	row->nthreads = m->nthreads;
	row->pid = row->ppid = row->uid = OPT_NONE;
	row->initial = index_is_initial(r->ix, ns);
	fill_own(r, row, x);
	fill_mounts(r, row, ns);
	if (r->keepers) {
		struct keeper *keepers;

		row->n_keepers = (uint32_t)index_keepers(r->ix, ns, &keepers);
		row->keepers = keepers;
	}
	if (r->inside) {
		struct inside *in = arena_alloc(&r->arena, sizeof(*in));

		inside_fill(in, r->ix, ns, &r->arena);
		row->inside = in;
	}
	if (r->target)
		fill_shared(r, row);
	return row;
}

void nsrows_add(struct nsrows *r, uint32_t ns)
{
	const struct ns_members *m = &r->ix->ns[ns];
	struct nsrow *row = add_row(r, ns);
	uint32_t more = 0;

	row->container = index_ns_container(r->ix, ns, &more);
	row->containers = row->container ? more + 1 : 0;
	if (m->first != IDMAP_NONE) {
		fill_process(r, row, &r->ix->snap->tasks[m->first]);
		return;
	}
	row->path = path_of_hold(r, row, ns);
	if (r->explain)
		row->command = kept_by(r, ns);
}

void nsrows_add_process(struct nsrows *r, uint32_t ns, uint32_t task)
{
	const struct snap_task *t = &r->ix->snap->tasks[task];
	struct nsrow *row = add_row(r, ns);

	row->container = index_container(r->ix, t->container);
	row->containers = row->container != NULL;
	fill_process(r, row, t);
}
