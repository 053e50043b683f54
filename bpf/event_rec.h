/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What events.bpf.c hands to user space: one record an event, with the numbers of its tasks behind it. */
#ifndef NSKIT_BPF_EVENT_REC_H
#define NSKIT_BPF_EVENT_REC_H

#include "records.h"

/* In the order of enum event_kind (common/model/event.h). */
enum event_rec_kind {
	EVREC_SETNS,
	EVREC_UNSHARE,
	EVREC_CLONE,
	EVREC_BIND,
	EVREC_LISTEN,
	EVREC_SOCKET,
	EVREC_FORK,
	EVREC_EXIT,
	EVREC_KINDS,
};

/* In the order of enum nstype (common/model/nstype.h). */
enum event_rec_ns { EVNS_MNT, EVNS_NET, EVNS_PID, EVNS_UTS, EVNS_IPC, EVNS_USER, EVNS_CGROUP, EVNS_TIME, EVNS_TYPES };

enum event_rec_flags {
	EVREC_ENTERED = 1, /* its beginning was seen; without: refused before it began (seccomp), or under way when we came */
};

enum {
	EVREC_MAX_ADDR = 128, /* sizeof(struct sockaddr_storage): a longer one is EINVAL (move_addr_to_kernel, net/socket.c) */
};

/* A task's number at a level: the kernel's struct upid as it is, so that all levels are one read. */
struct event_upid {
	__s32 nr;
	__u32 pad;
	__u64 opaque;
};

/*
 * What ends a record, as many as there are levels: of the task; if that is not its process's first thread, of the process; of a child.
 * The room is more than three tasks' at 33 levels, so that a bound on where the last begins is a mask.
 */
enum { EVREC_NUMBERS_MASK = 0x7f, EVREC_NUMBERS = EVREC_NUMBERS_MASK + 1 + REC_MAX_LEVELS };

struct event_head {
	__u16 kind, flags;
	__s32 ret;
	__u64 time;                /* CLOCK_MONOTONIC */
	__u64 cgroup;              /* inode number of its directory in the hierarchy that was asked for */
	__u32 pid, tid, ppid, uid; /* as the host counts; uid effective, in the initial user namespace */
	char comm[16];
	__u32 levels;       /* of the task */
	__u32 child_levels; /* of the child; 0: none */
};
NSREC_ASSERT(event_head, 64);

enum event_rec_wanted { EVWANT_NONE, EVWANT_NS, EVWANT_PIDFD };

/* setns, unshare, clone. */
struct ns_event_rec {
	struct event_head h;
	__u64 flags;      /* as asked */
	__u32 compared;   /* a bit for each type that from and to have; 0: unknown */
	__u32 wanted_how; /* setns: what its fd was */
	__u32 wanted_pid; /* of a pidfd */
	__u32 child_pid, child_tid;
	__u32 pad;
	__u64 child_start;                                          /* ns since boot */
	__u32 from[EVNS_TYPES], to[EVNS_TYPES], wanted[EVNS_TYPES]; /* 0: unknown, or not of interest */
	struct event_upid nr[EVREC_NUMBERS];
};
NSREC_ASSERT(ns_event_rec, 200 + 16 * EVREC_NUMBERS);

/* bind, listen, socket. */
struct sock_event_rec {
	struct event_head h;
	__s32 fd, backlog;
	__u32 is_socket; /* the fd is one, and what follows was read from it; of socket() what was asked for */
	__u32 family, type, protocol;
	__u32 netns, socket_netns;
	__u32 lport;     /* listen: where it is bound, host order */
	__s32 addr_len;  /* bind: as asked */
	__u32 addr_read; /* bytes of addr[] that could be read */
	__u32 pad;
	__u8 addr[EVREC_MAX_ADDR]; /* bind: as asked; listen: what the socket is bound to */
	struct event_upid nr[EVREC_NUMBERS];
};
NSREC_ASSERT(sock_event_rec, 240 + 16 * EVREC_NUMBERS);

/* fork, exit. */
struct life_event_rec {
	struct event_head h;
	__u64 start; /* of who was born or died, ns since boot */
	__u32 child_pid, child_tid;
	__u32 code;           /* as wait(2) tells it */
	__u32 last;           /* exit: the process's last thread */
	__u32 ns[EVNS_TYPES]; /* fork: the child's */
	struct event_upid nr[EVREC_NUMBERS];
};
NSREC_ASSERT(life_event_rec, 120 + 16 * EVREC_NUMBERS);

#endif
