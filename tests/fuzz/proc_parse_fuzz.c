// SPDX-License-Identifier: GPL-2.0-or-later
/* Any bytes as any file of procfs: what is said to lie in them does, and what was refused changed nothing. */
#include <limits.h>

#include "collect/proc_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool ok)
{
	if (!ok)
		abort();
}

static const char *text;
static size_t text_len;

static void need_inside(struct slice s)
{
	need(s.at >= text && s.at <= text + text_len && s.len <= (size_t)(text + text_len - s.at));
}

static void stat_and_status(void)
{
	struct proc_stat st = { .pid = 7 };
	struct proc_levels levels = { .n = UINT_MAX };

	if (proc_parse_stat(text, text_len, &st)) {
		need(st.pid == 7 && !st.comm.at);
	} else {
		struct slice shorter = proc_kthread_comm(st.comm);

		need_inside(st.comm);
		need(shorter.at == st.comm.at && shorter.len <= MIN(st.comm.len, 15u));
	}
	if (proc_parse_nspid(text, text_len, &levels))
		need(levels.n == UINT_MAX);
	else
		need(levels.n <= PROC_MAX_LEVELS);
}

static void mountinfo(char *out)
{
	struct slice all = { text, text_len }, line, value;
	struct proc_mount m;

	while (proc_next_line(&all, &line)) {
		need_inside(line);
		need(!memchr(line.at, '\n', line.len));
		if (proc_parse_mount(line.at, line.len, &m))
			continue;
		need_inside(m.root);
		need_inside(m.point);
		need_inside(m.type);
		need_inside(m.source);
		need_inside(m.super_options);
		need(proc_unescape(m.point, out) <= m.point.len);
		if (proc_option(m.super_options, "hidepid", &value))
			need_inside(value);
	}
}

static void small_files(char *out)
{
	static struct proc_map map;
	struct proc_timens t = { .monotonic_nsec = -1 };
	size_t n = proc_join_cmdline(text, text_len, out);

	need(n <= text_len && !memchr(out, '\0', n));
	if (proc_parse_timens(text, text_len, &t))
		need(t.monotonic_nsec == -1);
	else
		need(t.monotonic_nsec >= 0 && t.boottime_nsec <= 999999999);
	map.n = UINT_MAX;
	if (proc_parse_map(text, text_len, &map))
		need(map.n == UINT_MAX);
	else
		need(map.n <= PROC_MAX_EXTENTS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *out = malloc(size + 1);

	need(out);
	text = (const char *)data;
	text_len = size;
	stat_and_status();
	mountinfo(out);
	small_files(out);
	free(out);
	return 0;
}
