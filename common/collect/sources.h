// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of collect/: the sources that collect() draws from. Each fills its part of the snapshot and counts its gaps. */
#ifndef NSKIT_SOURCES_H
#define NSKIT_SOURCES_H

#include "collect/collect.h"
#include "collect/numbers.h"
#include "util/idmap.h"

struct collecting {
	struct snap *snap;
	const struct collect_opts *opts;
	int proc_fd;                   /* O_PATH directory of the procfs */
	bool own_proc;                 /* it shows our own PID namespace, so that pids mean the same to system calls */
	bool initial_pidns;            /* and that is the initial one */
	int64_t boot_offset;           /* our time namespace's boottime offset in ticks: /proc/PID/stat is shifted by it */
	struct ns_walk *walk;          /* list.c: under way, or NULL */
	struct socket_walk *sockets;   /* bpf_sockets.c: the same */
	struct guards_loading *guards; /* guards_bpf.c: the same */
};

/* Is that what a process says that has gone while we looked? */
static inline bool proc_gone(int err)
{
	return err == -ENOENT || err == -ESRCH;
}

/* --- head.c: whose namespaces are seen, and when ------------------------------------------------------------------------------------------------------ */

/* Open the procfs that is asked for. 0; -EMEDIUMTYPE: it is none; -errno. */
int head_open(struct collecting *c);

/* Fill in the header, but for what only tasks tell. Types of namespaces that the kernel lacks are gaps. */
void head_read(struct collecting *c);

/* From the tasks: the PID namespace whose numbers these are, and the host's namespaces. */
void head_find(struct snap *s);

/* --- proc.c, proc_command.c, proc_fds.c: /proc ---------------------------------------------------------------------------------------------- */

/* All tasks of the procfs. 0 or -errno when it cannot be listed. */
int proc_tasks(struct collecting *c);

/* The pids that the procfs lists, ascending as readdir gives them (malloc'ed, caller frees). 0 or -errno. */
int proc_pids(struct collecting *c, struct proc_entry **pids, size_t *n);

/* One process (and its threads, where wanted or where they differ). 0, or -ENOENT/-ESRCH when it is gone. */
int proc_task(struct collecting *c, uint32_t pid);

/* The text of a process's /proc/PID/cgroup, terminated; its length or -errno: -ESRCH when the pid is somebody else's by now. */
ssize_t proc_cgroup(struct collecting *c, const struct snap_task *t, char *buf, size_t size);

/* Join of /proc/PID/cmdline's arguments by blanks; NULL when there is none. For tasks[] with a set bit in which (NULL: all). */
void proc_commands(struct collecting *c, const uint8_t *which);

/* Search the fds of all processes: nsfs files, and sockets of network namespaces that their process is not in. */
int proc_fds(struct collecting *c);

/* --- bpf_tasks.c, bpf_files.c: BPF iterators -------------------------------------------------------------------- */

/* All tasks, or -errno when BPF can't be had here (then nothing was added). */
int bpf_tasks(struct collecting *c);
int bpf_fds(struct collecting *c);

/* CPU time and memory of the tasks that bpf_tasks() has read. 0 or -errno (then they are unknown). */
int bpf_usage(struct collecting *c);

/* The same from /proc, where BPF cannot tell it. */
void proc_usage(struct collecting *c);

/* Note when CPU times are read: now. */
void usage_clock(struct collecting *c);

/* --- list.c: the kernel's own list of namespaces ------------------------------------------------------------------ */

/*
 * By BPF walk (6.18), else listns(2) (6.19), else NS_MNT_GET_NEXT for mount namespaces (6.12). Says in head.lister ("files" for the
 * last: keepers are what tells of the others). 0: that is all of them; -ENODATA: there may be more, to be found by their keepers.
 */
int list_namespaces(struct collecting *c);

/* Begin the BPF walk in a thread of its own, where it is wanted and was not begun; and end with it, asked for or not. */
void list_start(struct collecting *c);
void list_done(struct collecting *c);

/* --- bpf_sockets.c: who has sockets open --------------------------------------------------------------------------- */

/* Begin to look at all fds in a thread of its own, where sockets' holders are wanted; and end with it, asked for or not. */
void bpf_sockets_start(struct collecting *c);
void bpf_sockets_done(struct collecting *c);

/* --- nsfs.c: ioctls on namespace files --------------------------------------------------------------------------- */

/* Parents, owners, levels, owner uids and ids of the namespaces that the list did not tell, climbing to ancestors. */
void nsfs_details(struct collecting *c);

/* --- mounts.c: nsfs mounts ---------------------------------------------------------------------------------------- */

/* Those of every mount namespace (statmount where it exists, else one mountinfo each), or with own_only of ours alone. */
void mounts_holds(struct collecting *c, bool own_only);

/*
 * Add the mount namespaces that the kernel lists (NS_MNT_GET_NEXT, 6.12), processes in them or not. 0; -ENOTTY: older; -EPERM:
 * it takes CAP_SYS_ADMIN in the initial user and PID namespaces. The snapshot wants settling afterwards.
 */
int mounts_list_namespaces(struct collecting *c);

/* --- details.c ------------------------------------------------------------------------------------------------------- */

/* uid and gid maps, host names, time offsets; the netnsids. */
void details_read(struct collecting *c);
void netnsids_read(struct collecting *c);

/* --- again.c: what opts->before still knows -------------------------------------------------------------------------------- */

/* Containers of the tasks whose cgroups are still the same: sets .container and .cgroup and adds the containers' records. */
void again_containers(struct collecting *c);

/* Command lines; users' names. */
void again_commands(struct collecting *c);
void again_users(struct collecting *c);

/* --- inside.c --------------------------------------------------------------------------------------------------------- */

/* What namespaces isolate: WANT_IPC and those that follow it. */
void inside_read(struct collecting *c);

/* --- owners.c ----------------------------------------------------------------------------------------------------------- */

/* Owners of tun devices by name, where this host has one for them (getpwuid(3), getgrgid(3)). */
void owners_name(struct snap *s);

/* --- guards.c ----------------------------------------------------------------------------------------------------------- */

/* What decides about calls of the tasks with a set bit (NULL: of all processes): WANT_GUARDS. */
void guards_read(struct collecting *c, const uint8_t *which);

#endif
