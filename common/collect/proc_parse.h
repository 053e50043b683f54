// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Parsers of procfs text: bytes in, plain values out; they open nothing. What a process chose (its name, a mount point) is any
 * bytes, so none of them stops at a NUL or a newline inside of it.
 * Those that return int: 0, or -EINVAL with *out as it was.
 */
#ifndef NSKIT_PROC_PARSE_H
#define NSKIT_PROC_PARSE_H

#include "model/snap.h"

enum {
	PROC_MAX_LEVELS = 33,         /* MAX_PID_NS_LEVEL is 32 (include/linux/pid_namespace.h), and the initial one */
	PROC_MAX_EXTENTS = 340,       /* UID_GID_MAP_MAX_EXTENTS (include/linux/user_namespace.h) */
	PROC_PF_KTHREAD = 0x00200000, /* include/linux/sched.h */
};

/* Bytes of the text that was parsed: borrowed, and not terminated. */
struct slice {
	const char *at;
	size_t len;
};

/* /proc/PID/stat. comm is what lies between the first '(' and the last ')'; numbers below 0 (not known to the kernel) are 0. */
struct proc_stat {
	struct slice comm;
	char state;
	uint32_t pid, ppid, pgid, sid;
	uint32_t flags; /* PF_*, include/linux/sched.h */
	uint32_t nthreads;
	uint64_t start; /* clock ticks since boot, in the reader's time namespace */
	int64_t cpu;    /* us, user and system, of all threads */
	uint64_t rss;   /* pages */
};
int proc_parse_stat(const char *buf, size_t len, struct proc_stat *out);

/* The name without what the kernel appends for workers (wq_worker_comm, kernel/workqueue.c) and without what does not fit in
 * task_struct's 15 bytes: so that a kernel thread is called the same each time. */
struct slice proc_kthread_comm(struct slice comm);

/* The line NSpid of /proc/PID/status (4.1), the view's level first; n 0: this kernel has none. -EINVAL: cut off before its end. */
struct proc_levels {
	uint32_t nr[PROC_MAX_LEVELS];
	uint32_t n;
};
int proc_parse_nspid(const char *buf, size_t len, struct proc_levels *out);

/* The same of another such line: "NSpgid:", "NSsid:", and "Tgid:", which has a single number. */
int proc_parse_levels(const char *buf, size_t len, const char *line, struct proc_levels *out);

/* /proc/PID/cmdline: joined by blanks in out (room for len bytes); returns the length. What ends in NULs loses them. */
size_t proc_join_cmdline(const char *buf, size_t len, char *out);

/* /proc/PID/timens_offsets (5.6). */
struct proc_timens {
	int64_t monotonic_sec, monotonic_nsec, boottime_sec, boottime_nsec;
};
int proc_parse_timens(const char *buf, size_t len, struct proc_timens *out);

/* The line CapEff of /proc/PID/status: effective capabilities, as bits. */
int proc_parse_capeff(const char *buf, size_t len, uint64_t *out);

/* /proc/PID/uid_map or gid_map. n 0: not written yet. */
struct proc_map {
	struct snap_map lines[PROC_MAX_EXTENTS];
	uint32_t n;
};
int proc_parse_map(const char *buf, size_t len, struct proc_map *out);

/* One line of /proc/PID/mountinfo, without its newline. Paths are escaped: see proc_unescape(). */
struct proc_mount {
	uint32_t id, parent, major, minor;
	struct slice root, point, options, type, source, super_options;
	int64_t shared, master, propagate_from; /* OPT: peer groups */
	bool unbindable;
};
int proc_parse_mount(const char *line, size_t len, struct proc_mount *out);

/*
 * A line of /proc/PID/cgroup, "4:memory:/docker/ID": what lies between the colons, and behind the second. A path may hold anything but
 * a newline.
 */
struct proc_cgroup_line {
	struct slice hierarchy, path;
};
int proc_parse_cgroup_line(struct slice line, struct proc_cgroup_line *out);

/*
 * The root of a cgroup namespace, as we see it, from the path of one cgroup as we and as the namespace see it. False: that one is not
 * below the root, so that the paths do not tell.
 */
bool proc_cgroup_root(struct slice outside, struct slice inside, struct slice *root);

/* The next line of a text, without its newline, and step behind it. False at the end. */
bool proc_next_line(struct slice *text, struct slice *line);

/* "\040" and the like (mangle_path, fs/seq_file.c) undone in out (room for s.len bytes); returns the length. */
size_t proc_unescape(struct slice s, char *out);

/* The value of name in options that commas separate; true with *value of length 0 when it has none. */
bool proc_option(struct slice options, const char *name, struct slice *value);

#endif
