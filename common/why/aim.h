// SPDX-License-Identifier: GPL-2.0-or-later
/* From the words of a question to a query: the port or path, and which namespace and which process a target means. Pure. */
#ifndef NSKIT_WHY_AIM_H
#define NSKIT_WHY_AIM_H

#include "why/why.h"

/* A query about nothing yet: tcp, the IPv4 wildcard, a bind by nobody in particular. */
void aim_init(struct why_query *q);

/*
 * "[ADDR:]PORT[/tcp|/udp|/udplite|/mptcp|/sctp|/dccp|/raw]" ("[fe80::1%eth0]:80", "8080/udp"), "unix:PATH", "unix:@NAME", each with
 * "/dgram" or "/seqpacket". Strings that the query keeps are taken from word or put into the arena. 0 or -EINVAL with a line of why in message.
 */
int aim_endpoint(struct why_query *q, const char *word, struct arena *arena, char *message, size_t size);

/*
 * Where and who: ns and task from q->target (q->targeted) unless a task is set already. A container that does not run is judged in the
 * host's network namespace, where its ports would be published. -EINVAL: it names a namespace of another type; -ESRCH: nobody
 * of it is left. Then message has one line of why.
 */
int aim_target(const struct index *ix, struct why_query *q, char *message, size_t size);

/* The network namespace that a target names, and the process that stands for it (IDMAP_NONE: none). The same errors. */
int aim_place(const struct index *ix, const struct target *t, uint32_t *ns, uint32_t *task, char *message, size_t size);

#endif
