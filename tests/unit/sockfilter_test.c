// SPDX-License-Identifier: GPL-2.0-or-later
/* Expressions that choose sockets: what they mean, and what is no expression. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sockfilter/sockfilter.h"

static int service(const char *name)
{
	return !strcmp(name, "ssh") ? 22 : !strcmp(name, "domain") ? 53 : -1;
}

static const struct snap_socket v4 = { .netid = NETID_TCP,
				       .family = ADDR_INET,
				       .state = STATE_ESTAB,
				       .addr = "10.1.2.3",
				       .port = 22,
				       .peer = "192.0.2.1",
				       .peer_port = 40000,
				       .ifindex = 3,
				       .mark = 0x12 };
static const struct snap_socket v6 = { .netid = NETID_TCP,
				       .family = ADDR_INET6,
				       .state = STATE_LISTEN,
				       .addr = "::",
				       .port = 8080,
				       .ifindex = OPT_NONE,
				       .mark = OPT_NONE };
static const struct snap_socket mapped = { .netid = NETID_TCP,
					   .family = ADDR_INET6,
					   .state = STATE_ESTAB,
					   .addr = "::ffff:10.1.2.3",
					   .port = 80,
					   .peer = "::ffff:10.9.9.9",
					   .peer_port = 1,
					   .ifindex = OPT_NONE,
					   .mark = OPT_NONE };
static const struct snap_socket path = { .netid = NETID_UNIX_STREAM,
					 .state = STATE_LISTEN,
					 .path = "/run/x.sock",
					 .path_len = 11,
					 .ifindex = OPT_NONE,
					 .mark = OPT_NONE };

/* Which of the four an expression chooses, as bits; -1: it is none. */
static int chosen(const char *text)
{
	const struct snap_socket *const all[] = { &v4, &v6, &mapped, &path };
	struct sockfilter f;
	char error[256] = "";
	int bits = 0;

	if (sockfilter_parse(&f, &text, 1, service, error, sizeof(error))) {
		assert_true(*error);
		bits = -1;
	}
	for (size_t i = 0; bits >= 0 && i < ARRAY_SIZE(all); i++)
		bits |= sockfilter_match(&f, all[i], all[i]->ifindex == 3 ? "eth0" : NULL) << i;
	sockfilter_done(&f);
	return bits;
}

static void test_meaning(void **state)
{
	static const struct {
		const char *text;
		int bits;
	} cases[] = {
		{ "", 15 },
		{ "sport = :22", 1 },
		{ "sport=22", 1 },
		{ "sport == :ssh", 1 },
		{ "sport eq ssh", 1 },
		{ "sport != :22", 14 },
		{ "sport >= 80", 6 },
		{ "sport > :80", 2 },
		{ "sport lt :80", 9 },
		{ "sport le 80", 13 },
		{ "dport = :40000", 1 },
		{ "src 10.1.2.3", 5 },
		{ "src 10.0.0.0/8", 5 },
		{ "src 10.1.2.3:22", 1 },
		{ "src = 10.1.2.3:*", 5 },
		{ "src :80", 4 },
		{ "dst 192.0.2.0/24", 1 },
		{ "dst != 192.0.2.1", 14 },
		{ "src [::]:8080", 2 },
		{ "src inet6:*", 6 },
		{ "src inet:*", 1 },
		{ "src ::ffff:0:0/96", 4 },
		{ "src [::ffff:0:0]:80", 0 },
		{ "src unix:/run/*", 8 },
		{ "src unix:/RUN/x.sock", 8 },
		{ "dev eth0", 1 },
		{ "dev = 3", 1 },
		{ "dev != eth0", 14 },
		{ "fwmark = 0x12", 1 },
		{ "fwmark = 0x10/0xf0", 1 },
		{ "not sport = :22", 14 },
		{ "! sport = :22", 14 },
		{ "!sport=22", 14 },
		{ "sport = 22 or sport = 80", 5 },
		{ "sport = 22 || sport = 80", 5 },
		{ "src 10.0.0.0/8 and dport = 1", 4 },
		{ "src 10.0.0.0/8 dport = 1", 4 },
		/* "and" binds closer than "or", "not" closer than both */
		{ "sport = 22 or sport = 80 and dport = 2", 1 },
		{ "(sport = 22 or sport = 80) and dport = 1", 4 },
		{ "not sport = 22 and dport = 1", 4 },
		{ "not (sport = 22 or sport = 80)", 10 },
		{ "((sport=22))", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (chosen(cases[i].text) != cases[i].bits)
			fail_msg("%s: %d, not %d", cases[i].text, chosen(cases[i].text), cases[i].bits);
}

static void test_nonsense(void **state)
{
	static const char *const bad[] = { "sport",
					   "sport =",
					   "sport ~ 1",
					   "sport = 65536",
					   "sport = nosuch",
					   "sport = :22 or",
					   "or",
					   ")",
					   "(",
					   "()",
					   "(sport = 22",
					   "sport = 22)",
					   "src",
					   "src 300.0.0.1",
					   "src 1.2.3.4/33",
					   "src < 1.2.3.4",
					   "dev",
					   "fwmark = x",
					   "fwmark 1",
					   "what = 1",
					   "state",
					   "state nosuch",
					   "state all exclude all",
					   "not",
					   "src [::1",
					   "sport = 22 state all" };
	char deep[4096];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (chosen(bad[i]) != -1)
			fail_msg("%s is taken for an expression", bad[i]);
	memset(deep, '(', sizeof(deep));
	deep[sizeof(deep) - 1] = '\0';
	assert_int_equal(chosen(deep), -1);
}

static uint32_t states_of(const char *text)
{
	struct sockfilter f;
	char error[256];
	uint32_t states = sockfilter_parse(&f, &text, 1, NULL, error, sizeof(error)) ? 0 : f.states;

	sockfilter_done(&f);
	return states;
}

static void test_states(void **state)
{
	(void)state;
	assert_int_equal(states_of("sport = 1"), 0);
	assert_int_equal(states_of("state listening"), 1 << STATE_LISTEN);
	assert_int_equal(states_of("state listening state established"), 1 << STATE_LISTEN | 1 << STATE_ESTAB);
	assert_int_equal(states_of("exclude listening"), STATES_ALL & ~(1 << STATE_LISTEN));
	assert_int_equal(states_of("state connected exclude established sport = 1") &
				 (1 << STATE_ESTAB | 1 << STATE_LISTEN | 1 << STATE_CLOSE_WAIT),
			 1 << STATE_CLOSE_WAIT);
	assert_int_equal(states_of("state bound-inactive"), 1 << STATE_BOUND);
	for (size_t i = 0; sockfilter_state_words[i]; i++)
		assert_true(sockfilter_state(sockfilter_state_words[i]));
}

/* What is asked of the kernel must never be less than what is chosen. */
static void test_ports(void **state)
{
	static const struct {
		const char *text;
		uint16_t min, max, peer_min, peer_max;
	} cases[] = {
		{ "sport = 80", 80, 80, 0, 65535 },
		{ "dport = 80", 0, 65535, 80, 80 },
		{ "sport >= 80 and sport <= 90", 80, 90, 0, 65535 },
		{ "sport > 80 sport < 90", 81, 89, 0, 65535 },
		{ "sport != 80", 0, 65535, 0, 65535 },
		{ "not sport = 80", 0, 65535, 0, 65535 },
		{ "sport = 80 or sport = 90", 0, 65535, 0, 65535 },
		{ "not (sport = 80 and dport = 1)", 0, 65535, 0, 65535 },
		{ "(sport = 80 or dport = 1) and sport >= 10", 10, 65535, 0, 65535 },
		{ "src 10.0.0.1:80", 80, 80, 0, 65535 },
		{ "not sport >= 80", 0, 79, 0, 65535 },
		{ "src unix:/x", 0, 65535, 0, 65535 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sockfilter_range local, peer;
		struct sockfilter f;
		char error[256];

		assert_int_equal(sockfilter_parse(&f, &cases[i].text, 1, NULL, error, sizeof(error)), 0);
		sockfilter_ports(&f, &local, &peer);
		if (local.min != cases[i].min || local.max != cases[i].max || peer.min != cases[i].peer_min ||
		    peer.max != cases[i].peer_max)
			fail_msg("%s: %u-%u %u-%u", cases[i].text, local.min, local.max, peer.min, peer.max);
		sockfilter_done(&f);
	}
}

static void test_begins(void **state)
{
	(void)state;
	assert_true(sockfilter_begins("sport"));
	assert_true(sockfilter_begins("sport=:80"));
	assert_true(sockfilter_begins("(sport = :80)"));
	assert_true(sockfilter_begins(" not x"));
	assert_true(sockfilter_begins("state"));
	assert_false(sockfilter_begins("sportsbar"));
	assert_false(sockfilter_begins("web"));
	assert_false(sockfilter_begins("dst-router"));
	assert_false(sockfilter_begins(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meaning), cmocka_unit_test(test_nonsense), cmocka_unit_test(test_states),
		cmocka_unit_test(test_ports),   cmocka_unit_test(test_begins),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sockfilter", tests, NULL, NULL);
}
