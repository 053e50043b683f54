// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of firewall/: is a key in a set, and which element is it? */
#ifndef NSKIT_SETS_H
#define NSKIT_SETS_H

#include "firewall/ruleset.h"
#include "firewall/value.h"

enum { SETS_MAX_HITS = 32 };

struct set_hits {
	enum tri found;                                  /* whether any element has it, whichever */
	const struct snap_fw_elem *elems[SETS_MAX_HITS]; /* that may be it; one, if it is YES and n is 1 */
	uint32_t n;
	bool more; /* and others */
};

/* The key stands at a byte of the registers. */
void sets_lookup(struct ruleset *r, const struct snap_fw_set *set, const struct value *regs, size_t at, struct set_hits *out);

/*
 * Those that have a key, by it; NULL ends. In sets of intervals (of one field) each begins a range that ends in front of the next, or is
 * such an end itself. Kept by the ruleset.
 */
const struct snap_fw_elem **sets_sorted(struct ruleset *r, const struct snap_fw_set *set);

#endif
