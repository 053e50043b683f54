// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which ports of a namespace its rules translate to what: from the base chains over all jumps, with what is asked on the way. Each chain is
 * gone through once for each way that leads to it, and no more of them than there may be for the size of the ruleset.
 */
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <netinet/in.h>

#include "firewall/published.h"
#include "firewall/sets.h"
#include "firewall/walk.h"
#include "firewall/way.h"
#include "firewall/xt.h"

enum { CLAIMED, BY_CHANCE }; /* values of struct walking.claimed */
enum { MAX_DEPTH = 16 /* NFT_JUMP_STACK_SIZE */, MAX_BRANCHES = 4, STEPS_PER_RECORD = 64, FREE_STEPS = 4096 };

struct walking {
	struct ruleset *r;
	const struct published_sink *sink;
	struct idmap met;     /* chains, by what leads there */
	struct idmap claimed; /* what has been translated: rules behind do not get it */
	struct idmap told;    /* rules that could not be decoded */
	size_t steps;         /* expressions and elements that may still be looked at */
};

/* A rule at work, on packets of one way; copied where it branches. */
struct step {
	const struct snap_fw_rule *rule;
	uint32_t at; /* its next expression */
	int depth, branches;
	struct way way;
	struct way_regs regs;
};

static void walk_chain(struct walking *w, const struct snap_fw_chain *chain, const struct way *way, int depth);
static void run(struct walking *w, struct step *s);

/* --- what a translation says --------------------------------------------------------------------------------------------------- */

static uint64_t claim_key(const struct way *way, bool everywhere)
{
	char host[IPADDR_TEXT], text[128];

	snprintf(text, sizeof(text), "%u %u %s/%u %u %u", way->family, way->proto, everywhere ? "" : ipaddr_text(&way->host, host),
		 everywhere ? 0 : way->prefix, way->low, way->high);
	return text_key(text);
}

/* The first rule that translates a packet is the last. Where chance had those before, it has the others, too. */
static bool claim(struct walking *w, struct way *way)
{
	uint32_t here = idmap_get(&w->claimed, claim_key(way, false)), wider = idmap_get(&w->claimed, claim_key(way, true));

	if (here == CLAIMED || wider == CLAIMED)
		return false;
	if (!way->conditions)
		idmap_set(&w->claimed, claim_key(way, false), CLAIMED);
	else if (way->conditions & PUBLISHED_CHANCE)
		idmap_add(&w->claimed, claim_key(way, false), BY_CHANCE);
	if (here == BY_CHANCE || wider == BY_CHANCE)
		way->conditions |= PUBLISHED_CHANCE;
	return true;
}

/* to_low 0: the ports stay what they are. shifted: they are counted from the first. */
static void translated(struct walking *w, const struct step *s, const struct ipaddr *to, uint32_t to_low, uint32_t to_high,
		       bool shifted)
{
	struct published_rule out = { .rule = s->rule, .way = s->way, .to = *to, .port = to_low, .last = to_high };

	if (!claim(w, &out.way))
		return;
	if (!to_low) {
		out.port = s->way.low;
		out.last = s->way.high;
	} else if (shifted) {
		out.last = MIN(to_high, to_low + (s->way.high - s->way.low));
	} else if (to_low != to_high && (to_low != s->way.low || to_high != s->way.high)) {
		out.way.conditions |= PUBLISHED_CHANCE; /* any that is free */
	}
	if (s->way.proto) {
		w->sink->port(w->sink->arg, &out);
		return;
	}
	out.way.proto = IPPROTO_TCP;
	w->sink->port(w->sink->arg, &out);
	out.way.proto = IPPROTO_UDP;
	w->sink->port(w->sink->arg, &out);
}

/* Each rule once, whatever ways lead to it. */
static void cannot_tell(struct walking *w, const struct step *s)
{
	uint32_t next = (uint32_t)w->told.n;
	struct way way = s->way;

	if (claim(w, &way) && idmap_add(&w->told, (uint64_t)(s->rule - w->r->rules), next) == next)
		w->sink->undecoded(w->sink->arg, s->rule);
}

static bool port_in(const struct way_regs *regs, int64_t reg, uint32_t *out)
{
	uint8_t b[2];

	if (reg == OPT_NONE)
		return true;
	if (!way_constant(regs, reg, sizeof(b), b))
		return false;
	*out = (uint32_t)(b[0] << 8 | b[1]);
	return true;
}

static bool ports_in(const struct way_regs *regs, const struct snap_fw_expr *e, uint32_t *low, uint32_t *high)
{
	if (!port_in(regs, e->port_reg, low))
		return false;
	*high = *low;
	return port_in(regs, e->port_reg_max, high);
}

static void run_nat(struct walking *w, const struct step *s, const struct snap_fw_expr *e)
{
	enum { NETMAP = 1 << 6 }; /* NF_NAT_RANGE_NETMAP */
	struct ipaddr to = { .family = s->way.family }, last = to;
	uint32_t low = 0, high = 0;

	if (e->type != NFT_NAT_DNAT || e->family == (s->way.family == 6 ? NFPROTO_IPV4 : NFPROTO_IPV6))
		return;
	if (e->addr_reg == OPT_NONE)
		to.family = 0;
	else if (!way_constant(&s->regs, e->addr_reg, ipaddr_size(&to), to.bytes))
		return cannot_tell(w, s);
	if (e->addr_reg_max != OPT_NONE &&
	    (!way_constant(&s->regs, e->addr_reg_max, ipaddr_size(&last), last.bytes) || !ipaddr_equal(&to, &last)))
		return cannot_tell(w, s);
	if (!ports_in(&s->regs, e, &low, &high) || (e->flags != OPT_NONE && e->flags & NETMAP && e->addr_reg_max != OPT_NONE))
		return cannot_tell(w, s);
	translated(w, s, &to, low, high, false);
}

static void run_redirect(struct walking *w, const struct step *s, const struct snap_fw_expr *e)
{
	const struct ipaddr self = { 0 };
	uint32_t low = 0, high = 0;

	if (ports_in(&s->regs, e, &low, &high))
		translated(w, s, &self, low, high, false);
	else
		cannot_tell(w, s);
}

/* DNAT, REDIRECT, NETMAP of x_tables. With an offset (revision 2) ports are counted from its base. */
static void run_target(struct walking *w, struct step *s, const struct snap_fw_expr *e)
{
	bool dnat = e->ref && !strcmp(e->ref, "DNAT"), redirect = e->ref && !strcmp(e->ref, "REDIRECT");
	struct xt_info info;
	const struct nf_nat_range2 *range2 = (const void *)info.bytes;
	struct xt_range range;
	uint32_t base, low, high;

	if (e->ref && !strcmp(e->ref, "NETMAP"))
		return cannot_tell(w, s);
	if (!dnat && !redirect)
		return;
	if (!xt_range(e, s->way.family, &range) || !ipaddr_equal(&range.low, &range.high))
		return cannot_tell(w, s);
	low = range.low_port;
	high = range.high_port;
	if (range.flags & NF_NAT_RANGE_PROTO_OFFSET && dnat && e->type == 2) {
		xt_info(e, &info);
		base = ntohs(range2->base_proto.all);
		if (s->way.low < base || low + (s->way.high - base) > high)
			return cannot_tell(w, s);
		low += s->way.low - base;
	}
	translated(w, s, &range.low, low, high, range.flags & NF_NAT_RANGE_PROTO_OFFSET);
}

/* --- matches of x_tables ------------------------------------------------------------------------------------------------------- */

static bool match_ports(struct way *way, const uint16_t *sources, const uint16_t *ports, uint8_t proto, uint8_t inverted)
{
	if (sources[0] || sources[1] != UINT16_MAX)
		way->conditions |= PUBLISHED_SOURCE;
	if (!way_proto(way, proto))
		return false;
	if (!(inverted & XT_TCP_INV_DSTPT)) /* XT_UDP_INV_DSTPT, too */
		return way_ports(way, ports[0], ports[1]);
	way->conditions |= PUBLISHED_OTHER;
	return true;
}

static bool match_local(struct way *way, const struct snap_fw_expr *e, const struct xt_info *info)
{
	enum { LOCAL = 1 << 2 }; /* XT_ADDRTYPE_LOCAL */
	const struct xt_addrtype_info_v1 *m = (const void *)info->bytes;

	if (e->type == 1 && !m->source && m->dest & LOCAL && !m->flags)
		return true;
	if (!(e->type == 1 && !m->source && m->flags == XT_ADDRTYPE_INVERT_DEST)) /* an exclusion */
		way->conditions |= PUBLISHED_OTHER;
	return true;
}

/* False: no packet is left, or they have gone on in branches. */
static bool match_multiport(struct walking *w, struct step *s, const struct xt_info *info)
{
	const struct xt_multiport_v1 *m = (const void *)info->bytes;
	struct step branch;

	if (m->flags == XT_MULTIPORT_SOURCE || m->invert || ++s->branches > MAX_BRANCHES) {
		s->way.conditions |= m->flags == XT_MULTIPORT_SOURCE ? PUBLISHED_SOURCE : PUBLISHED_OTHER;
		return true;
	}
	for (uint8_t i = 0; i < m->count && i < XT_MULTI_PORTS; i++) {
		uint16_t low = m->ports[i], high = low;

		if (m->pflags[i] && i + 1 < XT_MULTI_PORTS)
			high = m->ports[++i];
		branch = *s;
		if (m->flags == XT_MULTIPORT_EITHER)
			branch.way.conditions |= PUBLISHED_OTHER;
		if (way_ports(&branch.way, low, high))
			run(w, &branch);
	}
	return false;
}

static bool run_match_of(struct walking *w, struct step *s, const struct snap_fw_expr *e)
{
	struct xt_info info;
	const struct xt_tcp *tcp = (const void *)info.bytes;
	const struct xt_udp *udp = (const void *)info.bytes;
	const char *name = e->ref ? e->ref : "";

	xt_info(e, &info);
	if (!strcmp(name, "tcp"))
		return match_ports(&s->way, tcp->spts, tcp->dpts, IPPROTO_TCP, tcp->invflags);
	if (!strcmp(name, "udp"))
		return match_ports(&s->way, udp->spts, udp->dpts, IPPROTO_UDP, udp->invflags);
	if (!strcmp(name, "addrtype"))
		return match_local(&s->way, e, &info);
	if (!strcmp(name, "multiport") && e->type == 1)
		return match_multiport(w, s, &info);
	if (!strcmp(name, "statistic"))
		s->way.conditions |= PUBLISHED_CHANCE;
	else if (!strcmp(name, "mark") || !strcmp(name, "connmark"))
		s->way.conditions |= PUBLISHED_MARK;
	else if (!strcmp(name, "physdev"))
		s->way.conditions |= PUBLISHED_DEVICE;
	else if (strcmp(name, "comment") != 0 && strcmp(name, "conntrack") != 0 && strcmp(name, "state") != 0)
		s->way.conditions |= PUBLISHED_OTHER;
	return true;
}

/* --- expressions of nf_tables -------------------------------------------------------------------------------------------------- */

static void go(struct walking *w, const struct step *s, const char *verdict, const char *to)
{
	const struct snap_fw_chain *chain;

	if (!verdict || (strcmp(verdict, "jump") != 0 && strcmp(verdict, "goto") != 0))
		return;
	chain = ruleset_chain(w->r, s->rule->family, s->rule->table, to);
	if (chain)
		walk_chain(w, chain, &s->way, s->depth + 1);
}

static void decrement(uint8_t *p, size_t n)
{
	while (n-- > 0 && p[n]-- == 0)
		;
}

static void increment(uint8_t *p, size_t n)
{
	while (n-- > 0 && ++p[n] == 0)
		;
}

static bool run_cmp(struct step *s, const struct snap_fw_expr *e)
{
	static const uint8_t lowest[2] = { 0, 0 }, highest[2] = { 0xff, 0xff };
	uint8_t value[WAY_BYTES];
	size_t n = fw_bytes(e->data, value, sizeof(value));
	bool is_port = n == sizeof(lowest) && way_tells(&s->regs, e->sreg, n);

	if (e->op == NFT_CMP_EQ)
		return way_within(&s->way, &s->regs, e->sreg, value, NULL, n);
	if (!is_port || e->op == NFT_CMP_NEQ)
		return way_outside(&s->way, &s->regs, e->sreg, n);
	if (e->op == NFT_CMP_LT || e->op == NFT_CMP_LTE) {
		if (e->op == NFT_CMP_LT)
			decrement(value, n);
		return (e->op == NFT_CMP_LTE || memcmp(value, highest, n) != 0) &&
		       way_within(&s->way, &s->regs, e->sreg, lowest, value, n);
	}
	if (e->op == NFT_CMP_GT)
		increment(value, n);
	return (e->op == NFT_CMP_GTE || memcmp(value, lowest, n) != 0) && way_within(&s->way, &s->regs, e->sreg, value, highest, n);
}

static bool run_range(struct step *s, const struct snap_fw_expr *e)
{
	uint8_t low[WAY_BYTES], high[WAY_BYTES];
	size_t n = fw_bytes(e->data, low, sizeof(low));

	if (fw_bytes(e->data2, high, sizeof(high)) != n || e->op != NFT_RANGE_EQ)
		return way_outside(&s->way, &s->regs, e->sreg, n);
	return way_within(&s->way, &s->regs, e->sreg, low, high, n);
}

/* One element: those whose key it is go on, with what the map has for them. */
static void branch_to(struct walking *w, const struct step *s, const struct snap_fw_expr *e, const struct snap_fw_elem *elem,
		      const struct snap_fw_elem *next, bool intervals)
{
	uint8_t low[WAY_BYTES], high[WAY_BYTES];
	size_t n = fw_bytes(elem->key, low, sizeof(low));
	struct step branch = *s;

	memcpy(high, low, n);
	if (elem->key_end)
		fw_bytes(elem->key_end, high, n);
	else if (intervals && next && fw_bytes(next->key, high, n) == n)
		decrement(high, n);
	else if (intervals)
		memset(high, 0xff, n);
	if (!elem->key)
		branch.way.conditions |= PUBLISHED_OTHER; /* those that no other has */
	else if (!way_within(&branch.way, &s->regs, e->sreg, low, high, n))
		return;
	if (e->dreg == NFT_REG_VERDICT)
		return go(w, &branch, elem->verdict, elem->ref);
	if (e->dreg != OPT_NONE)
		way_put(&branch.regs, e->dreg, elem->data);
	run(w, &branch);
}

/* False: they have gone on in branches, or nothing is known of the set. */
static bool run_lookup(struct walking *w, struct step *s, const struct snap_fw_expr *e)
{
	const struct snap_fw_set *set = ruleset_set(w->r, s->rule->family, s->rule->table, e->ref);
	bool intervals = set && set->flags & FW_SET_INTERVAL && !(set->flags & FW_SET_CONCAT), map = e->dreg != OPT_NONE;
	const struct snap_fw_elem **sorted;

	if (!set) {
		s->way.conditions |= PUBLISHED_OTHER;
		if (e->dreg == NFT_REG_VERDICT)
			cannot_tell(w, s);
		return e->dreg != NFT_REG_VERDICT;
	}
	if (!map && e->flags != OPT_NONE && e->flags & NFT_LOOKUP_F_INV)
		return way_outside(&s->way, &s->regs, e->sreg, set->key_len);
	if (++s->branches > MAX_BRANCHES || (!map && !way_tells(&s->regs, e->sreg, set->key_len))) {
		unsigned int before = s->way.conditions;

		way_outside(&s->way, &s->regs, e->sreg, set->key_len);
		if (s->branches > MAX_BRANCHES || s->way.conditions == before)
			s->way.conditions |= PUBLISHED_OTHER;
		if (map)
			cannot_tell(w, s);
		return !map;
	}
	sorted = sets_sorted(w->r, set);
	for (; *sorted && w->steps; sorted++)
		if (!intervals || !(*sorted)->interval_end) {
			w->steps--;
			branch_to(w, s, e, sorted[0], sorted[1], intervals);
		}
	for (uint32_t i = 0; i < set->n_elems && map; i++)
		if (!set->elems[i].key)
			branch_to(w, s, e, &set->elems[i], NULL, false);
	return false;
}

static bool is_silent(const char *name)
{
	static const char *const names[] = { "counter", "log", "notrack", "dynset", "objref", "last" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* False: this rule has no more to say. */
static bool run_expr(struct walking *w, struct step *s, const struct snap_fw_expr *e)
{
	const char *name = e->name;

	if (!strcmp(name, "cmp"))
		return run_cmp(s, e);
	if (!strcmp(name, "range"))
		return run_range(s, e);
	if (!strcmp(name, "lookup"))
		return run_lookup(w, s, e);
	if (!strcmp(name, "match"))
		return run_match_of(w, s, e);
	if (!strcmp(name, "immediate") && e->verdict) {
		go(w, s, e->verdict, e->ref);
		return false;
	}
	if (!strcmp(name, "immediate"))
		way_put(&s->regs, e->dreg, e->data);
	else if (!strcmp(name, "bitwise"))
		way_mask(&s->regs, e);
	else if (!strcmp(name, "nat"))
		run_nat(w, s, e);
	else if (!strcmp(name, "redir"))
		run_redirect(w, s, e);
	else if (!strcmp(name, "target"))
		run_target(w, s, e);
	else if (e->dreg != OPT_NONE)
		way_read(&s->regs, &s->way, e);
	else if (!is_silent(name))
		s->way.conditions |= PUBLISHED_OTHER; /* limit, quota, connlimit, and what is newer than this program */
	return true;
}

static void run(struct walking *w, struct step *s)
{
	while (s->at < s->rule->n_exprs && w->steps) {
		w->steps--;
		if (!run_expr(w, s, &s->rule->exprs[s->at++]))
			return;
	}
}

/* --- chains -------------------------------------------------------------------------------------------------------------------- */

static uint64_t visit_key(const struct walking *w, const struct snap_fw_chain *chain, const struct way *way)
{
	char text[192], host[IPADDR_TEXT];

	snprintf(text, sizeof(text), "%zu %u %u %s/%u %u %u %u", (size_t)(chain - w->r->chains), way->family, way->proto,
		 ipaddr_text(&way->host, host), way->prefix, way->low, way->high, way->conditions);
	return text_key(text);
}

static void walk_chain(struct walking *w, const struct snap_fw_chain *chain, const struct way *way, int depth)
{
	uint32_t n, next = (uint32_t)w->met.n;
	const struct snap_fw_rule *rules = ruleset_rules(w->r, chain, &n);
	struct step s;

	if (depth > MAX_DEPTH || idmap_add(&w->met, visit_key(w, chain, way), next) != next)
		return;
	for (uint32_t i = 0; i < n && w->steps; i++) {
		s = (struct step){ .rule = &rules[i], .depth = depth, .way = *way };
		run(w, &s);
	}
}

static size_t steps_for(const struct ruleset *r)
{
	size_t n = r->n_chains;

	for (uint32_t i = 0; i < r->n_rules; i++)
		n += r->rules[i].n_exprs;
	for (uint32_t i = 0; i < r->n_sets; i++)
		n += r->sets[i].n_elems;
	return n * STEPS_PER_RECORD + FREE_STEPS;
}

void published_rules(struct ruleset *r, const struct published_sink *sink)
{
	struct walking w = { .r = r, .sink = sink, .steps = steps_for(r) };
	const struct snap_fw_chain **list = xcalloc(r->n_chains + 1u, sizeof(*list));

	for (int family = 4; family <= 6; family += 2) {
		const struct way all = way_all((uint8_t)family);
		size_t n = ruleset_at(r, FW_PREROUTING, family, NULL, list);

		for (size_t i = 0; i < n; i++)
			if (list[i]->type && !strcmp(list[i]->type, "nat"))
				walk_chain(&w, list[i], &all, 0);
	}
	if (!w.steps)
		sink->undecoded(sink->arg, NULL);
	free(list);
	idmap_done(&w.met);
	idmap_done(&w.claimed);
	idmap_done(&w.told);
}
