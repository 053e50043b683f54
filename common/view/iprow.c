// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>

#include "view/iprow_fill.h"

/* --- what all need ------------------------------------------------------------------------------------------------------------ */

static uint64_t link_key(uint32_t inum, uint64_t ifindex)
{
	return (uint64_t)inum << 32 | (uint32_t)ifindex;
}

void iprows_init(struct iprows *r, const struct index *ix, unsigned int details)
{
	*r = (struct iprows){ .ix = ix, .details = details };
	for (size_t i = 0; i < ix->snap->n_links; i++)
		idmap_add(&r->links, link_key(ix->snap->links[i].ns, ix->snap->links[i].ifindex), (uint32_t)i);
}

void iprows_done(struct iprows *r)
{
	arena_done(&r->arena);
	idmap_done(&r->links);
}

void iprows_enter(struct iprows *r, uint32_t ns)
{
	arena_done(&r->arena);
	r->ns = ns;
	r->inum = r->ix->snap->namespaces[ns].inum;
}

const struct snap_link *iprows_find_link(const struct iprows *r, uint32_t inum, int64_t ifindex)
{
	uint32_t i = idmap_get(&r->links, link_key(inum, (uint64_t)ifindex));

	return i == IDMAP_NONE ? NULL : &r->ix->snap->links[i];
}

const char *iprows_device(struct iprows *r, int64_t ifindex)
{
	const struct snap_link *l;

	if (!OPT_VALUE(ifindex) || !ifindex)
		return NULL;
	l = iprows_find_link(r, r->inum, ifindex);
	return l ? l->ifname : arena_printf(&r->arena, "if%" PRId64, ifindex);
}

const char *iprows_word(struct iprows *r, const char *name, uint32_t number)
{
	return name ? name : arena_printf(&r->arena, "%u", number);
}

/* The names of bits that are set, in the order of the list. */
const char *const *iprows_words(struct iprows *r, const char *const *names, uint64_t bits, uint32_t *n)
{
	const char **list = arena_alloc(&r->arena, 64 * sizeof(*list));

	*n = 0;
	for (int bit = 0; bit < 64 && names[bit]; bit++)
		if (bits >> bit & 1 && *names[bit])
			list[(*n)++] = names[bit];
	return list;
}

int64_t iprows_number(const char *text)
{
	uint64_t n;

	return text && !parse_u64(text, INT64_MAX, &n) ? (int64_t)n : OPT_NONE;
}

/* --- neighbours, nexthop objects ---------------------------------------------------------------------------------------------- */

#define G(member, knd, ...) \
	{ \
		.name = #member, .kind = knd, .off = offsetof(struct iprow_neigh, member), __VA_ARGS__ \
	}
static const struct field neigh_fields[] = {
	G(dst, F_STR, HELP("address")),
	G(dev, F_STR, HELP("device")),
	G(lladdr, F_STR, OMIT, HELP("link layer address")),
	G(router, F_MARK, HELP("a router")),
	G(proxy, F_MARK, HELP("answered for")),
	G(extern_learn, F_MARK, HELP("learnt by somebody else")),
	G(offload, F_MARK, HELP("in hardware")),
	G(managed, F_MARK, HELP("kept up to date")),
	G(protocol, F_STR, OMIT, HELP("who made it")),
	G(state, F_STRS, COUNTED(iprow_neigh, state), HELP("state")),
};
DESC(iprow_neigh_desc, "neighbour", struct iprow_neigh, "a neighbour", neigh_fields);

static const struct field member_fields[] = {
	{ .name = "id", .kind = F_U32, .off = offsetof(struct iprow_member, id), HELP("nexthop object") },
};
static DESC(member_desc, "nexthop_member", struct iprow_member, "a member of a group of nexthop objects", member_fields);

#define X(member, knd, ...) \
	{ \
		.name = #member, .kind = knd, .off = offsetof(struct iprow_nexthop, member), __VA_ARGS__ \
	}
static const struct field nexthop_fields[] = {
	X(id, F_U32, HELP("id")),
	X(group, F_RECS, OMIT, COUNTED(iprow_nexthop, group), .rec = &member_desc, HELP("members of a group")),
	X(gateway, F_STR, OMIT, HELP("gateway")),
	X(dev, F_STR, OMIT, HELP("device")),
	X(blackhole, F_MARK, HELP("drops packets")),
	X(fdb, F_MARK, HELP("for a bridge")),
};
DESC(iprow_nexthop_desc, "nexthop", struct iprow_nexthop, "a nexthop object", nexthop_fields);

/* do_show_or_flush(), ip/ipneigh.c */
bool iprows_shows_neigh(const struct snap_neigh *n)
{
	enum { NOARP = 0x40, PROXY = 1 << 3, EXT_LEARNED = 1 << 4 }; /* NUD_NOARP, NTF_*: include/uapi/linux/neighbour.h */

	return n->flags & PROXY ? false : n->state & ~(uint64_t)NOARP || n->flags & EXT_LEARNED;
}

void iprows_neigh(struct iprows *r, const struct snap_neigh *n, struct iprow_neigh *out)
{
	*out = (struct iprow_neigh){
		.dst = n->dst,
		.dev = iprows_device(r, n->ifindex),
		.lladdr = n->lladdr,
		.family = addr_family_names[n->family],
		.router = n->flags & 1 << 7, /* NTF_* */
		.proxy = n->flags & 1 << 3,
		.extern_learn = n->flags & 1 << 4,
		.offload = n->flags & 1 << 5,
		.managed = n->flags & 1 << 8, /* NTF_EXT_MANAGED, behind those */
		.protocol = n->protocol ? iprows_word(r, route_protocol_name(n->protocol), n->protocol) : NULL,
	};
	out->state = iprows_words(r, neigh_state_names, n->state, &out->n_state);
}

void iprows_nexthop(struct iprows *r, const struct snap_nexthop *n, struct iprow_nexthop *out)
{
	struct iprow_member *group = arena_alloc(&r->arena, MAX(n->n_group, 1u) * sizeof(*group));

	for (uint32_t i = 0; i < n->n_group; i++)
		group[i].id = n->group[i];
	*out = (struct iprow_nexthop){ .id = n->id,
				       .gateway = n->gateway,
				       .dev = iprows_device(r, n->oif),
				       .blackhole = n->blackhole,
				       .fdb = n->fdb,
				       .group = n->n_group ? group : NULL,
				       .n_group = n->n_group };
}
