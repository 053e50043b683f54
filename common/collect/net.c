// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <linux/netlink.h>

#include "collect/inside.h"
#include "collect/net.h"
#include "collect/proc.h"

/* What there is before anybody asks: a dump of a protocol that is not there would have its module loaded. */
static uint32_t loaded_protocols(struct collecting *c)
{
	static const struct {
		const char *name;
		enum sock_netid netid;
	} known[] = {
		{ "\nMPTCP ", NETID_MPTCP }, { "\nUDP-Lite ", NETID_UDPLITE }, { "\nSCTP ", NETID_SCTP }, { "\nDCCP ", NETID_DCCP }
	};
	CLEAN_MEM char *buf = NULL;
	ssize_t n = read_file_at(c->proc_fd, "self/net/protocols", 0, 1 << 20, &buf);
	uint32_t found = 0;

	for (size_t i = 0; n > 0 && i < ARRAY_SIZE(known); i++)
		if (strstr(buf, known[i].name))
			found |= 1u << known[i].netid;
	return found;
}

ssize_t net_file(struct net_tour *n, const char *name, char *buf, size_t size)
{
	char path[64];
	ssize_t len;

	/*
	 * What is below /proc/PID/net is that of the thread's namespace (get_proc_task_net, fs/proc/proc_net.c); /proc/net is the
	 * process's.
	 */
	snprintf(path, sizeof(path), "thread-self/net/%s", name);
	len = read_at(n->c->proc_fd, path, buf, size);
	if (len == -ENOENT && !n->c->own_proc) { /* that procfs is not of our PID namespace */
		snprintf(path, sizeof(path), "/proc/thread-self/net/%s", name);
		len = read_at(AT_FDCWD, path, buf, size);
	}
	return len;
}

bool net_is_chosen(const struct net_tour *n, uint32_t ns)
{
	return !n->chosen || n->chosen[ns / 8] >> ns % 8 & 1;
}

static void make_out(struct sock_request *r)
{
	if (!r->netids)
		r->netids = (1u << NETIDS) - 1;
	if (!r->families)
		r->families = 1u << ADDR_INET | 1u << ADDR_INET6;
	if (!r->states)
		r->states = (1u << STATES) - 2;
}

/*
 * From how many namespaces on it is cheaper to look at all fds (20 ms) than to search each one for sockets that are rare: a walk of
 * the kernel's table of connections is 1.5 ms, however few there are.
 */
enum { PASS_PAYS_FROM = 12 };

static size_t count_chosen(const struct net_tour *n, const struct index *ix)
{
	size_t count = 0;

	for (uint32_t i = 0; i < ix->snap->n_namespaces; i++)
		count += ix->snap->namespaces[i].type == NS_NET && net_is_chosen(n, i);
	return count;
}

static void look_at_fds(struct net_tour *n, const struct index *ix)
{
	const uint32_t rare = 1u << STATE_BOUND | 1u << STATE_SYN_RECV;
	bool tcp = n->sockets.netids & 1u << NETID_TCP && n->sockets.states & rare;
	bool mptcp = n->sockets.netids & n->protocols & 1u << NETID_MPTCP;
	bool asked = n->wants & (WANT_SOCKET_FDS | WANT_SOCKET_FLAGS);
	bool pays = n->wants & WANT_SOCKETS && (tcp || mptcp) && count_chosen(n, ix) >= PASS_PAYS_FROM;

	if (!asked && !pays)
		return;
	if (!bpf_sockets(n->c, &n->pass))
		return;
	if (asked)
		proc_sockets(n->c, &n->pass);
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Those that the caller chooses, and of them those that stand in its list. */
static void choose(struct net_tour *n, const struct index *ix)
{
	const struct collect_opts *o = n->c->opts;

	if (!o->choose_ns && !o->netns)
		return;
	n->chosen = xcalloc(1, n->s->n_namespaces / 8 + 1);
	if (o->choose_ns)
		o->choose_ns(ix, n->chosen, o->choose_ns_arg);
	for (uint32_t i = 0; i < n->s->n_namespaces && o->netns; i++) {
		uint8_t bit = (uint8_t)(1 << i % 8);
		bool listed = bsearch(&n->s->namespaces[i].inum, o->netns, o->n_netns, sizeof(*o->netns), by_number);

		if (!listed)
			n->chosen[i / 8] &= (uint8_t)~bit;
		else if (!o->choose_ns)
			n->chosen[i / 8] |= bit;
	}
}

void net_pass_done(struct socket_pass *p)
{
	free(p->carriers);
	free(p->fds);
	idmap_done(&p->bound);
	idmap_done(&p->half_open);
	idmap_done(&p->mptcp);
	idmap_done(&p->by_ino);
}

void net_before(struct net_tour *n, struct collecting *c, const struct index *ix)
{
	*n = (struct net_tour){
		.c = c, .s = c->snap, .wants = c->opts->wants, .sockets = c->opts->sockets, .in.arena = &c->snap->arena
	};
	make_out(&n->sockets);
	choose(n, ix);
	if (n->wants & WANT_SOCKETS)
		n->protocols = loaded_protocols(c);
	if (n->wants & WANT_PATH)
		n->has_xfrm = net_has_xfrm(c);
	look_at_fds(n, ix);
	for (uint32_t i = 0; i < n->pass.n_fds; i++)
		if (n->pass.fds[i].known)
			idmap_add(&n->pass.by_ino, n->pass.fds[i].fd.ino, i);
}

void net_look(struct net_tour *n, uint32_t i)
{
	struct snap_ns *ns = &n->s->namespaces[i];
	struct nl nl = { 0 };
	int err;

	if (n->wants & (WANT_LINKS | WANT_ROUTES | WANT_NEIGHBOURS | WANT_NSIDS)) {
		err = nl_open(&nl, NETLINK_ROUTE);
		if (err)
			snap_add_gap(n->s, "network namespaces' devices and routes", -err, NULL);
		if (n->wants & WANT_LINKS)
			net_links(n, ns, &nl);
		if (!err)
			net_routes(n, ns, &nl);
		if (!err &&
		    n->wants &
			    WANT_NSIDS) /* to dump devices may have assigned some (rtnl_fill_link_netnsid, net/core/rtnetlink.c) */
			net_nsids(n, ns, &nl);
		nl_close(&nl);
	}
	if (n->wants & WANT_SOCKETS)
		net_sockets(n, ns);
	else if (n->wants & WANT_LISTENERS)
		inside_net(n->s, ns, &n->in);
	if (n->wants & WANT_SYSCTLS)
		net_sysctls(n, ns);
	if (n->wants & WANT_COUNTERS)
		net_counters(n, ns, -1);
}

/* --- afterwards ------------------------------------------------------------------------------------------------------------- */

/*
 * What the fds tell of the sockets. An mptcp socket's subflows bear its inode number (mptcp_subflow_create_socket,
 * net/mptcp/subflow.c), and the first one its options (mptcp_setsockopt_sol_socket, net/mptcp/sockopt.c). A subflow that listens
 * says only so what it is.
 */
static void add_options(struct net_tour *n)
{
	for (size_t i = 0; i < n->s->n_sockets; i++) {
		struct snap_socket *x = &n->s->sockets[i];
		uint32_t k = x->ino ? idmap_get(&n->pass.by_ino, x->ino) : IDMAP_NONE;

		if (k == IDMAP_NONE)
			continue;
		x->known |= n->pass.fds[k].known;
		x->flags |= n->pass.fds[k].flags & (x->netid == NETID_TCP ? ~0ull : ~(uint64_t)SOCKF_MPTCP_SUBFLOW);
	}
}

/* The fds of the sockets that the snapshot has; of all, where it has none. */
static void keep_fds(struct net_tour *n)
{
	struct idmap inos = { 0 };

	for (uint32_t i = 0; i < n->s->n_sockets; i++)
		if (n->s->sockets[i].ino)
			idmap_add(&inos, n->s->sockets[i].ino, i);
	for (size_t i = 0; i < n->pass.n_fds; i++)
		if (!(n->wants & WANT_SOCKETS) || idmap_get(&inos, n->pass.fds[i].fd.ino) != IDMAP_NONE)
			*ARRAY_ADD(n->s, socket_fds) = n->pass.fds[i].fd;
	idmap_done(&inos);
}

void net_after(struct net_tour *n)
{
	if (n->wants & WANT_NSIDS)
		net_name_peers(n);
	net_bound(n);
	if (n->pass.complete)
		add_options(n);
	else if (n->wants & WANT_SOCKET_FLAGS)
		net_options(n);
	if (n->wants & (WANT_SOCKET_FDS | WANT_SOCKET_FLAGS))
		keep_fds(n);
	if (n->wants & WANT_SOCKET_FLAGS)
		net_cgroups(n);
	for (size_t i = 0; i < n->pass.n_carriers; i++)
		*ARRAY_ADD(n->s, carriers) = n->pass.carriers[i];
	net_pass_done(&n->pass);
	bpf_options_done(n);
	free(n->chosen);
	intern_done(&n->in);
}
