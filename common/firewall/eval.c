// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Chains. Where a rule may match or not, both ways are walked in one pass: what could end here is noted, and the walk goes on as if it
 * did not, remembering that it may not have come this far.
 */
#include <linux/netfilter/nf_conntrack_common.h>

#include "firewall/walk.h"

enum { MAX_DEPTH = 16 /* NFT_JUMP_STACK_SIZE */, MAX_RULES = 2000000 };

const char *const fw_verdict_names[] = { "accept", "drop", "reject", "queue", "stolen", "unknown", NULL };
const char *const fw_reject_names[] = { "",
					"tcp-reset",
					"port-unreach",
					"host-unreach",
					"net-unreach",
					"prot-unreach",
					"admin-prohibited",
					"host-prohibited",
					"net-prohibited",
					"no-route",
					"policy-fail",
					"reject-route",
					"addr-unreach",
					"other",
					NULL };
const char *const fw_nat_names[] = { "", "dnat", "redirect", "snat", "masquerade", NULL };

/* How a chain may be left: back to who jumped to it, or for good. */
enum { GOES_ON = 1, ENDS = 2 };
static unsigned int walk_chain(struct walk *w, const struct snap_fw_chain *chain);

void run_match(struct run *run, enum tri t, const char *what)
{
	if (t == MAYBE && run->match == YES)
		run->doubt = what;
	run->stopped_by_limit = run->match == YES && t == NO && run->assumed == what;
	run->match = tri_and(run->match, t);
}

/* --- what could not be told ------------------------------------------------------------------------------------------------------------------ */

static void note(struct walk *w, const struct snap_fw_rule *rule, const char *what, bool matters, bool assumed)
{
	*ARRAY_ADD(w, unchecked) = (struct unchecked){ .what = { { w->base, rule }, what, assumed }, .matters = matters };
}

/* The whole of a ruleset, or a table of x_tables, that nobody read. */
static void note_unread(struct walk *w, const char *what)
{
	*ARRAY_ADD(w, unchecked) = (struct unchecked){ .what = { .what = what }, .matters = true };
	w->out->verdict = FW_UNKNOWN;
}

static void keep_unchecked(struct walk *w)
{
	struct fw_unchecked *list = arena_alloc(w->arena, w->n_unchecked * sizeof(*list));

	for (size_t i = 0; i < w->n_unchecked; i++)
		if (w->unchecked[i].matters)
			list[w->out->n_unchecked++] = w->unchecked[i].what;
	w->out->unchecked = list;
	free(w->unchecked);
}

/* --- rules ----------------------------------------------------------------------------------------------------------------------------------- */

static void run_rule(struct run *run)
{
	const struct snap_fw_rule *rule = run->rule;

	for (uint32_t i = 0; i < rule->n_exprs && run->match != NO; i++)
		if (!rule->unparsed)
			expr_run(run, &rule->exprs[i]);
		else if (!expr_is_known(&rule->exprs[i]))
			run_match(run, MAYBE, rule->exprs[i].name);
	if (rule->unparsed && run->match == YES)
		run_match(run, MAYBE, "rule");
	if (rule->unparsed)
		run_verdict(run, FW_DROP, FW_REJECT_NONE); /* it may */
}

/* What a rule that matches does to the packet; if it only may, the packet is then not known. */
static void change_packet(struct run *run)
{
	struct walk *w = run->w;
	struct packet *p = w->p;
	bool unsure = run->match == MAYBE || w->maybe;
	bool doubtful = unsure && (run->sets_mark || run->sets_ct_mark || run->untracks || run->unknown);

	if (run->sets_mark) {
		p->mark = run->mark;
		p->unknown = (p->unknown & ~PACKET_MARK) | (unsure || run->mark_unknown ? PACKET_MARK : 0);
	}
	if (run->sets_ct_mark) {
		p->ct_mark = run->ct_mark;
		p->unknown = (p->unknown & ~PACKET_CT_MARK) | (unsure || run->ct_mark_unknown ? PACKET_CT_MARK : 0);
	}
	if (run->untracks && !unsure)
		p->ct_state = CT_UNTRACKED;
	else if (run->untracks)
		p->unknown |= PACKET_CT;
	p->unknown |= run->unknown;
	if (doubtful)
		note(w, run->rule, run->doubt ? run->doubt : "a rule before it", true, false);
}

static void add_nat(struct walk *w, const struct run *run)
{
	if (w->out->n_nats < FW_MAX_NATS) {
		w->out->nats[w->out->n_nats] = run->nat;
		w->out->nats[w->out->n_nats++].by = (struct fw_by){ w->base, run->rule };
	} else {
		w->cut = true;
	}
}

/* The base chain may end with this. */
static unsigned int conclude(struct run *run)
{
	struct walk *w = run->w;
	if (run->nat.kind) {
		w->possible |= ENDS_NATED;
		add_nat(w, run);
	} else {
		w->possible |= 1u << run->verdict;
	}
	if (run->rule->unparsed) /* or the other way round */
		w->possible |= 1u << FW_ACCEPT;
	if (run->match == YES || !w->last[run->verdict].base) /* not who only may have matched, if another does */
		w->last[run->verdict] = (struct fw_by){ w->base, run->rule };
	if (run->verdict == FW_REJECT)
		w->rejects = run->reject;
	return ENDS;
}

static unsigned int follow(struct run *run)
{
	struct walk *w = run->w;
	unsigned int ways;

	if (!run->to || w->depth >= MAX_DEPTH) {
		w->cut = true;
		return GOES_ON;
	}
	w->depth++;
	ways = walk_chain(w, run->to);
	w->depth--;
	run->diverts = run->diverts || ways & ENDS || run->act == ACT_GOTO;
	return ways;
}

/* By a verdict map whose key is not all known: each of its verdicts that may be meant. */
static void act_of_elem(struct run *run, const struct snap_fw_elem *e)
{
	static const char *const words[] = { "accept", "drop", "jump", "goto", "return", "queue" };
	static const uint8_t acts[] = { ACT_VERDICT, ACT_VERDICT, ACT_JUMP, ACT_GOTO, ACT_RETURN, ACT_VERDICT };
	static const uint8_t verdicts[] = { FW_ACCEPT, FW_DROP, 0, 0, 0, FW_QUEUE };

	run->act = ACT_NONE;
	for (size_t i = 0; e->verdict && i < ARRAY_SIZE(words); i++)
		if (!strcmp(words[i], e->verdict)) {
			run->act = acts[i];
			run->verdict = verdicts[i];
			run->to = ruleset_chain(run->w->r, run->rule->family, run->rule->table, e->ref);
		}
}

/* Where the walk may go from a rule that matches: on to the next, or (left) away from this chain. */
static unsigned int act(struct run *run, unsigned int *left)
{
	unsigned int ways;

	switch (run->act) {
	case ACT_VERDICT:
		*left |= conclude(run);
		run->diverts = true;
		return 0;
	case ACT_JUMP:
		ways = follow(run);
		*left |= ways & ENDS;
		return ways & GOES_ON;
	case ACT_GOTO:
		*left |= follow(run);
		return 0;
	case ACT_RETURN:
		*left |= GOES_ON;
		run->diverts = true;
		return 0;
	default:
		return GOES_ON;
	}
}

static unsigned int act_on_any(struct run *run, unsigned int *left)
{
	struct walk *w = run->w;
	unsigned int on = run->match == YES && !run->verdicts.more ? 0 : GOES_ON;
	bool maybe = w->maybe;

	w->maybe = true;
	for (uint32_t i = 0; i < run->verdicts.n; i++) {
		act_of_elem(run, run->verdicts.elems[i]);
		on |= act(run, left);
	}
	w->cut = w->cut || run->verdicts.more;
	w->maybe = maybe;
	return on;
}

/* One rule. False: nothing behind it in its chain is reached. *left collects the ways in which the chain may be left. */
static bool take_rule(struct walk *w, const struct snap_fw_rule *rule, unsigned int *left)
{
	struct run run = { .w = w, .rule = rule, .match = YES };
	unsigned int before = *left, on;
	bool maybe = w->maybe;

	run_rule(&run);
	if (run.assumed && !w->maybe && (run.match == YES ? run.act != ACT_NONE : run.stopped_by_limit))
		note(w, rule, run.assumed, true, true);
	if (run.match == NO)
		return true;
	change_packet(&run);
	w->maybe = maybe || run.match == MAYBE;
	on = run.verdicts.n ? act_on_any(&run, left) : act(&run, left);
	if (run.match == MAYBE)
		on = GOES_ON;
	if (run.diverts && (run.match == MAYBE || run.verdicts.n))
		note(w, rule, run.doubt ? run.doubt : "lookup", run.nat.kind, false);
	/* From here on it is only unsure if it may have gone elsewhere. */
	w->maybe = maybe || (on && *left != before) || (on && *left & ENDS && run.match == MAYBE);
	return on;
}

static unsigned int walk_chain(struct walk *w, const struct snap_fw_chain *chain)
{
	uint32_t n;
	const struct snap_fw_rule *rules = ruleset_rules(w->r, chain, &n);
	unsigned int left = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (w->budget-- <= 0) {
			w->cut = true;
			break;
		}
		if (!take_rule(w, &rules[i], &left))
			return left;
	}
	return left | GOES_ON;
}

/* --- base chains --------------------------------------------------------------------------------------------------------------------------------- */

static void conclude_policy(struct walk *w)
{
	enum fw_verdict policy = w->base->drops ? FW_DROP : FW_ACCEPT;

	w->possible |= 1u << policy;
	w->last[policy] = (struct fw_by){ w->base, NULL };
}

/* Of what a base chain may end in, what stops the packet; FW_ACCEPT: nothing. */
static enum fw_verdict stop_of(const struct walk *w)
{
	for (enum fw_verdict v = FW_DROP; v < FW_UNKNOWN; v++)
		if (w->possible & 1u << v)
			return v;
	return FW_ACCEPT;
}

static void mark_unchecked(struct walk *w, size_t from)
{
	for (size_t i = from; i < w->n_unchecked; i++)
		w->unchecked[i].matters = true;
}

/* False: the packet ends here for sure. */
static bool take_outcome(struct walk *w, size_t unchecked)
{
	enum fw_verdict stop = stop_of(w);
	bool goes_on = w->possible & (1u << FW_ACCEPT | ENDS_NATED);
	struct fw_result *out = w->out;

	if (w->cut) {
		note(w, NULL, "chains that are too deep or too many", true, false);
		goes_on = true;
		stop = stop == FW_ACCEPT ? FW_DROP : stop;
	}
	if (stop == FW_ACCEPT) {
		if (out->verdict == FW_ACCEPT)
			out->by = w->last[FW_ACCEPT];
		return true;
	}
	if (!goes_on || out->verdict == FW_ACCEPT) {
		out->by = w->last[stop].base ? w->last[stop] : (struct fw_by){ w->base, NULL };
		out->reject = stop == FW_REJECT ? w->rejects : FW_REJECT_NONE;
	}
	out->verdict = goes_on ? FW_UNKNOWN : (uint8_t)stop;
	if (goes_on)
		mark_unchecked(w, unchecked);
	return goes_on;
}

/* NAT rules are asked for the first packet of a connection, until one has translated it (nf_nat_inet_fn, net/netfilter/nf_nat_core.c). */
static bool is_to_be_asked(const struct walk *w)
{
	bool destination = w->hook == FW_PREROUTING || w->hook == FW_OUTPUT;
	const struct packet *p = w->p;

	if (!w->base->type || strcmp(w->base->type, "nat") != 0)
		return true;
	return p->ct_state == CT_NEW && !w->out->nat_certain &&
	       (w->out->n_nats || !(p->ct_status & (destination ? IPS_DST_NAT : IPS_SRC_NAT)));
}

static bool take_base_chain(struct walk *w, const struct snap_fw_chain *base)
{
	size_t unchecked = w->n_unchecked;
	uint32_t nats = w->out->n_nats;

	w->base = base;
	w->possible = 0;
	w->maybe = w->cut = false;
	memset(w->last, 0, sizeof(w->last));
	if (!is_to_be_asked(w))
		return true;
	if (walk_chain(w, base) & GOES_ON)
		conclude_policy(w);
	if (w->out->n_nats > nats) {
		w->out->nat_certain = !(w->possible & 1u << FW_ACCEPT) && !w->cut && !(w->p->unknown & PACKET_CT);
		if (!w->out->nat_certain)
			mark_unchecked(w, unchecked);
		nat_apply(w);
	}
	return take_outcome(w, unchecked);
}

/* --- what nobody read ---------------------------------------------------------------------------------------------------------------------------------- */

/* Which hooks a table of x_tables is at (net/ipv4/netfilter/iptable_*.c). */
static bool legacy_is_at(const char *table, enum fw_hook hook)
{
	static const struct {
		const char *name;
		unsigned int hooks;
	} tables[] = {
		{ "filter", 1u << FW_INPUT | 1u << FW_FORWARD | 1u << FW_OUTPUT },
		{ "security", 1u << FW_INPUT | 1u << FW_FORWARD | 1u << FW_OUTPUT },
		{ "raw", 1u << FW_PREROUTING | 1u << FW_OUTPUT },
		{ "nat", 1u << FW_PREROUTING | 1u << FW_INPUT | 1u << FW_OUTPUT | 1u << FW_POSTROUTING },
		{ "mangle", 1u << FW_PREROUTING | 1u << FW_INPUT | 1u << FW_FORWARD | 1u << FW_OUTPUT | 1u << FW_POSTROUTING },
	};

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		if (!strcmp(tables[i].name, table))
			return tables[i].hooks & 1u << hook;
	return false;
}

static void look_for_unread(struct walk *w)
{
	const struct ruleset *r = w->r;
	enum fw_family family = w->p->daddr.family == 4 ? FW_IP : FW_IP6;

	if (r->unread || r->denied)
		note_unread(w, "the ruleset");
	for (uint32_t i = 0; i < r->n_tables; i++)
		if (r->tables[i].legacy && r->tables[i].family == family && legacy_is_at(r->tables[i].name, w->hook))
			note_unread(w, arena_printf(w->arena, "the table %s of iptables-legacy", r->tables[i].name));
}

void eval_hook(struct ruleset *r, enum fw_hook hook, struct packet *p, struct arena *arena, struct fw_result *out)
{
	struct walk w = { .r = r, .hook = hook, .p = p, .arena = arena, .out = out, .budget = MAX_RULES };
	const struct snap_fw_chain **list CLEAN_MEM = xcalloc(r->n_chains + 1u, sizeof(struct snap_fw_chain *));
	const char *dev = hook == FW_INGRESS ? p->iif.name : hook == FW_EGRESS ? p->oif.name : NULL;
	size_t n = ruleset_at(r, hook, p->daddr.family, dev, list);

	*out = (struct fw_result){ 0 };
	look_for_unread(&w);
	for (size_t i = 0; i < n && take_base_chain(&w, list[i]); i++)
		;
	keep_unchecked(&w);
}
