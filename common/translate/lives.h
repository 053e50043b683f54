// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which number was whose: the lives of processes, those that run and those that have ended of late. Pure. Memory is bounded: who runs
 * is kept, of the dead the last so many; and both tables have at most a place for each pid that there can be (4 Mi).
 */
#ifndef NSKIT_LIVES_H
#define NSKIT_LIVES_H

#include <stdbool.h>
#include <stdint.h>

#include "util/util.h"

/* A process (or thread) as one PID namespace below the host's sees it. */
struct life {
	uint32_t host;                 /* its number on the host */
	uint32_t nr;                   /* and in */
	uint32_t ns;                   /* that namespace: an index of the caller's */
	uint32_t level;                /* of the namespace: 1 and up */
	uint64_t start;                /* clock ticks since boot */
	uint64_t died;                 /* 0: it runs */
	uint32_t older_nr, older_host; /* lists of those with the same number, the youngest first */
	uint32_t younger_dead;         /* in the order of their deaths; of free places the next one */
};

struct lives {
	struct life *items;
	size_t n_items, cap_items;
	uint32_t free;
	uint32_t *by_nr, *by_host;
	size_t cap_nr, cap_host;
	uint32_t first_dead, last_dead;
	size_t n_dead, max_dead;
};

enum { LIVES_MAX_PID = 4 * 1024 * 1024 }; /* PID_MAX_LIMIT, include/linux/threads.h */

/* Nobody lives yet; max_dead of those that have ended will be remembered. */
void lives_init(struct lives *l, size_t max_dead);
void lives_done(struct lives *l);

/* Somebody runs. Said twice of one life (same host number and start), it counts once. */
void lives_born(struct lives *l, uint32_t host, uint32_t ns, uint32_t level, uint32_t nr, uint64_t start);

/* All that run under that number of the host have died; when is not 0. */
void lives_died(struct lives *l, uint32_t host, uint64_t when);

/* Forget who died before that. */
void lives_forget(struct lives *l, uint64_t before);

/*
 * Who has that number, or had it last: the youngest that runs, else the one that died last, of those that accept() takes.
 * NULL: nobody; and with only_one, if several that run have it.
 */
const struct life *lives_by_nr(const struct lives *l, uint32_t nr, bool (*accept)(const struct life *x, void *arg), void *arg,
			       bool only_one);
/* The same by the number on the host: at the innermost level that accept() takes. */
const struct life *lives_by_host(const struct lives *l, uint32_t host, bool (*accept)(const struct life *x, void *arg), void *arg);

#endif
