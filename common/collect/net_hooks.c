// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * BPF programs, filters and IPsec policies that see packets: of the network namespace that the thread is in, and of control groups. The kernel lists
 * programs with BPF_PROG_QUERY, which takes CAP_NET_ADMIN there and CAP_BPF or CAP_SYS_ADMIN (bpf_prog_query, kernel/bpf/syscall.c).
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <sys/stat.h>

#include "collect/net.h"
#include "net/tc.h"
#include "net/xfrm.h"
#include "util/words.h"

/* Of enum bpf_attach_type (include/uapi/linux/bpf.h), those that are younger than the headers that we build with. */
enum {
	ATTACH_SK_LOOKUP = 36,
	ATTACH_TCX_INGRESS = 46,
	ATTACH_TCX_EGRESS = 47,
	ATTACH_NETKIT_PRIMARY = 54,
	ATTACH_NETKIT_PEER = 55
};
enum { MAX_PROGRAMS = 64 }; /* BPF_CGROUP_MAX_PROGS, BPF_MPROG_MAX */

/* In the arena; NULL: it has none, or it may not be seen. */
static const char *prog_name_of(struct snap *s, uint32_t id)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);
	CLEAN_FD int fd = bpf_prog_get_fd_by_id(id);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len) || !info.name[0])
		return NULL;
	return arena_strndup(&s->arena, info.name, strnlen(info.name, sizeof(info.name)));
}

/* BTF has the whole name of the function that a program begins with; the kernel's own ends after 15 bytes (BPF_OBJ_NAME_LEN). */
static const char *whole_name(struct snap *s, uint32_t id)
{
	struct bpf_func_info func = { 0 };
	struct bpf_prog_info info = { .nr_func_info = 1,
				      .func_info_rec_size = sizeof(func),
				      .func_info = (uint64_t)(uintptr_t)&func };
	uint32_t len = sizeof(info);
	CLEAN_FD int fd = bpf_prog_get_fd_by_id(id);
	const struct btf_type *type;
	const char *name = NULL;
	struct btf *btf;

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len) || strlen(info.name) < BPF_OBJ_NAME_LEN - 1 || !info.btf_id ||
	    !func.type_id)
		return NULL;
	btf = btf__load_from_kernel_by_id(info.btf_id);
	type = btf ? btf__type_by_id(btf, func.type_id) : NULL;
	if (type && btf__name_by_offset(btf, type->name_off) && strcmp(btf__name_by_offset(btf, type->name_off), info.name) != 0)
		name = arena_strdup(&s->arena, btf__name_by_offset(btf, type->name_off));
	btf__free(btf);
	return name;
}

static bool is_unknown_here(int err)
{
	return err == -EINVAL || err == -EOPNOTSUPP || err == -ENOENT;
}

/* What is attached to a target (an fd, or a device's number), in the order in which it runs. hook: what is known of all of them. */
static void query(struct snap *s, int target, int type, uint32_t flags, const struct snap_hook *hook)
{
	uint32_t ids[MAX_PROGRAMS], n = MAX_PROGRAMS;
	int err = bpf_prog_query(target, (enum bpf_attach_type)type, flags, NULL, ids, &n) ? -errno : 0;

	if (err) {
		if (!is_unknown_here(err))
			snap_add_gap(s, "attached BPF programs", -err, err == -EPERM ? "CAP_BPF and CAP_NET_ADMIN" : NULL);
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		struct snap_hook *h = ARRAY_ADD(s, hooks);

		*h = *hook;
		h->prog_id = ids[i];
		h->prog_name = prog_name_of(s, ids[i]);
		h->function = whole_name(s, ids[i]);
		h->prio = i;
		h->answers = true;
	}
}

/* --- devices ------------------------------------------------------------------------------------------------------------- */

struct tc_taking {
	struct snap *s;
	uint32_t inum;
	uint8_t place;
	size_t begin;
	uint32_t *devices;
	size_t n_devices, cap_devices;
};

static int take_qdisc(const struct nlmsghdr *h, void *arg)
{
	struct tc_taking *t = arg;
	uint32_t ifindex;

	if (tc_parse_qdisc(h, &ifindex) == 1)
		*ARRAY_ADD(t, devices) = ifindex;
	return 0;
}

static void qdiscs_again(void *arg)
{
	((struct tc_taking *)arg)->n_devices = 0;
}

static int take_filter(const struct nlmsghdr *h, void *arg)
{
	struct tc_taking *t = arg;
	struct snap_hook f;

	if (tc_parse_filter(h, &t->s->arena, &f))
		return 0;
	f.ns = t->inum;
	f.place = t->place;
	if (f.prog_id) {
		f.prog_name = prog_name_of(t->s, f.prog_id);
		f.function = whole_name(t->s, f.prog_id);
	}
	*ARRAY_ADD(t->s, hooks) = f;
	return 0;
}

static void filters_again(void *arg)
{
	struct tc_taking *t = arg;

	t->s->n_hooks = t->begin;
}

/* Only where there is a place for filters: a dump for each device would cost more than all the rest. */
static int dump_filters(struct nl *nl, struct tc_taking *t)
{
	static const struct {
		uint8_t place;
		uint32_t parent;
	} sides[] = { { HOOK_TC_INGRESS, TC_H_MIN_INGRESS }, { HOOK_TC_EGRESS, TC_H_MIN_EGRESS } };
	const struct nl_sink qdiscs = { take_qdisc, qdiscs_again, t }, filters = { take_filter, filters_again, t };
	NL_REQUEST(buf);
	int err = nl_dump(nl, tc_get_qdiscs(buf), &qdiscs);

	for (size_t i = 0; !err && i < t->n_devices; i++)
		for (size_t side = 0; !err && side < ARRAY_SIZE(sides); side++) {
			t->place = sides[side].place;
			t->begin = t->s->n_hooks;
			err = nl_dump(nl, tc_get_filters(buf, t->devices[i], TC_H_MAKE(TC_H_CLSACT, sides[side].parent)), &filters);
			if (err == -EINVAL) /* "ingress" has no egress side */
				err = 0;
		}
	return err;
}

static void read_filters(struct snap *s, uint32_t inum)
{
	struct tc_taking t = { .s = s, .inum = inum };
	struct nl nl = { 0 };
	int err = nl_open(&nl, NETLINK_ROUTE);

	if (!err)
		err = dump_filters(&nl, &t);
	nl_close(&nl);
	free(t.devices);
	if (err && err != -EOPNOTSUPP) /* a kernel without traffic control */
		snap_add_gap(s, "filters of devices", -err, NULL);
}

bool net_has_xfrm(const struct collecting *c)
{
	enum { MAX_FILE = 16 << 20 };
	CLEAN_MEM char *buf = NULL;
	ssize_t len = read_file_at(c->proc_fd, "thread-self/net/netlink", 0, MAX_FILE, &buf);
	struct words rest = { buf, buf + MAX(len, 0) }, line, sk, eth, owner;
	uint64_t protocol, pid;

	while (words_line(&rest, &line))
		if (words_next(&line, &sk) && words_next(&line, &eth) && words_next(&line, &owner) &&
		    !words_number(&eth, &protocol) && !words_number(&owner, &pid) && protocol == NETLINK_XFRM && !pid)
			return true;
	return false;
}

static void read_policies(struct snap *s, uint32_t inum)
{
	struct nl nl = { 0 };
	uint32_t count = 0;
	int err;

	err = nl_open(&nl, NETLINK_XFRM);
	if (!err)
		err = xfrm_count_policies(&nl, &count);
	nl_close(&nl);
	if (err)
		snap_add_gap(s, "IPsec policies", -err, err == -EPERM ? "CAP_NET_ADMIN" : NULL);
	else if (count)
		*ARRAY_ADD(s, hooks) = (struct snap_hook){ .ns = inum, .place = HOOK_XFRM, .count = count };
}

static void read_device(struct snap *s, uint32_t inum, uint32_t ifindex, int64_t xdp, bool is_netkit)
{
	struct snap_hook h = { .ns = inum, .ifindex = ifindex, .place = HOOK_TCX_INGRESS };

	query(s, (int)ifindex, ATTACH_TCX_INGRESS, 0, &h);
	h.place = HOOK_TCX_EGRESS;
	query(s, (int)ifindex, ATTACH_TCX_EGRESS, 0, &h);
	if (is_netkit) {
		h.place = HOOK_NETKIT;
		query(s, (int)ifindex, ATTACH_NETKIT_PRIMARY, 0, &h);
		query(s, (int)ifindex, ATTACH_NETKIT_PEER, 0, &h);
	}
	if (OPT_VALUE(xdp))
		*ARRAY_ADD(s, hooks) = (struct snap_hook){ .ns = inum,
							   .place = HOOK_XDP,
							   .ifindex = ifindex,
							   .prog_id = (uint32_t)xdp,
							   .prog_name = prog_name_of(s, (uint32_t)xdp),
							   .function = whole_name(s, (uint32_t)xdp),
							   .answers = true };
}

void net_hooks(struct net_tour *n, const struct snap_ns *ns)
{
	struct snap *s = n->s;
	CLEAN_FD int self = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	const struct snap_hook lookup = { .ns = ns->inum, .place = HOOK_SK_LOOKUP };

	/* The devices were read just now, so they are the last ones. */
	for (size_t i = s->n_links; i-- && s->links[i].ns == ns->inum;)
		read_device(s, ns->inum, s->links[i].ifindex, s->links[i].xdp_prog,
			    s->links[i].kind && !strcmp(s->links[i].kind, "netkit"));
	read_filters(s, ns->inum);
	if (self >= 0)
		query(s, self, ATTACH_SK_LOOKUP, 0, &lookup);
	if (n->has_xfrm)
		read_policies(s, ns->inum);
}

/* --- control groups --------------------------------------------------------------------------------------------------------- */

int net_open_cgroup2(struct snap *s)
{
	static const char *const usual[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(usual); i++) {
		int fd = open(usual[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd >= 0 && !fstatat(fd, "cgroup.procs", &st, AT_SYMLINK_NOFOLLOW) &&
		    !fstatat(fd, "cgroup.controllers", &st, 0)) {
			s->head.cgroup2 = usual[i];
			return fd;
		}
		if (fd >= 0)
			close(fd);
	}
	return -1;
}

/* By its id. fd, or -1 with errno. */
static int open_cgroup(int mount_fd, uint64_t id)
{
	struct {
		struct file_handle head;
		uint64_t id;
	} handle = { .head = { .handle_bytes = sizeof(uint64_t),
			       .handle_type = 0xfe /* FILEID_KERNFS, include/linux/exportfs.h */ } };

	memcpy(handle.head.f_handle, &id, sizeof(id));
	return open_by_handle_at(mount_fd, &handle.head, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* An open control group's path below the mount ("/" itself is the mount). NULL: not known. */
static const char *path_below(struct snap *s, int mount_fd, int fd)
{
	char mount[4096], path[4096], link[64];
	ssize_t mount_len, len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", mount_fd);
	mount_len = readlink(link, mount, sizeof(mount));
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path));
	if (mount_len < 0 || len < mount_len || memcmp(path, mount, (size_t)mount_len) != 0)
		return NULL;
	return len == mount_len ? "/" : arena_strndup(&s->arena, path + mount_len, (size_t)(len - mount_len));
}

static bool waits_for_others(const struct snap_socket *x)
{
	return x->state == STATE_LISTEN || (x->state == STATE_UNCONN && x->port) || x->netid == NETID_UDP;
}

void net_hooks_cgroups(struct snap *s)
{
	CLEAN_FD int mount_fd = net_open_cgroup2(s);
	struct idmap seen = { 0 };

	for (size_t i = 0; mount_fd >= 0 && i < s->n_sockets; i++) {
		uint64_t id = s->sockets[i].cgroup;
		struct snap_hook h = { .place = HOOK_CGROUP_INGRESS, .cgroup = id };

		if (!id || !waits_for_others(&s->sockets[i]) || idmap_add(&seen, id, (uint32_t)i) != i)
			continue;
		CLEAN_FD int fd = open_cgroup(mount_fd, id);

		if (fd < 0)
			continue; /* gone: sockets outlive their control group */
		h.cgroup_path = path_below(s, mount_fd, fd);
		query(s, fd, BPF_CGROUP_INET_INGRESS, BPF_F_QUERY_EFFECTIVE, &h);
		h.place = HOOK_CGROUP_EGRESS;
		query(s, fd, BPF_CGROUP_INET_EGRESS, BPF_F_QUERY_EFFECTIVE, &h);
	}
	idmap_done(&seen);
}
