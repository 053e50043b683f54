// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of collect/: what the readers of /proc share. */
#ifndef NSKIT_PROC_H
#define NSKIT_PROC_H

#include "collect/proc_parse.h"
#include "collect/sources.h"

/* Does the option hidepid leave processes out for us? Where it only refuses (noaccess), each process that does is counted by itself. */
bool proc_hides_pids(struct collecting *c);

/* A directory of that name for looking things up in it (O_PATH): once open it is that process's or nobody's. fd or -errno. */
int proc_open_dir(int dirfd, uint32_t number);

/* Is the directory that of the task in the snapshot, and not of a later process with its pid? */
bool proc_is_task(struct collecting *c, int dirfd, const struct snap_task *t);

/* The directory of a task of the snapshot, or -errno: -ESRCH when it is somebody else's by now. */
int proc_open_task(struct collecting *c, const struct snap_task *t);

/* A process without its threads, and where tid is one of them that one too. 0, or -ENOENT/-ESRCH when it is gone. */
int proc_alone(struct collecting *c, uint32_t pid, uint32_t tid);

#endif
