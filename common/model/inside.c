// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/inside.h"
#include "util/util.h"

const char *const ipc_kind_names[] = { "shm", "sem", "msg", "mqueue", NULL };
static const char *const ipc_flag_names[] = { "removed", "locked", NULL };

/* include/uapi/linux/capability.h */
static const char *const cap_names[] = {
	"chown",
	"dac_override",
	"dac_read_search",
	"fowner",
	"fsetid",
	"kill",
	"setgid",
	"setuid",
	"setpcap",
	"linux_immutable",
	"net_bind_service",
	"net_broadcast",
	"net_admin",
	"net_raw",
	"ipc_lock",
	"ipc_owner",
	"sys_module",
	"sys_rawio",
	"sys_chroot",
	"sys_ptrace",
	"sys_pacct",
	"sys_admin",
	"sys_boot",
	"sys_nice",
	"sys_resource",
	"sys_time",
	"sys_tty_config",
	"mknod",
	"lease",
	"audit_write",
	"audit_control",
	"setfcap",
	"mac_override",
	"mac_admin",
	"syslog",
	"wake_alarm",
	"block_suspend",
	"audit_read",
	"perfmon",
	"bpf",
	"checkpoint_restore",
};

const char *cap_name(unsigned int bit)
{
	return bit < ARRAY_SIZE(cap_names) ? cap_names[bit] : NULL;
}

void mount_propagation(const struct snap_mount *m, char *buf, size_t size)
{
	const struct {
		const char *word;
		int64_t group;
	} groups[] = { { "shared", m->shared }, { "master", m->master }, { "propagate_from", m->propagate_from } };
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (OPT_VALUE(groups[i].group) && len < size)
			len += (size_t)snprintf(buf + len, size - len, "%s%s:%lld", len ? "," : "", groups[i].word,
						(long long)groups[i].group);
	if (!len)
		snprintf(buf, size, m->unbindable ? "unbindable" : "private");
	else if (m->unbindable && len < size)
		snprintf(buf + len, size - len, ",unbindable");
}

/* --- texts of columns ---------------------------------------------------------------------------------------------------- */

static void key_text(const void *rec, char *buf, size_t size)
{
	const struct snap_ipc *x = rec;

	*buf = '\0';
	if (OPT_VALUE(x->key))
		snprintf(buf, size, "0x%08llx", (unsigned long long)x->key);
}

static void mode_text(const void *rec, char *buf, size_t size)
{
	const struct snap_ipc *x = rec;

	snprintf(buf, size, "%03o", x->mode);
}

static void propagation_text(const void *rec, char *buf, size_t size)
{
	mount_propagation(rec, buf, size);
}

/* --- descriptors -------------------------------------------------------------------------------------------------------------- */

#define F(rec, member, ...) FIELD(rec, member, __VA_ARGS__)
/* The same records where their namespace is not said again: its field is the first. */
/* clang-format off */
#define INNER(var, cname, ctype, helptext, list) \
	const struct desc var = { .name = cname, .help = helptext, .size = sizeof(ctype), .fields = (list) + 1, \
				  .n_fields = ARRAY_SIZE(list) - 1 }
/* clang-format on */

static const struct field ipc_fields[] = {
	F(snap_ipc, ns, F_U32, HELP("IPC namespace")),
	F(snap_ipc, kind, F_ENUM, .names = ipc_kind_names, HELP("shm, sem, msg (System V), mqueue (POSIX message queue)")),
	F(snap_ipc, key, F_OPT, .flags = FF_OMIT, .text = key_text, HELP("key (System V); 0 is IPC_PRIVATE")),
	F(snap_ipc, id, F_OPT, .flags = FF_OMIT, HELP("id (System V)")),
	F(snap_ipc, name, F_STR, .flags = FF_OMIT | FF_CUT, HELP("name (mqueue)")),
	F(snap_ipc, uid, F_U32, HELP("owner's user id")),
	F(snap_ipc, gid, F_U32, HELP("owner's group id")),
	F(snap_ipc, mode, F_U32, .text = mode_text, HELP("permission bits")),
	F(snap_ipc, flags, F_FLAGS, .names = ipc_flag_names, HELP("removed (gone once nobody is attached), locked (shm)")),
	F(snap_ipc, size, F_OPT, .flags = FF_OMIT,
	  HELP("bytes of the segment (shm), in the queue (msg), of the largest message (mqueue)")),
	F(snap_ipc, attached, F_OPT, .flags = FF_OMIT, HELP("how often it is mapped (shm)")),
	F(snap_ipc, nsems, F_OPT, .flags = FF_OMIT, HELP("semaphores in the set (sem)")),
	F(snap_ipc, messages, F_OPT, .flags = FF_OMIT, HELP("messages waiting (msg, mqueue)")),
	F(snap_ipc, max_messages, F_OPT, .flags = FF_OMIT, HELP("messages that it can hold (mqueue)")),
	F(snap_ipc, creator, F_OPT, .flags = FF_OMIT, HELP("pid of who made it (shm)")),
	F(snap_ipc, last, F_OPT, .flags = FF_OMIT, HELP("pid of who attached or detached (shm) or sent (msg) last")),
	F(snap_ipc, changed, F_TIME, .flags = FF_OMIT, HELP("last change of owner or mode; mqueue: of its content")),
};
DESC(snap_ipc_desc, "ipc_object", struct snap_ipc, "a System V IPC object or POSIX message queue", ipc_fields);
INNER(ipc_desc, "ipc_object", struct snap_ipc, "a System V IPC object or POSIX message queue", ipc_fields);

static const struct field mount_fields[] = {
	F(snap_mount, ns, F_U32, HELP("mount namespace")),
	F(snap_mount, id, F_U32, HELP("number, as in mountinfo")),
	F(snap_mount, parent, F_U32, HELP("number of the mount that it is mounted on")),
	F(snap_mount, point, F_STR, .flags = FF_CUT, HELP("mount point")),
	F(snap_mount, root, F_STR, .flags = FF_CUT, HELP("what of the file system is mounted")),
	F(snap_mount, fstype, F_STR, HELP("type of file system")),
	F(snap_mount, source, F_STR, .flags = FF_CUT, HELP("source; null: unknown")),
	F(snap_mount, options, F_STR, .flags = FF_CUT, HELP("options of the mount")),
	F(snap_mount, fs_options, F_STR, .flags = FF_CUT, HELP("options of the file system")),
	{ .name = "propagation",
	  .kind = F_STR,
	  .off = offsetof(struct snap_mount, options),
	  .flags = FF_TEXT,
	  .text = propagation_text,
	  HELP("shared:N, master:N, propagate_from:N, private, unbindable; N is a peer group of the whole host") },
	F(snap_mount, shared, F_OPT, .flags = FF_OMIT, HELP("peer group that it is in")),
	F(snap_mount, master, F_OPT, .flags = FF_OMIT, HELP("peer group that it receives from")),
	F(snap_mount, propagate_from, F_OPT, .flags = FF_OMIT, HELP("nearest peer group above that can be seen")),
	F(snap_mount, unbindable, F_BOOL, HELP("whether it may not be bound elsewhere")),
};
DESC(snap_mount_desc, "mount", struct snap_mount, "a mount", mount_fields);
INNER(mount_desc, "mount", struct snap_mount, "a mount", mount_fields);

static const struct field capset_fields[] = {
	F(snap_capset, ns, F_U32, HELP("user namespace")),
	F(snap_capset, effective, F_U64, HELP("effective capabilities, as bits")),
	F(snap_capset, known, F_U64, HELP("all capabilities that the kernel has, as bits")),
	F(snap_capset, nprocs, F_U32, HELP("how many processes have them")),
	F(snap_capset, pid, F_U32, HELP("the one with the lowest pid")),
};
DESC(snap_capset_desc, "capset", struct snap_capset, "processes of a user namespace with the same capabilities", capset_fields);

static const struct field cgroot_fields[] = {
	F(snap_cgroot, hierarchy, F_STR, HELP("its controllers; empty: cgroup v2")),
	F(snap_cgroot, path, F_STR, HELP("the namespace's root in it, seen from ours")),
};
DESC(snap_cgroot_desc, "cgroup_root", struct snap_cgroot, "the root of a cgroup namespace in one hierarchy", cgroot_fields);
