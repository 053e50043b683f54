// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <sys/un.h>

#include "view/sockends.h"

static void put_port(struct cells *c, const struct socktext *t, uint32_t port, enum sock_netid netid)
{
	const char *name = port && t->service ? t->service(port, netid, t->arg) : NULL;

	if (!port)
		cells_put(c, "*");
	else if (name)
		cells_put(c, name);
	else
		cells_put_num(c, port);
}

/* Where the kernel tells nothing of the other end, ss prints the zeroes that stand in the message. */
static void put_ip(struct cells *c, const struct snap_socket *s, const char *addr, const char *device)
{
	bool v6only = s->known & s->flags & SOCKF_V6ONLY;

	if (s->family == ADDR_INET) {
		cells_put(c, addr ? addr : "0.0.0.0");
	} else if ((!addr || !strcmp(addr, "::")) && !v6only) {
		cells_put(c, "*");
	} else {
		cells_put(c, "[");
		cells_put(c, addr ? addr : "::");
		cells_put(c, "]");
	}
	if (device) {
		cells_put(c, "%");
		cells_put_foreign(c, device, strlen(device));
	}
	cells_put(c, ":");
}

static void put_ip_ends(struct cells *c, const struct socktext *t, const struct sockrow *r)
{
	const struct snap_socket *s = r->socket;

	put_ip(c, s, s->addr, r->ends[0].ifname);
	cells_next(c);
	put_port(c, t, s->port, s->netid);
	cells_next(c);
	put_ip(c, s, s->peer, NULL);
	cells_next(c);
	put_port(c, t, s->peer_port, s->netid);
	cells_next(c);
}

/* ss shows each NUL of an abstract name as an @. */
static void put_path(struct cells *c, const char *path, uint32_t path_len)
{
	size_t len = MIN((size_t)path_len, sizeof((struct sockaddr_un){ 0 }.sun_path));
	char name[sizeof((struct sockaddr_un){ 0 }.sun_path)];

	memcpy(name, path ? path : "*", path ? len : 1);
	for (size_t i = 0; i < len && *name == '@'; i++)
		if (!name[i])
			name[i] = '@';
	cells_put_foreign(c, name, path ? len : 1);
}

/* Of the other end ss has no name where sock_diag tells of it: it is found by its number. */
static void put_unix_ends(struct cells *c, const struct socktext *t, const struct sockrow *r)
{
	const struct snap_socket *s = r->socket;

	put_path(c, s->path, s->path_len);
	cells_put(c, " ");
	cells_next(c);
	cells_put_num(c, s->ino);
	cells_next(c);
	put_path(c, t->people ? r->peer_path : NULL, r->peer_path_len);
	cells_put(c, " ");
	cells_next(c);
	cells_put_num(c, s->peer_ino);
	cells_next(c);
}

static void put_no_peer(struct cells *c)
{
	cells_put(c, "*");
	cells_next(c);
	cells_next(c);
}

static void put_packet_ends(struct cells *c, const struct socktext *t, const struct sockrow *r)
{
	const struct snap_socket *s = r->socket;

	if (s->addr && *s->addr != '*' && !t->service) /* -n */
		cells_put_f(c, "[%u]", s->port);
	else
		cells_put(c, s->addr ? s->addr : "*");
	cells_put(c, ":");
	cells_next(c);
	if (r->ends[0].ifname)
		cells_put_foreign(c, r->ends[0].ifname, strlen(r->ends[0].ifname));
	else if (OPT_VALUE(s->ifindex) && s->ifindex)
		cells_put_f(c, "if%" PRId64, s->ifindex);
	else
		cells_put(c, "*");
	cells_next(c);
	put_no_peer(c);
}

/* linux/netlink.h's NETLINK_* as iproute2 calls them (etc/iproute2/nl_protos). */
static const char *const netlink_names[] = { "rtnl",  "unused", "usersock",   "fw",        "tcpdiag", "nflog", "xfrm",   "selinux",
					     "iscsi", "audit",  "fiblookup",  "connector", "nft",     "ip6fw", "dec-rt", "uevent",
					     "genl",  NULL,     "scsi-trans", "ecryptfs",  "rdma",    "crypto" };

/* A family that we are told by its number or by its name. */
static void put_netlink_family(struct cells *c, const struct socktext *t, const char *family)
{
	uint32_t number;

	if (!t->process) {
		for (size_t i = 0; family && i < ARRAY_SIZE(netlink_names); i++)
			if (netlink_names[i] && !strcmp(netlink_names[i], family)) {
				cells_put_num(c, i);
				return;
			}
	} else if (family && !parse_u32(family, &number) && number < ARRAY_SIZE(netlink_names) && netlink_names[number]) {
		family = netlink_names[number];
	}
	cells_put(c, family ? family : "?");
}

static void put_netlink_ends(struct cells *c, const struct socktext *t, const struct snap_socket *s)
{
	const char *name = s->port && t->process ? t->process(s->port, t->arg) : NULL;

	put_netlink_family(c, t, s->addr);
	cells_put(c, ":");
	cells_next(c);
	if (s->port == UINT32_MAX) {
		cells_put(c, "*");
	} else if (!s->port && t->process) {
		cells_put(c, "kernel");
	} else {
		if (name) {
			cells_put_foreign(c, name, strlen(name));
			cells_put(c, "/");
		}
		if ((int32_t)s->port < 0)
			cells_put(c, "-");
		cells_put_num(c, (int32_t)s->port < 0 ? 0u - s->port : s->port);
	}
	cells_next(c);
	put_no_peer(c);
}

void sockends_put(struct cells *c, const struct socktext *t, const struct sockrow *r)
{
	if (sock_is_ip(r->socket))
		put_ip_ends(c, t, r);
	else if (sock_is_unix(r->socket))
		put_unix_ends(c, t, r);
	else if (r->socket->netid == NETID_NETLINK)
		put_netlink_ends(c, t, r->socket);
	else
		put_packet_ends(c, t, r);
}
