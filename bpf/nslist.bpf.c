/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The kernel's own list of namespaces (struct ns_common.ns_list_node, kernel/nstree.c, 6.18), walked once from user space's call of
 * BPF_PROG_TEST_RUN; nothing is attached. It has every namespace, whatever keeps it: a file in flight in a socket, too.
 *
 * There is a circular list for each type. We enter it at our own namespace and go round: the list's head, which is no namespace, is
 * known by its ops pointer being another. Test runs of raw tracepoints run under rcu_read_lock (bpf_prog_test_run_raw_tp,
 * net/bpf/test_run.c), and namespaces are freed after a grace period, so every link that we follow is still memory of one.
 */
#include "core.h"
#include "records.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 4096); /* user space sets it before loading */
	__type(key, __u32);
	__type(value, struct ns_rec);
} namespaces SEC(".maps");

__u32 found;   /* how many there are, also beyond the map's end */
__u32 endless; /* a list did not come round within MAX_STEPS */

enum { MAX_STEPS = 1 << 20 };

struct walk {
	__u64 first, at; /* struct ns_common; numbers, for the verifier would forbid this arithmetic on its pointers */
	__u64 ops;
	__u32 type, ns_off, owner_off;
};

/* Where in ns_common the list runs through; 0: this kernel has none. */
static __u32 list_off(void)
{
	if (bpf_core_field_exists(struct ns_common, ns_list_node))
		return bpf_core_field_offset(struct ns_common, ns_list_node);
	if (bpf_core_field_exists(struct ns_common___tree, ns_tree_node))
		return bpf_core_field_offset(struct ns_common___tree, ns_tree_node.ns_list_entry);
	return 0;
}

static void read_user(struct ns_rec *r, struct user_namespace *user)
{
	r->owner_uid = BPF_CORE_READ(user, owner.val);
	r->level = BPF_CORE_READ(user, level);
	r->parent = r->owner;
	r->n_uid = BPF_CORE_READ(user, uid_map.nr_extents);
	r->n_gid = BPF_CORE_READ(user, gid_map.nr_extents);
	if (r->n_uid <= 5)
		bpf_core_read(&r->uid, sizeof(r->uid), &user->uid_map.extent);
	if (r->n_gid <= 5)
		bpf_core_read(&r->gid, sizeof(r->gid), &user->gid_map.extent);
}

static void read_details(struct ns_rec *r, __u64 outer)
{
	if (r->type == 0x10000000) { /* CLONE_NEWUSER */
		read_user(r, (void *)outer);
	} else if (r->type == 0x20000000) { /* CLONE_NEWPID */
		struct pid_namespace *pid = (void *)outer;

		r->level = BPF_CORE_READ(pid, level);
		r->parent = BPF_CORE_READ(pid, parent, ns.inum);
	} else if (r->type == 0x04000000) { /* CLONE_NEWUTS */
		struct uts_namespace *uts = (void *)outer;

		bpf_core_read(&r->hostname, sizeof(r->hostname), &uts->name.nodename);
		bpf_core_read(&r->domainname, sizeof(r->domainname), &uts->name.domainname);
	} else if (r->type == 0x00000080) { /* CLONE_NEWTIME */
		struct time_namespace *time = (void *)outer;

		bpf_core_read(&r->monotonic_sec, 2 * sizeof(r->monotonic_sec), &time->offsets.monotonic);
		bpf_core_read(&r->boottime_sec, 2 * sizeof(r->boottime_sec), &time->offsets.boottime);
	}
}

static void record(struct walk *w, struct ns_common *ns)
{
	__u32 i = found++;
	struct ns_rec *r = bpf_map_lookup_elem(&namespaces, &i);
	__u64 outer = (__u64)ns - w->ns_off;
	struct user_namespace *owner = NULL;

	if (!r)
		return;
	r->id = BPF_CORE_READ(ns, ns_id);
	r->inum = BPF_CORE_READ(ns, inum);
	r->type = w->type;
	r->parent = 0; /* the map is walked into again: another namespace stood here */
	r->level = 0;
	bpf_probe_read_kernel(&owner, sizeof(owner), (void *)(outer + w->owner_off));
	r->owner = owner ? BPF_CORE_READ(owner, ns.inum) : 0;
	read_details(r, outer);
}

static long step(__u64 i, void *arg)
{
	struct walk *w = arg;
	struct ns_common *ns = (void *)w->at;

	(void)i;
	if ((__u64)BPF_CORE_READ(ns, ops) == w->ops)
		record(w, ns);
	bpf_probe_read_kernel(&w->at, sizeof(w->at), (void *)(w->at + list_off()));
	w->at -= list_off();
	return w->at == w->first;
}

/*
 * outer: the structure around the ns_common; 0 on a kernel without this type (CONFIG_TIME_NS, …), or in a task that is exiting.
 * Not static, so that the verifier looks at it once and not at each call: 3 ms instead of 6 to load. (Hence a result: global
 * functions must have one.)
 */
__attribute__((noinline)) int walk(__u64 outer, __u32 ns_off, __u32 owner_off)
{
	struct ns_common *ns = (void *)(outer + ns_off);
	struct walk w = { .first = (__u64)ns, .at = (__u64)ns, .ns_off = ns_off, .owner_off = owner_off };

	if (!outer)
		return 0;
	w.ops = (__u64)BPF_CORE_READ(ns, ops);
	w.type = BPF_CORE_READ(ns, ns_type);
	if (bpf_loop(MAX_STEPS, step, &w, 0) == MAX_STEPS)
		endless++;
	return 0;
}

/* OUTER is the structure around the ns_common, OWNER its member for the owning user namespace. */
#define WALK(OUTER, ptr, OWNER) \
	walk((__u64)(ptr), bpf_core_field_offset(struct OUTER, ns), bpf_core_field_offset(struct OUTER, OWNER))

SEC("raw_tp/sys_enter") /* a name is needed, nothing is attached */
int nslist(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct nsproxy *p = BPF_CORE_READ(task, nsproxy);

	(void)ctx;
	found = 0;
	if (!list_off())
		return 0;
	/* The other way round than tasks.bpf.c: see core.h. */
	WALK(time_namespace, BPF_CORE_READ(p, time_ns), user_ns);
	WALK(cgroup_namespace, BPF_CORE_READ(p, cgroup_ns), user_ns);
	WALK(user_namespace, BPF_CORE_READ(task, real_cred, user_ns), parent);
	WALK(ipc_namespace, BPF_CORE_READ(p, ipc_ns), user_ns);
	WALK(uts_namespace, BPF_CORE_READ(p, uts_ns), user_ns);
	WALK(pid_namespace, BPF_CORE_READ(p, pid_ns_for_children), user_ns);
	WALK(net, BPF_CORE_READ(p, net_ns), user_ns);
	WALK(mnt_namespace, BPF_CORE_READ(p, mnt_ns), user_ns);
	return found;
}
