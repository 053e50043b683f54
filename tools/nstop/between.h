// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Between two collections: what events say of births, deaths and changes of namespaces, on the last frame that was collected. One thread
 * at a time. The next collection is the truth; in a storm nothing is shown before it.
 */
#ifndef NSKIT_NSTOP_BETWEEN_H
#define NSKIT_NSTOP_BETWEEN_H

#include "model/eventlist.h"
#include "nstop.h"
#include "view/frame.h"

enum {
	BETWEEN_LIVES = 2000,       /* births and deaths a second, or kept until the next collection; more are a storm */
	BETWEEN_BORN = 100,         /* who live and are not in the last collection; more are a storm: to collect all costs less */
	BETWEEN_YOUNG = 1000000000, /* ns in which one who was born is looked at again */
	BETWEEN_MS = 500,           /* from one frame to the next, at the least, and */
	BETWEEN_SHARE = 200,        /* so many times as long as making one took: showing it takes longer than that */
	BETWEEN_LEFT = 300,         /* ms; if a collection is due sooner, it is waited for */
};

struct between {
	struct eventlist events; /* since the last collection began, but for those who were born and have died since */
	uint64_t begun;          /* ns since 1970 */
	int storm;               /* collections that have to begin until events are looked at again */
	bool due;                /* there is something to show, or not to show any more */
	bool shown;              /* the last frame was not one that was collected */
};

/* Does it say anything about who is there? */
bool between_concerns(const struct event *e);

/* A collection begins: what was before, it will see. */
void between_begin(struct between *b, uint64_t now);

/* These have happened (*more is empty then); or more than can be followed. */
void between_add(struct between *b, struct eventlist *more);
void between_storm(struct between *b);

/* The frame to show (now, ns since 1970) after the last one that was collected, the caller's: made of it. NULL: none. */
struct frame *between_frame(struct between *b, const struct nstop *n, struct frame *collected, uint64_t now);

void between_done(struct between *b);

#endif
