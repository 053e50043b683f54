// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Processes whose sockets take connections and that will not answer: stopped, held by a debugger, or frozen. (The kernel completes
 * handshakes without them.) Only what holds such a socket is looked at, a few files each; control groups once.
 */
#include <fcntl.h>

#include "collect/inside.h"
#include "collect/proc.h"
#include "collect/proc_parse.h"

/* Freezers that were asked already: by path. */
struct freezer {
	const char *path;
	bool frozen;
};

struct halting {
	struct collecting *c;
	struct freezer *freezers;
	size_t n_freezers, cap_freezers;
};

/* cgroup v1: its own state takes in what its ancestors say (update_if_frozen, kernel/cgroup/legacy_freezer.c). v2: the same. */
static bool says_frozen(const char *path)
{
	char buf[256];
	ssize_t n = read_at(AT_FDCWD, path, buf, sizeof(buf));

	return n > 0 && (!strncmp(buf, "FROZEN", 6) || !strncmp(buf, "FREEZING", 8) || strstr(buf, "frozen 1"));
}

static bool is_frozen(struct halting *h, const char *path)
{
	struct freezer *f;

	for (size_t i = h->n_freezers; i--;)
		if (!strcmp(h->freezers[i].path, path))
			return h->freezers[i].frozen;
	f = ARRAY_ADD(h, freezers);
	f->path = arena_strdup(&h->c->snap->arena, path);
	f->frozen = says_frozen(path);
	return f->frozen;
}

/* A line of /proc/PID/cgroup, "id:controllers:path": the control group's own name of it, if it freezes the process. */
static const char *frozen_by(struct halting *h, const char *line)
{
	static const char *const v2[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	const char *controllers = strchr(line, ':'), *path = controllers ? strchr(controllers + 1, ':') : NULL;
	char file[4096];

	if (!path || path[1] != '/' || !strcmp(path, ":/"))
		return NULL;
	if (!strncmp(controllers, ":freezer:", 9)) {
		snprintf(file, sizeof(file), "/sys/fs/cgroup/freezer%s/freezer.state", path + 1);
		return is_frozen(h, file) ? path + 1 : NULL;
	}
	for (size_t i = 0; !strncmp(line, "0::", 3) && i < ARRAY_SIZE(v2); i++) {
		snprintf(file, sizeof(file), "%s%s/cgroup.events", v2[i], path + 1);
		if (is_frozen(h, file))
			return path + 1;
	}
	return NULL;
}

static void add(struct halting *h, uint32_t pid, enum halt_kind kind, const char *cgroup)
{
	struct snap *s = h->c->snap;

	*ARRAY_ADD(s, halts) = (struct snap_halt){ pid, (uint8_t)kind, arena_strdup(&s->arena, cgroup) };
}

static void look_at(struct halting *h, uint32_t pid)
{
	char path[64], buf[8192], *line, *save = NULL;
	struct proc_stat st;
	ssize_t n;

	snprintf(path, sizeof(path), "%u/stat", pid);
	n = read_at(h->c->proc_fd, path, buf, sizeof(buf));
	if (n <= 0 || proc_parse_stat(buf, (size_t)n, &st))
		return;
	if (st.state == 'T' || st.state == 't')
		add(h, pid, st.state == 'T' ? HALT_STOPPED : HALT_TRACED, NULL);
	snprintf(path, sizeof(path), "%u/cgroup", pid);
	n = read_at(h->c->proc_fd, path, buf, sizeof(buf));
	for (line = n > 0 ? strtok_r(buf, "\n", &save) : NULL; line; line = strtok_r(NULL, "\n", &save)) {
		const char *cgroup = frozen_by(h, line);

		if (cgroup) {
			add(h, pid, HALT_FROZEN, cgroup);
			return;
		}
	}
}

static bool waits_for_others(const struct snap_socket *x)
{
	return x->ino && (x->state == STATE_LISTEN || x->netid == NETID_UDP || x->netid == NETID_UNIX_DGRAM ||
			  (x->state == STATE_UNCONN && x->port));
}

void halts_read(struct collecting *c)
{
	struct halting h = { .c = c };
	struct idmap waiting = { 0 }, seen = { 0 };
	struct snap *s = c->snap;

	for (uint32_t i = 0; i < s->n_sockets; i++)
		if (waits_for_others(&s->sockets[i]))
			idmap_add(&waiting, s->sockets[i].ino, i);
	for (uint32_t i = 0; i < s->n_socket_fds; i++) {
		const struct snap_socket_fd *f = &s->socket_fds[i];

		if (idmap_get(&waiting, f->ino) != IDMAP_NONE && idmap_add(&seen, f->pid, i) == i)
			look_at(&h, f->pid);
	}
	free(h.freezers);
	idmap_done(&waiting);
	idmap_done(&seen);
}
