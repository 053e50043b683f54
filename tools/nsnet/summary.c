// SPDX-License-Identifier: GPL-2.0-or-later
/* nsnet without a sub-command: one line a network namespace. */
#include "nsnet.h"
#include "output/json.h"
#include "output/schema.h"
#include "store/store.h"
#include "view/netrow.h"

static const char usual_columns[] = "NETNS,CONTAINER,NAMES,ADDRESSES,DEFAULT_VIA,LISTEN,CONN,RX/TX";

static const struct opt options[] = {
	{ 'J', "json", ARG_NO, NULL, "JSON" },
	{ OPT_OUTPUT, "output", ARG_YES, "[+]LIST", "columns ('help' lists them; + adds to the usual ones)" },
	{ OPT_NO_HEADER, "no-header", ARG_NO, NULL, "no header line" },
	CLI_COMMON_OPTS,
	{ 0 },
};

static int own_option(void *arg, int id, const char *value)
{
	struct nsnet *n = arg;

	if (id == 'J')
		n->json = true;
	else if (id == OPT_NO_HEADER)
		n->no_header = true;
	else if (id == OPT_OUTPUT)
		n->columns = value;
	return 0;
}

static enum exit_status print_schema(const struct nsnet *n)
{
	static const struct schema_part parts[] = { { .key = "netns", .desc = &netrow_desc, .columns = true } };

	if (!strcmp(n->cli.schema, "snapshot")) {
		store_schema(stdout);
	} else if (*n->cli.schema) {
		cli_usage_error(&n->cli, "no such schema: %s (snapshot, or nothing for nsnet --json)", n->cli.schema);
		return EXIT_USAGE;
	} else {
		schema_write(stdout, NSNET_SCHEMA, "nsnet --json", parts, ARRAY_SIZE(parts));
	}
	return EXIT_DONE;
}

static void print_json(const struct nsnet *n, const struct netrows *rows)
{
	struct json j;

	json_start(&j, stdout, true);
	json_begin_object(&j, NULL);
	json_head(&j, rows->ix->snap, NSNET_SCHEMA);
	json_begin_array(&j, "netns");
	for (size_t i = 0; i < rows->n_items; i++)
		json_record(&j, NULL, &netrow_desc, &rows->items[i], n->columns ? n->table.cols : NULL, n->table.n_cols);
	json_end_array(&j);
	json_end_object(&j);
}

static int show(struct nsnet *n, const struct index *ix, void *arg)
{
	struct table *t = &n->table;
	struct netrows rows;

	(void)arg;
	netrows_init(&rows, ix);
	for (uint32_t ns = 0; ns < ix->snap->n_namespaces; ns++)
		if (nsnet_selects(n, ix, ns))
			netrows_add(&rows, ns);
	t->rows = (const char *)rows.items;
	t->n_rows = rows.n_items;
	t->no_header = n->no_header;
	t->ascii = cli_ascii();
	t->dash = true;
	t->width = cli_width();
	if (n->json)
		print_json(n, &rows);
	else
		table_print(t, stdout);
	netrows_done(&rows);
	return 0;
}

enum exit_status nsnet_summary(struct nsnet *n, int argc, char **argv)
{
	bool answered;
	enum exit_status status;
	const char *bad;
	size_t bad_len;

	n->cli.summary = "Show every network namespace: one line each.";
	n->cli.synopsis = "[options] [TARGET...]";
	n->cli.opts = options;
	status = cli_parse(&n->cli, argc, argv, own_option, n, &answered);
	if (status != EXIT_DONE || answered)
		return status;
	if (n->cli.schema)
		return print_schema(n);
	n->table.desc = &netrow_desc;
	if (n->columns && !strcmp(n->columns, "help")) {
		table_help(&netrow_desc, stdout);
		return EXIT_DONE;
	}
	if (table_choose(&n->table, n->columns, usual_columns, &bad, &bad_len)) {
		cli_usage_error(&n->cli, "unknown column: %.*s (--output help lists them)", (int)bad_len, bad);
		return EXIT_USAGE;
	}
	return nsnet_look(n, table_wants(&n->table), show, NULL);
}
