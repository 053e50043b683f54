// SPDX-License-Identifier: GPL-2.0-or-later
/* Parts of the cgroup parser that the search in state files shares. Pure. */
#ifndef NSKIT_CONTAINER_CGROUP_H
#define NSKIT_CONTAINER_CGROUP_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes within a text, not NUL-terminated. */
struct word {
	const char *s;
	size_t len;
};

/* Take the next path off the text of /proc/PID/cgroup, without "/.." in front and " (deleted)" behind. False at its end. */
bool cgroup_next_path(struct word *text, struct word *path);

/* 64 lower-case hex digits: an id that an engine drew, that stands in the cgroup's name and is nobody else's. */
bool cgroup_is_hex_id(struct word w);

#endif
