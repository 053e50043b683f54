// SPDX-License-Identifier: GPL-2.0-or-later
/* Matches of x_tables, as the kernel's own evaluate them (net/netfilter/xt_*.c). */
#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_connlimit.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_hashlimit.h>
#include <linux/netfilter/xt_iprange.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_owner.h>
#include <linux/netfilter/xt_physdev.h>
#include <linux/netfilter/xt_pkttype.h>
#include <linux/netfilter/xt_quota.h>
#include <linux/netfilter/xt_rpfilter.h>
#include <linux/netfilter/xt_state.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <netinet/in.h>

#include "firewall/locals.h"
#include "firewall/walk.h"
#include "firewall/xt.h"

void xt_info(const struct snap_fw_expr *e, struct xt_info *out)
{
	memset(out, 0, sizeof(*out));
	out->len = fw_bytes(e->data, out->bytes, sizeof(out->bytes));
}

static enum tri truth(bool b)
{
	return b ? YES : NO;
}

static enum tri turned(enum tri t, bool inverted)
{
	return inverted ? tri_not(t) : t;
}

/* --- ports ---------------------------------------------------------------------------------------------------------------------------------------- */

/* A port of which only some bits may be known: what it is at least, and at most. */
struct ports {
	uint16_t low, high;
};

static struct ports ports_of(const struct packet *p, bool source)
{
	uint16_t port = source ? p->sport : p->dport;
	bool unknown = p->unknown & (source ? PACKET_SPORT : PACKET_DPORT);

	if (!unknown)
		return (struct ports){ port, port };
	return (struct ports){ port & p->port_mask, (port & p->port_mask) | (uint16_t)~p->port_mask };
}

static enum tri port_within(struct ports p, uint16_t low, uint16_t high)
{
	if (p.low >= low && p.high <= high)
		return YES;
	return p.high < low || p.low > high ? NO : MAYBE;
}

static enum tri match_tcp(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct xt_tcp *m = (const void *)info->bytes;
	const struct packet *p = run->w->p;
	enum { FLAGS_OF_US = 0x3f, SYN = 0x02 };
	enum tri t = turned(port_within(ports_of(p, true), m->spts[0], m->spts[1]), m->invflags & XT_TCP_INV_SRCPT);

	(void)e;
	t = tri_and(t, turned(port_within(ports_of(p, false), m->dpts[0], m->dpts[1]), m->invflags & XT_TCP_INV_DSTPT));
	if (m->flg_mask) {
		bool known = packet_is_syn(p) && !(m->flg_mask & ~FLAGS_OF_US);

		t = tri_and(t, known ? turned(truth((SYN & m->flg_mask) == m->flg_cmp), m->invflags & XT_TCP_INV_FLAGS) : MAYBE);
	}
	return m->option ? tri_and(t, MAYBE) : t;
}

static enum tri match_udp(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct xt_udp *m = (const void *)info->bytes;
	const struct packet *p = run->w->p;

	(void)e;
	return tri_and(turned(port_within(ports_of(p, true), m->spts[0], m->spts[1]), m->invflags & XT_UDP_INV_SRCPT),
		       turned(port_within(ports_of(p, false), m->dpts[0], m->dpts[1]), m->invflags & XT_UDP_INV_DSTPT));
}

/* ipt_icmp, and ip6t_icmp which is laid out the same. */
static enum tri match_icmp(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct ipt_icmp *m = (const void *)info->bytes;
	const struct packet *p = run->w->p;
	uint8_t type = (uint8_t)(p->dport >> 8), code = (uint8_t)p->dport;
	bool any = m->type == 0xff && !strcmp(e->ref, "icmp");

	if (p->unknown & PACKET_DPORT && !any)
		return MAYBE;
	return turned(truth(any || (type == m->type && code >= m->code[0] && code <= m->code[1])), m->invflags & IPT_ICMP_INV);
}

/* Of one of them: in one of the ports and ranges (ports_match_v1). */
static enum tri in_ports(const struct xt_multiport_v1 *m, struct ports p)
{
	enum tri t = NO;

	for (unsigned int i = 0; i < m->count && i < XT_MULTI_PORTS; i++) {
		uint16_t high = m->pflags[i] && i + 1 < XT_MULTI_PORTS ? m->ports[i + 1] : m->ports[i];

		t = tri_not(tri_and(tri_not(t), tri_not(port_within(p, m->ports[i], high))));
		i += m->pflags[i] != 0;
	}
	return t;
}

static enum tri match_multiport(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct xt_multiport_v1 *m = (const void *)info->bytes;
	const struct packet *p = run->w->p;
	enum tri src = in_ports(m, ports_of(p, true)), dst = in_ports(m, ports_of(p, false));

	if (e->type != 1)
		return MAYBE;
	if (m->flags == XT_MULTIPORT_SOURCE)
		return turned(src, m->invert);
	if (m->flags == XT_MULTIPORT_DESTINATION)
		return turned(dst, m->invert);
	return turned(tri_not(tri_and(tri_not(src), tri_not(dst))), m->invert);
}

/* --- the connection ------------------------------------------------------------------------------------------------------------------------------- */

/* XT_CONNTRACK_STATE_BIT and XT_STATE_BIT: the same bits as ct state's but for those beyond them. */
static uint32_t state_bits(const struct walk *w, uint32_t untracked)
{
	if (!meta_is_tracked(w))
		return w->p->ct_state == CT_UNTRACKED ? untracked : XT_CONNTRACK_STATE_INVALID;
	return w->p->ct_state;
}

static enum tri match_state(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct xt_state_info *m = (const void *)info->bytes;

	(void)e;
	if (run->w->p->unknown & PACKET_CT && meta_is_tracked(run->w))
		return MAYBE;
	return truth(m->statemask & state_bits(run->w, XT_STATE_UNTRACKED));
}

static bool takes_states(const struct walk *w, uint16_t mask)
{
	uint32_t bits = state_bits(w, XT_CONNTRACK_STATE_UNTRACKED);

	if (meta_is_tracked(w) && w->p->ct_status & IPS_SRC_NAT)
		bits |= XT_CONNTRACK_STATE_SNAT;
	if (meta_is_tracked(w) && w->p->ct_status & IPS_DST_NAT)
		bits |= XT_CONNTRACK_STATE_DNAT;
	return mask & bits;
}

/* One address of the connection, under its mask. */
static enum tri ct_address(struct run *run, int64_t key, bool reply, const union nf_inet_addr *a, const union nf_inet_addr *mask)
{
	struct snap_fw_expr e = snap_fw_expr_of("ct");
	struct value x;
	size_t len;
	enum tri t = YES;

	e.key = key;
	e.dir = reply;
	if (!ct_value(run->w, &e, &x, &len))
		return NO;
	for (size_t i = 0; i < len && i < sizeof(*a); i++) {
		uint8_t m = ((const uint8_t *)mask)[i], want = ((const uint8_t *)a)[i];

		if ((x.v[i] ^ want) & m & x.k[i])
			return NO;
		if (m & (uint8_t)~x.k[i])
			t = MAYBE;
	}
	return t;
}

static enum tri ct_port(struct run *run, int64_t key, bool reply, uint16_t low, uint16_t high)
{
	struct snap_fw_expr e = snap_fw_expr_of("ct");
	uint8_t first[2] = { (uint8_t)(low >> 8), (uint8_t)low }, last[2] = { (uint8_t)(high >> 8), (uint8_t)high };
	struct value x;
	size_t len;

	e.key = key;
	e.dir = reply;
	return ct_value(run->w, &e, &x, &len) ? value_within(&x, 0, first, last, 2) : NO;
}

static enum tri ct_tuples(struct run *run, const struct xt_conntrack_mtinfo3 *m, bool ranges)
{
	const struct {
		uint16_t flag;
		int64_t key;
		bool reply;
		const union nf_inet_addr *addr, *mask;
		uint16_t low, high;
	} parts[] = {
		{ XT_CONNTRACK_ORIGSRC, NFT_CT_SRC, false, &m->origsrc_addr, &m->origsrc_mask, 0, 0 },
		{ XT_CONNTRACK_ORIGDST, NFT_CT_DST, false, &m->origdst_addr, &m->origdst_mask, 0, 0 },
		{ XT_CONNTRACK_REPLSRC, NFT_CT_SRC, true, &m->replsrc_addr, &m->replsrc_mask, 0, 0 },
		{ XT_CONNTRACK_REPLDST, NFT_CT_DST, true, &m->repldst_addr, &m->repldst_mask, 0, 0 },
		{ XT_CONNTRACK_ORIGSRC_PORT, NFT_CT_PROTO_SRC, false, NULL, NULL, m->origsrc_port, m->origsrc_port_high },
		{ XT_CONNTRACK_ORIGDST_PORT, NFT_CT_PROTO_DST, false, NULL, NULL, m->origdst_port, m->origdst_port_high },
		{ XT_CONNTRACK_REPLSRC_PORT, NFT_CT_PROTO_SRC, true, NULL, NULL, m->replsrc_port, m->replsrc_port_high },
		{ XT_CONNTRACK_REPLDST_PORT, NFT_CT_PROTO_DST, true, NULL, NULL, m->repldst_port, m->repldst_port_high },
	};
	enum tri t = YES;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		uint16_t low = ranges ? parts[i].low : ntohs(parts[i].low), high = ranges ? parts[i].high : low;
		enum tri one;

		if (!(m->match_flags & parts[i].flag))
			continue;
		one = parts[i].addr ? ct_address(run, parts[i].key, parts[i].reply, parts[i].addr, parts[i].mask)
				    : ct_port(run, parts[i].key, parts[i].reply, low, high);
		t = tri_and(t, turned(one, m->invert_flags & parts[i].flag));
	}
	return t;
}

/* Revision 1 has its two last masks as single bytes; 3 adds ends of ranges. */
static struct xt_conntrack_mtinfo3 conntrack_info(const struct snap_fw_expr *e, const struct xt_info *info)
{
	struct xt_conntrack_mtinfo3 m = { 0 };
	const struct xt_conntrack_mtinfo1 *first = (const void *)info->bytes;

	memcpy(&m, info->bytes, e->type == 3 ? sizeof(m) : offsetof(struct xt_conntrack_mtinfo3, origsrc_port_high));
	if (e->type == 1) {
		m.state_mask = first->state_mask;
		m.status_mask = first->status_mask;
	}
	return m;
}

static enum tri has_status(const struct packet *p, uint16_t mask)
{
	if (mask & p->ct_status & ct_status_known(p))
		return YES;
	return mask & ~ct_status_known(p) ? MAYBE : NO;
}

static enum tri match_conntrack(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info)
{
	enum { BEYOND = XT_CONNTRACK_EXPIRES };
	const struct xt_conntrack_mtinfo3 m = conntrack_info(e, info);
	const struct packet *p = run->w->p;
	enum tri t = YES;

	if (e->type < 1 || e->type > 3 || (meta_is_tracked(run->w) && p->unknown & PACKET_CT))
		return MAYBE;
	if (m.match_flags & XT_CONNTRACK_STATE)
		t = turned(truth(takes_states(run->w, m.state_mask)), m.invert_flags & XT_CONNTRACK_STATE);
	if (!meta_is_tracked(run->w))
		return tri_and(t, truth(m.match_flags & XT_CONNTRACK_STATE));
	if (m.match_flags & XT_CONNTRACK_DIRECTION)
		t = tri_and(t, truth(p->reply == !!(m.invert_flags & XT_CONNTRACK_DIRECTION)));
	if (m.match_flags & XT_CONNTRACK_PROTO)
		t = tri_and(t, turned(truth(p->l4proto == m.l4proto), m.invert_flags & XT_CONNTRACK_PROTO));
	if (m.match_flags & XT_CONNTRACK_STATUS)
		t = tri_and(t, turned(has_status(p, m.status_mask), m.invert_flags & XT_CONNTRACK_STATUS));
	if (m.match_flags & BEYOND)
		t = tri_and(t, MAYBE);
	return tri_and(t, ct_tuples(run, &m, e->type == 3));
}

/* --- addresses, devices, owners ---------------------------------------------------------------------------------------------------------------------- */

static enum tri is_of_type(struct run *run, const struct ipaddr *a, bool unknown, uint32_t mask, uint32_t dev)
{
	if (!mask)
		return YES;
	return unknown ? MAYBE : truth(mask & 1u << locals_type(run->w->r->snap, run->w->r->ns, a, dev));
}

static enum tri match_addrtype(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct xt_addrtype_info_v1 *m = (const void *)info->bytes;
	const struct xt_addrtype_info *old = (const void *)info->bytes;
	const struct packet *p = run->w->p;
	bool not_source = e->type ? m->flags & XT_ADDRTYPE_INVERT_SOURCE : old->invert_source;
	bool not_dest = e->type ? m->flags & XT_ADDRTYPE_INVERT_DEST : old->invert_dest;
	uint32_t dev = 0;
	enum tri t;

	if (e->type && m->flags & (XT_ADDRTYPE_LIMIT_IFACE_IN | XT_ADDRTYPE_LIMIT_IFACE_OUT)) {
		bool in = m->flags & XT_ADDRTYPE_LIMIT_IFACE_IN;

		if (p->unknown & (in ? PACKET_IIF : PACKET_OIF))
			return MAYBE;
		dev = in ? p->iif.index : p->oif.index;
	}
	t = is_of_type(run, &p->saddr, p->unknown & PACKET_SADDR, m->source, dev);
	if (m->source)
		t = turned(t, not_source);
	if (m->dest)
		t = tri_and(t, turned(is_of_type(run, &p->daddr, p->unknown & PACKET_DADDR, m->dest, dev), not_dest));
	return t;
}

static enum tri in_range(const struct ipaddr *a, bool unknown, const union nf_inet_addr *low, const union nf_inet_addr *high)
{
	if (unknown)
		return MAYBE;
	return truth(memcmp(a->bytes, low, ipaddr_size(a)) >= 0 && memcmp(a->bytes, high, ipaddr_size(a)) <= 0);
}

static enum tri match_iprange(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct xt_iprange_mtinfo *m = (const void *)info->bytes;
	const struct packet *p = run->w->p;
	enum tri t = YES;

	if (e->type != 1)
		return MAYBE;
	if (m->flags & IPRANGE_SRC)
		t = turned(in_range(&p->saddr, p->unknown & PACKET_SADDR, &m->src_min, &m->src_max), m->flags & IPRANGE_SRC_INV);
	if (m->flags & IPRANGE_DST)
		t = tri_and(t, turned(in_range(&p->daddr, p->unknown & PACKET_DADDR, &m->dst_min, &m->dst_max),
				      m->flags & IPRANGE_DST_INV));
	return t;
}

/* owner_mt: a packet that no socket of here has sent has none. */
static enum tri match_owner(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct xt_owner_match_info *m = (const void *)info->bytes;
	const struct packet *p = run->w->p;
	enum tri t = YES;

	if (e->type != 1)
		return MAYBE;
	if (run->w->hook != FW_OUTPUT && run->w->hook != FW_POSTROUTING)
		return truth(!(m->match ^ m->invert));
	if (p->unknown & PACKET_UID || m->match & ~(XT_OWNER_UID | XT_OWNER_GID | XT_OWNER_SOCKET))
		return MAYBE;
	if (m->match & XT_OWNER_SOCKET)
		t = truth(!(m->invert & XT_OWNER_SOCKET));
	if (m->match & XT_OWNER_UID)
		t = tri_and(t, turned(truth(p->uid >= m->uid_min && p->uid <= m->uid_max), m->invert & XT_OWNER_UID));
	if (m->match & XT_OWNER_GID)
		t = tri_and(t, turned(truth(p->gid >= m->gid_min && p->gid <= m->gid_max), m->invert & XT_OWNER_GID));
	return t;
}

/* physdev_mt for a packet that no bridge has taken in; of others the port is not known. */
static enum tri match_physdev(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct xt_physdev_info *m = (const void *)info->bytes;
	const struct packet *p = run->w->p;
	const struct snap_link *in = locals_link(run->w->r->snap, run->w->r->ns, p->iif.index);
	bool routed = !(p->unknown & (PACKET_IIF | PACKET_OIF)) && p->iif.index != p->oif.index;

	(void)e;
	if (m->bitmask == XT_PHYSDEV_OP_BRIDGED && routed && run->w->hook == FW_FORWARD)
		return truth(m->invert & XT_PHYSDEV_OP_BRIDGED);
	if (p->unknown & PACKET_IIF || (p->iif.index && (!in || (in->kind && !strcmp(in->kind, "bridge")))))
		return MAYBE;
	return truth(!(m->bitmask & XT_PHYSDEV_OP_MASK & ~m->invert));
}

static enum tri match_pkttype(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct xt_pkttype_info *m = (const void *)info->bytes;
	struct snap_fw_expr meta = snap_fw_expr_of("meta");
	struct value x;
	size_t len;
	uint8_t type = (uint8_t)m->pkttype;

	(void)e;
	meta.key = NFT_META_PKTTYPE;
	meta_value(run->w, &meta, &x, &len);
	return turned(value_equals(&x, 0, &type, 1), m->invert);
}

static enum tri match_mark(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct xt_mark_mtinfo1 *m = (const void *)info->bytes;
	const struct packet *p = run->w->p;

	if (e->type != 1 || (p->unknown & PACKET_MARK && m->mask))
		return MAYBE;
	return turned(truth((p->mark & m->mask) == m->mark), m->invert);
}

static enum tri match_connmark(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct xt_connmark_mtinfo1 *m = (const void *)info->bytes;
	const struct packet *p = run->w->p;

	if (!meta_is_tracked(run->w))
		return NO;
	if (e->type != 1 || (p->unknown & PACKET_CT_MARK && m->mask))
		return MAYBE;
	return turned(truth((p->ct_mark & m->mask) == m->mark), m->invert);
}

/* --- limits, and what is always so ----------------------------------------------------------------------------------------------------------------- */

static enum tri match_limit(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info)
{
	(void)info;
	run->assumed = e->ref;
	return YES;
}

static enum tri match_hashlimit(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct xt_hashlimit_mtinfo3 *m3 = (const void *)info->bytes;
	const struct xt_hashlimit_mtinfo2 *m2 = (const void *)info->bytes;

	if (e->type != 2 && e->type != 3)
		return MAYBE;
	run->assumed = e->ref;
	return truth(!((e->type == 3 ? m3->cfg.mode : m2->cfg.mode) & XT_HASHLIMIT_INVERT)); /* above: taken for not */
}

static enum tri match_connlimit(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct xt_connlimit_info *m = (const void *)info->bytes;

	run->assumed = e->ref;
	return truth(m->flags & XT_CONNLIMIT_INVERT);
}

static enum tri match_quota(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct xt_quota_info *m = (const void *)info->bytes;

	run->assumed = e->ref;
	return truth(!(m->flags & XT_QUOTA_INVERT));
}

static enum tri match_always(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info)
{
	(void)run;
	(void)e;
	(void)info;
	return YES;
}

void xt_match(struct run *run, const struct snap_fw_expr *e)
{
	static const struct {
		const char *name;
		size_t size; /* of its info, at least */
		enum tri (*match)(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info);
	} matches[] = {
		{ "tcp", sizeof(struct xt_tcp), match_tcp },
		{ "udp", sizeof(struct xt_udp), match_udp },
		{ "udplite", sizeof(struct xt_udp), match_udp },
		{ "icmp", sizeof(struct ipt_icmp), match_icmp },
		{ "icmp6", sizeof(struct ipt_icmp), match_icmp },
		{ "multiport", sizeof(struct xt_multiport_v1), match_multiport },
		{ "conntrack", sizeof(struct xt_conntrack_mtinfo1), match_conntrack },
		{ "state", sizeof(struct xt_state_info), match_state },
		{ "rpfilter", sizeof(struct xt_rpfilter_info), lookup_rpfilter },
		{ "addrtype", sizeof(struct xt_addrtype_info_v1), match_addrtype },
		{ "iprange", sizeof(struct xt_iprange_mtinfo), match_iprange },
		{ "owner", sizeof(struct xt_owner_match_info), match_owner },
		{ "physdev", sizeof(struct xt_physdev_info), match_physdev },
		{ "pkttype", sizeof(struct xt_pkttype_info), match_pkttype },
		{ "mark", sizeof(struct xt_mark_mtinfo1), match_mark },
		{ "connmark", sizeof(struct xt_connmark_mtinfo1), match_connmark },
		{ "limit", 0, match_limit },
		{ "hashlimit", sizeof(struct xt_hashlimit_mtinfo2), match_hashlimit },
		{ "connlimit", offsetof(struct xt_connlimit_info, data), match_connlimit },
		{ "quota", sizeof(uint32_t), match_quota },
		{ "comment", 0, match_always },
		{ "nfacct", 0, match_always },
	};
	struct xt_info info;

	xt_info(e, &info);
	for (size_t i = 0; e->ref && i < ARRAY_SIZE(matches); i++)
		if (!strcmp(matches[i].name, e->ref) && info.len >= matches[i].size) {
			run_match(run, matches[i].match(run, e, &info), e->ref);
			return;
		}
	run_match(run, MAYBE, e->ref ? e->ref : e->name); /* recent, set, statistic, string, bpf, time … */
}
