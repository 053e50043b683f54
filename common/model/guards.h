// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What decides about a process's calls on sockets: records of a snapshot (struct snap), WANT_GUARDS. Paths, names and labels are raw
 * bytes. User ids are those of our user namespace.
 */
#ifndef NSKIT_GUARD_RECORDS_H
#define NSKIT_GUARD_RECORDS_H

#include <stdbool.h>

#include "model/desc.h"

enum guard_flags {
	GUARD_NO_NEW_PRIVS = 1 << 0,
	GUARD_FILE_CAPS =
		1 << 1, /* its program has file capabilities (security.capability); asked of those without CAP_NET_BIND_SERVICE */
	GUARD_FILE_EFFECTIVE = 1 << 2, /* of which the effective bit is set */
	GUARD_STOPPED = 1 << 3,
	GUARD_FROZEN = 1 << 4,
	GUARD_LANDLOCK = 1 << 5,         /* it is in a Landlock domain */
	GUARD_LANDLOCK_BIND = 1 << 6,    /* which handles LANDLOCK_ACCESS_NET_BIND_TCP: only ports of landlock_bind */
	GUARD_LANDLOCK_CONNECT = 1 << 7, /* and LANDLOCK_ACCESS_NET_CONNECT_TCP */
	GUARD_SECCOMP_KNOWN = 1 << 8,    /* filters[] is the whole chain */
	GUARD_LANDLOCK_KNOWN = 1 << 9,
};
extern const char *const guard_flag_names[];

/* Of one process. */
struct snap_guard {
	uint32_t pid;
	uint64_t flags;                                                   /* enum guard_flags */
	uint64_t cap_effective, cap_permitted, cap_bounding, cap_ambient; /* bits by CAP_*; counts in its own user namespace */
	uint64_t file_caps;                                               /* permitted ones of its program's file */
	uint32_t fsuid, fsgid;                                            /* for files */
	const uint32_t *groups;                                           /* supplementary */
	uint32_t n_groups;
	int64_t seccomp_mode;    /* OPT: 0 none, 1 strict, 2 filters */
	int64_t seccomp_filters; /* OPT: how many (5.9) */
	const uint32_t *filters; /* ids of snap_filter, the newest first, which is the order in which they run */
	uint32_t n_filters;
	int64_t nofile_limit, open_fds;                   /* OPT */
	const uint32_t *landlock_bind, *landlock_connect; /* ports */
	uint32_t n_landlock_bind, n_landlock_connect;
	const char *label;  /* of SELinux, AppArmor (/proc/PID/attr/current); NULL: none */
	const char *cgroup; /* control group v2, as a path in our view; NULL: unknown */
	const char *exe;    /* NULL: unknown */
};

/* A seccomp filter: a program of classic BPF, struct sock_filter after struct sock_filter in two numbers: code | jt << 16 | jf << 24, k. */
struct snap_filter {
	uint32_t id; /* a number of this snapshot's */
	const uint32_t *insns;
	uint32_t n_insns;
};

/* A BPF program that is asked about sockets: attached to a control group that a process is in, or above it; or a BPF LSM program. */
enum cgprog_hook {
	CGPROG_SOCK_CREATE,
	CGPROG_BIND4,
	CGPROG_BIND6,
	CGPROG_POST_BIND4,
	CGPROG_POST_BIND6,
	CGPROG_CONNECT4,
	CGPROG_CONNECT6,
	CGPROG_LSM,
};
extern const char *const cgprog_hook_names[]; /* bpftool's words: "cgroup_inet_sock_create", … */
struct snap_cgprog {
	const char *cgroup; /* the process's own, whose effective programs these are; NULL: lsm */
	uint8_t hook;       /* enum cgprog_hook */
	uint32_t order;     /* in which they run */
	uint32_t prog_id;
	const char *name;
	const char *attached; /* the control group that it is attached to, NULL: not known; lsm: the kernel function */
	/* Its code, as bpftool prog dump xlated shows it: struct bpf_insn in two numbers. NULL: could not be read. And maps that it reads
	 * constants from: see snap_cgmap. */
	const uint32_t *insns;
	uint32_t n_insns;
};

/* The value of a map with one element (global data of a program). */
struct snap_cgmap {
	uint32_t id;
	const uint32_t *words; /* its bytes, four to a number in the machine's order */
	uint32_t n_words;
};

/* A unix socket with file descriptors in its queue: what no process has open may be in flight there. */
struct snap_carrier {
	uint64_t ino;
	uint32_t pid, fd;
	uint32_t files; /* how many (scm_fds of /proc/PID/fdinfo/FD, 5.7) */
};

/* What a process finds at a path (that somebody asked about): looked up below its root, without following its links out of it. */
struct snap_file {
	uint32_t pid; /* whose root; 0: ours */
	const char *path;
	int32_t err;   /* errno of the lookup, 0: there is something */
	uint32_t mode; /* with the type, S_IF* */
	uint32_t uid, gid;
	uint32_t dev_major, dev_minor;
	uint64_t ino;
	uint32_t nlink;
	bool read_only;     /* of the mount */
	bool immutable;     /* chattr +i */
	bool acl;           /* it has an access control list beyond the mode */
	bool followed;      /* of the last part of path a symbolic link was followed, if it is one */
	bool mount_point;   /* it is the root of a mount: of a file, a file bind mount */
	const char *linked; /* a symbolic link that was not followed: where it leads; NULL */
	const char *source; /* of a mount's root: where that file is, or was, in our view; NULL: unknown */
};

extern const struct desc snap_guard_desc, snap_filter_desc, snap_cgprog_desc, snap_cgmap_desc, snap_carrier_desc, snap_file_desc;

#endif
