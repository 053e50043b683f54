// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/snap.h"
#include "util/idmap.h"

const char *const snap_want_names[] = { "tasks",   "threads", "command", "commands",    "hidden",  "namespaces", "details",
					"netnsid", "keepers", "all-keepers", "mounted", "containers", "all-containers", "users",
					"groups", "levels", "maps",
					"ipc", "mounts", "links", "listeners", "capabilities", "cgroup-roots",
					"sockets", "socket-fds", "socket-flags", "tcp-info", "socket-memory", "routes", "neighbours",
					"sysctls", "counters", "nsids", "firewall", "guards", "usage", "path", NULL };
const char *const snap_task_flag_names[] = { "kthread", "zombie", "leader-dead", NULL };
const char *const snap_hold_names[] = { "fd", "socket", "mount", NULL };
static const char *const type_names[] = { "mnt", "net", "pid", "uts", "ipc", "user", "cgroup", "time", NULL };

uint64_t snap_implied_wants(uint64_t wants)
{
	static const struct {
		uint64_t whole, part;
	} implied[] = {
		{ WANT_COMMANDS, WANT_COMMAND },
		{ WANT_ALL_KEEPERS, WANT_KEEPERS | WANT_MOUNTED },
		{ WANT_ALL_CONTAINERS, WANT_CONTAINERS },
		{ WANT_NS, WANT_LEVELS },
		{ WANT_DETAILS, WANT_MAPS },
		{ WANT_SOCKET_FLAGS, WANT_SOCKET_FDS },
		{ WANT_PATH, WANT_LINKS },
		{ ~0ull, WANT_TASKS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(implied); i++)
		if (wants & implied[i].whole)
			wants |= implied[i].part;
	return wants;
}

/* Shorthand for the descriptors below: member M of struct snap_R is field "M". */
#define F(rec, member, knd, ...) { .name = #member, .kind = knd, .off = offsetof(struct rec, member), __VA_ARGS__ }
#define FN(rec, key, member, knd, ...) { .name = key, .kind = knd, .off = offsetof(struct rec, member), __VA_ARGS__ }
#define COUNT(rec, member) .off_n = offsetof(struct rec, member)
#define HELP(text) .help = text

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
	{ .name = "initial_mnt", .kind = F_NSREF, .off = offsetof(struct snap_head, initial[NS_MNT]), HELP("the host's mount namespace") },
	{ .name = "initial_net", .kind = F_NSREF, .off = offsetof(struct snap_head, initial[NS_NET]), HELP("the host's network namespace") },
	{ .name = "initial_pid", .kind = F_NSREF, .off = offsetof(struct snap_head, initial[NS_PID]), HELP("the host's PID namespace") },
	{ .name = "initial_uts", .kind = F_NSREF, .off = offsetof(struct snap_head, initial[NS_UTS]), HELP("the host's UTS namespace") },
	{ .name = "initial_ipc", .kind = F_NSREF, .off = offsetof(struct snap_head, initial[NS_IPC]), HELP("the host's IPC namespace") },
	{ .name = "initial_user", .kind = F_NSREF, .off = offsetof(struct snap_head, initial[NS_USER]), HELP("the host's user namespace") },
	{ .name = "initial_cgroup", .kind = F_NSREF, .off = offsetof(struct snap_head, initial[NS_CGROUP]), HELP("the host's cgroup namespace") },
	{ .name = "initial_time", .kind = F_NSREF, .off = offsetof(struct snap_head, initial[NS_TIME]), HELP("the host's time namespace") },
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
	F(snap_task, nspid, F_U32S, COUNT(snap_task, n_nspid), HELP("its id at every level, the view's first")),
	F(snap_task, nspgid, F_U32S, COUNT(snap_task, n_nspgid), HELP("its process group at every level; 0: not visible there")),
	F(snap_task, cpu, F_OPT, .flags = FF_OMIT, HELP("microseconds on a CPU so far, of all its threads")),
	F(snap_task, rss, F_OPT, .flags = FF_OMIT, HELP("bytes of memory that are resident")),
	F(snap_task, nssid, F_U32S, COUNT(snap_task, n_nssid), HELP("its session at every level; 0: not visible there")),
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
	F(snap_ns, uid_map, F_RECS, COUNT(snap_ns, n_uid_map), .rec = &snap_map_desc, HELP("user ids (user)")),
	F(snap_ns, gid_map, F_RECS, COUNT(snap_ns, n_gid_map), .rec = &snap_map_desc, HELP("group ids (user)")),
	F(snap_ns, monotonic, F_STR, HELP("offset of CLOCK_MONOTONIC in seconds (time)")),
	F(snap_ns, boottime, F_STR, HELP("offset of CLOCK_BOOTTIME in seconds (time)")),
	F(snap_ns, cgroup_roots, F_RECS, COUNT(snap_ns, n_cgroup_roots), .rec = &snap_cgroot_desc, HELP("its root in each hierarchy (cgroup)")),
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
	F(snap_container, ports, F_RECS, COUNT(snap_container, n_ports), .flags = FF_EXTRA | FF_OMIT, .rec = &snap_port_desc, HELP("ports")),
	F(snap_container, addresses, F_STRS, COUNT(snap_container, n_addresses), .flags = FF_EXTRA | FF_OMIT, HELP("addresses in its networks")),
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

#define SECTION(member, d) { #member, &d, offsetof(struct snap, member), offsetof(struct snap, n_##member), offsetof(struct snap, cap_##member) }
const struct snap_section snap_sections[] = {
	SECTION(tasks, snap_task_desc),
	SECTION(namespaces, snap_ns_desc),
	SECTION(holds, snap_hold_desc),
	SECTION(containers, snap_container_desc),
	SECTION(users, snap_user_desc),
	SECTION(ipc, snap_ipc_desc),
	SECTION(mounts, snap_mount_desc),
	SECTION(links, snap_link_desc),
	SECTION(addresses, snap_addr_desc),
	SECTION(sockets, snap_socket_desc),
	SECTION(capsets, snap_capset_desc),
	SECTION(socket_fds, snap_socket_fd_desc),
	SECTION(cgroups, snap_cgroup_desc),
	SECTION(tcp_infos, snap_tcp_info_desc),
	SECTION(routes, snap_route_desc),
	SECTION(rules, snap_rule_desc),
	SECTION(neighbours, snap_neigh_desc),
	SECTION(nexthops, snap_nexthop_desc),
	SECTION(sysctls, snap_sysctl_desc),
	SECTION(counters, snap_counter_desc),
	SECTION(nsids, snap_nsid_desc),
	SECTION(hooks, snap_hook_desc),
	SECTION(vservers, snap_vserver_desc),
	SECTION(halts, snap_halt_desc),
	SECTION(guards, snap_guard_desc),
	SECTION(filters, snap_filter_desc),
	SECTION(cgprogs, snap_cgprog_desc),
	SECTION(cgmaps, snap_cgmap_desc),
	SECTION(carriers, snap_carrier_desc),
	SECTION(files, snap_file_desc),
	SECTION(fw_tables, snap_fw_table_desc),
	SECTION(fw_chains, snap_fw_chain_desc),
	SECTION(fw_rules, snap_fw_rule_desc),
	SECTION(fw_sets, snap_fw_set_desc),
	SECTION(fw_objects, snap_fw_object_desc),
	SECTION(fw_flowtables, snap_fw_flowtable_desc),
	SECTION(gaps, snap_gap_desc),
};
const size_t snap_n_sections = ARRAY_SIZE(snap_sections);

void snap_init(struct snap *s)
{
	*s = (struct snap){ 0 };
}

void snap_done(struct snap *s)
{
	for (size_t i = 0; i < snap_n_sections; i++)
		free(*(void **)(void *)((char *)s + snap_sections[i].off));
	free(s->trials);
	arena_done(&s->arena);
	*s = (struct snap){ 0 };
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

void snap_add_gap(struct snap *s, const char *what, int err, const char *hint)
{
	for (size_t i = 0; i < s->n_gaps; i++) {
		struct snap_gap *g = &s->gaps[i];

		if (g->err == err && same_text(g->what, what) && same_text(g->hint, hint)) {
			g->count++;
			return;
		}
	}
	*ARRAY_ADD(s, gaps) = (struct snap_gap){ .what = what, .err = err, .count = 1, .hint = hint };
}

struct snap_ns *snap_add_ns(struct snap *s, enum nstype type, uint32_t inum)
{
	struct snap_ns *ns = ARRAY_ADD(s, namespaces);

	ns->type = (uint8_t)type;
	ns->inum = inum;
	ns->owner_uid = ns->level = ns->netnsid = OPT_NONE;
	ns->sysv = ns->mqueues = ns->mounts = ns->links = ns->listeners = ns->firewall = ns->sockets = ns->routes = OPT_NONE;
	return ns;
}

const char *snap_offset(struct snap *s, int64_t sec, int64_t nsec)
{
	bool negative = sec < 0;

	if (negative && nsec) { /* -0.5 s is -1 s and 500000000 ns */
		sec++;
		nsec = 1000000000 - nsec;
	}
	return arena_printf(&s->arena, "%s%llu.%09lld", negative ? "-" : "",
			    negative ? 0ULL - (unsigned long long)sec : (unsigned long long)sec, (long long)nsec);
}

/* --- settling ---------------------------------------------------------------------------------------------------- */

/* By process, its first thread first. (A thread's id may be the lower one once pids have wrapped.) */
static int by_pid(const void *a, const void *b)
{
	const struct snap_task *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	if ((x->tid == x->pid) != (y->tid == y->pid))
		return x->tid == x->pid ? -1 : 1;
	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

static int by_inum(const void *a, const void *b)
{
	const struct snap_ns *x = a, *y = b;

	if (x->inum != y->inum)
		return x->inum < y->inum ? -1 : 1;
	return (int)x->type - (int)y->type;
}

static void sort_unless_sorted(void *items, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
	const char *p = items;

	for (size_t i = 1; i < n; i++)
		if (cmp(p + (i - 1) * size, p + i * size) > 0) {
			qsort(items, n, size, cmp);
			return;
		}
}

static bool same_namespaces(const struct snap_task *a, const struct snap_task *b)
{
	return !memcmp(a->ns, b->ns, sizeof(a->ns)) && a->pid_for_children == b->pid_for_children &&
	       a->time_for_children == b->time_for_children;
}

/* A process whose first thread has exited lives in the namespaces of its other threads: take those of the first that has any. */
static void adopt(struct snap_task *leader, const struct snap_task *threads, size_t n)
{
	for (const struct snap_task *t = threads; t < threads + n && t->pid == leader->pid; t++)
		if (t->ns[NS_NET] && !(t->flags & TASK_ZOMBIE)) {
			memcpy(leader->ns, t->ns, sizeof(leader->ns));
			leader->pid_for_children = t->pid_for_children;
			leader->time_for_children = t->time_for_children;
			return;
		}
}

static void settle_tasks(struct snap *s)
{
	const struct snap_task *leader = NULL; /* of the process at hand, where it was kept */
	size_t kept = 0;

	sort_unless_sorted(s->tasks, s->n_tasks, sizeof(*s->tasks), by_pid);
	for (size_t i = 0; i < s->n_tasks; i++) {
		struct snap_task *t = &s->tasks[i];

		if (t->pid_for_children == t->ns[NS_PID])
			t->pid_for_children = 0;
		if (t->time_for_children == t->ns[NS_TIME])
			t->time_for_children = 0;
		if (kept && s->tasks[kept - 1].tid == t->tid)
			continue; /* collected twice: it came up while we looked */
		if (t->flags & TASK_LEADER_DEAD && t->tid == t->pid)
			adopt(t, t + 1, s->n_tasks - i - 1);
		if (t->tid == t->pid)
			leader = &s->tasks[kept];
		else if (leader && leader->pid == t->pid && same_namespaces(leader, t) && !(s->head.wants & WANT_THREADS))
			continue;
		s->tasks[kept++] = *t;
	}
	s->n_tasks = kept;
}

/* Take over what the first of two records of one namespace did not know. */
static void merge_ns(struct snap_ns *to, const struct snap_ns *from)
{
#define TAKE(member, none) \
	do { \
		if (to->member == (none)) \
			to->member = from->member; \
	} while (0)
	TAKE(id, 0);
	TAKE(parent, 0);
	TAKE(owner, 0);
	TAKE(owner_uid, OPT_NONE);
	TAKE(level, OPT_NONE);
	TAKE(netnsid, OPT_NONE);
	TAKE(sysv, OPT_NONE);
	TAKE(mqueues, OPT_NONE);
	TAKE(mounts, OPT_NONE);
	TAKE(links, OPT_NONE);
	TAKE(listeners, OPT_NONE);
	TAKE(firewall, OPT_NONE);
	TAKE(hostname, NULL);
	TAKE(domainname, NULL);
	TAKE(monotonic, NULL);
	TAKE(boottime, NULL);
	TAKE(listed, false);
	TAKE(netnsid_unassigned, false);
#undef TAKE
	if (!to->uid_map) {
		to->uid_map = from->uid_map;
		to->n_uid_map = from->n_uid_map;
	}
	if (!to->gid_map) {
		to->gid_map = from->gid_map;
		to->n_gid_map = from->n_gid_map;
	}
	if (!to->cgroup_roots) {
		to->cgroup_roots = from->cgroup_roots;
		to->n_cgroup_roots = from->n_cgroup_roots;
	}
}

static void name_ns(struct snap *s, struct idmap *seen, enum nstype type, uint32_t ref)
{
	uint32_t next = (uint32_t)s->n_namespaces;

	if (NSREF_KNOWN(ref) && idmap_add(seen, ns_key(type, ref), next) == next)
		snap_add_ns(s, type, ref);
}

static void dedup_namespaces(struct snap *s, struct idmap *seen)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n_namespaces; i++) {
		const struct snap_ns *ns = &s->namespaces[i];
		uint32_t at = idmap_add(seen, ns_key(ns->type, ns->inum), (uint32_t)kept);

		if (at == kept)
			s->namespaces[kept++] = *ns;
		else
			merge_ns(&s->namespaces[at], ns);
	}
	s->n_namespaces = kept;
}

static void settle_namespaces(struct snap *s)
{
	struct idmap seen = { 0 };

	idmap_reserve(&seen, s->n_namespaces);
	dedup_namespaces(s, &seen);
	for (size_t i = 0; i < s->n_tasks; i++) {
		const struct snap_task *t = &s->tasks[i];

		if (i && same_namespaces(t, t - 1)) /* most are their neighbours' siblings */
			continue;
		for (enum nstype type = 0; type < NS_TYPES; type++)
			if (!i || t[0].ns[type] != t[-1].ns[type])
				name_ns(s, &seen, type, t->ns[type]);
		name_ns(s, &seen, NS_PID, t->pid_for_children);
		name_ns(s, &seen, NS_TIME, t->time_for_children);
	}
	for (size_t i = 0; i < s->n_holds; i++) {
		name_ns(s, &seen, s->holds[i].type, s->holds[i].inum);
		name_ns(s, &seen, NS_MNT, s->holds[i].mntns);
	}
	/* The array grows behind the loop: a parent found here is looked at for its own parent. */
	for (size_t i = 0; i < s->n_namespaces; i++) {
		uint32_t parent = s->namespaces[i].parent, owner = s->namespaces[i].owner;

		name_ns(s, &seen, s->namespaces[i].type, parent);
		name_ns(s, &seen, NS_USER, owner);
	}
	idmap_done(&seen);
	sort_unless_sorted(s->namespaces, s->n_namespaces, sizeof(*s->namespaces), by_inum);
}

/* Records of inside.h begin with their namespace. */
static int by_ns(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int by_ipc(const void *a, const void *b)
{
	const struct snap_ipc *x = a, *y = b;

	if (x->ns != y->ns || x->kind != y->kind)
		return x->ns != y->ns ? by_ns(x, y) : (int)x->kind - (int)y->kind;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->name && y->name ? strcmp(x->name, y->name) : 0;
}

static int by_link(const void *a, const void *b)
{
	const struct snap_link *x = a, *y = b;

	if (x->ns != y->ns)
		return by_ns(x, y);
	return x->ifindex < y->ifindex ? -1 : x->ifindex > y->ifindex;
}

static int by_socket(const void *a, const void *b)
{
	const struct snap_socket *x = a, *y = b;

	if (x->ns != y->ns || x->netid != y->netid)
		return x->ns != y->ns ? by_ns(x, y) : (int)x->netid - (int)y->netid;
	if (x->port != y->port)
		return x->port < y->port ? -1 : 1;
	return x->cookie < y->cookie ? -1 : x->cookie > y->cookie;
}

static int by_ino(const void *a, const void *b)
{
	const struct snap_socket_fd *x = a, *y = b;

	if (x->ino != y->ino)
		return x->ino < y->ino ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->fd < y->fd ? -1 : x->fd > y->fd;
}

/* What is collected comes namespace by namespace, mostly in order. Within one the kernel's order stays (glibc's qsort is a merge sort). */
static void settle_net(struct snap *s)
{
	sort_unless_sorted(s->socket_fds, s->n_socket_fds, sizeof(*s->socket_fds), by_ino);
	sort_unless_sorted(s->tcp_infos, s->n_tcp_infos, sizeof(*s->tcp_infos), by_ns);
	sort_unless_sorted(s->routes, s->n_routes, sizeof(*s->routes), by_ns);
	sort_unless_sorted(s->rules, s->n_rules, sizeof(*s->rules), by_ns);
	sort_unless_sorted(s->neighbours, s->n_neighbours, sizeof(*s->neighbours), by_ns);
	sort_unless_sorted(s->nexthops, s->n_nexthops, sizeof(*s->nexthops), by_ns);
	sort_unless_sorted(s->sysctls, s->n_sysctls, sizeof(*s->sysctls), by_ns);
	sort_unless_sorted(s->counters, s->n_counters, sizeof(*s->counters), by_ns);
	sort_unless_sorted(s->nsids, s->n_nsids, sizeof(*s->nsids), by_ns);
}

static int by_halt(const void *a, const void *b)
{
	const struct snap_halt *x = a, *y = b;

	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static int by_guard(const void *a, const void *b)
{
	const struct snap_guard *x = a, *y = b;

	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static int by_filter(const void *a, const void *b)
{
	const struct snap_filter *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

static void settle_guards(struct snap *s)
{
	sort_unless_sorted(s->guards, s->n_guards, sizeof(*s->guards), by_guard);
	sort_unless_sorted(s->filters, s->n_filters, sizeof(*s->filters), by_filter);
}

static void settle_path(struct snap *s)
{
	sort_unless_sorted(s->hooks, s->n_hooks, sizeof(*s->hooks), by_ns);
	sort_unless_sorted(s->vservers, s->n_vservers, sizeof(*s->vservers), by_ns);
	sort_unless_sorted(s->halts, s->n_halts, sizeof(*s->halts), by_halt);
}

static void settle_firewall(struct snap *s)
{
	sort_unless_sorted(s->fw_tables, s->n_fw_tables, sizeof(*s->fw_tables), by_ns);
	sort_unless_sorted(s->fw_chains, s->n_fw_chains, sizeof(*s->fw_chains), by_ns);
	sort_unless_sorted(s->fw_rules, s->n_fw_rules, sizeof(*s->fw_rules), by_ns);
	sort_unless_sorted(s->fw_sets, s->n_fw_sets, sizeof(*s->fw_sets), by_ns);
	sort_unless_sorted(s->fw_objects, s->n_fw_objects, sizeof(*s->fw_objects), by_ns);
	sort_unless_sorted(s->fw_flowtables, s->n_fw_flowtables, sizeof(*s->fw_flowtables), by_ns);
}

static void settle_inside(struct snap *s)
{
	sort_unless_sorted(s->ipc, s->n_ipc, sizeof(*s->ipc), by_ipc);
	sort_unless_sorted(s->mounts, s->n_mounts, sizeof(*s->mounts), by_ns);
	sort_unless_sorted(s->links, s->n_links, sizeof(*s->links), by_link);
	sort_unless_sorted(s->addresses, s->n_addresses, sizeof(*s->addresses), by_ns);
	sort_unless_sorted(s->sockets, s->n_sockets, sizeof(*s->sockets), by_socket);
	sort_unless_sorted(s->capsets, s->n_capsets, sizeof(*s->capsets), by_ns);
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	return (h ^ v) * 1099511628211ULL; /* FNV-1a, a word at a time */
}

static uint64_t hold_key(const struct snap_hold *h)
{
	uint64_t key = mix(mix(mix(14695981039346656037ULL, h->kind), ns_key(h->type, h->inum)), h->mntns);

	key = mix(mix(mix(key, h->pid), (uint64_t)h->fd), h->socket);
	return h->path ? mix(key, text_key(h->path)) : key;
}

/* The same mount may be there twice: /run/netns is mounted on itself (ip-netns). */
static void settle_holds(struct snap *s)
{
	struct idmap seen = { 0 };
	size_t kept = 0;

	for (size_t i = 0; i < s->n_holds; i++)
		if (idmap_add(&seen, hold_key(&s->holds[i]), (uint32_t)kept) == kept)
			s->holds[kept++] = s->holds[i];
	s->n_holds = kept;
	idmap_done(&seen);
}

void snap_settle(struct snap *s)
{
	settle_holds(s);
	settle_tasks(s);
	settle_namespaces(s);
	settle_inside(s);
	settle_net(s);
	settle_firewall(s);
	settle_path(s);
	settle_guards(s);
}

/* The first of the sorted records whose namespace is not below inum. */
static size_t lower_bound(const char *items, size_t n_items, size_t size, uint64_t inum)
{
	size_t low = 0, high = n_items;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (*(const uint32_t *)(const void *)(items + middle * size) < inum)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const void *snap_range(const void *items, size_t n_items, size_t size, uint32_t inum, uint32_t *n)
{
	size_t first = lower_bound(items, n_items, size, inum);

	*n = (uint32_t)(lower_bound(items, n_items, size, (uint64_t)inum + 1) - first);
	return n_items ? (const char *)items + first * size : NULL;
}

struct snap_ns *snap_find_ns(const struct snap *s, enum nstype type, uint32_t inum)
{
	struct snap_ns key = { .type = (uint8_t)type, .inum = inum };

	return s->n_namespaces ? bsearch(&key, s->namespaces, s->n_namespaces, sizeof(key), by_inum) : NULL;
}
