// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of collect/: readers of what namespaces isolate (records of model/inside.h). */
#ifndef NSKIT_COLLECT_INSIDE_H
#define NSKIT_COLLECT_INSIDE_H

#include "collect/nsfs.h"

/* The readers that run inside: in a thread that is in the namespace with that index. Refusals are counted as gaps. */

/* inside_ipc.c. pids: whether the pids that the kernel tells us are those of the view. */
void ipc_read(struct snap *s, struct snap_ns *ns, bool pids);

/* inside_net.c */
void links_read(struct snap *s, struct snap_ns *ns);
void listeners_read(struct snap *s, struct snap_ns *ns);

/* firewall.c */
void firewall_read(struct snap *s, struct snap_ns *ns);

/*
 * inside_cgroup.c: the root of a cgroup namespace is what a process's path seen from outside has in front of its path seen from
 * inside. So: before(), then inside() in there, then after(), outside again, which sees whether anybody was moved meanwhile.
 */
struct cgroup_views {
	struct cgroup_view *items; /* by namespace */
	struct idmap first;        /* namespace -> the first */
	size_t n_items, cap_items;
};
void cgroups_before(struct cgroup_views *v, const struct nsfs *n);
void cgroups_inside(struct cgroup_views *v, const struct nsfs *n, uint32_t ns);
void cgroups_after(struct cgroup_views *v, const struct nsfs *n);

/* inside_mounts.c: all mounts of all mount namespaces. */
void mounts_read(struct collecting *c, const struct index *ix);

/* inside_caps.c: effective capabilities of processes. */
void caps_read(struct collecting *c);

#endif
