// SPDX-License-Identifier: GPL-2.0-or-later
/* What live rows are made from: a snapshot, its index, and what has changed since the one before. */
#ifndef NSKIT_FRAME_H
#define NSKIT_FRAME_H

#include "model/event.h"
#include "model/index.h"
#include "view/rates.h"

struct frame {
	struct snap snap;
	struct index ix;
	struct rates rates;
	struct frame *base; /* whose strings are in its snapshot, too: it was made of that one; NULL */
	int holders;        /* threads may share one */
};

/* Take over a settled snapshot (which is empty then), and compare it with the frame before, NULL: the first. */
struct frame *frame_new(struct snap *s, const struct frame *before);

/*
 * The frame as it is by now (ns since 1970), as far as events tell (since it was taken, the oldest first), and a closer look at some of
 * those who were born (snap_refine(); n_pids 0: none). Nothing is measured: rates stay what they were, and of the new ones are unknown.
 */
struct frame *frame_later(struct frame *base, uint64_t now, const struct event *events, size_t n, const struct snap *few,
			  const uint32_t *pids, size_t n_pids);

/* Whoever has one shares it with another; the last one to put it back frees it. NULL is fine. */
struct frame *frame_get(struct frame *f);
void frame_put(struct frame *f);

#endif
