// SPDX-License-Identifier: GPL-2.0-or-later
/* Expressions, one function each, as the kernel's own evaluate them (net/netfilter/nft_*.c). */
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>

#include "firewall/walk.h"

/* --- registers ------------------------------------------------------------------------------------------------------------------------------ */

/* NFT_REG_1 to 4 are of sixteen bytes, NFT_REG32_00 to 15 are the same in four (nft_parse_register). -1: no such. */
static int reg_at(int64_t reg)
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
static void store(struct run *run, int64_t reg, const struct value *x, size_t len)
{
	int at = reg_at(reg);
	size_t n = room_at(at, len), padded = room_at(at, (len + 3) & ~(size_t)3);

	if (at < 0)
		return;
	memcpy(run->regs.v + at, x->v, n);
	memcpy(run->regs.k + at, x->k, n);
	memset(run->regs.v + at + n, 0, padded - n);
	memset(run->regs.k + at + n, 0xff, padded - n);
}

static struct value load(const struct run *run, int64_t reg, size_t len)
{
	struct value x = value_unknown();
	int at = reg_at(reg);
	size_t n = room_at(at, len);

	if (n) {
		memcpy(x.v, run->regs.v + at, n);
		memcpy(x.k, run->regs.k + at, n);
	}
	return x;
}

static bool is_known(const struct value *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (x->k[i] != 0xff)
			return false;
	return true;
}

/* A number that the kernel keeps in its own order. */
static bool load_u32(const struct run *run, int64_t reg, uint32_t *out)
{
	struct value x = load(run, reg, sizeof(*out));

	memcpy(out, x.v, sizeof(*out));
	return is_known(&x, sizeof(*out));
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
static const char *doubt_of(const struct run *run, const struct snap_fw_expr *e)
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
	store(run, e->dreg, &x, len);
	if (!is_known(&x, len))
		run->unread = name_of(run, e);
}

static void run_meta(struct run *run, const struct snap_fw_expr *e)
{
	if (e->sreg == OPT_NONE) {
		read_value(run, e, meta_value);
	} else if (e->key == NFT_META_MARK) {
		run->sets_mark = true;
		run->mark_unknown = !load_u32(run, e->sreg, &run->mark);
	}
}

static void run_ct(struct run *run, const struct snap_fw_expr *e)
{
	if (e->sreg == OPT_NONE) {
		read_value(run, e, ct_value);
	} else if (e->key == NFT_CT_MARK) {
		run->sets_ct_mark = true;
		run->ct_mark_unknown = !load_u32(run, e->sreg, &run->ct_mark);
	}
}

/* Written over, a header is not what it was; to what is not followed. */
static unsigned int overwritten(const struct run *run, const struct snap_fw_expr *e)
{
	bool v6 = run->w->p->daddr.family == 6;
	int64_t src = v6 ? 8 : 12, dst = v6 ? 24 : 16, end = e->offset + e->len;
	unsigned int bits = 0;

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
	store(run, e->dreg, &x, 16);
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
	store(run, e->dreg, &x, sizeof(known));
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
		store(run, e->dreg, &unknown, e->len > 0 ? (size_t)e->len : 1);
		run->unread = e->name;
	} else if (e->flags != OPT_NONE && e->flags & PRESENT) {
		store(run, e->dreg, &none, 1);
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
	struct value x = load(run, e->sreg, n);
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
	store(run, e->dreg, &x, n);
}

/* To and from network order, which on this machine may be the same. Either way the bytes of each unit turn round, or none do. */
static void run_byteorder(struct run *run, const struct snap_fw_expr *e)
{
	size_t n = e->len > 0 && e->len <= VALUE_SIZE ? (size_t)e->len : 0, unit = e->count > 0 && e->count <= 8 ? (size_t)e->count : 1;
	struct value from = load(run, e->sreg, n), to = from;

	for (size_t i = 0; htons(1) != 1 && i + unit <= n; i += unit)
		for (size_t j = 0; j < unit; j++) {
			to.v[i + j] = from.v[i + unit - 1 - j];
			to.k[i + j] = from.k[i + unit - 1 - j];
		}
	store(run, e->dreg, &to, n);
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
	struct value x = load(run, e->sreg, n);

	run_match(run, compare(&x, e->op, data, n), doubt_of(run, e));
}

static void run_range(struct run *run, const struct snap_fw_expr *e)
{
	uint8_t low[VALUE_SIZE], high[VALUE_SIZE];
	size_t n = fw_bytes(e->data, low, sizeof(low));
	struct value x = load(run, e->sreg, n);
	enum tri t = fw_bytes(e->data2, high, sizeof(high)) == n ? value_within(&x, 0, low, high, n) : MAYBE;

	run_match(run, e->op == NFT_RANGE_NEQ ? tri_not(t) : t, doubt_of(run, e));
}

/* --- verdicts -------------------------------------------------------------------------------------------------------------------------------- */

void run_verdict(struct run *run, enum fw_verdict verdict, enum fw_reject reject)
{
	run->act = ACT_VERDICT;
	run->verdict = (uint8_t)verdict;
	run->reject = (uint8_t)reject;
}

/* The words of struct snap_fw_expr. */
static void act_on(struct run *run, const char *verdict, const char *chain)
{
	static const struct {
		const char *word;
		enum act act;
		enum fw_verdict verdict;
	} words[] = {
		{ "accept", ACT_VERDICT, FW_ACCEPT }, { "drop", ACT_VERDICT, FW_DROP }, { "queue", ACT_VERDICT, FW_QUEUE },
		{ "jump", ACT_JUMP, 0 },	      { "goto", ACT_GOTO, 0 },		{ "return", ACT_RETURN, 0 },
	};

	if (!strcmp(verdict, "break"))
		run_match(run, NO, verdict);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i].word, verdict)) {
			run->act = (uint8_t)words[i].act;
			run->verdict = (uint8_t)words[i].verdict;
			run->to = ruleset_chain(run->w->r, run->rule->family, run->rule->table, chain);
		}
}

static void run_immediate(struct run *run, const struct snap_fw_expr *e)
{
	struct value x = value_unknown();

	if (e->verdict) {
		act_on(run, e->verdict, e->ref);
	} else if (e->dreg != NFT_REG_VERDICT) {
		size_t n = fw_bytes(e->data, x.v, sizeof(x.v));

		memset(x.k, 0xff, n);
		store(run, e->dreg, &x, n);
	} else {
		run_match(run, MAYBE, "a verdict that is not known");
	}
}

/* What a map has for the key goes into a register; where that may be several, the register is unknown. */
static void take_data(struct run *run, const struct snap_fw_expr *e, const struct snap_fw_set *set, const struct set_hits *hits)
{
	struct value x = value_unknown();
	size_t n;

	if (hits->n == 1 && hits->found == YES) {
		n = fw_bytes(hits->elems[0]->data, x.v, sizeof(x.v));
		memset(x.k, 0xff, n);
		store(run, e->dreg, &x, n);
	} else {
		store(run, e->dreg, &x, set->data_len);
	}
}

static void run_lookup(struct run *run, const struct snap_fw_expr *e)
{
	enum { INVERTED = NFT_LOOKUP_F_INV };
	const struct snap_fw_set *set = ruleset_set(run->w->r, run->rule->family, run->rule->table, e->ref);
	struct set_hits hits;
	int at = reg_at(e->sreg);

	if (!set || at < 0) {
		run_match(run, MAYBE, e->name);
		return;
	}
	sets_lookup(run->w->r, set, &run->regs, (size_t)at, &hits);
	if (hits.found == MAYBE && run->modulus && hits.n == run->modulus && set->key_len == sizeof(run->modulus))
		hits.found = YES; /* there is an element for every number that chance may give */
	run_match(run, e->flags != OPT_NONE && e->flags & INVERTED ? tri_not(hits.found) : hits.found, doubt_of(run, e));
	if (e->dreg == OPT_NONE || hits.found == NO)
		return;
	if (e->dreg != NFT_REG_VERDICT)
		take_data(run, e, set, &hits);
	else if (hits.n == 1 && hits.elems[0]->verdict)
		act_on(run, hits.elems[0]->verdict, hits.elems[0]->ref);
	else
		run->verdicts = hits;
}

static enum fw_reject icmp_word(uint8_t code)
{
	switch (code) { /* linux/icmp.h */
	case 0:
		return FW_NET_UNREACH;
	case 1:
		return FW_HOST_UNREACH;
	case 2:
		return FW_PROTO_UNREACH;
	case 3:
		return FW_PORT_UNREACH;
	case 9:
		return FW_NET_PROHIBITED;
	case 10:
		return FW_HOST_PROHIBITED;
	case 13:
		return FW_ADMIN_PROHIBITED;
	default:
		return FW_REJECT_OTHER;
	}
}

static enum fw_reject icmp6_word(uint8_t code)
{
	static const uint8_t words[] = { FW_NO_ROUTE, FW_ADMIN_PROHIBITED, FW_REJECT_OTHER, FW_ADDR_UNREACH, FW_PORT_UNREACH, FW_POLICY_FAIL,
					 FW_REJECT_ROUTE }; /* linux/icmpv6.h */

	return code < ARRAY_SIZE(words) ? words[code] : FW_REJECT_OTHER;
}

static void run_reject(struct run *run, const struct snap_fw_expr *e)
{
	static const uint8_t icmpx[] = { FW_NO_ROUTE, FW_PORT_UNREACH, FW_HOST_UNREACH, FW_ADMIN_PROHIBITED }; /* NFT_REJECT_ICMPX_* */
	uint8_t code = e->code > 0 ? (uint8_t)e->code : 0;
	enum fw_reject why = FW_REJECT_OTHER;

	if (e->type == NFT_REJECT_TCP_RST)
		why = FW_TCP_RESET;
	else if (e->type == NFT_REJECT_ICMPX_UNREACH && code < ARRAY_SIZE(icmpx))
		why = icmpx[code];
	else if (e->type == NFT_REJECT_ICMP_UNREACH)
		why = run->w->p->daddr.family == 6 ? icmp6_word(code) : icmp_word(code);
	run_verdict(run, FW_REJECT, why);
}

static void run_queue(struct run *run, const struct snap_fw_expr *e)
{
	(void)e;
	run_verdict(run, FW_QUEUE, FW_REJECT_NONE);
}

static void run_stolen(struct run *run, const struct snap_fw_expr *e)
{
	(void)e;
	run_verdict(run, FW_STOLEN, FW_REJECT_NONE);
}

/* --- translations ------------------------------------------------------------------------------------------------------------------------------ */

/* An address register; out without a family where there is none or it is unknown. */
static void load_address(const struct run *run, int64_t reg, struct ipaddr *out, bool *unknown)
{
	struct ipaddr a = { .family = run->w->p->daddr.family };
	struct value x = load(run, reg, ipaddr_size(&a));

	*out = (struct ipaddr){ 0 };
	if (reg == OPT_NONE)
		return;
	if (!is_known(&x, ipaddr_size(&a))) {
		*unknown = true;
		return;
	}
	memcpy(a.bytes, x.v, ipaddr_size(&a));
	*out = a;
}

static uint32_t load_port(const struct run *run, int64_t reg, bool *unknown)
{
	struct value x = load(run, reg, 2);

	if (reg == OPT_NONE)
		return 0;
	*unknown = *unknown || !is_known(&x, 2);
	return (uint32_t)x.v[0] << 8 | x.v[1];
}

static void translate(struct run *run, const struct snap_fw_expr *e, enum fw_nat_kind kind)
{
	bool no_addr = false, no_port = false;
	struct ipaddr low, high;
	uint32_t low_port = load_port(run, e->port_reg, &no_port), high_port = load_port(run, e->port_reg_max, &no_port);

	load_address(run, e->addr_reg, &low, &no_addr);
	load_address(run, e->addr_reg_max, &high, &no_addr);
	nat_act(run, kind, &low, &high, low_port, high_port);
	run->nat.addr_unknown = run->nat.addr_unknown || no_addr;
	run->nat.port_unknown = run->nat.port_unknown || no_port;
}

static void run_nat(struct run *run, const struct snap_fw_expr *e)
{
	enum { NETMAP = 1 << 6 }; /* NF_NAT_RANGE_NETMAP (linux/netfilter/nf_nat.h) */
	bool v6 = run->w->p->daddr.family == 6;

	if (e->family == (v6 ? NFPROTO_IPV4 : NFPROTO_IPV6))
		return; /* of an inet table, for the other family: nft_nat_inet_eval */
	translate(run, e, e->type == NFT_NAT_SNAT ? FW_SNAT : FW_DNAT);
	if (e->flags != OPT_NONE && e->flags & NETMAP)
		run->nat.addr_unknown = true;
}

static void run_redir(struct run *run, const struct snap_fw_expr *e)
{
	translate(run, e, FW_REDIRECT);
}

static void run_masq(struct run *run, const struct snap_fw_expr *e)
{
	translate(run, e, FW_MASQUERADE);
}

/* --- limits, and what has no say ------------------------------------------------------------------------------------------------------------------ */

/* They are taken for not reached: what is under them matches, what is over them does not. */
static void run_limit(struct run *run, const struct snap_fw_expr *e)
{
	enum { OVER = 1 }; /* NFT_LIMIT_F_INV, NFT_QUOTA_F_INV, NFT_CONNLIMIT_F_INV */

	run->assumed = e->name;
	run_match(run, e->flags != OPT_NONE && e->flags & OVER ? NO : YES, e->name);
}

static void run_objref(struct run *run, const struct snap_fw_expr *e)
{
	if (e->sreg != OPT_NONE || e->type == NFT_OBJECT_SYNPROXY)
		run_match(run, MAYBE, e->name);
	else if (e->type == NFT_OBJECT_LIMIT || e->type == NFT_OBJECT_QUOTA || e->type == NFT_OBJECT_CONNLIMIT)
		run_match(run, MAYBE, e->name); /* under it or over it, the reference does not say */
}

static void run_dynset(struct run *run, const struct snap_fw_expr *e)
{
	enum { WITH_EXPR = 1 << 1 }; /* NFT_DYNSET_F_EXPR: a limit for each element, for instance */

	if (e->flags != OPT_NONE && e->flags & WITH_EXPR)
		run_match(run, MAYBE, e->name);
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
	{ "meta", run_meta },	      { "cmp", run_cmp },	  { "payload", run_payload }, { "immediate", run_immediate },
	{ "counter", run_nothing },   { "lookup", run_lookup },	  { "match", xt_match },      { "target", xt_target },
	{ "ct", run_ct },	      { "bitwise", run_bitwise }, { "range", run_range },     { "byteorder", run_byteorder },
	{ "nat", run_nat },	      { "redir", run_redir },	  { "masq", run_masq },	      { "reject", run_reject },
	{ "log", run_nothing },	      { "limit", run_limit },	  { "quota", run_limit },     { "connlimit", run_limit },
	{ "fib", run_fib },	      { "queue", run_queue },	  { "notrack", run_notrack }, { "exthdr", run_exthdr },
	{ "objref", run_objref },     { "dynset", run_dynset },	  { "hash", run_number },     { "numgen", run_number },
	{ "dup", run_nothing },	      { "last", run_nothing },	  { "flow_offload", run_nothing },
	{ "fwd", run_stolen },	      { "synproxy", run_stolen },
};

void expr_run(struct run *run, const struct snap_fw_expr *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, e->name)) {
			kinds[i].run(run, e);
			return;
		}
	run_unknown(run, e); /* rt, socket, osf, xfrm, tunnel, tproxy, and what is newer */
}
