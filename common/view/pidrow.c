// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdarg.h>
#include <time.h>

#include "view/pidrow.h"

enum { NS_PER_TICK = 10000000, NS_PER_SECOND = 1000000000 };

/* --- how values look in a cell ------------------------------------------------------------------------------------------ */

static const char *container_name(const struct snap_container *c)
{
	return c->name ? c->name : c->id;
}

static void container_text(const void *rec, char *buf, size_t size)
{
	const struct pidrow *row = rec;

	snprintf(buf, size, "%s", row->container ? container_name(row->container) : "");
}

static void level_container_text(const void *rec, char *buf, size_t size)
{
	const struct pidlevel *level = rec;

	snprintf(buf, size, "%s", level->container ? container_name(level->container) : "");
}

static void local_time(uint64_t ns, const char *format, char *buf, size_t size)
{
	time_t seconds = (time_t)(ns / NS_PER_SECOND);
	struct tm tm;

	if (!localtime_r(&seconds, &tm) || !strftime(buf, size, format, &tm))
		*buf = '\0';
}

/* The time for what started on the day of looking, else the date. */
static void started_text(const void *rec, char *buf, size_t size)
{
	const struct pidrow *row = rec;
	char day[16], today[16];

	*buf = '\0';
	if (!row->start)
		return;
	local_time(row->start, "%F", day, sizeof(day));
	local_time(row->taken, "%F", today, sizeof(today));
	local_time(row->start, strcmp(day, today) ? "%F" : "%T", buf, size);
}

/* What ps makes of those without arguments. */
static void command_text(const void *rec, char *buf, size_t size)
{
	const struct pidrow *row = rec;
	bool bare = row->kthread || row->zombie;

	snprintf(buf, size, bare ? "[%s]%s" : "%s%s", row->command ? row->command : "", row->zombie ? " <defunct>" : "");
}

/* Their names in there are the container's own affair, in a file that it may have written; but 0 is root by the kernel's law. */
static void inner_user_text(const void *rec, char *buf, size_t size)
{
	const struct pidrow *row = rec;

	*buf = '\0';
	if (row->inner_uid == 0)
		snprintf(buf, size, "root");
	else if (OPT_VALUE(row->inner_uid))
		snprintf(buf, size, "%" PRId64, row->inner_uid);
}

/* --- descriptors ------------------------------------------------------------------------------------------------------------ */

#define L(member, ...) FIELD(pidlevel, member, __VA_ARGS__)
static const struct field pidlevel_fields[] = {
	L(level, F_U32, HELP("how many PID namespaces are above it; 0: the view's own")),
	L(pidns, F_NSREF, HELP("PID namespace")),
	L(pid, F_OPT, HELP("process or thread id in it")),
	L(tgid, F_OPT, HELP("thread group in it")),
	L(pgid, F_OPT, HELP("process group in it; 0: not visible there")),
	L(sid, F_OPT, HELP("session in it; 0: not visible there")),
	L(container, F_REC, .rec = &snap_container_desc, .text = level_container_text, HELP("container that it belongs to")),
};
DESC(pidlevel_desc, "level", struct pidlevel, "a process as one PID namespace sees it", pidlevel_fields);

#define F(member, ...) FIELD(pidrow, member, __VA_ARGS__)
#define N(member) COUNTED(pidrow, member)
static const struct field pidrow_fields[] = {
	F(host, F_OPT, .flags = FF_TEXT, HELP("process or thread id, outermost")),
	F(inside, F_OPT, .flags = FF_TEXT, .want = WANT_LEVELS, HELP("the same in the target's PID namespace, else in its own")),
	F(pid, F_OPT, HELP("process id")),
	F(tid, F_OPT, HELP("thread id; of a process the same")),
	F(tgid, F_OPT, HELP("thread group: the process")),
	F(pgid, F_OPT, HELP("process group")),
	F(sid, F_OPT, HELP("session")),
	F(nspid, F_U32S, N(nspid), HELP("its id at every level, outermost first")),
	F(pidns, F_U32S, N(pidns), .want = WANT_LEVELS, HELP("the PID namespace at every level; 0: not known")),
	F(ppid, F_OPT, HELP("parent; 0: none, or not visible")),
	F(uid, F_OPT, HELP("effective user id")),
	F(inner_uid, F_OPT, .want = WANT_MAPS, HELP("the same in its own user namespace; none: not mapped there")),
	F(gid, F_OPT, HELP("effective group id")),
	F(inner_gid, F_OPT, .want = WANT_MAPS, HELP("the same in its own user namespace; none: not mapped there")),
	F(user, F_STR, .want = WANT_USERS, HELP("name of the user id on this host")),
	{ .name = "inner_user",
	  .kind = F_STR,
	  .flags = FF_TEXT,
	  .off = offsetof(struct pidrow, user),
	  .text = inner_user_text,
	  .want = WANT_MAPS,
	  HELP("user inside: root, or the id") },
	{ .name = "started",
	  .kind = F_TIME,
	  .flags = FF_TEXT,
	  .off = offsetof(struct pidrow, start),
	  .text = started_text,
	  HELP("when it started, local time, or the date") },
	F(comm, F_STR, HELP("name of the thread")),
	F(container, F_REC, .rec = &snap_container_desc, .text = container_text, .want = WANT_CONTAINERS | WANT_ALL_CONTAINERS,
	  HELP("container that it is in")),
	F(start, F_TIME, HELP("when it started: names a process beyond its pid")),
	F(kthread, F_BOOL, HELP("a thread of the kernel")),
	F(zombie, F_BOOL, HELP("dead, not yet reaped")),
	F(pid_for_children, F_NSREF, HELP("PID namespace of its future children, where it is another")),
	F(levels, F_RECS, N(levels), .flags = FF_HIDDEN, .rec = &pidlevel_desc, .want = WANT_LEVELS | WANT_GROUPS,
	  HELP("what each PID namespace that it is in sees")),
	F(command, F_STR, .flags = FF_CUT, .text = command_text, .want = WANT_COMMAND | WANT_COMMANDS, HELP("command line")),
};
DESC(pidrow_desc, "process", struct pidrow, "a process or thread", pidrow_fields);

/* --- PID namespaces ------------------------------------------------------------------------------------------------------------ */

uint32_t pidns_chain(const struct index *ix, const struct snap_task *t, uint32_t chain[PIDROW_MAX_LEVELS])
{
	const struct snap *s = ix->snap;
	uint32_t n = MIN(t->n_nspid, (uint32_t)PIDROW_MAX_LEVELS), inum = t->ns[NS_PID];

	memset(chain, 0, n * sizeof(*chain));
	for (uint32_t i = n; i-- > 0 && NSREF_KNOWN(inum);) {
		uint32_t ns = index_ns(ix, NS_PID, inum);

		chain[i] = inum;
		inum = ns == IDMAP_NONE ? 0 : s->namespaces[ns].parent;
	}
	if (n && !chain[0] && NSREF_KNOWN(s->head.pidns))
		chain[0] = s->head.pidns;
	return n;
}

const struct snap_container *pidns_container(const struct index *ix, uint32_t inum)
{
	uint32_t ns = index_ns(ix, NS_PID, inum);
	const struct ns_members *m = ns == IDMAP_NONE ? NULL : &ix->ns[ns];

	/* A pid that has come round may be lower than its init's, so look for the one that is process 1 in there. */
	for (uint32_t i = m ? m->begin : 0; m && i < m->begin + m->n; i++) {
		const struct snap_task *t = &ix->snap->tasks[ix->members[i]];

		if (t->n_nspid && t->nspid[t->n_nspid - 1] == 1)
			return index_container(ix, t->container);
	}
	return NULL;
}

/* --- filling -------------------------------------------------------------------------------------------------------------------- */

void pidrows_init(struct pidrows *r, const struct index *ix)
{
	*r = (struct pidrows){ .ix = ix };
}

void pidrows_done(struct pidrows *r)
{
	free(r->items);
	arena_done(&r->arena);
}

/* The kernel's map_id_up() (kernel/user_namespace.c): from the outer id to the inner. */
static int64_t map_inside(const struct snap_map *map, uint32_t n, uint32_t id)
{
	for (uint32_t i = 0; i < n; i++)
		if (id >= map[i].outside && id - map[i].outside < map[i].count)
			return (int64_t)map[i].inside + (id - map[i].outside);
	return OPT_NONE;
}

static void fill_inner_ids(const struct pidrows *r, struct pidrow *row, const struct snap_task *t)
{
	const struct snap *s = r->ix->snap;
	uint32_t i = index_ns(r->ix, NS_USER, t->ns[NS_USER]);
	const struct snap_ns *ns = i == IDMAP_NONE ? NULL : &s->namespaces[i];

	row->inner_uid = row->inner_gid = OPT_NONE;
	if (NSREF_DENIED(t->ns[NS_USER]))
		row->inner_uid = row->inner_gid = -(int64_t)t->ns[NS_USER];
	else if (ns && ns->inum == s->head.own_userns) { /* whose own map is about its parent */
		row->inner_uid = t->uid;
		row->inner_gid = t->gid;
	} else if (ns) {
		row->inner_uid = map_inside(ns->uid_map, ns->n_uid_map, t->uid);
		row->inner_gid = map_inside(ns->gid_map, ns->n_gid_map, t->gid);
	}
}

static int64_t nr_at(const uint32_t *nr, uint32_t n, uint32_t level)
{
	return nr && level < n ? (int64_t)nr[level] : OPT_NONE;
}

static void fill_levels(struct pidrows *r, struct pidrow *row, const struct snap_task *t, const struct snap_task *leader)
{
	uint32_t chain[PIDROW_MAX_LEVELS], n = pidns_chain(r->ix, t, chain);
	struct pidlevel *levels = arena_alloc(&r->arena, MAX(n, 1u) * sizeof(*levels));
	uint32_t *pidns = arena_alloc(&r->arena, MAX(n, 1u) * sizeof(*pidns));

	memcpy(pidns, chain, n * sizeof(*pidns));
	for (uint32_t i = 0; i < n; i++)
		levels[i] = (struct pidlevel){
			.level = i,
			.pidns = chain[i],
			.pid = t->nspid[i],
			.tgid = leader ? nr_at(leader->nspid, leader->n_nspid, i) : OPT_NONE,
			.pgid = nr_at(t->nspgid, t->n_nspgid, i),
			.sid = nr_at(t->nssid, t->n_nssid, i),
			/* the first level is the host's or the view's own: whoever is its init, it is not a container's */
			.container = i ? pidns_container(r->ix, chain[i]) : NULL,
		};
	row->levels = levels;
	row->pidns = pidns;
	row->n_levels = row->n_pidns = n;
	row->inside = n ? t->nspid[n - 1] : OPT_NONE;
	if (r->pidns) {
		row->inside = OPT_NONE;
		for (uint32_t i = 0; i < n; i++)
			if (chain[i] == r->pidns)
				row->inside = t->nspid[i];
	}
}

/* In whole ticks, which is all that the kernel gives: so that it is the same each time, whenever one looks. */
static uint64_t start_time(const struct snap_head *head, uint64_t ticks)
{
	uint64_t booted = head->booted ? head->booted : head->taken - head->ticks * NS_PER_TICK;

	return (booted + ticks * NS_PER_TICK) / NS_PER_TICK * NS_PER_TICK;
}

void pidrows_add(struct pidrows *r, uint32_t task)
{
	const struct snap *s = r->ix->snap;
	const struct snap_task *t = &s->tasks[task];
	uint32_t l = index_task(r->ix, t->pid);
	const struct snap_task *leader = l == IDMAP_NONE ? NULL : &s->tasks[l];
	const char *user = index_user(r->ix, t->uid), *command = t->command ? t->command : leader ? leader->command : NULL;
	struct pidrow *row = ARRAY_ADD(r, items);

	*row = (struct pidrow){
		.task = task,
		.pid = t->pid,
		.tid = t->tid,
		.tgid = t->pid,
		.pgid = t->pgid,
		.sid = t->sid,
		.ppid = t->ppid,
		.host = t->tid,
		.nspid = t->nspid,
		.n_nspid = t->n_nspid,
		.uid = t->uid,
		.gid = t->gid,
		.user = user ? user : arena_printf(&r->arena, "%u", t->uid),
		.comm = t->comm,
		.command = command ? command : t->comm,
		.container = index_container(r->ix, t->container),
		.start = start_time(&s->head, t->start),
		.taken = s->head.taken,
		.pid_for_children = t->pid_for_children,
		.thread = t->tid != t->pid,
		.kthread = t->flags & TASK_KTHREAD,
		.zombie = t->flags & TASK_ZOMBIE,
	};
	fill_inner_ids(r, row, t);
	fill_levels(r, row, t, leader);
}

void pidrows_add_ns(struct pidrows *r, uint32_t inum)
{
	const struct snap *s = r->ix->snap;
	const struct snap_container *c = pidns_container(r->ix, inum);
	struct pidrow *row = ARRAY_ADD(r, items);

	*row = (struct pidrow){ .task = IDMAP_NONE };
	row->pid = row->tid = row->tgid = row->pgid = row->sid = row->ppid = row->uid = row->gid = OPT_NONE;
	row->inner_uid = row->inner_gid = row->host = row->inside = OPT_NONE;
	row->container = c;
	if (inum == s->head.pidns)
		row->command = arena_printf(&r->arena, "pid:[%u] %s", inum, s->head.initial_view ? "host" : "here");
	else
		row->command = arena_printf(&r->arena, "pid:[%u]%s%s", inum, c ? " " : "", c ? container_name(c) : "");
}

/* --- in words -------------------------------------------------------------------------------------------------------------------- */

static void say(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void say(char *buf, size_t size, const char *fmt, ...)
{
	size_t len = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + len, size - len, fmt, ap);
	va_end(ap);
}

static void say_level(const struct pidrow *row, const struct pidlevel *l, const struct snap *s, char *buf, size_t size)
{
	if (row->thread)
		say(buf, size, "thread %" PRId64 " of process ", l->pid);
	if (OPT_VALUE(l->tgid))
		say(buf, size, "%" PRId64, l->tgid);
	else
		say(buf, size, "?");
	if (l->container)
		say(buf, size, " in %s", container_name(l->container));
	else if (!l->level)
		say(buf, size, " %s", s->head.initial_view ? "on the host" : "here");
	if (!l->pidns)
		say(buf, size, " (level %u)", l->level);
	else if (l->container || !l->level)
		say(buf, size, " (pid namespace %u, level %u)", l->pidns, l->level);
	else
		say(buf, size, " in pid namespace %u (level %u)", l->pidns, l->level);
}

void pidrow_words(const struct pidrow *row, const struct snap *s, char *buf, size_t size)
{
	char start[32] = "";

	snprintf(buf, size, "%" PRId64 " is ", row->tid);
	for (uint32_t i = row->n_levels; i-- > 0;) {
		if (!i && row->n_levels > 1) /* said as the first word */
			break;
		if (i + 1 < row->n_levels)
			say(buf, size, ", ");
		say_level(row, &row->levels[i], s, buf, size);
	}
	say(buf, size, ", thread group %" PRId64, row->tgid);
	local_time(row->start, "%F %T", start, sizeof(start));
	say(buf, size, ", started %s", start);
	if (row->zombie)
		say(buf, size, ", a zombie");
	if (row->kthread)
		say(buf, size, ", a thread of the kernel");
	if (NSREF_KNOWN(row->pid_for_children))
		say(buf, size, ", its children will be in pid namespace %u", row->pid_for_children);
}
