// SPDX-License-Identifier: GPL-2.0-or-later
/* What of the evidence was read at all: from what is missing because nobody could look, nothing follows. Pure. */
#ifndef NSKIT_WHY_SEEN_H
#define NSKIT_WHY_SEEN_H

#include "why/why.h"

/* Parts of what there is in a network namespace. */
enum seen_part { SEEN_SOCKETS, SEEN_LINKS, SEEN_ROUTES };

/*
 * Was that part of the question's network namespace read? If not, the answer says so. Where only some of the sockets could be had, those
 * count and the answer says that others may be there: true.
 */
bool seen_part(struct why_state *st, enum seen_part part);
bool seen_part_of(struct why_state *st, uint32_t ns, enum seen_part part); /* of another one */

/* Were the unix sockets of all network namespaces read, where a path's may be? If not, the answer says so. */
bool seen_all_sockets(struct why_state *st);

/* The files that processes have open are known, of all processes: a socket that nobody has open is one that nobody has. */
bool seen_all_fds(const struct snap *s);

/* Are those of this process? */
bool seen_fds_of(const struct snap *s, uint32_t pid);

/* Processes whose network namespace could not be read. Kernel threads do not count, nor does PID 1: they are in the initial one. */
uint32_t seen_n_hidden(const struct snap *s);

/* Of what is in the snapshot by that name, something could not be read: the gap, or NULL. */
const struct snap_gap *seen_gap(const struct snap *s, const char *what);

/* "Operation not permitted, needs CAP_SYS_ADMIN". In the answer's arena. */
const char *seen_gap_words(struct why_state *st, const struct snap_gap *gap);

#endif
