// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/fit.h"
#include "util/util.h"

/* How far a column may be cut in each round of shrinking: not at all is its width. */
static size_t least_width(const struct fit_col *c, int round)
{
	if (c->cut)
		return MIN(c->width, round == 0 ? MAX(c->header, (size_t)FIT_LEAST) : round < 3 ? c->header : 1);
	return c->text && round >= 2 ? MIN(c->width, c->header) : c->width;
}

static size_t total_width(const struct fit_col *cols, size_t n)
{
	size_t total = 0;

	for (size_t i = 0; i < n; i++)
		if (!cols[i].gone)
			total += (total > 0) + cols[i].width;
	return total;
}

/* Take one character from the widest column that has one to give, until enough is gone. */
static size_t shrink(struct fit_col *cols, size_t n, int round, size_t excess)
{
	while (excess) {
		struct fit_col *widest = NULL;

		for (size_t i = 0; i < n; i++) {
			struct fit_col *c = &cols[i];

			if (!c->gone && c->width > least_width(c, round) && (!widest || c->width > widest->width))
				widest = c;
		}
		if (!widest)
			break;
		widest->width--;
		excess--;
	}
	return excess;
}

/* The next to give way; NULL: there is none. */
static struct fit_col *find_yielding(struct fit_col *cols, size_t n)
{
	struct fit_col *next = NULL;

	for (size_t i = 0; i < n; i++)
		if (cols[i].yields && !cols[i].gone && (!next || cols[i].yields < next->yields))
			next = &cols[i];
	return next;
}

/* What columns take when those to be cut are as narrow as in the first round. */
static size_t least_total(const struct fit_col *cols, size_t n)
{
	size_t total = 0;

	for (size_t i = 0; i < n; i++)
		if (!cols[i].gone)
			total += (total > 0) + least_width(&cols[i], 0);
	return total;
}

void fit_columns(struct fit_col *cols, size_t n, size_t limit)
{
	struct fit_col *next;
	size_t total;

	while (least_total(cols, n) > limit && (next = find_yielding(cols, n)))
		next->gone = true;
	for (size_t i = 0; i < n; i++) /* so that shrink() has no long way to go */
		if (cols[i].width > limit)
			cols[i].width = MAX(limit, least_width(&cols[i], 2));
	total = total_width(cols, n);
	for (int round = 0; round < 4 && total > limit; round++)
		total = limit + shrink(cols, n, round, total - limit);
}
