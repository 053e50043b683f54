// SPDX-License-Identifier: GPL-2.0-or-later
/* A namespace's routing tables in the order in which lookups meet them, and the lookup. */
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

#include "route/fib.h"

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

#define FIRST(a, b) \
	do { \
		if ((a) != (b)) \
			return (a) < (b) ? -1 : 1; \
	} while (0)

/*
 * A leaf of a trie has its routes by prefix, then (where local and main are one) by table downwards, then by TOS downwards, then by
 * metric (fib_insert_alias, fib_find_alias of net/ipv4/fib_trie.c). IPv6 has no TOS, and for each source prefix a leaf of its own.
 */
static int compare_routes(const void *pa, const void *pb)
{
	const struct fib_route *a = pa, *b = pb;

	FIRST(a->r->family, b->r->family);
	FIRST(a->table, b->table);
	FIRST(b->r->dst_len, a->r->dst_len);
	FIRST(memcmp(a->dst.bytes, b->dst.bytes, sizeof(a->dst.bytes)), 0);
	FIRST(b->r->src_len, a->r->src_len);
	FIRST(memcmp(a->src.bytes, b->src.bytes, sizeof(a->src.bytes)), 0);
	FIRST(b->r->table, a->r->table);
	FIRST(b->r->tos, a->r->tos);
	FIRST(fib_metric(a->r), fib_metric(b->r));
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
	bool bare = !r->src && !r->dst && !r->iif && !r->oif && !OPT_VALUE(r->fwmark) && !OPT_VALUE(r->fwmask) &&
		    !OPT_VALUE(r->ipproto) && !OPT_VALUE(r->tos) && !OPT_VALUE(r->sport_min) && !OPT_VALUE(r->dport_min) &&
		    !OPT_VALUE(r->uid_min) && !OPT_VALUE(r->suppress_prefixlen) && !OPT_VALUE(r->suppress_ifgroup) && !r->more &&
		    !r->invert && !r->l3mdev && r->action == FR_ACT_TO_TBL;

	return bare && ((r->priority == 0 && r->table == RT_TABLE_LOCAL) || (r->priority == 32766 && r->table == RT_TABLE_MAIN) ||
			(r->priority == 32767 && r->table == RT_TABLE_DEFAULT));
}

static bool requires_dissection(const struct snap_rule *r)
{
	bool minds = OPT_VALUE(r->ipproto) || OPT_VALUE(r->sport_min) || OPT_VALUE(r->dport_min);

	return r->family == ADDR_INET && minds && !(r->iif && !strcmp(r->iif, "lo"));
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
		f->dissects = f->dissects || requires_dissection(&r[i]);
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

/*
 * fib_table_lookup, net/ipv4/fib_trie.c. -EAGAIN: nothing here, look on. Where no hop of a nexthop object can be taken, all else that the
 * leaf has is passed over: the routes of whatever length to the same address.
 */
static int look_in_v4(const struct fib *f, const struct fib_asked *q, const struct fib_route *r, size_t n, struct route *out)
{
	const struct fib_route *missed = NULL;

	for (size_t i = 0; i < n; i++) {
		int err;

		if (!route_matches(&r[i], q->flow) ||
		    (missed && !memcmp(missed->dst.bytes, r[i].dst.bytes, sizeof(r[i].dst.bytes))))
			continue;
		err = fibhop_try(f, q, r[i].r, out);
		if (err <= 0)
			return err;
		missed = err == FIBHOP_MISS ? &r[i] : missed;
	}
	return -EAGAIN;
}

static bool same_leaf(const struct fib_route *a, const struct fib_route *b)
{
	return a->r->dst_len == b->r->dst_len && a->r->src_len == b->r->src_len &&
	       !memcmp(a->dst.bytes, b->dst.bytes, sizeof(a->dst.bytes)) &&
	       !memcmp(a->src.bytes, b->src.bytes, sizeof(a->src.bytes));
}

/*
 * Where the lookup begins: at the longest prefix. One that has routes by source, none of them for this source, is passed over with all its
 * other routes (fib6_node_lookup_1, net/ipv6/ip6_fib.c); only the default is not.
 */
static size_t find_begin(const struct fib_asked *q, const struct fib_route *r, size_t n)
{
	const struct fib_route *by_source = NULL; /* a prefix that has some */

	for (size_t i = 0; i < n; i++) {
		bool same = by_source && by_source->r->dst_len == r[i].r->dst_len &&
			    !memcmp(by_source->dst.bytes, r[i].dst.bytes, sizeof(r[i].dst.bytes));

		if (!ipaddr_in(&q->flow->dst, &r[i].dst, r[i].r->dst_len))
			continue;
		if (route_matches(&r[i], q->flow) && (!same || r[i].r->src_len || !r[i].r->dst_len))
			return i;
		if (r[i].r->src_len)
			by_source = &r[i];
	}
	return n;
}

static int look_in_leaves(const struct fib *f, const struct fib_asked *q, const struct fib_route *r, size_t n, bool reachable,
			  struct route *out)
{
	size_t len;

	for (size_t i = find_begin(q, r, n); i < n; i += len) {
		int err;

		for (len = 1; i + len < n && same_leaf(&r[i], &r[i + len]); len++)
			;
		if (!route_matches(&r[i], q->flow))
			continue;
		err = fibhop_select(f, q, &r[i], len, reachable, out);
		if (err <= 0)
			return err;
	}
	return -EAGAIN;
}

/* fib6_table_lookup and ip6_pol_route, net/ipv6/route.c: who forwards nothing tries gateways first that are not known to be gone. */
static int look_in_v6(const struct fib *f, const struct fib_asked *q, const struct fib_route *r, size_t n, struct route *out)
{
	int err = fib_conf(f, 6, "all", "forwarding") > 0 ? -EAGAIN : look_in_leaves(f, q, r, n, true, out);

	return err == -EAGAIN && !out->route ? look_in_leaves(f, q, r, n, false, out) : err;
}

static int look_in_table(const struct fib *f, const struct fib_asked *q, uint32_t table, struct route *out)
{
	uint8_t family = q->flow->dst.family == 4 ? ADDR_INET : ADDR_INET6;
	const struct fib_route *first = first_of_table(f, family, table), *end = first;

	while (end < f->routes + f->n_routes && end->r->family == family && end->table == table)
		end++;
	out->route = NULL;
	return family == ADDR_INET ? look_in_v4(f, q, first, (size_t)(end - first), out)
				   : look_in_v6(f, q, first, (size_t)(end - first), out);
}

/* --- rules --------------------------------------------------------------------------------------------------------------------- */

static bool in_range(int64_t min, int64_t max, uint32_t v)
{
	return !OPT_VALUE(min) || (v >= min && (!OPT_VALUE(max) || v <= max));
}

static bool device_is(const struct fib *f, const char *name, uint32_t ifindex)
{
	const struct snap_link *l = ifindex ? fib_link(f, ifindex) : NULL;

	return l && !strcmp(l->ifname, name);
}

static uint32_t vrf_table(const struct fib *f, uint32_t vrf)
{
	const struct snap_link *l = fib_link(f, vrf);

	for (uint32_t i = 0; l && i < l->n_data; i++)
		if (!strcmp(l->data[i].key, "table"))
			return (uint32_t)strtoul(l->data[i].value, NULL, 10);
	return 0;
}

/* A socket's mark, user and ports, and the devices: fib_rule_match, net/core/fib_rules.c. */
static bool selects(const struct fib *f, const struct snap_rule *r, const struct fib_asked *q)
{
	const struct route_flow *flow = q->flow;
	uint32_t mark = OPT_VALUE(r->fwmark) ? (uint32_t)r->fwmark : 0; /* no mark is said where it is 0 */
	uint32_t mask = OPT_VALUE(r->fwmask) ? (uint32_t)r->fwmask : OPT_VALUE(r->fwmark) ? UINT32_MAX : 0;

	return (!r->iif || device_is(f, r->iif, q->iif)) && (!r->oif || device_is(f, r->oif, q->oif)) &&
	       !((mark ^ flow->mark) & mask) && in_range(r->uid_min, r->uid_max, flow->uid) &&
	       (!r->l3mdev || (q->vrf && vrf_table(f, q->vrf)));
}

/* fib4_rule_match, net/ipv4/fib_rules.c; fib6_rule_match, net/ipv6/fib6_rules.c */
static bool rule_matches(const struct fib *f, const struct fib_rule *rule, const struct fib_asked *q)
{
	const struct snap_rule *r = rule->r;
	const struct route_flow *flow = q->flow;
	bool yes = selects(f, r, q) && (!OPT_VALUE(r->tos) || !r->tos || r->tos == flow->tos) &&
		   (!OPT_VALUE(r->ipproto) || !r->ipproto || r->ipproto == flow->proto) &&
		   in_range(r->sport_min, r->sport_max, flow->sport) && in_range(r->dport_min, r->dport_max, flow->dport);

	if (yes && r->src_len)
		yes = flow->src.family ? ipaddr_in(&flow->src, &rule->src, r->src_len) : false;
	if (yes && r->dst_len)
		yes = ipaddr_in(&flow->dst, &rule->dst, r->dst_len);
	return yes != r->invert;
}

/* A route that the rule does not let count (fib4_rule_suppress, fib6_rule_suppress). */
static bool is_suppressed(const struct fib *f, const struct snap_rule *r, const struct route *way)
{
	const struct snap_link *l = fib_link(f, fibhop_grouped(f, way));

	if (OPT_VALUE(r->suppress_prefixlen) && way->route->dst_len <= r->suppress_prefixlen)
		return true;
	return OPT_VALUE(r->suppress_ifgroup) && l && l->group == r->suppress_ifgroup;
}

/* fib4_rule_action, fib6_rule_action: what a rule answers. */
static int act(const struct fib *f, const struct fib_rule *rule, const struct fib_asked *q, struct route *out)
{
	int err;

	out->rule = rule->r;
	switch (rule->r->action) {
	case FR_ACT_TO_TBL:
		err = look_in_table(f, q, rule->r->l3mdev ? vrf_table(f, q->vrf) : rule->table, out);
		return !err && is_suppressed(f, rule->r, out) ? -EAGAIN : err;
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

static int look_by_rules(const struct fib *f, const struct fib_asked *q, struct route *out)
{
	uint8_t family = q->flow->dst.family == 4 ? ADDR_INET : ADDR_INET6;

	for (uint32_t i = 0; i < f->n_rules;) {
		const struct fib_rule *rule = &f->rules[i];
		int err = -EAGAIN;

		if (rule->r->family == family && rule_matches(f, rule, q)) {
			if (rule->r->more) {
				out->unsure = out->unsure ? out->unsure : rule->r;
			} else if (rule->r->action == FR_ACT_GOTO) {
				i = after_goto(f, i);
				continue;
			} else {
				err = act(f, rule, q, out);
			}
		}
		if (err != -EAGAIN)
			return err;
		i++;
	}
	return -EAGAIN;
}

/* As it is while nobody has added a rule (fib_lookup of include/net/ip_fib.h; fib6_rule_lookup). */
static int look_by_default(const struct fib *f, const struct fib_asked *q, struct route *out)
{
	bool v6 = q->flow->dst.family == 6;
	int err = v6 ? look_in_table(f, q, RT_TABLE_LOCAL, out) : -EAGAIN;

	if (err == -EAGAIN)
		err = look_in_table(f, q, RT_TABLE_MAIN, out);
	if (err == -EAGAIN && !v6)
		err = look_in_table(f, q, RT_TABLE_DEFAULT, out);
	return err;
}

enum { LOOPBACK_IFINDEX = 1 }; /* what a packet made here counts as having come in by (ip_route_output_key_hash) */

void fib_lookup(const struct fib *f, const struct route_flow *flow, struct route *out)
{
	bool v6 = flow->dst.family == 6;
	struct fib_asked q = {
		.flow = flow, .oif = flow->oif, .iif = flow->iif ? flow->iif : LOOPBACK_IFINDEX, .in = v6 && flow->iif
	};
	const struct snap_rule *unsure;
	int err;

	q.vrf = fib_vrf(f, flow->oif ? flow->oif : flow->iif);
	if (q.vrf && q.vrf == q.oif)
		q.oif = 0;
	*out = (struct route){ .rp_filter = OPT_NONE };
	err = f->custom[v6] ? look_by_rules(f, &q, out) : look_by_default(f, &q, out);
	unsure = out->unsure;
	if (err == -EAGAIN)
		*out = (struct route){ .err = -ENETUNREACH, .rp_filter = OPT_NONE, .unsure = unsure };
	else
		out->err = err;
	if (out->err)
		out->fate = ROUTE_NO_WAY;
}

bool fib_says_local(const struct fib *f, const struct ipaddr *a)
{
	struct route_flow flow = { .dst = *a };
	struct fib_asked q = { .flow = &flow, .iif = LOOPBACK_IFINDEX };
	struct route way = { .rp_filter = OPT_NONE };

	return !look_in_table(f, &q, f->custom[ADDR_INET] ? RT_TABLE_LOCAL : RT_TABLE_MAIN, &way) && way.type == ROUTE_LOCAL;
}

bool fib_since(const struct fib *f, unsigned int major, unsigned int minor)
{
	return snap_since(f->snap, major, minor);
}

uint32_t fib_vrf(const struct fib *f, uint32_t ifindex)
{
	const struct snap_link *l = ifindex ? fib_link(f, ifindex) : NULL;

	if (l && OPT_VALUE(l->master) && l->slave_kind && !strcmp(l->slave_kind, "vrf"))
		l = fib_link(f, (uint32_t)l->master);
	return l && l->kind && !strcmp(l->kind, "vrf") ? l->ifindex : 0;
}

/* --- devices, addresses, sysctls ------------------------------------------------------------------------------------------ */

const struct snap_link *fib_link(const struct fib *f, uint32_t ifindex)
{
	for (uint32_t i = 0; i < f->n_links; i++)
		if (f->links[i].ifindex == ifindex)
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

bool fib_leads_by(const struct fib *f, const struct route *way, uint32_t ifindex)
{
	if (!ifindex || way->oif == ifindex)
		return true;
	return way->route && way->route->family == ADDR_INET && fibhop_uses(f, way->route, ifindex);
}

bool fib_has_any(const struct fib *f, uint32_t ifindex)
{
	for (uint32_t i = 0; i < f->n_addrs; i++)
		if (f->addrs[i].a->ifindex == ifindex)
			return true;
	return false;
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
