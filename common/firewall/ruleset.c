// SPDX-License-Identifier: GPL-2.0-or-later

#include "firewall/ruleset.h"

static uint64_t key_of(uint8_t family, const char *table, const char *name)
{
	return (text_key(table) * 1099511628211ULL ^ text_key(name)) * 8 + family;
}

static void index_chains(struct ruleset *r)
{
	r->of_chains = xcalloc(r->n_chains + 1, sizeof(*r->of_chains));
	for (uint32_t i = 0; i < r->n_chains; i++)
		idmap_add(&r->by_name, key_of(r->chains[i].family, r->chains[i].table, r->chains[i].name), i);
}

static bool is_of_chain(const struct snap_fw_rule *rule, const struct snap_fw_chain *c)
{
	return rule->family == c->family && !strcmp(rule->chain, c->name) && !strcmp(rule->table, c->table);
}

/* The kernel dumps chain by chain, so each chain's rules are neighbours. */
static void index_rules(struct ruleset *r)
{
	const struct snap_fw_chain *c = NULL;

	for (uint32_t i = 0; i < r->n_rules; i++) {
		const struct snap_fw_rule *rule = &r->rules[i];
		struct ruleset_chain *of;

		if (!c || !is_of_chain(rule, c))
			c = ruleset_chain(r, rule->family, rule->table, rule->chain);
		if (!c)
			continue;
		of = &r->of_chains[c - r->chains];
		if (!of->n)
			of->first = i;
		of->n += i == of->first + of->n;
	}
}

void ruleset_open(struct ruleset *r, const struct snap *s, uint32_t ns)
{
	const struct snap_ns *record = snap_find_ns(s, NS_NET, ns);

	*r = (struct ruleset){ .snap = s, .ns = ns };
	r->unread = !(s->head.wants & WANT_FIREWALL);
	r->denied = record && OPT_DENIED(record->firewall) ? (int32_t)-record->firewall : 0;
	r->tables = SNAP_RANGE(s, fw_tables, ns, &r->n_tables);
	r->chains = SNAP_RANGE(s, fw_chains, ns, &r->n_chains);
	r->rules = SNAP_RANGE(s, fw_rules, ns, &r->n_rules);
	r->sets = SNAP_RANGE(s, fw_sets, ns, &r->n_sets);
	r->of_sets = xcalloc(r->n_sets + 1, sizeof(*r->of_sets));
	index_chains(r);
	index_rules(r);
	for (uint32_t i = 0; i < r->n_sets; i++)
		idmap_add(&r->sets_by_name, key_of(r->sets[i].family, r->sets[i].table, r->sets[i].name), i);
}

void ruleset_done(struct ruleset *r)
{
	for (uint32_t i = 0; r->of_sets && i < r->n_sets; i++)
		free(r->of_sets[i].sorted);
	free(r->of_sets);
	free(r->of_chains);
	idmap_done(&r->by_name);
	idmap_done(&r->sets_by_name);
	*r = (struct ruleset){ 0 };
}

const struct snap_fw_chain *ruleset_chain(const struct ruleset *r, uint8_t family, const char *table, const char *name)
{
	uint32_t i = table && name ? idmap_get(&r->by_name, key_of(family, table, name)) : IDMAP_NONE;

	return i != IDMAP_NONE && !strcmp(r->chains[i].name, name) && !strcmp(r->chains[i].table, table) ? &r->chains[i] : NULL;
}

const struct snap_fw_set *ruleset_set(const struct ruleset *r, uint8_t family, const char *table, const char *name)
{
	uint32_t i = table && name ? idmap_get(&r->sets_by_name, key_of(family, table, name)) : IDMAP_NONE;

	return i != IDMAP_NONE && !strcmp(r->sets[i].name, name) && !strcmp(r->sets[i].table, table) ? &r->sets[i] : NULL;
}

const struct snap_fw_rule *ruleset_rules(const struct ruleset *r, const struct snap_fw_chain *chain, uint32_t *n)
{
	const struct ruleset_chain *of = &r->of_chains[chain - r->chains];

	*n = of->n;
	return of->n ? r->rules + of->first : NULL;
}

/* --- which chains, in which order -------------------------------------------------------------------------------------------------- */

static const struct snap_fw_table *table_of(const struct ruleset *r, const struct snap_fw_chain *c)
{
	for (uint32_t i = 0; i < r->n_tables; i++)
		if (r->tables[i].family == c->family && !r->tables[i].legacy && !strcmp(r->tables[i].name, c->table))
			return &r->tables[i];
	return NULL;
}

/* A name, or with a "*" how one begins. */
static bool is_named(const char *device, const char *pattern)
{
	size_t n = strlen(pattern);

	return !strcmp(device, pattern) || (n && pattern[n - 1] == '*' && !strncmp(device, pattern, n - 1));
}

static bool is_for_device(const struct snap_fw_chain *c, const char *dev)
{
	for (uint32_t i = 0; dev && i < c->n_devices; i++)
		if (is_named(dev, c->devices[i]))
			return true;
	return false;
}

static bool is_for(const struct snap_fw_chain *c, enum fw_hook hook, int family, const char *dev)
{
	if (c->hook != hook)
		return false;
	if (hook == FW_INGRESS || hook == FW_EGRESS)
		return (c->family == FW_NETDEV || c->family == FW_INET) && is_for_device(c, dev);
	return c->family == FW_INET || c->family == (family == 4 ? FW_IP : FW_IP6);
}

int32_t ruleset_priority(const struct snap_fw_chain *c)
{
	enum { NAT_DST = -100, NAT_SRC = 100 }; /* NF_IP_PRI_NAT_DST, NF_IP_PRI_NAT_SRC */

	if (!c->type || strcmp(c->type, "nat") != 0)
		return c->priority;
	return c->hook == FW_PREROUTING || c->hook == FW_OUTPUT ? NAT_DST : NAT_SRC;
}

/* A chain that comes with the priority of another is put in front of it (nf_hook_grow, net/netfilter/core.c): the newest is first. */
static bool runs_before(const struct ruleset *r, const struct snap_fw_chain *a, const struct snap_fw_chain *b)
{
	const struct snap_fw_table *x, *y;

	if (ruleset_priority(a) != ruleset_priority(b))
		return ruleset_priority(a) < ruleset_priority(b);
	if (a->priority != b->priority)
		return a->priority < b->priority;
	x = table_of(r, a);
	y = table_of(r, b);
	if (x && y && x->handle != y->handle)
		return x->handle > y->handle;
	return a->handle > b->handle;
}

size_t ruleset_at(const struct ruleset *r, enum fw_hook hook, int family, const char *dev, const struct snap_fw_chain **list)
{
	size_t n = 0;

	for (uint32_t i = 0; i < r->n_chains; i++) {
		const struct snap_fw_chain *c = &r->chains[i];
		const struct snap_fw_table *t = is_for(c, hook, family, dev) ? table_of(r, c) : NULL;
		size_t at = n;

		if (!t || t->flags & FW_DORMANT)
			continue;
		for (; at > 0 && runs_before(r, c, list[at - 1]); at--)
			list[at] = list[at - 1];
		list[at] = c;
		n++;
	}
	return n;
}
