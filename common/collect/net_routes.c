// SPDX-License-Identifier: GPL-2.0-or-later
/* Of the network namespace that the thread is in: devices, addresses, routes, rules, neighbours, nexthop objects. */
#include <time.h>

#include "collect/net.h"
#include "net/rtnl.h"

struct taking {
	struct net_tour *n;
	uint32_t inum;
	size_t before; /* of what is being dumped */
};

/*
 * Who takes the messages of a kind, and forgets them when a dump has to be taken again. (Each record begins with its namespace.)
 */
#define TAKER(what, section, type) \
	static int take_##what(const struct nlmsghdr *h, void *arg) \
	{ \
		struct taking *t = arg; \
		type record; \
		if (!rtnl_parse_##what(h, &t->n->in, &record)) { \
			record.ns = t->inum; \
			*ARRAY_ADD(t->n->s, section) = record; \
		} \
		return 0; \
	} \
	static void forget_##what(void *arg) \
	{ \
		struct taking *t = arg; \
\
		t->n->s->n_##section = t->before; \
	} \
	static int dump_##what(struct net_tour *n, uint32_t inum, struct nl *nl, struct nlmsghdr *request) \
	{ \
		struct taking t = { n, inum, n->s->n_##section }; \
		const struct nl_sink sink = { take_##what, forget_##what, &t }; \
		int err = nl_dump(nl, request, &sink); \
\
		if (err) \
			forget_##what(&t); \
		return err; \
	}

TAKER(link, links, struct snap_link)
TAKER(addr, addresses, struct snap_addr)
TAKER(route, routes, struct snap_route)
TAKER(rule, rules, struct snap_rule)
TAKER(neigh, neighbours, struct snap_neigh)
TAKER(nexthop, nexthops, struct snap_nexthop)

void net_links(struct net_tour *n, struct snap_ns *ns, struct nl *nl)
{
	size_t before = n->s->n_links;
	struct timespec now;
	NL_REQUEST(buf);
	int err;

	clock_gettime(CLOCK_REALTIME, &now);
	ns->counted = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	err = dump_link(n, ns->inum, nl, rtnl_get_links(buf));
	if (!err)
		err = dump_addr(n, ns->inum, nl, rtnl_get_addrs(buf));
	if (err) {
		n->s->n_links = before;
		snap_add_gap(n->s, "network namespaces' devices", -err, NULL);
	}
	ns->links = err ? err : (int64_t)(n->s->n_links - before);
}

static void note(struct net_tour *n, int err, const char *what)
{
	if (err)
		snap_add_gap(n->s, what, -err, NULL);
}

void net_routes(struct net_tour *n, struct snap_ns *ns, struct nl *nl)
{
	size_t before = n->s->n_routes;
	NL_REQUEST(buf);
	int err;

	if (n->wants & WANT_ROUTES) {
		err = dump_route(n, ns->inum, nl, rtnl_get_routes(buf));
		note(n, err, "network namespaces' routes");
		ns->routes = err ? err : (int64_t)(n->s->n_routes - before);
		note(n, dump_rule(n, ns->inum, nl, rtnl_get_rules(buf)), "network namespaces' routing rules");
		err = dump_nexthop(n, ns->inum, nl, rtnl_get_nexthops(buf));
		if (err != -EOPNOTSUPP) /* older than 5.3, which has none */
			note(n, err, "network namespaces' nexthop objects");
	}
	if (n->wants & WANT_NEIGHBOURS)
		note(n, dump_neigh(n, ns->inum, nl, rtnl_get_neighs(buf)), "network namespaces' neighbours");
}
