/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* CPU time and memory of all threads: an iterator (5.8). */
#include "core.h"
#include "records.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* MM_FILEPAGES, MM_ANONPAGES and MM_SHMEMPAGES of include/linux/mm_types_task.h; 2 is what was swapped out. */
static __always_inline __u64 resident_pages(struct mm_struct *mm)
{
	__s64 sum = 0;

	if (bpf_core_type_exists(struct mm_rss_stat)) {
		struct mm_struct___old *old = (void *)mm;

		sum = BPF_CORE_READ(old, rss_stat.count[0]) + BPF_CORE_READ(old, rss_stat.count[1]) +
		      BPF_CORE_READ(old, rss_stat.count[3]);
	} else {
		sum = BPF_CORE_READ(mm, rss_stat[0].count) + BPF_CORE_READ(mm, rss_stat[1].count) +
		      BPF_CORE_READ(mm, rss_stat[3].count);
	}
	return sum < 0 ? 0 : sum;
}

SEC("iter/task")
int usage(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct usage_rec r = {};
	struct mm_struct *mm;

	if (!task)
		return 0;
	r.tid = task->pid;
	r.pid = task->tgid;
	r.cpu = task->se.sum_exec_runtime;
	if (r.tid == r.pid) {
		mm = BPF_CORE_READ(task, mm);
		r.cpu += BPF_CORE_READ(task, signal, sum_sched_runtime);
		if (mm)
			r.rss = resident_pages(mm);
	}
	bpf_seq_write(ctx->meta->seq, &r, sizeof(r));
	return 0;
}
