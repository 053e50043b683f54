// SPDX-License-Identifier: GPL-2.0-or-later
/* Top line, tabs, where one is, the list, the footer. */
#include <time.h>

#include "ui.h"
#include "output/escape.h"
#include "view/human.h"

/* Escaped text of strangers. */
static int put_raw(const struct ui *ui, struct grid *g, int row, int col, enum style style, const char *raw)
{
	char buf[1024];

	escape(raw, strlen(raw), ui->ascii ? ESC_ASCII : 0, buf, sizeof(buf));
	return grid_put(g, row, col, g->cols - col, style, buf);
}

struct counts {
	uint32_t processes, netns, containers, gaps;
};

static struct counts count(const struct snap *s)
{
	struct counts c = { 0 };
	struct idmap seen = { 0 };
	const char *last = NULL;

	for (size_t i = 0; i < s->n_tasks; i++) {
		c.processes += s->tasks[i].tid == s->tasks[i].pid;
		if (s->tasks[i].container && s->tasks[i].container != last)
			idmap_add(&seen, text_key(s->tasks[i].container), 0);
		last = s->tasks[i].container;
	}
	for (size_t i = 0; i < s->n_namespaces; i++)
		c.netns += s->namespaces[i].type == NS_NET;
	for (size_t i = 0; i < s->n_gaps; i++)
		c.gaps += s->gaps[i].count;
	c.containers = (uint32_t)seen.n;
	idmap_done(&seen);
	return c;
}

static void clock_text(uint64_t ns, char *buf, size_t size)
{
	time_t t = (time_t)(ns / 1000000000);
	struct tm tm;

	localtime_r(&t, &tm);
	strftime(buf, size, "%H:%M:%S", &tm);
}

/* The right end first: on a narrow screen the middle gives way. */
static void draw_top(const struct ui *ui, struct grid *g)
{
	char right[160] = "", left[400], up[16], at[16] = "", delay[24] = "";
	const struct snap *s = ui->frame ? &ui->frame->snap : NULL;
	int width;

	grid_fill(g, 0, 0, g->cols, STYLE_BAR, ' ');
	if (s)
		clock_text(s->head.taken, at, sizeof(at));
	if (ui->tidings.live)
		snprintf(delay, sizeof(delay), "  %u.%us", ui->tidings.delay_ms / 1000, ui->tidings.delay_ms % 1000 / 100);
	snprintf(right, sizeof(right), " %s%s%s%s%s%s ", ui->paused ? "PAUSED  " : "", ui->tidings.recording ? "RECORDING  " : "",
		 *ui->tidings.replay ? ui->tidings.replay : "", *ui->tidings.replay ? "  " : "", at, delay);
	width = (int)strlen(right);
	put_raw(ui, g, 0, MAX(g->cols - width, 0), STYLE_BAR, right);
	if (!s) {
		grid_put(g, 0, 1, g->cols - width - 1, STYLE_BAR, "nstop  collecting ...");
		return;
	}

	struct counts c = count(s);

	human_age(s->head.ticks / 100, up, sizeof(up));
	snprintf(left, sizeof(left), "nstop  %s  up %s  %u processes  %u net  %u containers", s->head.host ? s->head.host : "?", up,
		 c.processes, c.netns, c.containers);

	char shown[800];

	escape(left, strlen(left), ui->ascii ? ESC_ASCII : 0, shown, sizeof(shown));
	grid_put(g, 0, 1, g->cols - width - 1, STYLE_BAR, shown);
}

int tab_gap(const struct ui *ui)
{
	return ui->cols < 90 ? 1 : 2;
}

static int name_tab(const struct ui *ui, enum view_id i, char *buf, size_t size)
{
	return snprintf(buf, size, ui->cols < 70 ? "%u%.4s" : "%u %s", i + 1, ui->views[i].ops->name);
}

/* "6 Events (2 failed)" until somebody has looked; where there is no room for it "6 Events 2!". */
void tab_text(const struct ui *ui, enum view_id i, char *buf, size_t size)
{
	int n = name_tab(ui, i, buf, size), x = 1;
	char failed[16], other[64];

	if (i != VIEW_EVENTS || !ui->new_failed || n < 0 || (size_t)n >= size)
		return;
	for (enum view_id before = 0; before < i; before++)
		x += name_tab(ui, before, other, sizeof(other)) + tab_gap(ui);
	if (ui->new_failed < 1000)
		snprintf(failed, sizeof(failed), "%u", ui->new_failed);
	else
		snprintf(failed, sizeof(failed), "%uk", ui->new_failed / 1000);
	if (x + n + (int)strlen(failed) + (int)strlen(" ( failed)") <= ui->cols)
		snprintf(buf + n, size - (size_t)n, " (%s failed)", failed);
	else
		snprintf(buf + n, size - (size_t)n, " %s!", failed);
}

static void draw_tabs(const struct ui *ui, struct grid *g)
{
	static const char hint[] = "F1 help  / search";
	int x = 1;

	for (enum view_id i = 0; i < VIEWS; i++) {
		char name[64];

		tab_text(ui, i, name, sizeof(name));
		x += grid_put(g, 1, x, g->cols - x, i == ui->here ? STYLE_TAB_HERE : STYLE_TAB, name);
		x += tab_gap(ui);
	}
	if (x + (int)sizeof(hint) < g->cols)
		grid_put(g, 1, g->cols - (int)sizeof(hint), (int)sizeof(hint), STYLE_DIM, hint);
}

/* "all > web > Processes", the filter, the user, the sort. */
static void draw_place(const struct ui *ui, struct grid *g, int row)
{
	const struct view *v = &ui->views[ui->here];
	char line[1024];
	size_t len = 0, size = sizeof(line);

	len += (size_t)snprintf(line, size, "all");
	for (size_t i = 1; i <= ui->n_back && len < size; i++) {
		const struct scope *sc = i < ui->n_back ? &ui->back[i].scope : &ui->scope;

		len += (size_t)snprintf(line + len, size - len, " > %s", sc->kind == SCOPE_ALL ? "all" : sc->label);
	}
	if (!ui->n_back && ui->scope.kind != SCOPE_ALL)
		len = (size_t)snprintf(line, size, "%s", ui->scope.label);
	if (len < size)
		len += (size_t)snprintf(line + len, size - len, " > %s", v->ops->name);
	if (ui->frame && !scope_exists(&ui->scope, ui->frame) && len < size)
		len += (size_t)snprintf(line + len, size - len, "  (gone)");
	if (v->tree && len < size)
		len += (size_t)snprintf(line + len, size - len, "  tree: %s", v->ops->trees[v->tree]);
	if (*v->list.filter && len < size)
		len += (size_t)snprintf(line + len, size - len, "  filter: %s", v->list.filter);
	if (*ui->user && len < size)
		len += (size_t)snprintf(line + len, size - len, "  user: %s", ui->user);
	if (v->list.n_marked && len < size)
		snprintf(line + len, size - len, "  marked: %zu", v->list.n_marked);
	put_raw(ui, g, row, 1, STYLE_PLAIN, line);
}

/* --- footer ---------------------------------------------------------------------------------------------------------------- */

static const char *prompt_word(enum prompt_kind kind)
{
	switch (kind) {
	case PROMPT_SEARCH:
		return "Search: ";
	case PROMPT_FILTER:
		return "Filter: ";
	case PROMPT_SAVE:
		return "Save the snapshot to: ";
	case PROMPT_DELAY:
		return "Seconds between two refreshes: ";
	default:
		return "";
	}
}

/* What could not be seen, what was lost, what it costs. */
static void truth(const struct ui *ui, char *buf, size_t size)
{
	struct counts c = ui->frame ? count(&ui->frame->snap) : (struct counts){ 0 };
	char cost[24] = "?";

	if (OPT_VALUE(ui->tidings.cost))
		human_cpu(ui->tidings.cost, cost, sizeof(cost));
	if (ui->tidings.live)
		snprintf(buf, size, "gaps %u  lost %llu  cost %s%%%s", c.gaps, (unsigned long long)ui->tidings.lost, cost,
			 ui->tidings.collecting ? "  collecting" : "");
	else
		snprintf(buf, size, "gaps %u", c.gaps);
}

static int draw_key(struct grid *g, int row, int x, const char *const words[2])
{
	int was = x;

	x += grid_put(g, row, x, g->cols - x, STYLE_KEY, words[0]);
	x += grid_put(g, row, x, g->cols - x, STYLE_BAR, words[1]);
	return x - was + 1;
}

/* As many as fit; how to get out is always among them. */
static void draw_keys(struct grid *g, int row, int width)
{
	static const char *const words[][2] = { { "F1", "Help" }, { "F2", "Columns" }, { "F3", "Search" }, { "F4", "Filter" },
						{ "F5", "Tree" }, { "F6", "Sort" },    { "Enter", "In" },  { "Esc", "Back" } };
	static const char *const quit[2] = { "F10", "Quit" };
	int room = width - (int)sizeof("F10Quit"), x = 0;

	for (size_t i = 0; i < ARRAY_SIZE(words) && x + (int)(strlen(words[i][0]) + strlen(words[i][1])) < room; i++)
		x += draw_key(g, row, x, words[i]);
	if (x + (int)strlen("F10Quit") < width)
		draw_key(g, row, x, quit);
}

static void draw_footer(const struct ui *ui, struct grid *g)
{
	int row = g->rows - 1, width;
	char text[256], line[512];

	grid_fill(g, row, 0, g->cols, STYLE_BAR, ' ');
	if (ui->prompt) {
		snprintf(line, sizeof(line), "%s%s_", prompt_word(ui->prompt), ui->input);
		put_raw(ui, g, row, 1, STYLE_BAR, line);
		return;
	}
	truth(ui, text, sizeof(text));
	width = (int)strlen(text) + 2;
	if (*ui->message || *ui->tidings.trouble) {
		put_raw(ui, g, row, 1, *ui->message ? STYLE_BAR : STYLE_FAILED, *ui->message ? ui->message : ui->tidings.trouble);
		return;
	}
	draw_keys(g, row, MAX(g->cols - width, 0));
	grid_put(g, row, MAX(g->cols - width + 1, 0), g->cols, STYLE_BAR, text);
}

static const char *why_empty(const struct ui *ui)
{
	const struct view *v = &ui->views[ui->here];

	if (ui->here == VIEW_EVENTS && !ui->tidings.live && !*ui->tidings.replay)
		return "a snapshot holds no events: a recording does";
	if (ui->here == VIEW_EVENTS && ui->tidings.no_events)
		return ui->tidings.no_events;
	if (v->ops->wants & ~ui->frame->snap.head.wants)
		return ui->tidings.live ? "collecting ..." : "the file was saved without this";
	return *v->list.filter ? "nothing matches the filter" : "nothing here";
}

static void draw_empty(const struct ui *ui, struct grid *g, int row)
{
	if (ui->frame && !ui->views[ui->here].list.n_order && row < g->rows - 1)
		grid_put(g, row, 1, g->cols - 1, STYLE_DIM, why_empty(ui));
}

void ui_draw(struct ui *ui, struct grid *g)
{
	int top = g->rows >= 8 ? 3 : g->rows >= 6 ? 2 : 1; /* on a tiny screen the rows matter most */

	ui->rows = g->rows;
	ui->cols = g->cols;
	grid_clear(g);
	draw_top(ui, g);
	if (top >= 2)
		draw_tabs(ui, g);
	if (top >= 3)
		draw_place(ui, g, 2);
	rowlist_draw(&ui_view(ui)->list, g, top, g->rows - top - 1);
	draw_empty(ui, g, top + 1);
	draw_footer(ui, g);
	menu_draw(ui, g);
	pager_draw(ui, g);
}
