// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as messages of netlink, of sock_diag and rtnetlink, and as files below /proc/PID/net: nothing outside of them is
 * read, and what a parser refuses it leaves alone; what it takes is a whole record.
 */
#include <linux/netlink.h>

#include "net/conntrack.h"
#include "net/diag.h"
#include "net/netfiles.h"
#include "net/rtnl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool ok)
{
	if (!ok)
		abort();
}

static void need_text(const char *s)
{
	need(s && strlen(s) < 1 << 16);
}

static void need_socket(const struct snap_socket *x)
{
	need(x->netid < NETIDS && x->state < STATES && x->family <= ADDR_INET6 && x->timer <= TIMER_PERSIST);
	need(!(x->flags & (SOCKF_REUSEADDR | SOCKF_REUSEPORT)) && x->expires_ms >= OPT_NONE);
	need(!x->path || x->path[x->path_len] == '\0');
	for (uint32_t i = 0; i < x->n_mem; i++)
		need(x->mem[i] <= UINT32_MAX);
	for (uint32_t i = 0; i < x->n_list; i++)
		need(x->list[i] <= UINT32_MAX);
	for (uint32_t i = 0; i < x->n_details; i++)
		need(x->details[i].key && x->details[i].value);
}

static void sockets(const struct nlmsghdr *h, struct intern *in)
{
	struct snap_tcp_info info;
	struct snap_socket x;

	for (int netid = 0; netid <= NETID_PING; netid++)
		if (!diag_parse(h, (enum sock_netid)netid, in, &x, &info)) {
			need_socket(&x);
			need_text(x.addr);
			need(x.netid == netid);
		}
	if (!diag_unix_parse(h, in, &x))
		need_socket(&x);
	if (!diag_packet_parse(h, in, &x)) {
		need_socket(&x);
		need_text(x.addr);
	}
	if (!diag_netlink_parse(h, in, &x)) {
		need_socket(&x);
		need_text(x.addr);
	}
}

static void links(const struct nlmsghdr *h, struct intern *in)
{
	struct snap_link l;
	struct snap_addr a;

	if (!rtnl_parse_link(h, in, &l)) {
		need_text(l.ifname);
		need(l.operstate <= 6);
		for (uint32_t i = 0; i < l.n_altnames; i++)
			need_text(l.altnames[i]);
		for (uint32_t i = 0; i < l.n_data; i++)
			need_text(l.data[i].value);
		for (uint32_t i = 0; i < l.n_slave_data; i++)
			need_text(l.slave_data[i].value);
	}
	if (!rtnl_parse_addr(h, in, &a))
		need_text(a.local);
}

static void routes(const struct nlmsghdr *h, struct intern *in)
{
	struct snap_nexthop nexthop;
	struct snap_route r;
	struct snap_neigh n;
	struct snap_rule rule;
	uint32_t nsid;

	if (!rtnl_parse_route(h, in, &r)) {
		need(r.type <= ROUTE_XRESOLVE);
		for (uint32_t i = 0; i < r.n_hops; i++)
			need(r.hops[i].weight >= 1 && (!r.hops[i].gateway || strlen(r.hops[i].gateway) > 1));
	}
	if (!rtnl_parse_rule(h, in, &rule))
		need(rule.action <= 8);
	if (!rtnl_parse_neigh(h, in, &n))
		need_text(n.dst);
	if (!rtnl_parse_nexthop(h, in, &nexthop))
		need(nexthop.id && (!nexthop.n_group || nexthop.group[nexthop.n_group - 1] <= UINT32_MAX));
	if (!rtnl_parse_nsid(h, &nsid))
		need(nsid <= INT32_MAX);
}

static void entries(const struct nlmsghdr *h, struct intern *in)
{
	struct snap_trial t = { .proto = 17, .src = "10.1.0.2", .dst = "10.1.0.1", .sport = 5555, .dport = 53 };
	struct snap_trial_flow flow;

	if (!conntrack_parse(h, in->arena, &t))
		need(t.to_sport <= UINT16_MAX && strlen(t.to_dst) > 1);
	if (!conntrack_parse_flow(h, in->arena, &t, &flow))
		need(flow.sport <= UINT16_MAX && strlen(flow.src) > 1 && strlen(flow.to_dst) > 1);
}

static int take(const struct nlmsghdr *h, void *arg)
{
	entries(h, arg);
	sockets(h, arg);
	links(h, arg);
	routes(h, arg);
	return 0;
}

static void messages(const uint8_t *data, size_t size, struct intern *in)
{
	const struct nl_sink sink = { take, NULL, in };
	bool interrupted = false;
	char *copy = malloc(size ? size : 1);
	int end;

	need(copy);
	memcpy(copy, data, size);
	end = nl_take_all(copy, size, 0, &sink, &interrupted); /* the recorded ones have no number */
	need(end <= 1 && end > -4096);
	free(copy);
}

static void take_counter(const char *key, size_t len, uint64_t value, void *arg)
{
	(void)value;
	(void)arg;
	need(len && len < 128 && strlen(key) <= len);
}

static void lines(struct words line, struct intern *in)
{
	struct words device = { 0 };
	struct snap_vserver_dest dest;
	struct snap_vserver service;
	struct snap_socket x;
	struct snap_route r;
	struct snap_addr a;
	struct snap_link l;
	uint32_t ifindex;

	if (!netfiles_ip(line, in, &x) || !netfiles_unix(line, in, &x) || !netfiles_packet(line, in, &x) ||
	    !netfiles_netlink(line, in, &x))
		need_socket(&x);
	if (!netfiles_vserver(line, in, &service))
		need(service.port <= UINT16_MAX && (!service.addr || strlen(service.addr) > 1));
	if (!netfiles_vserver_dest(line, in, &dest))
		need(dest.port <= UINT16_MAX && strlen(dest.addr) > 1);
	if (!netfiles_dev(line, in, &l))
		need_text(l.ifname);
	if (!netfiles_index(line, &device, &ifindex))
		need(device.at >= line.at && device.end <= line.end);
	if (!netfiles_addr6(line, in, &a, &device))
		need_text(a.local);
	if (!netfiles_route(line, in, &r, &device) || !netfiles_route6(line, in, &r, &device))
		need(r.dst_len <= 128 && device.at >= line.at && device.end <= line.end);
}

static void files(const char *text, size_t len, struct intern *in)
{
	struct words rest = { text, text + len }, line;
	uint64_t v;

	while (words_line(&rest, &line))
		lines(line, in);
	netfiles_sockstat(text, len, "TCP", "inuse", &v);
	netfiles_paired(text, len, take_counter, NULL);
	netfiles_snmp6(text, len, take_counter, NULL);
	netfiles_sockets(text, len, take_counter, NULL);
	netfiles_conntrack(text, len, take_counter, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct intern in = { .arena = &arena };
	char *text = malloc(size ? size : 1);

	need(text);
	memcpy(text, data, size);
	messages(data, size, &in);
	files(text, size, &in);
	free(text);
	intern_done(&in);
	arena_done(&arena);
	return 0;
}
