// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From expressions back to words: registers remember what was read into them, and the comparison that uses them says it. Which protocol a
 * rule is for (meta l4proto, nfproto) goes without saying where a header of it follows, as nft has it.
 */
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>
#include <stdio.h>

#include "firewall/rule_text.h"
#include "firewall/text.h"

enum { N_REGS = 20, MAX_SHOWN = 8 };

/* What a register holds. */
struct holds {
	const char *what;     /* "tcp dport"; NULL: nothing that was seen */
	enum text_kind kind;
	size_t len;           /* bytes, as they were read */
	const char *bytes;    /* a constant, hex */
	const char *mask;     /* hex, of a bitwise and */
};

struct telling {
	const struct ruleset *r;
	const struct snap_fw_rule *rule;
	struct arena *arena;
	FILE *f;
	struct holds regs[N_REGS];
	const char *pending; /* a protocol that need not be said if its header comes next */
	const char *proto;   /* "tcp", of the last one that was compared */
};

/* Registers in words of four bytes: 1 to 4 are 0, 4, 8, 12, and 8 to 23 are 0 to 15. */
static struct holds *reg_of(struct telling *t, int64_t reg)
{
	static struct holds nothing;

	if (reg >= NFT_REG_1 && reg <= NFT_REG_4)
		return &t->regs[(reg - NFT_REG_1) * 4];
	if (reg >= NFT_REG32_00 && reg < NFT_REG32_00 + N_REGS)
		return &t->regs[reg - NFT_REG32_00];
	nothing = (struct holds){ 0 };
	return &nothing;
}

static void flush(struct telling *t)
{
	if (t->pending)
		fprintf(t->f, " %s", t->pending);
	t->pending = NULL;
}

static void say(struct telling *t, const char *word)
{
	flush(t);
	fprintf(t->f, " %s", word);
}

static void hold(struct telling *t, int64_t reg, const char *what, enum text_kind kind, size_t len)
{
	*reg_of(t, reg) = (struct holds){ .what = what, .kind = kind, .len = len };
}

/* --- readers ---------------------------------------------------------------------------------------------------------------------------------- */

static void tell_meta(struct telling *t, const struct snap_fw_expr *e)
{
	static const struct {
		int64_t key;
		const char *what;
		enum text_kind kind;
	} keys[] = {
		{ NFT_META_L4PROTO, "meta l4proto", TEXT_PROTO }, { NFT_META_NFPROTO, "meta nfproto", TEXT_FAMILY },
		{ NFT_META_PROTOCOL, "meta protocol", TEXT_ETHER }, { NFT_META_MARK, "meta mark", TEXT_MARK },
		{ NFT_META_IIF, "iif", TEXT_HOST },		  { NFT_META_OIF, "oif", TEXT_HOST },
		{ NFT_META_IIFNAME, "iifname", TEXT_NAME },	  { NFT_META_OIFNAME, "oifname", TEXT_NAME },
		{ NFT_META_SKUID, "meta skuid", TEXT_HOST },	  { NFT_META_SKGID, "meta skgid", TEXT_HOST },
		{ NFT_META_PKTTYPE, "meta pkttype", TEXT_PKTTYPE }, { NFT_META_IIFGROUP, "iifgroup", TEXT_HOST },
		{ NFT_META_OIFGROUP, "oifgroup", TEXT_HOST },	  { NFT_META_IIFTYPE, "iiftype", TEXT_HOST },
		{ NFT_META_OIFTYPE, "oiftype", TEXT_HOST },	  { NFT_META_IIFKIND, "iifkind", TEXT_NAME },
		{ NFT_META_OIFKIND, "oifkind", TEXT_NAME },
	};
	const char *what = arena_printf(t->arena, "meta key %lld", (long long)e->key);
	enum text_kind kind = TEXT_HEX;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].key == e->key) {
			what = keys[i].what;
			kind = keys[i].kind;
		}
	if (e->sreg == OPT_NONE) {
		hold(t, e->dreg, what, kind, 4);
		return;
	}
	flush(t);
	fprintf(t->f, " %s set ", what);
	text_value(t->f, kind, reg_of(t, e->sreg)->bytes);
}

static void tell_ct(struct telling *t, const struct snap_fw_expr *e)
{
	static const struct {
		int64_t key;
		const char *what;
		enum text_kind kind;
	} keys[] = {
		{ NFT_CT_STATE, "state", TEXT_CT_STATE },   { NFT_CT_DIRECTION, "direction", TEXT_DIRECTION }, { NFT_CT_STATUS, "status", TEXT_CT_STATUS },
		{ NFT_CT_MARK, "mark", TEXT_MARK },	    { NFT_CT_PROTOCOL, "protocol", TEXT_PROTO },       { NFT_CT_PROTO_SRC, "proto-src", TEXT_NUMBER },
		{ NFT_CT_PROTO_DST, "proto-dst", TEXT_NUMBER }, { NFT_CT_SRC_IP, "ip saddr", TEXT_ADDR },      { NFT_CT_DST_IP, "ip daddr", TEXT_ADDR },
		{ NFT_CT_SRC_IP6, "ip6 saddr", TEXT_ADDR },  { NFT_CT_DST_IP6, "ip6 daddr", TEXT_ADDR },       { NFT_CT_SRC, "saddr", TEXT_ADDR },
		{ NFT_CT_DST, "daddr", TEXT_ADDR },	    { NFT_CT_ZONE, "zone", TEXT_HOST },
	};
	const char *dir = e->dir == 0 ? "original " : e->dir == 1 ? "reply " : "";
	const char *what = arena_printf(t->arena, "ct %skey %lld", dir, (long long)e->key);
	enum text_kind kind = TEXT_HEX;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].key == e->key) {
			what = arena_printf(t->arena, "ct %s%s", dir, keys[i].what);
			kind = keys[i].kind;
		}
	if (e->sreg == OPT_NONE) {
		hold(t, e->dreg, what, kind, 4);
		return;
	}
	flush(t);
	fprintf(t->f, " %s set ", what);
	text_value(t->f, kind, reg_of(t, e->sreg)->bytes);
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

static void tell_payload(struct telling *t, const struct snap_fw_expr *e)
{
	static const char *const bases[] = { "ll", "nh", "th", "ih" };
	enum text_kind kind;
	const char *what = field_name(t, e, &kind);

	if (!what)
		what = arena_printf(t->arena, "@%s,%lld,%lld", e->base >= 0 && e->base < 4 ? bases[e->base] : "?", bits_of(e->offset),
				    bits_of(e->len));
	else if (e->base == NFT_PAYLOAD_TRANSPORT_HEADER ? t->proto != NULL : t->rule->family != FW_IP || kind == TEXT_ADDR)
		t->pending = NULL; /* said by it */
	if (e->sreg == OPT_NONE) {
		hold(t, e->dreg, what, kind, e->len > 0 ? (size_t)e->len : 0);
	} else {
		flush(t);
		fprintf(t->f, " %s set", what);
	}
}

static void tell_fib(struct telling *t, const struct snap_fw_expr *e)
{
	static const char *const results[] = { "", "oif", "oifname", "type" };
	static const char *const inputs[] = { "saddr", "daddr", "mark", "iif", "oif" };
	const char *what = "fib ";

	for (size_t i = 0; i < ARRAY_SIZE(inputs); i++)
		if (e->flags > 0 && e->flags & 1ll << i)
			what = arena_printf(t->arena, "%s%s%s", what, strcmp(what, "fib ") ? " . " : "", inputs[i]);
	what = arena_printf(t->arena, "%s %s", what, e->key > 0 && e->key < (int64_t)ARRAY_SIZE(results) ? results[e->key] : "?");
	hold(t, e->dreg, what, e->key == NFT_FIB_RESULT_ADDRTYPE ? TEXT_ADDRTYPE : e->key == NFT_FIB_RESULT_OIF ? TEXT_HOST : TEXT_NAME, 4);
}

static void tell_immediate(struct telling *t, const struct snap_fw_expr *e)
{
	if (!e->verdict) {
		*reg_of(t, e->dreg) = (struct holds){ .bytes = e->data };
		return;
	}
	say(t, e->verdict);
	if (e->ref)
		fprintf(t->f, " %s", e->ref);
}

static void tell_bitwise(struct telling *t, const struct snap_fw_expr *e)
{
	struct holds h = *reg_of(t, e->sreg);

	if (e->op == NFT_BITWISE_LSHIFT || e->op == NFT_BITWISE_RSHIFT)
		h.what = arena_printf(t->arena, "%s %s", h.what ? h.what : "?", e->op == NFT_BITWISE_LSHIFT ? "<<" : ">>");
	else
		h.mask = e->data;
	*reg_of(t, e->dreg) = h;
}

static void tell_byteorder(struct telling *t, const struct snap_fw_expr *e)
{
	struct holds h = *reg_of(t, e->sreg);

	if (h.kind == TEXT_HOST || h.kind == TEXT_MARK)
		h.kind = TEXT_NUMBER;
	*reg_of(t, e->dreg) = h;
}

/* --- comparisons -------------------------------------------------------------------------------------------------------------------------------- */

static bool is_zero(const char *hex)
{
	return hex && hex[strspn(hex, "0")] == '\0';
}

/* "ct state established,related" is a mask that leaves something over; an address under a mask is a prefix. */
static void tell_masked(struct telling *t, const struct holds *h, const struct snap_fw_expr *e)
{
	const char *op = e->op == NFT_CMP_NEQ ? "!= " : "";

	if ((h->kind == TEXT_CT_STATE || h->kind == TEXT_CT_STATUS) && is_zero(e->data)) {
		fprintf(t->f, " %s %s", h->what, e->op == NFT_CMP_EQ ? "! " : "");
		text_value(t->f, h->kind, h->mask);
	} else if (h->kind == TEXT_ADDR) {
		fprintf(t->f, " %s %s", h->what, op);
		text_value(t->f, TEXT_ADDR, e->data);
		fprintf(t->f, "/%u", text_prefix_len(h->mask));
	} else {
		fprintf(t->f, " %s & ", h->what);
		text_value(t->f, h->kind == TEXT_MARK ? TEXT_MARK : TEXT_HEX, h->mask);
		fprintf(t->f, " %s ", e->op == NFT_CMP_NEQ ? "!=" : "==");
		text_value(t->f, h->kind == TEXT_MARK ? TEXT_MARK : TEXT_HEX, e->data);
	}
}

static void tell_cmp(struct telling *t, const struct snap_fw_expr *e)
{
	static const char *const ops[] = { "", "!= ", "< ", "<= ", "> ", ">= " };
	const struct holds *h = reg_of(t, e->sreg);
	const char *op = e->op >= 0 && e->op < (int64_t)ARRAY_SIZE(ops) ? ops[e->op] : "? ", *value;

	if (h->mask && h->what) {
		flush(t);
		tell_masked(t, h, e);
		return;
	}
	value = text_of_value(t->arena, h->kind, e->data);
	if (e->op == NFT_CMP_EQ && (h->kind == TEXT_PROTO || h->kind == TEXT_FAMILY)) {
		flush(t);
		t->pending = arena_printf(t->arena, "%s %s", h->what ? h->what : "?", value);
		if (h->kind == TEXT_PROTO)
			t->proto = value;
		return;
	}
	flush(t);
	fprintf(t->f, " %s %s%s", h->what ? h->what : "?", op, value);
}

static void tell_range(struct telling *t, const struct snap_fw_expr *e)
{
	const struct holds *h = reg_of(t, e->sreg);

	flush(t);
	fprintf(t->f, " %s %s", h->what ? h->what : "?", e->op == NFT_RANGE_NEQ ? "!= " : "");
	text_value(t->f, h->kind, e->data);
	fputc('-', t->f);
	text_value(t->f, h->kind, e->data2);
}

/* --- sets ------------------------------------------------------------------------------------------------------------------------------------------ */

/* The parts of a key that begins in a register: "ip saddr . tcp dport". */
static const char *key_text(struct telling *t, const struct snap_fw_expr *e, const struct snap_fw_set *set)
{
	struct holds *h = reg_of(t, e->sreg), *end = t->regs + N_REGS;
	const char *text = h->what ? h->what : "?";
	size_t len = (h->len + 3) & ~(size_t)3;

	while (set && len && len < set->key_len && h + len / 4 < end && h + len / 4 >= t->regs) {
		struct holds *next = h + len / 4;

		if (!next->what || !next->len)
			break;
		text = arena_printf(t->arena, "%s . %s", text, next->what);
		len += (next->len + 3) & ~(size_t)3;
	}
	return text;
}

/* One element; of a concatenation each part by the kind of what is compared with it. */
static void tell_key(struct telling *t, const struct snap_fw_set *set, int64_t sreg, const char *hex)
{
	const struct holds *h = reg_of(t, sreg);
	size_t at = 0, left = strlen(hex) / 2;

	if (!set->n_fields) {
		text_value(t->f, h->kind, hex);
		return;
	}
	for (uint32_t i = 0; i < set->n_fields && set->fields[i] <= left; i++) {
		const struct holds *part = h + at / 4 < t->regs + N_REGS ? h + at / 4 : h;
		size_t padded = (set->fields[i] + 3u) & ~3u;

		fputs(i ? " . " : "", t->f);
		text_value(t->f, part->kind, arena_strndup(t->arena, hex + 2 * at, 2u * set->fields[i]));
		at += padded;
		left -= MIN(left, padded);
	}
}

static void tell_elem(struct telling *t, const struct snap_fw_set *set, int64_t sreg, const struct snap_fw_elem *e, const char *last)
{
	if (e->key)
		tell_key(t, set, sreg, e->key);
	else
		fputc('*', t->f);
	if (last && e->key && strcmp(last, e->key) != 0) {
		fputc('-', t->f);
		tell_key(t, set, sreg, last);
	}
	if (e->verdict)
		fprintf(t->f, " : %s%s%s", e->verdict, e->ref ? " " : "", e->ref ? e->ref : "");
	else if (e->data)
		fprintf(t->f, " : 0x%s", e->data);
}

/* The elements of a set that has no name of its own. The ends of its ranges are elements, too. */
static void tell_elems(struct telling *t, const struct snap_fw_set *set, int64_t sreg)
{
	uint32_t shown = 0;

	fputs("{ ", t->f);
	for (uint32_t i = set->n_elems; i-- > 0;) {
		const struct snap_fw_elem *e = &set->elems[i];
		const char *last = e->key_end;

		if (e->interval_end)
			continue;
		if (shown++ == MAX_SHOWN) {
			fputs(", ...", t->f);
			break;
		}
		fputs(shown > 1 ? ", " : "", t->f);
		if (set->flags & FW_SET_INTERVAL && !last && e->key)
			last = text_before_next(t->arena, set, e);
		tell_elem(t, set, sreg, e, last);
	}
	fputs(" }", t->f);
}

static void tell_lookup(struct telling *t, const struct snap_fw_expr *e)
{
	const struct snap_fw_set *set = ruleset_set(t->r, t->rule->family, t->rule->table, e->ref);
	const char *key = key_text(t, e, set), *name = e->ref ? e->ref : "?";
	bool verdicts = e->dreg == NFT_REG_VERDICT, anonymous = set && set->flags & FW_SET_ANONYMOUS;

	if (e->dreg != OPT_NONE && !verdicts) {
		*reg_of(t, e->dreg) = (struct holds){ .what = arena_printf(t->arena, "%s map @%s", key, name), .kind = TEXT_HEX };
		return;
	}
	flush(t);
	fprintf(t->f, " %s %s%s", key, e->flags > 0 ? "!= " : "", verdicts ? "vmap " : "");
	if (anonymous)
		tell_elems(t, set, e->sreg);
	else
		fprintf(t->f, "@%s", name);
}

/* --- what is done ---------------------------------------------------------------------------------------------------------------------------------- */

static void tell_to(struct telling *t, const struct snap_fw_expr *e)
{
	const struct holds *addr = reg_of(t, e->addr_reg), *port = reg_of(t, e->port_reg);
	bool has_addr = e->addr_reg != OPT_NONE, has_port = e->port_reg != OPT_NONE;

	if (!has_addr && !has_port)
		return;
	fputs(" to ", t->f);
	if (has_addr && addr->bytes)
		text_value(t->f, TEXT_ADDR, addr->bytes);
	else if (has_addr)
		fputs(addr->what ? addr->what : "?", t->f);
	if (has_port && port->bytes) {
		fputc(':', t->f);
		text_value(t->f, TEXT_NUMBER, port->bytes);
	}
}

static void tell_nat(struct telling *t, const struct snap_fw_expr *e)
{
	say(t, !strcmp(e->name, "redir") ? "redirect" : !strcmp(e->name, "masq") ? "masquerade" : e->type == NFT_NAT_SNAT ? "snat" : "dnat");
	tell_to(t, e);
}

static void tell_reject(struct telling *t, const struct snap_fw_expr *e)
{
	static const char *const icmpx[] = { "no-route", "port-unreachable", "host-unreachable", "admin-prohibited" };

	say(t, "reject");
	if (e->type == NFT_REJECT_TCP_RST)
		fputs(" with tcp reset", t->f);
	else if (e->type == NFT_REJECT_ICMPX_UNREACH && e->code >= 0 && e->code < (int64_t)ARRAY_SIZE(icmpx))
		fprintf(t->f, " with icmpx %s", icmpx[e->code]);
	else
		fprintf(t->f, " with icmp code %lld", (long long)(e->code == OPT_NONE ? 0 : e->code));
}

static void tell_limit(struct telling *t, const struct snap_fw_expr *e)
{
	flush(t);
	fprintf(t->f, " %s%s %lld", e->name, e->flags > 0 && e->flags & 1 ? " over" : "",
		(long long)(e->bytes != OPT_NONE ? e->bytes : e->count));
	if (e->unit > 0)
		fprintf(t->f, "/%llds", (long long)e->unit);
}

static void tell_log(struct telling *t, const struct snap_fw_expr *e)
{
	say(t, "log");
	if (e->ref)
		fprintf(t->f, " prefix \"%s\"", e->ref);
}

static void tell_name(struct telling *t, const struct snap_fw_expr *e)
{
	say(t, e->name);
	if (e->ref)
		fprintf(t->f, " %s", e->ref);
}

static void tell_objref(struct telling *t, const struct snap_fw_expr *e)
{
	static const char *const types[] = { "object", "counter", "quota", "ct helper", "limit", "ct count", "tunnel", "ct timeout", "secmark",
					     "ct expectation", "synproxy" };

	flush(t);
	fprintf(t->f, " %s name %s%s", e->type > 0 && e->type < (int64_t)ARRAY_SIZE(types) ? types[e->type] : types[0],
		e->sreg != OPT_NONE ? "of @" : "", e->ref ? e->ref : "?");
}

static void tell_counter(struct telling *t, const struct snap_fw_expr *e)
{
	(void)t;
	(void)e;
}

static void tell_match(struct telling *t, const struct snap_fw_expr *e)
{
	if (e->ref && (!strcmp(e->ref, "tcp") || !strcmp(e->ref, "udp")) && t->pending && strstr(t->pending, e->ref))
		t->pending = NULL;
	flush(t);
	text_match(t->f, e);
}

static void tell_target(struct telling *t, const struct snap_fw_expr *e)
{
	flush(t);
	text_target(t->f, e, t->rule->family == FW_IP6 ? 6 : 4);
}

/* Readers whose register is all that they leave. */
static void tell_other(struct telling *t, const struct snap_fw_expr *e)
{
	if (e->dreg != OPT_NONE)
		hold(t, e->dreg, arena_strdup(t->arena, e->name), TEXT_HEX, 4);
	else
		tell_name(t, e);
}

static const struct {
	const char *name;
	void (*tell)(struct telling *t, const struct snap_fw_expr *e);
} kinds[] = {
	{ "meta", tell_meta },	      { "ct", tell_ct },	{ "payload", tell_payload }, { "fib", tell_fib },
	{ "immediate", tell_immediate }, { "bitwise", tell_bitwise }, { "byteorder", tell_byteorder }, { "cmp", tell_cmp },
	{ "range", tell_range },      { "lookup", tell_lookup }, { "nat", tell_nat },	     { "redir", tell_nat },
	{ "masq", tell_nat },	      { "reject", tell_reject }, { "limit", tell_limit },    { "quota", tell_limit },
	{ "connlimit", tell_limit },  { "log", tell_log },	{ "objref", tell_objref }, { "counter", tell_counter }, { "match", tell_match },
	{ "target", tell_target },
};

static void tell(struct telling *t, const struct snap_fw_expr *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, e->name)) {
			kinds[i].tell(t, e);
			return;
		}
	tell_other(t, e);
}

const char *rule_text(const struct ruleset *r, const struct snap_fw_rule *rule, struct arena *arena)
{
	struct telling t = { .r = r, .rule = rule, .arena = arena };
	char *text CLEAN_MEM = NULL;
	size_t len;
	const char *out;

	t.f = open_memstream(&text, &len);
	if (!t.f)
		return "";
	for (uint32_t i = 0; i < rule->n_exprs; i++)
		tell(&t, &rule->exprs[i]);
	flush(&t);
	if (rule->comment)
		fprintf(t.f, " comment \"%s\"", rule->comment);
	if (fclose(t.f) || !text)
		return "";
	out = arena_strdup(arena, text[0] == ' ' ? text + 1 : text);
	return out;
}
