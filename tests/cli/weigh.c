// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the evaluator makes of packets: weigh SNAPSHOT NETNS, and packets on standard input, one a line as KEY=VALUE words:
 * hook (or several, as long as it is accepted, by commas; "route" is input for an address of this namespace, or forward through oif and
 * postrouting), proto (tcp, udp, or a number), saddr, daddr, sport, dport, iif, oif, mark, ct, uid. What is not said is not known, but for mark (0)
 * and ct (new). Each is answered by a line: verdict, who decided as TABLE/CHAIN/HANDLE (or policy), translation, the last hook, unchecked rules.
 * weigh SNAPSHOT NETNS rules: all rules as text instead.
 */
#include <netinet/in.h>

#include "firewall/eval.h"
#include "firewall/locals.h"
#include "firewall/rule_text.h"
#include "route/route.h"
#include "store/store.h"

static const struct snap *snap;
static uint32_t ns;

static struct packet_dev device(const char *name)
{
	uint32_t n;
	const struct snap_link *l = SNAP_RANGE(snap, links, ns, &n);

	for (uint32_t i = 0; i < n; i++)
		if (!strcmp(l[i].ifname, name))
			return (struct packet_dev){ l[i].ifindex, l[i].ifname };
	return (struct packet_dev){ 0 };
}

static uint32_t number(const char *s)
{
	return (uint32_t)strtoul(s, NULL, 0);
}

static void set(struct packet *p, char **hooks, const char *key, char *value)
{
	if (!strcmp(key, "hook")) {
		*hooks = value;
	} else if (!strcmp(key, "proto")) {
		p->l4proto = !strcmp(value, "tcp") ? IPPROTO_TCP : !strcmp(value, "udp") ? IPPROTO_UDP : (uint8_t)number(value);
	} else if (!strcmp(key, "saddr") && !ipaddr_parse(value, &p->saddr)) {
		p->unknown &= ~PACKET_SADDR;
	} else if (!strcmp(key, "daddr") && !ipaddr_parse(value, &p->daddr)) {
		p->unknown &= ~PACKET_DADDR;
	} else if (!strcmp(key, "sport")) {
		p->sport = (uint16_t)number(value);
		p->unknown &= ~PACKET_SPORT;
	} else if (!strcmp(key, "dport")) {
		p->dport = (uint16_t)number(value);
		p->unknown &= ~PACKET_DPORT;
	} else if (!strcmp(key, "iif")) {
		p->iif = device(value);
		p->unknown &= ~PACKET_IIF;
	} else if (!strcmp(key, "oif")) {
		p->oif = device(value);
		p->unknown &= ~PACKET_OIF;
	} else if (!strcmp(key, "mark")) {
		p->mark = number(value);
	} else if (!strcmp(key, "ct")) {
		p->ct_state = (uint8_t)number(value);
	} else if (!strcmp(key, "uid")) {
		p->uid = number(value);
		p->unknown &= ~PACKET_UID;
	}
}

static void put_by(const struct fw_by *by)
{
	if (by->rule)
		printf("%s/%s/%llu", by->rule->table, by->rule->chain, (unsigned long long)by->rule->handle);
	else
		fputs(by->base ? "policy" : "-", stdout);
}

static void put_result(const struct packet *p, enum fw_hook hook, const struct fw_result *r)
{
	char saddr[IPADDR_TEXT], daddr[IPADDR_TEXT];

	printf("%s%s%s by=", fw_verdict_names[r->verdict], r->reject ? ":" : "", fw_reject_names[r->reject]);
	put_by(&r->by);
	for (uint32_t i = 0; i < r->n_nats; i++) {
		printf(" %s%s=%s:%u@", fw_nat_names[r->nats[i].kind], r->nat_certain ? "" : "?",
		       ipaddr_text(&r->nats[i].addr, daddr), r->nats[i].port);
		put_by(&r->nats[i].by);
	}
	printf(" packet=%s:%u>%s:%u mark=%u at=%s", ipaddr_text(&p->saddr, saddr), p->sport, ipaddr_text(&p->daddr, daddr),
	       p->dport, p->mark, fw_hook_names[hook]);
	for (uint32_t i = 0; i < r->n_unchecked; i++) {
		printf(" %s=%s@", r->unchecked[i].assumed ? "assumed" : "unchecked", r->unchecked[i].what);
		put_by(&r->unchecked[i].by);
	}
	putchar('\n');
	fflush(stdout);
}

static enum fw_hook hook_of(const char *name)
{
	for (int i = 0; fw_hook_names[i]; i++)
		if (!strcmp(fw_hook_names[i], name))
			return (enum fw_hook)i;
	return FW_NO_HOOK;
}

/* A device that it goes out by is none that it has as long as it comes in. */
static enum fw_hook walk(struct ruleset *rules, char *hooks, struct packet *p, struct arena *arena, struct fw_result *r)
{
	struct packet_dev oif = p->oif, none = { 0 };
	enum fw_hook hook = FW_NO_HOOK;
	char *name;

	while ((name = strsep(&hooks, ","))) {
		bool route = !strcmp(name, "route"), local = route && locals_type(snap, ns, &p->daddr, 0) == ROUTE_LOCAL;

		hook = route ? local ? FW_INPUT : FW_FORWARD : hook_of(name);
		if (hook != FW_INPUT && p->iif.name)
			p->oif = hook == FW_FORWARD || hook == FW_POSTROUTING ? oif : none;
		eval_hook(rules, hook, p, arena, r);
		if (r->verdict == FW_ACCEPT && hook == FW_FORWARD && route) {
			hook = FW_POSTROUTING;
			eval_hook(rules, hook, p, arena, r);
		}
		if (r->verdict != FW_ACCEPT)
			break;
	}
	return hook;
}

static void weigh(struct ruleset *rules, char *line)
{
	char input[] = "input", *hooks = input;
	struct packet p = { .daddr = { .family = 4 },
			    .ct_state = CT_NEW,
			    .unknown = PACKET_SADDR | PACKET_DADDR | PACKET_SPORT | PACKET_DPORT | PACKET_IIF | PACKET_OIF |
				       PACKET_UID };
	enum fw_hook hook;
	struct arena arena = { 0 };
	struct fw_result r;
	char *word;

	while ((word = strsep(&line, " \n"))) {
		char *value = strchr(word, '=');

		if (value) {
			*value++ = '\0';
			set(&p, &hooks, word, value);
		}
	}
	hook = walk(rules, hooks, &p, &arena, &r);
	put_result(&p, hook, &r);
	arena_done(&arena);
}

static void put_rules(struct ruleset *rules)
{
	struct arena arena = { 0 };

	for (uint32_t i = 0; i < rules->n_rules; i++)
		printf("%s/%s/%llu %s\n", rules->rules[i].table, rules->rules[i].chain, (unsigned long long)rules->rules[i].handle,
		       rule_text(rules, &rules->rules[i], &arena));
	arena_done(&arena);
}

int main(int argc, char **argv)
{
	char error[256] = "", *line = NULL;
	size_t size = 0;
	struct snap s;
	struct ruleset rules;
	struct fib fib;
	FILE *f = argc > 2 ? fopen(argv[1], "r") : NULL;

	snap_init(&s);
	if (!f || snap_load(&s, f, 1u << 30, error, sizeof(error))) {
		fprintf(stderr, "weigh: no snapshot: %s\n", error);
		return 1;
	}
	snap = &s;
	ns = number(argv[2]);
	ruleset_open(&rules, &s, ns);
	fib_init(&fib, &s, ns);
	rules.fib = &fib;
	if (argc > 3)
		put_rules(&rules);
	else
		while (getline(&line, &size, stdin) > 0)
			weigh(&rules, line);
	free(line);
	ruleset_done(&rules);
	fib_done(&fib);
	snap_done(&s);
	return fclose(f) ? 1 : 0;
}
