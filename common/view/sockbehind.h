// SPDX-License-Identifier: GPL-2.0-or-later
/* What ss writes behind the ends of a socket: -p, -o, -e, -m and -i; and what ss does not know, for people. Pure. */
#ifndef NSKIT_SOCKBEHIND_H
#define NSKIT_SOCKBEHIND_H

#include "view/cells.h"
#include "view/socktext.h"

/* Appended to the cell at hand; a line break stands before ss's second line. */
void sockbehind_put(struct cells *c, const struct socktext *t, const struct sockrow *r);

#endif
