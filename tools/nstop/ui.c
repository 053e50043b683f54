// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <stdarg.h>
#include <strings.h>

#include "model/target.h"
#include "eventrow.h"
#include "ui.h"

const char *const ui_view_words[] = { "containers", "namespaces", "processes", "sockets", "network", "events", NULL };

static const struct view_ops *const ops[VIEWS] = {
	[VIEW_CONTAINERS] = &view_containers, [VIEW_NAMESPACES] = &view_namespaces, [VIEW_PROCESSES] = &view_processes,
	[VIEW_SOCKETS] = &view_sockets,       [VIEW_NETWORK] = &view_network,       [VIEW_EVENTS] = &view_events,
};

/* Words of the columns that have other names than their fields; and widths, so that columns do not jump about. */
static const struct rowlist_look looks[] = {
	{ "container", NULL, 12, 0, 0 },
	{ "nprocs", "PROCS", 5, 0, 0 },
	{ "nthreads", "THR", 3, 1, 0 },
	{ "cpu", "CPU%", 5, 0, 0 },
	{ "rss", "MEM", 5, 0, 0 },
	{ "rx", "IN/s", 5, 0, 0 },
	{ "tx", "OUT/s", 5, 0, 0 },
	{ "pid", NULL, 6, 0, 0 },
	{ "inside", NULL, 6, 4, 0 },
	{ "user", NULL, 8, 3, 0 },
	{ "age", NULL, 5, 2, 0 },
	{ "listeners", "LISTEN", 0, 3, 0 },
	{ "type", NULL, 6, 0, 0 },
	{ "listens", NULL, 8, 0, 0 },
	{ "rx_bytes", "RX", 5, 0, 0 },
	{ "tx_bytes", "TX", 5, 0, 0 },
	{ "recv_q", NULL, 0, 1, 0 },
	{ "send_q", NULL, 0, 2, 0 },
	{ "local", NULL, 0, ROWLIST_WHOLE, 0 },
	{ "peer", NULL, 0, ROWLIST_WHOLE, 0 },
	{ NULL, NULL, 0, 0, 0 },
};

static void init_view(struct view *v, const struct view_ops *o, bool ascii)
{
	const char *bad;
	size_t bad_len;

	v->ops = o;
	rowlist_init(&v->list, o->desc());
	v->list.key = o->key;
	v->list.style = o->style;
	v->list.looks = o->looks ? o->looks : looks;
	v->list.ascii = ascii;
	v->list.tree_field = o->tree ? desc_field(o->desc(), o->tree) : NULL;
	rowlist_columns(&v->list, o->columns, &bad, &bad_len);
	v->list.sort = o->sort ? desc_field(o->desc(), o->sort) : NULL;
}

void ui_init(struct ui *ui, bool ascii)
{
	*ui = (struct ui){ .ascii = ascii, .tidings.cost = OPT_NONE };
	for (enum view_id i = 0; i < VIEWS; i++)
		init_view(&ui->views[i], ops[i], ascii);
}

void ui_done(struct ui *ui)
{
	for (enum view_id i = 0; i < VIEWS; i++) {
		ui->views[i].ops->drop(&ui->views[i]);
		rowlist_done(&ui->views[i].list);
	}
	menu_close(ui);
	free(ui->menu.items);
	free(ui->targets);
	pager_close(ui);
}

void ui_say(struct ui *ui, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ui->message, sizeof(ui->message), fmt, ap);
	va_end(ap);
}

/* --- frames ---------------------------------------------------------------------------------------------------------------- */

void ui_refill(struct ui *ui)
{
	struct view *v = ui_view(ui);

	rowlist_arrange(&v->list, NULL, 0, NULL);
	v->ops->drop(v);
	if (ui->frame)
		v->ops->fill(ui, v);
}

/* Rows of views that are not on the screen borrow from the old frame: they go with it. */
void ui_show(struct ui *ui, const struct frame *f)
{
	ui->frame = f;
	for (enum view_id i = 0; i < VIEWS; i++)
		if (i != ui->here && ui->views[i].rows) {
			rowlist_arrange(&ui->views[i].list, NULL, 0, NULL);
			ui->views[i].ops->drop(&ui->views[i]);
		}
	ui_refill(ui);
}

static uint64_t view_wants(const struct view *v)
{
	uint64_t wants = v->ops->wants;

	for (size_t i = 0; i < v->list.n_cols; i++)
		wants |= v->list.cols[i].field->want;
	return v->list.sort ? wants | v->list.sort->want : wants;
}

uint64_t ui_wants(const struct ui *ui)
{
	uint64_t wants = WANT_TASKS | WANT_CONTAINERS | WANT_ALL_CONTAINERS | view_wants(&ui->views[ui->here]);

	if (ui->threads)
		wants |= WANT_THREADS;
	if (*ui->user)
		wants |= WANT_USERS;
	return wants;
}

uint64_t ui_all_wants(const struct ui *ui)
{
	uint64_t wants = ui_wants(ui);

	for (enum view_id i = 0; i < VIEWS; i++)
		wants |= view_wants(&ui->views[i]);
	return wants;
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Rows whose network namespace is their own affair: containers and network namespaces. */
static uint32_t netns_of_row(const struct ui *ui, const void *rec)
{
	const struct field *net = desc_field(ui->views[ui->here].list.desc, "net");
	const struct field *ns = desc_field(ui->views[ui->here].list.desc, "ns");
	const struct field *f = net && net->kind == F_NSREF ? net : ns && ns->kind == F_U32 ? ns : NULL;

	return f ? *(const uint32_t *)field_at(f, rec) : 0;
}

size_t ui_netns(const struct ui *ui, uint32_t **out)
{
	const struct rowlist *l = &ui->views[ui->here].list;
	size_t first = ui->here == VIEW_CONTAINERS ? 0 : l->top, n = 0;
	size_t last = ui->here == VIEW_CONTAINERS ? l->n_order : MIN(l->n_order, first + (size_t)MAX(l->page, 1));

	*out = xcalloc(last - MIN(first, last) + 1, sizeof(**out));
	for (size_t i = first; i < last; i++) {
		uint32_t ns = netns_of_row(ui, rowlist_row(l, i));

		if (NSREF_KNOWN(ns))
			(*out)[n++] = ns;
	}
	qsort(*out, n, sizeof(**out), by_number);
	return n;
}

void ui_count_events(struct ui *ui)
{
	size_t n = ui->events ? ui->events->n_items : 0;

	ui->new_failed = 0;
	if (ui->here == VIEW_EVENTS && n)
		ui->seen_seq = ui->events->items[n - 1].seq;
	for (size_t i = n; i-- > 0 && ui->events->items[i].seq > ui->seen_seq;)
		ui->new_failed += ui->events->items[i].failed;
}

/* --- from place to place ---------------------------------------------------------------------------------------------------- */

void ui_go_view(struct ui *ui, enum view_id id)
{
	if (ui->here == id)
		return;
	ui->here = id;
	ui->wishes.collect = true;
	ui_count_events(ui);
	ui_refill(ui);
}

int ui_go(struct ui *ui, const char *word)
{
	for (enum view_id i = 0; i < VIEWS; i++)
		if (*word && !strncasecmp(ui_view_words[i], word, strlen(word))) {
			ui_go_view(ui, i);
			return 0;
		}
	return -ENOENT;
}

void ui_enter(struct ui *ui, enum view_id id, const struct scope *scope)
{
	if (ui->n_back == ARRAY_SIZE(ui->back)) { /* the first step is forgotten */
		memmove(&ui->back[0], &ui->back[1], sizeof(ui->back) - sizeof(ui->back[0]));
		ui->n_back--;
	}
	ui->back[ui->n_back++] = (struct station){ ui->here, ui->scope, ui_view(ui)->list.cursor_key };
	ui->scope = *scope;
	ui->here = id;
	ui->wishes.collect = true;
	ui_refill(ui);
	rowlist_go(&ui_view(ui)->list, 0);
}

void ui_back(struct ui *ui)
{
	const struct station *s;

	if (!ui->n_back)
		return;
	s = &ui->back[--ui->n_back];
	ui->scope = s->scope;
	ui->here = s->view;
	ui->views[s->view].list.cursor_key = s->cursor_key;
	ui->wishes.collect = true;
	ui_refill(ui);
}

static int find_scope(const struct ui *ui, const char *word, struct scope *sc, enum view_id *view, char *message, size_t size)
{
	struct target t;
	int err = target_resolve(&ui->frame->ix, word, &t, message, size);

	if (err)
		return err;
	switch (t.kind) {
	case TARGET_TASK:
		scope_of_task(sc, ui->frame, t.task);
		break;
	case TARGET_CONTAINER:
		if (t.container)
			scope_of_container(sc, t.container);
		else
			scope_of_pod(sc, t.pod, t.pod_namespace);
		break;
	case TARGET_NS:
		scope_of_ns(sc, ui->frame, t.ns);
		if (sc->type == NS_NET && !ui->frame->ix.ns[t.ns].n) /* without a process there is its network to be seen */
			*view = VIEW_NETWORK;
		break;
	case TARGET_HOST:
		scope_of_container(sc, NULL);
		break;
	}
	return 0;
}

int ui_target(struct ui *ui, const char *const *words, size_t n, char *message, size_t size)
{
	struct scope *each = xcalloc(n, sizeof(*each)), sc;
	enum view_id view = VIEW_PROCESSES;
	int err = 0;

	for (size_t i = 0; i < n && !err; i++)
		err = find_scope(ui, words[i], &each[i], &view, message, size);
	if (err) {
		free(each);
		return err;
	}
	free(ui->targets);
	ui->targets = each;
	if (n == 1)
		sc = each[0];
	else
		scope_of_several(&sc, each, n);
	ui_enter(ui, n == 1 ? view : VIEW_PROCESSES, &sc);
	ui->n_back = 0;
	return 0;
}
