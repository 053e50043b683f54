/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * For what reasons packets of one flow are dropped, wherever in the kernel (5.17). A packet is told by its headers: it has no socket
 * any more in another network namespace. Encapsulated, and behind IPv6 extension headers, it is not recognized.
 */
#include "core.h"
#include "records.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct drop_flow flow; /* client_port 0: none yet */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);   /* enum skb_drop_reason */
	__type(value, __u64); /* when it was given first: ns since boot */
} reasons SEC(".maps");

struct packet {
	__u32 from[4], to[4];
	__u16 ports[2]; /* from, to */
	__u8 family, protocol;
};

static __always_inline int read_packet(struct packet *p, const struct sk_buff *skb)
{
	const unsigned char *at = BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, network_header);
	__u32 size = 40; /* struct ipv6hdr */
	__u8 first = 0;

	bpf_probe_read_kernel(&first, sizeof(first), at);
	p->family = first >> 4;
	if (p->family == 4) {
		size = (first & 15) * 4;
		bpf_probe_read_kernel(&p->protocol, 1, at + 9);
		bpf_probe_read_kernel(p->from, 4, at + 12);
		bpf_probe_read_kernel(p->to, 4, at + 16);
	} else if (p->family == 6) {
		bpf_probe_read_kernel(&p->protocol, 1, at + 6);
		bpf_probe_read_kernel(p->from, 16, at + 8);
		bpf_probe_read_kernel(p->to, 16, at + 24);
	}
	return bpf_probe_read_kernel(p->ports, sizeof(p->ports), at + size);
}

static __always_inline int equal(const __u32 *a, const __u32 *b)
{
	return a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3];
}

/* The client's port stays; of the ends' addresses one may have been translated. */
static __always_inline int is_between(const __u32 *client, __u16 client_port, const __u32 *server, __u16 server_port)
{
	return client_port == flow.client_port &&
	       (equal(client, flow.client) || (server_port == flow.server_port && equal(server, flow.server)));
}

SEC("tp_btf/kfree_skb") /* (skb, where, reason, and since 6.11 the socket) */
int dropped(__u64 *ctx)
{
	__u32 reason = (__u32)ctx[2];
	struct packet p = {};
	__u64 now;

	if (!flow.client_port || read_packet(&p, (const void *)ctx[0]) || p.family != flow.family || p.protocol != flow.protocol)
		return 0;
	if (!is_between(p.from, p.ports[0], p.to, p.ports[1]) && !is_between(p.to, p.ports[1], p.from, p.ports[0]))
		return 0;
	now = bpf_ktime_get_ns();
	bpf_map_update_elem(&reasons, &reason, &now, 1 /* BPF_NOEXIST */);
	return 0;
}
