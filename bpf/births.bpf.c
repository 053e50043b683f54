/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Births and deaths of tasks in nested PID namespaces. Nobody is woken (a wakeup costs the forking process 12 us): the reader looks
 * when it needs to know, and what the ring has no room for is counted.
 */
#include "core.h"
#include "records.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 22);
} births SEC(".maps");

__u32 lost;

static void put(struct birth_rec *r, __u32 size)
{
	if (bpf_ringbuf_output(&births, r, size, BPF_RB_NO_WAKEUP))
		__sync_fetch_and_add(&lost, 1);
}

static void read_levels(struct birth_rec *r, struct pid *pid, __u32 level)
{
	const __u32 size = bpf_core_type_size(struct upid);
	const char *numbers = (const char *)pid + bpf_core_field_offset(struct pid, numbers);

	for (__u32 i = 0; i < REC_MAX_LEVELS; i++) {
		struct pid_namespace *ns = (void *)0;

		barrier_var(i); /* see tasks.bpf.c */
		if (i > level)
			break;
		bpf_probe_read_kernel(&r->at[i].nr, sizeof(r->at[i].nr),
				      numbers + i * size + bpf_core_field_offset(struct upid, nr));
		bpf_probe_read_kernel(&ns, sizeof(ns), numbers + i * size + bpf_core_field_offset(struct upid, ns));
		r->at[i].pidns = BPF_CORE_READ(ns, ns.inum);
	}
	r->levels = level + 1;
}

SEC("tp_btf/sched_process_fork") /* (parent, child); the child has its pid, and has not run yet */
int born(__u64 *ctx)
{
	struct task_struct *child = (void *)ctx[1];
	struct pid *pid = BPF_CORE_READ(child, thread_pid);
	__u32 level = BPF_CORE_READ(pid, level);
	struct birth_rec r = {};

	if (!level)
		return 0;
	if (level >= REC_MAX_LEVELS)
		level = REC_MAX_LEVELS - 1;
	r.kind = REC_BORN;
	r.tid = BPF_CORE_READ(child, pid);
	r.time = BPF_CORE_READ(child, start_boottime);
	read_levels(&r, pid, level);

	__u32 size = __builtin_offsetof(struct birth_rec, at) + r.levels * sizeof(r.at[0]);

	if (size <= sizeof(r))
		put(&r, size);
	return 0;
}

static void put_death(__u32 tid)
{
	struct birth_rec r = { .kind = REC_DIED, .tid = tid, .time = bpf_ktime_get_ns() };

	put(&r, __builtin_offsetof(struct birth_rec, at));
}

/* A process is dead when its last thread is (do_exit(), kernel/exit.c, has counted this one already), whichever that was. */
SEC("tp_btf/sched_process_exit")
int died(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	__u32 tid = BPF_CORE_READ(task, pid), tgid = BPF_CORE_READ(task, tgid);
	struct pid *pid = BPF_CORE_READ(task, thread_pid);

	if (!BPF_CORE_READ(pid, level))
		return 0;
	if (tid != tgid)
		put_death(tid);
	if (!BPF_CORE_READ(task, signal, live.counter))
		put_death(tgid);
	return 0;
}
