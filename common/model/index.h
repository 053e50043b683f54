// SPDX-License-Identifier: GPL-2.0-or-later
/* What one looks up in a settled snapshot, built once in linear time: who is in which namespace, who holds what, who is whose. */
#ifndef NSKIT_INDEX_H
#define NSKIT_INDEX_H

#include "model/snap.h"
#include "util/idmap.h"

struct ns_members {
	uint32_t nprocs;   /* processes in it, dead leaders' included by their live threads */
	uint32_t nthreads; /* threads in it, leaders included */
	uint32_t first;    /* index into tasks of its process with the lowest pid, or IDMAP_NONE */
	uint32_t begin;    /* members[begin .. begin + n): indexes of its task records, processes and listed threads, by pid */
	uint32_t n;
};

struct index {
	const struct snap *snap;
	struct ns_members *ns; /* parallel to snap->namespaces */
	uint32_t *members;
	struct idmap by_ns;        /* ns_key -> namespace */
	struct idmap by_tid;       /* tid -> task */
	struct idmap by_container; /* hash of id -> container */
	struct idmap by_uid;       /* uid -> user */
	/* By-products for the keepers: linked lists through parallel arrays, heads by namespace, IDMAP_NONE ends. */
	uint32_t *first_hold, *next_hold;           /* holds of a namespace */
	uint32_t *first_child, *next_child;         /* namespaces whose parent it is */
	uint32_t *first_owned, *next_owned;         /* namespaces whose owner it is */
	uint32_t *first_future[2], *next_future[2]; /* tasks whose children will be in it: pid, time */
};

/* Of a settled snapshot, which must outlive it and not change. *ix is overwritten. */
void index_build(struct index *ix, const struct snap *s);
void index_done(struct index *ix);

/* Indexes into the snapshot's arrays, or IDMAP_NONE. */
uint32_t index_ns(const struct index *ix, enum nstype type, uint32_t inum);
uint32_t index_task(const struct index *ix, uint32_t tid);

/* The container with that id, or NULL. */
const struct snap_container *index_container(const struct index *ix, const char *id);

/*
 * The container that a namespace belongs to: that of its first process, or NULL. (A guest who came later, by nsenter, does not
 * count; a pod's sandbox gives way to a container that does the work.) *more: how many other containers share it.
 */
const struct snap_container *index_ns_container(const struct index *ix, uint32_t ns, uint32_t *more);

/* The host's name of a user id, or NULL when the snapshot does not know. */
const char *index_user(const struct index *ix, uint32_t uid);

/* Is this one of the host's initial namespaces (or, in a container, of its PID 1's)? */
bool index_is_initial(const struct index *ix, uint32_t ns);

/*
 * Everything that keeps a namespace alive: contract of --keepers. Kinds in this order.
 * KEEP_HIDDEN stands alone: the kernel lists the namespace and nothing that we could read holds it.
 */
enum keep_kind {
	KEEP_PROCESS,
	KEEP_THREAD,
	KEEP_FOR_CHILDREN,
	KEEP_FD,
	KEEP_SOCKET,
	KEEP_MOUNT,
	KEEP_CHILD,
	KEEP_OWNED,
	KEEP_HIDDEN
};
extern const char *const keep_kind_names[];
struct keeper {
	uint8_t kind;                           /* enum keep_kind */
	int64_t pid, tid;                       /* OPT: process, thread, for-children, fd, socket; mount: a process that sees it */
	const char *comm;                       /* of the thread or process */
	const struct snap_container *container; /* that it is in */
	int64_t fd;                             /* OPT */
	int64_t socket;                         /* OPT: inode number */
	const char *path;                       /* mount point */
	uint32_t mntns;                         /* NSREF: where path is */
	const char *ns_type;                    /* child, owned: the other namespace's type, and */
	uint32_t ns;                            /* number; NULL and 0 otherwise */
};
extern const struct desc keeper_desc;

/* Does anything but members keep it: a hold, a child, something it owns, a future child? */
bool index_is_kept(const struct index *ix, uint32_t ns);

/* Fills a malloc'ed array (caller frees) with the keepers of one namespace; returns how many. */
size_t index_keepers(const struct index *ix, uint32_t ns, struct keeper **out);

#endif
