// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files below /proc/PID/net as records: what is left where netlink cannot be had. The parsers take any bytes. Paths of sockets
 * stand in them as they were bound, so that whoever put a line feed into one can make up a line.
 */
#ifndef NSKIT_NETFILES_H
#define NSKIT_NETFILES_H

#include "model/snap.h"
#include "util/intern.h"
#include "util/words.h"

/* A value of sockstat, sockstat6: "TCP: inuse 5 orphan 0 tw 0 alloc 9 mem 1" has "inuse" of "TCP". 0, -ENOENT, or -EINVAL. */
int netfiles_sockstat(const char *buf, size_t len, const char *line, const char *key, uint64_t *out);

/*
 * Counters. Each file's parser hands on a name and a value at a time, the name only for the time of the call; what is no number
 * of 64 bits is left out (Tcp.MaxConn is -1).
 *	paired     netstat, snmp: a line of names and a line of values: "TcpExt.ListenOverflows"
 *	snmp6      a name and a value a line: "Ip6.InReceives"
 *	sockets    sockstat, sockstat6: "sockstat.TCP.inuse"
 *	conntrack  stat/nf_conntrack: a line for each CPU, in hexadecimal: "conntrack.insert_failed", summed up
 */
typedef void netfiles_take(const char *key, size_t len, uint64_t value, void *arg);
void netfiles_paired(const char *buf, size_t len, netfiles_take *take, void *arg);
void netfiles_snmp6(const char *buf, size_t len, netfiles_take *take, void *arg);
void netfiles_sockets(const char *buf, size_t len, netfiles_take *take, void *arg);
void netfiles_conntrack(const char *buf, size_t len, netfiles_take *take, void *arg);

/*
 * A line of a file, as a record: all but ->ns (and, of IP sockets, ->netid) filled in as far as the file tells. 0, or -EINVAL: a
 * heading, or nonsense. ip: tcp, tcp6, udp, udp6, udplite, udplite6, raw, raw6, icmp, icmp6.
 */
int netfiles_ip(struct words line, struct intern *in, struct snap_socket *out);
int netfiles_unix(struct words line, struct intern *in, struct snap_socket *out);
int netfiles_packet(struct words line, struct intern *in, struct snap_socket *out);
int netfiles_netlink(struct words line, struct intern *in, struct snap_socket *out);

/* A line of ip_vs: a service (servers and ->ns are not filled in), or one of the servers of the service that was last. */
int netfiles_vserver(struct words line, struct intern *in, struct snap_vserver *out);
int netfiles_vserver_dest(struct words line, struct intern *in, struct snap_vserver_dest *out);

/*
 * dev: a device with its counters, but no number; dev_mcast: "2 eth0 …", the number of one that is up. if_inet6: an address, and
 * its device's name. route, ipv6_route: a route of the main table (IPv6: of all, without saying of which), and its device's name.
 */
int netfiles_dev(struct words line, struct intern *in, struct snap_link *out);
int netfiles_index(struct words line, struct words *name, uint32_t *ifindex);
int netfiles_addr6(struct words line, struct intern *in, struct snap_addr *out, struct words *device);
int netfiles_route(struct words line, struct intern *in, struct snap_route *out, struct words *device);
int netfiles_route6(struct words line, struct intern *in, struct snap_route *out, struct words *device);

#endif
