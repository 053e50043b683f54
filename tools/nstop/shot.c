// SPDX-License-Identifier: GPL-2.0-or-later
/* --screen: press some keys and print the screen as text. For tests, for pictures, and for whoever has no terminal at hand. */
#include <time.h>

#include "keys.h"
#include "replay.h"
#include "run.h"

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

/* Words are keys; a character stands for itself. */
static enum exit_status press_all(const struct nstop *n, struct ui *ui, struct grid *g)
{
	for (const char *p = n->keys ? n->keys : ""; *p;) {
		size_t len = strcspn(p, " ");
		uint32_t key = keys_by_name(p, len);

		if (len && !key) {
			cli_usage_error(&n->cli, "--keys: no such key: %.*s", (int)len, p);
			return EXIT_USAGE;
		}
		if (len) {
			ui_press(ui, key);
			ui_draw(ui, g);
		}
		p += len + (p[len] == ' ');
	}
	return EXIT_DONE;
}

/* What a replay was turned to by the keys. */
static bool turn(struct replay *r, struct ui *ui, struct frame **frame)
{
	struct turn t = { ui->wishes.step, ui->wishes.faster, ui->wishes.seek };
	struct frame *f = NULL;

	if (!r || (!t.step && !t.seek))
		return false;
	ui->wishes = (struct wishes){ 0 };
	replay_next(r, &t, &f, ui->tidings.trouble, sizeof(ui->tidings.trouble));
	replay_place(r, ui->tidings.replay, sizeof(ui->tidings.replay));
	if (!f)
		return false;
	ui_show(ui, f);
	frame_put(*frame);
	*frame = f;
	return true;
}

/* This host: what is quick, then all the rest, then once more for the rates. */
static enum exit_status collect_thrice(const struct nstop *n, struct ui *ui, struct frame **frame)
{
	struct collecting_again *again = again_new(n);
	enum exit_status status = EXIT_DONE;

	for (int i = 0; i < 3 && status == EXIT_DONE; i++) {
		struct order o = run_order(n, ui);
		struct frame *f = NULL;
		const char *why = NULL;
		char line[320];
		int err = again_collect(again, &o, &f, &why);

		free(o.netns);
		if (err) {
			cli_why_not_collected(&n->cli, err, why, line, sizeof(line));
			cli_error(&n->cli, "%s", line);
			status = EXIT_FAILED;
			break;
		}
		ui_show(ui, f);
		frame_put(*frame);
		*frame = f;
		if (!i)
			status = run_targets(n, ui, true);
		if (i < 2)
			nanosleep(&(struct timespec){ .tv_nsec = 300000000 }, NULL);
	}
	again_free(again);
	return status;
}

static enum exit_status first_frame(const struct nstop *n, struct ui *ui, struct replay **r, struct frame **frame)
{
	struct turn none = { 0 };
	char why[320] = "";

	if (!n->cli.from && !n->replay)
		return collect_thrice(n, ui, frame);
	if (replay_open(r, n, why, sizeof(why))) {
		cli_error(&n->cli, "%s", why);
		return EXIT_FAILED;
	}
	replay_next(*r, &none, frame, ui->tidings.trouble, sizeof(ui->tidings.trouble));
	replay_place(*r, ui->tidings.replay, sizeof(ui->tidings.replay));
	if (!*frame) {
		cli_error(&n->cli, "%s", ui->tidings.trouble);
		return EXIT_FAILED;
	}
	ui_show(ui, *frame);
	return run_targets(n, ui, true);
}

enum exit_status nstop_shot(struct nstop *n)
{
	struct frame *frame = NULL;
	struct replay *replay = NULL;
	enum exit_status status;
	struct grid g = { 0 };
	int rows = 0, cols = 0;
	struct ui ui;

	ui_init(&ui, cli_ascii());
	status = parse_size(n, &cols, &rows);
	if (status == EXIT_DONE)
		status = run_prepare(n, &ui);
	if (status == EXIT_DONE) {
		grid_init(&g, rows, cols);
		ui.tidings.live = !n->cli.from && !n->replay;
		ui.rows = rows;
		ui.cols = cols;
		status = first_frame(n, &ui, &replay, &frame);
	}
	if (status == EXIT_DONE) {
		ui_draw(&ui, &g);
		status = press_all(n, &ui, &g);
	}
	if (status == EXIT_DONE) {
		turn(replay, &ui, &frame);
		ui_draw(&ui, &g);
		grid_print(&g, stdout);
	}
	ui_done(&ui);
	frame_put(frame);
	replay_close(replay);
	grid_done(&g);
	return status;
}
