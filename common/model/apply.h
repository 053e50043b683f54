// SPDX-License-Identifier: GPL-2.0-or-later
/* Events on a snapshot: births, deaths and changes of namespaces between two collections. Pure. */
#ifndef NSKIT_APPLY_H
#define NSKIT_APPLY_H

#include "model/event.h"

/*
 * Bring a settled snapshot up to what events say, the oldest first; it is settled again when this returns (an index has to be built
 * anew). Returns how many of them changed something. Costs a pass over the tasks, however many events there are.
 *
 * A child gets its parent's group, cgroup and container; what is not known of it yet (command, session) is left out. A thread is only
 * kept where the snapshot has all threads, or it is not in its process's namespaces. What the snapshot knows already, and tasks that
 * it does not know, change nothing. A namespace that the last one has left stays until the next collection: something else may hold it.
 */
size_t snap_apply(struct snap *s, const struct event *events, size_t n);

/*
 * Of these processes (host's pids) a smaller snapshot of a later moment knows more: what they run by now, their cgroup, container and
 * namespaces. Who is not in it has ended, and goes. The snapshot is settled afterwards.
 */
void snap_refine(struct snap *s, const struct snap *few, const uint32_t *pids, size_t n);

#endif
