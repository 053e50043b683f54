// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Without BPF: whether an address or port may be reused, asked of a copy of the holder's descriptor. pidfd_getfd(2) (5.6) takes the right to
 * attach to the process (PTRACE_MODE_ATTACH_REALCREDS, so that Yama may refuse it), and does not stop it: one more reference of the open
 * file is taken (pidfd_getfd, kernel/pid.c). While we have it, a few microseconds, a close() of the holder's is not yet the last one
 * (fput, fs/file_table.c): the socket then ends with ours. Nothing but options is read through it.
 */
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "collect/net.h"
#include "collect/nsfs.h"

static void ask(int fd, int level, int option, uint64_t flag, struct snap_socket *x)
{
	int value;
	socklen_t len = sizeof(value);

	if (x->known & flag || getsockopt(fd, level, option, &value, &len))
		return;
	x->known |= flag;
	x->flags |= value ? flag : 0;
}

/* What can't be had stays unknown. A descriptor that is another file by now tells nothing of this socket. */
static void ask_all(const struct snap_socket_fd *f, struct snap_socket *x)
{
	CLEAN_FD int pidfd = nsfs_pidfd_open(f->tid, f->tid != f->pid);
	CLEAN_FD int fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, (int)f->fd, 0);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || !S_ISSOCK(st.st_mode) || st.st_ino != x->ino)
		return;
	ask(fd, SOL_SOCKET, SO_REUSEADDR, SOCKF_REUSEADDR, x);
	ask(fd, SOL_SOCKET, SO_REUSEPORT, SOCKF_REUSEPORT, x);
	if (x->family == ADDR_INET6)
		ask(fd, IPPROTO_IPV6, IPV6_V6ONLY, SOCKF_V6ONLY, x);
}

void net_options(struct net_tour *n)
{
	struct idmap fds = { 0 };

	for (uint32_t i = 0; i < n->pass.n_fds; i++)
		idmap_add(&fds, n->pass.fds[i].fd.ino, i);
	for (size_t i = 0; i < n->s->n_sockets; i++) {
		struct snap_socket *x = &n->s->sockets[i];
		uint32_t k = x->ino && sock_is_ip(x) && !(x->known & SOCKF_REUSEADDR) ? idmap_get(&fds, x->ino) : IDMAP_NONE;

		if (k != IDMAP_NONE)
			ask_all(&n->pass.fds[k].fd, x);
	}
	idmap_done(&fds);
}
