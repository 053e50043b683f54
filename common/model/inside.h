// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What namespaces isolate: records of a snapshot (struct snap), one array for each kind. Each begins with the number of the namespace
 * that it is in, by which the arrays are sorted; how many a namespace has, or why that is not known, stands in its struct snap_ns.
 * Strings are raw bytes that someone inside may have chosen. User ids are those of our user namespace.
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
	uint32_t mode;    /* permission bits */
	uint64_t flags;   /* enum ipc_flags */
	int64_t size;     /* OPT, bytes. shm: of the segment; msg: in the queue; mqueue: the largest message */
	int64_t attached; /* OPT. shm: how often it is mapped */
	int64_t nsems;    /* OPT. sem: semaphores in the set */
	int64_t messages, max_messages; /* OPT. msg, mqueue: waiting; mqueue: at most */
	int64_t creator, last; /* OPT, pids in our view. shm: who made it; shm: who attached or detached last, msg: who sent last */
	uint64_t changed; /* F_TIME; 0: unknown. Owner or mode set; mqueue: last sent or received */
};

/* mnt */
struct snap_mount {
	uint32_t ns;
	uint32_t id, parent; /* as in mountinfo */
	const char *point;   /* from the namespace's root (mountinfo: from the root of the process that it was read of) */
	const char *root;    /* what of the file system is mounted there */
	const char *fstype;  /* "ext4", "fuse.sshfs" */
	const char *source;  /* NULL: unknown */
	const char *options; /* of the mount: "rw,nosuid,relatime" */
	const char *fs_options; /* of the file system; NULL: unknown */
	int64_t shared, master; /* OPT: peer group that it is in; that it receives from */
	int64_t propagate_from; /* OPT: nearest peer group that its master receives from and that can be seen */
	bool unbindable;
};

/* net */
enum link_flags { /* IFF_* of include/uapi/linux/if.h, which names are ip's */
	LINK_UP = 1 << 0,
};
extern const char *const link_flag_names[];
extern const char *const link_operstate_names[];
struct snap_link {
	uint32_t ns;
	uint32_t ifindex;
	const char *ifname;
	const char *kind;    /* "veth", "bridge"; NULL: none (lo, hardware) */
	uint64_t flags;      /* IFF_* */
	uint8_t operstate;   /* IF_OPER_* (RFC 2863) */
	uint32_t mtu;
	const char *address; /* of the link layer, "02:42:ac:11:00:02"; NULL */
	int64_t master;      /* OPT: ifindex of the bridge or bond that it belongs to */
	int64_t link;        /* OPT: ifindex of its peer or lower device */
	int64_t link_netnsid; /* OPT: where that is, by this namespace's id for it; none: here */
};

extern const char *const addr_family_names[];
enum addr_family { ADDR_INET, ADDR_INET6 };
struct snap_addr {
	uint32_t ns;
	uint32_t ifindex;
	uint8_t family; /* enum addr_family */
	const char *local, *peer; /* text; peer: of a point-to-point link, or NULL */
	uint32_t prefixlen;
};

enum sock_netid { SOCK_TCP, SOCK_UDP };
enum sock_state { SOCK_LISTEN, SOCK_UNCONN };
extern const char *const sock_netid_names[], *const sock_state_names[];
struct snap_socket {
	uint32_t ns;
	uint8_t netid; /* enum sock_netid */
	uint8_t state; /* enum sock_state */
	const char *addr; /* text: "0.0.0.0", "::", "fe80::1" */
	uint32_t port;
	int64_t ifindex; /* OPT: SO_BINDTODEVICE */
	uint32_t uid;
	uint64_t ino;    /* 0: no file has it */
	uint64_t cookie;
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
extern const struct desc snap_ipc_desc, snap_mount_desc, snap_link_desc, snap_addr_desc, snap_socket_desc, snap_capset_desc,
	snap_cgroot_desc;
extern const struct desc ipc_desc, mount_desc, socket_desc;

/* The name of a capability, "net_admin", or NULL for one that is younger than this program. */
const char *cap_name(unsigned int bit);

/* "shared:3,master:2", "private", "unbindable". At most size bytes with the NUL. */
void mount_propagation(const struct snap_mount *m, char *buf, size_t size);

#endif
