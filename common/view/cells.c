// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/escape.h"
#include "util/util.h"
#include "view/cells.h"

static void reserve(struct cells *c, size_t n)
{
	if (c->cap - c->len >= n)
		return;
	c->cap = MAX(c->cap * 2, c->len + n);
	c->buf = xrealloc(c->buf, c->cap);
}

void cells_put(struct cells *c, const char *s)
{
	size_t len = strlen(s);

	reserve(c, len + 1);
	memcpy(c->buf + c->len, s, len);
	c->len += len;
}

void cells_put_num(struct cells *c, uint64_t v)
{
	char digits[20], *p = digits + sizeof(digits);

	do
		*--p = (char)('0' + v % 10);
	while (v /= 10);
	reserve(c, 20);
	memcpy(c->buf + c->len, p, (size_t)(digits + sizeof(digits) - p));
	c->len += (size_t)(digits + sizeof(digits) - p);
}

void cells_put_f(struct cells *c, const char *fmt, ...)
{
	va_list ap;

	reserve(c, 512);
	va_start(ap, fmt);
	c->len += (size_t)vsnprintf(c->buf + c->len, 512, fmt, ap);
	va_end(ap);
}

void cells_put_foreign(struct cells *c, const char *s, size_t len)
{
	reserve(c, len * 4 + 1);
	c->len += escape(s, len, c->ascii ? ESC_ASCII : 0, c->buf + c->len, len * 4 + 1);
}

char *cells_text(struct cells *c)
{
	reserve(c, 1);
	c->buf[c->len] = '\0';
	return c->buf;
}

void cells_next(struct cells *c)
{
	size_t i = c->n++;

	c->end[i] = c->len;
	c->wide[i] = 0;
	for (size_t at = cells_begin(c, i); at < c->len; at++)
		if ((unsigned char)c->buf[at] >= 0x80) {
			c->wide[i] = escaped_width(cells_text(c) + cells_begin(c, i));
			break;
		}
}

void cells_done(struct cells *c)
{
	free(c->buf);
	*c = (struct cells){ 0 };
}
