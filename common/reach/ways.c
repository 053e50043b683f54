// SPDX-License-Identifier: GPL-2.0-or-later
#include "reach/ways.h"

enum { MOST_WALKS = 32 }; /* more than that are not walked, and the answer says so */

uint32_t ways_pick(const struct ways *w)
{
	return w->n < w->n_picks ? w->picks[w->n] : 0;
}

void ways_note(struct ways *w, uint32_t ways)
{
	if (ways < 2)
		return;
	if (w->n == WAYS_FORKS) {
		w->more = true;
		return;
	}
	if (w->n >= w->n_picks)
		w->picks[w->n] = 0;
	w->ways[w->n++] = ways;
}

/* The next of all combinations: the last fork that has a way left takes it, and those behind it begin anew. */
static bool turn(struct ways *w)
{
	while (w->n && w->picks[w->n - 1] + 1 >= w->ways[w->n - 1])
		w->n--;
	if (!w->n)
		return false;
	w->picks[w->n - 1]++;
	w->n_picks = w->n;
	return true;
}

/* --- what all walks together say ------------------------------------------------------------------------------------------------ */

/* The causes that one walk found. */
struct list {
	struct why_cause *causes;
	size_t n_causes, cap_causes;
};

static struct list take_causes(struct why *why)
{
	struct list l = { why->causes, why->n_causes, why->cap_causes };

	why->causes = NULL;
	why->n_causes = why->cap_causes = 0;
	return l;
}

static bool stops(const struct list *l)
{
	for (size_t i = 0; i < l->n_causes; i++)
		if (!l->causes[i].degrades)
			return true;
	return false;
}

static bool is_same(const struct why_cause *a, const struct why_cause *b)
{
	return !strcmp(a->code, b->code) &&
	       (a->summary == b->summary || (a->summary && b->summary && !strcmp(a->summary, b->summary)));
}

static bool has(const struct why *why, const struct why_cause *c)
{
	for (size_t i = 0; i < why->n_causes; i++)
		if (is_same(&why->causes[i], c))
			return true;
	return false;
}

static void drop(struct why_cause *c)
{
	free(c->facts);
	free(c->lines);
	free(c->advice);
}

/* What stops only a part of the connections degrades. */
static void join(struct why_state *st, struct list *lists, size_t n)
{
	size_t bad = 0;

	for (size_t i = 0; i < n; i++)
		bad += stops(&lists[i]);
	for (size_t i = 0; i < n; i++) {
		bool part = bad < n && stops(&lists[i]);

		for (size_t k = 0; k < lists[i].n_causes; k++) {
			struct why_cause *c = &lists[i].causes[k];

			if (has(st->why, c)) {
				drop(c);
				continue;
			}
			*ARRAY_ADD(st->why, causes) = *c;
			if (!part)
				continue;
			st->why->causes[st->why->n_causes - 1].degrades = true;
			why_line(
				st, "ways",
				"routes with several hops lead there: %zu of %zu ways end so, and a hash decides which one a connection takes",
				bad, n);
			why_number(st, "ways", n);
			why_number(st, "ways_stopped", bad);
		}
		free(lists[i].causes);
	}
}

void ways_walk(struct why_state *st, void (*walk)(struct why_state *st, struct ways *w))
{
	const char *way = NULL, *back = NULL;
	struct list lists[MOST_WALKS];
	struct ways w = { 0 };
	bool stopped = false, more;
	size_t n = 0;

	do {
		w.n = 0;
		walk(st, &w);
		lists[n] = take_causes(st->why);
		if (!n || (!stopped && stops(&lists[n]))) { /* of all ways the first one that ends badly is shown */
			way = st->why->way;
			back = st->why->way_back;
			stopped = stops(&lists[n]);
		}
		n++;
		more = turn(&w);
	} while (more && n < MOST_WALKS);
	st->why->way = way;
	st->why->way_back = back;
	join(st, lists, n);
	if (more || w.more)
		why_skip(st, "all ways of routes with several hops", NULL, "they are too many");
}
