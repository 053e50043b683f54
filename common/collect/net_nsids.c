// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which namespace is meant by the ids that network namespaces have for each other. The kernel lists them (RTM_GETNSID) but says
 * of none whose it is; it does say which id, if any, a namespace has for another that is shown to it as an fd, and gives none
 * away by being asked (rtnl_net_getid, net/core/net_namespace.c). So whoever has ids is asked about the host first, which is most
 * often the answer, then about those who have ids themselves, then about the rest.
 */
#include <linux/net_namespace.h>
#include <linux/netlink.h>

#include "collect/net.h"
#include "collect/proc.h"
#include "net/rtnl.h"

struct taking {
	struct net_tour *n;
	uint32_t inum;
	size_t before;
};

static int take_nsid(const struct nlmsghdr *h, void *arg)
{
	struct taking *t = arg;
	uint32_t nsid;

	if (!rtnl_parse_nsid(h, &nsid))
		*ARRAY_ADD(t->n->s, nsids) = (struct snap_nsid){ .ns = t->inum, .nsid = nsid };
	return 0;
}

static void take_again(void *arg)
{
	struct taking *t = arg;

	t->n->s->n_nsids = t->before;
}

void net_nsids(struct net_tour *n, const struct snap_ns *ns, struct nl *nl)
{
	struct taking t = { n, ns->inum, n->s->n_nsids };
	const struct nl_sink sink = { take_nsid, take_again, &t };
	NL_REQUEST(buf);
	int err = nl_dump(nl, rtnl_get_nsids(buf), &sink);

	if (err) {
		take_again(&t);
		snap_add_gap(n->s, "network namespaces' ids for each other", -err, NULL);
	}
}

/* --- whose they are --------------------------------------------------------------------------------------------------------- */

struct resolving {
	struct net_tour *n;
	const struct nsfs *fs;
	uint32_t *candidates; /* namespaces, in the order in which they are asked about */
	size_t n_candidates;
};

/* The namespaces with ids come in runs of n->s->nsids, for each was dumped at once. */
static size_t run_length(const struct net_tour *n, size_t at)
{
	size_t end = at;

	while (end < n->s->n_nsids && n->s->nsids[end].ns == n->s->nsids[at].ns)
		end++;
	return end - at;
}

static void add_candidates(struct resolving *r, const struct idmap *with_ids, int turn)
{
	const struct snap *s = r->n->s;

	for (uint32_t i = 0; i < s->n_namespaces; i++) {
		bool initial = s->namespaces[i].inum == s->head.initial[NS_NET];
		bool has_ids = idmap_get(with_ids, s->namespaces[i].inum) != IDMAP_NONE;

		if (s->namespaces[i].type == NS_NET && turn == (initial ? 0 : has_ids ? 1 : 2))
			r->candidates[r->n_candidates++] = i;
	}
}

static void order_candidates(struct resolving *r)
{
	struct idmap with_ids = { 0 };

	for (size_t i = 0; i < r->n->s->n_nsids; i++)
		idmap_add(&with_ids, r->n->s->nsids[i].ns, 1);
	r->candidates = xcalloc(r->n->s->n_namespaces, sizeof(*r->candidates));
	for (int turn = 0; turn < 3; turn++)
		add_candidates(r, &with_ids, turn);
	idmap_done(&with_ids);
}

static bool name_peer(struct snap_nsid *ids, size_t count, int32_t nsid, uint32_t peer)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i].nsid == (uint32_t)nsid && !ids[i].peer) {
			ids[i].peer = peer;
			return true;
		}
	return false;
}

/* In the namespace whose ids these are. */
static void ask_about_all(struct resolving *r, struct nl *nl, struct snap_nsid *ids, size_t count)
{
	const struct snap *s = r->n->s;
	size_t left = count;

	for (size_t k = 0; k < r->n_candidates && left; k++) {
		uint32_t i = r->candidates[k];
		int32_t nsid = NETNSA_NSID_NOT_ASSIGNED;
		CLEAN_FD int fd = nsfs_open(r->fs, i);

		if (fd < 0 || rtnl_ask_nsid(nl, fd, &nsid) || nsid < 0)
			continue;
		left -= name_peer(ids, count, nsid, s->namespaces[i].inum);
	}
}

static void resolve_of(struct resolving *r, size_t at, size_t count)
{
	uint32_t i = index_ns(r->fs->ix, NS_NET, r->n->s->nsids[at].ns);
	struct nl nl = { 0 };

	if (i == IDMAP_NONE)
		return;
	/* Who may not come back to our own namespace has never left it. */
	if (nsfs_enter(r->fs, i) && r->n->s->namespaces[i].inum != r->fs->own[NS_NET])
		return;
	if (!nl_open(&nl, NETLINK_ROUTE))
		ask_about_all(r, &nl, &r->n->s->nsids[at], count);
	nl_close(&nl);
}

void net_resolve_nsids(struct net_tour *n, const struct nsfs *fs)
{
	struct resolving r = { .n = n, .fs = fs };

	if (!n->s->n_nsids)
		return;
	order_candidates(&r);
	for (size_t at = 0, count; at < n->s->n_nsids; at += count) {
		count = run_length(n, at);
		resolve_of(&r, at, count);
	}
	free(r.candidates);
}

/* --- the other ends of devices ---------------------------------------------------------------------------------------------- */

static uint64_t id_key(uint32_t ns, uint64_t nsid)
{
	return (uint64_t)ns << 32 ^ nsid;
}

void net_name_peers(struct net_tour *n)
{
	struct idmap by_id = { 0 };
	struct snap *s = n->s;

	for (uint32_t i = 0; i < s->n_nsids; i++)
		idmap_add(&by_id, id_key(s->nsids[i].ns, s->nsids[i].nsid), i);
	for (size_t i = 0; i < s->n_links; i++) {
		struct snap_link *l = &s->links[i];
		uint32_t k;

		if (l->link <= 0) /* a tunnel on no device in particular says 0 */
			continue;
		k = OPT_VALUE(l->link_netnsid) ? idmap_get(&by_id, id_key(l->ns, (uint64_t)l->link_netnsid)) : IDMAP_NONE;
		l->peer_ns = !OPT_VALUE(l->link_netnsid) ? l->ns : k != IDMAP_NONE ? s->nsids[k].peer : 0;
	}
	idmap_done(&by_id);
}
