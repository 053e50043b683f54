// SPDX-License-Identifier: GPL-2.0-or-later
/* The two ends of a socket as ss writes them. Pure. */
#ifndef NSKIT_SOCKENDS_H
#define NSKIT_SOCKENDS_H

#include "view/cells.h"
#include "view/socktext.h"

/* Four cells: local address and port, the peer's address and port. What a kind of socket does not have is an empty cell. */
void sockends_put(struct cells *c, const struct socktext *t, const struct sockrow *r);

#endif
