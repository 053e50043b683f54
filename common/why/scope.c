// SPDX-License-Identifier: GPL-2.0-or-later
#include "why/scope.h"

#include "why/look.h"

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

bool scope_has(const struct scope *sc, uint32_t ns)
{
	return sc->n_ns && bsearch(&ns, sc->ns, sc->n_ns, sizeof(ns), by_number);
}

static void add(struct scope *sc, uint32_t ns)
{
	if (!ns || scope_has(sc, ns))
		return;
	*ARRAY_ADD(sc, ns) = ns;
	qsort(sc->ns, sc->n_ns, sizeof(*sc->ns), by_number);
}

void scope_done(struct scope *sc)
{
	free(sc->ns);
	*sc = (struct scope){ 0 };
}

bool scope_widen(struct scope *sc, const struct why *why)
{
	size_t before = sc->n_ns;

	for (size_t i = 0; i < why->n_needs; i++)
		add(sc, why->needs[i]);
	return sc->n_ns > before;
}

/* --- who lies between ------------------------------------------------------------------------------------------------------ */

/* Of a namespace (index): one that a device joins it with; whether there is another one; whether it is taken in. */
struct node {
	uint32_t neighbour;
	bool between, in;
};

static struct node *node_of(const struct index *ix, struct node *nodes, uint32_t inum)
{
	uint32_t i = index_ns(ix, NS_NET, inum);

	return i == IDMAP_NONE ? NULL : &nodes[i];
}

static bool is_pair(const struct snap_link *l)
{
	return NSREF_KNOWN(l->peer_ns) && l->peer_ns != l->ns;
}

static void join(struct node *n, uint32_t other)
{
	if (n && n->neighbour && n->neighbour != other)
		n->between = true;
	if (n && !n->neighbour)
		n->neighbour = other;
}

/* Take in those between that a device joins with one that is in; as often as anything changes, which a chain of routers bounds. */
static void spread(const struct index *ix, struct node *nodes)
{
	const struct snap *s = ix->snap;
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < s->n_links; i++) {
			struct node *a, *b;

			if (!is_pair(&s->links[i]))
				continue;
			a = node_of(ix, nodes, s->links[i].ns);
			b = node_of(ix, nodes, s->links[i].peer_ns);
			if (!a || !b || a->in == b->in || !(a->in ? b : a)->between)
				continue;
			a->in = b->in = changed = true;
		}
	}
}

static void take_in(const struct index *ix, struct node *nodes, uint32_t inum)
{
	struct node *n = inum ? node_of(ix, nodes, inum) : NULL;

	if (n)
		n->in = true;
}

/* A socket stays where it was made, wherever its process goes: those of the target's processes. */
static void take_in_sockets(const struct index *ix, struct node *nodes, const struct why_query *q)
{
	const struct snap *s = ix->snap;

	for (size_t i = 0; q->targeted && q->target.kind != TARGET_HOST && i < s->n_socket_fds; i++) {
		const struct snap_socket_fd *f = &s->socket_fds[i];
		uint32_t task = NSREF_KNOWN(f->ns) ? index_task(ix, f->pid) : IDMAP_NONE;

		if (task != IDMAP_NONE && target_has_task(ix, &q->target, task))
			take_in(ix, nodes, f->ns);
	}
}

void scope_find(struct scope *sc, const struct index *ix, const struct why_query *q)
{
	const struct snap *s = ix->snap;
	CLEAN_MEM struct node *nodes = xcalloc(s->n_namespaces + 1, sizeof(*nodes));
	struct ipaddr a, wanted = ipaddr_unmap(&q->addr);

	for (size_t i = 0; i < s->n_links; i++)
		if (is_pair(&s->links[i])) {
			join(node_of(ix, nodes, s->links[i].ns), s->links[i].peer_ns);
			join(node_of(ix, nodes, s->links[i].peer_ns), s->links[i].ns);
		}
	take_in(ix, nodes, q->ns);
	take_in(ix, nodes, q->client_ns);
	take_in_sockets(ix, nodes, q);
	take_in(ix, nodes, s->head.initial[NS_NET]);
	for (size_t i = 0; i < s->n_addresses && !ipaddr_is_loopback(&wanted) && !ipaddr_is_any(&wanted); i++)
		if (!ipaddr_parse(s->addresses[i].local, &a) && ipaddr_equal(&a, &wanted))
			take_in(ix, nodes, s->addresses[i].ns);
	spread(ix, nodes);
	for (uint32_t i = 0; i < s->n_namespaces; i++)
		if (nodes[i].in)
			*ARRAY_ADD(sc, ns) = s->namespaces[i].inum;
	qsort(sc->ns, sc->n_ns, sizeof(*sc->ns), by_number);
}
