// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who is born and who dies while one looks: by BPF (fork and exit, each of them; 5.8), else by listing /proc now and then, which does
 * not see who lives for a shorter time than that.
 */
#ifndef NSKIT_BIRTHS_H
#define NSKIT_BIRTHS_H

#include "collect/collect.h"

/* What a process is told by: its number and its namespace at each level, outermost first. */
struct birth {
	uint32_t tid;
	uint32_t n; /* levels */
	const uint32_t *nr, *pidns;
	uint64_t start; /* clock ticks since boot */
};

struct births_sink {
	void (*born)(void *arg, const struct birth *b);              /* BPF: of nested PID namespaces only; threads, too */
	void (*appeared)(void *arg, const uint32_t *pids, size_t n); /* /proc: new processes, yet to be asked who they are */
	void (*died)(void *arg, uint32_t tid, uint64_t when);        /* when: ns of CLOCK_MONOTONIC; of any process */
	void *arg;
};

struct birthwatch;

/* NULL and *err = -errno: as collect(). *why may be set. From now on all is remembered until births_take(). */
struct birthwatch *births_open(const char *proc, enum collector how, const struct births_sink *sink, int *err, const char **why);
void births_close(struct birthwatch *b);

/* Hand on what has happened. With urgent, /proc is listed even if that was done a moment ago. */
void births_take(struct birthwatch *b, bool urgent);

/* So often births_take() wants to be called when nothing else happens, in ms. */
int births_interval(const struct birthwatch *b);

/* How many the ring had no room for. */
uint32_t births_lost(const struct birthwatch *b);

uint64_t births_now(void); /* ns of CLOCK_MONOTONIC */

#endif
