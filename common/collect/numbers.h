// SPDX-License-Identifier: GPL-2.0-or-later
/* Directories whose names are numbers: the pids, tids and fds of procfs, as getdents64(2) lists them. */
#ifndef NSKIT_NUMBERS_H
#define NSKIT_NUMBERS_H

#include "util/util.h"

struct proc_entry {
	uint32_t number; /* pid, tid, fd */
	uint64_t ino;    /* of a pid: another process with the same pid has another one (proc_pid_make_inode, fs/proc/base.c) */
};

struct numbers {
	struct proc_entry *items;
	size_t n_items, cap_items;
};

/* Read an open directory from where it stands, in its order, replacing what the list held. 0 or -errno. */
int numbers_read(struct numbers *list, int dirfd);
void numbers_done(struct numbers *list);

enum { NUMBER_SIZE = 11 }; /* of UINT32_MAX with its NUL */

/* A number as a file name, without a NUL; returns where that belongs. */
char *numbers_name(char *buf, uint32_t n);

#endif
