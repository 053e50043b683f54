// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of route/: what struct fib holds, shared by its files. */
#ifndef NSKIT_FIB_H
#define NSKIT_FIB_H

#include "route/route.h"

struct fib_route {
	const struct snap_route *r;
	struct ipaddr dst, src; /* of the record's lengths; all zero for default and any */
	uint32_t table;         /* IPv4's local and main are one trie as long as nobody adds a rule */
	uint32_t order;         /* in the dump */
};

struct fib_rule {
	const struct snap_rule *r;
	struct ipaddr src, dst;
	uint32_t table;
};

struct fib_addr {
	const struct snap_addr *a;
	struct ipaddr local, net; /* net: what prefixlen is of: the peer's address, or local */
};

/* A flow as a lookup sees it: with the VRF that its devices belong to (l3mdev_update_flow, net/l3mdev/l3mdev.c). */
struct fib_asked {
	const struct route_flow *flow;
	uint32_t oif, iif; /* iif of what is sent here: lo */
	uint32_t vrf;      /* its device; 0: none */
	bool in;           /* IPv6: it comes in, and routes by the same device are preferred */
};

/*
 * Does the local table say that an IPv4 address is local? Where it is one with main, a longer prefix of main comes first
 * (__ip_dev_find, net/ipv4/devinet.c).
 */
bool fib_says_local(const struct fib *f, const struct ipaddr *a);

/* Is the snapshot's kernel of that version, or a later one? */
bool fib_since(const struct fib *f, unsigned int major, unsigned int minor);

/* A route's metric; without one 0. */
static inline int64_t fib_metric(const struct snap_route *r)
{
	return OPT_VALUE(r->metric) ? r->metric : 0;
}

/* --- fibhop.c: which hop of a route is taken ---------------------------------------------------------------------------------- */

/*
 * A route of IPv4 that matches. 0: it is the one; 1: none of its hops can be taken, so look on; FIBHOP_MISS: the same, but the kernel leaves
 * the whole leaf; or the error that it stands for (-EAGAIN: throw).
 */
int fibhop_try(const struct fib *f, const struct fib_asked *q, const struct snap_route *r, struct route *out);
enum { FIBHOP_NONE = 1, FIBHOP_MISS = 2 };

/* The routes of one prefix of IPv6, in the order of their metrics. reachable: gateways that are known to be gone do not count. The same. */
int fibhop_select(const struct fib *f, const struct fib_asked *q, const struct fib_route *leaf, size_t n, bool reachable,
		  struct route *out);

/* The device that suppress_ifgroup minds: IPv4's of the first hop, alive or not; IPv6's of the one that was taken. 0: none. */
uint32_t fibhop_grouped(const struct fib *f, const struct route *way);

/* Does one of its hops, alive or not, go by that device, or by one of the VRF that it is (fib_info_nh_uses_dev)? */
bool fibhop_uses(const struct fib *f, const struct snap_route *r, uint32_t ifindex);

#endif
