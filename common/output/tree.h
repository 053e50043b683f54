// SPDX-License-Identifier: GPL-2.0-or-later
/* The order in which a tree is shown: of rows that name their parents, parents first, siblings in the order of the rows. */
#ifndef NSKIT_TREE_H
#define NSKIT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TREE_ROOT UINT32_MAX

struct table_node {
	uint32_t parent; /* row, or TREE_ROOT */
};

struct tree_row {
	uint32_t row;
	uint32_t depth; /* 0: a root */
	bool last;      /* of its siblings */
};

/*
 * All n rows, each once, in linear time (malloc'ed, caller frees; at most UINT32_MAX - 1 rows). A row whose parent does not exist is
 * a root; so is each row of a cycle (forged data), with what hangs below it.
 */
struct tree_row *tree_order(const struct table_node *nodes, size_t n);

#endif
