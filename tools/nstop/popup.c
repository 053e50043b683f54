// SPDX-License-Identifier: GPL-2.0-or-later
/* What lies over the screen: menus, and text to be read. */
#include "ui.h"
#include "output/escape.h"

/* --- menus --------------------------------------------------------------------------------------------------------------------- */

void menu_open(struct ui *ui, const char *title, bool checks, void (*chosen)(struct ui *ui, struct menu_item *item))
{
	ui->menu.title = title;
	ui->menu.checks = checks;
	ui->menu.chosen = chosen;
	ui->menu.n_items = ui->menu.cursor = ui->menu.top = 0;
}

struct menu_item *menu_add(struct ui *ui, const char *text, uint32_t value, bool checked)
{
	struct menu_item *item = ARRAY_ADD(&ui->menu, items);

	snprintf(item->text, sizeof(item->text), "%s", text);
	item->value = value;
	item->checked = checked;
	if (checked && !ui->menu.checks)
		ui->menu.cursor = ui->menu.n_items - 1;
	return item;
}

void menu_close(struct ui *ui)
{
	ui->menu.title = NULL;
}

static void choose(struct ui *ui)
{
	struct menu *m = &ui->menu;

	if (!m->n_items)
		return;
	if (m->checks)
		m->items[m->cursor].checked = !m->items[m->cursor].checked;
	else
		menu_close(ui);
	m->chosen(ui, &m->items[m->cursor]);
}

bool menu_press(struct ui *ui, uint32_t key)
{
	struct menu *m = &ui->menu;

	if (!m->title)
		return false;
	switch (key) {
	case K_UP:
		m->cursor -= m->cursor > 0;
		break;
	case K_DOWN:
		m->cursor += m->cursor + 1 < m->n_items;
		break;
	case K_HOME:
		m->cursor = 0;
		break;
	case K_END:
		m->cursor = m->n_items ? m->n_items - 1 : 0;
		break;
	case ' ':
	case K_ENTER:
		choose(ui);
		break;
	case K_ESCAPE:
	case 'q':
	case K_F10:
		menu_close(ui);
		break;
	}
	return true;
}

/* A box of blanks with a title, within the grid. */
static void draw_box(struct grid *g, int row, int col, int rows, int cols, const char *title)
{
	for (int i = 0; i < rows; i++)
		grid_fill(g, row + i, col, cols, STYLE_PLAIN, ' ');
	grid_fill(g, row, col, cols, STYLE_BAR, ' ');
	grid_put(g, row, col + 1, cols - 2, STYLE_BAR, title);
}

void menu_draw(struct ui *ui, struct grid *g)
{
	struct menu *m = &ui->menu;
	int width = 30, rows = MIN((int)m->n_items + 1, MAX(g->rows - 4, 2));
	size_t body = (size_t)MAX(rows - 1, 1);

	if (!m->title)
		return;
	for (size_t i = 0; i < m->n_items; i++)
		width = MAX(width, (int)strlen(m->items[i].text) + 6);
	width = MIN(width, g->cols);
	if (m->cursor < m->top)
		m->top = m->cursor;
	if (m->cursor >= m->top + body)
		m->top = m->cursor + 1 - body;
	draw_box(g, 2, 0, rows, width, m->title);
	for (size_t i = 0; i < body && m->top + i < m->n_items; i++) {
		const struct menu_item *item = &m->items[m->top + i];
		enum style style = m->top + i == m->cursor ? STYLE_CURSOR : STYLE_PLAIN;

		grid_fill(g, 3 + (int)i, 0, width, style, ' ');
		if (m->checks)
			grid_put(g, 3 + (int)i, 0, width, style, item->checked ? " [x]" : " [ ]");
		grid_put(g, 3 + (int)i, m->checks ? 5 : 1, width - 5, style, item->text);
	}
}

/* --- text ------------------------------------------------------------------------------------------------------------------------ */

void pager_open(struct ui *ui, const char *title, char *text)
{
	pager_close(ui);
	ui->pager = (struct pager){ .text = text, .title = title };
}

void pager_close(struct ui *ui)
{
	free(ui->pager.text);
	ui->pager = (struct pager){ 0 };
}

void pager_await(struct ui *ui, uint64_t seq, size_t gap)
{
	ui->pager.awaits = seq;
	ui->pager.gap = gap;
}

void pager_answer(struct ui *ui, uint64_t seq, const char *answer)
{
	struct pager *p = &ui->pager;
	const char *rest;
	char *text;

	if (!p->text || p->awaits != seq) /* closed meanwhile, or another one is shown */
		return;
	rest = p->text + p->gap;
	rest += strcspn(rest, "\n");
	rest += answer && *answer && answer[strlen(answer) - 1] == '\n' && *rest;
	if (asprintf(&text, "%.*s%s%s", (int)p->gap, p->text, answer ? answer : "no explanation: the cause could not be looked for",
		     rest) < 0)
		return;
	free(p->text);
	p->text = text;
	p->awaits = 0;
}

/* A text in lines of so many columns: what does not fit goes on in the next one, below the text behind its line's first word. */
struct wrap {
	const char *at; /* where the next line begins */
	int cols;
	int hang;     /* how far lines that go on are set in */
	bool goes_on; /* the next line does */
};

struct wrapped {
	const char *text;
	size_t len;
	int indent;
};

/*
 * "rule      a bound socket owns ...": the column of what stands behind a word and two blanks, or behind many blanks alone. 0: there is
 * none, or it is far.
 */
static int hang_of(const char *line, int cols)
{
	size_t at = strspn(line, " "), blanks = at > 4 ? at : 0;

	for (; line[at] && line[at] != '\n' && blanks < 2; at += MAX(blanks, (size_t)1)) {
		blanks = strspn(line + at, " ");
		if ((unsigned char)line[at] >= 0x80) /* bytes are no columns there */
			return 0;
	}
	if (blanks < 2 && *line == ' ') { /* a label as long as its column: "  unchecked seccomp filters" */
		at = strspn(line, " ");
		at += strcspn(line + at, " \n");
		blanks = line[at] == ' ' ? 2 : 0;
		at++;
	}
	return blanks >= 2 && line[at] && line[at] != '\n' && (int)at <= cols / 2 ? (int)at : 0;
}

/* The bytes of text that fit into so many columns: up to the end of the line, else to the last blank. */
static size_t line_bytes(const char *text, int cols)
{
	size_t len = strcspn(text, "\n"), used, fits, blank;
	char buf[4096]; /* more than any screen's width */

	snprintf(buf, sizeof(buf), "%.*s", (int)MIN(len, sizeof(buf) - 1), text);
	fits = escaped_fit(buf, (size_t)MAX(cols, 1), &used);
	if (fits >= len || !fits) /* not even one character: let it be cut */
		return len;
	for (blank = fits; blank && text[blank] != ' '; blank--)
		;
	while (blank && text[blank - 1] == ' ')
		blank--;
	return blank ? blank : fits; /* a word that is longer than the line */
}

/* The next line. False: there is none. */
static bool wrap_next(struct wrap *w, struct wrapped *line)
{
	if (!*w->at)
		return false;
	if (!w->goes_on)
		w->hang = hang_of(w->at, w->cols);
	line->text = w->at;
	line->indent = w->goes_on ? w->hang : 0;
	line->len = line_bytes(w->at, w->cols - line->indent);
	w->at += line->len;
	w->at += strspn(w->at, " ");
	w->goes_on = *w->at != '\n';
	w->at += *w->at == '\n';
	return true;
}

static int count_lines(const char *text, int cols)
{
	struct wrap w = { .at = text, .cols = cols };
	struct wrapped line;
	int n = 0;

	while (wrap_next(&w, &line))
		n++;
	return n;
}

bool pager_press(struct ui *ui, uint32_t key)
{
	struct pager *p = &ui->pager;
	int page = MAX(ui->rows - 3, 1), last;

	if (!p->text)
		return false;
	last = MAX(count_lines(p->text, ui->cols - 2) - page, 0);
	switch (key) {
	case K_UP:
		p->top = MAX(p->top - 1, 0);
		break;
	case K_DOWN:
		p->top = MIN(p->top + 1, last);
		break;
	case K_PAGE_UP:
		p->top = MAX(p->top - page, 0);
		break;
	case K_PAGE_DOWN:
	case ' ':
		p->top = MIN(p->top + page, last);
		break;
	default:
		pager_close(ui);
	}
	return true;
}

void pager_draw(struct ui *ui, struct grid *g)
{
	struct pager *p = &ui->pager;
	struct wrap w = { .at = p->text, .cols = g->cols - 2 };
	struct wrapped line;
	char buf[4096];
	int row = 1;

	if (!p->text)
		return;
	draw_box(g, 0, 0, g->rows, g->cols, p->title);
	for (int i = 0; row < g->rows - 1 && wrap_next(&w, &line); i++) {
		snprintf(buf, sizeof(buf), "%.*s", (int)MIN(line.len, sizeof(buf) - 1), line.text);
		if (i >= p->top)
			grid_put(g, row++, 1 + line.indent, g->cols - 2 - line.indent, STYLE_PLAIN, buf);
	}
	grid_fill(g, g->rows - 1, 0, g->cols, STYLE_BAR, ' ');
	grid_put(g, g->rows - 1, 1, g->cols - 2, STYLE_BAR,
		 g->cols >= 60 ? "arrows, PgUp, PgDn: read on   any other key: back" : "arrows: read on  other keys: back");
}
