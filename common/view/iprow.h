// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Links, addresses, routes, rules and neighbours with the keys and values of ip -j (iproute2), made from records one at a time. Pure.
 */
#ifndef NSKIT_IPROW_H
#define NSKIT_IPROW_H

#include "model/index.h"

/* The other end of a veth, or the lower device, where it is in another namespace. */
struct iprow_peer {
	uint32_t ns;        /* NSREF */
	const char *ifname; /* NULL: not known */
	const struct snap_container *container;
};

struct iprow_rx {
	uint64_t bytes, packets, errors, dropped, over_errors, multicast;
};
struct iprow_tx {
	uint64_t bytes, packets, errors, dropped, carrier_errors, collisions;
};
struct iprow_stats {
	const struct iprow_rx *rx;
	const struct iprow_tx *tx;
};

struct iprow_info {
	const char *info_kind, *info_slave_kind;
	const struct dict_item *info_data, *info_slave_data;
	uint32_t n_info_data, n_info_slave_data;
};

struct iprow_addr {
	const char *family, *local, *address, *broadcast, *scope, *label;
	uint32_t prefixlen;
	/* Flags that ip prints as true where they are set. */
	bool secondary, temporary, tentative, deprecated, dynamic, nodad, optimistic, dadfailed, home, mngtmpaddr, noprefixroute,
		autojoin;
	uint32_t valid_life_time, preferred_life_time;
};

struct iprow_link {
	uint32_t ifindex;
	const char *link;   /* device in this namespace */
	int64_t link_index; /* OPT: in another */
	const char *ifname;
	const char *const *flags;
	uint32_t n_flags;
	uint32_t mtu;
	const char *qdisc, *master, *operstate, *linkmode, *group;
	int64_t txqlen; /* OPT */
	const char *link_type, *address, *broadcast;
	bool link_pointtopoint;
	int64_t link_netnsid; /* OPT */
	/* -d: */
	int64_t promiscuity, allmulti, min_mtu, max_mtu, num_tx_queues, num_rx_queues, gso_max_size, gso_max_segs, tso_max_size,
		tso_max_segs, gro_max_size;
	const char *inet6_addr_gen_mode;
	const char *const *altnames;
	uint32_t n_altnames;
	const struct iprow_info *linkinfo;  /* -d */
	const struct iprow_stats *stats64;  /* -s */
	const struct iprow_addr *addr_info; /* ip addr */
	uint32_t n_addr_info;
	const struct iprow_peer *peer;
	const struct snap_link *record;
};

struct iprow_via {
	const char *family, *host;
};
struct iprow_hop {
	const char *gateway;
	const struct iprow_via *via;
	const char *dev;
	uint32_t weight;
	const char *const *flags;
	uint32_t n_flags;
};

struct iprow_metrics { /* OPT each */
	int64_t mtu, window, rtt, rttvar, ssthresh, cwnd, advmss, reordering, hoplimit, initcwnd, rto_min, initrwnd, quickack,
		fastopen_no_cookie;
	bool ecn;
	const char *congestion; /* NULL: the namespace's own */
};

struct iprow_route {
	const char *type, *dst, *from, *encap, *tos, *gateway, *dev, *iif, *table, *protocol, *scope, *prefsrc, *pref, *family;
	int64_t nhid, metric, expires; /* OPT */
	const struct iprow_via *via;
	const char *const *flags;
	uint32_t n_flags;
	const struct iprow_metrics *metrics; /* one, or NULL */
	uint32_t n_metrics;
	const struct iprow_hop *nexthops;
	uint32_t n_nexthops;
	const struct snap_route *record;
};

struct iprow_rule {
	uint32_t priority;
	bool negated, l3mdev, iif_detached, oif_detached, unresolved, nop, more;
	const char *src, *dst, *iif, *oif, *fwmark, *fwmask, *tos, *ipproto, *table, *action, *protocol, *family, *flow_from,
		*flow_to, *suppress_ifgroup;
	int64_t srclen, dstlen, uid_start, uid_end, sport, sport_start, sport_end, dport, dport_start, dport_end,
		suppress_prefixlen, go_to, tun_id;
	const struct snap_rule *record;
};

struct iprow_neigh {
	const char *dst, *dev, *lladdr, *family, *protocol;
	bool router, proxy, extern_learn, offload, managed;
	const char *const *state;
	uint32_t n_state;
};

struct iprow_member {
	uint32_t id;
};
struct iprow_nexthop {
	uint32_t id;
	const char *gateway, *dev;
	bool blackhole, fdb;
	const struct iprow_member *group;
	uint32_t n_group;
};

extern const struct desc iprow_link_desc, iprow_route_desc, iprow_rule_desc, iprow_neigh_desc, iprow_nexthop_desc;

enum iprow_details {
	IPROW_DETAILS = 1,   /* ip -d */
	IPROW_STATS = 2,     /* ip -s */
	IPROW_ADDRESSES = 4, /* ip addr: addresses, */
	IPROW_LINKMODE = 8,  /* and not the link mode, unless this is asked for */
};

/* What rows of a namespace are made from. */
struct iprows {
	const struct index *ix;
	uint32_t ns; /* index of the namespace at hand */
	uint32_t inum;
	unsigned int details; /* enum iprow_details */
	struct arena arena;   /* of the namespace at hand: rows live until the next iprows_enter() */
	struct idmap links;   /* (namespace's number << 32 | ifindex) -> index into snap->links, of all namespaces */
};

/* details: enum iprow_details. Before its rows are made, each namespace (an index of the snapshot's) is entered. */
void iprows_init(struct iprows *r, const struct index *ix, unsigned int details);
void iprows_done(struct iprows *r);
void iprows_enter(struct iprows *r, uint32_t ns);

/* Name of a device; "if7" where it has none (any more). NULL: ifindex is none. */
const char *iprows_device(struct iprows *r, int64_t ifindex);

/* The row of a record of the namespace that was entered. */
void iprows_link(struct iprows *r, const struct snap_link *l, struct iprow_link *out);
void iprows_route(struct iprows *r, const struct snap_route *route, struct iprow_route *out);
void iprows_rule(struct iprows *r, const struct snap_rule *rule, struct iprow_rule *out);
void iprows_neigh(struct iprows *r, const struct snap_neigh *n, struct iprow_neigh *out);
void iprows_nexthop(struct iprows *r, const struct snap_nexthop *n, struct iprow_nexthop *out);

/* Would ip show it without being told to show all? (Not those without a state or that need none.) */
bool iprows_shows_neigh(const struct snap_neigh *n);

#endif
