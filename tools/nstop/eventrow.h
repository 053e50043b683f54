// SPDX-License-Identifier: GPL-2.0-or-later
/* The row of an event on the screen. */
#ifndef NSKIT_NSTOP_EVENTROW_H
#define NSKIT_NSTOP_EVENTROW_H

#include "model/eventlist.h"

struct eventrow {
	uint64_t seq;  /* counts up: what tells one from another */
	uint64_t time; /* ns since 1970 */
	uint32_t pid;
	int64_t inside; /* OPT */
	const char *comm, *container, *container_id, *pod, *pod_namespace, *kind, *what;
	const char *ask; /* the command that explains a failed bind, listen or socket; NULL */
	bool failed;
	const struct event *failure; /* a call that can be explained, with what a question needs; NULL */
};
extern const struct desc eventrow_desc;

/* The last ones, the oldest first. Strings are the arena's. */
struct eventrows {
	struct arena arena;
	struct eventrow *items;
	size_t n_items, cap_items;
};

#endif
