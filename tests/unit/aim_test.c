// SPDX-License-Identifier: GPL-2.0-or-later
/* From words to a query: endpoints, and what is refused with which line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "why/aim.h"

static void parse(struct why_query *q, struct arena *a, const char *word)
{
	char message[256];

	aim_init(q);
	assert_int_equal(aim_endpoint(q, word, a, message, sizeof(message)), 0);
}

static void endpoints(void **state)
{
	struct arena a = { 0 };
	struct why_query q;
	char text[IPADDR_TEXT];

	(void)state;
	parse(&q, &a, "8080");
	assert_int_equal(q.port, 8080);
	assert_int_equal(q.netid, NETID_TCP);
	assert_string_equal(ipaddr_text(&q.addr, text), "0.0.0.0");
	parse(&q, &a, "127.0.0.53:53/udp");
	assert_int_equal(q.netid, NETID_UDP);
	assert_string_equal(ipaddr_text(&q.addr, text), "127.0.0.53");
	parse(&q, &a, "[fe80::1%eth0]:80");
	assert_string_equal(ipaddr_text(&q.addr, text), "fe80::1");
	assert_string_equal(q.zone, "eth0");
	parse(&q, &a, "[::]:0/mptcp");
	assert_int_equal(q.port, 0);
	assert_int_equal(q.netid, NETID_MPTCP);
	parse(&q, &a, "*:22");
	assert_true(ipaddr_is_any(&q.addr));
	parse(&q, &a, ":8080");
	assert_true(ipaddr_is_any(&q.addr));
	assert_int_equal(q.port, 8080);
	arena_done(&a);
}

static void unix_endpoints(void **state)
{
	struct arena a = { 0 };
	struct why_query q;

	(void)state;
	parse(&q, &a, "unix:/run/x.sock");
	assert_string_equal(q.path, "/run/x.sock");
	assert_int_equal(q.netid, NETID_UNIX_STREAM);
	assert_false(q.abstract);
	parse(&q, &a, "unix:@name/dgram");
	assert_string_equal(q.path, "name");
	assert_int_equal(q.path_len, 4);
	assert_int_equal(q.netid, NETID_UNIX_DGRAM);
	assert_true(q.abstract);
	arena_done(&a);
}

static void refusals(void **state)
{
	static const struct {
		const char *word, *line;
	} bad[] = {
		{ "65536", "ports end at 65535: 65536" },
		{ "http", "not a port: 'http'" },
		{ "-1", "not a port: '-1'" },
		{ "", "not a port: ''" },
		{ "80/quic", "unknown protocol: quic (tcp, udp, mptcp, udplite, sctp, dccp, raw, icmp)" },
		{ "fe80::1:80", "an IPv6 address stands in brackets: [fe80::1]:80" },
		{ "::1", "an IPv6 address stands in brackets: [::1]:PORT" },
		{ "[::1]", "not an address and port: '[::1]' ([ADDR]:PORT)" },
		{ "10.0.0.256:80", "not an address: '10.0.0.256'" },
		{ "localhost:80", "not an address: 'localhost' (names are not looked up)" },
		{ "@bus", "a unix socket is written unix:@bus" },
		{ "[10.0.0.1%eth0]:80", "not an address: '10.0.0.1' with a zone" },
		{ "unix:", "unix: takes an absolute path or @NAME" },
		{ "unix:run/x", "unix: takes an absolute path or @NAME" },
		{ "unix:@", "unix: takes an absolute path or @NAME" },
	};
	struct arena a = { 0 };
	struct why_query q;
	char message[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		aim_init(&q);
		assert_int_equal(aim_endpoint(&q, bad[i].word, &a, message, sizeof(message)), -EINVAL);
		assert_string_equal(message, bad[i].line);
	}
	arena_done(&a);
}

static void addresses(void **state)
{
	struct ipaddr a, b;

	(void)state;
	ipaddr_parse("::ffff:10.0.0.1", &a);
	assert_true(ipaddr_is_mapped(&a));
	a = ipaddr_unmap(&a);
	ipaddr_parse("10.0.0.1", &b);
	assert_true(ipaddr_equal(&a, &b));
	ipaddr_parse("10.0.0.128", &b);
	assert_true(ipaddr_in(&b, &a, 24));
	assert_false(ipaddr_in(&b, &a, 25));
	assert_true(ipaddr_in(&b, &a, 0));
	ipaddr_parse("fe80::1", &b);
	assert_true(ipaddr_is_linklocal(&b));
	assert_false(ipaddr_in(&b, &a, 0));
	ipaddr_parse("127.8.8.8", &b);
	assert_true(ipaddr_is_loopback(&b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endpoints),
		cmocka_unit_test(unix_endpoints),
		cmocka_unit_test(refusals),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
