// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>

#include "keys.h"
#include "output/escape.h"

/* --- moving ----------------------------------------------------------------------------------------------------------------- */

static void move(struct ui *ui, uint32_t key)
{
	struct rowlist *l = &ui_view(ui)->list;
	long page = MAX(l->page, 1);

	switch (key) {
	case K_UP:
	case 'k':
		rowlist_move(l, -1);
		break;
	case K_DOWN:
	case 'j':
		rowlist_move(l, 1);
		break;
	case K_PAGE_UP:
		rowlist_move(l, -page);
		break;
	case K_PAGE_DOWN:
		rowlist_move(l, page);
		break;
	case K_HOME:
	case 'g':
		rowlist_go(l, 0);
		break;
	case K_END:
	case 'G':
		rowlist_go(l, l->n_order);
		break;
	}
}

static void scroll_columns(struct ui *ui, uint32_t key)
{
	struct rowlist *l = &ui_view(ui)->list;

	if (key == K_LEFT)
		l->left -= l->left > 0;
	else
		l->left += l->left + 1 < l->n_cols;
}

static void next_view(struct ui *ui, uint32_t key)
{
	ui_go_view(ui, (ui->here + (key == K_TAB ? 1 : VIEWS - 1)) % VIEWS);
}

static void go_view(struct ui *ui, uint32_t key)
{
	ui_go_view(ui, key - '1');
}

static void go_in(struct ui *ui, uint32_t key)
{
	const void *rec = rowlist_here(&ui_view(ui)->list);

	(void)key;
	if (rec)
		ui_view(ui)->ops->enter(ui, rec);
}

/* Out of what is nearest: a filter first, then the place. */
static void go_back(struct ui *ui, uint32_t key)
{
	(void)key;
	if (*ui_view(ui)->list.filter) {
		*ui_view(ui)->list.filter = '\0';
		ui_refill(ui);
	} else {
		ui_back(ui);
	}
}

/* --- sorting ---------------------------------------------------------------------------------------------------------------- */

static void arrange_again(struct ui *ui)
{
	ui->wishes.collect = true;
	ui_refill(ui);
}

static void sort_chosen(struct ui *ui, struct menu_item *item)
{
	rowlist_sort_by(&ui_view(ui)->list, &ui_view(ui)->list.desc->fields[item->value]);
	ui_view(ui)->tree = 0;
	arrange_again(ui);
}

static void sort_menu(struct ui *ui, uint32_t key)
{
	const struct rowlist *l = &ui_view(ui)->list;

	(void)key;
	menu_open(ui, "Sort by", false, sort_chosen);
	for (size_t i = 0; i < l->n_cols; i++) {
		const struct field *f = l->cols[i].field;

		menu_add(ui, l->cols[i].header ? l->cols[i].header : f->name, (uint32_t)(f - l->desc->fields), f == l->sort);
	}
}

/* The column to the left or right of the one that sorts. */
static void sort_beside(struct ui *ui, uint32_t key)
{
	struct rowlist *l = &ui_view(ui)->list;
	size_t at = 0;

	if (!l->n_cols)
		return;
	while (at < l->n_cols && l->cols[at].field != l->sort)
		at++;
	if (at == l->n_cols)
		at = 0;
	else
		at = key == '<' ? (at + l->n_cols - 1) % l->n_cols : (at + 1) % l->n_cols;
	rowlist_sort_by(l, l->cols[at].field);
	arrange_again(ui);
}

static void sort_by_letter(struct ui *ui, uint32_t key)
{
	static const struct {
		uint32_t key;
		const char *field;
	} letters[] = { { 'P', "cpu" }, { 'M', "rss" }, { 'T', "age" }, { 'N', "pid" } };
	struct rowlist *l = &ui_view(ui)->list;

	for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
		if (letters[i].key == key && desc_field(l->desc, letters[i].field)) {
			rowlist_sort_by(l, desc_field(l->desc, letters[i].field));
			arrange_again(ui);
		}
}

static void invert(struct ui *ui, uint32_t key)
{
	(void)key;
	ui_view(ui)->list.invert ^= true;
	arrange_again(ui);
}

static void next_tree(struct ui *ui, uint32_t key)
{
	struct view *v = ui_view(ui);

	(void)key;
	if (!v->ops->trees) {
		ui_say(ui, "%s have no tree", v->ops->name);
		return;
	}
	if (!v->ops->trees[++v->tree])
		v->tree = 0;
	arrange_again(ui);
}

/* --- columns -------------------------------------------------------------------------------------------------------------- */

static void column_chosen(struct ui *ui, struct menu_item *item)
{
	struct rowlist *l = &ui_view(ui)->list;
	const struct field *f = &l->desc->fields[item->value];

	for (size_t i = 0; i < l->n_cols; i++)
		if (l->cols[i].field == f) {
			if (l->n_cols > 1)
				rowlist_remove_column(l, i);
			else
				item->checked = true;
			arrange_again(ui);
			return;
		}
	rowlist_add_column(l, f);
	arrange_again(ui);
}

static void columns_menu(struct ui *ui, uint32_t key)
{
	const struct rowlist *l = &ui_view(ui)->list;

	(void)key;
	menu_open(ui, "Columns: Space chooses, Escape is done", true, column_chosen);
	for (size_t i = 0; i < l->desc->n_fields; i++) {
		const struct field *f = &l->desc->fields[i];
		char text[96];

		snprintf(text, sizeof(text), "%-12s %s", f->name, f->help ? f->help : "");
		if (!(f->flags & FF_HIDDEN))
			menu_add(ui, text, (uint32_t)i, rowlist_has_column(l, f));
	}
}

/* --- users, threads, marks ---------------------------------------------------------------------------------------------------- */

enum { ALL_USERS = UINT32_MAX };

static void user_chosen(struct ui *ui, struct menu_item *item)
{
	if (item->value == ALL_USERS)
		*ui->user = '\0';
	else
		snprintf(ui->user, sizeof(ui->user), "%u", item->value);
	ui_go_view(ui, VIEW_PROCESSES);
	arrange_again(ui);
}

static void user_menu(struct ui *ui, uint32_t key)
{
	const struct snap *s = ui->frame ? &ui->frame->snap : NULL;
	struct idmap seen = { 0 };

	(void)key;
	menu_open(ui, "Show processes of", false, user_chosen);
	menu_add(ui, "all users", ALL_USERS, !*ui->user);
	for (size_t i = 0; s && i < s->n_tasks; i++) {
		const char *name = index_user(&ui->frame->ix, s->tasks[i].uid);
		char text[96], number[16];

		if (idmap_add(&seen, s->tasks[i].uid, (uint32_t)i) != i)
			continue;
		snprintf(number, sizeof(number), "%u", s->tasks[i].uid);
		if (name)
			escape(name, strlen(name), ui->ascii ? ESC_ASCII : 0, text, sizeof(text));
		menu_add(ui, name ? text : number, s->tasks[i].uid, !strcmp(ui->user, number));
	}
	idmap_done(&seen);
}

static void toggle_threads(struct ui *ui, uint32_t key)
{
	(void)key;
	ui->threads ^= true;
	ui_say(ui, ui->threads ? "every thread is a row" : "threads are not shown");
	arrange_again(ui);
}

static void mark(struct ui *ui, uint32_t key)
{
	struct rowlist *l = &ui_view(ui)->list;
	const void *rec = rowlist_here(l);

	(void)key;
	if (rec)
		rowlist_mark(l, rec);
	rowlist_move(l, 1);
}

static void unmark_all(struct ui *ui, uint32_t key)
{
	(void)key;
	rowlist_unmark_all(&ui_view(ui)->list);
}

/* --- prompts -------------------------------------------------------------------------------------------------------------------- */

static void prompt(struct ui *ui, enum prompt_kind kind, const char *text)
{
	ui->prompt = kind;
	snprintf(ui->input, sizeof(ui->input), "%s", text);
}

static void search(struct ui *ui, uint32_t key)
{
	(void)key;
	prompt(ui, PROMPT_SEARCH, "");
}

static void filter(struct ui *ui, uint32_t key)
{
	(void)key;
	prompt(ui, PROMPT_FILTER, ui_view(ui)->list.filter);
}

static void search_again(struct ui *ui, uint32_t key)
{
	struct rowlist *l = &ui_view(ui)->list;
	size_t from = l->cursor;

	rowlist_move(l, key == 'n' ? 1 : -1);
	if (!*ui->last_search || !rowlist_search(l, ui->last_search, key == 'n' ? 1 : -1)) {
		rowlist_go(l, from);
		ui_say(ui, "not found: %s", ui->last_search);
	}
}

static void save(struct ui *ui, uint32_t key)
{
	(void)key;
	if (ui->frame)
		prompt(ui, PROMPT_SAVE, "nstop.json");
}

static void delay(struct ui *ui, uint32_t key)
{
	(void)key;
	prompt(ui, PROMPT_DELAY, "");
}

/* --- the rest ---------------------------------------------------------------------------------------------------------------------- */

static void pause_it(struct ui *ui, uint32_t key)
{
	(void)key;
	ui->paused ^= true;
}

static void help(struct ui *ui, uint32_t key)
{
	(void)key;
	pager_open(ui, "The keys of nstop", keys_help());
}

static void redraw(struct ui *ui, uint32_t key)
{
	(void)key;
	ui->wishes.redraw = ui->wishes.collect = true;
}

static void quit(struct ui *ui, uint32_t key)
{
	(void)key;
	ui->wishes.quit = true;
}

static void replay(struct ui *ui, uint32_t key)
{
	struct wishes *w = &ui->wishes;

	if (!*ui->tidings.replay) {
		ui_say(ui, "that is for a replay");
		return;
	}
	switch (key) {
	case '[':
	case ']':
		w->step += key == ']' ? 1 : -1;
		ui->paused = true;
		break;
	case '{':
	case '}':
		w->seek += key == '}' ? 60 : -60;
		break;
	case '(':
	case ')':
		w->faster += key == ')' ? 1 : -1;
		break;
	}
}

const struct key_row ui_keys[] = {
	{ { K_UP, K_DOWN, 'k', 'j' }, "Up Down k j", "one row up, down", move },
	{ { K_PAGE_UP, K_PAGE_DOWN }, "PgUp PgDn", "a page up, down", move },
	{ { K_HOME, K_END, 'g', 'G' }, "Home End g G", "to the first, the last row", move },
	{ { K_LEFT, K_RIGHT }, "Left Right", "scroll the columns", scroll_columns },
	{ { K_ENTER },
	  "Enter",
	  "go in: a container's or namespace's processes, a process's namespaces; an event: all of it, and why it failed",
	  go_in },
	{ { K_ESCAPE, K_BACKSPACE }, "Esc Backspace", "go back to where one came from; first, the filter goes", go_back },
	{ { K_TAB, K_BACKTAB }, "Tab Shift-Tab", "the next, the previous view", next_view },
	{ { '1', '2', '3' }, "1 2 3", "containers, namespaces, processes", go_view },
	{ { '4', '5', '6' }, "4 5 6", "sockets, network, events", go_view },
	{ { K_F1, '?', 'h' }, "F1 ? h", "this help", help },
	{ { K_F2, 'C', 'f' }, "F2 C f", "choose the columns", columns_menu },
	{ { K_F3, '/' }, "F3 /", "search: the next row that has these letters", search },
	{ { 'n' }, "n", "search on", search_again },
	{ { K_F4, '\\' }, "F4 \\", "filter: only rows that have these letters", filter },
	{ { K_F5, 't' }, "F5 t", "the next tree, or none: namespaces by container, owner, parent; processes by parent", next_tree },
	{ { K_F6, '.' }, "F6 .", "choose the column that sorts", sort_menu },
	{ { '<', '>' }, "< >", "sort by the column to the left, to the right", sort_beside },
	{ { 'I', 'R' }, "I R", "invert the order", invert },
	{ { 'P', 'M', 'T', 'N' }, "P M T N", "sort by CPU, memory, age, pid", sort_by_letter },
	{ { 'u' }, "u", "only processes of a user", user_menu },
	{ { 'H' }, "H", "every thread a row, or not", toggle_threads },
	{ { ' ' }, "Space", "mark the row", mark },
	{ { 'U' }, "U", "take all marks away", unmark_all },
	{ { 'p' }, "p", "pause, and go on", pause_it },
	{ { 'd' }, "d", "seconds between two refreshes", delay },
	{ { 's' }, "s", "save the snapshot to a file", save },
	{ { '[', ']' }, "[ ]", "replay: a frame back, on", replay },
	{ { '{', '}' }, "{ }", "replay: a minute back, on", replay },
	{ { '(', ')' }, "( )", "replay: half, twice the speed", replay },
	{ { 0x0c }, "Ctrl-L", "refresh now, and draw all anew", redraw },
	{ { K_F10, 'q', 'Q' }, "F10 q", "end", quit },
	{ { 0 }, NULL, NULL, NULL },
};

const struct key_row *keys_find(uint32_t key)
{
	for (const struct key_row *k = ui_keys; k->names; k++)
		for (size_t i = 0; i < ARRAY_SIZE(k->keys) && k->keys[i]; i++)
			if (k->keys[i] == key)
				return k;
	return NULL;
}

char *keys_help(void)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return xstrdup("");
	for (const struct key_row *k = ui_keys; k->names; k++)
		fprintf(f, "%-14s %s\n", k->names, k->help);
	fclose(f);
	return text;
}

uint32_t keys_by_name(const char *name, size_t len)
{
	static const struct {
		const char *name;
		uint32_t key;
	} names[] = {
		{ "Up", K_UP },        { "Down", K_DOWN },      { "Left", K_LEFT }, { "Right", K_RIGHT },
		{ "PgUp", K_PAGE_UP }, { "PgDn", K_PAGE_DOWN }, { "Home", K_HOME }, { "End", K_END },
		{ "Enter", K_ENTER },  { "Esc", K_ESCAPE },     { "Tab", K_TAB },   { "Shift-Tab", K_BACKTAB },
		{ "Space", ' ' },      { "F1", K_F1 },          { "F2", K_F2 },     { "F3", K_F3 },
		{ "F4", K_F4 },        { "F5", K_F5 },          { "F6", K_F6 },     { "F7", K_F7 },
		{ "F8", K_F8 },        { "F9", K_F9 },          { "F10", K_F10 },   { "Backspace", K_BACKSPACE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i].name) == len && !strncmp(names[i].name, name, len))
			return names[i].key;
	return len == 1 ? (unsigned char)*name : 0;
}
