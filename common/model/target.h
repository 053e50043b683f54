// SPDX-License-Identifier: GPL-2.0-or-later
/* Targets: the words by which people name a process, a container or a namespace. Resolved in a snapshot; pure. */
#ifndef NSKIT_TARGET_H
#define NSKIT_TARGET_H

#include "model/index.h"

enum target_kind { TARGET_TASK, TARGET_CONTAINER, TARGET_NS, TARGET_HOST };

struct target {
	enum target_kind kind;
	uint32_t task; /* TARGET_TASK: index into tasks */
	uint32_t ns;   /* TARGET_NS: index into namespaces */
	/* TARGET_CONTAINER: the container, or the pod whose containers are meant. */
	const struct snap_container *container;
	const char *pod, *pod_namespace;
};

/* What has to be collected before a word can be resolved. */
uint64_t target_wants(const char *word);

/*
 * Resolve a word: "12345", "pid:12345", "web", "container:web", "pod:default/web", "4026532180", "net:[4026532180]",
 * "netns:blue", "/run/netns/blue", "/proc/PID/ns/net", "host". A bare word is tried in that order.
 * 0; -ENOENT: there is none; -EMLINK: ambiguous; -EINVAL: malformed. Then message[] has one line of why, with the near candidates.
 */
int target_resolve(const struct index *ix, const char *word, struct target *t, char *message, size_t size);

/* The NAME of "netns:NAME" for the path of a mount, or NULL. */
const char *target_netns_name(const char *path);

/* That name for what holds a namespace, where "netns:NAME" finds it: by a mount in our own mount namespace; or NULL. */
const char *target_hold_name(const struct snap *s, const struct snap_hold *h);

/* Is a task in what the target names? (A process: its threads; a container: its processes; a namespace: its members.) */
bool target_has_task(const struct index *ix, const struct target *t, uint32_t task);

/* Does the target name a namespace (index into the snapshot's): itself, the host's, or one that a task of it is in? */
bool target_has_ns(const struct index *ix, const struct target *t, uint32_t ns);

#endif
