// SPDX-License-Identifier: GPL-2.0-or-later
/* What lies over the screen: menus, and text to be read. */
#include "ui.h"

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

static int count_lines(const char *text)
{
	int n = 0;

	for (const char *p = text; p && *p; p++)
		n += *p == '\n';
	return n;
}

bool pager_press(struct ui *ui, uint32_t key)
{
	struct pager *p = &ui->pager;
	int page = MAX(ui->rows - 3, 1), last;

	if (!p->text)
		return false;
	last = MAX(count_lines(p->text) - page, 0);
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
	const char *line = p->text;
	char buf[1024];

	if (!p->text)
		return;
	draw_box(g, 0, 0, g->rows, g->cols, p->title);
	for (int i = 0, row = 1; *line && row < g->rows - 1; i++) {
		size_t len = strcspn(line, "\n");

		snprintf(buf, sizeof(buf), "%.*s", (int)MIN(len, sizeof(buf) - 1), line);
		if (i >= p->top)
			grid_put(g, row++, 1, g->cols - 2, STYLE_PLAIN, buf);
		line += len + (line[len] == '\n');
	}
	grid_fill(g, g->rows - 1, 0, g->cols, STYLE_BAR, ' ');
	grid_put(g, g->rows - 1, 1, g->cols - 2, STYLE_BAR, "arrows, PgUp, PgDn: read on   any other key: back");
}
