// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "collect/aside.h"
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

/*
 * How many files are open whose descriptors are below the limit: it is full when all are (alloc_fd, fs/file.c). Since 6.2 the size of
 * the directory says how many there are in all (proc_fd_getattr, fs/proc/fd.c).
 */
static int64_t count_fds(int dirfd, int64_t limit)
{
	struct numbers list = { 0 };
	struct stat st;
	int64_t n = 0;
	int err;

	if (!fstatat(dirfd, "fd", &st, 0) && st.st_size > 0 && (!OPT_VALUE(limit) || st.st_size < limit))
		return st.st_size;
	CLEAN_FD int fd = openat(dirfd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	err = numbers_read(&list, fd);
	for (size_t i = 0; !err && i < list.n_items; i++)
		n += !OPT_VALUE(limit) || list.items[i].number < limit;
	if (err)
		n = err;
	numbers_done(&list);
	return n;
}

static void read_limits(int dirfd, struct snap_guard *g)
{
	char buf[4096];
	ssize_t n = read_at(dirfd, "limits", buf, sizeof(buf));

	g->nofile_limit = n > 0 ? guards_parse_nofile(buf, (size_t)n) : n;
	g->open_fds = count_fds(dirfd, g->nofile_limit);
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

static void read_program(struct snap *s, int dirfd, struct snap_guard *g)
{
	char exe[4096];
	ssize_t n = readlinkat(dirfd, "exe", exe, sizeof(exe) - 1);

	if (n > 0)
		g->exe = arena_strndup(&s->arena, exe, (size_t)n);
}

/* --- capabilities of programs' files ------------------------------------------------------------------------------------------------------- */

/*
 * Whose program is asked about, and which comes next: those who have not got the capability that a file of theirs might have given. The
 * others are many, and for most it would be the host's own root.
 */
struct programs {
	struct collecting *c;
	const struct snap_task **tasks;
	uint32_t *guards; /* of each its record */
	uint32_t n, next;
};

struct told {
	int32_t len; /* of value; 0 or less: it has none, or it can't be told */
	char value[64];
};

/* In the child. The file is asked through the process's link, so that no path of a container is walked. */
static void ask_files(int out, void *arg)
{
	const struct programs *p = arg;

	for (uint32_t i = p->next; i < p->n; i++) {
		CLEAN_FD int dirfd = proc_open_task(p->c, p->tasks[i]);
		struct told t = { 0 };
		char path[64];

		snprintf(path, sizeof(path), "/proc/self/fd/%d/exe", dirfd);
		t.len = dirfd < 0 ? 0 : (int32_t)getxattr(path, "security.capability", t.value, sizeof(t.value));
		if (write(out, &t, sizeof(t)) != (ssize_t)sizeof(t))
			return;
	}
}

static void take_told(struct snap_guard *g, const struct told *t)
{
	bool effective;

	if (t->len > 0 && !guards_parse_file_caps(t->value, (size_t)t->len, &g->file_caps, &effective))
		g->flags |= GUARD_FILE_CAPS | (effective ? GUARD_FILE_EFFECTIVE : 0);
}

/* Behind one whose file system does not answer, another child goes on; where several do not, it is not worth the wait. */
static void read_files(struct programs *p)
{
	enum { MAX_HANGING = 3 };
	struct snap *s = p->c->snap;

	for (int i = 0; i < MAX_HANGING && p->next < p->n; i++) {
		struct aside a;
		struct told t;
		int err = aside_start(&a, ask_files, p);

		while (!err && p->next < p->n) {
			err = aside_read(&a, &t, sizeof(t));
			if (!err)
				take_told(&s->guards[p->guards[p->next++]], &t);
		}
		if (a.fd >= 0)
			aside_end(&a);
		if (err)
			snap_add_gap(s, "capabilities of programs' files", -err, NULL);
		p->next += err != 0;
	}
	if (p->next < p->n)
		snap_add_gap(s, "capabilities of programs' files", ETIMEDOUT, NULL);
}

/* ------------------------------------------------------------------------------------------------------------------------------------------- */

static void read_guard(struct collecting *c, const struct snap_task *t, struct programs *p)
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
	if (!(g.cap_effective >> CAP_NET_BIND_SERVICE & 1)) {
		p->guards[p->n] = (uint32_t)c->snap->n_guards;
		p->tasks[p->n++] = t;
	}
	*ARRAY_ADD(c->snap, guards) = g;
}

void guards_read(struct collecting *c, const uint8_t *which)
{
	struct snap *s = c->snap;
	struct programs p = { .c = c,
			      .tasks = xcalloc(s->n_tasks + 1, sizeof(*p.tasks)),
			      .guards = xcalloc(s->n_tasks + 1, sizeof(*p.guards)) };

	for (size_t i = 0; i < s->n_tasks; i++)
		if (is_shown(which, i) && guards_has(&s->tasks[i]))
			read_guard(c, &s->tasks[i], &p);
	read_files(&p);
	free(p.tasks);
	free(p.guards);
	guards_bpf(c);
	guards_progs(c);
	if (c->opts->path)
		files_read(c);
}
