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

/* The next line, without its end; what is left of the text in *rest. */
static bool next_line(struct words *rest, struct words *line)
{
	const char *stop;

	if (rest->at >= rest->end)
		return false;
	stop = memchr(rest->at, '\n', (size_t)(rest->end - rest->at));
	*line = (struct words){ rest->at, stop ? stop : rest->end };
	rest->at = stop ? stop + 1 : rest->end;
	return true;
}

/* "TcpExt:": a line's first word without its colon. */
static bool next_title(struct words *line, const char **word, size_t *len)
{
	return next_word(line, word, len) && (*word)[--*len] == ':' && *len;
}

int netfiles_sockstat(const char *buf, size_t len, const char *line, const char *key, uint64_t *out)
{
	struct words rest = { buf, buf + len }, w;
	const char *title;
	size_t n;

	while (next_line(&rest, &w))
		if (next_title(&w, &title, &n) && is_word(title, n, line))
			return find_pair(&w, key, out);
	return -ENOENT;
}

/* --- counters ------------------------------------------------------------------------------------------------------------------------ */

enum { KEY_SIZE = 128 };

/* "TITLE.NAME"; names that are longer than any kernel has are cut. */
static void hand_on(const char *title, size_t title_len, const char *name, size_t name_len, uint64_t value, netfiles_take *take, void *arg)
{
	char key[KEY_SIZE];
	int len = snprintf(key, sizeof(key), "%.*s.%.*s", (int)MIN(title_len, (size_t)60), title, (int)MIN(name_len, (size_t)60), name);

	take(key, (size_t)len, value, arg);
}

void netfiles_paired(const char *buf, size_t len, netfiles_take *take, void *arg)
{
	struct words rest = { buf, buf + len }, names, values;
	const char *title, *again, *name, *value;
	size_t title_len, again_len, name_len, value_len;
	uint64_t v;

	while (next_line(&rest, &names) && next_line(&rest, &values)) {
		if (!next_title(&names, &title, &title_len) || !next_title(&values, &again, &again_len) || title_len != again_len ||
		    memcmp(title, again, title_len) != 0)
			return; /* not what we know */
		while (next_word(&names, &name, &name_len) && next_word(&values, &value, &value_len))
			if (!number_of(value, value_len, &v))
				hand_on(title, title_len, name, name_len, v, take, arg);
	}
}

/* "Ip6InReceives": the name has its title in front, up to the 6. */
void netfiles_snmp6(const char *buf, size_t len, netfiles_take *take, void *arg)
{
	struct words rest = { buf, buf + len }, line;
	const char *name, *value, *six;
	size_t name_len, value_len;
	uint64_t v;

	while (next_line(&rest, &line)) {
		if (!next_word(&line, &name, &name_len) || !next_word(&line, &value, &value_len) || number_of(value, value_len, &v))
			continue;
		six = memchr(name, '6', name_len);
		if (six && six + 1 < name + name_len)
			hand_on(name, (size_t)(six + 1 - name), six + 1, name_len - (size_t)(six + 1 - name), v, take, arg);
	}
}

void netfiles_sockets(const char *buf, size_t len, netfiles_take *take, void *arg)
{
	struct words rest = { buf, buf + len }, line;
	const char *title, *name, *value;
	size_t title_len, name_len, value_len;
	char full[KEY_SIZE];
	uint64_t v;

	while (next_line(&rest, &line)) {
		if (!next_title(&line, &title, &title_len))
			continue;
		title_len = (size_t)snprintf(full, sizeof(full), "sockstat.%.*s", (int)MIN(title_len, (size_t)32), title);
		while (next_word(&line, &name, &name_len) && next_word(&line, &value, &value_len))
			if (!number_of(value, value_len, &v))
				hand_on(full, title_len, name, name_len, v, take, arg);
	}
}

static int hex_of(const char *word, size_t len, uint64_t *out)
{
	uint64_t v = 0;

	if (!len || len > 16)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		char c = word[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (uint64_t)(c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			v = v << 4 | (uint64_t)(c - 'A' + 10);
		else
			return -EINVAL;
	}
	*out = v;
	return 0;
}

/* The first column, "entries", is no counter and the same in each line (ct_cpu_seq_show, net/netfilter/nf_conntrack_standalone.c). */
void netfiles_conntrack(const char *buf, size_t len, netfiles_take *take, void *arg)
{
	enum { MAX_COLUMNS = 32 };
	struct words rest = { buf, buf + len }, names, line;
	uint64_t sums[MAX_COLUMNS] = { 0 }, v;
	const char *word;
	size_t n, i;

	if (!next_line(&rest, &names))
		return;
	while (next_line(&rest, &line))
		for (i = 0; i < MAX_COLUMNS && next_word(&line, &word, &n); i++)
			if (!hex_of(word, n, &v))
				sums[i] += v;
	for (i = 0; i < MAX_COLUMNS && next_word(&names, &word, &n); i++)
		if (i)
			hand_on("conntrack", strlen("conntrack"), word, n, sums[i], take, arg);
}
