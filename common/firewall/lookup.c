// SPDX-License-Identifier: GPL-2.0-or-later
/* Matches that look up routes: fib of nf_tables (net/ipv4/netfilter/nft_fib_ipv4.c, net/ipv6/netfilter/nft_fib_ipv6.c), rpfilter of x_tables. */
#include <linux/if.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_rpfilter.h>

#include "firewall/locals.h"
#include "firewall/walk.h"
#include "firewall/xt.h"
#include "route/route.h"

/* Where what is looked up leads: the source's way back, or the destination's. A source that nobody told stands for those beyond its device. */
static struct route_flow flow_of(const struct walk *w, bool source, bool marked, const struct packet_dev *dev)
{
	const struct packet *p = w->p;
	struct route_flow flow = { .src = source ? p->daddr : p->saddr,
				   .dst = source ? p->saddr : p->daddr,
				   .mark = marked ? p->mark : 0 };

	if (source && w->hook == FW_FORWARD && dev == &p->iif)
		flow.iif = p->oif.index;
	if (dev && ipaddr_is_linklocal(&flow.dst))
		flow.oif = dev->index;
	return flow;
}

/* What comes in by lo has no way back but that (nft_fib_can_skip, rpfilter_is_loopback). */
static bool is_from_lo(const struct walk *w)
{
	const struct snap_link *l = locals_link(w->r->snap, w->r->ns, w->p->iif.index);

	return (w->hook == FW_PREROUTING || w->hook == FW_INPUT || w->hook == FW_INGRESS) && l && l->flags & IFF_LOOPBACK;
}

static bool is_told(const struct walk *w, bool source, bool marked)
{
	const struct packet *p = w->p;
	const struct ipaddr *a = source ? &p->saddr : &p->daddr;

	return w->r->fib && a->family && !(!source && p->unknown & PACKET_DADDR) && !(marked && p->unknown & PACKET_MARK) &&
	       !(p->unknown & (PACKET_IIF | PACKET_OIF));
}

static bool give(struct value *out, size_t *len, const void *bytes, size_t n)
{
	*out = value_of(bytes, n);
	*len = n;
	return true;
}

/* The device's number or name, or with "present" whether there is one. */
static bool give_device(const struct walk *w, const struct snap_fw_expr *e, uint32_t found, struct value *out, size_t *len)
{
	const struct snap_link *l = found ? locals_link(w->r->snap, w->r->ns, found) : NULL;
	char name[IFNAMSIZ] = "";
	uint8_t present = found != 0;

	if (e->flags & NFTA_FIB_F_PRESENT)
		return give(out, len, &present, sizeof(present));
	if (e->key == NFT_FIB_RESULT_OIF)
		return give(out, len, &found, sizeof(found));
	if (l && l->ifname)
		memcpy(name, l->ifname, strnlen(l->ifname, sizeof(name) - 1));
	return give(out, len, name, sizeof(name));
}

bool lookup_value(const struct walk *w, const struct snap_fw_expr *e, struct value *out, size_t *len)
{
	const struct packet *p = w->p;
	bool source = e->flags & NFTA_FIB_F_SADDR, marked = e->flags & NFTA_FIB_F_MARK;
	const struct packet_dev *dev = e->flags & NFTA_FIB_F_OIF ? &p->oif : e->flags & NFTA_FIB_F_IIF ? &p->iif : NULL;
	struct route_flow flow;
	struct route way;

	if (is_from_lo(w))
		return give_device(w, e, p->iif.index, out, len);
	if (!is_told(w, source, marked) || (e->key != NFT_FIB_RESULT_OIF && e->key != NFT_FIB_RESULT_OIFNAME)) {
		*out = value_unknown();
		*len = IFNAMSIZ;
		return true;
	}
	flow = flow_of(w, source, marked, dev);
	fib_lookup(w->r->fib, &flow, &way);
	if (way.err || way.type == ROUTE_LOCAL || !fib_leads_by(w->r->fib, &way, dev ? dev->index : 0))
		return give_device(w, e, 0, out, len);
	return give_device(w, e, dev ? dev->index : way.oif, out, len);
}

enum tri lookup_rpfilter(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct xt_rpfilter_info *m = (const void *)info->bytes;
	const struct walk *w = run->w;
	bool marked = m->flags & XT_RPFILTER_VALID_MARK, found;
	struct route_flow flow;
	struct route way;

	(void)e;
	if (!is_from_lo(w) && !is_told(w, true, marked))
		return MAYBE;
	flow = flow_of(w, true, marked, NULL);
	fib_lookup(w->r->fib, &flow, &way);
	found = !way.err && (way.type == ROUTE_UNICAST || (way.type == ROUTE_LOCAL && m->flags & XT_RPFILTER_ACCEPT_LOCAL)) &&
		(m->flags & XT_RPFILTER_LOOSE || fib_leads_by(w->r->fib, &way, w->p->iif.index));
	return (is_from_lo(w) || found) != !!(m->flags & XT_RPFILTER_INVERT) ? YES : NO;
}
