// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <sys/ioctl.h>

#include "collect/nsfs.h"
#include "collect/proc.h"
#include "collect/shown.h"

enum { STATUS_MAX = 4 << 20 }; /* up to 65536 groups stand in it */

/* --- group and session ----------------------------------------------------------------------------------------------- */

static const uint32_t *keep_levels(struct snap *s, const struct proc_levels *levels)
{
	uint32_t *nr = arena_alloc(&s->arena, levels->n * sizeof(*nr));

	memcpy(nr, levels->nr, levels->n * sizeof(*nr));
	return nr;
}

static void set_groups(struct snap *s, struct snap_task *t, const struct proc_levels *pgid, const struct proc_levels *sid)
{
	if (!pgid->n || !sid->n) /* before 4.1 */
		return;
	t->nspgid = keep_levels(s, pgid);
	t->n_nspgid = pgid->n;
	t->nssid = keep_levels(s, sid);
	t->n_nssid = sid->n;
}

static void read_groups(struct collecting *c, struct snap_task *t)
{
	struct proc_levels pgid = { .nr = { t->pgid }, .n = 1 }, sid = { .nr = { t->sid }, .n = 1 };
	CLEAN_MEM char *text = NULL;
	CLEAN_FD int dirfd = -1;
	ssize_t n;

	if (t->n_nspid > 1) {
		dirfd = proc_open_task(c, t);
		n = dirfd < 0 ? dirfd : read_file_at(dirfd, "status", 0, STATUS_MAX, &text);
		if (n < 0 || proc_parse_levels(text, (size_t)n, "NSpgid:", &pgid) ||
		    proc_parse_levels(text, (size_t)n, "NSsid:", &sid))
			return;
	}
	set_groups(c->snap, t, &pgid, &sid);
}

void shown_groups(struct collecting *c, const uint8_t *which)
{
	for (size_t i = 0; i < c->snap->n_tasks; i++)
		if (is_shown(which, i))
			read_groups(c, &c->snap->tasks[i]);
}

/* --- parents of PID namespaces ------------------------------------------------------------------------------------------ */

struct climbing {
	struct collecting *c;
	struct idmap seen; /* PID namespaces whose parent was asked for */
};

/* As a record of its own: settling merges it with the one that the snapshot has. */
static void set_parent(struct climbing *w, uint32_t inum, uint32_t parent)
{
	if (!NSREF_KNOWN(inum) || idmap_get(&w->seen, inum) != IDMAP_NONE)
		return;
	idmap_set(&w->seen, inum, 1);
	snap_add_ns(w->c->snap, NS_PID, inum)->parent = parent;
}

/*
 * Climb from a task's PID namespace, levels - 1 times, to the view's, whose own parent is none of our business. EPERM: we ourselves
 * live below (pidns_get_parent, kernel/pid_namespace.c).
 */
static void climb(struct climbing *w, const struct snap_task *t)
{
	CLEAN_FD int dirfd = proc_open_task(w->c, t);
	int fd = dirfd < 0 ? -1 : openat(dirfd, "ns/pid", O_RDONLY | O_CLOEXEC);
	uint32_t inum = t->ns[NS_PID];

	if (fd >= 0 && nsfs_inum(fd) != inum) {
		close(fd);
		return;
	}
	for (uint32_t left = t->n_nspid - 1; left && fd >= 0; left--) {
		int up = ioctl(fd, NSKIT_NS_GET_PARENT);
		uint32_t parent = up < 0 ? (uint32_t)errno : nsfs_inum(up);

		set_parent(w, inum, up < 0 && parent == ENOTTY ? 0 : parent);
		close(fd);
		fd = up;
		inum = parent;
	}
	if (fd >= 0)
		close(fd);
}

void shown_levels(struct collecting *c, const uint8_t *which)
{
	struct climbing w = { .c = c };
	struct snap *s = c->snap;

	for (size_t i = 0; i < s->n_tasks; i++) {
		const struct snap_task *t = &s->tasks[i];
		uint32_t inum = t->ns[NS_PID];

		if (!is_shown(which, i) || t->n_nspid < 2 || !NSREF_KNOWN(inum) || idmap_get(&w.seen, inum) != IDMAP_NONE)
			continue;
		if (t->n_nspid == 2 && NSREF_KNOWN(s->head.pidns)) /* needs no asking */
			set_parent(&w, inum, s->head.pidns);
		else
			climb(&w, t);
	}
	if (w.seen.n)
		snap_settle(s);
	idmap_done(&w.seen);
}
