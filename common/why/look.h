// SPDX-License-Identifier: GPL-2.0-or-later
/* Looking evidence up in a snapshot: what several steps ask for. Nothing here judges. Ranges are found by bisection (SNAP_RANGE). */
#ifndef NSKIT_WHY_LOOK_H
#define NSKIT_WHY_LOOK_H

#include "why/why.h"

/* A sysctl of a network namespace by its whole name ("net.ipv4.ip_local_port_range"), or NULL: not collected, or not there. */
const char *look_sysctl(const struct snap *s, uint32_t ns, const char *key);
/* The same as a number: OPT, none when unknown. */
int64_t look_sysctl_number(const struct snap *s, uint32_t ns, const char *key);

/* The ports that the kernel chooses from (net.ipv4.ip_local_port_range). False: not in the snapshot, and these are Linux's own. */
bool look_port_range(const struct snap *s, uint32_t ns, uint32_t *low, uint32_t *high);

/* Where control groups of version 2 are mounted; the usual place, where that is not known. */
const char *look_cgroup2(const struct snap *s);

/* Who has opened a connection of TCP, by its figures: 1 this end, 0 the other one, -1 it can't be told. */
int look_opened(const struct snap_socket *x, const struct snap_tcp_info *figures);

/* A device, or NULL. */
const struct snap_link *look_link(const struct snap *s, uint32_t ns, uint32_t ifindex);
const struct snap_link *look_link_named(const struct snap *s, uint32_t ns, const char *name);
/* The VRF that a device is, or belongs to (l3mdev_master_ifindex_rcu, net/l3mdev/l3mdev.c): its number; 0: none. And its routing table. */
uint32_t look_vrf(const struct snap *s, uint32_t ns, uint32_t ifindex);
uint32_t look_vrf_table(const struct snap *s, uint32_t ns, uint32_t vrf);
/* The name of a device, or "" for one that is not there. */
const char *look_ifname(const struct snap *s, uint32_t ns, uint32_t ifindex);

/* The record of an address of a namespace, or NULL; on one device only unless ifindex is 0. Mapped addresses are looked up as IPv4. */
const struct snap_addr *look_addr(const struct snap *s, uint32_t ns, const struct ipaddr *a, uint32_t ifindex);
/*
 * A network namespace other than ns that has it, or with a device of that name; 0: none. Where not all were looked into, the answer says
 * so (why.elsewhere).
 */
uint32_t look_addr_elsewhere(const struct why_state *st, uint32_t ns, const struct ipaddr *a);
uint32_t look_device_elsewhere(const struct why_state *st, uint32_t ns, const char *name);
/* Were the devices of all network namespaces looked at? */
bool look_everywhere(const struct snap *s);

/* The task with that pid, or NULL. */
const struct snap_task *look_task(const struct index *ix, uint32_t pid);

/* A container's name, else its id; NULL without one. */
const char *look_container(const struct index *ix, const char *id);

/*
 * What a network namespace is called: its container's name, "host" ("here", inside of a container), the name that it has below /run/netns,
 * "net 4026532244". In the answer's arena.
 */
const char *look_ns_name(struct why_state *st, uint32_t ns);
/* The same with its number: "web (net 4026532180)", "net 4026532244". */
const char *look_ns_words(struct why_state *st, uint32_t ns);

/* --- parts of commands that an answer advises: each is to be copied as it stands. All in the answer's arena. --- */

/* A word for a shell: in quotes, where it needs them. Names of devices, chains and files may be anybody's choice. */
const char *look_quoted(struct why_state *st, const char *word);

/*
 * What stands before a command that is meant for a network namespace: "nsenter --net=/run/netns/blue ", where it has no file
 * "nsenter -t 4711 -n "; "" for the host's.
 */
const char *look_enter(struct why_state *st, uint32_t ns);

/* A device's setting for sysctl(8): family ("ipv4"), "eth0.7", "rp_filter" give "net.ipv4.conf.eth0/7.rp_filter". */
const char *look_conf(struct why_state *st, const char *family, const char *dev, const char *key);

/*
 * What ends a process: "kill 4711". The first one of a PID namespace takes from outside of it what it has a handler for and SIGKILL, no
 * more (sig_task_ignored, kernel/signal.c), and may be started again: "docker stop web", "kill -KILL 4711".
 */
const char *look_end(struct why_state *st, const struct snap_task *t);

/* ---------------------------------------------------------------------------------------------------------------- */

/* "nginx 4711 in web", "nginx 4711". In the answer's arena. */
const char *look_task_words(struct why_state *st, const struct snap_task *t);

/* ", started 09:12:44" by our clock, of another day ", started 2026-11-23 09:12"; "" where it is not known. In the answer's arena. */
const char *look_started(struct why_state *st, const struct snap_task *t);

/* "10.0.0.1:80", "[::1]:80", "0.0.0.0:8080". In the answer's arena. */
const char *look_endpoint(struct why_state *st, const char *addr, uint32_t port);

#endif
