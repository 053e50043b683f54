// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "util/idmap.h"
#include "util/intern.h"
#include "util/util.h"
#include "util/words.h"

static void a_typed_number_is_digits_alone(void **state)
{
	static const char *const wrong[] = { "", " 1", "1 ", "+1", "-1", "0x1", "1.0", "1a", "99999999999999999999x" };
	uint64_t v = 7;
	uint32_t small = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(parse_u64(wrong[i], UINT64_MAX, &v), -EINVAL);
	assert_int_equal(parse_u64("18446744073709551616", UINT64_MAX, &v), -ERANGE);
	assert_int_equal(parse_u64("101", 100, &v), -ERANGE);
	assert_int_equal(v, 7); /* untouched */
	assert_int_equal(parse_u64("18446744073709551615", UINT64_MAX, &v), 0);
	assert_true(v == UINT64_MAX);
	assert_int_equal(parse_u32("4294967296", &small), -ERANGE);
	assert_int_equal(small, 7);
	assert_int_equal(parse_u32("4294967295", &small), 0);
	assert_int_equal(small, UINT32_MAX);
}

static int by_tens(const void *a, const void *b)
{
	return *(const int *)a / 10 - *(const int *)b / 10;
}

/* The last digit is the place among equals: sorted by tens alone, the whole comes out ascending. */
static void what_compares_equal_stays_in_its_order(void **state)
{
	static const int keys[] = { 3, 0, 3, 1, 2, 2, 0, 3, 1, 0, 4, 0, 0, 3, 5, 1, 2 };
	int v[ARRAY_SIZE(keys)], seen[6];

	(void)state;
	for (size_t n = 0; n <= ARRAY_SIZE(keys); n++) {
		memset(seen, 0, sizeof(seen));
		for (size_t i = 0; i < n; i++)
			v[i] = 10 * keys[i] + seen[keys[i]]++;
		sort_stable(v, n, sizeof(*v), by_tens);
		for (size_t i = 1; i < n; i++)
			assert_true(v[i - 1] < v[i]);
		for (size_t i = 0; i < n; i++)
			assert_true(--seen[v[i] / 10] >= 0);
	}
}

static void numbers_of_a_line_end_where_they_end(void **state)
{
	uint64_t v[3];

	(void)state;
	assert_int_equal(words_numbers("32768\t60999\n", v, 3), 2);
	assert_int_equal(v[0], 32768);
	assert_int_equal(v[1], 60999);
	assert_int_equal(words_numbers(" 1 2 3 4", v, 3), 3);
	assert_int_equal(words_numbers("1\n2", v, 3), 1); /* the first line alone */
	assert_int_equal(words_numbers("1 -2 3", v, 3), 1);
	assert_int_equal(words_numbers("18446744073709551616", v, 3), 0);
	assert_int_equal(words_numbers("18446744073709551615", v, 3), 1);
	assert_int_equal(words_numbers("", v, 3), 0);
	assert_int_equal(words_numbers("1", v, 0), 0);
}

static void a_map_holds_what_was_added_first_and_set_last(void **state)
{
	struct idmap m = { 0 };

	(void)state;
	assert_int_equal(idmap_get(&m, 0), IDMAP_NONE);
	for (uint32_t i = 0; i < 100000; i++)
		assert_int_equal(idmap_add(&m, (uint64_t)i << 12, i), i);
	for (uint32_t i = 0; i < 100000; i++)
		assert_int_equal(idmap_add(&m, (uint64_t)i << 12, 1), i);
	idmap_set(&m, 0, 5);
	assert_int_equal(idmap_get(&m, 0), 5);
	assert_int_equal(idmap_get(&m, 1), IDMAP_NONE);
	assert_int_equal(idmap_get(&m, UINT64_MAX), IDMAP_NONE);
	idmap_done(&m);
}

static void a_text_is_kept_once_whatever_is_in_it(void **state)
{
	struct arena a = { 0 };
	struct intern in = { .arena = &a };
	const char *whole = intern_text(&in, "a\0b", 3), *empty = intern_text(&in, "", 0);

	(void)state;
	assert_ptr_equal(intern_text(&in, "a\0b", 3), whole);
	assert_memory_equal(whole, "a\0b", 4);
	assert_ptr_not_equal(intern_text(&in, "a", 1), whole);
	assert_ptr_equal(intern_text(&in, "", 0), empty);
	assert_int_equal(*empty, '\0');
	assert_null(intern_addr(&in, 0, "\x7f\0\0\1"));
	intern_done(&in);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_typed_number_is_digits_alone),
		cmocka_unit_test(what_compares_equal_stays_in_its_order),
		cmocka_unit_test(numbers_of_a_line_end_where_they_end),
		cmocka_unit_test(a_map_holds_what_was_added_first_and_set_last),
		cmocka_unit_test(a_text_is_kept_once_whatever_is_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
