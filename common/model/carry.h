// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From one snapshot to the next of the same host: what was not collected again is taken over. Whoever looks every second reads what
 * is on the screen, and carries over the rest until its turn comes. Pure.
 */
#ifndef NSKIT_CARRY_H
#define NSKIT_CARRY_H

#include "model/snap.h"

/* A copy of a record in an arena, with all that it points to. to and from are structs of the descriptor, *to is overwritten. */
void record_copy(struct arena *a, const struct desc *d, void *to, const void *from);

/*
 * Into a settled snapshot: the records of an older one that belong to these wants, as far as the namespaces they are in are still there
 * and were not read again (WANT_LINKS, WANT_LISTENERS, WANT_SOCKETS, WANT_ROUTES, WANT_COUNTERS …; WANT_KEEPERS and WANT_SOCKET_FDS: of
 * processes that still live; WANT_HIDDEN: namespaces that no process was in). head.wants says so then. The snapshot is settled afterwards.
 */
void snap_carry(struct snap *s, const struct snap *before, uint64_t wants);

/* The same process in an older snapshot: by tid and start. Ask in ascending order (pid, tid); *at begins with 0. NULL: none. */
const struct snap_task *snap_same_task(const struct snap *before, const struct snap_task *t, size_t *at);

#endif
