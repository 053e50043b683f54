// SPDX-License-Identifier: GPL-2.0-or-later
#include <strings.h>

#include "output/escape.h"
#include "output/table.h"
#include "screen/rowlist.h"
#include "util/util.h"

void rowlist_init(struct rowlist *l, const struct desc *d)
{
	*l = (struct rowlist){ .desc = d };
}

void rowlist_done(struct rowlist *l)
{
	free(l->cols);
	free(l->order);
	idmap_done(&l->marked);
	*l = (struct rowlist){ 0 };
}

/* --- columns --------------------------------------------------------------------------------------------------------------- */

void rowlist_add_column(struct rowlist *l, const struct field *f)
{
	struct rowlist_column *c = ARRAY_ADD(l, cols);

	*c = (struct rowlist_column){ .field = f, .right = desc_is_number(f) };
	for (const struct rowlist_look *k = l->looks; k && k->field; k++)
		if (!strcmp(k->field, f->name)) {
			c->header = k->header;
			c->width = k->width;
			c->spare = k->spare;
			c->least = k->least;
		}
}

void rowlist_remove_column(struct rowlist *l, size_t i)
{
	memmove(&l->cols[i], &l->cols[i + 1], (l->n_cols - i - 1) * sizeof(*l->cols));
	l->n_cols--;
	l->left = MIN(l->left, l->n_cols ? l->n_cols - 1 : 0);
}

bool rowlist_has_column(const struct rowlist *l, const struct field *f)
{
	for (size_t i = 0; i < l->n_cols; i++)
		if (l->cols[i].field == f)
			return true;
	return false;
}

int rowlist_columns(struct rowlist *l, const char *words, const char **bad, size_t *bad_len)
{
	struct table t = { .desc = l->desc };
	int err = table_choose(&t, words, "", bad, bad_len);

	if (!err) {
		l->n_cols = l->left = 0;
		for (size_t i = 0; i < t.n_cols; i++)
			rowlist_add_column(l, t.cols[i]);
	}
	table_done(&t);
	return err;
}

void rowlist_cell(const struct rowlist *l, const struct field *f, const void *rec, char *buf, size_t size)
{
	char raw[512];

	cell_text(f, rec, raw, sizeof(raw));
	if (*raw)
		escape(raw, strlen(raw), l->ascii ? ESC_ASCII : 0, buf, size);
	else
		snprintf(buf, size, "-");
}

/* --- order --------------------------------------------------------------------------------------------------------------------- */

void rowlist_sort_by(struct rowlist *l, const struct field *f)
{
	l->sort = f;
}

static const void *record(const struct rowlist *l, uint32_t row)
{
	return l->rows + (size_t)row * l->desc->size;
}

/* A number's value so that what is missing comes last. */
static int64_t number_of(const struct field *f, const void *rec)
{
	const void *p = field_at(f, rec);

	switch (f->kind) {
	case F_U32:
	case F_NSREF:
		return *(const uint32_t *)p;
	case F_INT:
	case F_ERRNO:
		return *(const int32_t *)p;
	case F_OPT:
		return *(const int64_t *)p;
	case F_BOOL:
		return *(const bool *)p;
	default:
		return (int64_t)(*(const uint64_t *)p >> 1); /* U64, ID64, TIME, FLAGS */
	}
}

static bool is_text(const struct field *f)
{
	switch (f->kind) {
	case F_STR:
	case F_STRS:
	case F_U32S:
	case F_REC:
	case F_RECS:
	case F_ENUM:
		return true;
	default:
		return false;
	}
}

static int compare_text(const struct field *f, const void *a, const void *b)
{
	char x[256], y[256];

	cell_text(f, a, x, sizeof(x));
	cell_text(f, b, y, sizeof(y));
	if (!*x || !*y) /* what is missing comes last */
		return !*x - !*y;
	return strcasecmp(x, y);
}

static int by_sort_field(const void *a, const void *b, void *arg)
{
	const struct rowlist *l = arg;
	const struct tree_row *x = a, *y = b;
	const void *r = record(l, x->row), *s = record(l, y->row);
	int c;

	if (is_text(l->sort)) {
		c = compare_text(l->sort, r, s);
	} else {
		int64_t m = number_of(l->sort, r), n = number_of(l->sort, s);

		c = m > n ? -1 : m < n;
		if (l->sort->kind == F_U32 && !l->sort->text && (!strcmp(l->sort->name, "pid") || !strcmp(l->sort->name, "ns")))
			c = -c; /* names that happen to be numbers */
	}
	if (l->invert)
		c = -c;
	return c ? c : x->row < y->row ? -1 : x->row > y->row;
}

/* The same letters, whatever their case, anywhere in a row's columns. */
static bool row_has(const struct rowlist *l, const void *rec, const char *text)
{
	char buf[1024];

	for (size_t i = 0; i < l->n_cols; i++) {
		rowlist_cell(l, l->cols[i].field, rec, buf, sizeof(buf));
		if (strcasestr(buf, text))
			return true;
	}
	return false;
}

/* From the sorted order to the tree's: siblings stay as they were sorted. */
static void arrange_tree(struct rowlist *l)
{
	CLEAN_MEM struct table_node *nodes = xcalloc(l->n_order, sizeof(*nodes));
	CLEAN_MEM uint32_t *place = xcalloc(l->n_rows, sizeof(*place));
	CLEAN_MEM struct tree_row *sorted = l->order;

	memset(place, 0xff, l->n_rows * sizeof(*place)); /* TREE_ROOT: filtered out */
	for (size_t i = 0; i < l->n_order; i++)
		place[sorted[i].row] = (uint32_t)i;
	for (size_t i = 0; i < l->n_order; i++) {
		uint32_t parent = l->nodes[sorted[i].row].parent;

		nodes[i].parent = parent == TREE_ROOT ? TREE_ROOT : place[parent];
	}
	l->order = tree_order(nodes, l->n_order);
	for (size_t i = 0; i < l->n_order; i++)
		l->order[i].row = sorted[l->order[i].row].row;
}

static void find_cursor(struct rowlist *l)
{
	if (!l->n_order) /* perhaps only for now: what the cursor was on may come again */
		return;
	l->cursor = MIN(l->cursor, l->n_order - 1);
	/* Whoever is at the first row wants to see what comes to be the first. */
	if (l->key && l->cursor + l->top && l->key(rowlist_row(l, l->cursor)) != l->cursor_key)
		for (size_t i = 0; i < l->n_order; i++)
			if (l->key(rowlist_row(l, i)) == l->cursor_key) {
				/* The row stays where it is on the screen, too. */
				l->top = i > l->cursor ? l->top + (i - l->cursor) : l->top - MIN(l->top, l->cursor - i);
				l->cursor = i;
				return;
			}
	l->cursor_key = l->key ? l->key(rowlist_row(l, l->cursor)) : 0;
}

void rowlist_arrange(struct rowlist *l, const void *rows, size_t n_rows, const struct table_node *nodes)
{
	l->rows = rows;
	l->n_rows = n_rows;
	l->nodes = nodes;
	free(l->order);
	l->order = xcalloc(n_rows, sizeof(*l->order));
	l->n_order = 0;
	for (size_t i = 0; i < n_rows; i++)
		if (!*l->filter || row_has(l, record(l, (uint32_t)i), l->filter))
			l->order[l->n_order++].row = (uint32_t)i;
	if (l->sort)
		qsort_r(l->order, l->n_order, sizeof(*l->order), by_sort_field, l);
	if (nodes && l->n_order)
		arrange_tree(l);
	find_cursor(l);
}

/* --- the cursor -------------------------------------------------------------------------------------------------------------------- */

void rowlist_go(struct rowlist *l, size_t to)
{
	if (!l->n_order)
		return;
	l->cursor = MIN(to, l->n_order - 1);
	l->cursor_key = l->key ? l->key(rowlist_row(l, l->cursor)) : 0;
}

void rowlist_move(struct rowlist *l, long by)
{
	rowlist_go(l, by < 0 && (size_t)-by > l->cursor ? 0 : l->cursor + (size_t)by);
}

const void *rowlist_here(const struct rowlist *l)
{
	return l->n_order ? rowlist_row(l, l->cursor) : NULL;
}

bool rowlist_search(struct rowlist *l, const char *text, int direction)
{
	size_t n = l->n_order;

	for (size_t i = 0; *text && i < n; i++) {
		size_t at = direction > 0 ? (l->cursor + i) % n : (l->cursor + n - i) % n;

		if (row_has(l, rowlist_row(l, at), text)) {
			rowlist_go(l, at);
			return true;
		}
	}
	return false;
}

/* --- marks --------------------------------------------------------------------------------------------------------------------------- */

bool rowlist_is_marked(const struct rowlist *l, const void *rec)
{
	return l->n_marked && idmap_get(&l->marked, l->key(rec)) == 1;
}

void rowlist_mark(struct rowlist *l, const void *rec)
{
	bool was = rowlist_is_marked(l, rec);

	idmap_set(&l->marked, l->key(rec), !was);
	l->n_marked += was ? (size_t)-1 : 1;
}

void rowlist_unmark_all(struct rowlist *l)
{
	idmap_done(&l->marked);
	l->n_marked = 0;
}
