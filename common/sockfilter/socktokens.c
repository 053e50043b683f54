// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>

#include "sockfilter/socktokens.h"

static const struct {
	const char *word;
	enum token_kind kind;
} operators[] = {
	/* The longer ones first. */
	{ "&&", T_AND },  { "||", T_OR }, { "==", T_EQ },   { "!=", T_NE }, { "<=", T_LE },  { ">=", T_GE },  { "(", T_OPEN },
	{ ")", T_CLOSE }, { "&", T_AND }, { "|", T_OR },    { "!", T_NOT }, { "=", T_EQ },   { "<", T_LT },   { ">", T_GT },
	{ "and", T_AND }, { "or", T_OR }, { "not", T_NOT }, { "eq", T_EQ }, { "ne", T_NE },  { "neq", T_NE }, { "lt", T_LT },
	{ "gt", T_GT },   { "le", T_LE }, { "leq", T_LE },  { "ge", T_GE }, { "geq", T_GE },
};

static bool is_sign(char c)
{
	return c && strchr("()!&|=<>", c);
}

/* An operator of signs at s, its length in *len; words stand alone. */
static enum token_kind sign_at(const char *s, size_t *len)
{
	for (size_t i = 0; i < ARRAY_SIZE(operators); i++) {
		*len = strlen(operators[i].word);
		if (is_sign(*operators[i].word) && !strncmp(s, operators[i].word, *len))
			return operators[i].kind;
	}
	return T_END;
}

static enum token_kind word_kind(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(operators); i++)
		if (!strcmp(operators[i].word, word))
			return operators[i].kind;
	return T_WORD;
}

/* Where what begins at s, and is no sign, ends. */
static size_t text_length(const char *s)
{
	bool path = !strncmp(s, "unix:", 5);
	size_t len = 0;

	while (s[len] && !isspace((unsigned char)s[len]) && (path || !is_sign(s[len])))
		len++;
	return len;
}

void socktokens_add(struct socktokens *t, struct arena *a, const char *word)
{
	const char *s = word;
	size_t len;

	for (; *s; s += len) {
		struct token *token;

		len = 1;
		if (isspace((unsigned char)*s))
			continue;
		token = ARRAY_ADD(t, items);
		if (is_sign(*s)) {
			token->kind = sign_at(s, &len);
		} else {
			len = text_length(s);
			token->text = arena_strndup(a, s, len);
			token->kind = word_kind(token->text);
		}
	}
}

void socktokens_done(struct socktokens *t)
{
	free(t->items);
	*t = (struct socktokens){ 0 };
}

const struct token *socktokens_peek(const struct socktokens *t)
{
	static const struct token end = { T_END, NULL };

	return t->at < t->n_items ? &t->items[t->at] : &end;
}

bool socktokens_take(struct socktokens *t, enum token_kind kind)
{
	if (socktokens_peek(t)->kind != kind)
		return false;
	t->at++;
	return true;
}
