// SPDX-License-Identifier: GPL-2.0-or-later
/* What sockets and devices ask of the tables: the checks around the lookup, and source addresses. */
#include <linux/if.h>
#include <linux/rtnetlink.h>

#include "route/fib.h"

/* --- source addresses ------------------------------------------------------------------------------------------------------ */

static bool is_secondary(const struct snap_addr *a)
{
	return a->flags & ADDRF_TEMPORARY; /* the same bit: IFA_F_SECONDARY */
}

/* inet_select_addr, net/ipv4/devinet.c: of the device, best in the network of dst; else of any device. */
static struct ipaddr select_v4(const struct fib *f, uint32_t ifindex, const struct ipaddr *dst, uint32_t scope)
{
	const struct snap_link *l = fib_link(f, ifindex);
	uint32_t local_scope = l && fib_conf(f, 4, l->ifname, "route_localnet") > 0 ? RT_SCOPE_LINK : RT_SCOPE_HOST;
	struct ipaddr found = { 0 };

	for (uint32_t i = 0; i < f->n_addrs; i++) {
		const struct fib_addr *a = &f->addrs[i];

		if (a->a->ifindex != ifindex || a->a->family != ADDR_INET || is_secondary(a->a) ||
		    MIN(a->a->scope, local_scope) > scope)
			continue;
		if (!dst->family || ipaddr_in(dst, &a->net, a->a->prefixlen))
			return a->local;
		if (!found.family)
			found = a->local;
	}
	for (uint32_t i = 0; i < f->n_addrs && !found.family; i++) {
		const struct snap_addr *a = f->addrs[i].a;

		if (a->family == ADDR_INET && !is_secondary(a) && a->scope != RT_SCOPE_LINK && a->scope <= scope)
			found = f->addrs[i].local;
	}
	return found;
}

/* Scopes as RFC 6724 and ipv6_addr_scope compare them; and labels of its default policy table (net/ipv6/addrlabel.c). */
static int scope_v6(const struct ipaddr *a)
{
	if (ipaddr_is_multicast(a))
		return a->bytes[1] & 0xf;
	if (ipaddr_is_loopback(a) || ipaddr_is_linklocal(a))
		return 2;
	return a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0xc0 ? 5 : 14;
}

static int label_v6(const struct ipaddr *a)
{
	static const struct {
		const char *prefix;
		unsigned int len;
		int label;
	} rows[] = { { "::1", 128, 0 },   { "::ffff:0.0.0.0", 96, 4 }, { "::", 96, 3 },
		     { "2001::", 32, 6 }, { "2001:10::", 28, 7 },      { "3ffe::", 16, 12 },
		     { "2002::", 16, 2 }, { "fec0::", 10, 11 },        { "fc00::", 7, 5 } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ipaddr net;

		if (!ipaddr_parse(rows[i].prefix, &net) && ipaddr_in(a, &net, rows[i].len))
			return rows[i].label;
	}
	return 1;
}

static int common_bits(const struct ipaddr *a, const struct ipaddr *b, unsigned int most)
{
	unsigned int n = 0;

	while (n < most && ipaddr_in(a, b, n + 1))
		n++;
	return (int)n;
}

/* Is a a better source for dst than b? The rules of ipv6_get_saddr_eval (net/ipv6/addrconf.c) in its order; > 0: yes. */
static int better_v6(const struct fib_addr *a, const struct fib_addr *b, const struct ipaddr *dst, uint32_t oif)
{
	int sa = scope_v6(&a->local), sb = scope_v6(&b->local), sd = scope_v6(dst);
	int d = ipaddr_equal(&a->local, dst) - ipaddr_equal(&b->local, dst);

	if (d)
		return d;
	if (sa != sb)
		return sa < sb ? (sa < sd ? -1 : 1) : (sb < sd ? 1 : -1);
	d = !(a->a->flags & (ADDRF_DEPRECATED | ADDRF_OPTIMISTIC)) - !(b->a->flags & (ADDRF_DEPRECATED | ADDRF_OPTIMISTIC));
	if (!d)
		d = (a->a->ifindex == oif) - (b->a->ifindex == oif);
	if (!d)
		d = (label_v6(&a->local) == label_v6(dst)) - (label_v6(&b->local) == label_v6(dst));
	if (!d)
		d = common_bits(&a->local, dst, a->a->prefixlen) - common_bits(&b->local, dst, b->a->prefixlen);
	return d;
}

/* Link-local destinations take sources of their device only (ipv6_dev_get_saddr). Of equals the first of the device's list. */
static struct ipaddr select_v6(const struct fib *f, uint32_t oif, const struct ipaddr *dst)
{
	const struct fib_addr *best = NULL;
	bool strict = ipaddr_is_linklocal(dst) || ipaddr_is_multicast(dst);

	for (uint32_t i = 0; i < f->n_addrs; i++) {
		const struct fib_addr *a = &f->addrs[i];

		if (a->a->family != ADDR_INET6 || a->a->flags & (ADDRF_DADFAILED) || (strict && a->a->ifindex != oif))
			continue;
		if ((a->a->flags & (ADDRF_TENTATIVE | ADDRF_OPTIMISTIC)) == ADDRF_TENTATIVE)
			continue;
		if (!best || better_v6(a, best, dst, oif) > 0)
			best = a;
	}
	return best ? best->local : (struct ipaddr){ 0 };
}

struct ipaddr fib_source(const struct fib *f, const struct route *way, const struct ipaddr *dst)
{
	const struct snap_route *r = way->route;
	struct ipaddr a, none = { 0 };

	if (r && !ipaddr_parse(r->prefsrc, &a))
		return a;
	if (dst->family == 6) /* of what is local the device that the route names, though it goes by lo (ip6_route_get_saddr) */
		return select_v6(f, way->type == ROUTE_LOCAL && r && OPT_VALUE(r->oif) ? (uint32_t)r->oif : way->oif, dst);
	if (way->type == ROUTE_LOCAL)
		return *dst;
	return select_v4(f, way->oif, way->gateway.family == 4 ? &way->gateway : &none, r ? r->scope : RT_SCOPE_LINK);
}

/* --- sending ---------------------------------------------------------------------------------------------------------------- */

static void no_way(struct route *out, int err)
{
	out->fate = ROUTE_NO_WAY;
	out->err = err;
}

/* A gateway of IPv4 that the device has itself is none (rt_set_nexthop), though the source address is chosen by it. */
static void settle_gateway(const struct fib *f, struct route *out)
{
	for (uint32_t i = 0; i < f->n_addrs && out->gateway.family == 4; i++)
		if (f->addrs[i].a->ifindex == out->oif && ipaddr_equal(&f->addrs[i].local, &out->gateway))
			out->gateway.family = 0;
}

static bool is_lo(const struct fib *f, uint32_t ifindex)
{
	const struct snap_link *l = fib_link(f, ifindex);

	return l && l->flags & IFF_LOOPBACK;
}

/* The loopback device's number: 1 in every namespace (net/core/dev.c, dev_index_reserve; loopback_net_init). */
enum { LOOPBACK_IFINDEX = 1 };

/* With a device and no route the kernel takes it that the destination is on its link (ip_route_output_key_hash_rcu). */
static void assume_on_link(const struct fib *f, const struct route_flow *flow, struct route *out)
{
	*out = (struct route){ .fate = ROUTE_SENT, .type = ROUTE_UNICAST, .oif = flow->oif, .ways = 1, .rp_filter = OPT_NONE };
	out->src = flow->src.family ? flow->src : select_v4(f, flow->oif, &(struct ipaddr){ 0 }, RT_SCOPE_LINK);
}

/* An address of our own, or a local route to it, as 127/8 is (__ip_dev_find, net/ipv4/devinet.c). */
static bool is_own(const struct fib *f, const struct ipaddr *a)
{
	return fib_has_addr(f, a) || fib_says_local(f, a);
}

static bool output_checks(const struct fib *f, const struct route_flow *flow, struct route *out)
{
	const struct snap_link *l = flow->oif ? fib_link(f, flow->oif) : NULL;

	if (flow->src.family == 4 && !is_own(f, &flow->src))
		no_way(out, -ENETUNREACH);
	else if (flow->oif && !l)
		no_way(out, -ENODEV);
	else if (l && !(l->flags & IFF_UP) && flow->dst.family == 4)
		no_way(out, -ENETUNREACH);
	return !out->err;
}

/* ip_route_output_key_hash_rcu, net/ipv4/route.c; ip6_dst_lookup_tail, net/ipv6/ip6_output.c */
void route_output(const struct fib *f, const struct route_flow *flow, struct route *out)
{
	struct route_flow asked = *flow;

	*out = (struct route){ .rp_filter = OPT_NONE };
	if (!output_checks(f, flow, out))
		return;
	asked.iif = 0;
	fib_lookup(f, &asked, out);
	if (out->err && flow->oif && flow->dst.family == 4) {
		assume_on_link(f, flow, out);
		return;
	}
	if (out->err)
		return;
	out->src = flow->src.family ? flow->src : fib_source(f, out, &flow->dst);
	settle_gateway(f, out);
	out->fate = out->type == ROUTE_LOCAL       ? ROUTE_LOCAL_DELIVERY
		    : out->type == ROUTE_BROADCAST ? ROUTE_BROADCAST_DELIVERY
						   : ROUTE_SENT;
	if (out->type == ROUTE_LOCAL)
		out->oif = LOOPBACK_IFINDEX;
	if (!out->src.family && flow->dst.family == 4)
		out->src = ipaddr_any(4); /* it is sent all the same, and whoever gets it takes it for a martian */
	if (!out->src.family)
		no_way(out, -EADDRNOTAVAIL);
	/* __mkroute_output: 127/8 does not leave. */
	else if (flow->dst.family == 4 && ipaddr_is_loopback(&out->src) && !is_lo(f, out->oif) && fib_link(f, out->oif) &&
		 fib_conf(f, 4, fib_link(f, out->oif)->ifname, "route_localnet") < 1 && fib_conf(f, 4, "all", "route_localnet") < 1)
		no_way(out, -EINVAL);
}

/* --- receiving ---------------------------------------------------------------------------------------------------------------- */

/* IN_DEV_ORCONF and IN_DEV_MAXCONF, include/linux/inetdevice.h. */
static int64_t larger_conf(const struct fib *f, const char *dev, const char *key)
{
	int64_t all = fib_conf(f, 4, "all", key), own = fib_conf(f, 4, dev, key);

	return MAX(all, own);
}

/* Local routes that the kernel did not make itself (inet_rtm_newroute: fib_has_custom_local_routes). */
static bool custom_local_routes(const struct fib *f)
{
	for (uint32_t i = 0; i < f->n_routes; i++)
		if (f->routes[i].r->family == ADDR_INET && f->routes[i].r->type == ROUTE_LOCAL &&
		    f->routes[i].r->protocol != RTPROT_KERNEL)
			return true;
	return false;
}

static bool has_address(const struct fib *f, uint32_t ifindex)
{
	for (uint32_t i = 0; i < f->n_addrs; i++)
		if (f->addrs[i].a->ifindex == ifindex && f->addrs[i].a->family == ADDR_INET)
			return true;
	return false;
}

/*
 * The route back to the source, and whether it says no: __fib_validate_source, net/ipv4/fib_frontend.c. It is looked for as if the answer
 * came in by the device that the packet is to leave by, and is root's.
 */
static enum route_fate check_way_back(const struct fib *f, const struct route_flow *flow, const struct snap_link *dev, uint32_t oif,
				      struct route *out)
{
	struct route_flow back = { .src = flow->dst, .dst = flow->src, .iif = oif, .tos = flow->tos };
	struct route way;

	if (f->dissects) {
		back.proto = flow->proto;
		back.sport = flow->dport;
		back.dport = flow->sport;
	}
	if (larger_conf(f, dev->ifname, "src_valid_mark") > 0)
		back.mark = flow->mark;
	fib_lookup(f, &back, &way);
	out->unsure = out->unsure ? out->unsure : way.unsure;
	if (way.err)
		return out->rp_filter > 0 ? ROUTE_RP_FILTER : ROUTE_SENT;
	if (way.type != ROUTE_UNICAST && (way.type != ROUTE_LOCAL || larger_conf(f, dev->ifname, "accept_local") < 1))
		return ROUTE_MARTIAN_SOURCE;
	out->back_oif = way.oif;
	if (fibhop_uses(f, way.route, flow->iif) || (way.type == ROUTE_LOCAL && is_lo(f, flow->iif)))
		return ROUTE_SENT;
	return out->rp_filter == 1 || (out->rp_filter > 0 && !has_address(f, flow->iif)) ? ROUTE_RP_FILTER : ROUTE_SENT;
}

/* fib_validate_source: the short way where nothing is filtered. ROUTE_SENT: the source may be. */
static enum route_fate check_source(const struct fib *f, const struct route_flow *flow, const struct snap_link *dev, uint32_t oif,
				    struct route *out)
{
	bool redirects = fib_conf(f, 4, "all", "send_redirects") != 0 || fib_conf(f, 4, dev->ifname, "send_redirects") != 0;

	out->rp_filter = larger_conf(f, dev->ifname, "rp_filter");
	if (!(out->rp_filter > 0) && (flow->iif != oif || !redirects)) {
		if (larger_conf(f, dev->ifname, "accept_local") > 0)
			return ROUTE_SENT;
		if (!f->custom[ADDR_INET] && !custom_local_routes(f))
			return fib_has_addr(f, &flow->src) ? ROUTE_MARTIAN_SOURCE : ROUTE_SENT;
	}
	return check_way_back(f, flow, dev, oif, out);
}

/* The same of what is for all of a network: nobody in particular answers, unless it is forwarded (ip_route_input_slow: brd_input). */
static enum route_fate check_broadcast(const struct fib *f, const struct route_flow *flow, const struct snap_link *dev,
				       struct route *out)
{
	bool forwards = fib_conf(f, 4, "all", "bc_forwarding") > 0 && fib_conf(f, 4, dev->ifname, "bc_forwarding") > 0;
	struct route_flow anybody = *flow;

	if (forwards)
		return check_source(f, flow, dev, out->oif, out);
	anybody.dst = ipaddr_any(4);
	return check_source(f, &anybody, dev, 0, out);
}

static bool is_limited_broadcast(const struct ipaddr *a)
{
	return a->family == 4 && a->bytes[0] == 255 && a->bytes[1] == 255 && a->bytes[2] == 255 && a->bytes[3] == 255;
}

/* ip_route_input_slow: what cannot be, before any table is asked. ROUTE_SENT: go on. */
static enum route_fate check_martians(const struct fib *f, const struct route_flow *flow, const struct snap_link *dev)
{
	bool localnet = larger_conf(f, dev->ifname, "route_localnet") > 0;

	if (ipaddr_is_multicast(&flow->src) || is_limited_broadcast(&flow->src))
		return ROUTE_MARTIAN_SOURCE;
	if (is_limited_broadcast(&flow->dst) || ipaddr_is_multicast(&flow->dst))
		return ROUTE_BROADCAST_DELIVERY;
	if (flow->src.bytes[0] == 0)
		return ROUTE_MARTIAN_SOURCE;
	if (flow->dst.bytes[0] == 0)
		return ROUTE_NO_WAY;
	if (ipaddr_is_loopback(&flow->dst) && !localnet)
		return ROUTE_MARTIAN_LOOPBACK;
	if (!ipaddr_is_loopback(&flow->dst) && ipaddr_is_loopback(&flow->src) && !localnet)
		return ROUTE_MARTIAN_SOURCE;
	return ROUTE_SENT;
}

static void refuse(struct route *out, enum route_fate fate, int err)
{
	out->fate = fate;
	if (!out->err)
		out->err = err;
}

static void input_v4(const struct fib *f, const struct route_flow *flow, const struct snap_link *dev, struct route *out)
{
	bool forwards = fib_conf(f, 4, dev->ifname, "forwarding") > 0;
	enum route_fate fate = check_martians(f, flow, dev);

	if (fate != ROUTE_SENT) {
		refuse(out, fate, fate == ROUTE_BROADCAST_DELIVERY ? 0 : -EINVAL);
		return;
	}
	fib_lookup(f, flow, out);
	if (out->err && !forwards) {
		out->err = 0;
		refuse(out, out->route ? ROUTE_NO_WAY : ROUTE_NO_FORWARDING, -EHOSTUNREACH);
		return;
	}
	if (out->err)
		return;
	settle_gateway(f, out);
	if (out->type == ROUTE_UNICAST && !forwards) {
		refuse(out, ROUTE_NO_FORWARDING, -EHOSTUNREACH);
		return;
	}
	fate = out->type == ROUTE_BROADCAST ? check_broadcast(f, flow, dev, out)
					    : check_source(f, flow, dev, out->type == ROUTE_LOCAL ? 0 : out->oif, out);
	if (fate != ROUTE_SENT)
		refuse(out, fate, fate == ROUTE_RP_FILTER ? -EXDEV : -EINVAL);
	else if (out->type == ROUTE_LOCAL)
		out->fate = ROUTE_LOCAL_DELIVERY;
	else if (out->type == ROUTE_BROADCAST)
		out->fate = ROUTE_BROADCAST_DELIVERY;
	else if (out->type == ROUTE_UNICAST)
		out->fate = ROUTE_FORWARD;
	else
		refuse(out, ROUTE_NO_WAY, -EINVAL);
}

/* ip6_route_input, and ip6_forward, which looks at all.forwarding and (6.17) the device's force_forwarding. IPv6 has no rp_filter. */
static void input_v6(const struct fib *f, const struct route_flow *flow, const struct snap_link *dev, struct route *out)
{
	if (ipaddr_is_multicast(&flow->dst)) {
		out->fate = ROUTE_BROADCAST_DELIVERY;
		return;
	}
	fib_lookup(f, flow, out);
	if (out->err)
		return;
	if (out->type == ROUTE_LOCAL || out->type == ROUTE_ANYCAST)
		out->fate = ROUTE_LOCAL_DELIVERY;
	else if (fib_conf(f, 6, "all", "forwarding") < 1 && fib_conf(f, 6, dev->ifname, "force_forwarding") < 1)
		refuse(out, ROUTE_NO_FORWARDING, -EHOSTUNREACH);
	else
		out->fate = ROUTE_FORWARD;
}

void route_input(const struct fib *f, const struct route_flow *flow, struct route *out)
{
	const struct snap_link *dev = fib_link(f, flow->iif);
	struct route_flow asked = *flow;

	*out = (struct route){ .rp_filter = OPT_NONE };
	asked.oif = 0;
	if (!dev)
		refuse(out, ROUTE_NO_WAY, -ENODEV);
	else if (flow->dst.family == 4)
		input_v4(f, &asked, dev, out);
	else
		input_v6(f, &asked, dev, out);
}
