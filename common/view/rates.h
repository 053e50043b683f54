// SPDX-License-Identifier: GPL-2.0-or-later
/* What happens in a second: the difference of two snapshots. Pure. */
#ifndef NSKIT_RATES_H
#define NSKIT_RATES_H

#include "model/snap.h"

struct net_rate {
	int64_t rx, tx; /* OPT: bytes a second over all devices that lead out: not lo, not what a bridge or bond gathers */
};

/* Parallel to a snapshot's arrays; all OPT_NONE where there is nothing to compare with. */
struct rates {
	int64_t *cpu;         /* of tasks: thousandths of a core */
	struct net_rate *net; /* of namespaces */
};

/*
 * now against before (NULL: nothing is known yet). A namespace whose counters were not read again keeps the rate that it had in last,
 * the rates of before; so do processes, if none of their times were. Linear in the size of both.
 */
void rates_make(struct rates *r, const struct snap *now, const struct snap *before, const struct rates *last);
void rates_done(struct rates *r);

#endif
