// SPDX-License-Identifier: GPL-2.0-or-later
/* nsnet why: why a port can't be bound, or can't be reached. Its words; what they ask for is looked at in why_look.c. */
#include "asking.h"
#include "view/whydoc.h"
#include "why/aim.h"

enum {
	OPT_CALL = OPT_TOOL,
	OPT_REACH,
	OPT_CLIENT,
	OPT_AS,
	OPT_UID,
	OPT_GID,
	OPT_REUSEADDR,
	OPT_REUSEPORT,
	OPT_V6ONLY,
	OPT_DEVICE,
	OPT_SPORT,
	OPT_ERRNO,
	OPT_PROBE
};

static const struct opt options[] = {
	{ 'J', "json", ARG_NO, NULL, "JSON" },
	{ OPT_CALL, "call", ARG_YES, "CALL", "about another call than bind: socket, listen, connect" },
	{ OPT_REACH, "reach", ARG_NO, NULL, "whether a client gets an answer at that address" },
	{ OPT_CLIENT, "client", ARG_YES, "TARGET", "which client (else someone beyond the interface that leads there)" },
	{ OPT_AS, "as", ARG_YES, "PID", "who asks (else the target itself; root, where that is a namespace)" },
	{ OPT_UID, "uid", ARG_YES, "UID", "as that user, without capabilities" },
	{ OPT_GID, "gid", ARG_YES, "GID", "as that group" },
	{ OPT_REUSEADDR, "reuseaddr", ARG_NO, NULL, "the socket sets SO_REUSEADDR" },
	{ OPT_REUSEPORT, "reuseport", ARG_NO, NULL, "and SO_REUSEPORT" },
	{ OPT_V6ONLY, "v6only", ARG_MAYBE, "YES", "IPV6_V6ONLY is set (=no: cleared; else as net.ipv6.bindv6only has it)" },
	{ OPT_DEVICE, "device", ARG_YES, "DEV", "it is bound to a device (SO_BINDTODEVICE)" },
	{ OPT_SPORT, "sport", ARG_YES, "PORT", "the client's port (--reach)" },
	{ OPT_ERRNO, "errno", ARG_YES, "ERRNO", "what the program reported" },
	{ OPT_PROBE, "probe", ARG_NO, NULL, "ask the kernel too, by a real attempt" },
	CLI_COMMON_OPTS,
	{ 0 },
};

static int set_number(struct asking *a, const char *value, const char *what, uint64_t max, uint64_t *out)
{
	if (parse_u64(value, max, out))
		return cli_usage_error(&a->n->cli, "not a %s: %s", what, value);
	return 0;
}

static int set_id(struct asking *a, const char *value, const char *what, int64_t *out)
{
	uint64_t id;
	int err = set_number(a, value, what, UINT32_MAX - 1, &id);

	if (!err)
		*out = (int64_t)id;
	return err;
}

static int set_call(struct asking *a, const char *value)
{
	for (unsigned int call = 0; call < CALL_REACH; call++)
		if (!strcmp(value, why_call_names[call])) {
			a->q.call = (uint8_t)call;
			return 0;
		}
	return cli_usage_error(&a->n->cli, "not a call: %s (socket, bind, listen, connect)", value);
}

static int set_v6only(struct asking *a, const char *value)
{
	bool no = value && (!strcmp(value, "no") || !strcmp(value, "0")),
	     yes = !value || !*value || !strcmp(value, "yes") || !strcmp(value, "1");

	if (!no && !yes)
		return cli_usage_error(&a->n->cli, "--v6only takes yes or no: %s", value);
	a->q.v6only = no ? FLAG_OFF : FLAG_ON;
	return 0;
}

static int set_errno(struct asking *a, const char *value)
{
	uint32_t number;

	a->q.err = errno_by_name(value);
	if (!a->q.err && !parse_u32(value, &number) && number && number < 4096) /* logs have them as numbers, too */
		a->q.err = (int32_t)number;
	return a->q.err ? 0 : cli_usage_error(&a->n->cli, "not the name of an errno: %s", value);
}

static int set_sport(struct asking *a, const char *value)
{
	uint64_t port;
	int err = set_number(a, value, "port", 65535, &port);

	a->q.sport = err ? 0 : (uint32_t)port;
	return err;
}

static int own_option(void *arg, int id, const char *value)
{
	struct asking *a = arg;

	switch (id) {
	case 'J':
		a->n->json = true;
		return 0;
	case OPT_CALL:
		return set_call(a, value);
	case OPT_REACH:
		a->q.call = CALL_REACH;
		return 0;
	case OPT_CLIENT:
		a->client = value;
		return 0;
	case OPT_AS:
		a->as = value;
		return 0;
	case OPT_UID:
		return set_id(a, value, "user id", &a->q.uid);
	case OPT_GID:
		return set_id(a, value, "group id", &a->q.gid);
	case OPT_REUSEADDR:
		a->q.reuseaddr = true;
		return 0;
	case OPT_REUSEPORT:
		a->q.reuseport = true;
		return 0;
	case OPT_V6ONLY:
		return set_v6only(a, value);
	case OPT_DEVICE:
		a->q.device = value;
		return 0;
	case OPT_SPORT:
		return set_sport(a, value);
	case OPT_ERRNO:
		return set_errno(a, value);
	case OPT_PROBE:
		a->probe = true;
		return 0;
	}
	return -EINVAL;
}

/* Without a target. */
static bool is_everywhere(const struct asking *a)
{
	return !a->as && !a->client && a->q.call == CALL_BIND && !a->q.path && a->q.port && a->q.netid < NETID_RAW;
}

static enum exit_status check(struct asking *a)
{
	struct cli *c = &a->n->cli;
	char message[512];

	if (c->argc < 1)
		cli_usage_error(c, "which port? ([ADDR:]PORT, unix:PATH)");
	else if (c->argc > 2)
		cli_usage_error(c, "one target at a time: %s", c->argv[2]);
	else if (aim_endpoint(&a->q, c->argv[0], &a->arena, message, sizeof(message)))
		cli_usage_error(c, "%s", message);
	else if (a->probe && a->q.path && !a->q.abstract && (a->q.call == CALL_BIND || a->q.call == CALL_LISTEN))
		cli_usage_error(c, "--probe makes no files: of a path it can ask --call connect");
	else if (a->probe && c->argc < 2 && is_everywhere(a))
		cli_usage_error(c, "where? --probe asks in one place: name a target (host)");
	else if ((a->client || a->q.sport) && a->q.call != CALL_REACH)
		cli_usage_error(c, "%s goes with --reach", a->client ? "--client" : "--sport");
	else if (a->probe && c->from)
		cli_usage_error(c, "a saved snapshot does not act on this machine: no --probe with --from");
	else
		return EXIT_DONE;
	return EXIT_USAGE;
}

enum exit_status nsnet_why(struct nsnet *n, int argc, char **argv)
{
	struct asking a = { .n = n };
	enum exit_status status;
	bool answered;

	n->cli.summary = "Say why a port can't be bound, or can't be reached: the first line is the answer.";
	n->cli.synopsis = "why [options] [ADDR:]PORT[/tcp|/udp|/mptcp|/sctp|/raw|/icmp]|unix:PATH|unix:@NAME [TARGET]";
	n->cli.opts = options;
	aim_init(&a.q);
	status = cli_parse(&n->cli, argc, argv, own_option, &a, &answered);
	if (status != EXIT_DONE || answered)
		return status;
	if (n->cli.complete)
		return nsnet_complete(n, NULL);
	if (n->cli.schema && !*n->cli.schema) {
		whydoc_schema(stdout);
		return EXIT_DONE;
	}
	if (n->cli.schema)
		return nsnet_schema(n);
	status = check(&a);
	if (status == EXIT_DONE) {
		if (n->cli.argc > 1) {
			n->cli.argc--;
			n->cli.argv++;
			cli_name_namespaces(&n->cli);
			a.target = n->cli.argv[0];
		}
		status = !a.target && is_everywhere(&a) ? asking_places(&a) : asking_answer(&a);
	}
	scope_done(&a.scope);
	arena_done(&a.arena);
	return status;
}
