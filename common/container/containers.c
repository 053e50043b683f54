// SPDX-License-Identifier: GPL-2.0-or-later
/* Records of containers, found by id or by the path of a cgroup, each read once. */
#include <stdarg.h>

#include "container/runtime.h"

/*
 * In the order of asking. Docker before containerd, which runs docker's containers; both before runc, which runs all. A new
 * runtime: a row here, a file for its functions, and, if its cgroups have a form of their own, a row in cgroup.c.
 */
static const struct runtime runtimes[] = {
	{ "docker", false, docker_find, docker_list }, { "containerd", false, containerd_find, containerd_list },
	{ "cri-o", false, crio_find, NULL }, /* podman_list reads the store that both share */
	{ "podman", false, podman_find, podman_list }, { "runc", false, runc_find, runc_list },
	{ "crun", false, crun_find, crun_list },       { "lxc", true, lxc_find, lxc_list },
	{ "nspawn", true, nspawn_find, nspawn_list },
};

/* A cgroup that a state file says is a container's. */
struct claim {
	const char *path;
	uint32_t user;
	uint32_t record;
	uint32_t next; /* with the same hash */
};

struct opened {
	const char *path;
	int fd; /* or -errno */
};

struct home {
	uint32_t user;
	const char *path; /* NULL: none */
};

struct containers {
	int root;
	struct snap *snap;
	struct record *records;
	struct claim *claims;
	struct opened *dirs;
	struct home *homes;
	uint32_t *listed; /* users whose named containers were listed */
	size_t n_records, n_claims, n_dirs, n_homes, n_listed, cap_records, cap_claims, cap_dirs, cap_homes, cap_listed;
	struct idmap by_id, by_path, shown, refused;
	struct runtime_memory memory;
};

static uint64_t hash_more(uint64_t h, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) /* FNV-1a */
		h = (h ^ (unsigned char)s[i]) * 0x100000001b3ULL;
	return h;
}

static uint64_t hash(const char *s)
{
	return hash_more(0xcbf29ce484222325ULL, s, strlen(s));
}

struct containers *containers_new(const char *root)
{
	struct containers *c = xcalloc(1, sizeof(*c));

	c->root = state_root(root ? root : "/");
	return c;
}

void containers_free(struct containers *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_dirs; i++)
		cleanup_fd(&c->dirs[i].fd);
	cleanup_fd(&c->root);
	free(c->records);
	free(c->claims);
	free(c->dirs);
	free(c->homes);
	free(c->listed);
	free(c->memory.docker_roots);
	free(c->memory.stores);
	free(c->memory.task_dirs);
	idmap_done(&c->by_id);
	idmap_done(&c->by_path);
	idmap_done(&c->shown);
	idmap_done(&c->refused);
	free(c);
}

struct runtime_memory *containers_memory(struct containers *c)
{
	return &c->memory;
}

/* --- help for the runtimes --------------------------------------------------------------------------------------- */

struct arena *containers_arena(struct containers *c)
{
	return &c->snap->arena;
}

const char *containers_text(struct containers *c, const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return arena_strdup(&c->snap->arena, text);
}

void containers_gap(struct containers *c, int err)
{
	bool refused = err == -EACCES || err == -EPERM;

	if (err < 0 && err != -ENOENT)
		snap_add_gap(c->snap, "containers' state files", -err, refused ? "CAP_DAC_READ_SEARCH" : NULL);
}

void containers_refused(struct containers *c, const char *name, int err)
{
	if (err >= 0 || idmap_get(&c->refused, hash(name)) != IDMAP_NONE)
		return;
	idmap_add(&c->refused, hash(name), 0);
	containers_gap(c, err);
}

int containers_dir(struct containers *c, const char *path)
{
	struct opened *o;

	for (size_t i = 0; i < c->n_dirs; i++)
		if (!strcmp(c->dirs[i].path, path))
			return c->dirs[i].fd;
	o = ARRAY_ADD(c, dirs);
	o->path = arena_strdup(&c->snap->arena, path);
	o->fd = c->root < 0 ? c->root : state_dir(c->root, path);
	return o->fd;
}

/*
 * A user's home by the root's own /etc/passwd: the user database of this process may be another's, or ask a server.
 */
static const char *read_home(struct containers *c, uint32_t user)
{
	CLEAN_MEM char *text = NULL;
	int etc = containers_dir(c, "/etc");
	char *save = NULL;

	if (etc < 0 || state_read(etc, "passwd", STATE_MAX, &text) < 0)
		return NULL;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *field[7];
		uint32_t uid;
		int n = 0;

		while (n < 7 && line)
			field[n++] = strsep(&line, ":");
		if (n == 7 && !parse_u32(field[2], &uid) && uid == user && field[5][0] == '/')
			return arena_strdup(&c->snap->arena, field[5]);
	}
	return NULL;
}

static const char *home_of(struct containers *c, uint32_t user)
{
	struct home *h;

	for (size_t i = 0; i < c->n_homes; i++)
		if (c->homes[i].user == user)
			return c->homes[i].path;
	h = ARRAY_ADD(c, homes);
	h->user = user;
	h->path = read_home(c, user);
	return h->path;
}

/* The home itself is the administrator's, who may well have made it a link; what is below is the user's. */
int containers_home_dir(struct containers *c, uint32_t user, const char *path)
{
	const char *home = home_of(c, user);
	CLEAN_FD int fd = home && c->root >= 0 ? state_dir(c->root, home) : -ENOENT;

	return fd < 0 ? fd : state_subdir(fd, path);
}

int containers_run_dir(struct containers *c, uint32_t user, const char *path)
{
	int run = containers_dir(c, "/run/user");
	char below[300];

	snprintf(below, sizeof(below), "%u/%s", user, path);
	return run < 0 ? run : state_subdir(run, below);
}

void containers_each(struct containers *c, int dir, const char *name,
		     void (*each)(struct containers *c, int dir, const char *entry, void *arg), void *arg)
{
	struct dirent *e;
	int err = dir;
	CLEAN_DIR DIR *d = dir < 0 ? NULL : state_list(dir, ".", &err);

	while (d && (errno = 0, e = readdir(d)))
		if (e->d_name[0] != '.')
			each(c, dirfd(d), e->d_name, arg);
	if (d)
		err = -errno;
	if (name)
		containers_refused(c, name, err);
}

/* --- records --------------------------------------------------------------------------------------------------------- */

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool is_hex(const char *id)
{
	return cgroup_is_hex_id((struct word){ id, strlen(id) });
}

/* Hex ids are drawn at random: whichever runtime told of one, it is the same container. */
static bool is_record(const struct record *r, const struct record *key)
{
	if (r->user != key->user || r->nested != key->nested || strcmp(r->c.id, key->c.id))
		return false;
	if (!key->nested && is_hex(key->c.id))
		return true;
	return (!key->c.runtime || same(r->c.runtime, key->c.runtime)) && (!key->scope || same(r->scope, key->scope));
}

static struct record *find_record(struct containers *c, const struct record *key)
{
	for (uint32_t i = idmap_get(&c->by_id, hash(key->c.id)); i != IDMAP_NONE; i = c->records[i].next)
		if (is_record(&c->records[i], key))
			return &c->records[i];
	return NULL;
}

static struct record *add_record(struct containers *c, const struct record *key)
{
	struct record *r = ARRAY_ADD(c, records);
	uint32_t i = (uint32_t)(r - c->records), first = idmap_add(&c->by_id, hash(key->c.id), i);

	*r = *key;
	r->c.id = arena_strdup(&c->snap->arena, key->c.id);
	r->c.exit_code = OPT_NONE;
	r->scope = arena_strdup(&c->snap->arena, key->scope);
	r->next = IDMAP_NONE;
	if (first != i) { /* behind the first: the order of the others is of no matter */
		r->next = c->records[first].next;
		c->records[first].next = i;
	}
	return r;
}

struct record *containers_get(struct containers *c, uint32_t user, const char *runtime, const char *id, const char *scope)
{
	struct record key = { .c = { .id = id, .runtime = runtime }, .scope = scope, .user = user };
	struct record *r = find_record(c, &key);

	return r && r->known ? r : NULL;
}

static void take(struct containers *c, const char **to, const char *from)
{
	if (!*to)
		*to = arena_strdup(&c->snap->arena, from);
}

static void take_state(struct snap_container *to, const struct snap_container *told)
{
	to->state = told->state;
	to->exit_code = told->exit_code;
	to->network = told->network;
	to->ports = told->ports;
	to->n_ports = told->n_ports;
	to->addresses = told->addresses;
	to->n_addresses = told->n_addresses;
}

struct record *containers_known(struct containers *c, uint32_t user, const struct snap_container *told, const char *scope)
{
	struct record key = { .c = { .id = told->id, .runtime = told->runtime }, .scope = scope, .user = user };
	struct record *r = find_record(c, &key);

	if (!r)
		r = add_record(c, &key);
	take(c, &r->c.name, told->name);
	take(c, &r->c.pod, told->pod);
	take(c, &r->c.pod_namespace, told->pod_namespace);
	take(c, &r->c.image, told->image);
	if (told->state)
		take_state(&r->c, told);
	if (!r->c.runtime)
		r->c.runtime = told->runtime;
	r->c.sandbox |= told->sandbox;
	r->known = true;
	if (r->shown) {
		c->snap->containers[r->at] = r->c;
		c->snap->containers[r->at].id = r->shown;
	}
	return r;
}

/* --- the snapshot ------------------------------------------------------------------------------------------------ */

/* The number of the record that the snapshot shows under this id; i if none did. */
static uint32_t show_as(struct containers *c, const char *id, uint32_t i)
{
	return idmap_add(&c->shown, hash(id), i);
}

static const char *qualifier(struct containers *c, const struct record *r)
{
	if (r->scope)
		return r->scope;
	if (r->user != CGROUP_NO_USER)
		return containers_text(c, "user-%u", r->user);
	return r->c.runtime ? r->c.runtime : "unknown";
}

static const char *show(struct containers *c, struct record *r)
{
	uint32_t i = (uint32_t)(r - c->records);
	struct snap_container *shown;
	const char *id = r->c.id;

	if (r->shown)
		return r->shown;
	while (show_as(c, id, i) != i)
		id = containers_text(c, "%.300s/%.3000s", qualifier(c, r), id);
	r->shown = id;
	r->at = c->snap->n_containers;
	shown = ARRAY_ADD(c->snap, containers);
	*shown = r->c;
	shown->id = id;
	return id;
}

static void use(struct containers *c, struct snap *s)
{
	if (!c->snap)
		c->snap = s;
}

/* --- cgroups of any name that a state file claims ------------------------------------------------------------------ */

static uint64_t claim_hash(uint32_t user)
{
	return hash_more(0xcbf29ce484222325ULL, (const char *)&user, sizeof(user));
}

/* The root and slices hold more than one container: who put one right there does not own the rest. */
static bool can_claim(const char *path)
{
	size_t n = strlen(path);

	return path[0] == '/' && path[1] && path[n - 1] != '/' && strcmp(path, "/init.scope") &&
	       (n < 6 || strcmp(path + n - 6, ".slice"));
}

void containers_claim(struct containers *c, uint32_t user, const struct record *r, const char *path)
{
	uint32_t i = (uint32_t)c->n_claims, first, record = (uint32_t)(r - c->records);
	struct claim *claim;

	if (!can_claim(path))
		return;
	first = idmap_add(&c->by_path, hash_more(claim_hash(user), path, strlen(path)), i);
	for (uint32_t at = first; at != i && at != IDMAP_NONE; at = c->claims[at].next)
		if (c->claims[at].user == user && !strcmp(c->claims[at].path, path))
			return; /* as known from another hierarchy, or another's: the first keeps it */
	claim = ARRAY_ADD(c, claims);
	claim->path = arena_strdup(&c->snap->arena, path);
	claim->user = user;
	claim->record = record;
	claim->next = IDMAP_NONE;
	if (first != i) {
		claim->next = c->claims[first].next;
		c->claims[first].next = i;
	}
}

static const struct claim *get_claim(const struct containers *c, uint32_t user, uint64_t h, struct word path)
{
	for (uint32_t i = idmap_get(&c->by_path, h); i != IDMAP_NONE; i = c->claims[i].next) {
		const struct claim *claim = &c->claims[i];

		if (claim->user == user && strlen(claim->path) == path.len && !memcmp(claim->path, path.s, path.len))
			return claim;
	}
	return NULL;
}

/* The claim on the path, or on the nearest cgroup above it. */
static const struct claim *deepest_claim(const struct containers *c, uint32_t user, struct word path)
{
	const struct claim *found = NULL, *claim;
	uint64_t h = claim_hash(user);

	for (size_t i = 1, from = 0; i <= path.len; i++) {
		if (i < path.len && path.s[i] != '/')
			continue;
		h = hash_more(h, path.s + from, i - from);
		from = i;
		claim = get_claim(c, user, h, (struct word){ path.s, i });
		if (claim)
			found = claim;
	}
	return found;
}

static void list_named(struct containers *c, uint32_t user)
{
	uint32_t *seen;

	for (size_t i = 0; i < c->n_listed; i++)
		if (c->listed[i] == user)
			return;
	seen = ARRAY_ADD(c, listed);
	*seen = user;
	for (const struct runtime *rt = runtimes; rt < runtimes + ARRAY_SIZE(runtimes); rt++)
		if (rt->list)
			rt->list(c, user, LIST_NAMED);
}

static struct record *find_by_path(struct containers *c, const struct cgroup_match *m)
{
	const uint32_t users[] = { CGROUP_NO_USER, m->user };
	struct word text, path;

	for (size_t u = 0; u < (m->user == CGROUP_NO_USER ? 1 : 2); u++) {
		list_named(c, users[u]);
		if (!c->n_claims)
			continue;
		text = (struct word){ m->text, m->text_len };
		while (cgroup_next_path(&text, &path)) {
			const struct claim *claim = deepest_claim(c, users[u], path);

			if (claim)
				return &c->records[claim->record];
		}
	}
	return NULL;
}

/* --- finding --------------------------------------------------------------------------------------------------------- */

/* Ask the runtimes that may know this id; *err: the first refusal. */
static struct record *ask(struct containers *c, const struct record *key, int *err)
{
	struct record *r = NULL;
	int first = 0;

	if (!state_is_component(key->c.id))
		return NULL;
	for (const struct runtime *rt = runtimes; rt < runtimes + ARRAY_SIZE(runtimes); rt++) {
		int ret;

		if (key->c.runtime && strcmp(rt->name, key->c.runtime))
			continue;
		ret = rt->find(c, key->user, key->c.id);
		if (ret == FOUND_NO_CONTAINER) {
			*err = ret;
			return NULL;
		}
		if (ret && !first && ret != -ENOENT)
			first = ret;
		r = find_record(c, key);
		if (r)
			break;
	}
	*err = first;
	return r;
}

static bool is_named(const char *runtime)
{
	for (const struct runtime *rt = runtimes; rt < runtimes + ARRAY_SIZE(runtimes); rt++)
		if (same(rt->name, runtime))
			return rt->id_is_name;
	return false;
}

static struct record *find_by_id(struct containers *c, const struct record *key)
{
	struct record *r = find_record(c, key);
	int err = 0;

	if (r)
		return r;
	if (!key->nested)
		r = ask(c, key, &err);
	if (err == FOUND_NO_CONTAINER)
		return NULL;
	if (!r)
		r = add_record(c, key);
	if (!r->c.name && is_named(r->c.runtime))
		r->c.name = r->c.id;
	if (!r->c.name)
		containers_gap(c, err);
	return r;
}

const char *containers_find(struct containers *c, struct snap *s, const struct cgroup_match *m)
{
	struct record key = { .c = { .id = m->id, .runtime = m->runtime }, .user = m->user };
	struct record outer = { .c = { .id = m->outer, .runtime = m->outer_runtime }, .user = m->user };
	char scope[16];
	struct record *r;

	use(c, s);
	if (!m->id[0]) {
		r = find_by_path(c, m);
		return r ? show(c, r) : NULL;
	}
	if (m->outer[0]) {
		r = find_by_id(c, &outer);
		if (r && r->known) {
			snprintf(scope, sizeof(scope), "%.12s", m->outer);
			key.nested = true;
			key.scope = scope;
		}
	}
	r = find_by_id(c, &key);
	return r ? show(c, r) : NULL;
}

void containers_list(struct containers *c, struct snap *s)
{
	use(c, s);
	for (const struct runtime *rt = runtimes; rt < runtimes + ARRAY_SIZE(runtimes); rt++)
		if (rt->list)
			rt->list(c, CGROUP_NO_USER, LIST_ALL);
	for (size_t i = 0; i < c->n_records; i++)
		if (c->records[i].known)
			show(c, &c->records[i]);
}
