// SPDX-License-Identifier: GPL-2.0-or-later
/* Who asks: its user, groups and capabilities, and copies of its filters and of its Landlock rules. */
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "probe/probe.h"

int probe_enter(const char *path, int type, uint32_t inum)
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
static int take_user(const struct probe *p)
{
	const struct snap_guard *own = p->keep_caps ? p->guard : NULL;

	if (!OPT_VALUE(p->uid))
		return 0;
	prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	if (setgroups(own ? own->n_groups : 0, own ? own->groups : NULL) && !p->userns)
		return -errno;
	if (OPT_VALUE(p->gid) && setresgid((gid_t)p->gid, (gid_t)p->gid, (gid_t)p->gid))
		return -errno;
	if (setresuid((uid_t)p->uid, (uid_t)p->uid, (uid_t)p->uid))
		return -errno;
	if (p->keep_caps)
		return own ? set_caps(own->cap_effective) : 0;
	return set_caps(0);
}

int probe_become(const struct probe *p)
{
	int err = p->userns ? probe_enter(p->userns, CLONE_NEWUSER, 0) : 0;

	return err ? err : take_user(p);
}

/* --- Landlock: include/uapi/linux/landlock.h, ABI 4; written out, for headers are older ------------------------------------------------ */

enum { LANDLOCK_CREATE = 444, LANDLOCK_ADD = 445, LANDLOCK_RESTRICT = 446 }; /* the same on all architectures */
enum { RULE_NET_PORT = 2, NET_BIND = 1, NET_CONNECT = 2 };

static int allow_ports(int fd, uint64_t access, const uint32_t *ports, uint32_t n)
{
	struct {
		uint64_t access, port;
	} rule = { .access = access };

	for (uint32_t i = 0; i < n; i++) {
		rule.port = ports[i];
		if (syscall(LANDLOCK_ADD, fd, RULE_NET_PORT, &rule, 0))
			return -errno;
	}
	return 0;
}

static int enter_domain(const struct snap_guard *g)
{
	struct {
		uint64_t fs, net;
	} ruleset = { 0, (g->flags & GUARD_LANDLOCK_BIND ? NET_BIND : 0) | (g->flags & GUARD_LANDLOCK_CONNECT ? NET_CONNECT : 0) };
	CLEAN_FD int fd = -1;
	int err = 0;

	if (!(g->flags & GUARD_LANDLOCK_KNOWN) || !ruleset.net)
		return 0;
	fd = (int)syscall(LANDLOCK_CREATE, &ruleset, sizeof(ruleset), 0);
	if (fd < 0)
		return -errno;
	if (ruleset.net & NET_BIND)
		err = allow_ports(fd, NET_BIND, g->landlock_bind, g->n_landlock_bind);
	if (!err && ruleset.net & NET_CONNECT)
		err = allow_ports(fd, NET_CONNECT, g->landlock_connect, g->n_landlock_connect);
	if (!err && syscall(LANDLOCK_RESTRICT, fd, 0))
		err = -errno;
	return err;
}

/* --- seccomp ------------------------------------------------------------------------------------------------------------------------------ */

static int install(const struct snap_filter *f)
{
	uint32_t n = f->n_insns / 2;
	CLEAN_MEM struct sock_filter *code = xcalloc(n + 1, sizeof(*code));
	struct sock_fprog program = { .len = (unsigned short)n, .filter = code };

	for (uint32_t i = 0; i < n; i++) {
		uint32_t head = f->insns[2 * i];

		code[i] = (struct sock_filter){ (uint16_t)head, (uint8_t)(head >> 16), (uint8_t)(head >> 24), f->insns[2 * i + 1] };
	}
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) ? -errno : 0;
}

int probe_restrain(const struct probe *p)
{
	int err = 0;

	if (!p->guard)
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	err = enter_domain(p->guard);
	for (uint32_t i = 0; !err && i < p->n_filters; i++)
		err = install(p->filters[i]);
	if (!err && p->guard->seccomp_mode == 1 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0))
		err = -errno;
	return err;
}
