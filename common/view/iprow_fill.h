// SPDX-License-Identifier: GPL-2.0-or-later
/* What the files that fill rows of iprow.h share. Text lives in the arena of the rows, until iprows_enter(). */
#ifndef NSKIT_IPROW_FILL_H
#define NSKIT_IPROW_FILL_H

#include "view/iprow.h"

/* A device of a network namespace; NULL: there is none of that number. */
const struct snap_link *iprows_find_link(const struct iprows *r, uint32_t inum, int64_t ifindex);

/* A name, or the number that has none. */
const char *iprows_word(struct iprows *r, const char *name, uint32_t number);

/* The names of bits that are set, in the order of the list; how many in *n. */
const char *const *iprows_words(struct iprows *r, const char *const *names, uint64_t bits, uint32_t *n);

/* OPT */
int64_t iprows_number(const char *text);

#endif
