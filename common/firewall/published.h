// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Published ports: which port of one namespace leads to which of another, by whatever says so (a rule that translates, a docker-proxy, an
 * engine's map of ports, a virtual service of IPVS), and who listens there. Pure.
 */
#ifndef NSKIT_PUBLISHED_H
#define NSKIT_PUBLISHED_H

#include "firewall/ruleset.h"
#include "firewall/way.h"
#include "model/index.h"

enum published_by { PUBLISHED_RULE = 1 << 0, PUBLISHED_PROXY = 1 << 1, PUBLISHED_ENGINE = 1 << 2, PUBLISHED_IPVS = 1 << 3 };
extern const char *const published_by_names[]; /* "rule", "proxy", "engine", "ipvs"; ends with NULL */

/* What a rule asks of packets beside address, protocol and port; without it, nothing is translated. */
enum published_condition {
	PUBLISHED_SOURCE = 1 << 0, /* who sends them: addresses, ports */
	PUBLISHED_DEVICE = 1 << 1, /* by which device they come in */
	PUBLISHED_MARK = 1 << 2,
	PUBLISHED_CHANCE = 1 << 3, /* it is one of several */
	PUBLISHED_OTHER = 1 << 4,
};
extern const char *const published_condition_names[]; /* "source", "device", "mark", "chance", "other"; ends with NULL */

struct published_port {
	uint32_t ns;                            /* where it is published */
	const char *proto;                      /* "tcp", "udp", "sctp" */
	const char *host_ip;                    /* NULL: on all addresses; "10.0.0.0/24": on those */
	uint32_t host_port, host_last;          /* from this one to that; 0 to 65535: all */
	uint32_t to_ns;                         /* NSREF: where it leads to; 0: in no namespace that is known */
	const char *addr;                       /* there; NULL: not known, or its own */
	uint32_t port, last;                    /* there; as many as outside, or one for all */
	uint64_t conditions;                    /* enum published_condition */
	uint64_t by;                            /* enum published_by: all that say so */
	const char *rule;                       /* "nat DOCKER 7": table, chain and handle of the rule; "IPVS"; NULL */
	int64_t proxy_pid;                      /* OPT: of docker-proxy */
	const struct snap_container *container; /* that it leads to; NULL */
	bool listens;                           /* somebody does, there */
	int64_t listener_pid;                   /* OPT */
	const char *listener_comm;
};
extern const struct desc published_port_desc;

/* A rule that translates, and of which it cannot be told what to what. */
struct published_undecoded {
	uint32_t ns;
	const char *rule; /* "nat DOCKER 7"; NULL: there are more ways through the ruleset than were gone */
	const char *text; /* the rule in words */
};
extern const struct desc published_undecoded_desc;

struct published {
	const struct index *ix;
	struct arena arena;
	struct published_port *ports; /* by namespace and port */
	struct published_undecoded *undecoded;
	size_t n_ports, cap_ports, n_undecoded, cap_undecoded;
};

/* All that a snapshot tells of: of rules with WANT_FIREWALL, of proxies with WANT_COMMANDS, of listeners with WANT_SOCKETS. */
void published_build(struct published *p, const struct index *ix);
void published_done(struct published *p);

/* "8080", "8000-8010", "*" for all of them. In the arena. */
const char *published_range(struct arena *arena, uint32_t first, uint32_t last);

/* What a rule makes of packets that come in: those of a way (one of tcp, udp, …) go to an address and port. */
struct published_rule {
	const struct snap_fw_rule *rule;
	struct way way;
	struct ipaddr to; /* no family: this host's own */
	uint32_t port, last;
};

struct published_sink {
	void (*port)(void *arg, const struct published_rule *rule);
	void (*undecoded)(void *arg, const struct snap_fw_rule *rule); /* NULL: some ways through the ruleset were not gone */
	void *arg;
};

/*
 * All translations at prerouting, in the order in which they are tried; of two for the same packets, the first. What a namespace
 * translates for its own processes alone (at output) is not published. What is excluded ("!=", rules that return before) is not told.
 */
void published_rules(struct ruleset *r, const struct published_sink *sink);

/* docker-proxy's own arguments ("… -proto tcp -host-ip 0.0.0.0 -host-port 80 -container-ip 172.17.0.2 -container-port 80"). */
struct published_proxy {
	const char *proto;
	struct ipaddr host, to; /* host: no family: any */
	uint32_t host_port, port;
};
bool published_parse_proxy(const char *command, struct published_proxy *out);

#endif
