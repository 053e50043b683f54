// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * storm DIRECTORY [WORKERS]: processes that come and go as fast as the machine forks, and a record of who was who.
 *
 * Each worker forks, again and again, a child N (N is never used twice in a storm) that makes itself a UTS namespace, notes
 * "PID N INUM PPID" in DIRECTORY/log-WORKER, and only then calls itself N: comm and command line "sNNNNNNN", uid UIDS + N mod 1000.
 * A row of a listing that names N is right only if PID, PPID and namespace are those that N has noted; anything else has
 * been mixed from two processes. Between them are children that only fork and exit.
 *
 * Before it begins, ANCHORS children that stay, each in a UTS namespace of its own: "PID INUM" in DIRECTORY/anchors.
 * Prints "ready PID"; ends at SIGTERM or the end of its standard input. Its children end with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	ANCHORS = 5,
	UIDS = 100000,
	NAME = 8,       /* characters of a name: sNNNNNNN, hexadecimal */
	AT_ONCE = 12,   /* children of a worker that live at a time */
	LONGEST = 8000, /* µs that one lives */
};

static const char own_name[] = "storm---"; /* NAME characters, so that each name fits in its place */
static char *args;                         /* where the kernel reads our command line */

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "storm: %s: %s\n", what, strerror(errno));
	exit(1);
}

static unsigned long uts_number(void)
{
	struct stat st;

	return stat("/proc/self/ns/uts", &st) ? 0 : (unsigned long)st.st_ino;
}

static int open_in(const char *dir, const char *name)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, name);

	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0)
		die(path);
	return fd;
}

static void die_with_parent(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
}

static void sleep_us(unsigned us)
{
	struct timespec t = { .tv_nsec = us * 1000L };

	nanosleep(&t, NULL);
}

static void start_anchors(const char *dir)
{
	pid_t parent = getpid();
	int log = open_in(dir, "anchors"), up[2];
	char c;

	if (pipe2(up, O_CLOEXEC))
		die("pipe");
	for (int i = 0; i < ANCHORS; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid)
			continue;
		die_with_parent(parent);
		if (unshare(CLONE_NEWUTS))
			die("unshare");
		prctl(PR_SET_NAME, "anchor");
		dprintf(log, "%d %lu\n", (int)getpid(), uts_number());
		close(up[0]);
		close(up[1]);
		for (;;)
			pause();
	}
	close(up[1]);
	if (read(up[0], &c, 1)) /* ends when all have closed theirs */
		die("anchors");
	close(up[0]);
	close(log);
}

static _Noreturn void be(uint32_t n, int log, pid_t worker)
{
	char name[NAME + 1];

	die_with_parent(worker);
	if (unshare(CLONE_NEWUTS))
		_exit(1);
	dprintf(log, "%d %u %lu %d\n", (int)getpid(), n, uts_number(), (int)worker); /* one write */
	snprintf(name, sizeof(name), "s%07x", n);
	prctl(PR_SET_NAME, name);
	memcpy(args, name, NAME);
	if (sethostname(name, NAME) || setresuid(UIDS + n % 1000, UIDS + n % 1000, UIDS + n % 1000))
		_exit(1);
	prctl(PR_SET_DUMPABLE, 1); /* else its files in /proc belong to root */
	sleep_us(n * 2654435761U % LONGEST);
	_exit(0);
}

static _Noreturn void work(const char *dir, unsigned worker, unsigned workers, pid_t storm)
{
	pid_t self = getpid();
	char name[32];
	unsigned alive = 0;

	die_with_parent(storm);
	snprintf(name, sizeof(name), "log-%u", worker);

	int log = open_in(dir, name);

	for (uint32_t n = worker + workers;; n += workers) {
		while (alive >= AT_ONCE || (alive && waitpid(-1, NULL, WNOHANG) > 0)) {
			if (alive >= AT_ONCE && wait(NULL) < 0)
				die("wait");
			alive--;
		}

		pid_t pid = fork();

		if (!pid)
			be(n & 0xfffffff, log, self);
		alive += pid > 0;
		pid = fork();
		if (!pid)
			_exit(0);
		alive += pid > 0;
	}
}

/* The same program again, with nothing but own_name as its arguments: what it shall do is in the environment. */
static _Noreturn void run_again(const char *dir, const char *workers, char *self)
{
	char *argv[] = { (char *)own_name, NULL };

	setenv("STORM_DIRECTORY", dir, 1);
	setenv("STORM_WORKERS", workers, 1);
	execv("/proc/self/exe", argv);
	die(self);
}

int main(int argc, char **argv)
{
	const char *dir = getenv("STORM_DIRECTORY");
	struct pollfd end = { .fd = 0, .events = POLLIN };
	pid_t storm = getpid();
	char buf[256];

	if (argc > 1)
		run_again(argv[1], argc > 2 ? argv[2] : "4", argv[0]);
	if (!dir || strlen(argv[0]) != NAME) {
		fprintf(stderr, "usage: storm DIRECTORY [WORKERS]\n");
		return 2;
	}
	args = argv[0];

	const char *arg = getenv("STORM_WORKERS");
	unsigned long workers = arg ? strtoul(arg, NULL, 10) : 0;

	if (!workers || workers > 64)
		return 2;
	prctl(PR_SET_NAME, "storm");
	start_anchors(dir);
	for (unsigned i = 0; i < workers; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (!pid)
			work(dir, i, (unsigned)workers, storm);
	}
	printf("ready %d\n", (int)storm);
	fflush(stdout);
	while (poll(&end, 1, -1) < 0 || read(0, buf, sizeof(buf)) > 0)
		;
	return 0; /* its children die with it */
}
