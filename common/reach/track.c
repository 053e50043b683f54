// SPDX-License-Identifier: GPL-2.0-or-later
/* Conntrack of the namespaces on the way: each has its own, which knows the connection's marks and translations when the answer comes. */
#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>

#include "reach/trip.h"

/* --- the connection in a namespace --------------------------------------------------------------------------------------------------- */

enum { OF_CONNECTION = PACKET_CT | PACKET_CT_MARK };

/*
 * The answer. One that took another way meets a namespace that has not seen its question: of TCP no connection begins so
 * (tcp_new, net/netfilter/nf_conntrack_proto_tcp.c), a datagram begins one.
 */
static void meet_answer(struct packet *p, const struct trip_conn *c)
{
	bool tcp = p->l4proto == IPPROTO_TCP;

	p->reply = c->seen || tcp;
	if (!c->seen || c->state == CT_UNTRACKED) {
		p->ct_state = tcp ? CT_INVALID : CT_NEW;
		return;
	}
	p->ct_state = CT_ESTABLISHED;
	p->ct_mark = c->mark;
	p->ct_status = c->status | IPS_SEEN_REPLY | IPS_CONFIRMED;
	p->unknown |= c->unknown;
	p->orig_saddr = c->orig.src;
	p->orig_daddr = c->orig.dst;
	p->orig_sport = c->orig.sport;
	p->orig_dport = c->orig.dport;
}

void track_meet(struct trip *t)
{
	struct trip_conn *c = &trip_place(t, t->ns)->conn;
	struct packet *p = &t->p;

	p->ct_mark = p->ct_status = 0;
	p->ct_state = CT_NEW;
	p->orig_saddr = p->orig_daddr = (struct ipaddr){ 0 };
	p->unknown &= ~(unsigned int)OF_CONNECTION;
	if (t->back) {
		meet_answer(p, c);
		return;
	}
	*c = (struct trip_conn){ .orig = trip_tuple(p) };
	if (p->unknown & PACKET_SADDR)
		c->orig.src.family = 0;
}

void track_keep(struct trip *t)
{
	struct trip_conn *c = &trip_place(t, t->ns)->conn;

	if (t->back)
		return;
	c->seen = true;
	c->state = t->p.ct_state;
	c->mark = t->p.ct_mark;
	c->status = t->p.ct_status;
	c->unknown = t->p.unknown & OF_CONNECTION;
}

/* --- translations: known ones, and undone ones ------------------------------------------------------------------------------------ */

/* The translations of this namespace are done in reverse order to the answer; the packet's view of the other end, then its own. */
void track_undo(struct trip *t, bool source)
{
	for (size_t i = t->n_nats; i--;) {
		const struct trip_nat *n = &t->nats[i];
		bool other = source ? ipaddr_equal(&t->p.saddr, &n->after.dst) && t->p.sport == n->after.dport
				    : ipaddr_equal(&t->p.daddr, &n->after.src) && t->p.dport == n->after.sport;

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

static const struct snap_socket *sender_of(struct trip *t, const struct ipaddr *src, uint32_t port)
{
	uint32_t n;
	const struct snap_socket *all = SNAP_RANGE(t->st->s, sockets, t->start_ns, &n);
	struct ipaddr own;

	for (uint32_t i = 0; i < n; i++)
		if (all[i].port == port && (all[i].netid == NETID_UDP || all[i].netid == NETID_UDPLITE) &&
		    !ipaddr_parse(all[i].addr, &own) &&
		    (ipaddr_is_any(&own) || (own = ipaddr_unmap(&own), ipaddr_equal(&own, src))))
			return &all[i];
	return NULL;
}

/* The cause, of an entry that turns before into by_entry, where rules would make by_rules of it by now. */
static void add_stale(struct trip *t, const struct trip_tuple *before, const struct trip_tuple *by_entry,
		      const struct trip_tuple *by_rules, bool unreplied)
{
	struct why_state *st = t->st;

	why_add(st, "conntrack-stale", ETIMEDOUT);
	why_summary(st, "an old conntrack entry in %s still sends it to %s, the rules say %s by now", look_ns_name(st, t->ns),
		    trip_endpoint(st, &by_entry->dst, by_entry->dport), trip_endpoint(st, &by_rules->dst, by_rules->dport));
	why_text(st, "conntrack_entry",
		 why_printf(st, "%s -> %s%s", tuple_words(t, before), trip_endpoint(st, &by_entry->dst, by_entry->dport),
			    unreplied ? " [UNREPLIED]" : ""));
	why_text(st, "dnat_to", trip_endpoint(st, &by_rules->dst, by_rules->dport));
	why_text(st, "dead_container_ip", look_addr_elsewhere(st, 0, &by_entry->dst) ? NULL : trip_ip(st, &by_entry->dst));
	why_number(st, "netns", t->ns);
	why_line(st, "rule", "nat rules are asked for the first packet of a flow only; its entry lives as long as packets come");
	why_advise(st, "delete it:  %sconntrack -D -p %s --orig-src %s --orig-dst %s --sport %u --dport %u", look_enter(st, t->ns),
		   t->p.l4proto == IPPROTO_UDP ? "udp" : "tcp", trip_ip(st, &before->src), trip_ip(st, &before->dst), before->sport,
		   before->dport);
}

/* False: it says what the rules say. */
static bool differs(const char *dst, uint32_t dport, const struct trip_tuple *by_rules, struct trip_tuple *by_entry)
{
	if (ipaddr_parse(dst, &by_entry->dst))
		return false;
	by_entry->dport = (uint16_t)dport;
	return !ipaddr_equal(&by_entry->dst, &by_rules->dst) || by_entry->dport != by_rules->dport;
}

/* An entry keeps the translation that its first packet got, whatever the rules say by now (nf_nat_inet_fn, net/netfilter/nf_nat_core.c). */
static void compare_entry(struct trip *t, const struct snap_trial *entry, const struct trip_tuple *before)
{
	struct trip_tuple by_rules = trip_tuple(&t->p), by_entry = *before;

	if (!differs(entry->to_dst, entry->to_dport, &by_rules, &by_entry))
		return;
	add_stale(t, before, &by_entry, &by_rules, entry->unreplied);
	trip_word(t, "conntrack entry (%s)", trip_endpoint(t->st, &by_entry.dst, by_entry.dport));
}

/* Of a client that is known and has a socket on the entry's port, that socket's datagrams fail; whose it is else, nobody can tell. */
static void compare_flow(struct trip *t, const struct trip_tuple *flow, const struct trip_tuple *by_entry,
			 const struct trip_tuple *by_rules, bool unreplied)
{
	struct why_state *st = t->st;
	const struct snap_socket *sender = NULL;

	if (!(t->p.unknown & PACKET_SADDR)) {
		if (!ipaddr_equal(&flow->src, &by_rules->src) || !(sender = sender_of(t, &flow->src, flow->sport)))
			return;
		add_stale(t, flow, by_entry, by_rules, unreplied);
		st->why->causes[st->why->n_causes - 1].degrades = true;
		why_line(st, "whose", "those that %s sends from port %u; from other ports the rules hold",
			 served_holder(st, sender) ? look_task_words(st, served_holder(st, sender)) : "a socket", flow->sport);
		why_advise(st, "--sport %u asks for just these", flow->sport);
		return;
	}
	why_skip(st, "conntrack entries of other ports",
		 why_printf(st, "%s -> %s, in %s", tuple_words(t, flow), trip_endpoint(st, &by_entry->dst, by_entry->dport),
			    look_ns_words(st, t->ns)),
		 "an old one sends its datagrams elsewhere than the rules would: --sport asks for one");
}

static void compare_flows(struct trip *t, const struct snap_trial *a, const struct trip_tuple *before)
{
	struct trip_tuple by_rules = trip_tuple(&t->p);
	size_t had = t->st->why->n_causes + t->st->why->n_unchecked;

	/* One that is told stands for all. */
	for (uint32_t i = 0; i < a->n_flows && !t->chooses && t->st->why->n_causes + t->st->why->n_unchecked == had; i++) {
		const struct snap_trial_flow *f = &a->flows[i];
		struct trip_tuple flow = *before, by_entry;

		if (ipaddr_parse(f->src, &flow.src))
			continue;
		flow.sport = (uint16_t)f->sport;
		by_entry = flow;
		if (differs(f->to_dst, f->to_dport, &by_rules, &by_entry))
			compare_flow(t, &flow, &by_entry, &by_rules, f->unreplied);
	}
}

/* A hook at which destinations are translated: the entries that there may be already, and the rules. */
void track_pass(struct trip *t, enum fw_hook hook)
{
	const struct snap_trial *entry = attach_conntrack(t), *flows = attach_flows(t);
	struct trip_tuple before = trip_tuple(&t->p);

	t->chooses = false;
	filter_pass(t, hook);
	if (entry)
		compare_entry(t, entry, &before);
	if (flows && !(t->p.unknown & (PACKET_DADDR | PACKET_DPORT)))
		compare_flows(t, flows, &before);
}
