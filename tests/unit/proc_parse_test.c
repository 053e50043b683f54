// SPDX-License-Identifier: GPL-2.0-or-later
/* What procfs says, and what processes can make it say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "collect/proc_parse.h"

#define TEXT(s) (s), sizeof(s) - 1

static void assert_slice(struct slice s, const char *want)
{
	assert_int_equal(s.len, strlen(want));
	assert_memory_equal(s.at, want, s.len);
}

/* --- stat -------------------------------------------------------------------------------------------------------------- */

static void stat_of_a_process(void **state)
{
	static const char text[] = "11355 (sleep) S 11335 11354 11353 0 -1 4194560 291 0 7 0 1 2 3 4 20 0 5 0 282528 6078464 382 "
				   "18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0\n";
	struct proc_stat st;

	(void)state;
	assert_int_equal(proc_parse_stat(TEXT(text), &st), 0);
	assert_slice(st.comm, "sleep");
	assert_int_equal(st.state, 'S');
	assert_int_equal(st.pid, 11355);
	assert_int_equal(st.ppid, 11335);
	assert_int_equal(st.pgid, 11354);
	assert_int_equal(st.sid, 11353);
	assert_int_equal(st.flags, 4194560);
	assert_int_equal(st.nthreads, 5);
	assert_int_equal(st.start, 282528);
	assert_int_equal(st.cpu, 30000);
}

static void stat_of_cpu_times(void **state)
{
	static const struct {
		const char *times;
		int64_t us;
	} cases[] = {
		{ "0 0", 0 },
		{ "98 6", 1040000 },
		{ "8640000 4096", 86440960000 },
		{ "461168601842738 461168601842738", 9223372036854760000 },
		{ "18446744073709551615 18446744073709551615", 9223372036854760000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct proc_stat st;
		char text[256];
		int len = snprintf(text, sizeof(text), "42 (x) S 1 2 3 0 -1 64 0 0 0 0 %s 0 0 20 0 9 0 77 0", cases[i].times);

		assert_int_equal(proc_parse_stat(text, (size_t)len, &st), 0);
		assert_true(st.cpu == cases[i].us);
	}
}

static void stat_of_hostile_names(void **state)
{
	static const char *const names[] = { "a) R 1 (", ")", "(", "", "()", "x\ny", "a b", "\xff\xfe", ") S 1 1 1 0 -1 0 0" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct proc_stat st;
		char text[256];
		int len = snprintf(text, sizeof(text), "42 (%s) Z 1 2 3 0 -1 64 0 0 0 0 0 0 0 0 20 0 9 0 77 0", names[i]);

		assert_int_equal(proc_parse_stat(text, (size_t)len, &st), 0);
		assert_slice(st.comm, names[i]);
		assert_int_equal(st.state, 'Z');
		assert_int_equal(st.nthreads, 9);
		assert_int_equal(st.start, 77);
	}
}

/* A process that is just being reaped has -1 for its group and session. */
static void stat_of_unknown_numbers(void **state)
{
	struct proc_stat st;

	(void)state;
	assert_int_equal(proc_parse_stat(TEXT("42 (x) X 0 -1 -1 0 -1 64 0 0 0 0 0 0 0 0 20 0 0 0 18446744073709551615 0"), &st), 0);
	assert_int_equal(st.pgid, 0);
	assert_int_equal(st.sid, 0);
	assert_true(st.start == UINT64_MAX);
}

static void stat_cut_or_broken(void **state)
{
	static const char text[] = "42 (x) S 1 2 3 0 -1 64 0 0 0 0 0 0 0 0 20 0 9 0 77";
	static const char *const broken[] = { "",
					      "42",
					      "42 (x",
					      "42 x) S",
					      "42 )x( S 1 2 3 0 -1 64 0 0 0 0 0 0 0 0 20 0 9 0 77",
					      "x (x) S 1 2 3 0 -1 64 0 0 0 0 0 0 0 0 20 0 9 0 77",
					      "42 (x) SS 1 2 3 0 -1 64 0 0 0 0 0 0 0 0 20 0 9 0 77",
					      "42 (x) S 99999999999 2 3 0 -1 64 0 0 0 0 0 0 0 0 20 0 9 0 77",
					      "42 (x) S 1 2 3 0 -1 64 0 0 0 0 0 0 0 0 20 0 9 0 18446744073709551616" };
	struct proc_stat st = { .pid = 1234 };

	(void)state;
	for (size_t len = 0; len < sizeof(text) - 2; len++)
		assert_int_equal(proc_parse_stat(text, len, &st), -EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++)
		assert_int_equal(proc_parse_stat(broken[i], strlen(broken[i]), &st), -EINVAL);
	assert_int_equal(st.pid, 1234);
}

static void kernel_thread_names(void **state)
{
	static const struct {
		const char *from, *to;
	} cases[] = {
		{ "kthreadd", "kthreadd" },
		{ "kworker/0:1", "kworker/0:1" },
		{ "kworker/0:1-events", "kworker/0:1" },
		{ "kworker/u8:3+flush-254:0", "kworker/u8:3" },
		{ "kworker/0:1H-kblockd", "kworker/0:1H" },
		{ "kworker/R-slub_flushwq", "kworker/R-slub_" },
		{ "kworker/R-mm_p", "kworker/R-mm_p" },
		{ "a-very-long-kernel-thread", "a-very-long-ker" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_slice(proc_kthread_comm((struct slice){ cases[i].from, strlen(cases[i].from) }), cases[i].to);
}

/* --- status --------------------------------------------------------------------------------------------------------------- */

static void nspid_of_levels(void **state)
{
	struct proc_levels l;

	(void)state;
	assert_int_equal(proc_parse_nspid(TEXT("Name:\tx\nNStgid:\t9\t8\nNSpid:\t18004\t2\t1\nNSpgid:\t0\n"), &l), 0);
	assert_int_equal(l.n, 3);
	assert_int_equal(l.nr[0], 18004);
	assert_int_equal(l.nr[2], 1);
	/* The name's line escapes newlines: nothing in it begins a line. */
	assert_int_equal(proc_parse_nspid(TEXT("Name:\tx\\nNSpid:\t1\t1\nNSpid:\t7\n"), &l), 0);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.nr[0], 7);
}

static void nspid_missing_or_cut(void **state)
{
	struct proc_levels l = { .n = 99 };
	char deep[512] = "NSpid:";

	(void)state;
	assert_int_equal(proc_parse_nspid(TEXT("Name:\tx\nNSpid:\t18004\t2"), &l), -EINVAL);
	assert_int_equal(proc_parse_nspid(TEXT("NSpid:\t\n"), &l), -EINVAL);
	assert_int_equal(proc_parse_nspid(TEXT("NSpid:\t1\tx\n"), &l), -EINVAL);
	assert_int_equal(l.n, 99);
	assert_int_equal(proc_parse_nspid(TEXT("Name:\tx\nPid:\t1\n"), &l), 0);
	assert_int_equal(l.n, 0);
	for (int i = 0; i < PROC_MAX_LEVELS; i++)
		strcat(deep, "\t12345");
	strcat(deep, "\n");
	assert_int_equal(proc_parse_nspid(deep, strlen(deep), &l), 0);
	assert_int_equal(l.n, PROC_MAX_LEVELS);
	strcpy(deep + strlen(deep) - 1, "\t1\n");
	assert_int_equal(proc_parse_nspid(deep, strlen(deep), &l), -EINVAL);
}

/* --- the small files ---------------------------------------------------------------------------------------------------------- */

static void command_lines(void **state)
{
	static const struct {
		const char *from;
		size_t len;
		const char *to;
	} cases[] = {
		{ TEXT("sleep\0"
		       "1d\0"),
		  "sleep 1d" },
		{ TEXT("sleep"), "sleep" },
		{ TEXT("a\0\0b\0"), "a  b" },
		{ TEXT("nginx: worker process\0\0\0\0"), "nginx: worker process" },
		{ TEXT("\0\0"), "" },
		{ TEXT(""), "" },
		{ TEXT("a\nb\0\xff\0"), "a\nb \xff" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char out[64];
		size_t n = proc_join_cmdline(cases[i].from, cases[i].len, out);

		assert_slice((struct slice){ out, n }, cases[i].to);
	}
}

static void clock_offsets(void **state)
{
	static const char *const broken[] = { "",
					      "monotonic 1 2\n",
					      "monotonic 1 2\nboottime 1\n",
					      "monotonic 1 2\nboottime 1 1000000000\n",
					      "monotonic 1 2\nboottime 1 -1\n",
					      "monotonic x 2\nboottime 1 1\n" };
	struct proc_timens t = { .boottime_sec = 4 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++)
		assert_int_equal(proc_parse_timens(broken[i], strlen(broken[i]), &t), -EINVAL);
	assert_int_equal(t.boottime_sec, 4);
	assert_int_equal(proc_parse_timens(TEXT("monotonic          -5 500000000\nboottime        86400         0\n"), &t), 0);
	assert_int_equal(t.monotonic_sec, -5);
	assert_int_equal(t.monotonic_nsec, 500000000);
	assert_int_equal(t.boottime_sec, 86400);
	assert_int_equal(t.boottime_nsec, 0);
}

static void id_maps(void **state)
{
	static struct proc_map m;
	static char many[PROC_MAX_EXTENTS * 16 + 64];

	(void)state;
	assert_int_equal(proc_parse_map(TEXT("         0          0 4294967295\n"), &m), 0);
	assert_int_equal(m.n, 1);
	assert_true(m.lines[0].count == UINT32_MAX);
	assert_int_equal(proc_parse_map(TEXT("0 1000 1\n1 100000 65536\n"), &m), 0);
	assert_int_equal(m.n, 2);
	assert_int_equal(m.lines[1].outside, 100000);
	assert_int_equal(proc_parse_map(TEXT("5 5 5\n1 2\n"), &m), -EINVAL);
	assert_int_equal(m.lines[0].outside, 1000);
	assert_int_equal(proc_parse_map(TEXT("0 0 4294967296\n"), &m), -EINVAL);
	assert_int_equal(proc_parse_map(TEXT(""), &m), 0);
	assert_int_equal(m.n, 0);
	for (int i = 0; i < PROC_MAX_EXTENTS; i++)
		strcat(many, "1 2 3\n");
	assert_int_equal(proc_parse_map(many, strlen(many), &m), 0);
	assert_int_equal(m.n, PROC_MAX_EXTENTS);
	strcat(many, "1 2 3\n");
	assert_int_equal(proc_parse_map(many, strlen(many), &m), -EINVAL);
}

/* --- mountinfo ------------------------------------------------------------------------------------------------------------------ */

static void mounts(void **state)
{
	static const struct {
		const char *line, *root, *point, *type, *source, *super;
	} cases[] = {
		{ "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue", "/mnt1", "/mnt2", "ext3",
		  "/dev/root", "rw,errors=continue" },
		{ "803 30 0:4 net:[4026532180] /run/netns/blue rw - nsfs nsfs rw", "net:[4026532180]", "/run/netns/blue", "nsfs",
		  "nsfs", "rw" },
		{ "1 2 0:4 net:[1] /run/a\\040b\\012 rw shared:1 master:2 propagate_from:3 unbindable - nsfs nsfs rw", "net:[1]",
		  "/run/a\\040b\\012", "nsfs", "nsfs", "rw" },
		{ "40 1 0:36 / /mnt rw - tmpfs  rw,size=1k", "/", "/mnt", "tmpfs", "", "rw,size=1k" },
		{ "41 1 0:36 / /- rw - fuse.x - rw", "/", "/-", "fuse.x", "-", "rw" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct proc_mount m;

		assert_int_equal(proc_parse_mount(cases[i].line, strlen(cases[i].line), &m), 0);
		assert_slice(m.root, cases[i].root);
		assert_slice(m.point, cases[i].point);
		assert_slice(m.type, cases[i].type);
		assert_slice(m.source, cases[i].source);
		assert_slice(m.super_options, cases[i].super);
	}
}

static void mounts_cut_short(void **state)
{
	static const char line[] = "803 30 0:4 net:[4026532180] /run/netns/blue rw shared:5 - nsfs nsfs r";
	struct proc_mount m = { .id = 7 };

	(void)state;
	for (size_t len = 0; len < sizeof(line) - 2; len++)
		assert_int_equal(proc_parse_mount(line, len, &m), -EINVAL);
	assert_int_equal(m.id, 7);
	assert_int_equal(proc_parse_mount(line, sizeof(line) - 1, &m), 0);
	assert_int_equal(m.id, 803);
	assert_int_equal(m.major, 0);
	assert_int_equal(m.minor, 4);
}

static void paths_unescaped(void **state)
{
	static const struct {
		const char *from, *to;
	} cases[] = {
		{ "/a\\040b", "/a b" },
		{ "\\134\\012\\011\\043", "\\\n\t#" },
		{ "/a\\04", "/a\\04" },
		{ "/a\\400", "/a\\400" },
		{ "/a\\", "/a\\" },
		{ "\\377", "\xff" },
		{ "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char out[64];
		size_t n = proc_unescape((struct slice){ cases[i].from, strlen(cases[i].from) }, out);

		assert_slice((struct slice){ out, n }, cases[i].to);
	}
}

static void mount_options(void **state)
{
	static const char text[] = "rw,xhidepid=1,hidepid=invisible,gid=27,subset";
	struct slice options = { TEXT(text) }, value;

	(void)state;
	assert_true(proc_option(options, "hidepid", &value));
	assert_slice(value, "invisible");
	assert_true(proc_option(options, "gid", &value));
	assert_slice(value, "27");
	assert_true(proc_option(options, "subset", &value));
	assert_slice(value, "");
	assert_false(proc_option(options, "hide", &value));
	assert_false(proc_option((struct slice){ "", 0 }, "gid", &value));
}

static void lines(void **state)
{
	struct slice text = { TEXT("a\n\nb") }, line;

	(void)state;
	assert_true(proc_next_line(&text, &line));
	assert_slice(line, "a");
	assert_true(proc_next_line(&text, &line));
	assert_slice(line, "");
	assert_true(proc_next_line(&text, &line));
	assert_slice(line, "b");
	assert_false(proc_next_line(&text, &line));
}

/* --- status, cgroup ----------------------------------------------------------------------------------------------------- */

static void effective_capabilities(void **state)
{
	static const char *const wrong[] = {
		"", "CapEff:", "CapEff:\t\n", "CapEff:\t00000000000000000\n", "CapEff:\tg\n", "CapPrm:\t1\n"
	};
	uint64_t v = 7;

	(void)state;
	assert_int_equal(proc_parse_capeff(TEXT("Name:\tCapEff: f\nCapPrm:\t0\nCapEff:\t000001fffeffffff\nCapBnd:\t1\n"), &v), 0);
	assert_true(v == 0x1fffeffffffULL);
	assert_int_equal(proc_parse_capeff(TEXT("CapEff:\tffffffffffffffff"), &v), 0);
	assert_true(v == UINT64_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(proc_parse_capeff(wrong[i], strlen(wrong[i]), &v), -EINVAL);
	assert_true(v == UINT64_MAX);
}

static void cgroup_lines(void **state)
{
	static const char *const wrong[] = { "", ":", "::", "0:", "0::", "0:memory", "0:memory:x" };
	static const char good[] = "4:cpu,cpuacct:/a:b/c";
	struct proc_cgroup_line l;

	(void)state;
	assert_int_equal(proc_parse_cgroup_line((struct slice){ TEXT(good) }, &l), 0);
	assert_slice(l.hierarchy, "cpu,cpuacct");
	assert_slice(l.path, "/a:b/c");
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(proc_parse_cgroup_line((struct slice){ wrong[i], strlen(wrong[i]) }, &l), -EINVAL);
}

static void cgroup_roots(void **state)
{
	static const struct {
		const char *outside, *inside, *root; /* NULL: not to be told */
	} cases[] = {
		{ "/", "/", "/" },     { "/a", "/", "/a" },          { "/a/b", "/b", "/a" },     { "/a/b", "/a/b", "/" },
		{ "/b", "/..", NULL }, { "/b", "/../b", NULL },      { "/a/..b", "/..b", "/a" }, { "/a", "/b", NULL },
		{ "/", "/a", NULL },   { "/../x/y", "/y", "/../x" }, { "/a", "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct slice root, outside = { cases[i].outside, strlen(cases[i].outside) },
				   inside = { cases[i].inside, strlen(cases[i].inside) };
		bool told = proc_cgroup_root(outside, inside, &root);

		assert_int_equal(told, cases[i].root != NULL);
		if (told)
			assert_slice(root, cases[i].root);
	}
}

static void propagation(void **state)
{
	static const char line[] = "68 67 0:39 /r /t rw shared:3 master:2 propagate_from:1 unbindable future:9 - tmpfs x rw",
			  odd[] = "68 67 0:39 /r /t rw shared: master:x propagate_from:99999999999 unbindables - tmpfs x rw";
	struct proc_mount m;

	(void)state;
	assert_int_equal(proc_parse_mount(TEXT(line), &m), 0);
	assert_int_equal(m.parent, 67);
	assert_true(m.shared == 3 && m.master == 2 && m.propagate_from == 1 && m.unbindable);
	assert_int_equal(proc_parse_mount(TEXT(odd), &m), 0);
	assert_true(m.shared == OPT_NONE && m.master == OPT_NONE && m.propagate_from == OPT_NONE && !m.unbindable);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stat_of_a_process),
		cmocka_unit_test(stat_of_cpu_times),
		cmocka_unit_test(stat_of_hostile_names),
		cmocka_unit_test(stat_of_unknown_numbers),
		cmocka_unit_test(stat_cut_or_broken),
		cmocka_unit_test(kernel_thread_names),
		cmocka_unit_test(nspid_of_levels),
		cmocka_unit_test(nspid_missing_or_cut),
		cmocka_unit_test(command_lines),
		cmocka_unit_test(clock_offsets),
		cmocka_unit_test(id_maps),
		cmocka_unit_test(mounts),
		cmocka_unit_test(mounts_cut_short),
		cmocka_unit_test(paths_unescaped),
		cmocka_unit_test(mount_options),
		cmocka_unit_test(lines),
		cmocka_unit_test(effective_capabilities),
		cmocka_unit_test(cgroup_lines),
		cmocka_unit_test(cgroup_roots),
		cmocka_unit_test(propagation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
