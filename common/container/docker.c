// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Docker: DATA-ROOT/containers/ID/config.v2.json (daemon: container/container.go, toDisk), from creation to removal. The data
 * root is /var/lib/docker unless /etc/docker/daemon.json or the daemon's command line says otherwise; with userns-remap it is
 * a directory UID.GID in it. Rootless: ~/.local/share/docker.
 */
#include "container/runtime.h"

struct ports {
	struct snap_port *items;
	size_t n_items, cap_items;
};

static void add_root(struct containers *c, const char *dir)
{
	struct runtime_memory *m = containers_memory(c);
	const char **root;

	for (size_t i = 0; i < m->n_docker_roots; i++)
		if (!strcmp(m->docker_roots[i], dir))
			return;
	root = ARRAY_ADD(m, docker_roots);
	*root = containers_text(c, "%s", dir);
}

/* "100000.100000", made by userns-remap (daemon/daemon_unix.go, setupDaemonRoot). */
static void add_remapped(struct containers *c, int dir, const char *name, void *arg)
{
	const char *data_root = arg, *dot = strchr(name, '.');

	(void)dir;
	if (dot && dot != name && dot[1] && strspn(name, "0123456789") == (size_t)(dot - name) &&
	    dot[1 + strspn(dot + 1, "0123456789")] == '\0')
		add_root(c, containers_text(c, "%s/%s/containers", data_root, name));
}

static void add_data_root(struct containers *c, const char *data_root)
{
	int dir = containers_dir(c, data_root);

	add_root(c, containers_text(c, "%s/containers", data_root));
	if (dir >= 0) /* refused: so is what it holds, and counted there */
		containers_each(c, dir, NULL, add_remapped, (void *)(uintptr_t)data_root);
}

static void read_roots(struct containers *c)
{
	int err, etc = containers_dir(c, "/etc/docker");
	CLEAN_JSON json_t *conf = etc < 0 ? NULL : state_json(etc, "daemon.json", STATE_MAX, JSON_OBJECT, &err);
	const char *moved = state_str(conf, "data-root");

	if (!moved)
		moved = state_str(conf, "graph"); /* its name before 17.05 */
	if (moved && moved[0] == '/')
		add_data_root(c, moved);
	add_data_root(c, "/var/lib/docker");
	add_root(c, "/var/snap/docker/common/var-lib-docker/containers");
}

/*
 * A data root that only the daemon's command line names shows in the bundle of a container that runs: /etc/resolv.conf in it
 * is DATA-ROOT/containers/ID/resolv.conf (daemon/container_operations_unix.go). True if there is one that was not known.
 */
static bool learn_root(struct containers *c, const char *id)
{
	CLEAN_JSON json_t *bundle = containerd_bundle(c, "moby", id);
	const json_t *mounts = json_object_get(bundle, "mounts"), *mount;
	size_t i, before = containers_memory(c)->n_docker_roots;

	json_array_foreach(mounts, i, mount)
	{
		const char *to = state_str(mount, "destination"), *from = state_str(mount, "source");
		const char *at = from ? strstr(from, "/containers/") : NULL;

		if (to && at && from[0] == '/' && !strcmp(to, "/etc/resolv.conf") && !strncmp(at + 12, id, strlen(id)))
			add_root(c, containers_text(c, "%.*s/containers", (int)(at - from), from));
	}
	return containers_memory(c)->n_docker_roots > before;
}

/* cri-dockerd, and kubelets before 1.24, leave Kubernetes' names in labels (cri-dockerd: libdocker/helpers.go). */
static void read_labels(const json_t *labels, struct snap_container *told)
{
	const char *type = state_str(labels, "io.kubernetes.docker.type");
	const char *name = state_str(labels, "io.kubernetes.container.name");

	told->pod = state_str(labels, "io.kubernetes.pod.name");
	told->pod_namespace = state_str(labels, "io.kubernetes.pod.namespace");
	told->sandbox = type && !strcmp(type, "podsandbox");
	if (told->pod && name && !told->sandbox)
		told->name = name;
}

/* --- what it is connected to, and how it is ------------------------------------------------------------------------------- */

static const char *copy(struct containers *c, const json_t *object, const char *key)
{
	return arena_strdup(containers_arena(c), state_str(object, key));
}

/* "80/tcp", as nat.Port has it (github.com/docker/go-connections); false: it is something else. */
static bool parse_port(struct containers *c, const char *key, struct snap_port *out)
{
	const char *slash = strchr(key, '/');
	char digits[8] = "";
	uint64_t port;

	if (slash && (size_t)(slash - key) < sizeof(digits))
		memcpy(digits, key, (size_t)(slash - key));
	if (!slash || parse_u64(digits, UINT16_MAX, &port))
		return false;
	*out = (struct snap_port){ .proto = arena_strdup(containers_arena(c), slash + 1), .port = (uint32_t)port };
	return true;
}

/* {"80/tcp": [{"HostIp": "", "HostPort": "8080"}, …], "443/tcp": null}: a list of where it is published, or none. */
static void add_ports(struct containers *c, const json_t *map, struct ports *ports)
{
	const json_t *bindings, *b;
	const char *key;
	size_t i;

	json_object_foreach((json_t *)(uintptr_t)map, key, bindings)
	{
		struct snap_port port;

		if (!parse_port(c, key, &port))
			continue;
		if (!json_array_size(bindings))
			*ARRAY_ADD(ports, items) = port;
		json_array_foreach(bindings, i, b)
		{
			const char *ip = copy(c, b, "HostIp"), *number = state_str(b, "HostPort");
			uint64_t host_port = 0;

			if (number)
				parse_u64(number, UINT16_MAX, &host_port);
			port.host_ip = ip ? ip : "";
			port.host_port = (uint32_t)host_port;
			*ARRAY_ADD(ports, items) = port;
		}
	}
}

/*
 * While a container runs, its settings name the ports that it has; before and after, what was asked for stands in hostconfig.json
 * (HostConfig.PortBindings), and what its image exposes in Config.
 */
static void read_ports(struct containers *c, const json_t *json, const json_t *host, bool runs, struct snap_container *told)
{
	struct ports ports = { 0 };
	struct snap_port *items;

	if (runs) {
		add_ports(c, json_object_get(json_object_get(json, "NetworkSettings"), "Ports"), &ports);
	} else {
		add_ports(c, json_object_get(host, "PortBindings"), &ports);
		if (!ports.n_items)
			add_ports(c, json_object_get(json_object_get(json, "Config"), "ExposedPorts"), &ports);
	}
	items = arena_alloc(containers_arena(c), ports.n_items * sizeof(*items));
	if (ports.n_items)
		memcpy(items, ports.items, ports.n_items * sizeof(*items));
	told->ports = items;
	told->n_ports = (uint32_t)ports.n_items;
	free(ports.items);
}

static void read_addresses(struct containers *c, const json_t *json, struct snap_container *told)
{
	const json_t *networks = json_object_get(json_object_get(json, "NetworkSettings"), "Networks"), *network;
	const char **addresses = arena_alloc(containers_arena(c), 2 * json_object_size(networks) * sizeof(*addresses)), *name;

	told->addresses = addresses;
	json_object_foreach((json_t *)(uintptr_t)networks, name, network)
	{
		const char *v4 = copy(c, network, "IPAddress"), *v6 = copy(c, network, "GlobalIPv6Address");

		if (v4)
			addresses[told->n_addresses++] = v4;
		if (v6)
			addresses[told->n_addresses++] = v6;
	}
}

/* State (daemon: container/state.go). One that never ran has the zero time for its start. */
static const char *state_word(const json_t *state)
{
	const char *started = state_str(state, "StartedAt");

	if (!state)
		return NULL;
	if (json_is_true(json_object_get(state, "Paused")))
		return "paused";
	if (json_is_true(json_object_get(state, "Restarting")))
		return "restarting";
	if (json_is_true(json_object_get(state, "Running")))
		return "running";
	if (json_is_true(json_object_get(state, "Dead")))
		return "dead";
	return !started || !strncmp(started, "0001-", 5) ? "created" : "exited";
}

static void read_state(struct containers *c, uint32_t user, int dir, const json_t *json, struct snap_container *told)
{
	const json_t *state = json_object_get(json, "State"), *code = json_object_get(state, "ExitCode");
	CLEAN_JSON json_t *host = NULL;
	bool runs, exited;
	int err;

	told->state = state_word(state);
	if (!told->state)
		return;
	runs = !strcmp(told->state, "running") || !strcmp(told->state, "paused");
	exited = !strcmp(told->state, "exited") || !strcmp(told->state, "dead");
	told->exit_code = exited && json_is_number(code) && json_number_value(code) >= 0 && json_number_value(code) <= INT32_MAX
				  ? (int64_t)json_number_value(code)
				  : OPT_NONE;
	host = state_json(dir, containers_text(c, "%s/hostconfig.json", told->id), containers_max(user, STATE_MAX), JSON_OBJECT,
			  &err);
	if (!host)
		containers_gap(c, err);
	told->network = copy(c, host, "NetworkMode");
	read_ports(c, json, host, runs, told);
	read_addresses(c, json, told);
}

static int read_config(struct containers *c, uint32_t user, int dir, const char *id)
{
	struct snap_container told = { .id = id, .runtime = "docker", .exit_code = OPT_NONE };
	int err;
	CLEAN_JSON json_t *json =
		state_json(dir, containers_text(c, "%s/config.v2.json", id), containers_max(user, STATE_MAX), JSON_OBJECT, &err);
	const json_t *config = json_object_get(json, "Config");

	if (!json) {
		if (err == -EBADMSG) /* docker's all the same */
			containers_known(c, user, &told, NULL);
		return err;
	}
	told.name = state_str(json, "Name");
	if (told.name && told.name[0] == '/')
		told.name = told.name[1] ? told.name + 1 : NULL;
	told.image = state_str(config, "Image");
	read_labels(json_object_get(config, "Labels"), &told);
	read_state(c, user, dir, json, &told);
	containers_known(c, user, &told, NULL);
	return 0;
}

static int find_in_roots(struct containers *c, const char *id, size_t from)
{
	struct runtime_memory *m = containers_memory(c);
	int err = -ENOENT;

	for (size_t i = from; i < m->n_docker_roots; i++) {
		int dir = containers_dir(c, m->docker_roots[i]);
		int ret = dir < 0 ? dir : read_config(c, CGROUP_NO_USER, dir, id);

		if (!ret)
			return 0;
		if (err == -ENOENT)
			err = ret;
	}
	return err;
}

int docker_find(struct containers *c, uint32_t user, const char *id)
{
	size_t known;
	int err;

	if (user != CGROUP_NO_USER) {
		CLEAN_FD int dir = containers_home_dir(c, user, ".local/share/docker/containers");

		return dir < 0 ? dir : read_config(c, user, dir, id);
	}
	if (!containers_memory(c)->n_docker_roots)
		read_roots(c);
	err = find_in_roots(c, id, 0);
	known = containers_memory(c)->n_docker_roots;
	if (err == -ENOENT && learn_root(c, id))
		err = find_in_roots(c, id, known);
	return err;
}

static void list_one(struct containers *c, int dir, const char *name, void *arg)
{
	(void)arg;
	if (!containers_get(c, CGROUP_NO_USER, "docker", name, NULL))
		containers_gap(c, read_config(c, CGROUP_NO_USER, dir, name));
}

static void learn_one(struct containers *c, int dir, const char *name, void *arg)
{
	bool *learnt = arg;

	(void)dir;
	/* One is enough: there is one daemon, and all its containers are in one place. */
	if (!*learnt && !containers_get(c, CGROUP_NO_USER, "docker", name, NULL))
		*learnt = learn_root(c, name);
}

void docker_list(struct containers *c, uint32_t user, enum list_what what)
{
	struct runtime_memory *m = containers_memory(c);
	bool learnt = false;

	if (what == LIST_NAMED || user != CGROUP_NO_USER)
		return;
	if (!m->n_docker_roots)
		read_roots(c);
	for (size_t i = 0; i < m->n_docker_roots; i++) {
		containers_each(c, containers_dir(c, m->docker_roots[i]), m->docker_roots[i], list_one, NULL);
		if (i + 1 == m->n_docker_roots && !learnt)
			containerd_each(c, "moby", learn_one, &learnt);
	}
}
