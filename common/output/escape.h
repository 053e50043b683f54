// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every byte a stranger chose goes through here. Bytes that could act on a terminal or are not text come out as \xNN, the same
 * in text, JSON and on the screen: C0 and C1 controls, DEL, invalid UTF-8 (overlong, surrogates, beyond U+10FFFF), line and
 * paragraph separators, bidirectional overrides and isolates, zero-width and other invisible format characters, BOM,
 * noncharacters. A literal "\x" comes out as "\x5cx" (lsns does so too), so that nothing is lost and unescape() gives back the
 * very bytes.
 */
#ifndef NSKIT_ESCAPE_H
#define NSKIT_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum escape_flags {
	ESC_ASCII = 1,  /* the locale is not UTF-8: every byte above 0x7e is escaped */
	ESC_BLANKS = 2, /* blanks too, and every backslash (raw output, where a blank ends a column; lsns -r does both) */
	ESC_JSON = 4,   /* and make it the inside of a JSON string: \" and \\ (so "\x1b" is written "\\x1b") */
};

/*
 * Escape len bytes into out (at most size bytes, NUL included when size > 0), never cutting in the middle of a character or of
 * an escape. Returns the length that the whole would need (without the NUL), like snprintf.
 */
size_t escape(const char *s, size_t len, unsigned int flags, char *out, size_t size);

/* Write it to a stream. Errors are left to ferror(). Takes no lock of the stream: one thread writes to it. */
void escape_to(FILE *f, const char *s, size_t len, unsigned int flags);

/*
 * Undo escape() without ESC_JSON, in place: \xNN becomes the byte, all else stays. Returns the new length; the string is still
 * NUL-terminated, and a \x00 (which escape() writes only for a NUL inside of len) makes the string shorter than that.
 */
size_t unescape(char *s);

/* Columns that an escaped string takes on a terminal (wcwidth of the locale; East Asian wide characters are 2, combining ones 0). */
size_t escaped_width(const char *s);

/*
 * The longest prefix of an escaped string that fits into width columns, in bytes; never cuts a character or an escape, so that
 * it may take fewer: *used (may be NULL).
 */
size_t escaped_fit(const char *s, size_t width, size_t *used);

#endif
