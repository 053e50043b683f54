// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which way a packet takes: the kernel's route lookup, replayed on a snapshot's rules, routes, nexthops, addresses, devices and
 * sysctls of one network namespace. What `ip route get` would say, without asking. Pure.
 */
#ifndef NSKIT_ROUTE_H
#define NSKIT_ROUTE_H

#include "model/snap.h"
#include "util/ipaddr.h"

struct fib_route; /* parsed records, sorted in the order in which a lookup meets them */
struct fib_rule;
struct fib_addr;

struct fib {
	const struct snap *snap;
	uint32_t ns;
	struct fib_route *routes;
	struct fib_rule *rules;
	struct fib_addr *addrs;
	const struct snap_link *links;
	uint32_t n_routes, n_rules, n_addrs, n_links;
	bool custom[2]; /* by enum addr_family: rules beyond the default ones */
	bool dissects; /* IPv4: rules mind protocol and ports of what comes in (fib_rule_requires_fldissect, include/net/fib_rules.h) */
};

/* A namespace's tables. What it points into is the snapshot's, which must be settled. */
void fib_init(struct fib *f, const struct snap *s, uint32_t ns);
void fib_done(struct fib *f);

/* What a lookup goes by. Addresses of one family; ifindexes and ports may be 0: none. */
struct route_flow {
	struct ipaddr src, dst; /* src of family 0: not chosen yet */
	uint32_t iif, oif;      /* output: oif is the device that the socket is bound to */
	uint32_t mark, uid;
	uint8_t proto, tos; /* IPPROTO_* */
	uint16_t sport, dport;
	uint32_t pick; /* of several hops that are alive, the one with this number; of fewer the first */
};

/* Where the kernel drops a packet that came in (net/ipv4/route.c, ip_route_input_slow; net/ipv6/ip6_output.c, ip6_forward). */
enum route_fate {
	ROUTE_SENT,           /* output: to the device oif, to gateway if there is one */
	ROUTE_LOCAL_DELIVERY, /* for a socket here */
	ROUTE_FORWARD,
	ROUTE_NO_WAY,           /* no route, or one that says no: err */
	ROUTE_MARTIAN_SOURCE,   /* a source that cannot be out there: ours, loopback, broadcast */
	ROUTE_MARTIAN_LOOPBACK, /* to 127/8 from a device, without route_localnet */
	ROUTE_RP_FILTER,        /* back to the source leads by another device */
	ROUTE_NO_FORWARDING,
	ROUTE_BROADCAST_DELIVERY, /* to a broadcast or multicast address */
};

struct route {
	enum route_fate fate;
	int err;      /* what a caller of connect() or send() gets, 0 or -errno; input: what the ICMP error turns into */
	uint8_t type; /* enum route_type of the route that matched; ROUTE_UNSPEC: none did */
	const struct snap_route *route; /* NULL: none, or a rule said no */
	const struct snap_rule *rule;   /* the rule that led to it; NULL: none */
	const struct snap_rule *unsure; /* a rule that may have led elsewhere before: it minds what is not known here; NULL */
	uint32_t oif;                   /* ifindex */
	struct ipaddr gateway;          /* family 0: the destination is on the link */
	struct ipaddr src;              /* output: the source address that a socket gets */
	uint32_t ways;                  /* how many hops are alive: the kernel takes any of them, by a hash of the flow */
	uint32_t back_oif;              /* ROUTE_RP_FILTER: where the source's route leads; 0: nowhere */
	int64_t rp_filter;              /* the larger of all and the device, as the kernel takes it; OPT_NONE: unknown */
};

/* The way of what a socket here sends. */
void route_output(const struct fib *f, const struct route_flow *flow, struct route *out);

/* The way of a packet that came in by flow->iif, after destination NAT. */
void route_input(const struct fib *f, const struct route_flow *flow, struct route *out);

/* --- what it is made of --------------------------------------------------------------------------------------------------- */

/* One lookup through rules and tables (fib_lookup, fib6_rule_lookup): err, type, route, rule, unsure, oif, gateway, ways. */
void fib_lookup(const struct fib *f, const struct route_flow *flow, struct route *out);

/* Does the route of a lookup lead by that device, by whichever of its hops (fib_info_nh_uses_dev); IPv6: by the hop that was taken? 0: any. */
bool fib_leads_by(const struct fib *f, const struct route *way, uint32_t ifindex);

/* The address that a packet gets which names none (fib_result_prefsrc, inet_select_addr; ipv6_dev_get_saddr). family 0: none. */
struct ipaddr fib_source(const struct fib *f, const struct route *way, const struct ipaddr *dst);

/* The VRF that a device is, or belongs to (l3mdev_master_ifindex_rcu); 0: none. */
uint32_t fib_vrf(const struct fib *f, uint32_t ifindex);

/* A device of the namespace, or NULL. */
const struct snap_link *fib_link(const struct fib *f, uint32_t ifindex);

/* Has some device here that address? (IPv6: past duplicate address detection.) Its record, or NULL. */
const struct snap_addr *fib_has_addr(const struct fib *f, const struct ipaddr *a);

/* An address of a device here whose network holds a: the record, or NULL. */
const struct snap_addr *fib_on_link(const struct fib *f, const struct ipaddr *a, uint32_t ifindex);

/* Has the device any address at all? */
bool fib_has_any(const struct fib *f, uint32_t ifindex);

/* A sysctl that is a number; OPT_NONE: not in the snapshot. */
int64_t fib_sysctl(const struct fib *f, const char *key);

/* net.ipv4.conf.DEV.key and net.ipv6.conf.DEV.key, by family; dev "all" too. */
int64_t fib_conf(const struct fib *f, int family, const char *dev, const char *key);

#endif
