// SPDX-License-Identifier: GPL-2.0-or-later
/* What expressions read: the packet's headers, its devices, its connection, and what kind its addresses are. */
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <net/if.h>
#include <netinet/in.h>

#include "firewall/locals.h"
#include "firewall/walk.h"

enum { ETH_IP = 0x0800, ETH_IP6 = 0x86dd, TCP_SYN = 0x02, TCP_FLAGS = 0x3f };

static bool give(struct value *out, size_t *len, const void *p, size_t n)
{
	*out = value_of(p, n);
	*len = n;
	return true;
}

static bool give_u32(struct value *out, size_t *len, uint32_t v)
{
	return give(out, len, &v, sizeof(v));
}

static bool give_unknown(struct value *out, size_t *len, size_t n)
{
	*out = value_unknown();
	*len = n;
	return true;
}

static bool is_v6(const struct packet *p)
{
	return p->daddr.family == 6;
}

/* --- meta: nft_meta_get_eval, net/netfilter/nft_meta.c ---------------------------------------------------------------------------------- */

static bool device_value(const struct walk *w, int64_t key, const struct packet_dev *dev, bool unknown, struct value *out,
			 size_t *len)
{
	const struct snap_link *l = dev->index ? locals_link(w->r->snap, w->r->ns, dev->index) : NULL;
	char name[IFNAMSIZ] = "";
	uint16_t type = l ? (uint16_t)l->type : 0;

	switch (key) {
	case NFT_META_IIF:
	case NFT_META_OIF:
		return unknown ? give_unknown(out, len, 4) : give_u32(out, len, dev->index);
	case NFT_META_IIFNAME:
	case NFT_META_OIFNAME: /* of none it is empty: nft_meta_store_ifname */
		if (dev->name)
			memcpy(name, dev->name, strnlen(dev->name, sizeof(name) - 1));
		return unknown ? give_unknown(out, len, sizeof(name)) : give(out, len, name, sizeof(name));
	case NFT_META_IIFTYPE:
	case NFT_META_OIFTYPE:
		if (!unknown && !dev->index && !dev->name)
			return false;
		return unknown || !l ? give_unknown(out, len, 2) : give(out, len, &type, sizeof(type));
	case NFT_META_IIFGROUP:
	case NFT_META_OIFGROUP:
		if (!unknown && !dev->index && !dev->name)
			return false;
		return unknown || !l ? give_unknown(out, len, 4) : give_u32(out, len, l->group);
	default: /* kind */
		if (l && l->kind && !unknown)
			memcpy(name, l->kind, strnlen(l->kind, sizeof(name) - 1));
		return unknown || !l ? give_unknown(out, len, sizeof(name)) : give(out, len, name, sizeof(name));
	}
}

static bool owner_value(const struct walk *w, uint32_t id, struct value *out, size_t *len)
{
	if (w->hook != FW_OUTPUT && w->hook != FW_POSTROUTING)
		return false; /* no socket has sent it, or it is not told */
	return w->p->unknown & PACKET_UID ? give_unknown(out, len, 4) : give_u32(out, len, id);
}

static uint8_t packet_type(const struct packet *p)
{
	enum { HOST = 0, BROADCAST = 1, MULTICAST = 2 }; /* PACKET_* (linux/if_packet.h) */
	static const uint8_t all_ones[4] = { 255, 255, 255, 255 };

	if (ipaddr_is_multicast(&p->daddr))
		return MULTICAST;
	return p->daddr.family == 4 && !memcmp(p->daddr.bytes, all_ones, 4) ? BROADCAST : HOST;
}

bool meta_value(const struct walk *w, const struct snap_fw_expr *e, struct value *out, size_t *len)
{
	const struct packet *p = w->p;
	uint16_t proto = htons(is_v6(p) ? ETH_IP6 : ETH_IP);
	uint8_t byte;

	switch (e->key) {
	case NFT_META_PROTOCOL:
		return give(out, len, &proto, sizeof(proto));
	case NFT_META_NFPROTO:
		byte = is_v6(p) ? NFPROTO_IPV6 : NFPROTO_IPV4;
		return give(out, len, &byte, 1);
	case NFT_META_L4PROTO:
		return give(out, len, &p->l4proto, 1);
	case NFT_META_MARK:
		return p->unknown & PACKET_MARK ? give_unknown(out, len, 4) : give_u32(out, len, p->mark);
	case NFT_META_IIF:
	case NFT_META_IIFNAME:
	case NFT_META_IIFTYPE:
	case NFT_META_IIFGROUP:
	case NFT_META_IIFKIND:
		return device_value(w, e->key == NFT_META_IIFKIND ? -1 : e->key, &p->iif, p->unknown & PACKET_IIF, out, len);
	case NFT_META_OIF:
	case NFT_META_OIFNAME:
	case NFT_META_OIFTYPE:
	case NFT_META_OIFGROUP:
	case NFT_META_OIFKIND:
		return device_value(w, e->key == NFT_META_OIFKIND ? -1 : e->key, &p->oif, p->unknown & PACKET_OIF, out, len);
	case NFT_META_SKUID:
		return owner_value(w, p->uid, out, len);
	case NFT_META_SKGID:
		return owner_value(w, p->gid, out, len);
	case NFT_META_PKTTYPE:
		byte = packet_type(p);
		return p->unknown & PACKET_DADDR ? give_unknown(out, len, 1) : give(out, len, &byte, 1);
	default:
		return give_unknown(out, len, e->key == NFT_META_BRI_IIFNAME || e->key == NFT_META_BRI_OIFNAME ? IFNAMSIZ : 8);
	}
}

/* --- ct: nft_ct_get_eval, net/netfilter/nft_ct.c ---------------------------------------------------------------------------------------- */

bool meta_is_tracked(const struct walk *w)
{
	enum { CONNTRACK = -200 }; /* NF_IP_PRI_CONNTRACK */
	bool before = (w->hook == FW_PREROUTING || w->hook == FW_OUTPUT) && ruleset_priority(w->base) < CONNTRACK;

	return !before && w->hook != FW_INGRESS && w->hook != FW_EGRESS && w->p->ct_state != CT_UNTRACKED;
}

static struct value address(const struct ipaddr *a, bool unknown)
{
	return unknown ? value_unknown() : value_of(a->bytes, ipaddr_size(a));
}

/* Of the connection: as its first packet was sent, or as its answers are. */
static bool tuple_value(const struct packet *p, int64_t key, bool of_reply, struct value *out, size_t *len)
{
	bool translated = p->orig_daddr.family != 0;
	const struct ipaddr *src = translated ? &p->orig_saddr : &p->saddr, *dst = translated ? &p->orig_daddr : &p->daddr;
	uint16_t sport = htons(translated ? p->orig_sport : p->sport), dport = htons(translated ? p->orig_dport : p->dport);
	bool no_src = translated ? !src->family : p->unknown & PACKET_SADDR, no_dst = !translated && p->unknown & PACKET_DADDR;

	if (p->reply && (of_reply || !translated)) /* before they were turned back, or not told */
		return give_unknown(out, len, key == NFT_CT_PROTO_SRC || key == NFT_CT_PROTO_DST ? 2 : 16);
	if (of_reply) { /* what the answers come from is where the translated packet goes to */
		src = &p->daddr, dst = &p->saddr;
		sport = htons(p->dport), dport = htons(p->sport);
		no_src = p->unknown & PACKET_DADDR, no_dst = p->unknown & PACKET_SADDR;
	}
	if (key == NFT_CT_PROTO_SRC || key == NFT_CT_PROTO_DST) {
		bool source = key == NFT_CT_PROTO_SRC;
		bool turned = of_reply || p->reply; /* which port of the packet's it is */
		bool no = p->unknown & (source != turned ? PACKET_SPORT : PACKET_DPORT);

		return no ? give_unknown(out, len, 2) : give(out, len, source ? &sport : &dport, 2);
	}
	*out = key == NFT_CT_SRC || key == NFT_CT_SRC_IP || key == NFT_CT_SRC_IP6 ? address(src, no_src) : address(dst, no_dst);
	*len = is_v6(p) ? 16 : 4;
	return true;
}

uint32_t ct_status_known(const struct packet *p)
{
	enum { ANSWERED = IPS_EXPECTED | IPS_SEEN_REPLY | IPS_CONFIRMED | IPS_SRC_NAT | IPS_DST_NAT };

	return p->ct_state == CT_NEW                                               ? UINT32_MAX
	       : p->reply && p->ct_state == CT_ESTABLISHED && p->orig_daddr.family ? ANSWERED
										   : 0;
}

/* Bits that are not known stand as such. */
static bool give_status(struct value *out, size_t *len, const struct packet *p)
{
	uint32_t known = ct_status_known(p), status = p->ct_status & known;

	give_u32(out, len, status);
	memcpy(out->k, &known, sizeof(known));
	return true;
}

bool ct_value(const struct walk *w, const struct snap_fw_expr *e, struct value *out, size_t *len)
{
	const struct packet *p = w->p;
	bool tracked = meta_is_tracked(w);
	uint8_t byte;

	if (tracked && p->unknown & PACKET_CT)
		return give_unknown(out, len, 16);
	if (e->key == NFT_CT_STATE)
		return give_u32(out, len, tracked ? p->ct_state : p->ct_state == CT_UNTRACKED ? CT_UNTRACKED : CT_INVALID);
	if (!tracked)
		return false;
	switch (e->key) {
	case NFT_CT_DIRECTION:
		byte = p->reply;
		return give(out, len, &byte, 1);
	case NFT_CT_STATUS:
		return give_status(out, len, p);
	case NFT_CT_MARK:
		return p->unknown & PACKET_CT_MARK ? give_unknown(out, len, 4) : give_u32(out, len, p->ct_mark);
	case NFT_CT_L3PROTOCOL:
		byte = is_v6(p) ? NFPROTO_IPV6 : NFPROTO_IPV4;
		return give(out, len, &byte, 1);
	case NFT_CT_PROTOCOL:
		return give(out, len, &p->l4proto, 1);
	case NFT_CT_SRC:
	case NFT_CT_DST:
	case NFT_CT_SRC_IP:
	case NFT_CT_DST_IP:
	case NFT_CT_SRC_IP6:
	case NFT_CT_DST_IP6:
	case NFT_CT_PROTO_SRC:
	case NFT_CT_PROTO_DST:
		return tuple_value(p, e->key, e->dir == 1, out, len);
	case NFT_CT_HELPER:
		return false; /* a new connection has none */
	default:
		return give_unknown(out, len, 16);
	}
}

/* --- payload: nft_payload_eval, net/netfilter/nft_payload.c ------------------------------------------------------------------------------- */

static void put(struct value *h, size_t at, const void *bytes, size_t n, bool unknown)
{
	if (unknown)
		return;
	memcpy(h->v + at, bytes, n);
	memset(h->k + at, 0xff, n);
}

static void put_byte(struct value *h, size_t at, uint8_t v, uint8_t known)
{
	h->v[at] = v & known;
	h->k[at] = known;
}

/* What would be in the header, with the bits that nobody told unknown. No options, no fragment. */
static struct value network_header(const struct packet *p)
{
	struct value h = value_unknown();

	if (is_v6(p)) {
		put_byte(&h, 0, 0x60, 0xf0);
		put_byte(&h, 6, p->l4proto, 0xff);
		put(&h, 8, p->saddr.bytes, 16, p->unknown & PACKET_SADDR);
		put(&h, 24, p->daddr.bytes, 16, p->unknown & PACKET_DADDR);
		return h;
	}
	put_byte(&h, 0, 0x45, 0xff);
	put_byte(&h, 6, 0, 0xbf); /* all but "don't fragment" */
	put_byte(&h, 7, 0, 0xff);
	put_byte(&h, 9, p->l4proto, 0xff);
	put(&h, 12, p->saddr.bytes, 4, p->unknown & PACKET_SADDR);
	put(&h, 16, p->daddr.bytes, 4, p->unknown & PACKET_DADDR);
	return h;
}

bool packet_is_syn(const struct packet *p)
{
	return p->l4proto == IPPROTO_TCP && !p->reply && !(p->ct_state & (CT_ESTABLISHED | CT_RELATED));
}

static void put_port(struct value *h, size_t at, uint16_t port, uint16_t known)
{
	put_byte(h, at, (uint8_t)((port & known) >> 8), (uint8_t)(known >> 8));
	put_byte(h, at + 1, (uint8_t)(port & known), (uint8_t)known);
}

static struct value transport_header(const struct packet *p)
{
	struct value h = value_unknown();
	uint16_t dport = htons(p->dport);

	if (p->l4proto == IPPROTO_ICMP ||
	    p->l4proto == IPPROTO_ICMPV6) { /* type and code are where others have their source port */
		put(&h, 0, &dport, 2, p->unknown & PACKET_DPORT);
		return h;
	}
	put_port(&h, 0, p->sport, p->unknown & PACKET_SPORT ? p->port_mask : UINT16_MAX);
	put_port(&h, 2, p->dport, p->unknown & PACKET_DPORT ? p->port_mask : UINT16_MAX);
	if (packet_is_syn(p))
		put_byte(&h, 13, TCP_SYN, TCP_FLAGS);
	return h;
}

bool payload_value(const struct walk *w, const struct snap_fw_expr *e, struct value *out, size_t *len)
{
	struct value h;

	*len = e->len > 0 && e->len <= VALUE_SIZE ? (size_t)e->len : 0;
	*out = value_unknown();
	if (e->base != NFT_PAYLOAD_NETWORK_HEADER && e->base != NFT_PAYLOAD_TRANSPORT_HEADER)
		return true;
	h = e->base == NFT_PAYLOAD_NETWORK_HEADER ? network_header(w->p) : transport_header(w->p);
	if (e->offset < 0 || e->offset > VALUE_SIZE || *len > VALUE_SIZE - (size_t)e->offset)
		return true;
	memcpy(out->v, h.v + e->offset, *len);
	memcpy(out->k, h.k + e->offset, *len);
	return true;
}

/* --- fib: nft_fib4_eval_type, nft_fib6_eval_type ---------------------------------------------------------------------------------------------- */

bool fib_value(const struct walk *w, const struct snap_fw_expr *e, struct value *out, size_t *len)
{
	const struct packet *p = w->p;
	bool source = e->flags & NFTA_FIB_F_SADDR;
	uint32_t dev = e->flags & NFTA_FIB_F_IIF ? p->iif.index : e->flags & NFTA_FIB_F_OIF ? p->oif.index : 0;
	bool no_dev =
		(e->flags & NFTA_FIB_F_IIF && p->unknown & PACKET_IIF) || (e->flags & NFTA_FIB_F_OIF && p->unknown & PACKET_OIF);

	if (e->key != NFT_FIB_RESULT_ADDRTYPE)
		return lookup_value(w, e, out, len);
	if (no_dev || p->unknown & (source ? PACKET_SADDR : PACKET_DADDR))
		return give_unknown(out, len, 4);
	return give_u32(out, len, locals_type(w->r->snap, w->r->ns, source ? &p->saddr : &p->daddr, dev));
}
