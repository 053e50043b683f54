// SPDX-License-Identifier: GPL-2.0-or-later
/* nspid: any process's PID at every level, both ways. */
#include "cli/complete.h"
#include "nspid/nspid.h"
#include "output/schema.h"
#include "store/store.h"

enum {
	OPT_TRANSLATE = OPT_TOOL,
	OPT_TO_INNER,
	OPT_PATTERN,
	OPT_REWRITE,
};

static const struct opt options[] = {
	{ 'J', "json", ARG_NO, NULL, "JSON" },
	{ 'o', "output", ARG_YES, "[+]LIST", "columns ('help' lists them; + adds to the usual ones)" },
	{ OPT_NO_HEADER, "no-header", ARG_NO, NULL, "no header line" },
	{ 'L', "threads", ARG_NO, NULL, "threads, too" },
	{ 'T', "tree", ARG_NO, NULL, "a tree: PID namespaces, and in each its processes below its init" },
	{ 'i', "inner", ARG_YES, "PID", "which PID of this host is that PID inside of the target?" },
	{ OPT_TRANSLATE, "translate", ARG_NO, NULL, "mark the PIDs in a log of the target (standard input) with the host's" },
	{ OPT_TO_INNER, "to-inner", ARG_NO, NULL, "the other way: the host's PIDs with those inside" },
	{ OPT_REWRITE, "rewrite", ARG_NO, NULL, "replace the PIDs instead of marking them" },
	{ OPT_PATTERN, "pattern", ARG_YES, "RE", "where PIDs stand: an extended regular expression with one group around them" },
	CLI_COMMON_OPTS,
	{ 0 },
};

static const char target_columns[] = "HOST,INSIDE,USER,INNER_USER,STARTED,COMMAND";
static const char thread_columns[] = "PID,HOST,INSIDE,USER,INNER_USER,STARTED,COMM,COMMAND";
static const char world_columns[] = "HOST,INSIDE,CONTAINER,USER,INNER_USER,STARTED,COMMAND";

/* What nspid saves: all that any of its views shows. */
static const uint64_t save_wants = WANT_TASKS | WANT_THREADS | WANT_COMMANDS | WANT_NS | WANT_DETAILS | WANT_MOUNTED |
				   WANT_CONTAINERS | WANT_ALL_CONTAINERS | WANT_USERS | WANT_GROUPS | WANT_LEVELS | WANT_MAPS;

static int set_inner(struct nspid *n, const char *value)
{
	if (parse_u32(value, &n->inner) || !n->inner || n->inner > PID_LIMIT)
		return cli_usage_error(&n->cli, "not a process id: %s", value);
	return 0;
}

static int own_option(void *arg, int id, const char *value)
{
	struct nspid *n = arg;
	const struct {
		int id;
		bool *flag;
	} flags[] = {
		{ 'J', &n->json },
		{ OPT_NO_HEADER, &n->no_header },
		{ 'L', &n->threads },
		{ 'T', &n->tree },
		{ OPT_TRANSLATE, &n->translate },
		{ OPT_TO_INNER, &n->to_inner },
		{ OPT_REWRITE, &n->rewrite },
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (flags[i].id == id) {
			*flags[i].flag = true;
			return 0;
		}
	switch (id) {
	case 'i':
		return set_inner(n, value);
	case 'o':
		n->columns = value;
		return 0;
	case OPT_PATTERN:
		n->pattern = value;
		return 0;
	}
	return -EINVAL;
}

/* --- columns, and what they need ---------------------------------------------------------------------------------------- */

static const char *default_columns(const struct nspid *n)
{
	if (n->threads)
		return thread_columns;
	return n->cli.argc == 1 && strcmp(n->cli.argv[0], "host") ? target_columns : world_columns;
}

static int choose_columns(struct nspid *n)
{
	const char *bad;
	size_t bad_len;

	n->table.desc = &pidrow_desc;
	if (n->json && !n->columns) {
		for (size_t i = 0; i < pidrow_desc.n_fields; i++)
			if (!(pidrow_desc.fields[i].flags & (FF_TEXT | FF_EXTRA)))
				table_add_col(&n->table, &pidrow_desc.fields[i]);
		return 0;
	}
	if (table_choose(&n->table, n->columns, default_columns(n), &bad, &bad_len))
		return cli_usage_error(&n->cli, "unknown column: %.*s (--output help lists them)", (int)bad_len, bad);
	return 0;
}

static uint64_t wanted(const struct nspid *n)
{
	/* levels: who is below a PID namespace is in it, too */
	uint64_t wants = WANT_TASKS | WANT_LEVELS | table_wants(&n->table);

	if (n->threads)
		wants |= WANT_THREADS;
	if (n->tree) /* whose namespace it is */
		wants |= WANT_CONTAINERS | WANT_ALL_CONTAINERS;
	for (int i = 0; i < n->cli.argc; i++) {
		uint64_t word = target_wants(n->cli.argv[i]);
		uint32_t pid;

		/* A namespace without a process is told from one that is not there; of a number that may be a process that is not asked. */
		wants |= nspid_is_pid(n->cli.argv[i], &pid) ? word & ~(uint64_t)WANT_HIDDEN : word;
	}
	return wants;
}

/* A process in words says all. */
static uint64_t wanted_in_words(const struct nspid *n)
{
	if (n->columns || n->json)
		return 0;
	return WANT_LEVELS | WANT_GROUPS | WANT_MAPS | WANT_USERS | WANT_COMMANDS | WANT_CONTAINERS | WANT_ALL_CONTAINERS;
}

/* --- all of it ----------------------------------------------------------------------------------------------------------- */

/* All operands are pids, so that nothing else has to be looked at. */
static bool only_pids(struct nspid *n)
{
	if (!n->cli.argc || n->cli.from || n->cli.save || n->tree)
		return false;
	n->pids = xcalloc((size_t)n->cli.argc, sizeof(*n->pids));
	for (int i = 0; i < n->cli.argc; i++)
		if (!nspid_is_pid(n->cli.argv[i], &n->pids[i]))
			return false;
	return true;
}

static bool has_all_pids(const struct nspid *n, const struct index *ix)
{
	for (int i = 0; i < n->cli.argc; i++)
		if (index_task(ix, n->pids[i]) == IDMAP_NONE)
			return false;
	return true;
}

static enum exit_status show(struct nspid *n, const struct index *ix)
{
	int err = nspid_resolve(n, ix);

	if (err == -EINVAL) {
		fprintf(stderr, "Try '%s --help'.\n", n->cli.tool);
		return EXIT_USAGE;
	}
	if (!err)
		err = nspid_list(n, ix);
	return err ? EXIT_FAILED : EXIT_DONE;
}

/*
 * The processes that were asked for, and no others. False: one of them is not there, so that its number may be another target's, and
 * who has it inside of a namespace is worth saying.
 */
static bool run_pids(struct nspid *n, enum exit_status *status)
{
	struct index ix;
	struct snap s;
	bool all = true;

	/* Threads, for each that was named has a record of its own. */
	n->cli.narrow = (struct collect_opts){ .pids = n->pids, .n_pids = (size_t)n->cli.argc };
	snap_init(&s);
	*status = cli_snapshot(&n->cli, &s,
			       WANT_TASKS | (n->threads ? WANT_THREADS : 0) | table_wants(&n->table) | wanted_in_words(n), 0);
	if (*status == EXIT_DONE) {
		index_build(&ix, &s);
		all = has_all_pids(n, &ix);
		if (all)
			*status = show(n, &ix);
		index_done(&ix);
	}
	if (all && *status == EXIT_DONE)
		*status = cli_finish(&n->cli, &s);
	snap_done(&s);
	n->cli.narrow = (struct collect_opts){ 0 };
	return all;
}

/* What of the tasks is worth more than a look: see collect_opts.choose. */
static void choose(const struct index *ix, uint8_t *which, void *arg)
{
	const struct nspid *real = arg;
	struct nspid n = *real;
	char message[512];

	n.targets = xcalloc((size_t)n.cli.argc, sizeof(*n.targets));
	for (n.n_targets = 0; n.n_targets < n.cli.argc; n.n_targets++)
		if (target_resolve(ix, n.cli.argv[n.n_targets], &n.targets[n.n_targets], message, sizeof(message)))
			goto out; /* nothing will be shown */
	for (uint32_t i = 0; i < ix->snap->n_tasks; i++) {
		uint32_t leader = nspid_selects(&n, ix, i) ? index_task(ix, ix->snap->tasks[i].pid) : IDMAP_NONE;

		if (leader == IDMAP_NONE)
			continue;
		which[i / 8] |= (uint8_t)(1 << i % 8);
		which[leader / 8] |= (uint8_t)(1 << leader % 8); /* whose command is its threads', too */
	}
out:
	free(n.targets);
}

static enum exit_status run(struct nspid *n)
{
	enum exit_status status;
	struct index ix;
	struct snap s;

	if (only_pids(n) && run_pids(n, &status))
		return status;
	snap_init(&s);
	n->cli.narrow.choose = choose;
	n->cli.narrow.choose_arg = n;
	status = cli_snapshot(&n->cli, &s, wanted(n), save_wants);
	/* A snapshot on standard output is all that goes there. */
	if (status == EXIT_DONE && !(n->cli.save && !strcmp(n->cli.save, "-"))) {
		index_build(&ix, &s);
		status = show(n, &ix);
		index_done(&ix);
	}
	if (status == EXIT_DONE)
		status = cli_finish(&n->cli, &s);
	snap_done(&s);
	return status;
}

/* Numbers that nothing can have. */
static enum exit_status check_operands(const struct nspid *n)
{
	const char *bad = NULL;
	uint32_t nr;

	for (int i = 0; i < n->cli.argc && !bad; i++) {
		const char *word = n->cli.argv[i];

		if (!strncmp(word, "pid:", 4) && word[4] != '[' ? !nspid_is_pid(word, &nr) : !strcmp(word, "0") || !*word)
			bad = word;
	}
	if (bad)
		cli_usage_error(&n->cli, "not a process id: '%s'", bad);
	else if (n->inner && (n->translate || n->threads || n->tree))
		cli_usage_error(&n->cli, "--inner stands alone: no --translate, --threads or --tree");
	else if (!n->translate && (n->to_inner || n->rewrite || n->pattern))
		cli_usage_error(&n->cli, "--to-inner, --rewrite and --pattern belong to --translate");
	else
		return EXIT_DONE;
	return EXIT_USAGE;
}

static enum exit_status print_schema(const struct nspid *n)
{
	static const struct schema_part parts[] = { { .key = "processes", .desc = &pidrow_desc, .columns = true } };

	if (!strcmp(n->cli.schema, "snapshot")) {
		store_schema(stdout);
	} else if (*n->cli.schema) {
		cli_usage_error(&n->cli, "no such schema: %s (snapshot, or nothing for nspid --json)", n->cli.schema);
		return EXIT_USAGE;
	} else {
		schema_write(stdout, NSPID_SCHEMA, "nspid --json", parts, ARRAY_SIZE(parts));
	}
	return EXIT_DONE;
}

static enum exit_status complete(const struct nspid *n)
{
	static const char *const schemas[] = { "snapshot", NULL }, *const none[] = { NULL };
	static const struct word_list lists[] = { { "schemas", "NAME", schemas }, { "patterns", "RE", none }, { 0 } };

	return cli_complete(&n->cli, &pidrow_desc, lists);
}

static enum exit_status act(struct nspid *n)
{
	if (n->cli.complete)
		return complete(n);
	if (n->cli.schema)
		return print_schema(n);
	if (n->columns && !strcmp(n->columns, "help")) {
		table_help(&pidrow_desc, stdout);
		return EXIT_DONE;
	}
	if (check_operands(n) || choose_columns(n))
		return EXIT_USAGE;
	cli_name_namespaces(&n->cli);
	if (n->translate)
		return nspid_translate(n);
	return n->inner ? nspid_inner(n) : run(n);
}

int main(int argc, char **argv)
{
	struct nspid n = { .cli = { .tool = "nspid",
				    .summary = "Show any process's PID at every level of PID namespaces, both ways.",
				    .synopsis = "[options] [TARGET...]",
				    .opts = options } };
	bool answered;
	enum exit_status status = cli_parse(&n.cli, argc, argv, own_option, &n, &answered);

	if (status != EXIT_DONE || answered)
		return status;
	status = act(&n);
	table_done(&n.table);
	free(n.targets);
	free(n.pids);
	return cli_close_stdout(&n.cli, status);
}
