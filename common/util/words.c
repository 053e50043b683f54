// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "util/util.h"
#include "util/words.h"

bool words_line(struct words *rest, struct words *line)
{
	const char *stop;

	if (rest->at >= rest->end)
		return false;
	stop = memchr(rest->at, '\n', (size_t)(rest->end - rest->at));
	*line = (struct words){ rest->at, stop ? stop : rest->end };
	rest->at = stop ? stop + 1 : rest->end;
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool words_next(struct words *line, struct words *word)
{
	while (line->at < line->end && is_blank(*line->at))
		line->at++;
	word->at = line->at;
	while (line->at < line->end && !is_blank(*line->at))
		line->at++;
	word->end = line->at;
	return word->at < word->end;
}

bool words_is(const struct words *word, const char *s)
{
	return strlen(s) == words_len(word) && !memcmp(word->at, s, words_len(word));
}

int words_number(const struct words *word, uint64_t *out)
{
	uint64_t v = 0;

	if (word->at == word->end)
		return -EINVAL;
	for (const char *p = word->at; p < word->end; p++) {
		uint64_t digit = (uint64_t)(*p - '0');

		if (*p < '0' || *p > '9' || v > (UINT64_MAX - digit) / 10)
			return -EINVAL;
		v = v * 10 + digit;
	}
	*out = v;
	return 0;
}

int words_hex(const struct words *word, uint64_t *out)
{
	uint64_t v = 0;

	if (word->at == word->end || words_len(word) > 16)
		return -EINVAL;
	for (const char *p = word->at; p < word->end; p++) {
		if (*p >= '0' && *p <= '9')
			v = v << 4 | (uint64_t)(*p - '0');
		else if (*p >= 'a' && *p <= 'f')
			v = v << 4 | (uint64_t)(*p - 'a' + 10);
		else if (*p >= 'A' && *p <= 'F')
			v = v << 4 | (uint64_t)(*p - 'A' + 10);
		else
			return -EINVAL;
	}
	*out = v;
	return 0;
}

unsigned int words_numbers(const char *text, uint64_t *out, unsigned int max)
{
	struct words rest = { text, text + strlen(text) }, line, word;
	unsigned int n = 0;

	if (!words_line(&rest, &line))
		return 0;
	while (n < max && words_next(&line, &word) && !words_number(&word, &out[n]))
		n++;
	return n;
}

bool words_split(const struct words *word, char at, struct words *first, struct words *second)
{
	const char *mark = memchr(word->at, at, words_len(word));

	if (!mark)
		return false;
	const struct words whole = *word; /* one of the two may be the same */

	*first = (struct words){ whole.at, mark };
	*second = (struct words){ mark + 1, whole.end };
	return true;
}

size_t words_distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), row[65];

	if (n > 64 || m > 64)
		return 65;
	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t above = row[j];

			row[j] = MIN(MIN(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[m];
}

bool words_near(const char *word, const char *name)
{
	return name && *name &&
	       (strstr(name, word) || (strlen(name) > 2 && strstr(word, name)) ||
		words_distance(word, name) <= MAX((size_t)2, strlen(word) / 3));
}
