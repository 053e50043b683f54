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

/* An entry keeps the translation that its first packet got, whatever the rules say by now (nf_nat_inet_fn, net/netfilter/nf_nat_core.c). */
static void compare_entry(struct trip *t, const struct snap_trial *entry, const struct trip_tuple *before)
{
	struct why_state *st = t->st;
	struct trip_tuple by_rules = trip_tuple(&t->p), by_entry = *before;

	if (ipaddr_parse(entry->to_dst, &by_entry.dst) ||
	    (ipaddr_equal(&by_entry.dst, &by_rules.dst) && entry->to_dport == by_rules.dport))
		return;
	by_entry.dport = (uint16_t)entry->to_dport;
	why_add(st, "conntrack-stale", ETIMEDOUT);
	why_summary(st, "an old conntrack entry in %s still sends it to %s, the rules say %s by now", look_ns_words(st, t->ns),
		    trip_endpoint(st, &by_entry.dst, by_entry.dport), trip_endpoint(st, &by_rules.dst, by_rules.dport));
	why_text(st, "conntrack_entry",
		 why_printf(st, "%s -> %s%s", tuple_words(t, before), trip_endpoint(st, &by_entry.dst, by_entry.dport),
			    entry->unreplied ? " [UNREPLIED]" : ""));
	why_text(st, "dnat_to", trip_endpoint(st, &by_rules.dst, by_rules.dport));
	why_text(st, "dead_container_ip", look_addr_elsewhere(st, 0, &by_entry.dst) ? NULL : entry->to_dst);
	why_number(st, "netns", t->ns);
	why_line(st, "rule", "nat rules are asked for the first packet of a flow only; its entry lives as long as packets come");
	why_advise(st, "in %s: conntrack -D -p %s --orig-src %s --orig-dst %s --sport %u --dport %u", look_ns_words(st, t->ns),
		   t->p.l4proto == 17 ? "udp" : "tcp", trip_ip(st, &before->src), trip_ip(st, &before->dst), before->sport,
		   before->dport);
	trip_word(t, "conntrack entry (%s)", trip_endpoint(st, &by_entry.dst, by_entry.dport));
}

/* A hook at which destinations are translated: the entry that there may be already, and the rules. */
void track_pass(struct trip *t, enum fw_hook hook)
{
	const struct snap_trial *entry = attach_conntrack(t);
	struct trip_tuple before = trip_tuple(&t->p);

	filter_pass(t, hook);
	if (entry)
		compare_entry(t, entry, &before);
}
