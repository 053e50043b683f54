// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/apply.h"
#include "model/carry.h"
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

/* What it uses is not known yet. */
static struct snap_task nobody(uint32_t pid, uint32_t tid)
{
	return (struct snap_task){ .pid = pid, .tid = tid, .cpu = OPT_NONE, .rss = OPT_NONE };
}

static struct snap_task *add(struct applying *a, uint32_t pid, uint32_t tid)
{
	struct snap_task *t = ARRAY_ADD(a->s, tasks);

	*t = nobody(pid, tid);
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
		*old = nobody(c->pid, c->tid);
	t = old ? old : add(a, c->pid, c->tid);
	t->ppid = c->tid == c->pid ? e->pid : e->ppid;
	t->uid = e->uid;
	t->nthreads = c->tid == c->pid;
	t->start = e->start;
	a->s->head.ticks = MAX(a->s->head.ticks, e->start); /* so late it is, at the least */
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

/* The end of a process is the end of all its threads: theirs may not have been told. */
static void bury_threads(struct applying *a)
{
	for (size_t i = 0; i < a->s->n_tasks; i++) {
		struct snap_task *t = &a->s->tasks[i];

		if (t->tid != t->pid && t->pid && idmap_get(&a->by_tid, t->pid) != IDMAP_NONE && !find(a, t->pid))
			t->pid = 0;
	}
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
	t->cpu = t->rss = OPT_NONE;
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
	if (a.any_dead) {
		bury_threads(&a);
		sweep(s);
	}
	if (applied)
		snap_settle(s);
	idmap_done(&a.by_tid);
	return applied;
}

/* --- a closer look ------------------------------------------------------------------------------------------------------------- */

static const struct snap_task *find_process(const struct snap *s, uint32_t pid)
{
	for (size_t i = 0; i < s->n_tasks; i++)
		if (s->tasks[i].tid == pid && s->tasks[i].pid == pid)
			return &s->tasks[i];
	return NULL;
}

static const char *know_container(struct snap *s, const struct snap *few, const char *id)
{
	for (size_t i = 0; id && i < s->n_containers; i++)
		if (!strcmp(s->containers[i].id, id))
			return s->containers[i].id;
	for (size_t i = 0; id && i < few->n_containers; i++)
		if (!strcmp(few->containers[i].id, id)) {
			struct snap_container *c = ARRAY_ADD(s, containers);

			record_copy(&s->arena, &snap_container_desc, c, &few->containers[i]);
			return c->id;
		}
	return NULL;
}

void snap_refine(struct snap *s, const struct snap *few, const uint32_t *pids, size_t n)
{
	struct applying a = { .s = s };

	for (size_t i = 0; i < s->n_tasks; i++)
		idmap_set(&a.by_tid, s->tasks[i].tid, (uint32_t)i);
	for (size_t i = 0; i < n; i++) {
		const struct snap_task *now = find_process(few, pids[i]);
		struct snap_task *t = find(&a, pids[i]);

		if (!t)
			continue;
		if (now && now->start == t->start) {
			record_copy(&s->arena, &snap_task_desc, t, now);
			t->container = know_container(s, few, now->container);
		} else {
			bury(&a, t, UINT64_MAX);
		}
	}
	bury_threads(&a);
	sweep(s);
	snap_settle(s);
	idmap_done(&a.by_tid);
}
