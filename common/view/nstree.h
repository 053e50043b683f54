// SPDX-License-Identifier: GPL-2.0-or-later
/* lsns's three trees over rows of namespaces. */
#ifndef NSKIT_NSTREE_H
#define NSKIT_NSTREE_H

#include "output/tree.h"
#include "view/nsrow.h"

enum nstree { NSTREE_NONE, NSTREE_PARENT, NSTREE_OWNER, NSTREE_PROCESS };
extern const char *const nstree_names[]; /* "none", "parent", "owner", "process", NULL */

/*
 * In the trees of parents and owners a row hangs below namespaces that may not have been chosen themselves: set their bits
 * in which[] (one byte for each of the snapshot's namespaces), up to the roots. Forged cycles end.
 */
void nstree_close(const struct index *ix, enum nstree kind, uint8_t *which);

/* The parent of each row (malloc'ed, caller frees); rows in the order of the snapshot's namespaces, or one namespace's processes. */
struct table_node *nstree_nodes(const struct nsrows *r, enum nstree kind);

#endif
