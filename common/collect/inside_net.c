// SPDX-License-Identifier: GPL-2.0-or-later
/* Of the network namespace that the thread is in: who listens. */
#include <linux/netlink.h>
#include <netinet/in.h>

#include "collect/inside.h"
#include "net/diag.h"

struct taking {
	struct snap *s;
	uint32_t inum;
	struct intern *in;
	size_t sockets; /* how many there were before */
	enum sock_netid netid;
};

/* Unbound sockets never come; those of port 0 are raw ones, which nobody asked for. */
static int take_socket(const struct nlmsghdr *h, void *arg)
{
	struct taking *t = arg;
	struct snap_socket x;

	if (!diag_parse(h, t->netid, t->in, &x, NULL) && x.port) {
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
		struct diag_query q;
		int err;

		t->sockets = t->s->n_sockets;
		t->netid = dumps[i].netid;
		q = (struct diag_query){ .family = dumps[i].family, .protocol = dumps[i].protocol, .states = dumps[i].states };
		err = nl_dump(nl, diag_get(buf, &q), &sink);
		if (err)
			return err;
	}
	return 0;
}

void inside_net(struct snap *s, struct snap_ns *ns, struct intern *in)
{
	struct taking t = { .s = s, .inum = ns->inum, .in = in };
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
