// SPDX-License-Identifier: GPL-2.0-or-later
#include "collect/proc_parse.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void skip_blanks(struct slice *s)
{
	while (s->len && is_blank(*s->at))
		s->at++, s->len--;
}

/* A number behind blanks. False when there is none or it is too large. */
static bool take_u64(struct slice *s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	skip_blanks(s);
	if (!s->len || !is_digit(*s->at))
		return false;
	for (; s->len && is_digit(*s->at); s->at++, s->len--)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, (uint64_t)(*s->at - '0'), &v))
			return false;
	*out = v;
	return v <= max;
}

static bool take_u32(struct slice *s, uint32_t *out)
{
	uint64_t v;
	bool ok = take_u64(s, UINT32_MAX, &v);

	if (ok)
		*out = (uint32_t)v;
	return ok;
}

static bool take_s64(struct slice *s, int64_t *out)
{
	bool negative;
	uint64_t v;

	skip_blanks(s);
	negative = s->len && *s->at == '-';
	if (negative)
		s->at++, s->len--;
	if (!take_u64(s, INT64_MAX, &v))
		return false;
	*out = negative ? -(int64_t)v : (int64_t)v;
	return true;
}

/* The same for what is never below 0 but where the kernel could not tell. */
static bool take_known_u32(struct slice *s, uint32_t *out)
{
	int64_t v;

	if (!take_s64(s, &v) || v > UINT32_MAX)
		return false;
	*out = v < 0 ? 0 : (uint32_t)v;
	return true;
}

static bool take_word(struct slice *s, struct slice *out)
{
	skip_blanks(s);
	*out = (struct slice){ s->at, 0 };
	for (; s->len && !is_blank(*s->at); s->at++, s->len--)
		out->len++;
	return out->len;
}

static bool skip_words(struct slice *s, unsigned int n)
{
	struct slice ignored;

	while (n--)
		if (!take_word(s, &ignored))
			return false;
	return true;
}

static bool take_char(struct slice *s, char c)
{
	if (!s->len || *s->at != c)
		return false;
	s->at++, s->len--;
	return true;
}

static bool slice_is(struct slice s, const char *word)
{
	return s.len == strlen(word) && !memcmp(s.at, word, s.len);
}

static bool starts_with(struct slice s, const char *word)
{
	size_t len = strlen(word);

	return s.len >= len && !memcmp(s.at, word, len);
}

bool proc_next_line(struct slice *text, struct slice *line)
{
	const char *end;

	if (!text->len)
		return false;
	end = memchr(text->at, '\n', text->len);
	*line = (struct slice){ text->at, end ? (size_t)(end - text->at) : text->len };
	text->at += line->len + (end != NULL);
	text->len -= line->len + (end != NULL);
	return true;
}

/* do_task_stat(), fs/proc/array.c: after the name come state, ppid, pgrp, session, tty_nr, tpgid, flags, ... */
int proc_parse_stat(const char *buf, size_t len, struct proc_stat *out)
{
	const char *open = len ? memchr(buf, '(', len) : NULL, *close = len ? memrchr(buf, ')', len) : NULL;
	struct slice head = { buf, open ? (size_t)(open - buf) : 0 }, rest, state;
	struct proc_stat st = { 0 };
	const uint64_t most = INT64_MAX / 2 / 10000;
	uint64_t user, system;

	if (!open || !close || close < open || !take_u32(&head, &st.pid))
		return -EINVAL;
	st.comm = (struct slice){ open + 1, (size_t)(close - open - 1) };
	rest = (struct slice){ close + 1, (size_t)(buf + len - close - 1) };
	if (!take_word(&rest, &state) || state.len != 1)
		return -EINVAL;
	st.state = *state.at;
	if (!take_known_u32(&rest, &st.ppid) || !take_known_u32(&rest, &st.pgid) || !take_known_u32(&rest, &st.sid))
		return -EINVAL;
	if (!skip_words(&rest, 2) || !take_u32(&rest, &st.flags))
		return -EINVAL;
	if (!skip_words(&rest, 4) || !take_u64(&rest, UINT64_MAX, &user) || !take_u64(&rest, UINT64_MAX, &system))
		return -EINVAL;
	if (!skip_words(&rest, 4) || !take_known_u32(&rest, &st.nthreads))
		return -EINVAL;
	if (!skip_words(&rest, 1) || !take_u64(&rest, UINT64_MAX, &st.start))
		return -EINVAL;
	st.cpu = (int64_t)(MIN(user, most) + MIN(system, most)) * 10000; /* USER_HZ is 100 wherever we run */
	/* Older copies of such a file may end here; the kernel's go on: vsize, rss. */
	if (!skip_words(&rest, 1) || !take_u64(&rest, INT64_MAX / 65536, &st.rss))
		st.rss = 0;
	*out = st;
	return 0;
}

struct slice proc_kthread_comm(struct slice comm)
{
	/* Workers are "kworker/CPU:ID" and "kworker/uPOOL:ID"; a rescuer's "kworker/R-QUEUE" is its own name. */
	if (starts_with(comm, "kworker/") && !starts_with(comm, "kworker/R-"))
		for (size_t i = 0; i < comm.len; i++)
			if (comm.at[i] == '-' || comm.at[i] == '+')
				comm.len = i;
	comm.len = MIN(comm.len, 15u);
	return comm;
}

int proc_parse_nspid(const char *buf, size_t len, struct proc_levels *out)
{
	return proc_parse_levels(buf, len, "NSpid:", out);
}

int proc_parse_levels(const char *buf, size_t len, const char *name, struct proc_levels *out)
{
	struct slice text = { buf, len }, line;
	struct proc_levels levels;

	levels.n = 0;
	while (proc_next_line(&text, &line)) {
		if (!starts_with(line, name))
			continue;
		if (line.at + line.len == buf + len)
			return -EINVAL;
		line.at += strlen(name);
		line.len -= strlen(name);
		while (levels.n < PROC_MAX_LEVELS && take_u32(&line, &levels.nr[levels.n]))
			levels.n++;
		if (line.len || !levels.n)
			return -EINVAL;
		break;
	}
	*out = levels;
	return 0;
}

size_t proc_join_cmdline(const char *buf, size_t len, char *out)
{
	while (len && !buf[len - 1])
		len--;
	for (size_t i = 0; i < len; i++)
		out[i] = buf[i] ? buf[i] : ' ';
	return len;
}

int proc_parse_timens(const char *buf, size_t len, struct proc_timens *out)
{
	struct slice text = { buf, len }, line, clock;
	struct proc_timens t = { 0 };
	int found = 0;

	while (proc_next_line(&text, &line)) {
		int64_t sec, nsec;

		if (!take_word(&line, &clock) || !take_s64(&line, &sec) || !take_s64(&line, &nsec) || nsec < 0 || nsec > 999999999)
			return -EINVAL;
		if (slice_is(clock, "monotonic")) {
			t.monotonic_sec = sec;
			t.monotonic_nsec = nsec;
			found |= 1;
		} else if (slice_is(clock, "boottime")) {
			t.boottime_sec = sec;
			t.boottime_nsec = nsec;
			found |= 2;
		}
	}
	if (found != 3)
		return -EINVAL;
	*out = t;
	return 0;
}

int proc_parse_map(const char *buf, size_t len, struct proc_map *out)
{
	struct slice text = { buf, len }, line;
	uint32_t n = 0;

	/* Twice, so that a broken file leaves *out as it was without 4 kB on the stack. */
	for (int write = 0; write < 2; write++) {
		text = (struct slice){ buf, len };
		for (n = 0; proc_next_line(&text, &line); n++) {
			struct snap_map m;

			if (n == PROC_MAX_EXTENTS || !take_u32(&line, &m.inside) || !take_u32(&line, &m.outside) ||
			    !take_u32(&line, &m.count))
				return -EINVAL;
			if (write)
				out->lines[n] = m;
		}
	}
	out->n = n;
	return 0;
}

int proc_parse_capeff(const char *buf, size_t len, uint64_t *out)
{
	struct slice text = { buf, len }, line, word;
	uint64_t v = 0;

	while (proc_next_line(&text, &line)) {
		if (!starts_with(line, "CapEff:"))
			continue;
		line.at += strlen("CapEff:");
		line.len -= strlen("CapEff:");
		if (!take_word(&line, &word) || word.len > 16)
			return -EINVAL;
		for (size_t i = 0; i < word.len; i++) {
			const char *digits = "0123456789abcdef", *digit = word.at[i] ? strchr(digits, word.at[i]) : NULL;

			if (!digit)
				return -EINVAL;
			v = v << 4 | (uint64_t)(digit - digits);
		}
		*out = v;
		return 0;
	}
	return -EINVAL;
}

int proc_parse_cgroup_line(struct slice line, struct proc_cgroup_line *out)
{
	const char *first = line.len ? memchr(line.at, ':', line.len) : NULL;
	const char *end = line.at + line.len, *second = first ? memchr(first + 1, ':', (size_t)(end - first - 1)) : NULL;

	if (!second || second + 1 == end || second[1] != '/')
		return -EINVAL;
	*out = (struct proc_cgroup_line){ { first + 1, (size_t)(second - first - 1) }, { second + 1, (size_t)(end - second - 1) } };
	return 0;
}

bool proc_cgroup_root(struct slice outside, struct slice inside, struct slice *root)
{
	size_t len = slice_is(inside, "/") ? 0 : inside.len; /* "/": the root itself */

	if (slice_is(inside, "/..") || starts_with(inside, "/../")) /* kernfs_path_from_node(), fs/kernfs/dir.c */
		return false;
	if (!inside.len || outside.len < len || (len && memcmp(outside.at + outside.len - len, inside.at, len) != 0))
		return false;
	*root = outside.len == len ? (struct slice){ "/", 1 } : (struct slice){ outside.at, outside.len - len };
	return true;
}

/* "shared:3": the group behind the colon, if the word begins with that. */
static void take_group(struct slice word, const char *name, int64_t *group)
{
	uint32_t n;

	if (!starts_with(word, name))
		return;
	word.at += strlen(name);
	word.len -= strlen(name);
	if (take_u32(&word, &n) && !word.len)
		*group = n;
}

/* show_mountinfo(), fs/proc_namespace.c: id parent major:minor root point options [tag...] - type source super-options */
int proc_parse_mount(const char *line, size_t len, struct proc_mount *out)
{
	struct slice s = { line, len }, word;
	struct proc_mount m = { .shared = OPT_NONE, .master = OPT_NONE, .propagate_from = OPT_NONE };

	if (!take_u32(&s, &m.id) || !take_u32(&s, &m.parent) || !take_u32(&s, &m.major) || !take_char(&s, ':') ||
	    !take_u32(&s, &m.minor))
		return -EINVAL;
	if (!take_word(&s, &m.root) || !take_word(&s, &m.point) || !take_word(&s, &m.options))
		return -EINVAL;
	do {
		if (!take_word(&s, &word))
			return -EINVAL;
		take_group(word, "shared:", &m.shared);
		take_group(word, "master:", &m.master);
		take_group(word, "propagate_from:", &m.propagate_from);
		m.unbindable = m.unbindable || slice_is(word, "unbindable");
	} while (!slice_is(word, "-"));
	/* A source may be empty ("mount -t tmpfs '' /mnt"): the blanks around it tell. */
	if (!take_word(&s, &m.type) || !take_char(&s, ' '))
		return -EINVAL;
	m.source = (struct slice){ s.at, 0 };
	while (s.len && *s.at != ' ')
		m.source.len++, s.at++, s.len--;
	if (!take_word(&s, &m.super_options))
		return -EINVAL;
	*out = m;
	return 0;
}

static bool octal_escape(struct slice s, size_t i)
{
	return s.len - i >= 4 && s.at[i] == '\\' && s.at[i + 1] >= '0' && s.at[i + 1] <= '3' && s.at[i + 2] >= '0' &&
	       s.at[i + 2] <= '7' && s.at[i + 3] >= '0' && s.at[i + 3] <= '7';
}

size_t proc_unescape(struct slice s, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; n++) {
		if (octal_escape(s, i)) {
			out[n] = (char)((s.at[i + 1] - '0') << 6 | (s.at[i + 2] - '0') << 3 | (s.at[i + 3] - '0'));
			i += 4;
		} else {
			out[n] = s.at[i++];
		}
	}
	return n;
}

bool proc_option(struct slice options, const char *name, struct slice *value)
{
	size_t len = strlen(name);

	while (options.len) {
		const char *comma = memchr(options.at, ',', options.len);
		size_t n = comma ? (size_t)(comma - options.at) : options.len;

		if (n >= len && !memcmp(options.at, name, len) && (n == len || options.at[len] == '=')) {
			*value = (struct slice){ options.at + MIN(len + 1, n), n - MIN(len + 1, n) };
			return true;
		}
		options.at += n + (comma != NULL);
		options.len -= n + (comma != NULL);
	}
	return false;
}
