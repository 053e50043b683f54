// SPDX-License-Identifier: GPL-2.0-or-later
/* The words and signs that an expression which chooses sockets is made of; for sockfilter. */
#ifndef NSKIT_SOCKTOKENS_H
#define NSKIT_SOCKTOKENS_H

#include "util/util.h"

/* Comparisons come last, from T_EQ on. */
enum token_kind { T_END, T_WORD, T_OPEN, T_CLOSE, T_NOT, T_AND, T_OR, T_EQ, T_NE, T_LT, T_GT, T_LE, T_GE };

struct token {
	enum token_kind kind;
	char *text; /* as it was typed, of what is no sign; in the arena */
};

struct socktokens {
	struct token *items;
	size_t n_items, cap_items;
	size_t at; /* the next one */
};

/*
 * Append those of a word of the command line. It may hold several: 'sport = :80', '(sport=:80'. A pattern of unix paths may hold
 * signs: "unix:..." ends at a blank. Their text is kept in the arena.
 */
void socktokens_add(struct socktokens *t, struct arena *a, const char *word);
void socktokens_done(struct socktokens *t);

/* The next one, T_END behind the last; and pass it if it is of that kind. */
const struct token *socktokens_peek(const struct socktokens *t);
bool socktokens_take(struct socktokens *t, enum token_kind kind);

#endif
