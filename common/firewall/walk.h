// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of firewall/: a packet on its way through a hook, and the rule that is being evaluated for it. */
#ifndef NSKIT_WALK_H
#define NSKIT_WALK_H

#include "firewall/eval.h"
#include "firewall/sets.h"
#include "firewall/value.h"

struct walk {
	struct ruleset *r;
	enum fw_hook hook;
	struct packet *p;
	struct arena *arena;
	struct fw_result *out;
	const struct snap_fw_chain *base; /* the base chain at hand */
	int budget;                       /* rules that it may still take: a ruleset from a file may go in circles */
	int depth;                        /* of jumps */
	bool maybe;                       /* a rule before may have ended it */
	bool cut;                         /* too deep, too many */
	uint32_t possible;                /* ways in which the base chain may end: bits of enum fw_verdict, and ENDS_NATED */
	struct fw_by last[FW_UNKNOWN];    /* who makes it end so, by verdict */
	uint8_t rejects;                  /* enum fw_reject of the last that rejects */
	struct unchecked *unchecked;
	size_t n_unchecked, cap_unchecked;
};
enum { ENDS_NATED = 1 << 7 };

/* Kept until it is known whether anything depends on it. */
struct unchecked {
	struct fw_unchecked what;
	bool matters;
};

/* What a rule wants, if it matches. */
enum act { ACT_NONE, ACT_VERDICT, ACT_JUMP, ACT_GOTO, ACT_RETURN };

struct run {
	struct walk *w;
	const struct snap_fw_rule *rule;
	struct value regs;
	enum tri match;                 /* of the expressions so far */
	const char *doubt;              /* the first expression that could not be told; NULL */
	const char *unread;             /* the last that read something of which not all is known; NULL */
	const char *assumed;            /* the limit that was taken for not reached; NULL */
	bool stopped_by_limit;          /* it does not match for that reason */
	bool diverts;                   /* it leads somewhere else than to the next rule */
	uint8_t act;                    /* enum act */
	uint8_t verdict;                /* enum fw_verdict, of ACT_VERDICT */
	uint8_t reject;                 /* enum fw_reject */
	const struct snap_fw_chain *to; /* of ACT_JUMP, ACT_GOTO */
	struct fw_nat nat;              /* with ACT_VERDICT and FW_ACCEPT */
	uint32_t modulus;               /* of the number by chance that it has drawn; 0: none */
	struct set_hits verdicts;       /* of a verdict map whose key is not all known: each may be it */
	/* What it does to the packet, if it matches: */
	bool sets_mark, sets_ct_mark, mark_unknown, ct_mark_unknown, untracks;
	uint32_t mark, ct_mark;
	unsigned int unknown; /* of the packet from then on */
};

/* What a match says: no ends the rule's hopes, maybe leaves them, and the rest of it is still looked at. */
void run_match(struct run *run, enum tri t, const char *what);

/* expr.c: one expression; whether its kind is one that is evaluated; and what leaves its comparison in doubt, in words. */
void expr_run(struct run *run, const struct snap_fw_expr *e);
bool expr_is_known(const struct snap_fw_expr *e);
const char *expr_doubt(const struct run *run, const struct snap_fw_expr *e);

/* expr.c: registers, by the kernel's numbers. at: their byte, -1: no such. */
int regs_at(int64_t reg);
void regs_store(struct run *run, int64_t reg, const struct value *x, size_t len);
struct value regs_load(const struct run *run, int64_t reg, size_t len);
bool regs_known(const struct value *x, size_t n);

/* verdict.c */
void verdict_immediate(struct run *run, const struct snap_fw_expr *e);
void verdict_lookup(struct run *run, const struct snap_fw_expr *e);
void verdict_reject(struct run *run, const struct snap_fw_expr *e);
void verdict_queue(struct run *run, const struct snap_fw_expr *e);
void verdict_stolen(struct run *run, const struct snap_fw_expr *e);
void verdict_synproxy(struct run *run, const struct snap_fw_expr *e);
void verdict_nat(struct run *run, const struct snap_fw_expr *e);
void verdict_redir(struct run *run, const struct snap_fw_expr *e);
void verdict_masq(struct run *run, const struct snap_fw_expr *e);

/* meta.c: what an expression reads of the packet and its surroundings, for its destination register. False: there is none of that. */
bool meta_value(const struct walk *w, const struct snap_fw_expr *e, struct value *out, size_t *len);
bool ct_value(const struct walk *w, const struct snap_fw_expr *e, struct value *out, size_t *len);
bool payload_value(const struct walk *w, const struct snap_fw_expr *e, struct value *out, size_t *len);
bool fib_value(const struct walk *w, const struct snap_fw_expr *e, struct value *out, size_t *len);

/* The bits of ct_status that are known: of a new connection all, of an answer those that a first one settles. */
uint32_t ct_status_known(const struct packet *p);

/* A conntrack entry is known to rules that run behind conntrack itself (NF_IP_PRI_CONNTRACK). */
bool meta_is_tracked(const struct walk *w);

/* expr.c: a limit, taken for not reached: what is under it matches, what is over it does not. */
void run_under_limit(struct run *run, const char *limit, bool over);

/* xt.c: a match or target of x_tables. */
void xt_match(struct run *run, const struct snap_fw_expr *e);
void xt_target(struct run *run, const struct snap_fw_expr *e);

/* nat.c: what a translation makes of the packet, as far as its operands tell. */
void nat_act(struct run *run, enum fw_nat_kind kind, const struct ipaddr *low, const struct ipaddr *high, uint32_t low_port,
	     uint32_t high_port);
void nat_apply(struct walk *w);

/* lookup.c: the device that a lookup of routes leads to (fib); and whether the way back is the one that it came by (rpfilter). */
struct xt_info;
bool lookup_value(const struct walk *w, const struct snap_fw_expr *e, struct value *out, size_t *len);
enum tri lookup_rpfilter(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info);

/* A terminal verdict. */
void run_verdict(struct run *run, enum fw_verdict verdict, enum fw_reject reject);

#endif
