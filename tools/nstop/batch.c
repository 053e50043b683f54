// SPDX-License-Identifier: GPL-2.0-or-later
/* -b and -J: the same rows without a screen, one refresh after the other. */
#include <poll.h>
#include <signal.h>
#include <time.h>

#include "output/escape.h"
#include "output/json.h"
#include "output/schema.h"
#include "output/table.h"
#include "replay.h"
#include "run.h"
#include "store/recording.h"
#include "view/ctrow.h"
#include "view/human.h"
#include "view/nslive.h"
#include "watch/events.h"

struct batch {
	struct nstop *n;
	struct ui ui;
	struct collecting_again *again;
	struct replay *replay;
	struct frame *frame;
	FILE *record;
	struct eventwatch *watch; /* of this host: -J, or recording */
	struct happened happened; /* since the last document: of a replay, or recorded */
	struct json *json;        /* the document that is being written */
	uint64_t replay_wait;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

/* --- text ------------------------------------------------------------------------------------------------------------------------ */

static void print_summary(const struct batch *b)
{
	const struct snap *s = &b->frame->snap;
	uint32_t processes = 0, gaps = 0;
	char up[16], at[32];

	for (size_t i = 0; i < s->n_tasks; i++)
		processes += s->tasks[i].tid == s->tasks[i].pid;
	for (size_t i = 0; i < s->n_gaps; i++)
		gaps += s->gaps[i].count;
	human_age(s->head.ticks / 100, up, sizeof(up));
	time_text(s->head.taken, at, sizeof(at));
	printf("nstop  %s  host ", at);
	escape_to(stdout, s->head.host ? s->head.host : "?", s->head.host ? strlen(s->head.host) : 1, cli_ascii() ? ESC_ASCII : 0);
	printf("  up %s  %u processes  %zu namespaces  gaps %u\n", up, processes, s->n_namespaces, gaps);
}

static void print_text(struct batch *b)
{
	struct view *v = ui_view(&b->ui);
	struct rowlist *l = &v->list;
	struct table t = {
		.desc = l->desc, .no_header = b->n->no_header, .dash = true, .width = cli_width(), .ascii = cli_ascii()
	};
	CLEAN_MEM char *sorted = xcalloc(l->n_order, l->desc->size);

	if (!b->n->no_header)
		print_summary(b);
	for (size_t i = 0; i < l->n_cols; i++)
		table_add_col(&t, l->cols[i].field);
	for (size_t i = 0; i < l->n_order; i++)
		memcpy(sorted + i * l->desc->size, rowlist_row(l, i), l->desc->size);
	t.rows = sorted;
	t.n_rows = l->n_order;
	table_print(&t, stdout);
	table_done(&t);
	putchar('\n');
}

/* --- JSON ------------------------------------------------------------------------------------------------------------------------ */

static bool is_shown(struct batch *b, const struct scope *sc, const uint8_t *which, const struct ctrow *r)
{
	uint32_t first;
	bool any = false;

	for (size_t i = 0; i < sc->n_each && !any; i++)
		any = is_shown(b, &sc->each[i], which, r);
	if (sc->kind != SCOPE_NS && sc->kind != SCOPE_TASK)
		return any || scope_has_container(sc, r->container);
	first = index_ns(&b->frame->ix, NS_MNT, r->ns[NS_MNT]);
	return first != IDMAP_NONE && which[first];
}

static void put_containers(struct json *j, struct batch *b, const uint8_t *which)
{
	struct ctrows rows;

	ctrows_init(&rows, b->frame);
	json_begin_array(j, "containers");
	for (size_t i = 0; i < rows.n_items; i++)
		if (is_shown(b, &b->ui.scope, which, &rows.items[i]))
			json_record(j, NULL, &ctrow_desc, &rows.items[i], NULL, 0);
	json_end_array(j);
	ctrows_done(&rows);
}

static void put_namespaces(struct json *j, const struct batch *b, const uint8_t *which)
{
	struct nslives rows;

	nslives_init(&rows, b->frame);
	json_begin_array(j, "namespaces");
	for (uint32_t i = 0; i < b->frame->snap.n_namespaces; i++)
		if (which[i]) {
			nslives_add(&rows, b->frame, i);
			json_record(j, NULL, nslive_desc(), &rows.items[rows.n_items - 1], NULL, 0);
		}
	json_end_array(j);
	nslives_done(&rows);
}

static int put_event(void *arg, const struct event *e)
{
	struct batch *b = arg;

	if (!b->json) { /* it waits for its document, or is to be recorded first */
		eventlist_add(&b->happened.events, e);
		return 0;
	}
	json_record(b->json, NULL, event_kinds[e->kind].desc, e, NULL, 0);
	return 0;
}

static void take_events(struct batch *b)
{
	while (b->watch && events_service(b->watch) > 0)
		;
}

/* What has happened since the last document, as the lines of -e -J. */
static void put_events(struct json *j, struct batch *b)
{
	json_begin_array(j, "events");
	b->json = j;
	for (size_t i = 0; i < b->happened.events.n_items; i++)
		put_event(b, &b->happened.events.items[i]);
	if (!b->record)
		take_events(b);
	b->json = NULL;
	json_end_array(j);
}

/* Where events cannot be had that is said, and all else goes on. */
static void watch_events(struct batch *b)
{
	const struct events_opts opts = { .kinds = EVENTS_USUAL, .collector = b->n->cli.collector };
	const struct events_sink sink = { put_event, b };
	const char *why = NULL;
	int err;

	b->watch = events_open(&opts, &sink, &err, &why);
	if (!b->watch)
		cli_error(&b->n->cli, "no events: %s", why ? why : strerror(-err));
}

/* Every field that some kind of event has: for the schema. */
static const struct desc *any_event(void)
{
	static struct field fields[128];
	static struct desc d = { .name = "event", .help = "an event; which keys there are depends on its kind", .fields = fields };

	for (enum event_kind k = 0; k < EVENT_KINDS && d.size == 0; k++)
		for (size_t i = 0; i < event_kinds[k].desc->n_fields; i++) {
			const struct field *f = &event_kinds[k].desc->fields[i];

			if (!desc_field(&d, f->name) && d.n_fields < ARRAY_SIZE(fields))
				fields[d.n_fields++] = *f;
		}
	d.size = sizeof(struct event);
	return &d;
}

static void print_json(struct batch *b)
{
	CLEAN_MEM uint8_t *which = scope_namespaces(&b->ui.scope, b->frame);
	struct json j;

	json_start(&j, stdout, false);
	json_begin_object(&j, NULL);
	json_head(&j, &b->frame->snap, NSTOP_SCHEMA);
	put_containers(&j, b, which);
	put_namespaces(&j, b, which);
	put_events(&j, b);
	json_end_object(&j);
}

void nstop_schema(void)
{
	const struct schema_part parts[] = {
		{ .key = "containers", .desc = &ctrow_desc },
		{ .key = "namespaces", .desc = nslive_desc() },
		{ .key = "events", .desc = any_event(), .columns = true },
	};

	schema_write(stdout, NSTOP_SCHEMA, "nstop --json (a document a refresh)", parts, ARRAY_SIZE(parts));
}

/* --- one after the other ---------------------------------------------------------------------------------------------------------- */

static void keep(struct batch *b, struct frame *f)
{
	ui_show(&b->ui, f);
	frame_put(b->frame);
	b->frame = f;
}

static enum exit_status next_collected(struct batch *b)
{
	struct order o = run_order(b->n, &b->ui);
	struct frame *f = NULL;
	const char *why = NULL;
	char line[320];
	int err;

	if (b->n->json)
		o.only_netns = false;
	if (b->n->json)
		o.wants |= WANT_COMMAND | WANT_HIDDEN | WANT_NS | WANT_KEEPERS | WANT_USERS | WANT_USAGE | WANT_LINKS |
			   WANT_LISTENERS | WANT_ALL_CONTAINERS;
	for (size_t i = 0; b->record && i < b->happened.events.n_items; i++)
		again_failed(b->again, &b->happened.events.items[i]);
	err = again_collect(b->again, &o, &f, &why);
	free(o.netns);
	if (err) {
		cli_why_not_collected(&b->n->cli, err, why, line, sizeof(line));
		cli_error(&b->n->cli, "%s", line);
		return EXIT_FAILED;
	}
	if (b->record)
		take_events(b);
	/* The first one is not printed, and its events wait for the second. */
	if (b->record && (err = recording_append(b->record, &f->snap, b->frame ? &b->happened.events : NULL))) {
		cli_error(&b->n->cli, "cannot write %s: %s", b->n->record, strerror(-err));
		frame_put(f);
		return EXIT_FAILED;
	}
	keep(b, f);
	return EXIT_DONE;
}

/* EXIT_FOUND: it is at its end. */
static enum exit_status next_replayed(struct batch *b, bool first)
{
	struct turn t = { 0 };
	struct frame *f = NULL;

	if (!first && b->replay_wait == UINT64_MAX)
		return EXIT_FOUND;
	b->replay_wait = replay_next(b->replay, &t, &f, &b->happened, b->ui.tidings.trouble, sizeof(b->ui.tidings.trouble));
	if (!f) {
		cli_error(&b->n->cli, "%s", *b->ui.tidings.trouble ? b->ui.tidings.trouble : "nothing to replay");
		return EXIT_FAILED;
	}
	keep(b, f);
	return EXIT_DONE;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * Events are taken as they come: whose they are can be told only as long as their process and its control group live. Of a storm so many
 * are kept, the rest stays where it is and is taken, or lost, with the next refresh.
 */
static void wait_for(struct batch *b, uint32_t ms)
{
	enum { MOST_KEPT = 10000 };
	int64_t due = now_ms() + ms, left;

	while (!interrupted && (left = due - now_ms()) > 0) {
		bool more = b->watch && b->happened.events.n_items < MOST_KEPT;
		struct pollfd p = { more ? events_fd(b->watch) : -1, POLLIN, 0 };
		int most = more ? events_timeout(b->watch) : -1;

		poll(&p, 1, (int)(most < 0 ? left : MIN(left, most)));
		if (more)
			events_service(b->watch);
	}
}

static enum exit_status print_one(struct batch *b)
{
	if (b->n->json)
		print_json(b);
	else
		print_text(b);
	eventlist_done(&b->happened.events);
	return cli_flush_stdout() ? EXIT_DONE : EXIT_FAILED;
}

/* The first refresh of this host is not printed: it has no rates, and not yet what is slow. */
static enum exit_status go_on(struct batch *b)
{
	enum exit_status status = EXIT_DONE;
	uint32_t printed = 0;

	for (bool first = true; status == EXIT_DONE && !interrupted; first = false) {
		status = b->replay ? next_replayed(b, first) : next_collected(b);
		if (status == EXIT_DONE && first)
			status = run_targets(b->n, &b->ui, true);
		if (status != EXIT_DONE)
			break;
		if (first && b->again) {
			wait_for(b, MIN(b->n->delay_ms, 500u));
			continue;
		}
		status = print_one(b);
		if (status == EXIT_DONE && ++printed == b->n->refreshes)
			break;
		if (b->again && !interrupted)
			wait_for(b, b->n->delay_ms);
	}
	if (status == EXIT_DONE && b->record && b->again) {
		take_events(b);
		if (b->happened.events.n_items) /* since the last refresh: they are recorded, with what there is now */
			status = next_collected(b);
	}
	return status == EXIT_FOUND ? EXIT_DONE : status;
}

static enum exit_status begin(struct batch *b)
{
	struct nstop *n = b->n;
	char why[320] = "";

	if (n->record && !(b->record = recording_create(n->record))) {
		cli_error(&n->cli, "cannot write %s: %s", n->record, strerror(errno));
		return EXIT_FAILED;
	}
	if (!n->replay && !n->cli.from) {
		b->again = again_new(n);
		if (n->json || n->record)
			watch_events(b);
		return EXIT_DONE;
	}
	if (!replay_open(&b->replay, n, why, sizeof(why)))
		return EXIT_DONE;
	cli_error(&n->cli, "%s", why);
	return EXIT_FAILED;
}

enum exit_status nstop_batch(struct nstop *n)
{
	struct sigaction act = { .sa_handler = on_signal };
	struct batch b = { .n = n };
	enum exit_status status;

	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	ui_init(&b.ui, cli_ascii());
	status = run_prepare(n, &b.ui);
	if (status == EXIT_DONE && n->columns && !strcmp(n->columns, "help"))
		table_help(ui_view(&b.ui)->list.desc, stdout);
	else if (status == EXIT_DONE)
		status = begin(&b);
	if (status == EXIT_DONE && (b.again || b.replay))
		status = go_on(&b);
	if (b.record && fclose(b.record) && status == EXIT_DONE) {
		cli_error(&n->cli, "cannot write %s: %s", n->record, strerror(errno));
		status = EXIT_FAILED;
	}
	if (status == EXIT_DONE && b.frame)
		status = cli_finish(&n->cli, &b.frame->snap);
	ui_done(&b.ui);
	frame_put(b.frame);
	again_free(b.again);
	replay_close(b.replay);
	eventlist_done(&b.happened.events);
	if (b.watch)
		events_close(b.watch);
	return status;
}
