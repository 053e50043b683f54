// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * farm [-f FDS] [-l LISTENERS] GROUPS PROCESSES: a host full of namespaces. Each group is what `unshare -uinpm --fork` makes: five
 * new namespaces, a parent in four of them, and PROCESSES in all five. Each of these has FDS open files more, and each group's
 * init LISTENERS listening TCP sockets (ports 1024 and up).
 *
 * Prints "ready PID" when all are up. Ends at SIGTERM or at the end of its standard input, when all of it is gone; when it is
 * killed, its children go with it (PR_SET_PDEATHSIG; a dead init takes its PID namespace along).
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int n_groups, n_processes, n_fds, n_listeners;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "farm: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int number(const char *s)
{
	char *end;
	long n = strtol(s, &end, 10);

	if (end == s || *end || n < 0 || n > 1000000) {
		fprintf(stderr, "farm: not a number: %s\n", s);
		exit(2);
	}
	return (int)n;
}

static _Noreturn void live(void)
{
	for (;;)
		pause();
}

/* parent: as getpid() saw it before the fork; 0 for one that we cannot see from here. */
static void die_with_parent(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
}

static void open_files(void)
{
	for (int i = 0; i < n_fds; i++)
		if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
			die("open /dev/null");
}

static void listen_at(int port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 16))
		die("listen");
}

static _Noreturn void run_init(int ready)
{
	die_with_parent(0);
	prctl(PR_SET_NAME, "farm-init");
	for (int i = 0; i < n_listeners; i++)
		listen_at(1024 + i);
	for (int i = 1; i < n_processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (pid)
			continue;
		close(ready);
		prctl(PR_SET_NAME, "farm-process");
		open_files();
		live();
	}
	open_files();
	if (write(ready, "", 1) != 1)
		die("write");
	close(ready);
	live();
}

static _Noreturn void run_group(int ready, pid_t farm)
{
	die_with_parent(farm);
	prctl(PR_SET_NAME, "farm-group");
	if (unshare(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS))
		die("unshare");
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
		die("mount");

	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (!pid)
		run_init(ready);
	close(ready);
	live();
}

static pid_t *start_groups(int ready[2])
{
	pid_t *groups = calloc((size_t)n_groups + 1, sizeof(*groups)), farm = getpid();

	if (!groups)
		die("calloc");
	for (int i = 0; i < n_groups; i++) {
		groups[i] = fork();
		if (groups[i] < 0)
			die("fork");
		if (!groups[i]) {
			close(ready[0]);
			run_group(ready[1], farm);
		}
	}
	return groups;
}

/* A group that fails closes its end without a byte, so this ends in any case. */
static int wait_ready(int fd)
{
	char buf[256];
	ssize_t n;
	int up = 0;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		up += (int)n;
	return up;
}

/* Until standard input ends, or a signal to go. */
static void wait_for_end(const sigset_t *signals)
{
	struct pollfd p[2] = { { .fd = 0, .events = POLLIN }, { .fd = signalfd(-1, signals, SFD_CLOEXEC), .events = POLLIN } };
	char buf[256];

	while (poll(p, 2, -1) >= 0 || errno == EINTR) {
		if (p[1].revents)
			return;
		if (p[0].revents && read(0, buf, sizeof(buf)) <= 0)
			return;
	}
}

int main(int argc, char **argv)
{
	struct rlimit files;
	sigset_t signals;
	int opt, ready[2];

	while ((opt = getopt(argc, argv, "f:l:")) != -1) {
		if (opt == 'f')
			n_fds = number(optarg);
		else if (opt == 'l')
			n_listeners = number(optarg);
		else
			return 2;
	}
	if (argc - optind != 2) {
		fprintf(stderr, "usage: farm [-f FDS] [-l LISTENERS] GROUPS PROCESSES\n");
		return 2;
	}
	n_groups = number(argv[optind]);
	n_processes = number(argv[optind + 1]);
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	/* The orphans come to us: when we see no child any more, all are gone. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (pipe2(ready, O_CLOEXEC))
		die("pipe");

	pid_t *groups = start_groups(ready);
	int status = 0;

	close(ready[1]);
	if (wait_ready(ready[0]) == n_groups) {
		printf("ready %d\n", (int)getpid());
		fflush(stdout);
		wait_for_end(&signals);
	} else {
		fprintf(stderr, "farm: not all groups came up\n");
		status = 1;
	}
	for (int i = 0; i < n_groups; i++)
		kill(groups[i], SIGKILL);
	while (wait(NULL) > 0 || errno == EINTR)
		;
	free(groups);
	return status;
}
