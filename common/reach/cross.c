// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From device to device. Who has an address next on a link is told by the addresses of the namespaces behind it; where several have it,
 * by the neighbour entry of the sender.
 */
#include <linux/if.h>

#include "reach/trip.h"

enum { MAX_DEPTH = 8 }; /* of bridges behind bridges */

struct crossing {
	struct trip *t;
	const struct ipaddr *next;
	const char *lladdr; /* what the sender's neighbour entry says; NULL */
	bool force;         /* through ports that do not let it pass */
	bool met;           /* such a port */
	int depth;
};

struct far_end {
	enum cross_end end;
	uint32_t ns, ifindex;
};

static bool is_kind(const struct snap_link *l, const char *kind)
{
	return l->kind && !strcmp(l->kind, kind);
}

static bool is_up(const struct snap_link *l)
{
	return l->flags & IFF_UP;
}

/* The device that says of itself that this one is its other end. */
static const struct snap_link *pointing_at(const struct snap *s, const struct snap_link *l)
{
	for (size_t i = 0; i < s->n_links; i++) {
		const struct snap_link *x = &s->links[i];

		if (x->peer_ns == l->ns && x->ifindex == (uint32_t)l->link && OPT_VALUE(x->link) &&
		    (uint32_t)x->link == l->ifindex && x != l && l->kind && is_kind(x, l->kind))
			return x;
	}
	return NULL;
}

/* The other end of a veth or netkit pair. Where its namespace's id could not be told, the other end may know us. */
static const struct snap_link *peer_of(struct trip *t, const struct snap_link *l)
{
	const struct snap_link *peer = NULL;

	if (!(is_kind(l, "veth") || is_kind(l, "netkit")) || !OPT_VALUE(l->link))
		return NULL;
	if (NSREF_KNOWN(l->peer_ns))
		peer = look_link(t->st->s, l->peer_ns, (uint32_t)l->link);
	return peer ? peer : pointing_at(t->st->s, l);
}

static struct far_end arrive(struct crossing *c, const struct snap_link *l, bool port_only);

/* For an address beyond: it forwards to there, by another device (arp_fwd_proxy, net/ipv4/arp.c). */
static bool is_proxy(const struct crossing *c, const struct fib *f, const struct snap_link *l)
{
	struct route_flow flow = { .src = c->t->p.saddr, .dst = *c->next, .iif = l->ifindex };
	struct route way;

	if (c->next->family != 4 || (fib_conf(f, 4, "all", "proxy_arp") < 1 && fib_conf(f, 4, l->ifname, "proxy_arp") < 1))
		return false;
	route_input(f, &flow, &way);
	return way.fate == ROUTE_FORWARD && way.oif != l->ifindex;
}

/*
 * Does it answer for the address? Of IPv4 for any of its namespace, unless arp_ignore says no (arp_ignore, net/ipv4/arp.c); of IPv6 for
 * its own (ndisc_recv_ns, net/ipv6/ndisc.c).
 */
static bool answers_for(const struct crossing *c, const struct fib *f, const struct snap_link *l)
{
	int64_t ignore = MAX(fib_conf(f, 4, "all", "arp_ignore"), fib_conf(f, 4, l->ifname, "arp_ignore"));
	bool own = c->next->family == 6 || ignore == 1 || ignore == 2;
	const struct snap_addr *a = look_addr(c->t->st->s, f->ns, c->next, own ? l->ifindex : 0);

	if (c->next->family == 4 && l->flags & IFF_NOARP) /* arp_rcv */
		return false;
	if (!a)
		return is_proxy(c, f, l);
	return !(a->flags & (ADDRF_TENTATIVE | ADDRF_DADFAILED)) && (c->next->family == 6 || ignore != 8);
}

/* Is what is sent to the address taken in there: because it answers for it, or because the sender knows its hardware address. */
static bool takes(const struct crossing *c, uint32_t ns, const struct snap_link *l)
{
	if (c->lladdr && l->address)
		return !strcmp(c->lladdr, l->address) &&
		       (look_addr(c->t->st->s, ns, c->next, 0) || is_proxy(c, &trip_place(c->t, ns)->fib, l));
	return answers_for(c, &trip_place(c->t, ns)->fib, l);
}

/* A bridge that it comes through, when all that is behind it is known to lead there: so the last one is noted first. */
static void note_bridge(struct crossing *c, const struct snap_link *bridge, const struct snap_link *in, const struct snap_link *out)
{
	struct trip *t = c->t;

	if (t->n_bridged < ARRAY_SIZE(t->bridged))
		t->bridged[t->n_bridged++] =
			(struct trip_bridged){ bridge->ns, bridge->ifindex, in ? in->ifindex : 0, out ? out->ifindex : 0 };
	if (!bridge_passes(in, out) && t->n_held < ARRAY_SIZE(t->held))
		t->held[t->n_held++] = (struct trip_held){ bridge->ns, bridge, in, out };
}

/* May it pass, or is it to pass all the same? */
static bool may_pass(struct crossing *c, const struct snap_link *in, const struct snap_link *out)
{
	bool yes = bridge_passes(in, out);

	c->met = c->met || !yes;
	return yes || c->force;
}

/* Out by one port. A port that is down is met where its other end would have taken it. */
static struct far_end by_port(struct crossing *c, const struct snap_link *port)
{
	const struct snap_link *peer = peer_of(c->t, port);
	struct far_end e = { CROSS_NOBODY, 0, 0 };

	if (peer)
		e = arrive(c, peer, false);
	else if (is_up(port))
		e.end = CROSS_OUTSIDE;
	if (e.end == CROSS_ARRIVED && !is_up(port)) {
		e = (struct far_end){ CROSS_DOWN, port->ns, port->ifindex };
		c->t->n_bridged = c->t->n_held = 0;
	}
	return e;
}

/* Out of a bridge by one of its ports, other than the one that it came in by (NULL: none): to whoever behind one has the address. */
static struct far_end through_bridge(struct crossing *c, const struct snap_link *bridge, const struct snap_link *in)
{
	struct far_end best = { CROSS_NOBODY, 0, 0 };
	const struct snap_link *by = NULL;
	uint32_t n;
	const struct snap_link *all = SNAP_RANGE(c->t->st->s, links, bridge->ns, &n);

	if (c->depth++ > MAX_DEPTH)
		return (struct far_end){ CROSS_OUTSIDE, 0, 0 };
	for (uint32_t i = 0; i < n && best.end != CROSS_ARRIVED; i++) {
		const struct snap_link *port = &all[i];
		struct far_end e;

		if (!OPT_VALUE(port->master) || (uint32_t)port->master != bridge->ifindex ||
		    (port == in && !bridge_sends_back(port)) || (is_up(port) && !may_pass(c, in, port)))
			continue;
		e = by_port(c, port);
		by = e.end == CROSS_ARRIVED ? port : by;
		if (e.end == CROSS_ARRIVED || e.end == CROSS_DOWN || best.end == CROSS_NOBODY)
			best = e;
	}
	c->depth--;
	if (best.end == CROSS_ARRIVED)
		note_bridge(c, bridge, in, by);
	return best;
}

/*
 * A device of that kind above this one: macvlans and ipvlans take what is theirs. from: the one of them, or the device itself, that sends
 * it; NULL: it comes from beyond.
 */
static struct far_end to_upper(struct crossing *c, const struct snap_link *l, const struct snap_link *from)
{
	for (size_t i = 0; i < c->t->st->s->n_links; i++) {
		const struct snap_link *up = &c->t->st->s->links[i];
		bool above = OPT_VALUE(up->link) && (uint32_t)up->link == l->ifindex &&
			     (up->peer_ns == l->ns || (up->ns == l->ns && !OPT_VALUE(up->link_netnsid)));

		if (!above || up == from || !(is_kind(up, "macvlan") || is_kind(up, "ipvlan")) || !takes(c, up->ns, up) ||
		    !may_pass(c, from, up))
			continue;
		if (from && is_up(up))
			note_bridge(c, l, from, up);
		return (struct far_end){ is_up(up) ? CROSS_ARRIVED : CROSS_DOWN, up->ns, up->ifindex };
	}
	return (struct far_end){ CROSS_NOBODY, 0, 0 };
}

/* At a device that a frame comes out of: taken in, handed on by its bridge, or nobody's. */
static struct far_end arrive(struct crossing *c, const struct snap_link *l, bool port_only)
{
	const struct snap_link *master = OPT_VALUE(l->master) ? look_link(c->t->st->s, l->ns, (uint32_t)l->master) : NULL;
	struct far_end e;

	if (master && is_kind(master, "bridge")) {
		if (!is_up(l) || !is_up(master))
			return (struct far_end){ CROSS_DOWN, l->ns, is_up(l) ? master->ifindex : l->ifindex };
		if (!may_pass(c, l, NULL))
			return (struct far_end){ CROSS_NOBODY, 0, 0 };
		if (!takes(c, l->ns, master))
			return through_bridge(c, master, l);
		note_bridge(c, master, l, NULL);
		return (struct far_end){ CROSS_ARRIVED, l->ns, l->ifindex };
	}
	if (takes(c, l->ns, l) && !port_only)
		return (struct far_end){ is_up(l) ? CROSS_ARRIVED : CROSS_DOWN, l->ns, l->ifindex };
	e = to_upper(c, l, NULL);
	return e;
}

/* By a pair's other end, or to where nobody sees. */
static struct far_end out_of_lower(struct crossing *c, const struct snap_link *l)
{
	const struct snap_link *peer = peer_of(c->t, l);

	if (!is_up(l))
		return (struct far_end){ CROSS_DOWN, l->ns, l->ifindex };
	if (peer && !is_up(peer))
		return (struct far_end){ CROSS_DOWN, peer->ns, peer->ifindex };
	if (peer)
		return arrive(c, peer, false);
	return (struct far_end){ is_kind(l, "dummy") ? CROSS_NOBODY : CROSS_OUTSIDE, 0, 0 };
}

/* Siblings on one lower device may reach each other (bridge_passes); the rest is beyond the lower device. */
static struct far_end among_siblings(struct crossing *c, const struct snap_link *l)
{
	const struct snap_link *lower =
		OPT_VALUE(l->link) ? look_link(c->t->st->s, NSREF_KNOWN(l->peer_ns) ? l->peer_ns : l->ns, (uint32_t)l->link) : NULL;
	struct far_end e;

	if (!lower)
		return (struct far_end){ CROSS_OUTSIDE, 0, 0 };
	e = to_upper(c, lower, l);
	if (e.end == CROSS_NOBODY)
		e = out_of_lower(c, lower);
	if (e.end == CROSS_NOBODY && takes(c, lower->ns, lower) && may_pass(c, l, lower)) {
		note_bridge(c, lower, l, lower);
		e = (struct far_end){ CROSS_ARRIVED, lower->ns, lower->ifindex };
	}
	return e;
}

static const char *neighbour_of(const struct trip *t, uint32_t ns, uint32_t oif, const struct ipaddr *next)
{
	uint32_t n;
	const struct snap_neigh *all = SNAP_RANGE(t->st->s, neighbours, ns, &n);
	struct ipaddr a;

	for (uint32_t i = 0; i < n; i++)
		if (all[i].ifindex == oif && !ipaddr_parse(all[i].dst, &a) && ipaddr_equal(&a, next))
			return all[i].lladdr;
	return NULL;
}

static struct far_end cross(struct crossing *c, const struct snap_link *l)
{
	struct far_end e;

	if (!is_up(l))
		return (struct far_end){ CROSS_DOWN, l->ns, l->ifindex };
	if (is_kind(l, "bridge"))
		return through_bridge(c, l, NULL);
	if (is_kind(l, "macvlan") || is_kind(l, "ipvlan"))
		return among_siblings(c, l);
	e = out_of_lower(c, l);
	return e.end == CROSS_NOBODY ? to_upper(c, l, l) : e;
}

/* By what the sender knows, or by asking on the link where that is out of date. */
static struct far_end find_end(struct crossing *c, const struct snap_link *l)
{
	struct crossing anew = *c;
	struct far_end e;

	c->t->n_bridged = c->t->n_held = 0;
	e = cross(c, l);
	if (e.end != CROSS_NOBODY || !c->lladdr)
		return e;
	anew.lladdr = NULL;
	e = cross(&anew, l);
	c->met = c->met || anew.met;
	return e;
}

/* Where a loop is kept open there is another way, which may lead through the outside. */
static bool is_open_loop(const struct trip *t)
{
	for (size_t i = 0; i < t->n_held; i++)
		if (bridge_is_loop(t->held[i].in) || bridge_is_loop(t->held[i].out))
			return true;
	return false;
}

enum cross_end cross_link(struct trip *t, uint32_t from_ns, uint32_t oif, const struct ipaddr *next, uint32_t *ns,
			  uint32_t *ifindex)
{
	const struct snap_link *l = look_link(t->st->s, from_ns, oif);
	struct crossing c = { .t = t, .next = next, .lladdr = neighbour_of(t, from_ns, oif, next) };
	struct far_end e = { CROSS_OUTSIDE, 0, 0 }, forced;

	t->n_bridged = t->n_held = 0;
	t->knows_lladdr = c.lladdr;
	if (l)
		e = find_end(&c, l);
	if (c.met && (e.end == CROSS_NOBODY || e.end == CROSS_OUTSIDE)) {
		c.force = true;
		forced = find_end(&c, l);
		if (forced.end == CROSS_ARRIVED && (e.end == CROSS_NOBODY || !is_open_loop(t)))
			e = forced;
		else
			t->n_bridged = t->n_held = 0;
	}
	*ns = e.ns;
	*ifindex = e.ifindex;
	return e.end;
}

uint32_t cross_upper(struct trip *t, uint32_t ns, uint32_t ifindex)
{
	const struct snap_link *l = look_link(t->st->s, ns, ifindex);
	const struct snap_link *master = l && OPT_VALUE(l->master) ? look_link(t->st->s, ns, (uint32_t)l->master) : NULL;

	if (master && (is_kind(master, "bridge") || is_kind(master, "bond") || is_kind(master, "team")))
		return master->ifindex;
	return ifindex;
}
