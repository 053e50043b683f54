// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/bpf.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "model/event.h"
#include "util/job.h"
#include "watch/event_points.h"

/* Which program where, for which kind. A tracepoint without a name of its own is one of BTF's: its program knows it. */
static const struct point {
	enum event_kind kind;
	const char *name; /* below events/syscalls in tracefs */
	size_t program;   /* offset in struct event_programs */
} points[] = {
#define AT(kind, name, program) \
	{ \
		kind, name, offsetof(struct event_programs, program) \
	}
	AT(EVENT_CLONE, NULL, born),
	AT(EVENT_FORK, NULL, born),
	AT(EVENT_EXIT, NULL, died),
	AT(EVENT_SETNS, "sys_exit_setns", ends),
	AT(EVENT_SETNS, "sys_enter_setns", begins),
	AT(EVENT_UNSHARE, "sys_exit_unshare", ends),
	AT(EVENT_UNSHARE, "sys_enter_unshare", begins),
	AT(EVENT_CLONE, "sys_exit_clone", ends),
	AT(EVENT_CLONE, "sys_exit_clone3", ends),
	AT(EVENT_BIND, "sys_exit_bind", ends),
	AT(EVENT_BIND, "sys_enter_bind", begins),
	AT(EVENT_LISTEN, "sys_exit_listen", ends),
	AT(EVENT_LISTEN, "sys_enter_listen", begins),
	AT(EVENT_SOCKET, "sys_exit_socket", ends),
	AT(EVENT_SOCKET, "sys_enter_socket", begins),
#undef AT
};

/* tracefs, mounted or not: the new mount calls (5.2) give one that nobody else sees. fd of its directory, or -errno. */
static int open_tracefs(void)
{
	static const char *const places[] = { "/sys/kernel/tracing/events", "/sys/kernel/debug/tracing/events" };
	int err = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		int fd = open(places[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd >= 0)
			return fd;
		if (errno != ENOENT)
			err = -errno;
	}
#ifdef SYS_fsopen
	CLEAN_FD int fs = (int)syscall(SYS_fsopen, "tracefs", 1 /* FSOPEN_CLOEXEC */);
	CLEAN_FD int mount = -1;

	if (fs >= 0 && !syscall(SYS_fsconfig, fs, 6 /* FSCONFIG_CMD_CREATE */, NULL, NULL, 0))
		mount = (int)syscall(SYS_fsmount, fs, 1 /* FSMOUNT_CLOEXEC */, 0);
	if (mount >= 0) {
		int fd = openat(mount, "events", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		return fd < 0 ? -errno : fd;
	}
	if (err == -ENOENT && errno == EPERM)
		err = -EACCES;
#endif
	return err;
}

/* The number by which perf_event_open(2) knows a tracepoint, or -errno. */
static int64_t point_id(int events, const char *name)
{
	char path[64], text[32];
	uint64_t id;
	ssize_t n;

	snprintf(path, sizeof(path), "syscalls/%s/id", name);
	n = read_at(events, path, text, sizeof(text));
	if (n < 0)
		return n;
	text[strcspn(text, "\n")] = '\0';
	return parse_u64(text, INT32_MAX, &id) ? -EPROTO : (int64_t)id;
}

/*
 * A program on a classic tracepoint is called for every task on every CPU, whatever the perf event says that it came with
 * (perf_event_attach_bpf_prog, kernel/trace/bpf_trace.c).
 */
static int attach_classic(int events, const char *name, int program)
{
	int64_t id = events < 0 ? events : point_id(events, name);
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .config = (uint64_t)id };
	int fd;

	if (id < 0)
		return (int)id;
	fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!ioctl(fd, PERF_EVENT_IOC_SET_BPF, program) && !ioctl(fd, PERF_EVENT_IOC_ENABLE, 0))
		return fd;

	int err = -errno;

	close(fd);
	return err;
}

static int attach(int *events, const struct point *point, int program)
{
	if (!point->name) {
		int fd = bpf_raw_tracepoint_open(NULL, program);

		return fd < 0 ? -errno : fd;
	}
	if (*events == -1)
		*events = open_tracefs();
	return attach_classic(*events, point->name, program);
}

void event_points_init(struct event_points *p)
{
	*p = (struct event_points){ .n = 0 };
}

int event_points_attach(struct event_points *p, const struct event_programs *programs, uint32_t kinds, uint32_t *missing)
{
	uint32_t failed = 0, attached = 0;
	bool born = false;
	int events = -1, first = 0;

	for (size_t i = 0; i < ARRAY_SIZE(points); i++) {
		const struct point *point = &points[i];
		int program = *(const int *)(const void *)((const char *)programs + point->program);
		bool shared = program == programs->born; /* one program for both of its kinds */
		int fd;

		if (!(kinds & 1u << point->kind) || (shared && born))
			continue;
		fd = attach(&events, point, program);
		if (fd >= 0) {
			p->fds[p->n++] = fd;
			born = born || shared;
			attached |= 1u << point->kind;
			continue;
		}
		first = first ? first : fd;
		failed |= 1u << point->kind;
	}
	*missing = failed & ~attached;
	if (events >= 0)
		close(events);
	return first;
}

static void close_fd(void *arg)
{
	close(*(int *)arg);
}

/*
 * Each classic tracepoint waits 50 to 80 ms until no CPU can be in it any more (perf_trace_event_unreg, kernel/trace/trace_event_perf.c):
 * in threads they wait together, in half of the time.
 */
void event_points_detach(struct event_points *p)
{
	struct job jobs[EVENT_MAX_POINTS];

	for (int i = 0; i < p->n; i++)
		job_start(&jobs[i], close_fd, &p->fds[i]);
	for (int i = 0; i < p->n; i++)
		job_wait(&jobs[i]);
	p->n = 0;
}
