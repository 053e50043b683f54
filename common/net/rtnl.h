// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * rtnetlink(7): requests for dumps, and their messages as records. The parsers take any bytes that nl_take_all() hands on;
 * attributes of unknown type or size are skipped.
 */
#ifndef NSKIT_RTNL_H
#define NSKIT_RTNL_H

#include "model/snap.h"
#include "net/nl.h"
#include "util/intern.h"

/* Requests for all of a kind, in NL_REQUEST_SIZE bytes. Nexthop objects: 5.3. */
struct nlmsghdr *rtnl_get_links(char *buf);
struct nlmsghdr *rtnl_get_addrs(char *buf);
struct nlmsghdr *rtnl_get_routes(char *buf);
struct nlmsghdr *rtnl_get_rules(char *buf);
struct nlmsghdr *rtnl_get_neighs(char *buf);
struct nlmsghdr *rtnl_get_nexthops(char *buf);
struct nlmsghdr *rtnl_get_nsids(char *buf);

/*
 * 0 with all but ->ns filled in, strings in the interner's arena; -EINVAL, or -EAFNOSUPPORT: not of a kind we show (a dump of all
 * families has multicast routes and their rules too).
 */
int rtnl_parse_link(const struct nlmsghdr *h, struct intern *in, struct snap_link *out);
int rtnl_parse_addr(const struct nlmsghdr *h, struct intern *in, struct snap_addr *out);
int rtnl_parse_route(const struct nlmsghdr *h, struct intern *in, struct snap_route *out);
int rtnl_parse_rule(const struct nlmsghdr *h, struct intern *in, struct snap_rule *out);
int rtnl_parse_neigh(const struct nlmsghdr *h, struct intern *in, struct snap_neigh *out);
int rtnl_parse_nexthop(const struct nlmsghdr *h, struct intern *in, struct snap_nexthop *out);

/* One of the ids that a namespace has given others; whose it is is not said. -ENOENT: none. */
int rtnl_parse_nsid(const struct nlmsghdr *h, uint32_t *nsid);

/* RTM_GETNSID: the id that the session's network namespace has given the one of that fd; NETNSA_NSID_NOT_ASSIGNED. 0 or -errno. */
int rtnl_ask_nsid(struct nl *nl, int netns_fd, int32_t *nsid);

/* --- inside of net/ --------------------------------------------------------------------------------------------------------- */

/* An attribute as text up to its first NUL; as a number of 4 bytes or OPT_NONE; as an address of that family or NULL. */
const char *rtnl_text(const struct nlattr *a, struct intern *in);
int64_t rtnl_number(const struct nlattr *a);
const char *rtnl_addr(const struct nlattr *a, int family, struct intern *in);

/* "02:42:ac:11:00:02"; of a tunnel the 4 or 16 bytes of an IP address, shown the same way. NULL: empty. */
const char *rtnl_lladdr(const struct nlattr *a, struct intern *in);

/* rtnl_details.c: what ip -d shows of any device. */
void rtnl_take_details(const struct nlmsghdr *h, struct intern *in, struct snap_link *l);

/* rtnl_info.c: IFLA_LINKINFO. */
void rtnl_take_info(const struct nlattr *nest, struct intern *in, struct snap_link *l);

#endif
