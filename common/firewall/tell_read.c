// SPDX-License-Identifier: GPL-2.0-or-later
/* Expressions that read headers, devices and connections, and what is computed of that, in words. */
#include <linux/netfilter/nf_tables.h>

#include "firewall/telling.h"

struct holds *tell_reg(struct telling *t, int64_t reg)
{
	static struct holds nothing;

	if (reg >= NFT_REG_1 && reg <= NFT_REG_4)
		return &t->regs[(reg - NFT_REG_1) * 4];
	if (reg >= NFT_REG32_00 && reg < NFT_REG32_00 + N_REGS)
		return &t->regs[reg - NFT_REG32_00];
	nothing = (struct holds){ 0 };
	return &nothing;
}

void tell_flush(struct telling *t)
{
	if (t->pending)
		fprintf(t->f, " %s", t->pending);
	t->pending = NULL;
}

void tell_say(struct telling *t, const char *word)
{
	tell_flush(t);
	fprintf(t->f, " %s", word);
}

void tell_hold(struct telling *t, int64_t reg, const char *what, enum text_kind kind, size_t len)
{
	*tell_reg(t, reg) = (struct holds){ .what = what, .kind = kind, .len = len };
}

/* A key that is read into a register, or set to what is in one. */
static void tell_key(struct telling *t, const struct snap_fw_expr *e, const char *what, enum text_kind kind)
{
	if (e->sreg == OPT_NONE) {
		tell_hold(t, e->dreg, what, kind, 4);
		return;
	}
	tell_flush(t);
	fprintf(t->f, " %s set ", what);
	text_value(t->f, kind, tell_reg(t, e->sreg)->bytes);
}

void tell_meta(struct telling *t, const struct snap_fw_expr *e)
{
	static const struct {
		int64_t key;
		const char *what;
		enum text_kind kind;
	} keys[] = {
		{ NFT_META_L4PROTO, "meta l4proto", TEXT_PROTO },
		{ NFT_META_NFPROTO, "meta nfproto", TEXT_FAMILY },
		{ NFT_META_PROTOCOL, "meta protocol", TEXT_ETHER },
		{ NFT_META_MARK, "meta mark", TEXT_MARK },
		{ NFT_META_IIF, "iif", TEXT_HOST },
		{ NFT_META_OIF, "oif", TEXT_HOST },
		{ NFT_META_IIFNAME, "iifname", TEXT_NAME },
		{ NFT_META_OIFNAME, "oifname", TEXT_NAME },
		{ NFT_META_SKUID, "meta skuid", TEXT_HOST },
		{ NFT_META_SKGID, "meta skgid", TEXT_HOST },
		{ NFT_META_PKTTYPE, "meta pkttype", TEXT_PKTTYPE },
		{ NFT_META_IIFGROUP, "iifgroup", TEXT_HOST },
		{ NFT_META_OIFGROUP, "oifgroup", TEXT_HOST },
		{ NFT_META_IIFTYPE, "iiftype", TEXT_HOST },
		{ NFT_META_OIFTYPE, "oiftype", TEXT_HOST },
		{ NFT_META_IIFKIND, "iifkind", TEXT_NAME },
		{ NFT_META_OIFKIND, "oifkind", TEXT_NAME },
	};
	const char *what = arena_printf(t->arena, "meta key %lld", (long long)e->key);
	enum text_kind kind = TEXT_HEX;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].key == e->key) {
			what = keys[i].what;
			kind = keys[i].kind;
		}
	tell_key(t, e, what, kind);
}

void tell_ct(struct telling *t, const struct snap_fw_expr *e)
{
	static const struct {
		int64_t key;
		const char *what;
		enum text_kind kind;
	} keys[] = {
		{ NFT_CT_STATE, "state", TEXT_CT_STATE },
		{ NFT_CT_DIRECTION, "direction", TEXT_DIRECTION },
		{ NFT_CT_STATUS, "status", TEXT_CT_STATUS },
		{ NFT_CT_MARK, "mark", TEXT_MARK },
		{ NFT_CT_PROTOCOL, "protocol", TEXT_PROTO },
		{ NFT_CT_PROTO_SRC, "proto-src", TEXT_NUMBER },
		{ NFT_CT_PROTO_DST, "proto-dst", TEXT_NUMBER },
		{ NFT_CT_SRC_IP, "ip saddr", TEXT_ADDR },
		{ NFT_CT_DST_IP, "ip daddr", TEXT_ADDR },
		{ NFT_CT_SRC_IP6, "ip6 saddr", TEXT_ADDR },
		{ NFT_CT_DST_IP6, "ip6 daddr", TEXT_ADDR },
		{ NFT_CT_SRC, "saddr", TEXT_ADDR },
		{ NFT_CT_DST, "daddr", TEXT_ADDR },
		{ NFT_CT_ZONE, "zone", TEXT_HOST },
	};
	const char *dir = e->dir == 0 ? "original " : e->dir == 1 ? "reply " : "";
	const char *what = arena_printf(t->arena, "ct %skey %lld", dir, (long long)e->key);
	enum text_kind kind = TEXT_HEX;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].key == e->key) {
			what = arena_printf(t->arena, "ct %s%s", dir, keys[i].what);
			kind = keys[i].kind;
		}
	tell_key(t, e, what, kind);
}

/* The fields of headers that rules are about; an address may be cut to the bytes of its prefix. */
static const char *field_name(struct telling *t, const struct snap_fw_expr *e, enum text_kind *kind)
{
	bool v6 = t->rule->family == FW_IP6 || (t->pending && strstr(t->pending, "ipv6"));

	*kind = TEXT_ADDR;
	if (e->base == NFT_PAYLOAD_NETWORK_HEADER && !v6 && e->len <= 4 && (e->offset == 12 || e->offset == 16))
		return e->offset == 12 ? "ip saddr" : "ip daddr";
	if (e->base == NFT_PAYLOAD_NETWORK_HEADER && e->len > 4 && (e->offset == 8 || e->offset == 24))
		return e->offset == 8 ? "ip6 saddr" : "ip6 daddr";
	if (e->base == NFT_PAYLOAD_NETWORK_HEADER && v6 && (e->offset == 8 || e->offset == 24))
		return e->offset == 8 ? "ip6 saddr" : "ip6 daddr";
	*kind = TEXT_PROTO;
	if (e->base == NFT_PAYLOAD_NETWORK_HEADER && e->len == 1 && e->offset == (v6 ? 6 : 9))
		return v6 ? "ip6 nexthdr" : "ip protocol";
	*kind = TEXT_NUMBER;
	if (e->base == NFT_PAYLOAD_TRANSPORT_HEADER && e->len == 2 && (e->offset == 0 || e->offset == 2))
		return arena_printf(t->arena, "%s %s", t->proto ? t->proto : "th", e->offset ? "dport" : "sport");
	if (e->base == NFT_PAYLOAD_TRANSPORT_HEADER && e->len == 1 && e->offset == 0)
		return arena_printf(t->arena, "%s type", t->proto ? t->proto : "icmp");
	*kind = TEXT_HEX;
	if (e->base == NFT_PAYLOAD_TRANSPORT_HEADER && e->len == 1 && e->offset == 13)
		return "tcp flags";
	return NULL;
}

/* Of bytes; -1: unknown, or beyond any packet. */
static long long bits_of(int64_t bytes)
{
	return bytes >= 0 && bytes <= UINT16_MAX ? (long long)bytes * 8 : -1;
}

void tell_payload(struct telling *t, const struct snap_fw_expr *e)
{
	static const char *const bases[] = { "ll", "nh", "th", "ih" };
	enum text_kind kind;
	const char *what = field_name(t, e, &kind);

	if (!what)
		what = arena_printf(t->arena, "@%s,%lld,%lld", e->base >= 0 && e->base < 4 ? bases[e->base] : "?",
				    bits_of(e->offset), bits_of(e->len));
	else if (e->base == NFT_PAYLOAD_TRANSPORT_HEADER ? t->proto != NULL : t->rule->family != FW_IP || kind == TEXT_ADDR)
		t->pending = NULL; /* said by it */
	if (e->sreg == OPT_NONE) {
		tell_hold(t, e->dreg, what, kind, e->len > 0 ? (size_t)e->len : 0);
	} else {
		tell_flush(t);
		fprintf(t->f, " %s set", what);
	}
}

void tell_fib(struct telling *t, const struct snap_fw_expr *e)
{
	static const char *const results[] = { "", "oif", "oifname", "type" };
	static const char *const inputs[] = { "saddr", "daddr", "mark", "iif", "oif" };
	const char *what = "fib ";

	for (size_t i = 0; i < ARRAY_SIZE(inputs); i++)
		if (e->flags > 0 && e->flags & 1ll << i)
			what = arena_printf(t->arena, "%s%s%s", what, strcmp(what, "fib ") ? " . " : "", inputs[i]);
	what = arena_printf(t->arena, "%s %s", what, e->key > 0 && e->key < (int64_t)ARRAY_SIZE(results) ? results[e->key] : "?");
	tell_hold(t, e->dreg, what,
		  e->key == NFT_FIB_RESULT_ADDRTYPE ? TEXT_ADDRTYPE
		  : e->key == NFT_FIB_RESULT_OIF    ? TEXT_HOST
						    : TEXT_NAME,
		  4);
}

void tell_immediate(struct telling *t, const struct snap_fw_expr *e)
{
	if (!e->verdict) {
		*tell_reg(t, e->dreg) = (struct holds){ .bytes = e->data };
		return;
	}
	tell_say(t, e->verdict);
	if (e->ref)
		fprintf(t->f, " %s", e->ref);
}

void tell_bitwise(struct telling *t, const struct snap_fw_expr *e)
{
	struct holds h = *tell_reg(t, e->sreg);

	if (e->op == NFT_BITWISE_LSHIFT || e->op == NFT_BITWISE_RSHIFT)
		h.what = arena_printf(t->arena, "%s %s", h.what ? h.what : "?", e->op == NFT_BITWISE_LSHIFT ? "<<" : ">>");
	else
		h.mask = e->data;
	*tell_reg(t, e->dreg) = h;
}

void tell_byteorder(struct telling *t, const struct snap_fw_expr *e)
{
	struct holds h = *tell_reg(t, e->sreg);

	if (h.kind == TEXT_HOST || h.kind == TEXT_MARK)
		h.kind = TEXT_NUMBER;
	*tell_reg(t, e->dreg) = h;
}
