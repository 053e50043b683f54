// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Devices, addresses, routes: dev_seq_printf_stats(), net/core/net-procfs.c; fib_route_seq_show(); if6_seq_show();
 * ipv6_route_native_seq_show().
 */
#include <net/route.h>
#include <sys/socket.h>

#include "net/netfiles.h"

/* The name may have a colon itself (an alias of old has), so that the last one ends it. */
int netfiles_dev(struct words line, struct intern *in, struct snap_link *out)
{
	struct snap_link l = { .master = OPT_NONE, .link = OPT_NONE, .link_netnsid = OPT_NONE, .xdp_prog = OPT_NONE };
	const char *colon = words_len(&line) ? memrchr(line.at, ':', words_len(&line)) : NULL;
	struct words name, rest, word;
	uint64_t v[16];

	if (!colon)
		return -EINVAL;
	name = (struct words){ line.at, colon };
	rest = (struct words){ colon + 1, line.end };
	while (name.at < name.end && *name.at == ' ')
		name.at++;
	for (size_t i = 0; i < ARRAY_SIZE(v); i++)
		if (!words_next(&rest, &word) || words_number(&word, &v[i]))
			return -EINVAL;
	if (!words_len(&name))
		return -EINVAL;
	l.ifname = intern_text(in, name.at, words_len(&name));
	l.rx_bytes = v[0], l.rx_packets = v[1], l.rx_errors = v[2], l.rx_dropped = v[3];
	l.tx_bytes = v[8], l.tx_packets = v[9], l.tx_errors = v[10], l.tx_dropped = v[11];
	*out = l;
	return 0;
}

int netfiles_index(struct words line, struct words *name, uint32_t *ifindex)
{
	struct words word;
	uint64_t v;

	if (!words_next(&line, &word) || words_number(&word, &v) || v > INT32_MAX || !words_next(&line, &word))
		return -EINVAL;
	*name = word;
	*ifindex = (uint32_t)v;
	return 0;
}

/* 32 digits, the bytes in their order. */
static int take_addr6(const struct words *word, uint8_t bytes[16])
{
	uint64_t v;

	if (words_len(word) != 32)
		return -EINVAL;
	for (size_t i = 0; i < 16; i++) {
		struct words part = { word->at + 2 * i, word->at + 2 * i + 2 };

		if (words_hex(&part, &v))
			return -EINVAL;
		bytes[i] = (uint8_t)v;
	}
	return 0;
}

static bool is_zero(const uint8_t bytes[16])
{
	static const uint8_t zero[16];

	return !memcmp(bytes, zero, sizeof(zero));
}

/* What the file calls scope is that of the address alone (IPV6_ADDR_*): global, host, link, site. */
static uint32_t scope_of(uint64_t scope)
{
	return scope == 0x10 ? 254 : scope == 0x20 ? 253 : scope == 0x40 ? 200 : 0;
}

int netfiles_addr6(struct words line, struct intern *in, struct snap_addr *out, struct words *device)
{
	uint64_t ifindex, prefix, scope, flags;
	struct words w[6];
	uint8_t bytes[16];

	for (size_t i = 0; i < ARRAY_SIZE(w); i++)
		if (!words_next(&line, &w[i]))
			return -EINVAL;
	if (take_addr6(&w[0], bytes) || words_hex(&w[1], &ifindex) || words_hex(&w[2], &prefix) || words_hex(&w[3], &scope) ||
	    words_hex(&w[4], &flags) || prefix > 128 || ifindex > INT32_MAX)
		return -EINVAL;
	*out = (struct snap_addr){
		.ifindex = (uint32_t)ifindex,
		.family = ADDR_INET6,
		.local = intern_addr(in, AF_INET6, bytes),
		.prefixlen = (uint32_t)prefix,
		.scope = scope_of(scope),
		.flags = flags,
		.valid_lft = UINT32_MAX,
		.preferred_lft = UINT32_MAX,
	};
	*device = w[5];
	return 0;
}

static const struct snap_route any_route = {
	.type = ROUTE_UNICAST, .table = 254, .oif = OPT_NONE, .iif = OPT_NONE, .metric = OPT_NONE, .nhid = OPT_NONE
};

int netfiles_route(struct words line, struct intern *in, struct snap_route *out, struct words *device)
{
	struct snap_route r = any_route;
	uint64_t dst, gateway, flags, metric, mask;
	struct words w[8];

	for (size_t i = 0; i < ARRAY_SIZE(w); i++)
		if (!words_next(&line, &w[i]))
			return -EINVAL;
	if (words_hex(&w[1], &dst) || words_hex(&w[2], &gateway) || words_hex(&w[3], &flags) || words_number(&w[6], &metric) ||
	    words_hex(&w[7], &mask))
		return -EINVAL;
	r.dst_len = (uint32_t)__builtin_popcountll(mask & UINT32_MAX);
	r.dst = r.dst_len ? intern_addr(in, AF_INET, &(uint32_t){ (uint32_t)dst }) : NULL;
	r.gateway = flags & RTF_GATEWAY ? intern_addr(in, AF_INET, &(uint32_t){ (uint32_t)gateway }) : NULL;
	r.type = flags & RTF_REJECT ? ROUTE_UNREACHABLE : ROUTE_UNICAST;
	r.scope = r.gateway ? 0 : 253;
	r.metric = metric ? (int64_t)(metric & INT32_MAX) : OPT_NONE;
	*device = w[0];
	*out = r;
	return 0;
}

int netfiles_route6(struct words line, struct intern *in, struct snap_route *out, struct words *device)
{
	enum { LOCAL = 0x80000000, ANYCAST = 0x00100000 }; /* RTF_*, include/uapi/linux/ipv6_route.h */
	struct snap_route r = any_route;
	uint64_t dst_len, src_len, metric, flags;
	uint8_t dst[16], src[16], via[16];
	struct words w[10];

	for (size_t i = 0; i < ARRAY_SIZE(w); i++)
		if (!words_next(&line, &w[i]))
			return -EINVAL;
	if (take_addr6(&w[0], dst) || words_hex(&w[1], &dst_len) || take_addr6(&w[2], src) || words_hex(&w[3], &src_len) ||
	    take_addr6(&w[4], via) || words_hex(&w[5], &metric) || words_hex(&w[8], &flags) || dst_len > 128 || src_len > 128)
		return -EINVAL;
	r.family = r.gateway_family = ADDR_INET6;
	r.dst_len = (uint32_t)dst_len;
	r.src_len = (uint32_t)src_len;
	r.dst = dst_len ? intern_addr(in, AF_INET6, dst) : NULL;
	r.src = src_len ? intern_addr(in, AF_INET6, src) : NULL;
	r.gateway = flags & RTF_GATEWAY && !is_zero(via) ? intern_addr(in, AF_INET6, via) : NULL;
	r.metric = (int64_t)(metric & UINT32_MAX);
	r.type = flags & (uint32_t)LOCAL ? ROUTE_LOCAL
		 : flags & ANYCAST       ? ROUTE_ANYCAST
		 : flags & RTF_REJECT    ? ROUTE_UNREACHABLE
					 : ROUTE_UNICAST;
	r.table = r.type == ROUTE_LOCAL || r.type == ROUTE_ANYCAST ? 255 : 254;
	*device = w[9];
	*out = r;
	return 0;
}
