// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * timed COMMAND...: runs it with its output thrown away; prints wall time (ns), peak memory (kB), and exit status.
 * A program of its own, as small as can be, because the kernel counts the memory of whoever calls exec into the peak.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), status;
	posix_spawn_file_actions_t files;
	struct rusage usage;
	pid_t pid;

	if (argc < 2 || null < 0)
		return 2;

	posix_spawn_file_actions_init(&files);
	for (int fd = 0; fd <= 2; fd++)
		posix_spawn_file_actions_adddup2(&files, null, fd);

	long long start = now();

	if (posix_spawnp(&pid, argv[1], &files, NULL, argv + 1, environ))
		return 1;
	if (wait4(pid, &status, 0, &usage) != pid)
		return 1;
	printf("%lld %ld %d\n", now() - start, usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}
