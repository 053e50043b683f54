// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sock_diag(7): requests for dumps of sockets, and their messages as records. The parsers take any bytes that nl_take_all() hands
 * on; attributes of unknown type or size are skipped. include/uapi/linux/{sock_diag,inet_diag,unix_diag,packet_diag,netlink_diag}.h
 */
#ifndef NSKIT_DIAG_H
#define NSKIT_DIAG_H

#include "model/snap.h"
#include "net/nl.h"
#include "util/intern.h"

enum {
	DIAG_UNCONN = 1 << STATE_UNCONN,
	DIAG_LISTEN = 1 << STATE_LISTEN,
	DIAG_BOUND = 1 << STATE_BOUND,
	DIAG_SYN_RECV = 1 << STATE_SYN_RECV,
	DIAG_TIME_WAIT = 1 << STATE_TIME_WAIT,
	DIAG_ALL = (1 << STATES) - 2,
};

/* What a dump of IP sockets is asked for. */
struct diag_query {
	int family;      /* AF_INET, AF_INET6; AF_UNSPEC: both (TCP, at the price of one: the request of old, TCPDIAG_GETSOCK) */
	int protocol;    /* IPPROTO_* */
	uint32_t states; /* bits by enum sock_state */
	struct {
		uint16_t min, max;
	} ports, peer_ports; /* both 0: any. The kernel's filter (INET_DIAG_REQ_BYTECODE) */
	bool info, mem;      /* figures of connections and of congestion control; memory */
};

/* A request into NL_REQUEST_SIZE bytes. */
struct nlmsghdr *diag_get(char *buf, const struct diag_query *q);
struct nlmsghdr *diag_unix_get(char *buf, uint32_t states, bool mem, bool details);
struct nlmsghdr *diag_packet_get(char *buf, bool details);
struct nlmsghdr *diag_netlink_get(char *buf, bool details);

/*
 * An answer as a record, all but ->ns filled in, strings in the interner's arena. Of IP sockets the caller knows the kind, by what he asked
 * for. info: of a TCP socket whose figures came with it, else info->cookie is 0; may be NULL: no figures are wanted. 0 or -EINVAL.
 */
int diag_parse(const struct nlmsghdr *h, enum sock_netid netid, struct intern *in, struct snap_socket *out,
	       struct snap_tcp_info *info);
int diag_unix_parse(const struct nlmsghdr *h, struct intern *in, struct snap_socket *out);
int diag_packet_parse(const struct nlmsghdr *h, struct intern *in, struct snap_socket *out);
int diag_netlink_parse(const struct nlmsghdr *h, struct intern *in, struct snap_socket *out);

/* The words for a protocol of packet sockets ("ip", "*") and of netlink ("rtnl"). */
const char *diag_link_protocol(struct intern *in, uint16_t protocol);
const char *diag_netlink_family(struct intern *in, uint8_t protocol);

#endif
