// SPDX-License-Identifier: GPL-2.0-or-later
/* nsnet: sockets, links, addresses, routes and more of every network namespace at once. */
#include "cli/complete.h"
#include "nsnet/nsnet.h"
#include "output/schema.h"
#include "store/store.h"
#include "view/netdoc.h"
#include "view/netrow.h"
#include "view/whydoc.h"

/* A new sub-command is a line here, and its file in tools/nsnet/. */
const struct nsnet_command nsnet_commands[] = {
	{ "", "one line a network namespace; with ss's letters its sockets", nsnet_bare },
	{ "socket", "sockets, as ss shows them", nsnet_socket },
	{ "link", "network devices, and where each leads to", nsnet_link },
	{ "addr", "addresses of network devices", nsnet_addr },
	{ "route", "routes of all tables", nsnet_route },
	{ "rule", "routing policy rules", nsnet_rule },
	{ "neigh", "neighbours", nsnet_neigh },
	{ "topo", "how they are joined, and which ports lead where", nsnet_topo },
	{ "why", "why a port can't be bound, or can't be reached", nsnet_why },
	{ 0 },
};

const char *nsnet_summary_of_commands(void)
{
	static char text[2048];
	size_t len = (size_t)snprintf(text, sizeof(text),
				      "Show what is in network namespaces: all of them, or those of the targets.\n\nCommands:");

	for (const struct nsnet_command *c = nsnet_commands; c->name && len < sizeof(text); c++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "\n %-27s %s", *c->name ? c->name : "(none)", c->help);
	return text;
}

enum exit_status nsnet_schema(const struct nsnet *n)
{
	static const struct schema_part all[] = { { .key = "netns", .desc = &netdoc_desc, .columns = true } };
	static const struct schema_part summary[] = { { .key = "netns", .desc = &netrow_desc, .columns = true } };

	if (!strcmp(n->cli.schema, "snapshot")) {
		store_schema(stdout);
	} else if (!strcmp(n->cli.schema, "summary")) {
		schema_write(stdout, NSNET_SUMMARY_SCHEMA, "nsnet --json --output", summary, ARRAY_SIZE(summary));
	} else if (!strcmp(n->cli.schema, "why")) {
		whydoc_schema(stdout);
	} else if (!strcmp(n->cli.schema, "topo")) {
		return nsnet_topo_schema();
	} else if (*n->cli.schema) {
		cli_usage_error(&n->cli, "no such schema: %s (snapshot, summary, topo, why, or nothing for nsnet --json)",
				n->cli.schema);
		return EXIT_USAGE;
	} else {
		schema_write(stdout, NSNET_SCHEMA, "nsnet --json", all, ARRAY_SIZE(all));
	}
	return EXIT_DONE;
}

enum exit_status nsnet_complete(const struct nsnet *n, const struct desc *columns)
{
	static const char *const schemas[] = { "snapshot", "summary", "topo", "why", NULL }, *const tables[] = { "all", "default",
														 "local", "main",
														 NULL };
	/* What bind, listen, socket and connect fail with; --errno takes any. */
	static const char *const errnos[] = {
		"EACCES", "EADDRINUSE",      "EADDRNOTAVAIL", "EAFNOSUPPORT", "EAGAIN", "ECONNREFUSED", "EHOSTUNREACH",
		"EINVAL", "EMFILE",          "ENETUNREACH",   "ENFILE",       "ENODEV", "ENOENT",       "EOPNOTSUPP",
		"EPERM",  "EPROTONOSUPPORT", "EPROTOTYPE",    "ETIMEDOUT",    NULL
	};
	static const char *const flags[] = { "yes", "no", NULL }, *const none[] = { NULL };
	const char *commands[ARRAY_SIZE(nsnet_commands)] = { NULL }, *calls[CALL_REACH + 1] = { NULL };
	const struct word_list lists[] = {
		{ "commands", NULL, commands },
		{ "families", "FAMILY", nsnet_family_words },
		{ "tables", "TABLE", tables },
		{ "queries", "QUERY", nsnet_query_words },
		{ "schemas", "NAME", schemas },
		{ "calls", "CALL", calls },
		{ "errnos", "ERRNO", errnos },
		{ "flags", "YES", flags },
		{ "none", "UID", none },
		{ "none", "GID", none },
		{ "none", "PORT", none },
		{ "none", "DEV", none },
		{ 0 },
	};

	memcpy(calls, why_call_names, CALL_REACH * sizeof(*calls)); /* the last is an option of its own */
	for (size_t i = 0; nsnet_commands[i + 1].name; i++)
		commands[i] = nsnet_commands[i + 1].name;
	return cli_complete(&n->cli, columns, lists);
}

static const struct nsnet_command *find_command(const char *word)
{
	for (const struct nsnet_command *c = nsnet_commands + 1; c->name; c++)
		if (!strcmp(c->name, word))
			return c;
	return NULL;
}

/* Options that all sub-commands have, so that they may stand in front of the word. */
static const struct opt common[] = { { 'J', "json", ARG_NO, NULL, NULL }, CLI_COMMON_OPTS, { 0 } };

/* How many words an option of these takes; 0: it is none of them. */
static int words_of_common(const char *word)
{
	size_t len = strcspn(word, "=");

	if (!strcmp(word, "-J"))
		return 1;
	for (const struct opt *o = common; o->id && !strncmp(word, "--", 2); o++)
		if (strlen(o->name) == len - 2 && !strncmp(o->name, word + 2, len - 2))
			return o->arg == ARG_YES && !word[len] ? 2 : 1;
	return 0;
}

/* Take the sub-command's word out of the command line, if its first operand is one. Behind ss's letters it is a target. */
static const struct nsnet_command *take_command(int *argc, char **argv)
{
	const struct nsnet_command *c;
	int i = 1, n;

	while (i < *argc && *argv[i] == '-' && (n = words_of_common(argv[i])) > 0)
		i += n;
	c = i < *argc ? find_command(argv[i]) : NULL;
	if (!c)
		return &nsnet_commands[0];
	memmove(argv + i, argv + i + 1, (size_t)(*argc - i) * sizeof(*argv)); /* and the NULL behind them */
	--*argc;
	return c;
}

int main(int argc, char **argv)
{
	struct nsnet n = { .cli = { .tool = "nsnet" } };
	enum exit_status status;

	if (!isatty(STDOUT_FILENO)) /* there may be very many lines */
		setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	n.command = take_command(&argc, argv);
	status = n.command->run(&n, argc, argv);
	table_done(&n.table);
	free(n.targets);
	return cli_close_stdout(&n.cli, status);
}
