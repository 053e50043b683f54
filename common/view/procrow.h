// SPDX-License-Identifier: GPL-2.0-or-later
/* The row of a process as nstop shows it: both its numbers, and what it uses. Pure; a field of procrow_desc is a column and a JSON key. */
#ifndef NSKIT_PROCROW_H
#define NSKIT_PROCROW_H

#include "view/frame.h"

struct procrow {
	uint32_t task; /* index into the snapshot's tasks */
	uint32_t pid, tid, ppid, nthreads;
	int64_t inside; /* OPT: its number in its own PID namespace; none: it is the view's */
	uint32_t uid;
	const char *user;
	int64_t cpu;    /* OPT: thousandths of a core */
	int64_t rss;    /* OPT: bytes */
	uint64_t start; /* ns since 1970 */
	int64_t age;    /* OPT: seconds */
	const struct snap_container *container;
	const char *state; /* "zombie", "kernel"; NULL */
	const char *comm, *command;
	bool host; /* of no container */
};
extern const struct desc procrow_desc;

/* Fill the row of a task. Strings are the snapshot's. */
void procrow_fill(struct procrow *row, const struct frame *f, uint32_t task);

/* "web", or the first twelve digits of its id; "" for NULL. At most size bytes with the NUL, raw. */
void container_name(const struct snap_container *c, char *buf, size_t size);

#endif
