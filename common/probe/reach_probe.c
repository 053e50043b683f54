// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "probe/reach_probe.h"
#include "util/util.h"

static int enter(const struct reach_probe *p)
{
	CLEAN_FD int fd = open(p->netns, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || st.st_ino != p->ns)
		return -ESRCH;
	return setns(fd, CLONE_NEWNET) ? -errno : 0;
}

static socklen_t fill(const struct reach_probe *p, const uint8_t *addr, uint16_t port, struct sockaddr_storage *ss)
{
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_scope_id = addr ? p->scope : 0 };

	if (addr) {
		memcpy(&four.sin_addr, addr, 4);
		memcpy(&six.sin6_addr, addr, 16);
	}
	if (p->addr.family == 6)
		memcpy(ss, &six, sizeof(six));
	else
		memcpy(ss, &four, sizeof(four));
	return p->addr.family == 6 ? sizeof(six) : sizeof(four);
}

static int socket_error(int fd)
{
	socklen_t len = sizeof(int);
	int err = 0;

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) ? errno : err;
}

/* A byte, and whatever comes back: an answer, an ICMP error, or nothing, which proves nothing. */
static int ask_datagram(int fd, int wait_ms)
{
	struct pollfd poll_fd = { fd, POLLIN, 0 };
	char byte = 0;

	if (send(fd, &byte, 1, MSG_NOSIGNAL) < 0)
		return errno;
	if (poll(&poll_fd, 1, wait_ms) != 1)
		return -ENODATA;
	return recv(fd, &byte, 1, MSG_DONTWAIT) < 0 ? errno : 0;
}

static struct ipaddr name_of(int fd, uint16_t *port)
{
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} name = { .six = { 0 } };
	struct ipaddr a = { 0 };
	socklen_t len = sizeof(name);

	*port = 0;
	if (getsockname(fd, &name.any, &len))
		return a;
	a.family = name.any.sa_family == AF_INET6 ? 6 : 4;
	*port = ntohs(a.family == 6 ? name.six.sin6_port : name.four.sin_port);
	memcpy(a.bytes, a.family == 6 ? (const void *)&name.six.sin6_addr : &name.four.sin_addr, ipaddr_size(&a));
	return a;
}

static uint8_t protocol_of(const struct reach_probe *p)
{
	if (p->type == SOCK_DGRAM)
		return IPPROTO_UDP;
	return p->protocol == IPPROTO_SCTP ? IPPROTO_SCTP : IPPROTO_TCP;
}

/*
 * What its packets will look like, before the first of them can be dropped: a port is taken now, and a datagram socket that sends
 * nothing is told the address that the routes choose. Where there is no port left, the attempt itself is to say so.
 */
static void announce(const struct reach_probe *p, int fd, struct dropwatch *w)
{
	CLEAN_FD int guide = socket(p->addr.family == 6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct drops_flow flow = { .protocol = protocol_of(p), .server = p->addr, .server_port = p->port };
	struct sockaddr_storage ss;
	uint16_t other;

	if (!p->sport && bind(fd, (void *)&ss, fill(p, NULL, 0, &ss)))
		return;
	if (guide >= 0 && !connect(guide, (void *)&ss, fill(p, p->addr.bytes, p->port, &ss)))
		flow.client = name_of(guide, &other);
	name_of(fd, &flow.client_port);
	drops_expect(w, &flow);
}

static int ask(const struct reach_probe *p, struct dropwatch *w)
{
	CLEAN_FD int fd = socket(p->addr.family == 6 ? AF_INET6 : AF_INET, p->type | SOCK_CLOEXEC | SOCK_NONBLOCK, p->protocol);
	struct pollfd poll_fd = { fd, POLLOUT, 0 };
	struct sockaddr_storage ss;

	if (fd < 0)
		return -errno;
	if (p->sport && bind(fd, (void *)&ss, fill(p, NULL, p->sport, &ss)))
		return -errno;
	if (w)
		announce(p, fd, w);
	if (connect(fd, (void *)&ss, fill(p, p->addr.bytes, p->port, &ss)) && errno != EINPROGRESS)
		return errno;
	if (p->type == SOCK_DGRAM)
		return ask_datagram(fd, p->wait_ms);
	if (poll(&poll_fd, 1, p->wait_ms) != 1)
		return ETIMEDOUT;
	return socket_error(fd);
}

static int ask_in_child(const struct reach_probe *p, struct dropwatch *w)
{
	int pipe_fds[2], err = -EIO;
	pid_t child;

	if (pipe2(pipe_fds, O_CLOEXEC))
		return -errno;
	child = fork();
	if (!child) {
		err = enter(p);
		if (!err)
			err = ask(p, w);
		if (write(pipe_fds[1], &err, sizeof(err)) != (ssize_t)sizeof(err))
			err = -EIO;
		kill(getpid(), SIGKILL); /* nothing of its parent's is to be run on the way out */
	}
	close(pipe_fds[1]);
	if (child < 0)
		err = -errno;
	else if (read(pipe_fds[0], &err, sizeof(err)) != (ssize_t)sizeof(err))
		err = -EIO;
	close(pipe_fds[0]);
	if (child > 0)
		waitpid(child, NULL, 0);
	return err;
}

int reach_probe(const struct reach_probe *p, char *reason)
{
	struct dropwatch *w = drops_watch();
	int err = ask_in_child(p, w);

	*reason = '\0';
	if (w && (err > 0 || err == -ENODATA))
		drops_reason(w, reason);
	drops_done(w);
	return err;
}
