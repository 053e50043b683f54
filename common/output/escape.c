// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "output/escape.h"

enum byte_class {
	CONTROL = 1, /* C0 and DEL */
	BLANK = 2,
	QUOTE = 4,
	BACKSLASH = 8,
	HIGH = 16, /* may begin a UTF-8 character */
};

static const uint8_t classes[256] = {
	[0x00 ... 0x1f] = CONTROL, [' '] = BLANK, ['"'] = QUOTE, ['\\'] = BACKSLASH, [0x7f] = CONTROL, [0x80 ... 0xff] = HIGH,
};

/* Which ASCII bytes end a run that can be copied as it is. */
static unsigned int stops(unsigned int flags)
{
	return CONTROL | BACKSLASH | HIGH | (flags & ESC_BLANKS ? BLANK : 0) | (flags & ESC_JSON ? QUOTE : 0);
}

/* A character of valid UTF-8 that begins with a high byte: its length and *cp, or 0. */
static size_t decode(const unsigned char *s, size_t len, uint32_t *cp)
{
	static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	uint32_t c = s[0] & (0xffu >> (n + 1));

	if (s[0] < 0xc2 || s[0] > 0xf4 || n > len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3fu);
	}
	if (c < lowest[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*cp = c;
	return n;
}

/*
 * Characters that a reader cannot see or that reorder what he sees: C1, Unicode's Default_Ignorable_Code_Point, bidirectional
 * controls, separators of lines and paragraphs, interlinear annotation, noncharacters.
 */
static bool is_unseen(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0x80, 0x9f },     { 0xad, 0xad },       { 0x34f, 0x34f },     { 0x61c, 0x61c },     { 0x115f, 0x1160 },
		{ 0x17b4, 0x17b5 }, { 0x180b, 0x180f },   { 0x200b, 0x200f },   { 0x2028, 0x202e },   { 0x2060, 0x206f },
		{ 0x3164, 0x3164 }, { 0xfdd0, 0xfdef },   { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },
		{ 0xfff0, 0xfffb }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
	};

	if ((c & 0xfffe) == 0xfffe)
		return true;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]) && c >= ranges[i].first; i++)
		if (c <= ranges[i].last)
			return true;
	return false;
}

/* How many bytes at the front go out as they are. */
static size_t plain_run(const char *str, size_t len, unsigned int flags)
{
	const unsigned char *s = (const unsigned char *)str;
	unsigned int stop = stops(flags);
	size_t i = 0;

	for (;;) {
		uint32_t cp;
		size_t n;

		while (i < len && !(classes[s[i]] & stop))
			i++;
		if (i == len)
			return i;
		if (classes[s[i]] == BACKSLASH && !(flags & (ESC_JSON | ESC_BLANKS)) && !(i + 1 < len && s[i + 1] == 'x')) {
			i++;
			continue;
		}
		if (classes[s[i]] != HIGH || flags & ESC_ASCII)
			return i;
		n = decode(s + i, len - i, &cp);
		if (!n || is_unseen(cp))
			return i;
		i += n;
	}
}

/*
 * The one byte that ended a run: its escape, into unit; the length. Of a character that may not be shown this is the first
 * byte; those that follow it are then no character either and get here one by one.
 */
static size_t escape_byte(const char *s, size_t len, unsigned int flags, char unit[5])
{
	static const char hex[] = "0123456789abcdef";
	unsigned char c = (unsigned char)*s;
	size_t n = 0;

	unit[n++] = '\\';
	if (flags & ESC_JSON && (c == '"' || (c == '\\' && !(flags & ESC_BLANKS) && !(len > 1 && s[1] == 'x')))) {
		unit[n++] = (char)c;
		return n;
	}
	if (flags & ESC_JSON)
		unit[n++] = '\\';
	unit[n++] = 'x';
	unit[n++] = hex[c >> 4];
	unit[n++] = hex[c & 15];
	return n;
}

/* A buffer that takes whole pieces until one does not fit, and counts them all. */
struct sink {
	char *out;
	size_t room, used, total;
};

static void put(struct sink *k, const char *s, size_t len, bool divisible)
{
	size_t n = len;

	k->total += len;
	if (n > k->room) {
		n = divisible ? k->room : 0;
		while (n && ((unsigned char)s[n] & 0xc0) == 0x80)
			n--;
		k->room = n; /* nothing goes in behind a gap */
	}
	if (n)
		memcpy(k->out + k->used, s, n);
	k->used += n;
	k->room -= n;
}

size_t escape(const char *s, size_t len, unsigned int flags, char *out, size_t size)
{
	struct sink k = { .out = out, .room = size ? size - 1 : 0 };

	while (len) {
		size_t n = plain_run(s, len, flags);
		char unit[5];

		put(&k, s, n, true);
		s += n;
		len -= n;
		if (!len)
			break;
		put(&k, unit, escape_byte(s, len, flags, unit), false);
		s++;
		len--;
	}
	if (size)
		out[k.used] = '\0';
	return k.total;
}

void escape_to(FILE *f, const char *s, size_t len, unsigned int flags)
{
	while (len) {
		size_t n = plain_run(s, len, flags);
		char unit[5];

		fwrite_unlocked(s, 1, n, f);
		s += n;
		len -= n;
		if (!len)
			break;
		fwrite_unlocked(unit, 1, escape_byte(s, len, flags, unit), f);
		s++;
		len--;
	}
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Is this an escape of escape()'s? */
static bool is_escape(const char *s)
{
	return s[0] == '\\' && s[1] == 'x' && hex_digit(s[2]) >= 0 && hex_digit(s[3]) >= 0;
}

size_t unescape(char *s)
{
	char *to = strchr(s, '\\'), *from = to;

	if (!to)
		return strlen(s);
	while (*from) {
		if (is_escape(from)) {
			*to++ = (char)(hex_digit(from[2]) << 4 | hex_digit(from[3]));
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
	return (size_t)(to - s);
}

/* The first character or escape of an escaped string: its bytes, and *width columns. left is the length of what is left. */
static size_t next_piece(const char *s, size_t left, size_t *width)
{
	uint32_t cp;
	size_t n;
	int w;

	*width = 1;
	if (is_escape(s))
		return *width = 4;
	if ((unsigned char)*s < 0x80)
		return 1;
	n = decode((const unsigned char *)s, left, &cp);
	if (!n)
		return 1;
	w = wcwidth((wchar_t)cp);
	*width = w < 0 ? 1 : (size_t)w; /* unknown to the locale: the terminal will show something */
	return n;
}

size_t escaped_width(const char *s)
{
	size_t left = strlen(s), width = 0, w;

	for (size_t n; left; s += n, left -= n) {
		n = next_piece(s, left, &w);
		width += w;
	}
	return width;
}

size_t escaped_fit(const char *s, size_t width, size_t *used)
{
	size_t left = strlen(s), bytes = 0, columns = 0, w;

	for (size_t n; left; left -= n, bytes += n, columns += w) {
		n = next_piece(s + bytes, left, &w);
		if (w > width - columns)
			break;
	}
	if (used)
		*used = columns;
	return bytes;
}
