// SPDX-License-Identifier: GPL-2.0-or-later
#include "translate/lives.h"

#define NOBODY UINT32_MAX

void lives_init(struct lives *l, size_t max_dead)
{
	*l = (struct lives){ .free = NOBODY, .first_dead = NOBODY, .last_dead = NOBODY, .max_dead = max_dead };
}

void lives_done(struct lives *l)
{
	free(l->items);
	free(l->by_nr);
	free(l->by_host);
	lives_init(l, 0);
}

static uint32_t *place(uint32_t **table, size_t *cap, uint32_t number)
{
	if (number >= *cap) {
		size_t size = MAX((size_t)number + 1, *cap * 2);

		*table = xrealloc(*table, size * sizeof(**table));
		memset(*table + *cap, 0xff, (size - *cap) * sizeof(**table)); /* NOBODY */
		*cap = size;
	}
	return &(*table)[number];
}

static uint32_t youngest(const uint32_t *table, size_t cap, uint32_t number)
{
	return number < cap ? table[number] : NOBODY;
}

/* --- the dead -------------------------------------------------------------------------------------------------------- */

static void unlink_from(struct lives *l, uint32_t *head, uint32_t i, bool by_nr)
{
	while (*head != i)
		head = by_nr ? &l->items[*head].older_nr : &l->items[*head].older_host;
	*head = by_nr ? l->items[i].older_nr : l->items[i].older_host;
}

static void forget_first(struct lives *l)
{
	uint32_t i = l->first_dead;
	struct life *x = &l->items[i];

	l->first_dead = x->younger_dead;
	if (l->first_dead == NOBODY)
		l->last_dead = NOBODY;
	l->n_dead--;
	unlink_from(l, &l->by_nr[x->nr], i, true);
	unlink_from(l, &l->by_host[x->host], i, false);
	x->younger_dead = l->free;
	l->free = i;
}

static void bury(struct lives *l, uint32_t i, uint64_t when)
{
	struct life *x = &l->items[i];

	x->died = when;
	x->younger_dead = NOBODY;
	if (l->last_dead == NOBODY)
		l->first_dead = i;
	else
		l->items[l->last_dead].younger_dead = i;
	l->last_dead = i;
	if (++l->n_dead > l->max_dead)
		forget_first(l);
}

void lives_died(struct lives *l, uint32_t host, uint64_t when)
{
	uint32_t next;

	for (uint32_t i = youngest(l->by_host, l->cap_host, host); i != NOBODY; i = next) {
		next = l->items[i].older_host;
		if (!l->items[i].died)
			bury(l, i, when);
	}
}

void lives_forget(struct lives *l, uint64_t before)
{
	while (l->first_dead != NOBODY && l->items[l->first_dead].died < before)
		forget_first(l);
}

/* --- the living ------------------------------------------------------------------------------------------------------- */

static bool is_known(const struct lives *l, uint32_t host, uint32_t ns, uint64_t start)
{
	for (uint32_t i = youngest(l->by_host, l->cap_host, host); i != NOBODY; i = l->items[i].older_host)
		if (l->items[i].ns == ns && l->items[i].start == start)
			return true;
	return false;
}

static uint32_t new_place(struct lives *l)
{
	uint32_t i = l->free;

	if (i == NOBODY) {
		ARRAY_ADD(l, items);
		return (uint32_t)l->n_items - 1;
	}
	l->free = l->items[i].younger_dead;
	return i;
}

void lives_born(struct lives *l, uint32_t host, uint32_t ns, uint32_t level, uint32_t nr, uint64_t start)
{
	uint32_t i, *by_nr, *by_host;

	if (host > LIVES_MAX_PID || nr > LIVES_MAX_PID || is_known(l, host, ns, start))
		return;
	i = new_place(l);
	by_nr = place(&l->by_nr, &l->cap_nr, nr);
	by_host = place(&l->by_host, &l->cap_host, host);
	l->items[i] = (struct life){ .host = host,
				     .nr = nr,
				     .ns = ns,
				     .level = level,
				     .start = start,
				     .older_nr = *by_nr,
				     .older_host = *by_host,
				     .younger_dead = NOBODY };
	*by_nr = *by_host = i;
}

/* --- looking up ---------------------------------------------------------------------------------------------------------- */

const struct life *lives_by_nr(const struct lives *l, uint32_t nr, bool (*accept)(const struct life *x, void *arg), void *arg,
			       bool only_one)
{
	const struct life *alive = NULL, *dead = NULL;

	for (uint32_t i = youngest(l->by_nr, l->cap_nr, nr); i != NOBODY; i = l->items[i].older_nr) {
		const struct life *x = &l->items[i];

		if ((x->died && (alive || (dead && dead->died >= x->died))) || !accept(x, arg))
			continue;
		if (x->died) {
			dead = x;
		} else if (!alive) {
			alive = x;
			if (!only_one)
				break;
		} else if (alive->host != x->host) {
			return NULL;
		}
	}
	return alive ? alive : dead;
}

static bool is_better(const struct life *x, const struct life *than)
{
	if (!than || !x->died != !than->died)
		return !than || !x->died;
	return x->died != than->died ? x->died > than->died : x->level > than->level;
}

const struct life *lives_by_host(const struct lives *l, uint32_t host, bool (*accept)(const struct life *x, void *arg), void *arg)
{
	const struct life *best = NULL;

	for (uint32_t i = youngest(l->by_host, l->cap_host, host); i != NOBODY; i = l->items[i].older_host)
		if (is_better(&l->items[i], best) && accept(&l->items[i], arg))
			best = &l->items[i];
	return best;
}
