// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/escape.h"
#include "view/inside.h"

/* --- descriptors ---------------------------------------------------------------------------------------------------------- */

#define L(member, knd, ...) \
	{ \
		.name = #member, .kind = knd, .off = offsetof(struct inside_link, link.member), __VA_ARGS__ \
	}
static const struct field link_fields[] = {
	L(ifindex, F_U32, HELP("number")),
	L(ifname, F_STR, HELP("name")),
	L(kind, F_STR, .flags = FF_OMIT, HELP("kind of virtual device")),
	L(flags, F_FLAGS, .names = link_flag_names, HELP("flags, as ip shows them")),
	L(operstate, F_ENUM, .names = link_operstate_names, HELP("operational state")),
	L(mtu, F_U32, HELP("largest packet, in bytes")),
	L(address, F_STR, .flags = FF_OMIT, HELP("link layer address")),
	{ .name = "addresses",
	  .kind = F_STRS,
	  .off = offsetof(struct inside_link, addresses),
	  COUNTED(inside_link, addresses),
	  .flags = FF_CUT,
	  HELP("IP addresses with their prefixes' lengths") },
};
static DESC(link_desc, "inside_link", struct inside_link, "a network device", link_fields);

#define C(member, ...) FIELD(inside_caps, member, __VA_ARGS__)
static const struct field caps_fields[] = {
	C(processes, F_U32, HELP("how many processes of the namespace have exactly these")),
	C(pid, F_U32, HELP("the one with the lowest pid")),
	C(all, F_BOOL, HELP("whether it is all that the kernel has")),
	C(names, F_STRS, COUNTED(inside_caps, names), HELP("effective capabilities")),
};
static DESC(caps_desc, "capabilities", struct inside_caps, "members with the same effective capabilities", caps_fields);

#define F(member, knd, ...) FIELD(inside, member, knd, OMIT, __VA_ARGS__)
#define N(member) COUNTED(inside, member)
static const struct field inside_fields[] = {
	F(hostname, F_STR, HELP("host name (uts)")),
	F(domainname, F_STR, HELP("domain name (uts)")),
	F(sysv, F_OPT, HELP("how many System V objects (ipc)")),
	F(mqueues, F_OPT, HELP("how many POSIX message queues (ipc)")),
	F(objects, F_RECS, N(objects), .rec = &ipc_desc, HELP("these (ipc)")),
	F(mount_count, F_OPT, HELP("how many mounts (mnt)")),
	F(mounts, F_RECS, N(mounts), .rec = &mount_desc, HELP("these (mnt)")),
	F(link_count, F_OPT, HELP("how many network devices (net)")),
	F(links, F_RECS, N(links), .rec = &link_desc, HELP("these (net)")),
	F(listener_count, F_OPT, HELP("how many listening TCP and bound UDP sockets (net)")),
	F(listeners, F_RECS, N(listeners), .rec = &socket_desc, HELP("these (net)")),
	F(uidmap, F_RECS, N(uidmap), .rec = &snap_map_desc, HELP("user ids (user)")),
	F(gidmap, F_RECS, N(gidmap), .rec = &snap_map_desc, HELP("group ids (user)")),
	F(owner_uid, F_OPT, HELP("user id of who made it (user)")),
	F(capabilities, F_RECS, N(capabilities), .rec = &caps_desc, HELP("what its processes may do (user)")),
	F(monotonic, F_STR, HELP("offset of CLOCK_MONOTONIC, in seconds (time)")),
	F(boottime, F_STR, HELP("offset of CLOCK_BOOTTIME, in seconds (time)")),
	F(roots, F_RECS, N(roots), .rec = &snap_cgroot_desc,
	  HELP("its root in each hierarchy, seen from our cgroup namespace (cgroup)")),
	F(level, F_OPT, HELP("depth below the host's (pid, user)")),
	F(parent, F_NSREF, HELP("parent namespace (pid, user)")),
	F(init, F_OPT, HELP("the process that is 1 inside, by its pid out here (pid)")),
	F(processes, F_OPT, HELP("how many processes, those of namespaces below not counted (pid)")),
};
DESC(inside_desc, "inside", struct inside, "what a namespace isolates; of each type its own keys, a missing one is unknown",
     inside_fields);

uint64_t inside_wants(uint32_t types)
{
	static const uint64_t wants[NS_TYPES] = {
		[NS_MNT] = WANT_MOUNTS,
		[NS_NET] = WANT_LINKS | WANT_LISTENERS,
		[NS_PID] = WANT_NS,
		[NS_UTS] = WANT_DETAILS,
		[NS_IPC] = WANT_IPC,
		[NS_USER] = WANT_NS | WANT_DETAILS | WANT_CAPS | WANT_USERS,
		[NS_CGROUP] = WANT_CGROUP_ROOTS,
		[NS_TIME] = WANT_DETAILS,
	};
	uint32_t all = 0;

	for (enum nstype t = 0; t < NS_TYPES; t++)
		if (!types || types & 1u << t)
			all |= wants[t];
	return all;
}

/* --- filling ------------------------------------------------------------------------------------------------------------------ */

/* Something to point to where there is nothing, which is known. */
static const void *or_empty(const void *items, uint32_t n)
{
	static const char empty[1];

	return n ? items : empty;
}

static void fill_ipc(struct inside *in, const struct snap *s, const struct snap_ns *x)
{
	in->sysv = x->sysv;
	in->mqueues = x->mqueues;
	if (!OPT_VALUE(x->sysv) && !OPT_VALUE(x->mqueues))
		return;
	in->objects = SNAP_RANGE(s, ipc, x->inum, &in->n_objects);
	in->objects = or_empty(in->objects, in->n_objects);
}

static void fill_mnt(struct inside *in, const struct snap *s, const struct snap_ns *x)
{
	in->mount_count = x->mounts;
	if (!OPT_VALUE(x->mounts))
		return;
	in->mounts = SNAP_RANGE(s, mounts, x->inum, &in->n_mounts);
	in->mounts = or_empty(in->mounts, in->n_mounts);
}

/* Addresses to their devices, counted first: in linear time, for there may be thousands of both. */
static void fill_addresses(struct inside_link *links, uint32_t n_links, const struct snap_addr *a, uint32_t n, struct arena *arena)
{
	struct idmap by_index = { 0 };
	const char **texts = arena_alloc(arena, MAX(n, 1u) * sizeof(*texts)), **next = texts;
	CLEAN_MEM uint32_t *counts = xcalloc(n_links, sizeof(*counts));

	for (uint32_t i = 0; i < n_links; i++)
		idmap_add(&by_index, links[i].link.ifindex, i);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t l = idmap_get(&by_index, a[i].ifindex);

		if (l != IDMAP_NONE)
			counts[l]++;
	}
	for (uint32_t i = 0; i < n_links; next += counts[i++])
		links[i].addresses = next;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t l = idmap_get(&by_index, a[i].ifindex);

		if (l != IDMAP_NONE) {
			const char **mine = texts + (links[l].addresses - (const char *const *)texts);

			mine[links[l].n_addresses++] = arena_printf(arena, "%s/%u", a[i].local ? a[i].local : "?", a[i].prefixlen);
		}
	}
	idmap_done(&by_index);
}

static void fill_net(struct inside *in, const struct snap *s, const struct snap_ns *x, struct arena *arena)
{
	uint32_t n_links, n_addrs;
	const struct snap_link *links = SNAP_RANGE(s, links, x->inum, &n_links);
	const struct snap_addr *addrs = SNAP_RANGE(s, addresses, x->inum, &n_addrs);
	struct inside_link *list;

	in->link_count = x->links;
	in->listener_count = x->listeners;
	if (OPT_VALUE(x->links)) {
		list = arena_alloc(arena, MAX(n_links, 1u) * sizeof(*list));
		for (uint32_t i = 0; i < n_links; i++)
			list[i].link = links[i];
		fill_addresses(list, n_links, addrs, n_addrs, arena);
		in->links = list;
		in->n_links = n_links;
	}
	if (OPT_VALUE(x->listeners)) {
		in->listeners = SNAP_RANGE(s, sockets, x->inum, &in->n_listeners);
		in->listeners = or_empty(in->listeners, in->n_listeners);
	}
}

static void fill_caps(struct inside_caps *c, const struct snap_capset *x, struct arena *arena)
{
	const char **names = arena_alloc(arena, 64 * sizeof(*names));

	*c = (struct inside_caps){
		.names = names, .effective = x->effective, .known = x->known, .processes = x->nprocs, .pid = x->pid
	};
	c->all = x->known && !(x->known & ~x->effective);
	for (unsigned int bit = 0; bit < 64; bit++)
		if (x->effective >> bit & 1)
			names[c->n_names++] = cap_name(bit) ? cap_name(bit) : arena_printf(arena, "cap_%u", bit);
}

static void fill_user(struct inside *in, const struct index *ix, const struct snap_ns *x, struct arena *arena)
{
	const struct snap *s = ix->snap;
	uint32_t n;
	const struct snap_capset *sets = SNAP_RANGE(s, capsets, x->inum, &n);

	in->uidmap = x->uid_map;
	in->n_uidmap = x->n_uid_map;
	in->gidmap = x->gid_map;
	in->n_gidmap = x->n_gid_map;
	in->owner_uid = x->owner_uid;
	if (OPT_VALUE(x->owner_uid))
		in->owner = index_user(ix, (uint32_t)x->owner_uid);
	if (!(s->head.wants & WANT_CAPS))
		return;

	struct inside_caps *list = arena_alloc(arena, MAX(n, 1u) * sizeof(*list));

	for (uint32_t i = 0; i < n; i++)
		fill_caps(&list[i], &sets[i], arena);
	in->capabilities = list;
	in->n_capabilities = n;
}

static void fill_pid(struct inside *in, const struct index *ix, uint32_t ns)
{
	const struct ns_members *m = &ix->ns[ns];

	in->processes = m->nprocs;
	for (uint32_t i = m->begin; i < m->begin + m->n && in->init == OPT_NONE; i++) {
		const struct snap_task *t = &ix->snap->tasks[ix->members[i]];

		if (t->tid == t->pid && t->n_nspid && t->nspid[t->n_nspid - 1] == 1)
			in->init = t->pid;
	}
}

void inside_fill(struct inside *in, const struct index *ix, uint32_t ns, struct arena *arena)
{
	const struct snap_ns *x = &ix->snap->namespaces[ns];
	enum nstype type = x->type;

	*in = (struct inside){ .type = type };
	in->sysv = in->mqueues = in->mount_count = in->link_count = in->listener_count = OPT_NONE;
	in->owner_uid = in->level = in->init = in->processes = OPT_NONE;
	in->hostname = type == NS_UTS ? x->hostname : NULL;
	in->domainname = type == NS_UTS ? x->domainname : NULL;
	in->monotonic = type == NS_TIME ? x->monotonic : NULL;
	in->boottime = type == NS_TIME ? x->boottime : NULL;
	if (type == NS_PID || type == NS_USER) {
		in->level = x->level;
		in->parent = x->parent;
	}
	if (type == NS_CGROUP) {
		in->roots = x->cgroup_roots;
		in->n_roots = x->n_cgroup_roots;
	}
	if (type == NS_IPC)
		fill_ipc(in, ix->snap, x);
	if (type == NS_MNT)
		fill_mnt(in, ix->snap, x);
	if (type == NS_NET)
		fill_net(in, ix->snap, x, arena);
	if (type == NS_USER)
		fill_user(in, ix, x, arena);
	if (type == NS_PID)
		fill_pid(in, ix, ns);
}

/* --- with lists -------------------------------------------------------------------------------------------------------------------- */

static void print_list(const struct table *look, const struct desc *d, const char *columns, const void *rows, uint32_t n, FILE *f)
{
	struct table t = *look;
	const char *bad;
	size_t bad_len;

	if (!n)
		return;
	t.desc = d;
	t.cols = NULL;
	t.n_cols = t.cap_cols = 0;
	t.rows = rows;
	t.n_rows = n;
	t.looks = NULL;
	t.n_looks = 0;
	t.nodes = NULL;
	t.color = NULL;
	t.dash = !t.raw;
	if (!table_choose(&t, NULL, columns, &bad, &bad_len))
		table_print(&t, f);
	table_done(&t);
}

void inside_print(const struct inside *in, const char *type, uint32_t inum, const struct table *look, FILE *f)
{
	char line[4096];

	inside_words(in, line, sizeof(line));
	fprintf(f, "%s %u: ", type, inum);
	escape_to(f, line, strlen(line), look->ascii ? ESC_ASCII : 0);
	fputc('\n', f);
	print_list(look, &ipc_desc, "KIND,KEY,ID,NAME,UID,MODE,SIZE,ATTACHED,NSEMS,MESSAGES,CREATOR,LAST", in->objects,
		   in->n_objects, f);
	print_list(look, &mount_desc, "POINT,FSTYPE,SOURCE,ROOT,PROPAGATION,OPTIONS", in->mounts, in->n_mounts, f);
	print_list(look, &link_desc, "IFNAME,KIND,OPERSTATE,ADDRESS,ADDRESSES", in->links, in->n_links, f);
	print_list(look, &socket_desc, "NETID,STATE,ADDR,PORT,UID,INO", in->listeners, in->n_listeners, f);
	print_list(look, &snap_cgroot_desc, "HIERARCHY,PATH", in->roots, in->n_roots, f);
}
