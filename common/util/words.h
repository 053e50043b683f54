// SPDX-License-Identifier: GPL-2.0-or-later
/* Going through text of lines and words, as the kernel's files are made; any bytes will do. Nothing is copied. */
#ifndef NSKIT_WORDS_H
#define NSKIT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is left to be read. */
struct words {
	const char *at, *end;
};

/* The next line, without its end. false: there is none. */
bool words_line(struct words *rest, struct words *line);

/* The next word of a line; blanks and tabs part them. false: there is none. */
bool words_next(struct words *line, struct words *word);

/* Is it just that text? How many bytes it has. */
bool words_is(const struct words *word, const char *s);
static inline size_t words_len(const struct words *word)
{
	return (size_t)(word->end - word->at);
}

/* A word that is nothing but a number, decimal or hexadecimal without a prefix. 0 or -EINVAL, *out untouched then. */
int words_number(const struct words *word, uint64_t *out);
int words_hex(const struct words *word, uint64_t *out);

/* The numbers that a text's first line begins with, max of them at most; returns how many there were. */
unsigned int words_numbers(const char *text, uint64_t *out, unsigned int max);

/* A word "A:B" as two. false: there is no colon. */
bool words_split(const struct words *word, char at, struct words *first, struct words *second);

/* How many letters have to be put in, left out or exchanged to make one word of the other (Levenshtein); beyond 64 letters: 65. */
size_t words_distance(const char *a, const char *b);

/* Is name one that somebody could have meant who typed word: one contains the other, or a slip of two letters? Never if it is NULL or empty. */
bool words_near(const char *word, const char *name);

#endif
