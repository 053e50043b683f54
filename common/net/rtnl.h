// SPDX-License-Identifier: GPL-2.0-or-later
/* rtnetlink: requests for dumps, and their messages as records. The parsers take any bytes that mnl_nlmsg_ok() lets through. */
#ifndef NSKIT_RTNL_H
#define NSKIT_RTNL_H

#include "model/snap.h"
#include "net/nl.h"

/* Requests for all devices and for all addresses, in NL_REQUEST_SIZE bytes. */
struct nlmsghdr *rtnl_get_links(char *buf);
struct nlmsghdr *rtnl_get_addrs(char *buf);

/* RTM_NEWLINK and RTM_NEWADDR. 0 with all but ->ns filled in, strings in the arena; -EINVAL, -EAFNOSUPPORT: not of a kind we show. */
int rtnl_parse_link(const struct nlmsghdr *h, struct arena *arena, struct snap_link *out);
int rtnl_parse_addr(const struct nlmsghdr *h, struct arena *arena, struct snap_addr *out);

/* RTM_GETNSID: the id that the session's network namespace has given the one of that fd; NETNSA_NSID_NOT_ASSIGNED. 0 or -errno. */
int rtnl_ask_nsid(struct nl *nl, int netns_fd, int32_t *nsid);

#endif
