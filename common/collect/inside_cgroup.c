// SPDX-License-Identifier: GPL-2.0-or-later
#include "collect/inside.h"
#include "collect/proc.h"

/*
 * A member's cgroups as we see them and as its namespace does: /proc/PID/cgroup is written for the cgroup namespace of whoever reads
 * it (proc_cgroup_show, kernel/cgroup/cgroup.c).
 */
struct cgroup_view {
	uint32_t ns;   /* index */
	uint32_t task; /* index */
	char *outside, *inside;
};

enum { MAX_MEMBERS = 4 }; /* whom to ask until one is below the root in all hierarchies */

static char *read_cgroup(const struct nsfs *n, uint32_t task)
{
	const struct snap_task *t = &n->c->snap->tasks[task];
	CLEAN_FD int dirfd = proc_open_dir(n->c->proc_fd, t->pid);
	char *text = NULL;

	if (dirfd < 0 || !proc_is_task(n->c, dirfd, t))
		return NULL;
	return read_file_at(dirfd, "cgroup", 0, 1 << 20, &text) > 0 ? text : NULL;
}

void inside_cgroup_before(struct cgroup_views *v, const struct nsfs *n)
{
	const struct snap *s = n->c->snap;

	for (uint32_t i = 0; i < n->n_indexed; i++) {
		const struct ns_members *m = &n->ix->ns[i];

		if (s->namespaces[i].type != NS_CGROUP)
			continue;
		for (uint32_t k = 0, found = 0; k < m->n && found < MAX_MEMBERS && k < 16; k++) {
			uint32_t task = n->ix->members[m->begin + k];
			char *text = s->tasks[task].tid == s->tasks[task].pid ? read_cgroup(n, task) : NULL;

			if (!text)
				continue;
			idmap_add(&v->first, i, (uint32_t)v->n_items);
			*ARRAY_ADD(v, items) = (struct cgroup_view){ .ns = i, .task = task, .outside = text };
			found++;
		}
	}
}

void inside_cgroup_look(struct cgroup_views *v, const struct nsfs *n, uint32_t ns)
{
	for (size_t i = idmap_get(&v->first, ns); i < v->n_items && v->items[i].ns == ns; i++)
		v->items[i].inside = read_cgroup(n, v->items[i].task);
}

/* The same hierarchy's line of the other text: they come in the same order, unless one was mounted in between. */
static bool find_line(const char *text, struct slice hierarchy, struct proc_cgroup_line *out)
{
	struct slice rest = { text, strlen(text) }, line;

	while (proc_next_line(&rest, &line))
		if (!proc_parse_cgroup_line(line, out) && out->hierarchy.len == hierarchy.len &&
		    !memcmp(out->hierarchy.at, hierarchy.at, hierarchy.len))
			return true;
	return false;
}

struct roots {
	struct snap_cgroot *items;
	size_t n_items, cap_items;
};

/* All hierarchies, or none: some would look like all. */
static bool find_roots(struct snap *s, const struct cgroup_view *v, struct roots *roots)
{
	struct slice rest = { v->outside, strlen(v->outside) }, line, root;
	struct proc_cgroup_line out, in;

	roots->n_items = 0;
	while (proc_next_line(&rest, &line)) {
		if (proc_parse_cgroup_line(line, &out) || !find_line(v->inside, out.hierarchy, &in) ||
		    !proc_cgroup_root(out.path, in.path, &root))
			return false;
		*ARRAY_ADD(roots, items) = (struct snap_cgroot){
			.hierarchy = arena_strndup(&s->arena, out.hierarchy.at, out.hierarchy.len),
			.path = arena_strndup(&s->arena, root.at, root.len),
		};
	}
	return roots->n_items > 0;
}

static void conclude(const struct nsfs *n, const struct cgroup_view *v)
{
	struct snap *s = n->c->snap;
	struct snap_ns *ns = &s->namespaces[v->ns];
	struct roots roots = { 0 };

	if (ns->cgroup_roots || !v->inside)
		return;

	CLEAN_MEM char *again = read_cgroup(n, v->task);

	if (again && !strcmp(again, v->outside) && find_roots(s, v, &roots)) {
		struct snap_cgroot *copy = arena_alloc(&s->arena, roots.n_items * sizeof(*copy));

		memcpy(copy, roots.items, roots.n_items * sizeof(*copy));
		ns->cgroup_roots = copy;
		ns->n_cgroup_roots = (uint32_t)roots.n_items;
	}
	free(roots.items);
}

/* Nobody was there to ask, or whoever was asked is elsewhere. (That we could not enter is said already.) */
static void note_unknown(const struct cgroup_views *v, const struct nsfs *n, uint32_t i)
{
	uint32_t first = idmap_get(&v->first, i);

	if (!n->c->snap->namespaces[i].cgroup_roots && (first == IDMAP_NONE ? !n->ix->ns[i].n : v->items[first].inside != NULL))
		snap_add_gap(n->c->snap, "cgroup namespaces' roots", ENODATA, "a process below the root");
}

void inside_cgroup_after(struct cgroup_views *v, const struct nsfs *n)
{
	for (size_t i = 0; i < v->n_items; i++)
		conclude(n, &v->items[i]);
	for (uint32_t i = 0; i < n->n_indexed; i++)
		if (n->c->snap->namespaces[i].type == NS_CGROUP)
			note_unknown(v, n, i);
	idmap_done(&v->first);
	for (size_t i = 0; i < v->n_items; i++) {
		free(v->items[i].outside);
		free(v->items[i].inside);
	}
	free(v->items);
	*v = (struct cgroup_views){ 0 };
}
