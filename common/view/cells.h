// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A line of text as a run of cells, built in one buffer that the next line uses again. Pure. What cells_put() takes is our own text; what
 * somebody else chose goes through cells_put_foreign().
 */
#ifndef NSKIT_CELLS_H
#define NSKIT_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CELLS = 12 };

struct cells {
	char *buf;
	size_t len, cap;
	size_t end[CELLS];  /* of each cell in buf; it begins where the one before ends */
	size_t wide[CELLS]; /* columns that it takes, where that is not its length in bytes; 0 else */
	size_t n;           /* cells that are done */
	bool ascii;         /* the locale is not UTF-8 */
};

/* A new line begins. */
static inline void cells_start(struct cells *c)
{
	c->len = c->n = 0;
}

/* Append to the cell at hand. */
void cells_put(struct cells *c, const char *s);
void cells_put_num(struct cells *c, uint64_t v);
void cells_put_f(struct cells *c, const char *fmt, ...) __attribute__((format(printf, 2, 3))); /* at most 511 bytes */
void cells_put_foreign(struct cells *c, const char *s, size_t len);

/* The cell is done; there is room for CELLS of them. */
void cells_next(struct cells *c);

/* Where a cell that is done begins, and its length in bytes and in columns. */
static inline size_t cells_begin(const struct cells *c, size_t i)
{
	return i ? c->end[i - 1] : 0;
}
static inline size_t cells_len(const struct cells *c, size_t i)
{
	return c->end[i] - cells_begin(c, i);
}
static inline size_t cells_width(const struct cells *c, size_t i)
{
	return c->wide[i] ? c->wide[i] : cells_len(c, i);
}

/* All cells, one behind the other; NUL-terminated, and good until the next call that appends. */
char *cells_text(struct cells *c);

void cells_done(struct cells *c);

#endif
