// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * serve [OPTION]... ADDR PORT: wait for connections (or, with -u, datagrams), answer each with a byte, and close it.
 *	-u UDP; -a SO_REUSEADDR; -p SO_REUSEPORT; -f IP_FREEBIND; -6 IPV6_V6ONLY; -d DEVICE; -b BACKLOG; -n never accept
 *	-c ADDR:PORT connect a UDP socket to it; -N FILE enter that network namespace after listening
 * Prints its pid once it listens, and lives until it is killed.
 *
 * serve -q [OPTION]... ADDR PORT: ask there: prints "ok", or the name of the errno; "ETIMEDOUT" where nothing came within -t ms (1500),
 * "EOF" where it was closed without a word. -s PORT: from that port. Without a byte from the server there is no ok.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../number.h"

struct options {
	bool ask, udp, reuseaddr, reuseport, freebind, v6only, never;
	int backlog, wait_ms;
	const char *device, *peer, *netns;
	int sport;
};

static void check(int failed, const char *what)
{
	if (failed) {
		fprintf(stderr, "serve: %s: %s\n", what, strerror(errno));
		exit(1);
	}
}

static socklen_t address(const char *text, int port, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		return sizeof(*v4);
	}
	check(inet_pton(AF_INET6, text, &v6->sin6_addr) != 1, text);
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((uint16_t)port);
	return sizeof(*v6);
}

static void set(int fd, int level, int option, const char *what)
{
	int one = 1;

	check(setsockopt(fd, level, option, &one, sizeof(one)), what);
}

static int make(const struct options *o, int family)
{
	int fd = socket(family, (o->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);

	check(fd < 0, "socket");
	if (o->reuseaddr)
		set(fd, SOL_SOCKET, SO_REUSEADDR, "SO_REUSEADDR");
	if (o->reuseport)
		set(fd, SOL_SOCKET, SO_REUSEPORT, "SO_REUSEPORT");
	if (o->freebind)
		set(fd, IPPROTO_IP, IP_FREEBIND, "IP_FREEBIND");
	if (o->v6only)
		set(fd, IPPROTO_IPV6, IPV6_V6ONLY, "IPV6_V6ONLY");
	if (o->device)
		check(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, o->device, (socklen_t)strlen(o->device)), o->device);
	return fd;
}

static void connect_peer(int fd, char *peer)
{
	struct sockaddr_storage a;
	char *colon = strrchr(peer, ':');

	check(!colon, "-c takes ADDR:PORT");
	*colon = '\0';
	check(connect(fd, (struct sockaddr *)&a, address(peer, (int)number(colon + 1), &a)), "connect");
}

static void answer(int fd, bool udp)
{
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	char byte;
	int one;

	if (udp) {
		if (recvfrom(fd, &byte, 1, 0, (struct sockaddr *)&from, &len) >= 0)
			sendto(fd, "x", 1, 0, (struct sockaddr *)&from, len);
		return;
	}
	one = accept(fd, NULL, NULL);
	if (one < 0)
		return;
	if (write(one, "x", 1) != 1)
		perror("serve: write");
	close(one);
}

static void serve(const struct options *o, const char *addr, int port)
{
	struct sockaddr_storage a;
	socklen_t len = address(addr, port, &a);
	int fd = make(o, a.ss_family);

	check(bind(fd, (struct sockaddr *)&a, len), "bind");
	if (!o->udp)
		check(listen(fd, o->backlog), "listen");
	if (o->peer)
		connect_peer(fd, (char *)(unsigned long)o->peer);
	if (o->netns) {
		int ns = open(o->netns, O_RDONLY | O_CLOEXEC);

		check(ns < 0 || setns(ns, CLONE_NEWNET), o->netns);
	}
	printf("%d\n", getpid());
	fflush(stdout);
	while (o->never)
		pause();
	for (;;)
		answer(fd, o->udp);
}

static const char *name(int err)
{
	return err == ETIMEDOUT || err == EAGAIN || err == EINPROGRESS ? "ETIMEDOUT" : strerrorname_np(err);
}

static const char *ask(const struct options *o, const char *addr, int port)
{
	struct sockaddr_storage a, own = { 0 };
	socklen_t len = address(addr, port, &a), size = sizeof(int);
	int fd = make(o, a.ss_family), err = 0;
	struct pollfd p = { fd, POLLOUT, 0 };
	ssize_t n;
	char byte;

	if (o->sport) {
		own.ss_family = a.ss_family;
		((struct sockaddr_in *)&own)->sin_port = htons((uint16_t)o->sport);
		check(bind(fd, (struct sockaddr *)&own, len), "bind");
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (connect(fd, (struct sockaddr *)&a, len) && errno != EINPROGRESS)
		return name(errno);
	if (poll(&p, 1, o->wait_ms) != 1)
		return "ETIMEDOUT";
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &size);
	if (err)
		return name(err);
	if (o->udp && send(fd, "q", 1, 0) < 0)
		return name(errno);
	p.events = POLLIN;
	if (poll(&p, 1, o->wait_ms) != 1)
		return "ETIMEDOUT";
	n = recv(fd, &byte, 1, 0);
	return n < 0 ? name(errno) : n ? "ok" : "EOF";
}

int main(int argc, char **argv)
{
	struct options o = { .backlog = 128, .wait_ms = 1500 };
	int c;

	while ((c = getopt(argc, argv, "quapf6nd:b:c:N:t:s:")) != -1)
		switch (c) {
		case 'q':
			o.ask = true;
			break;
		case 'u':
			o.udp = true;
			break;
		case 'a':
			o.reuseaddr = true;
			break;
		case 'p':
			o.reuseport = true;
			break;
		case 'f':
			o.freebind = true;
			break;
		case '6':
			o.v6only = true;
			break;
		case 'n':
			o.never = true;
			break;
		case 'd':
			o.device = optarg;
			break;
		case 'b':
			o.backlog = (int)number(optarg);
			break;
		case 'c':
			o.peer = optarg;
			break;
		case 'N':
			o.netns = optarg;
			break;
		case 't':
			o.wait_ms = (int)number(optarg);
			break;
		case 's':
			o.sport = (int)number(optarg);
			break;
		default:
			return 2;
		}
	if (argc - optind != 2)
		return 2;
	if (o.ask)
		puts(ask(&o, argv[optind], (int)number(argv[optind + 1])));
	else
		serve(&o, argv[optind], (int)number(argv[optind + 1]));
	return 0;
}
