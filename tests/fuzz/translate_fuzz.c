// SPDX-License-Identifier: GPL-2.0-or-later
/* Any bytes as a line, with the usual ways or a pattern: what is added can be taken out again, and then it is the line. */
#include "translate/line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool ok)
{
	if (!ok)
		abort();
}

struct marks {
	size_t n;
};

static bool find(void *arg, uint32_t nr, struct line_pid *out)
{
	struct marks *marks = arg;

	need(nr >= 1 && nr <= 4194304);
	*out = (struct line_pid){ "\001", 4, nr % 2 };
	marks->n += nr % 3 != 0;
	return nr % 3 != 0;
}

static bool takes(const char *at, size_t len, const char *mark, size_t *step)
{
	*step = strlen(mark);
	return len >= *step && !memcmp(at, mark, *step);
}

static void check(const char *line, size_t len, const struct line_out *out, size_t marks)
{
	size_t i = 0, step;

	for (size_t k = 0; k < out->n_items; k += step) {
		if (takes(out->items + k, out->n_items - k, "(\001 4)", &step) ||
		    takes(out->items + k, out->n_items - k, "(\001 4, gone)", &step)) {
			need(marks-- > 0);
			continue;
		}
		need(i < len && out->items[k] == line[i++]);
		step = 1;
	}
	need(i == len && !marks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const patterns[] = { NULL, "([0-9]+)", "<([0-9]*)>|(x*)", "p(i)?d.([0-9]+)" };
	struct marks marks = { 0 };
	struct line_out out = { 0 };
	struct line_rules rules = { .find = find, .arg = &marks };
	regex_t re;

	if (!size || memchr(data + 1, '\001', size - 1)) /* what tells our marks from the line's own bytes */
		return 0;

	const char *pattern = patterns[data[0] % ARRAY_SIZE(patterns)];
	/* With a NUL behind it: the sanitizer's regexec() looks for one, though with REG_STARTEND the real one does not. */
	CLEAN_MEM char *line = xcalloc(1, size);

	memcpy(line, data + 1, size - 1);
	if (pattern) {
		need(!regcomp(&re, pattern, REG_EXTENDED));
		rules.pattern = &re;
	}
	line_translate(&rules, line, size - 1, &out);
	check(line, size - 1, &out, marks.n);
	if (pattern)
		regfree(&re);
	free(out.items);
	return 0;
}
