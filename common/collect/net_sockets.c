// SPDX-License-Identifier: GPL-2.0-or-later
/* Sockets of the network namespace that the thread is in. */
#include <linux/netlink.h>
#include <netinet/in.h>

#include "collect/net.h"
#include "net/diag.h"
#include "net/netfiles.h"

enum {
	PROTO_MPTCP = 262, /* IPPROTO_MPTCP (5.6) */
	TCP_NEW_SYN_RECV_ = 12,
	HALF_OPEN = 1 << STATE_SYN_RECV | 1 << TCP_NEW_SYN_RECV_,
	TIME_WAIT = 1 << STATE_TIME_WAIT | 1 << STATE_FIN_WAIT2, /* what a struct inet_timewait_sock stands for */
	NO_WALK = DIAG_LISTEN | DIAG_UNCONN | DIAG_BOUND,        /* of the table of connections */
};

/* A dump under way. */
struct taking {
	struct net_tour *n;
	struct snap *s;
	uint32_t inum;
	enum sock_netid netid;
	int (*parse)(const struct nlmsghdr *h, struct intern *in, struct snap_socket *out);
	size_t sockets, infos; /* how many there were before */
	size_t seen;           /* messages, wanted or not */
	bool keep;
};

static void take_again(void *arg)
{
	struct taking *t = arg;

	t->s->n_sockets = t->sockets;
	t->s->n_tcp_infos = t->infos;
	t->seen = 0;
}

/*
 * Those that the kernel could not be told to leave out: it knows no more than one family, and no ports where listeners are
 * counted.
 */
static bool is_asked(const struct taking *t, const struct snap_socket *x)
{
	const struct sock_request *r = &t->n->sockets;

	return t->keep && r->families >> x->family & 1 && net_in_range(&r->ports, x->port) &&
	       net_in_range(&r->peer_ports, x->peer_port);
}

/* Unbound sockets never come; of the others those of port 0 are raw ones of protocol 0. */
static int take_ip(const struct nlmsghdr *h, void *arg)
{
	struct taking *t = arg;
	struct snap_tcp_info info = { 0 };
	struct snap_socket x = { 0 };

	t->seen++;
	if (!t->keep || diag_parse(h, t->netid, &t->n->in, &x, t->n->wants & WANT_TCP_INFO ? &info : NULL) || !is_asked(t, &x))
		return 0;
	x.ns = t->inum;
	if (t->netid == NETID_TCP && x.state == STATE_UNCONN)
		x.state = STATE_BOUND;
	*ARRAY_ADD(t->s, sockets) = x;
	if (t->n->wants & WANT_TCP_INFO && info.cookie) {
		info.ns = t->inum;
		*ARRAY_ADD(t->s, tcp_infos) = info;
	}
	return 0;
}

static int take_local(const struct nlmsghdr *h, void *arg)
{
	struct taking *t = arg;
	struct snap_socket x;

	if (!t->parse(h, &t->n->in, &x) && t->n->sockets.netids >> x.netid & 1) {
		x.ns = t->inum;
		if (!(t->n->wants & WANT_SOCKET_MEM)) { /* it came for the sake of the queues */
			x.mem = NULL;
			x.n_mem = 0;
		}
		*ARRAY_ADD(t->s, sockets) = x;
	}
	return 0;
}

static void begin(struct taking *t, struct net_tour *n, uint32_t inum, enum sock_netid netid)
{
	*t = (struct taking){ .n = n,
			      .s = n->s,
			      .inum = inum,
			      .netid = netid,
			      .sockets = n->s->n_sockets,
			      .infos = n->s->n_tcp_infos,
			      .keep = true };
}

/* --- IP --------------------------------------------------------------------------------------------------------------------- */

struct diag_session {
	struct net_tour *n;
	struct snap_ns *ns;
	struct nl nl;
	bool counted;             /* what follows */
	size_t listeners;         /* of TCP */
	uint64_t in_use, waiting; /* its sockets in the tables, those that listen among them; TIME_WAIT */
};

static int dump_ip(struct diag_session *d, struct taking *t, int family, int protocol, uint32_t states, bool ports)
{
	const struct sock_request *r = &d->n->sockets;
	const struct nl_sink sink = { take_ip, take_again, t };
	struct diag_query q = {
		.family = family,
		.protocol = protocol,
		.states = states,
		.info = d->n->wants & WANT_TCP_INFO,
		.mem = d->n->wants & WANT_SOCKET_MEM,
	};
	NL_REQUEST(buf);
	int err;

	if (ports) {
		q.ports.min = r->ports.min;
		q.ports.max = r->ports.max;
		q.peer_ports.min = r->peer_ports.min;
		q.peer_ports.max = r->peer_ports.max;
	}
	err = nl_dump(&d->nl, diag_get(buf, &q), &sink);
	if (err)
		take_again(t);
	return err;
}

/* Each family that is asked for. *seen: how many there were, asked for or not. */
static int dump_families(struct diag_session *d, enum sock_netid netid, int protocol, uint32_t states, bool ports)
{
	static const int families[] = { [ADDR_INET] = AF_INET, [ADDR_INET6] = AF_INET6 };
	int err = 0;

	for (uint32_t f = ADDR_INET; !err && f <= ADDR_INET6; f++) {
		struct taking t;

		if (!(d->n->sockets.families >> f & 1))
			continue;
		begin(&t, d->n, d->ns->inum, netid);
		err = dump_ip(d, &t, families[f], protocol, states, ports);
	}
	return err;
}

/* TCP of both families for the price of one. *seen as above. */
static int dump_tcp(struct diag_session *d, uint32_t states, bool keep, bool ports, size_t *seen)
{
	struct taking t;
	int err;

	begin(&t, d->n, d->ns->inum, NETID_TCP);
	t.keep = keep;
	err = dump_ip(d, &t, AF_UNSPEC, IPPROTO_TCP, states, ports);
	*seen = t.seen;
	return err;
}

/*
 * How many sockets are connected in there, beyond those that listen; and how many are closed already and wait. Sockets that
 * nobody has a file of (orphans) count as well: what is counted is what stands in the tables (inet_ehash_nolisten,
 * net/ipv4/inet_hashtables.c).
 */
static void count_tcp(struct diag_session *d, size_t listeners)
{
	char buf[1024];
	uint64_t in_use6 = 0;
	ssize_t len = net_file(d->n, "sockstat", buf, sizeof(buf));

	if (len <= 0 || netfiles_sockstat(buf, (size_t)len, "TCP", "inuse", &d->in_use) ||
	    netfiles_sockstat(buf, (size_t)len, "TCP", "tw", &d->waiting))
		return;
	len = net_file(d->n, "sockstat6", buf, sizeof(buf));
	if (len > 0) /* no such file: no IPv6 */
		netfiles_sockstat(buf, (size_t)len, "TCP6", "inuse", &in_use6);
	d->in_use += in_use6;
	d->listeners = listeners;
	d->counted = true;
}

/*
 * Whether the tables of connections and of bound ports have to be walked, all of the machine's (1.5 ms), for what is asked for.
 * What is bound and no more, and what is half open, counts nowhere: those the pass over all fds has seen, if BPF did it. It has not
 * seen what no fd leads to: a socket in flight, whose carrier it knows, or one that only a ring (io_uring) holds. For few namespaces
 * the table is walked anyway.
 */
static bool is_worth_a_walk(const struct diag_session *d, size_t listeners)
{
	const struct socket_pass *pass = &d->n->pass;
	uint32_t states = d->n->sockets.states;

	if (states & DIAG_BOUND &&
	    (!pass->complete || d->n->chosen || pass->n_carriers || idmap_get(&pass->bound, d->ns->inum) != IDMAP_NONE))
		return true;
	if (states & HALF_OPEN && listeners && (!pass->complete || idmap_get(&pass->half_open, d->ns->inum) != IDMAP_NONE))
		return true;
	if (!(states & ~(uint32_t)(NO_WALK | HALF_OPEN)))
		return false;
	return !d->counted || (states & TIME_WAIT && d->waiting) ||
	       (states & ~(uint32_t)(NO_WALK | HALF_OPEN | 1 << STATE_TIME_WAIT) && d->in_use > listeners);
}

static int tcp_sockets(struct diag_session *d, enum sock_netid netid)
{
	uint32_t states = d->n->sockets.states;
	bool listen = states & DIAG_LISTEN, more = states & ~(uint32_t)(DIAG_LISTEN | DIAG_UNCONN);
	size_t listeners, seen;
	int err;

	(void)netid;
	if (!listen && !more)
		return 0;
	err = dump_tcp(d, DIAG_LISTEN, listen, !more, &listeners);
	if (err || !more)
		return err;
	if (states & ~(uint32_t)NO_WALK || !d->n->pass.complete)
		count_tcp(d, listeners);
	if (!is_worth_a_walk(d, listeners))
		return 0;
	if (states & HALF_OPEN)
		states |= HALF_OPEN;
	return dump_tcp(d, states & ~(uint32_t)DIAG_LISTEN, true, true, &seen);
}

static int other_ip_sockets(struct diag_session *d, enum sock_netid netid)
{
	static const int protocols[] = {
		[NETID_UDP] = IPPROTO_UDP,   [NETID_MPTCP] = PROTO_MPTCP, [NETID_UDPLITE] = IPPROTO_UDPLITE,
		[NETID_SCTP] = IPPROTO_SCTP, [NETID_DCCP] = IPPROTO_DCCP, [NETID_RAW] = IPPROTO_RAW
	};
	uint32_t states = d->n->sockets.states;

	if (states & HALF_OPEN)
		states |= HALF_OPEN;
	return dump_families(d, netid, protocols[netid], states, netid != NETID_RAW);
}

/*
 * The table of mptcp sockets is the machine's as well (3 ms for both families). Each has a file, or else a connection of TCP: one
 * that nobody has accepted yet, or that was left alone.
 */
static int mptcp_sockets(struct diag_session *d, enum sock_netid netid)
{
	const struct socket_pass *pass = &d->n->pass;
	bool held = !pass->complete || idmap_get(&pass->mptcp, d->ns->inum) != IDMAP_NONE;

	if (!held && !pass->n_carriers && !(d->n->sockets.states & ~(uint32_t)NO_WALK)) /* connections are not asked for */
		return 0;
	if (d->counted && (!d->in_use || (!held && d->in_use == d->listeners)))
		return 0;
	return other_ip_sockets(d, netid);
}

/* --- all kinds -------------------------------------------------------------------------------------------------------------- */

static int local_sockets(struct diag_session *d, struct nlmsghdr *request,
			 int (*parse)(const struct nlmsghdr *h, struct intern *in, struct snap_socket *out))
{
	struct taking t;
	const struct nl_sink sink = { take_local, take_again, &t };
	int err;

	begin(&t, d->n, d->ns->inum, NETIDS);
	t.parse = parse;
	err = nl_dump(&d->nl, request, &sink);
	if (err)
		take_again(&t);
	return err;
}

static bool wants_details(const struct diag_session *d)
{
	return d->n->wants & WANT_SOCKET_FLAGS;
}

static int unix_sockets(struct diag_session *d, enum sock_netid netid)
{
	NL_REQUEST(buf);

	(void)netid;
	return local_sockets(d, diag_unix_get(buf, d->n->sockets.states, d->n->wants & WANT_SOCKET_MEM, wants_details(d)),
			     diag_unix_parse);
}

/* Neither has states, and ss calls them all unconnected. */
static int packet_sockets(struct diag_session *d, enum sock_netid netid)
{
	NL_REQUEST(buf);

	(void)netid;
	return d->n->sockets.states & DIAG_UNCONN ? local_sockets(d, diag_packet_get(buf, wants_details(d)), diag_packet_parse) : 0;
}

static int netlink_sockets(struct diag_session *d, enum sock_netid netid)
{
	NL_REQUEST(buf);

	(void)netid;
	return d->n->sockets.states & DIAG_UNCONN ? local_sockets(d, diag_netlink_get(buf, wants_details(d)), diag_netlink_parse)
						  : 0;
}

/* A kind of sockets, what its dump takes, and what is to be said where that cannot be had. */
static const struct kind {
	uint32_t netids;
	int (*dump)(struct diag_session *d, enum sock_netid netid);
	enum sock_netid netid;
	bool optional; /* only where the kernel has the protocol loaded */
	bool as_well;  /* files tell as much */
	const char *what, *module;
} kinds[] = {
	{ 1 << NETID_TCP, tcp_sockets, NETID_TCP, false, false, "network namespaces' tcp sockets", "the kernel's module tcp_diag" },
	{ 1 << NETID_UDP, other_ip_sockets, NETID_UDP, false, false, "network namespaces' udp sockets",
	  "the kernel's module udp_diag" },
	{ 1 << NETID_MPTCP, mptcp_sockets, NETID_MPTCP, true, false, "network namespaces' mptcp sockets",
	  "the kernel's module mptcp_diag" },
	{ 1 << NETID_UDPLITE, other_ip_sockets, NETID_UDPLITE, true, true, "network namespaces' udplite sockets",
	  "the kernel's module udp_diag" },
	{ 1 << NETID_SCTP, other_ip_sockets, NETID_SCTP, true, false, "network namespaces' sctp sockets",
	  "the kernel's module sctp_diag" },
	{ 1 << NETID_DCCP, other_ip_sockets, NETID_DCCP, true, false, "network namespaces' dccp sockets",
	  "the kernel's module dccp_diag" },
	{ 1 << NETID_RAW, other_ip_sockets, NETID_RAW, false, true, "network namespaces' raw sockets", NULL },
	{ 1 << NETID_PING, NULL, NETID_PING, false, true, "network namespaces' ping sockets", NULL },
	{ 1 << NETID_UNIX_STREAM | 1 << NETID_UNIX_DGRAM | 1 << NETID_UNIX_SEQPACKET, unix_sockets, NETID_UNIX_STREAM, false, false,
	  "network namespaces' unix sockets", "the kernel's module unix_diag" },
	{ 1 << NETID_PACKET_RAW | 1 << NETID_PACKET_DGRAM, packet_sockets, NETID_PACKET_RAW, false, true,
	  "network namespaces' packet sockets", NULL },
	{ 1 << NETID_NETLINK, netlink_sockets, NETID_NETLINK, false, true, "network namespaces' netlink sockets", NULL },
};

/*
 * Where the kernel has no handler (there never was one for ping sockets), files have to do; of what they do not tell (options,
 * who is bound and no more) the gap speaks.
 */
static void dump_kind(struct diag_session *d, const struct kind *k)
{
	struct net_tour *n = d->n;
	int err = !k->dump || n->missing & k->netids ? -ENOENT : k->dump(d, k->netid);

	if (err == -ENOENT) {
		int by_files = k->optional && !k->as_well ? -ENOENT : net_files_sockets(n, d->ns->inum, k->netids);

		n->missing |= k->netids;
		if (k->as_well)
			err = by_files;
	}
	if (err)
		snap_add_gap(n->s, k->what, -err, err == -ENOENT ? k->module : NULL);
}

static void dump_all(struct diag_session *d)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].netids & d->n->sockets.netids && (!kinds[i].optional || kinds[i].netids & d->n->protocols))
			dump_kind(d, &kinds[i]);
}

void net_sockets(struct net_tour *n, struct snap_ns *ns)
{
	struct diag_session d = { .n = n, .ns = ns };
	size_t before = n->s->n_sockets;
	int64_t listeners = 0;
	int err = nl_open(&d.nl, NETLINK_SOCK_DIAG);

	if (err)
		snap_add_gap(n->s, "network namespaces' sockets", -err, NULL);
	else
		dump_all(&d);
	nl_close(&d.nl);
	if (n->wants & WANT_SOCKET_FLAGS)
		bpf_options(n, before);
	ns->sockets = err ? err : (int64_t)(n->s->n_sockets - before);
	for (size_t i = before; i < n->s->n_sockets; i++)
		listeners += n->s->sockets[i].netid == NETID_TCP
				     ? n->s->sockets[i].state == STATE_LISTEN
				     : n->s->sockets[i].netid == NETID_UDP && n->s->sockets[i].state == STATE_UNCONN;
	if (n->wants & WANT_LISTENERS)
		ns->listeners = err ? err : listeners;
}
