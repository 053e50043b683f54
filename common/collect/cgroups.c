// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "collect/cgroups.h"
#include "container/container.h"
#include "util/idmap.h"
#include "util/words.h"

enum {
	MAX_DEPTH = 64,
	WALK_INTERVAL = 100, /* ms */
	NO_CONTAINER = UINT32_MAX,
};

struct cgroup_dir {
	uint64_t id;
	const char *path;   /* below the mount: "/docker/0123…" */
	uint32_t container; /* index into the snapshot's, or NO_CONTAINER */
	bool asked;
};

struct cgroups {
	struct snap snap; /* containers found, and the paths */
	struct containers *known;
	int root; /* of the hierarchy */
	int controller;
	char prefix[64]; /* what /proc/PID/cgroup has in front of its paths: "8:pids:" */
	struct cgroup_dir *dirs;
	size_t n_dirs, cap_dirs;
	struct idmap by_id;
	uint64_t walked; /* ms */
};

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* --- which hierarchy ---------------------------------------------------------------------------------------------------------- */

/* Of /proc/cgroups, which has a line for each controller in the kernel's order: the busiest one that is not in the unified hierarchy. */
static void choose_controller(struct cgroups *c, char name[32], uint32_t *hierarchy)
{
	CLEAN_FILE FILE *f = fopen("/proc/cgroups", "re");
	char line[256];
	uint64_t v[2], most = 0; /* the hierarchy, how many groups it has */

	*hierarchy = 0;
	c->controller = -1;
	for (int i = 0; f && fgets(line, sizeof(line), f);) {
		size_t len = strcspn(line, " \t");

		if (*line == '#' || len >= 32 || words_numbers(line + len, v, 2) != 2)
			continue;
		if (v[0] && v[1] > most) {
			most = v[1];
			c->controller = i;
			*hierarchy = (uint32_t)v[0];
			*(char *)mempcpy(name, line, len) = '\0';
		}
		i++;
	}
}

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (; list; list = strchr(list, ',')) {
		list += *list == ',';
		if (!strncmp(list, word, len) && (list[len] == ',' || !list[len] || list[len] == '\n'))
			return true;
	}
	return false;
}

/* Where it is mounted: "31 23 0:28 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu" (proc_pid_mountinfo(5)). */
static int open_mount(struct cgroups *c, const char *name)
{
	CLEAN_FILE FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[4096], where[1024], root[1024];

	while (f && fgets(line, sizeof(line), f)) {
		const char *type = strstr(line, " - ");
		const char *options = type ? strrchr(type, ' ') : NULL;
		bool unified = type && !strncmp(type, " - cgroup2 ", 11);

		if (!type || (c->controller < 0 ? !unified : strncmp(type, " - cgroup ", 10) || !has_word(options + 1, name)))
			continue;
		if (sscanf(line, "%*s %*s %*s %1023s %1023s", root, where) != 2 || strcmp(root, "/") != 0)
			continue;
		c->root = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		return c->root < 0 ? -errno : 0;
	}
	return -ENOENT;
}

/* --- walking it --------------------------------------------------------------------------------------------------------------- */

static struct cgroup_dir *add_dir(struct cgroups *c, uint64_t id, const char *path)
{
	uint32_t at = idmap_get(&c->by_id, id);
	struct cgroup_dir *d;

	if (at != IDMAP_NONE)
		return &c->dirs[at];
	idmap_add(&c->by_id, id, (uint32_t)c->n_dirs);
	d = ARRAY_ADD(c, dirs);
	*d = (struct cgroup_dir){ id, arena_strdup(&c->snap.arena, path), NO_CONTAINER, false };
	return d;
}

/* readdir's inode number is the node's id (kernfs_fop_readdir, fs/kernfs/dir.c). fd is closed. */
static void walk(struct cgroups *c, int fd, const char *path, int depth)
{
	CLEAN_DIR DIR *dir = fdopendir(fd);
	struct dirent *e;

	if (!dir) {
		close(fd);
		return;
	}
	while ((e = readdir(dir))) {
		char below[4096];
		int sub;

		if (e->d_type != DT_DIR || *e->d_name == '.' || depth == MAX_DEPTH)
			continue;
		if (snprintf(below, sizeof(below), "%s/%s", path, e->d_name) >= (int)sizeof(below))
			continue;
		add_dir(c, e->d_ino, below);
		sub = openat(dirfd(dir), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (sub >= 0)
			walk(c, sub, below, depth + 1);
	}
}

void cgroups_walk(struct cgroups *c)
{
	int fd = openat(c->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	c->walked = now_ms();
	if (fd < 0)
		return;
	if (!fstat(fd, &st))
		add_dir(c, st.st_ino, "/");
	walk(c, fd, "", 0);
}

/* --- one of them -------------------------------------------------------------------------------------------------------------- */

/* The cgroup that a process is in now, and if id is not 0 only if that is the one. */
static struct cgroup_dir *ask_process(struct cgroups *c, uint64_t id, uint32_t pid)
{
	char name[32], text[8192], *path;
	struct stat st;

	snprintf(name, sizeof(name), "/proc/%u/cgroup", pid);
	if (read_at(AT_FDCWD, name, text, sizeof(text)) <= 0)
		return NULL;
	path = strstr(text, c->prefix);
	if (!path)
		return NULL;
	path += strlen(c->prefix);
	path[strcspn(path, "\n")] = '\0';
	if (fstatat(c->root, path[1] ? path + 1 : ".", &st, AT_SYMLINK_NOFOLLOW) || (id && st.st_ino != id))
		return NULL;
	return add_dir(c, st.st_ino, path);
}

static void ask_container(struct cgroups *c, struct cgroup_dir *d)
{
	CLEAN_MEM char *text = NULL;
	struct cgroup_match match;
	const char *path, *id = NULL;
	size_t path_len;

	d->asked = true;
	if (asprintf(&text, "%s%s\n", c->prefix, d->path) < 0)
		return;
	if (cgroup_parse(text, strlen(text), &match, &path, &path_len) && !match.monitor)
		id = containers_find(c->known, &c->snap, &match);
	for (uint32_t i = 0; id && i < c->snap.n_containers; i++)
		if (!strcmp(c->snap.containers[i].id, id))
			d->container = i;
}

static const struct snap_container *container_of(struct cgroups *c, struct cgroup_dir *d)
{
	if (!d->asked)
		ask_container(c, d);
	return d->container == NO_CONTAINER ? NULL : &c->snap.containers[d->container];
}

const struct snap_container *cgroups_container(struct cgroups *c, uint64_t id, uint32_t pid, bool *unknown)
{
	uint32_t at = idmap_get(&c->by_id, id);
	struct cgroup_dir *d = at == IDMAP_NONE ? NULL : &c->dirs[at];

	*unknown = false;
	if (!d && pid)
		d = ask_process(c, id, pid);
	if (!d && now_ms() - c->walked >= WALK_INTERVAL) {
		cgroups_walk(c);
		at = idmap_get(&c->by_id, id);
		d = at == IDMAP_NONE ? NULL : &c->dirs[at];
	}
	if (d)
		return container_of(c, d);
	*unknown = true;
	return NULL;
}

const struct snap_container *cgroups_of_process(struct cgroups *c, uint32_t pid, bool *unknown)
{
	struct cgroup_dir *d = ask_process(c, 0, pid);

	*unknown = !d;
	return d ? container_of(c, d) : NULL;
}

size_t cgroups_of(struct cgroups *c, const char *container, uint64_t **ids)
{
	size_t n = 0;

	cgroups_walk(c);
	*ids = xcalloc(c->n_dirs, sizeof(**ids));
	for (size_t i = 0; i < c->n_dirs; i++) {
		const struct snap_container *found = container_of(c, &c->dirs[i]);

		if (found && !strcmp(found->id, container))
			(*ids)[n++] = c->dirs[i].id;
	}
	return n;
}

/* --------------------------------------------------------------------------------------------------------------------------------- */

struct cgroups *cgroups_open(int *err)
{
	struct cgroups *c = xcalloc(1, sizeof(*c));
	uint32_t hierarchy;
	char name[32] = "";

	snap_init(&c->snap);
	c->root = -1;
	choose_controller(c, name, &hierarchy);
	*err = open_mount(c, name);
	if (*err) {
		cgroups_close(c);
		return NULL;
	}
	/* cgroup_parse() wants a line of that file; which controllers share the hierarchy does not matter to it. */
	if (c->controller < 0)
		snprintf(c->prefix, sizeof(c->prefix), "0::");
	else
		snprintf(c->prefix, sizeof(c->prefix), "%u:%s:", hierarchy, name);
	c->known = containers_new(NULL);
	return c;
}

void cgroups_close(struct cgroups *c)
{
	if (!c)
		return;
	if (c->root >= 0)
		close(c->root);
	containers_free(c->known);
	idmap_done(&c->by_id);
	free(c->dirs);
	snap_done(&c->snap);
	free(c);
}

int cgroups_controller(const struct cgroups *c)
{
	return c->controller;
}
