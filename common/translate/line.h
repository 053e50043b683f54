// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of a log: where PIDs stand in them, and the same lines with the PIDs marked. Pure; any bytes; what is not a PID stays. */
#ifndef NSKIT_LINE_H
#define NSKIT_LINE_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/util.h"

struct line_pid {
	const char *where; /* whose number it is: "host", "web"; escaped already */
	uint32_t nr;
	bool gone;
};

/*
 * What is a PID: a number from 1 to 4194304 that the usual ways to write one introduce, or the first group of a pattern that matched.
 *	pid 7  pid=7  PID: 7  "pid":7  (pid 7)     ppid, tid, tgid like it
 *	process 7  child 7                          "Killed process 7 (nginx)", "worker process 7 exited"
 *	[7]  nginx[7]:  [    7]  [T7]               syslog, the kernel's list of tasks and its callers
 *	7#7:                                        nginx
 */
struct line_rules {
	const regex_t *pattern; /* REG_EXTENDED, with at least one group; NULL: the usual ways */
	bool rewrite;           /* the number alone takes the old one's place */
	/* The other number, or false: then it stays as it is. */
	bool (*find)(void *arg, uint32_t nr, struct line_pid *out);
	void *arg;
};

struct line_out {
	char *items;
	size_t n_items, cap_items;
};

/* Append a line, translated: "pid 7(host 4755)". */
void line_translate(const struct line_rules *rules, const char *line, size_t len, struct line_out *out);
void line_append(struct line_out *out, const char *bytes, size_t len);

#endif
