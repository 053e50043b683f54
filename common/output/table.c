// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <strings.h>

#include "output/escape.h"
#include "output/table.h"
#include "util/util.h"

/* --- choosing ------------------------------------------------------------------------------------------------------ */

void table_add_col(struct table *t, const struct field *f)
{
	*ARRAY_ADD(t, cols) = f;
}

static const struct field *find_column(const struct desc *d, const char *word, size_t len)
{
	for (size_t i = 0; i < d->n_fields; i++) {
		const struct field *f = &d->fields[i];

		if (!(f->flags & FF_HIDDEN) && strlen(f->name) == len && !strncasecmp(f->name, word, len))
			return f;
	}
	return NULL;
}

static int add_list(struct table *t, const char *list, const char **bad, size_t *bad_len)
{
	for (const char *p = list;; p++) {
		size_t len = strcspn(p, ",");
		const struct field *f = find_column(t->desc, p, len);

		if (!f) {
			*bad = p;
			*bad_len = len;
			return -ENOENT;
		}
		table_add_col(t, f);
		p += len;
		if (!*p)
			return 0;
	}
}

int table_choose(struct table *t, const char *spec, const char *defaults, const char **bad, size_t *bad_len)
{
	int err = 0;

	if (!spec || *spec == '+')
		err = add_list(t, defaults, bad, bad_len);
	if (err || !spec)
		return err;
	return add_list(t, spec + (*spec == '+'), bad, bad_len);
}

bool table_has(const struct table *t, const char *name)
{
	for (size_t i = 0; i < t->n_cols; i++)
		if (!strcasecmp(t->cols[i]->name, name))
			return true;
	return false;
}

uint64_t table_wants(const struct table *t)
{
	uint64_t wants = 0;

	for (size_t i = 0; i < t->n_cols; i++)
		wants |= t->cols[i]->want;
	return wants;
}

void table_done(struct table *t)
{
	free(t->cols);
	t->cols = NULL;
	t->n_cols = t->cap_cols = 0;
}

/* --- printing ------------------------------------------------------------------------------------------------------ */

enum { MAX_CELL = 1 << 20 }; /* bytes of a nested value's text */

struct column {
	const struct field *field;
	char header[64];
	size_t header_width, width;
	bool right;
};

struct scratch {
	char *buf;
	size_t size;
};

struct printing {
	const struct table *t;
	FILE *f;
	struct column *cols;
	struct tree_row *order;         /* in tree mode */
	bool more[TABLE_MAX_DRAWN + 1]; /* siblings follow, at each depth of the row at hand */
	struct scratch raw, shown;
};

static void reserve(struct scratch *s, size_t size)
{
	if (s->size >= size)
		return;
	s->size = MAX(size, s->size * 2);
	s->buf = xrealloc(s->buf, s->size);
}

static const char *record(const struct table *t, size_t row)
{
	return t->rows + row * t->desc->size;
}

/* A cell's raw bytes, borrowed until the next call; its length in *len. */
static const char *cell(struct printing *p, const struct field *f, size_t row, size_t *len)
{
	const char *rec = record(p->t, row);

	if (f->kind == F_STR && !f->text) {
		const char *s = *(const char *const *)field_at(f, rec);

		*len = s ? strlen(s) : 0;
		return s ? s : "";
	}
	reserve(&p->raw, 4096);
	*len = cell_text(f, rec, p->raw.buf, p->raw.size);
	while (f->text ? *len == p->raw.size - 1 && *len < MAX_CELL : *len >= p->raw.size) {
		reserve(&p->raw, MAX(*len + 1, p->raw.size * 2));
		*len = cell_text(f, rec, p->raw.buf, p->raw.size);
	}
	return p->raw.buf;
}

/* The same as it will be shown, NUL-terminated. */
static bool is_wrapped(const struct printing *p, const struct field *f)
{
	return p->t->wrap && !p->t->raw && f->kind == F_STRS;
}

static uint32_t cell_lines(const struct printing *p, const struct field *f, size_t row)
{
	uint32_t n = is_wrapped(p, f) ? field_count(f, record(p->t, row)) : 1;

	return n ? n : 1;
}

static const char *wrapped_cell(const struct printing *p, const struct field *f, size_t row, uint32_t line, size_t *len)
{
	const char *rec = record(p->t, row);
	const char *const *items = *(const char *const *const *)field_at(f, rec);
	const char *s = items && line < field_count(f, rec) ? items[line] : "";

	*len = strlen(s);
	return s;
}

/* A line of a cell, escaped. Most cells have one. */
static const char *shown_cell(struct printing *p, const struct field *f, size_t row, uint32_t line)
{
	size_t len = 0;
	const char *s = is_wrapped(p, f) ? wrapped_cell(p, f, row, line, &len) : line ? "" : cell(p, f, row, &len);
	unsigned int flags = p->t->ascii ? ESC_ASCII : 0;

	if (!len && !line && p->t->dash)
		return "-";
	reserve(&p->shown, len * 4 + 1); /* \xNN for each byte at worst */
	escape(s, len, flags, p->shown.buf, p->shown.size);
	return p->shown.buf;
}

static bool is_number(const struct field *f)
{
	switch (f->kind) {
	case F_U32:
	case F_U64:
	case F_ID64:
	case F_INT:
	case F_OPT:
	case F_NSREF:
		return true;
	default:
		return false;
	}
}

static const struct table_look *find_look(const struct table *t, const struct field *f)
{
	for (size_t i = 0; i < t->n_looks; i++)
		if (!strcmp(t->looks[i].name, f->name))
			return &t->looks[i];
	return NULL;
}

static void set_header(struct column *c)
{
	size_t i;

	for (i = 0; i < sizeof(c->header) - 1 && c->field->name[i]; i++)
		c->header[i] = (char)toupper((unsigned char)c->field->name[i]);
	c->header[i] = '\0';
	c->header_width = escaped_width(c->header);
}

static size_t tree_indent(uint32_t depth)
{
	return 2 * (size_t)MIN(depth, (uint32_t)TABLE_MAX_DRAWN);
}

static bool is_tree_col(const struct printing *p, size_t col)
{
	return p->order && col == p->t->tree_col;
}

static void measure_column(struct printing *p, size_t col)
{
	struct column *c = &p->cols[col];
	const struct table_look *look = find_look(p->t, c->field);
	size_t min = look ? look->width : 0;

	c->right = !is_tree_col(p, col) && (is_number(c->field) || (look && look->right));
	for (size_t i = 0; i < p->t->n_rows; i++) {
		size_t row = p->order ? p->order[i].row : i;
		size_t width = 0;

		for (uint32_t line = 0; line < cell_lines(p, c->field, row); line++)
			width = MAX(width, escaped_width(shown_cell(p, c->field, row, line)));
		if (is_tree_col(p, col))
			width += tree_indent(p->order[i].depth);
		c->width = MAX(c->width, width);
	}
	if (c->width < c->header_width)
		c->width = c->header_width;
	else if (c->width < min)
		c->width = min;
}

/* How far a column may be cut in each round of shrinking: not at all is its width. */
static size_t least_width(const struct column *c, int round)
{
	bool text = c->field->kind == F_STR || c->field->kind == F_BYTES || c->field->kind == F_STRS || c->field->kind == F_REC || c->field->kind == F_RECS;

	if (round == 0 && !(c->field->flags & FF_CUT))
		return c->width;
	if (!(c->field->flags & FF_CUT) && !text)
		return c->width;
	return MIN(c->width, round < 2 ? c->header_width : 1);
}

/* Take one character from the widest column that has one to give, until enough is gone. */
static size_t shrink(struct printing *p, int round, size_t excess)
{
	while (excess) {
		struct column *widest = NULL;

		for (size_t i = 0; i < p->t->n_cols; i++) {
			struct column *c = &p->cols[i];

			if (c->width > least_width(c, round) && (!widest || c->width > widest->width))
				widest = c;
		}
		if (!widest)
			break;
		widest->width--;
		excess--;
	}
	return excess;
}

static void fit_to_width(struct printing *p)
{
	size_t total = p->t->n_cols - 1, limit = p->t->width;

	for (size_t i = 0; i < p->t->n_cols; i++) {
		struct column *c = &p->cols[i];

		if (c->width > limit) /* so that shrink() has no long way to go */
			c->width = MAX(limit, least_width(c, 1));
		total += c->width;
	}
	if (total <= limit)
		return;
	total -= limit;
	for (int round = 0; round < 3; round++)
		total = shrink(p, round, total);
}

static void put_str(struct printing *p, const char *s, size_t len)
{
	if (p->t->raw)
		escape_to(p->f, s, len, ESC_ASCII | ESC_BLANKS);
	else
		fwrite_unlocked(s, 1, len, p->f);
}

static void put_blanks(struct printing *p, size_t n)
{
	while (n--)
		putc_unlocked(' ', p->f);
}

enum glyph { VERTICAL, NOTHING, BRANCH, LAST_BRANCH };

static void put_glyph(struct printing *p, enum glyph g)
{
	static const char *const utf8[] = { "│ ", "  ", "├─", "└─" };
	static const char *const ascii[] = { "| ", "  ", "|-", "`-" };
	const char *s = p->t->ascii ? ascii[g] : utf8[g];

	put_str(p, s, strlen(s));
}

/* The branches left of a row, as far as room reaches; returns the columns taken. */
static size_t put_branches(struct printing *p, const struct tree_row *r, size_t room)
{
	uint32_t levels = MIN(r->depth, (uint32_t)TABLE_MAX_DRAWN);
	uint32_t fit = (uint32_t)MIN((size_t)levels, room / 2);

	for (uint32_t level = 1; level <= fit; level++) {
		if (level < levels)
			put_glyph(p, p->more[level] ? VERTICAL : NOTHING);
		else
			put_glyph(p, r->last ? LAST_BRANCH : BRANCH);
	}
	return 2 * (size_t)fit;
}

/* A cell in its column: cut, and padded unless nothing follows. taken: columns of it that branches fill. */
static void put_cell(struct printing *p, size_t col, const char *s, size_t taken)
{
	const struct column *c = &p->cols[col];
	size_t room = c->width - MIN(taken, c->width), len = strlen(s), width = escaped_width(s);
	bool last = col + 1 == p->t->n_cols;

	if (width > room)
		len = escaped_fit(s, room, &width);
	if (c->right && (len || !last)) /* libsmartcols ends a line at its last cell that is not empty */
		put_blanks(p, room - width);
	fwrite_unlocked(s, 1, len, p->f);
	if (!c->right && !last)
		put_blanks(p, room - width);
}

static void print_header(struct printing *p)
{
	for (size_t col = 0; col < p->t->n_cols; col++) {
		if (col)
			putc_unlocked(' ', p->f);
		if (p->t->raw)
			put_str(p, p->cols[col].header, strlen(p->cols[col].header));
		else
			put_cell(p, col, p->cols[col].header, 0);
	}
	putc_unlocked('\n', p->f);
}

static void print_line(struct printing *p, size_t row, uint32_t line, const struct tree_row *node)
{
	for (size_t col = 0; col < p->t->n_cols; col++) {
		const struct column *c = &p->cols[col];
		size_t len, taken = 0;

		if (col)
			putc_unlocked(' ', p->f);
		if (node && !line && col == p->t->tree_col)
			taken = put_branches(p, node, p->t->raw ? SIZE_MAX : c->width);
		if (p->t->raw) {
			const char *s = cell(p, c->field, row, &len);

			put_str(p, s, len);
		} else {
			put_cell(p, col, shown_cell(p, c->field, row, line), taken);
		}
	}
}

static void print_row(struct printing *p, size_t row, const struct tree_row *node)
{
	const char *color = p->t->color && !p->t->raw ? p->t->color(record(p->t, row)) : NULL;
	uint32_t lines = 1;

	for (size_t col = 0; col < p->t->n_cols; col++)
		lines = MAX(lines, cell_lines(p, p->cols[col].field, row));
	for (uint32_t line = 0; line < lines; line++) {
		if (color)
			fprintf(p->f, "\033[%sm", color);
		print_line(p, row, line, node);
		if (color)
			fputs("\033[m", p->f);
		putc_unlocked('\n', p->f);
	}
}

static void print_rows(struct printing *p)
{
	for (size_t i = 0; i < p->t->n_rows; i++) {
		const struct tree_row *node = p->order ? &p->order[i] : NULL;

		if (node && node->depth <= TABLE_MAX_DRAWN)
			p->more[node->depth] = !node->last;
		print_row(p, node ? node->row : i, node);
	}
}

void table_print(const struct table *t, FILE *f)
{
	struct printing p = { .t = t, .f = f };

	if (!t->n_cols)
		return;
	p.cols = xcalloc(t->n_cols, sizeof(*p.cols));
	if (t->nodes)
		p.order = tree_order(t->nodes, t->n_rows);
	for (size_t i = 0; i < t->n_cols; i++) {
		p.cols[i].field = t->cols[i];
		set_header(&p.cols[i]);
		if (!t->raw)
			measure_column(&p, i);
	}
	if (!t->raw && t->width)
		fit_to_width(&p);
	if (!t->no_header)
		print_header(&p);
	print_rows(&p);
	free(p.cols);
	free(p.order);
	free(p.raw.buf);
	free(p.shown.buf);
}

/* --- help ------------------------------------------------------------------------------------------------------------ */

static const char *type_word(const struct field *f)
{
	switch (f->kind) {
	case F_BOOL:
		return "yes/no";
	case F_TIME:
		return "time";
	case F_FLAGS:
	case F_U32S:
	case F_STRS:
	case F_RECS:
		return "list";
	default:
		return is_number(f) ? "number" : "text";
	}
}

void table_help(const struct desc *d, FILE *f)
{
	struct column c;

	for (size_t i = 0; i < d->n_fields; i++) {
		if (d->fields[i].flags & FF_HIDDEN)
			continue;
		c.field = &d->fields[i];
		set_header(&c);
		fprintf(f, "%-18s %-6s  %s\n", c.header, type_word(c.field), c.field->help ? c.field->help : "");
	}
}
