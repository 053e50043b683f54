// SPDX-License-Identifier: GPL-2.0-or-later
/* Rulesets made by hand: order of base chains, jumps, policies, translations, and what is not known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>

#include "firewall/eval.h"
#include "firewall/published.h"
#include "firewall/rule_text.h"

enum { NS = 4026532000, TCP = 6, UDP = 17 };

struct world {
	struct snap s;
	struct ruleset r;
	struct arena arena;
	struct fw_result out;
};

static void open_world(struct world *w)
{
	memset(w, 0, sizeof(*w));
	snap_init(&w->s);
	w->s.head.wants = WANT_FIREWALL;
}

static void close_world(struct world *w)
{
	ruleset_done(&w->r);
	arena_done(&w->arena);
	snap_done(&w->s);
}

static void table(struct world *w, const char *name, uint64_t handle)
{
	*ARRAY_ADD(&w->s, fw_tables) = (struct snap_fw_table){ .ns = NS, .family = FW_INET, .name = name, .handle = handle };
}

static struct snap_fw_chain *chain(struct world *w, const char *in, const char *name, enum fw_hook hook, int priority)
{
	struct snap_fw_chain *c = ARRAY_ADD(&w->s, fw_chains);

	*c = (struct snap_fw_chain){ .ns = NS,
				     .family = FW_INET,
				     .table = in,
				     .name = name,
				     .hook = (uint8_t)hook,
				     .priority = priority,
				     .type = hook ? "filter" : NULL,
				     .handle = w->s.n_fw_chains };
	return c;
}

/* A rule of one expression, or of two: "tcp dport N" and what is done. */
static uint64_t rule(struct world *w, const char *in, const char *of, int dport, struct snap_fw_expr what)
{
	struct snap_fw_expr *e = arena_alloc(&w->s.arena, 3 * sizeof(*e));
	uint64_t handle = w->s.n_fw_rules + 1;
	uint32_t n = 0;

	if (dport) {
		e[n] = snap_fw_expr_of("payload");
		e[n].base = NFT_PAYLOAD_TRANSPORT_HEADER;
		e[n].offset = e[n].len = 2;
		e[n++].dreg = 1;
		e[n] = snap_fw_expr_of("cmp");
		e[n].sreg = 1;
		e[n].op = NFT_CMP_EQ;
		e[n++].data = arena_printf(&w->s.arena, "%04x", dport);
	}
	e[n++] = what;
	*ARRAY_ADD(&w->s, fw_rules) = (struct snap_fw_rule){
		.ns = NS, .family = FW_INET, .table = in, .chain = of, .handle = handle, .exprs = e, .n_exprs = n
	};
	return handle;
}

static struct snap_fw_expr verdict(const char *word, const char *to)
{
	struct snap_fw_expr e = snap_fw_expr_of("immediate");

	e.dreg = NFT_REG_VERDICT;
	e.verdict = word;
	e.ref = to;
	return e;
}

static struct packet packet_to(uint16_t port)
{
	struct packet p = { .l4proto = TCP, .dport = port, .ct_state = CT_NEW, .unknown = PACKET_SPORT };

	ipaddr_parse("10.0.0.2", &p.saddr);
	ipaddr_parse("10.0.0.1", &p.daddr);
	return p;
}

static enum fw_verdict ask(struct world *w, enum fw_hook hook, struct packet *p)
{
	ruleset_done(&w->r);
	ruleset_open(&w->r, &w->s, NS);
	eval_hook(&w->r, hook, p, &w->arena, &w->out);
	return w->out.verdict;
}

static void accept_ends_a_chain_and_drop_ends_all(void **state)
{
	struct packet p = packet_to(80);
	struct world w;
	uint64_t drops;

	(void)state;
	open_world(&w);
	table(&w, "t", 1);
	chain(&w, "t", "late", FW_INPUT, 10);
	chain(&w, "t", "early", FW_INPUT, -10);
	rule(&w, "t", "early", 80, verdict("accept", NULL));
	assert_int_equal(ask(&w, FW_INPUT, &p), FW_ACCEPT);
	drops = rule(&w, "t", "late", 80, verdict("drop", NULL));
	assert_int_equal(ask(&w, FW_INPUT, &p), FW_DROP);
	assert_string_equal(w.out.by.base->name, "late");
	assert_int_equal(w.out.by.rule->handle, drops);
	p = packet_to(81); /* a rule for another port is no evidence */
	assert_int_equal(ask(&w, FW_INPUT, &p), FW_ACCEPT);
	assert_int_equal(ask(&w, FW_FORWARD, &p), FW_ACCEPT);
	assert_null(w.out.by.base);
	w.s.fw_tables[0].flags = FW_DORMANT;
	p = packet_to(80);
	assert_int_equal(ask(&w, FW_INPUT, &p), FW_ACCEPT);
	close_world(&w);
}

static void of_two_with_one_priority_the_newer_is_first(void **state)
{
	struct packet p = packet_to(80);
	struct world w;

	(void)state;
	open_world(&w);
	table(&w, "old", 1);
	table(&w, "new", 2);
	chain(&w, "old", "o", FW_INPUT, 0)->drops = true;
	chain(&w, "new", "n", FW_INPUT, 0)->drops = true;
	assert_int_equal(ask(&w, FW_INPUT, &p), FW_DROP);
	assert_string_equal(w.out.by.base->name, "n");
	assert_null(w.out.by.rule);
	close_world(&w);
}

static void jumps_come_back_and_gotos_do_not(void **state)
{
	struct packet p;
	struct world w;

	(void)state;
	open_world(&w);
	table(&w, "t", 1);
	chain(&w, "t", "in", FW_INPUT, 0)->drops = true;
	chain(&w, "t", "a", FW_NO_HOOK, 0);
	rule(&w, "t", "in", 1, verdict("jump", "a"));
	rule(&w, "t", "in", 2, verdict("goto", "a"));
	rule(&w, "t", "in", 0, verdict("accept", NULL));
	rule(&w, "t", "a", 3, verdict("drop", NULL));
	p = packet_to(1);
	assert_int_equal(ask(&w, FW_INPUT, &p), FW_ACCEPT);
	p = packet_to(2); /* behind the goto there is only the policy */
	assert_int_equal(ask(&w, FW_INPUT, &p), FW_DROP);
	assert_null(w.out.by.rule);
	close_world(&w);
}

/* No kernel lets one be made, but a file may say so. */
static void circles_end(void **state)
{
	struct packet p = packet_to(80);
	struct world w;

	(void)state;
	open_world(&w);
	table(&w, "t", 1);
	chain(&w, "t", "in", FW_INPUT, 0);
	chain(&w, "t", "a", FW_NO_HOOK, 0);
	rule(&w, "t", "in", 0, verdict("jump", "a"));
	for (int i = 0; i < 3; i++)
		rule(&w, "t", "a", 0, verdict("jump", "a"));
	assert_int_equal(ask(&w, FW_INPUT, &p), FW_UNKNOWN);
	assert_int_equal(w.out.n_unchecked, 1);
	close_world(&w);
}

static void what_is_not_known_goes_both_ways(void **state)
{
	struct packet p = packet_to(80);
	struct world w;

	(void)state;
	open_world(&w);
	table(&w, "t", 1);
	chain(&w, "t", "in", FW_INPUT, 0);
	rule(&w, "t", "in", 80, verdict("drop", NULL));
	p.unknown |= PACKET_DPORT;
	assert_int_equal(ask(&w, FW_INPUT, &p), FW_UNKNOWN);
	assert_int_equal(w.out.n_unchecked, 1);
	assert_int_equal(w.out.by.rule->handle, 1);
	rule(&w, "t", "in", 0, verdict("drop", NULL)); /* both ways end alike */
	assert_int_equal(ask(&w, FW_INPUT, &p), FW_DROP);
	assert_int_equal(w.out.n_unchecked, 0);
	assert_int_equal(w.out.by.rule->handle, 2);
	close_world(&w);
}

/* It may do anything; but not to a packet that does not come so far. */
static void a_rule_newer_than_this_program(void **state)
{
	struct packet p = packet_to(80);
	struct world w;

	(void)state;
	open_world(&w);
	table(&w, "t", 1);
	chain(&w, "t", "in", FW_INPUT, 0)->drops = true;
	rule(&w, "t", "in", 0, snap_fw_expr_of("oracle"));
	w.s.fw_rules[0].unparsed = true;
	assert_int_equal(ask(&w, FW_INPUT, &p), FW_UNKNOWN);
	assert_int_equal(w.out.n_unchecked, 1);
	assert_string_equal(w.out.unchecked[0].what, "oracle");
	w.s.n_fw_rules = 0;
	rule(&w, "t", "in", 0, verdict("drop", NULL));
	rule(&w, "t", "in", 0, snap_fw_expr_of("oracle"));
	w.s.fw_rules[1].unparsed = true;
	assert_int_equal(ask(&w, FW_INPUT, &p), FW_DROP);
	assert_int_equal(w.out.n_unchecked, 0);
	close_world(&w);
}

/* A limit is taken for not reached, wherever it stands. */
static void limits_of_elements(void **state)
{
	struct snap_fw_expr lookup = snap_fw_expr_of("lookup"), dynset = snap_fw_expr_of("dynset");
	struct snap_fw_elem elem = { .key = "0050", .limit = "limit", .over = true };
	struct packet p = packet_to(80);
	struct world w;

	(void)state;
	open_world(&w);
	table(&w, "t", 1);
	chain(&w, "t", "in", FW_INPUT, 0)->drops = true;
	*ARRAY_ADD(&w.s, fw_sets) = (struct snap_fw_set){ .ns = NS,
							  .family = FW_INET,
							  .table = "t",
							  .name = "s",
							  .key_len = 2,
							  .elems = &elem,
							  .n_elems = 1,
							  .limit = "quota",
							  .over = false };
	lookup.sreg = dynset.sreg = 1; /* the port, which the rule has compared before */
	lookup.ref = dynset.ref = "s";
	rule(&w, "t", "in", 80, lookup);
	rule(&w, "t", "in", 80, dynset);
	for (uint32_t i = 0; i < 2; i++) {
		struct snap_fw_expr *e = arena_alloc(&w.s.arena, 4 * sizeof(*e));

		memcpy(e, w.s.fw_rules[i].exprs, 3 * sizeof(*e));
		e[3] = verdict("accept", NULL);
		w.s.fw_rules[i].exprs = e;
		w.s.fw_rules[i].n_exprs = 4;
	}
	assert_int_equal(ask(&w, FW_INPUT, &p), FW_ACCEPT);
	assert_int_equal(w.out.by.rule->handle, 2); /* the first is for those over the limit */
	assert_int_equal(w.out.n_unchecked, 2);
	assert_true(w.out.unchecked[0].assumed && w.out.unchecked[1].assumed);
	assert_string_equal(w.out.unchecked[1].what, "quota");
	close_world(&w);
}

static void nobody_has_read_it(void **state)
{
	struct packet p = packet_to(80);
	struct world w;

	(void)state;
	open_world(&w);
	w.s.head.wants = 0;
	assert_int_equal(ask(&w, FW_INPUT, &p), FW_UNKNOWN);
	w.s.head.wants = WANT_FIREWALL;
	*ARRAY_ADD(&w.s, fw_tables) = (struct snap_fw_table){ .ns = NS, .family = FW_IP, .name = "filter", .legacy = true };
	assert_int_equal(ask(&w, FW_INPUT, &p), FW_UNKNOWN);
	assert_string_equal(w.out.unchecked[0].what, "the table filter of iptables-legacy");
	assert_int_equal(ask(&w, FW_PREROUTING, &p), FW_ACCEPT); /* it is not there */
	close_world(&w);
}

static void a_translation(void **state)
{
	struct packet p = packet_to(8080), answer;
	struct snap_fw_expr nat = snap_fw_expr_of("target");
	struct published told;
	struct index ix;
	struct world w;

	(void)state;
	open_world(&w);
	table(&w, "nat", 1);
	chain(&w, "nat", "pre", FW_PREROUTING, -100)->type = "nat";
	nat.ref = "DNAT";
	nat.type = 2;
	nat.data = "03000000"
		   "ac110002000000000000000000000000"
		   "ac110002000000000000000000000000"
		   "0050"
		   "0050"
		   "0000"
		   "0000";
	rule(&w, "nat", "pre", 8080, nat);
	assert_int_equal(ask(&w, FW_PREROUTING, &p), FW_ACCEPT);
	assert_int_equal(w.out.n_nats, 1);
	assert_true(w.out.nat_certain);
	assert_int_equal(w.out.nats[0].kind, FW_DNAT);
	assert_int_equal(p.dport, 80);
	assert_int_equal(p.daddr.bytes[0], 172);
	assert_int_equal(p.orig_dport, 8080);
	assert_true(p.ct_status & IPS_DST_NAT);
	answer = packet_to(8080);
	answer.ct_state = CT_ESTABLISHED; /* only the first packet asks */
	ask(&w, FW_PREROUTING, &answer);
	assert_int_equal(answer.dport, 8080);
	assert_string_equal(rule_text(&w.r, &w.s.fw_rules[0], &w.arena), "th dport 8080 dnat to 172.17.0.2:80");
	w.s.fw_tables[0].family = w.s.fw_chains[0].family = w.s.fw_rules[0].family = FW_IP; /* as iptables makes them */
	index_build(&ix, &w.s);
	published_build(&told, &ix);
	assert_int_equal(told.n_ports, 2); /* of both protocols, for it asks for none */
	assert_int_equal(told.ports[0].host_port, 8080);
	assert_int_equal(told.ports[0].port, 80);
	published_done(&told);
	index_done(&ix);
	close_world(&w);
}

/* To the address and port that it has anyhow. */
static void a_translation_to_itself(void **state)
{
	struct packet p = packet_to(8080);
	struct snap_fw_expr nat = snap_fw_expr_of("target");
	struct world w;

	(void)state;
	open_world(&w);
	table(&w, "nat", 1);
	chain(&w, "nat", "pre", FW_PREROUTING, -100)->type = "nat";
	nat.ref = "DNAT";
	nat.type = 2;
	nat.data = "03000000"
		   "0a000001000000000000000000000000"
		   "0a000001000000000000000000000000"
		   "1f90"
		   "1f90"
		   "0000"
		   "0000";
	rule(&w, "nat", "pre", 8080, nat);
	assert_int_equal(ask(&w, FW_PREROUTING, &p), FW_ACCEPT);
	assert_int_equal(w.out.n_nats, 1);
	assert_false(p.ct_status & IPS_DST_NAT);
	close_world(&w);
}

/* A SYN that nobody tracks is one all the same; a synproxy answers that, and leaves datagrams alone. */
static void synproxy_takes_a_syn(void **state)
{
	struct packet p = packet_to(80);
	struct world w;

	(void)state;
	open_world(&w);
	table(&w, "t", 1);
	chain(&w, "t", "in", FW_INPUT, 0)->drops = true;
	rule(&w, "t", "in", 80, snap_fw_expr_of("synproxy"));
	p.ct_state = CT_UNTRACKED;
	assert_int_equal(ask(&w, FW_INPUT, &p), FW_STOLEN);
	p.l4proto = UDP;
	assert_int_equal(ask(&w, FW_INPUT, &p), FW_DROP);
	assert_null(w.out.by.rule);
	close_world(&w);
}

/* CONNMARK --restore-mark as iptables-nft writes it: revision 2, with a shift of none. */
static void a_mark_restored(void **state)
{
	struct snap_fw_expr connmark = snap_fw_expr_of("target");
	struct packet p = packet_to(80);
	struct world w;

	(void)state;
	open_world(&w);
	table(&w, "t", 1);
	chain(&w, "t", "pre", FW_PREROUTING, -150);
	connmark.ref = "CONNMARK";
	connmark.type = 2;
	connmark.data = "00000000"
			"ffffffff"
			"ffffffff"
			"000002"
			"00";
	rule(&w, "t", "pre", 0, connmark);
	p.ct_mark = 5;
	ask(&w, FW_PREROUTING, &p);
	assert_int_equal(p.mark, 5);
	assert_false(p.unknown & PACKET_MARK);
	close_world(&w);
}

static void arguments_of_a_proxy(void **state)
{
	struct published_proxy r;

	(void)state;
	assert_true(published_parse_proxy(
		"/usr/bin/docker-proxy -proto udp -host-ip :: -host-port 53 -container-ip 172.17.0.2 -container-port 5353", &r));
	assert_string_equal(r.proto, "udp");
	assert_int_equal(r.host_port, 53);
	assert_int_equal(r.port, 5353);
	assert_int_equal(r.host.family, 6);
	assert_false(
		published_parse_proxy("docker-proxy -proto tcp -host-port 99999 -container-ip 172.17.0.2 -container-port 80", &r));
	assert_false(published_parse_proxy("docker-proxy -proto tcp -host-port", &r));
	assert_false(published_parse_proxy("", &r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accept_ends_a_chain_and_drop_ends_all),
		cmocka_unit_test(of_two_with_one_priority_the_newer_is_first),
		cmocka_unit_test(jumps_come_back_and_gotos_do_not),
		cmocka_unit_test(circles_end),
		cmocka_unit_test(what_is_not_known_goes_both_ways),
		cmocka_unit_test(nobody_has_read_it),
		cmocka_unit_test(a_rule_newer_than_this_program),
		cmocka_unit_test(limits_of_elements),
		cmocka_unit_test(a_translation_to_itself),
		cmocka_unit_test(synproxy_takes_a_syn),
		cmocka_unit_test(a_mark_restored),
		cmocka_unit_test(a_translation),
		cmocka_unit_test(arguments_of_a_proxy),
	};

	return cmocka_run_group_tests_name("eval", tests, NULL, NULL);
}
