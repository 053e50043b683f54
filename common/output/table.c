// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <strings.h>

#include "output/escape.h"
#include "output/fit.h"
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
	struct fit_col *fits; /* the same columns' widths */
	size_t n_cols, tree_col;
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
}

static size_t tree_indent(uint32_t depth)
{
	return 2 * (size_t)MIN(depth, (uint32_t)TABLE_MAX_DRAWN);
}

static bool is_tree_col(const struct printing *p, size_t col)
{
	return p->order && col == p->tree_col;
}

static void measure_column(struct printing *p, size_t col)
{
	struct column *c = &p->cols[col];
	struct fit_col *fit = &p->fits[col];
	const struct table_look *look = find_look(p->t, c->field);
	size_t min = look ? look->width : 0;

	c->right = !is_tree_col(p, col) && (desc_is_number(c->field) || (look && look->right));
	for (size_t i = 0; i < p->t->n_rows; i++) {
		size_t row = p->order ? p->order[i].row : i;
		size_t width = 0;

		for (uint32_t line = 0; line < cell_lines(p, c->field, row); line++)
			width = MAX(width, escaped_width(shown_cell(p, c->field, row, line)));
		if (is_tree_col(p, col))
			width += tree_indent(p->order[i].depth);
		fit->width = MAX(fit->width, width);
	}
	fit->header = escaped_width(c->header);
	if (fit->width < fit->header)
		fit->width = fit->header;
	else if (fit->width < min)
		fit->width = min;
}

/* Its place in the list of those that give way, from 1; 0: it is not in it. */
static unsigned int rank_in(const char *list, const char *name)
{
	size_t len = strlen(name);
	unsigned int rank = 1;

	for (; list && *list; rank++) {
		size_t word = strcspn(list, ",");

		if (word == len && !strncasecmp(list, name, len))
			return rank;
		list += word + (list[word] == ',');
	}
	return 0;
}

static bool is_text(const struct field *f)
{
	return f->kind == F_STR || f->kind == F_BYTES || f->kind == F_STRS || f->kind == F_REC || f->kind == F_RECS;
}

/* Those that gave way. */
static void drop_columns(struct printing *p)
{
	size_t n = 0, tree_col = p->n_cols;

	for (size_t i = 0; i < p->n_cols; i++) {
		if (p->fits[i].gone)
			continue;
		if (i == p->tree_col)
			tree_col = n;
		p->fits[n] = p->fits[i];
		p->cols[n++] = p->cols[i];
	}
	p->n_cols = n;
	p->tree_col = tree_col;
}

static void fit_to_width(struct printing *p)
{
	for (size_t i = 0; i < p->n_cols; i++) {
		const struct field *f = p->cols[i].field;

		p->fits[i].cut = f->flags & FF_CUT;
		p->fits[i].text = is_text(f);
		p->fits[i].yields = rank_in(p->t->yields, f->name);
	}
	fit_columns(p->fits, p->n_cols, p->t->width);
	drop_columns(p);
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

/*
 * How much of a cell the room holds. Of a list whole items, and a mark that there are more: a part of an address would be another one,
 * so where not even the first has room its part is marked, too. Bytes; columns in *width.
 */
static size_t cut_cell(const struct printing *p, size_t col, const char *s, size_t room, size_t *width, const char **mark)
{
	*mark = "";
	for (size_t w = p->cols[col].field->kind == F_STRS && room > 2 ? room - 2 : 0; w; w--) {
		size_t len = escaped_fit(s, w, width);

		if (*width && (s[len] == ' ' || s[len] == ',')) {
			*mark = p->t->ascii ? " +" : " …";
			*width += 2;
			return len;
		}
	}
	if (p->cols[col].field->kind == F_STRS && room > 1) {
		size_t len = escaped_fit(s, room - 1, width);

		*mark = p->t->ascii ? "+" : "…";
		++*width;
		return len;
	}
	return escaped_fit(s, room, width);
}

/* A cell in its column: cut, and padded unless nothing follows. taken: columns of it that branches fill. */
static void put_cell(struct printing *p, size_t col, const char *s, size_t taken)
{
	size_t room = p->fits[col].width - MIN(taken, p->fits[col].width), len = strlen(s), width = escaped_width(s);
	bool right = p->cols[col].right, last = col + 1 == p->n_cols;
	const char *mark = "";

	if (width > room)
		len = cut_cell(p, col, s, room, &width, &mark);
	if (right && (len || !last)) /* libsmartcols ends a line at its last cell that is not empty */
		put_blanks(p, room - width);
	fwrite_unlocked(s, 1, len, p->f);
	fputs(mark, p->f);
	if (!right && !last)
		put_blanks(p, room - width);
}

static void print_header(struct printing *p)
{
	for (size_t col = 0; col < p->n_cols; col++) {
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
	for (size_t col = 0; col < p->n_cols; col++) {
		const struct column *c = &p->cols[col];
		size_t len, taken = 0;

		if (col)
			putc_unlocked(' ', p->f);
		if (node && !line && col == p->tree_col)
			taken = put_branches(p, node, p->t->raw ? SIZE_MAX : p->fits[col].width);
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

	for (size_t col = 0; col < p->n_cols; col++)
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
	struct printing p = { .t = t, .f = f, .n_cols = t->n_cols, .tree_col = t->tree_col };

	if (!t->n_cols)
		return;
	p.cols = xcalloc(t->n_cols, sizeof(*p.cols));
	p.fits = xcalloc(t->n_cols, sizeof(*p.fits));
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
	free(p.fits);
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
		return desc_is_number(f) ? "number" : "text";
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
