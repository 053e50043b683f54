/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* All tasks of the host, with their namespaces and their pid at every level: an iterator (5.8). */
#include "core.h"
#include "records.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 all_threads = 0; /* else only those that may be in other namespaces than their process */

enum { PGID = 2, SID = 3 }; /* enum pid_type */

static __u32 first_nr(struct signal_struct *signal, int type)
{
	struct pid *pid = NULL;

	bpf_core_read(&pid, sizeof(pid), &signal->pids[type]);
	return pid ? BPF_CORE_READ(pid, numbers[0].nr) : 0;
}

/* By pointers, unlike all else (see core.h): it is 17 reads of a task's 38, 3 ms of 11 for 4,400 tasks, and costs 0.9 ms to load. */
static __always_inline void read_nsproxy(struct task_rec *r, struct nsproxy *p)
{
	r->mnt = p->mnt_ns->ns.inum;
	r->net = p->net_ns->ns.inum;
	r->uts = p->uts_ns->ns.inum;
	r->ipc = p->ipc_ns->ns.inum;
	r->cgroup = p->cgroup_ns->ns.inum;
	r->pid_for_children = p->pid_ns_for_children->ns.inum;
	if (bpf_core_field_exists(p->time_ns)) {
		r->time = p->time_ns->ns.inum;
		r->time_for_children = p->time_ns_for_children->ns.inum;
	}
}

/* The number at each level, and the namespace of the innermost, which is the task's own. */
static void read_levels(struct task_rec *r, struct pid *pid)
{
	struct upid u = {};
	__u32 level = BPF_CORE_READ(pid, level);
	const __u32 size = bpf_core_type_size(struct upid);
	const char *numbers = (const char *)pid + bpf_core_field_offset(struct pid, numbers);

	if (level >= REC_MAX_LEVELS)
		level = REC_MAX_LEVELS - 1;
	for (__u32 i = 0; i < REC_MAX_LEVELS; i++) {
		/* Hide i from the compiler, or it ends the loop by a counter of its own, which verifiers (6.1) cannot bound. */
		barrier_var(i);
		if (i > level)
			break;
		bpf_probe_read_kernel(&r->nr[i], sizeof(r->nr[i]), numbers + i * size + bpf_core_field_offset(struct upid, nr));
	}
	bpf_probe_read_kernel(&u.ns, sizeof(u.ns), numbers + level * size + bpf_core_field_offset(struct upid, ns));
	r->pidns = BPF_CORE_READ(u.ns, ns.inum);
	r->levels = level + 1;
}

SEC("iter/task")
int tasks(struct bpf_iter__task *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct task_struct *task = ctx->task;
	struct task_rec r = {};

	if (!task)
		return 0;
	r.tid = task->pid;
	r.pid = task->tgid;

	struct nsproxy *nsproxy = task->nsproxy; /* NULL once it is dying: exit_task_namespaces */

	if (r.tid != r.pid && !all_threads && nsproxy == BPF_CORE_READ(task, group_leader, nsproxy))
		return 0;
	if (nsproxy)
		read_nsproxy(&r, nsproxy);

	const struct cred *cred = BPF_CORE_READ(task, real_cred);
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	struct pid *pid = BPF_CORE_READ(task, thread_pid); /* NULL once it is reaped */

	r.user = BPF_CORE_READ(cred, user_ns, ns.inum);
	r.uid = BPF_CORE_READ(cred, euid.val);
	r.gid = BPF_CORE_READ(cred, egid.val);
	r.ppid = BPF_CORE_READ(task, real_parent, tgid);
	r.nthreads = BPF_CORE_READ(signal, nr_threads);
	r.pgid = first_nr(signal, PGID);
	r.sid = first_nr(signal, SID);
	r.flags = task->flags;
	r.exit_state = task->exit_state;
	r.start = task->start_boottime;
	r.cgroup_key = (__u64)BPF_CORE_READ(task, cgroups);
	bpf_core_read(&r.comm, sizeof(r.comm), &task->comm);
	if (!pid)
		return 0;
	read_levels(&r, pid);

	__u32 size = __builtin_offsetof(struct task_rec, nr) + r.levels * sizeof(r.nr[0]);

	if (size <= sizeof(r))
		bpf_seq_write(seq, &r, size);
	return 0;
}
