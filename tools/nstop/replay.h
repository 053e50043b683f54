// SPDX-License-Identifier: GPL-2.0-or-later
/* Frames out of a file: a recording, or the one snapshot of --from. */
#ifndef NSKIT_NSTOP_REPLAY_H
#define NSKIT_NSTOP_REPLAY_H

#include "model/eventlist.h"
#include "nstop.h"
#include "view/frame.h"

/* What was asked for since the last frame. */
struct turn {
	int step, faster; /* frames; doublings of the speed */
	int64_t seek;     /* seconds */
};

struct replay;

/* Open the file of --replay or --from. 0, or -errno with one line in why[]. */
int replay_open(struct replay **r, const struct nstop *n, char *why, size_t size);
void replay_close(struct replay *r); /* NULL is fine */

/* What has happened up to a frame: the events since the frame before, or (anew) the last ones of all before. */
struct happened {
	struct eventlist events;
	bool anew;
};

/* Later ones are added to those that were there, which they may replace; *more is empty then. */
void happened_add(struct happened *h, struct happened *more);

/*
 * The next frame, or the one that was turned to; *out stays NULL when there is none (then trouble[] says why, or it is the end), else
 * what happened is added to *h, the caller's. Returns the ns until the one after it is due, UINT64_MAX: there is none.
 */
uint64_t replay_next(struct replay *r, const struct turn *turn, struct frame **out, struct happened *h, char *trouble, size_t size);

/* "12/300 x2"; "" of a single snapshot. */
void replay_place(const struct replay *r, char *buf, size_t size);

#endif
