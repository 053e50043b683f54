// SPDX-License-Identifier: GPL-2.0-or-later
/* A table: chosen fields of an array of records, as text in the manner of lsns (libsmartcols). */
#ifndef NSKIT_TABLE_H
#define NSKIT_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "model/desc.h"
#include "output/tree.h"

/*
 * How a column of the peer's looks where its kind does not tell: numbers are aligned right and all else left; a column is as wide
 * as its widest cell or its header. The peer has minimal widths that apply only when a cell is at least as wide as the header.
 */
struct table_look {
	const char *name; /* of the field */
	uint8_t width;    /* minimal; 0: none */
	bool right;
};

struct table {
	const struct desc *desc;
	const struct field **cols;
	size_t n_cols, cap_cols;
	const char *rows; /* array of records of desc */
	size_t n_rows;
	bool raw;       /* -r: one blank between columns, blanks and backslashes in cells escaped, an empty cell is empty */
	bool no_header; /* -n */
	bool wrap;      /* lists take a line for each of their strings; else they are joined by commas (not in raw mode) */
	bool dash;      /* an empty cell is "-" (not in raw mode) */
	size_t width;   /* of the terminal; 0: never cut */
	const char
		*yields; /* "USER,NPROCS": columns that give way, the first first, where the terminal is too narrow; NULL: none */
	bool ascii;      /* the locale is not UTF-8 */
	/* The colour of a row, as the parameters of SGR ("33" is yellow), or NULL for none; never in raw mode. */
	const char *(*color)(const void *rec);
	const struct table_look *looks; /* or NULL */
	size_t n_looks;
	/*
	 * Tree mode: the parent of each row; NULL for a list. Rows come in the order of tree_order(), drawn in the column tree_col,
	 * which is aligned left. Beyond TABLE_MAX_DRAWN levels the indentation does not grow.
	 */
	const struct table_node *nodes;
	size_t tree_col;
};
enum { TABLE_MAX_DRAWN = 200 };

/*
 * Choose columns from a list as typed: "NS,TYPE", "+CONTAINER" (added to the defaults; NULL is the defaults alone). 0, or -ENOENT
 * with the word that is no column in *bad (points into the list, *bad_len long; an empty word is none either). Words may be in
 * small letters. FF_HIDDEN fields are no columns.
 */
int table_choose(struct table *t, const char *spec, const char *defaults, const char **bad, size_t *bad_len);
void table_add_col(struct table *t, const struct field *f);

/* Is the field of that name among the chosen columns? */
bool table_has(const struct table *t, const char *name);

/* What the chosen columns need collected: the union of their wants. */
uint64_t table_wants(const struct table *t);

/*
 * The text of a cell, raw bytes, cut at size - 1; "" for none; "?" for what was refused. Returns the length that the whole has, like
 * snprintf (of a field with .text: that it could have; size - 1 may mean that it was cut).
 */
size_t cell_text(const struct field *f, const void *rec, char *buf, size_t size);

/*
 * Print header and rows, in time linear in their number. To fit t->width, FF_CUT columns are cut, those of t->yields give way, then text is
 * cut down to its header's width (fit_columns()); numbers never are: a part of a number would be another number. Errors are left to
 * ferror().
 */
void table_print(const struct table *t, FILE *f);

/* Forget the chosen columns. */
void table_done(struct table *t);

/* --output help: name, type and meaning of every column. */
void table_help(const struct desc *d, FILE *f);

#endif
