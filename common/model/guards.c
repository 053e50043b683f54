// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/guards.h"
#include "util/util.h"

const char *const guard_flag_names[] = {
	"no-new-privs",  "file-capabilities", "file-effective", "stopped",        "frozen", "landlock",
	"landlock-bind", "landlock-connect",  "seccomp-known",  "landlock-known", NULL
};
const char *const cgprog_hook_names[] = { "cgroup_inet_sock_create",
					  "cgroup_inet4_bind",
					  "cgroup_inet6_bind",
					  "cgroup_inet4_post_bind",
					  "cgroup_inet6_post_bind",
					  "cgroup_inet4_connect",
					  "cgroup_inet6_connect",
					  "lsm",
					  NULL };

#define F(rec, member, ...) FIELD(rec, member, __VA_ARGS__)
#define FN(rec, key, member, ...) FIELD_AS(rec, key, member, __VA_ARGS__)
#define N(rec, member) COUNTED(rec, member)

static const struct field guard_fields[] = {
	F(snap_guard, pid, F_U32, HELP("process")),
	F(snap_guard, flags, F_FLAGS, .names = guard_flag_names, HELP("what holds for it")),
	F(snap_guard, cap_effective, F_U64, HELP("effective capabilities, as bits")),
	F(snap_guard, cap_permitted, F_U64, HELP("permitted ones")),
	F(snap_guard, cap_bounding, F_U64, HELP("bounding set")),
	F(snap_guard, cap_ambient, F_U64, HELP("ambient ones")),
	F(snap_guard, file_caps, F_U64, HELP("capabilities of its program's file")),
	F(snap_guard, fsuid, F_U32, HELP("user id for files")),
	F(snap_guard, fsgid, F_U32, HELP("group id for files")),
	F(snap_guard, groups, F_U32S, N(snap_guard, groups), HELP("supplementary groups")),
	F(snap_guard, seccomp_mode, F_OPT, HELP("0 none, 1 strict, 2 filters")),
	F(snap_guard, seccomp_filters, F_OPT, OMIT, HELP("how many seccomp filters")),
	F(snap_guard, filters, F_U32S, OMIT, N(snap_guard, filters), HELP("which, the newest first")),
	F(snap_guard, nofile_limit, F_OPT, HELP("soft limit of open files")),
	F(snap_guard, open_fds, F_OPT, HELP("open files, of those that the limit counts")),
	F(snap_guard, landlock_bind, F_U32S, OMIT, N(snap_guard, landlock_bind),
	  HELP("ports that its Landlock domain lets it bind")),
	F(snap_guard, landlock_connect, F_U32S, OMIT, N(snap_guard, landlock_connect), HELP("ports that it lets it connect to")),
	F(snap_guard, label, F_STR, OMIT, HELP("label of SELinux, AppArmor or another")),
	F(snap_guard, cgroup, F_STR, OMIT, HELP("control group (v2)")),
	F(snap_guard, exe, F_STR, OMIT, HELP("its program")),
};
DESC(snap_guard_desc, "guard", struct snap_guard, "what decides about a process's calls", guard_fields);

static const struct field filter_fields[] = {
	F(snap_filter, id, F_U32, HELP("number in this snapshot")),
	F(snap_filter, insns, F_U32S, N(snap_filter, insns),
	  HELP("instructions of classic BPF, two numbers each: code, jt and jf; k")),
};
DESC(snap_filter_desc, "seccomp_filter", struct snap_filter, "a seccomp filter", filter_fields);

static const struct field cgprog_fields[] = {
	F(snap_cgprog, cgroup, F_STR, OMIT, HELP("control group whose processes it is asked about")),
	F(snap_cgprog, hook, F_ENUM, .names = cgprog_hook_names, HELP("where it is attached")),
	F(snap_cgprog, order, F_U32, HELP("place in the order in which they run")),
	F(snap_cgprog, prog_id, F_U32, HELP("id of the BPF program")),
	F(snap_cgprog, name, F_STR, HELP("its name")),
	F(snap_cgprog, attached, F_STR, OMIT, HELP("control group or kernel function that it is attached to")),
	F(snap_cgprog, insns, F_U32S, OMIT, N(snap_cgprog, insns), HELP("instructions, two numbers each")),
};
DESC(snap_cgprog_desc, "cgroup_program", struct snap_cgprog, "a BPF program that is asked about sockets", cgprog_fields);

static const struct field cgmap_fields[] = {
	F(snap_cgmap, id, F_U32, HELP("id of the BPF map")),
	F(snap_cgmap, words, F_U32S, N(snap_cgmap, words), HELP("its value, four bytes to a number")),
};
DESC(snap_cgmap_desc, "cgroup_map", struct snap_cgmap, "global data of a BPF program", cgmap_fields);

static const struct field carrier_fields[] = {
	F(snap_carrier, ino, F_U64, HELP("inode number of the unix socket")),
	F(snap_carrier, pid, F_U32, HELP("process that has it open")),
	F(snap_carrier, fd, F_U32, HELP("descriptor")),
	F(snap_carrier, files, F_U32, HELP("files in its queue")),
};
DESC(snap_carrier_desc, "carrier", struct snap_carrier, "a unix socket with files in its queue", carrier_fields);

static const struct field file_fields[] = {
	F(snap_file, pid, F_U32, HELP("process whose root directory it is looked up in; 0: ours")),
	F(snap_file, path, F_STR, HELP("path")),
	FN(snap_file, "errno", err, F_ERRNO, HELP("what the lookup gave")),
	F(snap_file, mode, F_U32, HELP("type and permission bits")),
	F(snap_file, uid, F_U32, HELP("owner's user id")),
	F(snap_file, gid, F_U32, HELP("its group id")),
	F(snap_file, dev_major, F_U32, HELP("device number, major part")),
	F(snap_file, dev_minor, F_U32, HELP("minor part")),
	F(snap_file, ino, F_U64, HELP("inode number")),
	F(snap_file, nlink, F_U32, HELP("how many names it has")),
	F(snap_file, read_only, F_BOOL, HELP("whether its mount is read-only")),
	F(snap_file, immutable, F_BOOL, HELP("whether nobody may change it (chattr +i)")),
	F(snap_file, acl, F_BOOL, HELP("whether it has an access control list")),
	F(snap_file, followed, F_BOOL, HELP("whether a symbolic link at its end was followed")),
	F(snap_file, mount_point, F_BOOL, HELP("whether it is the root of a mount")),
	F(snap_file, linked, F_STR, OMIT, HELP("where a symbolic link leads that was not followed")),
	F(snap_file, source, F_STR, OMIT, HELP("root of a mount: where that file is, or was, in our view")),
};
DESC(snap_file_desc, "file", struct snap_file, "what a process finds at a path", file_fields);
