// SPDX-License-Identifier: GPL-2.0-or-later
/* Rows: which, in which order, in which tree; as text and JSON. */
#include "nsls.h"
#include "output/json.h"

static bool is_target(const struct nsls *n, const struct index *ix, uint32_t ns)
{
	for (int i = 0; i < n->n_targets; i++) {
		const struct target *t = &n->targets[i];

		if (target_has_ns(ix, t, ns))
			return true;
	}
	return !n->n_targets;
}

static bool is_shown(const struct nsls *n, const struct index *ix, uint32_t ns)
{
	if (n->types && !(n->types & 1u << ix->snap->namespaces[ns].type))
		return false;
	if (n->persistent && ix->ns[ns].nprocs)
		return false;
	return is_target(n, ix, ns);
}

static void add_namespaces(const struct nsls *n, struct nsrows *rows)
{
	const struct snap *s = rows->ix->snap;
	CLEAN_MEM uint8_t *which = xcalloc(s->n_namespaces, 1);

	for (uint32_t i = 0; i < s->n_namespaces; i++)
		which[i] = is_shown(n, rows->ix, i);
	if (n->tree == NSTREE_PARENT || n->tree == NSTREE_OWNER)
		nstree_close(rows->ix, n->tree, which);
	for (uint32_t i = 0; i < s->n_namespaces; i++)
		if (which[i])
			nsrows_add(rows, i);
}

/* The processes of the one namespace that was asked for; false when there are none, or rows were asked for. */
static bool add_processes(const struct nsls *n, struct nsrows *rows)
{
	const struct ns_members *m;

	if (n->n_targets != 1 || n->targets[0].kind != TARGET_NS || n->keepers || n->inside || n->persistent)
		return false;
	m = &rows->ix->ns[n->targets[0].ns];
	for (uint32_t i = m->begin; i < m->begin + m->n; i++) {
		const struct snap_task *t = &rows->ix->snap->tasks[rows->ix->members[i]];

		if (t->tid == t->pid)
			nsrows_add_process(rows, n->targets[0].ns, rows->ix->members[i]);
	}
	return rows->n_items > 0;
}

/* --- JSON ----------------------------------------------------------------------------------------------------------- */

static void json_row(struct json *j, const struct nsls *n, const struct nsrow *row)
{
	json_record_open(j, NULL, &nsrow_desc, row, n->table.cols, n->table.n_cols);
}

/* In tree mode a row's "children" lie in it. */
static void json_tree(struct json *j, const struct nsls *n, const struct nsrows *rows)
{
	CLEAN_MEM struct table_node *nodes = nstree_nodes(rows, n->tree);
	CLEAN_MEM struct tree_row *order = tree_order(nodes, rows->n_items);
	uint32_t depth = 0; /* of the rows that are open */

	for (size_t i = 0; i < rows->n_items; i++) {
		if (i && order[i].depth > order[i - 1].depth) {
			json_begin_array(j, "children");
		} else if (i) {
			for (json_end_object(j); depth > order[i].depth; depth--) {
				json_end_array(j);
				json_end_object(j);
			}
		}
		depth = order[i].depth;
		json_row(j, n, &rows->items[order[i].row]);
	}
	if (rows->n_items)
		for (json_end_object(j); depth; depth--) {
			json_end_array(j);
			json_end_object(j);
		}
}

static void print_json(const struct nsls *n, const struct nsrows *rows)
{
	struct json j;

	json_start(&j, stdout, true);
	json_begin_object(&j, NULL);
	json_head(&j, rows->ix->snap, NSLS_SCHEMA);
	json_begin_array(&j, "namespaces");
	if (n->tree_asked)
		json_tree(&j, n, rows);
	else
		for (size_t i = 0; i < rows->n_items; i++)
			json_record(&j, NULL, &nsrow_desc, &rows->items[i], n->table.cols, n->table.n_cols);
	json_end_array(&j);
	json_end_object(&j);
}

/* --- text ----------------------------------------------------------------------------------------------------------- */

/* The widths that lsns hints at (sys-utils/lsns.c, infos[]) and the columns that it aligns right though they hold words. */
static const struct table_look lsns_looks[] = {
	{ "ns", 10, true },  { "type", 5, false },   { "nprocs", 5, true }, { "pid", 5, true },
	{ "ppid", 5, true }, { "netnsid", 0, true }, { "pns", 10, true },   { "ons", 10, true },
};

/* lsns draws its trees of processes in COMMAND, the others in NS. */
static size_t tree_column(const struct nsls *n)
{
	const struct field *f = desc_field(&nsrow_desc, n->tree == NSTREE_PROCESS ? "command" : "ns");
	size_t i = 0;

	while (i < n->table.n_cols && n->table.cols[i] != f)
		i++;
	return i;
}

/* Yellow: the host's; bold: shared with nobody, where sharing is asked about. The words say the same. */
static const char *row_color(const void *rec)
{
	const struct nsrow *row = rec;

	return row->initial ? "33" : NULL;
}

static const char *shared_color(const void *rec)
{
	const struct nsrow *row = rec;

	return row->initial ? "33" : row->n_shared ? NULL : "1";
}

/* One namespace that was asked for by its own name: all that is in there is listed. */
static bool is_single_inside(const struct nsls *n, const struct nsrows *rows)
{
	return n->inside && nsls_for_people(n) && n->n_targets == 1 && n->targets[0].kind == TARGET_NS && rows->n_items == 1;
}

static void print_text(struct nsls *n, const struct nsrows *rows)
{
	CLEAN_MEM struct table_node *nodes = n->tree == NSTREE_NONE ? NULL : nstree_nodes(rows, n->tree);
	struct table *t = &n->table;

	t->rows = (const char *)rows->items;
	t->n_rows = rows->n_items;
	t->raw = n->raw;
	t->no_header = n->no_header;
	t->wrap = !n->no_wrap;
	t->ascii = cli_ascii();
	t->dash = nsls_for_people(n);
	t->width = n->raw || n->no_cut ? 0 : cli_width();
	t->yields = n->columns ? NULL : "USER,NPROCS";
	if (n->cli.color)
		t->color = rows->target ? shared_color : row_color;
	t->looks = lsns_looks;
	t->n_looks = ARRAY_SIZE(lsns_looks);
	t->tree_col = tree_column(n);
	t->nodes = t->tree_col < t->n_cols ? nodes : NULL;
	if (is_single_inside(n, rows))
		inside_print(rows->items[0].inside, rows->items[0].type, rows->items[0].ns, t, stdout);
	else
		table_print(t, stdout);
}

/* --- all of it ------------------------------------------------------------------------------------------------------- */

static bool is_member_target(const struct target *t)
{
	return t->kind == TARGET_TASK || t->kind == TARGET_CONTAINER;
}

static int by_type_name(const void *a, const void *b)
{
	const struct nsrow *x = a, *y = b;

	return strcmp(x->type, y->type);
}

/* Nobody of it is here: a container that does not run. */
static bool is_empty_container(const struct nsls *n, const struct nsrows *rows)
{
	return n->n_targets == 1 && n->targets[0].kind == TARGET_CONTAINER && !rows->n_items;
}

static void show_columns(struct table *t, const char *columns)
{
	const char *bad;
	size_t bad_len;

	table_done(t);
	table_choose(t, NULL, columns, &bad, &bad_len);
}

int nsls_list(struct nsls *n, const struct index *ix)
{
	struct nsrows rows;
	int err = 0;

	nsrows_init(&rows, ix);
	rows.keepers = table_has(&n->table, "keepers");
	rows.inside = table_has(&n->table, "inside");
	rows.explain = nsls_for_people(n);
	if (table_has(&n->table, "shared") && n->n_targets == 1 && is_member_target(&n->targets[0]))
		rows.target = &n->targets[0];
	if (!add_processes(n, &rows)) {
		add_namespaces(n, &rows);
		if (n->empty_columns)
			show_columns(&n->table, n->empty_columns);
	}
	if (rows.target && nsls_for_people(n))
		sort_stable(rows.items, rows.n_items, sizeof(*rows.items), by_type_name);
	if (is_empty_container(n, &rows)) {
		cli_error(&n->cli, "container %s does not run: it has no processes, so no namespaces", n->cli.argv[0]);
		err = -ESRCH;
	} else if (n->json) {
		print_json(n, &rows);
	} else {
		print_text(n, &rows);
	}
	nsrows_done(&rows);
	return err;
}
