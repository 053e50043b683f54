// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of watch/: where the programs of events.bpf.c are attached. */
#ifndef NSKIT_EVENT_POINTS_H
#define NSKIT_EVENT_POINTS_H

#include <stdint.h>

struct event_programs {
	int begins, ends, born, died; /* fds */
};

enum { EVENT_MAX_POINTS = 16 };
struct event_points {
	int fds[EVENT_MAX_POINTS];
	int n;
};

/* Nothing is attached. */
void event_points_init(struct event_points *p);

/*
 * Attach what these kinds (1 << enum event_kind) need, those that need no tracefs first. *missing: those of which nothing can be had. The
 * return is 0, or the -errno of the first that failed: -EACCES: tracefs may not be read.
 */
int event_points_attach(struct event_points *p, const struct event_programs *programs, uint32_t kinds, uint32_t *missing);
void event_points_detach(struct event_points *p);

#endif
