// SPDX-License-Identifier: GPL-2.0-or-later
/* Which sockets of a snapshot are shown, and in which order. Pure. */
#ifndef NSKIT_SOCKPICK_H
#define NSKIT_SOCKPICK_H

#include "sockfilter/sockfilter.h"
#include "view/sockrow.h"

/* Which sockets, in the order in which ss has them: by kind, family, port. */
struct sockpick {
	uint32_t netids;                 /* 1 << enum sock_netid */
	uint32_t families;               /* of IP sockets: 1 << enum addr_family */
	uint32_t states;                 /* 1 << enum sock_state */
	const struct sockfilter *filter; /* NULL: all */
	const uint8_t *ns;               /* bit of each namespace (its index) whose sockets are meant */
};

/* Their indexes in snap->sockets (malloc'ed, caller frees), namespace by namespace; how many in *n. Linear. */
uint32_t *sockpick_all(struct sockrows *rows, const struct sockpick *p, size_t *n);

#endif
