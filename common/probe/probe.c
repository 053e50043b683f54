// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two children: one stays what we are, in the other's network namespace, and has the same files; it readies the socket that the other, who
 * is behind filters, has made. They speak through memory: a filter may forbid to write to a pipe.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "collect/aside.h"
#include "probe/probe.h"

enum { WAIT_MS = 500, STACK = 1 << 16 };

enum stage { SETTING_UP, FAILED, ASKING, HAS_SOCKET, READY, DONE };

/* What both see. */
struct board {
	atomic_int stage; /* enum stage */
	int fd;           /* HAS_SOCKET */
	int err;          /* FAILED: -errno. DONE: errno, or 0 */
};

struct probing {
	const struct probe *p;
	struct board *board;
	int target_fd; /* AF_UNIX with a path: what lies there; -1 */
	bool there;    /* an abstract name is somebody's */
};

/* --- the call ----------------------------------------------------------------------------------------------------------------------------- */

/* A name that is too long is handed on as long as it fits here, which is longer than any may be. */
static socklen_t fill_unix(const struct probing *x, struct sockaddr_storage *ss)
{
	const size_t begin = offsetof(struct sockaddr_un, sun_path) + 1;
	struct sockaddr_un *un = (struct sockaddr_un *)ss;
	const struct probe *p = x->p;
	size_t len = MIN((size_t)p->path_len, sizeof(*ss) - begin);

	un->sun_family = AF_UNIX;
	if (!p->abstract) { /* which is no walk: it is that file (proc_pid_get_link, fs/proc/base.c) */
		snprintf(un->sun_path, sizeof(un->sun_path), "/proc/self/fd/%d", x->target_fd);
		return sizeof(*un);
	}
	memcpy((char *)ss + begin, p->path, len);
	return (socklen_t)(begin + len);
}

static socklen_t fill(const struct probing *x, struct sockaddr_storage *ss)
{
	const struct probe *p = x->p;
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(p->port) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(p->port), .sin6_scope_id = p->scope };

	memset(ss, 0, sizeof(*ss));
	if (p->domain == AF_UNIX)
		return fill_unix(x, ss);
	memcpy(&four.sin_addr, p->addr.bytes, 4);
	memcpy(&six.sin6_addr, p->addr.bytes, 16);
	if (p->domain == AF_INET6)
		memcpy(ss, &six, sizeof(six));
	else
		memcpy(ss, &four, sizeof(four));
	return p->domain == AF_INET6 ? sizeof(six) : sizeof(four);
}

static int make_call(const struct probing *x, int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = fill(x, &ss);

	if (x->p->kind == PROBE_CONNECT)
		return connect(fd, (void *)&ss, len) && errno != EINPROGRESS ? errno : 0;
	if (bind(fd, (void *)&ss, len))
		return errno;
	return x->p->kind == PROBE_LISTEN && listen(fd, 1) ? errno : 0;
}

static void say(struct board *b, enum stage stage, int err)
{
	b->err = err;
	b->stage = stage;
}

/* Behind the filters nothing is called that is not asked about: not even to wait. */
static void attempt(const struct probing *x)
{
	struct board *b = x->board;

	b->stage = ASKING;
	b->fd = socket(x->p->domain, x->p->type | SOCK_CLOEXEC | SOCK_NONBLOCK, x->p->protocol);
	if (b->fd < 0) {
		say(b, DONE, errno);
		return;
	}
	if (x->p->kind == PROBE_SOCKET) {
		say(b, DONE, 0);
		return;
	}
	b->stage = HAS_SOCKET;
	while (b->stage != READY)
		;
	say(b, DONE, make_call(x, b->fd));
}

static int run_asker(void *arg)
{
	const struct probing *x = arg;
	const struct rlimit none = { 0, 0 };
	int err = probe_become(x->p);

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a change of user takes it away */
	setrlimit(RLIMIT_CORE, &none);
	if (!err)
		err = probe_restrain(x->p);
	if (err)
		say(x->board, FAILED, err);
	else
		attempt(x);
	for (;;)
		; /* until it is killed: it may not be allowed to end by itself */
	return 0;
}

/* --- who stays what we are ---------------------------------------------------------------------------------------------------------------- */

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) ? -errno : 0;
}

/* No packet reaches it, so that no client is accepted and then sent away (sk_filter, tcp_v4_rcv in net/ipv4/tcp_ipv4.c). */
static int shut_off(int fd)
{
	struct sock_filter none[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	const struct sock_fprog program = { 1, none };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) ? -errno : 0;
}

/* Of connections, where one would be waiting to be accepted. */
static bool by_datagram(const struct probe *p)
{
	return p->kind == PROBE_CONNECT && p->domain == AF_UNIX && p->type != SOCK_DGRAM && !p->mismatch;
}

/*
 * Another socket in the place of the asker's. Path, permission and who is bound come before the types are compared (unix_find_other,
 * net/unix/af_unix.c), and a peer that is connected to is not told. Of abstract names each type has its own: whether that is somebody's,
 * tells a bind of ours.
 */
static int change_type(struct probing *x, int fd)
{
	CLEAN_FD int other = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
		     same = x->p->abstract ? socket(AF_UNIX, x->p->type | SOCK_CLOEXEC, 0) : -1;
	struct sockaddr_storage ss;
	socklen_t len = fill(x, &ss);

	x->there = same >= 0 && bind(same, (void *)&ss, len) && errno == EADDRINUSE;
	return other < 0 || dup3(other, fd, O_CLOEXEC) < 0 ? -errno : 0;
}

/* What the datagram socket was told, as the asked one would have been. */
static int translate(const struct probing *x, int said)
{
	if (x->p->abstract)
		return said && said != ECONNREFUSED ? said : x->there ? PROBE_THERE : ECONNREFUSED;
	return said == EPROTOTYPE ? PROBE_THERE : said ? said : EPROTOTYPE;
}

/* 0; positive: an errno that is an answer; -errno. */
static int make_ready(struct probing *x)
{
	const struct probe *p = x->p;
	int fd = x->board->fd;
	bool tcp = p->domain != AF_UNIX && p->type == SOCK_STREAM;

	if (p->reuseaddr)
		set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (p->reuseport)
		set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (p->domain == AF_INET6 && p->v6only >= 0)
		set(fd, IPPROTO_IPV6, IPV6_V6ONLY, p->v6only);
	if (p->device && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, p->device, (socklen_t)strlen(p->device) + 1))
		return errno;
	if (by_datagram(p))
		return change_type(x, fd);
	if (p->kind == PROBE_LISTEN && tcp)
		return shut_off(fd);
	/* tcp_connect() (net/ipv4/tcp_output.c) is done before it sends, and tcp_close() sends nothing. */
	if (p->kind == PROBE_CONNECT && tcp)
		return set(fd, IPPROTO_TCP, TCP_REPAIR, 1);
	return 0;
}

static int judge(const struct probing *x, int status)
{
	const struct board *b = x->board;

	if (b->stage == DONE)
		return by_datagram(x->p) && b->fd >= 0 ? translate(x, b->err) : b->err;
	if (b->stage == FAILED)
		return b->err;
	return WIFSIGNALED(status) && b->stage != SETTING_UP ? PROBE_KILLED : -EIO;
}

/* Until it has said something, has died of it, or time is up: then it is killed. */
static int wait_for(struct probing *x, pid_t pid)
{
	const struct timespec ms = { .tv_nsec = 1000000 };
	struct board *b = x->board;
	int status = 0, err = 0;
	pid_t gone = 0;

	for (int i = 0; i < WAIT_MS && !err && b->stage != DONE && b->stage != FAILED; i++) {
		if (b->stage == HAS_SOCKET) {
			err = make_ready(x);
			if (!err)
				b->stage = READY;
		}
		gone = waitpid(pid, &status, WNOHANG);
		if (gone)
			break;
		nanosleep(&ms, NULL);
	}
	if (!gone) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return err ? err : judge(x, status);
}

static int open_target(const struct probe *p)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	CLEAN_FD int root = open(p->root ? p->root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	long fd = root < 0 ? -1 : syscall(SYS_openat2, root, p->path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

static int ask(struct probing *x)
{
	static char stack[STACK] __attribute__((aligned(16)));
	const struct probe *p = x->p;
	int err = probe_enter(p->netns, CLONE_NEWNET, p->ns);
	pid_t pid;

	if (!err && p->path && !p->abstract) {
		x->target_fd = open_target(p);
		if (x->target_fd < 0)
			return x->target_fd == -ENOENT ? ENOENT : x->target_fd;
	}
	if (err)
		return err;
	pid = clone(run_asker, stack + STACK, CLONE_FILES | SIGCHLD, x);
	return pid < 0 ? -errno : wait_for(x, pid);
}

static void work(int out, void *arg)
{
	int err = ask(arg);

	if (write(out, &err, sizeof(err)) < 0)
		return; /* nobody reads it any more */
}

int probe_call(const struct probe *p)
{
	struct probing x = { .p = p, .target_fd = -1 };
	struct aside a;
	int answer, err;

	if (p->kind == PROBE_CONNECT && p->domain != AF_UNIX && p->type == SOCK_STREAM && p->protocol)
		return -EOPNOTSUPP; /* of TCP alone it is known how to send nothing */
	x.board = mmap(NULL, sizeof(*x.board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (x.board == MAP_FAILED)
		return -errno;
	err = aside_start(&a, work, &x);
	if (!err) {
		err = aside_read(&a, &answer, sizeof(answer));
		aside_end(&a);
	}
	munmap(x.board, sizeof(*x.board));
	return err ? err : answer;
}
