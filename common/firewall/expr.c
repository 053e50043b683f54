// SPDX-License-Identifier: GPL-2.0-or-later
/* Expressions, one function each, as the kernel's own evaluate them (net/netfilter/nft_*.c). */
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>

#include "firewall/walk.h"

/* --- registers ------------------------------------------------------------------------------------------------------------------------------ */

/* NFT_REG_1 to 4 are of sixteen bytes, NFT_REG32_00 to 15 are the same in four (nft_parse_register). -1: no such. */
int regs_at(int64_t reg)
{
	if (reg >= NFT_REG_1 && reg <= NFT_REG_4)
		return ((int)reg - NFT_REG_1) * 16;
	if (reg >= NFT_REG32_00 && reg <= NFT_REG32_15)
		return ((int)reg - NFT_REG32_00) * 4;
	return -1;
}

static size_t room_at(int at, size_t n)
{
	return at < 0 ? 0 : MIN(n, (size_t)(VALUE_SIZE - at));
}

/* The last word is zeroed before (nft_reg_store8, nft_payload_eval), so what is beyond the value is known, too. */
void regs_store(struct run *run, int64_t reg, const struct value *x, size_t len)
{
	int at = regs_at(reg);
	size_t n = room_at(at, len), padded = room_at(at, (len + 3) & ~(size_t)3);

	if (at < 0)
		return;
	memcpy(run->regs.v + at, x->v, n);
	memcpy(run->regs.k + at, x->k, n);
	memset(run->regs.v + at + n, 0, padded - n);
	memset(run->regs.k + at + n, 0xff, padded - n);
}

struct value regs_load(const struct run *run, int64_t reg, size_t len)
{
	struct value x = value_unknown();
	int at = regs_at(reg);
	size_t n = room_at(at, len);

	if (n) {
		memcpy(x.v, run->regs.v + at, n);
		memcpy(x.k, run->regs.k + at, n);
	}
	return x;
}

bool regs_known(const struct value *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (x->k[i] != 0xff)
			return false;
	return true;
}

/* A number that the kernel keeps in its own order. */
static bool load_u32(const struct run *run, int64_t reg, uint32_t *out)
{
	struct value x = regs_load(run, reg, sizeof(*out));

	memcpy(out, x.v, sizeof(*out));
	return regs_known(&x, sizeof(*out));
}

/* --- readers -------------------------------------------------------------------------------------------------------------------------------- */

/* In words, for who has to be told what was not known. */
static const char *name_of(const struct run *run, const struct snap_fw_expr *e)
{
	bool v6 = run->w->p->daddr.family == 6;

	if (!strcmp(e->name, "meta") && (e->key == NFT_META_OIF || e->key == NFT_META_OIFNAME))
		return "outgoing device";
	if (!strcmp(e->name, "meta") && (e->key == NFT_META_IIF || e->key == NFT_META_IIFNAME))
		return "incoming device";
	if (!strcmp(e->name, "meta") && (e->key == NFT_META_SKUID || e->key == NFT_META_SKGID))
		return "sending user";
	if (!strcmp(e->name, "meta") && e->key == NFT_META_MARK)
		return "mark";
	if (strcmp(e->name, "payload") != 0)
		return e->name;
	if (e->base == NFT_PAYLOAD_NETWORK_HEADER && e->offset == (v6 ? 8 : 12))
		return "source address";
	if (e->base == NFT_PAYLOAD_NETWORK_HEADER && e->offset == (v6 ? 24 : 16))
		return "destination address";
	if (e->base == NFT_PAYLOAD_TRANSPORT_HEADER && e->offset == 0)
		return "source port";
	return e->name;
}

/* What leaves a comparison in doubt. */
const char *expr_doubt(const struct run *run, const struct snap_fw_expr *e)
{
	return run->unread ? run->unread : e->name;
}

typedef bool reader(const struct walk *w, const struct snap_fw_expr *e, struct value *out, size_t *len);

static void read_value(struct run *run, const struct snap_fw_expr *e, reader *read)
{
	struct value x;
	size_t len;

	if (!read(run->w, e, &x, &len)) {
		run_match(run, NO, e->name); /* NFT_BREAK */
		return;
	}
	regs_store(run, e->dreg, &x, len);
	if (!regs_known(&x, len))
		run->unread = name_of(run, e);
}

/* What the same rule has set before is what it reads. */
static void read_mark(struct run *run, const struct snap_fw_expr *e, uint32_t mark, bool unknown)
{
	struct value x = unknown ? value_unknown() : value_of(&mark, sizeof(mark));

	regs_store(run, e->dreg, &x, sizeof(mark));
	if (unknown)
		run->unread = name_of(run, e);
}

static void run_meta(struct run *run, const struct snap_fw_expr *e)
{
	if (e->sreg == OPT_NONE && e->key == NFT_META_MARK && run->sets_mark) {
		read_mark(run, e, run->mark, run->mark_unknown);
	} else if (e->sreg == OPT_NONE) {
		read_value(run, e, meta_value);
	} else if (e->key == NFT_META_MARK) {
		run->sets_mark = true;
		run->mark_unknown = !load_u32(run, e->sreg, &run->mark);
	}
}

static void run_ct(struct run *run, const struct snap_fw_expr *e)
{
	if (e->sreg == OPT_NONE && e->key == NFT_CT_MARK && run->sets_ct_mark) {
		read_mark(run, e, run->ct_mark, run->ct_mark_unknown);
	} else if (e->sreg == OPT_NONE) {
		read_value(run, e, ct_value);
	} else if (e->key == NFT_CT_MARK) {
		run->sets_ct_mark = meta_is_tracked(run->w); /* there is nothing to mark else: nft_ct_set_eval */
		run->ct_mark_unknown = !load_u32(run, e->sreg, &run->ct_mark);
	}
}

/* Written over, a header is not what it was; to what is not followed. */
static unsigned int overwritten(const struct run *run, const struct snap_fw_expr *e)
{
	bool v6 = run->w->p->daddr.family == 6;
	bool known = e->offset >= 0 && e->offset <= UINT16_MAX && e->len >= 0 && e->len <= UINT16_MAX;
	int64_t src = v6 ? 8 : 12, dst = v6 ? 24 : 16, end = known ? e->offset + e->len : 0;
	unsigned int bits = 0;

	if (!known)
		return PACKET_SADDR | PACKET_DADDR | PACKET_SPORT | PACKET_DPORT;
	if (e->base == NFT_PAYLOAD_TRANSPORT_HEADER)
		return (e->offset < 2 ? PACKET_SPORT : 0u) | (e->offset < 4 && end > 2 ? PACKET_DPORT : 0u);
	if (e->base != NFT_PAYLOAD_NETWORK_HEADER)
		return 0;
	if (e->offset < dst && end > src)
		bits |= PACKET_SADDR;
	if (end > dst)
		bits |= PACKET_DADDR;
	return bits;
}

static void run_payload(struct run *run, const struct snap_fw_expr *e)
{
	bool ports = run->w->p->l4proto == IPPROTO_TCP || run->w->p->l4proto == IPPROTO_UDP;

	if (e->sreg == OPT_NONE)
		read_value(run, e, payload_value);
	else if (e->base != NFT_PAYLOAD_TRANSPORT_HEADER || ports)
		run->unknown |= overwritten(run, e);
}

static void run_fib(struct run *run, const struct snap_fw_expr *e)
{
	read_value(run, e, fib_value);
}

/* Chance, sockets, keys of IPsec: what the packet alone does not tell. */
static void run_unknown(struct run *run, const struct snap_fw_expr *e)
{
	const struct value x = value_unknown();

	if (e->dreg == OPT_NONE) {
		run_match(run, MAYBE, e->name);
		return;
	}
	regs_store(run, e->dreg, &x, 16);
	run->unread = e->name;
}

/* Of numbers by chance or hash it is known that they are small. */
static void run_number(struct run *run, const struct snap_fw_expr *e)
{
	struct value x = value_unknown();
	uint32_t most = e->count > 0 ? (uint32_t)(e->count - 1 + MAX(e->offset, 0)) : UINT32_MAX, known;

	for (int shift = 1; shift < 32; shift *= 2)
		most |= most >> shift;
	known = ~most;
	memcpy(x.k, &known, sizeof(known));
	run->modulus = e->count > 0 ? (uint32_t)e->count : 0;
	regs_store(run, e->dreg, &x, sizeof(known));
	run->unread = e->name;
}

/* Extension headers of IPv6, which a packet of ours does not have; options of IPv4 or TCP, which it may have. */
static void run_exthdr(struct run *run, const struct snap_fw_expr *e)
{
	enum { PRESENT = NFT_EXTHDR_F_PRESENT };
	const struct value none = value_of("", 1), unknown = value_unknown();

	if (e->sreg != OPT_NONE || e->dreg == OPT_NONE)
		return; /* written, or removed */
	if (e->op != NFT_EXTHDR_OP_IPV6 && e->op != OPT_NONE) {
		regs_store(run, e->dreg, &unknown, e->len > 0 ? (size_t)e->len : 1);
		run->unread = e->name;
	} else if (e->flags != OPT_NONE && e->flags & PRESENT) {
		regs_store(run, e->dreg, &none, 1);
	} else {
		run_match(run, NO, e->name);
	}
}

/* --- computing ------------------------------------------------------------------------------------------------------------------------------ */

static void shift_bits(struct value *x, size_t n, bool left, uint32_t by)
{
	uint32_t v, k;

	if (n != sizeof(v) || by > 31) { /* longer ones are rare */
		*x = value_unknown();
		return;
	}
	memcpy(&v, x->v, sizeof(v));
	memcpy(&k, x->k, sizeof(k));
	v = left ? v << by : v >> by;
	k = left ? k << by | ((1u << by) - 1) : k >> by | ~(UINT32_MAX >> by);
	memcpy(x->v, &v, sizeof(v));
	memcpy(x->k, &k, sizeof(k));
}

static void run_bitwise(struct run *run, const struct snap_fw_expr *e)
{
	size_t n = e->len > 0 && e->len <= VALUE_SIZE ? (size_t)e->len : 0;
	struct value x = regs_load(run, e->sreg, n);
	uint8_t mask[VALUE_SIZE] = { 0 }, xor[VALUE_SIZE] = { 0 };
	uint32_t by = 0;

	fw_bytes(e->data, mask, sizeof(mask));
	fw_bytes(e->data2, xor, sizeof(xor));
	if (e->op == NFT_BITWISE_LSHIFT || e->op == NFT_BITWISE_RSHIFT) {
		memcpy(&by, mask, sizeof(by));
		shift_bits(&x, n, e->op == NFT_BITWISE_LSHIFT, by);
	} else if (e->op == NFT_BITWISE_BOOL || e->op == OPT_NONE) {
		for (size_t i = 0; i < n; i++) {
			x.k[i] |= (uint8_t)~mask[i];
			x.v[i] = ((x.v[i] & mask[i]) ^ xor[i]) & x.k[i];
		}
	} else {
		x = value_unknown();
	}
	regs_store(run, e->dreg, &x, n);
}

/* To and from network order, which on this machine may be the same. Either way the bytes of each unit turn round, or none do. */
static void run_byteorder(struct run *run, const struct snap_fw_expr *e)
{
	size_t n = e->len > 0 && e->len <= VALUE_SIZE ? (size_t)e->len : 0,
	       unit = e->count > 0 && e->count <= 8 ? (size_t)e->count : 1;
	struct value from = regs_load(run, e->sreg, n), to = from;

	for (size_t i = 0; htons(1) != 1 && i + unit <= n; i += unit)
		for (size_t j = 0; j < unit; j++) {
			to.v[i + j] = from.v[i + unit - 1 - j];
			to.k[i + j] = from.k[i + unit - 1 - j];
		}
	regs_store(run, e->dreg, &to, n);
}

/* --- comparing ------------------------------------------------------------------------------------------------------------------------------ */

static enum tri compare(const struct value *x, int64_t op, const uint8_t *data, size_t n)
{
	switch (op) {
	case NFT_CMP_EQ:
		return value_equals(x, 0, data, n);
	case NFT_CMP_NEQ:
		return tri_not(value_equals(x, 0, data, n));
	case NFT_CMP_LT:
		return tri_not(value_within(x, 0, data, NULL, n));
	case NFT_CMP_LTE:
		return value_within(x, 0, NULL, data, n);
	case NFT_CMP_GT:
		return tri_not(value_within(x, 0, NULL, data, n));
	case NFT_CMP_GTE:
		return value_within(x, 0, data, NULL, n);
	default:
		return MAYBE;
	}
}

static void run_cmp(struct run *run, const struct snap_fw_expr *e)
{
	uint8_t data[VALUE_SIZE];
	size_t n = fw_bytes(e->data, data, sizeof(data));
	struct value x = regs_load(run, e->sreg, n);

	run_match(run, compare(&x, e->op, data, n), expr_doubt(run, e));
}

static void run_range(struct run *run, const struct snap_fw_expr *e)
{
	uint8_t low[VALUE_SIZE], high[VALUE_SIZE];
	size_t n = fw_bytes(e->data, low, sizeof(low));
	struct value x = regs_load(run, e->sreg, n);
	enum tri t = fw_bytes(e->data2, high, sizeof(high)) == n ? value_within(&x, 0, low, high, n) : MAYBE;

	run_match(run, e->op == NFT_RANGE_NEQ ? tri_not(t) : t, expr_doubt(run, e));
}

/* --- limits, and what has no say ------------------------------------------------------------------------------------------------------------------ */

void run_under_limit(struct run *run, const char *limit, bool over)
{
	run->assumed = limit;
	run_match(run, over ? NO : YES, limit);
}

static void run_limit(struct run *run, const struct snap_fw_expr *e)
{
	enum { OVER = 1 }; /* NFT_LIMIT_F_INV, NFT_QUOTA_F_INV, NFT_CONNLIMIT_F_INV */

	run_under_limit(run, e->name, e->flags != OPT_NONE && e->flags & OVER);
}

static void run_objref(struct run *run, const struct snap_fw_expr *e)
{
	if (e->sreg == OPT_NONE && e->type == NFT_OBJECT_SYNPROXY)
		verdict_synproxy(run, e);
	else if (e->sreg != OPT_NONE)
		run_match(run, MAYBE, e->name);
	else if (e->type == NFT_OBJECT_LIMIT || e->type == NFT_OBJECT_QUOTA || e->type == NFT_OBJECT_CONNLIMIT)
		run_match(run, MAYBE, e->name); /* under it or over it, the reference does not say */
}

/* There is room for what it adds. What it keeps for each element follows as an expression of its own, or is the set's. */
static void run_dynset(struct run *run, const struct snap_fw_expr *e)
{
	enum { INVERTED = NFT_DYNSET_F_INV };
	const struct snap_fw_set *set = ruleset_set(run->w->r, run->rule->family, run->rule->table, e->ref);

	if (e->flags != OPT_NONE && e->flags & INVERTED) /* as long as there is room, it ends the rule */
		run_match(run, NO, e->name);
	else if (set && set->limit)
		run_under_limit(run, set->limit, set->over);
}

static void run_notrack(struct run *run, const struct snap_fw_expr *e)
{
	(void)e;
	run->untracks = !meta_is_tracked(run->w);
}

static void run_nothing(struct run *run, const struct snap_fw_expr *e)
{
	(void)run;
	(void)e;
}

static const struct {
	const char *name;
	void (*run)(struct run *run, const struct snap_fw_expr *e);
} kinds[] = {
	{ "meta", run_meta },
	{ "cmp", run_cmp },
	{ "payload", run_payload },
	{ "immediate", verdict_immediate },
	{ "counter", run_nothing },
	{ "lookup", verdict_lookup },
	{ "match", xt_match },
	{ "target", xt_target },
	{ "ct", run_ct },
	{ "bitwise", run_bitwise },
	{ "range", run_range },
	{ "byteorder", run_byteorder },
	{ "nat", verdict_nat },
	{ "redir", verdict_redir },
	{ "masq", verdict_masq },
	{ "reject", verdict_reject },
	{ "log", run_nothing },
	{ "limit", run_limit },
	{ "quota", run_limit },
	{ "connlimit", run_limit },
	{ "fib", run_fib },
	{ "queue", verdict_queue },
	{ "notrack", run_notrack },
	{ "exthdr", run_exthdr },
	{ "objref", run_objref },
	{ "dynset", run_dynset },
	{ "hash", run_number },
	{ "numgen", run_number },
	{ "dup", run_nothing },
	{ "last", run_nothing },
	{ "flow_offload", run_nothing },
	{ "fwd", verdict_stolen },
	{ "synproxy", verdict_synproxy },
};

bool expr_is_known(const struct snap_fw_expr *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, e->name))
			return true;
	return false;
}

void expr_run(struct run *run, const struct snap_fw_expr *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, e->name)) {
			kinds[i].run(run, e);
			return;
		}
	run_unknown(run, e); /* rt, socket, osf, xfrm, tunnel, tproxy, and what is newer */
}
