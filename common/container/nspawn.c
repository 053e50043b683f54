// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * systemd-nspawn: /run/systemd/machines/NAME, lines KEY=value of what registered with systemd-machined (src/machine/machine.c,
 * machine_save): containers and virtual machines. Links beside them, unit:NAME.scope, are not for us.
 */
#include "container/runtime.h"

static const char machines[] = "/run/systemd/machines";

static bool has_line(const char *text, const char *line)
{
	size_t n = strlen(line);

	for (const char *p = text; p; p = strchr(p, '\n'), p = p ? p + 1 : NULL)
		if (!strncmp(p, line, n) && (p[n] == '\n' || p[n] == '\0'))
			return true;
	return false;
}

static int read_machine(struct containers *c, int dir, const char *name, bool running)
{
	struct snap_container told = { .id = name, .runtime = "nspawn", .name = name };
	CLEAN_MEM char *text = NULL;
	ssize_t n = dir < 0 ? dir : state_read(dir, name, STATE_MAX, &text);

	if (n < 0)
		return (int)n;
	if (has_line(text, "CLASS=vm"))
		return FOUND_NO_CONTAINER;
	if (running || has_line(text, "SERVICE=systemd-nspawn"))
		containers_known(c, CGROUP_NO_USER, &told, NULL);
	return 0;
}

int nspawn_find(struct containers *c, uint32_t user, const char *id)
{
	return user == CGROUP_NO_USER ? read_machine(c, containers_dir(c, machines), id, true) : 0;
}

static void list_one(struct containers *c, int dir, const char *name, void *arg)
{
	(void)arg;
	if (!strchr(name, ':'))
		containers_gap(c, read_machine(c, dir, name, false));
}

void nspawn_list(struct containers *c, uint32_t user, enum list_what what)
{
	if (what == LIST_ALL && user == CGROUP_NO_USER)
		containers_each(c, containers_dir(c, machines), machines, list_one, NULL);
}
