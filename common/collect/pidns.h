// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of collect/: the pid of a process at every level, from the view's PID namespace to its own. */
#ifndef NSKIT_PIDNS_H
#define NSKIT_PIDNS_H

#include "collect/proc_parse.h"

/*
 * How pids translate into one nested PID namespace: asking it costs 1 us a process, status 13. Opened when its second process is
 * met; for the first one status does as well.
 */
enum { PIDNS_BITS = 9, N_PIDNS = 1 << PIDNS_BITS, PIDNS_LEVELS = 4 };
struct pidns {
	uint32_t inum;
	bool failed;          /* to open it */
	uint32_t n;           /* fds: 0, not opened yet */
	int fd[PIDNS_LEVELS]; /* the outermost below the view first, inum's own last */
};

struct pidns_cache {
	bool translates;    /* there is NS_GET_PID_IN_PIDNS (6.11), and pids mean the same to it */
	uint32_t spare_fds; /* how many it may hold open */
	uint32_t view;      /* the PID namespace whose numbers we see, once met */
	struct pidns known[N_PIDNS];
};

/* own_proc: the procfs shows our own PID namespace. */
void pidns_init(struct pidns_cache *cache, bool own_proc);
void pidns_done(struct pidns_cache *cache);

/*
 * The pids of a task at every level; ns_dir is its directory ns/. t->tid and t->ns[NS_PID] are known. 0 or -errno; levels->n 0: this
 * kernel does not tell (before 4.1).
 */
int pidns_levels(struct pidns_cache *cache, int ns_dir, const struct snap_task *t, struct proc_levels *levels);

#endif
