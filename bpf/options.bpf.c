/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Options of sockets that no file descriptor leads to (TIME_WAIT, left alone, not yet accepted, the kernel's own): iterators over
 * the TCP and UDP sockets of the network namespace of who opens them (5.9). Once sock_diag has told of a socket, its cookie is
 * set.
 */
#include "core.h"
#include "records.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* A struct inet_timewait_sock begins with a struct sock_common as well, which holds its tw_reuse and tw_reuseport. */
static __attribute__((always_inline)) inline int tell(struct seq_file *seq, const struct sock_common *sk)
{
	struct option_rec r = { .cookie = BPF_CORE_READ(sk, skc_cookie.counter) };

	if (!r.cookie)
		return 0;
	if (BPF_CORE_READ_BITFIELD_PROBED(sk, skc_reuse))
		r.bits |= SOCKREC_REUSEADDR;
	if (BPF_CORE_READ_BITFIELD_PROBED(sk, skc_reuseport))
		r.bits |= SOCKREC_REUSEPORT;
	if (BPF_CORE_READ_BITFIELD_PROBED(sk, skc_ipv6only))
		r.bits |= SOCKREC_V6ONLY;
	bpf_seq_write(seq, &r, sizeof(r));
	return 0;
}

SEC("iter/tcp")
int tcp_options(struct bpf_iter__tcp *ctx)
{
	const struct sock_common *sk = ctx->sk_common;

	return sk ? tell(ctx->meta->seq, sk) : 0;
}

SEC("iter/udp")
int udp_options(struct bpf_iter__udp *ctx)
{
	const struct sock_common *sk = (const struct sock_common *)ctx->udp_sk;

	return sk ? tell(ctx->meta->seq, sk) : 0;
}
