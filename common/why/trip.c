// SPDX-License-Identifier: GPL-2.0-or-later
/* A packet's way: out of a socket or in by a device, through hooks and routes, until it is delivered or nothing more is known. */
#include <linux/if.h>
#include <stdarg.h>

#include "firewall/rule_text.h"
#include "why/trip.h"

enum { MAX_HOPS = 16, LOOPBACK_IFINDEX = 1 };

/* --- helpers ------------------------------------------------------------------------------------------------------------------- */

struct trip_place *trip_place(struct trip *t, uint32_t ns)
{
	struct trip_place *p;

	for (size_t i = 0; i < t->n_places; i++)
		if (t->places[i]->ns == ns)
			return t->places[i];
	p = xcalloc(1, sizeof(*p));
	p->ns = ns;
	fib_init(&p->fib, t->st->s, ns);
	ruleset_open(&p->rules, t->st->s, ns);
	*ARRAY_ADD(t, places) = p;
	return p;
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

static struct route_flow flow_of(const struct packet *p)
{
	return (struct route_flow){ .src = p->saddr, .dst = p->daddr, .iif = p->iif.index, .mark = p->mark, .uid = p->uid,
				    .proto = p->l4proto, .sport = p->sport, .dport = p->dport };
}

static bool same_tuple(const struct trip_tuple *a, const struct trip_tuple *b)
{
	return ipaddr_equal(&a->src, &b->src) && ipaddr_equal(&a->dst, &b->dst) && a->sport == b->sport && a->dport == b->dport;
}

/* --- translations: known ones, and undone ones ------------------------------------------------------------------------------------ */

/* The translations of this namespace are done in reverse order to the answer; the packet's view of the other end, then its own. */
static void undo(struct trip *t, bool source)
{
	for (size_t i = t->n_nats; i--;) {
		const struct trip_nat *n = &t->nats[i];
		bool other = source ? ipaddr_equal(&t->p.saddr, &n->after.dst) && t->p.sport == n->after.dport :
				      ipaddr_equal(&t->p.daddr, &n->after.src) && t->p.dport == n->after.sport;

		if (n->ns != t->ns || !other || n->to_other != source)
			continue;
		if (source) {
			t->p.saddr = n->before.dst;
			t->p.sport = n->before.dport;
		} else {
			t->p.daddr = n->before.src;
			t->p.dport = n->before.sport;
		}
	}
}

static const char *tuple_words(struct trip *t, const struct trip_tuple *a)
{
	return why_printf(t->st, "%s > %s", trip_endpoint(t->st, &a->src, a->sport), trip_endpoint(t->st, &a->dst, a->dport));
}

/* An entry keeps the translation that its first packet got, whatever the rules say by now (nf_nat_inet_fn, net/netfilter/nf_nat_core.c). */
static void compare_entry(struct trip *t, const struct snap_trial *entry, const struct trip_tuple *before)
{
	struct why_state *st = t->st;
	struct trip_tuple by_rules = trip_tuple(&t->p), by_entry = *before;

	if (ipaddr_parse(entry->to_dst, &by_entry.dst) || (ipaddr_equal(&by_entry.dst, &by_rules.dst) && entry->to_dport == by_rules.dport))
		return;
	by_entry.dport = (uint16_t)entry->to_dport;
	why_add(st, "conntrack-stale", ETIMEDOUT);
	why_summary(st, "an old conntrack entry in %s still sends it to %s, the rules say %s by now", look_ns_words(st, t->ns),
		    trip_endpoint(st, &by_entry.dst, by_entry.dport), trip_endpoint(st, &by_rules.dst, by_rules.dport));
	why_text(st, "conntrack_entry", why_printf(st, "%s -> %s%s", tuple_words(t, before), trip_endpoint(st, &by_entry.dst, by_entry.dport),
						   entry->unreplied ? " [UNREPLIED]" : ""));
	why_text(st, "dnat_to", trip_endpoint(st, &by_rules.dst, by_rules.dport));
	why_text(st, "dead_container_ip", look_addr_elsewhere(st->s, 0, &by_entry.dst) ? NULL : entry->to_dst);
	why_number(st, "netns", t->ns);
	why_line(st, "rule", "nat rules are asked for the first packet of a flow only; its entry lives as long as packets come");
	why_advise(st, "in %s: conntrack -D -p %s --orig-src %s --orig-dst %s --sport %u --dport %u", look_ns_words(st, t->ns),
		   t->p.l4proto == 17 ? "udp" : "tcp", trip_ip(st, &before->src), trip_ip(st, &before->dst), before->sport, before->dport);
	trip_word(t, "conntrack entry (%s)", trip_endpoint(st, &by_entry.dst, by_entry.dport));
}

/* A hook at which destinations are translated: the entry that there may be already, and the rules. */
static void pass_with_entry(struct trip *t, enum fw_hook hook)
{
	const struct snap_trial *entry = attach_conntrack(t);
	struct trip_tuple before = trip_tuple(&t->p);

	filter_pass(t, hook);
	if (entry)
		compare_entry(t, entry, &before);
}

/* --- routing says no -------------------------------------------------------------------------------------------------------------- */

/* An address of a device here that is down, in whose network the destination is: its route went with it (fib_disable_ip). */
static const struct snap_link *down_device_for(struct trip *t, const struct ipaddr *dst)
{
	struct trip_place *at = trip_place(t, t->ns);

	for (uint32_t i = 0; i < at->fib.n_links; i++) {
		const struct snap_link *l = &at->fib.links[i];

		if (!(l->flags & IFF_UP) && (fib_on_link(&at->fib, dst, l->ifindex) || (l->flags & IFF_LOOPBACK && ipaddr_is_loopback(dst))))
			return l;
	}
	return NULL;
}

static void add_down(struct trip *t, uint32_t ns, const struct snap_link *l, int err)
{
	struct why_state *st = t->st;
	bool lo = l->flags & IFF_LOOPBACK;

	why_add(st, lo ? "loopback-down" : "interface-down", err);
	why_summary(st, "%s in %s is down", l->ifname, look_ns_words(st, ns));
	why_text(st, "device", l->ifname);
	why_bool(st, "device_up", false);
	why_number(st, "netns", ns);
	if (lo)
		why_line(st, "rule", "a new network namespace has no loopback before lo is set up");
	why_advise(st, "in %s: ip link set %s up", look_ns_words(st, ns), l->ifname);
	trip_word(t, "%s (down)", l->ifname);
}

static const char *route_words(struct why_state *st, const struct route *way)
{
	const struct snap_route *r = way->route;

	if (!r)
		return way->rule ? why_printf(st, "rule %u says %s", way->rule->priority, rule_action_names[way->rule->action]) : "there is no route";
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
	uint32_t n, ns = t->st->q->ns;
	const struct snap_socket *all = SNAP_RANGE(t->st->s, sockets, ns, &n);
	struct ipaddr a;

	for (uint32_t i = 0; i < n; i++)
		if (all[i].port == t->p.dport && (all[i].state == STATE_LISTEN || all[i].state == STATE_UNCONN) &&
		    !ipaddr_parse(all[i].addr, &a) && ipaddr_equal(&a, &t->p.daddr))
			return &all[i];
	return NULL;
}

/* Somebody bound it with IP_FREEBIND or ip_nonlocal_bind: then the address is what is missing. */
static bool add_not_local(struct trip *t, int err)
{
	struct why_state *st = t->st;
	const struct snap_socket *x = bound_elsewhere(t);
	uint32_t elsewhere = look_addr_elsewhere(st->s, st->q->ns, &t->p.daddr);
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
	why_line(st, "rule", "IP_FREEBIND and ip_nonlocal_bind let a bind pass; packets are delivered only to addresses of a device");
	why_advise(st, "in %s: ip addr add %s dev DEVICE   (or find out where this floating address is now)", look_ns_words(st, st->q->ns), x->addr);
	return true;
}

static void add_no_route(struct trip *t, const struct route *way)
{
	struct why_state *st = t->st;
	const struct snap_link *down = down_device_for(t, &t->p.daddr);

	t->lost = true;
	trip_word(t, "no way to %s", trip_ip(st, &t->p.daddr));
	if (down) {
		add_down(t, t->ns, down, -way->err);
		return;
	}
	if (!t->back && add_not_local(t, -way->err))
		return;
	why_add(st, t->back ? "no-return-route" : "client-route-prohibit", t->back ? ETIMEDOUT : -way->err);
	if (t->back)
		why_summary(st, "%s has no way back to %s: %s", look_ns_words(st, t->ns), trip_ip(st, &t->p.daddr), route_words(st, way));
	else
		why_summary(st, "%s has no way to %s: %s", look_ns_words(st, t->ns), trip_ip(st, &t->p.daddr), route_words(st, way));
	why_text(st, t->back ? "route_to_client" : "client_route_type", type_word(way));
	if (t->back)
		why_text(st, "client_addr", trip_ip(st, &t->p.daddr));
	else
		why_number(st, "client_netns", t->start_ns ? t->start_ns : t->ns);
	why_number(st, "netns", t->ns);
	if (t->back)
		why_line(st, "rule", "without a route for the answer the first packet is dropped already; nothing remains to be seen");
	if (way->route && way->route->dst)
		why_advise(st, "in %s: ip route del %s %s/%u", look_ns_words(st, t->ns), route_type_names[way->route->type], way->route->dst,
			   way->route->dst_len);
	else
		why_advise(st, "in %s: ip route add %s via GATEWAY   (or masquerade on the way)", look_ns_words(st, t->ns),
			   t->back ? trip_ip(st, &t->p.daddr) : "default");
}

static const struct trip_nat *last_dnat(const struct trip *t)
{
	for (size_t i = t->n_nats; i--;)
		if (t->nats[i].to_other)
			return &t->nats[i];
	return NULL;
}

static void add_nat_facts(struct trip *t)
{
	const struct trip_nat *n = last_dnat(t);

	if (!n)
		return;
	why_text(t->st, "dnat_to", trip_endpoint(t->st, &n->after.dst, n->after.dport));
	if (n->done.by.rule)
		why_text(t->st, "rule_text", rule_text(&trip_place(t, n->ns)->rules, n->done.by.rule, &t->st->why->arena));
}

/* --- routing drops ------------------------------------------------------------------------------------------------------------------ */

static void add_rp_filter(struct trip *t, const struct route *way)
{
	struct why_state *st = t->st;
	const char *back = way->back_oif ? look_ifname(st->s, t->ns, way->back_oif) : NULL;

	why_add(st, "rp-filter-drop", ETIMEDOUT);
	why_summary(st, "strict reverse-path filtering in %s: %s comes in by %s, the way back to it leads %s%s", look_ns_words(st, t->ns),
		    trip_ip(st, &t->p.saddr), t->p.iif.name, back ? "by " : "nowhere", back ? back : "");
	why_number(st, "rp_filter", OPT_VALUE(way->rp_filter) ? (uint64_t)way->rp_filter : 0);
	why_text(st, "in_device", t->p.iif.name);
	why_text(st, "back_device", back);
	why_text(st, "client_addr", trip_ip(st, &t->p.saddr));
	why_number(st, "netns", t->ns);
	why_line(st, "rule", "the larger of net.ipv4.conf.all.rp_filter and net.ipv4.conf.%s.rp_filter is %lld", t->p.iif.name,
		 (long long)way->rp_filter);
	why_advise(st, "in %s: sysctl -w net.ipv4.conf.%s.rp_filter=2   (loose), or repair the routes", look_ns_words(st, t->ns), t->p.iif.name);
	trip_word(t, "rp_filter (drop)");
}

static void add_martian_source(struct trip *t)
{
	struct why_state *st = t->st;

	why_add(st, "rp-filter-drop", ETIMEDOUT);
	why_summary(st, "%s takes %s for an impossible source on %s (martian)", look_ns_words(st, t->ns), trip_ip(st, &t->p.saddr), t->p.iif.name);
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
	const struct trip_nat *n = last_dnat(t);

	why_add(st, n ? "dnat-to-loopback" : "listener-loopback-only", ETIMEDOUT);
	why_summary(st, "%s comes in by %s for %s: 127/8 from outside is dropped without route_localnet", n ? "the translated packet" : "it",
		    t->p.iif.name, trip_endpoint(st, &t->p.daddr, t->p.dport));
	add_nat_facts(t);
	why_number(st, "route_localnet", 0);
	why_text(st, "in_device", t->p.iif.name);
	why_number(st, "netns", t->ns);
	why_line(st, "rule", "net.ipv4.conf.all.route_localnet and net.ipv4.conf.%s.route_localnet are 0", t->p.iif.name);
	why_advise(st, "translate to an address of %s instead (or redirect)", t->p.iif.name);
	why_advise(st, "in %s: sysctl -w net.ipv4.conf.%s.route_localnet=1   (mind who may reach 127.0.0.1 then)", look_ns_words(st, t->ns),
		   t->p.iif.name);
	trip_word(t, "martian (drop)");
}

static void add_no_forwarding(struct trip *t)
{
	struct why_state *st = t->st;
	bool v6 = t->p.daddr.family == 6;
	const char *key = v6 ? "net.ipv6.conf.all.forwarding" : why_printf(st, "net.ipv4.conf.%s.forwarding", t->p.iif.name);
	int64_t all = look_sysctl_number(st->s, t->ns, v6 ? key : "net.ipv4.ip_forward");

	why_add(st, "ip-forward-off", ETIMEDOUT);
	why_summary(st, "%s would have to forward it to %s and does not forward", look_ns_words(st, t->ns), trip_ip(st, &t->p.daddr));
	why_number(st, "ip_forward", OPT_VALUE(all) ? (uint64_t)all : 0);
	add_nat_facts(t);
	why_text(st, "in_device", t->p.iif.name);
	why_number(st, "netns", t->ns);
	why_line(st, "rule", "%s = 0", key);
	why_advise(st, "in %s: sysctl -w %s", look_ns_words(st, t->ns), v6 ? "net.ipv6.conf.all.forwarding=1" : all > 0 ? why_printf(st, "%s=1", key) : "net.ipv4.ip_forward=1");
	trip_word(t, "not forwarded (drop)");
}

/* What ended at a routing decision goes on as if it were repaired. */
static void add_drop(struct trip *t, const struct route *way)
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
		add_no_forwarding(t);
		break;
	default:
		add_no_route(t, way);
		break;
	}
}

/* --- the end, and the next namespace ---------------------------------------------------------------------------------------------- */

static void deliver(struct trip *t)
{
	t->delivered = true;
	t->end = trip_tuple(&t->p);
	t->end_ns = t->ns;
	t->end_iif = t->p.iif.index;
}

static void add_nobody(struct trip *t)
{
	struct why_state *st = t->st;
	const struct trip_nat *n = last_dnat(t);
	uint32_t elsewhere = look_addr_elsewhere(st->s, 0, &t->p.daddr);

	if (!t->back && !n && add_not_local(t, EHOSTUNREACH))
		return;
	if (t->back)
		why_add(st, "no-return-route", ETIMEDOUT);
	else
		why_add(st, n ? "dnat-stale-ip" : "addr-not-local", EHOSTUNREACH);
	why_summary(st, n && !t->back ? "the rule sends it to %s, which nobody has any more" : "nobody on %2$s in %3$s has %1$s",
		    trip_ip(st, &t->p.daddr), t->p.oif.name, look_ns_words(st, t->ns));
	if (n && !t->back)
		add_nat_facts(t);
	if (n && !t->back)
		why_bool(st, "dnat_addr_exists", elsewhere != 0);
	else
		why_bool(st, "addr_local", false);
	why_text(st, "device", t->p.oif.name);
	why_number(st, "netns", t->ns);
	if (elsewhere)
		why_number(st, "addr_found_in_netns", elsewhere);
	why_line(st, "rule", "nobody answers for the address on that link: after about 3 s the sender gets \"no route to host\"");
	if (n && n->done.by.rule && !t->back)
		why_advise(st, "in %s: correct rule handle %llu of chain %s %s %s, or let the runtime manage it", look_ns_words(st, n->ns),
			   (unsigned long long)n->done.by.rule->handle, fw_family_names[n->done.by.rule->family], n->done.by.rule->table,
			   n->done.by.rule->chain);
	else
		why_advise(st, "give the address to whom it is meant for, or correct the route");
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

/* Out of t->p.oif to the next hop: filters on the way out, then the other end of the link. */
static void transmit(struct trip *t, const struct route *way)
{
	const struct ipaddr *next = way->gateway.family ? &way->gateway : &t->p.daddr;
	uint32_t ns, ifindex;
	const struct snap_link *down;

	attach_device(t, HOOK_TC_EGRESS, t->p.oif.index);
	attach_device(t, HOOK_TCX_EGRESS, t->p.oif.index);
	switch (cross_link(t, t->ns, t->p.oif.index, next, &ns, &ifindex)) {
	case CROSS_ARRIVED:
		trip_word(t, "%s", t->p.oif.name);
		t->ns = ns;
		t->p.uid = t->p.gid = 0;
		t->p.mark = 0; /* skb_scrub_packet, when it leaves a namespace */
		trip_arrive(t, ifindex);
		return;
	case CROSS_DOWN:
		t->lost = true;
		down = look_link(t->st->s, ns, ifindex);
		if (down)
			add_down(t, ns, down, EHOSTUNREACH);
		return;
	case CROSS_NOBODY:
		t->lost = true;
		trip_word(t, "%s", t->p.oif.name);
		add_nobody(t);
		return;
	case CROSS_OUTSIDE:
		leave_sight(t);
		return;
	}
}

static void leave(struct trip *t, const struct route *way)
{
	if (t->back)
		filter_pass_known(t, FW_POSTROUTING);
	else
		filter_pass(t, FW_POSTROUTING);
	if (t->back)
		undo(t, true);
	transmit(t, way);
}

static void receive(struct trip *t)
{
	if (t->back)
		filter_pass_known(t, FW_INPUT);
	else
		filter_pass(t, FW_INPUT);
	if (t->back)
		undo(t, true);
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

/* A device's own programs, those of the bridge or bond that it belongs to, then the IP layer. */
void trip_arrive(struct trip *t, uint32_t ifindex)
{
	uint32_t upper = cross_upper(t, t->ns, ifindex);
	struct route_flow flow;
	struct route way;

	attach_device(t, HOOK_XDP, ifindex);
	attach_device(t, HOOK_TCX_INGRESS, ifindex);
	attach_device(t, HOOK_TC_INGRESS, ifindex);
	t->p.iif = device(t, ifindex);
	t->p.oif = (struct packet_dev){ 0 };
	filter_pass_known(t, FW_INGRESS);
	if (upper != ifindex) {
		trip_word(t, "%s", t->p.iif.name);
		attach_device(t, HOOK_TCX_INGRESS, upper);
		attach_device(t, HOOK_TC_INGRESS, upper);
		t->p.iif = device(t, upper);
	}
	trip_word(t, "%s %s", look_ns_words(t->st, t->ns), t->p.iif.name);
	if (t->back) {
		filter_pass_known(t, FW_PREROUTING);
		undo(t, false);
	} else {
		pass_with_entry(t, FW_PREROUTING);
	}
	t->st->why->checks++;
	flow = flow_of(&t->p);
	route_input(&trip_place(t, t->ns)->fib, &flow, &way);
	if (way.fate != ROUTE_LOCAL_DELIVERY && way.fate != ROUTE_FORWARD && way.fate != ROUTE_BROADCAST_DELIVERY)
		add_drop(t, &way);
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

/* Back in by lo: the destination is known already, and so are translations (the connection was seen at output). */
static void loop_back(struct trip *t)
{
	const struct snap_link *lo = look_link(t->st->s, t->ns, LOOPBACK_IFINDEX);

	if (lo && !(lo->flags & IFF_UP)) {
		add_down(t, t->ns, lo, ENETUNREACH);
		t->lost = true;
		return;
	}
	t->p.iif = device(t, LOOPBACK_IFINDEX);
	trip_word(t, "%s lo", look_ns_words(t->st, t->ns));
	t->p.oif = (struct packet_dev){ 0 };
	filter_pass_known(t, FW_PREROUTING);
	filter_pass_known(t, FW_INPUT);
	if (t->back)
		undo(t, true);
	deliver(t);
}

static bool find_way(struct trip *t, struct route *way)
{
	struct route_flow flow = flow_of(&t->p);

	t->st->why->checks++;
	flow.oif = t->p.oif.index;
	route_output(&trip_place(t, t->ns)->fib, &flow, way);
	if (way->err) {
		add_no_route(t, way);
		return false;
	}
	if (!t->p.saddr.family)
		t->p.saddr = way->src;
	t->p.oif = device(t, way->oif);
	return true;
}

/* Rules at output may have marked or translated it: then its way is looked for anew (ip_route_me_harder, net/ipv4/netfilter.c). */
void trip_send(struct trip *t)
{
	struct trip_tuple before, now;
	uint32_t mark = t->p.mark;
	struct route way;

	if (!find_way(t, &way))
		return;
	before = trip_tuple(&t->p);
	if (!t->back)
		t->asked = before;
	if (t->back) {
		filter_pass_known(t, FW_OUTPUT);
		undo(t, false);
	} else {
		pass_with_entry(t, FW_OUTPUT);
	}
	now = trip_tuple(&t->p);
	if (!same_tuple(&before, &now) || mark != t->p.mark) {
		t->p.oif.index = 0;
		if (!find_way(t, &way))
			return;
	}
	if (way.fate == ROUTE_LOCAL_DELIVERY) {
		if (t->back)
			filter_pass_known(t, FW_POSTROUTING);
		else
			filter_pass(t, FW_POSTROUTING);
		loop_back(t);
	} else {
		leave(t, &way);
	}
}
