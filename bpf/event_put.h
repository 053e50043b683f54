/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Inside of events.bpf.c: what was asked for, the maps, and how a record is put together and handed over. */
#ifndef NSKIT_BPF_EVENT_PUT_H
#define NSKIT_BPF_EVENT_PUT_H

#include "event_read.h"

/* What nobody asked for: branches on these are gone when the program is loaded. */
const volatile __u32 own_tgid = 0; /* whose calls are no events: the tool's */
const volatile __u32 errors_only = 0;
const volatile __u32 only_ppid = 0;
const volatile __u32 only_targets = 0; /* what is in none of the three maps is not sent */
const volatile __u32 want_clone = 0, want_fork = 0;
const volatile __u32 few_lives =
	0; /* of births and deaths only those of processes, no more than there is room for, and they wake nobody */

/* The numbers of the calls, which differ between architectures. */
const volatile __s32 nr_setns = 0, nr_unshare = 0, nr_clone = 0, nr_clone3 = 0, nr_bind = 0, nr_listen = 0;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 23);
} events SEC(".maps");

/* Targets, by the host's pid or tid, a cgroup's id, a namespace's number. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u32);
} target_tasks SEC(".maps"), target_namespaces SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u32);
} target_cgroups SEC(".maps");

/* Records are put together here: with 33 levels they are larger than a stack. No program of ours interrupts another on its CPU. */
union record {
	struct event_head head;
	struct ns_event_rec ns;
	struct sock_event_rec sock;
	struct life_event_rec life;
};
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, union record);
} scratch SEC(".maps");

__u64 lost[EVREC_KINDS];
__u32 resting;        /* the reader sleeps until it is woken */
__s32 lives_room;     /* few_lives: so many more births and deaths may be sent */
__u32 lives_withheld; /* there was no room for one */

static __always_inline union record *new_record(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&scratch, &zero);
}

static __always_inline int is_own(void)
{
	return (bpf_get_current_pid_tgid() >> 32) == own_tgid;
}

static __noinline void fill_head(struct event_head *h, const struct who *w, __u16 kind, __s32 ret)
{
	__u64 id = bpf_get_current_pid_tgid();

	h->kind = kind;
	h->flags = 0;
	h->ret = ret;
	h->time = bpf_ktime_get_ns();
	h->cgroup = cgroup_id(w->task);
	h->pid = id >> 32;
	h->tid = id;
	h->ppid = w->ppid;
	h->uid = w->uid;
	bpf_get_current_comm(h->comm, sizeof(h->comm));
	h->child_levels = 0;
}

/* The task's numbers, behind a record's fixed part; how many. */
static __noinline __u32 put_own_numbers(struct event_head *h, struct event_upid *nr, const struct who *w)
{
	struct task_struct *task = w->task;
	__u32 n;

	h->levels = w->levels;
	n = put_numbers(nr, 0, w->pid, h->levels);
	if (h->pid != h->tid)
		n = put_numbers(nr, n, BPF_CORE_READ(task, group_leader, thread_pid), h->levels);
	return n;
}

/* Is one of these namespaces a target? members: one whose members are meant, not only those who come and go. */
static __noinline int any_target_ns(const __u32 *ns, __u32 members)
{
	for (int t = 0; t < EVNS_TYPES; t++) {
		__u32 *found = ns[t] ? bpf_map_lookup_elem(&target_namespaces, &ns[t]) : 0;

		if (found && *found >= members)
			return 1;
	}
	return 0;
}

static __noinline int is_task_target(const struct who *w, const struct event_head *h)
{
	struct task_struct *task = w->task;
	__u32 ns[EVNS_TYPES] = {};

	if (bpf_map_lookup_elem(&target_tasks, &h->pid) || bpf_map_lookup_elem(&target_tasks, &h->tid) ||
	    bpf_map_lookup_elem(&target_cgroups, &h->cgroup))
		return 1;
	read_strangers(BPF_CORE_READ(task, nsproxy), task, NEW_ANY & ~NEW_PID, 0, ns);
	ns[EVNS_PID] = own_pidns(w->pid);
	return any_target_ns(ns, 1);
}

static __always_inline int is_asked_for(const struct who *w, const struct event_head *h)
{
	if (only_ppid && h->ppid != only_ppid)
		return 0;
	return !only_targets || is_task_target(w, h);
}

/* Two at once may take more than there is: the room is a bound on what a storm costs, and no promise. */
static __always_inline int may_tell_life(void)
{
	if (!few_lives)
		return 1;
	if (lives_room <= 0) {
		lives_withheld = 1;
		return 0;
	}
	__sync_fetch_and_add(&lives_room, -1);
	return 1;
}

static __always_inline void put(const struct event_head *h, __u32 fixed, __u32 numbers)
{
	__u32 size = fixed + numbers * sizeof(struct event_upid);
	__u64 flags = BPF_RB_NO_WAKEUP;

	if (resting &&
	    !(few_lives && (h->kind == EVREC_FORK || h->kind == EVREC_EXIT))) { /* two at once wake twice, and that is all */
		resting = 0;
		flags = BPF_RB_FORCE_WAKEUP;
	}
	if (size > sizeof(union record) || bpf_ringbuf_output(&events, (void *)h, size, flags)) {
		if (h->kind < EVREC_KINDS)
			__sync_fetch_and_add(&lost[h->kind], 1);
	}
}

#endif
