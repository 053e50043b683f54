// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/net.h"
#include "util/util.h"

const char *const addr_family_names[] = { "inet", "inet6", NULL };

/* --- sockets: the words of ss (misc/ss.c) ------------------------------------------------------------------------------------------ */

const char *const sock_netid_names[] = { "tcp",   "udp",   "mptcp", "udplite", "sctp",  "dccp", "raw", "icmp",
					 "u_str", "u_dgr", "u_seq", "p_raw",   "p_dgr", "nl",   NULL };
const char *const sock_state_names[] = { "UNKNOWN",    "ESTAB",     "SYN-SENT",     "SYN-RECV",   "FIN-WAIT-1",
					 "FIN-WAIT-2", "TIME-WAIT", "UNCONN",       "CLOSE-WAIT", "LAST-ACK",
					 "LISTEN",     "CLOSING",   "NEW-SYN-RECV", "BOUND",      NULL };
const char *const sock_flag_names[] = { "reuseaddr",     "reuseport",      "v6only",
					"freebind",      "transparent",    "bind-address-no-port",
					"hdrincl",       "mptcp-subflow",  "peer",
					"shutdown-read", "shutdown-write", NULL };
const char *const sock_timer_names[] = { "off", "on", "keepalive", "timewait", "persist", NULL };

/* --- links and addresses ----------------------------------------------------------------------------------------------------------- */

/* Bit by bit; include/uapi/linux/if.h, with iproute2's words (ip/ipaddress.c, print_link_flags). */
const char *const link_flag_names[] = { "UP",        "BROADCAST", "DEBUG",    "LOOPBACK", "POINTOPOINT", "NOTRAILERS", "RUNNING",
					"NOARP",     "PROMISC",   "ALLMULTI", "MASTER",   "SLAVE",       "MULTICAST",  "PORTSEL",
					"AUTOMEDIA", "DYNAMIC",   "LOWER_UP", "DORMANT",  "ECHO",        NULL };
const char *const link_operstate_names[] = { "UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN", "TESTING", "DORMANT", "UP", NULL };
/* IFA_F_*, include/uapi/linux/if_addr.h; bit 0 is "secondary" of an IPv4 address. */
const char *const addr_flag_names[] = { "temporary",  "nodad",          "optimistic", "dadfailed",  "home",
					"deprecated", "tentative",      "permanent",  "mngtmpaddr", "noprefixroute",
					"autojoin",   "stable-privacy", NULL };

struct numbered {
	uint32_t number;
	const char *name;
};

static const char *name_of(const struct numbered *list, size_t n, uint32_t number)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].number == number)
			return list[i].name;
	return NULL;
}

/* include/uapi/linux/if_arp.h */
const char *link_type_name(uint32_t type)
{
	static const struct numbered types[] = {
		{ 1, "ether" },        { 772, "loopback" },
		{ 768, "ipip" },       { 769, "tunnel6" },
		{ 776, "sit" },        { 778, "gre" },
		{ 823, "gre6" },       { 65534, "none" },
		{ 32, "infiniband" },  { 512, "ppp" },
		{ 773, "fddi" },       { 783, "irda" },
		{ 801, "ieee802.11" }, { 803, "ieee802.11/radiotap" },
		{ 280, "can" },        { 824, "netlink" },
		{ 519, "rawip" },      { 65535, "void" },
	};

	return name_of(types, ARRAY_SIZE(types), type);
}

/* --- routes, rules, neighbours --------------------------------------------------------------------------------------------------- */

/* RTNH_F_* (include/uapi/linux/rtnetlink.h) bit by bit; from bit 8 RTM_F_*. */
const char *const hop_flag_names[] = { "dead",         "pervasive", "onlink",     "offload", "linkdown", "unresolved",
				       "trap",         "",          "notify",     "cloned",  "equalize", "prefix",
				       "lookup_table", "fib_match", "rt_offload", "rt_trap", NULL };
const char *const route_type_names[] = { "unspec",      "unicast",  "local", "broadcast", "anycast",  "multicast", "blackhole",
					 "unreachable", "prohibit", "throw", "nat",       "xresolve", NULL };
const char *const rule_action_names[] = { "unspec", "table",     "goto",        "nop",      "res3",
					  "res4",   "blackhole", "unreachable", "prohibit", NULL };
const char *const neigh_state_names[] = {
	"INCOMPLETE", "REACHABLE", "STALE", "DELAY", "PROBE", "FAILED", "NOARP", "PERMANENT", NULL
};
const char *const neigh_flag_names[] = { "use",    "self",    "master", "proxy", "extern_learn", "offload", "sticky",
					 "router", "managed", "locked", NULL };

const char *route_scope_name(uint32_t scope)
{
	static const struct numbered scopes[] = {
		{ 0, "global" }, { 200, "site" }, { 253, "link" }, { 254, "host" }, { 255, "nowhere" }
	};

	return name_of(scopes, ARRAY_SIZE(scopes), scope);
}

const char *route_protocol_name(uint32_t protocol)
{
	static const struct numbered protocols[] = {
		{ 0, "unspec" }, { 1, "redirect" }, { 2, "kernel" },   { 3, "boot" },        { 4, "static" },    { 8, "gated" },
		{ 9, "ra" },     { 10, "mrt" },     { 11, "zebra" },   { 12, "bird" },       { 13, "dnrouted" }, { 14, "xorp" },
		{ 15, "ntk" },   { 16, "dhcp" },    { 17, "mrouted" }, { 18, "keepalived" }, { 42, "babel" },    { 99, "openr" },
		{ 186, "bgp" },  { 187, "isis" },   { 188, "ospf" },   { 189, "rip" },       { 192, "eigrp" },
	};

	return name_of(protocols, ARRAY_SIZE(protocols), protocol);
}

const char *route_table_name(uint32_t table)
{
	static const struct numbered tables[] = { { 253, "default" }, { 254, "main" }, { 255, "local" } };

	return name_of(tables, ARRAY_SIZE(tables), table);
}

/* --- descriptors -------------------------------------------------------------------------------------------------------------------- */

#define F(rec, member, ...) FIELD(rec, member, __VA_ARGS__)
#define N(rec, member) COUNTED(rec, member)
/* The same records where their namespace is not said again: its field is the first. */
/* clang-format off */
#define INNER(var, cname, ctype, helptext, list) \
	const struct desc var = { .name = cname, .help = helptext, .size = sizeof(ctype), .fields = (list) + 1, \
				  .n_fields = ARRAY_SIZE(list) - 1 }
/* clang-format on */

static const struct field socket_fields[] = {
	F(snap_socket, ns, F_U32, HELP("network namespace")),
	F(snap_socket, netid, F_ENUM, .names = sock_netid_names, HELP("kind of socket, as ss calls it")),
	F(snap_socket, family, F_ENUM, .names = addr_family_names, HELP("inet or inet6")),
	F(snap_socket, state, F_ENUM, .names = sock_state_names,
	  HELP("state, as ss calls it; BOUND: bound, neither listening nor connected")),
	F(snap_socket, addr, F_STR, OMIT, HELP("local address")),
	F(snap_socket, port, F_U32, HELP("local port")),
	F(snap_socket, peer, F_STR, OMIT, HELP("peer's address")),
	F(snap_socket, peer_port, F_U32, HELP("its port")),
	F(snap_socket, ifindex, F_OPT, OMIT, HELP("number of the only device that it is on")),
	F(snap_socket, path, F_BYTES, OMIT, .off_n = offsetof(struct snap_socket, path_len),
	  HELP("path or, after @, abstract name (unix)")),
	F(snap_socket, vfs_dev, F_U32, HELP("device number of the path's file (unix)")),
	F(snap_socket, vfs_ino, F_U64, HELP("its inode number (unix)")),
	F(snap_socket, recv_q, F_U32, HELP("bytes received; of a listener, connections not accepted yet")),
	F(snap_socket, send_q, F_U32, HELP("bytes not acknowledged; of a listener, how many it lets wait")),
	F(snap_socket, uid, F_U32, HELP("owner's user id")),
	F(snap_socket, ino, F_U64, HELP("inode number; 0: no file has it")),
	F(snap_socket, peer_ino, F_U64, HELP("inode number of the other end (unix)")),
	F(snap_socket, cookie, F_ID64, HELP("the kernel's id of the socket")),
	F(snap_socket, cgroup, F_ID64, HELP("id of its control group (v2)")),
	F(snap_socket, flags, F_FLAGS, .names = sock_flag_names, HELP("options")),
	F(snap_socket, known, F_FLAGS, .names = sock_flag_names, HELP("which of these are known")),
	F(snap_socket, mark, F_OPT, OMIT, HELP("firewall mark")),
	F(snap_socket, timer, F_ENUM, .names = sock_timer_names, HELP("timer that runs")),
	F(snap_socket, expires_ms, F_OPT, OMIT, HELP("its rest, in ms")),
	F(snap_socket, retrans, F_U32, HELP("retransmissions")),
	F(snap_socket, mem, F_U32S, OMIT, N(snap_socket, mem),
	  HELP("memory, as ss -m has it: rmem_alloc, rcvbuf, wmem_alloc, sndbuf, fwd_alloc, wmem_queued, optmem, backlog, drops")),
	F(snap_socket, list, F_U32S, OMIT, N(snap_socket, list),
	  HELP("netlink: groups; unix listener: inode numbers of what waits to be accepted")),
	F(snap_socket, details, F_RECS, OMIT, .rec = &snap_link_attr_desc, N(snap_socket, details),
	  HELP("what its kind has of its own, in ss's words")),
};
DESC(snap_socket_desc, "socket", struct snap_socket, "a socket", socket_fields);
INNER(socket_desc, "socket", struct snap_socket, "a socket", socket_fields);

static const struct field cgroup_fields[] = {
	F(snap_cgroup, id, F_ID64, HELP("id")),
	F(snap_cgroup, path, F_STR, HELP("path below the mount")),
};
DESC(snap_cgroup_desc, "cgroup", struct snap_cgroup, "a control group of a socket", cgroup_fields);

static const struct field socket_fd_fields[] = {
	F(snap_socket_fd, ino, F_U64, HELP("inode number of the socket")),
	F(snap_socket_fd, ns, F_NSREF, HELP("its network namespace")),
	F(snap_socket_fd, pid, F_U32, HELP("process that has it open")),
	F(snap_socket_fd, tid, F_U32, HELP("thread in whose table it is")),
	F(snap_socket_fd, fd, F_U32, HELP("descriptor")),
};
DESC(snap_socket_fd_desc, "socket_fd", struct snap_socket_fd, "a file descriptor of a socket", socket_fd_fields);

static const struct field tcp_info_fields[] = {
	F(snap_tcp_info, ns, F_U32, HELP("network namespace")),
	F(snap_tcp_info, cookie, F_ID64, HELP("the socket's id")),
	F(snap_tcp_info, congestion, F_STR, OMIT, HELP("congestion control")),
	F(snap_tcp_info, rto, F_U32, HELP("retransmission timeout, us")),
	F(snap_tcp_info, rtt, F_U32, HELP("round trip time, us")),
	F(snap_tcp_info, rttvar, F_U32, HELP("its variation, us")),
	F(snap_tcp_info, snd_mss, F_U32, HELP("largest segment sent")),
	F(snap_tcp_info, rcv_mss, F_U32, HELP("largest segment received")),
	F(snap_tcp_info, pmtu, F_U32, HELP("path MTU")),
	F(snap_tcp_info, advmss, F_U32, HELP("advertised MSS")),
	F(snap_tcp_info, cwnd, F_U32, HELP("congestion window")),
	F(snap_tcp_info, ssthresh, F_U32, HELP("slow start threshold")),
	F(snap_tcp_info, unacked, F_U32, HELP("segments not acknowledged")),
	F(snap_tcp_info, lost, F_U32, HELP("segments lost")),
	F(snap_tcp_info, retrans, F_U32, HELP("segments being retransmitted")),
	F(snap_tcp_info, total_retrans, F_U32, HELP("retransmitted so far")),
	F(snap_tcp_info, last_snd, F_U32, HELP("sent, ms ago")),
	F(snap_tcp_info, last_rcv, F_U32, HELP("received, ms ago")),
	F(snap_tcp_info, last_ack, F_U32, HELP("acknowledged, ms ago")),
	F(snap_tcp_info, snd_wscale, F_OPT, OMIT, HELP("window scale, sending")),
	F(snap_tcp_info, rcv_wscale, F_OPT, OMIT, HELP("window scale, receiving")),
	F(snap_tcp_info, bytes_acked, F_U64, HELP("bytes acknowledged")),
	F(snap_tcp_info, bytes_received, F_U64, HELP("bytes received")),
	F(snap_tcp_info, segs_out, F_U64, HELP("segments sent")),
	F(snap_tcp_info, segs_in, F_U64, HELP("segments received")),
	F(snap_tcp_info, pacing_rate, F_U64, HELP("bytes a second; 0: no limit")),
	F(snap_tcp_info, delivery_rate, F_U64, HELP("bytes a second")),
	F(snap_tcp_info, min_rtt, F_U64, HELP("smallest round trip time, us")),
	F(snap_tcp_info, timestamps, F_BOOL, HELP("timestamps option")),
	F(snap_tcp_info, sack, F_BOOL, HELP("selective acknowledgements")),
	F(snap_tcp_info, ecn, F_BOOL, HELP("congestion notification")),
	F(snap_tcp_info, ecn_seen, F_BOOL, HELP("it was seen at work")),
	F(snap_tcp_info, fast_open, F_BOOL, HELP("data came with the SYN and was acknowledged")),
	F(snap_tcp_info, app_limited, F_BOOL, HELP("delivery_rate is what the application sent")),
	F(snap_tcp_info, backoff, F_U32, HELP("doublings of the timeout")),
	F(snap_tcp_info, ato, F_U32, HELP("timeout of delayed acknowledgements, us")),
	F(snap_tcp_info, sacked, F_U32, HELP("segments acknowledged out of order; of a listener its limit")),
	F(snap_tcp_info, fackets, F_U32, HELP("segments acknowledged forward")),
	F(snap_tcp_info, reordering, F_U32, HELP("segments that may be out of order")),
	F(snap_tcp_info, rcv_rtt, F_U32, HELP("round trip time as the receiver sees it, us")),
	F(snap_tcp_info, rcv_space, F_U32, HELP("room for receiving, bytes")),
	F(snap_tcp_info, rcv_ssthresh, F_U32, HELP("most that the window may grow to")),
	F(snap_tcp_info, notsent, F_U32, HELP("bytes not sent yet")),
	F(snap_tcp_info, data_segs_out, F_U32, HELP("segments with data sent")),
	F(snap_tcp_info, data_segs_in, F_U32, HELP("segments with data received")),
	F(snap_tcp_info, max_pacing_rate, F_U64, HELP("SO_MAX_PACING_RATE, bytes a second; 0: no limit")),
	F(snap_tcp_info, busy_time, F_U64, HELP("busy sending, us")),
	F(snap_tcp_info, rwnd_limited, F_U64, HELP("held up by the other end's window, us")),
	F(snap_tcp_info, sndbuf_limited, F_U64, HELP("held up by the send buffer, us")),
	F(snap_tcp_info, bytes_sent, F_U64, HELP("bytes sent, again or not")),
	F(snap_tcp_info, bytes_retrans, F_U64, HELP("bytes sent again")),
	F(snap_tcp_info, delivered, F_U32, HELP("segments delivered")),
	F(snap_tcp_info, delivered_ce, F_U32, HELP("of these, with a congestion mark")),
	F(snap_tcp_info, dsack_dups, F_U32, HELP("duplicates that the other end reported")),
	F(snap_tcp_info, reord_seen, F_U32, HELP("times that order was found changed")),
	F(snap_tcp_info, rcv_ooopack, F_U32, HELP("packets received out of order")),
	F(snap_tcp_info, snd_wnd, F_U32, HELP("the other end's window, bytes")),
	F(snap_tcp_info, rcv_wnd, F_OPT, OMIT, HELP("own window, bytes (6.2)")),
	F(snap_tcp_info, rehash, F_OPT, OMIT, HELP("times that another path was tried (6.2)")),
	F(snap_tcp_info, total_rto, F_OPT, OMIT, HELP("timeouts so far (6.7)")),
	F(snap_tcp_info, total_rto_recoveries, F_OPT, OMIT, HELP("recoveries from these (6.7)")),
	F(snap_tcp_info, total_rto_time, F_OPT, OMIT, HELP("time in these, ms (6.7)")),
};
DESC(snap_tcp_info_desc, "tcp_info", struct snap_tcp_info, "figures of a TCP connection", tcp_info_fields);
INNER(tcp_info_desc, "tcp_info", struct snap_tcp_info, "figures of a TCP connection", tcp_info_fields);

static const struct field link_attr_fields[] = {
	F(snap_link_attr, key, F_STR, HELP("its name, as ip has it")),
	F(snap_link_attr, value, F_STR, HELP("its value")),
	F(snap_link_attr, number, F_BOOL, HELP("whether that is a number")),
};
DESC(snap_link_attr_desc, "link_attr", struct snap_link_attr, "a property of a virtual device", link_attr_fields);

static const struct field link_fields[] = {
	F(snap_link, ns, F_U32, HELP("network namespace")),
	F(snap_link, ifindex, F_U32, HELP("number")),
	F(snap_link, ifname, F_STR, HELP("name")),
	F(snap_link, kind, F_STR, OMIT, HELP("kind of virtual device")),
	F(snap_link, slave_kind, F_STR, OMIT, HELP("kind of place below its master")),
	F(snap_link, flags, F_FLAGS, .names = link_flag_names, HELP("flags, as ip shows them")),
	F(snap_link, operstate, F_ENUM, .names = link_operstate_names, HELP("operational state")),
	F(snap_link, mtu, F_U32, HELP("largest packet, in bytes")),
	F(snap_link, type, F_U32, HELP("type of hardware (ARPHRD_*)")),
	F(snap_link, qdisc, F_STR, OMIT, HELP("queueing discipline")),
	F(snap_link, group, F_U32, HELP("group")),
	F(snap_link, txqlen, F_U32, HELP("length of its queue")),
	F(snap_link, linkmode, F_U32, HELP("link mode")),
	F(snap_link, address, F_STR, OMIT, HELP("link layer address")),
	F(snap_link, broadcast, F_STR, OMIT, HELP("link layer broadcast address")),
	F(snap_link, altnames, F_STRS, OMIT, N(snap_link, altnames), HELP("more names")),
	F(snap_link, master, F_OPT, OMIT, HELP("number of its bridge or bond")),
	F(snap_link, link, F_OPT, OMIT, HELP("number of its peer or lower device")),
	F(snap_link, link_netnsid, F_OPT, OMIT, HELP("this namespace's id of where that is; none: here")),
	F(snap_link, peer_ns, F_NSREF, OMIT, HELP("the namespace where that is")),
	F(snap_link, xdp_prog, F_OPT, OMIT, HELP("id of its XDP program")),
	F(snap_link, rx_bytes, F_U64, HELP("bytes received")),
	F(snap_link, rx_packets, F_U64, HELP("packets received")),
	F(snap_link, rx_errors, F_U64, HELP("errors, receiving")),
	F(snap_link, rx_dropped, F_U64, HELP("dropped, receiving")),
	F(snap_link, rx_over_errors, F_U64, HELP("overruns, receiving")),
	F(snap_link, rx_multicast, F_U64, HELP("multicast packets received")),
	F(snap_link, tx_bytes, F_U64, HELP("bytes sent")),
	F(snap_link, tx_packets, F_U64, HELP("packets sent")),
	F(snap_link, tx_errors, F_U64, HELP("errors, sending")),
	F(snap_link, tx_dropped, F_U64, HELP("dropped, sending")),
	F(snap_link, tx_carrier_errors, F_U64, HELP("losses of carrier")),
	F(snap_link, tx_collisions, F_U64, HELP("collisions")),
	F(snap_link, details, F_RECS, OMIT, .rec = &snap_link_attr_desc, N(snap_link, details),
	  HELP("what ip -d shows of any device")),
	F(snap_link, data, F_RECS, OMIT, .rec = &snap_link_attr_desc, N(snap_link, data), HELP("what its kind has of its own")),
	F(snap_link, slave_data, F_RECS, OMIT, .rec = &snap_link_attr_desc, N(snap_link, slave_data),
	  HELP("what it has as a port of its master")),
};
DESC(snap_link_desc, "link", struct snap_link, "a network device", link_fields);

static const struct field addr_fields[] = {
	F(snap_addr, ns, F_U32, HELP("network namespace")),
	F(snap_addr, ifindex, F_U32, HELP("number of the device")),
	F(snap_addr, family, F_ENUM, .names = addr_family_names, HELP("inet or inet6")),
	F(snap_addr, local, F_STR, HELP("address")),
	F(snap_addr, peer, F_STR, OMIT, HELP("address of the other end of a point-to-point link")),
	F(snap_addr, prefixlen, F_U32, HELP("bits of its network")),
	F(snap_addr, broadcast, F_STR, OMIT, HELP("broadcast address")),
	F(snap_addr, label, F_STR, OMIT, HELP("label")),
	F(snap_addr, scope, F_U32, HELP("scope (RT_SCOPE_*)")),
	F(snap_addr, flags, F_FLAGS, .names = addr_flag_names, HELP("flags; temporary is secondary of an IPv4 address")),
	F(snap_addr, valid_lft, F_U32, HELP("seconds that it is valid; 4294967295: for ever")),
	F(snap_addr, preferred_lft, F_U32, HELP("seconds that it is preferred")),
};
DESC(snap_addr_desc, "address", struct snap_addr, "an address of a network device", addr_fields);

static const struct field hop_fields[] = {
	F(snap_hop, family, F_ENUM, .names = addr_family_names, HELP("family of the gateway")),
	F(snap_hop, gateway, F_STR, OMIT, HELP("gateway")),
	F(snap_hop, oif, F_OPT, OMIT, HELP("number of the device")),
	F(snap_hop, weight, F_U32, HELP("weight")),
	F(snap_hop, flags, F_FLAGS, .names = hop_flag_names, HELP("flags")),
};
DESC(snap_hop_desc, "hop", struct snap_hop, "a way that a route may take", hop_fields);

static const struct field route_fields[] = {
	F(snap_route, ns, F_U32, HELP("network namespace")),
	F(snap_route, family, F_ENUM, .names = addr_family_names, HELP("inet or inet6")),
	F(snap_route, type, F_ENUM, .names = route_type_names, HELP("type")),
	F(snap_route, dst, F_STR, OMIT, HELP("destination; none: default")),
	F(snap_route, dst_len, F_U32, HELP("bits of it")),
	F(snap_route, src, F_STR, OMIT, HELP("from")),
	F(snap_route, src_len, F_U32, HELP("bits of it")),
	F(snap_route, gateway, F_STR, OMIT, HELP("gateway")),
	F(snap_route, gateway_family, F_ENUM, .names = addr_family_names, HELP("its family")),
	F(snap_route, oif, F_OPT, OMIT, HELP("number of the device")),
	F(snap_route, iif, F_OPT, OMIT, HELP("number of the device that packets come from")),
	F(snap_route, prefsrc, F_STR, OMIT, HELP("preferred source address")),
	F(snap_route, table, F_U32, HELP("table")),
	F(snap_route, protocol, F_U32, HELP("who made it (RTPROT_*)")),
	F(snap_route, scope, F_U32, HELP("scope (RT_SCOPE_*)")),
	F(snap_route, tos, F_U32, HELP("type of service")),
	F(snap_route, metric, F_OPT, OMIT, HELP("metric")),
	F(snap_route, flags, F_FLAGS, .names = hop_flag_names, HELP("flags")),
	F(snap_route, nhid, F_OPT, OMIT, HELP("id of its nexthop object")),
	F(snap_route, expires, F_OPT, OMIT, HELP("seconds that an IPv6 route has left")),
	F(snap_route, encap, F_STR, OMIT, HELP("what its packets are wrapped in")),
	F(snap_route, pref, F_OPT, OMIT, HELP("preference of an IPv6 route: 0 medium, 1 high, 3 low")),
	F(snap_route, metrics, F_RECS, OMIT, .rec = &snap_link_attr_desc, N(snap_route, metrics),
	  HELP("what it sets for its connections")),
	F(snap_route, hops, F_RECS, OMIT, .rec = &snap_hop_desc, N(snap_route, hops), HELP("the ways of a multipath route")),
};
DESC(snap_route_desc, "route", struct snap_route, "a route", route_fields);

static const struct field rule_fields[] = {
	F(snap_rule, ns, F_U32, HELP("network namespace")),
	F(snap_rule, family, F_ENUM, .names = addr_family_names, HELP("inet or inet6")),
	F(snap_rule, priority, F_U32, HELP("priority")),
	F(snap_rule, invert, F_BOOL, HELP("not")),
	F(snap_rule, src, F_STR, OMIT, HELP("from; none: all")),
	F(snap_rule, src_len, F_U32, HELP("bits of it")),
	F(snap_rule, dst, F_STR, OMIT, HELP("to; none: all")),
	F(snap_rule, dst_len, F_U32, HELP("bits of it")),
	F(snap_rule, iif, F_STR, OMIT, HELP("device that packets come from")),
	F(snap_rule, oif, F_STR, OMIT, HELP("device of the sending socket")),
	F(snap_rule, fwmark, F_OPT, OMIT, HELP("firewall mark")),
	F(snap_rule, fwmask, F_OPT, OMIT, HELP("its mask")),
	F(snap_rule, tos, F_OPT, OMIT, HELP("type of service")),
	F(snap_rule, ipproto, F_OPT, OMIT, HELP("protocol")),
	F(snap_rule, sport_min, F_OPT, OMIT, HELP("source ports from")),
	F(snap_rule, sport_max, F_OPT, OMIT, HELP("to")),
	F(snap_rule, dport_min, F_OPT, OMIT, HELP("destination ports from")),
	F(snap_rule, dport_max, F_OPT, OMIT, HELP("to")),
	F(snap_rule, uid_min, F_OPT, OMIT, HELP("user ids from")),
	F(snap_rule, uid_max, F_OPT, OMIT, HELP("to")),
	F(snap_rule, table, F_OPT, OMIT, HELP("table")),
	F(snap_rule, target, F_OPT, OMIT, HELP("priority to go on at")),
	F(snap_rule, suppress_prefixlen, F_OPT, OMIT, HELP("routes with no more bits do not count")),
	F(snap_rule, suppress_ifgroup, F_OPT, OMIT, HELP("routes by a device of that group do not count")),
	F(snap_rule, tun_id, F_OPT, OMIT, HELP("id of a tunnel")),
	F(snap_rule, realms, F_OPT, OMIT, HELP("realms: from << 16 | to")),
	F(snap_rule, unresolved, F_BOOL, HELP("no rule has the priority to go on at")),
	F(snap_rule, iif_detached, F_BOOL, HELP("there is no such device as iif")),
	F(snap_rule, oif_detached, F_BOOL, HELP("there is no such device as oif")),
	F(snap_rule, action, F_ENUM, .names = rule_action_names, HELP("what to do")),
	F(snap_rule, l3mdev, F_BOOL, HELP("look in the table of the VRF")),
	F(snap_rule, more, F_BOOL, HELP("minds more than is read here")),
	F(snap_rule, protocol, F_U32, HELP("who made it (RTPROT_*)")),
};
DESC(snap_rule_desc, "rule", struct snap_rule, "a routing policy rule", rule_fields);

static const struct field neigh_fields[] = {
	F(snap_neigh, ns, F_U32, HELP("network namespace")),
	F(snap_neigh, family, F_ENUM, .names = addr_family_names, HELP("inet or inet6")),
	F(snap_neigh, dst, F_STR, HELP("address")),
	F(snap_neigh, lladdr, F_STR, OMIT, HELP("link layer address")),
	F(snap_neigh, ifindex, F_U32, HELP("number of the device")),
	F(snap_neigh, state, F_FLAGS, .names = neigh_state_names, HELP("state")),
	F(snap_neigh, flags, F_FLAGS, .names = neigh_flag_names, HELP("flags")),
	F(snap_neigh, protocol, F_U32, HELP("who made it (RTPROT_*)")),
};
DESC(snap_neigh_desc, "neighbour", struct snap_neigh, "a neighbour", neigh_fields);

static const struct field nexthop_fields[] = {
	F(snap_nexthop, ns, F_U32, HELP("network namespace")),
	F(snap_nexthop, id, F_U32, HELP("id")),
	F(snap_nexthop, family, F_ENUM, .names = addr_family_names, HELP("inet or inet6")),
	F(snap_nexthop, gateway, F_STR, OMIT, HELP("gateway")),
	F(snap_nexthop, oif, F_OPT, OMIT, HELP("number of the device")),
	F(snap_nexthop, flags, F_FLAGS, .names = hop_flag_names, HELP("flags")),
	F(snap_nexthop, blackhole, F_BOOL, HELP("drops packets")),
	F(snap_nexthop, fdb, F_BOOL, HELP("for a bridge")),
	F(snap_nexthop, group, F_U32S, OMIT, N(snap_nexthop, group), HELP("ids of its members")),
};
DESC(snap_nexthop_desc, "nexthop", struct snap_nexthop, "a nexthop object", nexthop_fields);

static const struct field sysctl_fields[] = {
	F(snap_sysctl, ns, F_U32, HELP("network namespace")),
	F(snap_sysctl, key, F_STR, HELP("name")),
	F(snap_sysctl, value, F_STR, HELP("value")),
};
DESC(snap_sysctl_desc, "sysctl", struct snap_sysctl, "a setting of a network namespace", sysctl_fields);

static const struct field counter_fields[] = {
	F(snap_counter, ns, F_U32, HELP("network namespace")),
	F(snap_counter, key, F_STR, HELP("name")),
	F(snap_counter, value, F_U64, HELP("value")),
};
DESC(snap_counter_desc, "counter", struct snap_counter, "a counter of a network namespace", counter_fields);

static const struct field nsid_fields[] = {
	F(snap_nsid, ns, F_U32, HELP("network namespace")),
	F(snap_nsid, nsid, F_U32, HELP("id")),
	F(snap_nsid, peer, F_U32, HELP("the other's number")),
};
DESC(snap_nsid_desc, "nsid", struct snap_nsid, "the id that a network namespace has for another", nsid_fields);
