// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Settings of the network namespace that the thread is in. Which one a file of /proc/sys/net speaks of is decided when it is
 * opened, by who opens it (net_ctl_root, net/sysctl_net.c): so our own procfs serves all namespaces, and no mount namespace has
 * to be entered.
 *
 * A directory is opened once, and its files from there. In the cache of names the "ipv4" of every namespace has the same parent, and one is
 * told from the others by asking each whether it is seen from here (proc_sys_compare, fs/proc/proc_sysctl.c): a path from the top costs
 * time by the number of namespaces, and what lies below does not.
 */
#include <dirent.h>
#include <fcntl.h>

#include "collect/net.h"
#include "collect/proc.h"

/* What is missing is not there: an older kernel, or a module that is not loaded. Those of a directory stand together. */
static const char *const keys[] = {
	"net/ipv4/ip_unprivileged_port_start",
	"net/ipv4/ip_local_port_range",
	"net/ipv4/ip_local_reserved_ports",
	"net/ipv4/ip_nonlocal_bind",
	"net/ipv4/ip_autobind_reuse",
	"net/ipv4/ip_forward",
	"net/ipv4/ping_group_range",
	"net/ipv4/tcp_l3mdev_accept",
	"net/ipv4/udp_l3mdev_accept",
	"net/ipv4/raw_l3mdev_accept",
	"net/ipv4/tcp_fwmark_accept",
	"net/ipv4/fwmark_reflect",
	"net/ipv4/tcp_abort_on_overflow",
	"net/ipv4/tcp_syncookies",
	"net/ipv4/tcp_max_syn_backlog",
	"net/ipv4/tcp_tw_reuse",
	"net/ipv4/tcp_max_tw_buckets",
	"net/ipv4/tcp_migrate_req",
	"net/ipv4/icmp_echo_ignore_all",
	"net/ipv4/fib_multipath_hash_policy",
	"net/ipv4/fib_multipath_use_neigh",
	"net/ipv4/udp_early_demux",
	"net/ipv6/bindv6only",
	"net/ipv6/ip_nonlocal_bind",
	"net/ipv6/fib_multipath_hash_policy",
	"net/ipv6/icmp/echo_ignore_all",
	"net/core/somaxconn",
	"net/unix/max_dgram_qlen",
	"net/mptcp/enabled",
	"net/netfilter/nf_conntrack_max",
	"net/netfilter/nf_conntrack_count",
	"net/netfilter/nf_conntrack_tcp_be_liberal",
	"net/netfilter/nf_conntrack_tcp_loose",
	"net/nf_conntrack_max",
	"net/bridge/bridge-nf-call-iptables",
	"net/bridge/bridge-nf-call-ip6tables",
	"net/bridge/bridge-nf-call-arptables",
};

/* Of each device, and of "all" and "default". */
static const char *const device_keys4[] = {
	"forwarding",
	"rp_filter",
	"route_localnet",
	"accept_local",
	"arp_ignore",
	"arp_filter",
	"arp_announce",
	"proxy_arp",
	"src_valid_mark",
	"send_redirects",
	"bc_forwarding",
	"disable_policy",
	"ignore_routes_with_linkdown",
};
static const char *const device_keys6[] = {
	"disable_ipv6", "forwarding", "accept_dad", "accept_ra", "ignore_routes_with_linkdown", "force_forwarding",
};

enum { PATH_SIZE = 256, VALUE_SIZE = 4096 };

/* "net/ipv4/conf/eth0/rp_filter" is "net.ipv4.conf.eth0.rp_filter", whatever dots the device's name has. */
static const char *key_of(struct intern *in, const char *path)
{
	char key[PATH_SIZE];
	size_t len = strlen(path);

	for (size_t i = 0; i <= len; i++)
		key[i] = path[i] == '/' ? '.' : path[i];
	return intern_text(in, key, len);
}

/* The directory at hand. */
struct place {
	struct net_tour *n;
	uint32_t inum;
	char path[PATH_SIZE]; /* "net/ipv4" */
	int fd;               /* or -errno */
};

static void leave(struct place *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -ENOENT;
}

/* Go to a directory, which lies below at; path is its whole one. Returns its fd, which is the place's, or -errno. */
static int enter(struct place *p, int at, const char *name, const char *path, size_t len)
{
	if (strlen(p->path) == len && !strncmp(p->path, path, len))
		return p->fd;
	leave(p);
	snprintf(p->path, sizeof(p->path), "%.*s", (int)len, path);
	p->fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->fd < 0)
		p->fd = -errno;
	return p->fd;
}

/* ESRCH: the device is gone. */
static bool is_missing(struct place *p, int err)
{
	if (err && err != -ENOENT && err != -ESRCH)
		snap_add_gap(p->n->s, "network namespaces' settings", -err, NULL);
	return err;
}

/* Where there are several words, tabs are between them ("32768\t60999"): a space each, as sysctl takes them. */
static void read_one(struct place *p, const char *name)
{
	char path[2 * PATH_SIZE], value[VALUE_SIZE];
	ssize_t len = p->fd < 0 ? p->fd : read_at(p->fd, name, value, sizeof(value));

	if (is_missing(p, len < 0 ? (int)len : 0))
		return;
	while (len && (value[len - 1] == '\n' || value[len - 1] == ' '))
		len--;
	for (ssize_t i = 0; i < len; i++)
		if (value[i] == '\t')
			value[i] = ' ';
	snprintf(path, sizeof(path), "%s/%s", p->path, name);
	*ARRAY_ADD(p->n->s, sysctls) =
		(struct snap_sysctl){ p->inum, key_of(&p->n->in, path), intern_text(&p->n->in, value, (size_t)len) };
}

static void read_key(struct place *p, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	char dir[PATH_SIZE + 8];

	snprintf(dir, sizeof(dir), "sys/%.*s", (int)(name - 1 - path), path);
	enter(p, p->n->c->proc_fd, dir, path, (size_t)(name - 1 - path));
	read_one(p, name);
}

static void read_device(struct place *p, int at, const char *conf, const char *device, const char *const *list, size_t count)
{
	char path[PATH_SIZE];
	int len = snprintf(path, sizeof(path), "%s/%s", conf, device);

	if ((size_t)len >= sizeof(path) || is_missing(p, MIN(enter(p, at, device, path, (size_t)len), 0)))
		return;
	for (size_t i = 0; i < count; i++)
		read_one(p, list[i]);
}

static void read_devices(struct place *p, const char *conf, const char *const *list, size_t count)
{
	char path[PATH_SIZE];
	struct dirent *e;
	int fd;

	snprintf(path, sizeof(path), "sys/%s", conf);
	fd = openat(p->n->c->proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	CLEAN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !dir)
		close(fd);
	while (dir && (e = readdir(dir)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			read_device(p, dirfd(dir), conf, e->d_name, list, count);
}

void net_sysctls(struct net_tour *n, const struct snap_ns *ns)
{
	struct place p = { .n = n, .inum = ns->inum, .fd = -ENOENT };

	if (n->c->opts->sysctl) {
		read_key(&p, n->c->opts->sysctl);
		leave(&p);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		read_key(&p, keys[i]);
	read_devices(&p, "net/ipv4/conf", device_keys4, ARRAY_SIZE(device_keys4));
	read_devices(&p, "net/ipv6/conf", device_keys6, ARRAY_SIZE(device_keys6));
	leave(&p);
}
