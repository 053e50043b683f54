// SPDX-License-Identifier: GPL-2.0-or-later
/* --screen: press some keys and print the screen as text. For tests, for pictures, and for whoever has no terminal at hand. */
#include <time.h>

#include "asker.h"
#include "eventlog.h"
#include "keys.h"
#include "replay.h"
#include "run.h"

struct shot {
	const struct nstop *n;
	struct ui ui;
	struct grid grid;
	struct frame *frame;
	struct replay *replay;
	struct eventlog *events;
};

static enum exit_status parse_size(const struct nstop *n, int *cols, int *rows)
{
	const char *x = strchr(n->shot, 'x');
	CLEAN_MEM char *left = x ? strndup(n->shot, (size_t)(x - n->shot)) : NULL;
	uint32_t c, r;

	if (left && !parse_u32(left, &c) && !parse_u32(x + 1, &r) && c >= 1 && c <= 1000 && r >= 1 && r <= 1000) {
		*cols = (int)c;
		*rows = (int)r;
		return EXIT_DONE;
	}
	cli_usage_error(&n->cli, "--screen takes columns and rows, as 80x24, not '%s'", n->shot);
	return EXIT_USAGE;
}

static void show(struct shot *s, struct frame *f)
{
	ui_show(&s->ui, f);
	frame_put(s->frame);
	s->frame = f;
}

/* A frame out of the file, with what has happened up to it. False: there is none, and trouble says why. */
static bool replay_one(struct shot *s, const struct turn *t)
{
	struct tidings *tidings = &s->ui.tidings;
	struct happened h = { 0 };
	struct frame *f = NULL;

	*tidings->trouble = '\0';
	replay_next(s->replay, t, &f, &h, tidings->trouble, sizeof(tidings->trouble));
	replay_place(s->replay, tidings->replay, sizeof(tidings->replay));
	if (f)
		show(s, f);
	eventlog_recall(s->events, &h);
	s->ui.events = eventlog_rows(s->events);
	ui_count_events(&s->ui);
	ui_refill(&s->ui);
	return f;
}

/* What a replay was turned to by the keys. */
static void turn(struct shot *s)
{
	struct turn t = { s->ui.wishes.step, s->ui.wishes.faster, s->ui.wishes.seek };

	if (!s->replay || (!t.step && !t.seek))
		return;
	s->ui.wishes = (struct wishes){ 0 };
	replay_one(s, &t);
}

/* What the text on the screen waits for. */
static void explain_now(struct shot *s)
{
	struct asker a;

	if (!s->ui.pager.awaits)
		return;
	asker_init(&a);
	asker_start(&a, &s->n->cli, s->ui.tidings.live ? NULL : s->frame, &s->ui);
	job_wait(&a.job);
	asker_finish(&a, &s->ui);
	asker_done(&a);
}

/* Words are keys; a character stands for itself. */
static enum exit_status press_all(struct shot *s)
{
	for (const char *p = s->n->keys ? s->n->keys : ""; *p;) {
		size_t len = strcspn(p, " ");
		uint32_t key = keys_by_name(p, len);

		if (len && !key) {
			cli_usage_error(&s->n->cli, "--keys: no such key: %.*s", (int)len, p);
			return EXIT_USAGE;
		}
		if (len) {
			ui_press(&s->ui, key);
			turn(s);
			explain_now(s);
			ui_draw(&s->ui, &s->grid);
		}
		p += len + (p[len] == ' ');
	}
	return EXIT_DONE;
}
/* This host: what is quick, then all the rest, then once more for the rates. */
static enum exit_status collect_thrice(struct shot *s)
{
	struct collecting_again *again = again_new(s->n);
	enum exit_status status = EXIT_DONE;

	for (int i = 0; i < 3 && status == EXIT_DONE; i++) {
		struct order o = run_order(s->n, &s->ui);
		struct frame *f = NULL;
		const char *why = NULL;
		char line[320];
		int err = again_collect(again, &o, &f, &why);

		free(o.netns);
		if (err) {
			cli_why_not_collected(&s->n->cli, err, why, line, sizeof(line));
			cli_error(&s->n->cli, "%s", line);
			status = EXIT_FAILED;
			break;
		}
		show(s, f);
		if (!i)
			status = run_targets(s->n, &s->ui, true);
		if (i < 2)
			nanosleep(&(struct timespec){ .tv_nsec = 300000000 }, NULL);
	}
	again_free(again);
	return status;
}

static enum exit_status first_frame(struct shot *s)
{
	char why[320] = "";

	if (s->ui.tidings.live)
		return collect_thrice(s);
	if (replay_open(&s->replay, s->n, why, sizeof(why))) {
		cli_error(&s->n->cli, "%s", why);
		return EXIT_FAILED;
	}
	if (replay_one(s, &(struct turn){ 0 }))
		return run_targets(s->n, &s->ui, true);
	cli_error(&s->n->cli, "%s", s->ui.tidings.trouble);
	return EXIT_FAILED;
}

enum exit_status nstop_shot(struct nstop *n)
{
	struct shot s = { .n = n, .events = eventlog_new(&s.frame) };
	enum exit_status status;
	int rows = 0, cols = 0;

	ui_init(&s.ui, cli_ascii());
	status = parse_size(n, &cols, &rows);
	if (status == EXIT_DONE)
		status = run_prepare(n, &s.ui);
	if (status == EXIT_DONE) {
		grid_init(&s.grid, rows, cols);
		s.ui.tidings.live = !n->cli.from && !n->replay;
		s.ui.rows = rows;
		s.ui.cols = cols;
		status = first_frame(&s);
	}
	if (status == EXIT_DONE) {
		ui_draw(&s.ui, &s.grid);
		status = press_all(&s);
	}
	if (status == EXIT_DONE) {
		ui_draw(&s.ui, &s.grid);
		grid_print(&s.grid, stdout);
	}
	ui_done(&s.ui);
	eventlog_free(s.events);
	frame_put(s.frame);
	replay_close(s.replay);
	grid_done(&s.grid);
	return status;
}
