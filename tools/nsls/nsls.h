// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of nsls: what was asked for, and its views. */
#ifndef NSKIT_NSLS_H
#define NSKIT_NSLS_H

#include "cli/cli.h"
#include "output/table.h"
#include "view/nstree.h"

#define NSLS_SCHEMA "nskit-nsls/1"

struct nsls {
	struct cli cli;
	bool json, raw, list, no_header, all_columns, keepers, persistent, no_cut, no_wrap, enter, diff, inside;
	const char *columns; /* as typed, or NULL */
	const char *task;    /* -p */
	uint32_t types;      /* bit for each; 0: all */
	enum nstree tree;
	bool tree_asked;
	struct table table;
	const char *empty_columns; /* instead, when the namespace whose processes were to be listed has none */
	struct target *targets;
	int n_targets;
};

/* Whether people read it: our own layout, not the one that scripts expect of lsns. */
static inline bool nsls_for_people(const struct nsls *n)
{
	return !n->json && !n->raw && !n->columns && !n->all_columns;
}

/* The views. 0; -errno after they have spoken. */

/* Namespaces, or one namespace's processes. */
int nsls_list(struct nsls *n, const struct index *ix);

/* The commands that enter the targets. */
int nsls_enter(const struct nsls *n, const struct index *ix);

/* What distinguishes two targets. *differ: whether anything does. */
int nsls_diff_targets(const struct nsls *n, const struct index *ix, bool *differ);

/* What distinguishes two saved snapshots, the operands. */
enum exit_status nsls_diff_files(const struct nsls *n);

/* Do both operands name snapshot files? */
bool nsls_diff_of_files(const struct nsls *n);

#define NSLS_DIFF_SCHEMA "nskit-nsls-diff/1"
void nsls_diff_schema(void);

#endif
