// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * runc and crun without an engine: /run/runc/ID/state.json (runc: libcontainer/factory_linux.go) and /run/crun/ID/status (crun:
 * libcrun/status.c). Whoever calls them chooses id and cgroup. Under an engine the same directories hold the engine's hex ids.
 */
#include "container/runtime.h"

struct kind {
	const char *runtime;
	const char *file;
	int (*claim)(struct containers *c, uint32_t user, const struct record *r, int dir, const char *path);
};

/*
 * The path within the hierarchy: without the mount point, which is /sys/fs/cgroup for v2 alone and a directory below it for each
 * of v1's, "unified" for v2 beside those.
 */
static const char *within(const char *path, bool v1)
{
	static const char mount[] = "/sys/fs/cgroup";

	if (strncmp(path, mount, sizeof(mount) - 1))
		return NULL;
	path += sizeof(mount) - 1;
	if (!v1)
		return path;
	return *path == '/' ? strchr(path + 1, '/') : NULL;
}

int runc_claim(struct containers *c, uint32_t user, const struct record *r, int dir, const char *path)
{
	int err;
	CLEAN_JSON json_t *state = state_json(dir, path, containers_max(user, STATE_MAX), JSON_OBJECT, &err);
	json_t *paths = json_object_get(state, "cgroup_paths"), *value;
	bool many = json_object_size(paths) > 1;
	const char *controller;

	json_object_foreach(paths, controller, value)
	{
		const char *at = state_str(paths, controller);

		at = at ? within(at, many || *controller) : NULL;
		if (at)
			containers_claim(c, user, r, at);
	}
	return err;
}

static int crun_claim(struct containers *c, uint32_t user, const struct record *r, int dir, const char *path)
{
	int err;
	CLEAN_JSON json_t *status = state_json(dir, path, containers_max(user, STATE_MAX), JSON_OBJECT, &err);
	const char *at = state_str(status, "cgroup-path");

	if (at)
		containers_claim(c, user, r, at);
	return err;
}

static const struct kind runc = { "runc", "state.json", runc_claim }, crun = { "crun", "status", crun_claim };

static bool is_hex(const char *id)
{
	return cgroup_is_hex_id((struct word){ id, strlen(id) });
}

static struct record *tell(struct containers *c, const struct kind *k, uint32_t user, const char *id)
{
	struct snap_container told = { .id = id, .runtime = k->runtime, .name = is_hex(id) ? NULL : id };

	return containers_known(c, user, &told, NULL);
}

/* The caller's to close. */
static int open_dir(struct containers *c, const struct kind *k, uint32_t user)
{
	char path[32];
	int fd;

	if (user != CGROUP_NO_USER)
		return containers_run_dir(c, user, k->runtime);
	snprintf(path, sizeof(path), "/run/%s", k->runtime);
	fd = containers_dir(c, path);
	return fd < 0 ? fd : state_subdir(fd, ".");
}

static int find(struct containers *c, const struct kind *k, uint32_t user, const char *id)
{
	CLEAN_FD int dir = open_dir(c, k, user);
	CLEAN_FD int container = dir < 0 ? dir : state_subdir(dir, id);

	if (container < 0)
		return container;
	tell(c, k, user, id);
	return 0;
}

struct listing {
	const struct kind *kind;
	uint32_t user;
	enum list_what what;
};

static void list_one(struct containers *c, int dir, const char *id, void *arg)
{
	const struct listing *l = arg;
	int err = 0;

	/* A hex id is found whatever its runtime: then it is an engine's. */
	if (containers_get(c, l->user, l->kind->runtime, id, NULL) || (l->what == LIST_NAMED && is_hex(id)))
		return;
	err = l->kind->claim(c, l->user, tell(c, l->kind, l->user, id), dir, containers_text(c, "%s/%s", id, l->kind->file));
	containers_gap(c, err);
}

static void list(struct containers *c, const struct kind *k, uint32_t user, enum list_what what)
{
	CLEAN_FD int dir = open_dir(c, k, user);
	struct listing l = { k, user, what };

	containers_each(c, dir, containers_text(c, "%s of %u", k->runtime, user), list_one, &l);
}

int runc_find(struct containers *c, uint32_t user, const char *id)
{
	return find(c, &runc, user, id);
}

int crun_find(struct containers *c, uint32_t user, const char *id)
{
	return find(c, &crun, user, id);
}

void runc_list(struct containers *c, uint32_t user, enum list_what what)
{
	list(c, &runc, user, what);
}

void crun_list(struct containers *c, uint32_t user, enum list_what what)
{
	list(c, &crun, user, what);
}
