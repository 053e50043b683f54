/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Open files that keep a namespace alive: an iterator over all fds of all tasks (5.8). A table that threads share with the first one
 * comes once, as the first one's (task_seq_get_next, kernel/bpf/task_iter.c); a socket in it keeps what that thread is not in.
 */
#include "core.h"
#include "records.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum {
	NSFS = 0x6e736673, /* NSFS_MAGIC, include/uapi/linux/magic.h */
	TYPE_MASK = 0170000,
	SOCKET = 0140000,
};

static __u32 ns_type(const struct ns_common *ns)
{
	if (bpf_core_field_exists(ns->ns_type))
		return BPF_CORE_READ(ns, ns_type);
	return BPF_CORE_READ(ns, ops, type);
}

SEC("iter/task_file")
int files(struct bpf_iter__task_file *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct file_rec r = {};

	if (!task || !file)
		return 0;

	struct inode *inode = BPF_CORE_READ(file, f_inode);

	if ((BPF_CORE_READ(inode, i_mode) & TYPE_MASK) == SOCKET) {
		struct socket *socket = BPF_CORE_READ(file, private_data);

		__u32 own = BPF_CORE_READ(task, nsproxy, net_ns, ns.inum);

		r.inum = BPF_CORE_READ(socket, sk, __sk_common.skc_net.net, ns.inum);
		if (!r.inum || !own || r.inum == own) /* 0: it is exiting */
			return 0;
		r.socket = BPF_CORE_READ(inode, i_ino);
	} else if (BPF_CORE_READ(inode, i_sb, s_magic) == NSFS) {
		const struct ns_common *ns = BPF_CORE_READ(inode, i_private);

		r.inum = BPF_CORE_READ(inode, i_ino);
		r.type = ns_type(ns);
	} else {
		return 0;
	}
	r.pid = BPF_CORE_READ(task, tgid);
	r.tid = BPF_CORE_READ(task, pid);
	r.fd = ctx->fd;
	bpf_seq_write(seq, &r, sizeof(r));
	return 0;
}
