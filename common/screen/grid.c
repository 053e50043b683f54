// SPDX-License-Identifier: GPL-2.0-or-later
#include <wchar.h>

#include "screen/grid.h"
#include "util/util.h"

void grid_init(struct grid *g, int rows, int cols)
{
	*g = (struct grid){ .rows = MAX(rows, 1), .cols = MAX(cols, 1) };
	g->cells = xcalloc((size_t)g->rows * (size_t)g->cols, sizeof(*g->cells));
	grid_clear(g);
}

void grid_done(struct grid *g)
{
	free(g->cells);
	*g = (struct grid){ 0 };
}

void grid_clear(struct grid *g)
{
	for (int i = 0; i < g->rows * g->cols; i++)
		g->cells[i] = (struct cell){ .ch = { ' ' } };
}

/* The next character of text that escape() has made: well-formed, so that only its length has to be told. */
static uint32_t next_char(const char **p)
{
	const unsigned char *s = (const unsigned char *)*p;
	int more = s[0] < 0x80 ? 0 : s[0] < 0xe0 ? 1 : s[0] < 0xf0 ? 2 : 3;
	uint32_t ch = more ? s[0] & (0x3f >> more) : s[0];

	for (int i = 1; i <= more; i++) {
		if ((s[i] & 0xc0) != 0x80) { /* not ours to happen: a broken sequence never runs over its end */
			*p += i;
			return 0xfffd;
		}
		ch = ch << 6 | (s[i] & 0x3f);
	}
	*p += 1 + more;
	return ch;
}

/* Half of a wide character that is written over leaves a blank. */
static void set_cell(struct grid *g, int row, int col, uint32_t ch, enum style style)
{
	struct cell *c = grid_cell(g, row, col);

	if (!c->ch[0] && col)
		c[-1].ch[0] = ' ';
	if (ch && col + 1 < g->cols && !c[1].ch[0])
		c[1].ch[0] = ' ';
	*c = (struct cell){ .ch = { ch }, .style = (uint8_t)style };
}

static void add_mark(struct grid *g, int row, int col, uint32_t ch)
{
	struct cell *c = grid_cell(g, row, col);

	if (!c->ch[0] && col)
		c--;
	for (int i = 1; i <= GRID_MARKS; i++)
		if (!c->ch[i]) {
			c->ch[i] = ch;
			return;
		}
}

int grid_put(struct grid *g, int row, int col, int width, enum style style, const char *text)
{
	int used = 0;

	width = MIN(width, g->cols - col);
	if (row < 0 || row >= g->rows || col < 0)
		return 0;
	while (*text) {
		uint32_t ch = next_char(&text);
		int w = ch < 0x7f ? 1 : wcwidth((wchar_t)ch);

		if (w < 0 || ch < ' ') {
			ch = '?';
			w = 1;
		}
		if (!w) {
			if (used)
				add_mark(g, row, col + used - 1, ch);
			continue;
		}
		if (used + w > width)
			break;
		set_cell(g, row, col + used, ch, style);
		if (w == 2) {
			set_cell(g, row, col + used + 1, ' ', style);
			grid_cell(g, row, col + used + 1)->ch[0] = 0;
		}
		used += w;
	}
	return used;
}

/* Columns that text takes, of at most limit. */
static int text_columns(const char *text, int limit)
{
	int n = 0;

	while (*text && n < limit) {
		uint32_t ch = next_char(&text);
		int w = ch < 0x7f ? 1 : wcwidth((wchar_t)ch);

		n += w < 0 ? 1 : w;
	}
	return n;
}

void grid_field(struct grid *g, int row, int col, int width, enum style style, bool right, const char *text)
{
	int pad = right ? width - text_columns(text, width) : 0;
	int used;

	grid_fill(g, row, col, pad, style, ' ');
	pad = MAX(pad, 0);
	used = pad + grid_put(g, row, col + pad, width - pad, style, text);
	grid_fill(g, row, col + used, width - used, style, ' ');
}

void grid_fill(struct grid *g, int row, int col, int width, enum style style, uint32_t ch)
{
	if (row < 0 || row >= g->rows || col < 0)
		return;
	for (int i = col; i < col + width && i < g->cols; i++)
		set_cell(g, row, i, ch, style);
}

void grid_paint(struct grid *g, int row, int col, int width, enum style style)
{
	if (row < 0 || row >= g->rows || col < 0)
		return;
	for (int i = col; i < col + width && i < g->cols; i++)
		grid_cell(g, row, i)->style = (uint8_t)style;
}

static bool same_cell(const struct cell *a, const struct cell *b)
{
	return a->style == b->style && !memcmp(a->ch, b->ch, sizeof(a->ch));
}

bool grid_differs(const struct grid *a, const struct grid *b, int row, int *from, int *to)
{
	int first = 0, last = a->cols;

	while (first < last && same_cell(grid_cell(a, row, first), grid_cell(b, row, first)))
		first++;
	while (last > first && same_cell(grid_cell(a, row, last - 1), grid_cell(b, row, last - 1)))
		last--;
	if (first == last)
		return false;
	/* Whole characters: a right half is drawn with its left one. */
	while (first && (!grid_cell(a, row, first)->ch[0] || !grid_cell(b, row, first)->ch[0]))
		first--;
	while (last < a->cols && (!grid_cell(a, row, last)->ch[0] || !grid_cell(b, row, last)->ch[0]))
		last++;
	*from = first;
	*to = last;
	return true;
}

static size_t put_utf8(uint32_t ch, char *out)
{
	if (ch < 0x80) {
		out[0] = (char)ch;
		return 1;
	}
	if (ch < 0x800) {
		out[0] = (char)(0xc0 | ch >> 6);
		out[1] = (char)(0x80 | (ch & 0x3f));
		return 2;
	}
	if (ch < 0x10000) {
		out[0] = (char)(0xe0 | ch >> 12);
		out[1] = (char)(0x80 | (ch >> 6 & 0x3f));
		out[2] = (char)(0x80 | (ch & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | ch >> 18);
	out[1] = (char)(0x80 | (ch >> 12 & 0x3f));
	out[2] = (char)(0x80 | (ch >> 6 & 0x3f));
	out[3] = (char)(0x80 | (ch & 0x3f));
	return 4;
}

size_t grid_text(const struct grid *g, int row, char *buf, size_t size)
{
	int last = g->cols;
	size_t len = 0;

	while (last && grid_cell(g, row, last - 1)->ch[0] == ' ' && !grid_cell(g, row, last - 1)->ch[1])
		last--;
	for (int col = 0; col < last; col++)
		for (int i = 0; i <= GRID_MARKS && grid_cell(g, row, col)->ch[i] && len + 5 < size; i++)
			len += put_utf8(grid_cell(g, row, col)->ch[i], buf + len);
	if (size)
		buf[len] = '\0';
	return len;
}

void grid_print(const struct grid *g, FILE *f)
{
	size_t size = (size_t)g->cols * 4 * (1 + GRID_MARKS) + 6;
	CLEAN_MEM char *line = xcalloc(size, 1);

	for (int row = 0; row < g->rows; row++) {
		size_t len = grid_text(g, row, line, size);

		line[len] = '\n';
		fwrite(line, 1, len + 1, f);
	}
}
