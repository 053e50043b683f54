// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of firewall/: values of expressions in words, and matches and targets of x_tables. */
#ifndef NSKIT_TEXT_H
#define NSKIT_TEXT_H

#include <stdio.h>

#include "model/firewall.h"
#include "util/util.h"

enum text_kind {
	TEXT_HEX,
	TEXT_NUMBER, /* in network order */
	TEXT_HOST,   /* a number in the kernel's own order */
	TEXT_NAME,
	TEXT_ADDR,
	TEXT_PROTO,
	TEXT_FAMILY,
	TEXT_ETHER,
	TEXT_MARK,
	TEXT_PKTTYPE,
	TEXT_CT_STATE,
	TEXT_CT_STATUS,
	TEXT_DIRECTION,
	TEXT_ADDRTYPE,
};

/* Bytes (hex; NULL: "?") as what they are. */
void text_value(FILE *f, enum text_kind kind, const char *hex);
const char *text_of_value(struct arena *arena, enum text_kind kind, const char *hex);

/* How many bits of a mask are set in front. */
unsigned int text_prefix_len(const char *hex);

/* Of a range in a set: the last key that is in it, hex; NULL: there is no end. */
const char *text_before_next(struct arena *arena, const struct snap_fw_set *set, const struct snap_fw_elem *e);

/* With a leading blank. family: 4 or 6. */
void text_match(FILE *f, const struct snap_fw_expr *e);
void text_target(FILE *f, const struct snap_fw_expr *e, int family);

#endif
