// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as messages of nf_tables: nothing outside of them is read, what is taken is a whole record, and a ruleset made of those, whatever
 * it says, is told as text, searched for published ports and evaluated for packets. The corpus holds dumps of whole rulesets.
 */
#include <linux/netlink.h>
#include <netinet/in.h>

#include "firewall/eval.h"
#include "firewall/published.h"
#include "firewall/rule_text.h"
#include "net/nft.h"
#include "net/nl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NS = 1 };

static void need(bool ok)
{
	if (!ok)
		abort();
}

static void need_text(const char *s)
{
	need(s && strlen(s) < 1 << 16);
}

static void need_hex(const char *s)
{
	need(!s || strspn(s, "0123456789abcdef") == strlen(s));
	need(!s || (*s && strlen(s) % 2 == 0));
}

static void need_rule(const struct snap_fw_rule *r)
{
	need_text(r->chain);
	need(!r->n_exprs || r->exprs);
	for (uint32_t i = 0; i < r->n_exprs; i++) {
		need_text(r->exprs[i].name);
		need_hex(r->exprs[i].data);
		need_hex(r->exprs[i].data2);
	}
}

struct taken {
	struct snap s;
	struct snap_fw_elem *elems; /* all of them are the elements of each set */
	size_t n_elems, cap_elems;
};

static void take_elem(const struct snap_fw_elem *e, void *arg)
{
	struct taken *t = arg;

	need_hex(e->key);
	need_hex(e->key_end);
	need_hex(e->data);
	*ARRAY_ADD(t, elems) = *e;
}

static void need_devices(const char *const *devices, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		need_text(devices[i]);
}

static int take(const struct nlmsghdr *h, void *arg)
{
	struct taken *t = arg;
	struct arena *arena = &t->s.arena;
	struct snap_fw_flowtable flowtable;
	struct snap_fw_object object;
	struct snap_fw_table table;
	struct snap_fw_chain chain;
	struct snap_fw_rule rule;
	struct snap_fw_set set;

	if (!nft_parse_table(h, arena, &table)) {
		need_text(table.name);
		table.ns = NS;
		*ARRAY_ADD(&t->s, fw_tables) = table;
	} else if (!nft_parse_chain(h, arena, &chain)) {
		need_text(chain.table);
		need_devices(chain.devices, chain.n_devices);
		chain.ns = NS;
		*ARRAY_ADD(&t->s, fw_chains) = chain;
	} else if (!nft_parse_rule(h, arena, &rule)) {
		need_rule(&rule);
		rule.ns = NS;
		*ARRAY_ADD(&t->s, fw_rules) = rule;
	} else if (!nft_parse_set(h, arena, &set)) {
		need_text(set.name);
		need(!set.n_fields || set.fields);
		set.ns = NS;
		*ARRAY_ADD(&t->s, fw_sets) = set;
	} else if (!nft_parse_object(h, arena, &object)) {
		need_text(object.name);
	} else if (!nft_parse_flowtable(h, arena, &flowtable)) {
		need_text(flowtable.name);
		need_devices(flowtable.devices, flowtable.n_devices);
	} else {
		nft_parse_elems(h, arena, take_elem, t);
	}
	return 0;
}

static void evaluate(struct ruleset *r, int family, uint8_t proto, unsigned int unknown)
{
	struct arena arena = { 0 };
	struct packet p = { .l4proto = proto, .sport = 40000, .dport = 8080, .ct_state = CT_NEW, .unknown = unknown };
	struct fw_result out;

	need(!ipaddr_parse(family == 4 ? "10.0.0.2" : "fd00::2", &p.saddr));
	need(!ipaddr_parse(family == 4 ? "10.0.0.1" : "fd00::1", &p.daddr));
	p.iif.name = "eth0";
	for (enum fw_hook hook = FW_PREROUTING; hook <= FW_EGRESS; hook++) {
		eval_hook(r, hook, &p, &arena, &out);
		need(out.verdict <= FW_UNKNOWN && out.n_nats <= FW_MAX_NATS);
		need(!out.n_unchecked || out.unchecked[0].what);
	}
	arena_done(&arena);
}

static void use(struct snap *s)
{
	struct published published;
	struct index ix;
	struct arena arena = { 0 };
	struct ruleset r;

	snap_settle(s);
	ruleset_open(&r, s, NS);
	for (size_t i = 0; i < s->n_fw_rules; i++)
		rule_text(&r, &s->fw_rules[i], &arena);
	index_build(&ix, s);
	published_build(&published, &ix);
	for (size_t i = 0; i < published.n_ports; i++)
		need(published.ports[i].proto && published.ports[i].host_port <= published.ports[i].host_last);
	published_done(&published);
	index_done(&ix);
	evaluate(&r, 4, IPPROTO_TCP, 0);
	evaluate(&r, 6, IPPROTO_UDP, 0);
	evaluate(&r, 4, IPPROTO_UDP, PACKET_SADDR | PACKET_SPORT | PACKET_DPORT | PACKET_IIF | PACKET_MARK | PACKET_CT);
	ruleset_done(&r);
	arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct taken t = { 0 };
	const struct nl_sink sink = { take, NULL, &t };
	bool interrupted = false;
	char *copy = malloc(size ? size : 1);
	int end;

	need(copy);
	if (size)
		memcpy(copy, data, size);
	snap_init(&t.s);
	t.s.head.wants = WANT_FIREWALL;
	end = nl_take_all(copy, size, 0, &sink, &interrupted); /* the recorded ones have no number */
	need(end <= 1 && end > -4096);
	free(copy);
	for (size_t i = 0; i < t.s.n_fw_sets; i++) {
		t.s.fw_sets[i].elems = t.elems;
		t.s.fw_sets[i].n_elems = (uint32_t)t.n_elems;
	}
	use(&t.s);
	free(t.elems);
	snap_done(&t.s);
	return 0;
}
