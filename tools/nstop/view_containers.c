// SPDX-License-Identifier: GPL-2.0-or-later
/* A row for the host and each container. */
#include "eventrow.h"
#include "ui.h"
#include "view/ctrow.h"

static const struct desc *desc(void)
{
	return &ctrow_desc;
}

static uint64_t key(const void *rec)
{
	const struct ctrow *r = rec;

	return r->container ? text_key(r->container->id) : 0;
}

static enum style style(const void *rec)
{
	const struct ctrow *r = rec;

	return r->failed ? STYLE_FAILED : r->host ? STYLE_HOST : STYLE_PLAIN;
}

static bool in_scope(const struct ui *ui, const struct scope *sc, const struct ctrow *r)
{
	bool any = false;
	uint32_t task;

	switch (sc->kind) {
	case SCOPE_SEVERAL:
		for (size_t i = 0; i < sc->n_each && !any; i++)
			any = in_scope(ui, &sc->each[i], r);
		return any;
	case SCOPE_NS:
		return r->ns[sc->type] == sc->inum;
	case SCOPE_TASK:
		task = index_task(&ui->frame->ix, sc->pid);
		return task != IDMAP_NONE && r->container == index_container(&ui->frame->ix, ui->frame->snap.tasks[task].container);
	default:
		return scope_has_container(sc, r->container);
	}
}

static void drop(struct view *v)
{
	if (v->rows)
		ctrows_done(v->rows);
	free(v->rows);
	v->rows = NULL;
}

enum { OF_LATE_S = 600 };

static void add_events(const struct ui *ui, struct ctrows *rows)
{
	uint64_t now = ui->frame->snap.head.taken;

	for (size_t i = 0; ui->events && i < ui->events->n_items; i++) {
		const struct eventrow *e = &ui->events->items[i];
		uint64_t ago = now > e->time ? (now - e->time) / 1000000000 : 0;

		if (e->failed && e->pid && ago < OF_LATE_S)
			ctrows_event(rows, e->container_id, e->what, ago);
	}
}

static void fill(struct ui *ui, struct view *v)
{
	struct ctrows *rows = xcalloc(1, sizeof(*rows));
	size_t kept = 0;

	ctrows_init(rows, ui->frame);
	v->rows = rows;
	add_events(ui, rows);
	for (size_t i = 0; i < rows->n_items; i++)
		if (in_scope(ui, &ui->scope, &rows->items[i]))
			rows->items[kept++] = rows->items[i];
	rows->n_items = kept;
	rowlist_arrange(&v->list, rows->items, rows->n_items, NULL);
}

static void enter(struct ui *ui, const void *rec)
{
	const struct ctrow *r = rec;
	struct scope sc;

	scope_of_container(&sc, r->container);
	ui_enter(ui, VIEW_PROCESSES, &sc);
}

const struct view_ops view_containers = {
	.name = "Containers",
	.desc = desc,
	.columns = "container,nprocs,cpu,rss,rx,tx,listens,published,shared,event",
	.sort = "cpu",
	.wants = WANT_CONTAINERS | WANT_ALL_CONTAINERS,
	.key = key,
	.style = style,
	.fill = fill,
	.drop = drop,
	.enter = enter,
};
