/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What our BPF programs hand to user space. Both sides include this: fixed widths, sizes asserted. */
#ifndef NSKIT_BPF_RECORDS_H
#define NSKIT_BPF_RECORDS_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#define NSREC_ASSERT(type, bytes) _Static_assert(sizeof(struct type) == (bytes), #type " has another size than user space thinks")

enum {
	REC_MAX_LEVELS = 33,         /* MAX_PID_NS_LEVEL is 32 (include/linux/pid_namespace.h), and the initial one */
	REC_PF_KTHREAD = 0x00200000, /* include/linux/sched.h */
	REC_EXIT_ZOMBIE = 0x30,      /* EXIT_ZOMBIE | EXIT_DEAD */
};

/* struct upid as the kernel has it (include/linux/pid.h): a pid in one PID namespace. */
struct level_rec {
	__u32 nr;
	__u32 pad;
	__u64 ns; /* opaque */
};
NSREC_ASSERT(level_rec, 16);

/* One task; as many level_rec follow as it has levels, the outermost first. 0 levels: the kernel's struct upid is another one. */
struct task_rec {
	__u32 levels;
	__u32 pid, tid, ppid, pgid, sid;
	__u32 uid, gid;
	__u32 nthreads;
	__u32 flags, exit_state;
	__u32 mnt, net, pidns, uts, ipc, user, cgroup, time;
	__u32 pid_for_children, time_for_children;
	char comm[16];
	__u32 pad;
	__u64 start;      /* ns since boot */
	__u64 cgroup_key; /* opaque */
};
NSREC_ASSERT(task_rec, 120);

/* What a thread has used; that of a process's first thread also what its dead threads had, and its memory. */
struct usage_rec {
	__u32 pid, tid;
	__u64 cpu; /* ns on a CPU */
	__u64 rss; /* pages; 0 of other threads */
};
NSREC_ASSERT(usage_rec, 24);

/* A task of a nested PID namespace was born, or has died; of a birth as many of at[] follow as it has levels. */
enum { REC_BORN = 1, REC_DIED = 2 };
struct birth_rec {
	__u32 kind;
	__u32 tid;    /* as the host counts */
	__u64 time;   /* born: its start in ns since boot; died: CLOCK_MONOTONIC */
	__u32 levels; /* died: 0 */
	__u32 pad;
	struct {
		__u32 nr, pidns;
	} at[REC_MAX_LEVELS];
};
NSREC_ASSERT(birth_rec, 288);

/* An fd that keeps a namespace: a nsfs file, or a socket of a network namespace that its holder is not in. */
struct file_rec {
	__u32 pid, tid, fd;
	__u32 type; /* CLONE_NEW* of a nsfs file; 0: a socket */
	__u32 inum; /* of the namespace */
	__u32 pad;
	__u64 socket; /* inode number of the socket */
};
NSREC_ASSERT(file_rec, 32);

/* An fd of a socket. */
enum {
	SOCKREC_REUSEADDR = 1,
	SOCKREC_REUSEPORT = 2,
	SOCKREC_MPTCP = 4,
	SOCKREC_HALF_OPEN = 8 /* a listener with connections that are being made */,
	SOCKREC_V6ONLY = 16
};
struct sock_rec {
	__u64 ino; /* of the socket */
	__u32 pid, tid, fd;
	__u32 netns;  /* of the socket; 0: none any more */
	__u16 family; /* AF_* */
	__u16 port;   /* local, of AF_INET and AF_INET6 */
	__u8 state;   /* TCP_* */
	__u8 bits;
	__u16 carries; /* AF_UNIX: files in its queue */
};
NSREC_ASSERT(sock_rec, 32);

/* What is known of a socket by its cookie: SOCKREC_REUSEADDR, SOCKREC_REUSEPORT, SOCKREC_V6ONLY. */
struct option_rec {
	__u64 cookie;
	__u64 bits;
};
NSREC_ASSERT(option_rec, 16);

struct map_rec {
	__u32 first, lower, count;
};

/* A namespace of the kernel's own list. */
struct ns_rec {
	__u64 id;
	__u32 type; /* CLONE_NEW* */
	__u32 inum;
	__u32 owner;     /* owning user namespace; of a user namespace its parent; 0: none */
	__u32 parent;    /* pid, user */
	__u32 owner_uid; /* user */
	__u32 level;     /* pid, user */
	union {
		struct {
			char hostname[64], domainname[64];
		}; /* uts */
		struct {
			__u32 n_uid, n_gid; /* more than 5: the extents are elsewhere and were not read */
			struct map_rec uid[5], gid[5];
		}; /* user */
		struct {
			__s64 monotonic_sec, monotonic_nsec, boottime_sec, boottime_nsec;
		}; /* time */
	};
};
NSREC_ASSERT(ns_rec, 160);

/* What restrains a process: see guards.bpf.c. Layers are bits. */
enum { GUARD_MAX_FILTERS = 32, GUARD_MAX_PORTS = 128 };
struct guard_filter {
	__u32 offset; /* in the map of programs, in bytes */
	__u32 len;    /* instructions; 0: could not be read */
};
struct guard_port {
	__u16 port;
	__u16 binds, connects; /* the layers of the domain that allow it */
	__u16 pad;
};
struct guard_rec {
	__u32 pid;
	__u32 n_filters, more_filters;
	__u32 landlock, more_ports, n_ports;
	__u32 binds, connects; /* the layers that ask for it */
	struct guard_filter filters[GUARD_MAX_FILTERS];
	struct guard_port ports[GUARD_MAX_PORTS];
};
NSREC_ASSERT(guard_rec, 32 + 32 * 8 + 128 * 8);

/* Whose packets drops.bpf.c looks at: as the client sees them. Addresses and ports in network order, IPv4 in the first word. */
struct drop_flow {
	__u32 client[4], server[4];
	__u16 client_port, server_port;
	__u8 family, protocol; /* 4, 6; IPPROTO_* */
	__u16 pad;
};
NSREC_ASSERT(drop_flow, 40);

#endif
