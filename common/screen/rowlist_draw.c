// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>

#include "output/escape.h"
#include "screen/rowlist.h"
#include "util/util.h"

enum { MAX_DRAWN = 64, MAX_COLUMN = 400 };

static void header_text(const struct rowlist_column *c, char *buf, size_t size)
{
	size_t n = 0;

	for (const char *p = c->header ? c->header : c->field->name; *p && n + 1 < size; p++)
		buf[n++] = c->header ? *p : (char)toupper((unsigned char)*p);
	buf[n] = '\0';
}

/* Where the tree's lines go down past a row, at each depth above it. */
struct branches {
	bool more[MAX_DRAWN + 1];
};

static void follow(struct branches *b, const struct tree_row *t)
{
	b->more[MIN(t->depth, (uint32_t)MAX_DRAWN)] = !t->last;
}

/* One step of it; what ends is the row itself, else one of its ancestors. */
static const char *branch(const struct rowlist *l, bool ends, bool more)
{
	if (!ends && !more)
		return "   ";
	if (!ends)
		return l->ascii ? "|  " : "│  ";
	if (more)
		return l->ascii ? "|- " : "├─ ";
	return l->ascii ? "`- " : "└─ ";
}

/* "│  └─ " in front of a row's text. */
static void tree_text(const struct rowlist *l, const struct branches *b, const struct tree_row *t, char *buf, size_t size)
{
	uint32_t depth = MIN(t->depth, (uint32_t)MAX_DRAWN);
	size_t len = 0;

	*buf = '\0';
	for (uint32_t d = 1; d <= depth && len < size; d++) {
		const char *s = branch(l, d == depth, d < depth ? b->more[d] : !t->last);

		len += (size_t)snprintf(buf + len, size - len, "%s", s);
	}
}

static void cell_of(const struct rowlist *l, const struct rowlist_column *c, size_t at, const struct branches *b, char *buf,
		    size_t size)
{
	size_t len = 0;

	if (l->nodes && c->field == l->tree_field) {
		tree_text(l, b, &l->order[at], buf, size);
		len = strlen(buf);
	}
	rowlist_cell(l, c->field, rowlist_row(l, at), buf + len, size - len);
}

/* --- widths ------------------------------------------------------------------------------------------------------------------ */

static void measure(struct rowlist *l, size_t rows)
{
	struct branches b = { { false } };
	char buf[1024];

	for (size_t i = 0; i < l->n_cols; i++) {
		header_text(&l->cols[i], buf, sizeof(buf));
		l->cols[i].width = MAX(l->cols[i].width, (int)strlen(buf));
	}
	for (size_t at = 0; at < l->n_order && at < l->top + rows; at++) {
		if (l->nodes)
			follow(&b, &l->order[at]);
		if (at < l->top)
			continue;
		for (size_t i = 0; i < l->n_cols; i++) {
			cell_of(l, &l->cols[i], at, &b, buf, sizeof(buf));
			l->cols[i].filled |= strcmp(buf, "-") != 0;
			l->cols[i].width = MIN(MAX(l->cols[i].width, (int)escaped_width(buf)), MAX_COLUMN);
		}
	}
}

static int total_width(const struct rowlist *l)
{
	int sum = 0;

	for (size_t i = l->left; i < l->n_cols; i++)
		sum += l->cols[i].shown ? l->cols[i].shown + 1 : 0;
	return sum - 1;
}

enum cut { CUT_NAMES, CUT_TEXT, CUT_ALL };

static bool may_cut(const struct rowlist_column *c, enum cut which)
{
	bool text = c->field->flags & FF_CUT;

	return !c->right && c->spare != ROWLIST_WHOLE && (which == CUT_ALL || text == (which == CUT_TEXT));
}

enum { TEXT_LEAST = 8, LAST_LEAST = 16, NAME_LEAST = 16, MAX_SPARE = 5 };

/* The longest of the columns that may be cut gives way first, down to a floor. */
static void cut_to(struct rowlist *l, int width, enum cut which, int floor)
{
	bool keeps = floor > TEXT_LEAST; /* what it wants, as long as names can be shorter */

	for (int over = total_width(l) - width; over > 0; over--) {
		struct rowlist_column *widest = NULL;

		for (size_t i = l->left; i < l->n_cols; i++) {
			struct rowlist_column *c = &l->cols[i];
			char header[64];

			header_text(c, header, sizeof(header));
			if (c->shown && may_cut(c, which) &&
			    c->shown > MAX((int)strlen(header), MAX(floor, keeps ? c->least : 0)) &&
			    (!widest || c->shown > widest->shown))
				widest = c;
		}
		if (!widest)
			return;
		widest->shown--;
	}
}

/* Text that may be cut needs some room to say anything; one that can be spared makes do with less before the rank below it goes. */
static int needed_width(const struct rowlist *l, int rank)
{
	int sum = -1;

	for (size_t i = l->left; i < l->n_cols; i++) {
		const struct rowlist_column *c = &l->cols[i];

		if (c->shown)
			sum += 1 + (!may_cut(c, CUT_ALL)               ? c->shown
				    : !(c->field->flags & FF_CUT)      ? MIN(c->shown, (int)NAME_LEAST)
				    : c->spare && rank + 1 >= c->spare ? MIN(c->shown, (int)TEXT_LEAST)
								       : MIN(c->shown, c->least ? c->least : (int)LAST_LEAST));
	}
	return sum;
}

/* What says nothing goes first (text columns that have been empty all the time), then what can be spared. */
static void spare_columns(struct rowlist *l, int width)
{
	for (int rank = 0; rank <= MAX_SPARE; rank++)
		for (size_t i = l->n_cols; i-- > l->left && needed_width(l, rank) > width;) {
			struct rowlist_column *c = &l->cols[i];
			bool idle = !c->right && !c->filled;

			if (c->field != l->sort && (rank ? c->spare == rank : idle))
				c->shown = 0;
		}
}

/* Numbers are never cut: a part of one would be another. What does not fit at the right end is not there (the right arrow goes to it). */
static void place(struct rowlist *l, int width)
{
	struct rowlist_column *last = NULL;
	int x = 0;

	for (size_t i = 0; i < l->n_cols; i++)
		l->cols[i].shown = i < l->left ? 0 : l->cols[i].width;
	spare_columns(l, width);
	cut_to(l, width, CUT_NAMES, 20);
	cut_to(l, width, CUT_TEXT, 2 * LAST_LEAST);
	cut_to(l, width, CUT_NAMES, NAME_LEAST);
	cut_to(l, width, CUT_TEXT, TEXT_LEAST);
	cut_to(l, width, CUT_ALL, 12);
	for (size_t i = l->left; i < l->n_cols; i++) {
		struct rowlist_column *c = &l->cols[i];

		c->x = x;
		if (!c->shown)
			continue;
		if (x + c->shown > width) {
			c->shown = c->right || x >= width ? 0 : width - x;
			x = width;
		}
		if (c->shown)
			last = c;
		x += c->shown + 1;
	}
	if (last && !last->right) /* the last one has the rest */
		last->shown = MAX(last->shown, width - last->x);
}

/* --- drawing ------------------------------------------------------------------------------------------------------------------- */

static void draw_header(const struct rowlist *l, struct grid *g, int row)
{
	grid_fill(g, row, 0, g->cols, STYLE_HEADER, ' ');
	for (size_t i = l->left; i < l->n_cols; i++) {
		const struct rowlist_column *c = &l->cols[i];
		char text[64];

		if (!c->shown)
			continue;
		header_text(c, text, sizeof(text));
		grid_field(g, row, c->x, c->shown, c->field == l->sort ? STYLE_SORTED : STYLE_HEADER, c->right, text);
	}
}

static void draw_row(const struct rowlist *l, struct grid *g, int row, size_t at, const struct branches *b)
{
	const void *rec = rowlist_row(l, at);
	enum style style = l->style ? l->style(rec) : STYLE_PLAIN;
	char buf[1024];

	if (rowlist_is_marked(l, rec))
		style = STYLE_MARKED;
	if (at == l->cursor)
		style = STYLE_CURSOR;
	grid_fill(g, row, 0, g->cols, style, ' ');
	for (size_t i = l->left; i < l->n_cols; i++) {
		const struct rowlist_column *c = &l->cols[i];

		if (!c->shown)
			continue;
		cell_of(l, c, at, b, buf, sizeof(buf));
		grid_field(g, row, c->x, c->shown, style, c->right, buf);
		if ((int)escaped_width(buf) > c->shown) /* said, so that nobody takes a part for the whole */
			grid_field(g, row, c->x + c->shown - 1, 1, style, false, l->ascii ? "+" : "…");
	}
}

static void scroll(struct rowlist *l, size_t rows)
{
	if (l->cursor < l->top)
		l->top = l->cursor;
	if (l->cursor >= l->top + rows)
		l->top = l->cursor + 1 - rows;
	if (l->top + rows > l->n_order)
		l->top = l->n_order > rows ? l->n_order - rows : 0;
}

void rowlist_draw(struct rowlist *l, struct grid *g, int row, int rows)
{
	size_t body = rows > 1 ? (size_t)rows - 1 : 0;
	struct branches b = { { false } };

	l->page = (int)body;
	if (rows <= 0)
		return;
	scroll(l, MAX(body, (size_t)1));
	measure(l, body);
	place(l, g->cols);
	draw_header(l, g, row);
	for (size_t at = 0; at < l->n_order && at < l->top + body; at++) {
		if (l->nodes)
			follow(&b, &l->order[at]);
		if (at >= l->top)
			draw_row(l, g, row + 1 + (int)(at - l->top), at, &b);
	}
}

bool rowlist_hit(const struct rowlist *l, int row, int rows, int y, int x, size_t *at, const struct field **column)
{
	*column = NULL;
	for (size_t i = l->left; i < l->n_cols; i++)
		if (x >= l->cols[i].x && x < l->cols[i].x + MAX(l->cols[i].shown, 1))
			*column = l->cols[i].field;
	*at = l->top + (size_t)MAX(y - row - 1, 0);
	if (y == row)
		return *column != NULL;
	return y > row && y < row + rows && *at < l->n_order;
}
