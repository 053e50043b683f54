// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Events: what happens between two snapshots. Values like these: whoever reports them (BPF, perf, comparing) fills them in, and text,
 * JSON and the live view are functions of them. A kind is a row of event_kinds[] with the descriptor of what it tells.
 *
 * Strings and lists belong to who hands an event out, and last as long as he says; any bytes, as the kernel gave them.
 */
#ifndef NSKIT_EVENT_H
#define NSKIT_EVENT_H

#include "model/snap.h"

enum event_kind {
	EVENT_SETNS,
	EVENT_UNSHARE,
	EVENT_CLONE, /* a child in other namespaces than its parent, or one that could not be had */
	EVENT_BIND,
	EVENT_LISTEN,
	EVENT_SOCKET, /* failed */
	EVENT_FORK,   /* any other child */
	EVENT_EXIT,
	EVENT_CHANGE, /* other namespaces than before, by a call that could not be seen: without BPF */
	EVENT_LOST,   /* so many were not seen */
	EVENT_KINDS,
};

enum {
	EVENTS_USUAL =
		1 << EVENT_SETNS | 1 << EVENT_UNSHARE | 1 << EVENT_CLONE | 1 << EVENT_BIND | 1 << EVENT_LISTEN | 1 << EVENT_SOCKET,
	EVENTS_LIVES = 1 << EVENT_FORK | 1 << EVENT_EXIT,
};

struct event_change {
	const char *type;  /* a name of nstypes[] */
	uint32_t from, to; /* NSREF */
	bool for_children; /* not of itself: of the children to come */
};

struct event_ns {
	const char *type;
	uint32_t ns;
};

/* What setns was given: a namespace's file, or the pidfd of a process. */
struct event_wanted {
	const char *type; /* NULL: a process, and more than one type */
	uint32_t ns;      /* NSREF */
	int64_t pid;      /* OPT */
	const struct event_ns *namespaces;
	uint32_t n_namespaces;
};

struct event_child {
	uint32_t pid, tid;
	const uint32_t *nspid; /* as snap_task.nspid */
	uint32_t n_nspid;
};

/* The cause of a failure: the first one of nsnet why that gives this errno. */
struct event_why {
	const char *verdict; /* a name of why_verdict_names[] */
	const char *code;    /* NULL: no cause was found */
	int32_t err;         /* that the cause gives; 0: none */
	const char *summary; /* NULL: nothing to say */
	const char *const *advice;
	uint32_t n_advice;
};

struct event {
	uint8_t kind;            /* enum event_kind */
	uint64_t time;           /* ns since 1970 */
	uint32_t pid, tid, ppid; /* as the host counts */
	uint32_t uid;            /* effective, in the initial user namespace */
	const uint32_t *nspid,
		*nstid; /* of the process and, where that is another task, of the thread, at each level, the host's first */
	uint32_t n_nspid, n_nstid;
	const char *comm;
	const struct snap_container *container; /* NULL: none, or unknown */
	bool container_unknown;
	int32_t ret;  /* what the call returned; a clone's is the child's number as the parent sees it */
	int32_t err;  /* errno, or 0 */
	bool entered; /* the call's beginning was seen. Without: seccomp refused it (or it was under way when we came) */
	/* setns, unshare, clone: */
	uint64_t flags; /* CLONE_*, bit by bit event_flag_names[] */
	const struct event_change *changes;
	uint32_t n_changes;
	const struct event_wanted *wanted; /* setns; NULL: its fd was neither */
	const struct event_child *child;   /* clone, fork */
	/* bind, listen, socket: */
	const char *proto;            /* "tcp", "unix-dgram", …; NULL: the fd was no socket */
	const char *addr;             /* as asked for; listen: as bound. NULL: none, or it could not be read */
	int64_t port;                 /* OPT */
	uint32_t netns, socket_netns; /* NSREF: the process's, and that of the socket */
	int32_t fd, backlog;
	const struct event_why *why; /* NULL: not asked, or it did not fail */
	/* exit: */
	int64_t code, signal; /* OPT: one of them */
	bool last;            /* with this thread the process has ended */
	/* lost: */
	uint64_t count;
	const char *of; /* name of a kind */
	/* Not shown: for snap_apply(). */
	uint64_t start;        /* of the child, or of who ended: clock ticks since boot */
	uint32_t ns[NS_TYPES]; /* fork, clone: the child's. NSREF */
};

struct event_kind_info {
	const char *name;
	const struct desc *desc;
	const char *help; /* for people who choose */
};
extern const struct event_kind_info event_kinds[EVENT_KINDS];
extern const char *const event_kind_names[]; /* the same names; ends with NULL */
extern const char *const event_flag_names[]; /* for all 64 bits; those that mean nothing are numbers */

/* "bind" to its number, or EVENT_KINDS. */
enum event_kind event_kind_by_name(const char *name);

/*
 * A list of kinds, "setns,bind", to a set (1 << EVENT_SETNS | …). 0, or -EINVAL: *bad is the word (of *bad_len bytes) that is none.
 * "lost" is none: that is always told. "all" are all that there are.
 */
int event_kinds_parse(const char *list, uint32_t *kinds, const char **bad, size_t *bad_len);

#endif
