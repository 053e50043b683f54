// SPDX-License-Identifier: GPL-2.0-or-later
/* The row of a network namespace: what nsnet's summary shows of it. Pure; a field of netrow_desc is a column and a word for --output. */
#ifndef NSKIT_NETROW_H
#define NSKIT_NETROW_H

#include "model/index.h"

struct netrow {
	uint32_t index; /* in the snapshot's namespaces */
	uint32_t netns;
	const struct snap_container *container;
	uint32_t containers;      /* how many share it */
	const char *const *names; /* of the files below /run/netns and /run/docker/netns that it is mounted on */
	uint32_t n_names;
	const char *kept_by;          /* where no process and no name tells what it is; else NULL */
	const char *const *addresses; /* with prefix length: global ones, else what there is */
	uint32_t n_addresses;
	const char *default_via; /* "10.0.0.1 eth0", NULL: no default route */
	uint32_t n_links;
	int64_t listen, bound, conn, time_wait, udp, raw, unix_sockets, others; /* OPT: sockets by kind and state */
	uint64_t rx, tx;                                                        /* bytes, of all links but loopback */
	uint32_t nprocs;
	int64_t pid; /* OPT: the process with the lowest pid */
	const char *command;
	bool initial;
};
extern const struct desc netrow_desc;

struct netrows {
	const struct index *ix;
	struct arena arena;
	struct netrow *items;
	size_t n_items, cap_items;
};

/* No rows yet; they will be of that index, which must outlive them. */
void netrows_init(struct netrows *r, const struct index *ix);
void netrows_done(struct netrows *r);

/* Append the row of snap->namespaces[ns], which is a network namespace. */
void netrows_add(struct netrows *r, uint32_t ns);

/*
 * The names that a network namespace goes by: the files that it is mounted on below /run/netns and /run/docker/netns, each once, in
 * the arena. Returns how many.
 */
uint32_t netrow_names(const struct index *ix, uint32_t ns, struct arena *arena, const char *const **names);

/* What to call a network namespace in one word: its container ("web +1"), "host", a name, or its number. In the arena. */
const char *netrow_where(const struct index *ix, uint32_t ns, struct arena *arena);

#endif
