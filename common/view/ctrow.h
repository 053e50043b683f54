// SPDX-License-Identifier: GPL-2.0-or-later
/* The row of a container, live: its processes, what they use, its ports, which namespaces are its own. Pure; see desc.h for what a field is. */
#ifndef NSKIT_CTROW_H
#define NSKIT_CTROW_H

#include "view/frame.h"

struct ctrow {
	const struct snap_container *container; /* NULL: the host, all that is in no container */
	bool host;
	uint32_t nprocs, nthreads;
	int64_t pid;    /* OPT: lowest pid in it */
	int64_t cpu;    /* OPT: thousandths of a core */
	int64_t rss;    /* OPT: bytes, the sum over its processes: what they share counts more than once */
	int64_t rx, tx; /* OPT: bytes a second of its network namespace; none: it is the host's */
	const char *const *listens, *const *published; /* "80", "53/udp"; published: "8080->80", "80!" where nobody listens */
	uint32_t n_listens, n_published;
	const char *const *own;    /* types of the namespaces that nobody else is in */
	const char *const *shared; /* of the others: "host:time,user", "sidecar:net" */
	uint32_t n_own, n_shared;
	uint32_t ns[NS_TYPES]; /* NSREF: of its first process */
	int64_t age;           /* OPT: seconds since that began */
	uint32_t failed;       /* failed binds and the like, of late */
	const char *event;     /* the last of them; NULL */
};
extern const struct desc ctrow_desc;

struct ctrows {
	struct arena arena;
	struct ctrow *items;
	size_t n_items, cap_items;
};

/* A row for the host and for each container that runs; linear in tasks and sockets. */
void ctrows_init(struct ctrows *r, const struct frame *f);
void ctrows_done(struct ctrows *r);

/* Something failed in a container (id; NULL: the host) so many seconds ago: shown in its row. */
void ctrows_event(struct ctrows *r, const char *container, const char *what, uint64_t ago);

#endif
