// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What namespaces isolate, network namespaces aside (net.h): records of a snapshot (struct snap), one array for each kind. Each begins
 * with the number of the namespace that it is in, by which the arrays are sorted; how many a namespace has, or why that is not known,
 * stands in its struct snap_ns. Strings are raw bytes that someone inside may have chosen. User ids are those of our user namespace.
 */
#ifndef NSKIT_INSIDE_RECORDS_H
#define NSKIT_INSIDE_RECORDS_H

#include <stdbool.h>

#include "model/desc.h"

/* ipc: a System V object, or a POSIX message queue. */
enum ipc_kind { IPC_SHM, IPC_SEM, IPC_MSG, IPC_MQUEUE };
extern const char *const ipc_kind_names[];
enum ipc_flags {
	IPC_REMOVED = 1 << 0, /* shm: gone once nobody is attached */
	IPC_LOCKED = 1 << 1,  /* shm: kept in memory */
};
struct snap_ipc {
	uint32_t ns;
	uint8_t kind;     /* enum ipc_kind */
	int64_t key, id;  /* OPT: System V; key 0 is IPC_PRIVATE */
	const char *name; /* mqueue: "/name" */
	uint32_t uid, gid;
	uint32_t mode;                  /* permission bits */
	uint64_t flags;                 /* enum ipc_flags */
	int64_t size;                   /* OPT, bytes. shm: of the segment; msg: in the queue; mqueue: the largest message */
	int64_t attached;               /* OPT. shm: how often it is mapped */
	int64_t nsems;                  /* OPT. sem: semaphores in the set */
	int64_t messages, max_messages; /* OPT. msg, mqueue: waiting; mqueue: at most */
	int64_t creator, last; /* OPT, pids in our view. shm: who made it; shm: who attached or detached last, msg: who sent last */
	uint64_t changed;      /* F_TIME; 0: unknown. Owner or mode set; mqueue: last sent or received */
};

/* mnt */
struct snap_mount {
	uint32_t ns;
	uint32_t id, parent;    /* as in mountinfo */
	const char *point;      /* from the namespace's root (mountinfo: from the root of the process that it was read of) */
	const char *root;       /* what of the file system is mounted there */
	const char *fstype;     /* "ext4", "fuse.sshfs" */
	const char *source;     /* NULL: unknown */
	const char *options;    /* of the mount: "rw,nosuid,relatime" */
	const char *fs_options; /* of the file system; NULL: unknown */
	int64_t shared, master; /* OPT: peer group that it is in; that it receives from */
	int64_t propagate_from; /* OPT: nearest peer group that its master receives from and that can be seen */
	bool unbindable;
};

/* user: processes with the same effective capabilities. */
struct snap_capset {
	uint32_t ns;
	uint64_t effective; /* bits by CAP_* of include/uapi/linux/capability.h */
	uint64_t known;     /* all that the kernel has */
	uint32_t nprocs;    /* kernel threads do not count */
	uint32_t pid;       /* the lowest */
};

/* cgroup: the root that a namespace has in a hierarchy, as seen from our cgroup namespace. (Nested in struct snap_ns.) */
struct snap_cgroot {
	const char *hierarchy; /* its controllers, "cpu,cpuacct" or "name=systemd"; "" is cgroup v2 */
	const char *path;
};

/* All of a record, as snapshots hold it; and without its namespace, as it stands below that. */
extern const struct desc snap_ipc_desc, snap_mount_desc, snap_capset_desc, snap_cgroot_desc;
extern const struct desc ipc_desc, mount_desc;

/* The name of a capability, "net_admin", or NULL for one that is younger than this program. */
const char *cap_name(unsigned int bit);

/* "shared:3,master:2", "private", "unbindable". At most size bytes with the NUL. */
void mount_propagation(const struct snap_mount *m, char *buf, size_t size);

#endif
