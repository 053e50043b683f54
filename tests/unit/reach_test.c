// SPDX-License-Identifier: GPL-2.0-or-later
/* Where a packet's way ends, on evidence made by hand: each cause, and beside it the nearest thing that is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/if.h>
#include <linux/rtnetlink.h>

#include <linux/netfilter/nf_tables.h>

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
	w.s.sockets[0].ifindex = ETH; /* what is sent to oneself counts as come in by the device that has the address */
	expect(&w, "");
	build(&w);
	add_socket(&w, ADDR_INET, "0.0.0.0", 80);
	w.s.sockets[0].ifindex = LO;
	expect(&w, "listener-device-bound");
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

/* --- rulesets, translations -------------------------------------------------------------------------------------------------------- */

static void add_chain(struct world *w, const char *name, enum fw_hook hook, const char *type, bool drops)
{
	if (!w->s.n_fw_tables)
		*ARRAY_ADD(&w->s, fw_tables) = (struct snap_fw_table){ .ns = HERE, .family = FW_IP, .name = "t", .handle = 1 };
	*ARRAY_ADD(&w->s, fw_chains) = (struct snap_fw_chain){ .ns = HERE,
							       .family = FW_IP,
							       .table = "t",
							       .name = name,
							       .hook = (uint8_t)hook,
							       .type = type,
							       .drops = drops,
							       .handle = w->s.n_fw_chains + 1 };
}

/* A rule "tcp dport PORT" and what it does, of one or two expressions. */
static void add_rule(struct world *w, const char *chain, uint32_t port, const struct snap_fw_expr *what, uint32_t n)
{
	struct snap_fw_expr *e = arena_alloc(&w->s.arena, (n + 2) * sizeof(*e));

	e[0] = snap_fw_expr_of("payload");
	e[0].base = NFT_PAYLOAD_TRANSPORT_HEADER;
	e[0].offset = e[0].len = 2;
	e[0].dreg = 1;
	e[1] = snap_fw_expr_of("cmp");
	e[1].sreg = 1;
	e[1].op = NFT_CMP_EQ;
	e[1].data = arena_printf(&w->s.arena, "%04x", port);
	memcpy(e + 2, what, n * sizeof(*e));
	*ARRAY_ADD(&w->s, fw_rules) = (struct snap_fw_rule){ .ns = HERE,
							     .family = FW_IP,
							     .table = "t",
							     .chain = chain,
							     .handle = w->s.n_fw_rules + 10,
							     .exprs = e,
							     .n_exprs = n + 2 };
}

static struct snap_fw_expr verdict(const char *word)
{
	struct snap_fw_expr e = snap_fw_expr_of("immediate");

	e.dreg = NFT_REG_VERDICT;
	e.verdict = word;
	return e;
}

/* What is sent to oneself passes output, postrouting, prerouting and input. */
static void rulesets(void **state)
{
	static const struct {
		enum fw_hook hook;
		uint32_t port;
		bool drops;
		const char *word, *codes;
	} rows[] = {
		{ FW_INPUT, 80, false, "drop", "netns-firewall-drop" },      { FW_INPUT, 81, false, "drop", "" },
		{ FW_INPUT, 81, true, "accept", "netns-firewall-drop" },     { FW_OUTPUT, 80, false, "drop", "client-egress-drop" },
		{ FW_POSTROUTING, 80, false, "drop", "client-egress-drop" }, { FW_FORWARD, 80, true, "drop", "" },
	};
	struct world w;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct snap_fw_expr e = verdict(rows[i].word);

		build(&w);
		add_socket(&w, ADDR_INET, "0.0.0.0", 80);
		w.s.head.wants |= WANT_FIREWALL;
		add_chain(&w, "c", rows[i].hook, "filter", rows[i].drops);
		if (rows[i].drops) { /* the answers may pass: they come from port 80 */
			struct snap_fw_expr accept = verdict("accept");

			add_rule(&w, "c", 46079, &accept, 1);
		}
		add_rule(&w, "c", rows[i].port, &e, 1);
		expect(&w, rows[i].codes);
	}
}

static void translations(void **state)
{
	static const struct {
		const char *port, *codes;
	} rows[] = { { "0050", "" }, { "0051", "dnat-wrong-port" } };
	struct world w;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct snap_fw_expr e[2] = { snap_fw_expr_of("immediate"), snap_fw_expr_of("redir") };

		build(&w);
		w.q.port = 8080;
		w.s.head.wants |= WANT_FIREWALL;
		add_socket(&w, ADDR_INET, "127.0.0.1", 80);
		e[0].dreg = 1;
		e[0].data = rows[i].port;
		e[1].port_reg = 1;
		add_chain(&w, "n", FW_OUTPUT, "nat", false);
		add_rule(&w, "n", 8080, e, 2);
		expect(&w, rows[i].codes);
	}
}

/* --- programs, processes, containers ------------------------------------------------------------------------------------------------------ */

static void add_hook(struct world *w, enum hook_place place, uint64_t cgroup)
{
	*ARRAY_ADD(&w->s, hooks) = (struct snap_hook){ .ns = cgroup ? 0 : HERE,
						       .place = (uint8_t)place,
						       .ifindex = place == HOOK_SK_LOOKUP || cgroup ? 0 : LO,
						       .cgroup = cgroup,
						       .prog_id = 5,
						       .prog_name = "p",
						       .answers = true };
}

/* What a program says of the packet is asked for first, and answered in the next round. */
static void programs(void **state)
{
	static const struct {
		enum hook_place place;
		uint8_t verdict;
		uint64_t cgroup;
		const char *codes;
	} rows[] = {
		{ HOOK_SK_LOOKUP, TRIAL_DROP, 0, "bpf-sk-lookup" },
		{ HOOK_SK_LOOKUP, TRIAL_PASS, 0, "" },
		{ HOOK_CGROUP_INGRESS, TRIAL_DROP, 9, "cgroup-bpf-ingress-drop" },
		{ HOOK_CGROUP_INGRESS, TRIAL_PASS, 9, "" },
		{ HOOK_CGROUP_INGRESS, TRIAL_REFUSED, 9, "" },
		{ HOOK_CGROUP_INGRESS, TRIAL_DROP, 8, "" }, /* another group's */
	};
	struct world w;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		build(&w);
		add_socket(&w, ADDR_INET, "0.0.0.0", 80);
		w.s.sockets[0].cgroup = 9;
		add_hook(&w, rows[i].place, rows[i].cgroup);
		snap_settle(&w.s);
		index_build(&w.ix, &w.s);
		why_run(&w.ix, &w.q, &w.why);
		assert_int_equal(w.why.n_trials, rows[i].cgroup == 8 ? 0 : 1);
		for (size_t k = 0; k < w.why.n_trials; k++) {
			struct snap_trial t = w.why.trials[k];

			t.src = arena_strdup(&w.s.arena, t.src);
			t.dst = arena_strdup(&w.s.arena, t.dst);
			t.answered = true;
			t.verdict = rows[i].verdict;
			*ARRAY_ADD(&w.s, trials) = t;
		}
		why_done(&w.why);
		index_done(&w.ix);
		memset(&w.why, 0, sizeof(w.why));
		expect(&w, rows[i].codes);
	}
}

/* Answer what a first look asked: entries of conntrack, which lead to 10.0.0.7:80 from the client's port 4000; and look again. */
static void answer_entries(struct world *w, const char *to, const char *codes, const char *unchecked)
{
	static struct snap_trial_flow flow = { .src = "10.0.0.1", .sport = 4000, .to_dport = 80 };
	struct snap_trial t;

	flow.to_dst = to;
	snap_settle(&w->s);
	index_build(&w->ix, &w->s);
	why_run(&w->ix, &w->q, &w->why);
	assert_int_equal(w->why.n_trials, 1);
	t = w->why.trials[0];
	t.src = arena_strdup(&w->s.arena, t.src);
	t.dst = arena_strdup(&w->s.arena, t.dst);
	t.answered = true;
	t.verdict = unchecked ? TRIAL_REFUSED : TRIAL_PASS;
	t.err = unchecked ? EPERM : to ? 0 : t.kind == TRIAL_CONNTRACK ? ENOENT : 0;
	t.to_dst = to;
	t.to_dport = 80;
	t.flows = &flow;
	t.n_flows = t.kind == TRIAL_FLOWS && to;
	*ARRAY_ADD(&w->s, trials) = t;
	why_done(&w->why);
	index_done(&w->ix);
	index_build(&w->ix, &w->s);
	memset(&w->why, 0, sizeof(w->why));
	why_run(&w->ix, &w->q, &w->why);
	assert_int_equal(w->why.n_unchecked, unchecked ? 1 : 0);
	if (unchecked)
		assert_string_equal(w->why.unchecked[0].what, unchecked);
	if (*codes)
		assert_true(w->why.n_causes == 1 && w->why.causes[0].degrades == !w->q.sport);
	why_done(&w->why);
	index_done(&w->ix);
	memset(&w->why, 0, sizeof(w->why));
	w->q.port = 80;
	if (!unchecked)
		expect(w, codes);
	else
		snap_done(&w->s);
}

/* An entry against the rules: of the port that was named, and of one that a socket of the client has. */
static void entries(void **state)
{
	static const struct {
		uint32_t sport, socket;
		const char *to, *codes, *unchecked;
	} rows[] = {
		{ 4000, 0, "10.0.0.7", "conntrack-stale", NULL },
		{ 4000, 0, "10.0.0.1", "", NULL }, /* what the rules say, too */
		{ 4000, 0, NULL, "", NULL },       /* there is none */
		{ 4000, 0, "", "", "conntrack" },  /* the kernel did not tell */
		{ 0, 4000, "10.0.0.7", "conntrack-stale", NULL },
		{ 0, 4001, "10.0.0.7", "", NULL }, /* nobody has that port any more */
		{ 0, 4000, "10.0.0.1", "", NULL },
		{ 0, 4000, NULL, "", NULL },
		{ 0, 4000, "", "", "conntrack" },
	};
	struct world w;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct snap_fw_expr e = verdict("accept");

		build(&w);
		w.q.netid = NETID_UDP;
		w.q.sport = rows[i].sport;
		add_socket(&w, ADDR_INET, "10.0.0.1", 80);
		add_socket(&w, ADDR_INET, "0.0.0.0", rows[i].socket ? rows[i].socket : 9);
		for (size_t k = 0; k < w.s.n_sockets; k++) {
			w.s.sockets[k].netid = NETID_UDP;
			w.s.sockets[k].state = STATE_UNCONN;
		}
		w.s.head.wants |= WANT_FIREWALL;
		add_chain(&w, "c", FW_OUTPUT, "filter", false);
		add_rule(&w, "c", 81, &e, 1);
		answer_entries(&w, rows[i].to, rows[i].codes, rows[i].unchecked);
	}
}

/* The client sends from ETH's network by a device of a VRF, or by one of none. */
static void vrfs(void **state)
{
	static const struct snap_link_attr table[] = { { "table", "77", true } };
	static const struct {
		int64_t device;
		const char *accept, *codes;
	} rows[] = {
		{ 3, "0", "" },
		{ ETH, "0", "" },
		{ OPT_NONE, "0", "listener-vrf" },
		{ OPT_NONE, "1", "" },
		{ LO, "1", "listener-device-bound" },
	};
	struct world w;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		build(&w);
		add_socket(&w, ADDR_INET, "0.0.0.0", 80);
		w.s.sockets[0].ifindex = rows[i].device;
		w.s.links[1].master = 3;
		w.s.links[1].slave_kind = "vrf";
		w.s.links[1].kind = "veth";
		*ARRAY_ADD(&w.s, links) = (struct snap_link){ .ns = HERE,
							      .ifindex = 3,
							      .ifname = "blue",
							      .kind = "vrf",
							      .flags = IFF_UP,
							      .master = OPT_NONE,
							      .link = OPT_NONE,
							      .link_netnsid = OPT_NONE,
							      .xdp_prog = OPT_NONE,
							      .data = table,
							      .n_data = 1 };
		for (size_t k = 1; k < w.s.n_routes; k++)
			w.s.routes[k].table = 77;
		*ARRAY_ADD(&w.s, rules) = (struct snap_rule){ .ns = HERE,
							      .priority = 1000,
							      .l3mdev = true,
							      .action = 1 /* FR_ACT_TO_TBL */,
							      .fwmark = OPT_NONE,
							      .fwmask = OPT_NONE,
							      .tos = OPT_NONE,
							      .ipproto = OPT_NONE,
							      .sport_min = OPT_NONE,
							      .sport_max = OPT_NONE,
							      .dport_min = OPT_NONE,
							      .dport_max = OPT_NONE,
							      .uid_min = OPT_NONE,
							      .uid_max = OPT_NONE,
							      .table = OPT_NONE,
							      .target = OPT_NONE,
							      .suppress_prefixlen = OPT_NONE,
							      .suppress_ifgroup = OPT_NONE,
							      .tun_id = OPT_NONE,
							      .realms = OPT_NONE };
		*ARRAY_ADD(&w.s, sysctls) = (struct snap_sysctl){ HERE, "net.ipv4.tcp_l3mdev_accept", rows[i].accept };
		w.q.has_client = false;
		w.q.client_ns = 0; /* somebody beyond ETH */
		expect(&w, rows[i].codes);
	}
}

static void add_server(struct world *w, uint32_t pid)
{
	struct snap_task *t = ARRAY_ADD(&w->s, tasks);

	*t = (struct snap_task){ .pid = pid, .tid = pid, .comm = "httpd" };
	t->ns[NS_NET] = HERE;
	*ARRAY_ADD(&w->s, socket_fds) = (struct snap_socket_fd){ .ino = 77, .ns = HERE, .pid = pid, .tid = pid, .fd = 3 };
}

static void processes(void **state)
{
	static const char *const codes[] = {
		[HALT_STOPPED] = "process-stopped", [HALT_TRACED] = "process-stopped", [HALT_FROZEN] = "container-paused"
	};
	struct world w;

	(void)state;
	for (uint8_t kind = 0; kind < ARRAY_SIZE(codes); kind++) {
		build(&w);
		add_socket(&w, ADDR_INET, "0.0.0.0", 80);
		add_server(&w, 100);
		*ARRAY_ADD(&w.s, halts) = (struct snap_halt){ .pid = 100, .kind = kind };
		expect(&w, codes[kind]);
		build(&w); /* another one, that has nothing to do with it */
		add_socket(&w, ADDR_INET, "0.0.0.0", 80);
		add_server(&w, 100);
		*ARRAY_ADD(&w.s, halts) = (struct snap_halt){ .pid = 101, .kind = kind };
		expect(&w, "");
	}
}

/* A container's publication, where nobody answers on the host. */
static void publication(void **state)
{
	static const struct snap_port on_loopback = { .proto = "tcp", .port = 8000, .host_ip = "127.0.0.1", .host_port = 80 };
	static const struct {
		const char *state;
		const struct snap_port *port;
		const char *codes;
	} rows[] = {
		{ "exited", NULL, "container-not-running" },
		{ "running", NULL, "not-published" },
		{ "running", &on_loopback, "published-loopback-only" },
	};
	struct world w;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct snap_container c = { .id = "c0ffee", .name = "web", .state = rows[i].state, .exit_code = OPT_NONE };

		build(&w);
		c.ports = rows[i].port;
		c.n_ports = rows[i].port != NULL;
		w.q.targeted = true;
		w.q.target.kind = TARGET_CONTAINER;
		w.q.target.container = &c;
		w.q.ns = HERE + 1;
		expect(&w, rows[i].codes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(sockets),      cmocka_unit_test(routes),   cmocka_unit_test(rulesets),
					    cmocka_unit_test(translations), cmocka_unit_test(programs), cmocka_unit_test(processes),
					    cmocka_unit_test(publication),  cmocka_unit_test(entries),  cmocka_unit_test(vrfs) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
