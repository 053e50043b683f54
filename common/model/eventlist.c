// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/carry.h"
#include "model/eventlist.h"

void eventlist_add(struct eventlist *l, const struct event *e)
{
	record_copy(&l->arena, event_kinds[e->kind].desc, ARRAY_ADD(l, items), e);
}

void eventlist_move(struct eventlist *to, struct eventlist *from)
{
	for (size_t i = 0; i < from->n_items; i++)
		*ARRAY_ADD(to, items) = from->items[i];
	arena_take(&to->arena, &from->arena);
	eventlist_done(from);
}

void eventlist_done(struct eventlist *l)
{
	free(l->items);
	arena_done(&l->arena);
	*l = (struct eventlist){ 0 };
}

const struct event *event_copy(struct arena *a, const struct event *e)
{
	struct event *copy = arena_alloc(a, sizeof(*copy));

	record_copy(a, event_kinds[e->kind].desc, copy, e);
	return copy;
}
