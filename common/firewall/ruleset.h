// SPDX-License-Identifier: GPL-2.0-or-later
/* The ruleset of one network namespace, indexed: which chains a packet meets at a hook, whose rules those are, which set is meant. */
#ifndef NSKIT_RULESET_H
#define NSKIT_RULESET_H

#include "model/snap.h"
#include "util/idmap.h"

struct ruleset {
	const struct snap *snap;
	uint32_t ns;
	int32_t denied;        /* errno for which nothing is known of it; 0 */
	const struct fib *fib; /* its routes, for rules that look them up; NULL: such a rule cannot be told */
	bool unread;           /* the snapshot holds no rulesets (WANT_FIREWALL) */
	const struct snap_fw_table *tables;
	const struct snap_fw_chain *chains;
	const struct snap_fw_rule *rules;
	const struct snap_fw_set *sets;
	uint32_t n_tables, n_chains, n_rules, n_sets;
	struct ruleset_chain *of_chains; /* by chain */
	struct idmap by_name, sets_by_name;
	struct ruleset_set *of_sets; /* by set */
};

/* Rules of a chain: rules[first .. first + n). */
struct ruleset_chain {
	uint32_t first, n;
};

/* Elements of an interval set, sorted by key; NULL until they are needed. */
struct ruleset_set {
	const struct snap_fw_elem **sorted;
};

/* Index a settled snapshot. Borrows it. Always succeeds; what is not there has no rules. */
void ruleset_open(struct ruleset *r, const struct snap *s, uint32_t ns);
void ruleset_done(struct ruleset *r);

/* NULL: no such, in the ruleset's own tables. */
const struct snap_fw_chain *ruleset_chain(const struct ruleset *r, uint8_t family, const char *table, const char *name);
const struct snap_fw_set *ruleset_set(const struct ruleset *r, uint8_t family, const char *table, const char *name);

/* The rules of one of its chains, in order. */
const struct snap_fw_rule *ruleset_rules(const struct ruleset *r, const struct snap_fw_chain *chain, uint32_t *n);

/*
 * The base chains that a packet of that family (4, 6) meets at a hook, in the kernel's order, into list (r->n_chains are
 * enough). How many. dev: at ingress and egress those for that device alone.
 */
size_t ruleset_at(const struct ruleset *r, enum fw_hook hook, int family, const char *dev, const struct snap_fw_chain **list);

/*
 * Where the kernel really runs a base chain: those of type nat have their own place, whatever their priority says, which orders them
 * among themselves (nf_nat_register_fn, net/netfilter/nf_nat_core.c).
 */
int32_t ruleset_priority(const struct snap_fw_chain *chain);

#endif
