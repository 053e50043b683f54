// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/snap.h"

uint64_t snap_implied_wants(uint64_t wants)
{
	static const struct {
		uint64_t whole, part;
	} implied[] = {
		{ WANT_COMMANDS, WANT_COMMAND },
		{ WANT_ALL_KEEPERS, WANT_KEEPERS | WANT_MOUNTED },
		{ WANT_ALL_CONTAINERS, WANT_CONTAINERS },
		{ WANT_NS, WANT_LEVELS },
		{ WANT_DETAILS, WANT_MAPS },
		{ WANT_SOCKET_FLAGS, WANT_SOCKET_FDS },
		{ WANT_PATH, WANT_LINKS },
		{ ~0ull, WANT_TASKS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(implied); i++)
		if (wants & implied[i].whole)
			wants |= implied[i].part;
	return wants;
}

void snap_init(struct snap *s)
{
	*s = (struct snap){ 0 };
}

void snap_done(struct snap *s)
{
	for (size_t i = 0; i < snap_n_sections; i++)
		free(*snap_array(s, &snap_sections[i]).items);
	free(s->trials);
	arena_done(&s->arena);
	*s = (struct snap){ 0 };
}

void snap_borrow(struct snap *s, const struct snap *from)
{
	snap_init(s);
	s->head = from->head;
	for (size_t i = 0; i < snap_n_sections; i++) {
		struct snap_array to = snap_array(s, &snap_sections[i]), of = snap_array(from, &snap_sections[i]);
		size_t size = snap_sections[i].desc->size;

		if (!*of.n)
			continue;
		*to.items = xcalloc(*of.n, size);
		memcpy(*to.items, *of.items, *of.n * size);
		*to.n = *to.cap = *of.n;
	}
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

void snap_add_gap(struct snap *s, const char *what, int err, const char *hint)
{
	for (size_t i = 0; i < s->n_gaps; i++) {
		struct snap_gap *g = &s->gaps[i];

		if (g->err == err && same_text(g->what, what) && same_text(g->hint, hint)) {
			g->count++;
			return;
		}
	}
	*ARRAY_ADD(s, gaps) = (struct snap_gap){ .what = what, .err = err, .count = 1, .hint = hint };
}

struct snap_ns *snap_add_ns(struct snap *s, enum nstype type, uint32_t inum)
{
	struct snap_ns *ns = ARRAY_ADD(s, namespaces);

	ns->type = (uint8_t)type;
	ns->inum = inum;
	ns->owner_uid = ns->level = ns->netnsid = OPT_NONE;
	ns->sysv = ns->mqueues = ns->mounts = ns->links = ns->listeners = ns->firewall = ns->sockets = ns->routes = OPT_NONE;
	return ns;
}

bool snap_since(const struct snap *s, unsigned long major, unsigned long minor)
{
	char *dot;
	unsigned long a = s->head.kernel ? strtoul(s->head.kernel, &dot, 10) : 0;

	if (!a || *dot != '.')
		return false;
	return a > major || (a == major && strtoul(dot + 1, NULL, 10) >= minor);
}

const char *snap_offset(struct snap *s, int64_t sec, int64_t nsec)
{
	bool negative = sec < 0;

	if (negative && nsec) { /* -0.5 s is -1 s and 500000000 ns */
		sec++;
		nsec = 1000000000 - nsec;
	}
	return arena_printf(&s->arena, "%s%llu.%09lld", negative ? "-" : "",
			    negative ? 0ULL - (unsigned long long)sec : (unsigned long long)sec, (long long)nsec);
}

/* --- the arrays and their order ------------------------------------------------------------------------------------- */

/* By process, its first thread first. (A thread's id may be the lower one once pids have wrapped.) */
static int by_pid(const void *a, const void *b)
{
	const struct snap_task *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	if ((x->tid == x->pid) != (y->tid == y->pid))
		return x->tid == x->pid ? -1 : 1;
	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

static int by_inum(const void *a, const void *b)
{
	const struct snap_ns *x = a, *y = b;

	if (x->inum != y->inum)
		return x->inum < y->inum ? -1 : 1;
	return (int)x->type - (int)y->type;
}

/* Records of what is in a namespace begin with its number, those of a process with its pid. */
static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int by_ipc(const void *a, const void *b)
{
	const struct snap_ipc *x = a, *y = b;

	if (x->ns != y->ns || x->kind != y->kind)
		return x->ns != y->ns ? by_number(x, y) : (int)x->kind - (int)y->kind;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->name && y->name ? strcmp(x->name, y->name) : 0;
}

static int by_link(const void *a, const void *b)
{
	const struct snap_link *x = a, *y = b;

	if (x->ns != y->ns)
		return by_number(x, y);
	return x->ifindex < y->ifindex ? -1 : x->ifindex > y->ifindex;
}

static int by_socket(const void *a, const void *b)
{
	const struct snap_socket *x = a, *y = b;

	if (x->ns != y->ns || x->netid != y->netid)
		return x->ns != y->ns ? by_number(x, y) : (int)x->netid - (int)y->netid;
	if (x->port != y->port)
		return x->port < y->port ? -1 : 1;
	if (x->netid == NETID_UDP || x->netid == NETID_UDPLITE) /* as the kernel lists them: the one that was bound last is first */
		return 0;
	return x->cookie < y->cookie ? -1 : x->cookie > y->cookie;
}

static int by_ino(const void *a, const void *b)
{
	const struct snap_socket_fd *x = a, *y = b;

	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->fd < y->fd ? -1 : x->fd > y->fd;
}

/* clang-format off */
#define SECTION(member, d, cmp) \
	{ #member, &d, offsetof(struct snap, member), offsetof(struct snap, n_##member), offsetof(struct snap, cap_##member), cmp }
/* clang-format on */
const struct snap_section snap_sections[] = {
	SECTION(tasks, snap_task_desc, by_pid),
	SECTION(namespaces, snap_ns_desc, by_inum),
	SECTION(holds, snap_hold_desc, NULL),
	SECTION(containers, snap_container_desc, NULL),
	SECTION(users, snap_user_desc, NULL),
	SECTION(ipc, snap_ipc_desc, by_ipc),
	SECTION(mounts, snap_mount_desc, by_number),
	SECTION(links, snap_link_desc, by_link),
	SECTION(addresses, snap_addr_desc, by_number),
	SECTION(sockets, snap_socket_desc, by_socket),
	SECTION(capsets, snap_capset_desc, by_number),
	SECTION(socket_fds, snap_socket_fd_desc, by_ino),
	SECTION(cgroups, snap_cgroup_desc, NULL),
	SECTION(tcp_infos, snap_tcp_info_desc, by_number),
	SECTION(routes, snap_route_desc, by_number),
	SECTION(rules, snap_rule_desc, by_number),
	SECTION(neighbours, snap_neigh_desc, by_number),
	SECTION(nexthops, snap_nexthop_desc, by_number),
	SECTION(sysctls, snap_sysctl_desc, by_number),
	SECTION(counters, snap_counter_desc, by_number),
	SECTION(nsids, snap_nsid_desc, by_number),
	SECTION(hooks, snap_hook_desc, by_number),
	SECTION(vservers, snap_vserver_desc, by_number),
	SECTION(halts, snap_halt_desc, by_number),
	SECTION(guards, snap_guard_desc, by_number),
	SECTION(filters, snap_filter_desc, by_number),
	SECTION(cgprogs, snap_cgprog_desc, NULL),
	SECTION(cgmaps, snap_cgmap_desc, NULL),
	SECTION(carriers, snap_carrier_desc, NULL),
	SECTION(files, snap_file_desc, NULL),
	SECTION(fw_tables, snap_fw_table_desc, by_number),
	SECTION(fw_chains, snap_fw_chain_desc, by_number),
	SECTION(fw_rules, snap_fw_rule_desc, by_number),
	SECTION(fw_sets, snap_fw_set_desc, by_number),
	SECTION(fw_objects, snap_fw_object_desc, by_number),
	SECTION(fw_flowtables, snap_fw_flowtable_desc, by_number),
	SECTION(gaps, snap_gap_desc, NULL),
};
const size_t snap_n_sections = ARRAY_SIZE(snap_sections);

const struct snap_section *snap_section(const char *key)
{
	for (size_t i = 0; i < snap_n_sections; i++)
		if (!strcmp(snap_sections[i].key, key))
			return &snap_sections[i];
	return NULL;
}

struct snap_array snap_array(const struct snap *s, const struct snap_section *section)
{
	char *base = (char *)(uintptr_t)s;

	return (struct snap_array){ (void **)(void *)(base + section->off), (size_t *)(void *)(base + section->off_n),
				    (size_t *)(void *)(base + section->off_cap) };
}

/* What is collected comes in order, mostly. */
static void sort_unless_sorted(void *items, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
	const char *p = items;

	for (size_t i = 1; i < n; i++)
		if (cmp(p + (i - 1) * size, p + i * size) > 0) {
			sort_stable(items, n, size, cmp);
			return;
		}
}

void snap_sort(struct snap *s)
{
	for (size_t i = 0; i < snap_n_sections; i++) {
		const struct snap_section *section = &snap_sections[i];
		struct snap_array array = snap_array(s, section);

		if (section->order)
			sort_unless_sorted(*array.items, *array.n, section->desc->size, section->order);
	}
}

/* The first of the sorted records whose namespace is not below inum. */
static size_t lower_bound(const char *items, size_t n_items, size_t size, uint64_t inum)
{
	size_t low = 0, high = n_items;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (*(const uint32_t *)(const void *)(items + middle * size) < inum)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const void *snap_range(const void *items, size_t n_items, size_t size, uint32_t inum, uint32_t *n)
{
	size_t first = lower_bound(items, n_items, size, inum);

	*n = (uint32_t)(lower_bound(items, n_items, size, (uint64_t)inum + 1) - first);
	return n_items ? (const char *)items + first * size : NULL;
}

struct snap_ns *snap_find_ns(const struct snap *s, enum nstype type, uint32_t inum)
{
	struct snap_ns key = { .type = (uint8_t)type, .inum = inum };

	return s->n_namespaces ? bsearch(&key, s->namespaces, s->n_namespaces, sizeof(key), by_inum) : NULL;
}

const struct snap_socket_fd *snap_socket_fds(const struct snap *s, uint64_t ino, uint32_t *n)
{
	size_t low = 0, high = s->n_socket_fds, end;

	*n = 0;
	while (ino && low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->socket_fds[middle].ino < ino)
			low = middle + 1;
		else
			high = middle;
	}
	if (!ino || low == s->n_socket_fds || s->socket_fds[low].ino != ino)
		return NULL;
	for (end = low; end < s->n_socket_fds && s->socket_fds[end].ino == ino; end++)
		;
	*n = (uint32_t)(end - low);
	return &s->socket_fds[low];
}
