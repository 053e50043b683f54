// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "translate/line.h"

enum {
	MAX_PID = 4 * 1024 * 1024, /* PID_MAX_LIMIT, include/linux/threads.h */
	MAX_DIGITS = 7,
	MAX_BLANKS = 8, /* between a word and its number, and inside of brackets */
	MAX_GROUPS = 16,
};

struct pid_place {
	size_t at, len; /* the digits */
	uint32_t nr;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Could a word or a number go on here? Bytes above 127 may be letters. */
static bool is_word(char c)
{
	return is_digit(c) || c == '_' || (lower(c) >= 'a' && lower(c) <= 'z') || (unsigned char)c >= 0x80;
}

/* --- what stands before and behind a number ------------------------------------------------------------------------------ */

static size_t skip_blanks_back(const char *line, size_t at)
{
	for (int i = 0; at && i < MAX_BLANKS && (line[at - 1] == ' ' || line[at - 1] == '\t'); i++)
		at--;
	return at;
}

static bool ends_with_word(const char *line, size_t end, const char *word)
{
	size_t n = strlen(word);

	if (end < n || (end > n && is_word(line[end - n - 1])))
		return false;
	for (size_t i = 0; i < n; i++)
		if (lower(line[end - n + i]) != word[i])
			return false;
	return true;
}

/* "pid", then at most one of = : #, with blanks around it. A quote may close the word: "pid": 7 */
static bool after_pid_word(const char *line, size_t at)
{
	static const char *const words[] = { "pid", "ppid", "tid", "tgid" };
	size_t end = skip_blanks_back(line, at);
	bool apart = end < at;

	if (end && (line[end - 1] == '=' || line[end - 1] == ':' || line[end - 1] == '#')) {
		end = skip_blanks_back(line, end - 1);
		apart = true;
	}
	if (end && line[end - 1] == '"')
		end--;
	if (!apart || end < 3 || lower(line[end - 1]) != 'd') /* most numbers end here */
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (ends_with_word(line, end, words[i]))
			return true;
	return false;
}

static bool after_process_word(const char *line, size_t at)
{
	return at > 5 && line[at - 1] == ' ' && (ends_with_word(line, at - 1, "process") || ends_with_word(line, at - 1, "child"));
}

/* Brackets around it; the kernel's own callers (PRINTK_CALLER) have a T before. */
static bool in_brackets(const char *line, size_t at, size_t end, size_t len)
{
	if (end == len || line[end] != ']')
		return false;
	if (at && line[at - 1] == 'T')
		at--;
	at = skip_blanks_back(line, at);
	return at && line[at - 1] == '[';
}

static bool is_introduced(const char *line, size_t at, size_t end, size_t len)
{
	char before = at ? line[at - 1] : '\0';

	switch (before) {
	case '[':
	case 'T':
		return in_brackets(line, at, end, len);
	case ' ':
	case '\t':
		return after_pid_word(line, at) || after_process_word(line, at) || in_brackets(line, at, end, len);
	case '=':
	case ':':
	case '#':
		return after_pid_word(line, at);
	}
	return false;
}

/* "7#7", PID and thread of nginx: the first of them. */
static bool is_of_nginx(const char *line, size_t at, size_t end, size_t len)
{
	return end + 1 < len && line[end] == '#' && is_digit(line[end + 1]) &&
	       (!at || (!is_word(line[at - 1]) && line[at - 1] != '#' && line[at - 1] != '.'));
}

/* Not a part of something longer (7.5, 7abc), nor marked already. */
static bool ends_well(const char *line, size_t end, size_t len)
{
	if (end == len)
		return true;
	if (line[end] == '.' && end + 1 < len && is_digit(line[end + 1]))
		return false;
	return !is_word(line[end]) && !(len - end > 6 && !memcmp(line + end, "(host ", 6));
}

static bool read_pid(const char *line, size_t at, size_t len, struct pid_place *out)
{
	uint32_t nr = 0;

	if (!len || len > MAX_DIGITS || line[at] == '0')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!is_digit(line[at + i]))
			return false;
		nr = nr * 10 + (uint32_t)(line[at + i] - '0');
	}
	*out = (struct pid_place){ at, len, nr };
	return nr <= MAX_PID;
}

/* From *pos on, which steps behind it. */
static bool next_pid(const char *line, size_t len, size_t *pos, struct pid_place *out)
{
	size_t i = *pos;

	while (i < len) {
		size_t at, end;

		if (!is_digit(line[i])) {
			i++;
			continue;
		}
		for (at = i, end = i; end < len && is_digit(line[end]);)
			end++;
		i = end;
		if (!ends_well(line, end, len) || (!is_introduced(line, at, end, len) && !is_of_nginx(line, at, end, len)))
			continue;
		if (read_pid(line, at, end - at, out)) {
			*pos = end;
			return true;
		}
	}
	*pos = len;
	return false;
}

/* --- a pattern of the user's --------------------------------------------------------------------------------------------- */

/* The end of the text is said by number where regexec() takes that: logs may have NULs in them. */
static int match(const regex_t *re, const char *line, size_t len, size_t from, regmatch_t *m)
{
#ifdef REG_STARTEND
	m[0] = (regmatch_t){ (regoff_t)from, (regoff_t)len };
	return regexec(re, line, MAX_GROUPS, m, REG_STARTEND | (from ? REG_NOTBOL : 0));
#else
	CLEAN_MEM char *copy = xcalloc(1, len - from + 1);
	int err;

	memcpy(copy, line + from, len - from);
	err = regexec(re, copy, MAX_GROUPS, m, from ? REG_NOTBOL : 0);
	for (int i = 0; !err && i < MAX_GROUPS; i++)
		if (m[i].rm_so >= 0) {
			m[i].rm_so += (regoff_t)from;
			m[i].rm_eo += (regoff_t)from;
		}
	return err;
#endif
}

static bool next_match(const regex_t *re, const char *line, size_t len, size_t *pos, struct pid_place *out)
{
	regmatch_t m[MAX_GROUPS];

	while (*pos < len && !match(re, line, len, *pos, m)) {
		size_t g = 1;

		*pos = MAX((size_t)m[0].rm_eo, *pos + 1); /* an empty match must not stay where it is */
		while (g < MAX_GROUPS && g <= re->re_nsub && m[g].rm_so < 0)
			g++;
		if (g < MAX_GROUPS && g <= re->re_nsub &&
		    read_pid(line, (size_t)m[g].rm_so, (size_t)(m[g].rm_eo - m[g].rm_so), out))
			return true;
	}
	*pos = len;
	return false;
}

/* --- writing ----------------------------------------------------------------------------------------------------------------- */

void line_append(struct line_out *out, const char *bytes, size_t len)
{
	if (out->cap_items - out->n_items < len) {
		out->cap_items = MAX(out->cap_items * 2, out->n_items + len + 256);
		out->items = xrealloc(out->items, out->cap_items);
	}
	if (len)
		memcpy(out->items + out->n_items, bytes, len);
	out->n_items += len;
}

static void put_pid(const struct line_rules *rules, const char *digits, size_t len, const struct line_pid *other,
		    struct line_out *out)
{
	char buf[16];
	int n = snprintf(buf, sizeof(buf), "%u", other->nr);

	if (rules->rewrite) {
		line_append(out, buf, (size_t)n);
		return;
	}
	line_append(out, digits, len);
	line_append(out, "(", 1);
	line_append(out, other->where, strlen(other->where));
	line_append(out, " ", 1);
	line_append(out, buf, (size_t)n);
	if (other->gone)
		line_append(out, ", gone", 6);
	line_append(out, ")", 1);
}

void line_translate(const struct line_rules *rules, const char *line, size_t len, struct line_out *out)
{
	size_t pos = 0, done = 0;
	struct pid_place p;
	struct line_pid other;

	while (rules->pattern ? next_match(rules->pattern, line, len, &pos, &p) : next_pid(line, len, &pos, &p)) {
		/* A match may look back to what is done already. */
		if (p.at < done || !rules->find(rules->arg, p.nr, &other))
			continue;
		line_append(out, line + done, p.at - done);
		put_pid(rules, line + p.at, p.len, &other, out);
		done = p.at + p.len;
	}
	line_append(out, line + done, len - done);
}
