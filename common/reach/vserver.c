// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Virtual services of IPVS. What is for one goes to one of its servers: what comes in behind the input chains (ip_vs_in_hook at
 * NF_IP_PRI_NAT_SRC - 1), what is sent here behind the translations at output (NF_IP_PRI_NAT_DST + 2). See ip_vs_ops4,
 * net/netfilter/ipvs/ip_vs_core.c.
 */
#include <netinet/in.h>

#include "reach/trip.h"

static const char *proto_of(const struct packet *p)
{
	return p->l4proto == IPPROTO_TCP ? "TCP" : p->l4proto == IPPROTO_UDP ? "UDP" : p->l4proto == IPPROTO_SCTP ? "SCTP" : "";
}

static bool has_address(const struct snap_vserver *x, const struct packet *p)
{
	struct ipaddr a;

	return !strcmp(x->proto, proto_of(p)) && !ipaddr_parse(x->addr, &a) && ipaddr_equal(&a, &p->daddr);
}

/* By its mark, then by its address and port, then one for all other ports of the address (ip_vs_service_find, ip_vs_ctl.c). */
static const struct snap_vserver *service_of(const struct trip *t)
{
	const struct packet *p = &t->p;
	uint32_t n;
	const struct snap_vserver *all = SNAP_RANGE(t->st->s, vservers, t->ns, &n), *found = NULL;

	for (uint32_t i = 0; i < n; i++) {
		if (p->mark && !strcmp(all[i].proto, "FWM") && all[i].mark == p->mark)
			return &all[i];
		if (all[i].addr && has_address(&all[i], p) && (all[i].port == p->dport || (!all[i].port && !found)))
			found = &all[i];
	}
	return found;
}

static const char *words_of(struct why_state *st, const struct snap_vserver *x)
{
	if (!x->addr)
		return why_printf(st, "mark %u", x->mark);
	return why_printf(st, "%s %s", x->proto, look_endpoint(st, x->addr, x->port));
}

/* The same for ipvsadm(8): "-t 10.1.0.1:80". */
static const char *option_of(struct why_state *st, const struct snap_vserver *x)
{
	if (!x->addr)
		return why_printf(st, "-f %u", x->mark);
	return why_printf(st, "%s %s",
			  !strcmp(x->proto, "UDP")    ? "-u"
			  : !strcmp(x->proto, "SCTP") ? "--sctp-service"
						      : "-t",
			  look_endpoint(st, x->addr, x->port));
}

/* The first that gets new connections, and whether others do, too; NULL: none does. */
static const struct snap_vserver_dest *server_of(const struct snap_vserver *x, bool *others)
{
	const struct snap_vserver_dest *first = NULL;

	*others = false;
	for (uint32_t i = 0; i < x->n_servers; i++)
		if (x->servers[i].weight) {
			*others = first;
			first = first ? first : &x->servers[i];
		}
	return first;
}

/* ip_vs_leave: an ICMP error, port unreachable, which connect() tells as it tells a refusal. */
static void add_nobody(struct trip *t, const struct snap_vserver *x)
{
	struct why_state *st = t->st;

	trip_word(t, "IPVS %s (no server)", words_of(st, x));
	t->lost = true;
	why_add(st, "published-port-no-listener", ECONNREFUSED);
	why_summary(st, "IPVS in %s serves %s, and %s", look_ns_words(st, t->ns), words_of(st, x),
		    x->n_servers ? "all of its servers have weight 0" : "has no server for it");
	why_text(st, "published", words_of(st, x));
	why_number(st, "servers", x->n_servers);
	why_number(st, "netns", t->ns);
	why_line(
		st, "rule",
		"a virtual service takes the packet whoever listens here; without a server that takes new connections it is refused");
	if (x->n_servers)
		why_advise(st, "give one a weight:  %sipvsadm -e %s -r %s -w 1", look_enter(st, t->ns), option_of(st, x),
			   look_endpoint(st, x->servers[0].addr, x->servers[0].port));
	else
		why_advise(st, "are the pods behind the service ready? Else add a server:  %sipvsadm -a %s -r ADDR:PORT",
			   look_enter(st, t->ns), option_of(st, x));
}

static void skip_rest(struct trip *t, const struct snap_vserver *x, const struct snap_vserver_dest *to)
{
	t->lost = true;
	why_skip(t->st, "the way to a server of IPVS",
		 why_printf(t->st, "%s, by %s", look_endpoint(t->st, to->addr, to->port), to->forward),
		 why_printf(t->st, "%s is handed on as it is, to be answered by a server with the same address",
			    words_of(t->st, x)));
}

/* Rewritten it is sent as if it came from here. Whether it has a connection entry is said by net.ipv4.vs.conntrack. */
static bool send_on(struct trip *t, const struct trip_tuple *before, const struct ipaddr *to, uint32_t port)
{
	struct trip_nat *n = ARRAY_ADD(t, nats);
	struct packet_dev none = { 0 };

	t->p.daddr = *to;
	t->p.dport = (uint16_t)port;
	n->ns = t->ns;
	n->before = *before;
	n->after = trip_tuple(&t->p);
	n->done.kind = FW_DNAT;
	n->to_other = true;
	filter_hijack(t, before, "IPVS");
	if (look_addr(t->st->s, t->ns, to, 0))
		return false; /* a server of this namespace: it goes on as it came */
	t->p.iif = t->p.oif = none;
	t->p.unknown |= PACKET_CT;
	trip_send_on(t);
	return true;
}

bool vserver_take(struct trip *t)
{
	const struct snap_vserver *x = t->back ? NULL : service_of(t);
	struct trip_tuple before = trip_tuple(&t->p);
	const struct snap_vserver_dest *to;
	struct ipaddr a;
	bool others;

	if (!x)
		return false;
	t->st->why->checks++;
	to = server_of(x, &others);
	if (!to) {
		add_nobody(t, x);
		return true;
	}
	trip_word(t, "IPVS %s (%s)", words_of(t->st, x), look_endpoint(t->st, to->addr, to->port));
	if (others)
		why_skip(t->st, "the other servers of a virtual service", words_of(t->st, x),
			 why_printf(t->st, "%s picks one", x->scheduler));
	if (!strcmp(to->forward, "Local"))
		return false;
	if (strcmp(to->forward, "Masq") != 0 || ipaddr_parse(to->addr, &a)) {
		skip_rest(t, x, to);
		return true;
	}
	return send_on(t, &before, &a, to->port);
}
