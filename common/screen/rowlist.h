// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A list on the screen: records of one descriptor as rows, of which one bears the cursor; sorted, filtered, perhaps a tree. Pure. The
 * rows are replaced at each refresh; the cursor stays on what it was on, by the row's key.
 */
#ifndef NSKIT_ROWLIST_H
#define NSKIT_ROWLIST_H

#include "model/desc.h"
#include "output/tree.h"
#include "screen/grid.h"
#include "util/idmap.h"

/* A column's header where it is not the field's name in capitals, and the width that it has at the least. */
struct rowlist_look {
	const char *field, *header;
	int width;
	int spare; /* on a narrow screen those with 1 go first, then 2 …; 0 stays */
	int least; /* of text that may be cut and stays: how much of it others make room for; 0: the usual */
};
enum { ROWLIST_WHOLE = -1 }; /* spare: never cut, as numbers are not: a part of an address would be another one */

struct rowlist_column {
	const struct field *field;
	const char *header;
	int width;          /* as wide as its widest cell has been */
	int least;          /* rowlist_look's */
	int shown, x;       /* on the screen at hand; shown 0: not there */
	int spare;          /* see rowlist_look */
	bool right, filled; /* filled: some cell has had something in it */
};

struct rowlist {
	const struct desc *desc;
	uint64_t (*key)(const void *rec);
	enum style (*style)(const void *rec); /* of a row; NULL: plain */
	const struct rowlist_look *looks;     /* ends with field NULL; or NULL */
	const struct field *tree_field;       /* the column that a tree is drawn in */
	bool ascii;
	/* What the user chose: */
	struct rowlist_column *cols;
	size_t n_cols, cap_cols;
	const struct field *sort; /* NULL: as the rows come */
	bool invert;
	char filter[256];
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

/* An empty list of records of that descriptor, with no column chosen yet. The records stay the caller's. */
void rowlist_init(struct rowlist *l, const struct desc *d);
void rowlist_done(struct rowlist *l);

/* Choose the columns from words as typed ("pid,user"). 0, or -ENOENT with the first bad word in *bad; then nothing has changed. */
int rowlist_columns(struct rowlist *l, const char *words, const char **bad, size_t *bad_len);
void rowlist_add_column(struct rowlist *l, const struct field *f);
void rowlist_remove_column(struct rowlist *l, size_t i);
bool rowlist_has_column(const struct rowlist *l, const struct field *f);

/* Numbers begin with their largest, words with their first letter, until inverted. */
void rowlist_sort_by(struct rowlist *l, const struct field *f);

/* New rows, or another sort or filter: arrange them, and find the cursor's row again. */
void rowlist_arrange(struct rowlist *l, const void *rows, size_t n_rows, const struct table_node *nodes);

/* Move the cursor by so many rows, or to one; it stays within. */
void rowlist_move(struct rowlist *l, long by);
void rowlist_go(struct rowlist *l, size_t to);

/* The record under the cursor, NULL when there is none. */
const void *rowlist_here(const struct rowlist *l);

/* Mark a record, or no longer; marks are kept by the record's key, so that they survive rowlist_arrange(). */
void rowlist_mark(struct rowlist *l, const void *rec);
bool rowlist_is_marked(const struct rowlist *l, const void *rec);
void rowlist_unmark_all(struct rowlist *l);

/* The next row, from the cursor on (+1) or back (-1), that has the text in one of its columns, whatever the letters' case. */
bool rowlist_search(struct rowlist *l, const char *text, int direction);

/* rowlist_draw.c: draw header and rows into a part of the grid; remembers the page. */
void rowlist_draw(struct rowlist *l, struct grid *g, int row, int rows);

/* Which row or column of the drawn list is at a place of the grid (a mouse click)? false: none; header: *column is what was hit. */
bool rowlist_hit(const struct rowlist *l, int row, int rows, int y, int x, size_t *at, const struct field **column);

/* The text of a cell as it is shown, escaped; "-" for none. */
void rowlist_cell(const struct rowlist *l, const struct field *f, const void *rec, char *buf, size_t size);

static inline const void *rowlist_row(const struct rowlist *l, size_t at)
{
	return l->rows + (size_t)l->order[at].row * l->desc->size;
}

#endif
