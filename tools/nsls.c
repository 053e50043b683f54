// SPDX-License-Identifier: GPL-2.0-or-later
/* nsls: every namespace of this host, whose it is, and what keeps it. */
#include "cli/complete.h"
#include "nsls/nsls.h"
#include "output/schema.h"
#include "store/store.h"

enum { PID_LIMIT = 4 * 1024 * 1024 }; /* PID_MAX_LIMIT, include/linux/threads.h: larger numbers are namespaces */

enum {
	OPT_OUTPUT_ALL = OPT_TOOL,
	OPT_KEEPERS,
	OPT_ENTER,
	OPT_DIFF,
	OPT_INSIDE,
};

static const struct opt options[] = {
	{ 'J', "json", ARG_NO, NULL, "JSON" },
	{ 'l', "list", ARG_NO, NULL, "a list, no tree" },
	{ 'n', "noheadings", ARG_NO, NULL, "no header line" },
	{ OPT_NO_HEADER, "no-header", ARG_NO, NULL, NULL },
	{ 'o', "output", ARG_YES, "[+]LIST", "columns ('help' lists them; + adds to the usual ones)" },
	{ OPT_OUTPUT_ALL, "output-all", ARG_NO, NULL, "all columns" },
	{ 'P', "persistent", ARG_NO, NULL, "only namespaces without a process" },
	{ 'p', "task", ARG_YES, "PID", "the namespaces of this process" },
	{ 'r', "raw", ARG_NO, NULL, "columns apart by one blank, blanks in them escaped" },
	{ 'u', "notruncate", ARG_NO, NULL, "never cut columns to the terminal's width" },
	{ 'W', "nowrap", ARG_NO, NULL, "one line a row, lists joined by commas" },
	{ 't', "type", ARG_YES, "TYPE,...", "only these: mnt, net, pid, uts, ipc, user, cgroup, time" },
	{ 'T', "tree", ARG_MAYBE, "REL", "a tree: owner (the usual one), parent or process" },
	{ 'H', "list-columns", ARG_NO, NULL, "list the columns" },
	{ OPT_KEEPERS, "keepers", ARG_NO, NULL, "all that keeps each namespace alive" },
	{ OPT_INSIDE, "inside", ARG_NO, NULL, "what each namespace isolates; of a single one, with lists" },
	{ OPT_ENTER, "enter", ARG_NO, NULL, "print the nsenter command for each target" },
	{ OPT_DIFF, "diff", ARG_NO, NULL, "what distinguishes two targets, or two saved snapshots" },
	CLI_COMMON_OPTS,
	{ 0 },
};

static const char people_columns[] = "NS,TYPE,NPROCS,PID,USER,CONTAINER,COMMAND";
static const char lsns_columns[] = "NS,TYPE,NPROCS,PID,USER,COMMAND";
static const char lsns_net_columns[] = "NS,TYPE,NPROCS,PID,USER,NETNSID,NSFS,COMMAND";
static const char lsns_persistent_columns[] = "NS,TYPE,PATH";
static const char process_columns[] = "PID,PPID,USER,COMMAND";
static const char shared_columns[] = "TYPE,NS,SHARED";
static const char inside_columns[] = "NS,TYPE,NPROCS,CONTAINER,INSIDE";
static const char shared_inside_columns[] = "TYPE,NS,SHARED,INSIDE";

/* What nsls saves: all that any of its views shows. */
static const uint64_t save_wants = WANT_TASKS | WANT_COMMANDS | WANT_HIDDEN | WANT_NS | WANT_DETAILS | WANT_NETNSID | WANT_KEEPERS |
				   WANT_ALL_KEEPERS | WANT_MOUNTED | WANT_CONTAINERS | WANT_ALL_CONTAINERS | WANT_USERS |
				   INSIDE_WANTS;

static int add_types(struct nsls *n, const char *list)
{
	char word[16];

	for (const char *p = list;; p++) {
		size_t len = strcspn(p, ",");
		enum nstype type = NS_TYPES;

		if (len < sizeof(word)) {
			memcpy(word, p, len);
			word[len] = '\0';
			type = nstype_by_name(word);
		}
		if (type == NS_TYPES)
			return cli_usage_error(&n->cli, "unknown namespace type: %.*s", (int)len, p);
		n->types |= 1u << type;
		p += len;
		if (!*p)
			return 0;
	}
}

static int set_task(struct nsls *n, const char *value)
{
	static char word[32];
	uint32_t pid;

	if (parse_u32(value, &pid) || !pid)
		return cli_usage_error(&n->cli, "not a process id: %s", value);
	snprintf(word, sizeof(word), "pid:%u", pid);
	n->task = word;
	return 0;
}

static int set_tree(struct nsls *n, const char *value)
{
	n->tree_asked = true;
	n->tree = NSTREE_OWNER;
	if (!value)
		return 0;
	for (n->tree = NSTREE_PARENT; nstree_names[n->tree]; n->tree++)
		if (!strcmp(nstree_names[n->tree], value))
			return 0;
	return cli_usage_error(&n->cli, "--tree takes parent, owner or process, not '%s'", value);
}

static int own_option(void *arg, int id, const char *value)
{
	struct nsls *n = arg;
	const struct {
		int id;
		bool *flag;
	} flags[] = {
		{ 'J', &n->json },
		{ 'l', &n->list },
		{ 'n', &n->no_header },
		{ OPT_NO_HEADER, &n->no_header },
		{ 'P', &n->persistent },
		{ 'r', &n->raw },
		{ 'u', &n->no_cut },
		{ 'W', &n->no_wrap },
		{ OPT_OUTPUT_ALL, &n->all_columns },
		{ OPT_KEEPERS, &n->keepers },
		{ OPT_ENTER, &n->enter },
		{ OPT_DIFF, &n->diff },
		{ OPT_INSIDE, &n->inside },
	};

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (flags[i].id == id) {
			*flags[i].flag = true;
			return 0;
		}
	switch (id) {
	case 'H':
		n->columns = "help";
		return 0;
	case 'o':
		n->columns = value;
		return 0;
	case 'p':
		return set_task(n, value);
	case 't':
		return add_types(n, value);
	case 'T':
		return set_tree(n, value);
	}
	return -EINVAL;
}

/* --- columns, and what they need ------------------------------------------------------------------------------------- */

/* One word that names a single namespace: its processes are listed, as lsns does. */
static bool names_namespace(const struct nsls *n)
{
	const char *word = n->cli.argc == 1 && !n->task ? n->cli.argv[0] : "";
	enum nstype type;
	uint32_t inum;

	return !n->keepers && !n->inside && !n->persistent &&
	       (*word == '/' || !strncmp(word, "netns:", 6) || !nstype_parse_link(word, &type, &inum) ||
		(!parse_u32(word, &inum) && inum > PID_LIMIT));
}

/* One word that names a container or a process: its namespaces, and who shares them. */
static bool names_member(const struct nsls *n)
{
	return n->cli.argc == 1 && !n->task && !n->keepers && !n->persistent && !n->tree_asked && !names_namespace(n) &&
	       strcmp(n->cli.argv[0], "host") != 0;
}

static const char *default_columns(const struct nsls *n)
{
	const char *net = n->types & 1u << NS_NET ? lsns_net_columns : lsns_columns;

	if (names_namespace(n))
		return process_columns;
	if (n->persistent)
		return lsns_persistent_columns;
	if (nsls_for_people(n))
		return n->inside ? (names_member(n) ? shared_inside_columns : inside_columns)
				 : (names_member(n) ? shared_columns : people_columns);
	return net;
}

static void add_all_columns(struct nsls *n)
{
	uint8_t not_shown = n->all_columns ? FF_HIDDEN : FF_TEXT | FF_EXTRA;

	for (size_t i = 0; i < nsrow_desc.n_fields; i++)
		if (!(nsrow_desc.fields[i].flags & not_shown))
			table_add_col(&n->table, &nsrow_desc.fields[i]);
	if (names_member(n) && !n->all_columns)
		table_add_col(&n->table, desc_field(&nsrow_desc, "shared"));
}

static int choose_columns(struct nsls *n)
{
	const char *usual = default_columns(n), *bad;
	size_t bad_len;

	n->table.desc = &nsrow_desc;
	if (n->all_columns || (n->json && !n->columns))
		add_all_columns(n);
	else if (table_choose(&n->table, n->columns, usual, &bad, &bad_len))
		return cli_usage_error(&n->cli, "unknown column: %.*s (--output help lists them)", (int)bad_len, bad);
	if (nsls_for_people(n) && names_namespace(n))
		n->empty_columns = people_columns;
	if (n->keepers && !n->columns && !n->all_columns)
		table_add_col(&n->table, desc_field(&nsrow_desc, "keepers"));
	if (n->inside && !table_has(&n->table, "inside"))
		table_add_col(&n->table, desc_field(&nsrow_desc, "inside"));
	return 0;
}

/*
 * lsns draws its tree of processes unless told -l, in raw output and among named columns too: a script gets the same. People get a
 * list sorted by number, and JSON nests only when asked.
 */
static void choose_tree(struct nsls *n)
{
	if (n->list)
		n->tree_asked = false, n->tree = NSTREE_NONE;
	else if (!n->tree_asked && (names_namespace(n) || (!nsls_for_people(n) && !n->json)))
		n->tree = NSTREE_PROCESS;
}

static uint64_t wanted(const struct nsls *n)
{
	uint64_t wants = WANT_TASKS | WANT_HIDDEN | table_wants(&n->table);

	if (nsls_for_people(n)) /* who keeps a namespace without a process is said in its row's last column */
		wants |= WANT_KEEPERS | WANT_NS;
	if (n->tree == NSTREE_PARENT || n->tree == NSTREE_OWNER)
		wants |= WANT_NS;
	else if (n->types)
		wants &= ~(INSIDE_WANTS & ~inside_wants(n->types));
	/* A namespace's processes are all shown, not only the first; JSON says who shares it. */
	if (names_namespace(n) && wants & WANT_COMMAND)
		wants |= WANT_COMMANDS;
	if ((names_namespace(n) || n->json || n->keepers) && wants & WANT_CONTAINERS)
		wants |= WANT_ALL_CONTAINERS;
	if (n->empty_columns)
		wants |= WANT_CONTAINERS | WANT_USERS;
	if (n->enter)
		wants |= WANT_KEEPERS | WANT_MOUNTED;
	for (int i = 0; i < n->cli.argc; i++)
		wants |= target_wants(n->cli.argv[i]);
	return wants;
}

/* --- all of it ----------------------------------------------------------------------------------------------------------- */

static int resolve(struct nsls *n, const struct index *ix)
{
	int n_words = n->cli.argc + (n->task != NULL);
	char message[512];

	n->targets = xcalloc((size_t)n_words, sizeof(*n->targets));
	for (int i = 0; i < n_words; i++) {
		const char *word = i < n->cli.argc ? n->cli.argv[i] : n->task;

		if (target_resolve(ix, word, &n->targets[n->n_targets++], message, sizeof(message))) {
			cli_error(&n->cli, "%s", message);
			return -ENOENT;
		}
		if (n->targets[i].kind == TARGET_HOST && !ix->snap->head.initial_view)
			cli_error(&n->cli, "the host cannot be seen from here: showing the namespaces of PID 1 of this view");
	}
	return 0;
}

static enum exit_status show(struct nsls *n, const struct snap *s)
{
	struct index ix;
	bool differ = false;
	int err;

	index_build(&ix, s);
	err = resolve(n, &ix);
	if (!err)
		err = n->diff ? nsls_diff_targets(n, &ix, &differ) : n->enter ? nsls_enter(n, &ix) : nsls_list(n, &ix);
	index_done(&ix);
	return err ? EXIT_FAILED : differ ? EXIT_FOUND : EXIT_DONE;
}

static enum exit_status check_operands(const struct nsls *n)
{
	if (n->diff && n->cli.argc != 2)
		cli_usage_error(&n->cli, "--diff takes two targets, or two saved snapshots");
	else if (n->enter && n->cli.argc < 1)
		cli_usage_error(&n->cli, "--enter takes a target");
	else if (n->enter && n->json)
		cli_usage_error(&n->cli, "--enter prints commands, which have no --json");
	else if (n->enter && (n->cli.from || n->cli.proc))
		cli_usage_error(&n->cli, "--enter is for what is here and now, not for --from or --proc");
	else
		return EXIT_DONE;
	return EXIT_USAGE;
}

static enum exit_status run(struct nsls *n)
{
	enum exit_status status;
	struct snap s;

	cli_name_namespaces(&n->cli);
	if (check_operands(n) || choose_columns(n))
		return EXIT_USAGE;
	if (n->diff && nsls_diff_of_files(n))
		return nsls_diff_files(n);
	choose_tree(n);
	snap_init(&s);
	status = cli_snapshot(&n->cli, &s, wanted(n), save_wants);
	/* A snapshot on standard output is all that goes there. */
	if (status == EXIT_DONE && !(n->cli.save && !strcmp(n->cli.save, "-")))
		status = show(n, &s);
	if (status == EXIT_DONE)
		status = cli_finish(&n->cli, &s);
	snap_done(&s);
	return status;
}

static enum exit_status print_schema(const struct nsls *n)
{
	static const struct schema_part parts[] = {
		{ .key = "namespaces", .desc = &nsrow_desc, .columns = true, .children = true }
	};

	if (!strcmp(n->cli.schema, "snapshot")) {
		store_schema(stdout);
	} else if (!strcmp(n->cli.schema, "diff")) {
		nsls_diff_schema();
	} else if (*n->cli.schema) {
		cli_usage_error(&n->cli, "no such schema: %s (snapshot, diff, or nothing for nsls --json)", n->cli.schema);
		return EXIT_USAGE;
	} else {
		schema_write(stdout, NSLS_SCHEMA, "nsls --json", parts, ARRAY_SIZE(parts));
	}
	return EXIT_DONE;
}

/* What the shell completes that only nsls has. */
static enum exit_status complete(const struct nsls *n)
{
	static const char *const schemas[] = { "snapshot", "diff", NULL };
	static const struct word_list lists[] = {
		{ "trees", "REL", nstree_names + NSTREE_PARENT },
		{ "schemas", "NAME", schemas },
		{ 0 },
	};

	return cli_complete(&n->cli, &nsrow_desc, lists);
}

int main(int argc, char **argv)
{
	struct nsls n = { .cli = { .tool = "nsls",
				   .summary = "List every namespace of this host, whose it is, and what keeps it.",
				   .synopsis = "[options] [NS|TARGET...]",
				   .opts = options } };
	bool answered;
	enum exit_status status = cli_parse(&n.cli, argc, argv, own_option, &n, &answered);

	if (status != EXIT_DONE || answered)
		return status;
	if (n.cli.complete)
		status = complete(&n);
	else if (n.cli.schema)
		status = print_schema(&n);
	else if (n.columns && !strcmp(n.columns, "help"))
		table_help(&nsrow_desc, stdout);
	else
		status = run(&n);
	table_done(&n.table);
	free(n.targets);
	return cli_close_stdout(&n.cli, status);
}
