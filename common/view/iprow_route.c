// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>

#include "view/iprow_fill.h"

enum { PROTO_BOOT = 3, PROTO_KERNEL = 2, TABLE_MAIN = 254, ACTION_TABLE = 1, ACTION_GOTO = 2, ACTION_NOP = 3 };

/* --- routes -------------------------------------------------------------------------------------------------------------------- */

static const struct field via_fields[] = {
	{ .name = "family", .kind = F_STR, .off = offsetof(struct iprow_via, family), HELP("inet or inet6") },
	{ .name = "host", .kind = F_STR, .off = offsetof(struct iprow_via, host), HELP("address") },
};
static DESC(via_desc, "route_via", struct iprow_via, "a gateway of the other address family", via_fields);

#define H(member, knd, ...) \
	{ \
		.name = #member, .kind = knd, .off = offsetof(struct iprow_hop, member), __VA_ARGS__ \
	}
static const struct field hop_fields[] = {
	H(gateway, F_STR, OMIT, HELP("gateway")),
	H(via, F_REC, OMIT, .rec = &via_desc, HELP("gateway of the other family")),
	H(dev, F_STR, OMIT, HELP("device")),
	H(weight, F_U32, HELP("weight")),
	H(flags, F_STRS, COUNTED(iprow_hop, flags), HELP("flags")),
};
static DESC(hop_desc, "route_nexthop", struct iprow_hop, "a way that a route may take", hop_fields);

#define MET(member) FIELD(iprow_metrics, member, F_OPT, OMIT, HELP("as ip route has it"))
static const struct field metrics_fields[] = { MET(mtu),
					       MET(window),
					       MET(rtt),
					       MET(rttvar),
					       MET(ssthresh),
					       MET(cwnd),
					       MET(advmss),
					       MET(reordering),
					       MET(hoplimit),
					       MET(initcwnd),
					       FIELD(iprow_metrics, ecn, F_MARK, HELP("explicit congestion notification")),
					       MET(rto_min),
					       MET(initrwnd),
					       MET(quickack),
					       MET(fastopen_no_cookie),
					       FIELD(iprow_metrics, congestion, F_STR, OMIT, HELP("how it answers congestion")) };
static DESC(metrics_desc, "route_metrics", struct iprow_metrics, "what a route sets for its connections", metrics_fields);

#define R(member, ...) FIELD(iprow_route, member, __VA_ARGS__)
static const struct field route_fields[] = {
	R(type, F_STR, OMIT, HELP("type, unless unicast")),
	R(dst, F_STR, HELP("destination")),
	R(from, F_STR, OMIT, HELP("source that it is for")),
	R(encap, F_STR, OMIT, HELP("what packets are wrapped in")),
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
	R(expires, F_OPT, OMIT, HELP("seconds that it has left")),
	R(iif, F_STR, OMIT, HELP("device that packets come from")),
	R(flags, F_STRS, COUNTED(iprow_route, flags), HELP("flags")),
	R(metrics, F_RECS, OMIT, COUNTED(iprow_route, metrics), .rec = &metrics_desc, HELP("what it sets for its connections")),
	R(pref, F_STR, OMIT, HELP("preference (inet6)")),
	R(nexthops, F_RECS, OMIT, COUNTED(iprow_route, nexthops), .rec = &hop_desc, HELP("the ways of a multipath route")),
	R(family, F_STR, HELP("inet or inet6")),
};
DESC(iprow_route_desc, "route", struct iprow_route, "a route", route_fields);

static const char *with_length(struct iprows *r, const char *addr, uint32_t len, uint8_t family)
{
	return len == (family == ADDR_INET6 ? 128 : 32) ? addr : arena_printf(&r->arena, "%s/%u", addr, len);
}

static const char *protocol(struct iprows *r, uint32_t number)
{
	return iprows_word(r, route_protocol_name(number), number);
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
	return iprows_words(r, hop_flag_names, flags, n);
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

static void fill_metric(const struct snap_route *s, const struct field *f, void *to)
{
	if (f->kind == F_OPT)
		*(int64_t *)to = OPT_NONE;
	for (uint32_t i = 0; i < s->n_metrics; i++)
		if (strcmp(s->metrics[i].key, f->name) != 0)
			continue;
		else if (f->kind == F_MARK)
			*(bool *)to = true;
		else if (f->kind == F_STR)
			*(const char **)to = s->metrics[i].value;
		else
			*(int64_t *)to = iprows_number(s->metrics[i].value);
}

static void fill_metrics(struct iprows *r, const struct snap_route *s, struct iprow_route *out)
{
	struct iprow_metrics *m;

	if (!s->n_metrics)
		return;
	out->metrics = m = arena_alloc(&r->arena, sizeof(*m));
	out->n_metrics = 1;
	for (size_t k = 0; k < metrics_desc.n_fields; k++)
		fill_metric(s, &metrics_desc.fields[k], (char *)m + metrics_desc.fields[k].off);
}

static const char *route_dst(struct iprows *r, const struct snap_route *s)
{
	if (s->dst)
		return with_length(r, s->dst, s->dst_len, s->family);
	return s->dst_len ? arena_printf(&r->arena, "0/%u", s->dst_len) : "default";
}

void iprows_route(struct iprows *r, const struct snap_route *s, struct iprow_route *out)
{
	static const char *const prefs[] = { "medium", "high", NULL,
					     "low" }; /* ICMPV6_ROUTER_PREF_*, include/uapi/linux/icmpv6.h */
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
		.table = s->table == TABLE_MAIN ? NULL : iprows_word(r, route_table_name(s->table), s->table),
		.protocol = s->protocol == PROTO_BOOT ? NULL : protocol(r, s->protocol),
		.scope = s->scope ? iprows_word(r, route_scope_name(s->scope), s->scope) : NULL,
		.prefsrc = s->prefsrc,
		.metric = s->metric,
		.expires = s->expires,
		.encap = s->encap,
		.pref = OPT_VALUE(s->pref) && s->pref < (int64_t)ARRAY_SIZE(prefs) ? prefs[s->pref] : NULL,
	};
	out->flags = route_flags(r, s->flags, &out->n_flags);
	fill_metrics(r, s, out);
	fill_hops(r, s, out);
}

/* --- rules -------------------------------------------------------------------------------------------------------------------- */

#define U(member, knd, ...) \
	{ \
		.name = #member, .kind = knd, .off = offsetof(struct iprow_rule, member), __VA_ARGS__ \
	}
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
	U(iif_detached, F_MARK, HELP("there is no such device")),
	U(oif, F_STR, OMIT, HELP("device of the sending socket")),
	U(oif_detached, F_MARK, HELP("there is no such device")),
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
	U(tun_id, F_OPT, OMIT, HELP("id of a tunnel")),
	U(more, F_MARK, HELP("it minds more than is read here")),
	U(table, F_STR, OMIT, HELP("table to look in")),
	U(suppress_prefixlen, F_OPT, OMIT, HELP("routes with no more bits do not count")),
	U(suppress_ifgroup, F_STR, OMIT, HELP("routes by a device of that group do not count")),
	{ .name = "goto", .kind = F_OPT, .off = offsetof(struct iprow_rule, go_to), OMIT, HELP("priority to go on at") },
	U(unresolved, F_MARK, HELP("no rule has that")),
	U(flow_from, F_STR, OMIT, HELP("realm of the source")),
	U(flow_to, F_STR, OMIT, HELP("realm of the destination")),
	U(nop, F_MARK, HELP("it does nothing")),
	U(action, F_STR, OMIT, HELP("what to do instead of looking")),
	U(protocol, F_STR, OMIT, HELP("who made it")),
	U(family, F_STR, HELP("inet or inet6")),
};
DESC(iprow_rule_desc, "rule", struct iprow_rule, "a routing policy rule", rule_fields);

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
	} names[] = { { 1, "icmp" }, { 2, "igmp" },       { 6, "tcp" },    { 17, "udp" },  { 47, "gre" },     { 50, "esp" },
		      { 51, "ah" },  { 58, "ipv6-icmp" }, { 132, "sctp" }, { 33, "dccp" }, { 136, "udplite" } };

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
/* An address of a rule: that of zeroes is not said, but has a length. */
static const char *prefix_word(const char *addr, uint32_t len, const char *none)
{
	if (addr)
		return addr;
	return len ? "0" : none;
}

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
		.src = prefix_word(s->src, s->src_len, "all"),
		.srclen = (s->src ? s->src_len != whole : s->src_len > 0) ? (int64_t)s->src_len : OPT_NONE,
		.dst = prefix_word(s->dst, s->dst_len, NULL),
		.dstlen = (s->dst ? s->dst_len != whole : s->dst_len > 0) ? (int64_t)s->dst_len : OPT_NONE,
		.tos = OPT_VALUE(s->tos) && s->tos ? arena_printf(&r->arena, "0x%02x", (unsigned int)s->tos) : NULL,
		.tun_id = s->tun_id,
		.flow_from =
			OPT_VALUE(s->realms) && s->realms >> 16 ? arena_printf(&r->arena, "%u", (uint32_t)s->realms >> 16) : NULL,
		.flow_to = OPT_VALUE(s->realms) ? arena_printf(&r->arena, "%u", (uint32_t)s->realms & 0xffff) : NULL,
		.unresolved = s->unresolved,
		.iif_detached = s->iif_detached,
		.oif_detached = s->oif_detached,
		.more = s->more && !OPT_VALUE(s->tun_id),
		.nop = s->action == ACTION_NOP,
		.fwmark = marked ? hex(r, OPT_VALUE(s->fwmark) ? s->fwmark : 0) : NULL,
		.fwmask = marked && OPT_VALUE(s->fwmask) && s->fwmask != UINT32_MAX ? hex(r, s->fwmask) : NULL,
		.iif = s->iif,
		.oif = s->oif,
		.uid_start = s->uid_min,
		.uid_end = s->uid_max,
		.ipproto = ip_protocol(r, s->ipproto),
		.suppress_prefixlen = s->suppress_prefixlen,
		.suppress_ifgroup = OPT_VALUE(s->suppress_ifgroup) ? iprows_word(r, NULL, (uint32_t)s->suppress_ifgroup) : NULL,
		.go_to = s->action == ACTION_GOTO ? s->target : OPT_NONE,
		.protocol = s->protocol && s->protocol != PROTO_KERNEL ? protocol(r, s->protocol) : NULL,
	};
	set_ports(s->sport_min, s->sport_max, &out->sport, &out->sport_start, &out->sport_end);
	set_ports(s->dport_min, s->dport_max, &out->dport, &out->dport_start, &out->dport_end);
	if (OPT_VALUE(s->table) && s->table && s->action == ACTION_TABLE && !s->l3mdev)
		out->table = iprows_word(r, route_table_name((uint32_t)s->table), (uint32_t)s->table);
	if (s->action != ACTION_TABLE && s->action != ACTION_GOTO && s->action != ACTION_NOP)
		out->action = rule_action_names[s->action];
}
