// SPDX-License-Identifier: GPL-2.0-or-later
/* A packet at a hook of netfilter: what the ruleset does to it, and the cause where that is to drop it. */
#include <netinet/in.h>

#include "firewall/rule_text.h"
#include "reach/trip.h"

/* icmp_err_convert (net/ipv4/icmp.c), icmpv6_err_convert and tab_unreach (net/ipv6/icmp.c): a datagram's sender hears of fatal ones only. */
static bool is_fatal(uint8_t reject)
{
	return reject != FW_NET_UNREACH && reject != FW_HOST_UNREACH && reject != FW_NO_ROUTE && reject != FW_ADDR_UNREACH;
}

int filter_errno(const struct packet *p, uint8_t reject)
{
	bool v6 = p->daddr.family == 6;

	if (p->l4proto != IPPROTO_TCP && !is_fatal(reject))
		return ETIMEDOUT;
	switch (reject) {
	case FW_TCP_RESET:
	case FW_PORT_UNREACH:
		return ECONNREFUSED;
	case FW_NET_UNREACH:
	case FW_NET_PROHIBITED:
	case FW_NO_ROUTE:
		return ENETUNREACH;
	case FW_PROTO_UNREACH:
		return ENOPROTOOPT;
	case FW_ADMIN_PROHIBITED:
		return v6 ? EACCES : EHOSTUNREACH;
	case FW_POLICY_FAIL:
	case FW_REJECT_ROUTE:
		return EACCES;
	default:
		return EHOSTUNREACH;
	}
}

/* The client's own: it has come in by no device yet. */
static bool is_sent_here(const struct trip *t, enum fw_hook hook)
{
	return !t->back && (hook == FW_OUTPUT || hook == FW_POSTROUTING) && !t->p.iif.index && t->ns == t->start_ns;
}

/* What a sender sees: a datagram of its own that is dropped, rejected or not, comes back as EPERM (ip_send_skb), all else is silence. */
static int errno_of(const struct trip *t, enum fw_hook hook, const struct fw_result *r)
{
	if (is_sent_here(t, hook) && t->p.l4proto != IPPROTO_TCP)
		return EPERM;
	return r->verdict == FW_REJECT ? filter_errno(&t->p, r->reject) : ETIMEDOUT;
}

static const char *chain_of(const struct fw_result *r)
{
	return r->by.rule ? r->by.rule->chain : r->by.base ? r->by.base->name : NULL;
}

static const char *code_of(const struct trip *t, enum fw_hook hook, const struct fw_result *r)
{
	const char *chain = chain_of(r);

	if (is_sent_here(t, hook))
		return "client-egress-drop";
	if (hook == FW_INPUT || hook == FW_OUTPUT)
		return r->verdict == FW_REJECT ? "netns-firewall-reject" : "netns-firewall-drop";
	if (hook == FW_FORWARD && chain && !strncmp(chain, "DOCKER-ISOLATION", 16))
		return "docker-network-isolation";
	return hook == FW_PREROUTING || hook == FW_INGRESS ? "host-prerouting-drop" : "host-forward-drop";
}

const char *filter_rule_words(struct why_state *st, const struct fw_by *by)
{
	const struct snap_fw_chain *base = by->base;

	if (by->rule)
		return why_printf(st, "table %s %s, chain %s, handle %llu", fw_family_names[by->rule->family], by->rule->table,
				  by->rule->chain, (unsigned long long)by->rule->handle);
	if (base)
		return why_printf(st, "policy of table %s %s, chain %s", fw_family_names[base->family], base->table, base->name);
	return "a rule";
}

static const char *proto_of(const struct trip *t)
{
	return t->p.l4proto == IPPROTO_UDP       ? "udp"
	       : t->p.l4proto == IPPROTO_UDPLITE ? "udplite"
	       : t->p.l4proto == IPPROTO_SCTP    ? "sctp"
						 : "tcp";
}

static bool is_iptables(const struct snap_fw_chain *base)
{
	static const char *const tables[] = { "filter", "nat", "mangle", "raw", "security" };
	bool upper = !base->name[strspn(base->name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")];

	for (size_t i = 0; i < ARRAY_SIZE(tables) && upper && (base->family == FW_IP || base->family == FW_IP6); i++)
		if (!strcmp(base->table, tables[i]))
			return true;
	return false;
}

/*
 * What lets pass what a chain's policy drops, or answers to it. iptables-nft's chains are kept in its words: it reads no chain any more that
 * has a rule of nft's.
 */
static const char *accepting(struct trip *t, const struct snap_fw_chain *base, bool answers)
{
	struct why_state *st = t->st;
	const char *what, *enter = look_enter(st, t->ns);

	if (is_iptables(base)) {
		what = answers ? "-m conntrack --ctstate ESTABLISHED,RELATED"
			       : why_printf(st, "-p %s --dport %u", proto_of(t), t->p.dport);
		return why_printf(st, "%s%s -t %s -A %s %s -j ACCEPT", enter, base->family == FW_IP ? "iptables" : "ip6tables",
				  base->table, base->name, what);
	}
	what = answers ? "ct state established,related" : why_printf(st, "%s dport %u", proto_of(t), t->p.dport);
	return why_printf(st, "%snft add rule %s %s %s %s accept", enter, fw_family_names[base->family],
			  look_quoted(st, base->table), look_quoted(st, base->name), what);
}

static bool has_docker(struct trip *t)
{
	const struct ruleset *r = &trip_place(t, t->ns)->rules;

	for (uint32_t i = 0; i < r->n_chains; i++)
		if (!strcmp(r->chains[i].name, "DOCKER-USER"))
			return true;
	return false;
}

/* What `docker network connect` takes: the server's network, and the client. */
static const char *network_of(const struct target *t)
{
	const char *network = t->kind == TARGET_CONTAINER && t->container ? t->container->network : NULL;

	if (!network || !strcmp(network, "host") || !strcmp(network, "none") || strchr(network, ':'))
		return "NETWORK";
	return strcmp(network, "default") ? network : "bridge";
}

static const char *container_word(struct why_state *st, const struct target *t)
{
	if (!st->q->has_client || t->kind != TARGET_CONTAINER || !t->container)
		return "CONTAINER";
	return look_quoted(st, t->container->name ? t->container->name : t->container->id);
}

/* How one gets rid of the rule; of a container runtime's own rules nobody should. */
static void advise(struct trip *t, enum fw_hook hook, const struct fw_result *r)
{
	struct why_state *st = t->st;
	const char *chain = chain_of(r);

	if (chain && !strncmp(chain, "DOCKER-ISOLATION", 16)) {
		why_advise(st, "connect both containers to one network:  docker network connect %s %s", network_of(&st->q->target),
			   container_word(st, &st->q->client));
		why_advise(st, "or use the published port");
		return;
	}
	if (hook == FW_FORWARD && has_docker(t))
		why_line(st, "also", "rules see the container's address and port here; Docker leaves chain DOCKER-USER to yours");
	if (r->by.rule)
		why_advise(st, "remove the rule:  %snft delete rule %s %s %s handle %llu", look_enter(st, t->ns),
			   fw_family_names[r->by.rule->family], look_quoted(st, r->by.rule->table),
			   look_quoted(st, r->by.rule->chain), (unsigned long long)r->by.rule->handle);
	else if (r->by.base)
		why_advise(st, "accept it:  %s", accepting(t, r->by.base, t->back));
	/* Where packets only come through, answers meet the same chain. */
	if (!r->by.rule && r->by.base && !t->back && hook != FW_INPUT && hook != FW_OUTPUT)
		why_advise(st, "and its answers:  %s", accepting(t, r->by.base, true));
}

static void add_facts(struct trip *t, enum fw_hook hook, const struct fw_result *r)
{
	struct why_state *st = t->st;
	const struct snap_fw_rule *rule = r->by.rule;
	const struct snap_fw_chain *base = r->by.base;

	why_text(st, "verdict", fw_verdict_names[r->verdict]);
	why_text(st, "hook", fw_hook_names[hook]);
	why_number(st, "netns", t->ns);
	why_text(st, "nft_table", rule ? rule->table : base ? base->table : NULL);
	why_text(st, "nft_family", rule ? fw_family_names[rule->family] : base ? fw_family_names[base->family] : NULL);
	why_text(st, "nft_chain", chain_of(r));
	why_text(st, "chain", chain_of(r));
	if (rule)
		why_number(st, "nft_handle", rule->handle);
	if (rule)
		why_text(st, "rule_text", rule_text(&trip_place(t, t->ns)->rules, rule, &st->why->arena));
	if (r->verdict == FW_REJECT)
		why_text(st, "reject", fw_reject_names[r->reject]);
}

static void add_cause(struct trip *t, enum fw_hook hook, const struct fw_result *r)
{
	struct why_state *st = t->st;
	const char *code = code_of(t, hook, r), *chain = chain_of(r), *does = r->verdict == FW_REJECT ? "rejects" : "drops";

	trip_word(t, "%s %s (%s)", fw_hook_names[hook], chain ? chain : "", r->verdict == FW_REJECT ? "reject" : "drop");
	if (t->back && !strcmp(code, "docker-network-isolation") && st->why->n_causes)
		return; /* networks are kept apart both ways, and joined once */
	why_add(st, code, errno_of(t, hook, r));
	why_summary(st, "%s %s %s at %s in %s", filter_rule_words(st, &r->by), does, t->back ? "the answer" : "it",
		    fw_hook_names[hook], look_ns_name(st, t->ns));
	add_facts(t, hook, r);
	if (r->by.rule)
		why_line(st, "rule", "%s", rule_text(&trip_place(t, t->ns)->rules, r->by.rule, &st->why->arena));
	advise(t, hook, r);
	if (!strcmp(code, "host-prerouting-drop"))
		*ARRAY_ADD(t, pending) = (struct trip_pending){ st->why->n_causes - 1, t->ns };
}

/* --- what could not be told -------------------------------------------------------------------------------------------------- */

static void add_unchecked(struct trip *t, const struct fw_result *r)
{
	struct why_state *st = t->st;

	for (uint32_t i = 0; r->verdict == FW_UNKNOWN && i < r->n_unchecked; i++)
		why_skip(st, "a rule that cannot be evaluated",
			 why_printf(st, "%s: %s, in %s", filter_rule_words(st, &r->unchecked[i].by), r->unchecked[i].what,
				    look_ns_words(st, t->ns)),
			 "what it matches is not known beforehand");
	if (r->verdict == FW_UNKNOWN && !r->n_unchecked)
		why_skip(st, "the ruleset", look_ns_words(st, t->ns), "it could not be read");
}

/* --- translations --------------------------------------------------------------------------------------------------------------- */

/*
 * A socket of this namespace would have had it, if the rule had not sent it away: nothing tells the two of each other. (A proxy's listener
 * is the rule's own other half; and whoever asks for the one behind the rule gets what was meant.)
 */
bool filter_hijack(struct trip *t, const struct trip_tuple *before, const char *who)
{
	struct why_state *st = t->st;
	const struct snap_socket **found;
	const struct snap_task *h;

	if (t->hijacked || st->q->ns != t->ns || !look_addr(st->s, t->ns, &before->dst, 0) ||
	    !deliver_lookup(t, before, t->ns, t->p.iif.index, &found))
		return false;
	h = served_holder(st, found[0]);
	if (!h || served_is_broker(h))
		return false;
	why_add(st, "dnat-hijack", 0)->degrades = true;
	t->hijacked = st->why->n_causes;
	why_summary(st, "%s listens on %s, but %s sends what comes for it to %s", look_task_words(st, h),
		    look_endpoint(st, found[0]->addr, found[0]->port), who, trip_endpoint(st, &t->p.daddr, t->p.dport));
	why_number(st, "listener_pid", h->pid);
	why_text(st, "listener_addr", found[0]->addr);
	why_text(st, "dnat_to", trip_endpoint(st, &t->p.daddr, t->p.dport));
	why_number(st, "netns", t->ns);
	why_line(st, "rule", "%s comes before the lookup of a socket, and nothing reports the conflict",
		 strcmp(who, "IPVS") ? "translation at prerouting" : "IPVS");
	why_advise(st, "one owner for the port: move the server, or take the %s (or the publication) away",
		   strcmp(who, "IPVS") ? "rule" : "service");
	return true;
}

static void check_hijack(struct trip *t, const struct trip_tuple *before, const struct fw_nat *done)
{
	struct why_state *st = t->st;

	if (filter_hijack(t, before, "a rule") && done->by.rule) {
		why_text(st, "nft_table", done->by.rule->table);
		why_text(st, "nft_chain", done->by.rule->chain);
		why_number(st, "nft_handle", done->by.rule->handle);
		why_text(st, "rule_text", rule_text(&trip_place(t, t->ns)->rules, done->by.rule, &st->why->arena));
	}
}

/* Docker's own rules, or somebody's. */
static void note_nat(struct trip *t, const struct trip_tuple *before, const struct fw_nat *done)
{
	struct trip_nat *n = ARRAY_ADD(t, nats);

	n->ns = t->ns;
	n->before = *before;
	n->after = trip_tuple(&t->p);
	n->done = *done;
	n->to_other = done->kind == FW_DNAT || done->kind == FW_REDIRECT;
	if (n->to_other)
		trip_word(t, "nat %s (%s %s)", done->by.rule ? done->by.rule->chain : "", fw_nat_names[done->kind],
			  trip_endpoint(t->st, &t->p.daddr, t->p.dport));
	else
		trip_word(t, "%s", fw_nat_names[done->kind]);
}

/* Where a redirect leads: to the first address of the device that it came in by; what is sent here, to 127.0.0.1 (nf_nat_redirect). */
static struct ipaddr redirect_address(struct trip *t, enum fw_hook hook)
{
	struct ipaddr a = { 0 };
	uint32_t n;
	const struct snap_addr *all = SNAP_RANGE(t->st->s, addresses, t->ns, &n);

	if (hook == FW_OUTPUT)
		ipaddr_parse(t->p.daddr.family == 4 ? "127.0.0.1" : "::1", &a);
	for (uint32_t i = 0; i < n && !a.family; i++)
		if (all[i].ifindex == t->p.iif.index && (all[i].family == ADDR_INET) == (t->p.daddr.family == 4))
			ipaddr_parse(all[i].local, &a);
	return a;
}

/* What the evaluator leaves to whoever knows the devices: the address of a masquerade (nf_nat_masquerade_ipv4) and of a redirect. */
static void fill_in(struct trip *t, enum fw_hook hook, const struct fw_nat *nat)
{
	struct trip_place *at = trip_place(t, t->ns);

	if (nat->kind == FW_MASQUERADE && nat->addr_unknown) {
		struct route way = { .oif = t->p.oif.index, .type = ROUTE_UNICAST };
		struct route_flow flow = { .dst = t->p.daddr };
		struct ipaddr a;

		fib_lookup(&at->fib, &flow, &way);
		way.oif = t->p.oif.index;
		a = fib_source(&at->fib, &way, &t->p.daddr);
		if (a.family) {
			t->p.saddr = a;
			t->p.unknown &= ~(unsigned int)PACKET_SADDR;
		}
	}
	if (nat->kind == FW_REDIRECT && nat->addr_unknown) {
		struct ipaddr a = redirect_address(t, hook);

		if (a.family) {
			t->p.daddr = a;
			t->p.unknown &= ~(unsigned int)PACKET_DADDR;
		}
	}
}

static void take_nats(struct trip *t, enum fw_hook hook, const struct trip_tuple *before, const struct fw_result *r)
{
	for (uint32_t i = 0; i < r->n_nats && r->nat_certain; i++) {
		const struct fw_nat *n = &r->nats[i];

		t->chooses = t->chooses || r->n_nats > 1;
		if (r->n_nats > 1 && i) { /* one of many: the first stands for all */
			why_skip(t->st, "the other targets of a translation", filter_rule_words(t->st, &n->by),
				 "the kernel picks one");
			break;
		}
		fill_in(t, hook, n);
		note_nat(t, before, n);
		if ((n->kind == FW_DNAT || n->kind == FW_REDIRECT) && !t->proxied)
			check_hijack(t, before, n);
	}
	t->chooses = t->chooses || (r->n_nats && !r->nat_certain);
	if (r->n_nats && !r->nat_certain)
		why_skip(t->st, "a translation", filter_rule_words(t->st, &r->nats[0].by),
			 "whether the rule matches is not known beforehand");
}

/*
 * As if the rule (or the policy) that stopped it were not there: in a copy of the ruleset, which is what the rest of the way is judged by.
 * A rule without expressions matches all and does nothing.
 */
static void repair(struct trip *t, struct ruleset *rules, const struct fw_by *by)
{
	struct arena *arena = &t->st->why->arena;
	struct snap_fw_rule *copy;
	struct snap_fw_chain *chains;

	if (by->rule) {
		copy = arena_alloc(arena, rules->n_rules * sizeof(*copy));
		memcpy(copy, rules->rules, rules->n_rules * sizeof(*copy));
		copy[by->rule - rules->rules].n_exprs = 0;
		rules->rules = copy;
	} else if (by->base) {
		chains = arena_alloc(arena, rules->n_chains * sizeof(*chains));
		memcpy(chains, rules->chains, rules->n_chains * sizeof(*chains));
		chains[by->base - rules->chains].drops = false;
		rules->chains = chains;
	}
}

enum { MAX_STOPS = 8 }; /* at one hook */

static void pass(struct trip *t, enum fw_hook hook, bool known)
{
	struct trip_place *at = trip_place(t, t->ns);
	struct packet begun = t->p, p;
	struct trip_tuple before = trip_tuple(&t->p);
	struct fw_result r = { 0 };
	const struct anyport seen = { hook, &begun, &p, &r };
	bool minds_port;

	t->st->why->checks++;
	for (int i = 0; i < MAX_STOPS; i++) {
		p = begun;
		eval_hook(&at->rules, hook, &p, &t->st->why->arena, &r);
		minds_port = anyport_differs(t, &seen);
		if (r.verdict != FW_DROP && r.verdict != FW_REJECT)
			break;
		add_cause(t, hook, &r);
		if (minds_port)
			t->st->why->causes[t->st->why->n_causes - 1].degrades = true;
		repair(t, &at->rules, &r.by);
	}
	if (r.verdict != FW_ACCEPT)
		add_unchecked(t, &r);
	if (known) { /* rules may still mark it, or take it from conntrack */
		enum { MARKS = PACKET_MARK | PACKET_CT_MARK | PACKET_CT };

		t->p.mark = p.mark;
		t->p.ct_mark = p.ct_mark;
		t->p.ct_state = p.ct_state;
		t->p.unknown = (t->p.unknown & ~(unsigned int)MARKS) | (p.unknown & MARKS);
		return;
	}
	t->p = p;
	take_nats(t, hook, &before, &r);
}

void filter_pass(struct trip *t, enum fw_hook hook)
{
	pass(t, hook, false);
}

void filter_pass_known(struct trip *t, enum fw_hook hook)
{
	pass(t, hook, true);
}

static bool does_something(const struct ruleset *r, const struct snap_fw_chain *c)
{
	for (uint32_t i = 0; i < r->n_rules && !c->drops; i++)
		if (r->rules[i].family == c->family && !strcmp(r->rules[i].table, c->table) && !strcmp(r->rules[i].chain, c->name))
			return true;
	return c->drops;
}

/* --- who has the next hop? ------------------------------------------------------------------------------------------------------------ */

/* Of a solicitation or its answer, at a hook of the namespace that it is in. True: a rule stops it, and that is the cause. */
static bool stops_neighbour(struct trip *t, enum fw_hook hook, const char *what, int err)
{
	struct why_state *st = t->st;
	struct packet p = t->p;
	struct fw_result r = { 0 };

	if (t->unasked == t->ns)
		return false;
	eval_hook(&trip_place(t, t->ns)->rules, hook, &p, &st->why->arena, &r);
	if (r.verdict == FW_UNKNOWN)
		add_unchecked(t, &r);
	if (r.verdict != FW_DROP && r.verdict != FW_REJECT)
		return false;
	t->unasked = t->ns;
	why_add(st, "netns-firewall-drop", err);
	why_summary(st, "%s drops the neighbour %s at %s in %s, so that nobody learns who has the address",
		    filter_rule_words(st, &r.by), what, fw_hook_names[hook], look_ns_name(st, t->ns));
	add_facts(t, hook, &r);
	if (r.by.rule)
		why_line(st, "rule", "%s", rule_text(&trip_place(t, t->ns)->rules, r.by.rule, &st->why->arena));
	why_line(st, "also", "IPv6 asks for neighbours by ICMPv6, which rulesets see (ARP they do not)");
	why_advise(st, "in %s, accept icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } before that",
		   look_ns_name(st, t->ns));
	return true;
}

/* As it is sent in one namespace and taken in another. */
static bool stops_message(struct trip *t, uint32_t from, struct packet_dev out, uint32_t to, struct packet_dev in, const char *what,
			  int err)
{
	t->ns = from;
	t->p.iif = (struct packet_dev){ 0 };
	t->p.oif = out;
	if (stops_neighbour(t, FW_OUTPUT, what, err) || stops_neighbour(t, FW_POSTROUTING, what, err))
		return true;
	t->ns = to;
	t->p.iif = in;
	t->p.oif = (struct packet_dev){ 0 };
	return stops_neighbour(t, FW_PREROUTING, what, err) || stops_neighbour(t, FW_INPUT, what, err);
}

/* Neither is tracked (nf_conntrack_icmpv6_error: noct_valid_new). */
void filter_neighbour(struct trip *t, const struct ipaddr *next, uint32_t to, struct packet_dev in)
{
	enum { SOLICIT = 135, ADVERT = 136 };
	const struct packet kept = t->p;
	int err = t->back ? ETIMEDOUT : filter_errno(&t->p, FW_ADDR_UNREACH);
	uint32_t from = t->ns;
	struct ipaddr group, own = t->p.saddr;

	ipaddr_parse("ff02::1:ff00:0", &group);
	memcpy(group.bytes + 13, next->bytes + 13, 3);
	t->p = (struct packet){ .l4proto = IPPROTO_ICMPV6,
				.saddr = own,
				.daddr = group,
				.dport = SOLICIT << 8,
				.ct_state = CT_UNTRACKED,
				.unknown = look_addr(t->st->s, from, &own, 0) ? 0 : PACKET_SADDR };
	t->st->why->checks++;
	if (!stops_message(t, from, kept.oif, to, in, "solicitation", err)) {
		t->p.unknown = t->p.unknown ? PACKET_DADDR : 0;
		t->p.saddr = *next;
		t->p.daddr = own;
		t->p.dport = ADVERT << 8;
		stops_message(t, to, in, from, kept.oif, "advertisement", err);
	}
	t->ns = from;
	t->p = kept;
}

void filter_arp(struct trip *t, uint32_t ns)
{
	const struct ruleset *r = &trip_place(t, ns)->rules;

	for (uint32_t i = 0; i < r->n_chains; i++)
		if (r->chains[i].family == FW_ARP && does_something(r, &r->chains[i]))
			why_skip(t->st, "rules for ARP",
				 why_printf(t->st, "table arp %s, chain %s, in %s", r->chains[i].table, r->chains[i].name,
					    look_ns_words(t->st, ns)),
				 "who has the next hop is asked by ARP, which is not followed");
}

/* --- bridges -------------------------------------------------------------------------------------------------------------------- */

void filter_bridge(struct trip *t, uint32_t ns, unsigned int hooks)
{
	const struct ruleset *r = &trip_place(t, ns)->rules;

	t->st->why->checks++;
	for (uint32_t i = 0; i < r->n_chains; i++) {
		const struct snap_fw_chain *c = &r->chains[i];

		if (c->family == FW_BRIDGE && hooks >> c->hook & 1 && does_something(r, c))
			why_skip(t->st, "a bridge's rules",
				 why_printf(t->st, "table bridge %s, chain %s, in %s", c->table, c->name, look_ns_words(t->st, ns)),
				 "they see frames, which are not followed");
	}
}
