/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Inside of events.bpf.c: what a program is called with, and the calls that are under way. */
#ifndef NSKIT_BPF_EVENT_CALL_H
#define NSKIT_BPF_EVENT_CALL_H

#include "event_put.h"

struct sys_enter { /* struct syscall_tp_t, kernel/trace/trace_syscalls.c */
	__u64 common;
	int nr, pad;
	unsigned long first;
};

struct sys_exit {
	__u64 common;
	int nr, pad;
	long ret;
};

/* A call under way: what will be gone when it returns. */
struct before {
	__u64 start; /* of the task: a thread id may have been another's. 0: there is no call */
	__u64 flags;
	__u32 compared, wanted_how, wanted_pid, pad;
	__u32 from[EVNS_TYPES], wanted[EVNS_TYPES];
};

#ifdef NSKIT_OLD_KERNEL
/* Nothing is left behind in it: between a call's beginning and its end no task dies (do_exit is reached from neither). */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, struct before);
} under_way SEC(".maps");
#else
/* In the task itself, and gone with it. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct before);
} under_way SEC(".maps");
#endif

/* The room for a call under way: of one that begins, or of one that ends and began while we looked; NULL. */
static __always_inline struct before *begin_call(struct task_struct *task)
{
#ifdef NSKIT_OLD_KERNEL
	__u32 tid = bpf_get_current_pid_tgid();
	struct before none = {};

	bpf_map_update_elem(&under_way, &tid, &none, 0);
	return bpf_map_lookup_elem(&under_way, &tid);
#else
	return bpf_task_storage_get(&under_way, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
#endif
}

static __always_inline struct before *end_call(struct task_struct *task)
{
#ifdef NSKIT_OLD_KERNEL
	__u32 tid = bpf_get_current_pid_tgid();
	struct before *b = bpf_map_lookup_elem(&under_way, &tid);
#else
	struct before *b = bpf_task_storage_get(&under_way, task, 0, 0);
#endif
	return b && b->start && b->start == READ(task, start_boottime) ? b : 0;
}

static __always_inline void forget_call(struct before *b)
{
#ifdef NSKIT_OLD_KERNEL
	__u32 tid = bpf_get_current_pid_tgid();

	bpf_map_delete_elem(&under_way, &tid);
#else
	if (b)
		b->start = 0;
#endif
}

#endif
