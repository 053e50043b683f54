// SPDX-License-Identifier: GPL-2.0-or-later
/* ss -i: the figures of a connection (tcp_stats_print(), mptcp_stats_print() and what follows them, misc/ss.c). Pure. */
#ifndef NSKIT_SOCKINFO_H
#define NSKIT_SOCKINFO_H

#include "view/cells.h"
#include "view/socktext.h"

/* Appended to the cell at hand. */
void sockinfo_put(struct cells *c, const struct socktext *t, const struct sockrow *r);

/* What the socket has under that word ("ver", "bbr.bw"), or NULL. */
const char *sockinfo_detail(const struct snap_socket *s, const char *key);

#endif
