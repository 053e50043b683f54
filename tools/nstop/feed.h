// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where frames come from: this host, collected in a thread of its own so that a slow collection freezes no key; or a file. Whoever shows
 * them says what has to be in them; the feed reads each second what is on the screen, and every fifth time all the rest that was asked
 * for, which is carried over meanwhile.
 */
#ifndef NSKIT_NSTOP_FEED_H
#define NSKIT_NSTOP_FEED_H

#include "replay.h"

/* What has to be in the next frames. */
struct order {
	uint64_t wants;  /* enum snap_want */
	uint64_t named;  /* those of them by which targets are found: they are there with the first refresh */
	uint32_t *netns; /* malloc'ed, sorted: the network namespaces on the screen; the feed takes it over */
	size_t n_netns;
	bool only_netns; /* no others are of any interest: the rows are not of network namespaces */
	uint32_t delay_ms;
	bool paused;
};

struct feed;

/* Open the files that the command line names. 0, or -errno with one line in why[]. */
int feed_open(struct feed **f, const struct nstop *n, char *why, size_t size);

/* Begin; the order's netns is the feed's then. 0 or -errno. */
int feed_start(struct feed *f, const struct order *first);

/* NULL is fine. Waits for what is under way. why[]: what went wrong with the recording, if it is still empty. */
void feed_stop(struct feed *f, char *why, size_t size);

/* Readable when a frame, or trouble, is there. */
int feed_fd(const struct feed *f);

/* Change what is wanted; now: collect at once and do not wait for the next second. */
void feed_order(struct feed *f, const struct order *o, bool now);

/* Of a replay: so many frames on or back, so many seconds, twice or half the speed so many times. */
void feed_turn(struct feed *f, int step, int64_t seek, int faster);

/*
 * The newest frame, which becomes the caller's; NULL: none that is new. trouble[]: why there is none, or why nothing is recorded any
 * more ("" if all is well). place[]: where a replay is ("12/300 x2"), "" when it is none.
 */
struct frame *feed_take(struct feed *f, char *trouble, size_t size, char *place, size_t place_size);

/*
 * It is recorded with the next frame, where anything is (births and deaths are not); and what it says of who is there is shown in a frame
 * that is made of the last one, before the next is collected. For the thread that takes frames.
 */
void feed_event(struct feed *f, const struct event *e);

/* Births and deaths were missed: only what is collected is shown until they can be followed again. */
void feed_storm(struct feed *f);

/* Of a replay: what has happened up to the newest frame is added to *h. */
void feed_happened(struct feed *f, struct happened *h);

/* Is a collection under way for longer than so many ms? */
bool feed_is_late(struct feed *f, uint32_t ms);

/* One frame, collected here and now, for those who have no screen. before may be NULL. 0 or -errno with *why. */
struct collecting_again; /* what stays from one to the next */
struct collecting_again *again_new(const struct nstop *n);
void again_free(struct collecting_again *a);
/* Where anything is recorded, what explains this failure (event.h) is read with each collection, as long as its process lives. */
void again_failed(struct collecting_again *a, const struct event *e);
int again_collect(struct collecting_again *a, const struct order *o, struct frame **out, const char **why);

#endif
