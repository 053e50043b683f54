// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * callstorm [-k setns|unshare|bind|fork|getppid] [-t TASKS] [-r RATE] [-s SECONDS] [-n CALLS] [-c CPU]: system calls from so many
 * processes, RATE a second in all (0: as fast as they go), for SECONDS or CALLS each. Says as JSON how many were made, and what one
 * cost: the least mean of a thousand in a row, and the mean of all, in ns. The setns is to where one is: it changes nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../number.h"

enum { MAX_TASKS = 64, ROW = 1000 };

struct result {
	uint64_t made, ns, least; /* least: of a row of calls, ns */
};

static struct {
	int fd, sock;
	uint64_t rate, seconds, calls;
	int tasks, cpu;
	void (*call)(void);
} o = { .seconds = 1, .tasks = 1, .cpu = -1 };

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void call_setns(void)
{
	syscall(SYS_setns, o.fd, 0);
}

static void call_unshare(void)
{
	syscall(SYS_unshare, 0);
}

/* Fails: the socket is bound already. */
static void call_bind(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };

	syscall(SYS_bind, o.sock, &a, sizeof(a));
}

static void call_getppid(void)
{
	syscall(SYS_getppid);
}

static void call_fork(void)
{
	pid_t pid = vfork(); /* NOLINT(clang-analyzer-security.insecureAPI.vfork): the cheapest child is what is timed */

	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
}

static void run(struct result *r)
{
	uint64_t begun = now(), end = o.calls ? UINT64_MAX : begun + o.seconds * 1000000000, row_begun = begun, t = begun;
	uint64_t row = o.rate ? 100 : ROW; /* small enough that a rate is a rate */

	r->least = UINT64_MAX;
	while (t < end && (!o.calls || r->made < o.calls)) {
		uint64_t took;

		for (uint64_t i = 0; i < row; i++)
			o.call();
		r->made += row;
		t = now();
		took = t - row_begun;
		r->ns += took;
		if (took / row < r->least)
			r->least = took / row;
		if (o.rate) {
			uint64_t due = begun + r->made * 1000000000 * (uint64_t)o.tasks / o.rate;
			struct timespec at = { (time_t)(due / 1000000000), (long)(due % 1000000000) };

			if (due > t)
				clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
		}
		row_begun = t = now();
	}
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static int options(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*call)(void);
	} kinds[] = { { "setns", call_setns },
		      { "unshare", call_unshare },
		      { "bind", call_bind },
		      { "fork", call_fork },
		      { "getppid", call_getppid } };
	int opt;

	o.call = call_setns;
	while ((opt = getopt(argc, argv, "k:t:r:s:n:c:")) != -1) {
		switch (opt) {
		case 'k':
			o.call = NULL;
			for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
				if (!strcmp(kinds[i].name, optarg))
					o.call = kinds[i].call;
			break;
		case 't':
			o.tasks = (int)number(optarg);
			break;
		case 'r':
			o.rate = number(optarg);
			break;
		case 's':
			o.seconds = number(optarg);
			break;
		case 'n':
			o.calls = number(optarg);
			break;
		case 'c':
			o.cpu = (int)number(optarg);
			break;
		default:
			return -1;
		}
	}
	return o.call && o.tasks > 0 && o.tasks <= MAX_TASKS ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct result *r, sum = { .least = UINT64_MAX };
	struct sockaddr_in a = { .sin_family = AF_INET };

	if (options(argc, argv)) {
		fprintf(stderr,
			"usage: callstorm [-k setns|unshare|bind|fork|getppid] [-t TASKS] [-r RATE] [-s SECONDS] [-n CALLS] [-c CPU]\n");
		return 2;
	}
	o.fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	o.sock = socket(AF_INET, SOCK_DGRAM, 0);
	if (bind(o.sock, (struct sockaddr *)&a, sizeof(a))) {
		perror("callstorm: bind");
		return 1;
	}
	r = mmap(NULL, sizeof(*r) * MAX_TASKS, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < o.tasks; i++) {
		if (fork())
			continue;
		if (o.cpu >= 0)
			pin(o.cpu);
		run(&r[i]);
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	for (int i = 0; i < o.tasks; i++) {
		sum.made += r[i].made;
		sum.ns += r[i].ns;
		sum.least = r[i].least < sum.least ? r[i].least : sum.least;
	}
	printf("{\"made\":%llu,\"least\":%llu,\"mean\":%llu}\n", (unsigned long long)sum.made, (unsigned long long)sum.least,
	       (unsigned long long)(sum.ns / (sum.made ? sum.made : 1)));
	return 0;
}
