// SPDX-License-Identifier: GPL-2.0-or-later
/* Messages of nf_tables as records: what is known, what is newer, and what is broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "net/nft.h"

static char buf[4096] __attribute__((aligned(NLMSG_ALIGNTO)));

static struct nlmsghdr *message(uint8_t op, uint8_t family)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));

	h->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | op);
	*m = (struct nfgenmsg){ .nfgen_family = family };
	return h;
}

static void a_table(void **state)
{
	struct nlmsghdr *h = message(NFT_MSG_NEWTABLE, NFPROTO_IPV6);
	struct arena arena = { 0 };
	struct snap_fw_table t;

	(void)state;
	assert_int_equal(nft_parse_table(h, &arena, &t), -EINVAL); /* no name */
	mnl_attr_put_strz(h, NFTA_TABLE_NAME, "filter");
	mnl_attr_put_u32(h, NFTA_TABLE_FLAGS, htonl(NFT_TABLE_F_DORMANT));
	mnl_attr_put_u64(h, NFTA_TABLE_HANDLE, htobe64(7));
	mnl_attr_put_u32(h, 200, 0); /* unknown */
	assert_int_equal(nft_parse_table(h, &arena, &t), 0);
	assert_int_equal(t.family, FW_IP6);
	assert_string_equal(t.name, "filter");
	assert_int_equal(t.handle, 7);
	assert_int_equal(t.flags, FW_DORMANT);
	h->nlmsg_type++;
	assert_int_equal(nft_parse_table(h, &arena, &t), -EINVAL);
	h->nlmsg_type--;
	h->nlmsg_len = NLMSG_HDRLEN + 2;
	assert_int_equal(nft_parse_table(h, &arena, &t), -EINVAL);
	arena_done(&arena);
}

static void a_base_chain(void **state)
{
	struct nlmsghdr *h = message(NFT_MSG_NEWCHAIN, NFPROTO_INET);
	struct arena arena = { 0 };
	struct snap_fw_chain c;
	struct nlattr *hook;

	(void)state;
	mnl_attr_put_strz(h, NFTA_CHAIN_TABLE, "filter");
	mnl_attr_put_strz(h, NFTA_CHAIN_NAME, "in");
	assert_int_equal(nft_parse_chain(h, &arena, &c), 0);
	assert_int_equal(c.hook, FW_NO_HOOK);
	hook = mnl_attr_nest_start(h, NFTA_CHAIN_HOOK);
	mnl_attr_put_u32(h, NFTA_HOOK_HOOKNUM, htonl(NF_INET_LOCAL_IN));
	mnl_attr_put_u32(h, NFTA_HOOK_PRIORITY, htonl((uint32_t)-150));
	mnl_attr_nest_end(h, hook);
	mnl_attr_put_u32(h, NFTA_CHAIN_POLICY, htonl(NF_DROP));
	mnl_attr_put_strz(h, NFTA_CHAIN_TYPE, "filter");
	assert_int_equal(nft_parse_chain(h, &arena, &c), 0);
	assert_int_equal(c.hook, FW_INPUT);
	assert_int_equal(c.priority, -150);
	assert_true(c.drops);
	assert_string_equal(c.type, "filter");
	assert_null(c.devices);
	arena_done(&arena);
}

/* An expression with one number. */
static void put_expr(struct nlmsghdr *h, const char *name, uint16_t attr, uint32_t value)
{
	struct nlattr *elem = mnl_attr_nest_start(h, NFTA_LIST_ELEM), *data;

	mnl_attr_put_strz(h, NFTA_EXPR_NAME, name);
	data = mnl_attr_nest_start(h, NFTA_EXPR_DATA);
	mnl_attr_put_u32(h, attr, htonl(value));
	mnl_attr_nest_end(h, data);
	mnl_attr_nest_end(h, elem);
}

static struct nlmsghdr *rule_with(const char *second)
{
	struct nlmsghdr *h = message(NFT_MSG_NEWRULE, NFPROTO_IPV4);
	struct nlattr *list;

	mnl_attr_put_strz(h, NFTA_RULE_TABLE, "t");
	mnl_attr_put_strz(h, NFTA_RULE_CHAIN, "c");
	mnl_attr_put_u64(h, NFTA_RULE_HANDLE, htobe64(12));
	mnl_attr_put(h, NFTA_RULE_USERDATA, 7, "\x05\x01x\x00\x02hi"); /* an unknown kind, then a comment without its NUL */
	list = mnl_attr_nest_start(h, NFTA_RULE_EXPRESSIONS);
	put_expr(h, "meta", NFTA_META_KEY, NFT_META_IIFNAME);
	put_expr(h, second, NFTA_REJECT_TYPE, NFT_REJECT_TCP_RST);
	mnl_attr_nest_end(h, list);
	return h;
}

static void a_rule(void **state)
{
	struct arena arena = { 0 };
	struct snap_fw_rule r;

	(void)state;
	assert_int_equal(nft_parse_rule(rule_with("reject"), &arena, &r), 0);
	assert_int_equal(r.handle, 12);
	assert_string_equal(r.comment, "hi");
	assert_int_equal(r.n_exprs, 2);
	assert_false(r.unparsed);
	assert_string_equal(r.exprs[0].name, "meta");
	assert_int_equal(r.exprs[0].key, NFT_META_IIFNAME);
	assert_true(r.exprs[0].dreg == OPT_NONE);
	assert_string_equal(r.exprs[1].name, "reject");
	assert_int_equal(r.exprs[1].type, NFT_REJECT_TCP_RST);
	arena_done(&arena);
}

static void a_rule_from_the_future(void **state)
{
	struct arena arena = { 0 };
	struct snap_fw_rule r;

	(void)state;
	assert_int_equal(nft_parse_rule(rule_with("oracle"), &arena, &r), 0);
	assert_true(r.unparsed);
	assert_int_equal(r.handle, 12);
	assert_string_equal(r.table, "t");
	assert_int_equal(r.n_exprs, 2);
	assert_string_equal(r.exprs[1].name, "oracle");
	assert_true(r.exprs[1].type == OPT_NONE);
	arena_done(&arena);
}

/* Attributes of a width that their type does not have, and of types that nobody knows: passed over. */
static void odd_attributes(void **state)
{
	struct nlmsghdr *h = message(NFT_MSG_NEWTABLE, NFPROTO_IPV4);
	struct arena arena = { 0 };
	struct snap_fw_table t;
	struct snap_fw_rule r;
	struct nlattr *list, *elem, *data;

	(void)state;
	mnl_attr_put_u8(h, NFTA_TABLE_FLAGS, 1);
	mnl_attr_put_u32(h, NFTA_TABLE_HANDLE, 1);
	mnl_attr_put(h, NFTA_TABLE_USE, 0, "");
	mnl_attr_put(h, NFTA_TABLE_NAME, 1, "t"); /* without its NUL */
	mnl_attr_put_u64(h, 0x3f00, 1);
	assert_int_equal(nft_parse_table(h, &arena, &t), 0);
	assert_string_equal(t.name, "t");
	assert_true(!t.flags && !t.handle && !t.use);

	h = message(NFT_MSG_NEWRULE, NFPROTO_IPV4);
	mnl_attr_put_strz(h, NFTA_RULE_TABLE, "t");
	mnl_attr_put_strz(h, NFTA_RULE_CHAIN, "c");
	list = mnl_attr_nest_start(h, NFTA_RULE_EXPRESSIONS);
	elem = mnl_attr_nest_start(h, NFTA_LIST_ELEM);
	mnl_attr_put_strz(h, NFTA_EXPR_NAME, "payload");
	data = mnl_attr_nest_start(h, NFTA_EXPR_DATA);
	mnl_attr_put(h, NFTA_PAYLOAD_LEN, 3, "\0\0\4");
	mnl_attr_put_u32(h, NFTA_PAYLOAD_OFFSET, htonl(16));
	mnl_attr_put_u32(h, 200, htonl(1));
	mnl_attr_nest_end(h, data);
	mnl_attr_nest_end(h, elem);
	mnl_attr_nest_end(h, list);
	assert_int_equal(nft_parse_rule(h, &arena, &r), 0);
	assert_true(r.exprs[0].len == OPT_NONE);
	assert_int_equal(r.exprs[0].offset, 16);
	assert_true(r.unparsed); /* how much it reads is not known */
	arena_done(&arena);
}

/* "add @s { ip saddr limit rate over 10/second }": the limit is asked there. */
static void a_limit_for_each_element(void **state)
{
	struct nlmsghdr *h = message(NFT_MSG_NEWRULE, NFPROTO_IPV4);
	struct nlattr *list = mnl_attr_nest_start(h, NFTA_RULE_EXPRESSIONS), *elem = mnl_attr_nest_start(h, NFTA_LIST_ELEM), *data,
		      *one, *of_one;
	struct arena arena = { 0 };
	struct snap_fw_rule r;

	(void)state;
	mnl_attr_put_strz(h, NFTA_EXPR_NAME, "dynset");
	data = mnl_attr_nest_start(h, NFTA_EXPR_DATA);
	mnl_attr_put_strz(h, NFTA_DYNSET_SET_NAME, "s");
	one = mnl_attr_nest_start(h, NFTA_DYNSET_EXPR);
	mnl_attr_put_strz(h, NFTA_EXPR_NAME, "limit");
	of_one = mnl_attr_nest_start(h, NFTA_EXPR_DATA);
	mnl_attr_put_u64(h, NFTA_LIMIT_RATE, htobe64(10));
	mnl_attr_put_u32(h, NFTA_LIMIT_FLAGS, htonl(NFT_LIMIT_F_INV));
	mnl_attr_nest_end(h, of_one);
	mnl_attr_nest_end(h, one);
	mnl_attr_nest_end(h, data);
	mnl_attr_nest_end(h, elem);
	mnl_attr_nest_end(h, list);
	mnl_attr_put_strz(h, NFTA_RULE_TABLE, "t");
	mnl_attr_put_strz(h, NFTA_RULE_CHAIN, "c");
	assert_int_equal(nft_parse_rule(h, &arena, &r), 0);
	assert_int_equal(r.n_exprs, 2);
	assert_string_equal(r.exprs[0].ref, "s");
	assert_string_equal(r.exprs[1].name, "limit");
	assert_int_equal(r.exprs[1].count, 10);
	assert_int_equal(r.exprs[1].flags, NFT_LIMIT_F_INV);
	assert_false(r.unparsed);
	arena_done(&arena);
}

static void devices_by_how_they_begin(void **state)
{
	struct nlmsghdr *h = message(NFT_MSG_NEWCHAIN, NFPROTO_NETDEV);
	struct arena arena = { 0 };
	struct nlattr *hook, *devices;
	struct snap_fw_chain c;

	(void)state;
	mnl_attr_put_strz(h, NFTA_CHAIN_TABLE, "t");
	mnl_attr_put_strz(h, NFTA_CHAIN_NAME, "c");
	hook = mnl_attr_nest_start(h, NFTA_CHAIN_HOOK);
	mnl_attr_put_u32(h, NFTA_HOOK_HOOKNUM, htonl(NF_NETDEV_INGRESS));
	devices = mnl_attr_nest_start(h, NFTA_HOOK_DEVS);
	mnl_attr_put_strz(h, NFTA_DEVICE_NAME, "lo");
	mnl_attr_put_strz(h, 77, "of an unknown type");
	mnl_attr_put_strz(h, 2 /* NFTA_DEVICE_PREFIX */, "eth");
	mnl_attr_nest_end(h, devices);
	mnl_attr_nest_end(h, hook);
	assert_int_equal(nft_parse_chain(h, &arena, &c), 0);
	assert_int_equal(c.hook, FW_INGRESS);
	assert_int_equal(c.n_devices, 2);
	assert_string_equal(c.devices[0], "lo");
	assert_string_equal(c.devices[1], "eth*");
	arena_done(&arena);
}

static void keep_elem(const struct snap_fw_elem *e, void *arg)
{
	*(struct snap_fw_elem *)arg = *e;
}

static void an_element(void **state)
{
	struct nlmsghdr *h = message(NFT_MSG_NEWSETELEM, NFPROTO_IPV4);
	struct nlattr *list = mnl_attr_nest_start(h, NFTA_SET_ELEM_LIST_ELEMENTS), *elem = mnl_attr_nest_start(h, NFTA_LIST_ELEM),
		      *nest, *said;
	struct snap_fw_elem e = { .key = "not taken" };
	struct arena arena = { 0 };

	(void)state;
	nest = mnl_attr_nest_start(h, NFTA_SET_ELEM_KEY);
	mnl_attr_put(h, NFTA_DATA_VALUE, 2, "\0\x50");
	mnl_attr_nest_end(h, nest);
	nest = mnl_attr_nest_start(h, NFTA_SET_ELEM_DATA);
	said = mnl_attr_nest_start(h, NFTA_DATA_VERDICT);
	mnl_attr_put_u32(h, NFTA_VERDICT_CODE, htonl((uint32_t)NFT_GOTO));
	mnl_attr_put_strz(h, NFTA_VERDICT_CHAIN, "c");
	mnl_attr_nest_end(h, said);
	mnl_attr_nest_end(h, nest);
	nest = mnl_attr_nest_start(h, NFTA_SET_ELEM_EXPR);
	mnl_attr_put_strz(h, NFTA_EXPR_NAME, "quota");
	mnl_attr_nest_end(h, nest);
	mnl_attr_nest_end(h, elem);
	mnl_attr_nest_end(h, list);
	assert_int_equal(nft_parse_elems(h, &arena, keep_elem, &e), 0);
	assert_string_equal(e.key, "0050");
	assert_string_equal(e.verdict, "goto");
	assert_string_equal(e.ref, "c");
	assert_string_equal(e.limit, "quota");
	assert_false(e.over);
	arena_done(&arena);
}

static void bytes_and_hex(void **state)
{
	struct arena arena = { 0 };
	uint8_t bytes[4] = { 0 };

	(void)state;
	assert_string_equal(nft_hex(&arena, "\x00\xff\x0a", 3), "00ff0a");
	assert_null(nft_hex(&arena, "", 0));
	assert_int_equal(fw_bytes("00ff0a", bytes, sizeof(bytes)), 3);
	assert_memory_equal(bytes, "\x00\xff\x0a", 3);
	assert_int_equal(fw_bytes("0102030405", bytes, sizeof(bytes)), 4);
	assert_int_equal(fw_bytes("01g", bytes, sizeof(bytes)), 1);
	assert_int_equal(fw_bytes(NULL, bytes, sizeof(bytes)), 0);
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table),
		cmocka_unit_test(a_base_chain),
		cmocka_unit_test(a_rule),
		cmocka_unit_test(a_rule_from_the_future),
		cmocka_unit_test(odd_attributes),
		cmocka_unit_test(a_limit_for_each_element),
		cmocka_unit_test(devices_by_how_they_begin),
		cmocka_unit_test(an_element),
		cmocka_unit_test(bytes_and_hex),
	};

	return cmocka_run_group_tests_name("nft", tests, NULL, NULL);
}
