// SPDX-License-Identifier: GPL-2.0-or-later
/* The row of a process with its pids at all levels: what nspid shows. Pure; a field of pidrow_desc is a column and a JSON key. */
#ifndef NSKIT_PIDROW_H
#define NSKIT_PIDROW_H

#include "model/index.h"

enum { PIDROW_MAX_LEVELS = 33 }; /* MAX_PID_NS_LEVEL is 32 (include/linux/pid_namespace.h), and the initial one */

/* A process as one PID namespace sees it. */
struct pidlevel {
	uint32_t level;                         /* 0: the view's */
	uint32_t pidns;                         /* NSREF */
	int64_t pid, tgid, pgid, sid;           /* OPT; 0: not visible there */
	const struct snap_container *container; /* that of the namespace's init */
};
extern const struct desc pidlevel_desc;

struct pidrow {
	uint32_t task; /* index into the snapshot's tasks; IDMAP_NONE: the row is a PID namespace (trees) */
	int64_t pid, tid, tgid, pgid, sid, ppid; /* OPT */
	const uint32_t *nspid, *pidns;           /* outermost first; a PID namespace that is not known is 0 */
	uint32_t n_nspid, n_pidns;
	int64_t uid, gid, inner_uid, inner_gid; /* OPT; inner: as its own user namespace says, none where that has no such id */
	const char *user;
	const char *comm, *command;
	const struct snap_container *container;
	uint64_t start; /* ns since 1970 */
	uint64_t taken; /* when it was looked at: a start of today is said without the date */
	const struct pidlevel *levels;
	uint32_t n_levels;
	uint32_t pid_for_children; /* NSREF: where its children will be, if not in its own */
	bool thread, kthread, zombie;
	int64_t host, inside; /* OPT: outermost and innermost number, or the one in pidrows.pidns */
};
extern const struct desc pidrow_desc;

struct pidrows {
	const struct index *ix;
	struct arena arena;
	uint32_t pidns; /* .inside is the number in this PID namespace; 0: in its own */
	struct pidrow *items;
	size_t n_items, cap_items;
};

/* No rows yet; they will be of that index, which must outlive them. */
void pidrows_init(struct pidrows *r, const struct index *ix);
void pidrows_done(struct pidrows *r);

/* Append the row of a task (an index). */
void pidrows_add(struct pidrows *r, uint32_t task);

/* Append the row of a PID namespace, for a tree. */
void pidrows_add_ns(struct pidrows *r, uint32_t inum);

/* The PID namespaces of a task, the view's first, as far as they are known (else 0); returns how many (its n_nspid). */
uint32_t pidns_chain(const struct index *ix, const struct snap_task *t, uint32_t chain[PIDROW_MAX_LEVELS]);

/* The container that a PID namespace belongs to, that of its init; NULL. */
const struct snap_container *pidns_container(const struct index *ix, uint32_t inum);

/*
 * In words: "4755 is 7 in web (pid namespace 4026532184, level 1), thread group 4755, started 2026-11-23 09:12:44". At most size
 * bytes with the NUL, raw. The time is local.
 */
void pidrow_words(const struct pidrow *row, const struct snap *s, char *buf, size_t size);

#endif
