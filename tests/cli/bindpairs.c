// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bindpairs: the rule of conflict.c against the kernel. In a network namespace of its own (unshare -n) it holds a port in every way and
 * lets every other socket try to bind it: protocol, address (wildcards, concrete, mapped, V6ONLY), device, SO_REUSEADDR, SO_REUSEPORT,
 * user, and the holder's state. Then several holders at once, drawn at random (the seed is printed and may be given).
 * Prints the first differences and a last line "N pairs, M sets, D different"; exit status 1 when D is not 0.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "why/conflict.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

struct place {
	const char *addr;
	int v6only; /* of a socket of IPv6; a concrete address sets it */
};
static const struct place places[] = { { "0.0.0.0", 0 }, { "127.0.0.1", 0 }, { "127.0.0.2", 0 },        { "::", 0 },
				       { "::", 1 },      { "::1", 1 },       { "::ffff:127.0.0.1", 0 }, { "::ffff:0.0.0.0", 0 },
				       { "fd09::1", 1 } };
static const char *const devices[] = { "", "lo", "veth0" };
static unsigned int indexes[3];
enum { PLACES = 9, DEVICES = 3, UIDS = 2, SPECS = PLACES * DEVICES * UIDS * 4 };

struct spec {
	int proto;
	const struct place *place;
	unsigned int device; /* of devices[] */
	int reuseaddr, reuseport;
	unsigned int uid;
};

static unsigned long n_pairs, n_sets, n_different;
static uint16_t next_port = 2000;

static struct spec spec_of(int proto, unsigned int i)
{
	return (struct spec){ proto,
			      &places[i % PLACES],
			      i / PLACES % DEVICES,
			      (int)(i / PLACES / DEVICES % 2),
			      (int)(i / PLACES / DEVICES / 2 % 2),
			      i / PLACES / DEVICES / 4 % 2 };
}

static socklen_t address(const struct spec *s, uint16_t port, struct sockaddr_storage *ss)
{
	struct sockaddr_in *four = (void *)ss;
	struct sockaddr_in6 *six = (void *)ss;

	memset(ss, 0, sizeof(*ss));
	if (strchr(s->place->addr, ':')) {
		six->sin6_family = AF_INET6;
		six->sin6_port = htons(port);
		inet_pton(AF_INET6, s->place->addr, &six->sin6_addr);
		return sizeof(*six);
	}
	four->sin_family = AF_INET;
	four->sin_port = htons(port);
	inet_pton(AF_INET, s->place->addr, &four->sin_addr);
	return sizeof(*four);
}

static int make(const struct spec *s)
{
	int family = strchr(s->place->addr, ':') ? AF_INET6 : AF_INET, fd;

	setfsuid(s->uid); /* sk_uid is current_fsuid() (sock_alloc, net/socket.c) */
	fd = socket(family, (s->proto == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, s->proto);
	setfsuid(0);
	if (fd < 0)
		return -1;
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &s->place->v6only, sizeof(int));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &s->reuseaddr, sizeof(int));
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &s->reuseport, sizeof(int));
	if (s->device && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, devices[s->device], (socklen_t)strlen(devices[s->device]) + 1))
		perror("SO_BINDTODEVICE");
	return fd;
}

/* A socket bound to port, or -errno. */
static int hold(const struct spec *s, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t len = address(s, port, &ss);
	int fd = make(s);

	if (fd >= 0 && bind(fd, (void *)&ss, len)) {
		int err = errno;

		close(fd);
		return -err;
	}
	return fd < 0 ? -errno : fd;
}

static struct conflict_sock model(const struct spec *s, uint8_t state)
{
	struct conflict_sock c = { .udp = s->proto == IPPROTO_UDP,
				   .v6only = (int8_t)s->place->v6only,
				   .reuseaddr = (int8_t)s->reuseaddr,
				   .reuseport = (int8_t)s->reuseport,
				   .device = indexes[s->device],
				   .uid = s->uid,
				   .state = state };

	ipaddr_parse(s->place->addr, &c.addr);
	return c;
}

static void print_spec(const char *who, const struct spec *s)
{
	printf("  %s: protocol %d %s%s device '%s' reuseaddr %d reuseport %d uid %u\n", who, s->proto, s->place->addr,
	       s->place->v6only ? " v6only" : "", devices[s->device], s->reuseaddr, s->reuseport, s->uid);
}

static void compare(const char *what, const struct spec *holders, size_t n, const struct spec *asker, enum conflict rule,
		    int kernel)
{
	if ((rule == CONFLICT_YES) == (kernel == -EADDRINUSE) && rule != CONFLICT_MAYBE)
		return;
	if (n_different++ >= 10)
		return;
	printf("%s: the rule says %s, the kernel %s\n", what,
	       rule == CONFLICT_YES     ? "conflict"
	       : rule == CONFLICT_MAYBE ? "maybe"
					: "free",
	       kernel < 0 ? strerror(-kernel) : "ok");
	for (size_t i = 0; i < n; i++)
		print_spec("holder", &holders[i]);
	print_spec("asker ", asker);
}

/* Which specs can bind at all when nobody is there. (::1 is no address of veth0.) */
static void find_possible(int proto, bool *possible)
{
	for (unsigned int i = 0; i < SPECS; i++) {
		struct spec s = spec_of(proto, i);
		int fd = hold(&s, 1999);

		possible[i] = fd >= 0;
		if (fd >= 0)
			close(fd);
	}
}

/* --- holders in every state --------------------------------------------------------------------------------------------------- */

struct held {
	int fds[2];
	uint8_t state;
	struct place place; /* a connection's own address */
};

static void release(struct held *h)
{
	const struct linger hard = { .l_onoff = 1 }; /* no TIME_WAIT is left behind by us */

	for (int i = 0; i < 2; i++)
		if (h->fds[i] >= 0) {
			setsockopt(h->fds[i], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
			close(h->fds[i]);
			h->fds[i] = -1;
		}
}

/* A connection to a listener that is gone: its accepted side holds the port. */
static bool connection(struct spec *s, uint16_t port, struct held *h)
{
	static char text[INET6_ADDRSTRLEN];
	struct sockaddr_storage ss = { 0 };
	socklen_t len = sizeof(ss);
	int listener = hold(s, port), yes = 1;

	if (listener < 0 || listen(listener, 1) || getsockname(listener, (void *)&ss, &len))
		return false;
	h->fds[1] = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(h->fds[1], SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (connect(h->fds[1], (void *)&ss, len)) { /* to a wildcard: to the loopback address */
		close(listener);
		return false;
	}
	setfsuid(s->uid); /* it is theirs who accept it (sock_graft) */
	h->fds[0] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	setfsuid(0);
	close(listener);
	len = sizeof(ss);
	getsockname(h->fds[0], (void *)&ss, &len);
	inet_ntop(ss.ss_family,
		  ss.ss_family == AF_INET ? (void *)&((struct sockaddr_in *)&ss)->sin_addr
					  : (void *)&((struct sockaddr_in6 *)&ss)->sin6_addr,
		  text, sizeof(text));
	h->place = (struct place){ text, s->place->v6only };
	s->place = &h->place;
	return true;
}

static bool occupy(struct spec *s, uint16_t port, uint8_t state, struct held *h)
{
	char byte;

	*h = (struct held){ { -1, -1 }, state, { 0 } };
	if (state == STATE_ESTAB || state == STATE_TIME_WAIT) {
		if (s->proto == IPPROTO_UDP || !connection(s, port, h))
			return false;
		if (state == STATE_TIME_WAIT) { /* who closes first waits */
			shutdown(h->fds[0], SHUT_WR);
			close(h->fds[0]);
			h->fds[0] = -1;
			if (read(h->fds[1], &byte, 1))
				return false;
			close(h->fds[1]);
			h->fds[1] = -1;
		}
		return true;
	}
	h->fds[0] = hold(s, port);
	return h->fds[0] >= 0 && (state != STATE_LISTEN || !listen(h->fds[0], 1));
}

/* A new port for each asker that gets in: what a port remembers of those who were let in is not our subject here. */
static void try_all(int proto, const bool *possible, unsigned int i, uint8_t state)
{
	struct spec holder;
	struct held held = { { -1, -1 }, 0, { 0 } };
	bool there = false;

	for (unsigned int k = 0; k < SPECS; k++) {
		struct spec asker = spec_of(proto, k);
		struct conflict_sock me = model(&asker, STATE_BOUND), other;
		int fd;

		if (!possible[k])
			continue;
		if (!there) {
			holder = spec_of(proto, i);
			next_port = next_port < 65000 ? next_port + 1 : 2000;
			there = occupy(&holder, next_port, state, &held);
			if (!there)
				break;
		}
		other = model(&holder, state);
		fd = hold(&asker, next_port);
		n_pairs++;
		compare(sock_state_names[state], &holder, 1, &asker, conflict_any(&other, 1, &me), fd);
		if (fd >= 0) {
			close(fd);
			release(&held);
			there = false;
		}
	}
	release(&held);
}

static void pairs(int proto, uint8_t state)
{
	bool possible[SPECS];

	find_possible(proto, possible);
	for (unsigned int i = 0; i < SPECS; i++)
		if (possible[i])
			try_all(proto, possible, i, state);
}

/* Two sockets that share a bound port: then one listens, and after it the other. */
static void listeners(int proto)
{
	for (unsigned int i = 0; i < SPECS; i++)
		for (unsigned int k = 0; k < SPECS; k++) {
			struct spec first = spec_of(proto, i), second = spec_of(proto, k);
			struct conflict_sock there = model(&first, STATE_LISTEN), me = model(&second, STATE_BOUND);
			int a = hold(&first, 1998), b = a < 0 ? -1 : hold(&second, 1998);

			if (b >= 0 && !listen(a, 1)) {
				int err = listen(b, 1) ? -errno : 0;

				n_pairs++;
				compare("at listen", &first, 1, &second, conflict_any(&there, 1, &me), err);
			}
			if (a >= 0)
				close(a);
			if (b >= 0)
				close(b);
		}
}

/* --- several holders ------------------------------------------------------------------------------------------------------------ */

enum { MOST = 6 };

static void one_set(int proto)
{
	struct conflict_sock there[MOST], me;
	struct spec specs[MOST], asker = spec_of(proto, (unsigned int)rand() % SPECS);
	int fds[MOST], n = 0, fd, wanted = 2 + rand() % (MOST - 1);
	uint16_t port = next_port = next_port < 65000 ? next_port + 1 : 2000;

	for (int tries = 0; tries < 40 && n < wanted; tries++) {
		struct spec s = spec_of(proto, (unsigned int)rand() % SPECS);
		int at = 0;

		fd = hold(&s, port);
		if (fd < 0)
			continue;
		/* The newest first, but UDP of IPv6 with SO_REUSEPORT last (sk_add_node_rcu, include/net/sock.h). */
		if (proto == IPPROTO_UDP && s.reuseport && strchr(s.place->addr, ':'))
			at = n;
		memmove(specs + at + 1, specs + at, (size_t)(n - at) * sizeof(*specs));
		memmove(there + at + 1, there + at, (size_t)(n - at) * sizeof(*there));
		fds[n++] = fd;
		specs[at] = s;
		there[at] = model(&s, STATE_BOUND);
		if (proto != IPPROTO_UDP && rand() % 2 && !listen(fd, 1))
			there[at].state = STATE_LISTEN;
	}
	me = model(&asker, STATE_BOUND);
	fd = hold(&asker, port);
	if (fd >= 0 || fd == -EADDRINUSE) {
		n_sets++;
		compare("set", specs, (size_t)n, &asker, conflict_any(there, (size_t)n, &me), fd);
	}
	if (fd >= 0)
		close(fd);
	while (n)
		close(fds[--n]);
}

static void up(const char *name)
{
	struct ifreq r = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strncpy(r.ifr_name, name, sizeof(r.ifr_name) - 1);
	r.ifr_flags = IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &r))
		perror(name);
	close(fd);
}

int main(int argc, char **argv)
{
	static const int protocols[] = { IPPROTO_TCP, IPPROTO_MPTCP, IPPROTO_UDP };
	unsigned int seed = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 10) : (unsigned int)getpid();
	int sets = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 20000;

	setvbuf(stdout, NULL, _IOLBF, 0);
	up("lo");
	up("veth0");
	for (unsigned int i = 1; i < DEVICES; i++)
		indexes[i] = if_nametoindex(devices[i]);
	srand(seed);
	printf("seed %u\n", seed);
	for (unsigned int i = 0; i < 3; i++) {
		const int proto = protocols[i];
		int fd = socket(AF_INET, proto == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM, proto);

		if (fd < 0)
			continue; /* a kernel without MPTCP */
		close(fd);
		pairs(proto, proto == IPPROTO_UDP ? STATE_UNCONN : STATE_BOUND);
		if (proto == IPPROTO_UDP)
			continue;
		pairs(proto, STATE_LISTEN);
		listeners(proto);
		if (proto == IPPROTO_TCP)
			pairs(proto, STATE_ESTAB);
	}
	for (int i = 0; i < sets; i++)
		one_set(rand() % 2 ? IPPROTO_TCP : IPPROTO_UDP);
	pairs(IPPROTO_TCP, STATE_TIME_WAIT); /* last, for they stay */
	printf("%lu pairs, %lu sets, %lu different\n", n_pairs, n_sets, n_different);
	return n_different != 0;
}
