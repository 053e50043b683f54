// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages of sock_diag and rtnetlink, and files of /proc/net, as a kernel (6.18) gave them: recorded in tests/fuzz/corpus/net,
 * without the end of the dump.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>

#include "net/conntrack.h"
#include "net/diag.h"
#include "net/netfiles.h"
#include "net/rtnl.h"
#include "store/store.h"

#define RECORDED "tests/fuzz/corpus/net/"

struct records {
	struct snap s; /* whose arrays take them */
	struct intern in;
};

static void setup(struct records *r)
{
	*r = (struct records){ 0 };
	snap_init(&r->s);
	r->in.arena = &r->s.arena;
}

static void teardown(struct records *r)
{
	intern_done(&r->in);
	snap_done(&r->s);
}

static int take(const struct nlmsghdr *h, void *arg)
{
	struct records *r = arg;
	struct snap_tcp_info info = { 0 };
	struct snap_socket x;
	struct snap_link l;
	struct snap_addr a;
	struct snap_route route;
	struct snap_rule rule;
	struct snap_nexthop nexthop;

	if (!diag_parse(h, NETID_TCP, &r->in, &x, &info) || !diag_unix_parse(h, &r->in, &x) || !diag_packet_parse(h, &r->in, &x) ||
	    !diag_netlink_parse(h, &r->in, &x))
		*ARRAY_ADD(&r->s, sockets) = x;
	if (info.cookie)
		*ARRAY_ADD(&r->s, tcp_infos) = info;
	if (!rtnl_parse_link(h, &r->in, &l))
		*ARRAY_ADD(&r->s, links) = l;
	if (!rtnl_parse_addr(h, &r->in, &a))
		*ARRAY_ADD(&r->s, addresses) = a;
	if (!rtnl_parse_route(h, &r->in, &route))
		*ARRAY_ADD(&r->s, routes) = route;
	if (!rtnl_parse_rule(h, &r->in, &rule))
		*ARRAY_ADD(&r->s, rules) = rule;
	if (!rtnl_parse_nexthop(h, &r->in, &nexthop))
		*ARRAY_ADD(&r->s, nexthops) = nexthop;
	return 0;
}

static ssize_t load(const char *name, char **buf)
{
	char path[256];
	ssize_t n;

	snprintf(path, sizeof(path), RECORDED "%s", name);
	n = read_file_at(AT_FDCWD, path, 0, 1 << 20, buf);
	if (n < 0)
		fail_msg("%s: %s", path, strerror((int)-n));
	return n;
}

static void replay(struct records *r, const char *name)
{
	const struct nl_sink sink = { take, NULL, r };
	CLEAN_MEM char *buf = NULL;
	ssize_t n = load(name, &buf);
	bool interrupted = false;

	assert_int_equal(nl_take_all(buf, (size_t)n, 0, &sink, &interrupted), 0);
	assert_false(interrupted);
}

/* The socket of that local port; those of a listener and of its connections have the same, the first one is meant. */
static const struct snap_socket *at_port(const struct records *r, uint32_t port, uint8_t state)
{
	for (size_t i = 0; i < r->s.n_sockets; i++)
		if (r->s.sockets[i].port == port && r->s.sockets[i].state == state)
			return &r->s.sockets[i];
	fail_msg("no socket of port %u", port);
	return NULL;
}

static void tcp_sockets(void **state)
{
	const struct snap_socket *x;
	struct records r;

	(void)state;
	setup(&r);
	replay(&r, "tcp");
	x = at_port(&r, 81, STATE_LISTEN);
	assert_string_equal(x->addr, "198.51.100.7");
	assert_null(x->peer);
	assert_true(x->flags == SOCKF_FREEBIND && x->known & SOCKF_TRANSPARENT && !(x->known & SOCKF_REUSEADDR));
	assert_true(x->mark == 99 && x->send_q == 1 && x->ifindex == OPT_NONE && x->n_mem == 9 && x->ino);
	x = at_port(&r, 82, STATE_LISTEN);
	assert_int_equal(x->ifindex, 1);
	x = at_port(&r, 8080, STATE_LISTEN);
	assert_true(x->recv_q == 1 && x->send_q == 5); /* one that nobody has accepted, of five at the most */
	teardown(&r);
}

static void tcp_figures(void **state)
{
	struct records r;
	size_t connected = 0;

	(void)state;
	setup(&r);
	replay(&r, "tcp");
	for (size_t i = 0; i < r.s.n_tcp_infos; i++)
		connected += r.s.tcp_infos[i].rtt > 0 && r.s.tcp_infos[i].snd_wscale == 10 && r.s.tcp_infos[i].timestamps;
	assert_true(r.s.n_tcp_infos && r.s.n_tcp_infos <= r.s.n_sockets);
	assert_int_equal(connected, r.s.n_tcp_infos - 4); /* the rest listen */
	assert_string_equal(r.s.tcp_infos[0].congestion, "bbr");
	teardown(&r);
}

static void ipv6_sockets(void **state)
{
	const struct snap_socket *x;
	struct records r;

	(void)state;
	setup(&r);
	replay(&r, "tcp6");
	assert_int_equal(r.s.n_sockets, 2);
	x = at_port(&r, 8443, STATE_LISTEN);
	assert_true(x->family == ADDR_INET6 && x->flags == SOCKF_V6ONLY && x->known & SOCKF_V6ONLY);
	assert_string_equal(x->addr, "::");
	assert_ptr_equal(r.s.sockets[0].addr, r.s.sockets[1].addr); /* one text for all who have it */
	teardown(&r);
}

static void other_sockets(void **state)
{
	const struct snap_socket *x;
	struct records r;

	(void)state;
	setup(&r);
	replay(&r, "unix");
	for (x = r.s.sockets; x < r.s.sockets + r.s.n_sockets && (!x->path || x->path_len != 10); x++)
		;
	assert_true(x < r.s.sockets + r.s.n_sockets);
	assert_memory_equal(x->path, "@ab\0c\x1b[31m", 11);
	assert_true(x->netid == NETID_UNIX_STREAM && x->state == STATE_LISTEN && !x->vfs_ino && x->send_q == 3);
	r.s.n_sockets = 0;
	replay(&r, "packet");
	assert_int_equal(r.s.n_sockets, 2);
	for (x = r.s.sockets; x->netid != NETID_PACKET_DGRAM; x++)
		assert_string_equal(x->addr, "*");
	assert_true(x->ifindex == 1 && !strcmp(x->addr, "arp") && x->port == 0x806);
	r.s.n_sockets = 0;
	replay(&r, "netlink");
	assert_string_equal(r.s.sockets[0].addr, "rtnl");
	teardown(&r);
}

/* A name with a NUL and a control character in it, from the kernel into a file and back. */
static void names_with_nul_are_saved(void **state)
{
	char *text = NULL, error[128];
	const struct snap_socket *x;
	size_t len = 0, found = 0;
	struct snap loaded;
	struct records r;
	FILE *f;

	(void)state;
	setup(&r);
	replay(&r, "unix");
	f = open_memstream(&text, &len);
	assert_int_equal(snap_save(&r.s, f), 0);
	fclose(f);
	f = fmemopen(text, len, "r");
	snap_init(&loaded);
	if (snap_load(&loaded, f, 1 << 20, error, sizeof(error)))
		fail_msg("%s", error);
	fclose(f);
	assert_int_equal(loaded.n_sockets, r.s.n_sockets);
	for (x = loaded.sockets; x < loaded.sockets + loaded.n_sockets; x++)
		found += x->path_len == 10 && !memcmp(x->path, "@ab\0c\x1b[31m", 11);
	assert_int_equal(found, 1);
	free(text);
	snap_done(&loaded);
	teardown(&r);
}

static const struct snap_link *link_named(const struct records *r, const char *name)
{
	for (size_t i = 0; i < r->s.n_links; i++)
		if (!strcmp(r->s.links[i].ifname, name))
			return &r->s.links[i];
	fail_msg("no device %s", name);
	return NULL;
}

static const char *value(const struct snap_link_attr *list, uint32_t n, const char *key)
{
	for (uint32_t i = 0; i < n; i++)
		if (!strcmp(list[i].key, key))
			return list[i].value;
	fail_msg("no %s", key);
	return NULL;
}

static void devices(void **state)
{
	const struct snap_link *l;
	struct records r;

	(void)state;
	setup(&r);
	replay(&r, "links");
	l = link_named(&r, "br0");
	assert_string_equal(l->kind, "bridge");
	assert_string_equal(l->altnames[0], "bridge_of_many_names");
	assert_string_equal(value(l->data, l->n_data, "stp_state"), "0");
	assert_string_equal(value(l->data, l->n_data, "bridge_id"), "8000.6a:10:b1:2a:ab:d3");
	l = link_named(&r, "a2");
	assert_true(l->master == link_named(&r, "br0")->ifindex && l->link == 2 && OPT_VALUE(l->link_netnsid) && l->mtu == 1500);
	assert_true(l->rx_bytes && l->flags & LINK_UP);
	assert_string_equal(value(l->slave_data, l->n_slave_data, "hairpin"), "false");
	l = link_named(&r, "mv0");
	assert_true(l->link == link_named(&r, "nv1p")->ifindex && l->link_netnsid == OPT_NONE);
	assert_string_equal(value(l->data, l->n_data, "mode"), "bridge");
	teardown(&r);
}

static void routes_and_rules(void **state)
{
	struct records r;
	size_t multipath = 0, objects = 0, rules = 0;

	(void)state;
	setup(&r);
	replay(&r, "routes");
	replay(&r, "rules");
	replay(&r, "nexthops");
	for (size_t i = 0; i < r.s.n_routes; i++) {
		const struct snap_route *x = &r.s.routes[i];

		multipath += x->n_hops == 2 && x->hops[0].weight == 3 && !strcmp(x->hops[1].gateway, "10.1.1.9");
		objects += x->nhid == 7 && !strcmp(x->dst, "10.8.0.0") && x->dst_len == 16;
	}
	for (size_t i = 0; i < r.s.n_rules; i++) {
		const struct snap_rule *x = &r.s.rules[i];

		rules += x->fwmark == 5 && x->table == 777 && !strcmp(x->src, "10.0.0.0") && x->src_len == 8;
		rules += x->ipproto == 6 && x->sport_min == 80 && x->sport_max == 90 && x->uid_min == 5 && x->uid_max == 6;
	}
	assert_true(multipath == 1 && objects == 1 && rules == 2);
	assert_int_equal(r.s.n_nexthops, 1);
	assert_string_equal(r.s.nexthops[0].gateway, "10.1.1.1");
	teardown(&r);
}

/* What a request for ports says to the kernel: all of its operations must hold, else the way leads beyond the end. */
static void ports_are_asked_of_the_kernel(void **state)
{
	const struct diag_query q = { .family = AF_INET, .protocol = IPPROTO_TCP, .states = DIAG_LISTEN, .ports = { 80, 90 } };
	const struct inet_diag_bc_op *op;
	const struct nlattr *a;
	NL_REQUEST(buf);

	(void)state;
	a = nl_first(diag_get(buf, &q), sizeof(struct inet_diag_req_v2));
	assert_non_null(a);
	assert_int_equal(mnl_attr_get_type(a), INET_DIAG_REQ_BYTECODE);
	assert_int_equal(mnl_attr_get_payload_len(a), 16);
	op = mnl_attr_get_payload(a);
	assert_true(op[0].code == INET_DIAG_BC_S_GE && op[0].yes == 8 && op[0].no == 20 && op[1].no == 80);
	assert_true(op[2].code == INET_DIAG_BC_S_LE && op[2].yes == 8 && op[2].no == 12 && op[3].no == 90);
}

/* --- conntrack ------------------------------------------------------------------------------------------------------------- */

struct entries {
	struct arena arena;
	struct snap_trial t; /* what is asked for */
	struct snap_trial_flow flows[4];
	int n, found, n_flows;
};

static int take_entry(const struct nlmsghdr *h, void *arg)
{
	struct entries *e = arg;

	e->n++;
	e->found += !conntrack_parse(h, &e->arena, &e->t);
	if (!conntrack_parse_flow(h, &e->arena, &e->t, &e->flows[e->n_flows]))
		e->n_flows++;
	return 0;
}

static struct entries look_up(uint8_t proto, const char *dst, uint32_t sport)
{
	struct entries e = { .t = { .proto = proto, .src = "10.1.0.2", .dst = dst, .sport = sport, .dport = 53 } };
	const struct nl_sink sink = { take_entry, NULL, &e };
	CLEAN_MEM char *buf = NULL;
	ssize_t n = load("conntrack", &buf);
	bool interrupted = false;

	assert_int_equal(nl_take_all(buf, (size_t)n, 0, &sink, &interrupted), 0);
	assert_int_equal(e.n, 3);
	return e;
}

/* Two of UDP and one of TCP, from 10.1.0.2 to 10.1.0.1:53, which a rule has sent to 10.2.0.2:5353. */
static void conntrack_entries(void **state)
{
	struct entries e = look_up(17, "10.1.0.1", 5555);

	(void)state;
	assert_int_equal(e.found, 1);
	assert_string_equal(e.t.to_dst, "10.2.0.2");
	assert_string_equal(e.t.to_src, "10.1.0.2");
	assert_true(e.t.to_dport == 5353 && e.t.to_sport == 5555 && !e.t.unreplied && e.t.timeout > 0);
	assert_int_equal(e.n_flows, 2);
	assert_true(e.flows[0].sport == 5557 && e.flows[0].unreplied && e.flows[0].to_dport == 5353);
	assert_true(e.flows[1].sport == 5555 && !e.flows[1].unreplied);
	assert_string_equal(e.flows[0].src, "10.1.0.2");
	assert_string_equal(e.flows[0].to_dst, "10.2.0.2");
	arena_done(&e.arena);
	e = look_up(17, "10.1.0.1", 5557);
	assert_true(e.found == 1 && e.t.unreplied);
	arena_done(&e.arena);
	e = look_up(17, "10.1.0.1", 5558);
	assert_true(!e.found && e.n_flows == 2);
	arena_done(&e.arena);
	e = look_up(6, "10.1.0.1", 5556);
	assert_true(e.found == 1 && e.n_flows == 1);
	arena_done(&e.arena);
	e = look_up(17, "10.1.0.9", 5555);
	assert_true(!e.found && !e.n_flows);
	arena_done(&e.arena);
}

static void requests_for_entries(void **state)
{
	struct snap_trial t = { .proto = 17, .src = "10.1.0.2", .dst = "10.1.0.1", .sport = 5555, .dport = 53 };
	NL_REQUEST(buf);

	(void)state;
	assert_non_null(conntrack_get(buf, &t));
	assert_non_null(conntrack_list(buf, &t));
	t.src = t.dst = "fd00::1";
	assert_non_null(conntrack_get(buf, &t));
	t.src = "10.1.0.2";
	assert_null(conntrack_get(buf, &t));
}

/* --- files ------------------------------------------------------------------------------------------------------------------ */

static struct words line_of(const char *s)
{
	return (struct words){ s, s + strlen(s) };
}

static void virtual_services(void **state)
{
	struct snap_vserver_dest d;
	struct snap_vserver x;
	struct records r;

	(void)state;
	setup(&r);
	assert_int_equal(netfiles_vserver(line_of("Prot LocalAddress:Port Scheduler Flags"), &r.in, &x), -EINVAL);
	assert_int_equal(netfiles_vserver(line_of("TCP  0A000001:0050 rr "), &r.in, &x), 0);
	assert_string_equal(x.proto, "TCP");
	assert_string_equal(x.addr, "10.0.0.1");
	assert_int_equal(x.port, 80);
	assert_string_equal(x.scheduler, "rr");
	assert_int_equal(
		netfiles_vserver(line_of("UDP  [2001:0db8:0000:0000:0000:0000:0000:0001]:0035 wlc persistent 300 FFFFFFFF"), &r.in,
				 &x),
		0);
	assert_string_equal(x.addr, "2001:db8::1");
	assert_int_equal(netfiles_vserver(line_of("FWM  00000007 rr "), &r.in, &x), 0);
	assert_null(x.addr);
	assert_int_equal(x.mark, 7);
	assert_int_equal(netfiles_vserver(line_of("TCP  [10.0.0.1]:0050 rr "), &r.in, &x), -EINVAL);
	assert_int_equal(netfiles_vserver(line_of("TCP  0A000001:10050 rr "), &r.in, &x), -EINVAL);
	assert_int_equal(netfiles_vserver_dest(line_of("  -> RemoteAddress:Port Forward Weight ActiveConn InActConn"), &r.in, &d),
			 -EINVAL);
	assert_int_equal(netfiles_vserver_dest(line_of("  -> 0A000002:1F90      Masq    3      0          0         "), &r.in, &d),
			 0);
	assert_string_equal(d.addr, "10.0.0.2");
	assert_int_equal(d.port, 8080);
	assert_string_equal(d.forward, "Masq");
	assert_int_equal(d.weight, 3);
	teardown(&r);
}

static void sockets_of_files(void **state)
{
	struct snap_socket x;
	struct records r;

	(void)state;
	setup(&r);
	assert_int_equal(netfiles_ip(line_of("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "
					     "timeout inode"),
				     &r.in, &x),
			 -EINVAL);
	assert_int_equal(netfiles_ip(line_of("   0: 0100007F:1F90 00000000:0000 0A 00000000:00000002 00:00000000 00000000  1000  "
					     "      0 639 1"),
				     &r.in, &x),
			 0);
	assert_string_equal(x.addr, "127.0.0.1");
	assert_true(!x.peer && x.port == 8080 && x.state == STATE_LISTEN && x.recv_q == 2 && x.uid == 1000 && x.ino == 639);
	assert_int_equal(netfiles_ip(line_of("   1: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 07 "
					     "00000000:00000000 00:00000000 00000000     0        0 5 2 0 0"),
				     &r.in, &x),
			 0);
	assert_string_equal(x.addr, "::1");
	assert_int_equal(netfiles_ip(line_of("   1: 0100007F1:1F90 00000000:0000 0A 0:0 0:0 0 0 0 639 1"), &r.in, &x), -EINVAL);
	assert_int_equal(netfiles_unix(line_of("0000000000000000: 00000002 00000000 00010000 0001 01 77 @a b"), &r.in, &x), 0);
	assert_true(x.netid == NETID_UNIX_STREAM && x.state == STATE_LISTEN && x.ino == 77 && x.path_len == 4);
	assert_string_equal(x.path, "@a b");
	assert_int_equal(netfiles_unix(line_of("0000000000000000: 00000002 00000000 00000000 0002 01 78"), &r.in, &x), 0);
	assert_true(x.netid == NETID_UNIX_DGRAM && x.state == STATE_UNCONN && !x.path);
	teardown(&r);
}

static void routes_of_files(void **state)
{
	struct words device;
	struct snap_route x;
	struct snap_link l;
	struct records r;

	(void)state;
	setup(&r);
	assert_int_equal(
		netfiles_route(line_of("eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0"), &r.in, &x, &device), 0);
	assert_true(!x.dst && !x.dst_len && x.metric == 100 && words_is(&device, "eth0"));
	assert_string_equal(x.gateway, "192.0.2.1");
	assert_int_equal(netfiles_route6(line_of("fe800000000000000000000000000000 40 00000000000000000000000000000000 00 "
						 "00000000000000000000000000000000 00000100 00000002 00000000 00000001     eth0"),
					 &r.in, &x, &device),
			 0);
	assert_true(x.dst_len == 64 && !x.gateway && x.metric == 256);
	assert_string_equal(x.dst, "fe80::");
	assert_int_equal(netfiles_dev(line_of("  eth0:1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16"), &r.in, &l), 0);
	assert_string_equal(l.ifname, "eth0:1");
	assert_true(l.rx_bytes == 1 && l.rx_dropped == 4 && l.tx_bytes == 9 && l.tx_dropped == 12);
	assert_int_equal(netfiles_dev(line_of(" face |bytes    packets errs"), &r.in, &l), -EINVAL);
	teardown(&r);
}

struct wanted {
	const char *key;
	uint64_t value;
	int found;
};

static void look_for(const char *key, size_t len, uint64_t value_, void *arg)
{
	struct wanted *w = arg;

	if (strlen(w->key) == len && !memcmp(key, w->key, len) && value_ == w->value)
		w->found++;
}

static void counters(void **state)
{
	static const char snmp6[] = "Ip6InReceives                   \t9\n";
	static const char sockstat[] = "sockets: used 5\nTCP: inuse 2 orphan 0 tw 3\nTCP6: inuse 1\n";
	static const char paired[] = "Tcp: RtoMin MaxConn InSegs\nTcp: 200 -1 57\nUdp: InDatagrams\nUdp: 5\n";
	static const char sums[] = "entries  found insert_failed\n00000003  00000001 0000000a\n00000003  00000002 00000006\n";
	struct wanted w = { "Tcp.InSegs", 57, 0 }, none = { "Tcp.MaxConn", 0, 0 };
	uint64_t v;

	(void)state;
	netfiles_paired(paired, strlen(paired), look_for, &w);
	netfiles_paired(paired, strlen(paired), look_for, &none);
	assert_true(w.found == 1 && !none.found);
	w = (struct wanted){ "Ip6.InReceives", 9, 0 };
	netfiles_snmp6(snmp6, strlen(snmp6), look_for, &w);
	assert_int_equal(w.found, 1);
	w = (struct wanted){ "conntrack.insert_failed", 16, 0 };
	netfiles_conntrack(sums, strlen(sums), look_for, &w);
	assert_int_equal(w.found, 1);
	w = (struct wanted){ "sockstat.TCP.tw", 3, 0 };
	netfiles_sockets(sockstat, strlen(sockstat), look_for, &w);
	assert_int_equal(w.found, 1);
	assert_int_equal(netfiles_sockstat(sockstat, strlen(sockstat), "TCP", "tw", &v), 0);
	assert_int_equal(v, 3);
	assert_int_equal(netfiles_sockstat("TCP: inuse\n", 11, "TCP", "inuse", &v), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tcp_sockets),
		cmocka_unit_test(tcp_figures),
		cmocka_unit_test(ipv6_sockets),
		cmocka_unit_test(other_sockets),
		cmocka_unit_test(names_with_nul_are_saved),
		cmocka_unit_test(devices),
		cmocka_unit_test(routes_and_rules),
		cmocka_unit_test(ports_are_asked_of_the_kernel),
		cmocka_unit_test(conntrack_entries),
		cmocka_unit_test(requests_for_entries),
		cmocka_unit_test(virtual_services),
		cmocka_unit_test(sockets_of_files),
		cmocka_unit_test(routes_of_files),
		cmocka_unit_test(counters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
