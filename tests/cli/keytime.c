// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * keytime KEYS COMMAND...: runs a program on a pseudo terminal of 50 rows and 150 columns. Prints "first MS" until rows were on the
 * screen (1,500 bytes of it have come), and "p50 MS", "p99 MS", "max MS" from a press of Down or Up to the
 * first byte of the answer, for so many presses that meet its refreshes at all moments. The list has to keep its order: where the row
 * that the cursor is on comes to be the first, Up is right to change nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../number.h"

enum { FIRST_BYTES = 1500 };

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* Bytes that come within ms, until so many are there. */
static size_t take(int fd, double ms, size_t enough)
{
	double until = now_ms() + ms;
	char buf[65536];
	size_t sum = 0;

	while (sum < enough && now_ms() < until) {
		struct pollfd p = { fd, POLLIN, 0 };
		ssize_t n;

		if (poll(&p, 1, (int)(until - now_ms()) + 1) <= 0)
			continue;
		n = read(fd, buf, sizeof(buf));
		if (n <= 0)
			break;
		sum += (size_t)n;
	}
	return sum;
}

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int main(int argc, char **argv)
{
	struct winsize size = { .ws_row = 50, .ws_col = 150 };
	int n = argc > 2 ? (int)number(argv[1]) : 0, fd;
	double *times = calloc((size_t)n + 1, sizeof(*times)), start = now_ms();
	pid_t pid;

	if (n < 1 || !times)
		return 2;
	pid = forkpty(&fd, NULL, NULL, &size);
	if (!pid) {
		setenv("TERM", "xterm-256color", 1);
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || take(fd, 10000, FIRST_BYTES) < FIRST_BYTES) {
		fprintf(stderr, "keytime: no screen came\n");
		return 1;
	}
	printf("first %.1f\n", now_ms() - start);
	take(fd, 2500, SIZE_MAX);
	for (int i = 0; i < n; i++) {
		double at = now_ms();

		if (write(fd, i % 8 < 4 ? "\033OB" : "\033OA", 3) != 3 || !take(fd, 5000, 1)) {
			fprintf(stderr, "keytime: no answer to key %d\n", i);
			return 1;
		}
		times[i] = now_ms() - at;
		take(fd, 30 + (double)(i * 37 % 97), SIZE_MAX); /* at another moment of the refresh each time */
	}
	qsort(times, (size_t)n, sizeof(*times), by_size);
	printf("p50 %.1f\np99 %.1f\nmax %.1f\n", times[n / 2], times[(n * 99 + 99) / 100 - 1], times[n - 1]);
	if (write(fd, "q", 1) == 1)
		take(fd, 3000, SIZE_MAX);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return 0;
}
