// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * routepairs: the route lookup of fib.c and route.c against the kernel. It makes worlds at random, each in a network namespace of its
 * own: devices up, down and without carrier, addresses, settings, rules, tables, nexthop objects and routes of every kind. The snapshot
 * of a world and the kernel (RTM_GETROUTE) are asked the same flows, out of a socket and in by a device, IPv4 and IPv6. Where several
 * hops are alive, the kernel's has to be one of ours, and each of ours has to be the kernel's now and then.
 *	routepairs [SEED [WORLDS [FLOWS]]]
 * Prints the seed, the first differences and a last line "N lookups, M ways, D different"; exit status 1 when D is not 0.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collect/collect.h"
#include "net/nl.h"
#include "route/route.h"

#include "routeworld.h"

enum { MOST_SHOWN = 10, SWEEP = 400, MOST_WAYS = 16 };

static unsigned long n_lookups, n_ways, n_different;
static unsigned int seed, world;

/* A world as the snapshot has it. */
struct view {
	struct nl nl;
	uint32_t ns;
	struct snap s;
	struct fib f;
	int looks;
};

/* --- the kernel's answer ----------------------------------------------------------------------------------------------------- */

struct answer {
	int err; /* -errno; the rest is of 0 */
	uint32_t type, table, oif;
	struct ipaddr gateway, src;
	bool object; /* ours: by a nexthop object */
};

static void put_address(struct nlmsghdr *h, uint16_t type, const struct ipaddr *a)
{
	if (a->family)
		mnl_attr_put(h, type, ipaddr_size(a), a->bytes);
}

static void put_u32(struct nlmsghdr *h, uint16_t type, uint32_t v)
{
	if (v)
		mnl_attr_put_u32(h, type, v);
}

static struct ipaddr address_in(const void *bytes, int family)
{
	struct ipaddr a = { .family = family == AF_INET ? 4 : 6 };

	memcpy(a.bytes, bytes, ipaddr_size(&a));
	return a;
}

static void take_answer(const struct nlmsghdr *h, struct answer *out)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(h);
	const struct nlattr *a;

	*out = (struct answer){ .type = m->rtm_type, .table = m->rtm_table };
	for (a = nl_first(h, sizeof(*m)); a; a = nl_next(h, a)) {
		const char *p = mnl_attr_get_payload(a);

		if (mnl_attr_get_type(a) == RTA_TABLE)
			out->table = mnl_attr_get_u32(a);
		else if (mnl_attr_get_type(a) == RTA_OIF)
			out->oif = mnl_attr_get_u32(a);
		else if (mnl_attr_get_type(a) == RTA_GATEWAY)
			out->gateway = address_in(p, m->rtm_family);
		else if (mnl_attr_get_type(a) == RTA_VIA)
			out->gateway = address_in(p + 2, *(const uint16_t *)(const void *)p);
		else if (mnl_attr_get_type(a) == RTA_PREFSRC)
			out->src = address_in(p, m->rtm_family);
	}
}

static void ask_kernel(struct nl *nl, const struct route_flow *flow, struct answer *out)
{
	const struct nlmsghdr *reply;
	NL_REQUEST(buf);
	struct nlmsghdr *h = nl_request(buf, RTM_GETROUTE);
	struct rtmsg *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	int err;

	m->rtm_family = flow->dst.family == 4 ? AF_INET : AF_INET6;
	m->rtm_dst_len = flow->dst.family == 4 ? 32 : 128;
	m->rtm_src_len = flow->src.family ? m->rtm_dst_len : 0;
	m->rtm_tos = flow->tos;
	m->rtm_flags = RTM_F_LOOKUP_TABLE;
	put_address(h, RTA_DST, &flow->dst);
	put_address(h, RTA_SRC, &flow->src);
	put_u32(h, RTA_IIF, flow->iif);
	put_u32(h, RTA_OIF, flow->oif);
	put_u32(h, RTA_MARK, flow->mark);
	mnl_attr_put_u32(h, RTA_UID, flow->uid); /* else IPv6 takes nobody's for what comes in, which packets never have */
	if (flow->proto) {
		mnl_attr_put_u8(h, RTA_IP_PROTO, flow->proto);
		mnl_attr_put_u16(h, RTA_SPORT, htons(flow->sport));
		mnl_attr_put_u16(h, RTA_DPORT, htons(flow->dport));
	}
	err = nl_ask(nl, h, &reply);
	*out = (struct answer){ .err = err };
	if (!err)
		take_answer(reply, out);
}

/* --- the same of ours ---------------------------------------------------------------------------------------------------------- */

static void ask_ours(const struct fib *f, const struct route_flow *flow, struct answer *out, uint32_t *ways)
{
	struct route way;

	if (flow->iif && flow->dst.family == 6) { /* the kernel answers what the tables say, and does not ask whether it forwards */
		fib_lookup(f, flow, &way);
		if (way.type == ROUTE_LOCAL && !way.err)
			way.fate = ROUTE_LOCAL_DELIVERY;
	} else if (flow->iif) {
		route_input(f, flow, &way);
	} else {
		route_output(f, flow, &way);
	}
	*ways = way.ways;
	if (way.src.family == 4 && ipaddr_is_any(&way.src))
		way.src.family = 0;
	*out = (struct answer){ .err = way.err, .type = way.type, .oif = way.oif, .gateway = way.gateway, .src = way.src };
	if (way.route) {
		out->table = way.route->table;
		out->object = OPT_VALUE(way.route->nhid);
	}
}

/* Local and main are one trie as long as nobody adds a rule. */
static bool is_first(uint32_t table)
{
	return table == RT_TABLE_LOCAL || table == RT_TABLE_MAIN;
}

/* What both say and can be compared. */
static bool is_same(const struct route_flow *flow, const struct answer *k, const struct answer *o)
{
	if (k->err || o->err) {
		/* Of what comes in only refusals that the sender hears of have an errno of their own. */
		return flow->iif && k->err && o->err ? true : k->err == o->err;
	}
	if (k->type != o->type || (k->type == RTN_BROADCAST ? false : !flow->iif && k->type != RTN_LOCAL && k->oif != o->oif))
		return false;
	if (k->type == RTN_UNICAST && (k->oif != o->oif || !ipaddr_equal(&k->gateway, &o->gateway)))
		return false;
	if (o->object)
		return true;
	if (!flow->iif && !flow->src.family && !ipaddr_equal(&k->src, &o->src))
		return false;
	return k->table == o->table || (is_first(k->table) && is_first(o->table));
}

/* The way of ours that the kernel took: its number, or -1. */
static int find_way(const struct fib *f, const struct route_flow *flow, const struct answer *k, struct answer *o, uint32_t *ways)
{
	struct route_flow asked = *flow;

	asked.pick = 0;
	do {
		ask_ours(f, &asked, o, ways);
		if (is_same(flow, k, o))
			return (int)asked.pick;
	} while (++asked.pick < *ways);
	return -1;
}

static void print_answer(const char *who, const struct answer *a)
{
	char gateway[IPADDR_TEXT], src[IPADDR_TEXT];

	if (a->err)
		printf("  %s: %s\n", who, strerrorname_np(-a->err));
	else
		printf("  %s: type %u table %u oif %u via '%s' src '%s'\n", who, a->type, a->table, a->oif,
		       ipaddr_text(&a->gateway, gateway), ipaddr_text(&a->src, src));
}

static void differ(const char *what, const struct route_flow *flow, const struct answer *k, const struct answer *o)
{
	char src[IPADDR_TEXT], dst[IPADDR_TEXT];

	if (n_different++ >= MOST_SHOWN)
		return;
	printf("seed %u world %u, %s: to %s from '%s' iif %u oif %u mark %u uid %u tos %u proto %u sport %u dport %u\n", seed,
	       world, what, ipaddr_text(&flow->dst, dst), ipaddr_text(&flow->src, src), flow->iif, flow->oif, flow->mark, flow->uid,
	       flow->tos, flow->proto, flow->sport, flow->dport);
	print_answer("kernel", k);
	print_answer("ours  ", o);
}

/* --- flows ------------------------------------------------------------------------------------------------------------------------- */

static struct ipaddr own_address(const struct snap *s, uint32_t ns, int family)
{
	uint32_t n;
	const struct snap_addr *all = SNAP_RANGE(s, addresses, ns, &n);
	struct ipaddr a = { 0 };

	for (int tries = 0; tries < 50 && n; tries++) {
		if (!ipaddr_parse(all[pick(n)].local, &a) && a.family == family && !ipaddr_is_linklocal(&a) &&
		    !ipaddr_is_loopback(&a))
			return a;
		a.family = 0;
	}
	return a;
}

static uint32_t some_device(const struct snap *s, uint32_t ns)
{
	uint32_t n;
	const struct snap_link *all = SNAP_RANGE(s, links, ns, &n);

	for (int tries = 0; tries < 50; tries++) {
		const struct snap_link *l = &all[pick(n)];

		if (l->ifname[0] == 'v' && l->flags & LINK_UP)
			return l->ifindex;
	}
	return 0;
}

static struct route_flow random_flow(const struct snap *s, uint32_t ns)
{
	int family = chance(50) ? 4 : 6;
	struct route_flow flow = { .mark = chance(50) ? pick(5) : 0,
				   .uid = chance(40) ? 1000 : 0,
				   .tos = has_tos && chance(20) ? 4 + 4 * pick(2) : 0 };

	if (chance(10))
		flow.dst = own_address(s, ns, family);
	if (!flow.dst.family)
		ipaddr_parse(address(family), &flow.dst);
	if (family == 4 || chance(50)) { /* IPv4 would take UDP for none (inet_rtm_getroute) */
		flow.proto = chance(50) ? IPPROTO_TCP : IPPROTO_UDP;
		flow.sport = (uint16_t)(1 + pick(5000));
		flow.dport = (uint16_t)(1 + pick(4) * 1000);
	}
	if (chance(35)) { /* it comes in */
		flow.iif = some_device(s, ns);
		flow.uid = 0;
		ipaddr_parse(address(family), &flow.src);
	} else if (chance(20)) {
		flow.oif = some_device(s, ns);
	} else if (chance(30)) {
		flow.src = own_address(s, ns, family);
	}
	return flow;
}

/* The same with many ports: every one of our ways has to be taken. (Two hops may be alike.) */
static void sweep(struct nl *nl, const struct fib *f, const struct route_flow *flow, uint32_t ways)
{
	struct route_flow asked = *flow;
	bool taken[MOST_WAYS] = { 0 };
	struct answer k, o, each[MOST_WAYS];
	uint32_t left = ways, now = ways;

	for (asked.pick = 0; asked.pick < ways; asked.pick++) {
		ask_ours(f, &asked, &each[asked.pick], &now);
		for (uint32_t i = 0; i < asked.pick && !taken[asked.pick]; i++)
			taken[asked.pick] = is_same(flow, &each[i], &each[asked.pick]);
		left -= taken[asked.pick];
	}
	for (int i = 0; i < SWEEP && left; i++) {
		int at;

		asked.sport = (uint16_t)(20000 + pick(30000));
		asked.dport = (uint16_t)(6000 + pick(30000));
		ask_kernel(nl, &asked, &k);
		at = find_way(f, &asked, &k, &o, &now);
		n_lookups++;
		if (now != ways)
			return; /* a rule minds the ports */
		if (at < 0) {
			differ("one of several ways", &asked, &k, &o);
			return;
		}
		left -= !taken[at];
		taken[at] = true;
	}
	n_ways += ways;
	if (left)
		differ("a way that the kernel never takes", &asked, &k, &o);
}

static void look(struct view *v)
{
	const struct collect_opts opts = { .collector = COLLECT_PROC,
					   .wants = WANT_NS | WANT_LINKS | WANT_ROUTES | WANT_SYSCTLS | WANT_NEIGHBOURS,
					   .tool = "routepairs",
					   .netns = &v->ns,
					   .n_netns = 1 };
	const char *why = NULL;

	snap_init(&v->s);
	if (collect(&v->s, &opts, &why)) {
		printf("not collected: %s\n", why ? why : "");
		exit(2);
	}
	snap_settle(&v->s);
	fib_init(&v->f, &v->s, v->ns);
}

static void forget(struct view *v)
{
	fib_done(&v->f);
	snap_done(&v->s);
}

/*
 * With a device IPv6 of 7.2 keeps to one of the hops that go by it, where older kernels take any: ours stay all of them, so that only flows
 * without one are swept.
 *
 * Devices get their carrier, and with it their addresses, a moment after they were set up: so what differs is looked at once more.
 */
static void compare(struct view *v)
{
	struct route_flow flow = random_flow(&v->s, v->ns);
	struct answer k, o;
	uint32_t ways;
	int at;

	ask_kernel(&v->nl, &flow, &k);
	n_lookups++;
	at = find_way(&v->f, &flow, &k, &o, &ways);
	if (at < 0 && v->looks++ < 3) {
		forget(v);
		usleep(300000);
		look(v);
		ask_kernel(&v->nl, &flow, &k);
		at = find_way(&v->f, &flow, &k, &o, &ways);
	}
	if (at < 0)
		differ(flow.iif ? "in" : "out", &flow, &k, &o);
	else if (ways > 1 && !flow.oif && ways <= MOST_WAYS && chance(3) && flow.proto && !k.err &&
		 (!flow.iif || flow.dst.family == 6))
		sweep(&v->nl, &v->f, &flow, ways);
}

static void one_world(unsigned int flows)
{
	struct view v = { 0 };
	struct stat st;

	if (unshare(CLONE_NEWNET) || stat("/proc/thread-self/ns/net", &st) || nl_open(&v.nl, NETLINK_ROUTE)) {
		perror("a new network namespace");
		exit(2);
	}
	v.ns = (uint32_t)st.st_ino;
	make_world();
	look(&v);
	for (unsigned int i = 0; i < flows; i++)
		compare(&v);
	forget(&v);
	nl_close(&v.nl);
}

int main(int argc, char **argv)
{
	unsigned int worlds = argc > 2 ? (unsigned int)strtoul(argv[2], NULL, 10) : 20;
	unsigned int flows = argc > 3 ? (unsigned int)strtoul(argv[3], NULL, 10) : 2000;

	seed = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 10) : (unsigned int)getpid();
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("seed %u\n", seed);
	for (world = 0; world < worlds; world++) {
		srand(seed + world); /* each can be had alone: SEED + WORLD, 1 */
		one_world(flows);
	}
	printf("%lu lookups, %lu ways, %lu different\n", n_lookups, n_ways, n_different);
	return n_different != 0;
}
