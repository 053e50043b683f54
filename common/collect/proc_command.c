// SPDX-License-Identifier: GPL-2.0-or-later
/* Command lines. */
#include <fcntl.h>

#include "collect/proc.h"
#include "util/job.h"

/* Few fill the first buffer. A process can make any of its memory its command line (PR_SET_MM_ARG_START), so there has to be an end. */
enum { COMMAND_FIRST = 32768, COMMAND_MAX = 2 << 20 };

/* A part of the tasks, and memory of its own, so that two threads can read at once: this is waiting for procfs, mostly. */
struct command_reader {
	struct collecting *c;
	const uint8_t *which; /* a bit for each task, or NULL: all */
	size_t begin, end;
	char *buf;
	size_t cap;
	uint32_t cut; /* commands that were longer */
	struct arena arena;
	struct job job;
};

/* To r->buf; how long it is, or -errno. More than COMMAND_MAX says that there is more. */
static ssize_t read_cmdline(struct command_reader *r, int dirfd)
{
	CLEAN_FD int fd = openat(dirfd, "cmdline", O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	for (;;) {
		n = read(fd, r->buf + len, r->cap - len);
		if (n < 0)
			return -errno;
		len += (size_t)n;
		/* What fits comes in one read (get_mm_cmdline, fs/proc/base.c). */
		if (len < r->cap || len > COMMAND_MAX)
			return (ssize_t)len;
		r->cap = MIN(2 * r->cap, (size_t)COMMAND_MAX + 1);
		r->buf = xrealloc(r->buf, r->cap);
	}
}

static void read_command(struct command_reader *r, struct snap_task *t)
{
	CLEAN_FD int dirfd = proc_open_dir(r->c->proc_fd, t->pid);
	ssize_t n;
	size_t len;

	if (dirfd < 0 || !proc_is_task(r->c, dirfd, t))
		return;
	n = read_cmdline(r, dirfd);
	if (n <= 0)
		return;
	if (n > COMMAND_MAX) {
		n = COMMAND_MAX;
		r->cut++;
	}
	len = proc_join_cmdline(r->buf, (size_t)n, r->buf);
	if (len)
		t->command = arena_strndup(&r->arena, r->buf, len);
}

static void read_part(void *arg)
{
	struct command_reader *r = arg;

	r->cap = COMMAND_FIRST;
	r->buf = xcalloc(1, r->cap);
	for (size_t i = r->begin; i < r->end; i++) {
		struct snap_task *t = &r->c->snap->tasks[i];

		if (t->command || (r->which && !(r->which[i / 8] >> i % 8 & 1)))
			continue;
		if (!(t->flags & (TASK_KTHREAD | TASK_ZOMBIE)))
			read_command(r, t);
	}
	free(r->buf);
}

void proc_commands(struct collecting *c, const uint8_t *which)
{
	size_t n = c->snap->n_tasks, half = n < 500 ? n : n / 2;
	struct command_reader first = { .c = c, .which = which, .end = half };
	struct command_reader second = { .c = c, .which = which, .begin = half, .end = n };

	if (half < n)
		job_start(&second.job, read_part, &second);
	read_part(&first);
	job_wait(&second.job);
	arena_take(&c->snap->arena, &first.arena);
	arena_take(&c->snap->arena, &second.arena);
	for (uint32_t i = 0; i < first.cut + second.cut; i++)
		snap_add_gap(c->snap, "command lines longer than 2 MiB", 0, NULL);
}
