// SPDX-License-Identifier: GPL-2.0-or-later
/* Processes that do not run: connections to their sockets are made, and nobody answers. */
#ifndef NSKIT_WHY_HALTED_H
#define NSKIT_WHY_HALTED_H

#include "why/why.h"

/* Why none of those who have the socket open runs (WANT_PATH); NULL: somebody does, or nobody has it open. */
const struct snap_halt *halted_by(const struct why_state *st, const struct snap_socket *x);

/* The cause, of a server that is called who: process-stopped or container-paused. What the socket is may be added. */
void halted_tell(struct why_state *st, const char *who, const struct snap_halt *h);

#endif
