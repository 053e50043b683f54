// SPDX-License-Identifier: GPL-2.0-or-later
/* nsnet: sockets, links, addresses, routes and more of every network namespace at once. */
#include "nsnet/nsnet.h"

/* A new sub-command is a line here, and its file in tools/nsnet/. */
const struct nsnet_command nsnet_commands[] = {
	{ "", "one line a network namespace; with ss's letters its sockets", nsnet_summary },
	{ 0 },
};

static const struct nsnet_command *find_command(const char *word)
{
	for (const struct nsnet_command *c = nsnet_commands + 1; c->name; c++)
		if (!strcmp(c->name, word))
			return c;
	return NULL;
}

/* Take the sub-command's word out of the command line, if its first operand is one. */
static const struct nsnet_command *take_command(int *argc, char **argv)
{
	const struct nsnet_command *c = *argc > 1 ? find_command(argv[1]) : NULL;

	if (!c)
		return &nsnet_commands[0];
	memmove(argv + 1, argv + 2, (size_t)(*argc - 1) * sizeof(*argv)); /* and the NULL behind them */
	--*argc;
	return c;
}

int main(int argc, char **argv)
{
	struct nsnet n = { .cli = { .tool = "nsnet" } };
	enum exit_status status;

	n.command = take_command(&argc, argv);
	status = n.command->run(&n, argc, argv);
	table_done(&n.table);
	free(n.targets);
	return cli_close_stdout(&n.cli, status);
}
