// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "collect/guards.h"
#include "collect/shown.h"

static bool is_stopped(char state)
{
	return state == 'T' || state == 't';
}

static void take_status(struct snap *s, struct snap_guard *g, const struct guard_status *st)
{
	uint32_t *groups = arena_alloc(&s->arena, MAX(st->n_groups, 1u) * sizeof(*groups));

	memcpy(groups, st->groups ? st->groups : groups, st->n_groups * sizeof(*groups));
	g->cap_effective = st->effective;
	g->cap_permitted = st->permitted;
	g->cap_bounding = st->bounding;
	g->cap_ambient = st->ambient;
	g->fsuid = st->fsuid;
	g->fsgid = st->fsgid;
	g->groups = groups;
	g->n_groups = st->n_groups;
	g->seccomp_mode = st->seccomp;
	g->seccomp_filters = st->seccomp_filters;
	g->flags |= (st->no_new_privs ? GUARD_NO_NEW_PRIVS : 0) | (is_stopped(st->state) ? GUARD_STOPPED : 0);
}

static int read_status(struct snap *s, int dirfd, struct snap_guard *g)
{
	CLEAN_MEM char *buf = NULL; /* the line of groups can be long */
	ssize_t n = read_file_at(dirfd, "status", 0, 4 << 20, &buf);
	struct guard_status st;
	int err = n < 0 ? (int)n : guards_parse_status(buf, (size_t)n, &st);

	if (err)
		return err;
	take_status(s, g, &st);
	free(st.groups);
	return 0;
}

/* How many files are open. Since 6.2 the size of the directory says it (proc_fd_getattr, fs/proc/fd.c). */
static int64_t count_fds(int dirfd)
{
	struct numbers list = { 0 };
	struct stat st;
	int64_t n;
	int err;

	if (!fstatat(dirfd, "fd", &st, 0) && st.st_size > 0)
		return st.st_size;
	CLEAN_FD int fd = openat(dirfd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	err = numbers_read(&list, fd);
	n = err ? err : (int64_t)list.n_items;
	numbers_done(&list);
	return n;
}

static void read_limits(int dirfd, struct snap_guard *g)
{
	char buf[4096];
	ssize_t n = read_at(dirfd, "limits", buf, sizeof(buf));

	g->nofile_limit = n > 0 ? guards_parse_nofile(buf, (size_t)n) : n;
	g->open_fds = count_fds(dirfd);
}

/* The v2 line of /proc/PID/cgroup, "0::/path". */
static void read_cgroup(struct snap *s, int dirfd, struct snap_guard *g)
{
	char buf[16384];
	ssize_t n = read_at(dirfd, "cgroup", buf, sizeof(buf));
	const char *line = n > 0 ? (!strncmp(buf, "0::", 3) ? buf : strstr(buf, "\n0::")) : NULL;

	if (line) {
		line += *line == '\n' ? 4 : 3;
		g->cgroup = arena_strndup(&s->arena, line, strcspn(line, "\n"));
	}
}

/* What a Linux Security Module calls it: "unconfined" and empty labels are none. */
static void read_label(struct snap *s, int dirfd, struct snap_guard *g)
{
	char buf[512];
	ssize_t n = read_at(dirfd, "attr/current", buf, sizeof(buf));
	size_t len = n > 0 ? strcspn(buf, "\n") : 0;

	if (len)
		g->label = arena_strndup(&s->arena, buf, len);
}

/* The file is asked through the process's link, so that no path of a container is walked. */
static void read_program(struct snap *s, int dirfd, struct snap_guard *g)
{
	char path[64], exe[4096], value[64];
	ssize_t n = readlinkat(dirfd, "exe", exe, sizeof(exe) - 1);
	bool effective;

	if (n <= 0)
		return;
	g->exe = arena_strndup(&s->arena, exe, (size_t)n);
	snprintf(path, sizeof(path), "/proc/self/fd/%d/exe", dirfd);
	n = getxattr(path, "security.capability", value, sizeof(value));
	if (n > 0 && !guards_parse_file_caps(value, (size_t)n, &g->file_caps, &effective))
		g->flags |= GUARD_FILE_CAPS | (effective ? GUARD_FILE_EFFECTIVE : 0);
}

static void read_guard(struct collecting *c, const struct snap_task *t)
{
	CLEAN_FD int dirfd = proc_open_task(c, t);
	struct snap_guard g = { .pid = t->pid, .seccomp_mode = OPT_NONE, .seccomp_filters = OPT_NONE };
	int err = dirfd < 0 ? dirfd : read_status(c->snap, dirfd, &g);

	if (err) {
		if (!proc_gone(err))
			snap_add_gap(c->snap, "processes' credentials", -err, NULL);
		return;
	}
	read_limits(dirfd, &g);
	read_cgroup(c->snap, dirfd, &g);
	read_label(c->snap, dirfd, &g);
	read_program(c->snap, dirfd, &g);
	*ARRAY_ADD(c->snap, guards) = g;
}

void guards_read(struct collecting *c, const uint8_t *which)
{
	struct snap *s = c->snap;

	for (size_t i = 0; i < s->n_tasks; i++)
		if (s->tasks[i].tid == s->tasks[i].pid && is_shown(which, i) &&
		    !(s->tasks[i].flags & (TASK_KTHREAD | TASK_ZOMBIE)))
			read_guard(c, &s->tasks[i]);
	guards_bpf(c);
	guards_progs(c);
	if (c->opts->path)
		files_read(c);
}
