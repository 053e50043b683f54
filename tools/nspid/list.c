// SPDX-License-Identifier: GPL-2.0-or-later
/* Processes: one in words, many as a table or tree; JSON. */
#include "nspid.h"
#include "output/escape.h"
#include "output/json.h"

/* --- JSON ------------------------------------------------------------------------------------------------------------- */

static void print_json(const struct nspid *n, const struct pidrows *rows)
{
	struct json j;

	json_start(&j, stdout, true);
	json_begin_object(&j, NULL);
	json_head(&j, rows->ix->snap, NSPID_SCHEMA);
	json_begin_array(&j, "processes");
	for (size_t i = 0; i < rows->n_items; i++)
		json_record(&j, NULL, &pidrow_desc, &rows->items[i], n->table.cols, n->table.n_cols);
	json_end_array(&j);
	json_end_object(&j);
}

/* --- in words ------------------------------------------------------------------------------------------------------------ */

static void put_text(const char *text)
{
	escape_to(stdout, text, strlen(text), cli_ascii() ? ESC_ASCII : 0);
}

static void print_levels(const struct nspid *n, const struct pidrow *row)
{
	struct table t = { .desc = &pidlevel_desc,
			   .rows = (const char *)row->levels,
			   .n_rows = row->n_levels,
			   .dash = true,
			   .no_header = n->no_header,
			   .ascii = cli_ascii(),
			   .width = cli_width() };
	const char *bad;
	size_t len;

	table_choose(&t, NULL, "LEVEL,PIDNS,PID,TGID,PGID,SID,CONTAINER", &bad, &len);
	table_print(&t, stdout);
	table_done(&t);
}

static void print_words(const struct snap *s, const struct pidrow *row)
{
	char buf[8192];

	pidrow_words(row, s, buf, sizeof(buf));
	put_text(buf);
	putchar('\n');
}

static void print_details(const struct nspid *n, const struct pidrow *row)
{
	char command[4096], inner[32];

	print_levels(n, row);
	cell_text(desc_field(&pidrow_desc, "inner_user"), row, inner, sizeof(inner));
	cell_text(desc_field(&pidrow_desc, "command"), row, command, sizeof(command));
	fputs("user ", stdout);
	put_text(row->user);
	printf(" (%s inside), parent %u, command ",
	       *inner                       ? inner
	       : OPT_DENIED(row->inner_uid) ? "unknown"
					    : "not mapped",
	       (unsigned int)row->ppid);
	put_text(command);
	putchar('\n');
}

/* Several get a line each; one is described. */
static void describe(const struct nspid *n, const struct pidrows *rows)
{
	for (size_t i = 0; i < rows->n_items; i++)
		print_words(rows->ix->snap, &rows->items[i]);
	if (rows->n_items == 1)
		print_details(n, &rows->items[0]);
}

/* --- tables ---------------------------------------------------------------------------------------------------------------- */

static void print_table(struct nspid *n, struct pidrows *rows)
{
	CLEAN_MEM struct table_node *nodes = n->tree ? nspid_tree(rows) : NULL;
	const struct field *command = desc_field(&pidrow_desc, "command");
	struct table *t = &n->table;

	t->rows = (const char *)rows->items;
	t->n_rows = rows->n_items;
	t->no_header = n->no_header;
	t->ascii = cli_ascii();
	t->dash = true;
	t->width = cli_width();
	t->yields = n->columns ? NULL : "INNER_USER,STARTED,USER";
	for (t->tree_col = 0; t->tree_col < t->n_cols && t->cols[t->tree_col] != command;)
		t->tree_col++;
	t->nodes = t->tree_col < t->n_cols ? nodes : NULL;
	table_print(t, stdout);
}

/* --- all of it --------------------------------------------------------------------------------------------------------------- */

static bool is_described(const struct nspid *n)
{
	for (int i = 0; i < n->n_targets; i++)
		if (n->targets[i].kind != TARGET_TASK)
			return false;
	return n->n_targets && !n->columns && !n->threads && !n->tree;
}

static void add_rows(const struct nspid *n, struct pidrows *rows)
{
	const struct index *ix = rows->ix;

	if (is_described(n)) { /* in the order that was asked for */
		for (int i = 0; i < n->n_targets; i++)
			pidrows_add(rows, n->targets[i].task);
		return;
	}
	for (uint32_t i = 0; i < ix->snap->n_tasks; i++)
		if (nspid_selects(n, ix, i))
			pidrows_add(rows, i);
}

static bool any_for_children(const struct pidrows *rows)
{
	for (size_t i = 0; i < rows->n_items; i++)
		if (NSREF_KNOWN(rows->items[i].pid_for_children))
			return true;
	return false;
}

/* What is rare gets its column where it happens. */
static void add_rare_column(struct nspid *n, const struct pidrows *rows)
{
	struct table *t = &n->table;

	if (n->json || n->columns || !any_for_children(rows))
		return;
	table_add_col(t, t->cols[t->n_cols - 1]);
	t->cols[t->n_cols - 2] = desc_field(&pidrow_desc, "pid_for_children"); /* the command stays last */
}

static int say_empty(const struct nspid *n)
{
	const char *word = n->n_targets ? n->cli.argv[0] : "this host";

	if (n->n_targets == 1 && n->targets[0].kind == TARGET_CONTAINER)
		cli_error(&n->cli, "container %s does not run: it has no processes", word);
	else
		cli_error(&n->cli, "no process is in %s", word);
	return -ESRCH;
}

int nspid_list(struct nspid *n, const struct index *ix)
{
	struct pidrows rows;
	int err = 0;

	pidrows_init(&rows, ix);
	if (n->n_targets == 1 && n->targets[0].kind != TARGET_TASK)
		rows.pidns = nspid_pidns(ix, &n->targets[0]);
	add_rows(n, &rows);
	add_rare_column(n, &rows);
	if (!rows.n_items)
		err = say_empty(n);
	else if (n->json)
		print_json(n, &rows);
	else if (is_described(n))
		describe(n, &rows);
	else
		print_table(n, &rows);
	pidrows_done(&rows);
	return err;
}
