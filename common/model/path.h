// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What stands in a packet's path beside routes and rulesets (net.h, firewall.h): records of a snapshot (struct snap), WANT_PATH.
 * Names of programs are raw bytes.
 */
#ifndef NSKIT_PATH_RECORDS_H
#define NSKIT_PATH_RECORDS_H

#include <stdbool.h>

#include "model/desc.h"

/* Where a program or filter is attached, in the order in which a packet on its way in meets them; then those on its way out. */
enum hook_place {
	HOOK_XDP,
	HOOK_TCX_INGRESS,
	HOOK_TC_INGRESS,
	HOOK_SK_LOOKUP,
	HOOK_CGROUP_INGRESS,
	HOOK_CGROUP_EGRESS,
	HOOK_TC_EGRESS,
	HOOK_TCX_EGRESS,
	HOOK_NETKIT,
	HOOK_XFRM, /* no program, but IPsec policies: on any way out or in, and through */
};
extern const char *const hook_place_names[]; /* "xdp", "tcx-ingress", …; ends with NULL */

struct snap_hook {
	uint32_t ns;             /* 0: of a control group */
	uint8_t place;           /* enum hook_place */
	uint32_t ifindex;        /* of devices' hooks */
	uint64_t cgroup;         /* of a control group's: id of the one whose sockets it sees */
	const char *cgroup_path; /* its path; NULL: none, or unknown */
	uint32_t prog_id;        /* 0: no BPF program, but a filter of another kind */
	const char *prog_name;   /* as the kernel keeps it: 15 bytes */
	const char *function;    /* its whole name, where that is longer; NULL */
	const char *kind;        /* tc: "bpf", "matchall", "flower", "u32" */
	uint32_t count;          /* xfrm: how many policies */
	const char *action;      /* tc: the first that ends a packet's way, "drop", "redirect"; NULL: none */
	uint32_t prio;           /* tc: preference; others: place in the chain of programs */
	bool answers;            /* tc: what the program returns is the verdict (direct-action) */
};

/* A process that does not run, among those with sockets that wait for others. */
enum halt_kind { HALT_STOPPED, HALT_TRACED, HALT_FROZEN };
extern const char *const halt_kind_names[]; /* "stopped", "traced", "frozen"; ends with NULL */
struct snap_halt {
	uint32_t pid;
	uint8_t kind;       /* enum halt_kind */
	const char *cgroup; /* frozen: the control group that says so, as a path */
};

/* A virtual service of IPVS (/proc/net/ip_vs): whose packets go to one of its servers, whoever listens here. */
struct snap_vserver_dest {
	const char *addr;
	uint32_t port;
	const char *forward; /* "Masq", "Local", "Tunnel", "Route", "Bypass" */
	uint32_t weight;     /* 0: it gets no new connections */
};
struct snap_vserver {
	uint32_t ns;
	const char *proto;     /* "TCP", "UDP", "SCTP"; "FWM" goes by mark */
	const char *addr;      /* NULL: FWM */
	uint32_t port, mark;   /* port 0: all ports of the address that have no service of their own */
	const char *scheduler; /* "rr" */
	const struct snap_vserver_dest *servers;
	uint32_t n_servers;
};

/*
 * What the kernel said about one packet: the run of a program on it, or the conntrack entry that it meets. They answer a question, so
 * they are not saved with a snapshot.
 */
enum trial_kind { TRIAL_PROGRAM, TRIAL_CONNTRACK, TRIAL_FLOWS /* entries for the destination, from whatever port */ };
enum trial_verdict { TRIAL_PASS, TRIAL_DROP, TRIAL_REDIRECT, TRIAL_REFUSED /* it could not be run: err */ };
struct snap_trial_flow { /* an entry: from where, and what it is turned into */
	const char *src, *to_dst;
	uint32_t sport, to_dport;
	bool unreplied;
};
struct snap_trial {
	uint8_t kind;  /* enum trial_kind */
	uint32_t ns;   /* in which the packet was */
	uint8_t place; /* enum hook_place, of a program */
	uint32_t ifindex, prog_id;
	uint64_t cgroup;
	uint8_t proto;         /* the packet: IPPROTO_TCP, … */
	const char *src, *dst; /* addresses as text */
	uint32_t sport, dport;
	/* The answer: */
	bool answered;
	uint8_t verdict;             /* enum trial_verdict */
	int32_t err;                 /* 0, or errno: of the run; ENOENT: no such conntrack entry */
	int32_t ret;                 /* what the program returned */
	uint64_t cookie;             /* sk_lookup: of the socket that it chose; 0 none */
	const char *to_src, *to_dst; /* conntrack: what the packet is turned into (the reply tuple, reversed) */
	uint32_t to_sport, to_dport;
	bool unreplied;
	int64_t timeout; /* seconds left */
	const struct snap_trial_flow *flows;
	uint32_t n_flows;
};

extern const struct desc snap_hook_desc, snap_halt_desc, snap_vserver_desc, snap_vserver_dest_desc;

#endif
