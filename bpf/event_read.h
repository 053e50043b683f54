/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Inside of events.bpf.c: what tasks are made of, and how it is read of them. */
#ifndef NSKIT_BPF_EVENT_READ_H
#define NSKIT_BPF_EVENT_READ_H

#include "core.h"
#include "event_rec.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

const volatile __s32 cgroup_subsys = -1; /* the controller whose hierarchy tells containers; -1: the unified one */

static const struct {
	__u32 flag;
} types[EVNS_TYPES] = { { 0x00020000 }, { 0x40000000 }, { 0x20000000 }, { 0x04000000 },
			{ 0x08000000 }, { 0x10000000 }, { 0x02000000 }, { 0x00000080 } };

enum {
	NEW_MNT = 0x00020000,
	NEW_NET = 0x40000000,
	NEW_PID = 0x20000000,
	NEW_UTS = 0x04000000,
	NEW_IPC = 0x08000000,
	NEW_USER = 0x10000000,
	NEW_CGROUP = 0x02000000,
	NEW_TIME = 0x00000080,
	CLONE_A_THREAD = 0x00010000, /* CLONE_THREAD */
	NEW_ANY = NEW_MNT | NEW_NET | NEW_PID | NEW_UTS | NEW_IPC | NEW_USER | NEW_CGROUP | NEW_TIME,
	FAMILY_UNIX = 1,
	FAMILY_INET = 2,
	FAMILY_INET6 = 10,
	FAMILY_NETLINK = 16,
	NSFS = 0x6e736673,
	PIDFS = 0x50494446,
	TYPE_MASK = 0170000,
	SOCKET = 0140000,
};

/*
 * By pointers where the kernel hands out one to the running task (5.11): a read is an instruction then, and not a call. A setns costs
 * 0.6 us less so. Whoever came to a pointer by another way has to call (BPF_CORE_READ).
 */
#ifdef NSKIT_OLD_KERNEL
#define READ BPF_CORE_READ
#else
#define READ(...) ___arrow(__VA_ARGS__)
#endif

static __always_inline struct task_struct *current(void)
{
#ifdef NSKIT_OLD_KERNEL
	return (struct task_struct *)bpf_get_current_task();
#else
	return (struct task_struct *)bpf_get_current_task_btf();
#endif
}

/*
 * What each event tells of a task, looked up once. For each pointer that is taken from the task itself the verifier searches all of
 * the kernel's type names, a millisecond long (see core.h): so by pointers only where a call waits for us.
 */
struct who {
	struct task_struct *task;
	struct nsproxy *ns; /* a pointer for READ, or by look_from_afar() NULL */
	struct pid *pid;
	__u32 uid, ppid, levels;
};

static __always_inline __u32 levels_of(__u32 level)
{
	return level >= REC_MAX_LEVELS ? REC_MAX_LEVELS : level + 1;
}

static __always_inline void look_at(struct who *w, struct task_struct *task)
{
	struct pid *pid = READ(task, thread_pid);

	w->task = task;
	w->ns = READ(task, nsproxy);
	w->pid = pid;
	w->uid = READ(task, real_cred, euid.val);
	w->ppid = READ(task, real_parent, tgid);
	w->levels = levels_of(READ(pid, level));
	barrier(); /* here, and not where each is used */
}

static __noinline void look_from_afar(struct who *w, struct task_struct *task)
{
	w->task = task;
	w->ns = 0;
	w->pid = BPF_CORE_READ(task, thread_pid);
	w->uid = BPF_CORE_READ(task, real_cred, euid.val);
	w->ppid = BPF_CORE_READ(task, real_parent, tgid);
	w->levels = levels_of(BPF_CORE_READ(task, thread_pid, level));
}

/* Argument n of the call that a task returns from. */
static __always_inline __u64 argument(void *ctx, int n)
{
#ifdef NSKIT_OLD_KERNEL /* what perf_call_bpf_exit (kernel/trace/trace_syscalls.c) puts in front of its arguments */
	const void *regs = 0;

	bpf_probe_read_kernel(&regs, sizeof(regs), ctx);
#else /* 5.15 */
	const void *regs = (const void *)bpf_task_pt_regs((void *)current());
#endif
	if (bpf_core_field_exists(((struct pt_regs___x86 *)0)->di)) {
		const struct pt_regs___x86 *x86 = regs;

		return n == 0 ? READ(x86, di) : n == 1 ? READ(x86, si) : READ(x86, dx);
	}
	const struct pt_regs___arm64 *arm = regs;

	return n == 0 ? READ(arm, orig_x0) : n == 1 ? READ(arm, user_regs.regs[1]) : READ(arm, user_regs.regs[2]);
}

/*
 * Where a namespace of each type keeps its number. Each program that names the eight types makes the kernel search for them (see
 * core.h): so only one does, find_numbers(), and leaves here for the others what it was told. Before 5.15 it is libbpf that searches.
 */
__u16 inum_at[EVNS_TYPES];

#ifdef NSKIT_OLD_KERNEL
#define INUM_AT(type, t) bpf_core_field_offset(struct type, ns.inum)
#else
#define INUM_AT(type, t) inum_at[t]

SEC("syscall") /* run once, before the others are attached */
int find_numbers(void *ctx)
{
	inum_at[EVNS_MNT] = bpf_core_field_offset(struct mnt_namespace, ns.inum);
	inum_at[EVNS_NET] = bpf_core_field_offset(struct net, ns.inum);
	inum_at[EVNS_PID] = bpf_core_field_offset(struct pid_namespace, ns.inum);
	inum_at[EVNS_UTS] = bpf_core_field_offset(struct uts_namespace, ns.inum);
	inum_at[EVNS_IPC] = bpf_core_field_offset(struct ipc_namespace, ns.inum);
	inum_at[EVNS_USER] = bpf_core_field_offset(struct user_namespace, ns.inum);
	inum_at[EVNS_CGROUP] = bpf_core_field_offset(struct cgroup_namespace, ns.inum);
	inum_at[EVNS_TIME] = bpf_core_field_offset(struct time_namespace, ns.inum);
	return 0;
}
#endif

static __always_inline __u32 read_inum(const void *ns, __u16 at)
{
	__u32 inum = 0;

	bpf_probe_read_kernel(&inum, sizeof(inum), (const char *)ns + at);
	return inum;
}

/* The namespaces of some types. of_children: those that only children will be in, as unshare changes them. */
#define DEFINE_READ_NAMESPACES(name, READ) \
	static __noinline void name(struct nsproxy *p, struct task_struct *task, __u64 which, int of_children, __u32 *ns) \
	{ \
\
		if (which & NEW_MNT) \
			ns[EVNS_MNT] = read_inum(READ(p, mnt_ns), INUM_AT(mnt_namespace, EVNS_MNT)); \
		if (which & NEW_NET) \
			ns[EVNS_NET] = read_inum(READ(p, net_ns), INUM_AT(net, EVNS_NET)); \
		if (which & NEW_UTS) \
			ns[EVNS_UTS] = read_inum(READ(p, uts_ns), INUM_AT(uts_namespace, EVNS_UTS)); \
		if (which & NEW_IPC) \
			ns[EVNS_IPC] = read_inum(READ(p, ipc_ns), INUM_AT(ipc_namespace, EVNS_IPC)); \
		if (which & NEW_CGROUP) \
			ns[EVNS_CGROUP] = read_inum(READ(p, cgroup_ns), INUM_AT(cgroup_namespace, EVNS_CGROUP)); \
		if (which & NEW_USER) \
			ns[EVNS_USER] = read_inum(BPF_CORE_READ(task, real_cred, user_ns), INUM_AT(user_namespace, EVNS_USER)); \
		if (which & NEW_PID) \
			ns[EVNS_PID] = read_inum(READ(p, pid_ns_for_children), INUM_AT(pid_namespace, EVNS_PID)); \
		if (which & NEW_TIME && bpf_core_field_exists(p->time_ns)) \
			ns[EVNS_TIME] = read_inum(of_children ? READ(p, time_ns_for_children) : READ(p, time_ns), \
						  INUM_AT(time_namespace, EVNS_TIME)); \
	}
DEFINE_READ_NAMESPACES(read_namespaces, READ)
DEFINE_READ_NAMESPACES(read_strangers, BPF_CORE_READ)

/* The PID namespace that a task is in itself. */
static __noinline __u32 own_pidns(struct pid *pid)
{
	__u32 level = BPF_CORE_READ(pid, level);
	const char *numbers = (const char *)pid + bpf_core_field_offset(struct pid, numbers);
	struct pid_namespace *ns = 0;

	bpf_probe_read_kernel(&ns, sizeof(ns),
			      numbers + level * bpf_core_type_size(struct upid) + bpf_core_field_offset(struct upid, ns));
	return read_inum(ns, INUM_AT(pid_namespace, EVNS_PID));
}

static __always_inline __u64 cgroup_id(struct task_struct *task)
{
	struct css_set *set = (struct css_set *)BPF_CORE_READ(task, cgroups);
	struct cgroup_subsys_state *state = 0;

	if (cgroup_subsys < 0)
		return BPF_CORE_READ(set, dfl_cgrp, kn, id);
	bpf_probe_read_kernel(&state, sizeof(state),
			      (const char *)set + bpf_core_field_offset(struct css_set, subsys) + cgroup_subsys * sizeof(state));
	return BPF_CORE_READ(state, cgroup, kn, id);
}

/* A task's number at each level, behind those that are there; how many there are then. */
static __noinline __u32 put_numbers(struct event_upid *nr, __u32 at, struct pid *pid, __u32 levels)
{
	const char *numbers = (const char *)pid + bpf_core_field_offset(struct pid, numbers);

	__u64 size = levels * sizeof(*nr);

	at &= EVREC_NUMBERS_MASK;
	barrier_var(size);
	if (size <= REC_MAX_LEVELS * sizeof(*nr))
		bpf_probe_read_kernel(&nr[at], size, numbers);
	return at + levels;
}

static __noinline struct file *file_of(struct task_struct *task, __u32 fd)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd), *file = 0;

	if (fd < BPF_CORE_READ(table, max_fds))
		bpf_probe_read_kernel(&file, sizeof(file), &files[fd]);
	return file;
}

#endif
