// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Changes of namespaces where there is no BPF: by perf's records (PERF_RECORD_NAMESPACES, 4.12: each change that succeeded, within
 * milliseconds), else by looking at /proc twice a second. Neither tells the call, its flags or its failure, nor sockets; perf knows no
 * time namespaces, and looking misses who lives for a shorter time.
 */
#ifndef NSKIT_CHANGES_H
#define NSKIT_CHANGES_H

#include "watch/events.h"

enum { CHANGES_SEEN = 1 << EVENT_CHANGE | EVENTS_LIVES }; /* the kinds that come */

struct changes;

/* NULL and *err = -errno: /proc can't be read. All that o asks for, but for the kinds that can't be seen. */
struct changes *changes_open(const struct events_opts *o, const struct events_sink *sink, int *err);
void changes_close(struct changes *c);

int changes_interval(const struct changes *c); /* so often changes_take() wants to be called, ms */

/* Hand out what has happened: how many events, or -errno. */
int changes_take(struct changes *c);
uint64_t changes_lost(const struct changes *c);

#endif
