// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>

#include "util/ipaddr.h"
#include "view/iprow.h"

enum { RUNNING = 1 << 6, POINTOPOINT = 1 << 4 }; /* IFF_*, include/uapi/linux/if.h */
enum { PROTO_BOOT = 3, PROTO_KERNEL = 2, TABLE_MAIN = 254, ACTION_TABLE = 1, ACTION_GOTO = 2 };

/* --- descriptors: ip's keys ---------------------------------------------------------------------------------------------------------- */

#define HELP(text_) .help = text_
#define OMIT .flags = FF_OMIT

#define P(member, knd, ...) { .name = #member, .kind = knd, .off = offsetof(struct iprow_peer, member), __VA_ARGS__ }
static const struct field peer_fields[] = {
	P(ns, F_NSREF, HELP("network namespace")),
	P(ifname, F_STR, HELP("name there")),
	P(container, F_REC, .rec = &snap_container_desc, HELP("container of that namespace")),
};
static DESC(peer_desc, "link_peer", struct iprow_peer, "where a device leads to", peer_fields);

#define S(rec_, member) { .name = #member, .kind = F_U64, .off = offsetof(struct rec_, member), HELP("as ip -s has it") }
static const struct field rx_fields[] = { S(iprow_rx, bytes),   S(iprow_rx, packets),     S(iprow_rx, errors),
					  S(iprow_rx, dropped), S(iprow_rx, over_errors), S(iprow_rx, multicast) };
static const struct field tx_fields[] = { S(iprow_tx, bytes),   S(iprow_tx, packets),	     S(iprow_tx, errors),
					  S(iprow_tx, dropped), S(iprow_tx, carrier_errors), S(iprow_tx, collisions) };
static DESC(rx_desc, "link_rx", struct iprow_rx, "counters of receiving", rx_fields);
static DESC(tx_desc, "link_tx", struct iprow_tx, "counters of sending", tx_fields);
static const struct field stats_fields[] = {
	{ .name = "rx", .kind = F_REC, .off = offsetof(struct iprow_stats, rx), .rec = &rx_desc, HELP("received") },
	{ .name = "tx", .kind = F_REC, .off = offsetof(struct iprow_stats, tx), .rec = &tx_desc, HELP("sent") },
};
static DESC(stats_desc, "link_stats", struct iprow_stats, "counters of a network device", stats_fields);

#define I(member, knd, ...) { .name = #member, .kind = knd, .off = offsetof(struct iprow_info, member), OMIT, __VA_ARGS__ }
static const struct field info_fields[] = {
	I(info_kind, F_STR, HELP("kind of virtual device")),
	I(info_data, F_DICT, .off_n = offsetof(struct iprow_info, n_info_data), HELP("what its kind has of its own")),
	I(info_slave_kind, F_STR, HELP("kind of place below its master")),
	I(info_slave_data, F_DICT, .off_n = offsetof(struct iprow_info, n_info_slave_data), HELP("what such places have")),
};
static DESC(info_desc, "link_info", struct iprow_info, "kind of a virtual device", info_fields);

#define A(member, knd, ...) { .name = #member, .kind = knd, .off = offsetof(struct iprow_addr, member), __VA_ARGS__ }
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

#define L(member, knd, ...) { .name = #member, .kind = knd, .off = offsetof(struct iprow_link, member), __VA_ARGS__ }
#define LN(member) .off_n = offsetof(struct iprow_link, n_##member)
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

static const struct field via_fields[] = {
	{ .name = "family", .kind = F_STR, .off = offsetof(struct iprow_via, family), HELP("inet or inet6") },
	{ .name = "host", .kind = F_STR, .off = offsetof(struct iprow_via, host), HELP("address") },
};
static DESC(via_desc, "route_via", struct iprow_via, "a gateway of the other address family", via_fields);

#define H(member, knd, ...) { .name = #member, .kind = knd, .off = offsetof(struct iprow_hop, member), __VA_ARGS__ }
static const struct field hop_fields[] = {
	H(gateway, F_STR, OMIT, HELP("gateway")),
	H(via, F_REC, OMIT, .rec = &via_desc, HELP("gateway of the other family")),
	H(dev, F_STR, OMIT, HELP("device")),
	H(weight, F_U32, HELP("weight")),
	H(flags, F_STRS, .off_n = offsetof(struct iprow_hop, n_flags), HELP("flags")),
};
static DESC(hop_desc, "route_nexthop", struct iprow_hop, "a way that a route may take", hop_fields);

#define MET(member) { .name = #member, .kind = F_OPT, .off = offsetof(struct iprow_metrics, member), OMIT, HELP("as ip route has it") }
static const struct field metrics_fields[] = { MET(mtu),    MET(window),     MET(rtt),	MET(rttvar),   MET(ssthresh), MET(cwnd),     MET(advmss),
					       MET(reordering), MET(hoplimit), MET(initcwnd), MET(rto_min), MET(initrwnd), MET(quickack) };
static DESC(metrics_desc, "route_metrics", struct iprow_metrics, "what a route sets for its connections", metrics_fields);

#define R(member, knd, ...) { .name = #member, .kind = knd, .off = offsetof(struct iprow_route, member), __VA_ARGS__ }
static const struct field route_fields[] = {
	R(type, F_STR, OMIT, HELP("type, unless unicast")),
	R(dst, F_STR, HELP("destination")),
	R(from, F_STR, OMIT, HELP("source that it is for")),
	R(tos, F_STR, OMIT, HELP("type of service")),
	R(nhid, F_OPT, OMIT, HELP("its nexthop object")),
	R(gateway, F_STR, OMIT, HELP("gateway")),
	R(via, F_REC, OMIT, .rec = &via_desc, HELP("gateway of the other family")),
	R(dev, F_STR, OMIT, HELP("device")),
	R(table, F_STR, OMIT, HELP("table, unless main")),
	R(protocol, F_STR, OMIT, HELP("who made it, unless boot")),
	R(scope, F_STR, OMIT, HELP("scope, unless global")),
	R(prefsrc, F_STR, OMIT, HELP("preferred source address")),
	R(metric, F_OPT, OMIT, HELP("metric")),
	R(iif, F_STR, OMIT, HELP("device that packets come from")),
	R(flags, F_STRS, .off_n = offsetof(struct iprow_route, n_flags), HELP("flags")),
	R(metrics, F_RECS, OMIT, .off_n = offsetof(struct iprow_route, n_metrics), .rec = &metrics_desc, HELP("what it sets for its connections")),
	R(pref, F_STR, OMIT, HELP("preference (inet6)")),
	R(nexthops, F_RECS, OMIT, .off_n = offsetof(struct iprow_route, n_nexthops), .rec = &hop_desc, HELP("the ways of a multipath route")),
	R(family, F_STR, HELP("inet or inet6")),
};
DESC(iprow_route_desc, "route", struct iprow_route, "a route", route_fields);

#define U(member, knd, ...) { .name = #member, .kind = knd, .off = offsetof(struct iprow_rule, member), __VA_ARGS__ }
static const struct field rule_fields[] = {
	U(priority, F_U32, HELP("priority")),
	{ .name = "not", .kind = F_MARK, .off = offsetof(struct iprow_rule, negated), HELP("all but those that fit") },
	U(src, F_STR, HELP("from")),
	U(srclen, F_OPT, OMIT, HELP("bits of it")),
	U(dst, F_STR, OMIT, HELP("to")),
	U(dstlen, F_OPT, OMIT, HELP("bits of it")),
	U(tos, F_STR, OMIT, HELP("type of service")),
	U(fwmark, F_STR, OMIT, HELP("firewall mark")),
	U(fwmask, F_STR, OMIT, HELP("its mask")),
	U(iif, F_STR, OMIT, HELP("device that packets come from")),
	U(oif, F_STR, OMIT, HELP("device of the sending socket")),
	U(l3mdev, F_MARK, HELP("the table of the VRF")),
	U(uid_start, F_OPT, OMIT, HELP("user ids from")),
	U(uid_end, F_OPT, OMIT, HELP("to")),
	U(ipproto, F_STR, OMIT, HELP("protocol")),
	U(sport, F_OPT, OMIT, HELP("source port")),
	U(sport_start, F_OPT, OMIT, HELP("source ports from")),
	U(sport_end, F_OPT, OMIT, HELP("to")),
	U(dport, F_OPT, OMIT, HELP("destination port")),
	U(dport_start, F_OPT, OMIT, HELP("destination ports from")),
	U(dport_end, F_OPT, OMIT, HELP("to")),
	U(table, F_STR, OMIT, HELP("table to look in")),
	U(suppress_prefixlen, F_OPT, OMIT, HELP("routes with no more bits do not count")),
	{ .name = "goto", .kind = F_OPT, .off = offsetof(struct iprow_rule, go_to), OMIT, HELP("priority to go on at") },
	U(action, F_STR, OMIT, HELP("what to do instead of looking")),
	U(protocol, F_STR, OMIT, HELP("who made it")),
	U(family, F_STR, HELP("inet or inet6")),
};
DESC(iprow_rule_desc, "rule", struct iprow_rule, "a routing policy rule", rule_fields);

#define G(member, knd, ...) { .name = #member, .kind = knd, .off = offsetof(struct iprow_neigh, member), __VA_ARGS__ }
static const struct field neigh_fields[] = {
	G(dst, F_STR, HELP("address")),
	G(dev, F_STR, HELP("device")),
	G(lladdr, F_STR, OMIT, HELP("link layer address")),
	G(router, F_MARK, HELP("a router")),
	G(proxy, F_MARK, HELP("answered for")),
	G(extern_learn, F_MARK, HELP("learnt by somebody else")),
	G(offload, F_MARK, HELP("in hardware")),
	G(managed, F_MARK, HELP("kept up to date")),
	G(state, F_STRS, .off_n = offsetof(struct iprow_neigh, n_state), HELP("state")),
};
DESC(iprow_neigh_desc, "neighbour", struct iprow_neigh, "a neighbour", neigh_fields);

static const struct field member_fields[] = {
	{ .name = "id", .kind = F_U32, .off = offsetof(struct iprow_member, id), HELP("nexthop object") },
};
static DESC(member_desc, "nexthop_member", struct iprow_member, "a member of a group of nexthop objects", member_fields);

#define X(member, knd, ...) { .name = #member, .kind = knd, .off = offsetof(struct iprow_nexthop, member), __VA_ARGS__ }
static const struct field nexthop_fields[] = {
	X(id, F_U32, HELP("id")),
	X(group, F_RECS, OMIT, .off_n = offsetof(struct iprow_nexthop, n_group), .rec = &member_desc, HELP("members of a group")),
	X(gateway, F_STR, OMIT, HELP("gateway")),
	X(dev, F_STR, OMIT, HELP("device")),
	X(blackhole, F_MARK, HELP("drops packets")),
	X(fdb, F_MARK, HELP("for a bridge")),
};
DESC(iprow_nexthop_desc, "nexthop", struct iprow_nexthop, "a nexthop object", nexthop_fields);

/* --- filling: what all need ------------------------------------------------------------------------------------------------------------ */

static uint64_t link_key(uint32_t inum, uint64_t ifindex)
{
	return (uint64_t)inum << 32 | (uint32_t)ifindex;
}

void iprows_init(struct iprows *r, const struct index *ix, unsigned int details)
{
	*r = (struct iprows){ .ix = ix, .details = details };
	for (size_t i = 0; i < ix->snap->n_links; i++)
		idmap_add(&r->links, link_key(ix->snap->links[i].ns, ix->snap->links[i].ifindex), (uint32_t)i);
}

void iprows_done(struct iprows *r)
{
	arena_done(&r->arena);
	idmap_done(&r->links);
}

void iprows_enter(struct iprows *r, uint32_t ns)
{
	arena_done(&r->arena);
	r->arena = (struct arena){ 0 };
	r->ns = ns;
	r->inum = r->ix->snap->namespaces[ns].inum;
}

static const struct snap_link *find_link(const struct iprows *r, uint32_t inum, int64_t ifindex)
{
	uint32_t i = idmap_get(&r->links, link_key(inum, (uint64_t)ifindex));

	return i == IDMAP_NONE ? NULL : &r->ix->snap->links[i];
}

const char *iprows_device(struct iprows *r, int64_t ifindex)
{
	const struct snap_link *l;

	if (!OPT_VALUE(ifindex) || !ifindex)
		return NULL;
	l = find_link(r, r->inum, ifindex);
	return l ? l->ifname : arena_printf(&r->arena, "if%" PRId64, ifindex);
}

static const char *name_or_number(struct iprows *r, const char *name, uint32_t number)
{
	return name ? name : arena_printf(&r->arena, "%u", number);
}

static const char *with_length(struct iprows *r, const char *addr, uint32_t len, uint8_t family)
{
	return len == (family == ADDR_INET6 ? 128 : 32) ? addr : arena_printf(&r->arena, "%s/%u", addr, len);
}

/* The names of bits that are set, in the order of the list. */
static const char *const *names_of(struct iprows *r, const char *const *names, uint64_t bits, uint32_t *n)
{
	const char **list = arena_alloc(&r->arena, 64 * sizeof(*list));

	*n = 0;
	for (int bit = 0; bit < 64 && names[bit]; bit++)
		if (bits >> bit & 1 && *names[bit])
			list[(*n)++] = names[bit];
	return list;
}

/* --- links ---------------------------------------------------------------------------------------------------------------------------------- */

/* print_link_flags() of ip/ipaddress.c: its order, and what is up without a carrier. */
static void fill_flags(struct iprows *r, const struct snap_link *l, struct iprow_link *out)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} order[] = { { 1 << 3, "LOOPBACK" },	{ 1 << 1, "BROADCAST" }, { 1 << 4, "POINTOPOINT" }, { 1 << 12, "MULTICAST" }, { 1 << 7, "NOARP" },
		      { 1 << 9, "ALLMULTI" },	{ 1 << 8, "PROMISC" },	 { 1 << 10, "MASTER" },	   { 1 << 11, "SLAVE" },     { 1 << 2, "DEBUG" },
		      { 1 << 15, "DYNAMIC" },	{ 1 << 14, "AUTOMEDIA" }, { 1 << 13, "PORTSEL" },   { 1 << 5, "NOTRAILERS" }, { 1 << 0, "UP" },
		      { 1 << 16, "LOWER_UP" },	{ 1 << 17, "DORMANT" },	 { 1 << 18, "ECHO" } };
	const char **list = arena_alloc(&r->arena, (ARRAY_SIZE(order) + 1) * sizeof(*list));

	out->flags = list;
	if (l->flags & LINK_UP && !(l->flags & RUNNING))
		list[out->n_flags++] = "NO-CARRIER";
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		if (l->flags & order[i].bit)
			list[out->n_flags++] = order[i].name;
}

static int64_t number_of(const char *text)
{
	uint64_t n;

	return text && !parse_u64(text, INT64_MAX, &n) ? (int64_t)n : OPT_NONE;
}

static void fill_details(const struct snap_link *l, struct iprow_link *out)
{
	const struct {
		const char *key;
		int64_t *to;
	} numbers[] = { { "promiscuity", &out->promiscuity },	  { "allmulti", &out->allmulti },	  { "min_mtu", &out->min_mtu },
			{ "max_mtu", &out->max_mtu },		  { "num_tx_queues", &out->num_tx_queues }, { "num_rx_queues", &out->num_rx_queues },
			{ "gso_max_size", &out->gso_max_size },	  { "gso_max_segs", &out->gso_max_segs }, { "tso_max_size", &out->tso_max_size },
			{ "tso_max_segs", &out->tso_max_segs },	  { "gro_max_size", &out->gro_max_size } };

	for (uint32_t i = 0; i < l->n_details; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(numbers); k++)
			if (!strcmp(l->details[i].key, numbers[k].key))
				*numbers[k].to = number_of(l->details[i].value);
		if (!strcmp(l->details[i].key, "inet6_addr_gen_mode"))
			out->inet6_addr_gen_mode = l->details[i].value;
	}
}

/* What ip makes of some: names of devices; "remote" where a group would be no group; and some flags only where they are set. */
static bool info_item(struct iprows *r, const char *kind, const struct snap_link_attr *a, struct dict_item *out)
{
	struct ipaddr addr;

	*out = (struct dict_item){ a->key, a->value, a->number };
	if (!kind || strcmp(kind, "vxlan") != 0)
		return true;
	if (!strcmp(a->key, "group") && !ipaddr_parse(a->value, &addr) && !ipaddr_is_multicast(&addr))
		out->key = "remote";
	if (!strcmp(a->key, "group6") && !ipaddr_parse(a->value, &addr) && !ipaddr_is_multicast(&addr))
		out->key = "remote6";
	if (!strcmp(a->key, "link"))
		*out = (struct dict_item){ "link", iprows_device(r, number_of(a->value)), false };
	return out->value && !((!strcmp(a->key, "proxy") || !strcmp(a->key, "external")) && !strcmp(a->value, "false"));
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
		.scope = name_or_number(r, route_scope_name(a->scope), a->scope),
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
	other = NSREF_KNOWN(inum) ? find_link(r, inum, l->link) : NULL;
	p->ifname = other ? other->ifname : NULL;
	ns = index_ns(r->ix, NS_NET, inum);
	p->container = ns == IDMAP_NONE ? NULL : index_ns_container(r->ix, ns, &more);
}

static const char *linkmode(struct iprows *r, uint32_t mode)
{
	static const char *const names[] = { "DEFAULT", "DORMANT" }; /* IF_LINK_MODE_* */

	return name_or_number(r, mode < ARRAY_SIZE(names) ? names[mode] : NULL, mode);
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
		.group = l->group ? name_or_number(r, NULL, l->group) : "default",
		.txqlen = l->txqlen ? (int64_t)l->txqlen : OPT_NONE,
		.link_type = name_or_number(r, link_type_name(l->type), l->type),
		.address = l->address,
		.broadcast = l->broadcast,
		.link_pointtopoint = l->broadcast && l->flags & POINTOPOINT,
		.link_index = OPT_NONE,
		.link_netnsid = l->link_netnsid,
		.altnames = l->altnames,
		.n_altnames = l->n_altnames,
	};
	out->promiscuity = out->allmulti = out->min_mtu = out->max_mtu = out->num_tx_queues = out->num_rx_queues = out->gso_max_size =
		out->gso_max_segs = out->tso_max_size = out->tso_max_segs = out->gro_max_size = OPT_NONE;
	if (OPT_VALUE(l->link_netnsid))
		out->link_index = l->link;
	else
		out->link = iprows_device(r, l->link);
	fill_flags(r, l, out);
	fill_peer(r, l, out);
	if (!(r->details & IPROW_ADDRESSES) || r->details & IPROW_LINKMODE)
		out->linkmode = linkmode(r, l->linkmode);
	if (r->details & IPROW_DETAILS) {
		fill_details(l, out);
		fill_linkinfo(r, l, out);
	}
	if (r->details & IPROW_STATS)
		fill_stats(r, l, out);
	if (r->details & IPROW_ADDRESSES)
		fill_addresses(r, l, out);
}

/* --- routes --------------------------------------------------------------------------------------------------------------------------------- */

static const char *protocol(struct iprows *r, uint32_t number)
{
	return name_or_number(r, route_protocol_name(number), number);
}

static const struct iprow_via *via(struct iprows *r, uint8_t family, const char *gateway)
{
	struct iprow_via *v = arena_alloc(&r->arena, sizeof(*v));

	*v = (struct iprow_via){ addr_family_names[family], gateway };
	return v;
}

/* Those of RTNH_F_*: what ip shows of them. */
static const char *const *route_flags(struct iprows *r, uint64_t flags, uint32_t *n)
{
	return names_of(r, hop_flag_names, flags, n);
}

static void fill_hops(struct iprows *r, const struct snap_route *s, struct iprow_route *out)
{
	struct iprow_hop *hops;

	if (!s->n_hops)
		return;
	out->nexthops = hops = arena_alloc(&r->arena, s->n_hops * sizeof(*hops));
	out->n_nexthops = s->n_hops;
	for (uint32_t i = 0; i < s->n_hops; i++) {
		const struct snap_hop *h = &s->hops[i];
		bool other = h->gateway && h->family != s->family;

		hops[i].gateway = other ? NULL : h->gateway;
		hops[i].via = other ? via(r, h->family, h->gateway) : NULL;
		hops[i].dev = iprows_device(r, h->oif);
		hops[i].weight = h->weight;
		hops[i].flags = route_flags(r, h->flags, &hops[i].n_flags);
	}
}

static void fill_metrics(struct iprows *r, const struct snap_route *s, struct iprow_route *out)
{
	struct iprow_metrics *m;

	if (!s->n_metrics)
		return;
	out->metrics = m = arena_alloc(&r->arena, sizeof(*m));
	out->n_metrics = 1;
	for (size_t k = 0; k < metrics_desc.n_fields; k++) {
		int64_t *to = (int64_t *)((char *)m + metrics_desc.fields[k].off);

		*to = OPT_NONE;
		for (uint32_t i = 0; i < s->n_metrics; i++)
			if (!strcmp(s->metrics[i].key, metrics_desc.fields[k].name))
				*to = number_of(s->metrics[i].value);
	}
}

static const char *route_dst(struct iprows *r, const struct snap_route *s)
{
	if (s->dst)
		return with_length(r, s->dst, s->dst_len, s->family);
	return s->dst_len ? arena_printf(&r->arena, "0/%u", s->dst_len) : "default";
}

void iprows_route(struct iprows *r, const struct snap_route *s, struct iprow_route *out)
{
	static const char *const prefs[] = { "medium", "high", NULL, "low" }; /* ICMPV6_ROUTER_PREF_*, include/uapi/linux/icmpv6.h */
	bool other = s->gateway && s->gateway_family != s->family;

	*out = (struct iprow_route){
		.record = s,
		.family = addr_family_names[s->family],
		.type = s->type == ROUTE_UNICAST ? NULL : route_type_names[s->type],
		.dst = route_dst(r, s),
		.from = s->src ? with_length(r, s->src, s->src_len, s->family) : NULL,
		.tos = s->tos ? arena_printf(&r->arena, "0x%02x", s->tos) : NULL,
		.nhid = s->nhid,
		.gateway = other ? NULL : s->gateway,
		.via = other ? via(r, s->gateway_family, s->gateway) : NULL,
		.dev = iprows_device(r, s->oif),
		.iif = iprows_device(r, s->iif),
		.table = s->table == TABLE_MAIN ? NULL : name_or_number(r, route_table_name(s->table), s->table),
		.protocol = s->protocol == PROTO_BOOT ? NULL : protocol(r, s->protocol),
		.scope = s->scope ? name_or_number(r, route_scope_name(s->scope), s->scope) : NULL,
		.prefsrc = s->prefsrc,
		.metric = s->metric,
		.pref = OPT_VALUE(s->pref) && s->pref < (int64_t)ARRAY_SIZE(prefs) ? prefs[s->pref] : NULL,
	};
	out->flags = route_flags(r, s->flags, &out->n_flags);
	fill_metrics(r, s, out);
	fill_hops(r, s, out);
}

/* --- rules ---------------------------------------------------------------------------------------------------------------------------------- */

static void set_ports(int64_t min, int64_t max, int64_t *one, int64_t *start, int64_t *end)
{
	*one = *start = *end = OPT_NONE;
	if (min == max)
		*one = min;
	else
		*start = min, *end = max;
}

static const char *ip_protocol(struct iprows *r, int64_t number)
{
	static const struct {
		int number;
		const char *name;
	} names[] = { { 1, "icmp" }, { 2, "igmp" }, { 6, "tcp" }, { 17, "udp" }, { 47, "gre" }, { 50, "esp" }, { 51, "ah" },
		      { 58, "ipv6-icmp" }, { 132, "sctp" }, { 33, "dccp" }, { 136, "udplite" } };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].number == number)
			return names[i].name;
	return OPT_VALUE(number) ? arena_printf(&r->arena, "ipproto-%" PRId64, number) : NULL;
}

static const char *hex(struct iprows *r, int64_t v)
{
	return arena_printf(&r->arena, "0x%" PRIx64, (uint64_t)v);
}

/* print_rule(), ip/iprule.c */
void iprows_rule(struct iprows *r, const struct snap_rule *s, struct iprow_rule *out)
{
	uint32_t whole = s->family == ADDR_INET6 ? 128 : 32;
	bool marked = (OPT_VALUE(s->fwmark) && s->fwmark) || (OPT_VALUE(s->fwmask) && s->fwmask);

	*out = (struct iprow_rule){
		.record = s,
		.family = addr_family_names[s->family],
		.priority = s->priority,
		.negated = s->invert,
		.l3mdev = s->l3mdev,
		.src = s->src ? s->src : s->src_len ? "0" : "all",
		.srclen = (s->src ? s->src_len != whole : s->src_len > 0) ? (int64_t)s->src_len : OPT_NONE,
		.dst = s->dst ? s->dst : s->dst_len ? "0" : NULL,
		.dstlen = (s->dst ? s->dst_len != whole : s->dst_len > 0) ? (int64_t)s->dst_len : OPT_NONE,
		.tos = OPT_VALUE(s->tos) && s->tos ? arena_printf(&r->arena, "0x%02x", (unsigned int)s->tos) : NULL,
		.fwmark = marked ? hex(r, OPT_VALUE(s->fwmark) ? s->fwmark : 0) : NULL,
		.fwmask = marked && OPT_VALUE(s->fwmask) && s->fwmask != UINT32_MAX ? hex(r, s->fwmask) : NULL,
		.iif = s->iif,
		.oif = s->oif,
		.uid_start = s->uid_min,
		.uid_end = s->uid_max,
		.ipproto = ip_protocol(r, s->ipproto),
		.suppress_prefixlen = s->suppress_prefixlen,
		.go_to = s->action == ACTION_GOTO ? s->target : OPT_NONE,
		.protocol = s->protocol && s->protocol != PROTO_KERNEL ? protocol(r, s->protocol) : NULL,
	};
	set_ports(s->sport_min, s->sport_max, &out->sport, &out->sport_start, &out->sport_end);
	set_ports(s->dport_min, s->dport_max, &out->dport, &out->dport_start, &out->dport_end);
	if (OPT_VALUE(s->table) && s->table && s->action == ACTION_TABLE && !s->l3mdev)
		out->table = name_or_number(r, route_table_name((uint32_t)s->table), (uint32_t)s->table);
	if (s->action != ACTION_TABLE && s->action != ACTION_GOTO)
		out->action = rule_action_names[s->action];
}

/* --- neighbours, nexthop objects ---------------------------------------------------------------------------------------------------------- */

/* do_show_or_flush(), ip/ipneigh.c */
bool iprows_shows_neigh(const struct snap_neigh *n)
{
	enum { NOARP = 0x40, PROXY = 1 << 3, EXT_LEARNED = 1 << 4 }; /* NUD_NOARP, NTF_*: include/uapi/linux/neighbour.h */

	return n->flags & PROXY ? false : n->state & ~(uint64_t)NOARP || n->flags & EXT_LEARNED;
}

void iprows_neigh(struct iprows *r, const struct snap_neigh *n, struct iprow_neigh *out)
{
	*out = (struct iprow_neigh){
		.dst = n->dst,
		.dev = iprows_device(r, n->ifindex),
		.lladdr = n->lladdr,
		.family = addr_family_names[n->family],
		.router = n->flags & 1 << 7, /* NTF_* */
		.proxy = n->flags & 1 << 3,
		.extern_learn = n->flags & 1 << 4,
		.offload = n->flags & 1 << 5,
	};
	out->state = names_of(r, neigh_state_names, n->state, &out->n_state);
}

void iprows_nexthop(struct iprows *r, const struct snap_nexthop *n, struct iprow_nexthop *out)
{
	struct iprow_member *group = arena_alloc(&r->arena, MAX(n->n_group, 1u) * sizeof(*group));

	for (uint32_t i = 0; i < n->n_group; i++)
		group[i].id = n->group[i];
	*out = (struct iprow_nexthop){ .id = n->id, .gateway = n->gateway, .dev = iprows_device(r, n->oif), .blackhole = n->blackhole,
				       .fdb = n->fdb, .group = n->n_group ? group : NULL, .n_group = n->n_group };
}
