// SPDX-License-Identifier: GPL-2.0-or-later
/* The row of a namespace: what nsls and nstop show of it. Pure; a field of nsrow_desc is a column, a JSON key and a word for -o. */
#ifndef NSKIT_NSROW_H
#define NSKIT_NSROW_H

#include "model/index.h"
#include "model/target.h"
#include "view/inside.h"

struct ns_offsets {
	const char *monotonic, *boottime; /* seconds */
};

/* Someone who is in a namespace too: the host (alone: everyone may be in the host's), a container, or a process of none. */
struct sharer {
	bool host;
	const struct snap_container *container;
	bool same_pod;
	int64_t pid; /* OPT */
	const char *comm;
};

struct nsrow {
	uint32_t index; /* in the snapshot's namespaces */
	uint32_t ns;
	const char *type;
	const char *path; /* where it can be opened: /proc/PID/ns/TYPE, a mount, an fd; NULL */
	uint32_t nprocs, nthreads;
	int64_t pid, ppid; /* OPT: the process with the lowest pid, and its parent */
	const char *command;
	int64_t uid; /* OPT */
	const char *user;
	const char *netnsid;     /* "3", "unassigned", or NULL where it means nothing */
	const char *const *nsfs; /* where it is mounted in our own mount namespace */
	uint32_t n_nsfs;
	uint32_t pns, ons; /* NSREF */
	const struct snap_container *container;
	uint32_t containers; /* how many share it */
	bool initial;
	int64_t level; /* OPT */
	uint64_t id;
	const char *hostname, *domainname;
	const struct ns_offsets *offsets;
	const struct snap_map *uidmap, *gidmap;
	uint32_t n_uidmap, n_gidmap;
	const struct keeper *keepers; /* only with nsrows.keepers */
	uint32_t n_keepers;
	const struct inside *inside; /* only with nsrows.inside */
	const struct sharer *shared; /* only with nsrows.target: who else is in it, the target aside */
	uint32_t n_shared;
};
extern const struct desc nsrow_desc;

/* Rows, and the memory of their strings. */
struct nsrows {
	const struct index *ix; /* what they are made from */
	struct arena arena;
	bool keepers;                /* fill in .keepers */
	bool inside;                 /* fill in .inside */
	const struct target *target; /* fill in .shared, as seen from there */
	bool explain;                /* for people: the command of a namespace without a process says what keeps it */
	struct nsrow *items;
	size_t n_items, cap_items;
};

/* No rows yet; they will be of that index, which must outlive them. */
void nsrows_init(struct nsrows *r, const struct index *ix);
void nsrows_done(struct nsrows *r);

/* Append the row of snap->namespaces[ns]. */
void nsrows_add(struct nsrows *r, uint32_t ns);

/* The same, but its process columns are of this task (an index), a member of the namespace: a list of its processes. */
void nsrows_add_process(struct nsrows *r, uint32_t ns, uint32_t task);

/* A keeper in words: "fd 9 of dockerd 913", "mount /run/docker/netns/5f2c1". At most size bytes with the NUL, raw; the length. */
size_t keeper_words(const struct keeper *k, char *buf, size_t size);

#endif
