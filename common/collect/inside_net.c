// SPDX-License-Identifier: GPL-2.0-or-later
/* Of the network namespace that the thread is in: devices, addresses, and who listens. */
#include <linux/netlink.h>
#include <netinet/in.h>
#include <time.h>

#include "collect/inside.h"
#include "net/diag.h"
#include "net/rtnl.h"

struct taking {
	struct snap *s;
	uint32_t inum;
	size_t links, addresses, sockets; /* how many there were before */
	enum sock_netid netid;
};

static int take_link(const struct nlmsghdr *h, void *arg)
{
	struct taking *t = arg;
	struct snap_link l;

	if (!rtnl_parse_link(h, &t->s->arena, &l)) {
		l.ns = t->inum;
		*ARRAY_ADD(t->s, links) = l;
	}
	return 0;
}

static void links_again(void *arg)
{
	struct taking *t = arg;

	t->s->n_links = t->links;
}

static int take_addr(const struct nlmsghdr *h, void *arg)
{
	struct taking *t = arg;
	struct snap_addr a;

	if (!rtnl_parse_addr(h, &t->s->arena, &a)) {
		a.ns = t->inum;
		*ARRAY_ADD(t->s, addresses) = a;
	}
	return 0;
}

static void addrs_again(void *arg)
{
	struct taking *t = arg;

	t->s->n_addresses = t->addresses;
}

/* Unbound sockets never come; those of port 0 are raw ones, which nobody asked for. */
static int take_socket(const struct nlmsghdr *h, void *arg)
{
	struct taking *t = arg;
	struct snap_socket x;

	if (!diag_parse(h, &t->s->arena, &x) && x.port) {
		x.ns = t->inum;
		x.netid = (uint8_t)t->netid;
		*ARRAY_ADD(t->s, sockets) = x;
	}
	return 0;
}

static void sockets_again(void *arg)
{
	struct taking *t = arg;

	t->s->n_sockets = t->sockets;
}

static int dump_links(struct nl *nl, struct taking *t)
{
	const struct nl_sink links = { take_link, links_again, t }, addrs = { take_addr, addrs_again, t };
	NL_REQUEST(buf);
	int err = nl_dump(nl, rtnl_get_links(buf), &links);

	return err ? err : nl_dump(nl, rtnl_get_addrs(buf), &addrs);
}

void links_read(struct snap *s, struct snap_ns *ns)
{
	struct taking t = { .s = s, .inum = ns->inum, .links = s->n_links, .addresses = s->n_addresses };
	struct nl nl = { 0 };
	int err = nl_open(&nl, NETLINK_ROUTE);
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	ns->counted = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	if (!err)
		err = dump_links(&nl, &t);
	nl_close(&nl);
	if (err) {
		links_again(&t);
		addrs_again(&t);
		snap_add_gap(s, "network namespaces' devices", -err, NULL);
	}
	ns->links = err ? err : (int64_t)(s->n_links - t.links);
}

static int dump_listeners(struct nl *nl, struct taking *t)
{
	static const struct {
		enum sock_netid netid;
		int family, protocol;
		uint32_t states;
	} dumps[] = {
		{ NETID_TCP, AF_INET, IPPROTO_TCP, DIAG_LISTEN },
		{ NETID_TCP, AF_INET6, IPPROTO_TCP, DIAG_LISTEN },
		{ NETID_UDP, AF_INET, IPPROTO_UDP, DIAG_UNCONN },
		{ NETID_UDP, AF_INET6, IPPROTO_UDP, DIAG_UNCONN },
	};
	const struct nl_sink sink = { take_socket, sockets_again, t };
	NL_REQUEST(buf);

	for (size_t i = 0; i < ARRAY_SIZE(dumps); i++) {
		int err;

		t->sockets = t->s->n_sockets;
		t->netid = dumps[i].netid;
		err = nl_dump(nl, diag_get(buf, dumps[i].family, dumps[i].protocol, dumps[i].states), &sink);
		if (err)
			return err;
	}
	return 0;
}

void listeners_read(struct snap *s, struct snap_ns *ns)
{
	struct taking t = { .s = s, .inum = ns->inum };
	size_t before = s->n_sockets;
	struct nl nl = { 0 };
	int err = nl_open(&nl, NETLINK_SOCK_DIAG);

	if (!err)
		err = dump_listeners(&nl, &t);
	nl_close(&nl);
	if (err) {
		s->n_sockets = before;
		snap_add_gap(s, "listening sockets", -err, err == -ENOENT ? "the kernel's modules tcp_diag and udp_diag" : NULL);
	}
	ns->listeners = err ? err : (int64_t)(s->n_sockets - before);
}
