// SPDX-License-Identifier: GPL-2.0-or-later
/* Saving a snapshot while the screen goes on: a disk may be slow. */
#ifndef NSKIT_NSTOP_SAVER_H
#define NSKIT_NSTOP_SAVER_H

#include "nstop.h"
#include "ui.h"
#include "util/job.h"

/* What is saved: enum snap_want. All that any view shows, and nsls too. */
extern const uint64_t saver_wants;

struct saver {
	int fd; /* readable when it is done */
	struct job job;
	bool busy;
	const struct nstop *n; /* not NULL: collect all that nstop can show, and save that */
	struct frame *frame;   /* else this one */
	char path[256];
	int err;
};

void saver_init(struct saver *s); /* fd -1: failed, errno */
void saver_done(struct saver *s); /* waits */

/* Save this frame; with n what the host is like now, with all that any view shows. false: it is busy with another. */
bool saver_start(struct saver *s, const struct nstop *n, struct frame *f, const char *path);

/* If it is done: say so. True: it was. */
bool saver_finish(struct saver *s, struct ui *ui);

#endif
