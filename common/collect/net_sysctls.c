// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Settings of the network namespace that the thread is in. Which one a file of /proc/sys/net speaks of is decided when it is
 * opened, by who opens it (net_ctl_root, net/sysctl_net.c): so our own procfs serves all namespaces, and no mount namespace has
 * to be entered.
 */
#include <dirent.h>
#include <fcntl.h>

#include "collect/net.h"
#include "collect/proc.h"

/* What is missing is not there: an older kernel, or a module that is not loaded. */
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

/* Where there are several words, tabs are between them ("32768\t60999"): a space each, as sysctl takes them. */
static void read_one(struct net_tour *n, uint32_t inum, const char *path)
{
	char file[PATH_SIZE + 8], value[VALUE_SIZE];
	ssize_t len;

	snprintf(file, sizeof(file), "sys/%s", path);
	len = read_at(n->c->proc_fd, file, value, sizeof(value));
	if (len == -ENOENT || len == -ESRCH) /* ESRCH: the device is gone */
		return;
	if (len < 0) {
		snap_add_gap(n->s, "network namespaces' settings", (int)-len, NULL);
		return;
	}
	while (len && (value[len - 1] == '\n' || value[len - 1] == ' '))
		len--;
	for (ssize_t i = 0; i < len; i++)
		if (value[i] == '\t')
			value[i] = ' ';
	*ARRAY_ADD(n->s, sysctls) = (struct snap_sysctl){ inum, key_of(&n->in, path), intern_text(&n->in, value, (size_t)len) };
}

static void read_device(struct net_tour *n, uint32_t inum, const char *conf, const char *device, const char *const *list,
			size_t count)
{
	char path[PATH_SIZE];

	for (size_t i = 0; i < count; i++)
		if ((size_t)snprintf(path, sizeof(path), "%s/%s/%s", conf, device, list[i]) < sizeof(path))
			read_one(n, inum, path);
}

static void read_devices(struct net_tour *n, uint32_t inum, const char *conf, const char *const *list, size_t count)
{
	char path[PATH_SIZE];
	struct dirent *e;
	int fd;

	snprintf(path, sizeof(path), "sys/%s", conf);
	fd = openat(n->c->proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	CLEAN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !dir)
		close(fd);
	while (dir && (e = readdir(dir)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			read_device(n, inum, conf, e->d_name, list, count);
}

void net_sysctls(struct net_tour *n, const struct snap_ns *ns)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		read_one(n, ns->inum, keys[i]);
	read_devices(n, ns->inum, "net/ipv4/conf", device_keys4, ARRAY_SIZE(device_keys4));
	read_devices(n, ns->inum, "net/ipv6/conf", device_keys6, ARRAY_SIZE(device_keys6));
}
