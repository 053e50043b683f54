// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "collect/bind_probe.h"

/* What the child says: which part it was that failed, and the errno. */
struct word {
	int32_t err;
	bool asked; /* it was the kernel's answer to the call */
};

static int enter(const char *path, int type, uint32_t inum)
{
	CLEAN_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (inum && (fstat(fd, &st) || st.st_ino != inum))
		return -ESRCH;
	return setns(fd, type) ? -errno : 0;
}

static int set_caps(uint64_t caps)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
		{ .effective = (uint32_t)caps, .permitted = (uint32_t)caps },
		{ .effective = (uint32_t)(caps >> 32), .permitted = (uint32_t)(caps >> 32) },
	};

	return syscall(SYS_capset, &head, data) ? -errno : 0;
}

/* Groups that are not mapped into a user namespace can't be taken; then it goes without. */
static int become(const struct bind_probe *p)
{
	if (!OPT_VALUE(p->uid))
		return 0;
	prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	if (setgroups(p->guard ? p->guard->n_groups : 0, p->guard ? p->guard->groups : NULL) && !p->userns)
		return -errno;
	if (OPT_VALUE(p->gid) && setresgid((gid_t)p->gid, (gid_t)p->gid, (gid_t)p->gid))
		return -errno;
	if (setresuid((uid_t)p->uid, (uid_t)p->uid, (uid_t)p->uid))
		return -errno;
	if (p->keep_caps)
		return p->guard ? set_caps(p->guard->cap_effective) : 0;
	return set_caps(0);
}

static socklen_t fill(const struct bind_probe *p, struct sockaddr_storage *ss)
{
	struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(p->port) };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(p->port), .sin6_scope_id = p->scope };

	memcpy(&four.sin_addr, p->addr.bytes, 4);
	memcpy(&six.sin6_addr, p->addr.bytes, 16);
	if (p->addr.family == 6)
		memcpy(ss, &six, sizeof(six));
	else
		memcpy(ss, &four, sizeof(four));
	return p->addr.family == 6 ? sizeof(six) : sizeof(four);
}

static int ask(const struct bind_probe *p)
{
	CLEAN_FD int fd = socket(p->addr.family == 6 ? AF_INET6 : AF_INET, p->type | SOCK_CLOEXEC, p->protocol);
	struct sockaddr_storage ss;
	int yes = 1, v6only = p->v6only;

	if (fd < 0)
		return errno;
	if (p->only_socket)
		return 0;
	if (p->reuseaddr)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (p->reuseport)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes));
	if (p->addr.family == 6 && v6only >= 0)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only, sizeof(v6only));
	if (p->device && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, p->device, (socklen_t)strlen(p->device) + 1))
		return errno;
	return bind(fd, (void *)&ss, fill(p, &ss)) ? errno : 0;
}

static struct word act(const struct bind_probe *p)
{
	int err = enter(p->netns, CLONE_NEWNET, p->ns);

	if (!err && p->userns)
		err = enter(p->userns, CLONE_NEWUSER, 0);
	if (!err)
		err = become(p);
	if (err)
		return (struct word){ -err, false };
	return (struct word){ ask(p), true };
}

int bind_probe(const struct bind_probe *p)
{
	struct word w = { EIO, false };
	int pipe_fds[2];
	pid_t child;

	if (pipe2(pipe_fds, O_CLOEXEC))
		return -errno;
	child = fork();
	if (!child) {
		w = act(p);
		if (write(pipe_fds[1], &w, sizeof(w)) != (ssize_t)sizeof(w))
			w.asked = false;
		kill(getpid(), SIGKILL); /* nothing of its parent's is to be run on the way out */
	}
	close(pipe_fds[1]);
	if (child < 0)
		w.err = errno;
	else if (read(pipe_fds[0], &w, sizeof(w)) != (ssize_t)sizeof(w))
		w = (struct word){ EIO, false };
	close(pipe_fds[0]);
	if (child > 0)
		waitpid(child, NULL, 0);
	return w.asked ? w.err : -w.err;
}
