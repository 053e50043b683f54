// SPDX-License-Identifier: GPL-2.0-or-later
/* The screen in memory: clipping, wide and combining characters, what changed. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "screen/grid.h"
#include "util/util.h"

static void expect_row(const struct grid *g, int row, const char *want)
{
	char buf[256];

	grid_text(g, row, buf, sizeof(buf));
	assert_string_equal(buf, want);
}

static void test_clips(void **state)
{
	struct grid g;

	(void)state;
	grid_init(&g, 2, 5);
	assert_int_equal(grid_put(&g, 0, 2, 99, STYLE_PLAIN, "abcdef"), 3);
	expect_row(&g, 0, "  abc");
	assert_int_equal(grid_put(&g, 0, 0, 1, STYLE_PLAIN, "xyz"), 1);
	expect_row(&g, 0, "x abc");
	grid_put(&g, 2, 0, 5, STYLE_PLAIN, "out");
	grid_put(&g, -1, 0, 5, STYLE_PLAIN, "out");
	grid_put(&g, 1, 7, 5, STYLE_PLAIN, "out");
	grid_put(&g, 1, -1, 5, STYLE_PLAIN, "out");
	grid_fill(&g, 1, 4, 900, STYLE_BAR, '=');
	grid_paint(&g, 7, 0, 3, STYLE_BAR);
	expect_row(&g, 1, "    =");
	grid_done(&g);
}

static void test_wide(void **state)
{
	struct grid g;

	(void)state;
	grid_init(&g, 1, 6);
	assert_int_equal(grid_put(&g, 0, 0, 5, STYLE_PLAIN, "日本語"), 4); /* the third would be cut in half */
	expect_row(&g, 0, "日本");
	assert_int_equal(grid_cell(&g, 0, 1)->ch[0], 0);
	grid_put(&g, 0, 1, 1, STYLE_PLAIN, "x"); /* over a right half: its left one goes */
	expect_row(&g, 0, " x本");
	grid_put(&g, 0, 2, 1, STYLE_PLAIN, "y"); /* over a left half */
	expect_row(&g, 0, " xy");
	grid_clear(&g);
	grid_put(&g, 0, 0, 6, STYLE_PLAIN, "e\xcc\x81\xcc\x82\xcc\x83t"); /* three marks: two are kept */
	expect_row(&g, 0, "e\xcc\x81\xcc\x82t");
	grid_clear(&g);
	grid_put(&g, 0, 0, 6, STYLE_PLAIN, "\xcc\x81t"); /* a mark on nothing */
	expect_row(&g, 0, "t");
	grid_done(&g);
}

static void test_fields(void **state)
{
	struct grid g;

	(void)state;
	grid_init(&g, 1, 8);
	grid_field(&g, 0, 0, 4, STYLE_HEADER, true, "ab");
	grid_field(&g, 0, 4, 4, STYLE_PLAIN, false, "cdefgh");
	expect_row(&g, 0, "  abcdef");
	assert_int_equal(grid_cell(&g, 0, 0)->style, STYLE_HEADER);
	grid_field(&g, 0, 0, 2, STYLE_PLAIN, true, "日本");
	expect_row(&g, 0, "日abcdef");
	grid_done(&g);
}

/* Bytes that escape() would never let through must do no harm either. */
static void test_raw_bytes(void **state)
{
	struct grid g;
	char buf[64];

	(void)state;
	grid_init(&g, 1, 8);
	grid_put(&g, 0, 0, 8, STYLE_PLAIN, "\x1b[2J\xe6\x97");
	grid_text(&g, 0, buf, sizeof(buf));
	assert_null(strchr(buf, 0x1b));
	grid_done(&g);
}

static void test_differs(void **state)
{
	struct grid a, b;
	int from, to;

	(void)state;
	grid_init(&a, 2, 8);
	grid_init(&b, 2, 8);
	assert_false(grid_differs(&a, &b, 0, &from, &to));
	grid_put(&a, 0, 2, 4, STYLE_PLAIN, "xy");
	assert_true(grid_differs(&a, &b, 0, &from, &to));
	assert_int_equal(from, 2);
	assert_int_equal(to, 4);
	assert_false(grid_differs(&a, &b, 1, &from, &to));
	grid_paint(&b, 1, 7, 1, STYLE_BAR);
	assert_true(grid_differs(&a, &b, 1, &from, &to));
	assert_int_equal(from, 7);
	grid_clear(&a);
	grid_clear(&b);
	grid_put(&a, 0, 0, 8, STYLE_PLAIN, "日");
	grid_put(&b, 0, 0, 8, STYLE_PLAIN, "日");
	grid_paint(&b, 0, 1, 1, STYLE_BAR); /* only the right half: the character is drawn whole */
	assert_true(grid_differs(&a, &b, 0, &from, &to));
	assert_int_equal(from, 0);
	assert_int_equal(to, 2);
	grid_done(&a);
	grid_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clips),     cmocka_unit_test(test_wide),    cmocka_unit_test(test_fields),
		cmocka_unit_test(test_raw_bytes), cmocka_unit_test(test_differs),
	};

	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
