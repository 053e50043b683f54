// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of nstop: whose a namespace is, for the text of events. */
#ifndef NSKIT_NSTOP_NAMES_H
#define NSKIT_NSTOP_NAMES_H

#include "cli/cli.h"

struct ns_names;
struct ns_names *ns_names_new(const struct cli *c);
void ns_names_free(struct ns_names *n);

/*
 * "host", the name or id of a container, or NULL. Looks at the host (a few tens of ms) when it is asked of a namespace that it does not
 * know, but not again within two seconds: who makes many must not keep us from the events. For struct event_names.
 */
const char *ns_names_of(void *names, uint32_t inum);

#endif
