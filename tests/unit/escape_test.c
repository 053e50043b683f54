// SPDX-License-Identifier: GPL-2.0-or-later
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>

#include "output/escape.h"
#include "unit/thing.h"

/* What each is shown as. The lengths matter: a sequence cut off at the end of its buffer, a NUL inside. */
static const struct {
	const char *what, *bytes;
	size_t len;
	const char *shown, *ascii, *raw;
} table[] = {
#define ROW(what, bytes, ...) \
	{ \
		what, bytes, sizeof(bytes) - 1, __VA_ARGS__ \
	}
	ROW("nothing", "", "", "", ""),
	ROW("plain", "nginx: master", "nginx: master", "nginx: master", "nginx:\\x20master"),
	ROW("quotes", "a\"b'c`", "a\"b'c`", "a\"b'c`", "a\"b'c`"),
	ROW("escape sequence", "\033[31mred", "\\x1b[31mred", "\\x1b[31mred", "\\x1b[31mred"),
	ROW("line breaks", "a\nb\rc\td", "a\\x0ab\\x0dc\\x09d", "a\\x0ab\\x0dc\\x09d", "a\\x0ab\\x0dc\\x09d"),
	ROW("DEL and BEL", "\177\a", "\\x7f\\x07", "\\x7f\\x07", "\\x7f\\x07"),
	ROW("NUL inside", "a\0b", "a\\x00b", "a\\x00b", "a\\x00b"),
	ROW("literal \\x41", "\\x41", "\\x5cx41", "\\x5cx41", "\\x5cx41"),
	ROW("literal \\x alone", "\\x", "\\x5cx", "\\x5cx", "\\x5cx"),
	ROW("other backslashes", "\\a\\\\x\\", "\\a\\\\x5cx\\", "\\a\\\\x5cx\\", "\\x5ca\\x5c\\x5cx\\x5c"),
	ROW("backslash before ESC", "\\\033", "\\\\x1b", "\\\\x1b", "\\x5c\\x1b"),
	ROW("valid UTF-8", "é漢😀", "é漢😀", "\\xc3\\xa9\\xe6\\xbc\\xa2\\xf0\\x9f\\x98\\x80",
	    "\\xc3\\xa9\\xe6\\xbc\\xa2\\xf0\\x9f\\x98\\x80"),
	ROW("combining accent", "e\u0301", "e\u0301", "e\\xcc\\x81", "e\\xcc\\x81"),
	ROW("C1 as UTF-8 (CSI)",
	    "\xc2\x9b"
	    "31m",
	    "\\xc2\\x9b31m", "\\xc2\\x9b31m", "\\xc2\\x9b31m"),
	ROW("C1 as a byte",
	    "\x9b"
	    "31m",
	    "\\x9b31m", "\\x9b31m", "\\x9b31m"),
	ROW("last of C1, then a letter", "\xc2\x9f\u00a1", "\\xc2\\x9f\u00a1", "\\xc2\\x9f\\xc2\\xa1", "\\xc2\\x9f\\xc2\\xa1"),
	ROW("overlong slash, 2 bytes", "\xc0\xaf", "\\xc0\\xaf", "\\xc0\\xaf", "\\xc0\\xaf"),
	ROW("overlong ESC, 2 bytes", "\xc1\x9b", "\\xc1\\x9b", "\\xc1\\x9b", "\\xc1\\x9b"),
	ROW("overlong slash, 3 bytes", "\xe0\x80\xaf", "\\xe0\\x80\\xaf", "\\xe0\\x80\\xaf", "\\xe0\\x80\\xaf"),
	ROW("overlong, 4 bytes", "\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf", "\\xf0\\x8f\\xbf\\xbf", "\\xf0\\x8f\\xbf\\xbf"),
	ROW("surrogate pair", "\xed\xa0\xbd\xed\xb8\x80", "\\xed\\xa0\\xbd\\xed\\xb8\\x80", "\\xed\\xa0\\xbd\\xed\\xb8\\x80",
	    "\\xed\\xa0\\xbd\\xed\\xb8\\x80"),
	ROW("below and above surrogates", "\ud7ff\ue000", "\ud7ff\ue000", "\\xed\\x9f\\xbf\\xee\\x80\\x80",
	    "\\xed\\x9f\\xbf\\xee\\x80\\x80"),
	ROW("beyond U+10FFFF", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", "\\xf4\\x90\\x80\\x80", "\\xf4\\x90\\x80\\x80"),
	ROW("5 and 6 byte forms", "\xf8\x88\xfd", "\\xf8\\x88\\xfd", "\\xf8\\x88\\xfd", "\\xf8\\x88\\xfd"),
	ROW("FE and FF", "\xfe\xff", "\\xfe\\xff", "\\xfe\\xff", "\\xfe\\xff"),
	ROW("truncated, 2 of 3", "a\xe6\xbc", "a\\xe6\\xbc", "a\\xe6\\xbc", "a\\xe6\\xbc"),
	ROW("truncated, 3 of 4", "\xf0\x9f\x98", "\\xf0\\x9f\\x98", "\\xf0\\x9f\\x98", "\\xf0\\x9f\\x98"),
	ROW("interrupted by a letter", "\xe6\xbcz", "\\xe6\\xbcz", "\\xe6\\xbcz", "\\xe6\\xbcz"),
	ROW("interrupted by a good one", "\xf0é", "\\xf0é", "\\xf0\\xc3\\xa9", "\\xf0\\xc3\\xa9"),
	ROW("stray continuation", "\x80\xbf", "\\x80\\xbf", "\\x80\\xbf", "\\x80\\xbf"),
	ROW("right-to-left override", "a\u202eb", "a\\xe2\\x80\\xaeb", "a\\xe2\\x80\\xaeb", "a\\xe2\\x80\\xaeb"),
	ROW("isolates", "\u2066\u2069", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9", "\\xe2\\x81\\xa6\\xe2\\x81\\xa9",
	    "\\xe2\\x81\\xa6\\xe2\\x81\\xa9"),
	ROW("right-to-left mark", "\u200f", "\\xe2\\x80\\x8f", "\\xe2\\x80\\x8f", "\\xe2\\x80\\x8f"),
	ROW("arabic letter mark", "\u061c", "\\xd8\\x9c", "\\xd8\\x9c", "\\xd8\\x9c"),
	ROW("zero width space", "a\u200bb", "a\\xe2\\x80\\x8bb", "a\\xe2\\x80\\x8bb", "a\\xe2\\x80\\x8bb"),
	ROW("zero width joiner", "\u200d", "\\xe2\\x80\\x8d", "\\xe2\\x80\\x8d", "\\xe2\\x80\\x8d"),
	ROW("soft hyphen", "\u00ad", "\\xc2\\xad", "\\xc2\\xad", "\\xc2\\xad"),
	ROW("variation selector", "\ufe0f", "\\xef\\xb8\\x8f", "\\xef\\xb8\\x8f", "\\xef\\xb8\\x8f"),
	ROW("tag characters", "\U000e0041", "\\xf3\\xa0\\x81\\x81", "\\xf3\\xa0\\x81\\x81", "\\xf3\\xa0\\x81\\x81"),
	ROW("Hangul filler", "\u3164", "\\xe3\\x85\\xa4", "\\xe3\\x85\\xa4", "\\xe3\\x85\\xa4"),
	ROW("BOM", "\ufeffa", "\\xef\\xbb\\xbfa", "\\xef\\xbb\\xbfa", "\\xef\\xbb\\xbfa"),
	ROW("line and paragraph separators", "\u2028\u2029", "\\xe2\\x80\\xa8\\xe2\\x80\\xa9", "\\xe2\\x80\\xa8\\xe2\\x80\\xa9",
	    "\\xe2\\x80\\xa8\\xe2\\x80\\xa9"),
	ROW("noncharacters", "\uffff\U0010fffe", "\\xef\\xbf\\xbf\\xf4\\x8f\\xbf\\xbe", "\\xef\\xbf\\xbf\\xf4\\x8f\\xbf\\xbe",
	    "\\xef\\xbf\\xbf\\xf4\\x8f\\xbf\\xbe"),
	ROW("replacement character is one", "\ufffd", "\ufffd", "\\xef\\xbf\\xbd", "\\xef\\xbf\\xbd"),
#undef ROW
};

static void check(const char *what, const char *bytes, size_t len, unsigned int flags, const char *expected)
{
	char out[256];
	size_t n = escape(bytes, len, flags, out, sizeof(out));

	if (n != strlen(expected) || strcmp(out, expected))
		fail_msg("%s (flags %u): got %s, expected %s", what, flags, out, expected);
}

static void hostile_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		check(table[i].what, table[i].bytes, table[i].len, 0, table[i].shown);
		check(table[i].what, table[i].bytes, table[i].len, ESC_ASCII, table[i].ascii);
		check(table[i].what, table[i].bytes, table[i].len, ESC_ASCII | ESC_BLANKS, table[i].raw);
	}
}

/* The stream gets what the buffer gets. */
static void stream_is_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		for (unsigned int flags = 0; flags < 8; flags++) {
			struct memory m;
			char out[256];

			escape_to(memory_open(&m), table[i].bytes, table[i].len, flags);
			escape(table[i].bytes, table[i].len, flags, out, sizeof(out));
			assert_string_equal(memory_take(&m), out);
			free(m.text);
		}
	}
}

static void unescape_gives_the_bytes_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		for (unsigned int flags = 0; flags < 4; flags++) { /* all without ESC_JSON */
			char out[256];

			escape(table[i].bytes, table[i].len, flags, out, sizeof(out));
			assert_int_equal(unescape(out), table[i].len);
			assert_memory_equal(out, table[i].bytes, table[i].len);
		}
	}
}

static void unescape_leaves_the_rest(void **state)
{
	char s[] = "\\x4\\xzz\\\\x4A\\x4a\\x", all[256 * 4 + 1] = "";

	(void)state;
	assert_int_equal(unescape(s), strlen("\\x4\\xzz\\JJ\\x"));
	assert_string_equal(s, "\\x4\\xzz\\JJ\\x");
	for (int i = 1; i < 256; i++)
		snprintf(all + 4 * (i - 1), 5, "\\x%02x", (unsigned int)i);
	assert_int_equal(unescape(all), 255);
	for (int i = 1; i < 256; i++)
		assert_int_equal((unsigned char)all[i - 1], i);
}

/* jansson must take it, and see the same text that a person sees. */
static void json_is_the_same_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char out[300] = "\"";
		json_error_t error;
		json_t *v;

		escape(table[i].bytes, table[i].len, ESC_JSON, out + 1, sizeof(out) - 2);
		strcat(out, "\"");
		v = json_loads(out, JSON_DECODE_ANY, &error);
		if (!v)
			fail_msg("%s: jansson refuses %s: %s", table[i].what, out, error.text);
		assert_string_equal(json_string_value(v), table[i].shown);
		json_decref(v);
	}
}

/* Every pair of bytes, in every mode: no control or high byte that is not part of a character gets through. */
static void all_pairs(void **state)
{
	(void)state;
	for (unsigned int pair = 0; pair < 65536; pair++) {
		char in[2] = { (char)(pair >> 8), (char)pair }, out[16];
		size_t n = escape(in, 2, 0, out, sizeof(out));

		assert_true(n < sizeof(out));
		for (size_t i = 0; i < n; i++)
			if ((unsigned char)out[i] < ' ' || out[i] == 0x7f || ((unsigned char)out[i] >= 0x80 && n != 2))
				fail_msg("%02x %02x came through as %s", (unsigned char)in[0], (unsigned char)in[1], out);
		assert_int_equal(unescape(out), 2);
		assert_memory_equal(in, out, 2);
	}
}

static void small_buffers(void **state)
{
	static const char s[] = "aé\033漢\\x";
	static const char whole[] = "aé\\x1b漢\\x5cx";
	/* How much of it fits into each size. */
	static const size_t fit[] = { 0, 0, 1, 1, 3, 3, 3, 3, 7, 7, 7, 10, 10, 10, 10, 14, 15, 15 };

	(void)state;
	assert_int_equal(escape(s, strlen(s), 0, NULL, 0), strlen(whole));
	for (size_t size = 1; size < sizeof(fit) / sizeof(fit[0]); size++) {
		char *out = malloc(size); /* exact, so that a sanitizer sees one byte too many */

		assert_int_equal(escape(s, strlen(s), 0, out, size), strlen(whole));
		assert_int_equal(strlen(out), fit[size]);
		assert_memory_equal(out, whole, fit[size]);
		free(out);
	}
}

static void widths(void **state)
{
	(void)state;
	assert_int_equal(escaped_width(""), 0);
	assert_int_equal(escaped_width("abc"), 3);
	assert_int_equal(escaped_width("\\x1b"), 4);
	assert_int_equal(escaped_width("\\q"), 2);
	assert_int_equal(escaped_width("é"), 1);
	assert_int_equal(escaped_width("漢字"), 4);
	assert_int_equal(escaped_width("e\u0301x"), 2);
	assert_int_equal(escaped_width("\xff"), 1); /* never from escape(), but must not run away */
	assert_int_equal(escaped_width("\xe6"), 1);
}

static void check_fit(const char *s, size_t width, size_t bytes, size_t columns)
{
	size_t used = 99;

	assert_int_equal(escaped_fit(s, width, &used), bytes);
	assert_int_equal(used, columns);
}

static void cuts(void **state)
{
	(void)state;
	check_fit("abc", 0, 0, 0);
	check_fit("abc", 2, 2, 2);
	check_fit("abc", 9, 3, 3);
	check_fit("ab\\x1bc", 5, 2, 2);
	check_fit("ab\\x1bc", 6, 6, 6);
	check_fit("漢字", 3, 3, 2);
	check_fit("漢字", 1, 0, 0);
	check_fit("e\u0301x", 1, 3, 1); /* the accent stays with its letter */
	check_fit("", 5, 0, 0);
	assert_int_equal(escaped_fit("abc", 1, NULL), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_bytes),
		cmocka_unit_test(stream_is_the_same),
		cmocka_unit_test(unescape_gives_the_bytes_back),
		cmocka_unit_test(unescape_leaves_the_rest),
		cmocka_unit_test(json_is_the_same_text),
		cmocka_unit_test(all_pairs),
		cmocka_unit_test(small_buffers),
		cmocka_unit_test(widths),
		cmocka_unit_test(cuts),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
