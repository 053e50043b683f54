// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of nstop: the cause of a bind, listen or socket that failed, as nsnet why would give it. */
#ifndef NSKIT_NSTOP_EXPLAIN_H
#define NSKIT_NSTOP_EXPLAIN_H

#include "cli/cli.h"
#include "model/event.h"
#include "view/frame.h"

struct explainer;
struct explainer *explain_new(const struct cli *c);
void explain_free(struct explainer *x);

/*
 * Look at the host as it is now (a few tens of ms), and say why. The answer lives until the next call; NULL: not a failure of such a
 * call. The same failure within two seconds gets the same answer, and no more than five are looked into a second, for a storm of failures
 * must not keep us from the events: then the verdict is "unknown", and the summary says so.
 */
const struct event_why *explain(struct explainer *x, const struct event *e);

/*
 * The same in full, as nsnet why prints it (flags: ESC_ASCII or 0): of this host as it is now, or (frame not NULL) as a snapshot has it,
 * which is said. Keeps nothing: for any thread. 0, or -errno and nothing is printed; -EINVAL: no such failure, or no question that could
 * be answered.
 */
int explain_text(FILE *f, const struct cli *c, const struct frame *frame, const struct event *e, unsigned int flags);

#endif
