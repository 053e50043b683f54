/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Inside of events.bpf.c: bind, listen, socket. */
#ifndef NSKIT_BPF_EVENT_SOCK_H
#define NSKIT_BPF_EVENT_SOCK_H

#include "event_call.h"

/* Was the call's beginning seen? Asked once. */
static __always_inline __u16 entered(struct task_struct *task)
{
	struct before *b = end_call(task);
	__u16 flags = b ? EVREC_ENTERED : 0;

	forget_call(b);
	return flags;
}

static __always_inline void clear_sock(struct sock_event_rec *r, const struct who *w)
{
	struct nsproxy *ns = w->ns;

	r->fd = r->backlog = 0;
	r->is_socket = r->family = r->type = r->protocol = r->socket_netns = r->lport = 0;
	r->addr_len = r->addr_read = r->pad = 0;
	r->netns = read_inum(READ(ns, net_ns), INUM_AT(net, EVNS_NET));
}

/* What a socket is; NULL: the fd is none. */
static __noinline struct sock *read_socket(struct sock_event_rec *r, const struct who *w, int fd)
{
	struct file *file = file_of(w->task, fd);
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct socket *socket = BPF_CORE_READ(file, private_data);
	struct sock *sk = BPF_CORE_READ(socket, sk);

	r->fd = fd;
	if (!file || (BPF_CORE_READ(inode, i_mode) & TYPE_MASK) != SOCKET)
		return 0;
	r->is_socket = 1;
	r->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	r->type = BPF_CORE_READ(sk, sk_type);
	r->protocol = BPF_CORE_READ(sk, sk_protocol);
	r->socket_netns = read_inum(BPF_CORE_READ(sk, __sk_common.skc_net.net), INUM_AT(net, EVNS_NET));
	return sk;
}

/* As much of the address as was given and can be read. */
static __always_inline void read_address(struct sock_event_rec *r, const void *addr, int len)
{
	__u64 n = len < 0 ? 0 : len > EVREC_MAX_ADDR ? EVREC_MAX_ADDR : len;

	r->addr_len = len;
	barrier_var(n); /* or the compiler knows what the verifier then does not see */
	if (n <= EVREC_MAX_ADDR && !bpf_probe_read_user(r->addr, n, addr))
		r->addr_read = n;
	else if (n > 16 && !bpf_probe_read_user(r->addr, 16, addr)) /* the rest may be beyond the last page */
		r->addr_read = 16;
}

static __always_inline int put_sock(const struct who *w, union record *r)
{
	if (is_asked_for(w, &r->head) || (only_targets && (!only_ppid || r->head.ppid == only_ppid) &&
					  bpf_map_lookup_elem(&target_namespaces, &r->sock.socket_netns)))
		put(&r->head, __builtin_offsetof(struct sock_event_rec, nr), put_own_numbers(&r->head, r->sock.nr, w));
	return 0;
}

static __always_inline int bind_ends(struct sys_exit *ctx, const struct who *w)
{
	__u16 flags = entered(w->task);
	union record *r = new_record();

	if (!r || (errors_only && ctx->ret >= 0))
		return 0;
	fill_head(&r->head, w, EVREC_BIND, ctx->ret);
	r->head.flags = flags;
	clear_sock(&r->sock, w);
	read_socket(&r->sock, w, argument(ctx, 0));
	if (r->sock.family == FAMILY_NETLINK)
		return 0;
	read_address(&r->sock, (const void *)argument(ctx, 1), argument(ctx, 2));
	return put_sock(w, r);
}

/* Where a socket is bound, as an address. */
static __always_inline void read_bound(struct sock_event_rec *r, struct sock *sk)
{
	r->lport = BPF_CORE_READ(sk, __sk_common.skc_num);
	if (r->family == FAMILY_INET) {
		bpf_probe_read_kernel(r->addr, 4, &sk->__sk_common.skc_rcv_saddr);
		r->addr_read = 4;
	} else if (r->family == FAMILY_INET6) {
		bpf_probe_read_kernel(r->addr, 16, &sk->__sk_common.skc_v6_rcv_saddr);
		r->addr_read = 16;
	} else if (r->family == FAMILY_UNIX) {
		struct unix_address *addr = BPF_CORE_READ((struct unix_sock *)sk, addr);
		__u32 n = BPF_CORE_READ(addr, len);

		r->lport = 0;
		if (addr && n && n <= EVREC_MAX_ADDR && !bpf_probe_read_kernel(r->addr, n, &addr->name))
			r->addr_read = n;
	}
}

static __always_inline int listen_ends(struct sys_exit *ctx, const struct who *w)
{
	__u16 flags = entered(w->task);
	union record *r = new_record();
	struct sock *sk;

	if (!r || (errors_only && ctx->ret >= 0))
		return 0;
	fill_head(&r->head, w, EVREC_LISTEN, ctx->ret);
	r->head.flags = flags;
	clear_sock(&r->sock, w);
	sk = read_socket(&r->sock, w, argument(ctx, 0));
	r->sock.backlog = argument(ctx, 1);
	if (sk)
		read_bound(&r->sock, sk);
	return put_sock(w, r);
}

static __always_inline int socket_ends(struct sys_exit *ctx, const struct who *w)
{
	__u16 flags = entered(w->task);
	union record *r = new_record();

	if (!r || ctx->ret >= 0)
		return 0;
	fill_head(&r->head, w, EVREC_SOCKET, ctx->ret);
	r->head.flags = flags;
	clear_sock(&r->sock, w);
	r->sock.family = argument(ctx, 0);
	r->sock.type = argument(ctx, 1);
	r->sock.protocol = argument(ctx, 2);
	return put_sock(w, r);
}

#endif
