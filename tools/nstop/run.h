// SPDX-License-Identifier: GPL-2.0-or-later
/* What the three ways to run share: from the command line to a ui, and from a ui to what is to be collected. */
#ifndef NSKIT_NSTOP_RUN_H
#define NSKIT_NSTOP_RUN_H

#include "feed.h"
#include "ui.h"

/* Apply the command line's view, columns, sort, user: all that needs no frame. EXIT_USAGE after having spoken. */
enum exit_status run_prepare(const struct nstop *n, struct ui *ui);

/* Apply its targets to the first frame. EXIT_FAILED after having spoken; said in the ui instead when spoken is false. */
enum exit_status run_targets(const struct nstop *n, struct ui *ui, bool spoken);

/* What the screen needs. netns becomes the feed's. */
struct order run_order(const struct nstop *n, const struct ui *ui);

#endif
