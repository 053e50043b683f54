// SPDX-License-Identifier: GPL-2.0-or-later
/* Files below /proc/PID/net as records. The parsers take any bytes. */
#ifndef NSKIT_NETFILES_H
#define NSKIT_NETFILES_H

#include "model/snap.h"
#include "util/intern.h"

/* A value of sockstat, sockstat6: "TCP: inuse 5 orphan 0 tw 0 alloc 9 mem 1" has "inuse" of "TCP". 0, or -ENOENT. */
int netfiles_sockstat(const char *buf, size_t len, const char *line, const char *key, uint64_t *out);

/*
 * Counters. Each file's parser hands on a name and a value at a time, the name only for the time of the call; what is no number of 64
 * bits is left out (Tcp.MaxConn is -1).
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

#endif
