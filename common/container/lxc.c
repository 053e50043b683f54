// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * LXC: /var/lib/lxc/NAME/config (lxc: src/lxc/lxccontainer.c). LXD and Incus, which use it, have a directory or link of each
 * container's name. The cgroup has the name already: files only tell that it is there when it does not run.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "container/runtime.h"

static const struct {
	const char *dir;
	const char *file; /* below the container's directory, NULL: the directory tells */
} places[] = {
	{ "/var/lib/lxc", "config" },
	{ "/var/lib/lxd/containers", NULL },
	{ "/var/snap/lxd/common/lxd/containers", NULL },
	{ "/var/lib/incus/containers", NULL },
};

static void tell(struct containers *c, const char *name)
{
	struct snap_container told = { .id = name, .runtime = "lxc", .name = name };

	containers_known(c, CGROUP_NO_USER, &told, NULL);
}

static bool exists(int dir, const char *name, const char *file)
{
	CLEAN_FD int sub = file ? state_subdir(dir, name) : -1;
	struct stat st;

	if (file)
		return sub >= 0 && !fstatat(sub, file, &st, AT_SYMLINK_NOFOLLOW);
	return !fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW);
}

int lxc_find(struct containers *c, uint32_t user, const char *id)
{
	for (size_t i = 0; user == CGROUP_NO_USER && i < ARRAY_SIZE(places); i++) {
		int dir = containers_dir(c, places[i].dir);

		if (dir >= 0 && exists(dir, id, places[i].file)) {
			tell(c, id);
			return 0;
		}
	}
	return 0;
}

static void list_one(struct containers *c, int dir, const char *name, void *arg)
{
	if (exists(dir, name, arg))
		tell(c, name);
}

void lxc_list(struct containers *c, uint32_t user, enum list_what what)
{
	if (what == LIST_NAMED || user != CGROUP_NO_USER)
		return; /* their cgroups have names that we know */
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		containers_each(c, containers_dir(c, places[i].dir), places[i].dir, list_one, (void *)(uintptr_t)places[i].file);
}
