// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/firewall.h"
#include "util/util.h"

const char *const fw_family_names[] = { "inet", "ip", "ip6", "arp", "bridge", "netdev", "other", NULL };
const char *const fw_hook_names[] = {
	"none", "prerouting", "input", "forward", "output", "postrouting", "ingress", "egress", NULL
};
const char *const fw_table_flag_names[] = { "dormant", "owner", "persist", NULL };
const char *const fw_set_flag_names[] = { "anonymous", "constant", "interval", "map",  "timeout",
					  "eval",      "object",   "concat",   "expr", NULL };

struct snap_fw_expr snap_fw_expr_of(const char *name)
{
	return (struct snap_fw_expr){
		.name = name,
		.sreg = OPT_NONE,
		.dreg = OPT_NONE,
		.key = OPT_NONE,
		.op = OPT_NONE,
		.base = OPT_NONE,
		.offset = OPT_NONE,
		.len = OPT_NONE,
		.flags = OPT_NONE,
		.family = OPT_NONE,
		.type = OPT_NONE,
		.code = OPT_NONE,
		.dir = OPT_NONE,
		.addr_reg = OPT_NONE,
		.addr_reg_max = OPT_NONE,
		.port_reg = OPT_NONE,
		.port_reg_max = OPT_NONE,
		.count = OPT_NONE,
		.unit = OPT_NONE,
		.burst = OPT_NONE,
		.packets = OPT_NONE,
		.bytes = OPT_NONE,
	};
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t fw_bytes(const char *hex, uint8_t *out, size_t size)
{
	size_t n = 0;

	for (; hex && n < size && digit(hex[0]) >= 0 && digit(hex[1]) >= 0; hex += 2)
		out[n++] = (uint8_t)(digit(hex[0]) << 4 | digit(hex[1]));
	return n;
}

#define F(rec, member, ...) FIELD(rec, member, __VA_ARGS__)
#define N(rec, member) COUNTED(rec, member)
#define IN_A_FAMILY(rec) \
	F(rec, ns, F_U32, HELP("network namespace")), F(rec, family, F_ENUM, .names = fw_family_names, HELP("family"))
#define IN_A_TABLE(rec) IN_A_FAMILY(rec), F(rec, table, F_STR, HELP("table"))

static const struct field table_fields[] = {
	IN_A_FAMILY(snap_fw_table),
	F(snap_fw_table, name, F_STR, HELP("name")),
	F(snap_fw_table, legacy, F_BOOL, HELP("of x_tables (iptables-legacy): its rules are not here")),
	F(snap_fw_table, handle, F_U64, HELP("handle")),
	F(snap_fw_table, flags, F_FLAGS, .names = fw_table_flag_names, HELP("flags")),
	F(snap_fw_table, use, F_U32, HELP("chains, sets and objects in it")),
};
DESC(snap_fw_table_desc, "fw_table", struct snap_fw_table, "a table of a ruleset", table_fields);

static const struct field chain_fields[] = {
	IN_A_TABLE(snap_fw_chain),
	F(snap_fw_chain, name, F_STR, HELP("name")),
	F(snap_fw_chain, handle, F_U64, HELP("handle")),
	F(snap_fw_chain, hook, F_ENUM, .names = fw_hook_names, HELP("where it is hooked in")),
	F(snap_fw_chain, priority, F_INT, HELP("priority there, lowest first")),
	F(snap_fw_chain, drops, F_BOOL, HELP("its policy is drop")),
	F(snap_fw_chain, type, F_STR, OMIT, HELP("filter, nat or route")),
	F(snap_fw_chain, devices, F_STRS, OMIT, N(snap_fw_chain, devices), HELP("devices that it is for")),
};
DESC(snap_fw_chain_desc, "fw_chain", struct snap_fw_chain, "a chain of a ruleset", chain_fields);

static const struct field expr_fields[] = {
	F(snap_fw_expr, name, F_STR, HELP("kind of expression")),
	F(snap_fw_expr, ref, F_STR, OMIT, HELP("set, chain, object, match, target or prefix that it names")),
	F(snap_fw_expr, verdict, F_STR, OMIT, HELP("verdict")),
	F(snap_fw_expr, data, F_STR, OMIT, HELP("bytes that it compares or sets")),
	F(snap_fw_expr, data2, F_STR, OMIT, HELP("more of them: end of a range, exclusive or")),
	F(snap_fw_expr, sreg, F_OPT, OMIT, HELP("register that it reads")),
	F(snap_fw_expr, dreg, F_OPT, OMIT, HELP("register that it writes")),
	F(snap_fw_expr, key, F_OPT, OMIT, HELP("what it reads")),
	F(snap_fw_expr, op, F_OPT, OMIT, HELP("operation")),
	F(snap_fw_expr, base, F_OPT, OMIT, HELP("header")),
	F(snap_fw_expr, offset, F_OPT, OMIT, HELP("bytes from its begin")),
	F(snap_fw_expr, len, F_OPT, OMIT, HELP("bytes")),
	F(snap_fw_expr, flags, F_OPT, OMIT, HELP("flags")),
	F(snap_fw_expr, family, F_OPT, OMIT, HELP("family (NFPROTO_*)")),
	F(snap_fw_expr, type, F_OPT, OMIT, HELP("type; revision of a match or target")),
	F(snap_fw_expr, code, F_OPT, OMIT, HELP("code of a reject")),
	F(snap_fw_expr, dir, F_OPT, OMIT, HELP("direction")),
	F(snap_fw_expr, addr_reg, F_OPT, OMIT, HELP("register of an address")),
	F(snap_fw_expr, addr_reg_max, F_OPT, OMIT, HELP("register of the last address")),
	F(snap_fw_expr, port_reg, F_OPT, OMIT, HELP("register of a port")),
	F(snap_fw_expr, port_reg_max, F_OPT, OMIT, HELP("register of the last port")),
	F(snap_fw_expr, count, F_OPT, OMIT, HELP("count, rate or modulus")),
	F(snap_fw_expr, unit, F_OPT, OMIT, HELP("seconds of a rate")),
	F(snap_fw_expr, burst, F_OPT, OMIT, HELP("burst")),
	F(snap_fw_expr, packets, F_OPT, OMIT, HELP("packets counted")),
	F(snap_fw_expr, bytes, F_OPT, OMIT, HELP("bytes counted")),
};
DESC(snap_fw_expr_desc, "fw_expr", struct snap_fw_expr, "an expression of a rule", expr_fields);

static const struct field rule_fields[] = {
	IN_A_TABLE(snap_fw_rule),
	F(snap_fw_rule, chain, F_STR, HELP("chain")),
	F(snap_fw_rule, handle, F_U64, HELP("handle")),
	F(snap_fw_rule, comment, F_STR, OMIT, HELP("comment")),
	F(snap_fw_rule, unparsed, F_BOOL, HELP("among its expressions are some of which only the names are known")),
	F(snap_fw_rule, exprs, F_RECS, .rec = &snap_fw_expr_desc, N(snap_fw_rule, exprs), HELP("expressions")),
};
DESC(snap_fw_rule_desc, "fw_rule", struct snap_fw_rule, "a rule of a ruleset", rule_fields);

static const struct field elem_fields[] = {
	F(snap_fw_elem, key, F_STR, HELP("key; none: all others")),
	F(snap_fw_elem, key_end, F_STR, OMIT, HELP("last key")),
	F(snap_fw_elem, interval_end, F_BOOL, HELP("a range ends in front of it")),
	F(snap_fw_elem, verdict, F_STR, OMIT, HELP("verdict")),
	F(snap_fw_elem, ref, F_STR, OMIT, HELP("its chain, or an object")),
	F(snap_fw_elem, data, F_STR, OMIT, HELP("what a map has for it")),
	F(snap_fw_elem, comment, F_STR, OMIT, HELP("comment")),
	F(snap_fw_elem, limit, F_STR, OMIT, HELP("limit that whoever finds it has to pass")),
	F(snap_fw_elem, over, F_BOOL, OMIT, HELP("passed when exceeded")),
};
DESC(snap_fw_elem_desc, "fw_elem", struct snap_fw_elem, "an element of a set", elem_fields);

static const struct field set_fields[] = {
	IN_A_TABLE(snap_fw_set),
	F(snap_fw_set, name, F_STR, HELP("name")),
	F(snap_fw_set, handle, F_U64, HELP("handle")),
	F(snap_fw_set, flags, F_FLAGS, .names = fw_set_flag_names, HELP("flags")),
	F(snap_fw_set, key_type, F_U32, HELP("type of its keys, as nft counts them")),
	F(snap_fw_set, key_len, F_U32, HELP("bytes of a key")),
	F(snap_fw_set, data_type, F_U32, HELP("type of what a map has")),
	F(snap_fw_set, data_len, F_U32, HELP("bytes of it")),
	F(snap_fw_set, limit, F_STR, OMIT, HELP("limit of each element that a rule adds")),
	F(snap_fw_set, over, F_BOOL, OMIT, HELP("passed when exceeded")),
	F(snap_fw_set, fields, F_U32S, OMIT, N(snap_fw_set, fields), HELP("bytes of each part of a key")),
	F(snap_fw_set, elems, F_RECS, .rec = &snap_fw_elem_desc, N(snap_fw_set, elems), HELP("elements")),
};
DESC(snap_fw_set_desc, "fw_set", struct snap_fw_set, "a set or map of a ruleset", set_fields);

static const struct field object_fields[] = {
	IN_A_TABLE(snap_fw_object),
	F(snap_fw_object, name, F_STR, HELP("name")),
	F(snap_fw_object, type, F_U32, HELP("kind (NFT_OBJECT_*)")),
};
DESC(snap_fw_object_desc, "fw_object", struct snap_fw_object, "an object of a ruleset", object_fields);

static const struct field flowtable_fields[] = {
	IN_A_TABLE(snap_fw_flowtable),
	F(snap_fw_flowtable, name, F_STR, HELP("name")),
	F(snap_fw_flowtable, priority, F_INT, HELP("priority")),
	F(snap_fw_flowtable, devices, F_STRS, OMIT, N(snap_fw_flowtable, devices), HELP("devices")),
};
DESC(snap_fw_flowtable_desc, "fw_flowtable", struct snap_fw_flowtable, "a flow table of a ruleset", flowtable_fields);
