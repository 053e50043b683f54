// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which socket gets it: the kernel's lookups by address, port and device (net/ipv4/inet_hashtables.c, net/ipv4/udp.c and their like of
 * IPv6), and, where there is none, what stands beside it that explains why.
 */
#include <netinet/in.h>

#include "firewall/rule_text.h"
#include "reach/trip.h"

/* A socket as the lookup sees it. */
struct candidate {
	const struct snap_socket *x;
	struct ipaddr addr, peer; /* family 0: none */
};

static struct candidate candidate(const struct snap_socket *x)
{
	struct candidate c = { .x = x };

	if (ipaddr_parse(x->addr, &c.addr))
		c.addr.family = 0;
	if (!x->peer || ipaddr_parse(x->peer, &c.peer) || (ipaddr_is_any(&c.peer) && !x->peer_port))
		c.peer.family = 0;
	return c;
}

static bool same_protocol(const struct trip *t, const struct snap_socket *x)
{
	if (t->p.l4proto == IPPROTO_UDP)
		return x->netid == NETID_UDP;
	if (t->p.l4proto == IPPROTO_UDPLITE)
		return x->netid == NETID_UDPLITE;
	if (t->p.l4proto == IPPROTO_SCTP)
		return x->netid == NETID_SCTP;
	return x->netid == NETID_TCP || x->netid == NETID_MPTCP;
}

/* Does it wait for somebody: a listener, or a datagram socket that is bound? */
static bool waits(const struct trip *t, const struct snap_socket *x)
{
	if (!same_protocol(t, x) || !x->port)
		return false;
	if (x->netid == NETID_TCP && x->flags & SOCKF_MPTCP_SUBFLOW && x->state != STATE_LISTEN)
		return false;
	if (x->netid == NETID_UDP || x->netid == NETID_UDPLITE)
		return x->state == STATE_UNCONN || x->state == STATE_ESTAB;
	return x->state == STATE_LISTEN;
}

static bool is_v6only(const struct snap_socket *x)
{
	return x->known & SOCKF_V6ONLY && x->flags & SOCKF_V6ONLY;
}

enum { CLOSEST = 4 };

/* The address part: an IPv6 wildcard that is not v6only takes IPv4, too. 0: no; higher: closer. */
static int address_score(const struct candidate *c, const struct ipaddr *dst)
{
	struct ipaddr own = ipaddr_unmap(&c->addr);

	if (!own.family)
		return 0;
	if (ipaddr_is_any(&own)) {
		if (own.family == dst->family)
			return 1 + (own.family == 4);
		return own.family == 6 && dst->family == 4 && !is_v6only(c->x);
	}
	return ipaddr_equal(&own, dst) ? CLOSEST : 0;
}

/* Is it for the sockets of a VRF alone? Then one without a device gets it only where it may (inet_bound_dev_eq, *_l3mdev_accept). */
static bool is_vrfs_own(struct trip *t, uint32_t vrf, uint32_t ns)
{
	bool udp = t->p.l4proto == IPPROTO_UDP || t->p.l4proto == IPPROTO_UDPLITE;

	return vrf && fib_sysctl(&trip_place(t, ns)->fib, udp ? "net.ipv4.udp_l3mdev_accept" : "net.ipv4.tcp_l3mdev_accept") < 1;
}

static bool device_fits(struct trip *t, const struct candidate *c, uint32_t iif)
{
	uint32_t vrf = fib_vrf(&trip_place(t, c->x->ns)->fib, iif);

	if (!OPT_VALUE(c->x->ifindex))
		return !is_vrfs_own(t, vrf, c->x->ns);
	return (uint32_t)c->x->ifindex == iif || (vrf && (uint32_t)c->x->ifindex == vrf);
}

static bool peer_fits(const struct candidate *c, const struct trip_tuple *to)
{
	struct ipaddr peer = ipaddr_unmap(&c->peer);

	return !c->peer.family || (ipaddr_equal(&peer, &to->src) && c->x->peer_port == to->sport);
}

/*
 * The kernel looks among the sockets on the packet's address first, whatever those on the wildcard have to offer (__udp4_lib_lookup,
 * __inet_lookup_listener), and in either place for the highest score (compute_score of both protocols): peer and device count, and IPv4
 * sockets go before IPv6 ones that take it too. 0: not at all.
 */
static int score(struct trip *t, const struct candidate *c, const struct trip_tuple *to, uint32_t iif)
{
	enum { ON_ADDRESS = 64 };
	bool udp = t->p.l4proto == IPPROTO_UDP || t->p.l4proto == IPPROTO_UDPLITE;
	int where = address_score(c, &to->dst), s = c->x->family == ADDR_INET ? 2 : 1;

	if (!where || !device_fits(t, c, iif) || !peer_fits(c, to))
		return 0;
	if (OPT_VALUE(c->x->ifindex))
		s += udp ? 4 : 1;
	return s + (c->peer.family ? 8 : 0) + (where == CLOSEST ? ON_ADDRESS : 0);
}

/* The socket that a program chose. */
size_t deliver_by_cookie(struct trip *t, uint32_t ns, uint64_t cookie, const struct snap_socket ***found)
{
	uint32_t n;
	const struct snap_socket *all = SNAP_RANGE(t->st->s, sockets, ns, &n);

	*found = arena_alloc(&t->st->why->arena, sizeof(**found));
	for (uint32_t i = 0; i < n; i++)
		if (all[i].cookie == cookie) {
			(*found)[0] = &all[i];
			return 1;
		}
	return 0;
}

size_t deliver_lookup(struct trip *t, const struct trip_tuple *to, uint32_t ns, uint32_t iif, const struct snap_socket ***found)
{
	uint32_t n;
	const struct snap_socket *all = SNAP_RANGE(t->st->s, sockets, ns, &n);
	size_t kept = 0;
	int best = 0;

	*found = arena_alloc(&t->st->why->arena, (n + 1) * sizeof(**found));
	for (uint32_t i = 0; i < n; i++) {
		struct candidate c;
		int s;

		if (all[i].port != to->dport || !waits(t, &all[i]))
			continue;
		c = candidate(&all[i]);
		s = score(t, &c, to, iif);
		if (s > best) {
			best = s;
			kept = 0;
		}
		if (s && s == best)
			(*found)[kept++] = &all[i];
	}
	return kept;
}

const struct snap_socket *deliver_shadowed(struct trip *t, const struct snap_socket *const *found, size_t n,
					   bool (*of)(const struct trip *t, const struct snap_socket *x))
{
	uint32_t n_all;
	const struct snap_socket *all = SNAP_RANGE(t->st->s, sockets, t->end_ns, &n_all), *loser = NULL;

	for (size_t i = 0; i < n; i++)
		if (of(t, found[i]))
			return NULL;
	for (uint32_t i = 0; i < n_all && !loser; i++) {
		struct candidate c = candidate(&all[i]);

		if (all[i].port == t->end.dport && waits(t, &all[i]) && of(t, &all[i]) && score(t, &c, &t->end, t->end_iif))
			loser = &all[i];
	}
	return loser;
}

/* --- nobody has it ----------------------------------------------------------------------------------------------------------------- */

static const char *who(struct why_state *st, const struct snap_socket *x)
{
	const struct snap_task *h = served_holder(st, x);

	return h ? look_task_words(st, h) : why_printf(st, "socket %llu", (unsigned long long)x->ino);
}

static void listener_facts(struct trip *t, const struct snap_socket *x)
{
	struct why_state *st = t->st;
	const struct snap_task *h = served_holder(st, x);

	if (h)
		why_number(st, "listener_pid", h->pid);
	if (h)
		why_text(st, "listener_container", look_container(st->ix, h->container));
	why_text(st, "listener_addr", x->addr);
	why_number(st, "listener_inode", x->ino);
	if (h)
		why_line(st, "listener", "%s, %s", look_task_words(st, h), look_endpoint(st, x->addr, x->port));
}

static void add(struct trip *t, const char *code)
{
	why_add(t->st, code, ECONNREFUSED);
	why_text(t->st, "asked_addr", trip_ip(t->st, &t->end.dst));
	trip_word(t, "no socket on %s (refused)", trip_endpoint(t->st, &t->end.dst, t->end.dport));
}

static void explain_device(struct trip *t, const struct snap_socket *x)
{
	struct why_state *st = t->st;
	const char *own = look_ifname(st->s, t->end_ns, (uint32_t)x->ifindex), *in = look_ifname(st->s, t->end_ns, t->end_iif);

	add(t, "listener-device-bound");
	why_summary(st, "%s listens on %s for %s alone, and it comes in by %s", who(st, x), look_endpoint(st, x->addr, x->port),
		    own, in);
	listener_facts(t, x);
	why_text(st, "listener_device", own);
	why_text(st, "in_device", in);
	why_line(st, "rule", "a socket that is bound to a device gets only what comes in by it (SO_BINDTODEVICE)");
	why_advise(st, "bind it to %s, or to no device", in);
}

/* Without a device a socket is outside of all VRFs. */
static void explain_vrf(struct trip *t, const struct snap_socket *x)
{
	struct why_state *st = t->st;
	const char *in = look_ifname(st->s, t->end_ns, t->end_iif),
		   *vrf = look_ifname(st->s, t->end_ns, look_vrf(st->s, t->end_ns, t->end_iif)),
		   *key = t->p.l4proto == IPPROTO_TCP ? "net.ipv4.tcp_l3mdev_accept" : "net.ipv4.udp_l3mdev_accept";

	add(t, "listener-vrf");
	why_summary(st, "%s listens on %s outside of VRF %s, and it comes in by %s, which is in it", who(st, x),
		    look_endpoint(st, x->addr, x->port), vrf, in);
	listener_facts(t, x);
	why_text(st, "in_device", in);
	why_text(st, "vrf", vrf);
	why_line(st, "rule", "%s = 0: what comes in by a VRF is for sockets that are bound to it, or to a device of it", key);
	why_advise(st, "start it in the VRF:  %sip vrf exec %s COMMAND   (or SO_BINDTODEVICE)", look_enter(st, t->end_ns),
		   look_quoted(st, vrf));
	why_advise(st, "or let it serve all VRFs:  %ssysctl -w %s=1", look_enter(st, t->end_ns), key);
}

static void explain_family(struct trip *t, const struct snap_socket *x)
{
	struct why_state *st = t->st;
	bool asks_v4 = t->end.dst.family == 4;
	const char *addr = x->addr;

	add(t, "listener-other-family");
	why_summary(st, "%s listens on %s, which takes no IPv%d", who(st, x), look_endpoint(st, x->addr, x->port), asks_v4 ? 4 : 6);
	listener_facts(t, x);
	if (is_v6only(x))
		why_bool(st, "holder_v6only", true);
	why_line(st, "rule", "only [::] without IPV6_V6ONLY takes both families");
	if (!strcmp(addr, "::"))
		addr = ipaddr_is_loopback(&t->end.dst) ? "::1" : NULL;
	else if (!strcmp(addr, "0.0.0.0"))
		addr = ipaddr_is_loopback(&t->end.dst) ? "127.0.0.1" : NULL;
	why_advise(st, "connect to %s, or let the server listen on %s as well",
		   addr      ? look_endpoint(st, addr, x->port)
		   : asks_v4 ? "an IPv6 address of it"
			     : "an IPv4 address of it",
		   asks_v4 ? "an IPv4 address or [::]" : "[::]");
}

static void explain_loopback(struct trip *t, const struct snap_socket *x)
{
	struct why_state *st = t->st;

	add(t, "listener-loopback-only");
	why_summary(st, "the listener is on %s only: %s", x->addr, who(st, x));
	listener_facts(t, x);
	if (t->n_nats || t->proxied)
		why_text(st, "container_ip", trip_ip(st, &t->end.dst));
	why_line(st, "rule", "it arrives for %s, and a socket on %s takes nothing else", trip_ip(st, &t->end.dst), x->addr);
	why_advise(st, "let the server listen on %s", t->end.dst.family == 4 ? "0.0.0.0" : "[::]");
}

static void explain_connected(struct trip *t, const struct snap_socket *x)
{
	struct why_state *st = t->st;

	add(t, "udp-connected-socket");
	why_summary(st, "%s has connected its socket to %s and takes datagrams of no one else", who(st, x),
		    look_endpoint(st, x->peer, x->peer_port));
	listener_facts(t, x);
	why_text(st, "connected_to", look_endpoint(st, x->peer, x->peer_port));
	why_text(st, "peer_addr", x->peer);
	why_number(st, "peer_port", x->peer_port);
	why_line(st, "rule", "a connected UDP socket is found by its peer's address and port alone");
	why_advise(st, "a server must not connect() the socket that it receives on");
}

static void explain_other_address(struct trip *t, const struct snap_socket *x)
{
	struct why_state *st = t->st;
	struct ipaddr a;
	bool local = !ipaddr_parse(x->addr, &a) && look_addr(st->s, t->end_ns, &a, 0);

	add(t, local ? "listener-other-address" : "listener-addr-not-local");
	why_summary(st, "%s listens on %s only", who(st, x), look_endpoint(st, x->addr, x->port));
	listener_facts(t, x);
	why_bool(st, "addr_local", local);
	why_line(st, "rule", "a socket on one address takes nothing for another");
	why_advise(st, "connect to %s, or let the server listen on %s", look_endpoint(st, x->addr, x->port),
		   t->end.dst.family == 4 ? "0.0.0.0" : "[::]");
}

/* What is nearest to a match: the first of these that is there. */
enum nearness { NEAR_NONE, NEAR_OTHER, NEAR_FAMILY, NEAR_LOOPBACK, NEAR_CONNECTED, NEAR_DEVICE, NEAR_VRF };

static enum nearness nearness(struct trip *t, const struct candidate *c)
{
	const struct ipaddr *dst = &t->end.dst;
	struct ipaddr own = ipaddr_unmap(&c->addr);

	if (address_score(c, dst))
		return device_fits(t, c, t->end_iif) ? NEAR_CONNECTED : OPT_VALUE(c->x->ifindex) ? NEAR_DEVICE : NEAR_VRF;
	if (own.family == dst->family)
		return ipaddr_is_loopback(&own) && !ipaddr_is_loopback(dst) ? NEAR_LOOPBACK : NEAR_OTHER;
	return ipaddr_is_loopback(&own) && !ipaddr_is_loopback(dst) ? NEAR_LOOPBACK : NEAR_FAMILY;
}

static void (*const explain[])(struct trip *t, const struct snap_socket *x) = {
	[NEAR_OTHER] = explain_other_address, [NEAR_FAMILY] = explain_family, [NEAR_LOOPBACK] = explain_loopback,
	[NEAR_CONNECTED] = explain_connected, [NEAR_DEVICE] = explain_device, [NEAR_VRF] = explain_vrf,
};

static bool explain_by_neighbour(struct trip *t)
{
	uint32_t n;
	const struct snap_socket *all = SNAP_RANGE(t->st->s, sockets, t->end_ns, &n), *best = NULL;
	enum nearness how = NEAR_NONE;

	for (uint32_t i = 0; i < n; i++) {
		struct candidate c;
		enum nearness near;

		if (all[i].port != t->end.dport || !waits(t, &all[i]))
			continue;
		c = candidate(&all[i]);
		near = nearness(t, &c);
		if (near > how) {
			how = near;
			best = &all[i];
		}
	}
	if (best)
		explain[how](t, best);
	return best;
}

/* --- nobody has the port at all ------------------------------------------------------------------------------------------------------- */

/* Is the process one of those that the answer is expected from? */
static bool is_expected(const struct trip *t, uint32_t pid)
{
	const struct why_query *q = t->st->q;
	uint32_t at = index_task(t->st->ix, pid);

	if (at == IDMAP_NONE)
		return false;
	if (q->targeted && q->target.kind != TARGET_HOST)
		return target_has_task(t->st->ix, &q->target, at) || t->st->s->tasks[at].ns[NS_NET] == q->ns;
	return t->st->s->tasks[at].ns[NS_NET] == t->end_ns;
}

/* A process of the target that has the port, but in another namespace: it opened its socket before it came. */
static bool explain_strayed(struct trip *t)
{
	struct why_state *st = t->st;

	for (size_t i = 0; i < st->s->n_sockets; i++) {
		const struct snap_socket *x = &st->s->sockets[i];
		const struct snap_socket_fd *fds;
		uint32_t n;

		if (x->ns == t->end_ns || x->port != t->end.dport || !waits(t, x))
			continue;
		fds = snap_socket_fds(st->s, x->ino, &n);
		for (uint32_t k = 0; k < n; k++) {
			const struct snap_task *task = look_task(st->ix, fds[k].pid);

			if (!task || task->ns[NS_NET] != t->end_ns || !is_expected(t, task->pid))
				continue;
			add(t, "listener-in-other-netns");
			why_summary(st, "%s is here, but its socket is in %s", look_task_words(st, task), look_ns_words(st, x->ns));
			why_number(st, "listener_pid", task->pid);
			why_text(st, "listener_addr", x->addr);
			why_number(st, "listener_inode", x->ino);
			why_number(st, "listener_proc_netns", task->ns[NS_NET]);
			why_number(st, "socket_netns", x->ns);
			why_line(st, "rule",
				 "a socket stays in the network namespace in which it was made, wherever its process goes");
			why_advise(st, "open the socket after setns(2), or connect where it is, in %s", look_ns_words(st, x->ns));
			return true;
		}
	}
	return false;
}

/* The ports that are served there, for whoever got the number wrong: "80, 443". */
static const char *served_ports(struct trip *t, uint64_t *ports, uint32_t *n_ports)
{
	uint32_t n;
	const struct snap_socket *all = SNAP_RANGE(t->st->s, sockets, t->end_ns, &n);
	char text[256] = "";
	size_t len = 0;

	*n_ports = 0;
	for (uint32_t i = 0; i < n && *n_ports < 16; i++) {
		bool seen = !waits(t, &all[i]) || all[i].state == STATE_ESTAB;

		for (uint32_t k = 0; k < *n_ports && !seen; k++)
			seen = ports[k] == all[i].port;
		if (seen)
			continue;
		ports[(*n_ports)++] = all[i].port;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%u", len ? ", " : "", all[i].port);
	}
	return len ? arena_strdup(&t->st->why->arena, text) : NULL;
}

/* Whom the ports belong to, if it is one. */
static const struct snap_socket *only_listener(struct trip *t)
{
	uint32_t n;
	const struct snap_socket *all = SNAP_RANGE(t->st->s, sockets, t->end_ns, &n), *one = NULL;

	for (uint32_t i = 0; i < n; i++) {
		if (!waits(t, &all[i]) || all[i].state == STATE_ESTAB)
			continue;
		if (one && served_holder(t->st, one) != served_holder(t->st, &all[i]))
			return NULL;
		one = &all[i];
	}
	return one;
}

static bool is_runtimes(const struct trip_nat *n)
{
	const char *chain = n->done.by.rule ? n->done.by.rule->chain : "";

	return !strncmp(chain, "DOCKER", 6) || !strncmp(chain, "CNI-", 4) || !strncmp(chain, "KUBE-", 5) ||
	       !strncmp(chain, "NETAVARK", 8);
}

/* What is said of a port that nobody waits at. */
struct nobody {
	const struct trip_nat *nat; /* the translation that led there, or NULL */
	bool published;             /* by a container's runtime */
	const char *served;         /* the ports that are, as text; NULL: none */
};

static void sum_up_nobody(struct trip *t, const struct nobody *x)
{
	struct why_state *st = t->st;
	const char *then = x->served ? "; served: " : "", *served = x->served ? x->served : "";

	if (x->nat && !x->published)
		why_summary(st, "%s sends it to %s, where nobody listens%s%s", x->nat->done.by.rule ? "the rule" : "IPVS",
			    trip_endpoint(st, &t->end.dst, t->end.dport), then, served);
	else
		why_summary(st, "nobody listens on port %u in %s%s%s", t->end.dport, look_ns_name(st, t->end_ns), then, served);
}

static void prove_nobody(struct trip *t, const struct nobody *x, const uint64_t *ports, uint32_t n_ports)
{
	struct why_state *st = t->st;
	const struct trip_nat *n = x->nat;
	const struct snap_socket *one = only_listener(t);

	why_text(st, "container_ip", x->published ? trip_ip(st, &t->end.dst) : NULL);
	if (x->published)
		why_number(st, "container_port", t->end.dport);
	if (n)
		why_text(st, "dnat_to", trip_endpoint(st, &n->after.dst, n->after.dport));
	if (n && n->done.by.rule)
		why_text(st, "rule_text", rule_text(&trip_place(t, n->ns)->rules, n->done.by.rule, &st->why->arena));
	why_numbers(st, "served_ports", ports, n_ports);
	if (one) {
		listener_facts(t, one);
		why_number(st, "actual_listener_port", one->port);
	}
	why_number(st, "netns", t->end_ns);
}

static void explain_nobody(struct trip *t)
{
	struct nobody x = { .nat = refuse_last_dnat(t) };
	const struct snap_fw_rule *rule = x.nat ? x.nat->done.by.rule : NULL;
	uint64_t ports[16];
	uint32_t n_ports;

	x.published = t->proxied || (x.nat && is_runtimes(x.nat));
	x.served = served_ports(t, ports, &n_ports);
	add(t, x.published ? "published-port-no-listener" : x.nat ? "dnat-wrong-port" : "no-listener");
	sum_up_nobody(t, &x);
	prove_nobody(t, &x, ports, n_ports);
	if (x.published && n_ports == 1)
		why_advise(t->st, "publish the port that is served:  -p %u:%s", t->st->q->port, x.served);
	else if (x.published && n_ports)
		why_advise(t->st, "publish a port that is served:  -p %u:PORT", t->st->q->port);
	else if (rule && !x.published)
		refuse_advise_rule(t, x.nat->ns, rule);
	else
		why_advise(t->st, "start the server, or ask for a port that is served");
	if (!x.published && !x.nat && publish_is_outer(t))
		why_advise(t->st, "or ask for it where it is published, at an address of the host's:  nsnet why --reach ADDR:%u %s",
			   t->st->q->port, look_quoted(t->st, look_ns_name(t->st, t->end_ns)));
}

void deliver_explain(struct trip *t)
{
	if (!explain_by_neighbour(t) && !explain_strayed(t))
		explain_nobody(t);
}
