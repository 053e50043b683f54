// SPDX-License-Identifier: GPL-2.0-or-later
/* Traffic control, as far as it can end a packet's way: queueing disciplines that have filters, and the filters. The parsers take any bytes. */
#ifndef NSKIT_TC_H
#define NSKIT_TC_H

#include "model/snap.h"
#include "net/nl.h"

/* A request for all queueing disciplines, and for the filters of a device at a parent (TC_H_MAKE(TC_H_CLSACT, …)); NL_REQUEST_SIZE bytes. */
struct nlmsghdr *tc_get_qdiscs(char *buf);
struct nlmsghdr *tc_get_filters(char *buf, uint32_t ifindex, uint32_t parent);

/* An RTM_NEWQDISC: 1 with the device's ifindex where it is "clsact" or "ingress", so that there may be filters; 0; -EINVAL. */
int tc_parse_qdisc(const struct nlmsghdr *h, uint32_t *ifindex);

/* An RTM_NEWTFILTER: 0 with all but ->ns, ->place and ->prog_name filled in; -ENODATA: a head without a filter; -EINVAL. */
int tc_parse_filter(const struct nlmsghdr *h, struct arena *arena, struct snap_hook *out);

#endif
