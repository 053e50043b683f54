// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The snapshot: everything that was collected, as one plain value. Arrays of records that name each other by ids (pid, type
 * and inode number of a namespace, container id), never by pointers. Collectors fill it; all views are functions of it.
 *
 * Strings and nested lists live in the snapshot's arena until snap_done(). They are raw bytes as the kernel gave them, chosen
 * by whoever named the process: only output/ may show them.
 */
#ifndef NSKIT_SNAP_H
#define NSKIT_SNAP_H

#include "model/desc.h"
#include "model/firewall.h"
#include "model/guards.h"
#include "model/inside.h"
#include "model/net.h"
#include "model/nstype.h"
#include "model/path.h"
#include "util/util.h"

/* What a snapshot was asked to hold. Names: snap_want_names[], bit by bit. */
enum snap_want {
	WANT_TASKS = 1 << 0,           /* processes, and the threads that are not in their process's namespaces */
	WANT_THREADS = 1 << 1,         /* every thread */
	WANT_COMMAND = 1 << 2,         /* the command line of each namespace's first process */
	WANT_COMMANDS = 1 << 3,        /* of every process */
	WANT_HIDDEN = 1 << 4,          /* namespaces that no process is in */
	WANT_NS = 1 << 5,              /* parents, owners, levels, ids */
	WANT_DETAILS = 1 << 6,         /* uid and gid maps, host names, clock offsets */
	WANT_NETNSID = 1 << 7,         /* the ids that our network namespace has for others */
	WANT_KEEPERS = 1 << 8,         /* fds, sockets and mounts that keep namespaces without a process */
	WANT_ALL_KEEPERS = 1 << 9,     /* those of all namespaces */
	WANT_MOUNTED = 1 << 10,        /* where namespaces are mounted in our own mount namespace */
	WANT_CONTAINERS = 1 << 11,     /* which container each namespace's first process is in */
	WANT_ALL_CONTAINERS = 1 << 12, /* which each process is in, and containers that do not run */
	WANT_USERS = 1 << 13,          /* names of the user ids */
	WANT_GROUPS = 1 << 14,         /* process group and session at every level */
	WANT_LEVELS = 1 << 15,         /* the parents of PID namespaces */
	WANT_MAPS = 1 << 16,           /* uid and gid maps */
	/* What namespaces isolate, see inside.h: */
	WANT_IPC = 1 << 17,          /* System V IPC objects, POSIX message queues */
	WANT_MOUNTS = 1 << 18,       /* all mounts */
	WANT_LINKS = 1 << 19,        /* network devices and their addresses */
	WANT_LISTENERS = 1 << 20,    /* listening TCP and bound UDP sockets */
	WANT_CAPS = 1 << 21,         /* capabilities of processes */
	WANT_CGROUP_ROOTS = 1 << 22, /* roots of cgroup namespaces */
	/* What is in network namespaces, see net.h: */
	WANT_SOCKETS = 1 << 23,      /* those that collect_opts.sockets names */
	WANT_SOCKET_FDS = 1 << 24,   /* who has sockets open */
	WANT_SOCKET_FLAGS = 1 << 25, /* reuseaddr and reuseport, which sock_diag does not tell; what it tells at greater length */
	WANT_TCP_INFO = 1 << 26,
	WANT_SOCKET_MEM = 1 << 27,
	WANT_ROUTES = 1 << 28, /* routes, rules, nexthop objects */
	WANT_NEIGHBOURS = 1 << 29,
	WANT_SYSCTLS = 1 << 30,
	WANT_COUNTERS = 1ll << 31,
	WANT_NSIDS = 1ll << 32,    /* and the links' peer_ns */
	WANT_FIREWALL = 1ll << 33, /* rulesets */
	WANT_GUARDS = 1ll << 34,   /* what decides about a process's calls: capabilities, seccomp, Landlock, BPF, limits */
	WANT_USAGE = 1ll << 35,    /* CPU time and memory of processes */
	WANT_PATH = 1ll << 36,     /* programs and filters in packets' path, processes that do not run, see path.h */
	INSIDE_WANTS = WANT_IPC | WANT_MOUNTS | WANT_LINKS | WANT_LISTENERS | WANT_CAPS | WANT_CGROUP_ROOTS,
};
extern const char *const snap_want_names[]; /* "tasks", "threads", …; ends with NULL */

/* What was asked for, and what comes with it: all commands include the first ones', and so on. */
uint64_t snap_implied_wants(uint64_t wants);

enum task_flags {
	TASK_KTHREAD = 1 << 0,
	TASK_ZOMBIE = 1 << 1,      /* dead, not yet reaped */
	TASK_LEADER_DEAD = 1 << 2, /* its first thread has exited, others live: not a zombie. ns[] is that of a live thread */
};
extern const char *const snap_task_flag_names[];

/* A process (tid == pid), or a thread that is listed for itself. */
struct snap_task {
	uint32_t pid; /* of the process, as the view's PID namespace counts (struct snap_head) */
	uint32_t tid;
	uint32_t ppid; /* 0: none, or outside of the view */
	uint32_t pgid, sid;
	uint32_t uid, gid; /* effective, in our user namespace: /proc/PID belongs to it, lsns and ps show it */
	uint32_t nthreads; /* of the process; 0 in a thread's record */
	uint64_t flags;    /* enum task_flags */
	uint64_t start;    /* clock ticks (1/100 s) since boot, in the initial time namespace: names a process beyond its pid */
	const char *comm;
	const char *command;   /* arguments joined by blanks; NULL: not asked, or it has none (kernel thread, zombie) */
	const char *cgroup;    /* the path that told the container, or the deepest one; NULL: not asked or not readable */
	const char *container; /* id of a struct snap_container, or NULL */
	uint32_t ns[NS_TYPES]; /* NSREF */
	uint32_t pid_for_children, time_for_children; /* NSREF; 0 also when equal to ns[] */
	const uint32_t *nspid; /* pid (tid for a thread) at every level, the view's first, its own PID namespace's last */
	uint32_t n_nspid;
	const uint32_t *nspgid,
		*nssid; /* the same of its process group and session: 0 where those are not visible; NULL: not asked */
	uint32_t n_nspgid, n_nssid;
	int64_t cpu; /* OPT: us on a CPU so far, of a process with all its threads, the dead ones too (WANT_USAGE) */
	int64_t rss; /* OPT: bytes resident. BPF reads the kernel's coarse count: up to 64 pages or so for each CPU are missing */
	uint64_t proc_ino;   /* while collecting: inode number of its directory in procfs, or 0. Not saved. */
	uint64_t cgroup_key; /* while collecting: tasks with the same non-zero key are in the same cgroups. Not saved. */
};

struct snap_map {
	uint32_t inside, outside, count; /* a line of uid_map or gid_map; outside is in our user namespace */
};

struct snap_ns {
	uint8_t type; /* enum nstype */
	uint32_t inum;
	uint64_t id;                              /* the kernel's unique id (6.18+), 0 when unknown */
	uint32_t parent;                          /* NSREF: pid and user */
	uint32_t owner;                           /* NSREF: the owning user namespace (user: its parent) */
	int64_t owner_uid;                        /* OPT: who made it (user), in our user namespace */
	int64_t level;                            /* OPT: depth below the initial one (pid, user) */
	int64_t netnsid;                          /* OPT: our network namespace's id for it (net) */
	bool netnsid_unassigned;                  /* it was asked for and has none */
	const char *hostname, *domainname;        /* uts */
	const struct snap_map *uid_map, *gid_map; /* user; NULL: unknown */
	uint32_t n_uid_map, n_gid_map;
	const char *monotonic, *boottime;       /* time: offsets in seconds, "-86400.000000000"; NULL: unknown */
	const struct snap_cgroot *cgroup_roots; /* cgroup; NULL: unknown */
	uint32_t n_cgroup_roots;
	/* OPT: how many records of inside.h are of it, once they were read; what was refused; none: not asked, or it went. */
	int64_t sysv, mqueues;    /* ipc */
	int64_t mounts;           /* mnt */
	int64_t links, listeners; /* net */
	uint64_t counted;         /* F_TIME: when its devices and their counters were read (net); 0: not */
	int64_t firewall;         /* net: rules of nf_tables */
	int64_t sockets, routes;  /* net: of net.h; a gap says where only some could be had */
	bool listed;              /* the kernel's own list of namespaces has it */
};

/* Something other than a process that keeps a namespace, found by searching. */
enum hold_kind { HOLD_FD, HOLD_SOCKET, HOLD_MOUNT };
extern const char *const snap_hold_names[];
struct snap_hold {
	uint8_t kind; /* enum hold_kind */
	uint8_t type; /* of the namespace */
	uint32_t inum;
	uint32_t pid;     /* HOLD_FD, HOLD_SOCKET: the process; HOLD_MOUNT: 0, or one that sees the mount */
	int64_t fd;       /* OPT */
	uint64_t socket;  /* HOLD_SOCKET: the socket's inode number, else 0 */
	uint32_t mntns;   /* HOLD_MOUNT: NSREF, where it is mounted */
	const char *path; /* HOLD_MOUNT: mount point there */
};

/* A port of a container that its engine was told of: exposed, or published on the host. */
struct snap_port {
	const char *proto;   /* "tcp", "udp", "sctp" */
	uint32_t port;       /* in the container */
	const char *host_ip; /* where it is published: "0.0.0.0"; "": on all addresses; NULL: not published */
	uint32_t host_port;  /* 0: not published, or the engine is to choose one when it starts */
};

struct snap_container {
	const char *id;                          /* as its runtime calls it */
	const char *name;                        /* NULL: unknown */
	const char *runtime;                     /* docker, containerd, cri-o, podman, runc, crun, lxc, nspawn */
	const char *pod, *pod_namespace, *image; /* NULL: none or unknown */
	bool sandbox;                            /* a pod's infrastructure ("pause") container */
	/* What Docker's files say beside; NULL, none and 0 of others. The last two while it runs. */
	const char *state;   /* "created", "running", "paused", "restarting", "exited", "dead" */
	int64_t exit_code;   /* OPT: of one that has exited */
	const char *network; /* its network mode: "bridge", "host", "none", "container:ID", a network's name */
	const struct snap_port *ports;
	const char *const *addresses; /* in its networks */
	uint32_t n_ports, n_addresses;
};

struct snap_user {
	uint32_t uid;
	const char *name; /* of the host's user database */
};

/* What could not be read. One record for each (what, errno, hint) with a count. */
struct snap_gap {
	const char *what; /* plural, for "%u %s could not be read": "processes' namespaces" */
	int32_t err;      /* errno */
	uint32_t count;
	const char *hint; /* what it would take: "CAP_SYS_PTRACE"; NULL */
};

struct snap_head {
	const char *tool, *version;
	const char *host, *boot_id, *kernel;
	const char *collector;      /* how the tasks were read: "bpf", "proc" */
	const char *lister;         /* how namespaces without a process were found: "bpf", "listns", "files", or NULL */
	const char *proc;           /* the procfs, "/proc" */
	uint64_t taken;             /* ns since 1970 */
	uint64_t ticks;             /* clock ticks since boot when it was taken: the clock of snap_task.start */
	uint64_t measured;          /* us since boot when CPU times were read (WANT_USAGE); 0: they were not */
	uint64_t booted;            /* ns since 1970: when the ticks began */
	uint64_t wants;             /* enum snap_want */
	const char *cgroup2;        /* where control groups of version 2 are mounted, once they were looked into; else NULL */
	uint32_t pidns;             /* NSREF: the PID namespace whose numbers the pids are */
	bool initial_view;          /* that one is the host's */
	uint32_t own_mntns;         /* NSREF: the reader's mount namespace: whose paths can be opened */
	uint32_t own_userns;        /* NSREF: the reader's user namespace: in which uids and gids are said */
	uint32_t initial[NS_TYPES]; /* NSREF: the host's namespaces; in a container, those of its PID 1 */
};

struct snap {
	struct arena arena;
	struct snap_head head;
	struct snap_task *tasks;    /* sorted by (pid, tid) */
	struct snap_ns *namespaces; /* sorted by (inum, type); each one that any other record names is there */
	struct snap_hold *holds;
	struct snap_container *containers;
	struct snap_user *users;
	struct snap_ipc *ipc; /* this one and those below are sorted by namespace: snap_range() */
	struct snap_mount *mounts;
	struct snap_link *links;
	struct snap_addr *addresses;
	struct snap_socket *sockets;
	struct snap_capset *capsets;
	struct snap_cgroup *cgroups; /* of sockets, with WANT_SOCKET_FLAGS */
	size_t n_cgroups, cap_cgroups;
	struct snap_socket_fd *socket_fds; /* sorted by the socket's inode number */
	struct snap_tcp_info *tcp_infos;   /* of network namespaces, sorted by them: */
	struct snap_route *routes;
	struct snap_rule *rules;
	struct snap_neigh *neighbours;
	struct snap_nexthop *nexthops;
	struct snap_sysctl *sysctls;
	struct snap_counter *counters;
	struct snap_nsid *nsids;
	struct snap_hook *hooks;
	struct snap_vserver *vservers;
	struct snap_halt *halts;     /* sorted by pid */
	struct snap_trial *trials;   /* not saved */
	struct snap_guard *guards;   /* guards.h; sorted by pid */
	struct snap_filter *filters; /* sorted by id */
	struct snap_cgprog *cgprogs;
	struct snap_cgmap *cgmaps;
	struct snap_carrier *carriers;
	struct snap_file *files;
	struct snap_fw_table *fw_tables; /* firewall.h */
	struct snap_fw_chain *fw_chains;
	struct snap_fw_rule *fw_rules;
	struct snap_fw_set *fw_sets;
	struct snap_fw_object *fw_objects;
	struct snap_fw_flowtable *fw_flowtables;
	struct snap_gap *gaps;
	size_t n_tasks, n_namespaces, n_holds, n_containers, n_users, n_gaps;
	size_t cap_tasks, cap_namespaces, cap_holds, cap_containers, cap_users, cap_gaps;
	size_t n_ipc, n_mounts, n_links, n_addresses, n_sockets, n_capsets;
	size_t n_guards, n_filters, n_cgprogs, n_cgmaps, n_carriers, n_files;
	size_t cap_guards, cap_filters, cap_cgprogs, cap_cgmaps, cap_carriers, cap_files;
	size_t n_hooks, n_vservers, n_halts, n_trials, cap_hooks, cap_vservers, cap_halts, cap_trials;
	size_t cap_ipc, cap_mounts, cap_links, cap_addresses, cap_sockets, cap_capsets;
	size_t n_socket_fds, n_tcp_infos, n_routes, n_rules, n_neighbours, n_nexthops, n_sysctls, n_counters, n_nsids;
	size_t cap_socket_fds, cap_tcp_infos, cap_routes, cap_rules, cap_neighbours, cap_nexthops, cap_sysctls, cap_counters,
		cap_nsids;
	size_t n_fw_tables, n_fw_chains, n_fw_rules, n_fw_sets, n_fw_objects, n_fw_flowtables;
	size_t cap_fw_tables, cap_fw_chains, cap_fw_rules, cap_fw_sets, cap_fw_objects, cap_fw_flowtables;
};

/* The arrays of a snapshot: what save, load and the schema loop over. */
struct snap_section {
	const char *key;
	const struct desc *desc;
	size_t off, off_n, off_cap;               /* of the members in struct snap */
	int (*order)(const void *, const void *); /* of a settled snapshot, for qsort(); NULL: as they were collected */
};
extern const struct snap_section snap_sections[];
extern const size_t snap_n_sections;

/* The section with that key, or NULL; and its array, as array_grow() wants it. */
const struct snap_section *snap_section(const char *key);
struct snap_array {
	void **items;
	size_t *n, *cap;
};
struct snap_array snap_array(const struct snap *s, const struct snap_section *section);

extern const struct desc snap_head_desc, snap_task_desc, snap_ns_desc, snap_hold_desc, snap_container_desc, snap_user_desc,
	snap_gap_desc, snap_map_desc, snap_port_desc;

/* An empty snapshot, as all zero is one; and all memory given back. */
void snap_init(struct snap *s);
void snap_done(struct snap *s);

/* A copy to change: arrays of its own, with strings and lists that are the other's, which has to outlive it. */
void snap_borrow(struct snap *s, const struct snap *from);

/* Count one more of what could not be read. what and hint are literals. */
void snap_add_gap(struct snap *s, const char *what, int err, const char *hint);

/* A new record of a namespace, all that is optional unknown. Pointers to the others die. */
struct snap_ns *snap_add_ns(struct snap *s, enum nstype type, uint32_t inum);

/* Was it taken on Linux major.minor or later? False also where the release is not known. */
bool snap_since(const struct snap *s, unsigned long major, unsigned long minor);

/* A clock offset as text in seconds, "-86400.000000000", in the snapshot's arena. nsec is 0..999999999 (struct timespec). */
const char *snap_offset(struct snap *s, int64_t sec, int64_t nsec);

/*
 * Bring the arrays into the order promised above: sort, drop duplicates, add the namespaces that tasks, holds or other
 * namespaces name, give processes with a dead leader the namespaces of a live thread, clear *_for_children that say nothing.
 * Pure; collectors and snap_load end with it.
 */
void snap_settle(struct snap *s);

/* The sorting alone. Records that their order does not tell apart (rules of one namespace) stay as they were. */
void snap_sort(struct snap *s);

/* The record of a namespace in a settled snapshot, or NULL. */
struct snap_ns *snap_find_ns(const struct snap *s, enum nstype type, uint32_t inum);

/*
 * Of records that begin with their namespace's number and are sorted by it (settled): the first of one namespace, and how many.
 * SNAP_RANGE(s, mounts, 4026532181, &n)
 */
const void *snap_range(const void *items, size_t n_items, size_t size, uint32_t inum, uint32_t *n);
#define SNAP_RANGE(s, section, inum, n) \
	((__typeof__(*(s)->section) const *)snap_range((s)->section, (s)->n_##section, sizeof(*(s)->section), inum, n))

/* The fds that a socket is open by, ascending by pid: the first, and how many. NULL: none that we know, or it has no number (ino 0). */
const struct snap_socket_fd *snap_socket_fds(const struct snap *s, uint64_t ino, uint32_t *n);

static inline uint64_t ns_key(enum nstype type, uint32_t inum)
{
	return (uint64_t)type << 32 | inum;
}

#endif
