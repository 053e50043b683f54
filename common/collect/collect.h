// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The only door to the kernel. collect() fills a snapshot and returns; nothing after it reads /proc, netlink or the clock.
 * Silent: what could not be read becomes a gap in the snapshot.
 */
#ifndef NSKIT_COLLECT_H
#define NSKIT_COLLECT_H

#include "model/snap.h"

struct index;
struct session;
enum collector { COLLECT_AUTO, COLLECT_BPF, COLLECT_PROC };
extern const char *const collector_names[]; /* "auto", "bpf", "proc", NULL */

/*
 * Which sockets WANT_SOCKETS means: all zero is every one. The kernel is asked for no more where it can be told; what came along
 * nevertheless stands in the snapshot, so that a view has to choose for itself what it shows.
 */
struct sock_ports {
	uint16_t min, max; /* both 0: any */
};
struct sock_request {
	uint32_t netids;                     /* 1 << enum sock_netid; 0: all */
	uint32_t families;                   /* of IP sockets, 1 << enum addr_family; 0: both */
	uint32_t states;                     /* 1 << enum sock_state; 0: all */
	struct sock_ports ports, peer_ports; /* of tcp, udp and their like */
};

struct collect_opts {
	const char *proc;         /* procfs to look at; NULL is /proc */
	enum collector collector; /* AUTO: the faster one that works here */
	uint64_t wants;           /* enum snap_want */
	const char *tool;         /* name, for the header */
	/* Only these processes or threads, whatever else there is, at a cost that does not depend on it: NULL: all. Who is missing
	 * from the snapshot is gone. With them come their leaders and the inits of the PID namespaces that they are in. */
	const uint32_t *pids;
	size_t n_pids;
	uint32_t inner; /* also the task with this number in the PID namespace of pids[0], as the kernel translates it (6.11) */
	struct session *session; /* of session.h: programs that stay loaded for the next time; NULL */
	/* The settled snapshot of a moment ago, of the same kind: what of its tasks still holds is taken over instead of being read: command
	 * lines of processes that have kept their name, containers of those that have kept their cgroups (unless WANT_ALL_CONTAINERS reads
	 * them all), names of users. NULL: none. */
	const struct snap *before;
	/* With before: /proc is not listed beside BPF's tasks. Whoever was withheld from BPF then is read again, and nobody else is looked
	 * for: good for a few seconds. */
	bool hasty;
	/* Enter only these network namespaces (sorted numbers), whatever else there is. NULL: all. */
	const uint32_t *netns;
	size_t n_netns;
	/* Called once tasks and containers are known, and before what belongs to single tasks is read (commands, groups, maps): sets
	 * the bits of those that are going to be shown (task i: bit i % 8 of which[i / 8]). NULL: all. */
	void (*choose)(const struct index *ix, uint8_t *which, void *arg);
	void *choose_arg;
	/* The same for namespaces (the bits are indexes into the snapshot's): only these are looked into for what is in network
	 * namespaces (net.h). Called once all namespaces and containers are known. NULL: all. */
	void (*choose_ns)(const struct index *ix, uint8_t *which, void *arg);
	void *choose_ns_arg;
	struct sock_request sockets;
	const char *sysctl; /* WANT_SYSCTLS: this one alone, "net/ipv4/ip_unprivileged_port_start"; NULL: all that are known here */
	const char *path;   /* WANT_GUARDS: also what the processes that are chosen find there; absolute; NULL */
};

/*
 * 0; -EOPNOTSUPP or another -errno when the collector that was asked for by name cannot work here (*why: one literal line);
 * -errno when the procfs cannot be read at all. -ENOTTY: opts->inner, and the kernel does not translate for us.
 */
int collect(struct snap *s, const struct collect_opts *o, const char **why);

#endif
