// SPDX-License-Identifier: GPL-2.0-or-later
/* What live rows are made from: a snapshot, its index, and what has changed since the one before. */
#ifndef NSKIT_FRAME_H
#define NSKIT_FRAME_H

#include "model/index.h"
#include "view/rates.h"

struct frame {
	struct snap snap;
	struct index ix;
	struct rates rates;
	int holders; /* threads may share one */
};

/* Take over a settled snapshot (which is empty then), and compare it with the frame before, NULL: the first. */
struct frame *frame_new(struct snap *s, const struct frame *before);

/* Whoever has one shares it with another; the last one to put it back frees it. NULL is fine. */
struct frame *frame_get(struct frame *f);
void frame_put(struct frame *f);

#endif
