// SPDX-License-Identifier: GPL-2.0-or-later
#include "net/netfiles.h"

/* A word of a line, as (begin, length); the rest behind it. */
struct words {
	const char *at, *end;
};

static bool next_word(struct words *w, const char **word, size_t *len)
{
	while (w->at < w->end && (*w->at == ' ' || *w->at == '\t'))
		w->at++;
	*word = w->at;
	while (w->at < w->end && *w->at != ' ' && *w->at != '\t' && *w->at != '\n')
		w->at++;
	*len = (size_t)(w->at - *word);
	return *len > 0;
}

static bool is_word(const char *word, size_t len, const char *s)
{
	return strlen(s) == len && !memcmp(word, s, len);
}

static int number_of(const char *word, size_t len, uint64_t *out)
{
	uint64_t v = 0;

	if (!len || len > 20)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		if (word[i] < '0' || word[i] > '9' || v > UINT64_MAX / 10 || (v == UINT64_MAX / 10 && word[i] > '5'))
			return -EINVAL;
		v = v * 10 + (uint64_t)(word[i] - '0');
	}
	*out = v;
	return 0;
}

static int find_pair(struct words *w, const char *key, uint64_t *out)
{
	const char *word;
	size_t len;

	while (next_word(w, &word, &len)) {
		bool found = is_word(word, len, key);

		if (!next_word(w, &word, &len))
			break;
		if (found)
			return number_of(word, len, out);
	}
	return -ENOENT;
}

int netfiles_sockstat(const char *buf, size_t len, const char *line, const char *key, uint64_t *out)
{
	const char *end = buf + len;

	for (const char *at = buf; at < end;) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		struct words w = { at, stop ? stop : end };
		const char *word;
		size_t n;

		at = w.end + 1;
		if (next_word(&w, &word, &n) && word[n - 1] == ':' && is_word(word, n - 1, line))
			return find_pair(&w, key, out);
	}
	return -ENOENT;
}
