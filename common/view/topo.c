// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/topo.h"
#include "view/netrow.h"

#define NS(member, knd, ...) \
	{ \
		.name = #member, .kind = knd, .off = offsetof(struct topo_ns, member), __VA_ARGS__ \
	}
#define LINK(member, ...) FIELD(topo_link, member, __VA_ARGS__)
static const struct field ns_fields[] = {
	NS(ns, F_U32, HELP("network namespace")),
	NS(where, F_STR, HELP("what to call it")),
	NS(initial, F_BOOL, HELP("the host's")),
	NS(container, F_REC, .rec = &snap_container_desc, HELP("container")),
	NS(names, F_STRS, COUNTED(topo_ns, names), HELP("names")),
	NS(default_via, F_STR, HELP("default route: gateway and device")),
	NS(asked, F_BOOL, HELP("whether it was asked for, or only met")),
};
DESC(topo_ns_desc, "topo_ns", struct topo_ns, "a network namespace", ns_fields);

static const struct field link_fields[] = {
	LINK(ns, F_U32, HELP("network namespace")),
	LINK(ifindex, F_U32, HELP("number")),
	LINK(ifname, F_STR, HELP("name")),
	LINK(kind, F_STR, HELP("kind of virtual device")),
	LINK(up, F_BOOL, HELP("whether it is up")),
	LINK(address, F_STR, HELP("link layer address")),
	LINK(addresses, F_STRS, COUNTED(topo_link, addresses), HELP("addresses with prefix length")),
	LINK(detail, F_STR, HELP("what its kind has of its own")),
	LINK(master, F_STR, HELP("its bridge or bond")),
	LINK(peer_ns, F_NSREF, HELP("namespace of its peer or lower device")),
	LINK(peer, F_STR, HELP("that one's name")),
	LINK(peer_ifindex, F_U32, HELP("that one's number; 0: none")),
};
DESC(topo_link_desc, "topo_link", struct topo_link, "a network device", link_fields);

struct building {
	struct topo *t;
	const struct snap *s;
	struct idmap by_link;    /* namespace and number -> links */
	struct idmap by_address; /* the same -> the first of its addresses */
	uint32_t *next_address;
};

static uint64_t link_key(uint32_t ns, uint32_t ifindex)
{
	return (uint64_t)ns << 32 | ifindex;
}

static void index_addresses(struct building *b)
{
	b->next_address = xcalloc(b->s->n_addresses + 1, sizeof(*b->next_address));
	for (uint32_t i = (uint32_t)b->s->n_addresses; i-- > 0;) {
		uint64_t key = link_key(b->s->addresses[i].ns, b->s->addresses[i].ifindex);

		b->next_address[i] = idmap_get(&b->by_address, key);
		idmap_set(&b->by_address, key, i);
	}
}

static void take_addresses(struct building *b, struct topo_link *l)
{
	uint32_t first = idmap_get(&b->by_address, link_key(l->ns, l->ifindex)), n = 0;
	const char **list;

	for (uint32_t i = first; i != IDMAP_NONE; i = b->next_address[i])
		n++;
	list = arena_alloc(&b->t->arena, n * sizeof(*list));
	l->addresses = list;
	for (uint32_t i = first; i != IDMAP_NONE; i = b->next_address[i])
		list[l->n_addresses++] =
			arena_printf(&b->t->arena, "%s/%u", b->s->addresses[i].local, b->s->addresses[i].prefixlen);
}

/* What a picture of a device has to say beside its kind. */
static const char *detail_of(struct building *b, const struct snap_link *l)
{
	static const struct {
		const char *kind, *key, *format;
	} details[] = { { "vlan", "id", "vlan %s" },   { "vxlan", "id", "vni %s" }, { "macvlan", "mode", "%s" },
			{ "macvtap", "mode", "%s" },   { "ipvlan", "mode", "%s" },  { "bond", "mode", "%s" },
			{ "vrf", "table", "table %s" } };

	for (size_t i = 0; l->kind && i < ARRAY_SIZE(details); i++)
		for (uint32_t k = 0; !strcmp(details[i].kind, l->kind) && k < l->n_data; k++)
			if (!strcmp(l->data[k].key, details[i].key))
				return arena_printf(&b->t->arena, details[i].format, l->data[k].value);
	return NULL;
}

static void add_links(struct building *b, uint32_t of)
{
	struct topo_ns *ns = &b->t->ns[of];
	uint32_t n;
	const struct snap_link *l = SNAP_RANGE(b->s, links, ns->ns, &n);

	ns->first = (uint32_t)b->t->n_links;
	ns->n = n;
	for (uint32_t i = 0; i < n; i++) {
		struct topo_link *link = ARRAY_ADD(b->t, links);

		*link = (struct topo_link){
			.ns = l[i].ns,
			.ifindex = l[i].ifindex,
			.ifname = l[i].ifname,
			.kind = l[i].kind,
			.address = l[i].address,
			.up = l[i].flags & LINK_UP,
			.detail = detail_of(b, &l[i]),
			.peer_ns = l[i].peer_ns,
			.above = IDMAP_NONE,
			.other = IDMAP_NONE,
			.of = of,
		};
		take_addresses(b, link);
		idmap_add(&b->by_link, link_key(l[i].ns, l[i].ifindex), ns->first + i);
	}
}

/* The device that another names by number, in its own namespace or in the one where IFLA_LINK points to. */
static void join(struct building *b, const struct snap_link *l, struct topo_link *link)
{
	uint32_t peer_ns = NSREF_KNOWN(l->peer_ns) ? l->peer_ns : OPT_VALUE(l->link_netnsid) ? 0 : l->ns;

	if (OPT_VALUE(l->master) && l->master)
		link->above = idmap_get(&b->by_link, link_key(l->ns, (uint32_t)l->master));
	if (link->above != IDMAP_NONE)
		link->master = b->t->links[link->above].ifname;
	if (!OPT_VALUE(l->link) || !l->link || !peer_ns || (peer_ns == l->ns && (uint32_t)l->link == l->ifindex))
		return;
	link->other = idmap_get(&b->by_link, link_key(peer_ns, (uint32_t)l->link));
	link->peer_ns = peer_ns;
	link->peer_ifindex = (uint32_t)l->link;
	if (link->other == IDMAP_NONE)
		return;
	link->peer = b->t->links[link->other].ifname;
	if (link->above == IDMAP_NONE && (!l->kind || strcmp(l->kind, "veth") != 0))
		link->above = link->other; /* it is on that device: a VLAN, a macvlan */
}

static void add_ns(struct building *b, struct netrows *rows, uint32_t index, bool asked)
{
	const struct netrow *row;
	struct topo_ns *ns;

	netrows_add(rows, index);
	row = &rows->items[rows->n_items - 1];
	ns = ARRAY_ADD(b->t, ns);
	*ns = (struct topo_ns){ .ns = row->netns,
				.where = netrow_where(b->t->ix, index, &b->t->arena),
				.initial = row->initial,
				.container = row->container,
				.default_via = arena_strdup(&b->t->arena, row->default_via),
				.index = index,
				.asked = asked };
	ns->n_names = netrow_names(b->t->ix, index, &b->t->arena, &ns->names);
	add_links(b, (uint32_t)(b->t->n_ns - 1));
}

/* Those that were asked for, and what their links lead to. */
static void choose_shown(struct topo *t)
{
	for (size_t i = 0; i < t->n_ns; i++)
		t->ns[i].shown = t->ns[i].asked;
	for (size_t i = 0; i < t->n_links; i++) {
		struct topo_link *l = &t->links[i], *other = l->other == IDMAP_NONE ? l : &t->links[l->other];

		if (t->ns[l->of].asked || t->ns[other->of].asked)
			t->ns[l->of].shown = t->ns[other->of].shown = true;
	}
}

static void index_ports(struct topo *t)
{
	t->next_port = xcalloc(t->published.n_ports + 1, sizeof(*t->next_port));
	for (uint32_t i = (uint32_t)t->published.n_ports; i-- > 0;) {
		t->next_port[i] = idmap_get(&t->by_target, t->published.ports[i].to_ns);
		idmap_set(&t->by_target, t->published.ports[i].to_ns, i);
	}
}

void topo_build(struct topo *t, const struct index *ix, const uint8_t *asked)
{
	struct building b = { .t = t, .s = ix->snap };
	struct netrows rows;

	*t = (struct topo){ .ix = ix };
	netrows_init(&rows, ix);
	index_addresses(&b);
	for (uint32_t i = 0; i < ix->snap->n_namespaces; i++)
		if (ix->snap->namespaces[i].type == NS_NET)
			add_ns(&b, &rows, i, asked[i / 8] & 1 << i % 8);
	for (size_t i = 0; i < t->n_ns; i++) {
		uint32_t n;
		const struct snap_link *l = SNAP_RANGE(ix->snap, links, t->ns[i].ns, &n);

		for (uint32_t k = 0; k < n; k++)
			join(&b, &l[k], &t->links[t->ns[i].first + k]);
	}
	published_build(&t->published, ix);
	index_ports(t);
	choose_shown(t);
	netrows_done(&rows);
	free(b.next_address);
	idmap_done(&b.by_link);
	idmap_done(&b.by_address);
}

void topo_done(struct topo *t)
{
	published_done(&t->published);
	free(t->ns);
	free(t->links);
	free(t->next_port);
	idmap_done(&t->by_target);
	arena_done(&t->arena);
	*t = (struct topo){ 0 };
}

static const char *conditions_text(struct arena *arena, uint64_t conditions)
{
	const char *text = "";

	for (unsigned int i = 0; published_condition_names[i]; i++)
		if (conditions & 1u << i)
			text = arena_printf(arena, "%s%s%s", text, *text ? ", " : "", published_condition_names[i]);
	return text;
}

static const char *bracketed(struct arena *arena, const char *ip)
{
	return ip && strchr(ip, ':') ? arena_printf(arena, "[%s]", ip) : ip ? ip : "";
}

const char *topo_port_text(struct topo *t, const struct published_port *p)
{
	bool tcp = !strcmp(p->proto, "tcp");
	const char *text =
		arena_printf(&t->arena, "%s:%s%s%s -> %s:%s", bracketed(&t->arena, p->host_ip),
			     published_range(&t->arena, p->host_port, p->host_last), tcp ? "" : "/", tcp ? "" : p->proto,
			     bracketed(&t->arena, p->to_ns ? NULL : p->addr), published_range(&t->arena, p->port, p->last));

	if (p->conditions)
		text = arena_printf(&t->arena, "%s (by %s)", text, conditions_text(&t->arena, p->conditions));
	if (!p->to_ns)
		return arena_printf(&t->arena, "%s (in no namespace that is known)", text);
	if (p->listener_comm)
		return arena_printf(&t->arena, "%s %s %lld", text, p->listener_comm, (long long)p->listener_pid);
	if (!p->listens && t->ix->snap->head.wants & (WANT_SOCKETS | WANT_LISTENERS))
		return arena_printf(&t->arena, "%s (nobody listens)", text);
	return text;
}

struct topo_ns *topo_find(const struct topo *t, uint32_t ns)
{
	uint32_t at = index_ns(t->ix, NS_NET, ns);

	for (size_t low = 0, high = t->n_ns; at != IDMAP_NONE && low < high;) { /* they are in the order of the snapshot */
		size_t middle = low + (high - low) / 2;

		if (t->ns[middle].index == at)
			return &t->ns[middle];
		if (t->ns[middle].index < at)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool topo_shows(const struct topo *t, uint32_t ns)
{
	const struct topo_ns *found = topo_find(t, ns);

	return found && found->shown;
}

bool topo_is_loopback(const struct topo_link *l)
{
	return l->ifname && !strcmp(l->ifname, "lo");
}
