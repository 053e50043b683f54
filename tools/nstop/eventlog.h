// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The events of the last while, for the screen: of this host (attached in a thread of its own, for that takes longer than the first
 * screen may) or out of a recording.
 */
#ifndef NSKIT_NSTOP_EVENTLOG_H
#define NSKIT_NSTOP_EVENTLOG_H

#include "eventrow.h"
#include "replay.h"
#include "view/frame.h"
#include "watch/events.h"

enum { EVENTLOG_KEEPS = 2000 };

struct eventlog;

/* Whose a namespace is is looked up in *frame (NULL: not yet), when an event is added. */
struct eventlog *eventlog_new(struct frame *const *frame);
void eventlog_free(struct eventlog *l); /* NULL is fine */

/* Begin to attach to this host, once. Each event is handed to also.event, too (NULL: to nobody else); births and deaths only there. */
void eventlog_attach(struct eventlog *l, enum collector collector, const struct events_sink *also);
bool eventlog_is_attached(const struct eventlog *l); /* or about to be */

/* What was recorded up to a frame: with what was there, or in its place. *h is empty then. */
void eventlog_recall(struct eventlog *l, struct happened *h);

/* As events_fd() and events_timeout(); -1 while it is attached. */
int eventlog_fd(struct eventlog *l);
int eventlog_timeout(struct eventlog *l);

/* Take what has come. True: there is something new. why (NULL: nothing is wrong): what keeps events from being seen. */
bool eventlog_service(struct eventlog *l, const char **why);

/* Of births and deaths so many may come from now on. Were there more than might come before (then some were missed)? */
void eventlog_allow_lives(struct eventlog *l, uint32_t n);
bool eventlog_lives_withheld(struct eventlog *l);

const struct eventrows *eventlog_rows(const struct eventlog *l);
uint64_t eventlog_lost(const struct eventlog *l);

#endif
