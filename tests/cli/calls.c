// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * calls [-t] [-n NAME] CALL [ARGUMENT...]: make one system call and say what came of it, as a line of JSON: who called, what it returned,
 * and the caller's namespaces before and after. -t: in a second thread; -n: under that command name (\xNN are bytes).
 *
 *	setns FILE FLAGS | pidfd PID FLAGS | unshare FLAGS | clone FLAGS | clone3 FLAGS
 *	bind FAMILY TYPE PROTOCOL ADDRESS PORT | bind-bytes FAMILY HEX LENGTH | bind-unmapped | bind-file | listen PORT | listen-unbound
 *	socket FAMILY TYPE PROTOCOL | seccomp-bind PORT | old-unshare | clone3-unmapped | bind-elsewhere PID PORT
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../number.h"

static const char *const types[] = {
	"mnt", "net", "pid", "uts", "ipc", "user", "cgroup", "time", "pid_for_children", "time_for_children"
};
enum { TYPES = sizeof(types) / sizeof(types[0]) };

struct call {
	int argc;
	char **argv;
	const char *name;
	unsigned long before[TYPES], after[TYPES];
	long ret;
	int err, child, fd;
	char *more; /* members of the answer */
};

static void check(int failed, const char *what)
{
	if (failed) {
		fprintf(stderr, "calls: %s: %s\n", what, strerror(errno));
		exit(1);
	}
}

static const char *arg(const struct call *c, int i)
{
	if (i >= c->argc) {
		fprintf(stderr, "calls: %s: argument %d is missing\n", c->argv[0], i);
		exit(2);
	}
	return c->argv[i];
}

static void read_namespaces(unsigned long ns[TYPES])
{
	for (int i = 0; i < TYPES; i++) {
		char path[64];
		struct stat st;

		snprintf(path, sizeof(path), "/proc/thread-self/ns/%s", types[i]);
		ns[i] = stat(path, &st) ? 0 : (unsigned long)st.st_ino;
	}
}

static void done(struct call *c, long ret)
{
	c->ret = ret;
	c->err = ret < 0 ? errno : 0;
}

/* --- namespaces ---------------------------------------------------------------------------------------------------------------------- */

static void call_setns(struct call *c)
{
	int fd = open(arg(c, 1), O_RDONLY | O_CLOEXEC);

	done(c, syscall(SYS_setns, fd, (int)number(arg(c, 2))));
}

static void call_pidfd(struct call *c)
{
	int fd = (int)syscall(SYS_pidfd_open, (int)number(arg(c, 1)), 0);

	check(fd < 0, "pidfd_open");
	done(c, syscall(SYS_setns, fd, (int)number(arg(c, 2))));
}

static void call_unshare(struct call *c)
{
	done(c, syscall(SYS_unshare, number(arg(c, 1))));
}

/* The child ends at once. */
static void born(struct call *c, long ret)
{
	if (!ret)
		_exit(7);
	done(c, ret);
	if (ret > 0) {
		c->child = (int)ret;
		waitpid((pid_t)ret, NULL, __WALL);
	}
}

static void call_clone(struct call *c)
{
	born(c, syscall(SYS_clone, number(arg(c, 1)) | SIGCHLD, NULL, NULL, NULL, NULL));
}

static void call_clone3(struct call *c)
{
	struct clone_args args = { .flags = number(arg(c, 1)), .exit_signal = SIGCHLD };

	born(c, syscall(SYS_clone3, &args, sizeof(args)));
}

static void call_clone3_unmapped(struct call *c)
{
	done(c, syscall(SYS_clone3, 16, sizeof(struct clone_args)));
}

/* --- sockets --------------------------------------------------------------------------------------------------------------------------- */

static int family_of(const char *s)
{
	return !strcmp(s, "inet") ? AF_INET : !strcmp(s, "inet6") ? AF_INET6 : !strcmp(s, "unix") ? AF_UNIX : (int)number(s);
}

static int type_of(const char *s)
{
	return !strcmp(s, "stream")      ? SOCK_STREAM
	       : !strcmp(s, "dgram")     ? SOCK_DGRAM
	       : !strcmp(s, "seqpacket") ? SOCK_SEQPACKET
					 : (int)number(s);
}

/* "fe80::1%eth0" has a scope; "@name" is abstract. */
static socklen_t address(int family, const char *text, unsigned long port, struct sockaddr_storage *a)
{
	struct sockaddr_in *in = (struct sockaddr_in *)a;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)a;
	struct sockaddr_un *un = (struct sockaddr_un *)a;
	char plain[64];

	memset(a, 0, sizeof(*a));
	a->ss_family = (sa_family_t)family;
	if (family == AF_UNIX) {
		memcpy(un->sun_path, text, strlen(text));
		if (*text == '@')
			un->sun_path[0] = '\0';
		return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(text));
	}
	snprintf(plain, sizeof(plain), "%s", text);
	if (strchr(plain, '%')) {
		in6->sin6_scope_id = if_nametoindex(strchr(plain, '%') + 1);
		*strchr(plain, '%') = '\0';
	}
	check(inet_pton(family, plain, family == AF_INET ? (void *)&in->sin_addr : (void *)&in6->sin6_addr) != 1, "inet_pton");
	in->sin_port = htons((uint16_t)port);
	return family == AF_INET ? sizeof(*in) : sizeof(*in6);
}

static int new_socket(int family, int type, int protocol)
{
	int fd = socket(family, type | SOCK_CLOEXEC, protocol);

	check(fd < 0, "socket");
	return fd;
}

static void call_bind(struct call *c)
{
	struct sockaddr_storage a;
	int family = family_of(arg(c, 1));
	socklen_t len = address(family, arg(c, 4), number(arg(c, 5)), &a);

	c->fd = new_socket(family, type_of(arg(c, 2)), (int)number(arg(c, 3)));
	done(c, syscall(SYS_bind, c->fd, &a, len));
}

static void call_bind_bytes(struct call *c)
{
	const char *hex = arg(c, 2);
	unsigned char bytes[512] = { 0 };

	for (size_t i = 0; hex[2 * i] && i < sizeof(bytes); i++) {
		char two[3] = { hex[2 * i], hex[2 * i + 1], 0 };

		bytes[i] = (unsigned char)strtoul(two, NULL, 16);
	}
	c->fd = new_socket(family_of(arg(c, 1)), SOCK_STREAM, 0);
	done(c, syscall(SYS_bind, c->fd, bytes, (int)strtol(arg(c, 3), NULL, 0)));
}

static void call_bind_unmapped(struct call *c)
{
	c->fd = new_socket(AF_INET, SOCK_STREAM, 0);
	done(c, syscall(SYS_bind, c->fd, 16, sizeof(struct sockaddr_in)));
}

static void call_bind_file(struct call *c)
{
	struct sockaddr_storage a;
	socklen_t len = address(AF_INET, "127.0.0.1", 80, &a);

	c->fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	done(c, syscall(SYS_bind, c->fd, &a, len));
}

/* A socket of another network namespace, bound from this one. */
static void call_bind_elsewhere(struct call *c)
{
	struct sockaddr_storage a;
	socklen_t len = address(AF_INET, "0.0.0.0", number(arg(c, 2)), &a);
	char path[64];
	int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), other;

	snprintf(path, sizeof(path), "/proc/%s/ns/net", arg(c, 1));
	other = open(path, O_RDONLY | O_CLOEXEC);
	check(own < 0 || other < 0 || setns(other, 0), "setns");
	c->fd = new_socket(AF_INET, SOCK_DGRAM, 0);
	check(setns(own, 0), "setns back");
	done(c, syscall(SYS_bind, c->fd, &a, len));
}

static void call_listen(struct call *c)
{
	struct sockaddr_storage a;
	socklen_t len = address(AF_INET, "127.0.0.1", number(arg(c, 1)), &a);

	c->fd = new_socket(AF_INET, SOCK_STREAM, 0);
	check(bind(c->fd, (struct sockaddr *)&a, len), "bind");
	done(c, syscall(SYS_listen, c->fd, 17));
}

static void call_listen_unbound(struct call *c)
{
	struct sockaddr_in a;
	socklen_t len = sizeof(a);

	c->fd = new_socket(AF_INET, SOCK_STREAM, 0);
	done(c, syscall(SYS_listen, c->fd, 5));
	check(getsockname(c->fd, (struct sockaddr *)&a, &len), "getsockname");
	if (asprintf(&c->more, ",\"port\":%u", ntohs(a.sin_port)) < 0)
		exit(1);
}

static void call_socket(struct call *c)
{
	done(c, syscall(SYS_socket, family_of(arg(c, 1)), type_of(arg(c, 2)), (int)number(arg(c, 3))));
}

static void call_seccomp_bind(struct call *c)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_bind, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { .len = sizeof(code) / sizeof(code[0]), .filter = code };
	struct sockaddr_storage a;
	socklen_t len = address(AF_INET, "0.0.0.0", number(arg(c, 1)), &a);

	c->fd = new_socket(AF_INET, SOCK_STREAM, 0);
	check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog), "seccomp");
	done(c, syscall(SYS_bind, c->fd, &a, len));
}

/* unshare(CLONE_FILES) by the 32-bit table (i386: 310), which the tracepoints do not see. */
static void call_old_unshare(struct call *c)
{
#if defined(__x86_64__)
	int ret;

	__asm__ volatile("int $0x80" : "=a"(ret) : "a"(310), "b"(0x400) : "memory", "r8", "r9", "r10", "r11");
	errno = ret < 0 ? -ret : 0;
	done(c, ret < 0 ? -1 : ret);
#else
	errno = ENOSYS;
	done(c, -1);
#endif
}

/* ------------------------------------------------------------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	void (*call)(struct call *c);
} calls[] = {
	{ "setns", call_setns },
	{ "pidfd", call_pidfd },
	{ "unshare", call_unshare },
	{ "clone", call_clone },
	{ "clone3", call_clone3 },
	{ "clone3-unmapped", call_clone3_unmapped },
	{ "bind", call_bind },
	{ "bind-bytes", call_bind_bytes },
	{ "bind-unmapped", call_bind_unmapped },
	{ "bind-file", call_bind_file },
	{ "bind-elsewhere", call_bind_elsewhere },
	{ "listen", call_listen },
	{ "listen-unbound", call_listen_unbound },
	{ "socket", call_socket },
	{ "seccomp-bind", call_seccomp_bind },
	{ "old-unshare", call_old_unshare },
};

static void print_namespaces(const char *key, const unsigned long ns[TYPES])
{
	printf(",\"%s\":{", key);
	for (int i = 0; i < TYPES; i++)
		printf("%s\"%s\":%lu", i ? "," : "", types[i], ns[i]);
	printf("}");
}

/* "a\x1bb" to bytes. */
static void set_name(const char *s)
{
	char name[16] = "";

	for (size_t n = 0; *s && n < sizeof(name) - 1; n++) {
		char hex[3] = "";

		if (*s != '\\' || s[1] != 'x' || !isxdigit((unsigned char)s[2]) || !isxdigit((unsigned char)s[3])) {
			name[n] = *s++;
			continue;
		}
		memcpy(hex, s + 2, 2);
		name[n] = (char)strtoul(hex, NULL, 16);
		s += 4;
	}
	prctl(PR_SET_NAME, name);
}

static void *run(void *p)
{
	struct call *c = p;
	size_t i = 0;

	if (c->name)
		set_name(c->name);
	while (i < sizeof(calls) / sizeof(calls[0]) && strcmp(calls[i].name, c->argv[0]))
		i++;
	if (i == sizeof(calls) / sizeof(calls[0])) {
		fprintf(stderr, "calls: no such call: %s\n", c->argv[0]);
		exit(2);
	}
	c->fd = -1;
	read_namespaces(c->before);
	calls[i].call(c);
	read_namespaces(c->after);
	printf("{\"pid\":%d,\"tid\":%ld,\"ppid\":%d,\"ret\":%ld,\"errno\":%d,\"child\":%d,\"fd\":%d%s", getpid(),
	       syscall(SYS_gettid), getppid(), c->ret < 0 ? -c->err : c->ret, c->err, c->child, c->fd, c->more ? c->more : "");
	print_namespaces("before", c->before);
	print_namespaces("after", c->after);
	printf("}\n");
	return NULL;
}

int main(int argc, char **argv)
{
	struct call c = { 0 };
	pthread_t thread;
	int opt, in_thread = 0;

	while ((opt = getopt(argc, argv, "+tn:")) != -1) {
		if (opt == '?')
			return 2;
		in_thread |= opt == 't';
		c.name = opt == 'n' ? optarg : c.name;
	}
	c.argc = argc - optind;
	c.argv = argv + optind;
	if (c.argc < 1)
		return 2;
	if (!in_thread) {
		run(&c);
		return 0;
	}
	check(pthread_create(&thread, NULL, run, &c) != 0, "pthread_create");
	pthread_join(thread, NULL);
	return 0;
}
