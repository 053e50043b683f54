// SPDX-License-Identifier: GPL-2.0-or-later
/* nsnet without a sub-command: one line a network namespace; with -J all that is in them. */
#include "nsnet.h"
#include "view/netdoc.h"
#include "view/netrow.h"

static const char usual_columns[] = "NETNS,CONTAINER,NAMES,ADDRESSES,DEFAULT_VIA,LISTEN,CONN,RX/TX";

static void print_rows_json(const struct nsnet *n, const struct netrows *rows)
{
	struct json j;

	json_start(&j, stdout, true);
	json_begin_object(&j, NULL);
	json_head(&j, rows->ix->snap, NSNET_SUMMARY_SCHEMA);
	json_begin_array(&j, "netns");
	for (size_t i = 0; i < rows->n_items; i++)
		json_record(&j, NULL, &netrow_desc, &rows->items[i], n->table.cols, n->table.n_cols);
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
	t->yields = n->columns ? NULL : "RX/TX,NAMES,CONN,DEFAULT_VIA";
	if (n->json)
		print_rows_json(n, &rows);
	else
		table_print(t, stdout);
	netrows_done(&rows);
	return 0;
}

enum exit_status nsnet_show_summary(struct nsnet *n)
{
	enum exit_status status;

	if (n->json && !n->columns)
		return nsnet_show_all(n);
	status = nsnet_choose_columns(n, &netrow_desc, usual_columns);
	return status == EXIT_DONE ? nsnet_look(n, table_wants(&n->table), show, NULL) : status;
}
