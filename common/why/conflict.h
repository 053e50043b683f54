// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Do two sockets of one network namespace and one port table get in each other's way? The kernel's rule for an explicit port:
 * inet_csk_get_port() and inet_bind_conflict() (net/ipv4/inet_connection_sock.c) for TCP, udp_lib_get_port() and udp_lib_lport_inuse()
 * (net/ipv4/udp.c) for UDP. Tried against the kernel itself by tests/cli/bindpairs.c.
 */
#ifndef NSKIT_WHY_CONFLICT_H
#define NSKIT_WHY_CONFLICT_H

#include "model/net.h"
#include "util/ipaddr.h"

/* A flag that may be unknown: enum why_flag of why.h has the same values. */
enum { CONFLICT_UNKNOWN = -1 };

struct conflict_sock {
	struct ipaddr addr; /* local: of an IPv6 socket possibly a mapped one */
	bool udp;           /* the rule of UDP and UDP-Lite; else that of TCP */
	int8_t v6only; /* sk_ipv6only; -1: unknown. Binding to a concrete IPv6 address sets it; a connection's is its listener's */
	int8_t reuseaddr, reuseport; /* -1: unknown */
	uint32_t device;             /* ifindex that it is bound to; 0: none */
	uint32_t
		vrf; /* TCP: whose table of ports it is in (inet_sk_bound_l3mdev): that of its device; 0: the others', or all one */
	uint32_t uid;  /* sk_uid, who made it */
	uint8_t state; /* enum sock_state */
};

enum conflict {
	CONFLICT_NO,     /* they don't meet */
	CONFLICT_YES,    /* EADDRINUSE */
	CONFLICT_SHARED, /* they meet, and share by SO_REUSEADDR or SO_REUSEPORT */
	CONFLICT_ENDS,   /* UDP: they share by SO_REUSEPORT, and the kernel looks at no further holder */
	CONFLICT_MAYBE,  /* it hangs on a flag that is not known */
};

/* Would asker, when it binds (or listens: state STATE_LISTEN makes no difference to it), run into holder? */
enum conflict conflict_pair(const struct conflict_sock *holder, const struct conflict_sock *asker);

/*
 * The same with several holders in the kernel's order: the newest first; in UDP those of IPv6 with SO_REUSEPORT behind all others, the
 * oldest of them first (sk_add_node_rcu, include/net/sock.h). NO or YES, or MAYBE.
 */
enum conflict conflict_any(const struct conflict_sock *holders, size_t n, const struct conflict_sock *asker);

/*
 * Is a port that holder has passed over when the kernel chooses one for asker (bind to port 0)? There all reuse is ignored in TCP
 * (inet_csk_find_open_port: inet_csk_bind_conflict() with relax and reuseport_ok false).
 */
enum conflict conflict_choosing(const struct conflict_sock *holder, const struct conflict_sock *asker);

#endif
