// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's own word: a real call in a network namespace, by a child with somebody's user, groups and capabilities, behind copies of
 * its seccomp filters and of its Landlock rules for ports; closed at once. It does no harm: a listener takes no packets, connect() of TCP
 * sends none (TCP_REPAIR), that of a unix socket is one of datagrams, which no server has to accept, no file is made. It is not in the control group of who asks, for there it would be charged for, might be frozen
 * or have somebody killed: what BPF programs say there, it can't tell.
 */
#ifndef NSKIT_PROBE_H
#define NSKIT_PROBE_H

#include "model/snap.h"
#include "util/ipaddr.h"

enum probe_kind { PROBE_SOCKET, PROBE_BIND, PROBE_LISTEN, PROBE_CONNECT };

/* Beyond all errnos. */
enum {
	PROBE_KILLED = 4096, /* a filter killed it for the call */
	PROBE_THERE, /* unix: a socket of connections is there and may be written to; whether it listens and has room was not asked */
};

struct probe {
	uint8_t kind;                   /* enum probe_kind; listen binds first */
	const char *netns;              /* path of an nsfs file */
	uint32_t ns;                    /* its number: what the path must lead to */
	const char *userns;             /* path of the user namespace to enter; NULL: ours will do */
	int64_t uid, gid;               /* OPT: in that user namespace */
	const struct snap_guard *guard; /* what it may, and what restrains it; NULL: nothing is known */
	bool keep_caps;                 /* groups and capabilities of guard, all where there is none; else none beyond uid */
	const struct snap_filter *const *filters; /* in the order in which they were installed */
	uint32_t n_filters;
	int domain, type, protocol; /* AF_*, SOCK_*, IPPROTO_* */
	/* IP: the local address, or to whom to connect. */
	struct ipaddr addr;
	uint16_t port;
	uint32_t scope; /* zone */
	const char *device;
	bool reuseaddr, reuseport;
	int8_t v6only; /* -1: as the namespace has it */
	/* AF_UNIX: an abstract name, or for connect a path below a root directory (/proc/PID/root), without following its links out of it. */
	const char *path, *root;
	uint32_t path_len;
	bool abstract;
	bool mismatch; /* a socket of another type is there, so that the call may be made as it is */
};

/* 0: the kernel let it. A positive errno: what it said; PROBE_KILLED, PROBE_THERE. -errno: it could not be asked. */
int probe_call(const struct probe *p);

/* probe_as.c, in the child: become who asks, then stand behind what restrains it. 0 or -errno. */
int probe_become(const struct probe *p);
int probe_restrain(const struct probe *p);

int probe_enter(const char *path, int type, uint32_t inum); /* setns() to what must be that namespace; 0: any */

#endif
