// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/nstree.h"

const char *const nstree_names[] = { "none", "parent", "owner", "process", NULL };

/* The namespace that one hangs below, or IDMAP_NONE. */
static uint32_t above(const struct index *ix, enum nstree kind, uint32_t ns)
{
	const struct snap_ns *x = &ix->snap->namespaces[ns];

	if (kind == NSTREE_PARENT)
		return nstypes[x->type].hierarchical ? index_ns(ix, x->type, x->parent) : IDMAP_NONE;
	return index_ns(ix, NS_USER, x->owner);
}

void nstree_close(const struct index *ix, enum nstree kind, uint8_t *which)
{
	for (uint32_t i = 0; i < ix->snap->n_namespaces; i++) {
		if (which[i] != 1)
			continue;
		/* 2: added on a way up. What has been added before has been followed before. */
		for (uint32_t up = above(ix, kind, i); up != IDMAP_NONE && !which[up]; up = above(ix, kind, up))
			which[up] = 2;
	}
}

/*
 * A row whose process's parent has a row hangs below the last of that one's rows so far. So does lsns, where the parent's rows
 * come first; a child that comes before its parent (a namespace made by the parent later) is a root.
 */
static uint32_t below_process(const struct nsrow *row, struct idmap *last)
{
	return OPT_VALUE(row->ppid) && row->ppid ? idmap_get(last, (uint64_t)row->ppid) : IDMAP_NONE;
}

struct table_node *nstree_nodes(const struct nsrows *r, enum nstree kind)
{
	struct table_node *nodes = xcalloc(r->n_items, sizeof(*nodes));
	struct idmap rows = { 0 }; /* namespace or process -> row */

	for (uint32_t i = 0; i < r->n_items; i++)
		if (kind != NSTREE_PROCESS)
			idmap_add(&rows, r->items[i].index, i);
	for (uint32_t i = 0; i < r->n_items; i++) {
		const struct nsrow *row = &r->items[i];
		uint32_t up;

		if (kind == NSTREE_PROCESS) {
			nodes[i].parent = below_process(row, &rows);
			if (OPT_VALUE(row->pid))
				idmap_set(&rows, (uint64_t)row->pid, i);
			continue;
		}
		up = above(r->ix, kind, row->index);
		nodes[i].parent = up == IDMAP_NONE ? TREE_ROOT : idmap_get(&rows, up);
	}
	idmap_done(&rows);
	return nodes;
}
