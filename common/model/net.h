// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is in network namespaces: records of a snapshot (struct snap), one array for each kind. Each begins with the number of the
 * namespace that it is in, by which the arrays are sorted (SNAP_RANGE of snap.h finds those of one). Names of devices, paths of
 * sockets and other strings are raw bytes that someone inside may have chosen. User ids are those of our user namespace. Addresses are
 * text as inet_ntop(3) gives it, without a prefix length or a zone.
 */
#ifndef NSKIT_NET_RECORDS_H
#define NSKIT_NET_RECORDS_H

#include <stdbool.h>

#include "model/desc.h"

extern const char *const addr_family_names[];
enum addr_family { ADDR_INET, ADDR_INET6 };

/* --- sockets: sock_diag(7), or /proc/PID/net where the kernel lacks a handler ------------------------------------------------ */

/* What ss calls Netid. */
enum sock_netid {
	NETID_TCP,
	NETID_UDP,
	NETID_MPTCP,
	NETID_UDPLITE,
	NETID_SCTP,
	NETID_DCCP,
	NETID_RAW,
	NETID_PING, /* IPPROTO_ICMP and IPPROTO_ICMPV6 datagram sockets */
	NETID_UNIX_STREAM,
	NETID_UNIX_DGRAM,
	NETID_UNIX_SEQPACKET,
	NETID_PACKET_RAW,
	NETID_PACKET_DGRAM,
	NETID_NETLINK,
	NETIDS
};
extern const char
	*const sock_netid_names[]; /* "tcp", "udp", …, "u_str", "u_dgr", "u_seq", "p_raw", "p_dgr", "nl"; ends with NULL */

/* The kernel's numbers (include/net/tcp_states.h), which sockets of other protocols use too; ss's words. */
enum sock_state {
	STATE_ESTAB = 1,
	STATE_SYN_SENT,
	STATE_SYN_RECV,
	STATE_FIN_WAIT1,
	STATE_FIN_WAIT2,
	STATE_TIME_WAIT,
	STATE_UNCONN, /* TCP_CLOSE */
	STATE_CLOSE_WAIT,
	STATE_LAST_ACK,
	STATE_LISTEN,
	STATE_CLOSING,
	STATE_NEW_SYN_RECV,
	STATE_BOUND, /* TCP_BOUND_INACTIVE (6.8): bound, neither listening nor connected; in messages its state is TCP_CLOSE */
	STATES
};
extern const char *const sock_state_names[];

/* What is known of a socket's options: bits of flags are only right where the same bit of known is set. */
enum sock_flags {
	SOCKF_REUSEADDR = 1 << 0, /* sk_reuse; inet_diag does not tell, BPF does, and a copy of the descriptor */
	SOCKF_REUSEPORT = 1 << 1, /* the same */
	SOCKF_V6ONLY = 1 << 2,
	SOCKF_FREEBIND = 1 << 3,
	SOCKF_TRANSPARENT = 1 << 4,
	SOCKF_BIND_NO_PORT = 1 << 5, /* IP_BIND_ADDRESS_NO_PORT */
	SOCKF_HDRINCL = 1 << 6,
	SOCKF_MPTCP_SUBFLOW = 1 << 7, /* tcp: belongs to an mptcp socket (INET_DIAG_ULP_INFO) */
	SOCKF_PEER = 1 << 8,          /* unix: is connected */
	SOCKF_SHUT_RD = 1 << 9,
	SOCKF_SHUT_WR = 1 << 10,
};
extern const char *const sock_flag_names[];

enum sock_timer { TIMER_OFF, TIMER_ON, TIMER_KEEPALIVE, TIMER_TIMEWAIT, TIMER_PERSIST };
extern const char *const sock_timer_names[]; /* ss's words */

/* Of a TCP connection, on request (WANT_TCP_INFO): what ss -i shows of struct tcp_info (include/uapi/linux/tcp.h). Times in us. */
struct snap_tcp_info {
	uint32_t ns;
	uint64_t cookie; /* of the socket */
	const char *congestion;
	uint32_t rto, rtt, rttvar, snd_mss, rcv_mss, pmtu, advmss, cwnd, ssthresh, unacked, lost, retrans, total_retrans;
	uint32_t last_snd, last_rcv, last_ack; /* ms ago */
	int64_t snd_wscale, rcv_wscale;        /* OPT */
	uint64_t bytes_acked, bytes_received, segs_out, segs_in, pacing_rate, delivery_rate, min_rtt;
	bool timestamps, sack, ecn, ecn_seen, fast_open, app_limited;
	uint32_t backoff, ato, sacked, fackets, reordering, rcv_rtt, rcv_space, rcv_ssthresh, notsent, data_segs_out, data_segs_in;
	uint64_t max_pacing_rate, busy_time, rwnd_limited, sndbuf_limited, bytes_sent, bytes_retrans;
	uint32_t delivered, delivered_ce, dsack_dups, reord_seen, rcv_ooopack, snd_wnd;
	int64_t rcv_wnd, rehash, total_rto, total_rto_recoveries, total_rto_time; /* OPT: 6.2 the first two, 6.7 */
};

/* A word and its value: of IFLA_INFO_DATA (bridge: "stp_state"; vlan: "id"; macvlan: "mode"), as ip -d -j names it; of a socket, as ss does. */
struct snap_link_attr {
	const char *key, *value;
	bool number; /* value is one: unquoted in JSON */
};

struct snap_socket {
	uint32_t ns;              /* the socket's own, whatever its holders are in by now */
	uint8_t netid;            /* enum sock_netid */
	uint8_t family;           /* enum addr_family, of IP sockets; v4-mapped addresses are inet6 */
	uint8_t state;            /* enum sock_state */
	uint8_t timer;            /* enum sock_timer */
	const char *addr;         /* local: "0.0.0.0", "::", "fe80::1"; packet: protocol; netlink: family; NULL: unix */
	const char *peer;         /* NULL: none */
	uint32_t port, peer_port; /* raw, packet: protocol; netlink: port id */
	int64_t ifindex;          /* OPT: SO_BINDTODEVICE, or a link-local address's zone; packet: the device */
	const char *path; /* unix: as it was bound, with a leading @ for the NUL of an abstract one (vfs_ino is 0); NULL: unnamed */
	uint32_t path_len; /* abstract names may hold NULs: F_BYTES */
	uint32_t vfs_dev;  /* unix, path: device and inode number of the file */
	uint64_t vfs_ino;
	uint32_t recv_q, send_q; /* bytes; of a listener the accept queue's length and limit */
	uint32_t uid;
	uint64_t ino;      /* 0: no file has it (TIME_WAIT, orphan, not yet accepted) */
	uint64_t peer_ino; /* unix: 0 none */
	uint64_t cookie;
	uint64_t cgroup;       /* id in cgroup v2 (5.9); 0: unknown */
	uint64_t flags, known; /* enum sock_flags */
	int64_t mark;          /* OPT: SO_MARK, known only with CAP_NET_ADMIN */
	int64_t expires_ms;    /* OPT: of the timer */
	uint32_t retrans;      /* with the timer */
	const uint32_t *mem;   /* SK_MEMINFO_* (include/uapi/linux/sock_diag.h), ss -m; NULL: not asked (WANT_SOCKET_MEM) */
	uint32_t n_mem;
	uint32_t n_list;
	const uint32_t
		*list; /* netlink: its groups; unix, a listener: inode numbers of what waits to be accepted (WANT_SOCKET_FLAGS) */
	/*
	 * What its kind has of its own, by ss's words: packet "ver", "ring_rx.blk_size", "fanout.type" (WANT_SOCKET_FLAGS); tcp "bbr.bw",
	 * "ulp", "mptcp.token", and mptcp "subflows" (WANT_TCP_INFO).
	 */
	const struct snap_link_attr *details;
	uint32_t n_details;
};

static inline bool sock_is_ip(const struct snap_socket *s)
{
	return s->netid <= NETID_PING;
}

static inline bool sock_is_unix(const struct snap_socket *s)
{
	return s->netid >= NETID_UNIX_STREAM && s->netid <= NETID_UNIX_SEQPACKET;
}

/* A control group (v2) that a socket is in. */
struct snap_cgroup {
	uint64_t id;
	const char *path; /* below the mount, "/system.slice/ssh.service" */
};

/* A file descriptor that a socket is open by: from one pass over all fds of all processes. Sorted by ino (not by namespace). */
struct snap_socket_fd {
	uint64_t ino;      /* of the socket */
	uint32_t ns;       /* NSREF: the socket's network namespace, where BPF told */
	uint32_t pid, tid; /* tid == pid unless it is in the table of that thread alone */
	uint32_t fd;
};

/* --- links and addresses: rtnetlink(7) ----------------------------------------------------------------------------------------- */

enum link_flags { /* IFF_* of include/uapi/linux/if.h, which names are ip's */
		  LINK_UP = 1 << 0,
};
extern const char *const link_flag_names[];
extern const char *const link_operstate_names[];
const char *link_type_name(uint32_t type); /* of ARPHRD_*, ip's words; NULL for one without */

struct snap_link {
	uint32_t ns;
	uint32_t ifindex;
	const char *ifname;
	const char *kind;       /* "veth", "bridge"; NULL: none (lo, hardware) */
	const char *slave_kind; /* of its place below a master: "bridge", "bond"; NULL */
	uint64_t flags;         /* IFF_* */
	uint8_t operstate;      /* IF_OPER_* (RFC 2863) */
	uint32_t mtu;
	uint32_t type; /* ARPHRD_*: "ether", "loopback": link_type_name() */
	const char *qdisc;
	uint32_t group, txqlen, linkmode;
	const char *address, *broadcast; /* of the link layer, "02:42:ac:11:00:02"; NULL */
	const char *const *altnames;
	uint32_t n_altnames;
	int64_t master;       /* OPT: ifindex of the bridge or bond that it belongs to */
	int64_t link;         /* OPT: ifindex of its peer or lower device */
	int64_t link_netnsid; /* OPT: where that is, by this namespace's id for it; none: here */
	uint32_t peer_ns;     /* NSREF: link_netnsid (or here) resolved; 0: unknown or no such */
	int64_t xdp_prog;     /* OPT: id of the attached XDP program */
	uint64_t rx_bytes, rx_packets, rx_errors, rx_dropped, rx_over_errors, rx_multicast;
	uint64_t tx_bytes, tx_packets, tx_errors, tx_dropped, tx_carrier_errors, tx_collisions;
	const struct snap_link_attr *details; /* what ip -d shows of any device: "promiscuity", "min_mtu", "num_tx_queues" ... */
	uint32_t n_details;
	const struct snap_link_attr *data;
	uint32_t n_data;
	const struct snap_link_attr *slave_data; /* what it has as a port of its master: IFLA_INFO_SLAVE_DATA */
	uint32_t n_slave_data;
};

struct snap_addr {
	uint32_t ns;
	uint32_t ifindex;
	uint8_t family;           /* enum addr_family */
	const char *local, *peer; /* text; peer: of a point-to-point link, or NULL */
	uint32_t prefixlen;
	const char *broadcast, *label;     /* NULL */
	uint32_t scope;                    /* RT_SCOPE_*: route_scope_name() */
	uint64_t flags;                    /* IFA_F_* (include/uapi/linux/if_addr.h) */
	uint32_t valid_lft, preferred_lft; /* seconds, UINT32_MAX: forever */
};
enum addr_flags {
	ADDRF_TEMPORARY = 1,
	ADDRF_NODAD = 2,
	ADDRF_OPTIMISTIC = 4,
	ADDRF_DADFAILED = 8,
	ADDRF_HOMEADDRESS = 0x10,
	ADDRF_DEPRECATED = 0x20,
	ADDRF_TENTATIVE = 0x40,
	ADDRF_PERMANENT = 0x80
};
extern const char *const addr_flag_names[];

/* --- routes, rules, neighbours, nexthops --------------------------------------------------------------------------------------- */

struct snap_hop {
	uint8_t family;      /* of the gateway */
	const char *gateway; /* NULL: on the link */
	int64_t oif;         /* OPT: ifindex */
	uint32_t weight;     /* 1 and up */
	uint64_t flags;      /* RTNH_F_* */
};
extern const char *const hop_flag_names[]; /* "dead", "pervasive", "onlink", "offload", "linkdown", … */

extern const char *const route_type_names[]; /* by RTN_*: "unspec", "unicast", "local", "broadcast", … */
enum route_type {
	ROUTE_UNSPEC,
	ROUTE_UNICAST,
	ROUTE_LOCAL,
	ROUTE_BROADCAST,
	ROUTE_ANYCAST,
	ROUTE_MULTICAST,
	ROUTE_BLACKHOLE,
	ROUTE_UNREACHABLE,
	ROUTE_PROHIBIT,
	ROUTE_THROW,
	ROUTE_NAT,
	ROUTE_XRESOLVE
};
/* The words of /etc/iproute2 (which users may change; these are its defaults); NULL for a number without one. */
const char *route_scope_name(uint32_t scope);       /* "global", "site", "link", "host", "nowhere" */
const char *route_protocol_name(uint32_t protocol); /* "kernel", "boot", "static", "dhcp", … */
const char *route_table_name(uint32_t table);       /* "local", "main", "default" */

struct snap_route {
	uint32_t ns;
	uint8_t family;  /* enum addr_family */
	uint8_t type;    /* enum route_type */
	const char *dst; /* NULL: default */
	uint32_t dst_len;
	const char *src; /* "from"; NULL: any */
	uint32_t src_len;
	const char *gateway; /* NULL: none, or several hops */
	uint8_t gateway_family;
	int64_t oif, iif; /* OPT */
	const char *prefsrc;
	uint32_t table, protocol, scope, tos;
	int64_t metric;                       /* OPT: priority */
	uint64_t flags;                       /* RTNH_F_* and RTM_F_*: hop_flag_names */
	int64_t nhid;                         /* OPT: nexthop object */
	int64_t expires;                      /* OPT: seconds that an IPv6 route has left */
	const char *encap;                    /* what its packets are wrapped in, as ip names it: "mpls", "seg6" ...; NULL */
	int64_t pref;                         /* OPT: ICMPV6_ROUTER_PREF_* of an IPv6 route: 0 medium, 1 high, 3 low */
	const struct snap_link_attr *metrics; /* RTAX_* as ip names them: "mtu", "advmss" ... */
	uint32_t n_metrics;
	const struct snap_hop *hops; /* of a multipath route */
	uint32_t n_hops;
};

struct snap_rule {
	uint32_t ns;
	uint8_t family;
	uint32_t priority;
	bool invert;
	const char *src, *dst; /* NULL: all */
	uint32_t src_len, dst_len;
	const char *iif, *oif;                                                                              /* names; NULL */
	int64_t fwmark, fwmask, tos, ipproto, sport_min, sport_max, dport_min, dport_max, uid_min, uid_max; /* OPT */
	int64_t table, target, suppress_prefixlen, suppress_ifgroup; /* OPT; target: of goto */
	int64_t tun_id, realms;                                      /* OPT; realms: from << 16 | to */
	bool unresolved, iif_detached, oif_detached;                 /* goto nowhere; no such device */
	uint8_t action;                                              /* FR_ACT_*: rule_action_names */
	bool l3mdev;
	bool more; /* it also minds something that is not read here (a tunnel, a flow label, masks of ports) */
	uint32_t protocol;
};
extern const char *const rule_action_names[];

struct snap_neigh {
	uint32_t ns;
	uint8_t family;
	const char *dst, *lladdr; /* lladdr NULL: not known */
	uint32_t ifindex;
	uint64_t state;    /* NUD_*: neigh_state_names bit by bit */
	uint64_t flags;    /* NTF_*, and behind them NTF_EXT_* */
	uint32_t protocol; /* who made it (RTPROT_*); 0: not told */
};
extern const char *const neigh_state_names[], *const neigh_flag_names[];

struct snap_nexthop {
	uint32_t ns;
	uint32_t id;
	uint8_t family;
	const char *gateway;
	int64_t oif;    /* OPT */
	uint64_t flags; /* RTNH_F_*: hop_flag_names */
	bool blackhole, fdb;
	const uint32_t *group; /* ids of a group's members */
	uint32_t n_group;
};

/* --- what a namespace is set to, and counts --------------------------------------------------------------------------------------- */

/* A sysctl of the namespace: "net.ipv4.ip_unprivileged_port_start"; of a device "net.ipv4.conf.eth0.rp_filter". */
struct snap_sysctl {
	uint32_t ns;
	const char *key, *value;
};

/*
 * A counter of the namespace, by the file below /proc/net that has it: "TcpExt.ListenOverflows" (netstat), "Ip.InAddrErrors" (snmp),
 * "Ip6.InReceives" (snmp6), "sockstat.TCP.inuse", "sockstat.TCP6.inuse" (sockstat, sockstat6), "conntrack.drop" (stat/nf_conntrack).
 */
struct snap_counter {
	uint32_t ns;
	const char *key;
	uint64_t value;
};

/* The id that a network namespace has for another (RTM_GETNSID). */
struct snap_nsid {
	uint32_t ns;
	uint32_t nsid;
	uint32_t peer; /* the other's number; 0: not found out */
};

/* All of a record, as snapshots hold it; and without its namespace, as it stands below that. */
extern const struct desc snap_link_desc, snap_addr_desc, snap_socket_desc, snap_socket_fd_desc, snap_tcp_info_desc, snap_route_desc,
	snap_rule_desc, snap_neigh_desc, snap_nexthop_desc, snap_sysctl_desc, snap_counter_desc, snap_nsid_desc, snap_hop_desc,
	snap_link_attr_desc;
extern const struct desc snap_cgroup_desc;
extern const struct desc socket_desc, tcp_info_desc;

#endif
