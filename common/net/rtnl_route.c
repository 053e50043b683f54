// SPDX-License-Identifier: GPL-2.0-or-later
/* Routes, rules, neighbours, nexthop objects: fib_dump_info(), net/ipv4/fib_semantics.c; rt6_fill_node(), net/ipv6/route.c. */
#include <endian.h>
#include <linux/fib_rules.h>
#include <linux/lwtunnel.h>
#include <linux/neighbour.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "net/rtnl.h"

static struct nlmsghdr *get(char *buf, uint16_t type, size_t header_size)
{
	struct nlmsghdr *h = nl_request(buf, type);

	mnl_nlmsg_put_extra_header(h, header_size);
	return h;
}

struct nlmsghdr *rtnl_get_routes(char *buf)
{
	return get(buf, RTM_GETROUTE, sizeof(struct rtmsg));
}

struct nlmsghdr *rtnl_get_rules(char *buf)
{
	return get(buf, RTM_GETRULE, sizeof(struct fib_rule_hdr));
}

struct nlmsghdr *rtnl_get_neighs(char *buf)
{
	return get(buf, RTM_GETNEIGH, sizeof(struct ndmsg));
}

struct nlmsghdr *rtnl_get_nexthops(char *buf)
{
	return get(buf, RTM_GETNEXTHOP, sizeof(struct nhmsg));
}

static uint8_t family_of(int family)
{
	return family == AF_INET6 ? ADDR_INET6 : ADDR_INET;
}

static bool is_ip(int family)
{
	return family == AF_INET || family == AF_INET6;
}

static uint32_t number_or(const struct nlattr *a, uint32_t otherwise)
{
	int64_t n = rtnl_number(a);

	return OPT_VALUE(n) ? (uint32_t)n : otherwise;
}

static int64_t byte_of(const struct nlattr *a)
{
	const uint8_t *p = nl_attr(a, 1);

	return p ? *p : OPT_NONE;
}

/* --- routes ----------------------------------------------------------------------------------------------------------------- */

/* A gateway of the other family: struct rtvia. */
static const char *via(const struct nlattr *a, struct intern *in, uint8_t *family)
{
	const char *p = nl_attr(a, sizeof(uint16_t));
	size_t len = mnl_attr_get_payload_len(a);
	uint16_t af;

	if (!p)
		return NULL;
	memcpy(&af, p, sizeof(af));
	if (!is_ip(af) || len < sizeof(af) + (af == AF_INET ? 4 : 16))
		return NULL;
	*family = family_of(af);
	return intern_addr(in, af, p + sizeof(af));
}

static void take_hop_attr(const struct nlattr *a, int family, struct intern *in, struct snap_hop *hop)
{
	if (mnl_attr_get_type(a) == RTA_GATEWAY)
		hop->gateway = rtnl_addr(a, family, in);
	else if (mnl_attr_get_type(a) == RTA_VIA)
		hop->gateway = via(a, in, &hop->family);
}

/* The struct rtnexthop at that place, or NULL where none fits in front of the end. */
static const struct rtnexthop *hop_at(const char *at, const char *end)
{
	const struct rtnexthop *nh = (const void *)at;

	return (size_t)(end - at) >= sizeof(*nh) && nh->rtnh_len >= sizeof(*nh) && nh->rtnh_len <= end - at ? nh : NULL;
}

static const struct rtnexthop *next_hop(const struct rtnexthop *nh, const char *end)
{
	size_t step = RTNH_ALIGN((size_t)nh->rtnh_len);

	return step < (size_t)(end - (const char *)nh) ? hop_at((const char *)nh + step, end) : NULL;
}

static void take_multipath(const struct nlattr *nest, int family, struct intern *in, struct snap_route *r)
{
	const char *begin = mnl_attr_get_payload(nest), *end = begin + mnl_attr_get_payload_len(nest);
	const struct rtnexthop *nh;
	struct snap_hop *hop;
	uint32_t n = 0;

	for (nh = hop_at(begin, end); nh; nh = next_hop(nh, end))
		n++;
	if (!n)
		return;
	r->hops = hop = arena_alloc(in->arena, n * sizeof(*hop));
	r->n_hops = n;
	for (nh = hop_at(begin, end); nh; nh = next_hop(nh, end), hop++) {
		const char *tail = (const char *)nh + nh->rtnh_len;
		const struct nlattr *a;

		*hop = (struct snap_hop){ .family = family_of(family),
					  .oif = nh->rtnh_ifindex,
					  .weight = (uint32_t)nh->rtnh_hops + 1,
					  .flags = nh->rtnh_flags };
		for (a = nl_attr_at(RTNH_DATA(nh), tail); a; a = nl_attr_at(mnl_attr_next(a), tail))
			take_hop_attr(a, family, in, hop);
	}
}

/*
 * Numbers as they are; the times of TCP in the units of the message, eighths and quarters of a millisecond, are ip's as whole
 * ones.
 */
static void take_metrics(const struct nlattr *nest, struct intern *in, struct snap_route *r)
{
	static const char *const names[] = { [RTAX_MTU] = "mtu",           [RTAX_WINDOW] = "window",
					     [RTAX_RTT] = "rtt",           [RTAX_RTTVAR] = "rttvar",
					     [RTAX_SSTHRESH] = "ssthresh", [RTAX_CWND] = "cwnd",
					     [RTAX_ADVMSS] = "advmss",     [RTAX_REORDERING] = "reordering",
					     [RTAX_HOPLIMIT] = "hoplimit", [RTAX_INITCWND] = "initcwnd",
					     [RTAX_RTO_MIN] = "rto_min",   [RTAX_INITRWND] = "initrwnd",
					     [RTAX_QUICKACK] = "quickack", [RTAX_FASTOPEN_NO_COOKIE] = "fastopen_no_cookie" };
	static const uint32_t divisors[ARRAY_SIZE(names)] = { [RTAX_RTT] = 8, [RTAX_RTTVAR] = 4 };
	struct snap_link_attr *attrs = arena_alloc(in->arena, ARRAY_SIZE(names) * sizeof(*attrs));

	nl_for_each_in (a, nest) {
		uint16_t type = mnl_attr_get_type(a);
		int64_t value = rtnl_number(a);

		if (type == RTAX_CC_ALGO && r->n_metrics < ARRAY_SIZE(names))
			attrs[r->n_metrics++] = (struct snap_link_attr){ "congestion", rtnl_text(a, in), false };
		if (type == RTAX_FEATURES && OPT_VALUE(value) && value & RTAX_FEATURE_ECN && r->n_metrics < ARRAY_SIZE(names))
			attrs[r->n_metrics++] = (struct snap_link_attr){ "ecn", "true", true };
		if (type >= ARRAY_SIZE(names) || !names[type] || !OPT_VALUE(value) || r->n_metrics == ARRAY_SIZE(names))
			continue;
		value /= divisors[type] ? divisors[type] : 1;
		attrs[r->n_metrics++] =
			(struct snap_link_attr){ names[type], arena_printf(in->arena, "%u", (uint32_t)value), true };
	}
	r->metrics = r->n_metrics ? attrs : NULL;
}

/* LWTUNNEL_ENCAP_*, as ip names them. */
static const char *encap_name(const struct nlattr *a, struct intern *in)
{
	static const char *const names[] = {
		[LWTUNNEL_ENCAP_MPLS] = "mpls", [LWTUNNEL_ENCAP_IP] = "ip",       [LWTUNNEL_ENCAP_ILA] = "ila",
		[LWTUNNEL_ENCAP_IP6] = "ip6",   [LWTUNNEL_ENCAP_SEG6] = "seg6",   [LWTUNNEL_ENCAP_BPF] = "bpf",
		[LWTUNNEL_ENCAP_RPL] = "rpl",   [LWTUNNEL_ENCAP_IOAM6] = "ioam6", [LWTUNNEL_ENCAP_SEG6_LOCAL] = "seg6local",
		[LWTUNNEL_ENCAP_XFRM] = "xfrm"
	};
	const void *p = nl_attr(a, sizeof(uint16_t));
	uint16_t type;

	if (!p)
		return NULL;
	memcpy(&type, p, sizeof(type));
	return type < ARRAY_SIZE(names) && names[type] ? names[type] : arena_printf(in->arena, "%u", type);
}

/* struct rta_cacheinfo: what is left, in ticks of USER_HZ; 0: for ever. */
static int64_t seconds_left(const struct nlattr *a)
{
	enum { USER_HZ = 100 };
	struct rta_cacheinfo info;

	if (!nl_attr(a, sizeof(info)))
		return OPT_NONE;
	memcpy(&info, mnl_attr_get_payload(a), sizeof(info));
	return info.rta_expires ? info.rta_expires / USER_HZ : OPT_NONE;
}

static void take_route_attr(const struct nlattr *a, int family, struct intern *in, struct snap_route *r)
{
	switch (mnl_attr_get_type(a)) {
	case RTA_DST:
		r->dst = rtnl_addr(a, family, in);
		break;
	case RTA_SRC:
		r->src = rtnl_addr(a, family, in);
		break;
	case RTA_GATEWAY:
		r->gateway = rtnl_addr(a, family, in);
		break;
	case RTA_VIA:
		r->gateway = via(a, in, &r->gateway_family);
		break;
	case RTA_PREFSRC:
		r->prefsrc = rtnl_addr(a, family, in);
		break;
	case RTA_OIF:
		r->oif = rtnl_number(a);
		break;
	case RTA_IIF:
		r->iif = rtnl_number(a);
		break;
	case RTA_PRIORITY:
		r->metric = rtnl_number(a);
		break;
	case RTA_TABLE: /* of 32 bits, where the header has 8 */
		r->table = number_or(a, r->table);
		break;
	case RTA_NH_ID:
		r->nhid = rtnl_number(a);
		break;
	case RTA_MULTIPATH:
		take_multipath(a, family, in, r);
		break;
	case RTA_METRICS:
		take_metrics(a, in, r);
		break;
	case RTA_ENCAP_TYPE:
		r->encap = encap_name(a, in);
		break;
	case RTA_CACHEINFO:
		r->expires = seconds_left(a);
		break;
	case RTA_PREF:
		r->pref = byte_of(a);
		break;
	}
}

int rtnl_parse_route(const struct nlmsghdr *h, struct intern *in, struct snap_route *out)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(h);
	struct snap_route r;

	if (h->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(h) < sizeof(*m))
		return -EINVAL;
	if (!is_ip(m->rtm_family) || m->rtm_flags & RTM_F_CLONED) /* what was only looked up */
		return -EAFNOSUPPORT;
	r = (struct snap_route){
		.family = family_of(m->rtm_family),
		.gateway_family = family_of(m->rtm_family),
		.type = m->rtm_type <= ROUTE_XRESOLVE ? m->rtm_type : ROUTE_UNSPEC,
		.dst_len = m->rtm_dst_len,
		.src_len = m->rtm_src_len,
		.tos = m->rtm_tos,
		.table = m->rtm_table,
		.protocol = m->rtm_protocol,
		.scope = m->rtm_scope,
		.flags = m->rtm_flags,
		.oif = OPT_NONE,
		.iif = OPT_NONE,
		.metric = OPT_NONE,
		.nhid = OPT_NONE,
		.pref = OPT_NONE,
		.expires = OPT_NONE,
	};
	nl_for_each (a, h, sizeof(*m))
		take_route_attr(a, m->rtm_family, in, &r);
	*out = r;
	return 0;
}

/* --- rules ------------------------------------------------------------------------------------------------------------------ */

static void take_ports(const struct nlattr *a, int64_t *min, int64_t *max)
{
	const struct fib_rule_port_range *p = nl_attr(a, sizeof(*p));

	if (p) {
		*min = p->start;
		*max = p->end;
	}
}

static void take_uids(const struct nlattr *a, struct snap_rule *r)
{
	struct fib_rule_uid_range range;

	if (!nl_attr(a, sizeof(range)))
		return;
	memcpy(&range, mnl_attr_get_payload(a), sizeof(range));
	r->uid_min = range.start;
	r->uid_max = range.end;
}

/* The mask of a port that is meant as it is. */
static bool is_whole_mask(const struct nlattr *a)
{
	const void *p = nl_attr(a, sizeof(uint16_t));
	uint16_t mask = 0;

	if (p)
		memcpy(&mask, p, sizeof(mask));
	return mnl_attr_get_payload_len(a) == sizeof(mask) && mask == UINT16_MAX;
}

static int64_t tunnel_id(const struct nlattr *a)
{
	const void *p = nl_attr(a, sizeof(uint64_t));
	uint64_t id;

	if (!p)
		return OPT_NONE;
	memcpy(&id, p, sizeof(id));
	return (int64_t)be64toh(id);
}

static void take_rule_attr(const struct nlattr *a, int family, struct intern *in, struct snap_rule *r)
{
	switch (mnl_attr_get_type(a)) {
	case FRA_SRC:
		r->src = rtnl_addr(a, family, in);
		break;
	case FRA_DST:
		r->dst = rtnl_addr(a, family, in);
		break;
	case FRA_IIFNAME:
		r->iif = rtnl_text(a, in);
		break;
	case FRA_OIFNAME:
		r->oif = rtnl_text(a, in);
		break;
	case FRA_PRIORITY:
		r->priority = number_or(a, r->priority);
		break;
	case FRA_FWMARK:
		r->fwmark = rtnl_number(a);
		break;
	case FRA_FWMASK:
		r->fwmask = rtnl_number(a);
		break;
	case FRA_TABLE:
		r->table = rtnl_number(a);
		break;
	case FRA_GOTO:
		r->target = rtnl_number(a);
		break;
	case FRA_SUPPRESS_PREFIXLEN: /* -1: none */
		r->suppress_prefixlen = rtnl_number(a) == UINT32_MAX ? OPT_NONE : rtnl_number(a);
		break;
	case FRA_SUPPRESS_IFGROUP:
		r->suppress_ifgroup = rtnl_number(a) == UINT32_MAX ? OPT_NONE : rtnl_number(a);
		break;
	case FRA_L3MDEV:
		r->l3mdev = byte_of(a) > 0;
		break;
	case FRA_PROTOCOL:
		r->protocol = (uint32_t)MAX(byte_of(a), (int64_t)0);
		break;
	case FRA_IP_PROTO:
		r->ipproto = byte_of(a);
		break;
	case FRA_SPORT_RANGE:
		take_ports(a, &r->sport_min, &r->sport_max);
		break;
	case FRA_DPORT_RANGE:
		take_ports(a, &r->dport_min, &r->dport_max);
		break;
	case FRA_UID_RANGE:
		take_uids(a, r);
		break;
	case FRA_TUN_ID:
		r->tun_id = tunnel_id(a);
		r->more = true; /* which packet has that is not known here */
		break;
	case FRA_FLOW:
		r->realms = rtnl_number(a);
		break;
	default: /* newer than our headers: DSCP (6.13), flow labels (6.14), masks of ports (6.15) */
		r->more = r->more || (mnl_attr_get_type(a) > FRA_DPORT_RANGE && !is_whole_mask(a));
		break;
	}
}

int rtnl_parse_rule(const struct nlmsghdr *h, struct intern *in, struct snap_rule *out)
{
	const struct fib_rule_hdr *m = mnl_nlmsg_get_payload(h);
	struct snap_rule r;

	if (h->nlmsg_type != RTM_NEWRULE || mnl_nlmsg_get_payload_len(h) < sizeof(*m))
		return -EINVAL;
	if (!is_ip(m->family))
		return -EAFNOSUPPORT;
	r = (struct snap_rule){
		.family = family_of(m->family),
		.invert = m->flags & FIB_RULE_INVERT,
		.src_len = m->src_len,
		.dst_len = m->dst_len,
		.action = m->action <= FR_ACT_PROHIBIT ? m->action : 0,
		.tos = m->tos ? m->tos : OPT_NONE,
		.table = m->table ? m->table : OPT_NONE,
		.fwmark = OPT_NONE,
		.fwmask = OPT_NONE,
		.ipproto = OPT_NONE,
		.sport_min = OPT_NONE,
		.sport_max = OPT_NONE,
		.dport_min = OPT_NONE,
		.dport_max = OPT_NONE,
		.uid_min = OPT_NONE,
		.uid_max = OPT_NONE,
		.target = OPT_NONE,
		.suppress_prefixlen = OPT_NONE,
		.suppress_ifgroup = OPT_NONE,
		.tun_id = OPT_NONE,
		.realms = OPT_NONE,
		.unresolved = m->flags & FIB_RULE_UNRESOLVED,
		.iif_detached = m->flags & FIB_RULE_IIF_DETACHED,
		.oif_detached = m->flags & FIB_RULE_OIF_DETACHED,
	};
	nl_for_each (a, h, sizeof(*m))
		take_rule_attr(a, m->family, in, &r);
	*out = r;
	return 0;
}

/* --- neighbours ------------------------------------------------------------------------------------------------------------- */

int rtnl_parse_neigh(const struct nlmsghdr *h, struct intern *in, struct snap_neigh *out)
{
	const struct ndmsg *m = mnl_nlmsg_get_payload(h);
	struct snap_neigh n;

	if (h->nlmsg_type != RTM_NEWNEIGH || mnl_nlmsg_get_payload_len(h) < sizeof(*m))
		return -EINVAL;
	if (!is_ip(m->ndm_family))
		return -EAFNOSUPPORT;
	n = (struct snap_neigh){ .family = family_of(m->ndm_family),
				 .ifindex = (uint32_t)m->ndm_ifindex,
				 .state = m->ndm_state,
				 .flags = m->ndm_flags };
	nl_for_each (a, h, sizeof(*m)) {
		if (mnl_attr_get_type(a) == NDA_DST)
			n.dst = rtnl_addr(a, m->ndm_family, in);
		else if (mnl_attr_get_type(a) == NDA_LLADDR)
			n.lladdr = rtnl_lladdr(a, in);
		else if (mnl_attr_get_type(a) == NDA_PROTOCOL)
			n.protocol = (uint32_t)MAX(byte_of(a), (int64_t)0);
		else if (mnl_attr_get_type(a) == NDA_FLAGS_EXT)
			n.flags |= (uint64_t)number_or(a, 0) << 8;
	}
	if (!n.dst)
		return -EINVAL;
	*out = n;
	return 0;
}

/* --- nexthop objects -------------------------------------------------------------------------------------------------------- */

static void take_group(const struct nlattr *a, struct intern *in, struct snap_nexthop *n)
{
	size_t count = mnl_attr_get_payload_len(a) / sizeof(struct nexthop_grp);
	const char *p = mnl_attr_get_payload(a);
	uint32_t *ids;

	if (!count)
		return;
	n->group = ids = arena_alloc(in->arena, count * sizeof(*ids));
	n->n_group = (uint32_t)count;
	for (size_t i = 0; i < count; i++)
		memcpy(&ids[i], p + i * sizeof(struct nexthop_grp) + offsetof(struct nexthop_grp, id), sizeof(*ids));
}

static void take_nexthop_attr(const struct nlattr *a, int family, struct intern *in, struct snap_nexthop *n)
{
	switch (mnl_attr_get_type(a)) {
	case NHA_ID:
		n->id = number_or(a, 0);
		break;
	case NHA_GROUP:
		take_group(a, in, n);
		break;
	case NHA_BLACKHOLE:
		n->blackhole = true;
		break;
	case NHA_FDB:
		n->fdb = true;
		break;
	case NHA_OIF:
		n->oif = rtnl_number(a);
		break;
	case NHA_GATEWAY:
		n->gateway = is_ip(family) ? rtnl_addr(a, family, in) : NULL;
		break;
	}
}

int rtnl_parse_nexthop(const struct nlmsghdr *h, struct intern *in, struct snap_nexthop *out)
{
	const struct nhmsg *m = mnl_nlmsg_get_payload(h);
	struct snap_nexthop n;

	if (h->nlmsg_type != RTM_NEWNEXTHOP || mnl_nlmsg_get_payload_len(h) < sizeof(*m))
		return -EINVAL;
	n = (struct snap_nexthop){ .family = family_of(m->nh_family), .oif = OPT_NONE, .flags = m->nh_flags };
	nl_for_each (a, h, sizeof(*m))
		take_nexthop_attr(a, m->nh_family, in, &n);
	if (!n.id)
		return -EINVAL;
	*out = n;
	return 0;
}
