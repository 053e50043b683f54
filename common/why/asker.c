// SPDX-License-Identifier: GPL-2.0-or-later
#include "why/asker.h"
#include "why/look.h"

static const struct snap_guard *guard_of(const struct snap *s, uint32_t pid)
{
	uint32_t n;
	const struct snap_guard *g = SNAP_RANGE(s, guards, pid, &n);

	return n ? g : NULL;
}

const struct snap_filter *asker_filter(const struct snap *s, uint32_t id)
{
	uint32_t n;
	const struct snap_filter *f = SNAP_RANGE(s, filters, id, &n);

	return n ? f : NULL;
}

struct asker asker_of(const struct why_state *st)
{
	const struct why_query *q = st->q;
	struct asker a = { .uid = q->uid, .gid = q->gid };

	if (q->task == IDMAP_NONE) {
		if (!OPT_VALUE(a.uid))
			a.uid = 0;
		a.override = a.uid != 0;
		return a;
	}
	a.task = &st->s->tasks[q->task];
	a.guard = guard_of(st->s, a.task->pid);
	a.userns = a.task->ns[NS_USER];
	a.override = OPT_VALUE(q->uid) && q->uid != 0 && q->uid != a.task->uid;
	if (!a.override)
		a.uid = a.task->uid;
	if (!OPT_VALUE(a.gid))
		a.gid = a.override ? a.uid : (int64_t)a.task->gid;
	return a;
}

uint32_t asker_netns_owner(const struct snap *s, uint32_t netns)
{
	const struct snap_ns *ns = snap_find_ns(s, NS_NET, netns);

	return ns ? ns->owner : 0;
}

int asker_capable(const struct why_state *st, const struct asker *a, uint32_t userns, unsigned int cap)
{
	if (a->override)
		return 0;
	if (!a->task) /* root in the user namespace that owns it */
		return 1;
	if (!a->guard)
		return -1;
	if (!NSREF_KNOWN(a->userns)) /* over the initial one nobody has a capability that is not effective in his own */
		return userns != st->s->head.initial[NS_USER] || a->guard->cap_effective >> cap & 1 ? -1 : 0;
	for (int depth = 0; depth < 40 && NSREF_KNOWN(userns) && NSREF_KNOWN(a->userns); depth++) {
		const struct snap_ns *ns;

		if (userns == a->userns)
			return a->guard->cap_effective >> cap & 1;
		ns = snap_find_ns(st->s, NS_USER, userns);
		if (!ns)
			return -1;
		/* Who made a user namespace and is in its parent has all capabilities in it. */
		if (ns->parent == a->userns && OPT_VALUE(ns->owner_uid) && ns->owner_uid == (int64_t)a->task->uid)
			return 1;
		if (userns == st->s->head.initial[NS_USER] || !ns->parent)
			return 0; /* its own is below */
		userns = ns->parent;
	}
	return NSREF_KNOWN(userns) ? 0 : -1;
}

const char *asker_userns_words(struct why_state *st, uint32_t userns)
{
	bool host = userns == st->s->head.initial[NS_USER] && st->s->head.initial_view;

	return why_printf(st, "user:[%u]%s", userns, host ? " (the host's)" : "");
}

static int64_t inside_uid(const struct why_state *st, const struct asker *a)
{
	const struct snap_ns *ns = NSREF_KNOWN(a->userns) ? snap_find_ns(st->s, NS_USER, a->userns) : NULL;

	for (uint32_t i = 0; ns && ns->uid_map && i < ns->n_uid_map; i++)
		if (a->uid >= ns->uid_map[i].outside && a->uid - ns->uid_map[i].outside < ns->uid_map[i].count)
			return ns->uid_map[i].inside + (a->uid - ns->uid_map[i].outside);
	return OPT_NONE;
}

void asker_facts(struct why_state *st, const struct asker *a)
{
	int64_t inside = inside_uid(st, a);

	if (a->task)
		why_number(st, "asking_pid", a->task->pid);
	if (OPT_VALUE(a->uid))
		why_number(st, "asking_uid", (uint64_t)a->uid);
	if (a->task && OPT_VALUE(inside) && inside != a->uid) {
		why_number(st, "asking_uid_host", (uint64_t)a->uid);
		why_number(st, "asking_uid_inside", (uint64_t)inside);
	}
	if (a->task && NSREF_KNOWN(a->userns))
		why_number(st, "asking_userns", a->userns);
}

const char *asker_words(struct why_state *st, const struct asker *a)
{
	const struct snap_task *t = a->task;

	if (!t)
		return a->override ? why_printf(st, "uid %lld without capabilities", (long long)a->uid) : "root";
	if (a->override)
		return why_printf(st, "uid %lld without capabilities, else as %s", (long long)a->uid, look_task_words(st, t));
	if (t->n_nspid > 1)
		return why_printf(st, "%s pid %u (%u inside), uid %u", t->comm ? t->comm : "?", t->pid, t->nspid[t->n_nspid - 1],
				  t->uid);
	return why_printf(st, "%s pid %u, uid %u", t->comm ? t->comm : "?", t->pid, t->uid);
}
