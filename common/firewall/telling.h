// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of firewall/: a rule on its way into words. Registers remember what was read into them; the comparison that uses them says it. */
#ifndef NSKIT_TELLING_H
#define NSKIT_TELLING_H

#include <stdio.h>

#include "firewall/ruleset.h"
#include "firewall/text.h"

enum { N_REGS = 20, MAX_SHOWN = 8 };

/* What a register holds. */
struct holds {
	const char *what; /* "tcp dport"; NULL: nothing that was seen */
	enum text_kind kind;
	size_t len;        /* bytes, as they were read */
	const char *bytes; /* a constant, hex */
	const char *mask;  /* hex, of a bitwise and */
};

struct telling {
	const struct ruleset *r;
	const struct snap_fw_rule *rule;
	struct arena *arena;
	FILE *f;
	struct holds regs[N_REGS];
	const char *pending; /* a protocol that need not be said if its header comes next */
	const char *proto;   /* "tcp", of the last one that was compared */
};

/* Registers in words of four bytes: 1 to 4 are 0, 4, 8, 12, and 8 to 23 are 0 to 15. Of no such, an empty one. */
struct holds *tell_reg(struct telling *t, int64_t reg);

/* What was read into one, for whoever compares it. */
void tell_hold(struct telling *t, int64_t reg, const char *what, enum text_kind kind, size_t len);

/* The protocol that is still to be said; the same, and a word. */
void tell_flush(struct telling *t);
void tell_say(struct telling *t, const char *word);

/* tell_read.c: expressions that read something, or compute. */
void tell_meta(struct telling *t, const struct snap_fw_expr *e);
void tell_ct(struct telling *t, const struct snap_fw_expr *e);
void tell_payload(struct telling *t, const struct snap_fw_expr *e);
void tell_fib(struct telling *t, const struct snap_fw_expr *e);
void tell_immediate(struct telling *t, const struct snap_fw_expr *e);
void tell_bitwise(struct telling *t, const struct snap_fw_expr *e);
void tell_byteorder(struct telling *t, const struct snap_fw_expr *e);

#endif
