// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui.h"
#include "view/procrow.h"

bool scope_has_container(const struct scope *sc, const struct snap_container *c)
{
	bool any = false;

	switch (sc->kind) {
	case SCOPE_SEVERAL:
		for (size_t i = 0; i < sc->n_each && !any; i++)
			any = scope_has_container(&sc->each[i], c);
		return any;
	case SCOPE_HOST:
		return !c;
	case SCOPE_CONTAINER:
		return c && !strcmp(c->id, sc->container);
	case SCOPE_POD:
		return c && c->pod && !strcmp(c->pod, sc->pod) &&
		       !strcmp(c->pod_namespace ? c->pod_namespace : "", sc->pod_namespace);
	default:
		return sc->kind == SCOPE_ALL;
	}
}

bool scope_has_task(const struct scope *sc, const struct frame *f, uint32_t task)
{
	const struct snap_task *t = &f->snap.tasks[task];
	bool any = false;

	switch (sc->kind) {
	case SCOPE_SEVERAL:
		for (size_t i = 0; i < sc->n_each && !any; i++)
			any = scope_has_task(&sc->each[i], f, task);
		return any;
	case SCOPE_ALL:
		return true;
	case SCOPE_HOST:
		return !t->container;
	case SCOPE_CONTAINER:
		return t->container && !strcmp(t->container, sc->container);
	case SCOPE_POD:
		return scope_has_container(sc, index_container(&f->ix, t->container));
	case SCOPE_NS:
		return t->ns[sc->type] == sc->inum;
	case SCOPE_TASK:
		return t->pid == sc->pid;
	}
	return false;
}

uint8_t *scope_namespaces(const struct scope *sc, const struct frame *f)
{
	const struct snap *s = &f->snap;
	uint8_t *which = xcalloc(s->n_namespaces, 1);
	uint32_t ns;

	if (sc->kind == SCOPE_ALL) {
		memset(which, 1, s->n_namespaces);
	} else if (sc->kind == SCOPE_SEVERAL) {
		for (size_t i = 0; i < sc->n_each; i++) {
			CLEAN_MEM uint8_t *one = scope_namespaces(&sc->each[i], f);

			for (uint32_t k = 0; k < s->n_namespaces; k++)
				which[k] |= one[k];
		}
	} else if (sc->kind == SCOPE_HOST) {
		for (uint32_t i = 0; i < s->n_namespaces; i++)
			which[i] = index_is_initial(&f->ix, i);
	} else if (sc->kind == SCOPE_NS) {
		ns = index_ns(&f->ix, sc->type, sc->inum);
		if (ns != IDMAP_NONE)
			which[ns] = 1;
	} else {
		for (uint32_t i = 0; i < s->n_tasks; i++)
			for (enum nstype t = 0; t < NS_TYPES && scope_has_task(sc, f, i); t++) {
				ns = index_ns(&f->ix, t, s->tasks[i].ns[t]);
				if (ns != IDMAP_NONE)
					which[ns] = 1;
			}
	}
	return which;
}

bool scope_exists(const struct scope *sc, const struct frame *f)
{
	bool any = false;
	uint32_t i;

	switch (sc->kind) {
	case SCOPE_SEVERAL:
		for (size_t k = 0; k < sc->n_each && !any; k++)
			any = scope_exists(&sc->each[k], f);
		return any;
	case SCOPE_NS:
		return index_ns(&f->ix, sc->type, sc->inum) != IDMAP_NONE;
	case SCOPE_TASK:
		i = index_task(&f->ix, sc->pid);
		return i != IDMAP_NONE && f->snap.tasks[i].start == sc->start;
	case SCOPE_CONTAINER:
	case SCOPE_POD:
		for (i = 0; i < f->snap.n_tasks; i++)
			if (scope_has_task(sc, f, i))
				return true;
		return false;
	default:
		return true;
	}
}

void scope_of_task(struct scope *sc, const struct frame *f, uint32_t task)
{
	const struct snap_task *t = &f->snap.tasks[task];

	*sc = (struct scope){ .kind = SCOPE_TASK, .pid = t->pid, .start = t->start };
	snprintf(sc->label, sizeof(sc->label), "%s %u", t->comm ? t->comm : "pid", t->pid);
}

void scope_of_ns(struct scope *sc, const struct frame *f, uint32_t ns)
{
	const struct snap_ns *x = &f->snap.namespaces[ns];

	*sc = (struct scope){ .kind = SCOPE_NS, .type = x->type, .inum = x->inum };
	snprintf(sc->label, sizeof(sc->label), "%s:[%u]", nstypes[x->type].name, x->inum);
}

void scope_of_container(struct scope *sc, const struct snap_container *c)
{
	*sc = (struct scope){ .kind = c ? SCOPE_CONTAINER : SCOPE_HOST };
	if (c) {
		snprintf(sc->container, sizeof(sc->container), "%s", c->id);
		container_name(c, sc->label, sizeof(sc->label));
	} else {
		snprintf(sc->label, sizeof(sc->label), "host");
	}
}

void scope_of_pod(struct scope *sc, const char *pod, const char *pod_namespace)
{
	*sc = (struct scope){ .kind = SCOPE_POD };
	snprintf(sc->pod, sizeof(sc->pod), "%s", pod);
	snprintf(sc->pod_namespace, sizeof(sc->pod_namespace), "%s", pod_namespace ? pod_namespace : "");
	snprintf(sc->label, sizeof(sc->label), "pod %.30s%s%.60s", sc->pod_namespace, *sc->pod_namespace ? "/" : "", pod);
}

void scope_of_several(struct scope *sc, const struct scope *each, size_t n)
{
	size_t len = 0;

	*sc = (struct scope){ .kind = SCOPE_SEVERAL, .each = each, .n_each = n };
	for (size_t i = 0; i < n && len < sizeof(sc->label); i++)
		len += (size_t)snprintf(sc->label + len, sizeof(sc->label) - len, "%s%s", i ? ", " : "", each[i].label);
}
