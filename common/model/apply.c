// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/apply.h"
#include "util/idmap.h"

struct applying {
	struct snap *s;
	struct idmap by_tid; /* of the living */
	bool any_dead;
};

/* Records of the dead have no pid until they are swept out. */
static struct snap_task *find(const struct applying *a, uint32_t tid)
{
	uint32_t i = idmap_get(&a->by_tid, tid);

	return i == IDMAP_NONE || !a->s->tasks[i].pid ? NULL : &a->s->tasks[i];
}

static struct snap_task *add(struct applying *a, uint32_t pid, uint32_t tid)
{
	struct snap_task *t = ARRAY_ADD(a->s, tasks);

	t->pid = pid;
	t->tid = tid;
	idmap_set(&a->by_tid, tid, (uint32_t)(t - a->s->tasks));
	return t;
}

static const uint32_t *copy_numbers(struct applying *a, const uint32_t *from, uint32_t n)
{
	uint32_t *to = arena_alloc(&a->s->arena, n * sizeof(*to));

	memcpy(to, from, n * sizeof(*to));
	return to;
}

/* --- births ------------------------------------------------------------------------------------------------------------------- */

/* What a child has from its parent. */
static void inherit(struct snap_task *child, const struct snap_task *parent)
{
	child->gid = parent->gid;
	child->pgid = parent->pgid;
	child->sid = parent->sid;
	child->cgroup = parent->cgroup;
	child->container = parent->container;
}

static bool apply_birth(struct applying *a, const struct event *e)
{
	const struct event_child *c = e->child;
	struct snap_task *old = find(a, c->tid), *leader = find(a, c->pid), *t, *parent;

	if (old && old->start >= e->start)
		return false;
	if (c->tid != c->pid && leader)
		leader->nthreads++;
	if (old)
		*old = (struct snap_task){ .pid = c->pid, .tid = c->tid };
	t = old ? old : add(a, c->pid, c->tid);
	t->ppid = c->tid == c->pid ? e->pid : e->ppid;
	t->uid = e->uid;
	t->nthreads = c->tid == c->pid;
	t->start = e->start;
	t->comm = arena_strdup(&a->s->arena, e->comm);
	memcpy(t->ns, e->ns, sizeof(t->ns));
	t->nspid = copy_numbers(a, c->nspid, c->n_nspid);
	t->n_nspid = c->n_nspid;
	parent = find(a, e->pid);
	if (parent)
		inherit(t, parent);
	return true;
}

/* --- deaths ------------------------------------------------------------------------------------------------------------------- */

static bool bury(struct applying *a, struct snap_task *t, uint64_t start)
{
	if (!t || t->start > start)
		return false;
	t->pid = 0;
	a->any_dead = true;
	return true;
}

static bool apply_death(struct applying *a, const struct event *e)
{
	struct snap_task *leader = find(a, e->pid), *t = find(a, e->tid);
	bool changed = false;

	if (e->tid != e->pid)
		changed = bury(a, t, e->start);
	if (e->last) /* whichever thread was the last */
		return bury(a, leader, leader && e->tid != e->pid ? UINT64_MAX : e->start) || changed;
	if (leader && leader->nthreads > 1 && leader->start <= e->start) {
		leader->nthreads--;
		if (e->tid == e->pid)
			leader->flags |= TASK_LEADER_DEAD;
		changed = true;
	}
	return changed;
}

static void sweep(struct snap *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n_tasks; i++)
		if (s->tasks[i].pid)
			s->tasks[kept++] = s->tasks[i];
	s->n_tasks = kept;
}

/* --- changes ------------------------------------------------------------------------------------------------------------------ */

/* The record of a task; a thread without one gets its own, for it is not where its process is any more. */
static struct snap_task *record_of(struct applying *a, const struct event *e)
{
	struct snap_task *t = find(a, e->tid), *leader;

	if (t || e->tid == e->pid || !find(a, e->pid))
		return t;
	t = add(a, e->pid, e->tid);
	leader = find(a, e->pid);
	*t = *leader;
	t->tid = e->tid;
	t->nthreads = 0;
	t->flags = 0;
	t->comm = arena_strdup(&a->s->arena, e->comm);
	if (e->n_nstid) {
		t->nspid = copy_numbers(a, e->nstid, e->n_nstid);
		t->n_nspid = e->n_nstid;
	}
	return t;
}

static bool apply_changes(struct applying *a, const struct event *e)
{
	struct snap_task *t;

	if (!e->n_changes || e->time < a->s->head.taken)
		return false;
	t = record_of(a, e);
	if (!t)
		return false;
	for (uint32_t i = 0; i < e->n_changes; i++) {
		enum nstype type = nstype_by_name(e->changes[i].type);

		if (type == NS_TYPES)
			continue;
		if (!e->changes[i].for_children)
			t->ns[type] = e->changes[i].to;
		else if (type == NS_PID)
			t->pid_for_children = e->changes[i].to;
		else
			t->time_for_children = e->changes[i].to;
	}
	return true;
}

/* --------------------------------------------------------------------------------------------------------------------------------- */

static bool apply(struct applying *a, const struct event *e)
{
	switch ((enum event_kind)e->kind) {
	case EVENT_CLONE:
	case EVENT_FORK:
		return e->child && apply_birth(a, e);
	case EVENT_EXIT:
		return apply_death(a, e);
	case EVENT_SETNS:
	case EVENT_UNSHARE:
	case EVENT_CHANGE:
		return apply_changes(a, e);
	default:
		return false;
	}
}

size_t snap_apply(struct snap *s, const struct event *events, size_t n)
{
	struct applying a = { .s = s };
	size_t applied = 0;

	if (!n)
		return 0;
	for (size_t i = 0; i < s->n_tasks; i++)
		idmap_set(&a.by_tid, s->tasks[i].tid, (uint32_t)i);
	for (size_t i = 0; i < n; i++)
		applied += apply(&a, &events[i]);
	if (a.any_dead)
		sweep(s);
	if (applied)
		snap_settle(s);
	idmap_done(&a.by_tid);
	return applied;
}
