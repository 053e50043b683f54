// SPDX-License-Identifier: GPL-2.0-or-later
/* A packet's way: out of a socket or in by a device, through hooks and routes, until it is delivered or nothing more is known. */
#include <linux/if.h>
#include <netinet/in.h>
#include <stdarg.h>

#include "reach/trip.h"

enum { MAX_HOPS = 16, LOOPBACK_IFINDEX = 1 };

/* --- helpers ------------------------------------------------------------------------------------------------------------------- */

/* Routes are read with all the rest of a namespace, or it was not asked for. */
static bool is_collected(const struct snap *s, uint32_t ns)
{
	const struct snap_ns *record = snap_find_ns(s, NS_NET, ns);

	return !record || record->routes != OPT_NONE;
}

struct trip_place *trip_place(struct trip *t, uint32_t ns)
{
	struct trip_place *p;

	for (size_t i = 0; i < t->n_places; i++)
		if (t->places[i]->ns == ns)
			return t->places[i];
	p = xcalloc(1, sizeof(*p));
	p->ns = ns;
	if (!is_collected(t->st->s, ns))
		*ARRAY_ADD(t->st->why, needs) = ns;
	fib_init(&p->fib, t->st->s, ns);
	ruleset_open(&p->rules, t->st->s, ns);
	p->rules.fib = &p->fib;
	*ARRAY_ADD(t, places) = p;
	return p;
}

/* Nothing is known of where it is, so nothing of its further way. */
static bool is_unread(struct trip *t)
{
	const struct snap_ns *record = snap_find_ns(t->st->s, NS_NET, t->ns);

	if (!record || OPT_VALUE(record->routes))
		return false;
	t->lost = true;
	why_skip(t->st, "the inside of a network namespace", look_ns_words(t->st, t->ns),
		 OPT_DENIED(record->routes) ? strerror((int)-record->routes) : "it was not read");
	return true;
}

void trip_done(struct trip *t)
{
	for (size_t i = 0; i < t->n_places; i++) {
		fib_done(&t->places[i]->fib);
		ruleset_done(&t->places[i]->rules);
		free(t->places[i]);
	}
	free(t->places);
	free(t->nats);
	free(t->pending);
	free(t->words);
}

void trip_word(struct trip *t, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	*ARRAY_ADD(t, words) = arena_strdup(&t->st->why->arena, text);
}

struct trip_tuple trip_tuple(const struct packet *p)
{
	return (struct trip_tuple){ p->saddr, p->daddr, p->sport, p->dport };
}

const char *trip_ip(struct why_state *st, const struct ipaddr *a)
{
	char buf[IPADDR_TEXT];

	return arena_strdup(&st->why->arena, ipaddr_text(a, buf));
}

const char *trip_endpoint(struct why_state *st, const struct ipaddr *a, uint32_t port)
{
	return look_endpoint(st, trip_ip(st, a), port);
}

static struct packet_dev device(struct trip *t, uint32_t ifindex)
{
	return (struct packet_dev){ ifindex, look_ifname(t->st->s, t->ns, ifindex) };
}

static struct route_flow flow_of(const struct trip *t)
{
	const struct packet *p = &t->p;

	return (struct route_flow){ .src = p->saddr,
				    .dst = p->daddr,
				    .iif = p->iif.index,
				    .mark = p->mark,
				    .uid = p->uid,
				    .proto = p->l4proto,
				    .sport = p->sport,
				    .dport = p->dport,
				    .pick = ways_pick(t->ways) };
}

/* What a lookup leaves open: which of several hops is taken, and rules that mind what is not known. */
static void note_lookup(struct trip *t, const struct route *way)
{
	ways_note(t->ways, way->ways);
	if (way->unsure)
		why_skip(t->st, "a routing rule",
			 why_printf(t->st, "priority %u in %s", way->unsure->priority, look_ns_words(t->st, t->ns)),
			 "it minds more than is read here");
}

static bool same_tuple(const struct trip_tuple *a, const struct trip_tuple *b)
{
	return ipaddr_equal(&a->src, &b->src) && ipaddr_equal(&a->dst, &b->dst) && a->sport == b->sport && a->dport == b->dport;
}

/* Answers belong to a connection: rules that translate are not asked about them. */
static void pass(struct trip *t, enum fw_hook hook)
{
	if (t->back)
		filter_pass_known(t, hook);
	else
		filter_pass(t, hook);
}

static void post(struct trip *t)
{
	pass(t, FW_POSTROUTING);
	if (t->back)
		track_undo(t, true);
}

/* --- the end, and the next namespace ---------------------------------------------------------------------------------------------- */

static void deliver(struct trip *t)
{
	track_keep(t);
	t->delivered = true;
	t->end = trip_tuple(&t->p);
	t->end_ns = t->ns;
	t->end_iif = t->counts_as ? t->counts_as : t->p.iif.index;
}

static void leave_sight(struct trip *t)
{
	t->lost = true;
	trip_word(t, "(beyond %s)", t->p.oif.name);
	if (t->back && !t->start_ns)
		return; /* the client is said to be there */
	why_skip(t->st, "the way on", why_printf(t->st, "beyond %s in %s", t->p.oif.name, look_ns_words(t->st, t->ns)),
		 "it leads out of this host, or to where this host's namespaces do not tell");
}

static bool is_bridge(const struct trip *t, uint32_t ifindex)
{
	const struct snap_link *l = look_link(t->st->s, t->ns, ifindex);

	return l && l->kind && !strcmp(l->kind, "bridge");
}

/*
 * br_netfilter shows IP rulesets what a bridge hands on, as if it were routed from the bridge to itself (br_nf_pre_routing and what follows
 * it, net/bridge/br_netfilter_hooks.c): where it is built in that is so in every namespace, unless a sysctl says no.
 */
static void cross_bridge(struct trip *t, const struct trip_bridged *b)
{
	const char *key = t->p.daddr.family == 4 ? "net.bridge.bridge-nf-call-iptables" : "net.bridge.bridge-nf-call-ip6tables";
	uint32_t from = t->ns;

	filter_bridge(t, b->ns, 1u << FW_PREROUTING | 1u << FW_FORWARD | 1u << FW_POSTROUTING);
	if (look_sysctl_number(t->st->s, b->ns, key) != 1)
		return;
	t->ns = b->ns;
	track_meet(t);
	t->p.iif = device(t, b->ifindex);
	t->p.oif = (struct packet_dev){ 0 };
	if (t->back) {
		filter_pass_known(t, FW_PREROUTING);
		track_undo(t, false);
	} else {
		track_pass(t, FW_PREROUTING);
	}
	t->p.oif = t->p.iif;
	filter_pass_known(t, FW_FORWARD);
	post(t);
	track_keep(t);
	t->ns = from;
}

static bool is_bridge_of(const struct trip *t, const struct trip_bridged *b)
{
	const struct snap_link *l = look_link(t->st->s, b->ns, b->ifindex);

	return l && l->kind && !strcmp(l->kind, "bridge");
}

/* What is between the two ends of a link that it has crossed. */
static void cross_bridges(struct trip *t)
{
	int unreached = filter_errno(&t->p, t->p.daddr.family == 4 ? FW_HOST_UNREACH : FW_ADDR_UNREACH);

	for (size_t i = t->n_held; i--;)
		bridge_refuse(t, &t->held[i], t->knows_lladdr ? ETIMEDOUT : unreached);
	for (size_t i = t->n_bridged; i--;) {
		bridge_mind(t, &t->bridged[i]);
		if (t->bridged[i].in && t->bridged[i].out && is_bridge_of(t, &t->bridged[i]))
			cross_bridge(t, &t->bridged[i]);
	}
}

/* Who has it is asked first. */
static void ask_neighbour(struct trip *t, const struct ipaddr *next, uint32_t to, uint32_t ifindex)
{
	const struct snap_link *l = look_link(t->st->s, t->ns, t->p.oif.index);
	uint32_t from = t->ns;
	struct packet_dev in;

	if (l && l->flags & IFF_NOARP)
		return;
	t->ns = to;
	in = device(t, cross_upper(t, to, ifindex));
	t->ns = from;
	if (next->family == 6) {
		filter_neighbour(t, next, to, in);
		return;
	}
	filter_arp(t, from);
	filter_arp(t, to);
}

/* Out of t->p.oif to the next hop: filters on the way out, then the other end of the link. */
static void transmit(struct trip *t, const struct route *way)
{
	const struct ipaddr *next = way->gateway.family ? &way->gateway : &t->p.daddr;
	uint32_t ns, ifindex;
	const struct snap_link *down;

	if (is_bridge(t, t->p.oif.index))
		filter_bridge(t, t->ns, 1u << FW_OUTPUT | 1u << FW_POSTROUTING);
	attach_policies(t);
	filter_pass_known(t, FW_EGRESS);
	attach_device(t, HOOK_TCX_EGRESS, t->p.oif.index);
	attach_device(t, HOOK_TC_EGRESS, t->p.oif.index);
	switch (cross_link(t, t->ns, t->p.oif.index, next, &ns, &ifindex)) {
	case CROSS_ARRIVED:
		trip_word(t, "%s", t->p.oif.name);
		if (!t->knows_lladdr)
			ask_neighbour(t, next, ns, ifindex);
		t->p.uid = t->p.gid = 0;
		if (ns != t->ns) { /* skb_scrub_packet */
			t->p.mark = 0;
			t->p.unknown &= ~(unsigned int)PACKET_MARK;
		}
		track_keep(t);
		cross_bridges(t);
		t->ns = ns;
		trip_arrive(t, ifindex);
		return;
	case CROSS_DOWN:
		t->lost = true;
		down = look_link(t->st->s, ns, ifindex);
		if (down)
			refuse_down(t, ns, down, filter_errno(&t->p, t->p.daddr.family == 4 ? FW_HOST_UNREACH : FW_ADDR_UNREACH));
		return;
	case CROSS_NOBODY:
		if (t->back && !t->start_ns && ipaddr_equal(next, &t->p.daddr)) { /* whoever asks there is said to be there */
			leave_sight(t);
			return;
		}
		t->lost = true;
		trip_word(t, "%s", t->p.oif.name);
		if (!t->back || t->start_ns || next == &way->gateway)
			refuse_nobody(t, next);
		return; /* else it is the client's address, which nobody named: the one that is there has another */
	case CROSS_OUTSIDE:
		leave_sight(t);
		return;
	}
}

static void leave(struct trip *t, const struct route *way)
{
	post(t);
	transmit(t, way);
}

static void receive(struct trip *t)
{
	attach_policies(t);
	pass(t, FW_INPUT);
	if (vserver_take(t))
		return;
	if (t->back)
		track_undo(t, true);
	deliver(t);
}

static void forward(struct trip *t, const struct route *way)
{
	if (t->hops++ > MAX_HOPS) {
		t->lost = true;
		why_skip(t->st, "the way on", look_ns_words(t->st, t->ns), "it goes round in circles");
		return;
	}
	t->p.oif = device(t, way->oif);
	filter_pass_known(t, FW_FORWARD);
	leave(t, way);
}

/* From then on it counts as come in by the VRF, whose chains it meets at prerouting, too (vrf_ip_rcv, drivers/net/vrf.c). */
static void enter_vrf(struct trip *t)
{
	uint32_t vrf = fib_vrf(&trip_place(t, t->ns)->fib, t->p.iif.index);

	t->counts_as = 0;
	if (!vrf || vrf == t->p.iif.index)
		return;
	t->counts_as = t->p.iif.index;
	t->p.iif = device(t, vrf);
	trip_word(t, "%s", t->p.iif.name);
	filter_pass_known(t, FW_PREROUTING);
}

/* A device's own programs, those of the bridge or bond that it belongs to, then the IP layer. */
void trip_arrive(struct trip *t, uint32_t ifindex)
{
	uint32_t upper = cross_upper(t, t->ns, ifindex);
	struct route_flow flow;
	struct route way;

	track_meet(t);
	attach_device(t, HOOK_XDP, ifindex);
	attach_device(t, HOOK_TCX_INGRESS, ifindex);
	attach_device(t, HOOK_TC_INGRESS, ifindex);
	t->p.iif = device(t, ifindex);
	t->p.oif = (struct packet_dev){ 0 };
	filter_pass_known(t, FW_INGRESS);
	if (upper != ifindex) {
		if (is_bridge(t, upper))
			filter_bridge(t, t->ns, 1u << FW_PREROUTING | 1u << FW_INPUT);
		trip_word(t, "%s", t->p.iif.name);
		attach_device(t, HOOK_TCX_INGRESS, upper);
		attach_device(t, HOOK_TC_INGRESS, upper);
		t->p.iif = device(t, upper);
	}
	trip_word(t, "%s %s", look_ns_name(t->st, t->ns), t->p.iif.name);
	if (is_unread(t))
		return;
	if (t->back) {
		filter_pass_known(t, FW_PREROUTING);
		track_undo(t, false);
	} else {
		track_pass(t, FW_PREROUTING);
	}
	enter_vrf(t);
	t->st->why->checks++;
	flow = flow_of(t);
	route_input(&trip_place(t, t->ns)->fib, &flow, &way);
	note_lookup(t, &way);
	t->lost = refuse_not_local(t, &way);
	if (!t->lost && way.fate != ROUTE_LOCAL_DELIVERY && way.fate != ROUTE_FORWARD && way.fate != ROUTE_BROADCAST_DELIVERY)
		refuse_route(t, &way);
	if (t->lost)
		return;
	if (way.fate == ROUTE_MARTIAN_LOOPBACK || way.fate == ROUTE_LOCAL_DELIVERY || way.fate == ROUTE_BROADCAST_DELIVERY ||
	    (way.fate != ROUTE_FORWARD && way.type == ROUTE_LOCAL))
		receive(t);
	else if (way.oif)
		forward(t, &way);
	else
		t->lost = true;
}

/*
 * Back in by lo: the destination is known already, and so are translations (the connection was seen at output). Sockets take it to have come
 * by the device that has the address (ip_route_output_key_hash_rcu: orig_oif; IP6CB(skb)->iif of ip6_rcv_core).
 */
static void loop_back(struct trip *t, const struct route *way)
{
	const struct snap_link *lo = look_link(t->st->s, t->ns, LOOPBACK_IFINDEX);

	if (lo &&
	    !(lo->flags & IFF_UP)) { /* what a device that is down refuses only a datagram's sender hears (__dev_queue_xmit) */
		refuse_down(t, t->ns, lo, t->p.l4proto == IPPROTO_TCP ? ETIMEDOUT : ENETDOWN);
		t->lost = true;
		return;
	}
	t->counts_as = way->type == ROUTE_LOCAL && way->route && OPT_VALUE(way->route->oif) ? (uint32_t)way->route->oif : 0;
	t->p.iif = device(t, LOOPBACK_IFINDEX);
	trip_word(t, "lo");
	t->p.oif = (struct packet_dev){ 0 };
	filter_pass_known(t, FW_PREROUTING);
	filter_pass_known(t, FW_INPUT);
	if (t->back)
		track_undo(t, true);
	deliver(t);
}

static bool find_way(struct trip *t, struct route *way)
{
	struct route_flow flow = flow_of(t);

	if (is_unread(t))
		return false;
	t->st->why->checks++;
	flow.oif = t->p.oif.index;
	route_output(&trip_place(t, t->ns)->fib, &flow, way);
	note_lookup(t, way);
	if (way->err) {
		refuse_route(t, way);
		return false;
	}
	if (!t->p.saddr.family)
		t->p.saddr = way->src;
	t->p.oif = device(t, way->oif);
	return true;
}

void trip_send_on(struct trip *t)
{
	struct route_flow flow = { .dst = t->p.daddr, .mark = t->p.mark, .pick = ways_pick(t->ways) };
	struct route way;

	t->st->why->checks++;
	route_output(&trip_place(t, t->ns)->fib, &flow, &way);
	note_lookup(t, &way);
	if (way.err)
		refuse_route(t, &way);
	if (way.err || t->hops++ > MAX_HOPS) {
		t->lost = true;
		return;
	}
	t->p.oif = device(t, way.oif);
	filter_pass_known(t, FW_OUTPUT);
	leave(t, &way);
}

/* Only chains of type route, which is what mangle tables have there, look for the way of what they marked (nf_route_table_hook4). */
static bool minds_marks(struct trip *t)
{
	const struct ruleset *r = &trip_place(t, t->ns)->rules;

	for (uint32_t i = 0; i < r->n_chains; i++)
		if (r->chains[i].hook == FW_OUTPUT && r->chains[i].type && !strcmp(r->chains[i].type, "route"))
			return true;
	return false;
}

/*
 * Rules at output may have marked or translated it: then its way is looked for anew (ip_route_me_harder, net/ipv4/netfilter.c). Where there
 * is none then, only a datagram's sender hears of it.
 */
static bool find_new_way(struct trip *t, const struct trip_tuple *before, uint32_t mark, struct route *way)
{
	struct trip_tuple now = trip_tuple(&t->p);

	if (same_tuple(before, &now) && (mark == t->p.mark || !minds_marks(t)))
		return true;
	t->p.oif.index = 0;
	t->silent = t->p.l4proto == IPPROTO_TCP;
	return find_way(t, way);
}

void trip_send(struct trip *t)
{
	struct trip_tuple before;
	uint32_t mark = t->p.mark;
	struct route way;

	if (!find_way(t, &way))
		return;
	before = trip_tuple(&t->p);
	if (!t->back)
		t->asked = before;
	track_meet(t);
	if (t->back) {
		filter_pass_known(t, FW_OUTPUT);
		track_undo(t, false);
	} else {
		track_pass(t, FW_OUTPUT);
	}
	if (vserver_take(t))
		return;
	if (!find_new_way(t, &before, mark, &way))
		return;
	if (way.fate == ROUTE_LOCAL_DELIVERY || way.oif == LOOPBACK_IFINDEX) {
		pass(t, FW_POSTROUTING);
		loop_back(t, &way);
	} else {
		leave(t, &way);
	}
}
