// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of nspid: what was asked for, and its views. */
#ifndef NSKIT_NSPID_H
#define NSKIT_NSPID_H

#include "cli/cli.h"
#include "model/target.h"
#include "output/table.h"
#include "view/pidrow.h"

#define NSPID_SCHEMA "nskit-nspid/1"

enum { PID_LIMIT = 4 * 1024 * 1024 }; /* PID_MAX_LIMIT, include/linux/threads.h: larger numbers are namespaces */

struct nspid {
	struct cli cli;
	bool json, no_header, threads, tree, translate, to_inner, rewrite;
	const char *columns; /* as typed, or NULL */
	const char *pattern;
	uint32_t inner; /* -i; 0: not asked */
	struct table table;
	struct target *targets;
	int n_targets;
	uint32_t *pids; /* where all operands are pids */
};

/* --- select.c: which tasks the targets mean -------------------------------------------------------------------------- */

/* Resolve all operands. 0, or -errno after it has spoken. */
int nspid_resolve(struct nspid *n, const struct index *ix);

/* Is a task in one of the targets (or are there none)? A PID namespace has those of the namespaces below, too. */
bool nspid_selects(const struct nspid *n, const struct index *ix, uint32_t task);

/* The PID namespace that a target's processes are in: of a container that of its init. 0: it has no process, or no such namespace. */
uint32_t nspid_pidns(const struct index *ix, const struct target *t);

/* "12345" or "pid:12345" of a process. */
bool nspid_is_pid(const char *word, uint32_t *pid);

/* --- list.c, tree.c, inner.c, translate.c: the views; 0, or -errno after they have spoken ------------------------------ */

int nspid_list(struct nspid *n, const struct index *ix);

/* Rows in n->table as a tree; the parent of each row (malloc'ed). Adds the rows of the PID namespaces. */
struct table_node *nspid_tree(struct pidrows *rows);

/* The host's number of PID n->inner in the target. */
enum exit_status nspid_inner(struct nspid *n);

enum exit_status nspid_translate(struct nspid *n);

#endif
