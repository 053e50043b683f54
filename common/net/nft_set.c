// SPDX-License-Identifier: GPL-2.0-or-later
/* Sets and their elements (nf_tables_fill_set, nf_tables_fill_setelem, net/netfilter/nf_tables_api.c). */
#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "net/nft.h"
#include "net/nft_attr.h"

enum { MAX_FIELDS = 16 }; /* NFT_REG32_COUNT: a key of more would not fit the registers */

/*
 * Expressions that a set keeps for each element: whoever finds or adds it asks them (nft_set_elem_update_expr, net/netfilter/nft_lookup.c;
 * nft_dynset_eval), and a limit may say no.
 */
static void take_limit(const struct nlattr *expr, struct arena *arena, const char **limit, bool *over)
{
	bool known;
	struct snap_fw_expr e = nft_expr(expr, arena, &known);

	if (!strcmp(e.name, "counter") || !strcmp(e.name, "last"))
		return;
	*limit = e.name;
	*over = e.flags > 0 && e.flags & NFT_LIMIT_F_INV; /* the same bit of each kind */
}

static void take_limits(const struct nlattr *list, struct arena *arena, const char **limit, bool *over)
{
	nl_for_each_in (a, list)
		take_limit(a, arena, limit, over);
}

/* The parts of a concatenation. */
static void take_fields(const struct nlattr *desc, struct arena *arena, struct snap_fw_set *out)
{
	const struct nlattr *concat = nl_find_in(desc, NFTA_SET_DESC_CONCAT), *len;
	uint32_t *fields = concat ? arena_alloc(arena, MAX_FIELDS * sizeof(*fields)) : NULL;

	out->n_fields = 0;
	nl_for_each_in (field, concat) {
		if (out->n_fields == MAX_FIELDS)
			break;
		len = nl_find_in(field, NFTA_SET_FIELD_LEN);
		if (len)
			nft_set_u32(len, &fields[out->n_fields]);
		out->n_fields++;
	}
	out->fields = fields;
}

static void take_attr(const struct nlattr *a, struct arena *arena, struct snap_fw_set *out)
{
	uint32_t flags;

	switch (mnl_attr_get_type(a)) {
	case NFTA_SET_TABLE:
		out->table = nft_text(a, arena);
		break;
	case NFTA_SET_NAME:
		out->name = nft_text(a, arena);
		break;
	case NFTA_SET_HANDLE:
		nft_set_u64(a, &out->handle);
		break;
	case NFTA_SET_FLAGS:
		flags = (uint32_t)out->flags;
		nft_set_u32(a, &flags);
		out->flags = flags & 0x1ff;
		break;
	case NFTA_SET_KEY_TYPE:
		nft_set_u32(a, &out->key_type);
		break;
	case NFTA_SET_KEY_LEN:
		nft_set_u32(a, &out->key_len);
		break;
	case NFTA_SET_DATA_TYPE:
		nft_set_u32(a, &out->data_type);
		break;
	case NFTA_SET_DATA_LEN:
		nft_set_u32(a, &out->data_len);
		break;
	case NFTA_SET_DESC:
		take_fields(a, arena, out);
		break;
	case NFTA_SET_EXPR:
		take_limit(a, arena, &out->limit, &out->over);
		break;
	case NFTA_SET_EXPRESSIONS:
		take_limits(a, arena, &out->limit, &out->over);
		break;
	}
}

int nft_parse_set(const struct nlmsghdr *h, struct arena *arena, struct snap_fw_set *out)
{
	struct snap_fw_set set = { 0 };

	if (!nft_is(h, NFT_MSG_NEWSET))
		return -EINVAL;
	set.family = nft_family(h);
	nl_for_each (a, h, sizeof(struct nfgenmsg))
		take_attr(a, arena, &set);
	if (!set.table || !set.name)
		return -EINVAL;
	*out = set;
	return 0;
}

/* --- elements ------------------------------------------------------------------------------------------------------------------------- */

static void take_elem_attr(const struct nlattr *a, struct arena *arena, struct snap_fw_elem *out)
{
	const char *none = NULL;
	uint32_t flags = 0;

	switch (mnl_attr_get_type(a)) {
	case NFTA_SET_ELEM_KEY:
		nft_data(a, arena, &out->key, &none, &none);
		break;
	case NFTA_SET_ELEM_KEY_END:
		nft_data(a, arena, &out->key_end, &none, &none);
		break;
	case NFTA_SET_ELEM_DATA:
		nft_data(a, arena, &out->data, &out->verdict, &out->ref);
		break;
	case NFTA_SET_ELEM_FLAGS:
		nft_set_u32(a, &flags);
		out->interval_end = flags & NFT_SET_ELEM_INTERVAL_END;
		break;
	case NFTA_SET_ELEM_OBJREF:
		out->ref = nft_text(a, arena);
		break;
	case NFTA_SET_ELEM_USERDATA:
		out->comment = nft_comment(a, arena);
		break;
	case NFTA_SET_ELEM_EXPR:
		take_limit(a, arena, &out->limit, &out->over);
		break;
	case NFTA_SET_ELEM_EXPRESSIONS:
		take_limits(a, arena, &out->limit, &out->over);
		break;
	}
}

static struct snap_fw_elem elem_of(const struct nlattr *nest, struct arena *arena)
{
	struct snap_fw_elem out = { 0 };

	nl_for_each_in (a, nest)
		take_elem_attr(a, arena, &out);
	return out;
}

int nft_parse_elems(const struct nlmsghdr *h, struct arena *arena, void (*take)(const struct snap_fw_elem *elem, void *arg),
		    void *arg)
{
	if (!nft_is(h, NFT_MSG_NEWSETELEM))
		return -EINVAL;
	nl_for_each (list, h, sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(list) != NFTA_SET_ELEM_LIST_ELEMENTS)
			continue;
		nl_for_each_in (a, list) {
			const struct snap_fw_elem elem = elem_of(a, arena);

			take(&elem, arg);
		}
	}
	return 0;
}
