// SPDX-License-Identifier: GPL-2.0-or-later
/* Events that are kept: copies, with all that they point to, in one arena. */
#ifndef NSKIT_EVENTLIST_H
#define NSKIT_EVENTLIST_H

#include "model/event.h"

/* In the order in which they were added. All zero is an empty one. */
struct eventlist {
	struct arena arena;
	struct event *items;
	size_t n_items, cap_items;
};

/* Append a copy; e and what it points to may go. */
void eventlist_add(struct eventlist *l, const struct event *e);

/* All of another list, which is empty then. */
void eventlist_move(struct eventlist *to, struct eventlist *from);

/* An empty list is left. */
void eventlist_done(struct eventlist *l);

/* One copy, in an arena. */
const struct event *event_copy(struct arena *a, const struct event *e);

#endif
