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

/* What lies before the addresses and lists of a struct sock_common, and all of it that is read here. */
struct head {
	char bytes[64];
};

/*
 * One copy in the place of seven: each costs what it takes to call, whatever its size, and there is one per field and socket.
 * A kernel that has a field further behind refuses the program, for it would be read from beyond the stack.
 */
static void read_common(struct sock_rec *r, const struct sock *sk)
{
	struct head head;
	const struct sock_common *c = (const struct sock_common *)&head;

	if (bpf_probe_read_kernel(&head, sizeof(head), sk))
		return;
	barrier_var(c); /* or the compiler reads what it thinks it knows of the layout */
	r->netns = BPF_CORE_READ(c->skc_net.net, ns.inum);
	r->family = c->skc_family;
	r->state = c->skc_state;
	if (r->family != INET && r->family != INET6)
		return;
	r->port = c->skc_num;
	if (BPF_CORE_READ_BITFIELD(c, skc_reuse))
		r->bits |= SOCKREC_REUSEADDR;
	if (BPF_CORE_READ_BITFIELD(c, skc_reuseport))
		r->bits |= SOCKREC_REUSEPORT;
	if (BPF_CORE_READ_BITFIELD(c, skc_ipv6only))
		r->bits |= SOCKREC_V6ONLY;
}

static void read_inet(struct sock_rec *r, const struct sock *sk)
{
	/* struct tcp_sock begins with a struct inet_connection_sock, which begins with the socket. */
	const struct inet_connection_sock *icsk = (const struct inet_connection_sock *)sk;

	if (BPF_CORE_READ(sk, sk_protocol) == MPTCP)
		r->bits |= SOCKREC_MPTCP;
	if (r->state == LISTEN && BPF_CORE_READ(icsk, icsk_accept_queue.qlen.counter) > 0)
		r->bits |= SOCKREC_HALF_OPEN;
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

	struct socket *socket = file->private_data;
	struct sock *sk = BPF_CORE_READ(socket, sk);

	r.ino = BPF_CORE_READ(inode, i_ino);
	r.pid = task->tgid;
	r.tid = task->pid;
	r.fd = ctx->fd;
	if (sk)
		read_common(&r, sk);
	if (r.family == INET || r.family == INET6)
		read_inet(&r, sk);
	if (r.family == UNIX && bpf_core_field_exists(struct unix_sock___queue, scm_stat)) /* 5.7 */
		r.carries = BPF_CORE_READ((struct unix_sock___queue *)sk, scm_stat.nr_fds.counter);
	bpf_seq_write(ctx->meta->seq, &r, sizeof(r));
	return 0;
}
