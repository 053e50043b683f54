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

enum { CHUNK = 8 }; /* levels at a time: what the stack has room for */

/* Is struct upid what records.h says? Known when the program is loaded, so that the verifier drops the other case. */
static __always_inline int knows_upid(void)
{
	return bpf_core_type_size(struct upid) == sizeof(struct level_rec) && !bpf_core_field_offset(struct upid, nr) &&
	       bpf_core_field_offset(struct upid, ns) == __builtin_offsetof(struct level_rec, ns);
}

/* Copied as they lie: read one by one, the verifier follows each of the 33, which is 1 ms of the 5 that loading takes. */
static __always_inline void write_levels(struct seq_file *seq, const char *numbers, __u64 levels)
{
	struct level_rec chunk[CHUNK];

	for (__u64 done = 0; done < REC_MAX_LEVELS; done += CHUNK) {
		/* Hide both from the compiler, or it compares something else than it uses, which verifiers (6.1) cannot bound. */
		barrier_var(done);
		if (done >= levels)
			break;

		__u64 size = (levels - done) * sizeof(chunk[0]);

		barrier_var(size);
		if (size > sizeof(chunk))
			size = sizeof(chunk);
		if (bpf_probe_read_kernel(chunk, size, numbers + done * sizeof(chunk[0])))
			break;
		bpf_seq_write(seq, chunk, size);
	}
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

	const char *numbers = (const char *)pid + bpf_core_field_offset(struct pid, numbers);
	__u32 level = BPF_CORE_READ(pid, level);
	struct pid_namespace *ns = NULL;

	if (level >= REC_MAX_LEVELS)
		level = REC_MAX_LEVELS - 1;
	bpf_probe_read_kernel(&ns, sizeof(ns),
			      numbers + level * sizeof(struct level_rec) + __builtin_offsetof(struct level_rec, ns));
	r.pidns = BPF_CORE_READ(ns, ns.inum);
	r.levels = knows_upid() ? level + 1 : 0;
	bpf_seq_write(seq, &r, sizeof(r));
	write_levels(seq, numbers, r.levels);
	return 0;
}
