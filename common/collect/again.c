// SPDX-License-Identifier: GPL-2.0-or-later
/* Collecting again: what the snapshot of a moment ago still knows is not read anew. */
#include "collect/sources.h"
#include "model/carry.h"

/* The cgroups' key is a pointer of the kernel's, which may come again: but the process that had it then still has it. */
static bool same_cgroups(const struct snap_task *a, const struct snap_task *b)
{
	return a->cgroup_key && a->cgroup_key == b->cgroup_key;
}

static uint32_t container_by_id(const struct snap *s, struct idmap *by_id, const char *id)
{
	uint32_t i;

	if (!by_id->n)
		for (size_t k = 0; k < s->n_containers; k++)
			idmap_add(by_id, text_key(s->containers[k].id), (uint32_t)k);
	i = idmap_get(by_id, text_key(id));
	return i == IDMAP_NONE || strcmp(s->containers[i].id, id) != 0 ? IDMAP_NONE : i;
}

/* The record of a container of the older snapshot, copied once; its id there. NULL: it has none. */
static const char *take_container(struct snap *s, const struct snap *before, struct idmap *by_id, struct idmap *taken,
				  const char *id)
{
	uint32_t old = container_by_id(before, by_id, id), at;

	if (old == IDMAP_NONE)
		return NULL;
	at = idmap_add(taken, old, (uint32_t)s->n_containers);
	if (at == s->n_containers)
		record_copy(&s->arena, &snap_container_desc, ARRAY_ADD(s, containers), &before->containers[old]);
	return s->containers[at].id;
}

/* Tasks of the same cgroups share their strings, as they did when they were read. */
struct shared {
	const char *container, *cgroup;
};

void again_containers(struct collecting *c)
{
	const struct snap *before = c->opts->before;
	struct idmap by_id = { 0 }, taken = { 0 }, by_key = { 0 };
	struct snap *s = c->snap;
	size_t at = 0;

	for (uint32_t i = 0; i < s->n_tasks; i++) {
		struct snap_task *t = &s->tasks[i];
		const struct snap_task *b = snap_same_task(before, t, &at);
		uint32_t same;

		if (!b || !same_cgroups(t, b) || !b->cgroup)
			continue;
		same = idmap_add(&by_key, t->cgroup_key, i);
		if (same != i) {
			t->container = s->tasks[same].container;
			t->cgroup = s->tasks[same].cgroup;
			continue;
		}
		if (b->container)
			t->container = take_container(s, before, &by_id, &taken, b->container);
		t->cgroup = arena_strdup(&s->arena, b->cgroup);
	}
	idmap_done(&by_id);
	idmap_done(&taken);
	idmap_done(&by_key);
}

/* exec sets the name (begin_new_exec, fs/exec.c): who has kept it has most likely kept its arguments. The next full look will tell. */
void again_commands(struct collecting *c)
{
	struct snap *s = c->snap;
	size_t at = 0;

	for (size_t i = 0; i < s->n_tasks; i++) {
		struct snap_task *t = &s->tasks[i];
		const struct snap_task *b = snap_same_task(c->opts->before, t, &at);

		if (b && b->command && b->comm && t->comm && !strcmp(b->comm, t->comm))
			t->command = arena_strdup(&s->arena, b->command);
	}
}

void again_users(struct collecting *c)
{
	const struct snap *before = c->opts->before;

	for (size_t i = 0; i < before->n_users; i++)
		record_copy(&c->snap->arena, &snap_user_desc, ARRAY_ADD(c->snap, users), &before->users[i]);
}
