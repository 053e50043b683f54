// SPDX-License-Identifier: GPL-2.0-or-later
/* Requests, and tables, chains, rules, objects and flow tables (nf_tables_fill_*_info, net/netfilter/nf_tables_api.c). */
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "net/nft.h"
#include "net/nft_attr.h"

static struct nlmsghdr *request(char *buf, uint8_t op, uint8_t family)
{
	struct nlmsghdr *h = nl_request(buf, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | op));
	struct nfgenmsg *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));

	*m = (struct nfgenmsg){ .nfgen_family = family, .version = NFNETLINK_V0 };
	return h;
}

struct nlmsghdr *nft_get(char *buf, uint8_t op)
{
	return request(buf, op, NFPROTO_UNSPEC);
}

struct nlmsghdr *nft_get_elems(char *buf, const struct snap_fw_set *set)
{
	static const uint8_t protos[] = { NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_ARP, NFPROTO_BRIDGE, NFPROTO_NETDEV };
	struct nlmsghdr *h =
		request(buf, NFT_MSG_GETSETELEM, set->family < ARRAY_SIZE(protos) ? protos[set->family] : NFPROTO_UNSPEC);

	mnl_attr_put_strz_check(h, NL_REQUEST_SIZE, NFTA_SET_ELEM_LIST_TABLE, set->table);
	mnl_attr_put_strz_check(h, NL_REQUEST_SIZE, NFTA_SET_ELEM_LIST_SET, set->name);
	return h;
}

int nft_generation(struct nl *nl, uint32_t *generation)
{
	NL_REQUEST(buf);
	const struct nlmsghdr *answer;
	const void *id = NULL;
	int err = nl_ask(nl, nft_get(buf, NFT_MSG_GETGEN), &answer);

	if (err)
		return err;
	if (!nft_is(answer, NFT_MSG_NEWGEN))
		return -EPROTO;
	nl_for_each (a, answer, sizeof(struct nfgenmsg))
		if (mnl_attr_get_type(a) == NFTA_GEN_ID)
			id = nl_attr(a, sizeof(*generation));
	if (!id)
		return -EPROTO;
	memcpy(generation, id, sizeof(*generation));
	*generation = ntohl(*generation);
	return 0;
}

/* --- tables, objects, flow tables --------------------------------------------------------------------------------------------------- */

int nft_parse_table(const struct nlmsghdr *h, struct arena *arena, struct snap_fw_table *out)
{
	struct snap_fw_table t = { 0 };
	uint32_t flags = 0;

	if (!nft_is(h, NFT_MSG_NEWTABLE))
		return -EINVAL;
	t.family = nft_family(h);
	nl_for_each (a, h, sizeof(struct nfgenmsg))
		switch (mnl_attr_get_type(a)) {
		case NFTA_TABLE_NAME:
			t.name = nft_text(a, arena);
			break;
		case NFTA_TABLE_HANDLE:
			nft_set_u64(a, &t.handle);
			break;
		case NFTA_TABLE_FLAGS:
			nft_set_u32(a, &flags);
			break;
		case NFTA_TABLE_USE:
			nft_set_u32(a, &t.use);
			break;
		}
	if (!t.name)
		return -EINVAL;
	t.flags = flags & (FW_DORMANT | FW_OWNER);
	*out = t;
	return 0;
}

int nft_parse_object(const struct nlmsghdr *h, struct arena *arena, struct snap_fw_object *out)
{
	struct snap_fw_object o = { 0 };

	if (!nft_is(h, NFT_MSG_NEWOBJ))
		return -EINVAL;
	o.family = nft_family(h);
	nl_for_each (a, h, sizeof(struct nfgenmsg))
		switch (mnl_attr_get_type(a)) {
		case NFTA_OBJ_TABLE:
			o.table = nft_text(a, arena);
			break;
		case NFTA_OBJ_NAME:
			o.name = nft_text(a, arena);
			break;
		case NFTA_OBJ_TYPE:
			nft_set_u32(a, &o.type);
			break;
		}
	if (!o.table || !o.name)
		return -EINVAL;
	*out = o;
	return 0;
}

/* NFTA_DEVICE_*: names, and since Linux 6.16 how names begin, which get a "*". */
static const char *const *device_names(const struct nlattr *nest, struct arena *arena, uint32_t *n)
{
	enum { PREFIX = 2 }; /* NFTA_DEVICE_PREFIX */
	const char **names;
	uint32_t most = 0;

	*n = 0;
	nl_for_each_in (a, nest)
		most++;
	if (!most)
		return NULL;
	names = arena_alloc(arena, most * sizeof(*names));
	nl_for_each_in (a, nest)
		if (mnl_attr_get_type(a) == NFTA_DEVICE_NAME)
			names[(*n)++] = nft_text(a, arena);
		else if (mnl_attr_get_type(a) == PREFIX)
			names[(*n)++] = arena_printf(arena, "%s*", nft_text(a, arena));
	return names;
}

static void take_flow_hook(const struct nlattr *hook, struct arena *arena, struct snap_fw_flowtable *out)
{
	nl_for_each_in (a, hook)
		if (mnl_attr_get_type(a) == NFTA_FLOWTABLE_HOOK_PRIORITY)
			nft_set_u32(a, (uint32_t *)&out->priority);
		else if (mnl_attr_get_type(a) == NFTA_FLOWTABLE_HOOK_DEVS)
			out->devices = device_names(a, arena, &out->n_devices);
}

int nft_parse_flowtable(const struct nlmsghdr *h, struct arena *arena, struct snap_fw_flowtable *out)
{
	struct snap_fw_flowtable f = { 0 };

	if (!nft_is(h, NFT_MSG_NEWFLOWTABLE))
		return -EINVAL;
	f.family = nft_family(h);
	nl_for_each (a, h, sizeof(struct nfgenmsg))
		switch (mnl_attr_get_type(a)) {
		case NFTA_FLOWTABLE_TABLE:
			f.table = nft_text(a, arena);
			break;
		case NFTA_FLOWTABLE_NAME:
			f.name = nft_text(a, arena);
			break;
		case NFTA_FLOWTABLE_HOOK:
			take_flow_hook(a, arena, &f);
			break;
		}
	if (!f.table || !f.name)
		return -EINVAL;
	*out = f;
	return 0;
}

/* --- chains --------------------------------------------------------------------------------------------------------------------------- */

/* NF_INET_*, or NF_NETDEV_* (linux/netfilter.h). NF_INET_INGRESS is 5, which no other family hooks in. */
static uint8_t hook_of(uint8_t family, uint32_t hook)
{
	static const uint8_t inet[] = { FW_PREROUTING, FW_INPUT, FW_FORWARD, FW_OUTPUT, FW_POSTROUTING, FW_INGRESS };
	static const uint8_t netdev[] = { FW_INGRESS, FW_EGRESS };
	static const uint8_t arp[] = { FW_INPUT, FW_OUTPUT, FW_FORWARD }; /* linux/netfilter_arp.h */

	if (family == FW_NETDEV)
		return hook < ARRAY_SIZE(netdev) ? netdev[hook] : FW_NO_HOOK;
	if (family == FW_ARP)
		return hook < ARRAY_SIZE(arp) ? arp[hook] : FW_NO_HOOK;
	return hook < ARRAY_SIZE(inet) ? inet[hook] : FW_NO_HOOK;
}

/* Of a chain for one device the kernel names that, too; of one for several, all of them. */
static void take_hook(const struct nlattr *hook, struct arena *arena, struct snap_fw_chain *out)
{
	const struct nlattr *one = nl_find_in(hook, NFTA_HOOK_DEV), *all = nl_find_in(hook, NFTA_HOOK_DEVS);
	uint32_t number = UINT32_MAX;
	const char **name;

	nl_for_each_in (a, hook)
		if (mnl_attr_get_type(a) == NFTA_HOOK_HOOKNUM)
			nft_set_u32(a, &number);
		else if (mnl_attr_get_type(a) == NFTA_HOOK_PRIORITY)
			nft_set_u32(a, (uint32_t *)&out->priority);
	out->hook = hook_of(out->family, number);
	if (all) {
		out->devices = device_names(all, arena, &out->n_devices);
	} else if (one) {
		name = arena_alloc(arena, sizeof(*name));
		*name = nft_text(one, arena);
		out->devices = name;
		out->n_devices = 1;
	}
}

int nft_parse_chain(const struct nlmsghdr *h, struct arena *arena, struct snap_fw_chain *out)
{
	struct snap_fw_chain c = { 0 };
	uint32_t policy = NF_ACCEPT;

	if (!nft_is(h, NFT_MSG_NEWCHAIN))
		return -EINVAL;
	c.family = nft_family(h);
	nl_for_each (a, h, sizeof(struct nfgenmsg))
		switch (mnl_attr_get_type(a)) {
		case NFTA_CHAIN_TABLE:
			c.table = nft_text(a, arena);
			break;
		case NFTA_CHAIN_NAME:
			c.name = nft_text(a, arena);
			break;
		case NFTA_CHAIN_HANDLE:
			nft_set_u64(a, &c.handle);
			break;
		case NFTA_CHAIN_HOOK:
			take_hook(a, arena, &c);
			break;
		case NFTA_CHAIN_POLICY:
			nft_set_u32(a, &policy);
			break;
		case NFTA_CHAIN_TYPE:
			c.type = nft_text(a, arena);
			break;
		}
	if (!c.table || !c.name)
		return -EINVAL;
	c.drops = policy == NF_DROP;
	*out = c;
	return 0;
}

/* --- rules ---------------------------------------------------------------------------------------------------------------------------- */

int nft_parse_rule(const struct nlmsghdr *h, struct arena *arena, struct snap_fw_rule *out)
{
	struct snap_fw_rule r = { 0 };

	if (!nft_is(h, NFT_MSG_NEWRULE))
		return -EINVAL;
	r.family = nft_family(h);
	nl_for_each (a, h, sizeof(struct nfgenmsg))
		switch (mnl_attr_get_type(a)) {
		case NFTA_RULE_TABLE:
			r.table = nft_text(a, arena);
			break;
		case NFTA_RULE_CHAIN:
			r.chain = nft_text(a, arena);
			break;
		case NFTA_RULE_HANDLE:
			nft_set_u64(a, &r.handle);
			break;
		case NFTA_RULE_USERDATA:
			r.comment = nft_comment(a, arena);
			break;
		case NFTA_RULE_EXPRESSIONS:
			nft_set_exprs(a, arena, &r);
			break;
		}
	if (!r.table || !r.chain)
		return -EINVAL;
	*out = r;
	return 0;
}
