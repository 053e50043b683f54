// SPDX-License-Identifier: GPL-2.0-or-later
/* -T: PID namespaces below their parents, and in each its processes below its init. */
#include "nspid.h"

static uint32_t own_pidns(const struct pidrow *row)
{
	return row->n_pidns ? row->pidns[row->n_pidns - 1] : 0;
}

/* Rows of the namespaces that the processes' rows are in, and of those above them. */
static void add_namespaces(struct pidrows *r, struct idmap *ns_rows)
{
	size_t n = r->n_items;

	for (size_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < r->items[i].n_pidns; k++) {
			uint32_t inum = r->items[i].pidns[k], next = (uint32_t)r->n_items;

			if (inum && idmap_add(ns_rows, inum, next) == next)
				pidrows_add_ns(r, inum);
		}
}

/* Where a namespace's row hangs: below that of its parent. */
static void link_namespaces(const struct pidrows *r, const struct idmap *ns_rows, struct table_node *nodes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (uint32_t k = 1; k < r->items[i].n_pidns; k++) {
			uint32_t row = idmap_get(ns_rows, r->items[i].pidns[k]);

			if (row != IDMAP_NONE)
				nodes[row].parent = idmap_get(ns_rows, r->items[i].pidns[k - 1]);
		}
}

/* A process hangs below its parent as long as that is in the same namespace, a thread below its process, an init below the row. */
static uint32_t parent_of(const struct pidrows *r, const struct pidrow *row, const struct idmap *by_tid, const struct idmap *inits,
			  const struct idmap *ns_rows)
{
	uint32_t up = idmap_get(by_tid, (uint64_t)(row->thread ? row->pid : row->ppid)), init;

	if (up != IDMAP_NONE && &r->items[up] != row && own_pidns(&r->items[up]) == own_pidns(row))
		return up;
	init = idmap_get(inits, own_pidns(row));
	/* Who came by setns(2) has a parent outside; but the host's other roots are not its init's children. */
	if (init != IDMAP_NONE && &r->items[init] != row && row->n_nspid > 1)
		return init;
	return idmap_get(ns_rows, own_pidns(row));
}

struct table_node *nspid_tree(struct pidrows *r)
{
	struct idmap ns_rows = { 0 }, by_tid = { 0 }, inits = { 0 };
	size_t n = r->n_items;
	struct table_node *nodes;

	for (uint32_t i = 0; i < n; i++) {
		const struct pidrow *row = &r->items[i];

		idmap_add(&by_tid, (uint64_t)row->tid, i);
		if (row->n_nspid && row->nspid[row->n_nspid - 1] == 1)
			idmap_add(&inits, own_pidns(row), i);
	}
	add_namespaces(r, &ns_rows);
	nodes = xcalloc(r->n_items, sizeof(*nodes));
	for (size_t i = 0; i < r->n_items; i++)
		nodes[i].parent = i < n ? parent_of(r, &r->items[i], &by_tid, &inits, &ns_rows) : TREE_ROOT;
	link_namespaces(r, &ns_rows, nodes, n);
	idmap_done(&ns_rows);
	idmap_done(&by_tid);
	idmap_done(&inits);
	return nodes;
}
