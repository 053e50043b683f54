// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Podman and CRI-O keep their containers in containers/storage: GRAPHROOT/DRIVER-containers/containers.json, and
 * volatile-containers.json for those that need not outlive a crash (podman run --rm, all of CRI-O's); storage: containers.go. An
 * entry's "metadata" is a string of JSON: libpod/storage.go, cri-o internal/storage/runtime.go.
 */
#include "container/runtime.h"

static const char *const drivers[] = { "overlay", "vfs", "btrfs", "zfs" };
static const char *const files[] = { "containers.json", "volatile-containers.json" };

/* --- an entry ---------------------------------------------------------------------------------------------------- */

static const char *first_name(const json_t *entry)
{
	const json_t *names = json_object_get(entry, "names");
	const json_t *name = json_array_get(names, 0);
	const char *s = json_string_value(name);

	return s && *s && strlen(s) == json_string_length(name) ? s : NULL;
}

static json_t *parse_metadata(const json_t *entry)
{
	const char *text = state_str(entry, "metadata");
	json_t *meta = text ? state_parse(text, strlen(text)) : NULL;

	if (json_is_object(meta))
		return meta;
	json_decref(meta);
	return NULL;
}

static bool starts_with(const char *s, const char *prefix)
{
	return s && !strncmp(s, prefix, strlen(prefix));
}

/* CRI-O's: only the pod's own entry has the Kubernetes namespace. */
static void tell_crio(struct containers *c, struct snap_container *told, const json_t *meta, const char *pod_id)
{
	const struct record *pod = containers_get(c, CGROUP_NO_USER, NULL, pod_id, NULL);

	told->runtime = "cri-o";
	told->sandbox = !strcmp(told->id, pod_id);
	told->name = told->sandbox ? NULL : state_str(meta, "metadata-name");
	told->pod = state_str(meta, "pod-name");
	told->pod_namespace = state_str(meta, "namespace");
	if (!told->pod_namespace && pod)
		told->pod_namespace = pod->c.pod_namespace;
}

static void read_entry(struct containers *c, uint32_t user, const json_t *entry, bool pods)
{
	struct snap_container told = { .id = state_str(entry, "id"), .runtime = "podman", .name = first_name(entry) };
	CLEAN_JSON json_t *meta = parse_metadata(entry);
	const char *pod_id = state_str(meta, "pod-id");

	if (!told.id || !state_is_component(told.id) || (pod_id && !strcmp(told.id, pod_id)) != pods)
		return;
	if (!told.name)
		told.name = state_str(meta, "name");
	told.image = state_str(meta, "image-name");
	told.sandbox = starts_with(told.image, "localhost/podman-pause"); /* specgen: infra containers */
	if (pod_id)
		tell_crio(c, &told, meta, pod_id);
	containers_known(c, user, &told, NULL);
}

/* --- the store ----------------------------------------------------------------------------------------------------- */

static int read_list(struct containers *c, uint32_t user, int dir, const char *file)
{
	int err;
	CLEAN_JSON json_t *list = state_json(dir, file, containers_max(user, STATE_MAX_STORE), JSON_ARRAY, &err);
	size_t n = json_array_size(list);

	for (int pods = 1; pods >= 0; pods--)
		for (size_t i = 0; i < n; i++)
			read_entry(c, user, json_array_get(list, i), pods);
	return err;
}

static int read_graph(struct containers *c, uint32_t user, int graph)
{
	int first = 0;

	for (size_t d = 0; d < ARRAY_SIZE(drivers); d++)
		for (size_t f = 0; f < ARRAY_SIZE(files); f++) {
			int err = read_list(c, user, graph, containers_text(c, "%s-containers/%s", drivers[d], files[f]));

			if (err != -ENOENT && !first)
				first = err;
		}
	return first;
}

/* graphroot = "/mnt/storage" of the administrator's storage.conf: the one line of TOML that matters. */
static const char *moved_graph(struct containers *c)
{
	int etc = containers_dir(c, "/etc/containers");
	CLEAN_MEM char *text = NULL;
	char *save = NULL;

	if (etc < 0 || state_read(etc, "storage.conf", STATE_MAX, &text) < 0)
		return NULL;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char value[2048];

		if (sscanf(line, " graphroot = \"%2047[^\"]\"", value) == 1 && value[0] == '/')
			return containers_text(c, "%s", value);
	}
	return NULL;
}

static int read_system_store(struct containers *c)
{
	/* The last one: podman's transient mode has its lists in the run root. */
	const char *graphs[] = { moved_graph(c), "/var/lib/containers/storage", "/run/containers/storage" };
	int first = 0;

	for (size_t i = 0; i < ARRAY_SIZE(graphs); i++) {
		int dir = graphs[i] ? containers_dir(c, graphs[i]) : -ENOENT;
		int err = dir < 0 ? dir : read_graph(c, CGROUP_NO_USER, dir);

		if (err != -ENOENT && !first)
			first = err;
	}
	return first;
}

static int read_user_store(struct containers *c, uint32_t user)
{
	CLEAN_FD int dir = containers_home_dir(c, user, ".local/share/containers/storage");

	return dir < 0 ? dir : read_graph(c, user, dir);
}

/* Each list once. What could not be read then is said again for every container that is asked for. */
static int read_store(struct containers *c, uint32_t user)
{
	struct runtime_memory *m = containers_memory(c);
	struct store_read *s;
	int err;

	for (size_t i = 0; i < m->n_stores; i++)
		if (m->stores[i].user == user)
			return m->stores[i].err;
	err = user == CGROUP_NO_USER ? read_system_store(c) : read_user_store(c, user);
	s = ARRAY_ADD(m, stores);
	*s = (struct store_read){ .user = user, .err = err };
	return err;
}

int podman_find(struct containers *c, uint32_t user, const char *id)
{
	int err = read_store(c, user);

	return containers_get(c, user, NULL, id, NULL) ? 0 : err;
}

void podman_list(struct containers *c, uint32_t user, enum list_what what)
{
	if (what == LIST_ALL)
		containers_gap(c, read_store(c, user));
}

/* --- CRI-O ----------------------------------------------------------------------------------------------------------- */

/* cri-o: server/container_create_linux.go saves the OCI configuration beside its other files, with annotations of its own. */
static int read_userdata(struct containers *c, int dir, const char *id)
{
	int err;
	CLEAN_JSON json_t *conf =
		state_json(dir, containers_text(c, "overlay-containers/%s/userdata/config.json", id), STATE_MAX, JSON_OBJECT, &err);
	const json_t *notes = json_object_get(conf, "annotations");
	const char *type = state_str(notes, "io.kubernetes.cri-o.ContainerType");
	const char *manager = state_str(notes, "io.container.manager"); /* podman's kube play writes the former too */
	struct snap_container told = {
		.id = id,
		.runtime = "cri-o",
		.name = state_str(notes, "io.kubernetes.container.name"),
		.pod = state_str(notes, "io.kubernetes.pod.name"),
		.pod_namespace = state_str(notes, "io.kubernetes.pod.namespace"),
		.image = state_str(notes, "io.kubernetes.cri-o.ImageName"),
		.sandbox = type && !strcmp(type, "sandbox"),
	};

	if (!type || (manager && strcmp(manager, "cri-o")))
		return err;
	if (told.sandbox)
		told.name = NULL; /* "POD", as of every pod */
	containers_known(c, CGROUP_NO_USER, &told, NULL);
	return 0;
}

int crio_find(struct containers *c, uint32_t user, const char *id)
{
	static const char *const roots[] = { "/run/containers/storage", "/var/lib/containers/storage" };

	if (user != CGROUP_NO_USER)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(roots); i++) {
		int dir = containers_dir(c, roots[i]);
		int err = dir < 0 ? dir : read_userdata(c, dir, id);

		if (containers_get(c, user, NULL, id, NULL))
			return err;
	}
	return podman_find(c, user, id);
}
