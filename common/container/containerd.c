// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * containerd: STATE/io.containerd.runtime.v2.task/NAMESPACE/ID/config.json, the OCI bundle of each task (runtime/v2/bundle.go).
 * Of Kubernetes' containers its annotations have the names (pkg/cri/annotations). Namespace "moby" is docker's.
 */
#include "container/runtime.h"

/* Where containerd has its state when others bring it along: k3s and rke2, k0s, microk8s, docker without a system's one. */
static const char *const states[] = {
	"/run/containerd",
	"/run/k3s/containerd",
	"/run/k0s/containerd",
	"/var/snap/microk8s/common/run/containerd",
	"/run/docker/containerd/daemon",
};

static void add_task_dir(struct containers *c, int dir, const char *name, void *arg)
{
	struct runtime_memory *m = containers_memory(c);
	const char *state = arg, *path = containers_text(c, "%s/io.containerd.runtime.v2.task/%s", state, name);
	struct task_dir *t = ARRAY_ADD(m, task_dirs);

	(void)dir;
	*t = (struct task_dir){ .path = path, .ns = containers_text(c, "%s", name), .state = state };
}

/* One look at the namespaces; refused, each container that is asked for counts as a gap. */
static struct runtime_memory *task_dirs(struct containers *c)
{
	struct runtime_memory *m = containers_memory(c);

	if (m->task_dirs_read)
		return m;
	m->task_dirs_read = true;
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		int dir = containers_dir(c, containers_text(c, "%s/io.containerd.runtime.v2.task", states[i]));
		int err = dir;
		CLEAN_DIR DIR *d = dir < 0 ? NULL : state_list(dir, ".", &err);

		if (d)
			containers_each(c, dir, NULL, add_task_dir, (void *)(uintptr_t)states[i]);
		else if (err != -ENOENT && !m->task_dirs_err)
			m->task_dirs_err = err;
	}
	return m;
}

static json_t *read_bundle(struct containers *c, const struct task_dir *t, const char *id, int *err)
{
	int dir = containers_dir(c, t->path);

	*err = dir;
	return dir < 0 ? NULL : state_json(dir, containers_text(c, "%s/config.json", id), STATE_MAX, JSON_OBJECT, err);
}

json_t *containerd_bundle(struct containers *c, const char *ns, const char *id)
{
	const struct runtime_memory *m = task_dirs(c);
	json_t *json = NULL;
	int err;

	for (size_t i = 0; i < m->n_task_dirs && !json; i++)
		if (!strcmp(m->task_dirs[i].ns, ns))
			json = read_bundle(c, &m->task_dirs[i], id, &err);
	return json;
}

void containerd_each(struct containers *c, const char *ns, void (*each)(struct containers *c, int dir, const char *id, void *arg),
		     void *arg)
{
	const struct runtime_memory *m = task_dirs(c);

	for (size_t i = 0; i < m->n_task_dirs; i++)
		if (!strcmp(m->task_dirs[i].ns, ns))
			containers_each(c, containers_dir(c, m->task_dirs[i].path), m->task_dirs[i].path, each, arg);
}

/* --- what a bundle says ---------------------------------------------------------------------------------------------- */

static bool is_hex(const char *id)
{
	return cgroup_is_hex_id((struct word){ id, strlen(id) });
}

static struct record *tell(struct containers *c, const struct task_dir *t, const char *id, const json_t *bundle)
{
	const json_t *notes = json_object_get(bundle, "annotations");
	const char *type = state_str(notes, "io.kubernetes.cri.container-type");
	struct snap_container told = {
		.id = id,
		.runtime = strcmp(t->ns, "moby") ? "containerd" : "docker",
		.name = state_str(notes, "io.kubernetes.cri.container-name"),
		.pod = state_str(notes, "io.kubernetes.cri.sandbox-name"),
		.pod_namespace = state_str(notes, "io.kubernetes.cri.sandbox-namespace"),
		.image = state_str(notes, "io.kubernetes.cri.image-name"),
		.sandbox = type && !strcmp(type, "sandbox"),
	};

	if (!told.name)
		told.name = state_str(notes, "nerdctl/name"); /* nerdctl: pkg/labels */
	if (!told.name && !is_hex(id))
		told.name = id; /* whoever says ctr run IMAGE web calls it web */
	return containers_known(c, CGROUP_NO_USER, &told, t->ns);
}

int containerd_find(struct containers *c, uint32_t user, const char *id)
{
	const struct runtime_memory *m = task_dirs(c);
	int first = m->task_dirs_err;

	if (user != CGROUP_NO_USER)
		return 0;
	for (size_t i = 0; i < m->n_task_dirs; i++) {
		int err;
		CLEAN_JSON json_t *bundle = read_bundle(c, &m->task_dirs[i], id, &err);

		if (bundle || err == -EBADMSG) {
			tell(c, &m->task_dirs[i], id, bundle);
			return err;
		}
		if (err != -ENOENT && !first)
			first = err;
	}
	return first;
}

/* --- lists ------------------------------------------------------------------------------------------------------------- */

/* "slice:prefix:name" is systemd's driver (runc: libcontainer/cgroups/systemd): what came of it is in runc's own state. */
static int claim(struct containers *c, const struct task_dir *t, const struct record *r, const char *id, const json_t *bundle)
{
	const char *path = state_str(json_object_get(bundle, "linux"), "cgroupsPath");
	int dir;

	if (path && path[0] == '/') {
		containers_claim(c, CGROUP_NO_USER, r, path);
		return 0;
	}
	dir = containers_dir(c, containers_text(c, "%s/runc/%s", t->state, t->ns));
	return dir < 0 ? dir : runc_claim(c, CGROUP_NO_USER, r, dir, containers_text(c, "%s/state.json", id));
}

struct listing {
	const struct task_dir *dir;
	enum list_what what;
};

static void list_one(struct containers *c, int dir, const char *id, void *arg)
{
	const struct listing *l = arg;
	struct record *r;
	int err;

	(void)dir;
	if (containers_get(c, CGROUP_NO_USER, NULL, id, l->dir->ns) || (l->what == LIST_NAMED && is_hex(id)))
		return;
	CLEAN_JSON json_t *bundle = read_bundle(c, l->dir, id, &err);

	if (bundle || err == -EBADMSG) {
		r = tell(c, l->dir, id, bundle);
		if (!is_hex(id))
			containers_gap(c, claim(c, l->dir, r, id, bundle));
	}
	containers_gap(c, err);
}

void containerd_list(struct containers *c, uint32_t user, enum list_what what)
{
	const struct runtime_memory *m = task_dirs(c);

	if (user != CGROUP_NO_USER)
		return;
	containers_refused(c, "containerd", m->task_dirs_err);
	for (size_t i = 0; i < m->n_task_dirs; i++) {
		const struct task_dir *t = &m->task_dirs[i];
		struct listing l = { t, what };

		containers_each(c, containers_dir(c, t->path), t->path, list_one, &l);
	}
}
