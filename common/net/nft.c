// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h> /* libnftnl forgets it */
#include <arpa/inet.h>
#include <libnftnl/chain.h>
#include <libnftnl/expr.h>
#include <libnftnl/flowtable.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "net/nft.h"

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

static const uint8_t protos[] = { NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_ARP, NFPROTO_BRIDGE, NFPROTO_NETDEV };

struct nlmsghdr *nft_get_elems(char *buf, const struct snap_fw_set *set)
{
	struct nlmsghdr *h = request(buf, NFT_MSG_GETSETELEM, set->family < ARRAY_SIZE(protos) ? protos[set->family] : NFPROTO_UNSPEC);

	mnl_attr_put_strz_check(h, NL_REQUEST_SIZE, NFTA_SET_ELEM_LIST_TABLE, set->table);
	mnl_attr_put_strz_check(h, NL_REQUEST_SIZE, NFTA_SET_ELEM_LIST_SET, set->name);
	return h;
}

/* Is it a message of nf_tables with that op, and long enough for its header? */
static bool is_of(const struct nlmsghdr *h, uint8_t op)
{
	return h->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | op) && mnl_nlmsg_get_payload_len(h) >= sizeof(struct nfgenmsg);
}

int nft_generation(struct nl *nl, uint32_t *generation)
{
	NL_REQUEST(buf);
	const struct nlmsghdr *answer;
	const struct nlattr *a;
	const void *id = NULL;
	int err = nl_ask(nl, nft_get(buf, NFT_MSG_GETGEN), &answer);

	if (err)
		return err;
	if (!is_of(answer, NFT_MSG_NEWGEN))
		return -EPROTO;
	for (a = nl_first(answer, sizeof(struct nfgenmsg)); a; a = nl_next(answer, a))
		if (mnl_attr_get_type(a) == NFTA_GEN_ID)
			id = nl_attr(a, sizeof(*generation));
	if (!id)
		return -EPROTO;
	memcpy(generation, id, sizeof(*generation));
	*generation = ntohl(*generation);
	return 0;
}

static uint8_t family_of(uint32_t proto)
{
	for (uint8_t i = 0; i < ARRAY_SIZE(protos); i++)
		if (protos[i] == proto)
			return i;
	return FW_FAMILY_OTHER;
}

/* --- tables, objects, flow tables --------------------------------------------------------------------------------------------------- */

static void free_table(struct nftnl_table **t)
{
	if (*t)
		nftnl_table_free(*t);
}

int nft_parse_table(const struct nlmsghdr *h, struct arena *arena, struct snap_fw_table *out)
{
	struct nftnl_table *t __attribute__((cleanup(free_table))) = NULL;
	const char *name;

	if (!is_of(h, NFT_MSG_NEWTABLE))
		return -EINVAL;
	t = nftnl_table_alloc();
	if (!t)
		return -ENOMEM;
	if (nftnl_table_nlmsg_parse(h, t) < 0 || !(name = nftnl_table_get_str(t, NFTNL_TABLE_NAME)))
		return -EINVAL;
	*out = (struct snap_fw_table){
		.family = family_of(nftnl_table_get_u32(t, NFTNL_TABLE_FAMILY)),
		.name = arena_strdup(arena, name),
		.handle = nftnl_table_get_u64(t, NFTNL_TABLE_HANDLE),
		.flags = nftnl_table_get_u32(t, NFTNL_TABLE_FLAGS) & (FW_DORMANT | FW_OWNER),
		.use = nftnl_table_get_u32(t, NFTNL_TABLE_USE),
	};
	return 0;
}


/* By hand: the library stumbles over objects of a kind that it does not know, and no more than this is wanted. */
static void object_by_hand(const struct nlmsghdr *h, struct arena *arena, struct snap_fw_object *out)
{
	const struct nlattr *a;
	uint32_t type;

	for (a = nl_first(h, sizeof(struct nfgenmsg)); a; a = nl_next(h, a)) {
		const char *s = mnl_attr_get_payload(a);
		size_t len = mnl_attr_get_payload_len(a);

		if (mnl_attr_get_type(a) == NFTA_OBJ_TABLE)
			out->table = arena_strndup(arena, s, strnlen(s, len));
		else if (mnl_attr_get_type(a) == NFTA_OBJ_NAME)
			out->name = arena_strndup(arena, s, strnlen(s, len));
		else if (mnl_attr_get_type(a) == NFTA_OBJ_TYPE && len >= sizeof(type)) {
			memcpy(&type, s, sizeof(type));
			out->type = ntohl(type);
		}
	}
}

int nft_parse_object(const struct nlmsghdr *h, struct arena *arena, struct snap_fw_object *out)
{
	const struct nfgenmsg *m = mnl_nlmsg_get_payload(h);
	struct snap_fw_object o = { 0 };

	if (!is_of(h, NFT_MSG_NEWOBJ))
		return -EINVAL;
	o.family = family_of(m->nfgen_family);
	object_by_hand(h, arena, &o);
	if (!o.table || !o.name)
		return -EINVAL;
	*out = o;
	return 0;
}

static const char *const *copy_names(struct arena *arena, const char *const *names, uint32_t *n)
{
	const char **copy;

	for (*n = 0; names && names[*n]; (*n)++)
		;
	if (!*n)
		return NULL;
	copy = arena_alloc(arena, *n * sizeof(*copy));
	for (uint32_t i = 0; i < *n; i++)
		copy[i] = arena_strdup(arena, names[i]);
	return copy;
}

static void free_flowtable(struct nftnl_flowtable **f)
{
	if (*f)
		nftnl_flowtable_free(*f);
}

int nft_parse_flowtable(const struct nlmsghdr *h, struct arena *arena, struct snap_fw_flowtable *out)
{
	struct nftnl_flowtable *f __attribute__((cleanup(free_flowtable))) = NULL;
	const char *table, *name;

	if (!is_of(h, NFT_MSG_NEWFLOWTABLE))
		return -EINVAL;
	f = nftnl_flowtable_alloc();
	if (!f)
		return -ENOMEM;
	if (nftnl_flowtable_nlmsg_parse(h, f) < 0)
		return -EINVAL;
	table = nftnl_flowtable_get_str(f, NFTNL_FLOWTABLE_TABLE);
	name = nftnl_flowtable_get_str(f, NFTNL_FLOWTABLE_NAME);
	if (!table || !name)
		return -EINVAL;
	*out = (struct snap_fw_flowtable){
		.family = family_of(nftnl_flowtable_get_u32(f, NFTNL_FLOWTABLE_FAMILY)),
		.table = arena_strdup(arena, table),
		.name = arena_strdup(arena, name),
		.priority = nftnl_flowtable_get_s32(f, NFTNL_FLOWTABLE_PRIO),
	};
	if (nftnl_flowtable_is_set(f, NFTNL_FLOWTABLE_DEVICES))
		out->devices = copy_names(arena, nftnl_flowtable_get_array(f, NFTNL_FLOWTABLE_DEVICES), &out->n_devices);
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

static void free_chain(struct nftnl_chain **c)
{
	if (*c)
		nftnl_chain_free(*c);
}

/* Of a chain for one device the kernel names that; of one for several, all of them. */
static void take_devices(const struct nftnl_chain *c, struct arena *arena, struct snap_fw_chain *out)
{
	const char *const *many = NULL;
	const char *one[2] = { NULL };

	if (nftnl_chain_is_set(c, NFTNL_CHAIN_DEVICES))
		many = nftnl_chain_get_array(c, NFTNL_CHAIN_DEVICES);
	if (nftnl_chain_is_set(c, NFTNL_CHAIN_DEV))
		one[0] = nftnl_chain_get_str(c, NFTNL_CHAIN_DEV);
	out->devices = copy_names(arena, many ? many : one, &out->n_devices);
}

int nft_parse_chain(const struct nlmsghdr *h, struct arena *arena, struct snap_fw_chain *out)
{
	struct nftnl_chain *c __attribute__((cleanup(free_chain))) = NULL;
	const char *table, *name;

	if (!is_of(h, NFT_MSG_NEWCHAIN))
		return -EINVAL;
	c = nftnl_chain_alloc();
	if (!c)
		return -ENOMEM;
	if (nftnl_chain_nlmsg_parse(h, c) < 0)
		return -EINVAL;
	table = nftnl_chain_get_str(c, NFTNL_CHAIN_TABLE);
	name = nftnl_chain_get_str(c, NFTNL_CHAIN_NAME);
	if (!table || !name)
		return -EINVAL;
	*out = (struct snap_fw_chain){
		.family = family_of(nftnl_chain_get_u32(c, NFTNL_CHAIN_FAMILY)),
		.table = arena_strdup(arena, table),
		.name = arena_strdup(arena, name),
		.handle = nftnl_chain_get_u64(c, NFTNL_CHAIN_HANDLE),
	};
	if (!nftnl_chain_is_set(c, NFTNL_CHAIN_HOOKNUM))
		return 0;
	out->hook = hook_of(out->family, nftnl_chain_get_u32(c, NFTNL_CHAIN_HOOKNUM));
	out->priority = nftnl_chain_get_s32(c, NFTNL_CHAIN_PRIO);
	out->drops = nftnl_chain_is_set(c, NFTNL_CHAIN_POLICY) && nftnl_chain_get_u32(c, NFTNL_CHAIN_POLICY) == NF_DROP;
	out->type = arena_strdup(arena, nftnl_chain_get_str(c, NFTNL_CHAIN_TYPE));
	take_devices(c, arena, out);
	return 0;
}

/* --- rules ---------------------------------------------------------------------------------------------------------------------------- */

/* nft and iptables-nft put a comment into the user data of rules and elements as type 0: type, length, text with its NUL. */
static const char *comment_in(struct arena *arena, const void *data, size_t len)
{
	const uint8_t *p = data;

	while (p && len >= 2 && len - 2 >= p[1]) {
		if (p[0] == NFTNL_UDATA_RULE_COMMENT)
			return arena_strndup(arena, (const char *)p + 2, strnlen((const char *)p + 2, p[1]));
		len -= 2u + p[1];
		p += 2u + p[1];
	}
	return NULL;
}

struct exprs {
	struct arena *arena;
	struct snap_fw_expr *items;
	size_t n_items, cap_items;
};

static int add_expr(struct nftnl_expr *e, void *arg)
{
	struct exprs *x = arg;
	struct snap_fw_expr record = nft_expr_record(e, x->arena);

	*ARRAY_ADD(x, items) = record;
	return 0;
}

/* The expressions into the arena, and the array that they were collected in freed. */
static void keep_exprs(struct exprs *x, struct snap_fw_rule *out)
{
	struct snap_fw_expr *copy = arena_alloc(x->arena, x->n_items * sizeof(*copy));

	if (x->n_items)
		memcpy(copy, x->items, x->n_items * sizeof(*copy));
	out->exprs = copy;
	out->n_exprs = (uint32_t)x->n_items;
	free(x->items);
}

static const char *name_of_expr(const struct nlattr *element, struct arena *arena)
{
	const struct nlattr *a;

	for (a = nl_first_in(element); a; a = nl_next_in(element, a))
		if (mnl_attr_get_type(a) == NFTA_EXPR_NAME) {
			const char *s = mnl_attr_get_payload(a);

			return arena_strndup(arena, s, strnlen(s, mnl_attr_get_payload_len(a)));
		}
	return arena_strdup(arena, "");
}

/* A rule that the library does not get through, for an expression that is newer than it: what can be said of it. */
static int rule_by_hand(const struct nlmsghdr *h, struct arena *arena, struct snap_fw_rule *out)
{
	const struct nfgenmsg *m = mnl_nlmsg_get_payload(h);
	struct snap_fw_rule r = { .family = family_of(m->nfgen_family), .unparsed = true };
	struct exprs x = { .arena = arena };
	const struct nlattr *a, *e;
	uint64_t handle;

	for (a = nl_first(h, sizeof(*m)); a; a = nl_next(h, a)) {
		const char *s = mnl_attr_get_payload(a);
		size_t len = mnl_attr_get_payload_len(a);

		if (mnl_attr_get_type(a) == NFTA_RULE_TABLE)
			r.table = arena_strndup(arena, s, strnlen(s, len));
		else if (mnl_attr_get_type(a) == NFTA_RULE_CHAIN)
			r.chain = arena_strndup(arena, s, strnlen(s, len));
		else if (mnl_attr_get_type(a) == NFTA_RULE_HANDLE && len >= sizeof(handle)) {
			memcpy(&handle, s, sizeof(handle));
			r.handle = be64toh(handle);
		} else if (mnl_attr_get_type(a) == NFTA_RULE_EXPRESSIONS)
			for (e = nl_first_in(a); e; e = nl_next_in(a, e))
				*ARRAY_ADD(&x, items) = snap_fw_expr_of(name_of_expr(e, arena));
	}
	keep_exprs(&x, &r);
	if (!r.table || !r.chain)
		return -EINVAL;
	*out = r;
	return 0;
}

static void free_rule(struct nftnl_rule **r)
{
	if (*r)
		nftnl_rule_free(*r);
}

int nft_parse_rule(const struct nlmsghdr *h, struct arena *arena, struct snap_fw_rule *out)
{
	struct nftnl_rule *r __attribute__((cleanup(free_rule))) = NULL;
	struct exprs x = { .arena = arena };
	const char *table, *chain;
	const void *udata;
	uint32_t len = 0;

	if (!is_of(h, NFT_MSG_NEWRULE))
		return -EINVAL;
	r = nftnl_rule_alloc();
	if (!r)
		return -ENOMEM;
	if (nftnl_rule_nlmsg_parse(h, r) < 0)
		return rule_by_hand(h, arena, out);
	table = nftnl_rule_get_str(r, NFTNL_RULE_TABLE);
	chain = nftnl_rule_get_str(r, NFTNL_RULE_CHAIN);
	if (!table || !chain)
		return -EINVAL;
	*out = (struct snap_fw_rule){
		.family = family_of(nftnl_rule_get_u32(r, NFTNL_RULE_FAMILY)),
		.table = arena_strdup(arena, table),
		.chain = arena_strdup(arena, chain),
		.handle = nftnl_rule_get_u64(r, NFTNL_RULE_HANDLE),
	};
	udata = nftnl_rule_is_set(r, NFTNL_RULE_USERDATA) ? nftnl_rule_get_data(r, NFTNL_RULE_USERDATA, &len) : NULL;
	out->comment = comment_in(arena, udata, len);
	nftnl_expr_foreach(r, add_expr, &x);
	keep_exprs(&x, out);
	return 0;
}

/* --- sets --------------------------------------------------------------------------------------------------------------------------- */

static void free_set(struct nftnl_set **s)
{
	if (*s)
		nftnl_set_free(*s);
}

/* The parts of a concatenation: the library has their lengths as bytes. */
static void take_fields(const struct nftnl_set *s, struct arena *arena, struct snap_fw_set *out)
{
	uint32_t len = 0, *fields;
	const uint8_t *p = nftnl_set_is_set(s, NFTNL_SET_DESC_CONCAT) ? nftnl_set_get_data(s, NFTNL_SET_DESC_CONCAT, &len) : NULL;

	if (!p || !len)
		return;
	fields = arena_alloc(arena, len * sizeof(*fields));
	for (out->n_fields = 0; out->n_fields < len && p[out->n_fields]; out->n_fields++)
		fields[out->n_fields] = p[out->n_fields];
	out->fields = fields;
}

int nft_parse_set(const struct nlmsghdr *h, struct arena *arena, struct snap_fw_set *out)
{
	struct nftnl_set *s __attribute__((cleanup(free_set))) = NULL;
	const char *table, *name;

	if (!is_of(h, NFT_MSG_NEWSET))
		return -EINVAL;
	s = nftnl_set_alloc();
	if (!s)
		return -ENOMEM;
	if (nftnl_set_nlmsg_parse(h, s) < 0)
		return -EINVAL;
	table = nftnl_set_get_str(s, NFTNL_SET_TABLE);
	name = nftnl_set_get_str(s, NFTNL_SET_NAME);
	if (!table || !name)
		return -EINVAL;
	*out = (struct snap_fw_set){
		.family = family_of(nftnl_set_get_u32(s, NFTNL_SET_FAMILY)),
		.table = arena_strdup(arena, table),
		.name = arena_strdup(arena, name),
		.handle = nftnl_set_get_u64(s, NFTNL_SET_HANDLE),
		.flags = nftnl_set_get_u32(s, NFTNL_SET_FLAGS) & 0x1ff,
		.key_type = nftnl_set_get_u32(s, NFTNL_SET_KEY_TYPE),
		.key_len = nftnl_set_get_u32(s, NFTNL_SET_KEY_LEN),
		.data_type = nftnl_set_get_u32(s, NFTNL_SET_DATA_TYPE),
		.data_len = nftnl_set_get_u32(s, NFTNL_SET_DATA_LEN),
	};
	take_fields(s, arena, out);
	return 0;
}

struct elems {
	struct arena *arena;
	void (*take)(const struct snap_fw_elem *elem, void *arg);
	void *arg;
};

static const char *elem_hex(struct nftnl_set_elem *e, uint16_t attr, struct arena *arena)
{
	uint32_t len = 0;
	const void *p = nftnl_set_elem_is_set(e, attr) ? nftnl_set_elem_get(e, attr, &len) : NULL;

	return p ? nft_hex(arena, p, len) : NULL;
}

static const char *elem_text(struct nftnl_set_elem *e, uint16_t attr, struct arena *arena)
{
	return nftnl_set_elem_is_set(e, attr) ? arena_strdup(arena, nftnl_set_elem_get_str(e, attr)) : NULL;
}

static int add_elem(struct nftnl_set_elem *e, void *arg)
{
	const struct elems *x = arg;
	uint32_t flags = nftnl_set_elem_is_set(e, NFTNL_SET_ELEM_FLAGS) ? nftnl_set_elem_get_u32(e, NFTNL_SET_ELEM_FLAGS) : 0, len = 0;
	struct snap_fw_elem out = {
		.key = flags & NFT_SET_ELEM_CATCHALL ? NULL : elem_hex(e, NFTNL_SET_ELEM_KEY, x->arena),
		.key_end = elem_hex(e, NFTNL_SET_ELEM_KEY_END, x->arena),
		.interval_end = flags & NFT_SET_ELEM_INTERVAL_END,
		.data = elem_hex(e, NFTNL_SET_ELEM_DATA, x->arena),
		.ref = elem_text(e, NFTNL_SET_ELEM_CHAIN, x->arena),
	};
	const void *udata = nftnl_set_elem_is_set(e, NFTNL_SET_ELEM_USERDATA) ? nftnl_set_elem_get(e, NFTNL_SET_ELEM_USERDATA, &len) : NULL;

	if (nftnl_set_elem_is_set(e, NFTNL_SET_ELEM_VERDICT))
		out.verdict = nft_verdict((int32_t)nftnl_set_elem_get_u32(e, NFTNL_SET_ELEM_VERDICT));
	if (!out.ref)
		out.ref = elem_text(e, NFTNL_SET_ELEM_OBJREF, x->arena);
	out.comment = comment_in(x->arena, udata, len);
	x->take(&out, x->arg);
	return 0;
}

int nft_parse_elems(const struct nlmsghdr *h, struct arena *arena, void (*take)(const struct snap_fw_elem *elem, void *arg), void *arg)
{
	struct nftnl_set *s __attribute__((cleanup(free_set))) = NULL;
	struct elems x = { arena, take, arg };

	if (!is_of(h, NFT_MSG_NEWSETELEM))
		return -EINVAL;
	s = nftnl_set_alloc();
	if (!s)
		return -ENOMEM;
	if (nftnl_set_elems_nlmsg_parse(h, s) < 0)
		return -EINVAL;
	nftnl_set_elem_foreach(s, add_elem, &x);
	return 0;
}
