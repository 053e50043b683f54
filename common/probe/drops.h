// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Why the kernel drops packets of one flow: the tracepoint skb:kfree_skb, which tells the reason since 5.17, watched by a BPF program
 * that looks at nothing but this flow. It takes CAP_BPF and CAP_PERFMON.
 */
#ifndef NSKIT_DROPS_H
#define NSKIT_DROPS_H

#include "util/ipaddr.h"

enum { DROPS_NAME = 64 };

/* As the client sees it. A translation may change the server's end on the way, or the client's address, but not both. */
struct drops_flow {
	uint8_t protocol; /* IPPROTO_*: one with ports in its first four bytes */
	struct ipaddr client, server;
	uint16_t client_port, server_port; /* host order */
};

struct dropwatch;

/* Nothing is counted before drops_expect(). NULL where BPF can't be had. */
struct dropwatch *drops_watch(void);

/* The flow, in both directions. A forked child may tell it to the watch of its parent. */
void drops_expect(struct dropwatch *w, const struct drops_flow *flow);

/*
 * The first reason that was given for a packet of the flow: its name in enum skb_drop_reason (by the kernel's BTF, 65 ms), without
 * SKB_DROP_REASON_. name (DROPS_NAME bytes) is "" where nothing was dropped, or only as packets are in ordinary life.
 */
void drops_reason(const struct dropwatch *w, char *name);

/* NULL is fine. */
void drops_done(struct dropwatch *w);

#endif
