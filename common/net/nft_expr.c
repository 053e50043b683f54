// SPDX-License-Identifier: GPL-2.0-or-later
/* Expressions as libnftnl has them, as records: what goes where is one table. */
#include <stdio.h> /* libnftnl forgets it */
#include <libnftnl/expr.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stddef.h>

#include "net/nft.h"

const char *nft_hex(struct arena *arena, const void *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = bytes;
	char *hex;

	if (!n)
		return NULL;
	hex = arena_alloc(arena, 2 * n + 1);
	for (size_t i = 0; i < n; i++) {
		hex[2 * i] = digits[p[i] >> 4];
		hex[2 * i + 1] = digits[p[i] & 15];
	}
	return hex;
}

const char *nft_verdict(int64_t code)
{
	switch ((int32_t)code) {
	case NF_DROP:
		return "drop";
	case NF_ACCEPT:
		return "accept";
	case NFT_CONTINUE:
		return "continue";
	case NFT_BREAK:
		return "break";
	case NFT_JUMP:
		return "jump";
	case NFT_GOTO:
		return "goto";
	case NFT_RETURN:
		return "return";
	default:
		return (code & NF_VERDICT_MASK) == NF_QUEUE ? "queue" : NULL;
	}
}

enum operand_kind { NUMBER, BYTES, TEXT, VERDICT };

struct operand {
	uint16_t attr; /* NFTNL_EXPR_* */
	uint8_t kind;
	uint16_t off;  /* in struct snap_fw_expr */
};

#define OPERAND(a, k, member) { NFTNL_EXPR_##a, k, offsetof(struct snap_fw_expr, member) }

static const struct operand meta[] = { OPERAND(META_KEY, NUMBER, key), OPERAND(META_DREG, NUMBER, dreg), OPERAND(META_SREG, NUMBER, sreg) };
static const struct operand ct[] = { OPERAND(CT_KEY, NUMBER, key), OPERAND(CT_DREG, NUMBER, dreg), OPERAND(CT_SREG, NUMBER, sreg),
				     OPERAND(CT_DIR, NUMBER, dir) };
static const struct operand payload[] = { OPERAND(PAYLOAD_DREG, NUMBER, dreg), OPERAND(PAYLOAD_SREG, NUMBER, sreg),
					  OPERAND(PAYLOAD_BASE, NUMBER, base), OPERAND(PAYLOAD_OFFSET, NUMBER, offset),
					  OPERAND(PAYLOAD_LEN, NUMBER, len) };
static const struct operand cmp[] = { OPERAND(CMP_SREG, NUMBER, sreg), OPERAND(CMP_OP, NUMBER, op), OPERAND(CMP_DATA, BYTES, data) };
static const struct operand range[] = { OPERAND(RANGE_SREG, NUMBER, sreg), OPERAND(RANGE_OP, NUMBER, op),
					OPERAND(RANGE_FROM_DATA, BYTES, data), OPERAND(RANGE_TO_DATA, BYTES, data2) };
static const struct operand bitwise[] = { OPERAND(BITWISE_SREG, NUMBER, sreg), OPERAND(BITWISE_DREG, NUMBER, dreg),
					  OPERAND(BITWISE_LEN, NUMBER, len),   OPERAND(BITWISE_OP, NUMBER, op),
					  OPERAND(BITWISE_MASK, BYTES, data),  OPERAND(BITWISE_XOR, BYTES, data2),
					  OPERAND(BITWISE_DATA, BYTES, data) };
static const struct operand byteorder[] = { OPERAND(BYTEORDER_SREG, NUMBER, sreg), OPERAND(BYTEORDER_DREG, NUMBER, dreg),
					    OPERAND(BYTEORDER_OP, NUMBER, op), OPERAND(BYTEORDER_LEN, NUMBER, len),
					    OPERAND(BYTEORDER_SIZE, NUMBER, count) };
static const struct operand lookup[] = { OPERAND(LOOKUP_SREG, NUMBER, sreg), OPERAND(LOOKUP_DREG, NUMBER, dreg),
					 OPERAND(LOOKUP_SET, TEXT, ref), OPERAND(LOOKUP_FLAGS, NUMBER, flags) };
static const struct operand immediate[] = { OPERAND(IMM_DREG, NUMBER, dreg), OPERAND(IMM_DATA, BYTES, data),
					    OPERAND(IMM_VERDICT, VERDICT, verdict), OPERAND(IMM_CHAIN, TEXT, ref) };
static const struct operand counter[] = { OPERAND(CTR_PACKETS, NUMBER, packets), OPERAND(CTR_BYTES, NUMBER, bytes) };
static const struct operand limit[] = { OPERAND(LIMIT_RATE, NUMBER, count), OPERAND(LIMIT_UNIT, NUMBER, unit), OPERAND(LIMIT_BURST, NUMBER, burst),
					OPERAND(LIMIT_TYPE, NUMBER, type), OPERAND(LIMIT_FLAGS, NUMBER, flags) };
static const struct operand quota[] = { OPERAND(QUOTA_BYTES, NUMBER, bytes), OPERAND(QUOTA_FLAGS, NUMBER, flags) };
static const struct operand connlimit[] = { OPERAND(CONNLIMIT_COUNT, NUMBER, count), OPERAND(CONNLIMIT_FLAGS, NUMBER, flags) };
static const struct operand logs[] = { OPERAND(LOG_PREFIX, TEXT, ref) };
static const struct operand nat[] = { OPERAND(NAT_TYPE, NUMBER, type), OPERAND(NAT_FAMILY, NUMBER, family),
				      OPERAND(NAT_REG_ADDR_MIN, NUMBER, addr_reg), OPERAND(NAT_REG_ADDR_MAX, NUMBER, addr_reg_max),
				      OPERAND(NAT_REG_PROTO_MIN, NUMBER, port_reg), OPERAND(NAT_REG_PROTO_MAX, NUMBER, port_reg_max),
				      OPERAND(NAT_FLAGS, NUMBER, flags) };
static const struct operand redir[] = { OPERAND(REDIR_REG_PROTO_MIN, NUMBER, port_reg), OPERAND(REDIR_REG_PROTO_MAX, NUMBER, port_reg_max),
					OPERAND(REDIR_FLAGS, NUMBER, flags) };
static const struct operand masq[] = { OPERAND(MASQ_REG_PROTO_MIN, NUMBER, port_reg), OPERAND(MASQ_REG_PROTO_MAX, NUMBER, port_reg_max),
				       OPERAND(MASQ_FLAGS, NUMBER, flags) };
static const struct operand tproxy[] = { OPERAND(TPROXY_FAMILY, NUMBER, family), OPERAND(TPROXY_REG_ADDR, NUMBER, addr_reg),
					 OPERAND(TPROXY_REG_PORT, NUMBER, port_reg) };
static const struct operand reject[] = { OPERAND(REJECT_TYPE, NUMBER, type), OPERAND(REJECT_CODE, NUMBER, code) };
static const struct operand queue[] = { OPERAND(QUEUE_NUM, NUMBER, key), OPERAND(QUEUE_TOTAL, NUMBER, count), OPERAND(QUEUE_FLAGS, NUMBER, flags),
					OPERAND(QUEUE_SREG_QNUM, NUMBER, sreg) };
static const struct operand exthdr[] = { OPERAND(EXTHDR_DREG, NUMBER, dreg), OPERAND(EXTHDR_SREG, NUMBER, sreg), OPERAND(EXTHDR_TYPE, NUMBER, type),
					 OPERAND(EXTHDR_OFFSET, NUMBER, offset), OPERAND(EXTHDR_LEN, NUMBER, len),
					 OPERAND(EXTHDR_OP, NUMBER, op), OPERAND(EXTHDR_FLAGS, NUMBER, flags) };
static const struct operand sock[] = { OPERAND(SOCKET_KEY, NUMBER, key), OPERAND(SOCKET_DREG, NUMBER, dreg) };
static const struct operand objref[] = { OPERAND(OBJREF_IMM_TYPE, NUMBER, type), OPERAND(OBJREF_IMM_NAME, TEXT, ref),
					 OPERAND(OBJREF_SET_SREG, NUMBER, sreg), OPERAND(OBJREF_SET_NAME, TEXT, ref) };
static const struct operand dynset[] = { OPERAND(DYNSET_SREG_KEY, NUMBER, sreg), OPERAND(DYNSET_OP, NUMBER, op),
					 OPERAND(DYNSET_SET_NAME, TEXT, ref), OPERAND(DYNSET_FLAGS, NUMBER, flags) };
static const struct operand hash[] = { OPERAND(HASH_SREG, NUMBER, sreg), OPERAND(HASH_DREG, NUMBER, dreg), OPERAND(HASH_LEN, NUMBER, len),
				       OPERAND(HASH_MODULUS, NUMBER, count), OPERAND(HASH_OFFSET, NUMBER, offset), OPERAND(HASH_TYPE, NUMBER, type) };
static const struct operand numgen[] = { OPERAND(NG_DREG, NUMBER, dreg), OPERAND(NG_MODULUS, NUMBER, count), OPERAND(NG_OFFSET, NUMBER, offset),
					 OPERAND(NG_TYPE, NUMBER, type) };
static const struct operand rt[] = { OPERAND(RT_KEY, NUMBER, key), OPERAND(RT_DREG, NUMBER, dreg) };
static const struct operand fib[] = { OPERAND(FIB_DREG, NUMBER, dreg), OPERAND(FIB_RESULT, NUMBER, key), OPERAND(FIB_FLAGS, NUMBER, flags) };
static const struct operand osf[] = { OPERAND(OSF_DREG, NUMBER, dreg) };
static const struct operand xfrm[] = { OPERAND(XFRM_DREG, NUMBER, dreg), OPERAND(XFRM_KEY, NUMBER, key), OPERAND(XFRM_DIR, NUMBER, dir) };
static const struct operand tunnel[] = { OPERAND(TUNNEL_DREG, NUMBER, dreg), OPERAND(TUNNEL_KEY, NUMBER, key) };
static const struct operand offload[] = { OPERAND(FLOW_TABLE_NAME, TEXT, ref) };
static const struct operand match[] = { OPERAND(MT_NAME, TEXT, ref), OPERAND(MT_REV, NUMBER, type), OPERAND(MT_INFO, BYTES, data) };
static const struct operand target[] = { OPERAND(TG_NAME, TEXT, ref), OPERAND(TG_REV, NUMBER, type), OPERAND(TG_INFO, BYTES, data) };

#define KIND(name, operands) { name, operands, ARRAY_SIZE(operands) }
static const struct {
	const char *name;
	const struct operand *operands;
	size_t n;
} kinds[] = {
	KIND("meta", meta), KIND("ct", ct), KIND("payload", payload), KIND("cmp", cmp), KIND("range", range), KIND("bitwise", bitwise),
	KIND("byteorder", byteorder), KIND("lookup", lookup), KIND("immediate", immediate), KIND("counter", counter), KIND("limit", limit),
	KIND("quota", quota), KIND("connlimit", connlimit), KIND("log", logs), KIND("nat", nat), KIND("redir", redir), KIND("masq", masq),
	KIND("tproxy", tproxy), KIND("reject", reject), KIND("queue", queue), KIND("exthdr", exthdr), KIND("socket", sock),
	KIND("objref", objref), KIND("dynset", dynset), KIND("hash", hash), KIND("numgen", numgen), KIND("rt", rt), KIND("fib", fib),
	KIND("osf", osf), KIND("xfrm", xfrm), KIND("tunnel", tunnel), KIND("flow_offload", offload), KIND("match", match),
	KIND("target", target),
};

/* In host order, of whatever size the library keeps it; what would not fit is none. */
static int64_t number_of(const void *p, uint32_t len)
{
	uint64_t v64;
	uint32_t v32;
	uint16_t v16;

	switch (len) {
	case 1:
		return *(const uint8_t *)p;
	case 2:
		memcpy(&v16, p, 2);
		return v16;
	case 4:
		memcpy(&v32, p, 4);
		return v32;
	case 8:
		memcpy(&v64, p, 8);
		return v64 < 1ull << 53 ? (int64_t)v64 : OPT_NONE;
	default:
		return OPT_NONE;
	}
}

static void take(const struct operand *o, const void *p, uint32_t len, struct arena *arena, struct snap_fw_expr *out)
{
	void *to = (char *)out + o->off;

	switch (o->kind) {
	case NUMBER:
		*(int64_t *)to = number_of(p, len);
		break;
	case BYTES:
		*(const char **)to = nft_hex(arena, p, len);
		break;
	case TEXT:
		*(const char **)to = arena_strndup(arena, p, strnlen(p, len));
		break;
	case VERDICT:
		*(const char **)to = nft_verdict(number_of(p, len));
		break;
	}
}

static const struct operand *operands_of(const char *name, size_t *n)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, name)) {
			*n = kinds[i].n;
			return kinds[i].operands;
		}
	*n = 0;
	return NULL;
}

struct snap_fw_expr nft_expr_record(const struct nftnl_expr *e, struct arena *arena)
{
	const char *name = nftnl_expr_get_str(e, NFTNL_EXPR_NAME);
	struct snap_fw_expr out = snap_fw_expr_of(arena_strdup(arena, name));
	const struct operand *o;
	size_t n;

	for (o = operands_of(name, &n); n; o++, n--) {
		uint32_t len = 0;
		const void *p = nftnl_expr_is_set(e, o->attr) ? nftnl_expr_get(e, o->attr, &len) : NULL;

		if (p && len)
			take(o, p, len, arena, &out);
	}
	return out;
}
