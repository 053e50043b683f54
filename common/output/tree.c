// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/tree.h"
#include "util/util.h"

struct links {
	uint32_t *parent, *next;
	uint32_t *first; /* child; first[n] begins the roots */
};

/* Follow each row upwards until a row that was seen: seen on the same way means a cycle, whose rows all become roots. */
static void cut_cycles(uint32_t *parent, size_t n)
{
	CLEAN_MEM uint32_t *seen = xcalloc(n, sizeof(*seen));

	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = i;

		while (at != TREE_ROOT && !seen[at]) {
			seen[at] = i + 1;
			at = parent[at];
		}
		if (at == TREE_ROOT || seen[at] != i + 1)
			continue;
		while (parent[at] != TREE_ROOT) {
			uint32_t up = parent[at];

			parent[at] = TREE_ROOT;
			at = up;
		}
	}
}

static void link_rows(struct links *l, const struct table_node *nodes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		l->parent[i] = nodes[i].parent < n ? nodes[i].parent : TREE_ROOT;
	cut_cycles(l->parent, n);
	memset(l->first, 0xff, (n + 1) * sizeof(*l->first));
	for (size_t i = n; i-- > 0;) {
		size_t p = l->parent[i] == TREE_ROOT ? n : l->parent[i];

		l->next[i] = l->first[p];
		l->first[p] = (uint32_t)i;
	}
}

struct tree_row *tree_order(const struct table_node *nodes, size_t n)
{
	CLEAN_MEM uint32_t *memory = xcalloc(3 * n + 1, sizeof(*memory));
	struct links l = { .parent = memory, .next = memory + n, .first = memory + 2 * n };
	struct tree_row *order = xcalloc(n, sizeof(*order));
	uint32_t depth = 0, row;

	link_rows(&l, nodes, n);
	row = l.first[n];
	for (size_t i = 0; i < n; i++) {
		order[i] = (struct tree_row){ .row = row, .depth = depth, .last = l.next[row] == TREE_ROOT };
		if (l.first[row] != TREE_ROOT) {
			row = l.first[row];
			depth++;
			continue;
		}
		while (l.next[row] == TREE_ROOT && depth) {
			row = l.parent[row];
			depth--;
		}
		row = l.next[row];
	}
	return order;
}
