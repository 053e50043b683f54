// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A screen in memory: cells of a character and a style each. Pure: nothing here knows a terminal, so screens are tested as text.
 * Text that is put has been through escape(): no control character is left in it. What lies outside of the grid is dropped, so that
 * callers may draw on a grid of any size.
 */
#ifndef NSKIT_GRID_H
#define NSKIT_GRID_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What a cell means, not how it looks: that is the terminal's affair, which may have no colours. */
enum style {
	STYLE_PLAIN,
	STYLE_BAR,      /* top line and footer */
	STYLE_TAB,      /* the name of a view */
	STYLE_TAB_HERE, /* of the one that is shown */
	STYLE_HEADER,   /* of a column */
	STYLE_SORTED,   /* of the column that sorts */
	STYLE_CURSOR,   /* the row that Enter goes into */
	STYLE_MARKED,
	STYLE_HOST, /* the host's own, shared with all */
	STYLE_FAILED,
	STYLE_OWN, /* shared with nobody */
	STYLE_DIM,
	STYLE_KEY, /* a key's name in the footer */
	STYLES,
};

enum { GRID_MARKS = 2 }; /* combining characters that a cell holds; more are dropped */

struct cell {
	uint32_t ch[1 + GRID_MARKS]; /* code points; ch[0] 0: the right half of a wide character */
	uint8_t style;               /* enum style */
};

struct grid {
	int rows, cols;
	struct cell *cells;
};

/* A grid of blanks; a size below 1 is 1. It may be resized by another grid_init() after grid_done(). */
void grid_init(struct grid *g, int rows, int cols);
void grid_done(struct grid *g);
void grid_clear(struct grid *g);

/* Put escaped UTF-8 text into at most width columns (a wide character that does not fit whole is left out). The columns used. */
int grid_put(struct grid *g, int row, int col, int width, enum style style, const char *text);

/* The same, and fill what is left of width with blanks; right: the blanks come first. */
void grid_field(struct grid *g, int row, int col, int width, enum style style, bool right, const char *text);

/* A character so many times; and a style for cells that keep their text. */
void grid_fill(struct grid *g, int row, int col, int width, enum style style, uint32_t ch);
void grid_paint(struct grid *g, int row, int col, int width, enum style style);

/* The cells of a row in which two grids of one size differ: from *from, before *to. False: none. */
bool grid_differs(const struct grid *a, const struct grid *b, int row, int *from, int *to);

/* A row as UTF-8 text without its trailing blanks. At most size bytes with the NUL; returns the length. */
size_t grid_text(const struct grid *g, int row, char *buf, size_t size);

/* All rows as lines. Errors are left to ferror(). */
void grid_print(const struct grid *g, FILE *f);

static inline struct cell *grid_cell(const struct grid *g, int row, int col)
{
	return &g->cells[row * g->cols + col];
}

#endif
