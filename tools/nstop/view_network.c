// SPDX-License-Identifier: GPL-2.0-or-later
/* A row for each network device in the scope, or the tree of what hangs on what; Enter shows its namespace's routes. */
#include "ui.h"
#include "output/escape.h"
#include "view/human.h"
#include "view/procrow.h"

static const char *const trees[] = { "none", "topology", NULL };

struct row {
	uint32_t ns, ifindex;
	const struct snap_container *container;
	bool host;
	const char *ifname, *kind, *state, *addresses, *peer, *address;
	uint32_t mtu;
	uint64_t rx_bytes, tx_bytes, dropped;
	const struct snap_link *link;
};

static void container_text(const void *rec, char *buf, size_t size)
{
	const struct row *r = rec;

	if (r->host)
		snprintf(buf, size, "host");
	else
		container_name(r->container, buf, size);
}

static void rx_bytes_text(const void *rec, char *buf, size_t size)
{
	human_bytes((int64_t)((const struct row *)rec)->rx_bytes, buf, size);
}

static void tx_bytes_text(const void *rec, char *buf, size_t size)
{
	human_bytes((int64_t)((const struct row *)rec)->tx_bytes, buf, size);
}

#define F(member, ...) FIELD(row, member, __VA_ARGS__)

static const struct field fields[] = {
	F(ns, F_U32, HELP("its network namespace")),
	F(container, F_REC, .rec = &snap_container_desc, .text = container_text, HELP("container that the namespace belongs to")),
	F(ifindex, F_U32, HELP("the device's number")),
	F(ifname, F_STR, HELP("its name")),
	F(kind, F_STR, HELP("veth, bridge …")),
	F(state, F_STR, HELP("up, down")),
	F(mtu, F_U32, HELP("largest packet in bytes")),
	F(addresses, F_STR, .flags = FF_CUT, HELP("its addresses")),
	F(address, F_STR, HELP("of the link layer")),
	F(peer, F_STR, .flags = FF_CUT, HELP("what is at its other end, or the bridge that it is in")),
	{ .name = "rx_bytes",
	  .kind = F_U64,
	  .off = offsetof(struct row, rx_bytes),
	  .text = rx_bytes_text,
	  .want = WANT_LINKS,
	  HELP("bytes received so far") },
	{ .name = "tx_bytes",
	  .kind = F_U64,
	  .off = offsetof(struct row, tx_bytes),
	  .text = tx_bytes_text,
	  .want = WANT_LINKS,
	  HELP("bytes sent so far") },
	F(dropped, F_U64, HELP("packets dropped so far")),
};
static DESC(row_desc, "live_link", struct row, "a network device, live", fields);

static const struct desc *desc(void)
{
	return &row_desc;
}

static uint64_t key(const void *rec)
{
	const struct row *r = rec;

	return (uint64_t)r->ns << 32 | r->ifindex;
}

static enum style style(const void *rec)
{
	const struct row *r = rec;

	return r->dropped ? STYLE_PLAIN : r->host ? STYLE_HOST : STYLE_PLAIN;
}

struct rows {
	struct arena arena;
	struct row *items;
	size_t n_items, cap_items;
	struct table_node *nodes;
	struct idmap by_key;
};

static void drop(struct view *v)
{
	struct rows *r = v->rows;

	if (!r)
		return;
	free(r->items);
	free(r->nodes);
	idmap_done(&r->by_key);
	arena_done(&r->arena);
	free(r);
	v->rows = NULL;
}

/* Addresses of one device, which come in the order of devices: *at goes through them once a namespace. */
static const char *addresses(struct rows *r, const struct snap_addr *a, uint32_t n, uint32_t ifindex)
{
	char buf[512] = "";
	size_t len = 0;

	for (uint32_t i = 0; i < n && len < sizeof(buf); i++)
		if (a[i].ifindex == ifindex && a[i].local)
			len += (size_t)snprintf(buf + len, sizeof(buf) - len, "%s%s/%u", len ? " " : "", a[i].local,
						a[i].prefixlen);
	return *buf ? arena_strdup(&r->arena, buf) : NULL;
}

static void add(struct rows *r, const struct frame *f, const struct snap_link *l, uint32_t ns)
{
	uint32_t n, more;
	const struct snap_addr *a = SNAP_RANGE(&f->snap, addresses, l->ns, &n);
	struct row *row = ARRAY_ADD(r, items);

	*row = (struct row){
		.ns = l->ns,
		.ifindex = l->ifindex,
		.ifname = l->ifname,
		.kind = l->kind,
		.mtu = l->mtu,
		.address = l->address,
		.state = l->flags & LINK_UP ? "up" : "down",
		.rx_bytes = l->rx_bytes,
		.tx_bytes = l->tx_bytes,
		.dropped = l->rx_dropped + l->tx_dropped,
		.link = l,
		.host = index_is_initial(&f->ix, ns),
	};
	row->container = index_ns_container(&f->ix, ns, &more);
	row->addresses = addresses(r, a, n, l->ifindex);
	idmap_add(&r->by_key, (uint64_t)l->ns << 32 | l->ifindex, (uint32_t)r->n_items - 1);
}

/* The row at a device's other end: its bridge, its veth's peer. IDMAP_NONE: none, or not in the scope. */
static uint32_t other_end(const struct rows *r, const struct snap_link *l)
{
	uint32_t there = NSREF_KNOWN(l->peer_ns) ? l->peer_ns : OPT_VALUE(l->link_netnsid) ? 0 : l->ns;

	if (OPT_VALUE(l->master))
		return idmap_get(&r->by_key, (uint64_t)l->ns << 32 | (uint32_t)l->master);
	if (!OPT_VALUE(l->link) || !there)
		return IDMAP_NONE;
	return idmap_get(&r->by_key, (uint64_t)there << 32 | (uint32_t)l->link);
}

static void name_ends(struct rows *r)
{
	for (uint32_t i = 0; i < r->n_items; i++) {
		uint32_t end = other_end(r, r->items[i].link);
		char where[128];

		if (end == IDMAP_NONE)
			continue;
		container_text(&r->items[end], where, sizeof(where));
		r->items[i].peer = r->items[end].ns == r->items[i].ns
					   ? arena_strdup(&r->arena, r->items[end].ifname)
					   : arena_printf(&r->arena, "%s %s",
							  *where ? where : arena_printf(&r->arena, "net:[%u]", r->items[end].ns),
							  r->items[end].ifname);
	}
}

/* A port hangs below its bridge, a container's end of a veth below the host's. */
static struct table_node *topology(const struct rows *r)
{
	struct table_node *nodes = xcalloc(r->n_items, sizeof(*nodes));

	for (uint32_t i = 0; i < r->n_items; i++) {
		uint32_t end = other_end(r, r->items[i].link);

		nodes[i].parent = TREE_ROOT;
		if (end == IDMAP_NONE || end == i)
			continue;
		if (OPT_VALUE(r->items[i].link->master) || (!r->items[i].host && r->items[end].host))
			nodes[i].parent = end;
	}
	return nodes;
}

static void fill(struct ui *ui, struct view *v)
{
	const struct frame *f = ui->frame;
	CLEAN_MEM uint8_t *which = scope_namespaces(&ui->scope, f);
	struct rows *r = xcalloc(1, sizeof(*r));

	for (uint32_t i = 0; i < f->snap.n_namespaces; i++) {
		const struct snap_link *l;
		uint32_t n;

		if (f->snap.namespaces[i].type != NS_NET || !which[i])
			continue;
		l = SNAP_RANGE(&f->snap, links, f->snap.namespaces[i].inum, &n);
		for (uint32_t j = 0; j < n; j++)
			add(r, f, &l[j], i);
	}
	name_ends(r);
	if (v->tree)
		r->nodes = topology(r);
	v->rows = r;
	rowlist_arrange(&v->list, r->items, r->n_items, r->nodes);
}

/* --- the routes of a namespace ---------------------------------------------------------------------------------------------- */

static const char *device(const struct snap *s, uint32_t ns, int64_t ifindex)
{
	uint32_t n;
	const struct snap_link *l = SNAP_RANGE(s, links, ns, &n);

	for (uint32_t i = 0; i < n && OPT_VALUE(ifindex); i++)
		if (l[i].ifindex == (uint32_t)ifindex)
			return l[i].ifname;
	return NULL;
}

static void print_route(const struct ui *ui, FILE *f, const struct snap *s, const struct snap_route *t)
{
	const char *dev = device(s, t->ns, t->oif), *table = route_table_name(t->table);

	if (t->type != ROUTE_UNICAST)
		fprintf(f, "%s ", route_type_names[t->type]);
	if (t->dst)
		fprintf(f, "%s/%u", t->dst, t->dst_len);
	else
		fputs("default", f);
	if (t->gateway)
		fprintf(f, " via %s", t->gateway);
	if (dev) {
		fputs(" dev ", f);
		escape_to(f, dev, strlen(dev), ui->ascii ? ESC_ASCII : 0);
	}
	if (t->prefsrc)
		fprintf(f, " src %s", t->prefsrc);
	if (OPT_VALUE(t->metric))
		fprintf(f, " metric %lld", (long long)t->metric);
	if (!table || strcmp(table, "main") != 0)
		fprintf(f, table ? " table %s" : " table %.0s%u", table ? table : "", t->table);
	fputc('\n', f);
}

static void enter(struct ui *ui, const void *rec)
{
	const struct row *r = rec;
	const struct snap *s = &ui->frame->snap;
	uint32_t n;
	const struct snap_route *t = SNAP_RANGE(s, routes, r->ns, &n);
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return;
	fprintf(f, "Routes of net:[%u]%s\n\n", r->ns, n ? "" : ": none were read");
	for (uint32_t i = 0; i < n; i++)
		if (!route_table_name(t[i].table) || strcmp(route_table_name(t[i].table), "local") != 0)
			print_route(ui, f, s, &t[i]);
	fclose(f);
	pager_open(ui, "Routes", text);
}

static const struct rowlist_look looks[] = {
	{ "container", NULL, 12, 0, 0 }, { "kind", NULL, 0, 1, 0 }, { "rx_bytes", "RX", 5, 2, 0 },
	{ "tx_bytes", "TX", 5, 2, 0 },   { NULL, NULL, 0, 0, 0 },
};

const struct view_ops view_network = {
	.name = "Network",
	.desc = desc,
	.columns = "container,ifname,kind,state,addresses,peer,rx_bytes,tx_bytes",
	.tree = "ifname",
	.trees = trees,
	.wants = WANT_LINKS | WANT_NSIDS | WANT_ROUTES,
	.looks = looks,
	.key = key,
	.style = style,
	.fill = fill,
	.drop = drop,
	.enter = enter,
};
