// SPDX-License-Identifier: GPL-2.0-or-later
#include "collect/aside.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

enum { TIME_LIMIT_MS = 1000, REAP_MS = 20 };

/* What our caller lent us (all of ours is CLOEXEC): who reads from a pipe that we write to would wait for one that hangs, too. */
static void leave_lent_files(void)
{
	enum { ENOUGH = 1024 };

	for (int fd = 0; fd < ENOUGH; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags >= 0 && !(flags & FD_CLOEXEC))
			close(fd);
	}
}

static void run(void (*work)(int out, void *arg), void *arg, pid_t parent, int out)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	leave_lent_files();
	if (getppid() == parent)
		work(out, arg);
	kill(getpid(), SIGKILL); /* nothing of its parent's is to be run on the way out */
}

int aside_start(struct aside *a, void (*work)(int out, void *arg), void *arg)
{
	int fds[2], err = 0;
	pid_t parent = getpid();

	a->fd = -1;
	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	a->pid = fork();
	if (!a->pid) {
		close(fds[0]);
		run(work, arg, parent, fds[1]);
	}
	if (a->pid < 0)
		err = -errno;
	close(fds[1]);
	if (err)
		close(fds[0]);
	else
		a->fd = fds[0];
	return err;
}

int aside_read(struct aside *a, void *record, size_t size)
{
	struct pollfd p = { .fd = a->fd, .events = POLLIN };

	if (poll(&p, 1, TIME_LIMIT_MS) != 1)
		return -ETIMEDOUT;
	/* It was written at once, and is smaller than what a pipe takes at once (PIPE_BUF). */
	return read(a->fd, record, size) == (ssize_t)size ? 0 : -ENODATA;
}

void aside_end(struct aside *a)
{
	const struct timespec ms = { .tv_nsec = 1000000 };

	kill(a->pid, SIGKILL);
	for (int i = 0; i < REAP_MS && !waitpid(a->pid, NULL, WNOHANG); i++)
		nanosleep(&ms, NULL);
	cleanup_fd(&a->fd);
}
