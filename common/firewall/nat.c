// SPDX-License-Identifier: GPL-2.0-or-later
/* Translations: what a rule would make of a connection, and what becomes of the packet (net/netfilter/nf_nat_core.c). */
#include <linux/netfilter/nf_conntrack_common.h>

#include "firewall/locals.h"
#include "firewall/walk.h"

/* nf_nat_redirect, net/netfilter/nf_nat_redirect.c: to this host itself, by the device that it came in on. */
static bool redirect_address(const struct walk *w, struct ipaddr *out)
{
	const struct packet *p = w->p;

	if (w->hook == FW_OUTPUT)
		return !ipaddr_parse(p->daddr.family == 4 ? "127.0.0.1" : "::1", out);
	return !(p->unknown & PACKET_IIF) && locals_address(w->r->snap, w->r->ns, p->iif.index, p->daddr.family, NULL, out);
}

/* nf_nat_masquerade_ipv4: the address that the outgoing device has for where it goes. */
static bool masquerade_address(const struct walk *w, struct ipaddr *out)
{
	const struct packet *p = w->p;

	return !(p->unknown & (PACKET_OIF | PACKET_DADDR)) &&
	       locals_address(w->r->snap, w->r->ns, p->oif.index, p->daddr.family, &p->daddr, out);
}

void nat_act(struct run *run, enum fw_nat_kind kind, const struct ipaddr *low, const struct ipaddr *high, uint32_t low_port,
	     uint32_t high_port)
{
	struct fw_nat *nat = &run->nat;

	run_verdict(run, FW_ACCEPT, FW_REJECT_NONE);
	*nat = (struct fw_nat){ .kind = (uint8_t)kind };
	if (kind == FW_REDIRECT || kind == FW_MASQUERADE)
		nat->addr_unknown =
			kind == FW_REDIRECT ? !redirect_address(run->w, &nat->addr) : !masquerade_address(run->w, &nat->addr);
	else if (!high->family || ipaddr_equal(low, high))
		nat->addr = *low;
	else
		nat->addr_unknown = true;
	if (!high_port || low_port == high_port)
		nat->port = (uint16_t)low_port;
	else
		nat->port_unknown = true;
}

static void remember(struct packet *p)
{
	if (p->orig_daddr.family)
		return;
	p->orig_saddr = p->unknown & PACKET_SADDR ? (struct ipaddr){ 0 } : p->saddr;
	p->orig_daddr = p->daddr;
	p->orig_sport = p->sport;
	p->orig_dport = p->dport;
}

static void translate(struct ipaddr *addr, uint16_t *port, const struct fw_nat *nat, unsigned int *unknown, unsigned int addr_bit,
		      unsigned int port_bit)
{
	if (nat->addr.family && !nat->addr_unknown) {
		*addr = nat->addr;
		*unknown &= ~addr_bit;
	}
	if (nat->port && !nat->port_unknown) {
		*port = nat->port;
		*unknown &= ~port_bit;
	}
	if (nat->addr_unknown)
		*unknown |= addr_bit;
	if (nat->port_unknown)
		*unknown |= port_bit;
}

static bool is_same(const struct fw_nat *a, const struct fw_nat *b)
{
	return a->kind == b->kind && ipaddr_equal(&a->addr, &b->addr) && a->port == b->port && a->addr_unknown == b->addr_unknown &&
	       a->port_unknown == b->port_unknown;
}

static bool is_changed(const struct packet *p, bool destination)
{
	if (p->unknown & (destination ? PACKET_DADDR | PACKET_DPORT : PACKET_SADDR | PACKET_SPORT))
		return true;
	if (destination)
		return p->dport != p->orig_dport || !ipaddr_equal(&p->daddr, &p->orig_daddr);
	return p->sport != p->orig_sport || !ipaddr_equal(&p->saddr, &p->orig_saddr);
}

void nat_apply(struct walk *w)
{
	struct fw_result *out = w->out;
	struct packet *p = w->p;
	bool destination = out->n_nats && (out->nats[0].kind == FW_DNAT || out->nats[0].kind == FW_REDIRECT);
	struct fw_nat nat = out->nats[0];

	if (!out->n_nats)
		return;
	for (uint32_t i = 1; i < out->n_nats; i++)
		if (!is_same(&nat, &out->nats[i]))
			out->nat_certain = out->nat_certain && (nat.addr_unknown = nat.port_unknown = true);
	if (!out->nat_certain) /* it may be done or not */
		nat.addr_unknown = nat.port_unknown = true;
	remember(p);
	if (destination)
		translate(&p->daddr, &p->dport, &nat, &p->unknown, PACKET_DADDR, PACKET_DPORT);
	else
		translate(&p->saddr, &p->sport, &nat, &p->unknown, PACKET_SADDR, PACKET_SPORT);
	if (is_changed(p, destination)) /* to what it is already is no translation: nf_nat_setup_info */
		p->ct_status |= destination ? IPS_DST_NAT : IPS_SRC_NAT;
}
