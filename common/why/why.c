// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>

#include "why/why.h"

const char *const why_call_names[] = { "socket", "bind", "listen", "connect", "reach", NULL };
const char *const why_verdict_names[] = { "ok", "blocked", "unreachable", "degraded", "unknown", NULL };

static const struct why_step *steps_of(const struct why_query *q)
{
	if (q->path)
		return why_unix_steps;
	return q->call == CALL_REACH ? why_reach_steps : why_call_steps;
}

static uint8_t judge(const struct why_query *q, const struct why *why)
{
	bool degraded = false;

	for (size_t i = 0; i < why->n_causes; i++) {
		if (!why->causes[i].degrades)
			return q->call == CALL_REACH ? WHY_UNREACHABLE : WHY_BLOCKED;
		degraded = true;
	}
	if (degraded)
		return WHY_DEGRADED;
	return why->n_unchecked ? WHY_UNKNOWN : WHY_OK;
}

/* The program's word against ours. */
static void compare_reported(struct why_state *st)
{
	struct why *why = st->why;
	size_t i = 0;

	while (i < why->n_causes && why->causes[i].err != st->q->err)
		i++;
	if (!why->n_causes)
		why_skip(st, "what gave the errno that the program reported", NULL,
			 "nothing that was checked gives it; it may have passed by now");
	else if (i == why->n_causes)
		why->note = "none of these gives the errno that the program reported: that has passed, or it was not checked";
	else if (i)
		why->note = "the program reported the errno of a later one: what stands before it may have come since";
}

void why_run(const struct index *ix, const struct why_query *q, struct why *why)
{
	struct why_state st = { .ix = ix, .s = ix->snap, .q = q, .why = why };

	*why = (struct why){ 0 };
	for (const struct why_step *step = steps_of(q); step->check; step++) {
		if (!(step->calls >> q->call & 1))
			continue;
		step->check(&st);
		why->checks++;
	}
	if (q->err)
		compare_reported(&st);
	why->verdict = judge(q, why);
}

void why_done(struct why *why)
{
	for (size_t i = 0; i < why->n_causes; i++) {
		free(why->causes[i].facts);
		free(why->causes[i].lines);
		free(why->causes[i].advice);
	}
	free(why->causes);
	free(why->unchecked);
	free(why->trials);
	free(why->needs);
	arena_done(&why->arena);
	*why = (struct why){ 0 };
}

size_t why_take_trials(const struct why *why, struct snap *s)
{
	for (size_t i = 0; i < why->n_trials; i++) {
		struct snap_trial *t = ARRAY_ADD(s, trials);

		*t = why->trials[i];
		t->src = arena_strdup(&s->arena, t->src);
		t->dst = arena_strdup(&s->arena, t->dst);
	}
	return why->n_trials;
}

uint64_t why_wants(const struct why_query *q)
{
	uint64_t wants = WANT_TASKS | WANT_CONTAINERS | WANT_ALL_CONTAINERS;

	for (const struct why_step *step = steps_of(q); step->check; step++)
		if (step->calls >> q->call & 1)
			wants |= step->wants;
	return wants;
}

/* --- writing an answer ------------------------------------------------------------------------------------------------ */

static char *format(struct why_state *st, const char *fmt, va_list ap)
{
	va_list again;
	int len;
	char *text;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	text = arena_alloc(&st->why->arena, (size_t)MAX(len, 0) + 1);
	vsnprintf(text, (size_t)MAX(len, 0) + 1, fmt, ap);
	return text;
}

#define FORMAT(st, fmt, text) \
	do { \
		va_list ap_; \
		va_start(ap_, fmt); \
		text = format(st, fmt, ap_); \
		va_end(ap_); \
	} while (0)

char *why_printf(struct why_state *st, const char *fmt, ...)
{
	char *text;

	FORMAT(st, fmt, text);
	return text;
}

static struct why_cause *newest(struct why_state *st)
{
	return &st->why->causes[st->why->n_causes - 1];
}

struct why_cause *why_add(struct why_state *st, const char *code, int err)
{
	struct why_cause *c = ARRAY_ADD(st->why, causes);

	c->code = code;
	c->err = err;
	return c;
}

const struct why_fact *why_fact_of(const struct why_cause *c, const char *key)
{
	for (size_t i = 0; i < c->n_facts; i++)
		if (!strcmp(c->facts[i].key, key))
			return &c->facts[i];
	return NULL;
}

void why_summary(struct why_state *st, const char *fmt, ...)
{
	FORMAT(st, fmt, newest(st)->summary);
}

void why_line(struct why_state *st, const char *label, const char *fmt, ...)
{
	char *text;

	FORMAT(st, fmt, text);
	*ARRAY_ADD(newest(st), lines) = (struct why_line){ label, text };
}

void why_advise(struct why_state *st, const char *fmt, ...)
{
	char *text;

	FORMAT(st, fmt, text);
	*ARRAY_ADD(newest(st), advice) = text;
}

void why_number(struct why_state *st, const char *key, uint64_t v)
{
	*ARRAY_ADD(newest(st), facts) = (struct why_fact){ .key = key, .kind = FACT_NUMBER, .number = v };
}

void why_text(struct why_state *st, const char *key, const char *v)
{
	if (v)
		*ARRAY_ADD(newest(st), facts) =
			(struct why_fact){ .key = key, .kind = FACT_TEXT, .text = arena_strdup(&st->why->arena, v) };
}

void why_bool(struct why_state *st, const char *key, bool v)
{
	*ARRAY_ADD(newest(st), facts) = (struct why_fact){ .key = key, .kind = FACT_BOOL, .truth = v };
}

void why_numbers(struct why_state *st, const char *key, const uint64_t *v, uint32_t n)
{
	uint64_t *copy = arena_alloc(&st->why->arena, n * sizeof(*copy));

	memcpy(copy, v, n * sizeof(*copy));
	*ARRAY_ADD(newest(st), facts) = (struct why_fact){ .key = key, .kind = FACT_NUMBERS, .numbers = copy, .n_numbers = n };
}

void why_skip(struct why_state *st, const char *what, const char *where, const char *why)
{
	for (size_t i = 0; i < st->why->n_unchecked; i++) {
		const struct why_unchecked *u = &st->why->unchecked[i];

		if (!strcmp(u->what, what) && (u->where == where || (u->where && where && !strcmp(u->where, where))))
			return;
	}
	*ARRAY_ADD(st->why, unchecked) =
		(struct why_unchecked){ .what = what, .where = arena_strdup(&st->why->arena, where), .why = why };
}
