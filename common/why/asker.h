// SPDX-License-Identifier: GPL-2.0-or-later
/* Who asks: the process of a query with what restrains it, and what it may. Pure. */
#ifndef NSKIT_WHY_ASKER_H
#define NSKIT_WHY_ASKER_H

#include "why/why.h"

struct asker {
	const struct snap_task *task;   /* NULL: nobody in particular */
	const struct snap_guard *guard; /* NULL: none, or not collected */
	bool override;                  /* a uid was named beyond the process's own: it has no capabilities */
	int64_t uid, gid;               /* OPT, in our user namespace: whose sockets it makes */
	uint32_t userns;                /* NSREF: that it is in */
};

/* As the query says: a process, another user in its place, or nobody in particular. */
struct asker asker_of(const struct why_state *st);

/* A seccomp filter by its id, or NULL. */
const struct snap_filter *asker_filter(const struct snap *s, uint32_t id);

enum {
	CAP_BIT_NET_BIND_SERVICE = 10,
	CAP_BIT_NET_RAW = 13,
	CAP_BIT_SYS_ADMIN = 21,
	CAP_BIT_DAC_OVERRIDE = 1,
	CAP_BIT_DAC_READ_SEARCH = 2
};

/*
 * May it use a capability over a namespace that this user namespace owns (cap_capable, security/commoncap.c)? 1 yes, 0 no, -1 unknown.
 */
int asker_capable(const struct why_state *st, const struct asker *a, uint32_t userns, unsigned int cap);

/* The user namespace that owns a network namespace: NSREF. */
uint32_t asker_netns_owner(const struct snap *s, uint32_t netns);

/* "user:[4026531837] (the host's)". In the answer's arena. */
const char *asker_userns_words(struct why_state *st, uint32_t userns);

/* Evidence about it, for the newest cause: asking_pid, asking_uid, asking_userns and the like. */
void asker_facts(struct why_state *st, const struct asker *a);

/* "process 4711 (1 in web), uid 1000"; for nobody in particular "root" or "uid 1001 without capabilities". */
const char *asker_words(struct why_state *st, const struct asker *a);

#endif
