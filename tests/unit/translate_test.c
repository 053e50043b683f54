// SPDX-License-Identifier: GPL-2.0-or-later
/* Lines of logs, and the lives of processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "translate/line.h"
#include "translate/lives.h"

/* --- lines -------------------------------------------------------------------------------------------------------------- */

/* Everybody but 9 is known: N is N + 1000 on the host; 8 is gone. */
static bool find(void *arg, uint32_t nr, struct line_pid *out)
{
	(void)arg;
	*out = (struct line_pid){ "host", nr + 1000, nr == 8 };
	return nr != 9;
}

static void check(const struct line_rules *rules, const char *line, size_t len, const char *want, size_t want_len)
{
	struct line_out out = { 0 };

	line_translate(rules, line, len, &out);
	assert_int_equal(out.n_items, want_len);
	assert_memory_equal(out.items, want, want_len);
	free(out.items);
}

#define CHECK(rules, line, want) check(rules, line, sizeof(line) - 1, want, sizeof(want) - 1)

static void test_usual_ways(void **state)
{
	const struct line_rules rules = { .find = find };

	(void)state;
	CHECK(&rules, "pid 7", "pid 7(host 1007)");
	CHECK(&rules, "pid=8 Pid: 7 PID #7", "pid=8(host 1008, gone) Pid: 7(host 1007) PID #7(host 1007)");
	CHECK(&rules, "{\"pid\": 7, \"ppid\":1}", "{\"pid\": 7(host 1007), \"ppid\":1(host 1001)}");
	CHECK(&rules, "[7] x[8]: [    7] [    T7]", "[7(host 1007)] x[8(host 1008, gone)]: [    7(host 1007)] [    T7(host 1007)]");
	CHECK(&rules, "7#8: *1", "7(host 1007)#8: *1");
	CHECK(&rules, "Killed process 7 (x), child 7.", "Killed process 7(host 1007) (x), child 7(host 1007).");
	CHECK(&rules, "pid\t7", "pid\t7(host 1007)");
}

static void test_what_stays(void **state)
{
	const struct line_rules rules = { .find = find };

	(void)state;
	CHECK(&rules, "", "");
	CHECK(&rules, "pid", "pid");
	CHECK(&rules, "pid 9 [9] 9#9", "pid 9 [9] 9#9");
	CHECK(&rules, "pid7 rapid 7 xpid=7 pid_7 pids 7 pid -7", "pid7 rapid 7 xpid=7 pid_7 pids 7 pid -7");
	CHECK(&rules, "pid 7.5 pid 7a pid 0 pid 07 pid 4194305 pid 99999999",
	      "pid 7.5 pid 7a pid 0 pid 07 pid 4194305 pid 99999999");
	CHECK(&rules, "[7 [7, 7] [1.2] 1.7#7 a7#7 7# #7", "[7 [7, 7] [1.2] 1.7#7 a7#7 7# #7");
	CHECK(&rules, "pid 7(host 1007)", "pid 7(host 1007)");
	CHECK(&rules, "\xff\0\x80pid 7", "\xff\0\x80pid 7"); /* a byte above 127 may be a letter */
	CHECK(&rules, "\xff\0pid 7\0", "\xff\0pid 7(host 1007)\0");
}

static void test_pattern(void **state)
{
	struct line_rules rules = { .find = find };
	regex_t re;

	(void)state;
	assert_int_equal(regcomp(&re, "<([0-9]*)>|w([0-9]+)", REG_EXTENDED), 0);
	rules.pattern = &re;
	CHECK(&rules, "<7> w8 <> <x> pid 7", "<7(host 1007)> w8(host 1008, gone) <> <x> pid 7");
	rules.rewrite = true;
	CHECK(&rules, "<7><7>\0<7>", "<1007><1007>\0<1007>");
	regfree(&re);
	assert_int_equal(regcomp(&re, "(x*)", REG_EXTENDED), 0); /* matches nothing, everywhere */
	CHECK(&rules, "abc 7", "abc 7");
	regfree(&re);
}

/* --- lives ---------------------------------------------------------------------------------------------------------------- */

static bool anybody(const struct life *x, void *arg)
{
	(void)x, (void)arg;
	return true;
}

static bool in_ns(const struct life *x, void *arg)
{
	return x->ns == *(const uint32_t *)arg;
}

static void test_the_youngest_counts(void **state)
{
	struct lives l;

	(void)state;
	lives_init(&l, 100);
	assert_null(lives_by_nr(&l, 7, anybody, NULL, false));
	lives_born(&l, 4755, 0, 1, 7, 100);
	lives_born(&l, 4755, 0, 1, 7, 100); /* told twice */
	assert_int_equal(l.n_items, 1);
	assert_int_equal(lives_by_nr(&l, 7, anybody, NULL, true)->host, 4755);
	lives_died(&l, 4755, 50);
	lives_died(&l, 4755, 60);
	assert_int_equal(lives_by_nr(&l, 7, anybody, NULL, true)->died, 50);
	lives_born(&l, 5000, 0, 1, 7, 200); /* the number comes again */
	assert_int_equal(lives_by_nr(&l, 7, anybody, NULL, true)->host, 5000);
	lives_born(&l, 4755, 0, 1, 8, 300); /* and on the host */
	assert_int_equal(lives_by_host(&l, 4755, anybody, NULL)->nr, 8);
	lives_done(&l);
}

static void test_several_namespaces(void **state)
{
	struct lives l;
	uint32_t one = 1;

	(void)state;
	lives_init(&l, 100);
	lives_born(&l, 10, 0, 1, 7, 1);
	lives_born(&l, 11, 1, 1, 7, 1);
	assert_null(lives_by_nr(&l, 7, anybody, NULL, true));
	assert_int_equal(lives_by_nr(&l, 7, in_ns, &one, true)->host, 11);
	lives_died(&l, 11, 5);
	assert_int_equal(lives_by_nr(&l, 7, anybody, NULL, true)->host, 10);
	assert_int_equal(lives_by_nr(&l, 7, in_ns, &one, true)->died, 5);
	/* nested: the innermost */
	lives_born(&l, 20, 0, 1, 3, 1);
	lives_born(&l, 20, 2, 2, 1, 1);
	assert_int_equal(lives_by_host(&l, 20, anybody, NULL)->nr, 1);
	lives_done(&l);
}

static void test_the_dead_are_forgotten(void **state)
{
	struct lives l;

	(void)state;
	lives_init(&l, 1000);
	for (uint32_t i = 1; i <= 100000; i++) {
		lives_born(&l, i, 0, 1, i % 1000 + 1, i);
		lives_died(&l, i, i);
	}
	assert_int_equal(l.n_dead, 1000);
	assert_true(l.n_items <= 1001); /* places are used again */
	assert_null(lives_by_host(&l, 99000, anybody, NULL));
	assert_int_equal(lives_by_nr(&l, 100000 % 1000 + 1, anybody, NULL, false)->host, 100000);
	lives_forget(&l, 99999);
	assert_int_equal(l.n_dead, 2);
	lives_forget(&l, UINT64_MAX);
	assert_int_equal(l.n_dead, 0);
	assert_null(lives_by_nr(&l, 1, anybody, NULL, false));
	lives_born(&l, LIVES_MAX_PID + 1, 0, 1, 1, 1); /* nobody can have it */
	assert_null(lives_by_nr(&l, 1, anybody, NULL, false));
	lives_done(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usual_ways),
		cmocka_unit_test(test_what_stays),
		cmocka_unit_test(test_pattern),
		cmocka_unit_test(test_the_youngest_counts),
		cmocka_unit_test(test_several_namespaces),
		cmocka_unit_test(test_the_dead_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
