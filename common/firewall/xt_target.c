// SPDX-License-Identifier: GPL-2.0-or-later
/* Targets of x_tables (net/netfilter/xt_*.c, net/ipv4/netfilter/ipt_*.c), and what translating ones are told. */
#include <arpa/inet.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_CT.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter_ipv4/ipt_REJECT.h>
#include <linux/netfilter_ipv6/ip6t_REJECT.h>
#include <netinet/in.h>

#include "firewall/walk.h"
#include "firewall/xt.h"

/* --- translations ------------------------------------------------------------------------------------------------------------------------------------ */

static bool is_translation(const char *name)
{
	static const char *const names[] = { "DNAT", "SNAT", "MASQUERADE", "REDIRECT", "NETMAP" };

	for (size_t i = 0; name && i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static void take_addr(struct ipaddr *out, int family, const void *bytes)
{
	out->family = (uint8_t)family;
	memcpy(out->bytes, bytes, ipaddr_size(out));
}

/* The first revisions of IPv4 have addresses of four bytes. */
static bool range_v4(const struct xt_info *info, struct xt_range *out)
{
	const struct nf_nat_ipv4_multi_range_compat *m = (const void *)info->bytes;

	if (info->len < sizeof(*m))
		return false;
	out->flags = m->range[0].flags;
	if (out->flags & NF_NAT_RANGE_MAP_IPS) {
		take_addr(&out->low, 4, &m->range[0].min_ip);
		take_addr(&out->high, 4, &m->range[0].max_ip);
	}
	out->low_port = ntohs(m->range[0].min.all);
	out->high_port = ntohs(m->range[0].max.all);
	return true;
}

bool xt_range(const struct snap_fw_expr *e, int family, struct xt_range *out)
{
	struct xt_info info;
	const struct nf_nat_range *m = (const void *)info.bytes;
	bool ok;

	*out = (struct xt_range){ 0 };
	if (!is_translation(e->ref))
		return false;
	xt_info(e, &info);
	if (family == 4 && e->type == 0) {
		ok = range_v4(&info, out);
	} else {
		ok = info.len >= sizeof(*m);
		out->flags = m->flags;
		if (out->flags & NF_NAT_RANGE_MAP_IPS) {
			take_addr(&out->low, family, &m->min_addr);
			take_addr(&out->high, family, &m->max_addr);
		}
		out->low_port = ntohs(m->min_proto.all);
		out->high_port = ntohs(m->max_proto.all);
	}
	if (!(out->flags & NF_NAT_RANGE_PROTO_SPECIFIED))
		out->low_port = out->high_port = 0;
	return ok;
}

static void run_translation(struct run *run, const char *name, const struct snap_fw_expr *e)
{
	static const struct {
		const char *name;
		enum fw_nat_kind kind;
	} kinds[] = { { "DNAT", FW_DNAT }, { "SNAT", FW_SNAT }, { "MASQUERADE", FW_MASQUERADE }, { "REDIRECT", FW_REDIRECT } };
	bool to_destination = run->w->hook == FW_PREROUTING || run->w->hook == FW_OUTPUT;
	enum fw_nat_kind kind = to_destination ? FW_DNAT : FW_SNAT; /* NETMAP goes by the hook */
	struct xt_range range;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, name))
			kind = kinds[i].kind;
	if (!xt_range(e, run->w->p->daddr.family, &range)) {
		run_match(run, MAYBE, name);
		return;
	}
	nat_act(run, kind, &range.low, &range.high, range.low_port, range.high_port);
	if (range.flags & NF_NAT_RANGE_NETMAP || !strcmp(name, "NETMAP"))
		run->nat.addr_unknown = true;
}

/* --- the others ------------------------------------------------------------------------------------------------------------------------------------------ */

static void run_reject(struct run *run, const struct xt_info *info)
{
	static const uint8_t v4[] = { FW_NET_UNREACH,    FW_HOST_UNREACH,    FW_PROTO_UNREACH, FW_PORT_UNREACH,    FW_REJECT_OTHER,
				      FW_NET_PROHIBITED, FW_HOST_PROHIBITED, FW_TCP_RESET,     FW_ADMIN_PROHIBITED }; /* IPT_* */
	static const uint8_t v6[] = { FW_NO_ROUTE,     FW_ADMIN_PROHIBITED, FW_REJECT_OTHER, FW_ADDR_UNREACH, FW_PORT_UNREACH,
				      FW_REJECT_OTHER, FW_TCP_RESET,        FW_POLICY_FAIL,  FW_REJECT_ROUTE }; /* IP6T_* */
	bool is_v6 = run->w->p->daddr.family == 6;
	uint32_t with;

	memcpy(&with, info->bytes, sizeof(with));
	if (with >= (is_v6 ? ARRAY_SIZE(v6) : ARRAY_SIZE(v4)))
		run_verdict(run, FW_REJECT, FW_REJECT_OTHER);
	else
		run_verdict(run, FW_REJECT, is_v6 ? v6[with] : v4[with]);
}

static void run_mark(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct xt_mark_tginfo2 *t = (const void *)info->bytes;

	run->sets_mark = true;
	run->mark_unknown = e->type != 2 || (run->w->p->unknown & PACKET_MARK && t->mask != UINT32_MAX);
	run->mark = (run->w->p->mark & ~t->mask) ^ t->mark;
}

static uint32_t shifted(uint32_t v, const struct xt_connmark_tginfo2 *t)
{
	return t->shift_bits > 31 ? 0 : t->shift_dir == D_SHIFT_RIGHT ? v >> t->shift_bits : v << t->shift_bits;
}

/* connmark_tg_shift, net/netfilter/xt_connmark.c. Revision 1 has no shifts, and its mode in their place. */
static void run_connmark(struct run *run, const struct snap_fw_expr *e, const struct xt_info *info)
{
	struct xt_connmark_tginfo2 t;
	const struct packet *p = run->w->p;
	bool no_mark = p->unknown & PACKET_MARK, no_ct = p->unknown & PACKET_CT_MARK || e->type < 1 || e->type > 2;

	memcpy(&t, info->bytes, sizeof(t));
	if (e->type == 1) {
		t.mode = ((const struct xt_connmark_tginfo1 *)(const void *)info->bytes)->mode;
		t.shift_bits = 0;
	}
	if (t.mode == XT_CONNMARK_RESTORE) {
		run->sets_mark = meta_is_tracked(run->w);
		run->mark_unknown = no_mark || no_ct;
		run->mark = (p->mark & ~t.nfmask) ^ shifted(p->ct_mark & t.ctmask, &t);
		return;
	}
	run->sets_ct_mark = meta_is_tracked(run->w);
	run->ct_mark_unknown = no_ct || (t.mode == XT_CONNMARK_SAVE && no_mark);
	run->ct_mark = t.mode == XT_CONNMARK_SAVE ? (p->ct_mark & ~t.ctmask) ^ shifted(p->mark & t.nfmask, &t)
						  : shifted((p->ct_mark & ~t.ctmask) ^ t.ctmark, &t);
}

static bool has_no_say(const char *name)
{
	static const char *const names[] = { "LOG",     "NFLOG",       "ULOG",        "CLASSIFY", "DSCP",    "TOS", "TTL",
					     "HL",      "TCPMSS",      "TCPOPTSTRIP", "AUDIT",    "TRACE",   "SET", "CHECKSUM",
					     "SECMARK", "CONNSECMARK", "IDLETIMER",   "LED",      "RATEEST", "TEE", "ECN" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

void xt_target(struct run *run, const struct snap_fw_expr *e)
{
	const char *name = e->ref ? e->ref : "";
	struct xt_info info;
	uint16_t flags;

	xt_info(e, &info);
	memcpy(&flags, info.bytes, sizeof(flags)); /* struct xt_ct_target_info */
	if (is_translation(name)) {
		run_translation(run, name, e);
	} else if (!strcmp(name, "REJECT")) {
		run_reject(run, &info);
	} else if (!strcmp(name, "MARK")) {
		run_mark(run, e, &info);
	} else if (!strcmp(name, "CONNMARK")) {
		run_connmark(run, e, &info);
	} else if (!strcmp(name, "NOTRACK") || (!strcmp(name, "CT") && flags & XT_CT_NOTRACK)) {
		run->untracks = !meta_is_tracked(run->w);
	} else if (!strcmp(name, "NFQUEUE")) {
		run_verdict(run, FW_QUEUE, FW_REJECT_NONE);
	} else if (!strcmp(name, "SYNPROXY")) {
		run_verdict(run, FW_STOLEN, FW_REJECT_NONE);
	} else if (!has_no_say(name) && strcmp(name, "CT") != 0) { /* it may let it go or stop it */
		run_match(run, MAYBE, name);
		run_verdict(run, FW_DROP, FW_REJECT_NONE);
	}
}
