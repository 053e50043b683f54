// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Inside of collect/: what is in network namespaces (records of model/net.h). One thread goes through them (inside.c); before it
 * one pass over all fds tells who has sockets open, and where some kinds need not be looked for.
 */
#ifndef NSKIT_COLLECT_NET_H
#define NSKIT_COLLECT_NET_H

#include "collect/nsfs.h"
#include "net/nl.h"
#include "util/intern.h"

#define NET_WANTS ((uint64_t)(WANT_SOCKETS | WANT_ROUTES | WANT_NEIGHBOURS | WANT_SYSCTLS | WANT_COUNTERS | WANT_NSIDS))

struct seen_fd {
	struct snap_socket_fd fd;
	uint64_t flags, known; /* enum sock_flags */
	uint16_t bound;        /* an IP socket's port, where nobody listens and nothing is connected; else 0 */
};

/* All fds of sockets. */
struct socket_pass {
	struct seen_fd *fds;
	size_t n_fds, cap_fds;
	struct snap_carrier *carriers;
	size_t n_carriers, cap_carriers;
	bool complete;          /* by BPF: what follows can be relied on */
	struct idmap bound;     /* network namespaces with a socket that has a port, but no connection and nobody who listens */
	struct idmap half_open; /* and with a listener to which connections are being made */
	struct idmap mptcp;     /* and with an mptcp socket */
	struct idmap by_ino;    /* those whose options are known -> fds */
};

struct net_tour {
	struct collecting *c;
	struct snap *s;
	uint64_t wants;
	uint8_t *chosen;             /* by namespace, a bit each; NULL: all */
	struct sock_request sockets; /* with all zeroes made out */
	struct intern in;
	struct socket_pass pass;
	struct option_programs *options; /* bpf_options.c, once they are needed */
	bool no_options;                 /* they cannot be loaded here */
	uint32_t protocols;              /* 1 << enum sock_netid: the kernel has them loaded */
	bool has_xfrm;                   /* it has IPsec loaded */
	uint32_t missing;                /* and these it has no handler for: to ask again would have it look for modules again */
};

/* Before the tour, in the caller's namespaces; and after it. */
void net_before(struct net_tour *n, struct collecting *c, const struct index *ix);
void net_after(struct net_tour *n);

/* In the namespace with that index: all that is wanted. */
void net_look(struct net_tour *n, uint32_t ns);

/* Is that network namespace asked for? */
bool net_is_chosen(const struct net_tour *n, uint32_t ns);

/* net_sockets.c, net_routes.c and so on: the parts of net_look(). */
void net_sockets(struct net_tour *n, struct snap_ns *ns);
void net_cgroups(struct net_tour *n); /* once, when all sockets are there */
void net_links(struct net_tour *n, struct snap_ns *ns, struct nl *nl);
void net_routes(struct net_tour *n, struct snap_ns *ns, struct nl *nl);
void net_nsids(struct net_tour *n, const struct snap_ns *ns, struct nl *nl);
void net_sysctls(struct net_tour *n, const struct snap_ns *ns);
void net_counters(struct net_tour *n, const struct snap_ns *ns, int dirfd); /* of net/, or -1: the thread's */

/* net_firewall.c: the ruleset that is there. */
void net_firewall(struct snap *s, struct snap_ns *ns);

/*
 * net_hooks.c: programs and filters that packets meet here, after the devices; then those of the control groups that sockets which wait for
 * others belong to (a packet is judged by the socket's, not by its process's: __cgroup_bpf_run_filter_skb, kernel/bpf/cgroup.c).
 */
void net_hooks(struct net_tour *n, const struct snap_ns *ns);
void net_hooks_cgroups(struct snap *s);
/*
 * Has the kernel IPsec loaded? Then it has a socket of its own in each namespace (xfrm_user_net_init, net/xfrm/xfrm_user.c), and to open one of
 * ours loads nothing. Asked once, in the caller's: the list is of one namespace, but to make it the kernel walks the sockets of all.
 */
bool net_has_xfrm(const struct collecting *c);
int net_open_cgroup2(struct snap *s); /* where version 2 is mounted (noted in the head); fd or -1 */

/* net_vservers.c: the virtual services of IPVS. */
void net_vservers(struct snap *s, const struct snap_ns *ns, struct intern *in);

/*
 * net_nsids.c: whose the ids are, at the end of the tour, for it goes into their namespaces again; then where devices' other ends
 * are.
 */
void net_resolve_nsids(struct net_tour *n, const struct nsfs *fs);
void net_name_peers(struct net_tour *n);

/*
 * bpf_sockets.c: the pass by BPF, begun before (sources.h) or now; -errno when it can't be had (then nothing was added). proc_fds.c:
 * by /proc, without options.
 */
int bpf_sockets(struct collecting *c, struct socket_pass *p);
void proc_sockets(struct collecting *c, struct socket_pass *p);
void net_pass_done(struct socket_pass *p);

/*
 * bpf_options.c: the options of sockets from the one with that index on, which are all of the thread's namespace, as far as no fd
 * leads to them. What cannot be found out stays unknown.
 */
void bpf_options(struct net_tour *n, size_t first);
void bpf_options_done(struct net_tour *n);

/* net_bound.c: after the tour, TCP sockets that are bound and no more, where the kernel does not list them. */
void net_bound(struct net_tour *n);
#define NET_BOUND_GAP "sockets that are bound without listening"

/* net_options.c: after the tour, without BPF, what decides about sharing, as far as processes may be asked. */
void net_options(struct net_tour *n);

/* net_files.c: some kinds of sockets by files, in the thread's namespace. 0 or -errno of the last that could not be read. */
int net_files_sockets(struct net_tour *n, uint32_t inum, uint32_t netids);

/*
 * In place of net_look(), of a namespace that may not be entered: by the files of a process that is in it. 0, or -errno: nothing.
 */
int net_look_at_files(struct net_tour *n, const struct nsfs *fs, uint32_t ns);

static inline bool net_in_range(const struct sock_ports *p, uint32_t port)
{
	return (!p->min && !p->max) || (port >= p->min && port <= (p->max ? p->max : UINT16_MAX));
}

/* A file of /proc/net of the namespace that the thread is in, into buf; its length or -errno. */
ssize_t net_file(struct net_tour *n, const char *name, char *buf, size_t size);

#endif
