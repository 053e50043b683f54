// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of why/: what struct fib holds, shared by its files. */
#ifndef NSKIT_FIB_H
#define NSKIT_FIB_H

#include "why/route.h"

struct fib_route {
	const struct snap_route *r;
	struct ipaddr dst, src; /* of the record's lengths; all zero for default and any */
	uint32_t table;     /* IPv4's local and main are one trie as long as nobody adds a rule */
	uint32_t order;     /* in the dump */
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

#endif
