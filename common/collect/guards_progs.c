// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * BPF programs that are asked about sockets: of the control groups that processes are in, and BPF LSM ones; with their code, as the
 * kernel gives it to who may load programs (bpf_prog_get_info_by_fd, kernel/bpf/syscall.c). And which security modules there are.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "collect/guards.h"
#include "collect/net.h"

enum { MAX_PROGRAMS = 64, MAX_MAPS = 16, MAX_VALUE = 4096, MAX_INSNS = 1 << 16, PROG_LSM = 29 /* BPF_PROG_TYPE_LSM, 5.7 */ };

/* --- the code of a program ------------------------------------------------------------------------------------------------- */

static bool has_map(const struct snap *s, uint32_t id)
{
	for (size_t i = 0; i < s->n_cgmaps; i++)
		if (s->cgmaps[i].id == id)
			return true;
	return false;
}

/* Global data is the one element of an array. */
static void read_map(struct snap *s, uint32_t id)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info), zero = 0, *words;
	CLEAN_FD int fd = has_map(s, id) ? -1 : bpf_map_get_fd_by_id(id);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len) || info.type != BPF_MAP_TYPE_ARRAY || info.max_entries != 1 ||
	    info.value_size > MAX_VALUE)
		return;
	len = (info.value_size + 7) / 8 * 8;
	words = arena_alloc(&s->arena, len);
	if (!bpf_map_lookup_elem(fd, &zero, words))
		*ARRAY_ADD(s, cgmaps) = (struct snap_cgmap){ .id = id, .words = words, .n_words = len / 4 };
}

/* info has the lengths already; the same call again fills what has room. */
static void read_code(struct snap *s, int fd, const struct bpf_prog_info *about, struct snap_cgprog *p)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info), maps[MAX_MAPS], *insns;

	if (!about->xlated_prog_len || about->xlated_prog_len > MAX_INSNS * 8)
		return;
	insns = arena_alloc(&s->arena, about->xlated_prog_len);
	info.xlated_prog_len = about->xlated_prog_len;
	info.xlated_prog_insns = (uint64_t)(uintptr_t)insns;
	info.nr_map_ids = MIN(about->nr_map_ids, (uint32_t)MAX_MAPS);
	info.map_ids = (uint64_t)(uintptr_t)maps;
	if (bpf_obj_get_info_by_fd(fd, &info, &len) || !info.xlated_prog_insns)
		return; /* net.core.bpf_jit_harden, kernel.kptr_restrict */
	p->insns = insns;
	p->n_insns = info.xlated_prog_len / 4;
	for (uint32_t i = 0; i < MIN(info.nr_map_ids, (uint32_t)MAX_MAPS); i++)
		read_map(s, maps[i]);
}

/* *kind: BPF_PROG_TYPE_*. 0 or -errno. */
static int read_prog(struct snap *s, uint32_t id, struct snap_cgprog *p, uint32_t only_type, uint32_t *btf_id)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);
	CLEAN_FD int fd = bpf_prog_get_fd_by_id(id);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
		return -errno;
	if (only_type && info.type != only_type)
		return -ENOENT;
	p->prog_id = id;
	p->name = arena_strndup(&s->arena, info.name, strnlen(info.name, sizeof(info.name)));
	if (btf_id)
		*btf_id = info.attach_btf_id;
	else
		read_code(s, fd, &info, p);
	return 0;
}

/* --- control groups -------------------------------------------------------------------------------------------------------- */

/* The nearest control group, going up from path, that has the program attached to itself. */
static const char *find_attached(struct snap *s, int mount_fd, const char *path, int type, uint32_t id)
{
	char *at = arena_strdup(&s->arena, path);

	for (;;) {
		uint32_t ids[MAX_PROGRAMS], n = MAX_PROGRAMS;
		CLEAN_FD int fd = openat(mount_fd, at[1] ? at + 1 : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		char *slash = strrchr(at, '/');

		if (fd >= 0 && !bpf_prog_query(fd, (enum bpf_attach_type)type, 0, NULL, ids, &n))
			for (uint32_t i = 0; i < MIN(n, (uint32_t)MAX_PROGRAMS); i++)
				if (ids[i] == id)
					return at;
		if (!at[1] || !slash)
			return NULL;
		slash[slash == at] = '\0';
	}
}

static const int attach_types[] = { BPF_CGROUP_INET_SOCK_CREATE, BPF_CGROUP_INET4_BIND,      BPF_CGROUP_INET6_BIND,
				    BPF_CGROUP_INET4_POST_BIND,  BPF_CGROUP_INET6_POST_BIND, BPF_CGROUP_INET4_CONNECT,
				    BPF_CGROUP_INET6_CONNECT };

static int query(struct snap *s, int mount_fd, int fd, const char *path, uint8_t hook)
{
	uint32_t ids[MAX_PROGRAMS], n = MAX_PROGRAMS;

	if (bpf_prog_query(fd, (enum bpf_attach_type)attach_types[hook], BPF_F_QUERY_EFFECTIVE, NULL, ids, &n))
		return errno == EINVAL || errno == ENOTSUP ? 0
							   : -errno; /* a kernel without this place, or without CONFIG_CGROUP_BPF */
	for (uint32_t i = 0; i < MIN(n, (uint32_t)MAX_PROGRAMS); i++) {
		struct snap_cgprog p = { .cgroup = path, .hook = hook, .order = i, .prog_id = ids[i] };

		read_prog(s, ids[i], &p, 0, NULL);
		p.attached = find_attached(s, mount_fd, path, attach_types[hook], ids[i]);
		*ARRAY_ADD(s, cgprogs) = p;
	}
	return 0;
}

static void read_cgroup(struct snap *s, int mount_fd, const char *path)
{
	/* Of a process outside of our cgroup namespace the path begins with "/..", and leads nowhere here. */
	bool ours = path[0] == '/' && strncmp(path, "/..", 3) != 0;
	CLEAN_FD int fd = ours ? openat(mount_fd, path[1] ? path + 1 : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int err = fd >= 0 ? 0 : ours ? -errno : -ENOENT;

	for (unsigned int hook = 0; fd >= 0 && !err && hook < ARRAY_SIZE(attach_types); hook++)
		err = query(s, mount_fd, fd, path, hook);
	if (err)
		snap_add_gap(s, "BPF programs of control groups", -err, err == -EPERM ? "CAP_BPF and CAP_NET_ADMIN" : NULL);
}

static void read_cgroups(struct snap *s)
{
	CLEAN_FD int mount_fd = net_open_cgroup2(s);
	struct idmap seen = { 0 };

	for (uint32_t i = 0; i < s->n_guards; i++)
		if (s->guards[i].cgroup && idmap_add(&seen, text_key(s->guards[i].cgroup), i) == i) {
			if (mount_fd >= 0)
				read_cgroup(s, mount_fd, s->guards[i].cgroup);
			else
				snap_add_gap(s, "BPF programs of control groups", ENOENT, "control groups of version 2 mounted");
		}
	idmap_done(&seen);
}

/* --- security modules ------------------------------------------------------------------------------------------------------ */

static const char *function_name(struct snap *s, struct btf **btf, uint32_t id)
{
	const struct btf_type *t;

	if (!*btf)
		*btf = btf__load_vmlinux_btf(); /* 65 ms; BPF LSM programs are rare */
	t = *btf ? btf__type_by_id(*btf, id) : NULL;
	return t ? arena_strdup(&s->arena, btf__name_by_offset(*btf, t->name_off)) : NULL;
}

static void read_lsm_programs(struct snap *s)
{
	struct btf *btf = NULL;
	uint32_t id = 0, order = 0, function = 0;

	while (!bpf_prog_get_next_id(id, &id)) {
		struct snap_cgprog p = { .hook = CGPROG_LSM, .order = order };

		if (read_prog(s, id, &p, PROG_LSM, &function))
			continue;
		p.attached = function_name(s, &btf, function);
		*ARRAY_ADD(s, cgprogs) = p;
		order++;
	}
	if (errno != ENOENT)
		snap_add_gap(s, "BPF programs", errno, "CAP_SYS_ADMIN"); /* bpf_obj_get_next_id, kernel/bpf/syscall.c */
	btf__free(btf);
}

/* LSM_ID_* of include/uapi/linux/lsm.h (6.8); cred: it keeps something of its own with credentials (lbs_cred). */
static const struct {
	uint64_t id;
	const char *name;
	bool cred;
} modules[] = { { 100, "capability", false }, { 101, "selinux", true }, { 102, "smack", true },    { 103, "tomoyo", false },
		{ 104, "apparmor", true },    { 105, "yama", false },   { 106, "loadpin", false }, { 107, "safesetid", false },
		{ 108, "lockdown", false },   { 109, "bpf", false },    { 110, "landlock", true }, { 111, "ima", false },
		{ 112, "evm", false },        { 113, "ipe", false } };

/* The active modules in their order: lsm_list_modules(2), else securityfs. The text's length or -errno. */
static int list_modules(char *buf, size_t size)
{
	enum { LSM_LIST_MODULES = 461 };
	uint64_t ids[32];
	uint32_t bytes = sizeof(ids);
	long n = syscall(LSM_LIST_MODULES, ids, &bytes, 0);
	size_t len = 0;

	if (n < 0) {
		ssize_t got = read_at(AT_FDCWD, "/sys/kernel/security/lsm", buf, size);

		return (int)got;
	}
	for (long i = 0; i < n; i++)
		for (size_t k = 0; k < ARRAY_SIZE(modules); k++)
			if (modules[k].id == ids[i] && len < size)
				len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? "," : "", modules[k].name);
	return (int)len;
}

/* Where another module keeps something in front of Landlock's part of the credentials, what we read there was not its. */
static bool landlock_is_first(const char *list)
{
	const char *landlock = strstr(list, "landlock");

	for (size_t k = 0; landlock && k < ARRAY_SIZE(modules); k++) {
		const char *other = modules[k].cred && modules[k].id != 110 ? strstr(list, modules[k].name) : NULL;

		if (other && other < landlock)
			return false;
	}
	return true;
}

static void read_modules(struct snap *s)
{
	enum { KNOWN = GUARD_LANDLOCK | GUARD_LANDLOCK_BIND | GUARD_LANDLOCK_CONNECT | GUARD_LANDLOCK_KNOWN };
	char list[512] = "";
	int len = list_modules(list, sizeof(list));

	if (len < 0) {
		snap_add_gap(s, "lists of security modules", -len, "Linux 6.8, or securityfs mounted");
		return;
	}
	list[strcspn(list, "\n")] = '\0';
	*ARRAY_ADD(s, sysctls) = (struct snap_sysctl){ .ns = 0, .key = "lsm", .value = arena_strdup(&s->arena, list) };
	for (size_t i = 0; i < s->n_guards && !landlock_is_first(list); i++)
		s->guards[i].flags &= ~(uint64_t)KNOWN;
}

/* --- protocols ------------------------------------------------------------------------------------------------------------- */

/* Loaded: a line of /proc/net/protocols begins with name. Loadable: there is a module of the running kernel. */
static const struct {
	const char *word, *line, *module;
} protocols[] = {
	{ "tcp", "TCP ", NULL },          { "udp", "UDP ", NULL },         { "mptcp", "MPTCP ", NULL },
	{ "udplite", "UDP-Lite ", NULL }, { "sctp", "SCTP ", "/sctp.ko" }, { "dccp", "DCCP ", "/dccp.ko" },
	{ "raw", "RAW ", NULL },          { "ipv6", "TCPv6 ", NULL },
};

static bool has_line(const char *text, const char *begin)
{
	for (const char *at = text; at && (at = strstr(at, begin)); at++)
		if (at == text || at[-1] == '\n')
			return true;
	return false;
}

static void read_protocols(struct collecting *c)
{
	CLEAN_MEM char *loaded = NULL, *there = NULL;
	ssize_t n = read_file_at(c->proc_fd, "self/net/protocols", 0, 1 << 20, &loaded);
	char path[512], list[256] = "";
	size_t len = 0;

	if (n <= 0)
		return;
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", c->snap->head.kernel);
	read_file_at(AT_FDCWD, path, 0, 16 << 20, &there);
	for (size_t i = 0; i < ARRAY_SIZE(protocols); i++)
		if (has_line(loaded, protocols[i].line) || (there && protocols[i].module && strstr(there, protocols[i].module)))
			len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", len ? " " : "", protocols[i].word);
	*ARRAY_ADD(c->snap, sysctls) =
		(struct snap_sysctl){ .ns = 0, .key = "protocols", .value = arena_strdup(&c->snap->arena, list) };
}

/* What of the whole host decides, too. */
static void read_host(struct collecting *c)
{
	static const char *const files[] = { "sys/fs/file-nr", "sys/fs/nr_open" };
	static const char *const keys[] = { "fs.file-nr", "fs.nr_open" };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char buf[128];
		ssize_t n = read_at(c->proc_fd, files[i], buf, sizeof(buf));

		if (n > 0)
			*ARRAY_ADD(c->snap, sysctls) = (struct snap_sysctl){
				.ns = 0, .key = keys[i], .value = arena_strndup(&c->snap->arena, buf, strcspn(buf, "\n"))
			};
	}
}

void guards_progs(struct collecting *c)
{
	read_host(c);
	read_protocols(c);
	read_modules(c->snap);
	read_cgroups(c->snap);
	if (c->snap->n_cgprogs)
		guards_sock(c->snap);
	read_lsm_programs(c->snap); /* they are asked about everybody's sockets */
}
