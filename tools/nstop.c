// SPDX-License-Identifier: GPL-2.0-or-later
/* nstop: what goes on in the namespaces of this host, as it happens. */
#include "cli/complete.h"
#include "model/event.h"
#include "nstop/nstop.h"
#include "output/schema.h"
#include "store/store.h"

enum {
	OPT_ERRORS = OPT_TOOL,
	OPT_PPID,
	OPT_WHY,
	OPT_COUNT,
	OPT_FOR,
};

static const struct opt options[] = {
	{ 'e', "events", ARG_MAYBE, "KIND,...", "the events alone: setns, unshare, clone, bind, listen, socket, fork, exit" },
	{ 'J', "json", ARG_NO, NULL, "JSON Lines: an event a line" },
	{ OPT_NO_HEADER, "no-header", ARG_NO, NULL, "no header line" },
	{ OPT_ERRORS, "errors", ARG_NO, NULL, "only events that failed (-e)" },
	{ OPT_PPID, "ppid", ARG_YES, "PID", "only events of children of this process (-e)" },
	{ OPT_COUNT, "count", ARG_YES, "N", "end after N events (-e)" },
	{ OPT_FOR, "for", ARG_YES, "SEC", "end after so many seconds (-e)" },
	CLI_COMMON_OPTS,
	{ 0 },
};

static int own_option(void *arg, int id, const char *value)
{
	struct nstop *n = arg;
	char *end;
	double seconds;

	switch (id) {
	case 'e':
		n->events = true;
		n->kinds = value;
		return 0;
	case 'J':
		n->json = true;
		return 0;
	case OPT_NO_HEADER:
		n->no_header = true;
		return 0;
	case OPT_ERRORS:
		n->errors = true;
		return 0;
	case OPT_PPID:
		return parse_u32(value, &n->ppid) || !n->ppid ? cli_usage_error(&n->cli, "not a process id: %s", value) : 0;
	case OPT_COUNT:
		return parse_u64(value, UINT64_MAX, &n->count) || !n->count ? cli_usage_error(&n->cli, "not a count: %s", value) : 0;
	case OPT_FOR:
		seconds = strtod(value, &end);
		if (*end || !(seconds > 0 && seconds < 1e6))
			return cli_usage_error(&n->cli, "not a number of seconds: %s", value);
		n->for_ms = (uint32_t)(seconds * 1000);
		return 0;
	}
	return -EINVAL;
}

static enum exit_status act(struct nstop *n)
{
	static const struct word_list lists[] = { { "events", "KIND", event_kind_names }, { 0 } };

	if (n->cli.complete)
		return cli_complete(&n->cli, &snap_task_desc, lists);
	if (n->cli.schema && (!*n->cli.schema || !strcmp(n->cli.schema, "events"))) {
		nstop_events_schema();
		return EXIT_DONE;
	}
	if (n->cli.schema) {
		cli_usage_error(&n->cli, "no such schema: %s (events)", n->cli.schema);
		return EXIT_USAGE;
	}
	cli_name_namespaces(&n->cli);
	if (n->events)
		return nstop_events(n);
	cli_usage_error(&n->cli, "only the events (-e) are there");
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	struct nstop n = { .cli = { .tool = "nstop",
				    .summary = "Watch who changes namespaces, and which bind fails.",
				    .synopsis = "[options] [TARGET...]",
				    .opts = options } };
	bool answered;
	enum exit_status status = cli_parse(&n.cli, argc, argv, own_option, &n, &answered);

	if (status != EXIT_DONE || answered)
		return status;
	return cli_close_stdout(&n.cli, act(&n));
}
