// SPDX-License-Identifier: GPL-2.0-or-later
/* IPsec, as far as it must be known whether there is any: how many policies packets of a network namespace are held against. */
#ifndef NSKIT_XFRM_H
#define NSKIT_XFRM_H

#include "net/nl.h"

/*
 * The number of policies, for packets that leave, come in and are forwarded, of the namespace of a session of protocol NETLINK_XFRM.
 * 0; -errno: -EPERM without CAP_NET_ADMIN there. XFRM_MSG_GETSPDINFO (xfrm_get_spdinfo, net/xfrm/xfrm_user.c).
 */
int xfrm_count_policies(struct nl *nl, uint32_t *count);

/* Its answer: 0 or -EPROTO. Pure; takes any bytes. */
int xfrm_parse_policies(const struct nlmsghdr *h, uint32_t *count);

#endif
