// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a bridge lets from port to port: br_handle_frame, net/bridge/br_input.c, and should_deliver, net/bridge/br_forward.c; and what passes
 * between devices that share one below them.
 */
#include "reach/trip.h"

static const char *value_of(const struct snap_link_attr *list, uint32_t n, const char *key)
{
	for (uint32_t i = 0; i < n; i++)
		if (!strcmp(list[i].key, key))
			return list[i].value;
	return NULL;
}

static bool is(const struct snap_link *port, const char *key, const char *value)
{
	const char *found = port ? value_of(port->slave_data, port->n_slave_data, key) : NULL;

	return found && !strcmp(found, value);
}

static const char *state_of(const struct snap_link *port)
{
	return value_of(port->slave_data, port->n_slave_data, "state");
}

static bool forwards(const struct snap_link *port)
{
	return !port || !state_of(port) || is(port, "state", "forwarding");
}

bool bridge_is_loop(const struct snap_link *port)
{
	return is(port, "state", "blocking");
}

bool bridge_sends_back(const struct snap_link *port)
{
	return is(port, "hairpin", "true");
}

static bool is_kind(const struct snap_link *l, const char *kind)
{
	return l && l->kind && !strcmp(l->kind, kind);
}

/* Of several on one device (or the device itself): macvlan_queue_xmit, drivers/net/macvlan.c; ipvlan_queue_xmit. */
static bool shares_device(const struct snap_link *l)
{
	return is_kind(l, "macvlan") || is_kind(l, "ipvlan");
}

static bool in_bridge_mode(const struct snap_link *l)
{
	const char *mode = value_of(l->data, l->n_data, "mode");

	if (is_kind(l, "ipvlan"))
		return !value_of(l->data, l->n_data, "private") && !value_of(l->data, l->n_data, "vepa");
	return !mode || !strcmp(mode, "bridge");
}

bool bridge_passes(const struct snap_link *in, const struct snap_link *out)
{
	if (in && (shares_device(in) || shares_device(out)))
		return shares_device(in) && shares_device(out) && in_bridge_mode(in) && in_bridge_mode(out);
	return forwards(in) && forwards(out) && !(is(in, "isolated", "true") && is(out, "isolated", "true"));
}

/* --- the cause ------------------------------------------------------------------------------------------------------------------ */

static void tell_isolated(struct trip *t, const struct trip_held *h, const char *where)
{
	struct why_state *st = t->st;

	why_summary(st, "%s and %s, ports of bridge %s, are isolated from each other", h->in->ifname, h->out->ifname, where);
	why_bool(st, "isolated", true);
	why_line(st, "rule", "a bridge hands nothing from one isolated port to another, ARP neither; only to ports that are not");
	why_advise(st, "join one of them:  %sbridge link set dev %s isolated off   (or let a router be between them)",
		   look_enter(st, h->ns), look_quoted(st, h->out->ifname));
}

static void tell_state(struct trip *t, const struct trip_held *h, const char *where)
{
	struct why_state *st = t->st;
	const struct snap_link *port = forwards(h->in) ? h->out : h->in;
	bool begins = is(port, "state", "listening") || is(port, "state", "learning");

	why_summary(st, "%s, a port of bridge %s, does not forward: its state is %s", port->ifname, where, state_of(port));
	why_text(st, "port_state", state_of(port));
	why_line(st, "rule", "only a port in state forwarding takes frames in and gives them out (spanning tree)");
	if (begins)
		why_advise(
			st,
			"wait: with spanning tree a new port forwards after twice forward_delay   (or %sip link set %s type bridge stp_state 0)",
			look_enter(st, h->ns), look_quoted(st, h->bridge->ifname));
	else
		why_advise(
			st,
			"look at it:  %sbridge -d link show dev %s   (blocking: a loop is kept open here; state 3 would forward)",
			look_enter(st, h->ns), look_quoted(st, port->ifname));
}

static void refuse_shared(struct trip *t, const struct trip_held *h, int err)
{
	struct why_state *st = t->st;
	bool siblings = shares_device(h->in) && shares_device(h->out);
	const struct snap_link *own = shares_device(h->out) ? h->out : h->in;

	why_add(st, "macvlan-isolated", t->back ? ETIMEDOUT : err);
	if (siblings)
		why_summary(st, "%s in %s and %s in %s are %ss of %s that do not reach each other", h->in->ifname,
			    look_ns_name(st, h->in->ns), h->out->ifname, look_ns_name(st, h->out->ns), own->kind,
			    h->bridge->ifname);
	else
		why_summary(st, "%s in %s is a %s of %s, which a device and its %ss never reach each other by", own->ifname,
			    look_ns_name(st, own->ns), own->kind, h->bridge->ifname, own->kind);
	why_line(st, "rule",
		 siblings ? "siblings hand frames to each other in mode bridge alone; the others need a switch that sends them back"
			  : "what is sent by the device itself goes out of it, and what is sent by those above it, too");
	if (siblings)
		why_advise(st, "make both of mode bridge (private: they are kept apart on purpose)");
	else
		why_advise(
			st,
			"give the device one of its own:  %sip link add link %s name shim type %s mode %s   (with an address and a route)",
			look_enter(st, h->ns), look_quoted(st, h->bridge->ifname), own->kind,
			is_kind(own, "macvlan") ? "bridge" : "l2");
	why_text(st, "bridge", h->bridge->ifname);
	why_text(st, "in_device", h->in->ifname);
	why_text(st, "device", h->out->ifname);
	why_number(st, "netns", h->ns);
	trip_word(t, "%s (%s)", h->bridge->ifname, own->kind);
}

void bridge_refuse(struct trip *t, const struct trip_held *h, int err)
{
	struct why_state *st = t->st;
	bool states = !forwards(h->in) || !forwards(h->out);
	const char *code = states ? "bridge-port-blocked" : "bridge-port-isolated";
	const char *where = why_printf(st, "%s in %s", h->bridge->ifname, look_ns_name(st, h->ns));

	if (h->in && (shares_device(h->in) || shares_device(h->out))) {
		if (!t->back || !refuse_is_told(t, "macvlan-isolated", h->ns, h->bridge->ifname))
			refuse_shared(t, h, err);
		return;
	}
	if (t->back && refuse_is_told(t, code, h->ns, h->bridge->ifname)) /* it stops both directions, and is told once */
		return;
	why_add(st, code, t->back ? ETIMEDOUT : err);
	if (states)
		tell_state(t, h, where);
	else
		tell_isolated(t, h, where);
	why_text(st, "bridge", h->bridge->ifname);
	why_text(st, "in_device", h->in ? h->in->ifname : NULL);
	why_text(st, "device", h->out ? h->out->ifname : NULL);
	why_number(st, "netns", h->ns);
	trip_word(t, "%s (%s)", h->bridge->ifname, states ? "port does not forward" : "isolated ports");
}

/* --- what is not followed -------------------------------------------------------------------------------------------------------- */

static void skip_port(struct trip *t, const struct trip_bridged *b, const char *port, const char *what)
{
	why_skip(t->st, "a bridge port's settings",
		 why_printf(t->st, "%s of port %s, in %s", what, port, look_ns_words(t->st, b->ns)),
		 "they mind what the bridge has learned, which is not read");
}

/* VLANs: which port is in which; and what a bridge has learned counts where a port is locked, or nothing is flooded to it. */
void bridge_mind(struct trip *t, const struct trip_bridged *b)
{
	const struct snap *s = t->st->s;
	const struct snap_link *bridge = look_link(s, b->ns, b->ifindex), *in = look_link(s, b->ns, b->in),
			       *out = look_link(s, b->ns, b->out);
	const char *vlans = bridge ? value_of(bridge->data, bridge->n_data, "vlan_filtering") : NULL;

	t->st->why->checks++;
	if (vlans && strcmp(vlans, "0") != 0)
		why_skip(t->st, "a bridge's VLANs", why_printf(t->st, "%s in %s", bridge->ifname, look_ns_words(t->st, b->ns)),
			 "it filters them (vlan_filtering), and which port is in which is not read");
	if (is(in, "locked", "true"))
		skip_port(t, b, in->ifname, "locked");
	if (out && (is(out, "flood", "false") || (in && is(out, "bcast_flood", "false"))))
		skip_port(t, b, out->ifname, is(out, "flood", "false") ? "flood off" : "bcast_flood off");
}
