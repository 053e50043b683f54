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

#endif
