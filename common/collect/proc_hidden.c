// SPDX-License-Identifier: GPL-2.0-or-later
/* What hidepid hides (Documentation/filesystems/proc.rst, 4.1). */
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "collect/proc.h"

static bool may_ptrace_all(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	return !syscall(SYS_capget, &head, data) && data[0].effective & 1u << CAP_SYS_PTRACE;
}

static bool in_group(gid_t gid)
{
	int n = getgroups(0, NULL);
	CLEAN_MEM gid_t *groups = xcalloc(n > 0 ? (size_t)n : 1, sizeof(*groups));

	n = getgroups(n, groups);
	for (int i = 0; i < n; i++)
		if (groups[i] == gid)
			return true;
	return getegid() == gid;
}

static bool slice_any_of(struct slice s, const char *a, const char *b)
{
	return (s.len == strlen(a) && !memcmp(s.at, a, s.len)) || (s.len == strlen(b) && !memcmp(s.at, b, s.len));
}

/* has_pid_permissions(), fs/proc/base.c: the group of gid= sees all, but not with ptraceable (5.8). */
static bool options_hide(struct slice options)
{
	struct slice hide, group;
	gid_t gid = 0;

	if (!proc_option(options, "hidepid", &hide) || slice_any_of(hide, "0", "off") || slice_any_of(hide, "1", "noaccess"))
		return false; /* with noaccess each process that refuses is counted */
	if (slice_any_of(hide, "4", "ptraceable"))
		return true;
	if (proc_option(options, "gid", &group)) {
		char digits[NUMBER_SIZE] = "";

		memcpy(digits, group.at, MIN(group.len, sizeof(digits) - 1));
		parse_u32(digits, &gid);
	}
	return !in_group(gid);
}

/* Options belong to the file system, not to the place where it is mounted, so its device number finds them. */
bool proc_hides_pids(struct collecting *c)
{
	CLEAN_MEM char *buf = NULL;
	struct slice text, line;
	struct proc_mount m;
	struct stat st;
	ssize_t n;

	if (may_ptrace_all() || fstat(c->proc_fd, &st))
		return false;
	n = read_file_at(AT_FDCWD, "/proc/self/mountinfo", 0, 16 << 20, &buf);
	text = (struct slice){ buf, n > 0 ? (size_t)n : 0 };
	while (proc_next_line(&text, &line))
		if (!proc_parse_mount(line.at, line.len, &m) && m.major == major(st.st_dev) && m.minor == minor(st.st_dev))
			return options_hide(m.super_options);
	return false;
}
