// SPDX-License-Identifier: GPL-2.0-or-later
/* The descriptors of the snapshot's own records: tasks, namespaces, what keeps them, containers. */
#include "model/snap.h"

const char *const snap_want_names[] = {
	"tasks",        "threads",      "command",     "commands",   "hidden",       "namespaces",     "details",
	"netnsid",      "keepers",      "all-keepers", "mounted",    "containers",   "all-containers", "users",
	"groups",       "levels",       "maps",        "ipc",        "mounts",       "links",          "listeners",
	"capabilities", "cgroup-roots", "sockets",     "socket-fds", "socket-flags", "tcp-info",       "socket-memory",
	"routes",       "neighbours",   "sysctls",     "counters",   "nsids",        "firewall",       "guards",
	"usage",        "path",         NULL
};
const char *const snap_task_flag_names[] = { "kthread", "zombie", "leader-dead", NULL };
const char *const snap_hold_names[] = { "fd", "socket", "mount", NULL };
static const char *const type_names[] = { "mnt", "net", "pid", "uts", "ipc", "user", "cgroup", "time", NULL };

/* Shorthand for the descriptors below: member M of struct snap_R is field "M". */
#define F(rec, member, ...) FIELD(rec, member, __VA_ARGS__)
#define FN(rec, key, member, ...) FIELD_AS(rec, key, member, __VA_ARGS__)
#define N(rec, member) COUNTED(rec, member)

static const struct field head_fields[] = {
	F(snap_head, tool, F_STR, HELP("the program that wrote this")),
	F(snap_head, version, F_STR, HELP("its version")),
	F(snap_head, host, F_STR, HELP("host name")),
	F(snap_head, boot_id, F_STR, HELP("the kernel's id of this boot")),
	F(snap_head, kernel, F_STR, HELP("kernel release")),
	F(snap_head, taken, F_TIME, HELP("when it was collected")),
	F(snap_head, ticks, F_U64, HELP("the same moment in clock ticks (1/100 s) since boot")),
	F(snap_head, measured, F_U64, HELP("microseconds since boot when CPU times were read; 0: they were not")),
	F(snap_head, booted, F_TIME, HELP("when those began")),
	F(snap_head, collector, F_STR, HELP("how processes were read: bpf or proc")),
	F(snap_head, lister, F_STR, HELP("how namespaces without processes were found: bpf, listns, mnt-next, files")),
	F(snap_head, proc, F_STR, HELP("the procfs that was read")),
	F(snap_head, wants, F_FLAGS, .names = snap_want_names, HELP("what was collected")),
	F(snap_head, cgroup2, F_STR, HELP("where control groups of version 2 are mounted")),
	F(snap_head, pidns, F_NSREF, HELP("the PID namespace whose numbers the pids are")),
	F(snap_head, initial_view, F_BOOL, HELP("whether that is the host's")),
	F(snap_head, own_mntns, F_NSREF, HELP("the reader's mount namespace")),
	F(snap_head, own_userns, F_NSREF, HELP("the reader's user namespace")),
	{ .name = "initial_mnt",
	  .kind = F_NSREF,
	  .off = offsetof(struct snap_head, initial[NS_MNT]),
	  HELP("the host's mount namespace") },
	{ .name = "initial_net",
	  .kind = F_NSREF,
	  .off = offsetof(struct snap_head, initial[NS_NET]),
	  HELP("the host's network namespace") },
	{ .name = "initial_pid",
	  .kind = F_NSREF,
	  .off = offsetof(struct snap_head, initial[NS_PID]),
	  HELP("the host's PID namespace") },
	{ .name = "initial_uts",
	  .kind = F_NSREF,
	  .off = offsetof(struct snap_head, initial[NS_UTS]),
	  HELP("the host's UTS namespace") },
	{ .name = "initial_ipc",
	  .kind = F_NSREF,
	  .off = offsetof(struct snap_head, initial[NS_IPC]),
	  HELP("the host's IPC namespace") },
	{ .name = "initial_user",
	  .kind = F_NSREF,
	  .off = offsetof(struct snap_head, initial[NS_USER]),
	  HELP("the host's user namespace") },
	{ .name = "initial_cgroup",
	  .kind = F_NSREF,
	  .off = offsetof(struct snap_head, initial[NS_CGROUP]),
	  HELP("the host's cgroup namespace") },
	{ .name = "initial_time",
	  .kind = F_NSREF,
	  .off = offsetof(struct snap_head, initial[NS_TIME]),
	  HELP("the host's time namespace") },
};
DESC(snap_head_desc, "head", struct snap_head, "where, when and how a snapshot was taken", head_fields);

static const struct field task_fields[] = {
	F(snap_task, pid, F_U32, HELP("process id")),
	F(snap_task, tid, F_U32, HELP("thread id; of a process's first thread its pid")),
	F(snap_task, ppid, F_U32, HELP("parent's pid; 0: none, or outside of the view")),
	F(snap_task, pgid, F_U32, HELP("process group")),
	F(snap_task, sid, F_U32, HELP("session")),
	F(snap_task, uid, F_U32, HELP("effective user id")),
	F(snap_task, gid, F_U32, HELP("effective group id")),
	F(snap_task, nthreads, F_U32, HELP("threads of the process; 0 for a thread's own record")),
	F(snap_task, flags, F_FLAGS, .names = snap_task_flag_names, HELP("kthread, zombie, leader-dead")),
	F(snap_task, start, F_U64, HELP("start, in clock ticks (1/100 s) since boot")),
	F(snap_task, comm, F_STR, HELP("name of the thread")),
	F(snap_task, command, F_STR, HELP("command line")),
	F(snap_task, cgroup, F_STR, HELP("control group's path")),
	F(snap_task, container, F_STR, HELP("id of its container")),
	{ .name = "mnt", .kind = F_NSREF, .off = offsetof(struct snap_task, ns[NS_MNT]), HELP("mount namespace") },
	{ .name = "net", .kind = F_NSREF, .off = offsetof(struct snap_task, ns[NS_NET]), HELP("network namespace") },
	{ .name = "pidns", .kind = F_NSREF, .off = offsetof(struct snap_task, ns[NS_PID]), HELP("PID namespace") },
	{ .name = "uts", .kind = F_NSREF, .off = offsetof(struct snap_task, ns[NS_UTS]), HELP("UTS namespace") },
	{ .name = "ipc", .kind = F_NSREF, .off = offsetof(struct snap_task, ns[NS_IPC]), HELP("IPC namespace") },
	{ .name = "user", .kind = F_NSREF, .off = offsetof(struct snap_task, ns[NS_USER]), HELP("user namespace") },
	{ .name = "cgroupns", .kind = F_NSREF, .off = offsetof(struct snap_task, ns[NS_CGROUP]), HELP("cgroup namespace") },
	{ .name = "time", .kind = F_NSREF, .off = offsetof(struct snap_task, ns[NS_TIME]), HELP("time namespace") },
	F(snap_task, pid_for_children, F_NSREF, HELP("PID namespace of its future children, where it is another")),
	F(snap_task, time_for_children, F_NSREF, HELP("time namespace of its future children, where it is another")),
	F(snap_task, nspid, F_U32S, N(snap_task, nspid), HELP("its id at every level, the view's first")),
	F(snap_task, nspgid, F_U32S, N(snap_task, nspgid), HELP("its process group at every level; 0: not visible there")),
	F(snap_task, cpu, F_OPT, .flags = FF_OMIT, HELP("microseconds on a CPU so far, of all its threads")),
	F(snap_task, rss, F_OPT, .flags = FF_OMIT, HELP("bytes of memory that are resident")),
	F(snap_task, nssid, F_U32S, N(snap_task, nssid), HELP("its session at every level; 0: not visible there")),
};
DESC(snap_task_desc, "task", struct snap_task, "a process, or a thread that is listed for itself", task_fields);

static const struct field map_fields[] = {
	F(snap_map, inside, F_U32, HELP("first id inside")),
	F(snap_map, outside, F_U32, HELP("first id outside")),
	F(snap_map, count, F_U32, HELP("how many")),
};
DESC(snap_map_desc, "map", struct snap_map, "a line of uid_map or gid_map", map_fields);

static const struct field ns_fields[] = {
	F(snap_ns, type, F_ENUM, .names = type_names, HELP("type of namespace")),
	FN(snap_ns, "ns", inum, F_U32, HELP("its number (inode of nsfs)")),
	F(snap_ns, id, F_ID64, HELP("the kernel's unique id")),
	F(snap_ns, parent, F_NSREF, HELP("parent namespace (pid, user)")),
	F(snap_ns, owner, F_NSREF, HELP("owning user namespace")),
	F(snap_ns, owner_uid, F_OPT, HELP("user id of who made it (user)")),
	F(snap_ns, level, F_OPT, HELP("depth below the initial one (pid, user)")),
	F(snap_ns, netnsid, F_OPT, HELP("our network namespace's id for it (net)")),
	F(snap_ns, netnsid_unassigned, F_BOOL, HELP("it was asked for and has none (net)")),
	F(snap_ns, hostname, F_STR, HELP("host name (uts)")),
	F(snap_ns, domainname, F_STR, HELP("domain name (uts)")),
	F(snap_ns, uid_map, F_RECS, N(snap_ns, uid_map), .rec = &snap_map_desc, HELP("user ids (user)")),
	F(snap_ns, gid_map, F_RECS, N(snap_ns, gid_map), .rec = &snap_map_desc, HELP("group ids (user)")),
	F(snap_ns, monotonic, F_STR, HELP("offset of CLOCK_MONOTONIC in seconds (time)")),
	F(snap_ns, boottime, F_STR, HELP("offset of CLOCK_BOOTTIME in seconds (time)")),
	F(snap_ns, cgroup_roots, F_RECS, N(snap_ns, cgroup_roots), .rec = &snap_cgroot_desc,
	  HELP("its root in each hierarchy (cgroup)")),
	F(snap_ns, sysv, F_OPT, HELP("System V IPC objects in it (ipc)")),
	F(snap_ns, mqueues, F_OPT, HELP("POSIX message queues in it (ipc)")),
	F(snap_ns, mounts, F_OPT, HELP("mounts in it (mnt)")),
	F(snap_ns, links, F_OPT, HELP("network devices in it (net)")),
	F(snap_ns, listeners, F_OPT, HELP("listening TCP and bound UDP sockets in it (net)")),
	F(snap_ns, counted, F_TIME, .flags = FF_OMIT, HELP("when its devices' counters were read (net)")),
	F(snap_ns, firewall, F_OPT, HELP("rules of nf_tables in it (net)")),
	F(snap_ns, sockets, F_OPT, HELP("sockets in it that were asked for (net)")),
	F(snap_ns, routes, F_OPT, HELP("routes in it (net)")),
	F(snap_ns, listed, F_BOOL, HELP("the kernel's own list has it")),
};
DESC(snap_ns_desc, "namespace", struct snap_ns, "a namespace", ns_fields);

static const struct field hold_fields[] = {
	F(snap_hold, kind, F_ENUM, .names = snap_hold_names, HELP("fd, socket or mount")),
	F(snap_hold, type, F_ENUM, .names = type_names, HELP("type of the namespace held")),
	FN(snap_hold, "ns", inum, F_U32, HELP("its number")),
	F(snap_hold, pid, F_U32, HELP("process that holds the fd or socket, or sees the mount; 0: none known")),
	F(snap_hold, fd, F_OPT, HELP("file descriptor")),
	F(snap_hold, socket, F_U64, HELP("inode number of the socket")),
	F(snap_hold, mntns, F_NSREF, HELP("mount namespace it is mounted in")),
	F(snap_hold, path, F_STR, HELP("mount point there")),
};
DESC(snap_hold_desc, "hold", struct snap_hold, "an fd, socket or mount that keeps a namespace", hold_fields);

static const struct field port_fields[] = {
	F(snap_port, proto, F_STR, HELP("protocol")),
	F(snap_port, port, F_U32, HELP("port in the container")),
	F(snap_port, host_ip, F_STR, .flags = FF_OMIT, HELP("address that it is published on; empty: all")),
	F(snap_port, host_port, F_U32, HELP("port there; 0: none, or not chosen yet")),
};
DESC(snap_port_desc, "port", struct snap_port, "a port of a container, exposed or published", port_fields);

static const struct field container_fields[] = {
	F(snap_container, id, F_STR, HELP("id, as its runtime calls it")),
	F(snap_container, name, F_STR, HELP("name")),
	F(snap_container, runtime, F_STR, HELP("docker, containerd, cri-o, podman, runc, crun, lxc, nspawn")),
	F(snap_container, pod, F_STR, HELP("Kubernetes pod")),
	F(snap_container, pod_namespace, F_STR, HELP("its Kubernetes namespace")),
	F(snap_container, image, F_STR, HELP("image it was made from")),
	F(snap_container, sandbox, F_BOOL, .flags = FF_EXTRA, HELP("a pod's infrastructure container")),
	F(snap_container, state, F_STR, .flags = FF_EXTRA | FF_OMIT, HELP("created, running, paused, restarting, exited, dead")),
	F(snap_container, exit_code, F_OPT, .flags = FF_EXTRA | FF_OMIT, HELP("exit code")),
	F(snap_container, network, F_STR, .flags = FF_EXTRA | FF_OMIT, HELP("network mode")),
	F(snap_container, ports, F_RECS, N(snap_container, ports), .flags = FF_EXTRA | FF_OMIT, .rec = &snap_port_desc,
	  HELP("ports")),
	F(snap_container, addresses, F_STRS, N(snap_container, addresses), .flags = FF_EXTRA | FF_OMIT,
	  HELP("addresses in its networks")),
};
DESC(snap_container_desc, "container", struct snap_container, "a container", container_fields);

static const struct field user_fields[] = {
	F(snap_user, uid, F_U32, HELP("user id")),
	F(snap_user, name, F_STR, HELP("its name on the host")),
};
DESC(snap_user_desc, "user", struct snap_user, "a user's name", user_fields);

static const struct field gap_fields[] = {
	F(snap_gap, what, F_STR, HELP("what could not be read")),
	FN(snap_gap, "errno", err, F_ERRNO, HELP("why")),
	F(snap_gap, count, F_U32, HELP("how many")),
	F(snap_gap, hint, F_STR, HELP("what it would take")),
};
DESC(snap_gap_desc, "gap", struct snap_gap, "what could not be read", gap_fields);
