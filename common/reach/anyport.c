// SPDX-License-Identifier: GPL-2.0-or-later
/* The client's port, where nobody said which: would a hook do otherwise with another one that it may have? */
#include "reach/trip.h"

/* Do both runs end alike, and leave the packet alike for what comes then? */
static bool same_outcome(const struct fw_result *a, const struct packet *pa, const struct fw_result *b, const struct packet *pb)
{
	enum { MARKS = PACKET_MARK | PACKET_CT_MARK | PACKET_CT };

	if (a->verdict != b->verdict || a->n_nats != b->n_nats || (pa->unknown & MARKS) != (pb->unknown & MARKS) ||
	    pa->mark != pb->mark || pa->ct_mark != pb->ct_mark)
		return false;
	for (uint32_t i = 0; i < a->n_nats; i++)
		if (a->nats[i].kind != b->nats[i].kind || a->nats[i].port != b->nats[i].port ||
		    !ipaddr_equal(&a->nats[i].addr, &b->nats[i].addr))
			return false;
	return true;
}

/* The same from all ports of which the bits of mask are those of port. */
static bool same_from(struct trip *t, const struct anyport *x, uint16_t port, uint16_t mask, struct fw_result *r)
{
	struct packet p = *x->before;

	*(t->back ? &p.dport : &p.sport) = port;
	p.unknown |= t->back ? PACKET_DPORT : PACKET_SPORT;
	p.port_mask = mask;
	eval_hook(&trip_place(t, t->ns)->rules, x->hook, &p, &t->st->why->arena, r);
	return same_outcome(x->r, x->after, r, &p);
}

/*
 * Where nobody said the client's port, one is taken for it, and rules may mind which. All at once first; then by blocks that have their upper
 * bits in common, which together are the ports that the kernel gives out. *r: what is otherwise.
 */
static bool depends_on_port(struct trip *t, const struct anyport *x, struct fw_result *r)
{
	uint16_t port = t->back ? x->before->dport : x->before->sport;
	uint32_t low = 1024, high = UINT16_MAX;

	if (t->st->q->sport || port != t->asked.sport || x->r->verdict == FW_UNKNOWN ||
	    x->before->unknown & (t->back ? PACKET_DPORT : PACKET_SPORT) || same_from(t, x, port, 0, r))
		return false;
	if (t->start_ns)
		look_port_range(t->st->s, t->start_ns, &low, &high);
	while (low <= high && high <= UINT16_MAX) {
		uint32_t size = low ? low & -low : 1;

		while (low + size - 1 > high)
			size /= 2;
		if (!same_from(t, x, (uint16_t)low, (uint16_t) ~(size - 1), r))
			return true;
		low += size;
	}
	return false;
}

static void skip_port(struct trip *t, const struct fw_result *other)
{
	const struct fw_by *by = other->verdict == FW_UNKNOWN && other->n_unchecked ? &other->unchecked[0].by : &other->by;

	why_skip(t->st, "the client's other ports",
		 why_printf(t->st, "%s, in %s", filter_rule_words(t->st, by), look_ns_words(t->st, t->ns)),
		 "a rule there minds from which port it is asked: --sport says it");
}

bool anyport_differs(struct trip *t, const struct anyport *x)
{
	struct fw_result other;

	if (!depends_on_port(t, x, &other))
		return false;
	skip_port(t, &other);
	return true;
}
