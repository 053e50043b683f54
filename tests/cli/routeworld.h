// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * For routepairs.c: a network namespace furnished at random by ip(8), with srand()'s seed. make_world() furnishes the one that the process
 * is in.
 */
#ifndef NSKIT_TESTS_ROUTEWORLD_H
#define NSKIT_TESTS_ROUTEWORLD_H

#include <stdio.h>
#include <stdlib.h>

#include "util/ipaddr.h"
#include "util/util.h"

enum { DEVICES = 4, TABLES = 6 };

static bool has_tos; /* rules and routes with a TOS in this world */

/*
 * Routes of IPv6 by source in this world. When one beside them goes with its device, the kernel may lose sight of them
 * (fib6_repair_tree, net/ipv6/ip6_fib.c): here no device goes down then.
 */
static bool has_sources;

/*
 * Routes by nexthop objects in this world. All routes of one object share what the kernel remembers of it from the first one that was
 * asked: its table and prefix (rt6_get_pcpu_route, net/ipv6/route.c), by which suppress_prefixlength then goes, and the source address of its
 * scope (fib_result_prefsrc, net/ipv4/fib_semantics.c). That is by chance, and not compared.
 */
static bool has_objects;

static unsigned int pick(unsigned int n)
{
	return (unsigned int)rand() % n;
}

static bool chance(unsigned int percent)
{
	return pick(100) < percent;
}

/* --- a world ------------------------------------------------------------------------------------------------------------- */

static const char *const tables[TABLES] = { "main", "main", "100", "101", "5000", "default" };

static const char *device(void)
{
	static const char *const names[DEVICES] = { "v0", "v1", "v2", "v3" };

	return names[pick(DEVICES)];
}

/* Few addresses, so that prefixes overlap and flows meet them. Of a rotating set of buffers. */
static const char *address(int family)
{
	static char bufs[8][64];
	static unsigned int next;
	char *buf = bufs[next++ % 8];

	if (family == 4)
		snprintf(buf, 64, "10.%u.%u.%u", pick(2), pick(4), pick(3) ? 1 + pick(6) : pick(256));
	else
		snprintf(buf, 64, "fd00:%x:%x::%x", pick(2), pick(4), pick(3) ? 1 + pick(6) : pick(65536));
	return buf;
}

static const char *prefix(int family)
{
	static const unsigned int lens[2][6] = { { 8, 15, 16, 24, 30, 32 }, { 16, 31, 48, 64, 120, 128 } };
	static char bufs[4][80];
	static unsigned int next;
	char *buf = bufs[next++ % 4];
	struct ipaddr a;
	char text[IPADDR_TEXT];
	unsigned int len = lens[family == 6][pick(6)];

	if (chance(12))
		return "default";
	ipaddr_parse(address(family), &a);
	for (unsigned int i = len; i < (family == 4 ? 32u : 128u); i++)
		a.bytes[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
	snprintf(buf, 80, "%s/%u", ipaddr_text(&a, text), len);
	return buf;
}

static void devices(FILE *f)
{
	fputs("link set lo up\n", f);
	for (int i = 0; i < DEVICES; i++)
		fprintf(f, "link add v%d type veth peer name w%d\n", i, i);
	for (int i = 0; i < DEVICES; i++) {
		fprintf(f, "link set v%d up group %u\n", i, pick(3));
		if (!chance(20)) /* else v has no carrier */
			fprintf(f, "link set w%d up\n", i);
		for (unsigned int k = 1 + pick(2); k; k--) {
			fprintf(f, "addr add %s/%u dev v%d%s\n", address(4), 24 + pick(2) * 6, i, chance(20) ? " scope link" : "");
			fprintf(f, "addr add %s/%u dev v%d nodad%s\n", address(6), 64 + pick(2) * 56, i,
				chance(20) ? " preferred_lft 0" : "");
		}
	}
	if (chance(30))
		fprintf(f, "addr add %s/32 dev lo\naddr add %s/128 dev lo nodad\n", address(4), address(6));
}

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (f) {
		fputs(text, f);
		fclose(f);
	}
}

/* A setting of all, and of each device. */
static void set_conf(int family, const char *key, unsigned int percent, unsigned int values)
{
	static const char *const devs[] = { "all", "v0", "v1", "v2", "v3" };
	char path[128], value[8];

	for (size_t i = 0; i < ARRAY_SIZE(devs); i++) {
		snprintf(path, sizeof(path), "/proc/sys/net/ipv%d/conf/%s/%s", family, devs[i], key);
		snprintf(value, sizeof(value), "%u", chance(percent) ? 1 + pick(values) : 0);
		write_file(path, value);
	}
}

static void settings(void)
{
	static const char *const keys4[] = { "accept_local", "route_localnet", "src_valid_mark", "ignore_routes_with_linkdown" };

	write_file("/proc/sys/net/ipv4/ip_forward", chance(60) ? "1" : "0"); /* first: it sets those of the devices */
	write_file("/proc/sys/net/ipv6/conf/all/forwarding", chance(50) ? "1" : "0");
	for (size_t i = 0; i < ARRAY_SIZE(keys4); i++)
		set_conf(4, keys4[i], 20, 1);
	set_conf(4, "rp_filter", 25, 2);
	set_conf(4, "forwarding", chance(50) ? 80 : 100, 1);
	set_conf(4, "send_redirects", 60, 1);
	set_conf(4, "bc_forwarding", 10, 1);
	set_conf(6, "ignore_routes_with_linkdown", 25, 1);
	write_file("/proc/sys/net/ipv4/fib_multipath_hash_policy", "1");
	write_file("/proc/sys/net/ipv6/fib_multipath_hash_policy", "1");
	write_file("/proc/sys/net/ipv4/nexthop_compat_mode", chance(50) ? "1" : "0");
}

static void nexthops(FILE *f, int family)
{
	for (unsigned int i = family == 4 ? 1 : 2; i <= 12; i += 2) {
		if (chance(10))
			fprintf(f, "nexthop add id %u blackhole\n", i);
		else if (chance(40))
			fprintf(f, "nexthop add id %u dev %s\n", i, device());
		else
			fprintf(f, "nexthop add id %u via %s dev %s onlink\n", i, address(family), device());
	}
	if (family == 4)
		fputs("nexthop add id 21 group 1/3\nnexthop add id 23 group 5/7,3/9\n", f);
	else
		fputs("nexthop add id 22 group 2/4\nnexthop add id 24 group 6/8,3/10\n", f);
}

static void neighbours(FILE *f, int family)
{
	for (unsigned int n = pick(4); n; n--)
		fprintf(f, "neigh add %s dev %s nud %s\n", address(family), device(),
			chance(50) ? "failed" : "permanent lladdr 02:00:00:00:00:01");
}

/* What a gateway is reached by is decided when the route is made (fib_check_nh), and is not told later: here it is always said. */
static void one_hop(FILE *f, int family, bool multipath)
{
	int via = family == 4 && chance(15) ? 6 : family;

	if (chance(multipath ? 20 : 40))
		fprintf(f, " dev %s", device());
	else
		fprintf(f, " via %s%s dev %s%s", via == family ? "" : "inet6 ", address(via), device(),
			family == 4 || chance(85) ? " onlink" : "");
	if (multipath && chance(30))
		fprintf(f, " weight %u", 1 + pick(3));
}

static void one_route(FILE *f, int family)
{
	static const char *const refusing[] = { "blackhole", "unreachable", "prohibit", "throw" };
	static const char *const verbs[] = { "add", "add", "add", "append", "prepend" };
	unsigned int kind = pick(100), metric = 1 + pick(3) * 10;
	/* Of several routes that IPv6 joins to one only the first one's source is told: those have a metric of their own. */
	bool has_src = kind >= 45 && chance(15);

	fprintf(f, "route %s ", verbs[pick(5)]);
	if (kind < 20)
		fprintf(f, "%s %s", refusing[pick(4)], prefix(family));
	else if (kind < 25)
		fprintf(f, "local %s dev %s", prefix(family), chance(50) ? "lo" : device());
	else
		fputs(prefix(family), f);
	fprintf(f, " table %s metric %u", kind >= 20 && kind < 25 && chance(60) ? "local" : tables[pick(TABLES)],
		family == 6 && has_src ? 5 : metric);
	if (family == 4 && has_tos && chance(10))
		fprintf(f, " tos %u", 4 + 4 * pick(2));
	if (family == 6 && has_sources && chance(25))
		fprintf(f, " from %s", prefix(6));
	if (family == 6 && chance(10))
		fprintf(f, " pref %s", chance(50) ? "high" : "low");
	if (kind >= 25 && kind < 45) {
		for (unsigned int n = 2 + pick(3); n; n--) {
			fputs(" nexthop", f);
			one_hop(f, family, true);
		}
	} else if (kind >= 45 && kind < 58 && has_objects) {
		fprintf(f, " nhid %u", (chance(40) ? 1 : 21) + (family == 6) + 2 * (chance(40) ? 0 : pick(chance(50) ? 2 : 6)));
	} else if (kind >= 45) {
		one_hop(f, family, false);
		if (has_src)
			fprintf(f, " src %s", address(family));
	}
	fputc('\n', f);
}

static void rule_selectors(FILE *f, int family)
{
	if (chance(25))
		fprintf(f, " from %s", prefix(family));
	if (chance(20))
		fprintf(f, " to %s", prefix(family));
	if (chance(15))
		fprintf(f, " iif %s", chance(40) ? "lo" : device());
	if (chance(12))
		fprintf(f, " oif %s", chance(10) ? "lo" : device());
	if (chance(20))
		fprintf(f, chance(50) ? " fwmark %u" : " fwmark %u/0x3", pick(4));
	if (chance(15))
		fprintf(f, " uidrange %u-%u", 1000 * pick(2), 1000 + pick(2));
	if (has_tos && chance(10))
		fprintf(f, " tos %u", 4 + 4 * pick(2));
	if (chance(15))
		fprintf(f, " ipproto %s", chance(50) ? "tcp" : "udp");
	if (chance(10))
		fprintf(f, " sport %u-%u", 1000 * pick(3), 2000 + pick(3000));
	if (chance(10))
		fprintf(f, " dport %u", 1 + pick(3) * 1000);
}

static void one_rule(FILE *f, int family)
{
	static const char *const refusing[] = { "blackhole", "unreachable", "prohibit", "nop" };
	unsigned int kind = pick(100);

	fprintf(f, "rule add priority %u%s", pick(12) * 10, chance(10) ? " not" : "");
	rule_selectors(f, family);
	if (kind < 12) {
		fprintf(f, " %s", refusing[pick(4)]);
	} else if (kind < 22) {
		fprintf(f, " goto %u", 10 + pick(14) * 10);
	} else {
		fprintf(f, " lookup %s", tables[pick(TABLES)]);
		if (chance(15) && (family == 4 || !has_objects))
			fprintf(f, " suppress_prefixlength %u", pick(3) * (family == 4 ? 12 : 24));
		if (chance(8))
			fprintf(f, " suppress_ifgroup %u", pick(3));
	}
	fputc('\n', f);
}

/* What cannot be made is left out: ip goes on (-force). ROUTE_IP: another ip than the shell would take. */
static FILE *begin(int family) /* 0: both */
{
	static const char *const options[] = { "", "-4", "-6" };
	const char *ip = getenv("ROUTE_IP");
	char command[128];
	FILE *f;

	snprintf(command, sizeof(command), "%s -force %s -batch - >/dev/null 2>&1", ip ? ip : "ip",
		 options[family == 6 ? 2 : family == 4]);
	f = popen(command, "we");

	if (!f) {
		perror("ip");
		exit(2);
	}
	return f;
}

static void make_tables(int family)
{
	FILE *f = begin(family);

	nexthops(f, family);
	neighbours(f, family);
	for (unsigned int n = 10 + pick(40); n; n--)
		one_route(f, family);
	for (unsigned int n = chance(25) ? 0 : 2 + pick(8); n; n--)
		one_rule(f, family);
	if (chance(10))
		fputs("rule del priority 0\nrule add priority 5 lookup local\n", f);
	pclose(f);
}

static void make_world(void)
{
	FILE *f = begin(0);

	has_tos = chance(50);
	has_objects = chance(50);
	has_sources = chance(50);
	write_file("/proc/sys/net/ipv6/conf/default/accept_dad", "0");
	devices(f);
	pclose(f);
	settings(); /* before: hops are weighed when routes or devices change, not when settings do */
	make_tables(4);
	make_tables(6);
	f = begin(0);
	for (int i = 0; i < DEVICES; i++)
		if (!has_sources && chance(20))
			fprintf(f, "link set v%d down\n", i);
	pclose(f);
}

#endif
