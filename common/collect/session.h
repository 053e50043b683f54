// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is worth keeping between one collect() and the next, for those who collect again and again: loaded BPF programs (loading one
 * costs as much as reading thousands of tasks). One thread at a time.
 */
#ifndef NSKIT_SESSION_H
#define NSKIT_SESSION_H

#include <stdbool.h>
#include <stddef.h>

/* Programs by what they do and how they were loaded. */
enum session_slot {
	SESSION_TASKS,
	SESSION_ALL_THREADS,
	SESSION_USAGE,
	SESSION_FILES,
	SESSION_SOCKETS,
	SESSION_LIST,
	SESSION_SLOTS
};

struct loaded {
	int prog_fd;
	void *skel;
	void (*destroy)(void *skel);
	bool failed; /* it cannot be loaded here: not tried again */
};

struct session {
	struct loaded slots[SESSION_SLOTS];
};

/* With nothing in it. What is kept goes with session_free(). */
struct session *session_new(void);
void session_free(struct session *s); /* NULL is fine */

/*
 * The program of a slot: the one that is kept, or loaded by load(), which fills *l: 0 or -errno. Without a session it is loaded into
 * *own. Give it back with session_put(). NULL: it cannot be had, *err says why.
 */
struct loaded *session_get(struct session *s, enum session_slot slot, int (*load)(struct loaded *l, void *arg), void *arg,
			   struct loaded *own, int *err);

/* Done with it: one that no session keeps is unloaded. */
void session_put(struct session *s, struct loaded *l);

/* It is of no use any more: unload, so that the next session_get() loads anew. */
void session_drop(struct loaded *l);

#endif
