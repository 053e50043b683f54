// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of collect/: what the readers of /proc share. */
#ifndef NSKIT_PROC_H
#define NSKIT_PROC_H

#include "collect/proc_parse.h"
#include "collect/sources.h"

/* The numbers that a directory has for names: pids, tids, fds. */
struct numbers {
	struct proc_entry *items;
	size_t n_items, cap_items;
};

/* Read an open directory from where it stands, in its order, replacing what the list held. 0 or -errno. */
int numbers_read(struct numbers *list, int dirfd);
void numbers_done(struct numbers *list);

enum { NUMBER_SIZE = 11 }; /* of UINT32_MAX with its NUL */

/* A number as a file name; returns where the NUL is. */
char *number_name(char *buf, uint32_t n);

/* A directory of that name for looking things up in it (O_PATH): once open it is that process's or nobody's. fd or -errno. */
int proc_open_dir(int dirfd, uint32_t number);

/* Is the directory that of the task in the snapshot, and not of a later process with its pid? */
bool proc_is_task(struct collecting *c, int dirfd, const struct snap_task *t);

/* The directory of a task of the snapshot, or -errno: -ESRCH when it is somebody else's by now. */
int proc_open_task(struct collecting *c, const struct snap_task *t);

/* A process without its threads, and where tid is one of them that one too. 0, or -ENOENT/-ESRCH when it is gone. */
int proc_alone(struct collecting *c, uint32_t pid, uint32_t tid);

/* FNV-1a, to find paths by a number. */
static inline uint64_t hash_bytes(const char *s, size_t len)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 0x100000001b3ULL;
	return h;
}

static inline bool proc_gone(int err)
{
	return err == -ENOENT || err == -ESRCH;
}

#endif
