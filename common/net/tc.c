// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_gact.h>

#include "net/tc.h"

struct nlmsghdr *tc_get_qdiscs(char *buf)
{
	struct nlmsghdr *h = nl_request(buf, RTM_GETQDISC);

	mnl_nlmsg_put_extra_header(h, sizeof(struct tcmsg));
	return h;
}

struct nlmsghdr *tc_get_filters(char *buf, uint32_t ifindex, uint32_t parent)
{
	struct nlmsghdr *h = nl_request(buf, RTM_GETTFILTER);
	struct tcmsg *t = mnl_nlmsg_put_extra_header(h, sizeof(*t));

	t->tcm_ifindex = (int)ifindex;
	t->tcm_parent = parent;
	return h;
}

static const char *text_of(const struct nlattr *a, struct arena *arena)
{
	const char *s = mnl_attr_get_payload(a);

	return arena_strndup(arena, s, strnlen(s, mnl_attr_get_payload_len(a)));
}

static uint32_t number_of(const struct nlattr *a)
{
	const void *p = a ? nl_attr(a, sizeof(uint32_t)) : NULL;
	uint32_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return v;
}

int tc_parse_qdisc(const struct nlmsghdr *h, uint32_t *ifindex)
{
	const struct tcmsg *t = mnl_nlmsg_get_payload(h);

	if (h->nlmsg_type != RTM_NEWQDISC || mnl_nlmsg_get_payload_len(h) < sizeof(*t))
		return -EINVAL;
	/* Both have the same parent (TC_H_INGRESS == TC_H_CLSACT). */
	if (t->tcm_parent != TC_H_INGRESS)
		return 0;
	*ifindex = (uint32_t)t->tcm_ifindex;
	return 1;
}

/* Where a kind of filter keeps its actions: TCA_*_ACT of include/uapi/linux/pkt_cls.h. */
static uint16_t actions_of(const char *kind)
{
	static const struct {
		const char *kind;
		uint16_t attr;
	} rows[] = { { "bpf", TCA_BPF_ACT },      { "matchall", TCA_MATCHALL_ACT }, { "flower", TCA_FLOWER_ACT },
		     { "u32", TCA_U32_ACT },      { "basic", TCA_BASIC_ACT },       { "fw", TCA_FW_ACT },
		     { "route", TCA_ROUTE4_ACT }, { "flow", TCA_FLOW_ACT },         { "cgroup", TCA_CGROUP_ACT } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!strcmp(kind, rows[i].kind))
			return rows[i].attr;
	return 0;
}

/* What a generic action does with the packet (TC_ACT_*), if it does not go on. */
static const char *gact_word(const struct nlattr *action)
{
	const struct nlattr *parms = nl_find_in(nl_find_in(action, TCA_ACT_OPTIONS), TCA_GACT_PARMS);
	const struct tc_gact *g = parms ? nl_attr(parms, sizeof(*g)) : NULL;

	if (!g)
		return NULL;
	return g->action == TC_ACT_SHOT ? "drop" : g->action == TC_ACT_STOLEN || g->action == TC_ACT_QUEUED ? "steal" : NULL;
}

static const char *action_word(const struct nlattr *action, struct arena *arena)
{
	const struct nlattr *kind = nl_find_in(action, TCA_ACT_KIND);
	const char *word = kind ? text_of(kind, arena) : "";

	if (!strcmp(word, "gact"))
		return gact_word(action);
	/* These may drop, too; what else there is marks, counts or rewrites. */
	return !strcmp(word, "mirred") || !strcmp(word, "police") || !strcmp(word, "bpf") || !strcmp(word, "ct") ? word : NULL;
}

static void take_options(const struct nlattr *options, struct arena *arena, struct snap_hook *f)
{
	uint16_t type = actions_of(f->kind);
	const struct nlattr *acts = type ? nl_find_in(options, type) : NULL;

	if (!strcmp(f->kind, "bpf")) {
		f->prog_id = number_of(nl_find_in(options, TCA_BPF_ID));
		f->answers = number_of(nl_find_in(options, TCA_BPF_FLAGS)) & TCA_BPF_FLAG_ACT_DIRECT;
	}
	nl_for_each_in (a, acts)
		if (!f->action)
			f->action = action_word(a, arena);
}

int tc_parse_filter(const struct nlmsghdr *h, struct arena *arena, struct snap_hook *out)
{
	const struct tcmsg *t = mnl_nlmsg_get_payload(h);
	const struct nlattr *options = NULL;
	struct snap_hook f = { 0 };

	if (h->nlmsg_type != RTM_NEWTFILTER || mnl_nlmsg_get_payload_len(h) < sizeof(*t))
		return -EINVAL;
	f.ifindex = (uint32_t)t->tcm_ifindex;
	f.prio = TC_H_MAJ(t->tcm_info) >> 16;
	nl_for_each (a, h, sizeof(*t)) {
		if (mnl_attr_get_type(a) == TCA_KIND)
			f.kind = text_of(a, arena);
		else if (mnl_attr_get_type(a) == TCA_OPTIONS)
			options = a;
	}
	if (!f.kind)
		return -EINVAL;
	if (!options)
		return -ENODATA;
	take_options(options, arena, &f);
	*out = f;
	return 0;
}
