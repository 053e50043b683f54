// SPDX-License-Identifier: GPL-2.0-or-later
/* Any bytes as a name: what comes out is safe to show, valid JSON, and leads back to the bytes. */
#include <jansson.h>

#include "output/escape.h"
#include "util/util.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *escaped(const char *s, size_t len, unsigned int flags)
{
	size_t n = escape(s, len, flags, NULL, 0);
	char *out = malloc(n + 1);

	if (!out || escape(s, len, flags, out, n + 1) != n || strlen(out) != n)
		abort();
	return out;
}

static void check_plain(const char *s, unsigned int flags)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f || (flags & ESC_BLANKS && *s == ' ') ||
		    (flags & ESC_ASCII && (unsigned char)*s > 0x7e))
			abort();
}

/* Any prefix that fits is whole: escaping it again in a buffer of that size gives the same. */
static void check_cuts(const char *shown, const char *s, size_t len, size_t width)
{
	size_t used, n = escaped_fit(shown, width, &used);
	char small[17];

	if (used > width || n > strlen(shown) || (escaped_width(shown) <= width) != (shown[n] == '\0'))
		abort();
	escape(s, len, 0, small, 1 + width % sizeof(small));
	if (strncmp(small, shown, strlen(small)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int flags = size ? data[0] & 3 : 0;
	const char *s = (const char *)data + (size ? 1 : 0);
	size_t len = size ? size - 1 : 0;
	char *shown = escaped(s, len, flags), *plain = escaped(s, len, 0), *json = escaped(s, len, ESC_JSON);
	char *quoted = NULL;
	json_t *v;

	check_plain(shown, flags);
	check_cuts(plain, s, len, len % 40);
	if (asprintf(&quoted, "\"%s\"", json) < 0)
		abort();
	v = json_loads(quoted, JSON_DECODE_ANY, NULL);
	if (!v || strcmp(json_string_value(v), plain))
		abort();
	if (unescape(shown) != len || memcmp(shown, s, len))
		abort();
	json_decref(v);
	free(quoted);
	free(json);
	free(plain);
	free(shown);
	return 0;
}
