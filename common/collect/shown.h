// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of collect/: what is read of those tasks only that are going to be shown. */
#ifndef NSKIT_SHOWN_H
#define NSKIT_SHOWN_H

#include "collect/sources.h"

/* A bit for each task; NULL: all are shown. */
static inline bool is_shown(const uint8_t *which, size_t task)
{
	return !which || which[task / 8] >> task % 8 & 1;
}

/* Process group and session at every level (NSpgid, NSsid of /proc/PID/status, 4.1). */
void shown_groups(struct collecting *c, const uint8_t *which);

/* The parents of their PID namespaces, up to the view's (NS_GET_PARENT, 4.9). */
void shown_levels(struct collecting *c, const uint8_t *which);

/* The uid and gid maps of their user namespaces. */
void shown_maps(struct collecting *c, const uint8_t *which);

/*
 * The tasks of opts->pids and what says who they are: their leaders, and the inits of their PID namespaces and of those above. And
 * the task that is opts->inner in the PID namespace of the first.
 * 0: who is missing from the snapshot is gone; -EOPNOTSUPP: the kernel does not translate (before 6.11), or not for us.
 */
int proc_chosen(struct collecting *c);

#endif
