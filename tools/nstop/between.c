// SPDX-License-Identifier: GPL-2.0-or-later
#include "between.h"
#include "collect/collect.h"

bool between_concerns(const struct event *e)
{
	switch ((enum event_kind)e->kind) {
	case EVENT_CLONE:
	case EVENT_FORK:
		return e->child && !e->err;
	case EVENT_EXIT:
		return true;
	case EVENT_SETNS:
	case EVENT_UNSHARE:
	case EVENT_CHANGE:
		return e->n_changes > 0;
	default:
		return false;
	}
}

static bool is_birth(const struct event *e, uint32_t pid)
{
	return (e->kind == EVENT_FORK || e->kind == EVENT_CLONE) && e->child->pid == pid && e->child->tid == pid;
}

void between_begin(struct between *b, uint64_t now)
{
	eventlist_done(&b->events);
	b->begun = now;
	b->storm -= b->storm > 0;
	b->due = b->shown = false;
}

/*
 * After a storm it takes two collections: while the first one is under way deaths may not be told, of those whose births were.
 */
void between_storm(struct between *b)
{
	eventlist_done(&b->events);
	b->storm = 2;
	b->due = b->shown = false;
}

/* Of one who was born and has died since the collection began nothing stays. */
static bool forget_life(struct between *b, const struct event *death)
{
	struct eventlist *l = &b->events;
	bool born = false;
	size_t kept = 0;

	for (size_t i = 0; i < l->n_items && !born; i++)
		born = is_birth(&l->items[i], death->pid);
	for (size_t i = 0; born && i < l->n_items; i++)
		if (l->items[i].pid != death->pid && !is_birth(&l->items[i], death->pid))
			l->items[kept++] = l->items[i];
		else if (l->items[i].pid == death->pid && l->items[i].child && l->items[i].child->pid != death->pid)
			l->items[kept++] = l->items[i]; /* its child lives */
	if (born)
		l->n_items = kept;
	return born;
}

void between_add(struct between *b, struct eventlist *more)
{
	for (size_t i = 0; i < more->n_items; i++) {
		const struct event *e = &more->items[i];
		bool death = e->kind == EVENT_EXIT && e->last;

		if (b->storm || e->time < b->begun)
			continue;
		if (death && forget_life(b, e))
			b->due |= b->shown;
		else
			b->due = true, *ARRAY_ADD(&b->events, items) = *e;
	}
	arena_take(&b->events.arena, &more->arena);
	eventlist_done(more);
	if (b->events.n_items > BETWEEN_LIVES)
		between_storm(b);
}

/* Who was born and lives: to be looked at, for by now they may run something else. How many, or -E2BIG. */
static int born(const struct between *b, uint32_t pids[BETWEEN_BORN])
{
	int n = 0;

	for (size_t i = 0; i < b->events.n_items; i++) {
		const struct event *e = &b->events.items[i];

		if (!e->child || e->child->pid != e->child->tid)
			continue;
		if (n == BETWEEN_BORN)
			return -E2BIG;
		pids[n++] = e->child->pid;
	}
	return n;
}

static int look_at(struct snap *few, const struct nstop *n, const struct frame *collected, const uint32_t *pids, size_t n_pids)
{
	uint64_t wants = collected->snap.head.wants;
	const struct collect_opts o = {
		.proc = n->cli.proc,
		.tool = "nstop",
		.wants = (wants & (WANT_TASKS | WANT_CONTAINERS | WANT_USAGE)) | (wants & WANT_COMMAND ? WANT_COMMANDS : 0),
		.pids = pids,
		.n_pids = n_pids,
	};
	const char *why;

	return collect(few, &o, &why);
}

/* Who has just been born will soon run something else than its parent, and no event tells. */
static bool is_young(const struct between *b, uint64_t now)
{
	for (size_t i = b->events.n_items; i-- > 0 && b->events.items[i].time + BETWEEN_YOUNG > now;)
		if (b->events.items[i].child)
			return true;
	return false;
}

struct frame *between_frame(struct between *b, const struct nstop *n, struct frame *collected, uint64_t now)
{
	uint32_t pids[BETWEEN_BORN];
	int n_born = born(b, pids);
	struct frame *later = NULL;
	struct snap few;

	b->due = false;
	if (n_born < 0)
		between_storm(b);
	if (n_born < 0 || !collected->snap.head.initial_view) /* events tell the numbers of the host */
		return NULL;
	snap_init(&few);
	if (!n_born || !look_at(&few, n, collected, pids, (size_t)n_born)) {
		later = frame_later(collected, now, b->events.items, b->events.n_items, &few, pids, (size_t)n_born);
		b->shown = true;
		b->due = is_young(b, now);
	}
	snap_done(&few);
	return later;
}

void between_done(struct between *b)
{
	eventlist_done(&b->events);
}
