// SPDX-License-Identifier: GPL-2.0-or-later
/* What a key means just now: to a text or menu that lies on top, to a prompt, or to the view. */
#include <inttypes.h>

#include "keys.h"

static void add_char(struct ui *ui, uint32_t ch)
{
	size_t len = strlen(ui->input);
	int n = ch < 0x80 ? 1 : ch < 0x800 ? 2 : ch < 0x10000 ? 3 : 4;
	static const unsigned char first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	if (ch < ' ' || ch == 0x7f || ch >= KEY_FIRST_ || len + (size_t)n >= sizeof(ui->input))
		return;
	for (int i = n - 1; i > 0; i--, ch >>= 6)
		ui->input[len + (size_t)i] = (char)(0x80 | (ch & 0x3f));
	ui->input[len] = (char)(first[n > 1 ? n : 0] | ch);
	ui->input[len + (size_t)n] = '\0';
}

static void remove_char(struct ui *ui)
{
	size_t len = strlen(ui->input);

	while (len && (ui->input[len - 1] & 0xc0) == 0x80)
		len--;
	ui->input[len ? len - 1 : 0] = '\0';
}

/* Search and filter act while one types, as in htop. */
static void typed(struct ui *ui)
{
	struct rowlist *l = &ui_view(ui)->list;

	if (ui->prompt == PROMPT_SEARCH && *ui->input) {
		snprintf(ui->last_search, sizeof(ui->last_search), "%s", ui->input);
		rowlist_search(l, ui->input, 1);
	} else if (ui->prompt == PROMPT_FILTER) {
		snprintf(l->filter, sizeof(l->filter), "%s", ui->input);
		ui_refill(ui);
	}
}

static void set_delay(struct ui *ui)
{
	char *end;
	double seconds = strtod(ui->input, &end);

	if (*end || !(seconds >= 0.1 && seconds <= 3600))
		ui_say(ui, "between 0.1 and 3600 seconds, not '%s'", ui->input);
	else
		ui->tidings.delay_ms = (uint32_t)(seconds * 1000);
}

static void finish(struct ui *ui)
{
	enum prompt_kind kind = ui->prompt;

	ui->prompt = PROMPT_NONE;
	if (kind == PROMPT_SEARCH && *ui->input && !rowlist_search(&ui_view(ui)->list, ui->input, 1))
		ui_say(ui, "not found: %s", ui->input);
	if (kind == PROMPT_DELAY)
		set_delay(ui);
	if (kind == PROMPT_SAVE && *ui->input)
		snprintf(ui->wishes.save, sizeof(ui->wishes.save), "%s", ui->input);
}

static bool prompt_press(struct ui *ui, uint32_t key)
{
	if (!ui->prompt)
		return false;
	switch (key) {
	case K_ENTER:
		finish(ui);
		return true;
	case K_ESCAPE:
		if (ui->prompt == PROMPT_FILTER) {
			*ui->input = '\0';
			typed(ui);
		}
		ui->prompt = PROMPT_NONE;
		return true;
	case K_BACKSPACE:
	case K_DELETE:
		remove_char(ui);
		break;
	case K_F3: /* on to the next that matches */
		if (ui->prompt == PROMPT_SEARCH)
			rowlist_move(&ui_view(ui)->list, 1);
		break;
	case 0x15: /* Ctrl-U */
		*ui->input = '\0';
		break;
	case K_UP:
	case K_DOWN:
		rowlist_move(&ui_view(ui)->list, key == K_UP ? -1 : 1);
		return true;
	default:
		add_char(ui, key);
	}
	typed(ui);
	return true;
}

void ui_press(struct ui *ui, uint32_t key)
{
	const struct key_row *row;

	*ui->message = '\0';
	if (key == '\n')
		key = K_ENTER;
	if (key == 0x7f || key == 0x08)
		key = K_BACKSPACE;
	if (pager_press(ui, key) || menu_press(ui, key) || prompt_press(ui, key))
		return;
	row = keys_find(key);
	if (row)
		row->act(ui, key);
}

/* --- the mouse -------------------------------------------------------------------------------------------------------------- */

static void click_tab(struct ui *ui, int col)
{
	int x = 1;

	for (enum view_id i = 0; i < VIEWS; i++) {
		char name[64];
		int width;

		tab_text(ui, i, name, sizeof(name));
		width = (int)strlen(name);

		if (col >= x && col < x + width)
			ui_go_view(ui, i);
		x += width + tab_gap(ui);
	}
}

void ui_mouse(struct ui *ui, int row, int col, int button, bool twice)
{
	struct rowlist *l = &ui_view(ui)->list;
	int top = ui->rows >= 8 ? 3 : ui->rows >= 6 ? 2 : 1;
	const struct field *column;
	size_t at;

	if (button == 4 || button == 5) {
		ui_press(ui, button == 4 ? K_UP : K_DOWN);
		return;
	}
	if (ui->pager.text || ui->menu.title) {
		ui_press(ui, K_ESCAPE);
		return;
	}
	if (row == 1 && top >= 2) {
		click_tab(ui, col);
	} else if (rowlist_hit(l, top, ui->rows - top - 1, row, col, &at, &column)) {
		if (row == top) {
			l->invert = l->sort == column && !l->invert;
			rowlist_sort_by(l, column);
			ui->wishes.collect = true;
			ui_refill(ui);
		} else {
			rowlist_go(l, at);
			if (twice)
				ui_press(ui, K_ENTER);
		}
	}
}
