// SPDX-License-Identifier: GPL-2.0-or-later

#include "firewall/locals.h"

enum { TABLE_LOCAL = 255, SCOPE_UNIVERSE = 0, SCOPE_LINK = 253 };

const struct snap_link *locals_link(const struct snap *s, uint32_t ns, uint32_t ifindex)
{
	uint32_t n;
	const struct snap_link *l = SNAP_RANGE(s, links, ns, &n);

	for (uint32_t i = 0; i < n; i++)
		if (l[i].ifindex == ifindex)
			return &l[i];
	return NULL;
}

static bool is_of_family(uint8_t family, const struct ipaddr *a)
{
	return a->family == (family == ADDR_INET ? 4 : 6);
}

/* The longest match in the table of local addresses. */
static const struct snap_route *local_route(const struct snap *s, uint32_t ns, const struct ipaddr *a)
{
	uint32_t n;
	const struct snap_route *r = SNAP_RANGE(s, routes, ns, &n), *best = NULL;
	struct ipaddr dst;

	for (uint32_t i = 0; i < n; i++) {
		if (r[i].table != TABLE_LOCAL || !is_of_family(r[i].family, a) || (best && r[i].dst_len <= best->dst_len))
			continue;
		if (!ipaddr_parse(r[i].dst, &dst) && ipaddr_in(a, &dst, r[i].dst_len))
			best = &r[i];
	}
	return best;
}

/* The same by the addresses alone, where no routes were collected. */
static enum route_type type_by_addresses(const struct snap *s, uint32_t ns, const struct ipaddr *a, uint32_t ifindex)
{
	uint32_t n;
	const struct snap_addr *x = SNAP_RANGE(s, addresses, ns, &n);
	struct ipaddr own;

	if (ipaddr_is_loopback(a))
		return ROUTE_LOCAL;
	for (uint32_t i = 0; i < n; i++) {
		if (ifindex && x[i].ifindex != ifindex)
			continue;
		if (!ipaddr_parse(x[i].local, &own) && ipaddr_equal(&own, a))
			return ROUTE_LOCAL;
		if (x[i].broadcast && !ipaddr_parse(x[i].broadcast, &own) && ipaddr_equal(&own, a))
			return ROUTE_BROADCAST;
	}
	return ROUTE_UNICAST;
}

enum route_type locals_type(const struct snap *s, uint32_t ns, const struct ipaddr *a, uint32_t ifindex)
{
	static const uint8_t all_ones[4] = { 255, 255, 255, 255 };
	const struct snap_route *r;

	if (a->family == 4 && (a->bytes[0] == 0 || !memcmp(a->bytes, all_ones, 4))) /* ipv4_is_zeronet, ipv4_is_lbcast */
		return ROUTE_BROADCAST;
	if (ipaddr_is_multicast(a))
		return ROUTE_MULTICAST;
	if (!(s->head.wants & WANT_ROUTES))
		return type_by_addresses(s, ns, a, ifindex);
	r = local_route(s, ns, a);
	if (!r || (ifindex && r->oif != (int64_t)ifindex))
		return ROUTE_UNICAST;
	return r->type;
}

/* Better than the one before: of the wider scope, of the network that to is in. */
static int rank(const struct snap_addr *x, const struct ipaddr *own, const struct ipaddr *to)
{
	bool linked = x->scope == SCOPE_LINK || ipaddr_is_linklocal(own);

	if (!to)
		return 1;
	if (ipaddr_in(to, own, x->prefixlen))
		return 4;
	return linked ? 1 : x->scope == SCOPE_UNIVERSE ? 3 : 2;
}

bool locals_address(const struct snap *s, uint32_t ns, uint32_t ifindex, int family, const struct ipaddr *to, struct ipaddr *out)
{
	uint32_t n;
	const struct snap_addr *x = SNAP_RANGE(s, addresses, ns, &n);
	struct ipaddr own;
	int best = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (x[i].ifindex != ifindex || ipaddr_parse(x[i].local, &own) || own.family != family)
			continue;
		if (rank(&x[i], &own, to) > best) {
			best = rank(&x[i], &own, to);
			*out = own;
		}
	}
	return best > 0;
}
