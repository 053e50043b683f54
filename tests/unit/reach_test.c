// SPDX-License-Identifier: GPL-2.0-or-later
/* Where a packet's way ends, on evidence made by hand: each cause, and beside it the nearest thing that is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/if.h>
#include <linux/rtnetlink.h>

#include "why/aim.h"

enum { HERE = 4026532001u, LO = 1, ETH = 2 };

struct world {
	struct snap s;
	struct index ix;
	struct why_query q;
	struct why why;
};

static void add_route(struct world *w, uint8_t type, const char *dst, uint32_t len, uint32_t oif, uint32_t table)
{
	*ARRAY_ADD(&w->s, routes) = (struct snap_route){ .ns = HERE,
							 .type = type,
							 .dst = dst,
							 .dst_len = len,
							 .oif = oif,
							 .iif = OPT_NONE,
							 .metric = OPT_NONE,
							 .nhid = OPT_NONE,
							 .pref = OPT_NONE,
							 .table = table,
							 .protocol = RTPROT_KERNEL,
							 .scope = type == ROUTE_LOCAL ? RT_SCOPE_HOST : RT_SCOPE_LINK };
}

static void add_socket(struct world *w, uint8_t family, const char *addr, uint32_t port)
{
	*ARRAY_ADD(&w->s, sockets) = (struct snap_socket){ .ns = HERE,
							   .netid = NETID_TCP,
							   .family = family,
							   .state = STATE_LISTEN,
							   .addr = addr,
							   .port = port,
							   .ino = 77,
							   .ifindex = OPT_NONE,
							   .mark = OPT_NONE,
							   .send_q = 128,
							   .flags = SOCKF_V6ONLY,
							   .known = SOCKF_V6ONLY | SOCKF_REUSEADDR | SOCKF_REUSEPORT };
}

/* A namespace with lo and eth0 (10.0.0.1/24), a server on 10.0.0.1:80, and a client in it that asks for that. */
static void build(struct world *w)
{
	struct snap_ns *ns;

	*w = (struct world){ 0 };
	snap_init(&w->s);
	w->s.head.initial[NS_NET] = HERE;
	w->s.head.initial_view = true;
	ns = snap_add_ns(&w->s, NS_NET, HERE);
	ns->links = 2;
	ns->routes = 3;
	ns->firewall = 0;
	*ARRAY_ADD(&w->s, links) = (struct snap_link){ .ns = HERE,
						       .ifindex = LO,
						       .ifname = "lo",
						       .flags = IFF_UP | IFF_LOOPBACK,
						       .master = OPT_NONE,
						       .link = OPT_NONE,
						       .link_netnsid = OPT_NONE,
						       .xdp_prog = OPT_NONE };
	*ARRAY_ADD(&w->s, links) = (struct snap_link){ .ns = HERE,
						       .ifindex = ETH,
						       .ifname = "eth0",
						       .kind = "dummy",
						       .flags = IFF_UP,
						       .master = OPT_NONE,
						       .link = OPT_NONE,
						       .link_netnsid = OPT_NONE,
						       .xdp_prog = OPT_NONE };
	*ARRAY_ADD(&w->s, addresses) =
		(struct snap_addr){ .ns = HERE, .ifindex = LO, .local = "127.0.0.1", .prefixlen = 8, .scope = RT_SCOPE_HOST };
	*ARRAY_ADD(&w->s, addresses) = (struct snap_addr){ .ns = HERE, .ifindex = ETH, .local = "10.0.0.1", .prefixlen = 24 };
	add_route(w, ROUTE_LOCAL, "127.0.0.0", 8, LO, RT_TABLE_LOCAL);
	add_route(w, ROUTE_LOCAL, "10.0.0.1", 32, ETH, RT_TABLE_LOCAL);
	add_route(w, ROUTE_UNICAST, "10.0.0.0", 24, ETH, RT_TABLE_MAIN);
	aim_init(&w->q);
	w->q.call = CALL_REACH;
	w->q.ns = w->q.client_ns = HERE;
	w->q.has_client = true;
	w->q.port = 80;
	ipaddr_parse("10.0.0.1", &w->q.addr);
}

/* The codes that are found, in their order, with a blank between. */
static void expect(struct world *w, const char *codes)
{
	char found[256] = "";

	snap_settle(&w->s);
	index_build(&w->ix, &w->s);
	why_run(&w->ix, &w->q, &w->why);
	for (size_t i = 0; i < w->why.n_causes; i++) {
		strcat(found, i ? " " : "");
		strcat(found, w->why.causes[i].code);
	}
	assert_string_equal(found, codes);
	why_done(&w->why);
	index_done(&w->ix);
	snap_done(&w->s);
}

static void sockets(void **state)
{
	struct world w;

	(void)state;
	build(&w);
	add_socket(&w, ADDR_INET, "10.0.0.1", 80);
	expect(&w, "");
	build(&w);
	add_socket(&w, ADDR_INET, "127.0.0.1", 80);
	expect(&w, "listener-loopback-only");
	build(&w);
	add_socket(&w, ADDR_INET6, "::", 80);
	expect(&w, "listener-other-family");
	build(&w);
	add_socket(&w, ADDR_INET6, "::", 80);
	w.s.sockets[0].flags = 0; /* not V6ONLY: it has IPv4, too */
	expect(&w, "");
	build(&w);
	add_socket(&w, ADDR_INET, "0.0.0.0", 80);
	w.s.sockets[0].ifindex = ETH; /* what is sent to oneself comes in by lo */
	expect(&w, "listener-device-bound");
	build(&w);
	add_socket(&w, ADDR_INET, "0.0.0.0", 80);
	w.s.sockets[0].ifindex = LO;
	expect(&w, "");
	build(&w);
	add_socket(&w, ADDR_INET, "0.0.0.0", 80);
	w.s.sockets[0].recv_q = 129;
	expect(&w, "accept-queue-full");
	build(&w);
	add_socket(&w, ADDR_INET, "0.0.0.0", 80);
	w.s.sockets[0].recv_q = 128;
	expect(&w, "");
}

static void routes(void **state)
{
	static const uint8_t refusing[] = { ROUTE_BLACKHOLE, ROUTE_UNREACHABLE, ROUTE_PROHIBIT };
	struct world w;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refusing); i++) {
		build(&w);
		add_route(&w, refusing[i], "10.9.0.0", 16, ETH, RT_TABLE_MAIN);
		ipaddr_parse("10.9.0.1", &w.q.addr);
		expect(&w, "client-route-prohibit");
		build(&w); /* it is for others */
		add_socket(&w, ADDR_INET, "10.0.0.1", 80);
		add_route(&w, refusing[i], "10.9.0.0", 16, ETH, RT_TABLE_MAIN);
		expect(&w, "");
	}
	build(&w);
	add_socket(&w, ADDR_INET, "10.0.0.1", 80);
	w.s.links[0].flags = IFF_LOOPBACK;
	expect(&w, "loopback-down");
	build(&w);
	add_socket(&w, ADDR_INET, "10.9.0.1", 80);
	add_route(&w, ROUTE_UNICAST, NULL, 0, ETH, RT_TABLE_MAIN);
	ipaddr_parse("10.9.0.1", &w.q.addr);
	expect(&w, "listener-addr-not-local");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(sockets), cmocka_unit_test(routes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
