// SPDX-License-Identifier: GPL-2.0-or-later
/* Text that is too long for a line goes on in the next. Pure but for what is written. */
#ifndef NSKIT_WRAP_H
#define NSKIT_WRAP_H

#include <stdio.h>

/*
 * Write escaped text (output/escape.h) behind what the line has already, at columns of width, of which the last owed are blanks that are
 * still to be written where something follows. No line ends in blanks. Lines break at blanks, which then are left
 * out, and behind a comma that follows a bracket; those that follow begin at column indent, or at WRAP_TAB where indent leaves no room for
 * a piece. What is too long for any line stays whole. A line break in the text starts a line of its own, as it stands. The text is changed
 * while it is written, and then as it was. Linear.
 */
void wrap_text(FILE *f, char *text, size_t at, size_t owed, size_t indent, size_t width);
enum { WRAP_TAB = 8 };

#endif
