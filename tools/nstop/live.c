// SPDX-License-Identifier: GPL-2.0-or-later
/* The screen on a terminal: keys, signals and frames, as they come. Nothing here waits for anything else. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>

#include "asker.h"
#include "between.h"
#include "config.h"
#include "eventlog.h"
#include "run.h"
#include "saver.h"
#include "term.h"
#include "view/procrow.h"

struct live {
	struct nstop *n;
	struct ui ui;
	struct grid grid;
	struct feed *feed;
	struct frame *frame;
	struct saver saver;
	struct asker asker;
	struct eventlog *events;
	int signals;
	bool targets_due, ended, dirty; /* dirty: the screen is not what it should be */
	enum exit_status status;
	char why[320]; /* said once the terminal is restored */
	/* For the cost: */
	uint64_t cpu_ns, wall_ns;
	uint64_t allowed_ns; /* births and deaths */
	uint64_t click_ns;   /* of the mouse, the last one */
	int click_row;
};

static uint64_t now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* What we take ourselves, from one frame to the next. */
static void measure_cost(struct live *l)
{
	uint64_t cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID), wall = now_ns(CLOCK_MONOTONIC);

	if (l->wall_ns && wall - l->wall_ns > 200000000)
		l->ui.tidings.cost = (int64_t)((cpu - l->cpu_ns) * 1000 / (wall - l->wall_ns));
	if (!l->wall_ns || wall - l->wall_ns > 200000000) {
		l->cpu_ns = cpu;
		l->wall_ns = wall;
	}
}

/* --- signals --------------------------------------------------------------------------------------------------------------------- */

static int open_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(&set, signals[i]);
	signal(SIGPIPE, SIG_IGN);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void fit_grid(struct live *l)
{
	int rows, cols;

	term_resize();
	term_size(&rows, &cols);
	grid_done(&l->grid);
	grid_init(&l->grid, rows, cols);
}

/* The shell gets a terminal as it was, and we take it over again when it lets us go on. */
static void stop_for_a_while(struct live *l)
{
	term_leave();
	kill(getpid(), SIGSTOP);
	term_return();
	fit_grid(l);
}

static void take_signals(struct live *l)
{
	struct signalfd_siginfo s;

	while (read(l->signals, &s, sizeof(s)) == (ssize_t)sizeof(s)) {
		l->dirty = true;
		switch (s.ssi_signo) {
		case SIGWINCH:
			fit_grid(l);
			break;
		case SIGTSTP:
			stop_for_a_while(l);
			break;
		case SIGCONT: /* after a stop that we were not told of */
			term_return();
			fit_grid(l);
			break;
		case SIGINT:
			l->ended = true;
			break;
		default: /* asked to go, or the terminal is gone: a shell wants to see that it was a signal */
			l->ended = true;
			l->status = (enum exit_status)(128 + s.ssi_signo);
		}
	}
}

/* --- keys ------------------------------------------------------------------------------------------------------------------------ */

static void take_click(struct live *l, const struct term_input *in)
{
	uint64_t now = now_ns(CLOCK_MONOTONIC);
	bool twice = in->button == 1 && in->row == l->click_row && now - l->click_ns < 400000000;

	ui_mouse(&l->ui, in->row, in->col, in->button, twice);
	l->click_ns = twice ? 0 : now;
	l->click_row = in->row;
}

static void take_keys(struct live *l)
{
	struct term_input in;

	while (!l->ui.wishes.quit && term_input(&in)) {
		l->dirty = true;
		if (in.key)
			ui_press(&l->ui, in.key);
		else
			take_click(l, &in);
	}
}

/* --- events ---------------------------------------------------------------------------------------------------------------------- */

static int feed_with(void *arg, const struct event *e)
{
	feed_event(((struct live *)arg)->feed, e);
	return 0;
}

/* So many births and deaths a second; were there more, they are told of no longer. */
static void follow_lives(struct live *l)
{
	uint64_t now = now_ns(CLOCK_MONOTONIC);

	if (now - l->allowed_ns < 1000000000)
		return;
	if (eventlog_lives_withheld(l->events))
		feed_storm(l->feed);
	eventlog_allow_lives(l->events, BETWEEN_LIVES);
	l->allowed_ns = now;
}

/* What a recording has up to the frame that is shown. */
static void take_happened(struct live *l)
{
	struct happened h = { 0 };

	feed_happened(l->feed, &h);
	eventlog_recall(l->events, &h);
	l->ui.events = eventlog_rows(l->events);
	ui_count_events(&l->ui);
	if (l->ui.here == VIEW_EVENTS)
		ui_refill(&l->ui);
}

static void take_events(struct live *l)
{
	const char *before = l->ui.tidings.no_events;
	uint32_t failed = l->ui.new_failed;
	bool fresh = eventlog_service(l->events, &l->ui.tidings.no_events);

	l->ui.events = eventlog_rows(l->events);
	l->ui.tidings.lost = eventlog_lost(l->events);
	follow_lives(l);
	l->dirty |= before != l->ui.tidings.no_events;
	if (!fresh)
		return;
	ui_count_events(&l->ui);
	l->dirty |= failed != l->ui.new_failed;
	if (l->ui.here == VIEW_EVENTS && !l->ui.paused) {
		ui_refill(&l->ui);
		l->dirty = true;
	}
}

/* --- frames ---------------------------------------------------------------------------------------------------------------------- */

static void take_frame(struct live *l)
{
	struct tidings *t = &l->ui.tidings;
	struct frame *f = feed_take(l->feed, t->trouble, sizeof(t->trouble), t->replay, sizeof(t->replay));

	l->dirty = true; /* if only by the trouble */
	if (!f)
		return;
	ui_show(&l->ui, f);
	frame_put(l->frame);
	l->frame = f;
	measure_cost(l);
	/* Only now: attaching keeps a processor busy for longer than the first screen may take. */
	if (l->ui.tidings.live && !eventlog_is_attached(l->events))
		eventlog_attach(l->events, l->n->cli.collector, &(struct events_sink){ feed_with, l });
	if (*l->ui.tidings.replay)
		take_happened(l);
	if (l->targets_due) {
		l->targets_due = false;
		if (run_targets(l->n, &l->ui, false) != EXIT_DONE) {
			snprintf(l->why, sizeof(l->why), "%s", l->ui.message);
			l->ended = true;
			l->status = EXIT_FAILED;
		}
	}
}

static void grant_wishes(struct live *l)
{
	struct wishes *w = &l->ui.wishes;

	l->ended |= w->quit;
	if (w->redraw)
		term_redraw();
	if (*w->save && !saver_start(&l->saver, l->ui.tidings.live && !l->ui.paused ? l->n : NULL, l->frame, w->save))
		ui_say(&l->ui, "still saving");
	if (w->step || w->seek || w->faster)
		feed_turn(l->feed, w->step, w->seek, w->faster);
	*w = (struct wishes){ .collect = w->collect };
}

/* What the screen shows may have changed with every key; the collector is told, and collects at once when something is missing. */
static void give_order(struct live *l)
{
	struct order o = run_order(l->n, &l->ui);
	bool now = l->ui.wishes.collect && l->ui.tidings.live && !l->ui.paused;

	l->ui.wishes.collect = false;
	feed_order(l->feed, &o, now);
}

static void draw(struct live *l)
{
	l->dirty = false;
	ui_draw(&l->ui, &l->grid);
	term_draw(&l->grid);
}

/* A collection that takes long is said, once. */
static void note_lateness(struct live *l)
{
	bool late = feed_is_late(l->feed, MAX(l->ui.tidings.delay_ms, 1000u));

	l->dirty |= late != l->ui.tidings.collecting;
	l->ui.tidings.collecting = late;
}

static void loop(struct live *l)
{
	while (!l->ended) {
		struct pollfd fds[] = { { STDIN_FILENO, POLLIN, 0 },           { l->signals, POLLIN, 0 },
					{ feed_fd(l->feed), POLLIN, 0 },       { l->saver.fd, POLLIN, 0 },
					{ eventlog_fd(l->events), POLLIN, 0 }, { l->asker.fd, POLLIN, 0 } };
		int wait = eventlog_timeout(l->events), n = poll(fds, ARRAY_SIZE(fds), wait < 0 ? 1000 : MIN(wait, 1000));

		if (n < 0 && errno != EINTR)
			break;
		if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) { /* the terminal is gone */
			l->status = (enum exit_status)(128 + SIGHUP);
			break;
		}
		take_signals(l);
		if (l->ended)
			break;
		take_keys(l);
		if (fds[2].revents)
			take_frame(l);
		take_events(l);
		l->dirty |= saver_finish(&l->saver, &l->ui);
		l->dirty |= asker_finish(&l->asker, &l->ui);
		asker_start(&l->asker, &l->n->cli, l->ui.tidings.live ? NULL : l->frame, &l->ui);
		grant_wishes(l);
		note_lateness(l);
		if (!l->dirty)
			continue;
		draw(l);
		give_order(l);
	}
}

/* --- all of it ------------------------------------------------------------------------------------------------------------------- */

static enum exit_status begin(struct live *l)
{
	struct order o;
	const char *why;
	int err;

	err = feed_open(&l->feed, l->n, l->why, sizeof(l->why));
	if (err) {
		cli_error(&l->n->cli, "%s", l->why);
		return EXIT_FAILED;
	}
	l->signals = open_signals();
	saver_init(&l->saver);
	asker_init(&l->asker);
	if (l->signals < 0 || l->saver.fd < 0 || l->asker.fd < 0) {
		cli_error(&l->n->cli, "cannot wait for signals: %s", strerror(errno));
		return EXIT_FAILED;
	}
	if (term_open(l->n->cli.color, l->ui.light || term_is_light(), &why)) {
		cli_error(&l->n->cli, "cannot show a screen: %s; nstop -b and nstop -J need none", why);
		return EXIT_FAILED;
	}
	l->ui.tidings.live = !l->n->cli.from && !l->n->replay;
	l->ui.tidings.recording = l->n->record != NULL;
	fit_grid(l);
	draw(l);
	o = run_order(l->n, &l->ui);
	err = feed_start(l->feed, &o);
	if (err)
		snprintf(l->why, sizeof(l->why), "cannot begin a thread: %s", strerror(-err));
	return err ? EXIT_FAILED : EXIT_DONE;
}

enum exit_status nstop_live(struct nstop *n)
{
	struct live l = { .n = n,
			  .events = eventlog_new(&l.frame),
			  .signals = -1,
			  .saver.fd = -1,
			  .asker.fd = -1,
			  .targets_due = n->cli.argc || n->task };

	ui_init(&l.ui, cli_ascii());
	config_load(&l.ui);
	l.status = run_prepare(n, &l.ui);
	if (l.status == EXIT_DONE)
		l.status = begin(&l);
	if (l.status == EXIT_DONE) {
		loop(&l);
		config_save(&l.ui, l.why, sizeof(l.why));
	}
	if (l.feed && n->record) /* those that have come since */
		take_events(&l);
	term_close();
	saver_done(&l.saver);
	asker_done(&l.asker);
	feed_stop(l.feed, l.why, sizeof(l.why));
	if (*l.why && (l.status == EXIT_DONE || l.status == EXIT_FAILED)) {
		cli_error(&n->cli, "%s", l.why);
		l.status = EXIT_FAILED;
	}
	ui_done(&l.ui);
	eventlog_free(l.events);
	frame_put(l.frame);
	grid_done(&l.grid);
	if (l.signals >= 0)
		close(l.signals);
	return l.status;
}
