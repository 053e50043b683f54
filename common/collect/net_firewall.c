// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Of the network namespace that the thread is in: its ruleset. The dumps of nf_tables are one for each kind, so between two of them
 * somebody may change it: the generation is the same before and after, or all is read anew.
 */
#include <fcntl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>

#include "collect/net.h"
#include "net/nft.h"

enum { MAX_TRIES = 5, NAMES_SIZE = 4096 };

/* Where the arrays ended when a namespace was begun. */
struct mark {
	size_t tables, chains, rules, sets, objects, flowtables;
};

struct reading {
	struct snap *s;
	uint32_t inum;
	struct mark begin;
	struct snap_fw_elem *elems; /* of the set at hand */
	size_t n_elems, cap_elems;
};

#define TAKER(kind, list) \
	static int take_##kind(const struct nlmsghdr *h, void *arg) \
	{ \
		struct reading *r = arg; \
		struct snap_fw_##kind record; \
\
		if (nft_parse_##kind(h, &r->s->arena, &record)) \
			return -EPROTO; /* a ruleset without one of its parts would be another */ \
		record.ns = r->inum; \
		*ARRAY_ADD(r->s, fw_##list) = record; \
		return 0; \
	} \
	static void again_##list(void *arg) \
	{ \
		struct reading *r = arg; \
\
		r->s->n_fw_##list = r->begin.list; \
	}
TAKER(table, tables)
TAKER(chain, chains)
TAKER(rule, rules)
TAKER(set, sets)
TAKER(object, objects)
TAKER(flowtable, flowtables)
#undef TAKER

static void forget_all(struct reading *r)
{
	again_tables(r);
	again_chains(r);
	again_rules(r);
	again_sets(r);
	again_objects(r);
	again_flowtables(r);
}

/* --- elements --- */

static void add_elem(const struct snap_fw_elem *e, void *arg)
{
	struct reading *r = arg;

	*ARRAY_ADD(r, elems) = *e;
}

static int take_elems(const struct nlmsghdr *h, void *arg)
{
	struct reading *r = arg;

	return nft_parse_elems(h, &r->s->arena, add_elem, r) ? -EPROTO : 0;
}

static void again_elems(void *arg)
{
	struct reading *r = arg;

	r->n_elems = 0;
}

static int dump_elems(struct nl *nl, struct reading *r, struct snap_fw_set *set)
{
	const struct nl_sink sink = { take_elems, again_elems, r };
	struct snap_fw_elem *copy;
	NL_REQUEST(buf);
	int err;

	again_elems(r);
	err = nl_dump(nl, nft_get_elems(buf, set), &sink);
	if (err)
		return err;
	copy = arena_alloc(&r->s->arena, r->n_elems * sizeof(*copy));
	if (r->n_elems)
		memcpy(copy, r->elems, r->n_elems * sizeof(*copy));
	set->elems = copy;
	set->n_elems = (uint32_t)r->n_elems;
	return 0;
}

/* --- all of it --- */

static int dump_kinds(struct nl *nl, struct reading *r)
{
	const struct {
		uint8_t op;
		struct nl_sink sink;
	} dumps[] = {
		{ NFT_MSG_GETTABLE, { take_table, again_tables, r } },
		{ NFT_MSG_GETCHAIN, { take_chain, again_chains, r } },
		{ NFT_MSG_GETRULE, { take_rule, again_rules, r } },
		{ NFT_MSG_GETSET, { take_set, again_sets, r } },
		{ NFT_MSG_GETOBJ, { take_object, again_objects, r } },
		{ NFT_MSG_GETFLOWTABLE, { take_flowtable, again_flowtables, r } },
	};
	NL_REQUEST(buf);

	for (size_t i = 0; i < ARRAY_SIZE(dumps); i++) {
		int err = nl_dump(nl, nft_get(buf, dumps[i].op), &dumps[i].sink);

		if (err)
			return err;
		if (i == 0 && r->s->n_fw_tables == r->begin.tables) /* no table, and so nothing else */
			break;
	}
	for (size_t i = r->begin.sets; i < r->s->n_fw_sets; i++) {
		int err = dump_elems(nl, r, &r->s->fw_sets[i]);

		if (err)
			return err;
	}
	return 0;
}

/* 0; -EAGAIN: it changed meanwhile (a set that went is -ENOENT); -errno. */
static int dump_once(struct nl *nl, struct reading *r)
{
	uint32_t before, after;
	int err = nft_generation(nl, &before), dumped;

	if (err)
		return err;
	dumped = dump_kinds(nl, r);
	err = nft_generation(nl, &after);
	if (err)
		return err;
	return before != after || dumped == -EINTR ? -EAGAIN : dumped;
}

static int read_nft(struct reading *r)
{
	struct nl nl = { 0 };
	int err = nl_open(&nl, NETLINK_NETFILTER);

	for (int i = 0; !err && i < MAX_TRIES; i++) {
		forget_all(r);
		err = dump_once(&nl, r);
		if (err != -EAGAIN)
			break;
		err = i + 1 < MAX_TRIES ? 0 : -EAGAIN;
	}
	nl_close(&nl);
	if (err)
		forget_all(r);
	return err == -EINVAL || err == -EOPNOTSUPP || err == -EPROTONOSUPPORT
		       ? 0
		       : err; /* a kernel without nf_tables has no ruleset */
}

/*
 * Tables of x_tables that somebody made, by name. To ask for one that is not there makes it (xt_find_table_lock, net/netfilter/
 * x_tables.c), so the names are all that is read.
 */
static void read_legacy(struct reading *r, const char *file, enum fw_family family)
{
	char names[NAMES_SIZE], *rest = names, *name;

	if (read_at(AT_FDCWD, file, names, sizeof(names)) < 0)
		return;
	while ((name = strsep(&rest, "\n")))
		if (*name)
			*ARRAY_ADD(r->s, fw_tables) = (struct snap_fw_table){
				.ns = r->inum, .family = (uint8_t)family, .name = arena_strdup(&r->s->arena, name), .legacy = true
			};
}

void net_firewall(struct snap *s, struct snap_ns *ns)
{
	struct reading r = { .s = s,
			     .inum = ns->inum,
			     .begin = { s->n_fw_tables, s->n_fw_chains, s->n_fw_rules, s->n_fw_sets, s->n_fw_objects,
					s->n_fw_flowtables } };
	int err = read_nft(&r);

	if (err)
		snap_add_gap(s, err == -EAGAIN ? "rulesets, which changed while they were read" : "network namespaces' rulesets",
			     -err, err == -EPERM ? "CAP_NET_ADMIN" : NULL);
	ns->firewall = err ? err : (int64_t)(s->n_fw_rules - r.begin.rules);
	read_legacy(&r, "/proc/thread-self/net/ip_tables_names", FW_IP);
	read_legacy(&r, "/proc/thread-self/net/ip6_tables_names", FW_IP6);
	free(r.elems);
}
