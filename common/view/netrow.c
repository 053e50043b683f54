// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>

#include "model/target.h"
#include "view/netrow.h"
#include "view/nsrow.h"

enum { TABLE_MAIN = 254 };                   /* RT_TABLE_MAIN, include/uapi/linux/rtnetlink.h */
enum { SCOPE_GLOBAL = 0, SCOPE_HOST = 254 }; /* RT_SCOPE_* */

/* --- how values look in a cell ----------------------------------------------------------------------------------------------- */

/* "web +1": a namespace's container, and how many more share it. What bytes it has are raw. */
static void put_container(const struct snap_container *c, uint32_t containers, bool initial, char *buf, size_t size)
{
	const char *name = c ? c->name : initial ? "host" : "";
	size_t len;

	*buf = '\0';
	len = (size_t)(name ? snprintf(buf, size, "%s", name) : snprintf(buf, size, "%.12s", c->id ? c->id : "?"));
	if (containers > 1 && len < size)
		snprintf(buf + len, size - len, " +%u", containers - 1);
}

static void container_text(const void *rec, char *buf, size_t size)
{
	const struct netrow *r = rec;

	put_container(r->container, r->containers, r->initial, buf, size);
}

static void join(const char *const *items, uint32_t n, const char *between, char *buf, size_t size)
{
	size_t len = 0;

	*buf = '\0';
	for (uint32_t i = 0; i < n && len < size; i++)
		len += (size_t)snprintf(buf + len, size - len, "%s%s", i ? between : "", items[i]);
}

static void names_text(const void *rec, char *buf, size_t size)
{
	const struct netrow *r = rec;

	if (r->kept_by)
		snprintf(buf, size, "(kept by %s)", r->kept_by);
	else
		join(r->names, r->n_names, " ", buf, size);
}

static void addresses_text(const void *rec, char *buf, size_t size)
{
	const struct netrow *r = rec;

	join(r->addresses, r->n_addresses, " ", buf, size);
}

/* "1.2G": three digits at the most and a letter, in powers of 1024, as ls -h has it. */
static size_t put_bytes(uint64_t bytes, char *buf, size_t size)
{
	static const char units[] = "BKMGTPE";
	double value = (double)bytes;
	size_t unit = 0;

	for (; value >= 1023.5 && unit < sizeof(units) - 2; unit++)
		value /= 1024;
	if (!unit)
		return (size_t)snprintf(buf, size, "%" PRIu64, bytes);
	return (size_t)snprintf(buf, size, value < 9.95 ? "%.1f%c" : "%.0f%c", value, units[unit]);
}

static void traffic_text(const void *rec, char *buf, size_t size)
{
	const struct netrow *r = rec;
	char rx[16], tx[16];

	put_bytes(r->rx, rx, sizeof(rx));
	put_bytes(r->tx, tx, sizeof(tx));
	snprintf(buf, size, "%s/%s", rx, tx);
}

/* --- the columns ----------------------------------------------------------------------------------------------------------------- */

#define F(member, ...) FIELD(netrow, member, __VA_ARGS__)
#define N(member) COUNTED(netrow, member)
#define SOCKETS .want = WANT_SOCKETS

static const struct field netrow_fields[] = {
	F(netns, F_U32, HELP("network namespace (inode number)")),
	F(container, F_REC, .rec = &snap_container_desc, .text = container_text, .want = WANT_CONTAINERS | WANT_ALL_CONTAINERS,
	  HELP("container of its first process, and how many more share it")),
	F(names, F_STRS, N(names), .flags = FF_CUT, .text = names_text, .want = WANT_MOUNTED | WANT_KEEPERS | WANT_NS,
	  HELP("names that it was given below /run/netns and /run/docker/netns")),
	F(addresses, F_STRS, N(addresses), .flags = FF_CUT, .text = addresses_text, .want = WANT_LINKS, HELP("addresses")),
	F(default_via, F_STR, .want = WANT_LINKS | WANT_ROUTES, HELP("default route: gateway and device")),
	F(listen, F_OPT, SOCKETS, HELP("listening sockets: TCP and its like")),
	F(bound, F_OPT, SOCKETS, HELP("TCP sockets that are bound, neither listening nor connected")),
	F(conn, F_OPT, SOCKETS, HELP("TCP connections")),
	F(time_wait, F_OPT, SOCKETS, HELP("TCP connections in TIME-WAIT")),
	F(udp, F_OPT, SOCKETS, HELP("UDP sockets")),
	F(raw, F_OPT, SOCKETS, HELP("raw, ping and packet sockets")),
	{ .name = "unix", .kind = F_OPT, .off = offsetof(struct netrow, unix_sockets), SOCKETS, HELP("unix sockets") },
	F(others, F_OPT, SOCKETS, HELP("other sockets")),
	{ .name = "rx/tx",
	  .kind = F_U64,
	  .off = offsetof(struct netrow, rx),
	  .flags = FF_TEXT,
	  .text = traffic_text,
	  .want = WANT_LINKS,
	  HELP("bytes received and sent by all links but loopback") },
	F(rx, F_U64, .want = WANT_LINKS, HELP("bytes received by all links but loopback")),
	F(tx, F_U64, .want = WANT_LINKS, HELP("bytes sent")),
	{ .name = "links", .kind = F_U32, .off = offsetof(struct netrow, n_links), .want = WANT_LINKS, HELP("network devices") },
	F(nprocs, F_U32, HELP("number of processes in it")),
	F(pid, F_OPT, HELP("lowest PID in it")),
	F(command, F_STR, .flags = FF_CUT, .want = WANT_COMMAND, HELP("command line of the PID")),
	F(initial, F_BOOL, HELP("whether it is the host's")),
};
DESC(netrow_desc, "netrow", struct netrow, "a network namespace", netrow_fields);

/* --- filling --------------------------------------------------------------------------------------------------------------------- */

void netrows_init(struct netrows *r, const struct index *ix)
{
	*r = (struct netrows){ .ix = ix };
}

void netrows_done(struct netrows *r)
{
	free(r->items);
	arena_done(&r->arena);
}

uint32_t netrow_names(const struct index *ix, uint32_t ns, struct arena *arena, const char *const **names)
{
	struct idmap seen = { 0 }; /* /run/netns is shared by many mount namespaces: a name is said once */
	const char **list;
	uint32_t n = 0, max = 0;

	for (uint32_t i = ix->first_hold[ns]; i != IDMAP_NONE; i = ix->next_hold[i])
		max++;
	list = arena_alloc(arena, MAX(max, 1u) * sizeof(*list));
	for (uint32_t i = ix->first_hold[ns]; i != IDMAP_NONE; i = ix->next_hold[i]) {
		const struct snap_hold *h = &ix->snap->holds[i];
		const char *name = h->kind == HOLD_MOUNT && h->path ? target_netns_name(h->path) : NULL;

		if (name && idmap_add(&seen, text_key(name), i) == i)
			list[n++] = name;
	}
	idmap_done(&seen);
	*names = list;
	return n;
}

const char *netrow_where(const struct index *ix, uint32_t ns, struct arena *arena)
{
	const char *const *names;
	uint32_t more = 0;
	const struct snap_container *c = index_ns_container(ix, ns, &more);
	char buf[512];

	put_container(c, c ? more + 1 : 0, index_is_initial(ix, ns), buf, sizeof(buf));
	if (*buf)
		return arena_strdup(arena, buf);
	if (netrow_names(ix, ns, arena, &names))
		return names[0];
	return arena_printf(arena, "%u", ix->snap->namespaces[ns].inum);
}

/* What keeps a namespace that has neither a process nor a name: the first of its keepers, and how many more. */
static const char *kept_by(struct netrows *r, uint32_t ns)
{
	CLEAN_MEM struct keeper *keepers = NULL;
	size_t n = index_keepers(r->ix, ns, &keepers);
	char buf[512];

	keeper_words(&keepers[0], buf, sizeof(buf));
	return n > 1 ? arena_printf(&r->arena, "%s and %zu more", buf, n - 1) : arena_strdup(&r->arena, buf);
}

static bool is_worth_saying(const struct snap_addr *a, bool any_scope)
{
	return any_scope ? a->scope != SCOPE_HOST : a->scope == SCOPE_GLOBAL;
}

/* The global ones; where there are none, those of the links. What a loopback has is no news. */
static void fill_addresses(struct netrows *r, struct netrow *row)
{
	uint32_t n, max;
	const struct snap_addr *a = SNAP_RANGE(r->ix->snap, addresses, row->netns, &n);
	const char **list = arena_alloc(&r->arena, MAX(n, 1u) * sizeof(*list));

	max = n;
	for (int any_scope = 0; any_scope < 2 && !row->n_addresses; any_scope++)
		for (uint32_t i = 0; i < max; i++)
			if (is_worth_saying(&a[i], any_scope) && a[i].local)
				list[row->n_addresses++] = arena_printf(&r->arena, "%s/%u", a[i].local, a[i].prefixlen);
	row->addresses = list;
}

static void fill_links(struct netrows *r, struct netrow *row)
{
	const struct snap_link *l = SNAP_RANGE(r->ix->snap, links, row->netns, &row->n_links);

	for (uint32_t i = 0; i < row->n_links; i++) {
		if (l[i].type == 772) /* ARPHRD_LOOPBACK */
			continue;
		row->rx += l[i].rx_bytes;
		row->tx += l[i].tx_bytes;
	}
}

static const char *link_name(const struct snap *s, uint32_t ns, int64_t ifindex)
{
	uint32_t n;
	const struct snap_link *l = SNAP_RANGE(s, links, ns, &n);

	for (uint32_t i = 0; i < n; i++)
		if (l[i].ifindex == ifindex)
			return l[i].ifname;
	return NULL;
}

static bool is_better(const struct snap_route *a, const struct snap_route *than)
{
	int64_t x = OPT_VALUE(a->metric) ? a->metric : 0, y = than && OPT_VALUE(than->metric) ? than->metric : 0;

	if (!than || a->family != than->family)
		return !than || a->family < than->family;
	return x < y;
}

/* Of the main table's default routes the one with the lowest metric, IPv4's before IPv6's. */
static void fill_default(struct netrows *r, struct netrow *row)
{
	uint32_t n;
	const struct snap_route *routes = SNAP_RANGE(r->ix->snap, routes, row->netns, &n), *best = NULL;
	const char *gateway, *dev;
	int64_t oif;

	for (uint32_t i = 0; i < n; i++)
		if (!routes[i].dst && routes[i].table == TABLE_MAIN && routes[i].type == ROUTE_UNICAST &&
		    is_better(&routes[i], best))
			best = &routes[i];
	if (!best)
		return;
	gateway = best->n_hops ? best->hops[0].gateway : best->gateway;
	oif = best->n_hops ? best->hops[0].oif : best->oif;
	dev = OPT_VALUE(oif) ? link_name(r->ix->snap, row->netns, oif) : NULL;
	row->default_via = arena_printf(&r->arena, "%s%s%s", gateway ? gateway : "", gateway && dev ? " " : "", dev ? dev : "");
	if (best->n_hops > 1)
		row->default_via = arena_printf(&r->arena, "%s +%u", row->default_via, best->n_hops - 1);
}

static int64_t *counter_of(struct netrow *row, const struct snap_socket *s)
{
	switch ((enum sock_netid)s->netid) {
	case NETID_TCP:
	case NETID_MPTCP:
	case NETID_SCTP:
	case NETID_DCCP:
		if (s->state == STATE_LISTEN)
			return &row->listen;
		if (s->state == STATE_TIME_WAIT)
			return &row->time_wait;
		return s->state == STATE_BOUND || s->state == STATE_UNCONN ? &row->bound : &row->conn;
	case NETID_UDP:
	case NETID_UDPLITE:
		return &row->udp;
	case NETID_RAW:
	case NETID_PING:
	case NETID_PACKET_RAW:
	case NETID_PACKET_DGRAM:
		return &row->raw;
	case NETID_UNIX_STREAM:
	case NETID_UNIX_DGRAM:
	case NETID_UNIX_SEQPACKET:
		return &row->unix_sockets;
	default:
		return &row->others;
	}
}

static void fill_sockets(struct netrows *r, struct netrow *row, const struct snap_ns *ns)
{
	uint32_t n;
	const struct snap_socket *s = SNAP_RANGE(r->ix->snap, sockets, row->netns, &n);
	int64_t *const all[] = { &row->listen, &row->bound, &row->conn,         &row->time_wait,
				 &row->udp,    &row->raw,   &row->unix_sockets, &row->others };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		*all[i] = MIN(ns->sockets, 0); /* unknown stays unknown */
	if (!OPT_VALUE(ns->sockets))
		return;
	for (uint32_t i = 0; i < n; i++)
		++*counter_of(row, &s[i]);
}

void netrows_add(struct netrows *r, uint32_t ns)
{
	const struct snap_ns *x = &r->ix->snap->namespaces[ns];
	const struct ns_members *m = &r->ix->ns[ns];
	struct netrow *row = ARRAY_ADD(r, items);
	uint32_t more = 0;

	row->index = ns;
	row->netns = x->inum;
	row->nprocs = m->nprocs;
	row->pid = OPT_NONE;
	row->initial = index_is_initial(r->ix, ns);
	row->container = index_ns_container(r->ix, ns, &more);
	row->containers = row->container ? more + 1 : 0;
	row->n_names = netrow_names(r->ix, ns, &r->arena, &row->names);
	if (m->first != IDMAP_NONE) {
		const struct snap_task *t = &r->ix->snap->tasks[m->first];

		row->pid = t->pid;
		row->command = t->command ? t->command : t->comm;
	} else if (!row->n_names) {
		row->kept_by = kept_by(r, ns);
	}
	fill_links(r, row);
	fill_addresses(r, row);
	fill_default(r, row);
	fill_sockets(r, row, x);
}
