// SPDX-License-Identifier: GPL-2.0-or-later
/* Matches and targets of x_tables in iptables' words. */
#include <arpa/inet.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_comment.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_state.h>
#include <linux/netfilter/xt_tcpudp.h>

#include "firewall/text.h"
#include "firewall/xt.h"

static void put_ports(FILE *f, const char *option, const uint16_t *range, bool inverted)
{
	if (range[0] == 0 && range[1] == UINT16_MAX)
		return;
	fprintf(f, " %s--%s %u", inverted ? "! " : "", option, range[0]);
	if (range[1] != range[0])
		fprintf(f, ":%u", range[1]);
}

static void put_list(FILE *f, uint32_t bits, const char *const *names, size_t n)
{
	const char *sep = "";

	for (size_t i = 0; i < n; i++)
		if (bits & 1u << i && names[i]) {
			fprintf(f, "%s%s", sep, names[i]);
			sep = ",";
		}
}

static void put_tcpudp(FILE *f, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct xt_tcp *tcp = (const void *)info->bytes;
	const struct xt_udp *udp = (const void *)info->bytes;
	bool is_tcp = !strcmp(e->ref, "tcp");
	uint8_t flags = is_tcp ? tcp->invflags : udp->invflags; /* XT_TCP_INV_SRCPT and DSTPT are XT_UDP's */

	fprintf(f, " %s", e->ref);
	put_ports(f, "sport", is_tcp ? tcp->spts : udp->spts, flags & XT_TCP_INV_SRCPT);
	put_ports(f, "dport", is_tcp ? tcp->dpts : udp->dpts, flags & XT_TCP_INV_DSTPT);
	if (is_tcp && tcp->flg_mask)
		fprintf(f, " --tcp-flags 0x%x 0x%x", tcp->flg_mask, tcp->flg_cmp);
}

static void put_multiport(FILE *f, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct xt_multiport_v1 *m = (const void *)info->bytes;
	static const char *const options[] = { "sports", "dports", "ports" };

	(void)e;
	fprintf(f, " %s--%s ", m->invert ? "! " : "", options[MIN(m->flags, 2)]);
	for (unsigned int i = 0; i < m->count && i < XT_MULTI_PORTS; i++)
		fprintf(f, "%s%u", !i ? "" : m->pflags[i - 1] ? ":" : ",", m->ports[i]);
}

static void put_states(FILE *f, uint32_t mask, bool inverted, const char *option)
{
	static const char *const states[] = { "INVALID", "ESTABLISHED", "RELATED", "NEW", NULL, NULL, "SNAT", "DNAT", "UNTRACKED" };

	fprintf(f, " %s--%s ", inverted ? "! " : "", option);
	put_list(f, mask, states, ARRAY_SIZE(states));
}

static void put_conntrack(FILE *f, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct xt_conntrack_mtinfo1 *first = (const void *)info->bytes;
	const struct xt_conntrack_mtinfo2 *m = (const void *)info->bytes;

	if (m->match_flags & XT_CONNTRACK_STATE)
		put_states(f, e->type == 1 ? first->state_mask : m->state_mask, m->invert_flags & XT_CONNTRACK_STATE, "ctstate");
	if (m->match_flags & ~(XT_CONNTRACK_STATE | XT_CONNTRACK_STATE_ALIAS))
		fputs(" match conntrack", f);
}

static void put_state(FILE *f, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct xt_state_info *m = (const void *)info->bytes;

	(void)e;
	put_states(f, m->statemask, false, "state");
}

static void put_addrtype(FILE *f, const struct snap_fw_expr *e, const struct xt_info *info)
{
	static const char *const types[] = { "UNSPEC",    "UNICAST",   "LOCAL",       "BROADCAST", "ANYCAST",
					     "MULTICAST", "BLACKHOLE", "UNREACHABLE", "PROHIBIT" };
	const struct xt_addrtype_info_v1 *m = (const void *)info->bytes;
	const struct xt_addrtype_info *old = (const void *)info->bytes;

	if (m->source) {
		fprintf(f, " %s--src-type ", (e->type ? m->flags & XT_ADDRTYPE_INVERT_SOURCE : old->invert_source) ? "! " : "");
		put_list(f, m->source, types, ARRAY_SIZE(types));
	}
	if (m->dest) {
		fprintf(f, " %s--dst-type ", (e->type ? m->flags & XT_ADDRTYPE_INVERT_DEST : old->invert_dest) ? "! " : "");
		put_list(f, m->dest, types, ARRAY_SIZE(types));
	}
}

static void put_mark(FILE *f, const struct snap_fw_expr *e, const struct xt_info *info)
{
	const struct xt_mark_mtinfo1 *m = (const void *)info->bytes;

	(void)e;
	fprintf(f, " %s--mark 0x%x/0x%x", m->invert ? "! " : "", m->mark, m->mask);
}

static void put_comment(FILE *f, const struct snap_fw_expr *e, const struct xt_info *info)
{
	(void)e;
	fprintf(f, " /* %.*s */", (int)strnlen((const char *)info->bytes, XT_MAX_COMMENT_LEN), (const char *)info->bytes);
}

void text_match(FILE *f, const struct snap_fw_expr *e)
{
	static const struct {
		const char *name;
		size_t size;
		void (*put)(FILE *f, const struct snap_fw_expr *e, const struct xt_info *info);
	} matches[] = {
		{ "tcp", sizeof(struct xt_tcp), put_tcpudp },
		{ "udp", sizeof(struct xt_udp), put_tcpudp },
		{ "multiport", sizeof(struct xt_multiport_v1), put_multiport },
		{ "conntrack", sizeof(struct xt_conntrack_mtinfo1), put_conntrack },
		{ "state", sizeof(struct xt_state_info), put_state },
		{ "addrtype", sizeof(struct xt_addrtype_info_v1), put_addrtype },
		{ "mark", sizeof(struct xt_mark_mtinfo1), put_mark },
		{ "comment", 0, put_comment },
	};
	struct xt_info info;

	xt_info(e, &info);
	for (size_t i = 0; e->ref && i < ARRAY_SIZE(matches); i++)
		if (!strcmp(matches[i].name, e->ref) && info.len >= matches[i].size) {
			matches[i].put(f, e, &info);
			return;
		}
	fprintf(f, " match %s", e->ref ? e->ref : "?");
}

static void put_translation(FILE *f, const char *word, const struct xt_range *r)
{
	char low[IPADDR_TEXT], high[IPADDR_TEXT];

	fprintf(f, " %s", word);
	if (r->low.family || r->low_port)
		fputs(" to ", f);
	if (r->low.family)
		fprintf(f, r->low.family == 6 && r->low_port ? "[%s]" : "%s", ipaddr_text(&r->low, low));
	if (r->low.family && !ipaddr_equal(&r->low, &r->high))
		fprintf(f, "-%s", ipaddr_text(&r->high, high));
	if (r->low_port)
		fprintf(f, ":%u", r->low_port);
	if (r->low_port && r->high_port != r->low_port)
		fprintf(f, "-%u", r->high_port);
}

/* iptables' --reject-with. */
static const char *reject_word(uint32_t with, int family)
{
	static const char *const v4[] = { "icmp-net-unreachable",
					  "icmp-host-unreachable",
					  "icmp-proto-unreachable",
					  "icmp-port-unreachable",
					  "?",
					  "icmp-net-prohibited",
					  "icmp-host-prohibited",
					  "tcp-reset",
					  "icmp-admin-prohibited" };
	static const char *const v6[] = { "icmp6-no-route",
					  "icmp6-adm-prohibited",
					  "?",
					  "icmp6-addr-unreachable",
					  "icmp6-port-unreachable",
					  "?",
					  "tcp-reset",
					  "icmp6-policy-fail",
					  "icmp6-reject-route" };

	return with >= ARRAY_SIZE(v4) ? "?" : family == 6 ? v6[with] : v4[with];
}

void text_target(FILE *f, const struct snap_fw_expr *e, int family)
{
	static const char *const translations[][2] = { { "DNAT", "dnat" },
						       { "SNAT", "snat" },
						       { "MASQUERADE", "masquerade" },
						       { "REDIRECT", "redirect" },
						       { "NETMAP", "netmap" } };
	struct xt_info info;
	struct xt_range range;
	uint32_t with;

	xt_info(e, &info);
	memcpy(&with, info.bytes, sizeof(with));
	for (size_t i = 0; xt_range(e, family, &range) && i < ARRAY_SIZE(translations); i++)
		if (!strcmp(translations[i][0], e->ref)) {
			put_translation(f, translations[i][1], &range);
			return;
		}
	if (e->ref && !strcmp(e->ref, "REJECT"))
		fprintf(f, " reject with %s", reject_word(with, family));
	else
		fprintf(f, " %s", e->ref ? e->ref : "?");
}
