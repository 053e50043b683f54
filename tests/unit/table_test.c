// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "output/escape.h"
#include "output/table.h"
#include "output/wrap.h"
#include "unit/thing.h"

/* Rows that look like those of a process list. */
struct row {
	uint32_t ns;
	const char *type;
	int64_t pid;
	const char *id, *command;
};
#define ROW(member, knd, ...) \
	{ \
		.name = #member, .kind = knd, .off = offsetof(struct row, member), __VA_ARGS__ \
	}
static const struct field row_fields[] = {
	ROW(ns, F_U32), ROW(type, F_STR), ROW(pid, F_OPT), ROW(id, F_STR), ROW(command, F_STR, .flags = FF_CUT),
};
static DESC(row_desc, "row", struct row, "a row", row_fields);

static const struct row rows[] = {
	{ 4026531840, "mnt", 1, "unassigned", "/sbin/init" },
	{ 4026531833, "net", 4711, NULL, "nginx: master process" },
	{ 5, "cgroup", OPT_NONE, "3", NULL },
	{ 6, NULL, -EPERM, "", "a b\n\\x41漢" },
};

static struct table rows_table(const char *columns)
{
	struct table t = { .desc = &row_desc, .rows = (const char *)rows, .n_rows = sizeof(rows) / sizeof(rows[0]) };
	const char *bad;
	size_t bad_len;

	assert_int_equal(table_choose(&t, columns, "NS", &bad, &bad_len), 0);
	return t;
}

/* Print, compare, and forget the columns. */
static void expect(struct table *t, const char *expected)
{
	struct memory m;

	table_print(t, memory_open(&m));
	assert_string_equal(memory_take(&m), expected);
	free(m.text);
	table_done(t);
}

static void list(void **state)
{
	struct table t = rows_table("ns,type,pid,id,command");

	(void)state;
	expect(&t, "        NS TYPE    PID ID         COMMAND\n"
		   "4026531840 mnt       1 unassigned /sbin/init\n"
		   "4026531833 net    4711            nginx: master process\n"
		   "         5 cgroup      3          \n"
		   "         6           ?            a b\\x0a\\x5cx41漢\n");
}

static void list_without_header(void **state)
{
	struct table t = rows_table("COMMAND,NS");

	(void)state;
	t.no_header = true;
	t.ascii = true;
	t.n_rows = 2;
	expect(&t, "/sbin/init            4026531840\n"
		   "nginx: master process 4026531833\n");
}

static void no_rows(void **state)
{
	struct table t = rows_table("ns,pid");

	(void)state;
	t.n_rows = 0;
	expect(&t, "NS PID\n");
}

static void dashes(void **state)
{
	struct table t = rows_table("type,pid,id,command");

	(void)state;
	t.dash = true;
	t.ascii = true;
	expect(&t, "TYPE    PID ID         COMMAND\n"
		   "mnt       1 unassigned /sbin/init\n"
		   "net    4711 -          nginx: master process\n"
		   "cgroup    - 3          -\n"
		   "-         ? -          a b\\x0a\\x5cx41\\xe6\\xbc\\xa2\n");
}

/* As lsns -r: also a trailing empty cell has its blank, and all that is not plain ASCII is escaped. */
static void raw(void **state)
{
	struct table t = rows_table("ns,type,pid,id,command");

	(void)state;
	t.raw = true;
	t.dash = true; /* not here */
	t.width = 10;  /* nor this */
	expect(&t, "NS TYPE PID ID COMMAND\n"
		   "4026531840 mnt 1 unassigned /sbin/init\n"
		   "4026531833 net 4711  nginx:\\x20master\\x20process\n"
		   "5 cgroup  3 \n"
		   "6  ?  a\\x20b\\x0a\\x5cx41\\xe6\\xbc\\xa2\n");
}

/* lsns's PID column is 3 wide for small pids, and 5 as soon as one has four digits. */
static void looks(void **state)
{
	static const struct table_look look[] = { { "pid", 5, false }, { "id", 0, true } };
	struct table t = rows_table("pid,id,ns");

	(void)state;
	t.looks = look;
	t.n_looks = 2;
	t.n_rows = 2;
	expect(&t, "  PID         ID         NS\n"
		   "    1 unassigned 4026531840\n"
		   " 4711            4026531833\n");
	t = rows_table("pid,type");
	t.looks = look;
	t.n_looks = 2;
	t.n_rows = 1;
	expect(&t, "PID TYPE\n"
		   "  1 mnt\n");
}

static void cut_to_width(void **state)
{
	struct table t = rows_table("ns,command,pid");

	(void)state;
	t.width = 26; /* command: 10 */
	t.n_rows = 2;
	expect(&t, "        NS COMMAND     PID\n"
		   "4026531840 /sbin/init    1\n"
		   "4026531833 nginx: mas 4711\n");
	t = rows_table("ns,command");
	t.width = 17; /* 6: less than the header; neither the escape nor the wide character is split */
	expect(&t, "        NS COMMAN\n"
		   "4026531840 /sbin/\n"
		   "4026531833 nginx:\n"
		   "         5 \n"
		   "         6 a b\n");
}

/* First what may be cut, down to its header; then other text; numbers and headers never, even when the line gets too long. */
static void cut_in_rounds(void **state)
{
	struct table t = rows_table("ns,id,command");

	(void)state;
	t.n_rows = 2;
	t.width = 10 + 1 + 10 + 1 + 7;
	expect(&t, "        NS ID         COMMAND\n"
		   "4026531840 unassigned /sbin/i\n"
		   "4026531833            nginx: \n");
	t = rows_table("ns,id,command");
	t.n_rows = 2;
	t.width = 10 + 1 + 3 + 1 + 7;
	expect(&t, "        NS ID  COMMAND\n"
		   "4026531840 una /sbin/i\n"
		   "4026531833     nginx: \n");
	t = rows_table("ns,id,command,pid");
	t.n_rows = 2;
	t.width = 1;
	expect(&t, "        NS ID C  PID\n"
		   "4026531840 un /    1\n"
		   "4026531833    n 4711\n");
}

/* Columns that are not asked for by name give way to the rest, one after the other, and no more of them than must. */
static void give_way(void **state)
{
	struct table t = rows_table("ns,type,pid,id,command");

	(void)state;
	t.n_rows = 2;
	t.yields = "pid,id";
	t.width = 10 + 1 + 4 + 1 + 4 + 1 + 10 + 1 + 18;
	expect(&t, "        NS TYPE  PID ID         COMMAND\n"
		   "4026531840 mnt     1 unassigned /sbin/init\n"
		   "4026531833 net  4711            nginx: master proc\n");
	t = rows_table("ns,type,pid,id,command");
	t.n_rows = 2;
	t.yields = "pid,id";
	t.width = 10 + 1 + 4 + 1 + 10 + 1 + 18;
	expect(&t, "        NS TYPE ID         COMMAND\n"
		   "4026531840 mnt  unassigned /sbin/init\n"
		   "4026531833 net             nginx: master proc\n");
	t = rows_table("ns,type,pid,id,command");
	t.n_rows = 2;
	t.yields = "pid,id";
	t.width = 10 + 1 + 4 + 1 + 8;
	expect(&t, "        NS TYPE COMMAND\n"
		   "4026531840 mnt  /sbin/in\n"
		   "4026531833 net  nginx: m\n");
}

/* No line is wider than the terminal, for any width that numbers and headers leave room for. */
static void every_width(void **state)
{
	(void)state;
	for (size_t width = 25; width < 100; width++) {
		struct table t = rows_table("ns,type,pid,id,command");
		struct memory m;
		char *line, *rest;

		t.width = width;
		table_print(&t, memory_open(&m));
		for (line = strtok_r(memory_take(&m), "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
			assert_true(escaped_width(line) <= width);
		free(m.text);
		table_done(&t);
	}
}

static void tree(void **state)
{
	/*  0 and 3 are roots; 1 and 2 are the children of 0, and the last two rows hang below 1. */
	static const struct row many[] = { { 10, "a", 1, NULL, "root" },   { 11, "b", 2, NULL, "first child" },
					   { 12, "c", 3, NULL, "second" }, { 13, "d", 4, NULL, "alone" },
					   { 14, "e", 5, NULL, "grand" },  { 15, "f", 6, NULL, "grander" } };
	static const struct table_node nodes[] = { { TREE_ROOT }, { 0 }, { 0 }, { 77 }, { 1 }, { 1 } };
	static const struct table_node below_last[] = { { TREE_ROOT }, { 0 }, { 0 }, { 2 }, { 2 }, { 3 } };
	struct table t = rows_table("ns,command");

	(void)state;
	t.rows = (const char *)many;
	t.n_rows = 6;
	t.nodes = nodes;
	t.tree_col = 0; /* a number, but aligned left in the tree */
	expect(&t, "NS     COMMAND\n"
		   "10     root\n"
		   "├─11   first child\n"
		   "│ ├─14 grand\n"
		   "│ └─15 grander\n"
		   "└─12   second\n"
		   "13     alone\n");
	t = rows_table("ns,command");
	t.rows = (const char *)many;
	t.n_rows = 6;
	t.nodes = nodes;
	t.tree_col = 1;
	t.ascii = true;
	t.width = 10;
	expect(&t, "NS COMMAND\n"
		   "10 root\n"
		   "11 |-first\n"
		   "14 | |-gra\n"
		   "15 | `-gra\n"
		   "12 `-secon\n"
		   "13 alone\n");
	t = rows_table("command");
	t.rows = (const char *)many;
	t.n_rows = 6;
	t.nodes = below_last;
	t.no_header = true;
	expect(&t, "root\n"
		   "├─first child\n"
		   "└─second\n"
		   "  ├─alone\n"
		   "  │ └─grander\n"
		   "  └─grand\n");
	t = rows_table("ns,type");
	t.rows = (const char *)many;
	t.n_rows = 3;
	t.nodes = nodes;
	t.raw = true;
	expect(&t, "NS TYPE\n"
		   "10 a\n"
		   "\\xe2\\x94\\x9c\\xe2\\x94\\x8011 b\n"
		   "\\xe2\\x94\\x94\\xe2\\x94\\x8012 c\n");
}

/* Forged parents: a cycle's rows are roots, what hangs on one hangs there, and every row comes once. */
static void cycles(void **state)
{
	static const struct table_node nodes[] = { { 1 }, { 2 }, { 0 }, { 1 }, { 4 }, { 4 }, { TREE_ROOT } };
	static const uint32_t row[] = { 0, 1, 3, 2, 4, 5, 6 };
	static const uint32_t depth[] = { 0, 0, 1, 0, 0, 1, 0 };
	struct tree_row *order = tree_order(nodes, 7);

	(void)state;
	for (size_t i = 0; i < 7; i++) {
		assert_int_equal(order[i].row, row[i]);
		assert_int_equal(order[i].depth, depth[i]);
	}
	free(order);
}

/* All parents of five rows that there can be. */
static void every_small_tree(void **state)
{
	struct table_node nodes[5];

	(void)state;
	for (unsigned int code = 0; code < 7776; code++) {
		unsigned int c = code, seen = 0;
		struct tree_row *order;

		for (size_t i = 0; i < 5; i++, c /= 6)
			nodes[i].parent = c % 6 == 5 ? TREE_ROOT : c % 6;
		order = tree_order(nodes, 5);
		for (size_t i = 0; i < 5; i++) {
			seen |= 1u << order[i].row;
			assert_true(order[i].depth == 0 || (i && order[i].depth <= order[i - 1].depth + 1));
		}
		assert_int_equal(seen, 31);
		free(order);
	}
	free(tree_order(nodes, 0));
}

enum { MANY = 50000 };

static double seconds_to_print(struct table *t)
{
	struct timespec a, b;
	FILE *f = fopen("/dev/null", "w");

	assert_non_null(f);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	table_print(t, f);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	fclose(f);
	return (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
}

/* One chain of 50,000 and one list: what is quadratic takes minutes. */
static void many_rows(void **state)
{
	struct row *many = calloc(MANY, sizeof(*many));
	struct table_node *nodes = calloc(MANY, sizeof(*nodes));
	struct table t = rows_table("ns,type,pid,id,command");

	(void)state;
	assert_true(many && nodes);
	for (uint32_t i = 0; i < MANY; i++) {
		many[i] = rows[i % 4];
		nodes[i].parent = i ? i - 1 : TREE_ROOT;
	}
	t.rows = (const char *)many;
	t.n_rows = MANY;
	t.width = 80;
	assert_true(seconds_to_print(&t) < 5);
	t.nodes = nodes;
	assert_true(seconds_to_print(&t) < 20);
	table_done(&t);
	free(nodes);
	free(many);
}

static void choosing(void **state)
{
	static const char spec[] = "U32,frob,str";
	struct table t = { .desc = &thing_desc };
	const char *bad = NULL;
	size_t bad_len = 0;

	(void)state;
	assert_int_equal(table_choose(&t, "+u64", "STR,u32", &bad, &bad_len), 0);
	assert_int_equal(t.n_cols, 3);
	assert_string_equal(t.cols[2]->name, "u64");
	assert_int_equal(table_wants(&t), 7);
	assert_true(table_has(&t, "STR"));
	assert_false(table_has(&t, "flags"));
	table_done(&t);
	assert_int_equal(table_wants(&t), 0);
	assert_int_equal(table_choose(&t, NULL, "STR,U32", &bad, &bad_len), 0);
	assert_int_equal(t.n_cols, 2);
	table_done(&t);
	assert_int_equal(table_choose(&t, spec, "STR", &bad, &bad_len), -ENOENT);
	assert_ptr_equal(bad, spec + 4);
	assert_int_equal(bad_len, 4);
	assert_int_equal(table_choose(&t, "", "STR", &bad, &bad_len), -ENOENT);
	assert_int_equal(table_choose(&t, "+", "STR", &bad, &bad_len), -ENOENT);
	assert_int_equal(table_choose(&t, "STR,", "STR", &bad, &bad_len), -ENOENT);
	assert_int_equal(bad_len, 0);
	assert_int_equal(table_choose(&t, "st", "STR", &bad, &bad_len), -ENOENT);
	assert_int_equal(table_choose(&t, "hidden", "STR", &bad, &bad_len), -ENOENT);
	table_done(&t);
}

static void expect_cell(const char *field, const struct thing *t, const char *expected)
{
	const struct field *f = desc_field(&thing_desc, field);
	char buf[128], small[4];

	assert_int_equal(cell_text(f, t, buf, sizeof(buf)), strlen(expected));
	assert_string_equal(buf, expected);
	cell_text(f, t, small, sizeof(small));
	assert_int_equal(strlen(small), strlen(expected) < 3 ? strlen(expected) : 3);
	assert_memory_equal(small, expected, strlen(small));
	if (!f->text)
		assert_int_equal(cell_text(f, t, NULL, 0), strlen(expected));
}

static void cells(void **state)
{
	struct thing full = thing_full(), none = thing_empty(), denied = thing_empty();

	(void)state;
	denied.opt = denied.opt_zero = -EPERM;
	denied.nsref = denied.nsref_zero = EPERM;
	static const struct {
		const char *field, *full, *none, *denied;
	} table[] = {
		{ "str", "text", "", NULL },
		{ "u32", "4294967295", "0", NULL },
		{ "u64", "4503599627370496", "0", NULL },
		{ "id64", "18446744073709551615", "", NULL },
		{ "integer", "-2147483648", "0", NULL },
		{ "opt", "9223372036854775807", "", "?" },
		{ "opt_zero", "7", "0", "?" },
		{ "nsref", "4026531840", "", "?" },
		{ "nsref_zero", "4294967295", "0", "?" },
		{ "text", "<t>", "<>", NULL },
		{ "boolean", "yes", "no", NULL },
		{ "kind", "second", "first", NULL },
		{ "flags", "red,blue", "", NULL },
		{ "err", "EADDRINUSE", "", NULL },
		{ "time", "2026-11-23T09:12:44.5Z", "", NULL },
		{ "u32s", "1,0,4294967295", "", NULL },
		{ "strs", "one,,t\xff", "", NULL },
		{ "rec", "a \"b\"", "", NULL },
		{ "recs", "a \"b\",", "", NULL },
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		expect_cell(table[i].field, &full, table[i].full);
		expect_cell(table[i].field, &none, table[i].none);
		if (table[i].denied)
			expect_cell(table[i].field, &denied, table[i].denied);
	}
}

static char *long_text;
static void write_long_text(const void *rec, char *buf, size_t size)
{
	(void)rec;
	snprintf(buf, size, "%s", long_text);
}

/* A cell longer than any buffer that one would have guessed, of both kinds. */
static void long_cells(void **state)
{
	const struct field fields[] = {
		{ .name = "a", .kind = F_STRS, .off = offsetof(struct thing, strs), .off_n = offsetof(struct thing, n_strs) },
		{ .name = "b", .kind = F_REC, .off = offsetof(struct thing, rec), .rec = &part_desc, .text = write_long_text },
	};
	DESC(desc, "long", struct thing, "", fields);
	struct thing row = thing_empty();
	struct table t = { .desc = &desc, .rows = (const char *)&row, .n_rows = 1, .raw = true, .no_header = true };
	const char *strs[1];
	struct memory m;

	(void)state;
	long_text = malloc(100001);
	assert_non_null(long_text);
	memset(long_text, 'x', 100000);
	long_text[100000] = '\0';
	strs[0] = long_text;
	row.strs = strs;
	row.n_strs = 1;
	table_add_col(&t, &fields[0]);
	table_add_col(&t, &fields[1]);
	for (int is_raw = 0; is_raw < 2; is_raw++) {
		t.raw = is_raw;
		table_print(&t, memory_open(&m));
		memory_take(&m);
		assert_int_equal(m.len, 200002);
		free(m.text);
	}
	table_done(&t);
	free(long_text);
}

/* A list is cut behind a whole item, and says that there are more. */
static void cut_lists(void **state)
{
	static const char *const strs[] = { "10.0.0.5/24", "172.17.0.1/16", "fd00::5/64" };
	const struct field fields[] = { { .name = "a",
					  .kind = F_STRS,
					  .off = offsetof(struct thing, strs),
					  .off_n = offsetof(struct thing, n_strs),
					  .flags = FF_CUT } };
	const struct {
		size_t width;
		bool ascii;
		const char *shown;
	} rows_[] = { { 99, false, "10.0.0.5/24,172.17.0.1/16,fd00::5/64\n" },
		      { 35, false, "10.0.0.5/24,172.17.0.1/16 …\n" },
		      { 26, false, "10.0.0.5/24 …\n" },
		      { 26, true, "10.0.0.5/24 +\n" },
		      { 12, false, "10.0.0.5/24…\n" },
		      { 11, false, "10.0.0.5/2…\n" },
		      { 11, true, "10.0.0.5/2+\n" } };
	DESC(desc, "lists", struct thing, "", fields);
	struct thing row = thing_empty();

	(void)state;
	row.strs = strs;
	row.n_strs = 3;
	for (size_t i = 0; i < sizeof(rows_) / sizeof(rows_[0]); i++) {
		struct table t = { .desc = &desc, .rows = (const char *)&row, .n_rows = 1, .no_header = true };

		table_add_col(&t, fields);
		t.width = rows_[i].width;
		t.ascii = rows_[i].ascii;
		expect(&t, rows_[i].shown);
	}
}

static void check_wrap_owed(const char *text, size_t at, size_t owed, size_t indent, size_t width, const char *expected)
{
	char copy[200];
	struct memory m;

	snprintf(copy, sizeof(copy), "%s", text);
	wrap_text(memory_open(&m), copy, at, owed, indent, width);
	assert_string_equal(memory_take(&m), expected);
	assert_string_equal(copy, text);
	free(m.text);
}

static void check_wrap(const char *text, size_t at, size_t indent, size_t width, const char *expected)
{
	check_wrap_owed(text, at, 0, indent, width, expected);
}

static void wraps(void **state)
{
	(void)state;
	check_wrap("", 10, 4, 20, "");
	check_wrap(" one two", 10, 4, 20, " one two");
	check_wrap(" one two three", 10, 4, 20, " one two\n    three");
	check_wrap(" ((a,1),(b,2),(c,3))", 0, 2, 10, " ((a,1),\n  (b,2),\n  (c,3))");
	check_wrap(" too-long-for-any-line x", 10, 4, 12, "\n    too-long-for-any-line\n    x");
	check_wrap(" no-room-at-indent", 50, 51, 60, "\n        no-room-at-indent");
	check_wrap(" one\n\ttwo three", 3, 4, 14, " one\n\ttwo\n        three");
	check_wrap(" 漢字漢字 漢字", 0, 1, 10, " 漢字漢字\n 漢字");
	check_wrap("   ", 9, 1, 10, "");
	check_wrap(" one \n\ttwo  \n", 3, 4, 14, " one\n\ttwo\n");
	check_wrap(" one  two ", 3, 4, 8, " one\n    two");
	check_wrap_owed("one", 10, 3, 4, 20, "   one");
	check_wrap_owed("", 10, 3, 4, 20, "");
	check_wrap_owed(" does-not-fit", 18, 3, 4, 20, "\n    does-not-fit");
}

static void help(void **state)
{
	struct memory m;

	(void)state;
	table_help(&thing_desc, memory_open(&m));
	memory_take(&m);
	assert_non_null(strstr(m.text, "STR                text    the str\n"));
	assert_non_null(strstr(m.text, "\nNSREF              number  the nsref\n"));
	assert_non_null(strstr(m.text, "\nTIME               time    the time\n"));
	assert_null(strstr(m.text, "HIDDEN"));
	free(m.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list),
		cmocka_unit_test(list_without_header),
		cmocka_unit_test(no_rows),
		cmocka_unit_test(dashes),
		cmocka_unit_test(raw),
		cmocka_unit_test(looks),
		cmocka_unit_test(cut_to_width),
		cmocka_unit_test(cut_in_rounds),
		cmocka_unit_test(cut_lists),
		cmocka_unit_test(wraps),
		cmocka_unit_test(give_way),
		cmocka_unit_test(every_width),
		cmocka_unit_test(tree),
		cmocka_unit_test(cycles),
		cmocka_unit_test(every_small_tree),
		cmocka_unit_test(many_rows),
		cmocka_unit_test(choosing),
		cmocka_unit_test(cells),
		cmocka_unit_test(long_cells),
		cmocka_unit_test(help),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
