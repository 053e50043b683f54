// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Published ports: which port of one namespace leads to which of another, by whatever says so (a rule that translates, a docker-proxy, an
 * engine's map of ports), and who listens there. Pure.
 */
#ifndef NSKIT_PUBLISHED_H
#define NSKIT_PUBLISHED_H

#include "model/index.h"
#include "util/ipaddr.h"

enum published_by { PUBLISHED_RULE = 1 << 0, PUBLISHED_PROXY = 1 << 1, PUBLISHED_ENGINE = 1 << 2 };
extern const char *const published_by_names[]; /* "rule", "proxy", "engine"; ends with NULL */

struct published_port {
	uint32_t ns;         /* where it is published */
	const char *proto;   /* "tcp", "udp", "sctp" */
	const char *host_ip; /* NULL: on all addresses */
	uint32_t host_port;
	uint32_t to_ns;   /* NSREF: where it leads to; 0: in no namespace that is known */
	const char *addr; /* there; NULL: not known */
	uint32_t port;
	uint64_t by;                            /* enum published_by: all that say so */
	const char *rule;                       /* "nat DOCKER 7": table, chain and handle of the rule; NULL */
	int64_t proxy_pid;                      /* OPT: of docker-proxy */
	const struct snap_container *container; /* that it leads to; NULL */
	bool listens;                           /* somebody does, there */
	int64_t listener_pid;                   /* OPT */
	const char *listener_comm;
};
extern const struct desc published_port_desc;

struct published {
	const struct index *ix;
	struct arena arena;
	struct published_port *ports; /* by namespace and port */
	size_t n_ports, cap_ports;
};

/* All that a snapshot tells of: of rules with WANT_FIREWALL, of proxies with WANT_COMMANDS, of listeners with WANT_SOCKETS. */
void published_build(struct published *p, const struct index *ix);
void published_done(struct published *p);

/* What a rule translates to whom, as far as it says plainly (match and target of x_tables, or immediates): one port to one address. */
struct published_rule {
	const char *proto;  /* NULL: any */
	struct ipaddr host; /* no family: any address */
	uint32_t host_port;
	struct ipaddr to;
	uint32_t port; /* 0: the same */
};
bool published_parse_rule(const struct snap_fw_rule *rule, struct published_rule *out);

/* docker-proxy's own arguments ("… -proto tcp -host-ip 0.0.0.0 -host-port 80 -container-ip 172.17.0.2 -container-port 80"). */
bool published_parse_proxy(const char *command, struct published_rule *out);

#endif
