// SPDX-License-Identifier: GPL-2.0-or-later
/* Through which procfs we look, whose namespaces it shows, and when: the header of the snapshot. */
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <time.h>

#include "collect/proc_parse.h"
#include "collect/sources.h"

/*
 * Whose pids does this procfs show? Its "self" has as many numbers in NSpid as there are levels from its PID namespace down to
 * ours (fs/proc/array.c, task_state): one means that it is our own. No "self": it belongs to a namespace that we are not in.
 */
static bool shows_our_pids(int proc_fd)
{
	CLEAN_MEM char *buf = NULL; /* the line of groups, which has up to 65536 of them, comes before */
	ssize_t n = read_file_at(proc_fd, "self/status", 0, 4 << 20, &buf);
	const char *line = n > 0 ? strstr(buf, "\nNSpid:\t") : NULL;

	if (n > 0 && !line) /* before 4.1 the file does not say; take what is mounted at /proc for ours */
		return true;
	return line && !memchr(line + 8, '\t', strcspn(line + 8, "\n"));
}

/* Our time namespace's boottime offset in ticks: what the kernel adds to the start times that it shows us (5.6). */
static int64_t boot_offset(int proc_fd)
{
	char buf[256];
	ssize_t n = read_at(proc_fd, "self/timens_offsets", buf, sizeof(buf));
	struct proc_timens t;

	if (n <= 0 || proc_parse_timens(buf, (size_t)n, &t))
		return 0;
	return t.boottime_sec * 100 + t.boottime_nsec / 10000000;
}

int head_open(struct collecting *c)
{
	struct statfs fs;
	struct stat st;

	c->proc_fd = open(c->opts->proc ? c->opts->proc : "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (c->proc_fd < 0)
		return -errno;
	/* A copy of a procfs, or a filter over one, will do: it has "self", which an empty mount point has not. */
	if ((fstatfs(c->proc_fd, &fs) || fs.f_type != PROC_SUPER_MAGIC) && fstatat(c->proc_fd, "self", &st, AT_SYMLINK_NOFOLLOW))
		return -EMEDIUMTYPE;
	c->own_proc = shows_our_pids(c->proc_fd);
	c->boot_offset = boot_offset(c->proc_fd);
	c->initial_pidns = c->own_proc && !fstatat(c->proc_fd, "self/ns/pid", &st, 0) && st.st_ino == nstypes[NS_PID].initial;
	return 0;
}

static void read_line(struct snap *s, int dirfd, const char *path, const char **out)
{
	char buf[128];
	ssize_t n = read_at(dirfd, path, buf, sizeof(buf));

	if (n > 0)
		*out = arena_strndup(&s->arena, buf, strcspn(buf, "\n"));
}

/* A kernel may have been built without a type, or be older than it: then nobody is in one, and no row is missing by our fault. */
static void note_missing_types(struct collecting *c)
{
	CLEAN_FD int self = openat(c->proc_fd, "self/ns", O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (enum nstype t = 0; self >= 0 && t < NS_TYPES; t++) {
		struct stat st;

		if (fstatat(self, nstypes[t].name, &st, AT_SYMLINK_NOFOLLOW) && errno == ENOENT)
			snap_add_gap(c->snap, arena_printf(&c->snap->arena, "%s namespaces", nstypes[t].name), 0,
				     "this kernel has none");
	}
}

void head_read(struct collecting *c)
{
	struct snap *s = c->snap;
	struct timespec now, boot;
	struct utsname uts;
	struct stat st;

	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	uname(&uts);
	s->head.tool = arena_strdup(&s->arena, c->opts->tool);
	s->head.version = NSKIT_VERSION;
	s->head.host = arena_strdup(&s->arena, uts.nodename);
	s->head.kernel = arena_strdup(&s->arena, uts.release);
	s->head.proc = arena_strdup(&s->arena, c->opts->proc ? c->opts->proc : "/proc");
	s->head.taken = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	s->head.ticks = (uint64_t)(boot.tv_sec * 100 + boot.tv_nsec / 10000000 - c->boot_offset);
	s->head.wants = snap_implied_wants(c->opts->wants);
	s->head.booted = s->head.taken - (uint64_t)(boot.tv_sec * 1000000000 + boot.tv_nsec - c->boot_offset * 10000000);
	if (!stat("/proc/self/ns/mnt", &st))
		s->head.own_mntns = (uint32_t)st.st_ino;
	if (!stat("/proc/self/ns/user", &st))
		s->head.own_userns = (uint32_t)st.st_ino;
	read_line(s, c->proc_fd, "sys/kernel/random/boot_id", &s->head.boot_id);
	note_missing_types(c);
}

/* A task with a single pid level lives in the PID namespace whose numbers we see. */
static void find_pidns(struct snap *s)
{
	for (size_t i = 0; i < s->n_tasks && !NSREF_KNOWN(s->head.pidns); i++)
		if (s->tasks[i].n_nspid == 1 && s->tasks[i].ns[NS_PID])
			s->head.pidns = s->tasks[i].ns[NS_PID];
	s->head.initial_view = s->head.pidns == nstypes[NS_PID].initial;
}

static bool stands_for_host(const struct snap *s, const struct snap_task *t)
{
	if (!s->head.initial_view)
		return t->pid == 1;
	return t->flags & TASK_KTHREAD && NSREF_KNOWN(t->ns[NS_NET]);
}

/*
 * The host's namespaces are those of its kernel threads; PID 1 may be shut off, and may itself have moved. In a container there are
 * no kernel threads: those of its PID 1 stand in, and initial_view says so.
 */
static void find_initial(struct snap *s)
{
	const struct snap_task *model = NULL;

	for (size_t i = 0; i < s->n_tasks && !model; i++)
		if (stands_for_host(s, &s->tasks[i]))
			model = &s->tasks[i];
	for (enum nstype t = 0; t < NS_TYPES; t++) {
		s->head.initial[t] = model ? model->ns[t] : 0;
		if (s->head.initial_view && !NSREF_KNOWN(s->head.initial[t]))
			s->head.initial[t] = nstypes[t].initial;
	}
}

void head_find(struct snap *s)
{
	find_pidns(s);
	find_initial(s);
}
