// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Work that may never come back, because a path leads to a network mount that is dead or to a file system whose server sleeps: a child
 * does it and tells of it in a pipe, a record at a time. Who waits, waits a second at most for each.
 */
#ifndef NSKIT_ASIDE_H
#define NSKIT_ASIDE_H

#include <sys/types.h>

#include "util/util.h"

struct aside {
	int fd;
	pid_t pid;
};

/* work writes records to out until there are no more, or until a write fails: then it returns. 0, or -errno and fd is -1. */
int aside_start(struct aside *a, void (*work)(int out, void *arg), void *arg);

/* The next record, all of it. 0; -ENODATA: there are no more; -ETIMEDOUT. */
int aside_read(struct aside *a, void *record, size_t size);

/* One that hangs is killed, and left to init where even that does not help. */
void aside_end(struct aside *a);

#endif
