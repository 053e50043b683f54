// SPDX-License-Identifier: GPL-2.0-or-later
/* The events of the last while, for the screen: attached in a thread of its own, for that takes longer than the first screen may. */
#ifndef NSKIT_NSTOP_EVENTLOG_H
#define NSKIT_NSTOP_EVENTLOG_H

#include "collect/events.h"
#include "eventrow.h"
#include "view/event_text.h"

enum { EVENTLOG_KEEPS = 2000 };

struct eventlog;

/* Begin to attach. names tell whose a namespace is; they are asked in eventlog_service(). */
struct eventlog *eventlog_start(enum collector collector, const struct event_names *names);
void eventlog_stop(struct eventlog *l); /* NULL is fine */

/* As events_fd() and events_timeout(); -1 while it is attached. */
int eventlog_fd(struct eventlog *l);
int eventlog_timeout(struct eventlog *l);

/* Take what has come. True: there is something new. why (NULL: nothing is wrong): what keeps events from being seen. */
bool eventlog_service(struct eventlog *l, const char **why);

const struct eventrows *eventlog_rows(const struct eventlog *l);
uint64_t eventlog_lost(const struct eventlog *l);

#endif
