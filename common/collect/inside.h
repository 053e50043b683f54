// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of collect/: readers of what namespaces isolate (records of model/inside.h). */
#ifndef NSKIT_COLLECT_INSIDE_H
#define NSKIT_COLLECT_INSIDE_H

#include "collect/nsfs.h"
#include "util/intern.h"

/* The readers that run inside: in a thread that is in the namespace with that index. Refusals are counted as gaps. */

/* inside_ipc.c. pids: whether the pids that the kernel tells us are those of the view. */
void ipc_read(struct snap *s, struct snap_ns *ns, bool pids);

/* inside_net.c */
void listeners_read(struct snap *s, struct snap_ns *ns, struct intern *in);

/* net_firewall.c */
void firewall_read(struct snap *s, struct snap_ns *ns);

/*
 * net_hooks.c: programs and filters that packets meet here, after the devices; then those of the control groups that sockets which wait for
 * others belong to (a packet is judged by the socket's, not by its process's: __cgroup_bpf_run_filter_skb, kernel/bpf/cgroup.c).
 */
void hooks_read(struct snap *s, const struct snap_ns *ns);
void hooks_cgroups(struct snap *s);
int hooks_open_cgroup2(struct snap *s); /* where version 2 is mounted (noted in the head); fd or -1 */

/* net_vservers.c */
void vservers_read(struct snap *s, const struct snap_ns *ns, struct intern *in);

/* halts.c: of the processes that have such sockets, those that do not run. */
void halts_read(struct collecting *c);

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
