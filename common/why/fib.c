// SPDX-License-Identifier: GPL-2.0-or-later
/* A namespace's routing tables in the order in which lookups meet them, and the lookup. */
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

#include "why/fib.h"

static uint8_t af(uint8_t family)
{
	return family == ADDR_INET ? 4 : 6;
}

/* --- building --------------------------------------------------------------------------------------------------------- */

static struct ipaddr parsed(const char *text, uint8_t family)
{
	struct ipaddr a = { 0 };

	if (ipaddr_parse(text, &a))
		a.family = af(family);
	return a;
}

static int64_t metric_of(const struct snap_route *r)
{
	return OPT_VALUE(r->metric) ? r->metric : 0;
}

#define FIRST(a, b) \
	do { \
		if ((a) != (b)) \
			return (a) < (b) ? -1 : 1; \
	} while (0)

/*
 * A leaf of a trie has its routes by prefix, then (where local and main are one) by table downwards, then by TOS downwards, then by
 * metric (fib_insert_alias, fib_find_alias of net/ipv4/fib_trie.c). IPv6 has no TOS and prefers longer source prefixes.
 */
static int compare_routes(const void *pa, const void *pb)
{
	const struct fib_route *a = pa, *b = pb;

	FIRST(a->r->family, b->r->family);
	FIRST(a->table, b->table);
	FIRST(b->r->dst_len, a->r->dst_len);
	FIRST(b->r->src_len, a->r->src_len);
	FIRST(b->r->table, a->r->table);
	FIRST(b->r->tos, a->r->tos);
	FIRST(metric_of(a->r), metric_of(b->r));
	FIRST(a->order, b->order);
	return 0;
}

static int compare_rules(const void *pa, const void *pb)
{
	const struct fib_rule *a = pa, *b = pb;

	FIRST(a->r->family, b->r->family);
	FIRST(a->r->priority, b->r->priority);
	FIRST(a->r, b->r); /* the order of the dump */
	return 0;
}

/* One of those that every namespace has from the start (fib_default_rules_init, net/ipv4/fib_rules.c). */
static bool is_default_rule(const struct snap_rule *r)
{
	bool bare = !r->src && !r->dst && !r->iif && !r->oif && !OPT_VALUE(r->fwmark) && !OPT_VALUE(r->ipproto) && !OPT_VALUE(r->tos) &&
		    !OPT_VALUE(r->sport_min) && !OPT_VALUE(r->dport_min) && !OPT_VALUE(r->uid_min) &&
		    !OPT_VALUE(r->suppress_prefixlen) && !r->invert && !r->l3mdev && r->action == FR_ACT_TO_TBL;

	return bare && ((r->priority == 0 && r->table == RT_TABLE_LOCAL) || (r->priority == 32766 && r->table == RT_TABLE_MAIN) ||
			(r->priority == 32767 && r->table == RT_TABLE_DEFAULT));
}

static void take_rules(struct fib *f)
{
	const struct snap_rule *r = SNAP_RANGE(f->snap, rules, f->ns, &f->n_rules);
	uint32_t defaults[2] = { 0, 0 }, all[2] = { 0, 0 };

	f->rules = xcalloc(f->n_rules + 1, sizeof(*f->rules));
	for (uint32_t i = 0; i < f->n_rules; i++) {
		f->rules[i] = (struct fib_rule){ &r[i], parsed(r[i].src, r[i].family), parsed(r[i].dst, r[i].family),
						 OPT_VALUE(r[i].table) ? (uint32_t)r[i].table : 0 };
		defaults[r[i].family == ADDR_INET6] += is_default_rule(&r[i]);
		all[r[i].family == ADDR_INET6]++;
	}
	for (int v6 = 0; v6 < 2; v6++)
		f->custom[v6] = all[v6] != defaults[v6] || (all[v6] && defaults[v6] < (v6 ? 2 : 3));
	qsort(f->rules, f->n_rules, sizeof(*f->rules), compare_rules);
}

static void take_routes(struct fib *f)
{
	const struct snap_route *r = SNAP_RANGE(f->snap, routes, f->ns, &f->n_routes);
	bool merged = !f->custom[ADDR_INET];

	f->routes = xcalloc(f->n_routes + 1, sizeof(*f->routes));
	for (uint32_t i = 0; i < f->n_routes; i++)
		f->routes[i] = (struct fib_route){
			.r = &r[i],
			.dst = parsed(r[i].dst, r[i].family),
			.src = parsed(r[i].src, r[i].family),
			.table = merged && r[i].family == ADDR_INET && r[i].table == RT_TABLE_LOCAL ? RT_TABLE_MAIN : r[i].table,
			.order = i,
		};
	qsort(f->routes, f->n_routes, sizeof(*f->routes), compare_routes);
}

static void take_addrs(struct fib *f)
{
	const struct snap_addr *a = SNAP_RANGE(f->snap, addresses, f->ns, &f->n_addrs);

	f->addrs = xcalloc(f->n_addrs + 1, sizeof(*f->addrs));
	for (uint32_t i = 0; i < f->n_addrs; i++)
		f->addrs[i] = (struct fib_addr){ &a[i], parsed(a[i].local, a[i].family),
						 parsed(a[i].peer ? a[i].peer : a[i].local, a[i].family) };
}

void fib_init(struct fib *f, const struct snap *s, uint32_t ns)
{
	*f = (struct fib){ .snap = s, .ns = ns };
	f->links = SNAP_RANGE(s, links, ns, &f->n_links);
	take_rules(f);
	take_routes(f);
	take_addrs(f);
}

void fib_done(struct fib *f)
{
	free(f->routes);
	free(f->rules);
	free(f->addrs);
	*f = (struct fib){ 0 };
}

/* --- one route -------------------------------------------------------------------------------------------------------- */

/* A route that says no; throw only ends its table (fib_props, net/ipv4/fib_semantics.c; ip6_rt_type_to_error, net/ipv6/route.c). */
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

/* Can this hop be taken? (fib_lookup_good_nhc, net/ipv4/fib_trie.c; find_match, net/ipv6/route.c) */
static bool is_alive(const struct fib *f, const struct route_flow *flow, uint64_t flags, int64_t oif)
{
	const struct snap_link *l = OPT_VALUE(oif) ? fib_link(f, (uint32_t)oif) : NULL;

	if (flags & RTNH_F_DEAD || (flow->oif && OPT_VALUE(oif) && flow->oif != (uint32_t)oif))
		return false;
	return !(flags & RTNH_F_LINKDOWN && l && fib_conf(f, flow->dst.family, l->ifname, "ignore_routes_with_linkdown") > 0);
}

static void take_way(struct route *out, int64_t oif, const char *gateway)
{
	if (out->ways++)
		return;
	out->oif = OPT_VALUE(oif) ? (uint32_t)oif : 0;
	if (ipaddr_parse(gateway, &out->gateway))
		out->gateway.family = 0;
}

/* nexthop_compat_mode=0: the route names only its object. A group has members that are no groups (nh_check_attr_group). */
static void take_nexthop(const struct fib *f, const struct route_flow *flow, uint32_t id, struct route *out, bool member)
{
	uint32_t n;
	const struct snap_nexthop *h = SNAP_RANGE(f->snap, nexthops, f->ns, &n);

	for (uint32_t i = 0; i < n; i++) {
		if (h[i].id != id)
			continue;
		for (uint32_t k = 0; !member && k < h[i].n_group; k++)
			take_nexthop(f, flow, h[i].group[k], out, true);
		if (h[i].blackhole)
			out->err = -EINVAL;
		else if (!h[i].n_group && is_alive(f, flow, 0, h[i].oif))
			take_way(out, h[i].oif, h[i].gateway);
	}
}

/* 0: it is the one; -EAGAIN: throw; 1: none of its hops can be taken; or its error. */
static int try_route(const struct fib *f, const struct route_flow *flow, const struct snap_route *r, struct route *out)
{
	*out = (struct route){ .err = error_of(r->type), .type = r->type, .route = r, .rule = out->rule, .rp_filter = OPT_NONE };
	if (out->err)
		return out->err;
	for (uint32_t i = 0; i < r->n_hops; i++)
		if (is_alive(f, flow, r->hops[i].flags, r->hops[i].oif))
			take_way(out, r->hops[i].oif, r->hops[i].gateway);
	if (!r->n_hops && OPT_VALUE(r->nhid) && !OPT_VALUE(r->oif) && !r->gateway)
		take_nexthop(f, flow, (uint32_t)r->nhid, out, false);
	else if (!r->n_hops && is_alive(f, flow, r->flags, r->oif))
		take_way(out, r->oif, r->gateway);
	return out->err ? out->err : out->ways ? 0 : 1;
}

/* --- a table, and the rules that lead to it ----------------------------------------------------------------------------- */

static const struct fib_route *first_of_table(const struct fib *f, uint8_t family, uint32_t table)
{
	uint32_t lo = 0, hi = f->n_routes;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		const struct fib_route *r = &f->routes[mid];

		if (r->r->family < family || (r->r->family == family && r->table < table))
			lo = mid + 1;
		else
			hi = mid;
	}
	return &f->routes[lo];
}

static bool route_matches(const struct fib_route *r, const struct route_flow *flow)
{
	if (!ipaddr_in(&flow->dst, &r->dst, r->r->dst_len) || (r->r->tos && r->r->tos != flow->tos))
		return false;
	return !r->r->src_len || (flow->src.family && ipaddr_in(&flow->src, &r->src, r->r->src_len));
}

/* fib_table_lookup, net/ipv4/fib_trie.c; fib6_table_lookup, net/ipv6/route.c. -EAGAIN: nothing here, look on. */
static int look_in_table(const struct fib *f, const struct route_flow *flow, uint32_t table, struct route *out)
{
	uint8_t family = flow->dst.family == 4 ? ADDR_INET : ADDR_INET6;
	const struct fib_route *end = f->routes + f->n_routes;

	for (const struct fib_route *r = first_of_table(f, family, table); r < end && r->r->family == family && r->table == table; r++) {
		int err;

		if (!route_matches(r, flow))
			continue;
		err = try_route(f, flow, r->r, out);
		if (err <= 0)
			return err;
	}
	return -EAGAIN;
}

static bool in_range(int64_t min, int64_t max, uint32_t v)
{
	return !OPT_VALUE(min) || (v >= min && (!OPT_VALUE(max) || v <= max));
}

static bool device_is(const struct fib *f, const char *name, uint32_t ifindex)
{
	const struct snap_link *l = ifindex ? fib_link(f, ifindex) : NULL;

	return l && !strcmp(l->ifname, name);
}

/* What a packet made here counts as having come in by: lo (LOOPBACK_IFINDEX, ip_route_output_key_hash). */
static uint32_t incoming(const struct route_flow *flow)
{
	return flow->iif ? flow->iif : 1;
}

/* fib_rule_match, net/core/fib_rules.c; fib4_rule_match and fib6_rule_match. */
static bool rule_matches(const struct fib *f, const struct fib_rule *rule, const struct route_flow *flow)
{
	const struct snap_rule *r = rule->r;
	uint32_t mask = OPT_VALUE(r->fwmask) ? (uint32_t)r->fwmask : UINT32_MAX;
	bool yes = (!r->iif || device_is(f, r->iif, incoming(flow))) && (!r->oif || device_is(f, r->oif, flow->oif)) &&
		   (!OPT_VALUE(r->fwmark) || !(((uint32_t)r->fwmark ^ flow->mark) & mask)) && in_range(r->uid_min, r->uid_max, flow->uid) &&
		   (!OPT_VALUE(r->tos) || !r->tos || r->tos == flow->tos) && (!OPT_VALUE(r->ipproto) || !r->ipproto || r->ipproto == flow->proto) &&
		   in_range(r->sport_min, r->sport_max, flow->sport) && in_range(r->dport_min, r->dport_max, flow->dport);

	if (yes && r->src_len)
		yes = flow->src.family ? ipaddr_in(&flow->src, &rule->src, r->src_len) : false;
	if (yes && r->dst_len)
		yes = ipaddr_in(&flow->dst, &rule->dst, r->dst_len);
	return yes != r->invert && !r->l3mdev; /* without a VRF there is no l3mdev table */
}

/* fib4_rule_action: what a rule answers. */
static int act(const struct fib *f, const struct fib_rule *rule, const struct route_flow *flow, struct route *out)
{
	int err;

	out->rule = rule->r;
	switch (rule->r->action) {
	case FR_ACT_TO_TBL:
		/* A short prefix that the rule suppresses (fib4_rule_suppress, fib6_rule_suppress). */
		err = look_in_table(f, flow, rule->table, out);
		return !err && OPT_VALUE(rule->r->suppress_prefixlen) && out->route->dst_len <= rule->r->suppress_prefixlen ? -EAGAIN : err;
	case FR_ACT_UNREACHABLE:
		return -ENETUNREACH;
	case FR_ACT_PROHIBIT:
		return -EACCES;
	case FR_ACT_BLACKHOLE:
		return -EINVAL;
	default:
		return -EAGAIN;
	}
}

/* Where a goto leads: the first rule from that priority on, if it is behind it (fib_nl_newrule). */
static uint32_t after_goto(const struct fib *f, uint32_t from)
{
	const struct snap_rule *r = f->rules[from].r;

	for (uint32_t i = from + 1; i < f->n_rules && OPT_VALUE(r->target); i++)
		if (f->rules[i].r->family == r->family && f->rules[i].r->priority == r->target)
			return i;
	return from + 1; /* unresolved: the next one */
}

static int look_by_rules(const struct fib *f, const struct route_flow *flow, struct route *out)
{
	uint8_t family = flow->dst.family == 4 ? ADDR_INET : ADDR_INET6;

	for (uint32_t i = 0; i < f->n_rules;) {
		const struct fib_rule *rule = &f->rules[i];
		int err = -EAGAIN;

		if (rule->r->family == family && rule_matches(f, rule, flow)) {
			if (rule->r->action == FR_ACT_GOTO) {
				i = after_goto(f, i);
				continue;
			}
			err = act(f, rule, flow, out);
		}
		if (err != -EAGAIN)
			return err;
		i++;
	}
	return -EAGAIN;
}

void fib_lookup(const struct fib *f, const struct route_flow *flow, struct route *out)
{
	bool v6 = flow->dst.family == 6;
	int err;

	*out = (struct route){ .rp_filter = OPT_NONE };
	if (f->custom[v6]) {
		err = look_by_rules(f, flow, out);
	} else {
		err = v6 ? look_in_table(f, flow, RT_TABLE_LOCAL, out) : -EAGAIN;
		if (err == -EAGAIN)
			err = look_in_table(f, flow, RT_TABLE_MAIN, out);
		if (err == -EAGAIN)
			err = look_in_table(f, flow, RT_TABLE_DEFAULT, out);
	}
	if (err == -EAGAIN)
		*out = (struct route){ .err = -ENETUNREACH, .rp_filter = OPT_NONE };
	else
		out->err = err;
	if (out->err)
		out->fate = ROUTE_NO_WAY;
}

/* --- devices, addresses, sysctls ------------------------------------------------------------------------------------------ */

const struct snap_link *fib_link(const struct fib *f, uint32_t ifindex)
{
	for (uint32_t i = 0; i < f->n_links; i++)
		if (f->links[i].ifindex == ifindex)
			return &f->links[i];
	return NULL;
}

const struct snap_link *fib_link_named(const struct fib *f, const char *name)
{
	for (uint32_t i = 0; i < f->n_links; i++)
		if (!strcmp(f->links[i].ifname, name))
			return &f->links[i];
	return NULL;
}

const struct snap_addr *fib_has_addr(const struct fib *f, const struct ipaddr *a)
{
	for (uint32_t i = 0; i < f->n_addrs; i++)
		if (ipaddr_equal(&f->addrs[i].local, a) && !(f->addrs[i].a->flags & (ADDRF_TENTATIVE | ADDRF_DADFAILED)))
			return f->addrs[i].a;
	return NULL;
}

const struct snap_addr *fib_on_link(const struct fib *f, const struct ipaddr *a, uint32_t ifindex)
{
	for (uint32_t i = 0; i < f->n_addrs; i++)
		if (f->addrs[i].a->ifindex == ifindex && ipaddr_in(a, &f->addrs[i].net, f->addrs[i].a->prefixlen))
			return f->addrs[i].a;
	return NULL;
}

int64_t fib_sysctl(const struct fib *f, const char *key)
{
	uint32_t n;
	const struct snap_sysctl *c = SNAP_RANGE(f->snap, sysctls, f->ns, &n);

	for (uint32_t i = 0; i < n; i++)
		if (!strcmp(c[i].key, key))
			return c[i].value ? strtoll(c[i].value, NULL, 10) : OPT_NONE;
	return OPT_NONE;
}

int64_t fib_conf(const struct fib *f, int family, const char *dev, const char *key)
{
	char name[128];

	if (snprintf(name, sizeof(name), "net.ipv%d.conf.%s.%s", family, dev, key) >= (int)sizeof(name))
		return OPT_NONE;
	return fib_sysctl(f, name);
}
