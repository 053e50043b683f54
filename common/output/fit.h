// SPDX-License-Identifier: GPL-2.0-or-later
/* How columns of text share the width of a terminal. Pure. */
#ifndef NSKIT_FIT_H
#define NSKIT_FIT_H

#include <stdbool.h>
#include <stddef.h>

struct fit_col {
	size_t header, width; /* of the header, and of the widest cell or the header; width becomes what it gets */
	bool cut;             /* its text is long as a rule, and its beginning says most */
	bool text;            /* what is left of it when it is cut says something; of a number nothing does */
	unsigned int yields;  /* it may give way as a whole: 1 before 2; 0 never does */
	bool gone;            /* out: it has given way */
};

/*
 * Make columns with a blank between them fit into limit. Those to be cut shrink to FIT_LEAST columns; then columns give way, one after the
 * other; then what is to be cut shrinks to its header; then all text does; at last what is to be cut shrinks to a single column. No header
 * but theirs is ever cut, and no number: where all that is not enough, lines are longer than the limit. Linear but for the limit.
 */
void fit_columns(struct fit_col *cols, size_t n, size_t limit);
enum { FIT_LEAST = 18 }; /* an IPv4 address with its prefix's length */

#endif
