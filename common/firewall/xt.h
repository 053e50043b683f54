// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of firewall/: matches and targets of x_tables, which iptables-nft puts into nf_tables as they are. */
#ifndef NSKIT_XT_H
#define NSKIT_XT_H

#include "model/firewall.h"
#include "util/ipaddr.h"

enum { XT_INFO_SIZE = 1024 };

/* The info of a match or target as its struct (linux/netfilter/xt_*.h): aligned, zeroed behind its end. */
struct xt_info {
	uint8_t bytes[XT_INFO_SIZE] __attribute__((aligned(8)));
	size_t len;
};
void xt_info(const struct snap_fw_expr *e, struct xt_info *out);

/* What DNAT, SNAT, MASQUERADE, REDIRECT and NETMAP are told, in whichever revision. */
struct xt_range {
	uint32_t flags;               /* NF_NAT_RANGE_* (linux/netfilter/nf_nat.h) */
	struct ipaddr low, high;      /* no family: none */
	uint16_t low_port, high_port; /* host order, 0: none */
};
/* False: it is none of those, or too short. family: 4 or 6. */
bool xt_range(const struct snap_fw_expr *e, int family, struct xt_range *out);

#endif
