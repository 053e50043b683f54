// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of why/: the steps of a call, each in the file that its name says. All of them: look at the evidence, add causes or skips. */
#ifndef NSKIT_WHY_CHECKS_H
#define NSKIT_WHY_CHECKS_H

#include "why/asker.h"

/* protocol.c */
void check_protocol(struct why_state *st); /* protocol-unsupported, ipv6-disabled */
void check_raw(struct why_state *st);      /* raw-no-cap */
void check_files(struct why_state *st);    /* fd-limit */

/* restraint.c */
void check_seccomp(struct why_state *st);       /* seccomp-deny */
void check_lsm(struct why_state *st);           /* lsm-deny */
void check_cgroup_socket(struct why_state *st); /* cgroup-bpf-deny: socket() itself */
void check_cgroup(struct why_state *st);        /* cgroup-bpf-deny: before the address is looked at */
void check_cgroup_post(struct why_state *st);   /* and once a port was had */

/* address.c */
void check_device(struct why_state *st);    /* device-missing */
void check_multicast(struct why_state *st); /* addr-multicast-stream */
void check_bound(struct why_state *st);     /* socket-already-bound */
void check_mapped(struct why_state *st);    /* v6only-mapped-address */
void check_scope(struct why_state *st);     /* link-local-no-scope, device-missing */
void check_address(struct why_state *st);   /* addr-not-local, addr-tentative, addr-dadfailed, interface-down, ipv6-disabled */

/* privilege.c */
void check_privilege4(struct why_state *st); /* privileged-port-no-cap, privileged-port-wrong-userns */
void check_privilege6(struct why_state *st);

/* ports.c */
void check_port_range(struct why_state *st); /* local-port-range-exhausted, local-ports-all-reserved */

/* holders.c */
void check_holders(struct why_state *st);   /* section A of the manual's list, see refine*.c */
void check_published(struct why_state *st); /* port-published-by-container, where no socket says so */
void check_listen(struct why_state *st);    /* what listen() itself refuses */

/* unix.c */
void check_unix_halted(struct why_state *st);
void check_unix(struct why_state *st);

/* The device that the asker's socket is bound to (its --device, or a zone): ifindex; 0 none; UINT32_MAX: one that is not there. */
uint32_t asked_device(const struct why_state *st);

/* Would the asker's socket be V6ONLY? 1, 0, -1 (not known) as in conflict.h. */
int asked_v6only(const struct why_state *st);

/* Type (SOCK_*) and protocol (IPPROTO_*; of unix sockets 0) of the socket: protocol.c. Of raw ones ICMP stands for whichever is meant. */
int asked_type(const struct why_query *q);
int asked_protocol(const struct why_query *q);

#endif
