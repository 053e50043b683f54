// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/index.h"

const char *const keep_kind_names[] = { "process", "thread", "for-children", "fd",     "socket",
					"mount",   "child",  "owned",        "hidden", NULL };

/* --- building: counting sort, every loop over an array once ------------------------------------------------------- */

static uint32_t *none_array(size_t n)
{
	uint32_t *a = xcalloc(n, sizeof(*a));

	memset(a, 0xff, (n ? n : 1) * sizeof(*a)); /* IDMAP_NONE */
	return a;
}

static void link_front(uint32_t *first, uint32_t *next, uint32_t ns, uint32_t item)
{
	if (ns == IDMAP_NONE)
		return;
	next[item] = first[ns];
	first[ns] = item;
}

/* The threads of a process that have records of their own, of those behind task i. */
static uint32_t listed_threads(const struct snap *s, size_t i)
{
	uint32_t n = 0;

	while (i + 1 + n < s->n_tasks && s->tasks[i + 1 + n].pid == s->tasks[i].pid)
		n++;
	return n;
}

/* How many threads a task's record stands for: a process's for all that are not listed for themselves. */
static uint32_t stands_for(const struct snap *s, size_t i)
{
	const struct snap_task *t = &s->tasks[i];
	uint32_t listed, dead = t->flags & TASK_LEADER_DEAD ? 1 : 0;

	if (t->tid != t->pid)
		return 1;
	listed = listed_threads(s, i) + dead;
	return t->nthreads > listed ? t->nthreads - listed : !dead;
}

/* Where a task's namespaces are; of_previous[] holds those of the task before it, most of which are the same. */
static void find_namespaces(const struct index *ix, size_t i, uint32_t of_previous[NS_TYPES])
{
	const struct snap_task *t = &ix->snap->tasks[i];

	for (enum nstype type = 0; type < NS_TYPES; type++)
		if (!i || t[0].ns[type] != t[-1].ns[type])
			of_previous[type] = index_ns(ix, type, t->ns[type]);
}

static void count_members(struct index *ix)
{
	const struct snap *s = ix->snap;
	uint32_t at[NS_TYPES];

	for (size_t i = 0; i < s->n_tasks; i++) {
		const struct snap_task *t = &s->tasks[i];
		uint32_t threads = stands_for(s, i);

		find_namespaces(ix, i, at);
		for (enum nstype type = 0; type < NS_TYPES; type++) {
			uint32_t n = at[type];

			if (n == IDMAP_NONE)
				continue;
			ix->ns[n].n++;
			ix->ns[n].nthreads += threads;
			ix->ns[n].nprocs += t->tid == t->pid;
		}
	}
}

static void fill_members(struct index *ix)
{
	const struct snap *s = ix->snap;
	uint32_t total = 0, at[NS_TYPES];

	for (size_t n = 0; n < s->n_namespaces; n++) {
		ix->ns[n].begin = total;
		total += ix->ns[n].n;
		ix->ns[n].n = 0;
	}
	ix->members = xcalloc(total, sizeof(*ix->members));
	for (size_t i = 0; i < s->n_tasks; i++) {
		find_namespaces(ix, i, at);
		for (enum nstype type = 0; type < NS_TYPES; type++) {
			uint32_t n = at[type];

			if (n == IDMAP_NONE)
				continue;
			ix->members[ix->ns[n].begin + ix->ns[n].n++] = (uint32_t)i;
			if (ix->ns[n].first == IDMAP_NONE && s->tasks[i].tid == s->tasks[i].pid)
				ix->ns[n].first = (uint32_t)i;
		}
	}
}

static void link_others(struct index *ix)
{
	const struct snap *s = ix->snap;
	size_t n_ns = s->n_namespaces;

	ix->first_hold = none_array(n_ns);
	ix->next_hold = none_array(s->n_holds);
	for (size_t i = s->n_holds; i-- > 0;)
		link_front(ix->first_hold, ix->next_hold, index_ns(ix, s->holds[i].type, s->holds[i].inum), (uint32_t)i);

	ix->first_child = none_array(n_ns);
	ix->next_child = none_array(n_ns);
	ix->first_owned = none_array(n_ns);
	ix->next_owned = none_array(n_ns);
	for (size_t i = n_ns; i-- > 0;) {
		const struct snap_ns *ns = &s->namespaces[i];

		link_front(ix->first_child, ix->next_child, index_ns(ix, ns->type, ns->parent), (uint32_t)i);
		if (ns->type != NS_USER) /* a user namespace is owned by its parent: said once, as its child */
			link_front(ix->first_owned, ix->next_owned, index_ns(ix, NS_USER, ns->owner), (uint32_t)i);
	}

	for (int k = 0; k < 2; k++) {
		ix->first_future[k] = none_array(n_ns);
		ix->next_future[k] = none_array(s->n_tasks);
	}
	for (size_t i = s->n_tasks; i-- > 0;) {
		const struct snap_task *t = &s->tasks[i];

		link_front(ix->first_future[0], ix->next_future[0], index_ns(ix, NS_PID, t->pid_for_children), (uint32_t)i);
		link_front(ix->first_future[1], ix->next_future[1], index_ns(ix, NS_TIME, t->time_for_children), (uint32_t)i);
	}
}

void index_build(struct index *ix, const struct snap *s)
{
	*ix = (struct index){ .snap = s };
	ix->ns = xcalloc(s->n_namespaces, sizeof(*ix->ns));
	idmap_reserve(&ix->by_ns, s->n_namespaces);
	idmap_reserve(&ix->by_tid, s->n_tasks);
	for (size_t i = 0; i < s->n_namespaces; i++) {
		ix->ns[i].first = IDMAP_NONE;
		idmap_add(&ix->by_ns, ns_key(s->namespaces[i].type, s->namespaces[i].inum), (uint32_t)i);
	}
	for (size_t i = 0; i < s->n_tasks; i++)
		idmap_add(&ix->by_tid, s->tasks[i].tid, (uint32_t)i);
	for (size_t i = 0; i < s->n_containers; i++)
		if (s->containers[i].id)
			idmap_add(&ix->by_container, text_key(s->containers[i].id), (uint32_t)i);
	for (size_t i = 0; i < s->n_users; i++)
		idmap_add(&ix->by_uid, s->users[i].uid, (uint32_t)i);
	count_members(ix);
	fill_members(ix);
	link_others(ix);
}

void index_done(struct index *ix)
{
	free(ix->ns);
	free(ix->members);
	idmap_done(&ix->by_ns);
	idmap_done(&ix->by_tid);
	idmap_done(&ix->by_container);
	idmap_done(&ix->by_uid);
	free(ix->first_hold);
	free(ix->next_hold);
	free(ix->first_child);
	free(ix->next_child);
	free(ix->first_owned);
	free(ix->next_owned);
	for (int k = 0; k < 2; k++) {
		free(ix->first_future[k]);
		free(ix->next_future[k]);
	}
	*ix = (struct index){ 0 };
}

/* --- looking up ----------------------------------------------------------------------------------------------------- */

uint32_t index_ns(const struct index *ix, enum nstype type, uint32_t inum)
{
	return NSREF_KNOWN(inum) ? idmap_get(&ix->by_ns, ns_key(type, inum)) : IDMAP_NONE;
}

uint32_t index_task(const struct index *ix, uint32_t tid)
{
	return idmap_get(&ix->by_tid, tid);
}

const struct snap_container *index_container(const struct index *ix, const char *id)
{
	uint32_t i = id ? idmap_get(&ix->by_container, text_key(id)) : IDMAP_NONE;

	if (i == IDMAP_NONE)
		return NULL;
	if (!strcmp(ix->snap->containers[i].id, id))
		return &ix->snap->containers[i];
	for (i = 0; i < ix->snap->n_containers; i++) /* two ids, one hash: as good as never */
		if (ix->snap->containers[i].id && !strcmp(ix->snap->containers[i].id, id))
			return &ix->snap->containers[i];
	return NULL;
}

const struct snap_container *index_ns_container(const struct index *ix, uint32_t ns, uint32_t *more)
{
	const struct ns_members *m = &ix->ns[ns];
	const struct snap_container *shown = NULL;
	const char *last = NULL;
	struct idmap seen = { 0 };

	for (uint32_t i = m->begin; i < m->begin + m->n; i++) {
		const char *id = ix->snap->tasks[ix->members[i]].container;
		const struct snap_container *c;

		if (!id && i == m->begin)
			break;
		if (!id || id == last)
			continue;
		last = id;
		c = index_container(ix, id);
		if (!c)
			continue;
		idmap_add(&seen, (uint64_t)(c - ix->snap->containers), 0);
		if (!shown || (shown->sandbox && !c->sandbox))
			shown = c;
	}
	*more = seen.n ? (uint32_t)seen.n - 1 : 0;
	idmap_done(&seen);
	return shown;
}

const char *index_user(const struct index *ix, uint32_t uid)
{
	uint32_t i = idmap_get(&ix->by_uid, uid);

	return i == IDMAP_NONE ? NULL : ix->snap->users[i].name;
}

bool index_is_initial(const struct index *ix, uint32_t ns)
{
	const struct snap_ns *n = &ix->snap->namespaces[ns];

	return ix->snap->head.initial[n->type] == n->inum;
}

/* --- keepers -------------------------------------------------------------------------------------------------------- */

#define F(member, ...) FIELD(keeper, member, __VA_ARGS__)
static const struct field keeper_fields[] = {
	F(kind, F_ENUM, .names = keep_kind_names, .help = "what keeps it"),
	F(pid, F_OPT, .flags = FF_OMIT, .help = "process"),
	F(tid, F_OPT, .flags = FF_OMIT, .help = "thread, where it is not the process's first"),
	F(comm, F_STR, .flags = FF_OMIT, .help = "its name"),
	F(container, F_REC, .rec = &snap_container_desc, .help = "container that it is in"),
	F(fd, F_OPT, .flags = FF_OMIT, .help = "file descriptor"),
	F(socket, F_OPT, .flags = FF_OMIT, .help = "inode number of the socket"),
	F(path, F_STR, .flags = FF_OMIT, .help = "mount point"),
	F(mntns, F_NSREF, .flags = FF_OMIT, .help = "mount namespace of that path"),
	F(ns_type, F_STR, .flags = FF_OMIT, .help = "type of the child or owned namespace"),
	F(ns, F_NSREF, .flags = FF_OMIT, .help = "its number"),
};
DESC(keeper_desc, "keeper", struct keeper, "what keeps a namespace alive", keeper_fields);

struct keepers {
	struct keeper *items;
	size_t n_items, cap_items;
};

static struct keeper *add_keeper(const struct index *ix, struct keepers *k, enum keep_kind kind, uint32_t task)
{
	struct keeper *keeper = ARRAY_ADD(k, items);

	keeper->kind = (uint8_t)kind;
	keeper->pid = keeper->tid = keeper->fd = keeper->socket = OPT_NONE;
	if (task != IDMAP_NONE) {
		const struct snap_task *t = &ix->snap->tasks[task];

		keeper->pid = t->pid;
		if (t->tid != t->pid)
			keeper->tid = t->tid;
		keeper->comm = t->comm;
		keeper->container = index_container(ix, t->container);
	}
	return keeper;
}

static void add_holds(const struct index *ix, struct keepers *k, uint32_t ns)
{
	static const enum keep_kind kinds[] = { [HOLD_FD] = KEEP_FD, [HOLD_SOCKET] = KEEP_SOCKET, [HOLD_MOUNT] = KEEP_MOUNT };

	for (int want = HOLD_FD; want <= HOLD_MOUNT; want++)
		for (uint32_t i = ix->first_hold[ns]; i != IDMAP_NONE; i = ix->next_hold[i]) {
			const struct snap_hold *h = &ix->snap->holds[i];
			struct keeper *keeper;

			if (h->kind != want)
				continue;
			keeper = add_keeper(ix, k, kinds[want], h->pid ? index_task(ix, h->pid) : IDMAP_NONE);
			keeper->pid = h->pid ? h->pid : OPT_NONE;
			keeper->fd = h->fd;
			keeper->socket = h->socket ? (int64_t)h->socket : OPT_NONE;
			keeper->path = h->path;
			keeper->mntns = h->mntns;
		}
}

static void add_relatives(const struct index *ix, struct keepers *k, enum keep_kind kind, const uint32_t *first,
			  const uint32_t *next, uint32_t ns)
{
	for (uint32_t i = first[ns]; i != IDMAP_NONE; i = next[i]) {
		struct keeper *keeper = add_keeper(ix, k, kind, IDMAP_NONE);

		keeper->ns_type = nstypes[ix->snap->namespaces[i].type].name;
		keeper->ns = ix->snap->namespaces[i].inum;
	}
}

bool index_is_kept(const struct index *ix, uint32_t ns)
{
	return ix->first_hold[ns] != IDMAP_NONE || ix->first_child[ns] != IDMAP_NONE || ix->first_owned[ns] != IDMAP_NONE ||
	       ix->first_future[0][ns] != IDMAP_NONE || ix->first_future[1][ns] != IDMAP_NONE;
}

size_t index_keepers(const struct index *ix, uint32_t ns, struct keeper **out)
{
	const struct ns_members *m = &ix->ns[ns];
	struct keepers k = { 0 };

	for (int threads = 0; threads < 2; threads++)
		for (uint32_t i = m->begin; i < m->begin + m->n; i++) {
			const struct snap_task *t = &ix->snap->tasks[ix->members[i]];

			if ((t->tid != t->pid) == threads)
				add_keeper(ix, &k, threads ? KEEP_THREAD : KEEP_PROCESS, ix->members[i]);
		}
	for (int f = 0; f < 2; f++)
		for (uint32_t i = ix->first_future[f][ns]; i != IDMAP_NONE; i = ix->next_future[f][i])
			add_keeper(ix, &k, KEEP_FOR_CHILDREN, i);
	add_holds(ix, &k, ns);
	add_relatives(ix, &k, KEEP_CHILD, ix->first_child, ix->next_child, ns);
	add_relatives(ix, &k, KEEP_OWNED, ix->first_owned, ix->next_owned, ns);
	if (!k.n_items)
		add_keeper(ix, &k, KEEP_HIDDEN, IDMAP_NONE);
	*out = k.items;
	return k.n_items;
}
