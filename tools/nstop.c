// SPDX-License-Identifier: GPL-2.0-or-later
/* nstop: what goes on in the namespaces and containers of this host, live. */
#include "cli/complete.h"
#include "model/event.h"
#include "nstop/nstop.h"
#include "nstop/saver.h"
#include "nstop/ui.h"
#include "store/store.h"
#include "view/ctrow.h"

enum {
	OPT_SORT = OPT_TOOL,
	OPT_VIEW,
	OPT_RECORD,
	OPT_REPLAY,
	OPT_SCREEN,
	OPT_KEYS,
	OPT_ERRORS,
	OPT_PPID,
	OPT_WHY,
	OPT_COUNT,
	OPT_FOR,
};

static const struct opt options[] = {
	{ 'b', "batch", ARG_NO, NULL, "no screen: print one refresh after the other, as top -b" },
	{ 'n', "refreshes", ARG_YES, "N", "end after N refreshes" },
	{ 'c', NULL, ARG_NO, NULL, NULL }, /* top's: command lines instead of names; here they are shown in any case */
	{ 'd', "delay", ARG_YES, "SEC", "seconds between two refreshes (1)" },
	{ 'J', "json", ARG_NO, NULL, "JSON Lines: a document a refresh, or with -e an event a line" },
	{ OPT_VIEW, "view", ARG_YES, "VIEW", "begin with containers, namespaces, processes, sockets, network or events" },
	{ 'o', "sort", ARG_YES, "COLUMN", "sort by this column" },
	{ OPT_OUTPUT, "output", ARG_YES, "[+]LIST", "columns ('help' lists them; + adds to the usual ones)" },
	{ OPT_NO_HEADER, "no-header", ARG_NO, NULL, "no header lines (-b)" },
	{ 'p', "task", ARG_YES, "PID,...", "only these processes" },
	{ 'u', "user", ARG_YES, "USER", "only processes of this user" },
	{ 'H', "threads", ARG_NO, NULL, "every thread a row" },
	{ OPT_RECORD, "record", ARG_YES, "FILE", "write each refresh to a file, to be replayed" },
	{ OPT_REPLAY, "replay", ARG_YES, "FILE", "show what was recorded: step, seek, change the speed" },
	{ OPT_SCREEN, "screen", ARG_YES, "COLSxROWS", "print one screen of this size as text" },
	{ OPT_KEYS, "keys", ARG_YES, "KEYS", "press these first (--screen): 'Down Enter / w e b Enter'" },
	{ 'e', "events", ARG_MAYBE, "KIND,...", "the events alone: setns, unshare, clone, bind, listen, socket, fork, exit" },
	{ OPT_ERRORS, "errors", ARG_NO, NULL, "only events that failed (-e)" },
	{ OPT_PPID, "ppid", ARG_YES, "PID", "only events below this process (-e)" },
	{ OPT_WHY, "why", ARG_NO, NULL, "say why each bind, listen or socket failed, as nsnet why does (-e)" },
	{ OPT_COUNT, "count", ARG_YES, "N", "end after N events (-e)" },
	{ OPT_FOR, "for", ARG_YES, "SEC", "end after so many seconds (-e)" },
	CLI_COMMON_OPTS,
	{ 0 },
};

/* "2", "0.5": seconds to milliseconds, above 0. */
static int parse_seconds(const char *s, uint32_t *ms)
{
	uint32_t whole = 0, part = 0;
	const char *dot = strchr(s, '.');
	char head[16] = "0", tail[4] = "000";
	size_t len = dot ? (size_t)(dot - s) : strlen(s);

	if (len >= sizeof(head) || (dot && !dot[1] && !len))
		return -EINVAL;
	if (len)
		memcpy(head, s, len + 1);
	head[MAX(len, (size_t)1)] = '\0';
	for (size_t i = 0; dot && dot[1 + i]; i++) {
		if (dot[1 + i] < '0' || dot[1 + i] > '9')
			return -EINVAL;
		if (i < 3)
			tail[i] = dot[1 + i];
	}
	if (parse_u32(head, &whole) || parse_u32(tail, &part) || whole > 1000000 || !(whole + part))
		return -EINVAL;
	*ms = whole * 1000 + part;
	return 0;
}

static int number(const struct nstop *n, const char *what, const char *value, uint32_t *out)
{
	if (parse_u32(value, out) || !*out)
		return cli_usage_error(&n->cli, "%s takes a number above 0, not '%s'", what, value);
	return 0;
}

static int seconds(const struct nstop *n, const char *what, const char *value, uint32_t *ms)
{
	return parse_seconds(value, ms) ? cli_usage_error(&n->cli, "%s takes seconds above 0, not '%s'", what, value) : 0;
}

static int set_flag(struct nstop *n, int id)
{
	const struct {
		int id;
		bool *flag;
	} flags[] = {
		{ 'b', &n->batch },   { 'J', &n->json },          { OPT_NO_HEADER, &n->no_header },
		{ 'H', &n->threads }, { OPT_ERRORS, &n->errors }, { OPT_WHY, &n->why },
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (flags[i].id == id) {
			*flags[i].flag = true;
			return 0;
		}
	return -ENOENT;
}

static int set_word(struct nstop *n, int id, const char *value)
{
	const struct {
		int id;
		const char **word;
	} words[] = {
		{ OPT_VIEW, &n->view },     { 'o', &n->sort },        { OPT_OUTPUT, &n->columns },
		{ 'p', &n->task },          { 'u', &n->user },        { OPT_RECORD, &n->record },
		{ OPT_REPLAY, &n->replay }, { OPT_SCREEN, &n->shot }, { OPT_KEYS, &n->keys },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].id == id) {
			*words[i].word = value;
			return 0;
		}
	return -ENOENT;
}

static int own_option(void *arg, int id, const char *value)
{
	struct nstop *n = arg;

	if (!set_flag(n, id) || !set_word(n, id, value))
		return 0;
	switch (id) {
	case 'c':
		return 0;
	case 'e':
		n->events = true;
		n->kinds = value;
		return 0;
	case 'n':
		return number(n, "-n", value, &n->refreshes);
	case 'd':
		return seconds(n, "-d", value, &n->delay_ms);
	case OPT_FOR:
		return seconds(n, "--for", value, &n->for_ms);
	case OPT_PPID:
		return number(n, "--ppid", value, &n->ppid);
	case OPT_COUNT:
		return parse_u64(value, UINT64_MAX, &n->count) || !n->count ? cli_usage_error(&n->cli, "not a count: %s", value)
									    : 0;
	}
	return -EINVAL;
}

static enum exit_status check(const struct nstop *n)
{
	const struct cli *c = &n->cli;

	if (!n->events && (n->errors || n->ppid || n->why || n->count || n->for_ms))
		cli_usage_error(c, "--errors, --ppid, --why, --count and --for are for the events (-e)");
	else if (n->events && (n->batch || n->record || n->replay || n->shot || c->from || c->save))
		cli_usage_error(c, "-e shows what happens now: it goes with no -b, --screen, --record, --replay, --from or --save");
	else if (n->events && (n->task || n->user))
		cli_usage_error(c, "-p and -u are for the views: to -e a process is a target (-e pid:4711)");
	else if (n->replay && (c->from || n->record))
		cli_usage_error(c, "--replay shows one file: it goes with no --from or --record");
	else if (n->keys && !n->shot)
		cli_usage_error(c, "--keys is for --screen");
	else if (c->save && (n->replay || n->record || n->shot))
		cli_usage_error(c,
				"--save takes one look at this host, or at --from: it goes with no --screen, --record or --replay");
	else
		return EXIT_DONE;
	return EXIT_USAGE;
}

/* Words that the shell completes for this tool alone. */
static enum exit_status complete(const struct nstop *n)
{
	static const char *const schemas[] = { "events", "snapshot", NULL };
	static const struct word_list lists[] = {
		{ "events", "KIND", event_kind_names },
		{ "views", "VIEW", ui_view_words },
		{ "schemas", "NAME", schemas },
		{ 0 },
	};

	return cli_complete(&n->cli, &ctrow_desc, lists);
}

static enum exit_status print_schema(const struct nstop *n)
{
	if (!strcmp(n->cli.schema, "snapshot")) {
		store_schema(stdout);
	} else if (!strcmp(n->cli.schema, "events")) {
		nstop_events_schema();
	} else if (*n->cli.schema) {
		cli_usage_error(&n->cli, "no such schema: %s (events, snapshot, or nothing for nstop --json)", n->cli.schema);
		return EXIT_USAGE;
	} else {
		nstop_schema();
	}
	return EXIT_DONE;
}

/* Is anything to be printed behind the saving? On standard output the snapshot stands alone. */
static bool goes_on(const struct nstop *n)
{
	return (n->batch || n->json) && strcmp(n->cli.save, "-") != 0;
}

static enum exit_status save(const struct nstop *n)
{
	enum exit_status status;
	struct snap s;

	snap_init(&s);
	status = cli_snapshot(&n->cli, &s, n->cli.from ? WANT_TASKS : saver_wants, 0);
	if (status == EXIT_DONE && !goes_on(n))
		status = cli_finish(&n->cli, &s);
	snap_done(&s);
	return status;
}

static enum exit_status run(struct nstop *n)
{
	enum exit_status status = check(n);

	if (status != EXIT_DONE)
		return status;
	cli_name_namespaces(&n->cli);
	if (n->cli.save) {
		status = save(n);
		if (status != EXIT_DONE || !goes_on(n))
			return status;
	}
	if (n->events)
		return nstop_events(n);
	if (n->shot)
		return nstop_shot(n);
	return n->batch || n->json || (n->columns && !strcmp(n->columns, "help")) ? nstop_batch(n) : nstop_live(n);
}

int main(int argc, char **argv)
{
	struct nstop n = {
		.cli = { .tool = "nstop",
			 .summary = "Watch the containers, namespaces, processes and sockets of this host, and who changes them.",
			 .synopsis = "[options] [TARGET...]",
			 .opts = options },
		.delay_ms = 1000
	};
	bool answered;
	enum exit_status status = cli_parse(&n.cli, argc, argv, own_option, &n, &answered);

	if (status != EXIT_DONE || answered)
		return status;
	if (n.cli.complete)
		status = complete(&n);
	else if (n.cli.schema)
		status = print_schema(&n);
	else
		status = run(&n);
	return cli_close_stdout(&n.cli, status);
}
