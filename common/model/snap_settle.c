// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/snap.h"
#include "util/idmap.h"

static bool same_namespaces(const struct snap_task *a, const struct snap_task *b)
{
	return !memcmp(a->ns, b->ns, sizeof(a->ns)) && a->pid_for_children == b->pid_for_children &&
	       a->time_for_children == b->time_for_children;
}

/* A process whose first thread has exited lives in the namespaces of its other threads: take those of the first that has any. */
static void adopt(struct snap_task *leader, const struct snap_task *threads, size_t n)
{
	for (const struct snap_task *t = threads; t < threads + n && t->pid == leader->pid; t++)
		if (t->ns[NS_NET] && !(t->flags & TASK_ZOMBIE)) {
			memcpy(leader->ns, t->ns, sizeof(leader->ns));
			leader->pid_for_children = t->pid_for_children;
			leader->time_for_children = t->time_for_children;
			return;
		}
}

static void settle_tasks(struct snap *s)
{
	const struct snap_task *leader = NULL; /* of the process at hand, where it was kept */
	size_t kept = 0;

	for (size_t i = 0; i < s->n_tasks; i++) {
		struct snap_task *t = &s->tasks[i];

		if (t->pid_for_children == t->ns[NS_PID])
			t->pid_for_children = 0;
		if (t->time_for_children == t->ns[NS_TIME])
			t->time_for_children = 0;
		if (kept && s->tasks[kept - 1].tid == t->tid)
			continue; /* collected twice: it came up while we looked */
		if (t->flags & TASK_LEADER_DEAD && t->tid == t->pid)
			adopt(t, t + 1, s->n_tasks - i - 1);
		if (t->tid == t->pid)
			leader = &s->tasks[kept];
		else if (leader && leader->pid == t->pid && same_namespaces(leader, t) && !(s->head.wants & WANT_THREADS))
			continue;
		s->tasks[kept++] = *t;
	}
	s->n_tasks = kept;
}

/* Take over what the first of two records of one namespace did not know. */
static void merge_ns(struct snap_ns *to, const struct snap_ns *from)
{
#define TAKE(member, none) (to->member = to->member == (none) ? from->member : to->member)
#define TAKE_LIST(member) (to->n_##member = to->member ? to->n_##member : from->n_##member, TAKE(member, NULL))
	TAKE(id, 0);
	TAKE(parent, 0);
	TAKE(owner, 0);
	TAKE(owner_uid, OPT_NONE);
	TAKE(level, OPT_NONE);
	TAKE(netnsid, OPT_NONE);
	TAKE(netnsid_unassigned, false);
	TAKE(hostname, NULL);
	TAKE(domainname, NULL);
	TAKE_LIST(uid_map);
	TAKE_LIST(gid_map);
	TAKE(monotonic, NULL);
	TAKE(boottime, NULL);
	TAKE_LIST(cgroup_roots);
	TAKE(sysv, OPT_NONE);
	TAKE(mqueues, OPT_NONE);
	TAKE(mounts, OPT_NONE);
	TAKE(links, OPT_NONE);
	TAKE(listeners, OPT_NONE);
	TAKE(counted, 0);
	TAKE(firewall, OPT_NONE);
	TAKE(sockets, OPT_NONE);
	TAKE(routes, OPT_NONE);
	TAKE(listed, false);
#undef TAKE_LIST
#undef TAKE
}

static void name_ns(struct snap *s, struct idmap *seen, enum nstype type, uint32_t ref)
{
	uint32_t next = (uint32_t)s->n_namespaces;

	if (NSREF_KNOWN(ref) && idmap_add(seen, ns_key(type, ref), next) == next)
		snap_add_ns(s, type, ref);
}

static void dedup_namespaces(struct snap *s, struct idmap *seen)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->n_namespaces; i++) {
		const struct snap_ns *ns = &s->namespaces[i];
		uint32_t at = idmap_add(seen, ns_key(ns->type, ns->inum), (uint32_t)kept);

		if (at == kept)
			s->namespaces[kept++] = *ns;
		else
			merge_ns(&s->namespaces[at], ns);
	}
	s->n_namespaces = kept;
}

static void settle_namespaces(struct snap *s)
{
	struct idmap seen = { 0 };

	idmap_reserve(&seen, s->n_namespaces);
	dedup_namespaces(s, &seen);
	for (size_t i = 0; i < s->n_tasks; i++) {
		const struct snap_task *t = &s->tasks[i];

		if (i && same_namespaces(t, t - 1)) /* most are their neighbours' siblings */
			continue;
		for (enum nstype type = 0; type < NS_TYPES; type++)
			if (!i || t[0].ns[type] != t[-1].ns[type])
				name_ns(s, &seen, type, t->ns[type]);
		name_ns(s, &seen, NS_PID, t->pid_for_children);
		name_ns(s, &seen, NS_TIME, t->time_for_children);
	}
	for (size_t i = 0; i < s->n_holds; i++) {
		name_ns(s, &seen, s->holds[i].type, s->holds[i].inum);
		name_ns(s, &seen, NS_MNT, s->holds[i].mntns);
	}
	/* The array grows behind the loop: a parent found here is looked at for its own parent. */
	for (size_t i = 0; i < s->n_namespaces; i++) {
		uint32_t parent = s->namespaces[i].parent, owner = s->namespaces[i].owner;

		name_ns(s, &seen, s->namespaces[i].type, parent);
		name_ns(s, &seen, NS_USER, owner);
	}
	idmap_done(&seen);
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	return (h ^ v) * 1099511628211ULL; /* FNV-1a, a word at a time */
}

static uint64_t hold_key(const struct snap_hold *h)
{
	uint64_t key = mix(mix(mix(14695981039346656037ULL, h->kind), ns_key(h->type, h->inum)), h->mntns);

	key = mix(mix(mix(key, h->pid), (uint64_t)h->fd), h->socket);
	return h->path ? mix(key, text_key(h->path)) : key;
}

/* The same mount may be there twice: /run/netns is mounted on itself (ip-netns). */
static void settle_holds(struct snap *s)
{
	struct idmap seen = { 0 };
	size_t kept = 0;

	for (size_t i = 0; i < s->n_holds; i++)
		if (idmap_add(&seen, hold_key(&s->holds[i]), (uint32_t)kept) == kept)
			s->holds[kept++] = s->holds[i];
	s->n_holds = kept;
	idmap_done(&seen);
}

void snap_settle(struct snap *s)
{
	snap_sort(s);
	settle_holds(s);
	settle_tasks(s);
	settle_namespaces(s);
	snap_sort(s); /* those that were added */
}
