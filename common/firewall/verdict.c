// SPDX-License-Identifier: GPL-2.0-or-later
/* Expressions that say what becomes of a packet: verdicts, those that sets have for a key, refusals, translations. */
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <netinet/in.h>

#include "firewall/walk.h"

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
		{ "accept", ACT_VERDICT, FW_ACCEPT },
		{ "drop", ACT_VERDICT, FW_DROP },
		{ "queue", ACT_VERDICT, FW_QUEUE },
		{ "jump", ACT_JUMP, 0 },
		{ "goto", ACT_GOTO, 0 },
		{ "return", ACT_RETURN, 0 },
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

void verdict_immediate(struct run *run, const struct snap_fw_expr *e)
{
	struct value x = value_unknown();

	if (e->verdict) {
		act_on(run, e->verdict, e->ref);
	} else if (e->dreg != NFT_REG_VERDICT) {
		size_t n = fw_bytes(e->data, x.v, sizeof(x.v));

		memset(x.k, 0xff, n);
		regs_store(run, e->dreg, &x, n);
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
		regs_store(run, e->dreg, &x, n);
	} else {
		regs_store(run, e->dreg, &x, set->data_len);
	}
}

/* What elements are limited by (nft_set_elem_update_expr, net/netfilter/nft_lookup.c). */
static void pass_limits(struct run *run, const struct set_hits *hits)
{
	for (uint32_t i = 0; i < hits->n; i++)
		if (hits->elems[i]->limit && hits->n == 1 && hits->found == YES)
			run_under_limit(run, hits->elems[i]->limit, hits->elems[i]->over);
		else if (hits->elems[i]->limit)
			run_match(run, MAYBE, hits->elems[i]->limit);
}

void verdict_lookup(struct run *run, const struct snap_fw_expr *e)
{
	enum { INVERTED = NFT_LOOKUP_F_INV };
	const struct snap_fw_set *set = ruleset_set(run->w->r, run->rule->family, run->rule->table, e->ref);
	struct set_hits hits;
	int at = regs_at(e->sreg);

	if (!set || at < 0) {
		run_match(run, MAYBE, e->name);
		return;
	}
	sets_lookup(run->w->r, set, &run->regs, (size_t)at, &hits);
	if (hits.found == MAYBE && run->modulus && hits.n == run->modulus && set->key_len == sizeof(run->modulus))
		hits.found = YES; /* there is an element for every number that chance may give */
	run_match(run, e->flags != OPT_NONE && e->flags & INVERTED ? tri_not(hits.found) : hits.found, expr_doubt(run, e));
	if (!(e->flags != OPT_NONE && e->flags & INVERTED))
		pass_limits(run, &hits);
	if (e->dreg == OPT_NONE || hits.found == NO || run->match == NO)
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
	static const uint8_t words[] = { FW_NO_ROUTE,     FW_ADMIN_PROHIBITED, FW_REJECT_OTHER, FW_ADDR_UNREACH,
					 FW_PORT_UNREACH, FW_POLICY_FAIL,      FW_REJECT_ROUTE }; /* linux/icmpv6.h */

	return code < ARRAY_SIZE(words) ? words[code] : FW_REJECT_OTHER;
}

void verdict_reject(struct run *run, const struct snap_fw_expr *e)
{
	static const uint8_t icmpx[] = { FW_NO_ROUTE, FW_PORT_UNREACH, FW_HOST_UNREACH,
					 FW_ADMIN_PROHIBITED }; /* NFT_REJECT_ICMPX_* */
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

void verdict_queue(struct run *run, const struct snap_fw_expr *e)
{
	(void)e;
	run_verdict(run, FW_QUEUE, FW_REJECT_NONE);
}

void verdict_stolen(struct run *run, const struct snap_fw_expr *e)
{
	(void)e;
	run_verdict(run, FW_STOLEN, FW_REJECT_NONE);
}

/* It answers a SYN in the server's place; what is not TCP it does not match (nft_synproxy_do_eval). */
void verdict_synproxy(struct run *run, const struct snap_fw_expr *e)
{
	if (!packet_is_syn(run->w->p))
		run_match(run, run->w->p->l4proto == IPPROTO_TCP ? MAYBE : NO, e->name);
	run_verdict(run, FW_STOLEN, FW_REJECT_NONE);
}

/* --- translations ------------------------------------------------------------------------------------------------------------------------------ */

/* An address register; out without a family where there is none or it is unknown. */
static void load_address(const struct run *run, int64_t reg, struct ipaddr *out, bool *unknown)
{
	struct ipaddr a = { .family = run->w->p->daddr.family };
	struct value x = regs_load(run, reg, ipaddr_size(&a));

	*out = (struct ipaddr){ 0 };
	if (reg == OPT_NONE)
		return;
	if (!regs_known(&x, ipaddr_size(&a))) {
		*unknown = true;
		return;
	}
	memcpy(a.bytes, x.v, ipaddr_size(&a));
	*out = a;
}

static uint32_t load_port(const struct run *run, int64_t reg, bool *unknown)
{
	struct value x = regs_load(run, reg, 2);

	if (reg == OPT_NONE)
		return 0;
	*unknown = *unknown || !regs_known(&x, 2);
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

void verdict_nat(struct run *run, const struct snap_fw_expr *e)
{
	enum { NETMAP = 1 << 6 }; /* NF_NAT_RANGE_NETMAP (linux/netfilter/nf_nat.h) */
	bool v6 = run->w->p->daddr.family == 6;

	if (e->family == (v6 ? NFPROTO_IPV4 : NFPROTO_IPV6))
		return; /* of an inet table, for the other family: nft_nat_inet_eval */
	translate(run, e, e->type == NFT_NAT_SNAT ? FW_SNAT : FW_DNAT);
	if (e->flags != OPT_NONE && e->flags & NETMAP)
		run->nat.addr_unknown = true;
}

void verdict_redir(struct run *run, const struct snap_fw_expr *e)
{
	translate(run, e, FW_REDIRECT);
}

void verdict_masq(struct run *run, const struct snap_fw_expr *e)
{
	translate(run, e, FW_MASQUERADE);
}
