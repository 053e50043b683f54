// SPDX-License-Identifier: GPL-2.0-or-later
/* A row for each namespace, or trees of them: by container, owner, parent. */
#include "ui.h"
#include "view/nslive.h"
#include "view/nstree.h"

enum { TREE_NONE, TREE_CONTAINER, TREE_OWNER, TREE_PARENT };
static const char *const trees[] = { "none", "container", "owner", "parent", NULL };

struct rows {
	struct nslives live;
	struct table_node *nodes;
};

static uint64_t key(const void *rec)
{
	const struct nslive *r = rec;

	return ns_key(nstype_by_name(r->row.type), r->row.ns);
}

static enum style style(const void *rec)
{
	const struct nslive *r = rec;

	return r->row.initial ? STYLE_HOST : r->row.nprocs ? STYLE_PLAIN : STYLE_DIM;
}

static void drop(struct view *v)
{
	struct rows *r = v->rows;

	if (!r)
		return;
	nslives_done(&r->live);
	free(r->nodes);
	free(r);
	v->rows = NULL;
}

/* Below the first namespace of their container (by number, so mostly its mount namespace) hang the others. */
static struct table_node *by_container(const struct nslives *r)
{
	struct table_node *nodes = xcalloc(r->n_items, sizeof(*nodes));
	struct idmap first = { 0 };

	for (uint32_t i = 0; i < r->n_items; i++) {
		const struct nsrow *row = &r->items[i].row;
		uint32_t head;

		nodes[i].parent = TREE_ROOT;
		if (!row->container && !row->initial)
			continue;
		head = idmap_add(&first, row->initial ? 0 : text_key(row->container->id), i);
		if (head != i)
			nodes[i].parent = head;
	}
	idmap_done(&first);
	return nodes;
}

static struct table_node *make_nodes(const struct view *v, const struct nslives *r)
{
	switch (v->tree) {
	case TREE_CONTAINER:
		return by_container(r);
	case TREE_OWNER:
		return nstree_nodes(&r->rows, NSTREE_OWNER);
	case TREE_PARENT:
		return nstree_nodes(&r->rows, NSTREE_PARENT);
	default:
		return NULL;
	}
}

static void fill(struct ui *ui, struct view *v)
{
	const struct frame *f = ui->frame;
	CLEAN_MEM uint8_t *which = scope_namespaces(&ui->scope, f);
	struct rows *r = xcalloc(1, sizeof(*r));

	if (v->tree == TREE_OWNER || v->tree == TREE_PARENT)
		nstree_close(&f->ix, v->tree == TREE_OWNER ? NSTREE_OWNER : NSTREE_PARENT, which);
	nslives_init(&r->live, f);
	for (uint32_t i = 0; i < f->snap.n_namespaces; i++)
		if (which[i])
			nslives_add(&r->live, f, i);
	r->nodes = make_nodes(v, &r->live);
	v->rows = r;
	rowlist_arrange(&v->list, r->live.items, r->live.n_items, r->nodes);
}

static void enter(struct ui *ui, const void *rec)
{
	const struct nslive *r = rec;
	struct scope sc;

	scope_of_ns(&sc, ui->frame, r->row.index);
	ui_enter(ui, VIEW_PROCESSES, &sc);
}

/* Whose it is matters more than what it uses, and how much that is more than what is run there. */
static const struct rowlist_look looks[] = {
	{ "nprocs", "PROCS", 5, 0, 0 },  { "nthreads", "THR", 3, 1, 0 },     { "cpu", "CPU%", 5, 4, 0 },
	{ "rss", "MEM", 5, 4, 0 },       { "listeners", "LISTEN", 0, 3, 0 }, { "rx", "IN/s", 5, 4, 0 },
	{ "tx", "OUT/s", 5, 4, 0 },      { "age", NULL, 5, 2, 0 },           { "type", NULL, 6, 0, 0 },
	{ "container", NULL, 12, 0, 0 }, { "command", NULL, 0, 5, 0 },       { NULL, NULL, 0, 0, 0 },
};

const struct view_ops view_namespaces = {
	.name = "Namespaces",
	.desc = nslive_desc,
	.columns = "ns,type,nprocs,nthreads,cpu,rss,listeners,rx,tx,age,container,command",
	.sort = "ns",
	.looks = looks,
	.tree = "container",
	.trees = trees,
	.wants = WANT_CONTAINERS | WANT_HIDDEN | WANT_NS | WANT_KEEPERS,
	.key = key,
	.style = style,
	.fill = fill,
	.drop = drop,
	.enter = enter,
};
