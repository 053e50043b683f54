// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Containers without asking a daemon: the id from the cgroup path, the name from the state files that the runtime leaves on
 * disk. Those files are data of strangers: opened below their root without following links, bounded in size, parsed as data.
 *
 * So are cgroup names: whoever may make cgroups may call one docker-ID.scope. An id below a container that we know, or below
 * a user's slice, is therefore never looked up in the host's own state: that engine keeps its state elsewhere.
 */
#ifndef NSKIT_CONTAINER_H
#define NSKIT_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "model/snap.h"

#define CGROUP_NO_USER UINT32_MAX

/* What a cgroup path says. text points at what was parsed and must outlive the match, runtime at a literal; the rest is copied. */
struct cgroup_match {
	char id[256];        /* "": the path has no shape that we know; a state file may still claim it */
	const char *runtime; /* "docker", "containerd", …; NULL when only the shape of an id was seen */
	bool monitor;        /* the runtime's own helper (conmon, lxc.monitor), not the container's process */
	char outer[256];     /* the next container above it in the path, "" if none: docker in docker */
	const char *outer_runtime;
	uint32_t user;    /* below user-UID.slice: rootless, the state is in that user's home; else CGROUP_NO_USER */
	const char *text; /* all lines, for paths of no known shape; not NUL-terminated */
	size_t text_len;
};

/*
 * Find a container in the text of /proc/PID/cgroup (lines "id:controllers:path"): the v2 line first, then any v1 line; the
 * deepest component that matches. Pure, allocates nothing, takes any bytes. *path and *path_len: the path that told, or the
 * deepest one seen, as the kernel wrote it (NULL and 0 without any).
 *
 * False: in no container (the root of the hierarchy, or no text). True: m->id is one, or m->id is "" and only
 * containers_find() can tell, for ctr, runc and crun put a container wherever their caller liked.
 */
bool cgroup_parse(const char *text, size_t len, struct cgroup_match *m, const char **path, size_t *path_len);

/*
 * The runtimes' state, read on demand and kept, each container's files once. root is "/" (tests: a fixture tree); NULL is "/".
 * Serves the one snapshot that its first call names.
 */
struct containers;
struct containers *containers_new(const char *root);
void containers_free(struct containers *c);

/*
 * The container record for a cgroup match, in s (added once, then found again): name, pod and image from state files as far as
 * they can be read; an id without any file gives a record with the id alone. Returns its id string in s's arena; NULL if the match
 * is no container (a path of no known shape that no state file claims). Files that were refused or broken are gaps of s.
 *
 * The id is as its runtime calls it. Where two containers have the same one (ids of ctr, runc and LXC are chosen by people), the
 * second comes as "NAMESPACE/ID", "RUNTIME/ID" or "user-UID/ID", so that an id always names one record.
 */
const char *containers_find(struct containers *c, struct snap *s, const struct cgroup_match *m);

/*
 * All containers that the system's state files know, running or not, as far as they say so (for targets, and for namespaces
 * without a process): adds those records that s does not have yet. Containerd keeps containers without a task in its
 * database only: those are not seen, nor are those of users' homes unless containers_find() met them.
 */
void containers_list(struct containers *c, struct snap *s);

#endif
