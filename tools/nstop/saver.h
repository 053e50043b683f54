// SPDX-License-Identifier: GPL-2.0-or-later
/* Saving a snapshot while the screen goes on: a disk may be slow. */
#ifndef NSKIT_NSTOP_SAVER_H
#define NSKIT_NSTOP_SAVER_H

#include "ui.h"
#include "util/job.h"

struct saver {
	int fd; /* readable when it is done */
	struct job job;
	bool busy;
	struct frame *frame;
	char path[256];
	int err;
};

void saver_init(struct saver *s); /* fd -1: failed, errno */
void saver_done(struct saver *s); /* waits */

/* false: it is busy with another. */
bool saver_start(struct saver *s, struct frame *f, const char *path);

/* If it is done: say so. */
void saver_finish(struct saver *s, struct ui *ui);

#endif
