// SPDX-License-Identifier: GPL-2.0-or-later
/* Counters. */
#include "net/netfiles.h"
#include "util/words.h"

/* "TcpExt:": a line's first word without its colon. */
static bool next_title(struct words *line, struct words *title)
{
	return words_next(line, title) && *--title->end == ':' && words_len(title);
}

static bool next_pair(struct words *line, struct words *name, struct words *value)
{
	return words_next(line, name) && words_next(line, value);
}

int netfiles_sockstat(const char *buf, size_t len, const char *line, const char *key, uint64_t *out)
{
	struct words rest = { buf, buf + len }, w, title, name, value;

	while (words_line(&rest, &w)) {
		if (!next_title(&w, &title) || !words_is(&title, line))
			continue;
		while (next_pair(&w, &name, &value))
			if (words_is(&name, key))
				return words_number(&value, out);
	}
	return -ENOENT;
}

/* "TITLE.NAME"; names that are longer than any kernel has are cut. */
static void hand_on(const char *title, size_t title_len, const struct words *name, uint64_t value, netfiles_take *take, void *arg)
{
	char key[128];
	int len = snprintf(key, sizeof(key), "%.*s.%.*s", (int)MIN(title_len, (size_t)60), title,
			   (int)MIN(words_len(name), (size_t)60), name->at);

	take(key, (size_t)len, value, arg);
}

void netfiles_paired(const char *buf, size_t len, netfiles_take *take, void *arg)
{
	struct words rest = { buf, buf + len }, names, values, title, again, name, value;
	uint64_t v;

	while (words_line(&rest, &names) && words_line(&rest, &values)) {
		if (!next_title(&names, &title) || !next_title(&values, &again) || words_len(&title) != words_len(&again) ||
		    memcmp(title.at, again.at, words_len(&title)) != 0)
			return; /* not what we know */
		while (words_next(&names, &name) && words_next(&values, &value))
			if (!words_number(&value, &v))
				hand_on(title.at, words_len(&title), &name, v, take, arg);
	}
}

/* "Ip6InReceives": the name has its title in front, up to the 6. */
void netfiles_snmp6(const char *buf, size_t len, netfiles_take *take, void *arg)
{
	struct words rest = { buf, buf + len }, line, name, value, title;
	uint64_t v;

	while (words_line(&rest, &line))
		if (next_pair(&line, &name, &value) && !words_number(&value, &v) && words_split(&name, '6', &title, &name) &&
		    words_len(&name))
			hand_on(title.at, words_len(&title) + 1, &name, v, take, arg);
}

void netfiles_sockets(const char *buf, size_t len, netfiles_take *take, void *arg)
{
	struct words rest = { buf, buf + len }, line, title, name, value;
	char full[64];
	uint64_t v;

	while (words_line(&rest, &line)) {
		if (!next_title(&line, &title))
			continue;
		snprintf(full, sizeof(full), "sockstat.%.*s", (int)MIN(words_len(&title), (size_t)32), title.at);
		while (next_pair(&line, &name, &value))
			if (!words_number(&value, &v))
				hand_on(full, strlen(full), &name, v, take, arg);
	}
}

/*
 * The first column, "entries", is no counter and the same in each line (ct_cpu_seq_show,
 * net/netfilter/nf_conntrack_standalone.c).
 */
void netfiles_conntrack(const char *buf, size_t len, netfiles_take *take, void *arg)
{
	enum { MAX_COLUMNS = 32 };
	struct words rest = { buf, buf + len }, names, line, word;
	uint64_t sums[MAX_COLUMNS] = { 0 }, v;
	size_t i;

	if (!words_line(&rest, &names))
		return;
	while (words_line(&rest, &line))
		for (i = 0; i < MAX_COLUMNS && words_next(&line, &word); i++)
			if (!words_hex(&word, &v))
				sums[i] += v;
	for (i = 0; i < MAX_COLUMNS && words_next(&names, &word); i++)
		if (i)
			hand_on("conntrack", strlen("conntrack"), &word, sums[i], take, arg);
}
