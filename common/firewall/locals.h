// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of firewall/: what the kernel knows beside the packet: kinds of addresses, devices, addresses to translate to. Of a snapshot. */
#ifndef NSKIT_LOCALS_H
#define NSKIT_LOCALS_H

#include "model/snap.h"
#include "util/ipaddr.h"

/*
 * What kind an address is to a namespace, as `fib daddr type` and addrtype see it (inet_addr_type_dev_table, net/ipv4/fib_frontend.c;
 * nft_fib6_eval_type). ifindex not 0: a local address of another device is not local.
 */
enum route_type locals_type(const struct snap *s, uint32_t ns, const struct ipaddr *a, uint32_t ifindex);

/* NULL: no such device. */
const struct snap_link *locals_link(const struct snap *s, uint32_t ns, uint32_t ifindex);

/*
 * The address of a device that translations take: the first one (redirect), or with to the one that packets to that are sent from
 * (masquerade: inet_select_addr, ipv6_dev_get_saddr). False: none is known.
 */
bool locals_address(const struct snap *s, uint32_t ns, uint32_t ifindex, int family, const struct ipaddr *to, struct ipaddr *out);

#endif
