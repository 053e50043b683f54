// SPDX-License-Identifier: GPL-2.0-or-later
/* Paths of unix sockets, as who asks would walk them. Pure: the files were looked up for the snapshot. */
#ifndef NSKIT_WHY_UNIX_H
#define NSKIT_WHY_UNIX_H

#include "why/asker.h"

enum { MAY_EXEC = 1, MAY_WRITE = 2 };

/* Who walks: the client of --reach, else who asks. */
struct walker {
	struct asker a;
	uint32_t pid; /* whose files were looked up; 0: ours */
	uint32_t ns;
};
struct walker unix_walker(const struct why_state *st);

/* What lies at a path below pid's root; followed: at the end of its symbolic links, where both are known. NULL: not in the snapshot. */
const struct snap_file *unix_file(const struct snap *s, uint32_t pid, const char *path, bool followed);

/* True: we could not look, which says nothing about whether the process could; that is told. */
bool unix_is_hidden(struct why_state *st, const struct snap_file *f);

/* generic_permission(), fs/namei.c. 1 yes, 0 no, -1 it can't be told. *unmapped: the capability would, but not for this owner. */
int unix_may(const struct why_state *st, const struct asker *a, const struct snap_file *f, unsigned int mask, bool *unmapped);
/* What that could not tell. */
void unix_skip_permission(struct why_state *st, const struct snap_file *f);

/* Evidence of the newest cause: mode and owner. */
void unix_file_facts(struct why_state *st, const struct snap_file *f, bool directory);

/* What stands before a command about a file, for in another mount namespace the same path is another file: "", "nsenter -t 4711 -m ". */
const char *unix_inside(struct why_state *st, const struct walker *w);

/* The cause that a directory or a socket's file may not be used; unmapped as above. */
void unix_no_permission(struct why_state *st, const struct walker *w, const struct snap_file *f, bool unmapped);

/* The directory of a path, by its words. In the answer's arena. */
const char *unix_parent(struct why_state *st, const char *path);

/* The cause that no file can be made in a directory. */
void unix_bad_directory(struct why_state *st, const struct walker *w, const struct snap_file *d, int err);

/* The first directory on the way that can't be passed. True: it was told. */
bool unix_walk_fails(struct why_state *st, const struct walker *w);

#endif
