// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which network namespaces a packet may come through: to collect all of all would take seconds where there are hundreds. Pure.
 */
#ifndef NSKIT_SCOPE_H
#define NSKIT_SCOPE_H

#include "why/why.h"

struct scope {
	uint32_t *ns; /* numbers, ascending */
	size_t n_ns, cap_ns;
};

/*
 * From a snapshot that holds devices and addresses (WANT_LINKS, WANT_NSIDS, WANT_SOCKET_FDS where there is a target): the client's, the target's and the address's namespaces, the
 * host's, and those that lie between, which means that they are joined with two others at least. What else the packet turns out to need
 * stands in the answer afterwards (why.needs).
 */
void scope_find(struct scope *sc, const struct index *ix, const struct why_query *q);

/* Take in what an answer needs. True: something is new, so that it is worth collecting again. */
bool scope_widen(struct scope *sc, const struct why *why);

/* Is the namespace (its number) in it? */
bool scope_has(const struct scope *sc, uint32_t ns);
void scope_done(struct scope *sc);

#endif
