// SPDX-License-Identifier: GPL-2.0-or-later
/* nsnet alone and nsnet socket: one table of options, ss's letters. Any of them, or an expression, means sockets. */
#include <netdb.h>

#include "nsnet.h"
#include "output/schema.h"
#include "store/store.h"
#include "view/netrow.h"
#include "view/sockrow.h"

static const struct opt options[] = {
	{ 't', "tcp", ARG_NO, NULL, "TCP sockets" },
	{ 'u', "udp", ARG_NO, NULL, "UDP sockets" },
	{ 'w', "raw", ARG_NO, NULL, "raw and ping sockets" },
	{ 'x', "unix", ARG_NO, NULL, "unix sockets" },
	{ 'M', "mptcp", ARG_NO, NULL, "MPTCP sockets" },
	{ 'S', "sctp", ARG_NO, NULL, "SCTP sockets" },
	{ 'd', "dccp", ARG_NO, NULL, "DCCP sockets" },
	{ '0', "packet", ARG_NO, NULL, "packet sockets" },
	{ '4', "ipv4", ARG_NO, NULL, "IPv4" },
	{ '6', "ipv6", ARG_NO, NULL, "IPv6" },
	{ 'f', "family", ARG_YES, "FAMILY", "inet, inet6, link, netlink or unix" },
	{ 'A', "query", ARG_YES, "QUERY,...", "these tables of sockets" },
	{ 'l', "listening", ARG_NO, NULL, "listening and bound sockets" },
	{ 'a', "all", ARG_NO, NULL, "sockets in all states" },
	{ 'B', "bound-inactive", ARG_NO, NULL, "TCP sockets that are bound, neither listening nor connected" },
	{ 'n', "numeric", ARG_NO, NULL, "numbers of ports, not names" },
	{ 'p', "processes", ARG_NO, NULL, "who has each socket open" },
	{ 'e', "extended", ARG_NO, NULL, "owner, inode number, cookie, options" },
	{ 'i', "info", ARG_NO, NULL, "figures of TCP connections" },
	{ 'm', "memory", ARG_NO, NULL, "memory" },
	{ 'o', "options", ARG_NO, NULL, "timers" },
	{ 's', "summary", ARG_NO, NULL, "how many sockets of each kind" },
	{ 'O', "oneline", ARG_NO, NULL, "each socket on one line" },
	{ OPT_NO_HEADER, "no-header", ARG_NO, NULL, "no header line" },
	{ 'H', NULL, ARG_NO, NULL, "the same, and sockets are meant" },
	{ 'N', "net", ARG_YES, "NETNS", "in the network namespace of that name" },
	{ 'J', "json", ARG_NO, NULL, "JSON" },
	{ OPT_OUTPUT, "output", ARG_YES, "[+]LIST", "columns ('help' lists them; + adds to the usual ones)" },
	CLI_COMMON_OPTS,
	{ 0 },
};

static int own_option(void *arg, int id, const char *value)
{
	struct nsnet *n = arg;

	switch (id) {
	case 'J':
		n->json = true;
		return 0;
	case OPT_OUTPUT:
		n->columns = value;
		return 0;
	case 'H':
	case OPT_NO_HEADER:
		n->sockets.asked |= id == 'H';
		n->no_header = true;
		return 0;
	case 'N':
		n->sockets.asked = true;
		return nsnet_add_netns(n, value);
	}
	return nsnet_socket_option(n, id, value);
}

/* getservbyname(3), for TCP or UDP. */
static int port_of_service(const char *name)
{
	const struct servent *s = getservbyname(name, NULL);

	return s ? ntohs((uint16_t)s->s_port) : -1;
}

/* What begins an expression ends the targets. */
static int take_filter(struct nsnet *n)
{
	int first = 0;
	char error[256];

	while (first < n->cli.argc && !sockfilter_begins(n->cli.argv[first]))
		first++;
	if (first < n->cli.argc)
		n->sockets.asked = true;
	if (sockfilter_parse(&n->sockets.filter, (const char *const *)n->cli.argv + first, n->cli.argc - first, port_of_service,
			     error, sizeof(error)))
		return cli_usage_error(&n->cli, "%s", error);
	n->cli.argc = first;
	return 0;
}

enum exit_status nsnet_choose_columns(struct nsnet *n, const struct desc *d, const char *usual)
{
	const char *bad;
	size_t bad_len;

	n->table.desc = d;
	if (!table_choose(&n->table, n->columns, usual, &bad, &bad_len))
		return EXIT_DONE;
	cli_usage_error(&n->cli, "unknown column: %.*s (--output help lists them)", (int)bad_len, bad);
	return EXIT_USAGE;
}

/* -s as rows: ss's own form of it has neither columns nor JSON. */
static bool in_rows(struct nsnet *n)
{
	if (!n->sockets.summary || !(n->json || n->columns))
		return false;
	if (!n->columns)
		n->columns = "NETNS,CONTAINER,NAMES,LISTEN,BOUND,CONN,TIME_WAIT,UDP,RAW,UNIX,OTHERS";
	return true;
}

static enum exit_status act(struct nsnet *n, bool socket)
{
	if (n->cli.complete)
		return nsnet_complete(n, socket ? &sockrow_desc : &netrow_desc);
	if (n->cli.schema)
		return nsnet_schema(n);
	if (take_filter(n))
		return EXIT_USAGE;
	socket = (socket || n->sockets.asked) && !in_rows(n);
	if (n->columns && !strcmp(n->columns, "help")) {
		table_help(socket ? &sockrow_desc : &netrow_desc, stdout);
		return EXIT_DONE;
	}
	if (!socket)
		return nsnet_show_summary(n);
	nsnet_settle_sockets(n);
	return n->sockets.summary ? nsnet_show_sockstat(n) : nsnet_show_sockets(n);
}

static enum exit_status parse_and_act(struct nsnet *n, bool socket, int argc, char **argv)
{
	bool answered;
	enum exit_status status;

	n->cli.opts = options;
	status = cli_parse(&n->cli, argc, argv, own_option, n, &answered);
	if (status == EXIT_DONE && !answered)
		status = act(n, socket);
	sockfilter_done(&n->sockets.filter);
	return status;
}

enum exit_status nsnet_bare(struct nsnet *n, int argc, char **argv)
{
	n->cli.summary = nsnet_summary_of_commands();
	n->cli.synopsis = "[options] [TARGET...] [FILTER]\n       nsnet COMMAND [options] [TARGET...]";
	return parse_and_act(n, false, argc, argv);
}

enum exit_status nsnet_socket(struct nsnet *n, int argc, char **argv)
{
	n->cli.summary =
		"Show sockets of network namespaces, as ss does.\n"
		"FILTER: [state STATE | exclude STATE]... [EXPRESSION], as in ss(8): sport = :80, dst 10.0.0.0/8, not, and, or, ( ).";
	n->cli.synopsis = "socket [options] [TARGET...] [FILTER]";
	return parse_and_act(n, true, argc, argv);
}
