// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cgroups by the inode number of their directory, which is what a BPF program can tell of a task, and which is unique for as long as
 * the hierarchy is mounted (kernfs_node.id). So the container of a process is known although it has died meanwhile.
 */
#ifndef NSKIT_CGROUPS_H
#define NSKIT_CGROUPS_H

#include "model/snap.h"

struct cgroups;

/*
 * The hierarchy that tells containers: where controllers have hierarchies of their own (version 1, hybrid) that of the one with most
 * cgroups, else the unified one. NULL and *err = -errno when there is none that we may look at.
 */
struct cgroups *cgroups_open(int *err);
void cgroups_close(struct cgroups *c);

/* Learn which cgroups there are, before they go. */
void cgroups_walk(struct cgroups *c);

/* Its controller's number in the kernel (enum cgroup_subsys_id), or -1 for the unified hierarchy. */
int cgroups_controller(const struct cgroups *c);

/*
 * The container of a cgroup, and NULL where it is none's; the record lives until the next call. pid: who is said to be in it, or 0.
 * Where a cgroup is not known the hierarchy is walked again, though not more often than ten times a second: *unknown is set
 * when it was not found, for then it may have been a container's.
 */
const struct snap_container *cgroups_container(struct cgroups *c, uint64_t id, uint32_t pid, bool *unknown);

/* The container of a process that lives. *unknown: it is gone. */
const struct snap_container *cgroups_of_process(struct cgroups *c, uint32_t pid, bool *unknown);

/* The ids of all cgroups of a container, and below: malloc'ed, caller frees. Returns how many. */
size_t cgroups_of(struct cgroups *c, const char *container, uint64_t **ids);

#endif
