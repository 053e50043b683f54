// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "model/nstype.h"
#include "util/util.h"

/* Flags spelled out: CLONE_NEWTIME is younger than some C libraries' headers (include/uapi/linux/sched.h). */
const struct nstype_info nstypes[NS_TYPES] = {
	[NS_MNT] = { "mnt", NULL, 0x00020000, 4026531832u, false, "mounts" },
	[NS_NET] = { "net", NULL, 0x40000000, 4026531833u, false, "network devices, addresses, routes, ports" },
	[NS_PID] = { "pid", "pid_for_children", 0x20000000, 4026531836u, true, "process ids" },
	[NS_UTS] = { "uts", NULL, 0x04000000, 4026531838u, false, "host and domain name" },
	[NS_IPC] = { "ipc", NULL, 0x08000000, 4026531839u, false, "System V IPC, POSIX message queues" },
	[NS_USER] = { "user", NULL, 0x10000000, 4026531837u, true, "user and group ids, capabilities" },
	[NS_CGROUP] = { "cgroup", NULL, 0x02000000, 4026531835u, false, "cgroup root directory" },
	[NS_TIME] = { "time", "time_for_children", 0x00000080, 4026531834u, false, "boot and monotonic clocks" },
};

enum nstype nstype_by_name(const char *name)
{
	enum nstype t = 0;

	while (t < NS_TYPES && strcmp(nstypes[t].name, name))
		t++;
	return t;
}

enum nstype nstype_by_flag(uint32_t flag)
{
	enum nstype t = 0;

	while (t < NS_TYPES && nstypes[t].clone_flag != flag)
		t++;
	return t;
}

int nstype_parse_link(const char *s, enum nstype *type, uint32_t *inum)
{
	for (enum nstype t = 0; t < NS_TYPES; t++) {
		size_t len = strlen(nstypes[t].name);
		char digits[16];

		if (strncmp(s, nstypes[t].name, len) || s[len] != ':' || s[len + 1] != '[')
			continue;
		const char *num = s + len + 2, *end = strchr(num, ']');

		if (!end || end[1] || (size_t)(end - num) >= sizeof(digits))
			return -EINVAL;
		memcpy(digits, num, (size_t)(end - num));
		digits[end - num] = '\0';
		if (parse_u32(digits, inum))
			return -EINVAL;
		*type = t;
		return 0;
	}
	return -EINVAL;
}
