// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A list on the screen: records of one descriptor as rows, of which one bears the cursor; sorted, filtered, perhaps a tree. Pure. The
 * rows are replaced at each refresh; the cursor stays on what it was on, by the row's key.
 */
#ifndef NSKIT_LIST_H
#define NSKIT_LIST_H

#include "model/desc.h"
#include "output/tree.h"
#include "screen/grid.h"
#include "util/idmap.h"

/* A column's header where it is not the field's name in capitals, and the width that it has at the least. */
struct list_look {
	const char *field, *header;
	int width;
};

struct list_column {
	const struct field *field;
	const char *header;
	int width;       /* as wide as its widest cell has been */
	int shown, x;    /* on the screen at hand; shown 0: not there */
	bool right;
};

struct list {
	const struct desc *desc;
	uint64_t (*key)(const void *rec);
	enum style (*style)(const void *rec); /* of a row; NULL: plain */
	const struct list_look *looks;        /* ends with field NULL; or NULL */
	const struct field *tree_field;       /* the column that a tree is drawn in */
	bool ascii;
	/* What the user chose: */
	struct list_column *cols;
	size_t n_cols, cap_cols;
	const struct field *sort; /* NULL: as the rows come */
	bool invert;
	char filter[128];
	struct idmap marked; /* key -> 1: marked */
	size_t n_marked;
	/* The rows of this refresh, borrowed: */
	const char *rows;
	size_t n_rows;
	const struct table_node *nodes; /* parents, or NULL: no tree */
	/* As they are arranged: */
	struct tree_row *order;
	size_t n_order;
	size_t cursor, top; /* indexes into order; of no meaning when it is empty */
	uint64_t cursor_key;
	size_t left; /* columns scrolled out to the left */
	int page;    /* rows that were on the screen */
};

void list_init(struct list *l, const struct desc *d);
void list_done(struct list *l);

/* Choose the columns from words as typed ("pid,user"). 0, or -ENOENT with the first bad word in *bad; then nothing has changed. */
int list_columns(struct list *l, const char *words, const char **bad, size_t *bad_len);
void list_add_column(struct list *l, const struct field *f);
void list_remove_column(struct list *l, size_t i);
bool list_has_column(const struct list *l, const struct field *f);

/* Numbers begin with their largest, words with their first letter, until inverted. */
void list_sort_by(struct list *l, const struct field *f);

/* New rows, or another sort or filter: arrange them, and find the cursor's row again. */
void list_arrange(struct list *l, const void *rows, size_t n_rows, const struct table_node *nodes);

/* Move the cursor by so many rows, or to one; it stays within. */
void list_move(struct list *l, long by);
void list_go(struct list *l, size_t to);

/* The record under the cursor, NULL when there is none. */
const void *list_here(const struct list *l);

void list_mark(struct list *l, const void *rec);
bool list_is_marked(const struct list *l, const void *rec);
void list_unmark_all(struct list *l);

/* The next row, from the cursor on (+1) or back (-1), that has the text in one of its columns, whatever the letters' case. */
bool list_search(struct list *l, const char *text, int direction);

/* Draw header and rows into a part of the grid; remembers the page. list_draw.c */
void list_draw(struct list *l, struct grid *g, int row, int rows);

/* Which row or column of the drawn list is at a place of the grid (a mouse click)? false: none; header: *column is what was hit. */
bool list_hit(const struct list *l, int row, int rows, int y, int x, size_t *at, const struct field **column);

/* The text of a cell as it is shown, escaped; "-" for none. */
void list_cell(const struct list *l, const struct field *f, const void *rec, char *buf, size_t size);

static inline const void *list_row(const struct list *l, size_t at)
{
	return l->rows + (size_t)l->order[at].row * l->desc->size;
}

#endif
