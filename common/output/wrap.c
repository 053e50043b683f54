// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "output/escape.h"
#include "output/wrap.h"
#include "util/util.h"

/* Bytes of what stays together: blanks, and what follows them. */
static size_t piece_length(const char *s)
{
	size_t i = strspn(s, " ");

	while (s[i] && s[i] != ' ' && s[i] != '\n') {
		i++;
		if (i > 1 && s[i - 1] == ',' && s[i - 2] == ')')
			break;
	}
	return i;
}

static size_t piece_width(char *s, size_t len)
{
	char behind = s[len];
	size_t width;

	s[len] = '\0';
	width = escaped_width(s);
	s[len] = behind;
	return width;
}

/* The break itself, and a tab behind it. */
static size_t put_break(FILE *f, const char *s, size_t *at)
{
	bool tab = s[1] == '\t';

	fwrite(s, 1, tab ? 2 : 1, f);
	*at = tab ? WRAP_TAB : 0;
	return tab ? 2 : 1;
}

void wrap_text(FILE *f, char *text, size_t at, size_t owed, size_t indent, size_t width)
{
	while (*text) {
		size_t len, columns, blanks = strspn(text, " ");

		if (*text == '\n') {
			text += put_break(f, text, &at);
			indent = WRAP_TAB;
			owed = 0;
			continue;
		}
		len = piece_length(text);
		if (len == blanks) { /* at the end of a line they would only be trailing */
			text += len;
			continue;
		}
		columns = piece_width(text, len);
		if (indent + columns - blanks > width)
			indent = MIN(indent, (size_t)WRAP_TAB);
		if (at + columns > width && at > indent) {
			fprintf(f, "\n%*s", (int)indent, "");
			owed = 0;
			text += blanks;
			len -= blanks;
			columns -= blanks;
			at = indent;
		}
		fprintf(f, "%*s", (int)owed, "");
		fwrite(text, 1, len, f);
		owed = 0;
		text += len;
		at += columns;
	}
}
