// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading state files, which are data of strangers. Two kinds of paths: directories of the system's own layout, where an
 * administrator's links are followed (/var/lib/docker on another disk) but never out of the root; and what lies below them,
 * where no link is followed, nothing but a regular file is read, and no more than a bound of it.
 */
#ifndef NSKIT_CONTAINER_STATE_H
#define NSKIT_CONTAINER_STATE_H

#include <jansson.h>

#include "util/util.h"

enum {
	STATE_MAX = 4 << 20,        /* bytes of one container's file */
	STATE_MAX_STORE = 16 << 20, /* of a list of all containers */
	STATE_MAX_USER = 1 << 20,   /* of any file in a user's home: parsed JSON takes fifty times the room */
};

/* An O_PATH descriptor of the root, or -errno. */
int state_root(const char *root);

/* An O_PATH descriptor of a directory of the system, path absolute within root; or -errno. */
int state_dir(int root, const char *path);

/* The same of a directory below one, links refused (-ELOOP). */
int state_subdir(int dir, const char *path);

/* A stream of a directory's entries: path below dir, links refused, or "." for dir itself. NULL and *err = -errno. */
DIR *state_list(int dir, const char *path, int *err);

/*
 * Read a regular file below dir, NUL-terminated, into *buf (caller frees). Returns its length; -errno, of it -ELOOP: a link is
 * in the way; -EFBIG: longer than max; -EINVAL: not a regular file.
 */
ssize_t state_read(int dir, const char *path, size_t max, char **buf);

/* The same, parsed. NULL and *err = -errno, of it -EBADMSG: no JSON, or of another type than wanted. Caller: json_decref. */
json_t *state_json(int dir, const char *path, size_t max, json_type want, int *err);
json_t *state_parse(const char *text, size_t len); /* NULL: broken */

/* A string member's text, or NULL: missing, no string, empty, or with a NUL inside. Borrowed from obj, which may be NULL. */
const char *state_str(const json_t *obj, const char *key);

static inline void cleanup_json(json_t **j)
{
	json_decref(*j);
}
#define CLEAN_JSON __attribute__((cleanup(cleanup_json)))

/* May a name out of a cgroup path or a file be one component of a path? */
bool state_is_component(const char *name);

#endif
