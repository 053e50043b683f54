// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What files below /proc/PID/net tell of a network namespace. Anybody may read them of any process (but not of which namespace
 * that is), so they are what is left where a namespace may not be entered; and where the kernel has no module for a kind of
 * socket.
 */
#include <fcntl.h>

#include "collect/net.h"
#include "collect/proc.h"
#include "net/netfiles.h"

enum { MAX_FILE = 256 << 20 };

struct reading {
	struct net_tour *n;
	uint32_t inum;
	int dirfd;            /* the directory net/ */
	struct idmap by_name; /* a device's name -> its number */
};

/* Call take for each line of a file. 0 or -errno. */
static int each_line(struct reading *r, const char *name, void (*take)(struct reading *r, struct words line, const void *arg),
		     const void *arg)
{
	CLEAN_MEM char *buf = NULL;
	ssize_t len = read_file_at(r->dirfd, name, 0, MAX_FILE, &buf);
	struct words rest, line;

	if (len < 0)
		return (int)len;
	rest = (struct words){ buf, buf + len };
	while (words_line(&rest, &line))
		take(r, line, arg);
	return 0;
}

/* --- sockets ---------------------------------------------------------------------------------------------------------------- */

static const struct socket_file {
	const char *name;
	enum sock_netid netid; /* of those that the parser does not tell */
	int (*parse)(struct words line, struct intern *in, struct snap_socket *out);
	bool needed; /* IPv6 and the like may not be there */
} socket_files[] = {
	{ "tcp", NETID_TCP, netfiles_ip, true },
	{ "tcp6", NETID_TCP, netfiles_ip, false },
	{ "udp", NETID_UDP, netfiles_ip, true },
	{ "udp6", NETID_UDP, netfiles_ip, false },
	{ "udplite", NETID_UDPLITE, netfiles_ip, false },
	{ "udplite6", NETID_UDPLITE, netfiles_ip, false },
	{ "raw", NETID_RAW, netfiles_ip, true },
	{ "raw6", NETID_RAW, netfiles_ip, false },
	{ "icmp", NETID_PING, netfiles_ip, false },
	{ "icmp6", NETID_PING, netfiles_ip, false },
	{ "unix", NETID_UNIX_STREAM, netfiles_unix, false },
	{ "packet", NETID_PACKET_RAW, netfiles_packet, false },
	{ "netlink", NETID_NETLINK, netfiles_netlink, true },
};

static void take_socket(struct reading *r, struct words line, const void *arg)
{
	const struct sock_request *asked = &r->n->sockets;
	const struct socket_file *f = arg;
	struct snap_socket x;

	if (f->parse(line, &r->n->in, &x))
		return;
	if (f->parse == netfiles_ip)
		x.netid = (uint8_t)f->netid;
	if (!(asked->netids >> x.netid & 1) || !(asked->states >> x.state & 1) || !(asked->families >> x.family & 1))
		return;
	if (f->parse == netfiles_ip && (!net_in_range(&asked->ports, x.port) || !net_in_range(&asked->peer_ports, x.peer_port)))
		return;
	x.ns = r->inum;
	*ARRAY_ADD(r->n->s, sockets) = x;
}

static uint32_t netids_of(const struct socket_file *f)
{
	if (f->parse == netfiles_unix)
		return 1u << NETID_UNIX_STREAM | 1u << NETID_UNIX_DGRAM | 1u << NETID_UNIX_SEQPACKET;
	if (f->parse == netfiles_packet)
		return 1u << NETID_PACKET_RAW | 1u << NETID_PACKET_DGRAM;
	return 1u << f->netid;
}

static int read_sockets(struct reading *r, uint32_t netids)
{
	int err = 0;

	for (size_t i = 0; i < ARRAY_SIZE(socket_files); i++) {
		const struct socket_file *f = &socket_files[i];
		int failed = netids_of(f) & netids & r->n->sockets.netids ? each_line(r, f->name, take_socket, f) : 0;

		if (failed && (failed != -ENOENT || f->needed))
			err = failed;
	}
	return err;
}

int net_files_sockets(struct net_tour *n, uint32_t inum, uint32_t netids)
{
	struct reading r = { .n = n,
			     .inum = inum,
			     .dirfd = openat(n->c->proc_fd, "thread-self/net", O_PATH | O_DIRECTORY | O_CLOEXEC) };
	int err;

	if (r.dirfd < 0)
		r.dirfd = open("/proc/thread-self/net", O_PATH | O_DIRECTORY | O_CLOEXEC);
	err = r.dirfd < 0 ? -errno : read_sockets(&r, netids);
	cleanup_fd(&r.dirfd);
	return err;
}

/* --- devices, addresses, routes --------------------------------------------------------------------------------------------- */

static uint64_t name_key(const struct words *name)
{
	return bytes_key(name->at, words_len(name));
}

static void take_index(struct reading *r, struct words line, const void *arg)
{
	struct words name;
	uint32_t ifindex;

	(void)arg;
	if (!netfiles_index(line, &name, &ifindex))
		idmap_add(&r->by_name, name_key(&name), ifindex);
}

static void take_dev(struct reading *r, struct words line, const void *arg)
{
	struct snap_link l;
	uint32_t ifindex;

	(void)arg;
	if (netfiles_dev(line, &r->n->in, &l))
		return;
	ifindex = idmap_get(&r->by_name, text_key(l.ifname));
	l.ns = r->inum;
	l.ifindex = ifindex != IDMAP_NONE ? ifindex : 0;
	*ARRAY_ADD(r->n->s, links) = l;
}

static void take_addr6(struct reading *r, struct words line, const void *arg)
{
	struct words device;
	struct snap_addr a;

	(void)arg;
	if (netfiles_addr6(line, &r->n->in, &a, &device))
		return;
	a.ns = r->inum;
	idmap_add(&r->by_name, name_key(&device), a.ifindex);
	*ARRAY_ADD(r->n->s, addresses) = a;
}

static void take_route(struct reading *r, struct words line, const void *arg)
{
	int (*const *parse)(struct words, struct intern *, struct snap_route *, struct words *) = arg;
	struct words device;
	struct snap_route route;
	uint32_t oif;

	if ((*parse)(line, &r->n->in, &route, &device))
		return;
	oif = idmap_get(&r->by_name, name_key(&device));
	route.ns = r->inum;
	route.oif = oif != IDMAP_NONE ? (int64_t)oif : OPT_NONE;
	*ARRAY_ADD(r->n->s, routes) = route;
}

/* if_inet6 before dev, for the numbers that it tells. */
static int read_devices(struct reading *r)
{
	int err = each_line(r, "if_inet6", take_addr6, NULL);

	if (err && err != -ENOENT)
		return err;
	err = each_line(r, "dev_mcast", take_index, NULL);
	return err && err != -ENOENT ? err : each_line(r, "dev", take_dev, NULL);
}

static int read_routes(struct reading *r)
{
	int (*const v4)(struct words, struct intern *, struct snap_route *, struct words *) = netfiles_route;
	int (*const v6)(struct words, struct intern *, struct snap_route *, struct words *) = netfiles_route6;
	int err = each_line(r, "route", take_route, &v4), err6;

	err6 = each_line(r, "ipv6_route", take_route, &v6);
	return err ? err : err6 == -ENOENT ? 0 : err6;
}

/* --- the whole -------------------------------------------------------------------------------------------------------------- */

/* The directory net/ of a process that is in the namespace, or -errno. */
static int open_member(const struct nsfs *fs, uint32_t i)
{
	enum { MAX_TRIES = 8 };
	const struct snap *s = fs->c->snap;
	const struct ns_members *m = &fs->ix->ns[i];
	int fd = -ENOENT;

	for (uint32_t k = 0; fd < 0 && k < m->n && k < MAX_TRIES; k++) {
		const struct snap_task *t = &s->tasks[fs->ix->members[m->begin + k]];
		CLEAN_FD int dirfd = t->tid == t->pid ? proc_open_task(fs->c, t) : -1;

		if (dirfd >= 0)
			fd = openat(dirfd, "net", O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	return fd;
}

static void read_all(struct reading *r, struct snap_ns *ns)
{
	size_t links = r->n->s->n_links, sockets = r->n->s->n_sockets, routes = r->n->s->n_routes;
	uint64_t wants = r->n->wants;

	if (wants & WANT_LINKS) {
		int err = read_devices(r);

		ns->links = err ? err : (int64_t)(r->n->s->n_links - links);
	}
	if (wants & WANT_SOCKETS) {
		int err = read_sockets(r, ~0u);

		ns->sockets = err ? err : (int64_t)(r->n->s->n_sockets - sockets);
	}
	if (wants & WANT_ROUTES) {
		int err = read_routes(r);

		ns->routes = err ? err : (int64_t)(r->n->s->n_routes - routes);
	}
	if (wants & WANT_COUNTERS)
		net_counters(r->n, ns, r->dirfd);
}

int net_look_at_files(struct net_tour *n, const struct nsfs *fs, uint32_t i)
{
	struct reading r = { .n = n, .inum = n->s->namespaces[i].inum };

	if (!(n->wants & (WANT_SOCKETS | WANT_ROUTES)))
		return -EPERM;
	r.dirfd = open_member(fs, i);
	if (r.dirfd < 0)
		return r.dirfd;
	read_all(&r, &n->s->namespaces[i]);
	idmap_done(&r.by_name);
	close(r.dirfd);
	snap_add_gap(n->s, "network namespaces' whole state (files tell a part of sockets and routes, no more)", EPERM,
		     "CAP_SYS_ADMIN");
	return 0;
}
