// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Inside of reach/: a route with several hops sends each connection by one of them, by a hash that is not known beforehand. So a packet is
 * taken by every combination of them, and the answer holds for all: what stops it on some only is a part of the connections.
 */
#ifndef NSKIT_WAYS_H
#define NSKIT_WAYS_H

#include "why/why.h"

enum { WAYS_FORKS = 16 };

/* The forks that a walk came to, in their order, and what it took there. */
struct ways {
	uint32_t picks[WAYS_FORKS]; /* given for the first n_picks; then 0 */
	uint32_t ways[WAYS_FORKS];
	size_t n, n_picks;
	bool more; /* there were more than fit */
};

/* Which hop the next lookup has to take, if it has several (route_flow.pick); and then how many it had. */
uint32_t ways_pick(const struct ways *w);
void ways_note(struct ways *w, uint32_t ways);

/* Walk as often as there are combinations (at most 32), and join what the walks found. */
void ways_walk(struct why_state *st, void (*walk)(struct why_state *st, struct ways *w));

#endif
