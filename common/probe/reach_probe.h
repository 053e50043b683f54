// SPDX-License-Identifier: GPL-2.0-or-later
/* The kernel's own word: one real connection attempt (or datagram) from a network namespace, by a child of ours, given up after a while. */
#ifndef NSKIT_REACH_PROBE_H
#define NSKIT_REACH_PROBE_H

#include <stdint.h>

#include "probe/drops.h"
#include "util/ipaddr.h"

struct reach_probe {
	const char *netns; /* path of an nsfs file: the client's */
	uint32_t ns;       /* its number: what the path must lead to */
	int type;          /* SOCK_STREAM, SOCK_DGRAM */
	int protocol;      /* IPPROTO_*, or 0 */
	struct ipaddr addr;
	uint16_t port, sport; /* sport 0: any */
	uint32_t scope;       /* zone of a link-local address */
	int wait_ms;          /* how long an answer may take */
};

/*
 * 0: connected (a datagram: it was answered). A positive errno: what the kernel said, ETIMEDOUT where nothing came
 * in time. -errno: it could not be asked. A datagram that nobody answers says nothing: -ENODATA.
 * reason (DROPS_NAME bytes): why the kernel dropped a packet of it, where it failed; "" where it did not, or where it could not be
 * watched (drops.h).
 */
int reach_probe(const struct reach_probe *p, char *reason);

#endif
