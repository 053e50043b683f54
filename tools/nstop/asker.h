// SPDX-License-Identifier: GPL-2.0-or-later
/* Explaining a failure while the screen goes on: the host has to be looked at for it, or judged by a snapshot of it. */
#ifndef NSKIT_NSTOP_ASKER_H
#define NSKIT_NSTOP_ASKER_H

#include "cli/cli.h"
#include "ui.h"
#include "util/job.h"

struct asker {
	int fd; /* readable when it is done */
	struct job job;
	bool busy;
	const struct cli *cli;
	uint64_t seq;        /* of the event */
	struct frame *frame; /* NULL: this host is looked at */
	struct arena arena;
	const struct event *failure; /* the arena's */
	unsigned int flags;
	char *answer; /* NULL: none could be had */
};

void asker_init(struct asker *a); /* fd -1: failed, errno */
void asker_done(struct asker *a); /* waits */

/* If the text on the screen awaits an explanation, and none is being looked for: begin. frame: of a file, which has no host. */
void asker_start(struct asker *a, const struct cli *c, struct frame *frame, struct ui *ui);

/* If it is done: show it, where it is still awaited. True: it was. */
bool asker_finish(struct asker *a, struct ui *ui);

#endif
