// SPDX-License-Identifier: GPL-2.0-or-later
/* Netlink: how dumps end, and messages that are what they should be or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink_diag.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>

#include "net/diag.h"
#include "net/rtnl.h"

struct dump {
	char buf[4096] __attribute__((aligned(NLMSG_ALIGNTO)));
	size_t len;
	int taken;
};

static struct nlmsghdr *add(struct dump *d, uint16_t type, uint16_t flags, uint32_t seq, const void *payload, size_t size)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(d->buf + d->len);

	h->nlmsg_type = type;
	h->nlmsg_flags = flags;
	h->nlmsg_seq = seq;
	if (size)
		memcpy(mnl_nlmsg_put_extra_header(h, size), payload, size);
	d->len += NLMSG_ALIGN(h->nlmsg_len);
	return h;
}

static int count(const struct nlmsghdr *h, void *arg)
{
	struct dump *d = arg;

	(void)h;
	d->taken++;
	return 0;
}

static int take(struct dump *d, bool *interrupted)
{
	const struct nl_sink sink = { count, NULL, d };

	*interrupted = false;
	d->taken = 0;
	return nl_take_all(d->buf, d->len, 7, &sink, interrupted);
}

static void a_dump_ends_with_the_status_of_its_end(void **state)
{
	static const struct {
		int status;
		uint16_t type;
		int want;
	} cases[] = {
		{ 0, NLMSG_DONE, 1 },           { -2, NLMSG_DONE, -2 },  { -13, NLMSG_DONE, -13 }, { 5, NLMSG_DONE, -EPROTO },
		{ -4096, NLMSG_DONE, -EPROTO }, { -1, NLMSG_ERROR, -1 }, { 0, NLMSG_ERROR, 1 },
	};
	bool interrupted;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct dump d = { .len = 0 };

		add(&d, RTM_NEWLINK, NLM_F_MULTI, 7, NULL, 0);
		add(&d, cases[i].type, NLM_F_MULTI, 7, &cases[i].status, sizeof(int));
		assert_int_equal(take(&d, &interrupted), cases[i].want);
		assert_int_equal(d.taken, 1);
		assert_false(interrupted);
	}
}

static void without_an_end_more_is_to_come(void **state)
{
	struct dump d = { .len = 0 };
	bool interrupted;

	(void)state;
	assert_int_equal(take(&d, &interrupted), 0);
	add(&d, RTM_NEWLINK, NLM_F_MULTI, 7, NULL, 0);
	add(&d, RTM_NEWLINK, NLM_F_MULTI, 6, NULL, 0); /* of an earlier dump */
	add(&d, NLMSG_NOOP, NLM_F_MULTI, 7, NULL, 0);
	assert_int_equal(take(&d, &interrupted), 0);
	assert_int_equal(d.taken, 1);
	d.len -= 1; /* cut off */
	assert_int_equal(take(&d, &interrupted), 0);
}

static void an_interrupted_dump_says_so(void **state)
{
	struct dump d = { .len = 0 };
	int ok = 0;
	bool interrupted;

	(void)state;
	add(&d, RTM_NEWLINK, NLM_F_MULTI | NLM_F_DUMP_INTR, 7, NULL, 0);
	add(&d, NLMSG_DONE, NLM_F_MULTI, 7, &ok, sizeof(ok));
	assert_int_equal(take(&d, &interrupted), 1);
	assert_true(interrupted);
}

static void a_link(void **state)
{
	struct dump d = { .len = 0 };
	struct ifinfomsg info = { .ifi_index = 3, .ifi_flags = 0x11043 };
	struct arena arena = { 0 };
	struct intern in = { .arena = &arena };
	struct snap_link l;
	struct nlmsghdr *h = add(&d, RTM_NEWLINK, 0, 7, &info, sizeof(info));
	struct nlattr *nested;

	(void)state;
	assert_int_equal(rtnl_parse_link(h, &in, &l), -EINVAL); /* no name */
	mnl_attr_put(h, IFLA_IFNAME, 4, "eth0");                /* without its NUL */
	mnl_attr_put(h, IFLA_ADDRESS, 6, "\x02\x42\xac\x11\x00\x02");
	mnl_attr_put_u32(h, IFLA_MTU, 1500);
	mnl_attr_put_u8(h, IFLA_OPERSTATE, 200);
	mnl_attr_put_u8(h, IFLA_MASTER, 1); /* too short */
	mnl_attr_put_u32(h, IFLA_LINK_NETNSID, 0);
	nested = mnl_attr_nest_start(h, IFLA_LINKINFO);
	mnl_attr_put_strz(h, IFLA_INFO_KIND, "veth");
	mnl_attr_nest_end(h, nested);
	assert_int_equal(rtnl_parse_link(h, &in, &l), 0);
	assert_int_equal(l.ifindex, 3);
	assert_string_equal(l.ifname, "eth0");
	assert_string_equal(l.address, "02:42:ac:11:00:02");
	assert_string_equal(l.kind, "veth");
	assert_int_equal(l.mtu, 1500);
	assert_int_equal(l.operstate, 0);
	assert_true(l.master == OPT_NONE && l.link == OPT_NONE && l.link_netnsid == 0);
	h->nlmsg_len = NLMSG_HDRLEN + 4;
	assert_int_equal(rtnl_parse_link(h, &in, &l), -EINVAL);
	intern_done(&in);
	arena_done(&arena);
}

static void an_address(void **state)
{
	struct dump d = { .len = 0 };
	struct ifaddrmsg info = { .ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = 2 };
	struct arena arena = { 0 };
	struct intern in = { .arena = &arena };
	struct snap_addr a;
	struct nlmsghdr *h = add(&d, RTM_NEWADDR, 0, 7, &info, sizeof(info));

	(void)state;
	assert_int_equal(rtnl_parse_addr(h, &in, &a), -EINVAL);
	mnl_attr_put(h, IFA_ADDRESS, 4, "\x0a\x00\x00\x01");
	mnl_attr_put(h, IFA_LOCAL, 4, "\x0a\x00\x00\x02");
	assert_int_equal(rtnl_parse_addr(h, &in, &a), 0);
	assert_string_equal(a.local, "10.0.0.2");
	assert_string_equal(a.peer, "10.0.0.1");
	assert_int_equal(a.prefixlen, 24);
	((struct ifaddrmsg *)mnl_nlmsg_get_payload(h))->ifa_family = AF_INET6; /* its addresses are too short for that */
	assert_int_equal(rtnl_parse_addr(h, &in, &a), -EINVAL);
	((struct ifaddrmsg *)mnl_nlmsg_get_payload(h))->ifa_family = AF_UNIX;
	assert_int_equal(rtnl_parse_addr(h, &in, &a), -EAFNOSUPPORT);
	intern_done(&in);
	arena_done(&arena);
}

static void a_listener(void **state)
{
	struct dump d = { .len = 0 };
	struct inet_diag_msg m = { .idiag_family = AF_INET6, .idiag_state = 10, .idiag_uid = 33, .idiag_inode = 77 };
	struct arena arena = { 0 };
	struct intern in = { .arena = &arena };
	struct snap_socket x;
	struct nlmsghdr *h;

	(void)state;
	m.id.idiag_sport = htons(80);
	m.id.idiag_cookie[1] = 1;
	h = add(&d, SOCK_DIAG_BY_FAMILY, 0, 7, &m, sizeof(m));
	assert_int_equal(diag_parse(h, NETID_TCP, &in, &x, NULL), 0);
	assert_string_equal(x.addr, "::");
	assert_int_equal(x.port, 80);
	assert_int_equal(x.state, STATE_LISTEN);
	assert_true(x.cookie == 1ULL << 32 && x.ifindex == OPT_NONE && x.ino == 77 && x.uid == 33);
	h->nlmsg_len -= 4;
	assert_int_equal(diag_parse(h, NETID_TCP, &in, &x, NULL), -EINVAL);
	intern_done(&in);
	arena_done(&arena);
}

/* Figures of any length: an older kernel's end early, a newer one's go on. What is not there is not known, and nothing else is read. */
static void figures_of_every_length(void **state)
{
	enum { SND_WND = 228, RCV_WND = 232, REHASH = 236, RTO = 240, RECOVERIES = 242, RTO_TIME = 244, ALL = 280 };
	struct inet_diag_msg m = { .idiag_family = AF_INET, .idiag_state = 1 };
	uint8_t bytes[ALL];

	(void)state;
	memset(bytes, 1, sizeof(bytes));
	for (unsigned int len = 0; len <= ALL; len++) {
		struct dump d = { .len = 0 };
		struct arena arena = { 0 };
		struct intern in = { .arena = &arena };
		struct snap_tcp_info info;
		struct snap_socket x;
		struct nlmsghdr *h = add(&d, SOCK_DIAG_BY_FAMILY, 0, 7, &m, sizeof(m));

		mnl_attr_put(h, INET_DIAG_INFO, (uint16_t)len, bytes);
		memset(d.buf + h->nlmsg_len, 0xff, 64); /* what is behind it */
		assert_int_equal(diag_parse(h, NETID_TCP, &in, &x, &info), 0);
		assert_true(info.snd_wnd == (len >= SND_WND + 4 ? 0x01010101 : info.snd_wnd) && info.snd_wnd <= 0x01010101);
		assert_true(info.rcv_wnd == (len >= RCV_WND + 4 ? 0x01010101 : OPT_NONE));
		assert_true(info.rehash == (len >= REHASH + 4 ? 0x01010101 : OPT_NONE));
		assert_true(info.total_rto == (len >= RTO + 2 ? 0x0101 : OPT_NONE));
		assert_true(info.total_rto_recoveries == (len >= RECOVERIES + 2 ? 0x0101 : OPT_NONE));
		assert_true(info.total_rto_time == (len >= RTO_TIME + 4 ? 0x01010101 : OPT_NONE));
		/* The same bytes are no figures of TCP where the socket is none. */
		assert_int_equal(diag_parse(h, NETID_SCTP, &in, &x, &info), 0);
		assert_true(!info.cookie && !info.rtt && !x.n_details);
		assert_int_equal(diag_parse(h, NETID_MPTCP, &in, &x, &info), 0);
		assert_true(!info.cookie && x.n_details > 5);
		intern_done(&in);
		arena_done(&arena);
	}
}

static void groups_of_netlink(void **state)
{
	struct dump d = { .len = 0 };
	struct netlink_diag_msg m = { .ndiag_family = AF_NETLINK };
	unsigned long groups[2] = { 1ul | 1ul << 31, 1ul << (8 * sizeof(long) - 1) };
	const uint32_t want[] = { 1, 32, 2 * 8 * sizeof(long) };
	struct arena arena = { 0 };
	struct intern in = { .arena = &arena };
	struct snap_socket x;
	struct nlmsghdr *h = add(&d, SOCK_DIAG_BY_FAMILY, 0, 7, &m, sizeof(m));

	(void)state;
	mnl_attr_put(h, NETLINK_DIAG_GROUPS, sizeof(groups), groups);
	assert_int_equal(diag_netlink_parse(h, &in, &x), 0);
	assert_int_equal(x.n_list, 3);
	assert_memory_equal(x.list, want, sizeof(want));
	intern_done(&in);
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dump_ends_with_the_status_of_its_end),
		cmocka_unit_test(without_an_end_more_is_to_come),
		cmocka_unit_test(an_interrupted_dump_says_so),
		cmocka_unit_test(a_link),
		cmocka_unit_test(an_address),
		cmocka_unit_test(a_listener),
		cmocka_unit_test(figures_of_every_length),
		cmocka_unit_test(groups_of_netlink),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
