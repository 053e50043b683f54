// SPDX-License-Identifier: GPL-2.0-or-later
/* ctnetlink: is there an entry for a packet, and what does it turn it into? The parser takes any bytes. */
#ifndef NSKIT_CONNTRACK_H
#define NSKIT_CONNTRACK_H

#include "model/path.h"
#include "net/nl.h"
#include "util/util.h"

/* A request for the entry whose original direction is the trial's packet; into NL_REQUEST_SIZE bytes. NULL: addresses of no IP family. */
struct nlmsghdr *conntrack_get(char *buf, const struct snap_trial *t);

/* An IPCTNL_MSG_CT_NEW: fills in the answer. 0; -ENOENT: the packet is of the entry's other direction; -EINVAL. */
int conntrack_parse(const struct nlmsghdr *h, struct arena *arena, struct snap_trial *t);

/* A request for a dump of all entries whose original direction leads to the trial's destination: the kernel picks them (5.8). The same. */
struct nlmsghdr *conntrack_list(char *buf, const struct snap_trial *t);

/* One of them. 0; -ENOENT: it leads elsewhere (older kernels give all); -EINVAL. */
int conntrack_parse_flow(const struct nlmsghdr *h, struct arena *arena, const struct snap_trial *t, struct snap_trial_flow *out);

#endif
