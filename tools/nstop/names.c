// SPDX-License-Identifier: GPL-2.0-or-later
#include <time.h>

#include "model/index.h"
#include "names.h"

enum { INTERVAL = 2 /* s */ };

struct ns_names {
	const struct cli *cli;
	struct snap snap;
	struct index ix;
	bool looked;
	time_t when;
	struct idmap by_inum; /* to the snapshot's namespaces */
};

struct ns_names *ns_names_new(const struct cli *c)
{
	struct ns_names *n = xcalloc(1, sizeof(*n));

	n->cli = c;
	return n;
}

static void forget(struct ns_names *n)
{
	if (!n->looked)
		return;
	index_done(&n->ix);
	idmap_done(&n->by_inum);
	n->by_inum = (struct idmap){ 0 };
	snap_done(&n->snap);
	n->looked = false;
}

void ns_names_free(struct ns_names *n)
{
	if (n)
		forget(n);
	free(n);
}

static void look(struct ns_names *n)
{
	const struct collect_opts o = {
		.proc = n->cli->proc, .collector = n->cli->collector, .tool = n->cli->tool, .wants = WANT_TASKS | WANT_CONTAINERS
	};
	const char *why;

	forget(n);
	snap_init(&n->snap);
	if (collect(&n->snap, &o, &why)) {
		snap_done(&n->snap);
		return;
	}
	index_build(&n->ix, &n->snap);
	for (size_t i = 0; i < n->snap.n_namespaces; i++)
		idmap_set(&n->by_inum, n->snap.namespaces[i].inum, (uint32_t)i);
	n->looked = true;
}

const char *ns_names_of(void *names, uint32_t inum)
{
	struct ns_names *n = names;
	const struct snap_container *c;
	struct timespec now;
	uint32_t ns, more;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ns = idmap_get(&n->by_inum, inum);
	if (ns == IDMAP_NONE && (!n->when || now.tv_sec - n->when >= INTERVAL)) {
		look(n);
		n->when = now.tv_sec;
		ns = idmap_get(&n->by_inum, inum);
	}
	if (ns == IDMAP_NONE)
		return NULL;
	if (index_is_initial(&n->ix, ns))
		return "host";
	c = index_ns_container(&n->ix, ns, &more);
	return !c ? NULL : c->name ? c->name : c->id;
}
