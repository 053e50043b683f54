// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TCP sockets that are bound and no more, where the kernel does not list them (before 6.8, tcp_diag's TCPF_BOUND_INACTIVE): the pass over
 * all descriptors has seen that they have a port; what they are bound to is asked of a copy.
 */
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "collect/net.h"
#include "collect/nsfs.h"

enum { SO_BINDTOIFINDEX_ = 62, SO_COOKIE_ = 57, PROTO_MPTCP = 262 };

static bool kernel_lists_them(const struct snap *s)
{
	return !s->head.kernel || snap_since(s, 6, 8);
}

static int number_of(int fd, int option)
{
	int value;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &len) ? -1 : value;
}

static bool is_tcp(int fd, uint64_t ino)
{
	int protocol = number_of(fd, SO_PROTOCOL);
	struct stat st;

	return !fstat(fd, &st) && st.st_ino == ino && (protocol == IPPROTO_TCP || protocol == PROTO_MPTCP);
}

static void take_name(struct net_tour *n, int fd, struct snap_socket *x)
{
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} name = { 0 };
	socklen_t len = sizeof(name);

	if (getsockname(fd, &name.any, &len))
		return;
	if (name.any.sa_family == AF_INET6) {
		x->family = ADDR_INET6;
		x->addr = intern_addr(&n->in, AF_INET6, &name.six.sin6_addr);
		x->port = ntohs(name.six.sin6_port);
	} else if (name.any.sa_family == AF_INET) {
		x->family = ADDR_INET;
		x->addr = intern_addr(&n->in, AF_INET, &name.four.sin_addr);
		x->port = ntohs(name.four.sin_port);
	}
}

/* 0, or -errno: it may be there, and can't be seen. */
static int take(struct net_tour *n, const struct seen_fd *f)
{
	CLEAN_FD int pidfd = nsfs_pidfd_open(f->fd.tid, f->fd.tid != f->fd.pid);
	CLEAN_FD int fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, (int)f->fd.fd, 0);
	struct snap_socket x = { .ns = f->fd.ns,
				 .netid = NETID_TCP,
				 .state = STATE_BOUND,
				 .ino = f->fd.ino,
				 .mark = OPT_NONE,
				 .expires_ms = OPT_NONE,
				 .ifindex = OPT_NONE,
				 .known = f->known,
				 .flags = f->flags };
	socklen_t len = sizeof(x.cookie);
	struct stat st;
	int device;

	if (fd < 0)
		return errno == ESRCH || errno == EBADF ? 0 : -errno;
	if (!is_tcp(fd, f->fd.ino))
		return 0;
	take_name(n, fd, &x);
	if (!x.addr || !x.port || !(n->sockets.families >> x.family & 1))
		return 0;
	device = number_of(fd, SO_BINDTOIFINDEX_);
	x.ifindex = device > 0 ? device : OPT_NONE;
	x.uid = fstat(fd, &st) ? 0 : st.st_uid;
	getsockopt(fd, SOL_SOCKET, SO_COOKIE_, &x.cookie, &len);
	*ARRAY_ADD(n->s, sockets) = x;
	return 0;
}

static void count(struct net_tour *n, uint32_t inum)
{
	struct snap_ns *ns = snap_find_ns(n->s, NS_NET, inum);

	if (ns && OPT_VALUE(ns->sockets))
		ns->sockets++;
}

static bool is_of_interest(const struct net_tour *n, const struct seen_fd *f)
{
	const struct snap_ns *ns =
		f->bound && net_in_range(&n->sockets.ports, f->bound) ? snap_find_ns(n->s, NS_NET, f->fd.ns) : NULL;

	return ns && net_is_chosen(n, (uint32_t)(ns - n->s->namespaces));
}

/* Of those of UDP all are listed. */
static void take_all(struct net_tour *n)
{
	struct idmap known = { 0 };

	for (size_t i = 0; i < n->s->n_sockets; i++)
		if (n->s->sockets[i].ino)
			idmap_add(&known, n->s->sockets[i].ino, 1);
	for (size_t i = 0; i < n->pass.n_fds; i++) {
		const struct seen_fd *f = &n->pass.fds[i];
		size_t before = n->s->n_sockets;
		int err;

		if (!is_of_interest(n, f) || idmap_add(&known, f->fd.ino, 2) != 2)
			continue;
		idmap_set(&known, f->fd.ino, 1);
		err = take(n, f);
		if (err)
			snap_add_gap(n->s, NET_BOUND_GAP, -err, "pidfd_getfd(2), 5.6, or Linux 6.8");
		if (n->s->n_sockets > before)
			count(n, f->fd.ns);
	}
	idmap_done(&known);
}

void net_bound(struct net_tour *n)
{
	if (!(n->wants & WANT_SOCKETS) || !(n->sockets.netids & 1u << NETID_TCP) || !(n->sockets.states & 1u << STATE_BOUND) ||
	    kernel_lists_them(n->s))
		return;
	if (n->pass.complete)
		take_all(n);
	else
		snap_add_gap(n->s, NET_BOUND_GAP, 0, "Linux 6.8, or CAP_BPF and CAP_PERFMON");
}
