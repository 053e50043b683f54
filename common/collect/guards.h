// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of collect/: what decides about processes' calls on sockets (records of model/guards.h, WANT_GUARDS). */
#ifndef NSKIT_COLLECT_GUARDS_H
#define NSKIT_COLLECT_GUARDS_H

#include "collect/proc.h"
#include "collect/sources.h"

/* Has it a record of its own? Processes have, which run programs. */
static inline bool guards_has(const struct snap_task *t)
{
	return t->tid == t->pid && !(t->flags & (TASK_KTHREAD | TASK_ZOMBIE));
}

/* guards_bpf.c: seccomp filters and Landlock domains of the guards that are there; what can't be had stays unknown. */
void guards_bpf(struct collecting *c);

/*
 * Have its program loaded meanwhile, for one process (pid), or for all (0); to do so is optional. guards_bpf_done() is owed, and does nothing
 * where it was not begun.
 */
void guards_bpf_start(struct collecting *c, uint32_t only);
void guards_bpf_done(struct collecting *c);

/* guards_progs.c: BPF programs that are asked about the sockets of the guards' control groups; BPF LSM programs; the list of LSMs. */
void guards_progs(struct collecting *c);

/*
 * guards_sock.c: at which offsets of the kernel's struct sock it keeps type, protocol, mark and priority: the "sysctl" sock-fields of no
 * namespace, in that order. None where no program can be loaded, or its translation may not be read.
 */
void guards_sock(struct snap *s);

/* files.c: opts->path, and the directories on its way, below the root of each process that has a guard, and below our own. */
void files_read(struct collecting *c);

/* guards_parse.c: /proc/PID/status as far as guards have it (fs/proc/array.c); the rest of *g stays. */
struct guard_status {
	uint64_t inheritable, permitted, effective, bounding, ambient;
	uint32_t fsuid, fsgid;
	bool no_new_privs;
	int64_t seccomp, seccomp_filters; /* OPT */
	char state;
	uint32_t *groups; /* malloc'ed: caller frees */
	uint32_t n_groups;
};
int guards_parse_status(const char *buf, size_t len, struct guard_status *out);

/* "Max open files  1024  4096  files" of /proc/PID/limits: the soft limit, OPT. ("unlimited" is INT64_MAX.) */
int64_t guards_parse_nofile(const char *buf, size_t len);

/* The value of a security.capability xattr (struct vfs_cap_data, include/uapi/linux/capability.h). 0 or -EINVAL. */
int guards_parse_file_caps(const void *value, size_t len, uint64_t *permitted, bool *effective);

#endif
