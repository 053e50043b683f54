// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Does CLIENT get an answer at ADDR:PORT? A packet is taken there, in the order in which the kernel would: route and output chain of the
 * client, programs, prerouting, conntrack, NAT, routing, forward or input chain, sk_lookup, socket lookup, control group, queue,
 * process; then the answer is taken back.
 */
#include <netinet/in.h>

#include "reach/trip.h"
#include "util/words.h"

/* --- where it begins ------------------------------------------------------------------------------------------------------------- */

static uint8_t protocol_of(uint8_t netid)
{
	switch (netid) {
	case NETID_UDP:
		return IPPROTO_UDP;
	case NETID_UDPLITE:
		return IPPROTO_UDPLITE;
	case NETID_SCTP:
		return IPPROTO_SCTP;
	case NETID_DCCP:
		return IPPROTO_DCCP;
	default:
		return IPPROTO_TCP;
	}
}

/* A port that the kernel might choose for the client: the middle of net.ipv4.ip_local_port_range. */
static uint16_t some_port(const struct why_state *st, uint32_t ns)
{
	uint32_t low, high;

	look_port_range(st->s, ns, &low, &high);
	return (uint16_t)((low + high) / 2);
}

/* The first address of a namespace that others may use, of that family. family 0: there is none. */
static struct ipaddr main_address(const struct why_state *st, uint32_t ns, uint8_t family)
{
	uint32_t n;
	const struct snap_addr *all = SNAP_RANGE(st->s, addresses, ns, &n);
	struct ipaddr a, none = { 0 };

	for (uint32_t i = 0; i < n; i++)
		if (!ipaddr_parse(all[i].local, &a) && a.family == family && !ipaddr_is_loopback(&a) && !ipaddr_is_linklocal(&a))
			return a;
	return none;
}

/* The namespace that has the address: the target's, the host's, or any; 0: nobody. */
static uint32_t owner_of(const struct why_state *st, const struct ipaddr *a)
{
	uint32_t host = st->s->head.initial[NS_NET];

	if (ipaddr_is_loopback(a))
		return st->q->ns ? st->q->ns : host;
	if (look_addr(st->s, st->q->ns, a, 0))
		return st->q->ns;
	if (look_addr(st->s, host, a, 0))
		return host;
	return look_addr_elsewhere(st, 0, a);
}

/* Of IPv4 the first and the last address of a network are nobody's, unless it has but two (RFC 3021). */
static bool is_nobodys(const struct ipaddr *a, uint32_t prefixlen)
{
	uint32_t v = (uint32_t)a->bytes[0] << 24 | (uint32_t)a->bytes[1] << 16 | (uint32_t)a->bytes[2] << 8 | a->bytes[3];
	uint32_t host = prefixlen < 31 ? UINT32_MAX >> prefixlen : 0;

	return a->family == 4 && host && (!(v & host) || (v & host) == host);
}

/*
 * Somebody beyond a device, whom nobody named: an address that no one here has, from far away where there is a default route, else
 * from the device's own network (TEST-NET-2 of RFC 5737, and 2001:db8::/32 of RFC 3849).
 */
static struct ipaddr stranger(struct trip *t, uint32_t ns, const struct snap_addr *own)
{
	struct route_flow flow = { .proto = t->p.l4proto };
	struct ipaddr a = { 0 };
	struct route way;

	ipaddr_parse(own->family == ADDR_INET ? "198.51.100.1" : "2001:db8::c11e", &a);
	flow.dst = a;
	fib_lookup(&trip_place(t, ns)->fib, &flow, &way);
	if (!way.err && way.type == ROUTE_UNICAST && way.oif == own->ifindex)
		return a;
	ipaddr_parse(own->local, &a);
	for (unsigned int i = 1; i < 255; i++) {
		a.bytes[a.family == 4 ? 3 : 15] ^= (uint8_t)i;
		if (!look_addr(t->st->s, ns, &a, 0) && own->prefixlen < (a.family == 4 ? 32u : 128u) &&
		    !is_nobodys(&a, own->prefixlen))
			return a;
		a.bytes[a.family == 4 ? 3 : 15] ^= (uint8_t)i;
	}
	return a;
}

static void begin_inside(struct trip *t, uint32_t ns)
{
	const struct why_query *q = t->st->q;

	t->ns = t->start_ns = ns;
	t->p.sport = q->sport ? (uint16_t)q->sport : some_port(t->st, ns);
	if (q->client_task != IDMAP_NONE && q->has_client) {
		t->p.uid = t->st->s->tasks[q->client_task].uid;
		t->p.gid = t->st->s->tasks[q->client_task].gid;
	}
	trip_word(t, "%s", look_ns_name(t->st, ns));
	trip_send(t);
}

static void begin_outside(struct trip *t, uint32_t ns)
{
	const struct snap_addr *own = look_addr(t->st->s, ns, &t->p.daddr, 0);

	t->ns = ns;
	t->p.sport = t->st->q->sport ? (uint16_t)t->st->q->sport : 40000;
	t->p.saddr = stranger(t, ns, own);
	t->p.unknown |= PACKET_SADDR;
	t->asked = trip_tuple(&t->p);
	trip_arrive(t, own->ifindex);
}

static void take_address(struct trip *t)
{
	struct why_state *st = t->st;
	const struct why_query *q = st->q;
	uint8_t family = q->addr.family;

	t->p.daddr = ipaddr_unmap(&q->addr);
	if (!ipaddr_is_any(&q->addr))
		return;
	/* To send to the wildcard means to oneself (ip_route_output_key_hash_rcu); what is meant is the target, at its own address. */
	t->p.daddr = main_address(st, q->ns, family);
	if (!t->p.daddr.family || q->client_ns == q->ns)
		ipaddr_parse(family == 6 ? "::1" : "127.0.0.1", &t->p.daddr);
}

static bool begin(struct trip *t)
{
	struct why_state *st = t->st;
	uint32_t ns;

	t->p = (struct packet){ .l4proto = protocol_of(st->q->netid), .dport = (uint16_t)st->q->port, .ct_state = CT_NEW };
	take_address(t);
	ns = owner_of(st, &t->p.daddr);
	if (st->q->client_ns) {
		begin_inside(t, st->q->client_ns);
	} else if (ns && ipaddr_is_loopback(&t->p.daddr)) {
		begin_inside(t, ns);
	} else if (ns) {
		begin_outside(t, ns);
	} else {
		why_skip(st, "the way to that address", trip_ip(st, &t->p.daddr),
			 "no network namespace here has it; --client says from where it is asked");
		return false;
	}
	return true;
}

/* --- facts that belong to causes which were found earlier ----------------------------------------------------------------------------- */

static void fact_number(struct why_cause *c, const char *key, uint64_t v)
{
	if (v && !why_fact_of(c, key))
		*ARRAY_ADD(c, facts) = (struct why_fact){ .key = key, .kind = FACT_NUMBER, .number = v };
}

static void fact_text(struct why_state *st, struct why_cause *c, const char *key, const char *v)
{
	if (v && !why_fact_of(c, key))
		*ARRAY_ADD(c, facts) = (struct why_fact){ .key = key, .kind = FACT_TEXT, .text = arena_strdup(&st->why->arena, v) };
}

/* The server that it was meant for, in each cause: whoever reads one knows that all is well there. */
static void name_listener(struct trip *t, const struct snap_socket *x)
{
	struct why_state *st = t->st;
	const struct snap_task *h = x ? served_holder(st, x) : NULL;

	for (size_t i = 0; i < st->why->n_causes; i++) {
		struct why_cause *c = &st->why->causes[i];

		if (h && !why_fact_of(c, "listener_pid")) {
			fact_number(c, "listener_pid", h->pid);
			fact_text(st, c, "listener_container", look_container(st->ix, h->container));
		}
		if (x && !why_fact_of(c, "listener_addr"))
			fact_text(st, c, "listener_addr", x->addr);
		fact_number(c, "client_netns", t->start_ns);
		fact_text(st, c, "client_addr", st->q->client_ns && t->asked.src.family ? trip_ip(st, &t->asked.src) : NULL);
		if (st->q->client_task != IDMAP_NONE && st->q->has_client)
			fact_text(st, c, "client_container", look_container(st->ix, st->s->tasks[st->q->client_task].container));
		if (t->n_nats || t->proxied)
			fact_number(c, "host_port", st->q->port);
	}
}

/* A rule at prerouting of the namespace that the packet is for is that namespace's own business. */
static void settle_names(struct trip *t)
{
	for (size_t i = 0; i < t->n_pending; i++) {
		const struct trip_pending *p = &t->pending[i];

		if (t->delivered && t->end_ns == p->ns && p->ns != t->st->s->head.initial[NS_NET])
			t->st->why->causes[p->cause].code = "netns-firewall-drop";
	}
}

static const char *joined_words(struct trip *t)
{
	size_t len = 1;
	char *text;

	for (size_t i = 0; i < t->n_words; i++)
		len += strlen(t->words[i]) + 4;
	text = arena_alloc(&t->st->why->arena, len);
	for (size_t i = 0; i < t->n_words; i++) {
		if (i)
			strcat(text, " -> ");
		strcat(text, t->words[i]);
	}
	t->n_words = 0;
	return text;
}

/* --- and back --------------------------------------------------------------------------------------------------------------------------- */

static const struct trip_nat *first_dnat(const struct trip *t)
{
	for (size_t i = 0; i < t->n_nats; i++)
		if (t->nats[i].to_other)
			return &t->nats[i];
	return NULL;
}

/* The answer came home, but from somebody whom the client did not ask: it took a way past the translation. */
static void check_hairpin(struct trip *t)
{
	struct why_state *st = t->st;
	const struct trip_nat *n = first_dnat(t);
	bool same = ipaddr_equal(&t->p.saddr, &t->asked.dst) && t->p.sport == t->asked.dport;

	if (same || !n)
		return;
	refuse_hairpin(t, n, "the answer comes straight from %s instead of through %s, and the client takes it for a stranger's",
		       trip_endpoint(st, &t->p.saddr, t->p.sport), look_ns_words(st, n->ns));
}

/* What a socket that is bound to a device sends leaves by it; a connection of a VRF is bound to that (inet_request_bound_dev_if). */
static uint32_t device_of(struct trip *t, const struct snap_socket *x)
{
	uint32_t vrf = fib_vrf(&trip_place(t, t->end_ns)->fib, t->end_iif);

	if (OPT_VALUE(x->ifindex))
		return (uint32_t)x->ifindex;
	return vrf && x->state == STATE_LISTEN ? vrf : 0;
}

/* The socket's own; else a connection takes over its question's, where that is asked for (inet_request_mark). */
static uint32_t mark_of(struct trip *t, const struct snap_socket *x)
{
	bool takes = x->state == STATE_LISTEN && look_sysctl_number(t->st->s, t->end_ns, "net.ipv4.tcp_fwmark_accept") > 0;

	if (OPT_VALUE(x->mark) && x->mark)
		return (uint32_t)x->mark;
	return takes ? t->p.mark : 0;
}

/*
 * A datagram socket on the wildcard answers from the address that its routes choose (udp_sendmsg), unless its program says from which. A
 * connected client takes it from the one that it asked only.
 */
static void check_source(struct trip *t, const struct snap_socket *x)
{
	struct route_flow flow = { .dst = t->p.daddr,
				   .oif = t->p.oif.index,
				   .mark = t->p.mark,
				   .uid = t->p.uid,
				   .proto = t->p.l4proto,
				   .sport = t->p.sport,
				   .dport = t->p.dport };
	struct ipaddr own;
	struct route way;

	if ((x->netid != NETID_UDP && x->netid != NETID_UDPLITE) || x->peer_port || ipaddr_parse(x->addr, &own) ||
	    !ipaddr_is_any(&own))
		return;
	t->st->why->checks++;
	route_output(&trip_place(t, t->ns)->fib, &flow, &way);
	if (!way.err && way.src.family && !ipaddr_equal(&way.src, &t->p.saddr))
		why_skip(t->st, "the answer's source address",
			 why_printf(t->st, "%s was asked, and routes choose %s, in %s", trip_ip(t->st, &t->p.saddr),
				    trip_ip(t->st, &way.src), look_ns_words(t->st, t->ns)),
			 "a program on the wildcard has to name it itself (IP_PKTINFO), and whether it does is not known");
}

static void come_back(struct trip *t, const struct snap_socket *x)
{
	struct packet p = t->p;

	t->back = true;
	t->lost = false;
	t->hops = 0;
	p.saddr = t->end.dst;
	p.daddr = t->end.src;
	p.sport = t->end.dport;
	p.dport = t->end.sport;
	p.ct_state = CT_ESTABLISHED;
	p.reply = true;
	p.iif = p.oif = (struct packet_dev){ 0 };
	p.mark = mark_of(t, x);
	p.uid = x->uid;
	p.unknown = p.unknown & PACKET_SADDR ? PACKET_DADDR : 0;
	t->p = p;
	t->ns = t->end_ns;
	t->p.oif.index = device_of(t, x);
	t->delivered = false;
	trip_word(t, "%s", look_ns_name(t->st, t->ns));
	check_source(t, x);
	attach_cgroup(t, HOOK_CGROUP_EGRESS, x->cgroup);
	trip_send(t);
	if (t->delivered && t->start_ns && t->ns == t->start_ns)
		check_hairpin(t);
	t->st->why->way_back = joined_words(t);
}

/* --- the end ----------------------------------------------------------------------------------------------------------------------------- */

/* A proxy's own connection: docker-proxy says in its arguments where it leads. */
static bool proxy_target(const struct snap_task *h, struct ipaddr *ip, uint32_t *port)
{
	static const char to_ip[] = "-container-ip ", to_port[] = "-container-port ";
	const char *a = served_is_broker(h) && h->command ? strstr(h->command, to_ip) : NULL;
	const char *p = a ? strstr(h->command, to_port) : NULL;
	char text[IPADDR_TEXT];
	uint64_t number;

	if (!p || words_numbers(p + sizeof(to_port) - 1, &number, 1) != 1 || number > UINT16_MAX)
		return false;
	a += sizeof(to_ip) - 1;
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(a, " "), a);
	if (ipaddr_parse(text, ip))
		return false;
	*port = (uint32_t)number;
	return true;
}

static const struct snap_socket *arrive_at_socket(struct trip *t);

/* Connected it is at once; then the proxy tries, and what it finds is all that the client gets (end of file, or a reset). */
static const struct snap_socket *go_by_proxy(struct trip *t, const struct snap_task *proxy, const struct ipaddr *ip, uint32_t port)
{
	t->proxied = true;
	trip_word(t, "%s", look_task_words(t->st, proxy));
	t->p = (struct packet){ .l4proto = t->p.l4proto,
				.daddr = *ip,
				.dport = (uint16_t)port,
				.sport = some_port(t->st, t->ns),
				.ct_state = CT_NEW,
				.uid = proxy->uid,
				.gid = proxy->gid };
	t->delivered = false;
	t->n_nats = 0;
	t->start_ns = t->ns;
	t->hops = 0;
	trip_send(t);
	return arrive_at_socket(t);
}

static const struct snap_socket *arrive_at_socket(struct trip *t)
{
	struct why_state *st = t->st;
	const struct snap_socket **found = NULL;
	uint64_t cookie = 0;
	const struct snap_task *holder;
	struct ipaddr ip;
	uint32_t port;
	size_t n;
	int chosen;

	if (!t->delivered)
		return NULL;
	t->ns = t->end_ns;
	chosen = attach_lookup(t, t->end_iif, &cookie);
	st->why->checks++;
	if (chosen == 2)
		n = deliver_by_cookie(t, t->end_ns, cookie, &found);
	else
		n = deliver_lookup(t, &t->end, t->end_ns, t->end_iif, &found);
	if (!n) {
		if (chosen != 2 && !publish_explain(t, NULL))
			deliver_explain(t);
		return NULL;
	}
	holder = served_holder(st, found[0]);
	if (!t->proxied && proxy_target(holder, &ip, &port))
		return go_by_proxy(t, holder, &ip, port);
	if (!t->proxied)
		publish_explain(t, found[0]);
	if (t->hijacked && holder)
		fact_number(&st->why->causes[t->hijacked - 1], "answering_pid", holder->pid);
	trip_word(t, "%s", holder ? look_task_words(st, holder) : "a socket");
	attach_cgroup(t, HOOK_CGROUP_INGRESS, found[0]->cgroup);
	served_check(t, found, n);
	return found[0];
}

/* What stopped it on the way there need not hide what waits at its end: the server that was meant, at the address that was meant. */
static const struct snap_socket *look_at_end(struct trip *t)
{
	const struct snap_socket **found;
	struct trip_tuple to = trip_tuple(&t->p);
	uint32_t ns;

	if (ipaddr_is_loopback(&to.dst))
		ns = t->ns;
	else if (look_addr(t->st->s, t->st->q->ns, &to.dst, 0))
		ns = t->st->q->ns;
	else
		ns = look_addr_elsewhere(t->st, 0, &to.dst);
	return ns && deliver_lookup(t, &to, ns, 0, &found) ? found[0] : NULL;
}

/*
 * A cause that is about the way back itself: what it would be once that is repaired is not told. (rp_filter drops because the way back is
 * another one; what goes to 127.0.0.1 has an answer only with route_localnet.)
 */
static bool way_back_is_told(const struct why *why)
{
	for (size_t i = 0; i < why->n_causes; i++)
		if (!strcmp(why->causes[i].code, "rp-filter-drop") || !strcmp(why->causes[i].code, "dnat-to-loopback") ||
		    !strcmp(why->causes[i].code, "hairpin-no-masquerade"))
			return true;
	return false;
}

static void walk(struct why_state *st, struct ways *ways)
{
	struct trip t = { .st = st, .ways = ways };
	const struct snap_socket *x = NULL;

	if (begin(&t)) {
		x = t.delivered ? arrive_at_socket(&t) : look_at_end(&t);
		st->why->way = joined_words(&t);
		settle_names(&t);
		if (x && t.delivered && !way_back_is_told(st->why))
			come_back(&t, x);
		name_listener(&t, x);
	}
	trip_done(&t);
}

static void check_reach(struct why_state *st)
{
	ways_walk(st, walk);
}

const struct why_step why_reach_steps[] = {
	{ "the way of a packet, there and back", check_reach, 1u << CALL_REACH,
	  WANT_LINKS | WANT_NSIDS | WANT_ROUTES | WANT_NEIGHBOURS | WANT_SYSCTLS | WANT_COUNTERS | WANT_FIREWALL | WANT_PATH |
		  WANT_SOCKETS | WANT_SOCKET_FDS | WANT_SOCKET_FLAGS | WANT_COMMANDS },
	{ 0 },
};
