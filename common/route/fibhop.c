// SPDX-License-Identifier: GPL-2.0-or-later
/* Of a route with several hops, or of several routes of one prefix: which can be taken, and which one is. */
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "route/fib.h"

enum { MOST_HOPS = 64, LOOPBACK_IFINDEX = 1 };

struct hop {
	const struct snap_route *r;
	int64_t oif;
	const char *gateway;
	uint64_t flags;
	int score; /* IPv6 */
};

/* All hops of a route: its own, or those of the nexthop object that it names. */
struct hops {
	struct hop at[MOST_HOPS];
	size_t n;
	bool object, group, blackhole;
};

/* --- gathering ---------------------------------------------------------------------------------------------------------------- */

static void add(struct hops *h, const struct snap_route *r, int64_t oif, const char *gateway, uint64_t flags)
{
	if (h->n < MOST_HOPS)
		h->at[h->n++] = (struct hop){ r, oif, gateway, flags, 0 };
}

static const struct snap_nexthop *find_nexthop(const struct fib *f, uint32_t id)
{
	uint32_t n;
	const struct snap_nexthop *all = SNAP_RANGE(f->snap, nexthops, f->ns, &n);

	for (uint32_t i = 0; i < n; i++)
		if (all[i].id == id)
			return &all[i];
	return NULL;
}

/* Members of a group are no groups themselves (nh_check_attr_group, net/ipv4/nexthop.c). */
static bool add_object(const struct fib *f, const struct snap_route *r, struct hops *h)
{
	const struct snap_nexthop *x = OPT_VALUE(r->nhid) ? find_nexthop(f, (uint32_t)r->nhid) : NULL, *member;

	if (!x)
		return false;
	h->object = true;
	h->group = x->n_group;
	h->blackhole = x->blackhole;
	for (uint32_t i = 0; i < x->n_group; i++) {
		member = find_nexthop(f, x->group[i]);
		if (member)
			add(h, r, member->oif, member->gateway, member->flags);
	}
	if (!x->n_group)
		add(h, r, x->oif, x->gateway, x->flags);
	return true;
}

static void gather(const struct fib *f, const struct snap_route *r, struct hops *h)
{
	h->n = 0;
	h->object = h->group = h->blackhole = false;
	if (add_object(f, r, h))
		return;
	for (uint32_t i = 0; i < r->n_hops; i++)
		add(h, r, r->hops[i].oif, r->hops[i].gateway, r->hops[i].flags);
	if (!r->n_hops)
		add(h, r, r->oif, r->gateway, r->flags);
}

/* --- what a hop is good for ------------------------------------------------------------------------------------------------------- */

/* A route that says no; throw only ends its table (fib_props, net/ipv4/fib_semantics.c; fib6_prop, net/ipv6/route.c). */
static int error_of(uint8_t type)
{
	switch (type) {
	case ROUTE_BLACKHOLE:
		return -EINVAL;
	case ROUTE_UNREACHABLE:
		return -EHOSTUNREACH;
	case ROUTE_PROHIBIT:
		return -EACCES;
	case ROUTE_THROW:
		return -EAGAIN;
	default:
		return 0;
	}
}

static uint32_t device_of(const struct hop *h)
{
	return OPT_VALUE(h->oif) ? (uint32_t)h->oif : 0;
}

/* Without a carrier, where that counts (ip_ignore_linkdown, ip6_ignore_linkdown). */
static bool is_cut(const struct fib *f, int family, const struct hop *h)
{
	const struct snap_link *l = h->flags & RTNH_F_LINKDOWN ? fib_link(f, device_of(h)) : NULL;

	return l && fib_conf(f, family, l->ifname, "ignore_routes_with_linkdown") > 0;
}

/* What is known of its gateway; no entry: nothing speaks against it. */
static uint64_t neighbour_state(const struct fib *f, const struct hop *h)
{
	uint32_t n;
	const struct snap_neigh *all = SNAP_RANGE(f->snap, neighbours, f->ns, &n);
	struct ipaddr gateway, a;

	if (!h->gateway || ipaddr_parse(h->gateway, &gateway))
		return NUD_REACHABLE;
	for (uint32_t i = 0; i < n; i++)
		if (all[i].ifindex == device_of(h) && !ipaddr_parse(all[i].dst, &a) && ipaddr_equal(&a, &gateway))
			return all[i].state;
	return NUD_REACHABLE;
}

/* nexthop_is_good_nh, net/ipv4/nexthop.c; fib_good_nh, net/ipv4/fib_semantics.c */
static bool is_neighbour_good(const struct fib *f, const struct hop *h)
{
	return neighbour_state(f, h) & (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY);
}

static void take(const struct fib_asked *q, struct route *out, const struct hop *h)
{
	uint32_t number = out->ways++;

	if (number && number != q->flow->pick)
		return;
	out->oif = device_of(h);
	if (ipaddr_parse(h->gateway, &out->gateway))
		out->gateway.family = 0;
}

static struct route begun(const struct route *out, const struct snap_route *r)
{
	return (struct route){ .err = error_of(r->type),
			       .type = r->type,
			       .route = r,
			       .rule = out->rule,
			       .unsure = out->unsure,
			       .rp_filter = OPT_NONE };
}

/* --- IPv4 ------------------------------------------------------------------------------------------------------------------------- */

/* fib_lookup_good_nhc, net/ipv4/fib_trie.c */
static bool is_good(const struct fib *f, const struct fib_asked *q, const struct hop *h)
{
	return !(h->flags & RTNH_F_DEAD) && !is_cut(f, 4, h) && (!q->oif || q->oif == device_of(h));
}

static bool has_source(const struct fib *f, const struct fib_asked *q, const struct hop *h)
{
	struct route way = { .oif = device_of(h), .type = ROUTE_UNICAST, .route = &(struct snap_route){ .scope = h->r->scope } };
	struct ipaddr a;

	if (ipaddr_parse(h->gateway, &way.gateway))
		way.gateway.family = 0;
	a = fib_source(f, &way, &q->flow->dst);
	return a.family && ipaddr_equal(&a, &q->flow->src);
}

/*
 * Any of them, by a hash of the flow (fib_select_multipath; nexthop_select_path_hthr of net/ipv4/nexthop.c for groups). Since 6.16 those by
 * whose device the chosen source address goes come before the others.
 */
static void spread(const struct fib *f, const struct fib_asked *q, struct hops *h, struct route *out)
{
	bool minds_neighbours = h->group || fib_sysctl(f, "net.ipv4.fib_multipath_use_neigh") > 0, sourced = false;
	bool minds_source = !h->group && q->flow->src.family && !q->flow->iif && fib_since(f, 6, 16);
	size_t n = 0;

	for (size_t i = 0; i < h->n; i++)
		if ((h->group || (!(h->at[i].flags & RTNH_F_DEAD) && !is_cut(f, 4, &h->at[i]))) &&
		    (!minds_neighbours || is_neighbour_good(f, &h->at[i])))
			h->at[n++] = h->at[i];
	for (size_t i = 0; i < n && minds_source; i++)
		sourced = sourced || has_source(f, q, &h->at[i]);
	for (size_t i = 0; i < n; i++)
		if (!sourced || has_source(f, q, &h->at[i]))
			take(q, out, &h->at[i]);
	if (!n)
		take(q, out, &h->at[0]);
}

int fibhop_try(const struct fib *f, const struct fib_asked *q, const struct snap_route *r, struct route *out)
{
	size_t good = 0;
	struct hops h;

	*out = begun(out, r);
	if (out->err)
		return out->err;
	gather(f, r, &h);
	if (h.blackhole)
		return -EINVAL;
	while (good < h.n && !is_good(f, q, &h.at[good]))
		good++;
	if (good == h.n)
		return h.object ? FIBHOP_MISS : FIBHOP_NONE;
	if (h.n > 1 && !q->flow->oif)
		spread(f, q, &h, out);
	else
		take(q, out, &h.at[good]);
	return 0;
}

uint32_t fibhop_grouped(const struct fib *f, const struct route *way)
{
	struct hops h;

	gather(f, way->route, &h);
	if (way->route->family == ADDR_INET6 && !(way->type == ROUTE_LOCAL || way->type == ROUTE_ANYCAST))
		return way->oif;
	return h.n ? device_of(&h.at[0]) : 0;
}

bool fibhop_uses(const struct fib *f, const struct snap_route *r, uint32_t ifindex)
{
	struct hops h;

	gather(f, r, &h);
	for (size_t i = 0; i < h.n; i++)
		if (device_of(&h.at[i]) == ifindex || fib_vrf(f, device_of(&h.at[i])) == ifindex)
			return true;
	return false;
}

/* --- IPv6 ------------------------------------------------------------------------------------------------------------------------- */

/* Low, medium, high: IPV6_DECODE_PREF of include/net/ip6_route.h. */
static int preference(const struct snap_route *r)
{
	return ((OPT_VALUE(r->pref) ? (int)r->pref : 0) ^ 2) << 2;
}

/* rt6_score_route and find_match, net/ipv6/route.c. Below 0: it cannot be. */
static int score(const struct fib *f, const struct fib_asked *q, const struct hop *h, bool reachable)
{
	uint32_t wanted = q->in ? q->iif : q->oif;
	bool strict = !q->in && q->oif && !q->flow->src.family;
	int points = !wanted || device_of(h) == wanted ? 2 : 0;

	if (!points && strict)
		return -1;
	if (reachable && h->gateway && neighbour_state(f, h) & NUD_FAILED)
		return -1;
	return points | preference(h->r);
}

static bool is_possible(const struct fib *f, const struct hop *h)
{
	return !(h->flags & RTNH_F_DEAD) && !is_cut(f, 6, h);
}

struct choice {
	struct hop hop; /* r NULL: none yet */
	int best;
	bool blackhole;
};

/* Of one route: is there a hop that is better than what was found before? Of an object only the first such one is looked at. */
static void weigh(const struct fib *f, const struct fib_asked *q, struct hops *h, bool reachable, struct choice *c)
{
	for (size_t i = 0; i < h->n; i++) {
		int points = is_possible(f, &h->at[i]) ? score(f, q, &h->at[i], reachable) : -1;

		if (points <= c->best)
			continue;
		c->best = points;
		c->hop = h->at[i];
		if (h->object)
			return;
	}
}

/* Any of those beside it that the flow may take, by a hash of it (fib6_select_path; nexthop_select_path_hthr for groups). */
static void spread_v6(const struct fib *f, const struct fib_asked *q, struct hops *h, bool reachable, struct route *out)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->group ? is_neighbour_good(f, &h->at[i])
			     : is_possible(f, &h->at[i]) && score(f, q, &h->at[i], reachable) >= 0)
			take(q, out, &h->at[i]);
	if (!out->ways)
		take(q, out, &h->at[0]);
}

/* The lowest metric first; if nothing of it can be taken, all others together (find_rr_leaf). */
static struct choice choose(const struct fib *f, const struct fib_asked *q, const struct fib_route *leaf, size_t n, bool reachable)
{
	struct choice c = { .best = -1 };
	bool beyond = false;
	struct hops h;

	for (size_t i = 0; i < n && !c.blackhole; i++) {
		if (!beyond && fib_metric(leaf[i].r) != fib_metric(leaf->r)) {
			if (c.hop.r)
				break;
			beyond = true;
		}
		gather(f, leaf[i].r, &h);
		if (h.blackhole) {
			c.hop = (struct hop){ .r = leaf[i].r };
			c.blackhole = true;
		} else {
			weigh(f, q, &h, reachable, &c);
		}
	}
	return c;
}

int fibhop_select(const struct fib *f, const struct fib_asked *q, const struct fib_route *leaf, size_t n, bool reachable,
		  struct route *out)
{
	struct choice c = choose(f, q, leaf, n, reachable);
	struct hops h;

	if (!c.hop.r)
		return FIBHOP_NONE;
	*out = begun(out, c.hop.r);
	if (c.blackhole)
		out->err = -EINVAL;
	if (out->err)
		return out->err;
	gather(f, c.hop.r, &h);
	if (h.n > 1)
		spread_v6(f, q, &h, reachable, out);
	else
		take(q, out, &c.hop);
	if (out->type == ROUTE_LOCAL || out->type == ROUTE_ANYCAST)
		out->oif = LOOPBACK_IFINDEX; /* ip6_rt_get_dev_rcu */
	return 0;
}
