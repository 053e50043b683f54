// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>

#include "util/ipaddr.h"
#include "view/iprow_fill.h"

enum { RUNNING = 1 << 6, POINTOPOINT = 1 << 4 }; /* IFF_*, include/uapi/linux/if.h */

/* --- ip's keys ---------------------------------------------------------------------------------------------------------------- */

#define P(member, knd, ...) \
	{ \
		.name = #member, .kind = knd, .off = offsetof(struct iprow_peer, member), __VA_ARGS__ \
	}
static const struct field peer_fields[] = {
	P(ns, F_NSREF, HELP("network namespace")),
	P(ifname, F_STR, HELP("name there")),
	P(container, F_REC, .rec = &snap_container_desc, HELP("container of that namespace")),
};
static DESC(peer_desc, "link_peer", struct iprow_peer, "where a device leads to", peer_fields);

#define S(rec_, member) \
	{ \
		.name = #member, .kind = F_U64, .off = offsetof(struct rec_, member), HELP("as ip -s has it") \
	}
static const struct field rx_fields[] = { S(iprow_rx, bytes),   S(iprow_rx, packets),     S(iprow_rx, errors),
					  S(iprow_rx, dropped), S(iprow_rx, over_errors), S(iprow_rx, multicast) };
static const struct field tx_fields[] = { S(iprow_tx, bytes),   S(iprow_tx, packets),        S(iprow_tx, errors),
					  S(iprow_tx, dropped), S(iprow_tx, carrier_errors), S(iprow_tx, collisions) };
static DESC(rx_desc, "link_rx", struct iprow_rx, "counters of receiving", rx_fields);
static DESC(tx_desc, "link_tx", struct iprow_tx, "counters of sending", tx_fields);
static const struct field stats_fields[] = {
	{ .name = "rx", .kind = F_REC, .off = offsetof(struct iprow_stats, rx), .rec = &rx_desc, HELP("received") },
	{ .name = "tx", .kind = F_REC, .off = offsetof(struct iprow_stats, tx), .rec = &tx_desc, HELP("sent") },
};
static DESC(stats_desc, "link_stats", struct iprow_stats, "counters of a network device", stats_fields);

#define I(member, knd, ...) FIELD(iprow_info, member, knd, .flags = FF_OMIT | FF_NEST, __VA_ARGS__)
static const struct field info_fields[] = {
	I(info_kind, F_STR, HELP("kind of virtual device")),
	I(info_data, F_DICT, COUNTED(iprow_info, info_data), HELP("what its kind has of its own")),
	I(info_slave_kind, F_STR, HELP("kind of place below its master")),
	I(info_slave_data, F_DICT, COUNTED(iprow_info, info_slave_data), HELP("what such places have")),
};
static DESC(info_desc, "link_info", struct iprow_info, "kind of a virtual device", info_fields);

#define A(member, ...) FIELD(iprow_addr, member, __VA_ARGS__)
static const struct field addr_fields[] = {
	A(family, F_STR, HELP("inet or inet6")),
	A(local, F_STR, HELP("address")),
	A(address, F_STR, OMIT, HELP("the other end's, of a point-to-point link")),
	A(prefixlen, F_U32, HELP("bits of its network")),
	A(broadcast, F_STR, OMIT, HELP("broadcast address")),
	A(scope, F_STR, HELP("scope")),
	A(secondary, F_BOOL, OMIT, HELP("not the first of its network")),
	A(temporary, F_BOOL, OMIT, HELP("made by privacy extensions")),
	A(tentative, F_BOOL, OMIT, HELP("duplicates are looked for")),
	A(deprecated, F_BOOL, OMIT, HELP("no longer preferred")),
	A(dynamic, F_BOOL, OMIT, HELP("it will expire")),
	A(nodad, F_BOOL, OMIT, HELP("duplicates are not looked for")),
	A(optimistic, F_BOOL, OMIT, HELP("used while duplicates are looked for")),
	A(dadfailed, F_BOOL, OMIT, HELP("a duplicate was found")),
	A(home, F_BOOL, OMIT, HELP("home address")),
	A(mngtmpaddr, F_BOOL, OMIT, HELP("temporary ones are made from it")),
	A(noprefixroute, F_BOOL, OMIT, HELP("no route was made for it")),
	A(autojoin, F_BOOL, OMIT, HELP("multicast groups are joined for it")),
	A(label, F_STR, OMIT, HELP("label")),
	A(valid_life_time, F_U32, HELP("seconds that it is valid; 4294967295: for ever")),
	A(preferred_life_time, F_U32, HELP("seconds that it is preferred")),
};
static DESC(addr_desc, "link_addr", struct iprow_addr, "an address of a network device", addr_fields);

#define L(member, ...) FIELD(iprow_link, member, __VA_ARGS__)
#define LN(member) COUNTED(iprow_link, member)
static const struct field link_fields[] = {
	L(ifindex, F_U32, HELP("number")),
	L(link, F_STR, OMIT, HELP("its peer or lower device, in this namespace")),
	L(link_index, F_OPT, OMIT, HELP("the same by its number, in another one")),
	L(ifname, F_STR, HELP("name")),
	L(flags, F_STRS, LN(flags), HELP("flags")),
	L(mtu, F_U32, HELP("largest packet, in bytes")),
	L(qdisc, F_STR, OMIT, HELP("queueing discipline")),
	L(master, F_STR, OMIT, HELP("its bridge or bond")),
	L(operstate, F_STR, HELP("operational state")),
	L(linkmode, F_STR, OMIT, HELP("link mode")),
	L(group, F_STR, HELP("group")),
	L(txqlen, F_OPT, OMIT, HELP("length of its queue")),
	L(link_type, F_STR, HELP("type of hardware")),
	L(address, F_STR, OMIT, HELP("link layer address")),
	L(link_pointtopoint, F_BOOL, OMIT, HELP("broadcast is the other end's address")),
	L(broadcast, F_STR, OMIT, HELP("link layer broadcast address")),
	L(link_netnsid, F_OPT, OMIT, HELP("this namespace's id of where its peer or lower device is")),
	L(promiscuity, F_OPT, OMIT, HELP("how many want all packets")),
	L(allmulti, F_OPT, OMIT, HELP("how many want all multicast packets")),
	L(min_mtu, F_OPT, OMIT, HELP("smallest MTU")),
	L(max_mtu, F_OPT, OMIT, HELP("largest MTU; 0: any")),
	L(linkinfo, F_REC, OMIT, .rec = &info_desc, HELP("kind of virtual device")),
	L(inet6_addr_gen_mode, F_STR, OMIT, HELP("how IPv6 addresses are made")),
	L(num_tx_queues, F_OPT, OMIT, HELP("queues for sending")),
	L(num_rx_queues, F_OPT, OMIT, HELP("queues for receiving")),
	L(gso_max_size, F_OPT, OMIT, HELP("largest packet of generic segmentation")),
	L(gso_max_segs, F_OPT, OMIT, HELP("its segments")),
	L(tso_max_size, F_OPT, OMIT, HELP("largest packet of the device's segmentation")),
	L(tso_max_segs, F_OPT, OMIT, HELP("its segments")),
	L(gro_max_size, F_OPT, OMIT, HELP("largest packet of generic receive offload")),
	L(stats64, F_REC, OMIT, .rec = &stats_desc, HELP("counters")),
	L(altnames, F_STRS, LN(altnames), OMIT, HELP("more names")),
	L(addr_info, F_RECS, LN(addr_info), OMIT, .rec = &addr_desc, HELP("addresses")),
	L(peer, F_REC, OMIT, .rec = &peer_desc, HELP("the device that it leads to, and where that is")),
};
DESC(iprow_link_desc, "link", struct iprow_link, "a network device", link_fields);

/* --- filling ------------------------------------------------------------------------------------------------------------------ */

/* print_link_flags() of ip/ipaddress.c: its order, and what is up without a carrier. */
static void fill_flags(struct iprows *r, const struct snap_link *l, struct iprow_link *out)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} order[] = { { 1 << 3, "LOOPBACK" }, { 1 << 1, "BROADCAST" },  { 1 << 4, "POINTOPOINT" }, { 1 << 12, "MULTICAST" },
		      { 1 << 7, "NOARP" },    { 1 << 9, "ALLMULTI" },   { 1 << 8, "PROMISC" },     { 1 << 10, "MASTER" },
		      { 1 << 11, "SLAVE" },   { 1 << 2, "DEBUG" },      { 1 << 15, "DYNAMIC" },    { 1 << 14, "AUTOMEDIA" },
		      { 1 << 13, "PORTSEL" }, { 1 << 5, "NOTRAILERS" }, { 1 << 0, "UP" },          { 1 << 16, "LOWER_UP" },
		      { 1 << 17, "DORMANT" }, { 1 << 18, "ECHO" } };
	const char **list = arena_alloc(&r->arena, (ARRAY_SIZE(order) + 2) * sizeof(*list));

	const struct snap_link *below =
		OPT_VALUE(l->link) && l->link && !OPT_VALUE(l->link_netnsid) ? iprows_find_link(r, l->ns, l->link) : NULL;

	out->flags = list;
	if (l->flags & LINK_UP && !(l->flags & RUNNING))
		list[out->n_flags++] = "NO-CARRIER";
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		if (l->flags & order[i].bit)
			list[out->n_flags++] = order[i].name;
	if (below && !(below->flags & LINK_UP))
		list[out->n_flags++] = "M-DOWN";
}

static void fill_details(const struct snap_link *l, struct iprow_link *out)
{
	const struct {
		const char *key;
		int64_t *to;
	} numbers[] = { { "promiscuity", &out->promiscuity },
			{ "allmulti", &out->allmulti },
			{ "min_mtu", &out->min_mtu },
			{ "max_mtu", &out->max_mtu },
			{ "num_tx_queues", &out->num_tx_queues },
			{ "num_rx_queues", &out->num_rx_queues },
			{ "gso_max_size", &out->gso_max_size },
			{ "gso_max_segs", &out->gso_max_segs },
			{ "tso_max_size", &out->tso_max_size },
			{ "tso_max_segs", &out->tso_max_segs },
			{ "gro_max_size", &out->gro_max_size } };

	for (uint32_t i = 0; i < l->n_details; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(numbers); k++)
			if (!strcmp(l->details[i].key, numbers[k].key))
				*numbers[k].to = iprows_number(l->details[i].value);
		if (!strcmp(l->details[i].key, "inet6_addr_gen_mode"))
			out->inet6_addr_gen_mode = l->details[i].value;
	}
}

/* What ip makes of some: names of devices; and "remote" where a group would be no group. */
static bool info_item(struct iprows *r, const char *kind, const struct snap_link_attr *a, struct dict_item *out)
{
	bool vxlan = kind && !strcmp(kind, "vxlan"), bond = kind && !strcmp(kind, "bond");
	struct ipaddr addr;

	*out = (struct dict_item){ a->key, a->value, a->number };
	if (vxlan && !strcmp(a->key, "group") && !ipaddr_parse(a->value, &addr) && !ipaddr_is_multicast(&addr))
		out->key = "remote";
	if (vxlan && !strcmp(a->key, "group6") && !ipaddr_parse(a->value, &addr) && !ipaddr_is_multicast(&addr))
		out->key = "remote6";
	if ((vxlan && !strcmp(a->key, "link")) || (bond && (!strcmp(a->key, "primary") || !strcmp(a->key, "active_slave"))))
		*out = (struct dict_item){ a->key, iprows_device(r, iprows_number(a->value)), false };
	return out->value;
}

static void fill_linkinfo(struct iprows *r, const struct snap_link *l, struct iprow_link *out)
{
	struct iprow_info *info;
	struct dict_item *data;

	if (!l->kind && !l->slave_kind)
		return;
	out->linkinfo = info = arena_alloc(&r->arena, sizeof(*info));
	info->info_kind = l->kind;
	info->info_slave_kind = l->slave_kind;
	if (l->n_slave_data) {
		info->info_slave_data = data = arena_alloc(&r->arena, l->n_slave_data * sizeof(*data));
		for (uint32_t i = 0; i < l->n_slave_data; i++)
			info->n_info_slave_data += info_item(r, l->slave_kind, &l->slave_data[i], &data[info->n_info_slave_data]);
	}
	if (!l->n_data)
		return;
	info->info_data = data = arena_alloc(&r->arena, l->n_data * sizeof(*data));
	for (uint32_t i = 0; i < l->n_data; i++)
		info->n_info_data += info_item(r, l->kind, &l->data[i], &data[info->n_info_data]);
}

static void fill_stats(struct iprows *r, const struct snap_link *l, struct iprow_link *out)
{
	struct iprow_stats *stats = arena_alloc(&r->arena, sizeof(*stats));
	struct iprow_rx *rx = arena_alloc(&r->arena, sizeof(*rx));
	struct iprow_tx *tx = arena_alloc(&r->arena, sizeof(*tx));

	*rx = (struct iprow_rx){ l->rx_bytes, l->rx_packets, l->rx_errors, l->rx_dropped, l->rx_over_errors, l->rx_multicast };
	*tx = (struct iprow_tx){ l->tx_bytes, l->tx_packets, l->tx_errors, l->tx_dropped, l->tx_carrier_errors, l->tx_collisions };
	*stats = (struct iprow_stats){ rx, tx };
	out->stats64 = stats;
}

static void fill_addr(struct iprows *r, const struct snap_addr *a, struct iprow_addr *out)
{
	bool v6 = a->family == ADDR_INET6;

	*out = (struct iprow_addr){
		.family = addr_family_names[a->family],
		.local = a->local,
		.address = a->peer,
		.broadcast = a->broadcast,
		.scope = iprows_word(r, route_scope_name(a->scope), a->scope),
		.label = a->label,
		.prefixlen = a->prefixlen,
		.secondary = !v6 && a->flags & ADDRF_TEMPORARY,
		.temporary = v6 && a->flags & ADDRF_TEMPORARY,
		.tentative = a->flags & ADDRF_TENTATIVE,
		.deprecated = a->flags & ADDRF_DEPRECATED,
		.dynamic = !(a->flags & ADDRF_PERMANENT),
		.nodad = a->flags & ADDRF_NODAD,
		.optimistic = a->flags & ADDRF_OPTIMISTIC,
		.dadfailed = a->flags & ADDRF_DADFAILED,
		.home = a->flags & ADDRF_HOMEADDRESS,
		.mngtmpaddr = a->flags & 0x100, /* IFA_F_MANAGETEMPADDR and those that follow it, include/uapi/linux/if_addr.h */
		.noprefixroute = a->flags & 0x200,
		.autojoin = a->flags & 0x400,
		.valid_life_time = a->valid_lft,
		.preferred_life_time = a->preferred_lft,
	};
}

/* Those of a device, IPv4 before IPv6 as the kernel dumps them. */
static void fill_addresses(struct iprows *r, const struct snap_link *l, struct iprow_link *out)
{
	uint32_t n;
	const struct snap_addr *a = SNAP_RANGE(r->ix->snap, addresses, l->ns, &n);
	struct iprow_addr *list;

	for (uint32_t i = 0; i < n; i++)
		out->n_addr_info += a[i].ifindex == l->ifindex;
	out->addr_info = list = arena_alloc(&r->arena, MAX(out->n_addr_info, 1u) * sizeof(*list));
	for (int family = ADDR_INET; family <= ADDR_INET6; family++)
		for (uint32_t i = 0; i < n; i++)
			if (a[i].ifindex == l->ifindex && a[i].family == family)
				fill_addr(r, &a[i], list++);
}

/* IFLA_LINK without an id of a namespace is a device of this one. */
static void fill_peer(struct iprows *r, const struct snap_link *l, struct iprow_link *out)
{
	struct iprow_peer *p;
	const struct snap_link *other;
	uint32_t ns, more, inum = OPT_VALUE(l->link_netnsid) ? l->peer_ns : l->ns;

	if (!OPT_VALUE(l->link) || !l->link)
		return;
	out->peer = p = arena_alloc(&r->arena, sizeof(*p));
	p->ns = inum;
	other = NSREF_KNOWN(inum) ? iprows_find_link(r, inum, l->link) : NULL;
	p->ifname = other ? other->ifname : NULL;
	ns = index_ns(r->ix, NS_NET, inum);
	p->container = ns == IDMAP_NONE ? NULL : index_ns_container(r->ix, ns, &more);
}

static const char *linkmode(struct iprows *r, uint32_t mode)
{
	static const char *const names[] = { "DEFAULT", "DORMANT" }; /* IF_LINK_MODE_* */

	return iprows_word(r, mode < ARRAY_SIZE(names) ? names[mode] : NULL, mode);
}

void iprows_link(struct iprows *r, const struct snap_link *l, struct iprow_link *out)
{
	*out = (struct iprow_link){
		.record = l,
		.ifindex = l->ifindex,
		.ifname = l->ifname,
		.mtu = l->mtu,
		.qdisc = l->qdisc,
		.master = iprows_device(r, l->master),
		.operstate = link_operstate_names[l->operstate],
		.group = l->group ? iprows_word(r, NULL, l->group) : "default",
		.txqlen = l->txqlen ? (int64_t)l->txqlen : OPT_NONE,
		.link_type = iprows_word(r, link_type_name(l->type), l->type),
		.address = l->address,
		.broadcast = l->broadcast,
		.link_pointtopoint = l->broadcast && l->flags & POINTOPOINT,
		.link_index = OPT_NONE,
		.link_netnsid = l->link_netnsid,
		.altnames = l->altnames,
		.n_altnames = l->n_altnames,
	};
	out->promiscuity = out->allmulti = out->min_mtu = out->max_mtu = out->num_tx_queues = out->num_rx_queues =
		out->gso_max_size = out->gso_max_segs = out->tso_max_size = out->tso_max_segs = out->gro_max_size = OPT_NONE;
	if (OPT_VALUE(l->link_netnsid))
		out->link_index = l->link;
	else
		out->link = iprows_device(r, l->link);
	fill_flags(r, l, out);
	fill_peer(r, l, out);
	if (r->details & IPROW_DETAILS) {
		fill_details(l, out);
		fill_linkinfo(r, l, out);
	}
	if (!(r->details & IPROW_ADDRESSES) || r->details & IPROW_LINKMODE)
		out->linkmode = linkmode(r, l->linkmode);
	else
		out->inet6_addr_gen_mode = NULL; /* ip addr has neither */
	if (r->details & IPROW_STATS)
		fill_stats(r, l, out);
	if (r->details & IPROW_ADDRESSES)
		fill_addresses(r, l, out);
}
