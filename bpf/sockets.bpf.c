/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Who has sockets open, in all network namespaces at once: an iterator over all fds of all tasks (5.8), see files.bpf.c. */
#include "core.h"
#include "records.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

enum { TYPE_MASK = 0170000, SOCKET = 0140000, LISTEN = 10, UNIX = 1, INET = 2, INET6 = 10, MPTCP = 262 };

struct scm_stat {
	atomic_t nr_fds;
} CORE;

struct unix_sock___queue {
	struct scm_stat scm_stat; /* file descriptors that wait to be received */
} CORE;

static __u8 options(const struct sock *sk)
{
	__u8 bits = 0;

	if (BPF_CORE_READ_BITFIELD_PROBED(sk, __sk_common.skc_reuse))
		bits |= SOCKREC_REUSEADDR;
	if (BPF_CORE_READ_BITFIELD_PROBED(sk, __sk_common.skc_reuseport))
		bits |= SOCKREC_REUSEPORT;
	if (BPF_CORE_READ_BITFIELD_PROBED(sk, __sk_common.skc_ipv6only))
		bits |= SOCKREC_V6ONLY;
	if (BPF_CORE_READ(sk, sk_protocol) == MPTCP)
		bits |= SOCKREC_MPTCP;
	return bits;
}

SEC("iter/task_file")
int sockets(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct sock_rec r = {};

	if (!task || !file)
		return 0;

	struct inode *inode = BPF_CORE_READ(file, f_inode);

	if ((BPF_CORE_READ(inode, i_mode) & TYPE_MASK) != SOCKET)
		return 0;

	struct socket *socket = BPF_CORE_READ(file, private_data);
	struct sock *sk = BPF_CORE_READ(socket, sk);

	r.ino = BPF_CORE_READ(inode, i_ino);
	r.pid = BPF_CORE_READ(task, tgid);
	r.tid = BPF_CORE_READ(task, pid);
	r.fd = ctx->fd;
	if (sk) {
		r.netns = BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
		r.family = BPF_CORE_READ(sk, __sk_common.skc_family);
		r.state = BPF_CORE_READ(sk, __sk_common.skc_state);
		if (r.family == INET || r.family == INET6) {
			r.port = BPF_CORE_READ(sk, __sk_common.skc_num);
			r.bits = options(sk);
			/* struct tcp_sock begins with a struct inet_connection_sock, which begins with the socket. */
			struct inet_connection_sock *icsk = (struct inet_connection_sock *)sk;

			if (r.state == LISTEN && BPF_CORE_READ(icsk, icsk_accept_queue.qlen.counter) > 0)
				r.bits |= SOCKREC_HALF_OPEN;
		}
	}
	if (r.family == UNIX && bpf_core_field_exists(struct unix_sock___queue, scm_stat)) /* 5.7 */
		r.carries = BPF_CORE_READ((struct unix_sock___queue *)sk, scm_stat.nr_fds.counter);
	bpf_seq_write(ctx->meta->seq, &r, sizeof(r));
	return 0;
}
