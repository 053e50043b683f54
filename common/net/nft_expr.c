// SPDX-License-Identifier: GPL-2.0-or-later
/* Expressions as the kernel dumps them (nft_expr_dump, net/netfilter/nf_tables_api.c), as records: what goes where is one table. */
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <stddef.h>

#include "net/nft_attr.h"

enum operand_kind { NUMBER = 1, BYTES, TEXT, DATA };

struct operand {
	uint16_t attr; /* NFTA_* of the expression's kind */
	uint8_t kind;
	uint16_t off; /* in struct snap_fw_expr */
};

enum { MAX_OPERANDS = 7 };
struct kind {
	const char *name;
	struct operand operands[MAX_OPERANDS]; /* up to one without a kind */
};

#define OPERAND(a, k, member) \
	{ \
		NFTA_##a, k, offsetof(struct snap_fw_expr, member) \
	}
#define N(a, member) OPERAND(a, NUMBER, member)
#define B(a, member) OPERAND(a, BYTES, member)
#define T(a, member) OPERAND(a, TEXT, member)
#define D(a, member) OPERAND(a, DATA, member)

static const struct kind kinds[] = {
	{ "meta", { N(META_KEY, key), N(META_DREG, dreg), N(META_SREG, sreg) } },
	{ "ct", { N(CT_KEY, key), N(CT_DREG, dreg), N(CT_SREG, sreg), N(CT_DIRECTION, dir) } },
	{ "payload",
	  { N(PAYLOAD_DREG, dreg), N(PAYLOAD_SREG, sreg), N(PAYLOAD_BASE, base), N(PAYLOAD_OFFSET, offset), N(PAYLOAD_LEN, len) } },
	{ "cmp", { N(CMP_SREG, sreg), N(CMP_OP, op), D(CMP_DATA, data) } },
	{ "range", { N(RANGE_SREG, sreg), N(RANGE_OP, op), D(RANGE_FROM_DATA, data), D(RANGE_TO_DATA, data2) } },
	{ "bitwise",
	  { N(BITWISE_SREG, sreg), N(BITWISE_DREG, dreg), N(BITWISE_LEN, len), N(BITWISE_OP, op), D(BITWISE_MASK, data),
	    D(BITWISE_XOR, data2), D(BITWISE_DATA, data) } },
	{ "byteorder",
	  { N(BYTEORDER_SREG, sreg), N(BYTEORDER_DREG, dreg), N(BYTEORDER_OP, op), N(BYTEORDER_LEN, len),
	    N(BYTEORDER_SIZE, count) } },
	{ "lookup", { N(LOOKUP_SREG, sreg), N(LOOKUP_DREG, dreg), T(LOOKUP_SET, ref), N(LOOKUP_FLAGS, flags) } },
	{ "immediate", { N(IMMEDIATE_DREG, dreg), D(IMMEDIATE_DATA, data) } },
	{ "counter", { N(COUNTER_PACKETS, packets), N(COUNTER_BYTES, bytes) } },
	{ "limit",
	  { N(LIMIT_RATE, count), N(LIMIT_UNIT, unit), N(LIMIT_BURST, burst), N(LIMIT_TYPE, type), N(LIMIT_FLAGS, flags) } },
	{ "quota", { N(QUOTA_BYTES, bytes), N(QUOTA_FLAGS, flags) } },
	{ "connlimit", { N(CONNLIMIT_COUNT, count), N(CONNLIMIT_FLAGS, flags) } },
	{ "log", { T(LOG_PREFIX, ref) } },
	{ "nat",
	  { N(NAT_TYPE, type), N(NAT_FAMILY, family), N(NAT_REG_ADDR_MIN, addr_reg), N(NAT_REG_ADDR_MAX, addr_reg_max),
	    N(NAT_REG_PROTO_MIN, port_reg), N(NAT_REG_PROTO_MAX, port_reg_max), N(NAT_FLAGS, flags) } },
	{ "redir", { N(REDIR_REG_PROTO_MIN, port_reg), N(REDIR_REG_PROTO_MAX, port_reg_max), N(REDIR_FLAGS, flags) } },
	{ "masq", { N(MASQ_REG_PROTO_MIN, port_reg), N(MASQ_REG_PROTO_MAX, port_reg_max), N(MASQ_FLAGS, flags) } },
	{ "tproxy", { N(TPROXY_FAMILY, family), N(TPROXY_REG_ADDR, addr_reg), N(TPROXY_REG_PORT, port_reg) } },
	{ "reject", { N(REJECT_TYPE, type), N(REJECT_ICMP_CODE, code) } },
	{ "queue", { N(QUEUE_NUM, key), N(QUEUE_TOTAL, count), N(QUEUE_FLAGS, flags), N(QUEUE_SREG_QNUM, sreg) } },
	{ "exthdr",
	  { N(EXTHDR_DREG, dreg), N(EXTHDR_SREG, sreg), N(EXTHDR_TYPE, type), N(EXTHDR_OFFSET, offset), N(EXTHDR_LEN, len),
	    N(EXTHDR_OP, op), N(EXTHDR_FLAGS, flags) } },
	{ "socket", { N(SOCKET_KEY, key), N(SOCKET_DREG, dreg) } },
	{ "objref", { N(OBJREF_IMM_TYPE, type), T(OBJREF_IMM_NAME, ref), N(OBJREF_SET_SREG, sreg), T(OBJREF_SET_NAME, ref) } },
	{ "dynset", { N(DYNSET_SREG_KEY, sreg), N(DYNSET_OP, op), T(DYNSET_SET_NAME, ref), N(DYNSET_FLAGS, flags) } },
	{ "hash",
	  { N(HASH_SREG, sreg), N(HASH_DREG, dreg), N(HASH_LEN, len), N(HASH_MODULUS, count), N(HASH_OFFSET, offset),
	    N(HASH_TYPE, type) } },
	{ "numgen", { N(NG_DREG, dreg), N(NG_MODULUS, count), N(NG_OFFSET, offset), N(NG_TYPE, type) } },
	{ "rt", { N(RT_KEY, key), N(RT_DREG, dreg) } },
	{ "fib", { N(FIB_DREG, dreg), N(FIB_RESULT, key), N(FIB_FLAGS, flags) } },
	{ "osf", { N(OSF_DREG, dreg) } },
	{ "xfrm", { N(XFRM_DREG, dreg), N(XFRM_KEY, key), N(XFRM_DIR, dir) } },
	{ "tunnel", { N(TUNNEL_DREG, dreg), N(TUNNEL_KEY, key) } },
	{ "flow_offload", { T(FLOW_TABLE_NAME, ref) } },
	{ "match", { T(MATCH_NAME, ref), N(MATCH_REV, type), B(MATCH_INFO, data) } },
	{ "target", { T(TARGET_NAME, ref), N(TARGET_REV, type), B(TARGET_INFO, data) } },
	/* Those whose operands nobody asks for. */
	{ .name = "notrack" },
	{ .name = "dup" },
	{ .name = "fwd" },
	{ .name = "last" },
	{ .name = "synproxy" },
	{ .name = "inner" },
};

static const struct kind *kind_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

/* False: it is not as wide as a number. */
static bool take_operand(const struct operand *o, const struct nlattr *a, struct arena *arena, struct snap_fw_expr *out)
{
	void *to = (char *)out + o->off;

	switch (o->kind) {
	case NUMBER:
		return nft_number(a, to);
	case BYTES:
		*(const char **)to = nft_bytes(a, arena);
		break;
	case TEXT:
		*(const char **)to = nft_text(a, arena);
		break;
	case DATA:
		nft_data(a, arena, to, &out->verdict, &out->ref);
		break;
	}
	return true;
}

static bool take_operands(const struct kind *kind, const struct nlattr *data, struct arena *arena, struct snap_fw_expr *out)
{
	bool ok = true;

	nl_for_each_in (a, data)
		for (const struct operand *o = kind->operands; o < kind->operands + MAX_OPERANDS && o->kind; o++)
			if (o->attr == mnl_attr_get_type(a))
				ok = take_operand(o, a, arena, out) && ok;
	return ok;
}

struct snap_fw_expr nft_expr(const struct nlattr *nest, struct arena *arena, bool *known)
{
	const struct nlattr *name = nl_find_in(nest, NFTA_EXPR_NAME), *data = nl_find_in(nest, NFTA_EXPR_DATA);
	struct snap_fw_expr out = snap_fw_expr_of(name ? nft_text(name, arena) : "");
	const struct kind *kind = kind_of(out.name);

	*known = kind && (!data || take_operands(kind, data, arena, &out));
	return out;
}

struct exprs {
	struct arena *arena;
	struct snap_fw_rule *rule;
	struct snap_fw_expr *items;
	size_t n_items, cap_items;
};

static bool add_expr(struct exprs *x, const struct nlattr *nest)
{
	bool known;
	struct snap_fw_expr record = nft_expr(nest, x->arena, &known);

	x->rule->unparsed = x->rule->unparsed || !known;
	*ARRAY_ADD(x, items) = record;
	return !strcmp(record.name, "dynset");
}

/*
 * What a set keeps for each element that a rule adds is evaluated for it there and then, and may say no (nft_dynset_eval): it follows its
 * dynset as an expression of the rule.
 */
static void add_of_dynset(struct exprs *x, const struct nlattr *nest)
{
	const struct nlattr *data = nl_find_in(nest, NFTA_EXPR_DATA), *one = nl_find_in(data, NFTA_DYNSET_EXPR);

	if (one)
		add_expr(x, one);
	nl_for_each_in (a, nl_find_in(data, NFTA_DYNSET_EXPRESSIONS))
		add_expr(x, a);
}

void nft_set_exprs(const struct nlattr *list, struct arena *arena, struct snap_fw_rule *out)
{
	struct exprs x = { .arena = arena, .rule = out };
	struct snap_fw_expr *copy;

	nl_for_each_in (a, list)
		if (add_expr(&x, a))
			add_of_dynset(&x, a);
	copy = arena_alloc(arena, x.n_items * sizeof(*copy));
	if (x.n_items)
		memcpy(copy, x.items, x.n_items * sizeof(*copy));
	out->exprs = copy;
	out->n_exprs = (uint32_t)x.n_items;
	free(x.items);
}
