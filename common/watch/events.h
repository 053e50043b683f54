// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The stream of events: by BPF (tracepoints: syscalls/sys_enter_*, sys_exit_*, task_newtask, sched_process_exit; 5.8, BTF). The loop
 * is the caller's: he polls events_fd() with whatever else he waits for, at most events_timeout() long, then calls events_service().
 *
 * What nobody asked for is not attached, and filters work in the kernel: what they keep back costs the host next to nothing.
 * Calls of this very process are no events.
 */
#ifndef NSKIT_EVENTS_H
#define NSKIT_EVENTS_H

#include "collect/collect.h"
#include "model/event.h"

/* A namespace whose events are asked for: those of its members, or of whoever enters, leaves or opens it. */
struct events_ns {
	uint32_t inum;
	bool members;
};

struct events_opts {
	uint32_t kinds;           /* 1 << EVENT_SETNS | … */
	enum collector collector; /* COLLECT_BPF: or nothing; COLLECT_PROC: without BPF */
	bool errors;              /* only calls that failed */
	/* Not 0: births and deaths (EVENTS_LIVES) are a by-product, of processes alone, so many and no more until events_allow_lives()
	 * lets others through; and nobody is woken for them. Without BPF none come then. */
	uint32_t few_lives;
	uint32_t ppid; /* only children of this process; 0: all */
	/* If any of these is there, only events of those: tasks (a process's id means its threads, too), containers, namespaces. */
	bool targets;
	const uint32_t *tasks;
	size_t n_tasks;
	const char *const *containers; /* their ids */
	size_t n_containers;
	const struct events_ns *namespaces;
	size_t n_namespaces;
};

struct events_sink {
	/* An event, valid until it returns; not 0: hand out no more for now. In the order in which they happened on each CPU. */
	int (*event)(void *arg, const struct event *e);
	void *arg;
};

struct eventwatch;

/*
 * NULL and *err = -errno, *why one literal line of what it takes. Some kinds may not be had although others are: events_missing().
 * What happens from now on is kept until events_service(), as far as there is room.
 */
struct eventwatch *events_open(const struct events_opts *o, const struct events_sink *sink, int *err, const char **why);

/* Takes about 50 ms for each tracepoint: say what there is to say before. */
void events_close(struct eventwatch *w);

/* Kinds that were asked for and can't be seen, and one literal line of why. */
uint32_t events_missing(const struct eventwatch *w, const char **why);

/*
 * What to poll(2) for POLLIN, or -1 for now, and for how many ms at most, -1 for ever. While events come they are fetched fifty times
 * a second; after a second without any we sleep until the kernel wakes us. few_lives come four times a second.
 */
int events_fd(const struct eventwatch *w);
int events_timeout(const struct eventwatch *w);

/*
 * Hand out what has happened, and an EVENT_LOST for each kind of which some were lost since. Returns how many events, at most some
 * ten thousand (then events_timeout() is 0), or -errno.
 */
int events_service(struct eventwatch *w);

/* few_lives: so many births and deaths may come from now on, and no more. */
void events_allow_lives(struct eventwatch *w, uint32_t n);

/* Were there more than that? Then who was born or has died since is unknown until it is looked for. */
bool events_lives_withheld(const struct eventwatch *w);

#endif
