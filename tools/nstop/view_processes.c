// SPDX-License-Identifier: GPL-2.0-or-later
/* A row for each process (or thread) in the scope, with both its numbers. */
#include "ui.h"
#include "output/tree.h"
#include "view/procrow.h"

static const char *const trees[] = { "none", "parent", NULL };

struct rows {
	struct procrow *items;
	size_t n_items, cap_items;
	struct table_node *nodes;
};

static const struct desc *desc(void)
{
	return &procrow_desc;
}

/* A thread's record has its own number in task; the row of a process that began again under the same number is another. */
static uint64_t key(const void *rec)
{
	const struct procrow *r = rec;

	return r->start << 22 ^ r->pid ^ (uint64_t)r->tid << 40;
}

static enum style style(const void *rec)
{
	const struct procrow *r = rec;

	return r->state ? STYLE_DIM : STYLE_PLAIN;
}

static void drop(struct view *v)
{
	struct rows *r = v->rows;

	if (!r)
		return;
	free(r->items);
	free(r->nodes);
	free(r);
	v->rows = NULL;
}

static bool is_users(const struct ui *ui, const struct procrow *row)
{
	char number[16];

	if (!*ui->user)
		return true;
	snprintf(number, sizeof(number), "%u", row->uid);
	return !strcmp(ui->user, row->user ? row->user : number) || !strcmp(ui->user, number);
}

static struct table_node *by_parent(const struct rows *r)
{
	struct table_node *nodes = xcalloc(r->n_items, sizeof(*nodes));
	struct idmap by_pid = { 0 };

	for (uint32_t i = 0; i < r->n_items; i++)
		if (r->items[i].tid == r->items[i].pid)
			idmap_add(&by_pid, r->items[i].pid, i);
	for (uint32_t i = 0; i < r->n_items; i++) {
		bool thread = r->items[i].tid != r->items[i].pid;
		uint32_t parent = idmap_get(&by_pid, thread ? r->items[i].pid : r->items[i].ppid);

		nodes[i].parent = parent == IDMAP_NONE ? TREE_ROOT : parent;
	}
	idmap_done(&by_pid);
	return nodes;
}

static void fill(struct ui *ui, struct view *v)
{
	const struct frame *f = ui->frame;
	struct rows *r = xcalloc(1, sizeof(*r));

	for (uint32_t i = 0; i < f->snap.n_tasks; i++) {
		struct procrow row;

		if ((f->snap.tasks[i].tid != f->snap.tasks[i].pid && !ui->threads) || !scope_has_task(&ui->scope, f, i))
			continue;
		procrow_fill(&row, f, i);
		if (is_users(ui, &row))
			*ARRAY_ADD(r, items) = row;
	}
	if (v->tree)
		r->nodes = by_parent(r);
	v->rows = r;
	rowlist_arrange(&v->list, r->items, r->n_items, r->nodes);
}

static void enter(struct ui *ui, const void *rec)
{
	const struct procrow *r = rec;
	struct scope sc;

	scope_of_task(&sc, ui->frame, r->task);
	ui_enter(ui, VIEW_NAMESPACES, &sc);
}

const struct view_ops view_processes = {
	.name = "Processes",
	.desc = desc,
	.columns = "pid,inside,user,cpu,rss,nthreads,age,container,command",
	.sort = "cpu",
	.tree = "command",
	.trees = trees,
	.wants = WANT_USERS,
	.key = key,
	.style = style,
	.fill = fill,
	.drop = drop,
	.enter = enter,
};
