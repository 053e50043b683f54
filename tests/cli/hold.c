// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hold KIND: keep a namespace alive in one way only, say which, and wait until standard input ends.
 * Prints "TYPE INUM PID TID FD" (TID and FD are 0 where they mean nothing).
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

static void check(int failed, const char *what)
{
	if (failed) {
		fprintf(stderr, "hold: %s: %s\n", what, strerror(errno));
		exit(1);
	}
}

static unsigned long inum(const char *path)
{
	struct stat st;

	check(stat(path, &st), path);
	return (unsigned long)st.st_ino;
}

static void say(const char *type, unsigned long ns, int pid, int tid, int fd)
{
	printf("%s %lu %d %d %d\n", type, ns, pid, tid, fd);
	fflush(stdout);
}

static void wait_for_end(void)
{
	char c;

	while (read(STDIN_FILENO, &c, 1) > 0)
		;
}

/* Enter a new network namespace, and let inside() do what it needs there; then go back. Returns its number. */
static unsigned long net_visit(int (*inside)(void), int *result)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	unsigned long ns;

	check(home < 0, "open");
	check(unshare(CLONE_NEWNET), "unshare");
	ns = inum("/proc/self/ns/net");
	*result = inside();
	check(*result < 0, "inside");
	check(setns(home, CLONE_NEWNET), "setns");
	close(home);
	return ns;
}

static int open_net(void)
{
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

static int open_socket(void)
{
	return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static void hold_fd(void)
{
	int fd;
	unsigned long ns = net_visit(open_net, &fd);

	say("net", ns, getpid(), 0, fd);
}

static void hold_socket(void)
{
	int fd;
	unsigned long ns = net_visit(open_socket, &fd);

	say("net", ns, getpid(), 0, fd);
}

/* An fd that is in no file table: it waits in a unix socket's queue (SCM_RIGHTS). */
static void hold_flight(void)
{
	int fd, pair[2];
	unsigned long ns = net_visit(open_net, &fd);
	char byte = 'x', control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	check(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), "socketpair");
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	check(sendmsg(pair[0], &msg, 0) != 1, "sendmsg");
	close(fd);
	say("net", ns, getpid(), 0, 0);
}

static int mount_net(void)
{
	check(mkdir("/tmp/.hold", 0700) && errno != EEXIST, "mkdir");
	check(mount("hold", "/tmp/.hold", "tmpfs", 0, NULL), "mount tmpfs");

	int fd = open("/tmp/.hold/net", O_CREAT | O_RDWR | O_CLOEXEC, 0600);

	close(fd);
	check(mount("/proc/self/ns/net", "/tmp/.hold/net", NULL, MS_BIND, NULL), "bind mount");
	return 0;
}

/* A bind mount in a mount namespace of our own. */
static void hold_mount(void)
{
	int unused;

	check(unshare(CLONE_NEWNS), "unshare");
	check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make private");
	say("net", net_visit(mount_net, &unused), getpid(), 0, 0);
}

static void *thread_net(void *arg)
{
	check(unshare(CLONE_NEWNET), "unshare");
	say("net", inum("/proc/thread-self/ns/net"), getpid(), (int)syscall(SYS_gettid), 0);
	if (arg)
		wait_for_end(), exit(0);
	pause();
	return NULL;
}

static void hold_thread(void)
{
	pthread_t t;

	check(pthread_create(&t, NULL, thread_net, NULL), "pthread_create");
}

/* Its copy of the process's table has a socket of the namespace that the thread left, and it opens one of that which it went to. */
static void *thread_table(void *arg)
{
	(void)arg;
	check(unshare(CLONE_FILES | CLONE_NEWNET), "unshare");

	int fd = open_socket();

	check(fd < 0, "socket");
	say("net", inum("/proc/thread-self/ns/net"), getpid(), (int)syscall(SYS_gettid), fd);
	pause();
	return NULL;
}

static void hold_thread_table(void)
{
	pthread_t t;

	check(open_socket() < 0, "socket");
	check(pthread_create(&t, NULL, thread_table, NULL), "pthread_create");
}

static char kept_alone[1];

/* The first thread ends, the other stays, in a network namespace of its own. */
static void hold_leader_dead(void)
{
	pthread_t t;

	check(pthread_create(&t, NULL, thread_net, kept_alone), "pthread_create");
	pthread_exit(NULL);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	check(fd < 0 || write(fd, text, strlen(text)) < 0, path);
	close(fd);
}

/* A user namespace that is only the parent of the one that we are in. (Who makes a user namespace has to be mapped.) */
static void hold_child(void)
{
	check(unshare(CLONE_NEWUSER), "unshare");
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", "0 0 1");
	write_file("/proc/self/gid_map", "0 0 1");

	unsigned long middle = inum("/proc/self/ns/user");

	check(unshare(CLONE_NEWUSER), "unshare");
	say("user", middle, getpid(), 0, 0);
}

/* A user namespace that only owns a UTS namespace, which we keep by an fd. */
static void hold_owned(void)
{
	int up[2], down[2], fd, pid;
	unsigned long user;
	char path[64], c;

	check(pipe(up) || pipe(down), "pipe");
	pid = fork();
	check(pid < 0, "fork");
	if (!pid) {
		check(unshare(CLONE_NEWUSER | CLONE_NEWUTS), "unshare");
		check(write(up[1], "x", 1) != 1, "write");
		_exit(read(down[0], &c, 1) != 1);
	}
	check(read(up[0], &c, 1) != 1, "read");
	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	user = inum(path);
	snprintf(path, sizeof(path), "/proc/%d/ns/uts", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	check(fd < 0, "open");
	check(write(down[1], "x", 1) != 1, "write");
	waitpid(pid, NULL, 0);
	say("user", user, getpid(), 0, fd);
}

static void hold_time_for_children(void)
{
	check(unshare(CLONE_NEWTIME), "unshare");
	say("time", inum("/proc/self/ns/time_for_children"), getpid(), 0, 0);
}

/* A PID namespace whose first process has yet to be born: its link in /proc does not open, so we say no number. */
static void hold_pid_for_children(void)
{
	check(unshare(CLONE_NEWPID), "unshare");
	say("pid", 0, getpid(), 0, 0);
}

static void hold_process(void)
{
	check(unshare(CLONE_NEWUTS), "unshare");
	say("uts", inum("/proc/self/ns/uts"), getpid(), 0, 0);
}

/* In a network namespace of its own it has port 8087 of TCP bound, and does not listen. */
static void hold_bound(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(8087) };
	int fd;

	check(unshare(CLONE_NEWNET), "unshare");
	fd = socket(AF_INET, SOCK_STREAM, 0);
	check(fd < 0, "socket");
	check(bind(fd, (struct sockaddr *)&any, sizeof(any)), "bind");
	say("net", inum("/proc/self/ns/net"), getpid(), 0, fd);
}

/* Says its user namespace, in which it still is when it is dead. */
static void hold_zombie(void)
{
	unsigned long ns;
	int up[2], pid;

	check(pipe(up), "pipe");
	pid = fork();
	check(pid < 0, "fork");
	if (!pid) {
		prctl(PR_SET_NAME, "deadling");
		check(unshare(CLONE_NEWUTS | CLONE_NEWUSER), "unshare");
		ns = inum("/proc/self/ns/user");
		_exit(write(up[1], &ns, sizeof(ns)) != sizeof(ns));
	}
	check(read(up[0], &ns, sizeof(ns)) != sizeof(ns), "read");

	siginfo_t info;

	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	say("user", ns, pid, 0, 0);
}

static const struct {
	const char *name;
	void (*hold)(void);
} kinds[] = {
	{ "process", hold_process },
	{ "thread", hold_thread },
	{ "thread-table", hold_thread_table },
	{ "leader-dead", hold_leader_dead },
	{ "fd", hold_fd },
	{ "socket", hold_socket },
	{ "flight", hold_flight },
	{ "mount", hold_mount },
	{ "child", hold_child },
	{ "owned", hold_owned },
	{ "time-for-children", hold_time_for_children },
	{ "pid-for-children", hold_pid_for_children },
	{ "zombie", hold_zombie },
	{ "bound", hold_bound },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(argv[1], kinds[i].name)) {
			kinds[i].hold();
			wait_for_end();
			return 0;
		}
	fprintf(stderr, "usage: hold KIND, one of:");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		fprintf(stderr, " %s", kinds[i].name);
	fprintf(stderr, "\n");
	return 2;
}
