// SPDX-License-Identifier: GPL-2.0-or-later
/* Where routes and links end a packet's way: the causes. */
#include <linux/if.h>
#include <stdarg.h>

#include "firewall/rule_text.h"
#include "reach/trip.h"

/* --- routing says no -------------------------------------------------------------------------------------------------------------- */

static bool is_usable(const struct snap_link *l)
{
	return l->flags & IFF_UP && !(l->flags & IFF_LOOPBACK);
}

/*
 * A device here that is down and has an address in whose network the destination is, or that nothing else could lead out by: its routes
 * went with it (fib_disable_ip).
 */
static const struct snap_link *down_device_for(struct trip *t, const struct ipaddr *dst)
{
	struct trip_place *at = trip_place(t, t->ns);
	const struct snap_link *only = NULL;
	bool usable = false;

	for (uint32_t i = 0; i < at->fib.n_links; i++) {
		const struct snap_link *l = &at->fib.links[i];

		usable = usable || is_usable(l);
		if (!(l->flags & (IFF_UP | IFF_LOOPBACK)) && fib_has_any(&at->fib, l->ifindex))
			only = l;
	}
	for (uint32_t i = 0; i < at->fib.n_links; i++) {
		const struct snap_link *l = &at->fib.links[i];

		if (!(l->flags & IFF_UP) &&
		    (fib_on_link(&at->fib, dst, l->ifindex) || (l->flags & IFF_LOOPBACK && ipaddr_is_loopback(dst))))
			return l;
	}
	return usable || ipaddr_is_loopback(dst) ? NULL : only;
}

void refuse_down(struct trip *t, uint32_t ns, const struct snap_link *l, int err)
{
	struct why_state *st = t->st;
	bool lo = l->flags & IFF_LOOPBACK;

	why_add(st, lo ? "loopback-down" : "interface-down", err);
	why_summary(st, "%s in %s is down", l->ifname, look_ns_name(st, ns));
	why_text(st, "device", l->ifname);
	why_bool(st, "device_up", false);
	why_number(st, "netns", ns);
	if (lo)
		why_line(st, "rule", "a new network namespace has no loopback before lo is set up");
	why_advise(st, "set it up:  %sip link set %s up", look_enter(st, ns), look_quoted(st, l->ifname));
	trip_word(t, "%s (down)", l->ifname);
}

static const char *route_words(struct why_state *st, const struct route *way)
{
	const struct snap_route *r = way->route;

	if (!r && !way->rule)
		return "there is no route";
	if (!r)
		return why_printf(st, "rule %u says %s", way->rule->priority, rule_action_names[way->rule->action]);
	return why_printf(st, "route %s %s%s says so", route_type_names[r->type], r->dst ? r->dst : "default",
			  r->dst ? why_printf(st, "/%u", r->dst_len) : "");
}

static const char *type_word(const struct route *way)
{
	if (way->route)
		return route_type_names[way->route->type];
	return way->rule ? rule_action_names[way->rule->action] : "none";
}

/* --- the listener that is bound to an address which nobody has --------------------------------------------------------------------- */

static const struct snap_socket *bound_elsewhere(struct trip *t)
{
	const struct trip_tuple to = trip_tuple(&t->p);
	const struct snap_socket **found;
	struct ipaddr a;

	if (!t->st->q->ns || !deliver_lookup(t, &to, t->st->q->ns, 0, &found))
		return NULL;
	return !ipaddr_parse(found[0]->addr, &a) && ipaddr_equal(&a, &t->p.daddr) ? found[0] : NULL;
}

/* Somebody bound it with IP_FREEBIND or ip_nonlocal_bind: then the address is what is missing. */
static bool add_not_local(struct trip *t, int err)
{
	struct why_state *st = t->st;
	const struct snap_socket *x = bound_elsewhere(t);
	uint32_t elsewhere = look_addr_elsewhere(st, st->q->ns, &t->p.daddr);
	const struct snap_task *holder = x ? served_holder(st, x) : NULL;

	if (!x || look_addr(st->s, st->q->ns, &t->p.daddr, 0))
		return false;
	why_add(st, "listener-addr-not-local", err);
	why_summary(st, "%s listens on %s, an address that %s does not have", holder ? look_task_words(st, holder) : "a socket",
		    look_endpoint(st, x->addr, x->port), look_ns_words(st, st->q->ns));
	why_text(st, "listener_addr", x->addr);
	why_bool(st, "addr_local", false);
	if (holder)
		why_number(st, "listener_pid", holder->pid);
	why_number(st, "listener_netns", st->q->ns);
	if (elsewhere)
		why_number(st, "addr_found_in_netns", elsewhere);
	why_line(st, "rule",
		 "IP_FREEBIND and ip_nonlocal_bind let a bind pass; packets are delivered only to addresses of a device");
	why_advise(st, "add it:  %sip addr add %s/%u dev DEVICE", look_enter(st, st->q->ns), x->addr,
		   x->family == ADDR_INET6 ? 128u : 32u);
	why_advise(st, "or find out where this floating address is now");
	return true;
}

/* What the sender hears of a route that says no on the way: ip_error (net/ipv4/route.c); ip6_pkt_discard, ip6_pkt_prohibit. */
static int forwarded_errno(const struct packet *p, int err)
{
	bool v6 = p->daddr.family == 6;

	if (err == -EACCES)
		return filter_errno(p, FW_ADMIN_PROHIBITED);
	if (err == -EHOSTUNREACH)
		return filter_errno(p, v6 ? FW_NO_ROUTE : FW_HOST_UNREACH);
	return err == -ENETUNREACH ? filter_errno(p, v6 ? FW_NO_ROUTE : FW_NET_UNREACH) : ETIMEDOUT;
}

/* A source address is chosen first where there is no route: without one to choose, that is what fails (ip6_dst_lookup_tail). */
static bool lacks_source(struct trip *t)
{
	const struct route none = { 0 };

	return t->p.daddr.family == 6 && !t->p.saddr.family && !fib_source(&trip_place(t, t->ns)->fib, &none, &t->p.daddr).family;
}

static int route_errno(struct trip *t, const struct route *way)
{
	if (t->silent || t->back)
		return ETIMEDOUT;
	if (t->p.iif.index)
		return forwarded_errno(&t->p, way->err);
	return lacks_source(t) ? EADDRNOTAVAIL : -way->err;
}

bool refuse_not_local(struct trip *t, const struct route *way)
{
	bool back_out = way->fate == ROUTE_FORWARD && way->oif == t->p.iif.index;
	int err =
		back_out ? filter_errno(&t->p, FW_HOST_UNREACH) : ETIMEDOUT; /* to and fro until its TTL is used up: icmp_unreach */

	return (back_out || way->fate == ROUTE_NO_FORWARDING) && !t->back && t->ns == t->st->q->ns && add_not_local(t, err);
}

static void add_no_route(struct trip *t, const struct route *way)
{
	struct why_state *st = t->st;
	int err = route_errno(t, way);
	const struct snap_link *down = down_device_for(t, &t->p.daddr);

	t->lost = true;
	trip_word(t, "no way to %s", trip_ip(st, &t->p.daddr));
	if (t->back && !t->start_ns && t->ns != t->end_ns)
		return; /* how far away the client is nobody said: the server's own way back leads to whoever is nearer */
	if (down) {
		refuse_down(t, t->ns, down, err);
		return;
	}
	if (!t->back && add_not_local(t, err))
		return;
	why_add(st, t->back ? "no-return-route" : "client-route-prohibit", err);
	if (t->back)
		why_summary(st, "%s has no way back to %s: %s", look_ns_name(st, t->ns), trip_ip(st, &t->p.daddr),
			    route_words(st, way));
	else
		why_summary(st, "%s has no way to %s: %s", look_ns_name(st, t->ns), trip_ip(st, &t->p.daddr), route_words(st, way));
	why_text(st, t->back ? "route_to_client" : "client_route_type", type_word(way));
	if (t->back)
		why_text(st, "client_addr", trip_ip(st, &t->p.daddr));
	else
		why_number(st, "client_netns", t->start_ns ? t->start_ns : t->ns);
	why_number(st, "netns", t->ns);
	if (t->back)
		why_line(st, "rule",
			 "without a route for the answer the first packet is dropped already; nothing remains to be seen");
	if (way->route && way->route->dst)
		why_advise(st, "remove that route:  %sip route del %s %s/%u", look_enter(st, t->ns),
			   route_type_names[way->route->type], way->route->dst, way->route->dst_len);
	else
		why_advise(st, "add one:  %sip route add %s via GATEWAY   (or masquerade on the way)", look_enter(st, t->ns),
			   t->back ? trip_ip(st, &t->p.daddr) : "default");
}

const struct trip_nat *refuse_last_dnat(const struct trip *t)
{
	for (size_t i = t->n_nats; i--;)
		if (t->nats[i].to_other)
			return &t->nats[i];
	return NULL;
}

static void add_nat_facts(struct trip *t)
{
	const struct trip_nat *n = refuse_last_dnat(t);

	if (!n)
		return;
	why_text(t->st, "dnat_to", trip_endpoint(t->st, &n->after.dst, n->after.dport));
	if (n->done.by.rule)
		why_text(t->st, "rule_text", rule_text(&trip_place(t, n->ns)->rules, n->done.by.rule, &t->st->why->arena));
}

/* --- hairpins ----------------------------------------------------------------------------------------------------------------------- */

void refuse_hairpin(struct trip *t, const struct trip_nat *n, const char *fmt, ...)
{
	struct why_state *st = t->st;
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	why_add(st, "hairpin-no-masquerade", ETIMEDOUT);
	why_summary(st, "%s", text);
	why_text(st, "dnat_to", trip_endpoint(st, &n->after.dst, n->after.dport));
	why_text(st, "client_addr", trip_ip(st, &t->asked.src));
	why_bool(st, "masquerade", false);
	why_bool(st, "same_subnet", true);
	why_number(st, "netns", n->ns);
	why_line(st, "rule",
		 "client and server share a network, so the answer does not pass where its address would be translated back");
	why_advise(st, "masquerade it:  %s%s -t nat -A POSTROUTING -s %s -d %s -j MASQUERADE   (or for the whole network)",
		   look_enter(st, n->ns), t->asked.src.family == 6 ? "ip6tables" : "iptables", trip_ip(st, &t->asked.src),
		   trip_ip(st, &n->after.dst));
}

/* --- routing drops ------------------------------------------------------------------------------------------------------------------ */

static void add_rp_filter(struct trip *t, const struct route *way)
{
	struct why_state *st = t->st;
	const char *back = way->back_oif ? look_ifname(st->s, t->ns, way->back_oif) : NULL;

	why_add(st, "rp-filter-drop", ETIMEDOUT);
	why_summary(st, "%sreverse-path filtering in %s: %s comes in by %s, the way back to it leads %s%s",
		    way->rp_filter == 1 ? "strict " : "", look_ns_name(st, t->ns), trip_ip(st, &t->p.saddr), t->p.iif.name,
		    back ? "by " : "nowhere", back ? back : "");
	why_number(st, "rp_filter", OPT_VALUE(way->rp_filter) ? (uint64_t)way->rp_filter : 0);
	why_text(st, "in_device", t->p.iif.name);
	why_text(st, "back_device", back);
	why_text(st, "client_addr", trip_ip(st, &t->p.saddr));
	why_number(st, "netns", t->ns);
	why_line(st, "rule", "the larger of net.ipv4.conf.all.rp_filter and net.ipv4.conf.%s.rp_filter is %lld", t->p.iif.name,
		 (long long)way->rp_filter);
	if (!back) { /* which loose filtering minds, too */
		why_advise(st, "add a way back:  %sip route add %s via GATEWAY", look_enter(st, t->ns), trip_ip(st, &t->p.saddr));
		trip_word(t, "rp_filter (drop)");
		return;
	}
	why_advise(st, "check loosely:  %ssysctl -w %s=2", look_enter(st, t->ns),
		   look_conf(st, "ipv4", t->p.iif.name, "rp_filter"));
	why_advise(st, "or repair the routes, so that both ways lead by one device");
	trip_word(t, "rp_filter (drop)");
}

/* A client that was sent to itself by a translation: its own packet comes back to it, from its own address. */
static bool add_own_hairpin(struct trip *t)
{
	const struct trip_nat *n = refuse_last_dnat(t);

	if (!n || n->ns == t->ns || t->ns != t->start_ns || !ipaddr_equal(&t->p.saddr, &t->asked.src))
		return false;
	refuse_hairpin(t, n, "the translation leads back to %s, which drops its own address as a source from outside",
		       look_ns_words(t->st, t->ns));
	trip_word(t, "martian source (drop)");
	return true;
}

static void add_martian_source(struct trip *t)
{
	struct why_state *st = t->st;

	if (add_own_hairpin(t))
		return;
	why_add(st, "rp-filter-drop", ETIMEDOUT);
	why_summary(st, "%s takes %s for an impossible source on %s (martian)", look_ns_name(st, t->ns), trip_ip(st, &t->p.saddr),
		    t->p.iif.name);
	why_text(st, "in_device", t->p.iif.name);
	why_text(st, "client_addr", trip_ip(st, &t->p.saddr));
	why_bool(st, "addr_local", look_addr(st->s, t->ns, &t->p.saddr, 0) != NULL);
	why_number(st, "netns", t->ns);
	why_line(st, "rule", "an address of its own, or of 127/8, cannot come from outside (fib_validate_source)");
	why_advise(st, "give the two different addresses");
	trip_word(t, "martian source (drop)");
}

static void add_martian_loopback(struct trip *t)
{
	struct why_state *st = t->st;
	const struct trip_nat *n = refuse_last_dnat(t);

	why_add(st, n ? "dnat-to-loopback" : "listener-loopback-only", ETIMEDOUT);
	why_summary(st, "%s comes in by %s for %s: 127/8 from outside is dropped without route_localnet",
		    n ? "the translated packet" : "it", t->p.iif.name, trip_endpoint(st, &t->p.daddr, t->p.dport));
	add_nat_facts(t);
	why_number(st, "route_localnet", 0);
	why_text(st, "in_device", t->p.iif.name);
	why_number(st, "netns", t->ns);
	why_line(st, "rule", "net.ipv4.conf.all.route_localnet and net.ipv4.conf.%s.route_localnet are 0", t->p.iif.name);
	why_advise(st, "translate to an address of %s instead (or redirect)", t->p.iif.name);
	why_advise(st, "or let it pass:  %ssysctl -w %s=1   (mind who may reach 127.0.0.1 then)", look_enter(st, t->ns),
		   look_conf(st, "ipv4", t->p.iif.name, "route_localnet"));
	trip_word(t, "martian (drop)");
}

static void add_no_forwarding(struct trip *t)
{
	struct why_state *st = t->st;
	bool v6 = t->p.daddr.family == 6;
	const char *key = v6 ? "net.ipv6.conf.all.forwarding" : why_printf(st, "net.ipv4.conf.%s.forwarding", t->p.iif.name);
	int64_t all = look_sysctl_number(st->s, t->ns, v6 ? key : "net.ipv4.ip_forward");
	const char *repair = v6 ? key : all > 0 ? look_conf(st, "ipv4", t->p.iif.name, "forwarding") : "net.ipv4.ip_forward";

	why_add(st, "ip-forward-off", ETIMEDOUT);
	why_summary(st, "%s would have to forward it to %s and does not forward", look_ns_name(st, t->ns),
		    trip_ip(st, &t->p.daddr));
	why_number(st, "ip_forward", OPT_VALUE(all) ? (uint64_t)all : 0);
	add_nat_facts(t);
	why_text(st, "in_device", t->p.iif.name);
	why_number(st, "netns", t->ns);
	why_line(st, "rule", "%s = 0", key);
	why_advise(st, "switch it on:  %ssysctl -w %s=1", look_enter(st, t->ns), repair);
	trip_word(t, "not forwarded (drop)");
}

bool refuse_is_told(const struct trip *t, const char *code, uint32_t ns, const char *bridge)
{
	const struct why *why = t->st->why;

	for (size_t i = 0; i < why->n_causes; i++) {
		const struct why_fact *where = why_fact_of(&why->causes[i], "netns"), *by = why_fact_of(&why->causes[i], "bridge");

		if (!strcmp(why->causes[i].code, code) && where && where->number == ns &&
		    (!bridge || (by && !strcmp(by->text, bridge))))
			return true;
	}
	return false;
}

/* What ended at a routing decision goes on as if it were repaired. */
void refuse_route(struct trip *t, const struct route *way)
{
	switch (way->fate) {
	case ROUTE_RP_FILTER:
		add_rp_filter(t, way);
		break;
	case ROUTE_MARTIAN_SOURCE:
		add_martian_source(t);
		break;
	case ROUTE_MARTIAN_LOOPBACK:
		add_martian_loopback(t);
		break;
	case ROUTE_NO_FORWARDING:
		if (!refuse_is_told(t, "ip-forward-off", t->ns, NULL))
			add_no_forwarding(t);
		break;
	default:
		add_no_route(t, way);
		break;
	}
}

void refuse_advise_rule(struct trip *t, uint32_t ns, const struct snap_fw_rule *rule)
{
	struct why_state *st = t->st;

	why_advise(st, "correct the rule with handle %llu:  %snft -a list chain %s %s %s", (unsigned long long)rule->handle,
		   look_enter(st, ns), fw_family_names[rule->family], look_quoted(st, rule->table), look_quoted(st, rule->chain));
}

/* The gateway's, or the destination's own; and what made it that. */
static void sum_up_nobody(struct trip *t, const struct ipaddr *next, bool sent_by_rule)
{
	struct why_state *st = t->st;
	const char *where = why_printf(st, "%s in %s", t->p.oif.name, look_ns_name(st, t->ns));

	if (!ipaddr_equal(next, &t->p.daddr))
		why_summary(st, "nobody on %s has %s, the gateway to %s", where, trip_ip(st, next), trip_ip(st, &t->p.daddr));
	else if (sent_by_rule)
		why_summary(st, "the rule sends it to %s, which nobody has any more", trip_ip(st, next));
	else
		why_summary(st, "nobody on %s has %s", where, trip_ip(st, next));
}

void refuse_nobody(struct trip *t, const struct ipaddr *next)
{
	struct why_state *st = t->st;
	const struct trip_nat *n = t->back ? NULL : refuse_last_dnat(t);
	uint32_t elsewhere = look_addr_elsewhere(st, 0, next);
	int err = filter_errno(&t->p, t->p.daddr.family == 4 ? FW_HOST_UNREACH : FW_ADDR_UNREACH);

	if (!t->back && !n && add_not_local(t, err))
		return;
	if (t->back)
		why_add(st, "no-return-route", ETIMEDOUT);
	else
		why_add(st, n ? "dnat-stale-ip" : "addr-not-local", err);
	sum_up_nobody(t, next, n);
	if (n)
		add_nat_facts(t);
	if (n)
		why_bool(st, "dnat_addr_exists", elsewhere != 0);
	else
		why_bool(st, "addr_local", false);
	why_text(st, "device", t->p.oif.name);
	why_number(st, "netns", t->ns);
	if (elsewhere)
		why_number(st, "addr_found_in_netns", elsewhere);
	why_line(st, "rule",
		 err == ETIMEDOUT
			 ? "nobody answers for the address on that link, and a datagram's sender is not told"
			 : "nobody answers for the address on that link: after about 3 s the sender gets \"no route to host\"");
	if (n && n->done.by.rule)
		refuse_advise_rule(t, n->ns, n->done.by.rule);
	else
		why_advise(st, "give the address to whom it is meant for, or correct the route");
}
