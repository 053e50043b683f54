// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * furnish KIND ARGUMENT...: put things into namespaces that util-linux has no command for. Says "up PID" when they are there, and stays
 * until standard input ends.
 *	mqueue NAME N   a POSIX message queue with N messages of ten it can hold, in the IPC namespace that it is started in
 *	mounts N        a mount namespace of its own, with N bind mounts below /tmp that are shared, and one with odd bytes in its name
 *	churn           IPC namespaces with objects that come and go, some thousands a second
 *	listen PORT     TCP on PORT for IPv4 and IPv6, and UDP on PORT for IPv4
 */
#include <errno.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(int failed, const char *what)
{
	if (failed) {
		fprintf(stderr, "furnish: %s: %s\n", what, strerror(errno));
		exit(1);
	}
}

static void say_up(void)
{
	printf("up %d\n", getpid());
	fflush(stdout);
}

static int number(const char *s)
{
	return s ? (int)strtol(s, NULL, 10) : 0;
}

static void fill_queue(char **args)
{
	struct mq_attr attr = { .mq_maxmsg = 10, .mq_msgsize = 64 };
	mqd_t q = mq_open(args[0], O_CREAT | O_RDWR, 0640, &attr);

	check(q < 0, "mq_open");
	for (int i = 0; i < number(args[1]); i++)
		check(mq_send(q, "hello", 5, 0), "mq_send");
}

static void fill_mounts(char **args)
{
	char from[] = "/tmp/.furnish/from", to[64];

	check(unshare(CLONE_NEWNS), "unshare");
	check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make private");
	check(mount("furnish", "/tmp", "tmpfs", MS_NOSUID, "size=64m,mode=0755"), "mount");
	check(mount(NULL, "/tmp", NULL, MS_SHARED, NULL), "make shared");
	check(mkdir("/tmp/.furnish", 0755) || mkdir(from, 0755), "mkdir");
	for (int i = 0; i < number(args[0]); i++) {
		snprintf(to, sizeof(to), i ? "/tmp/.furnish/%d" : "/tmp/.furnish/a b\\\n\033[31m%d", i);
		check(mkdir(to, 0755), "mkdir");
		check(mount(from, to, NULL, MS_BIND, NULL), "bind mount");
	}
}

static void listen_at(int family, int type, const void *addr, socklen_t len)
{
	int fd = socket(family, type | SOCK_CLOEXEC, 0), one = 1;

	check(fd < 0, "socket");
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	check(bind(fd, addr, len), "bind");
	check(type == SOCK_STREAM && listen(fd, 5), "listen");
}

static void fill_ports(char **args)
{
	uint16_t port = htons((uint16_t)number(args[0]));
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = port };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = port };

	listen_at(AF_INET, SOCK_STREAM, &in, sizeof(in));
	listen_at(AF_INET6, SOCK_STREAM, &in6, sizeof(in6));
	listen_at(AF_INET, SOCK_DGRAM, &in, sizeof(in));
}

static void come_and_go(void)
{
	pid_t pid = fork();

	check(pid < 0, "fork");
	if (pid) {
		waitpid(pid, NULL, 0);
		return;
	}
	if (!unshare(CLONE_NEWIPC))
		for (int i = 0; i < 20; i++)
			if (shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600) < 0)
				_exit(1);
	_exit(0);
}

static void churn(char **args)
{
	struct pollfd in = { STDIN_FILENO, POLLIN, 0 };

	(void)args;
	say_up();
	while (poll(&in, 1, 0) <= 0)
		come_and_go();
	exit(0);
}

static const struct {
	const char *name;
	int n_args;
	void (*fill)(char **args);
} kinds[] = { { "mqueue", 2, fill_queue }, { "mounts", 1, fill_mounts }, { "churn", 0, churn }, { "listen", 1, fill_ports } };

int main(int argc, char **argv)
{
	char c;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (argc > 1 && !strcmp(argv[1], kinds[i].name) && argc - 2 == kinds[i].n_args) {
			kinds[i].fill(argv + 2);
			say_up();
			while (read(STDIN_FILENO, &c, 1) > 0)
				;
			return 0;
		}
	fprintf(stderr, "usage: furnish mqueue NAME N | mounts N | churn | listen PORT\n");
	return 2;
}
