// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "collect/guards.h"
#include "collect/net.h"
#include "collect/shown.h"
#include "container/container.h"
#include "model/index.h"

const char *const collector_names[] = { "auto", "bpf", "proc", NULL };

/*
 * From how many processes on the BPF iterator is the faster one: it costs 4 ms to load and 1 us a process, /proc 60 us each
 * (measured on two cores of a virtual machine; a factor of two either way changes the total by a few ms).
 */
enum { BPF_PAYS_FROM = 80 };

static int read_chosen_tasks(struct collecting *c, const char **why)
{
	int err = proc_chosen(c);

	c->snap->head.collector = "proc";
	if (err)
		*why = "the kernel does not translate PIDs here (that takes 6.11, CAP_SYS_PTRACE and our own /proc)";
	return err ? -ENOTTY : 0;
}

static int read_tasks(struct collecting *c, const char **why)
{
	enum collector how = c->opts->collector;
	struct stat st;
	int err;

	if (c->opts->pids)
		return read_chosen_tasks(c, why);
	if (how == COLLECT_AUTO && !fstatat(c->proc_fd, ".", &st, 0) && st.st_nlink < BPF_PAYS_FROM)
		how = COLLECT_PROC; /* /proc has a link for each process (proc_root_getattr, fs/proc/root.c) */
	if (how != COLLECT_PROC) {
		/* The iterators give the initial namespace's pids, and of a nested one only what is inside. */
		err = c->initial_pidns ? bpf_tasks(c) : -EXDEV;
		if (!err) {
			c->snap->head.collector = "bpf";
			if (c->opts->wants & WANT_USAGE && bpf_usage(c))
				proc_usage(c);
			return 0;
		}
		if (how == COLLECT_BPF) {
			*why = "the BPF collector needs BPF iterators (5.8), BTF, CAP_BPF and CAP_PERFMON";
			if (err == -EXDEV)
				*why = "the BPF collector needs the host's own PID namespace and /proc";
			return err;
		}
	}
	c->snap->head.collector = "proc";
	list_start(c);
	usage_clock(c);
	return proc_tasks(c);
}

/* Are there namespaces that nothing we know of keeps? */
static bool any_unexplained(const struct snap *s)
{
	struct index ix;
	bool found = false;

	index_build(&ix, s);
	for (uint32_t i = 0; i < s->n_namespaces && !found; i++)
		found = !ix.ns[i].n && !index_is_kept(&ix, i);
	index_done(&ix);
	return found;
}

static void read_fds(struct collecting *c)
{
	if (!c->initial_pidns || c->opts->collector == COLLECT_PROC || bpf_fds(c))
		proc_fds(c);
}

static void read_all_mounts(struct collecting *c)
{
	struct snap *s = c->snap;
	size_t kept = 0;

	for (size_t i = 0; i < s->n_holds; i++)
		if (s->holds[i].kind != HOLD_MOUNT)
			s->holds[kept++] = s->holds[i];
	s->n_holds = kept;
	mounts_holds(c, false);
}

/*
 * What keeps the namespaces without a process, so far as to name one keeper of each: the cheap places first. (4,400 processes in 400
 * mount namespaces: our own mounts 0.3 ms, all fds 14 ms, all mounts 16 ms.)
 */
static void explain_empty(struct collecting *c)
{
	struct snap *s = c->snap;

	if (!any_unexplained(s))
		return;
	if (!(c->opts->wants & WANT_MOUNTED)) {
		mounts_holds(c, true);
		snap_settle(s);
		if (!any_unexplained(s))
			return;
	}
	read_fds(c);
	snap_settle(s);
	if (any_unexplained(s)) {
		read_all_mounts(c);
		snap_settle(s);
	}
}

static void read_hidden(struct collecting *c)
{
	uint64_t wants = c->opts->wants;
	bool listed = false;

	if (wants & WANT_HIDDEN)
		listed = !list_namespaces(c);
	snap_settle(c->snap);
	/* Without the kernel's whole list the keepers are the way to find the namespaces. */
	if (wants & WANT_ALL_KEEPERS || (wants & WANT_HIDDEN && !listed)) {
		mounts_holds(c, false); /* before the fds: one that was opened by its mount's path bears that name */
		read_fds(c);
		snap_settle(c->snap);
		return;
	}
	if (wants & WANT_MOUNTED) {
		mounts_holds(c, true);
		snap_settle(c->snap);
	}
	if (wants & WANT_KEEPERS)
		explain_empty(c);
}

/*
 * A bit for each task that is some namespace's first process: the one that its row shows (struct ns_members, model/index.h, of which
 * this is a small part). Caller frees.
 */
static uint8_t *first_tasks(const struct snap *s)
{
	uint8_t *which = xcalloc(1, s->n_tasks / 8 + 1);
	struct idmap seen = { 0 };

	for (uint32_t i = 0; i < s->n_tasks; i++) {
		const struct snap_task *t = &s->tasks[i];

		if (t->tid != t->pid)
			continue;
		for (enum nstype type = 0; type < NS_TYPES; type++) {
			if (!NSREF_KNOWN(t->ns[type]) || (i && t[-1].tid == t[-1].pid && t[0].ns[type] == t[-1].ns[type]))
				continue;
			if (idmap_add(&seen, ns_key(type, t->ns[type]), i) == i)
				which[i / 8] |= (uint8_t)(1 << i % 8);
		}
	}
	idmap_done(&seen);
	return which;
}

/* --- containers: one look at /proc/PID/cgroup for all tasks that share their cgroups ------------------------------ */

static void read_container(struct collecting *c, struct containers *known, struct snap_task *t)
{
	struct cgroup_match match;
	const char *path;
	size_t path_len;
	char buf[8192];
	ssize_t n = proc_cgroup(c, t, buf, sizeof(buf));

	if (n <= 0)
		return;
	if (cgroup_parse(buf, (size_t)n, &match, &path, &path_len) && !match.monitor)
		t->container = containers_find(known, c->snap, &match);
	if (path)
		t->cgroup = arena_strndup(&c->snap->arena, path, path_len);
}

/*
 * BPF tells which tasks are in the same cgroups, so one look serves all of them; but not of the dead, which in hierarchies of the first
 * version show the root (proc_cgroup_show, kernel/cgroup/cgroup.c). Without it each costs 13 us: a list looks only at the
 * processes that it shows (a container has a mount namespace, so its first process is among them).
 */
static void read_containers(struct collecting *c, const uint8_t *first)
{
	struct snap *s = c->snap;
	struct containers *known = containers_new(NULL);
	struct idmap by_key = { 0 };
	uint32_t process = IDMAP_NONE;

	if (c->opts->before && !(c->opts->wants & WANT_ALL_CONTAINERS)) /* which are read anyway, and would be there twice */
		again_containers(c);
	for (uint32_t i = 0; i < s->n_tasks; i++) {
		struct snap_task *t = &s->tasks[i];
		uint64_t key = t->flags & (TASK_ZOMBIE | TASK_LEADER_DEAD) ? 0 : t->cgroup_key;
		uint32_t same = i;

		if (t->cgroup) {
			if (key)
				idmap_add(&by_key, key, i);
			continue;
		}

		if (t->tid == t->pid)
			process = i;
		if (key)
			same = idmap_add(&by_key, key, i);
		else if (t->tid != t->pid && process != IDMAP_NONE && s->tasks[process].pid == t->pid)
			same = process;
		if (same == i && !key && first && !(first[i / 8] >> i % 8 & 1))
			continue;
		if (same == i) {
			read_container(c, known, t);
		} else {
			t->container = s->tasks[same].container;
			t->cgroup = s->tasks[same].cgroup;
		}
	}
	if (c->opts->wants & WANT_ALL_CONTAINERS)
		containers_list(known, s);
	containers_free(known);
	idmap_done(&by_key);
}

/* --- users ------------------------------------------------------------------------------------------------------------ */

static void read_users(struct snap *s, const uint8_t *which)
{
	struct idmap seen = { 0 };

	for (size_t i = 0; i < s->n_users; i++)
		idmap_add(&seen, s->users[i].uid, UINT32_MAX - 1);
	for (size_t i = 0; i < s->n_tasks; i++) {
		uint32_t uid = s->tasks[i].uid;
		struct passwd *pw;

		if (!is_shown(which, i) || idmap_add(&seen, uid, (uint32_t)i) != i)
			continue;
		pw = getpwuid(uid);
		if (pw)
			*ARRAY_ADD(s, users) = (struct snap_user){ uid, arena_strdup(&s->arena, pw->pw_name) };
	}
	idmap_done(&seen);
}

/*
 * In the view of another PID namespace the kernel's list names namespaces whose processes are not shown here: that nothing seems to
 * keep them says nothing about them.
 */
static void note_foreign(struct snap *s)
{
	struct index ix;

	if (s->head.initial_view || !s->head.lister)
		return;
	index_build(&ix, s);
	for (uint32_t i = 0; i < s->n_namespaces; i++)
		if (!ix.ns[i].n && !index_is_kept(&ix, i))
			snap_add_gap(s, "namespaces whose processes this view does not show", 0, NULL);
	index_done(&ix);
}

/* --- gaps ------------------------------------------------------------------------------------------------------------- */

/* Our effective capabilities, a bit each (capget(2)). */
static uint64_t own_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return syscall(SYS_capget, &head, data) ? 0 : (uint64_t)data[1].effective << 32 | data[0].effective;
}

/* Whoever has a capability already is not told to get it: then something else refused, and we do not know what. */
static void drop_idle_hints(struct snap *s)
{
	static const struct {
		const char *name;
		int bit;
	} known[] = { { "CAP_SYS_PTRACE", 19 }, { "CAP_SYS_ADMIN", 21 }, { "CAP_DAC_READ_SEARCH", 2 },
		      { "CAP_NET_ADMIN", 12 },  { "CAP_BPF", 39 },       { "CAP_PERFMON", 38 } };
	uint64_t own = own_capabilities();

	for (size_t i = 0; i < s->n_gaps; i++) {
		uint64_t needed = 0;

		for (size_t k = 0; k < ARRAY_SIZE(known); k++)
			if (s->gaps[i].hint && strstr(s->gaps[i].hint, known[k].name))
				needed |= 1ull << known[k].bit;
		if (needed && (own & needed) == needed)
			s->gaps[i].hint = NULL;
	}
}

/* --- what belongs to the single tasks that are shown -------------------------------------------------------------------- */

/* A bit for each task that is going to be shown, or NULL where nobody chooses. Caller frees. */
static uint8_t *chosen_tasks(struct collecting *c)
{
	uint8_t *which = NULL;
	struct index ix;

	if (!c->opts->choose)
		return NULL;
	which = xcalloc(1, c->snap->n_tasks / 8 + 1);
	index_build(&ix, c->snap);
	c->opts->choose(&ix, which, c->opts->choose_arg);
	index_done(&ix);
	return which;
}

/* What restrains them is read when all else is, by a program that takes its time to be loaded. */
static void start_guards(struct collecting *c)
{
	CLEAN_MEM uint8_t *which = chosen_tasks(c);
	uint32_t n = 0, pid = 0;

	for (size_t i = 0; i < c->snap->n_tasks; i++)
		if (is_shown(which, i) && guards_has(&c->snap->tasks[i])) {
			pid = c->snap->tasks[i].pid;
			n++;
		}
	if (n)
		guards_bpf_start(c, n == 1 ? pid : 0);
}

static void read_shown(struct collecting *c, const uint8_t *first)
{
	CLEAN_MEM uint8_t *which = chosen_tasks(c);
	uint64_t wants = c->opts->wants;

	if (c->opts->before && wants & (WANT_COMMAND | WANT_COMMANDS))
		again_commands(c);
	if (wants & (WANT_COMMAND | WANT_COMMANDS))
		proc_commands(c, wants & WANT_COMMANDS ? which : first);
	if (wants & WANT_GROUPS)
		shown_groups(c, which);
	if (wants & WANT_LEVELS && !(wants & WANT_NS))
		shown_levels(c, which);
	if (wants & WANT_MAPS && !(wants & WANT_DETAILS))
		shown_maps(c, which);
	if (c->opts->before && wants & WANT_USERS)
		again_users(c);
	if (wants & WANT_USERS)
		read_users(c->snap, which);
	if (wants & WANT_GUARDS) {
		guards_read(c, which);
		snap_settle(c->snap);
	}
}

static bool all_walked(const struct snap *s)
{
	if (!s->head.lister || strcmp(s->head.lister, "bpf") != 0)
		return false;
	for (size_t i = 0; i < s->n_namespaces; i++)
		if (!s->namespaces[i].listed)
			return false;
	return true;
}

int collect(struct snap *s, const struct collect_opts *o, const char **why)
{
	struct collecting c = { .snap = s, .opts = o, .proc_fd = -1 };
	CLEAN_MEM uint8_t *first = NULL;
	int err = head_open(&c);

	*why = NULL;
	if (err) {
		if (err == -EMEDIUMTYPE)
			*why = "not a procfs";
		return err;
	}
	head_read(&c);
	bpf_sockets_start(&c);
	err = read_tasks(&c, why);
	if (err)
		goto out;
	/* We are one ourselves: without fds for instance nothing can be read, and that is no answer. */
	if (!s->n_tasks && !o->pids) {
		err = s->n_gaps ? -s->gaps[0].err : -ESRCH;
		*why = "no process could be read";
		goto out;
	}
	head_find(s);
	if (o->wants & (WANT_HIDDEN | WANT_KEEPERS | WANT_ALL_KEEPERS | WANT_MOUNTED))
		read_hidden(&c);
	else
		snap_settle(s);
	/*
	 * The kernel's list by BPF tells all that the files would, but of who was born behind its back. Where only files tell, parents
	 * and owners that nobody is in are found by climbing to them.
	 */
	if ((o->wants & WANT_NS && !all_walked(s)) || (s->head.lister && !strcmp(s->head.lister, "files"))) {
		nsfs_details(&c);
		snap_settle(s);
	}
	if (o->wants & WANT_DETAILS)
		details_read(&c);
	if (o->wants & WANT_NETNSID)
		netnsids_read(&c);
	if (o->wants & (WANT_COMMAND | WANT_CONTAINERS))
		first = first_tasks(s);
	if (o->wants & WANT_CONTAINERS)
		read_containers(&c, o->wants & WANT_ALL_CONTAINERS ? NULL : first);
	if (o->wants & WANT_GUARDS)
		start_guards(&c);
	if (o->wants & (INSIDE_WANTS | NET_WANTS | WANT_FIREWALL | WANT_PATH | WANT_SOCKET_FDS | WANT_SOCKET_FLAGS))
		inside_read(&c);
	if (o->wants & WANT_LINKS)
		owners_name(s);
	read_shown(&c, first);
	if (o->wants & WANT_LEVELS) /* new parents */
		snap_settle(s);
	note_foreign(s);
	drop_idle_hints(s);
out:
	list_done(&c);
	bpf_sockets_done(&c);
	guards_bpf_done(&c);
	close(c.proc_fd);
	return err;
}
