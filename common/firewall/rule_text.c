// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From expressions back to words: registers remember what was read into them, and the comparison that uses them says it. Which protocol a
 * rule is for (meta l4proto, nfproto) goes without saying where a header of it follows, as nft has it.
 */
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>
#include <stdio.h>

#include "firewall/rule_text.h"
#include "firewall/telling.h"

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
	const struct holds *h = tell_reg(t, e->sreg);
	const char *op = e->op >= 0 && e->op < (int64_t)ARRAY_SIZE(ops) ? ops[e->op] : "? ", *value;

	if (h->mask && h->what) {
		tell_flush(t);
		tell_masked(t, h, e);
		return;
	}
	value = text_of_value(t->arena, h->kind, e->data);
	if (e->op == NFT_CMP_EQ && (h->kind == TEXT_PROTO || h->kind == TEXT_FAMILY)) {
		tell_flush(t);
		t->pending = arena_printf(t->arena, "%s %s", h->what ? h->what : "?", value);
		if (h->kind == TEXT_PROTO)
			t->proto = value;
		return;
	}
	tell_flush(t);
	fprintf(t->f, " %s %s%s", h->what ? h->what : "?", op, value);
}

static void tell_range(struct telling *t, const struct snap_fw_expr *e)
{
	const struct holds *h = tell_reg(t, e->sreg);

	tell_flush(t);
	fprintf(t->f, " %s %s", h->what ? h->what : "?", e->op == NFT_RANGE_NEQ ? "!= " : "");
	text_value(t->f, h->kind, e->data);
	fputc('-', t->f);
	text_value(t->f, h->kind, e->data2);
}

/* --- sets ------------------------------------------------------------------------------------------------------------------------------------------ */

/* The parts of a key that begins in a register: "ip saddr . tcp dport". */
static const char *key_text(struct telling *t, const struct snap_fw_expr *e, const struct snap_fw_set *set)
{
	struct holds *h = tell_reg(t, e->sreg), *end = t->regs + N_REGS;
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
	const struct holds *h = tell_reg(t, sreg);
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

static void tell_elem(struct telling *t, const struct snap_fw_set *set, int64_t sreg, const struct snap_fw_elem *e,
		      const char *last)
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
		*tell_reg(t, e->dreg) = (struct holds){ .what = arena_printf(t->arena, "%s map @%s", key, name), .kind = TEXT_HEX };
		return;
	}
	tell_flush(t);
	fprintf(t->f, " %s %s%s", key, e->flags > 0 ? "!= " : "", verdicts ? "vmap " : "");
	if (anonymous)
		tell_elems(t, set, e->sreg);
	else
		fprintf(t->f, "@%s", name);
}

/* --- what is done ---------------------------------------------------------------------------------------------------------------------------------- */

/* The other end of a range; of one address or port the kernel says it twice, or not at all. */
static void tell_up_to(struct telling *t, enum text_kind kind, const char *low, const char *high)
{
	if (!high || !strcmp(low, high))
		return;
	fputc('-', t->f);
	text_value(t->f, kind, high);
}

static void tell_to(struct telling *t, const struct snap_fw_expr *e)
{
	const struct holds *addr = tell_reg(t, e->addr_reg), *port = tell_reg(t, e->port_reg);
	bool has_addr = e->addr_reg != OPT_NONE, has_port = e->port_reg != OPT_NONE;

	if (!has_addr && !has_port)
		return;
	fputs(" to ", t->f);
	if (has_addr && addr->bytes) {
		text_value(t->f, TEXT_ADDR, addr->bytes);
		tell_up_to(t, TEXT_ADDR, addr->bytes, tell_reg(t, e->addr_reg_max)->bytes);
	} else if (has_addr) {
		fputs(addr->what ? addr->what : "?", t->f);
	}
	if (has_port && port->bytes) {
		fputc(':', t->f);
		text_value(t->f, TEXT_NUMBER, port->bytes);
		tell_up_to(t, TEXT_NUMBER, port->bytes, tell_reg(t, e->port_reg_max)->bytes);
	}
}

static void tell_nat(struct telling *t, const struct snap_fw_expr *e)
{
	tell_say(t, !strcmp(e->name, "redir")  ? "redirect"
		    : !strcmp(e->name, "masq") ? "masquerade"
		    : e->type == NFT_NAT_SNAT  ? "snat"
					       : "dnat");
	tell_to(t, e);
}

static void tell_reject(struct telling *t, const struct snap_fw_expr *e)
{
	static const char *const icmpx[] = { "no-route", "port-unreachable", "host-unreachable", "admin-prohibited" };

	tell_say(t, "reject");
	if (e->type == NFT_REJECT_TCP_RST)
		fputs(" with tcp reset", t->f);
	else if (e->type == NFT_REJECT_ICMPX_UNREACH && e->code >= 0 && e->code < (int64_t)ARRAY_SIZE(icmpx))
		fprintf(t->f, " with icmpx %s", icmpx[e->code]);
	else
		fprintf(t->f, " with icmp code %lld", (long long)(e->code == OPT_NONE ? 0 : e->code));
}

static void tell_limit(struct telling *t, const struct snap_fw_expr *e)
{
	tell_flush(t);
	fprintf(t->f, " %s%s %lld", e->name, e->flags > 0 && e->flags & 1 ? " over" : "",
		(long long)(e->bytes != OPT_NONE ? e->bytes : e->count));
	if (e->unit > 0)
		fprintf(t->f, "/%llds", (long long)e->unit);
}

static void tell_log(struct telling *t, const struct snap_fw_expr *e)
{
	tell_say(t, "log");
	if (e->ref)
		fprintf(t->f, " prefix \"%s\"", e->ref);
}

static void tell_name(struct telling *t, const struct snap_fw_expr *e)
{
	tell_say(t, e->name);
	if (e->ref)
		fprintf(t->f, " %s", e->ref);
}

static void tell_objref(struct telling *t, const struct snap_fw_expr *e)
{
	static const char *const types[] = { "object", "counter",    "quota",   "ct helper",      "limit",   "ct count",
					     "tunnel", "ct timeout", "secmark", "ct expectation", "synproxy" };

	tell_flush(t);
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
	tell_flush(t);
	text_match(t->f, e);
}

static void tell_target(struct telling *t, const struct snap_fw_expr *e)
{
	tell_flush(t);
	text_target(t->f, e, t->rule->family == FW_IP6 ? 6 : 4);
}

/* Readers whose register is all that they leave. */
static void tell_other(struct telling *t, const struct snap_fw_expr *e)
{
	if (e->dreg != OPT_NONE)
		tell_hold(t, e->dreg, arena_strdup(t->arena, e->name), TEXT_HEX, 4);
	else
		tell_name(t, e);
}

static const struct {
	const char *name;
	void (*tell)(struct telling *t, const struct snap_fw_expr *e);
} kinds[] = {
	{ "meta", tell_meta },
	{ "ct", tell_ct },
	{ "payload", tell_payload },
	{ "fib", tell_fib },
	{ "immediate", tell_immediate },
	{ "bitwise", tell_bitwise },
	{ "byteorder", tell_byteorder },
	{ "cmp", tell_cmp },
	{ "range", tell_range },
	{ "lookup", tell_lookup },
	{ "nat", tell_nat },
	{ "redir", tell_nat },
	{ "masq", tell_nat },
	{ "reject", tell_reject },
	{ "limit", tell_limit },
	{ "quota", tell_limit },
	{ "connlimit", tell_limit },
	{ "log", tell_log },
	{ "objref", tell_objref },
	{ "counter", tell_counter },
	{ "match", tell_match },
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
	tell_flush(&t);
	if (rule->comment)
		fprintf(t.f, " comment \"%s\"", rule->comment);
	if (fclose(t.f) || !text)
		return "";
	out = arena_strdup(arena, text[0] == ' ' ? text + 1 : text);
	return out;
}
