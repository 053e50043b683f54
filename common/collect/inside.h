// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of collect/: readers of what namespaces isolate (records of model/inside.h). */
#ifndef NSKIT_COLLECT_INSIDE_H
#define NSKIT_COLLECT_INSIDE_H

#include "collect/nsfs.h"
#include "util/intern.h"

/* The readers that run inside: in a thread that is in the namespace with that index. Refusals are counted as gaps. */

/* inside_ipc.c. pids: whether the pids that the kernel tells us are those of the view. */
void inside_ipc(struct snap *s, struct snap_ns *ns, bool pids);

/* inside_net.c: who listens. */
void inside_net(struct snap *s, struct snap_ns *ns, struct intern *in);

/* halts.c: of the processes that have such sockets, those that do not run. */
void halts_read(struct collecting *c);

/*
 * inside_cgroup.c: the root of a cgroup namespace is what a process's path seen from outside has in front of its path seen from
 * inside. So: _before(), then _look() in there, then _after(), outside again, which sees whether anybody was moved meanwhile.
 */
struct cgroup_views {
	struct cgroup_view *items; /* by namespace */
	struct idmap first;        /* namespace -> the first */
	size_t n_items, cap_items;
};
void inside_cgroup_before(struct cgroup_views *v, const struct nsfs *n);
void inside_cgroup_look(struct cgroup_views *v, const struct nsfs *n, uint32_t ns);
void inside_cgroup_after(struct cgroup_views *v, const struct nsfs *n);

/* inside_mounts.c: all mounts of all mount namespaces. */
void inside_mounts(struct collecting *c, const struct index *ix);

/* inside_caps.c: effective capabilities of processes. */
void inside_caps(struct collecting *c);

#endif
