// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/target.h"
#include "util/words.h"

enum { MIN_ID_PREFIX = 3, MAX_NEAR = 5 };

static bool is_number(const char *s)
{
	return *s && !s[strspn(s, "0123456789")];
}

static bool has_prefix(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

static bool is_proc_link(const char *word, uint32_t *pid, enum nstype *type, bool *future)
{
	char digits[16], name[32];
	enum nstype t;

	if (sscanf(word, "/proc/%15[0-9]/ns/%31[a-z_]", digits, name) != 2 || parse_u32(digits, pid))
		return false;
	for (t = 0; t < NS_TYPES; t++) {
		*future = nstypes[t].for_children && !strcmp(nstypes[t].for_children, name);
		*type = t;
		if (*future || !strcmp(nstypes[t].name, name))
			return true;
	}
	return false;
}

uint64_t target_wants(const char *word)
{
	if ((has_prefix(word, "pid:") && word[4] != '[') || has_prefix(word, "/proc/") || !strcmp(word, "host"))
		return WANT_TASKS;
	if (has_prefix(word, "netns:") || *word == '/')
		return WANT_MOUNTED | WANT_HIDDEN;
	if (is_number(word) || strchr(word, '['))
		return WANT_HIDDEN | WANT_CONTAINERS;
	return WANT_CONTAINERS | WANT_ALL_CONTAINERS;
}

/* --- containers ----------------------------------------------------------------------------------------------------- */

static bool same(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* How a word means a container, the best first. */
enum match { BY_NAME, BY_ID, BY_PREFIX, NOT_AT_ALL };

static enum match match_container(const struct snap_container *c, const char *word)
{
	if (same(c->name, word))
		return BY_NAME;
	if (same(c->id, word))
		return BY_ID;
	return c->id && strlen(word) >= MIN_ID_PREFIX && has_prefix(c->id, word) ? BY_PREFIX : NOT_AT_ALL;
}

static const char *name_of(const struct snap_container *c)
{
	return c->name ? c->name : "no name";
}

/* A better match makes one that is ambiguous a matter of no interest. */
static int find_container(const struct index *ix, const char *word, struct target *t, char *message, size_t size)
{
	const struct snap_container *found = NULL, *other = NULL;
	enum match best = NOT_AT_ALL;

	for (size_t i = 0; i < ix->snap->n_containers; i++) {
		const struct snap_container *c = &ix->snap->containers[i];
		enum match how = match_container(c, word);

		if (how < best) {
			best = how;
			found = c;
			other = NULL;
		} else if (how == best && found) {
			other = c;
		}
	}
	if (!found)
		return -ENOENT;
	if (other) {
		snprintf(message, size, "container %s is ambiguous: %.24s (%s) and %.24s (%s), at least", word, found->id,
			 name_of(found), other->id, name_of(other));
		return -EMLINK;
	}
	*t = (struct target){ .kind = TARGET_CONTAINER, .container = found };
	return 0;
}

static int find_pod(const struct index *ix, const char *word, struct target *t, char *message, size_t size)
{
	const struct snap *s = ix->snap;
	const char *slash = strchr(word, '/');
	const char *name = slash ? slash + 1 : word;
	const struct snap_container *found = NULL;

	for (size_t i = 0; i < s->n_containers; i++) {
		const struct snap_container *c = &s->containers[i];
		if (!same(c->pod, name) ||
		    (slash && (!c->pod_namespace || strncmp(c->pod_namespace, word, (size_t)(slash - word)) ||
			       c->pod_namespace[slash - word])))
			continue;
		if (found && !same(found->pod_namespace, c->pod_namespace)) {
			snprintf(message, size, "pod %s is ambiguous: pod:%s/%s and pod:%s/%s, at least", word,
				 found->pod_namespace ? found->pod_namespace : "", name, c->pod_namespace ? c->pod_namespace : "",
				 name);
			return -EMLINK;
		}
		found = c;
	}
	if (!found) {
		snprintf(message, size, "no such pod: %s", word);
		return -ENOENT;
	}
	*t = (struct target){ .kind = TARGET_CONTAINER, .pod = found->pod, .pod_namespace = found->pod_namespace };
	return 0;
}

/* --- near candidates ------------------------------------------------------------------------------------------------ */

static void add_near(const struct index *ix, const char *word, char *message, size_t size)
{
	const struct snap *s = ix->snap;
	size_t len = strlen(message);
	int n = 0;

	for (size_t i = 0; i < s->n_containers && n < MAX_NEAR && len < size; i++) {
		const struct snap_container *c = &s->containers[i];
		const char *name = c->name ? c->name : c->id;

		if (!words_near(word, c->name) && !(c->id && strlen(word) >= MIN_ID_PREFIX && has_prefix(c->id, word)))
			continue;
		len += (size_t)snprintf(message + len, size - len, "%s%s", n++ ? ", " : "; near: ", name);
	}
	if (len < size && strlen(word) > 1 && words_distance(word, "host") == 1)
		snprintf(message + len, size - len, "%shost", n ? ", " : "; near: ");
}

/* --- resolving ------------------------------------------------------------------------------------------------------ */

static int find_task(const struct index *ix, const char *digits, struct target *t)
{
	uint32_t tid, i;

	if (parse_u32(digits, &tid))
		return -EINVAL;
	i = index_task(ix, tid);
	if (i == IDMAP_NONE)
		return -ENOENT;
	*t = (struct target){ .kind = TARGET_TASK, .task = i };
	return 0;
}

static int use_ns(const struct index *ix, enum nstype type, uint32_t inum, struct target *t)
{
	uint32_t i = index_ns(ix, type, inum);

	if (i == IDMAP_NONE)
		return -ENOENT;
	*t = (struct target){ .kind = TARGET_NS, .ns = i };
	return 0;
}

static int find_ns_number(const struct index *ix, const char *digits, struct target *t)
{
	uint32_t inum;

	if (parse_u32(digits, &inum))
		return -EINVAL;
	for (enum nstype type = 0; type < NS_TYPES; type++)
		if (!use_ns(ix, type, inum, t))
			return 0;
	return -ENOENT;
}

/* A mount point in our own mount namespace: at the same path of another one a stranger may have mounted anything. */
static int find_path(const struct index *ix, const char *path, struct target *t)
{
	uint32_t pid;
	enum nstype type;
	bool future;

	if (is_proc_link(path, &pid, &type, &future)) {
		uint32_t i = index_task(ix, pid);
		const struct snap_task *task = i == IDMAP_NONE ? NULL : &ix->snap->tasks[i];

		if (!task)
			return -ENOENT;
		if (future && type == NS_PID && task->pid_for_children)
			return use_ns(ix, type, task->pid_for_children, t);
		if (future && type == NS_TIME && task->time_for_children)
			return use_ns(ix, type, task->time_for_children, t);
		return use_ns(ix, type, task->ns[type], t);
	}
	for (size_t i = 0; i < ix->snap->n_holds; i++) {
		const struct snap_hold *h = &ix->snap->holds[i];

		if (h->kind == HOLD_MOUNT && h->mntns == ix->snap->head.own_mntns && same(h->path, path))
			return use_ns(ix, h->type, h->inum, t);
	}
	return -ENOENT;
}

/* Where ip(8) and Docker mount network namespaces, each by its name. */
static const char *const netns_dirs[] = { "/run/netns/", "/var/run/netns/", "/run/docker/netns/" };

const char *target_netns_name(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(netns_dirs); i++) {
		const char *name = path + strlen(netns_dirs[i]);

		if (has_prefix(path, netns_dirs[i]) && *name && !strchr(name, '/'))
			return name;
	}
	return NULL;
}

const char *target_hold_name(const struct snap *s, const struct snap_hold *h)
{
	return h->kind == HOLD_MOUNT && h->path && h->mntns == s->head.own_mntns ? target_netns_name(h->path) : NULL;
}

static int find_netns(const struct index *ix, const char *name, struct target *t)
{
	char path[512];

	if (strchr(name, '/') || strlen(name) > 255)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(netns_dirs); i++) {
		snprintf(path, sizeof(path), "%s%s", netns_dirs[i], name);
		if (!find_path(ix, path, t))
			return 0;
	}
	return -ENOENT;
}

static void add_near_netns(const struct index *ix, const char *word, char *message, size_t size)
{
	const struct snap *s = ix->snap;
	size_t len = strlen(message);
	int n = 0;

	for (size_t i = 0; i < s->n_holds && n < MAX_NEAR && len < size; i++) {
		const char *name = target_hold_name(s, &s->holds[i]);

		if (name && words_near(word, name))
			len += (size_t)snprintf(message + len, size - len, "%snetns:%s", n++ ? ", " : "; near: ", name);
	}
}

/* Whoever may not read the engines' files sees ids alone: then it is not the word that is wrong. */
static void add_nameless(const struct index *ix, char *message, size_t size)
{
	const struct snap *s = ix->snap;
	size_t len = strlen(message), n = 0;

	for (size_t i = 0; i < s->n_containers; i++)
		n += !s->containers[i].name;
	if (n && len < size)
		snprintf(message + len, size - len, "; of %zu container%s only the id could be read", n, n == 1 ? "" : "s");
}

/* Containers and network namespaces have names that one can mistype. */
static int not_found(const struct index *ix, const char *what, const char *word, char *message, size_t size)
{
	snprintf(message, size, "no such %s: %s", what, word);
	if (strstr(what, "container")) {
		add_near(ix, word, message, size);
		add_nameless(ix, message, size);
	} else if (has_prefix(word, "netns:"))
		add_near_netns(ix, word + 6, message, size);
	return -ENOENT;
}

/* Bare words, in the order that the manual promises. */
static int resolve_bare(const struct index *ix, const char *word, struct target *t, char *message, size_t size)
{
	bool digits = is_number(word);
	int err = digits ? find_task(ix, word, t) : -ENOENT;

	if (err == -ENOENT)
		err = find_container(ix, word, t, message, size);
	if (err == -ENOENT && digits)
		err = find_ns_number(ix, word, t);
	if (err == -ENOENT)
		return not_found(ix, digits ? "process, container or namespace" : "container", word, message, size);
	if (err == -EINVAL)
		snprintf(message, size, "no process, container or namespace can have the number %s", word);
	return err;
}

int target_resolve(const struct index *ix, const char *word, struct target *t, char *message, size_t size)
{
	enum nstype type;
	uint32_t inum;
	int err;

	*message = '\0';
	if (has_prefix(word, "pid:") && word[4] != '[') { /* else it is the link of a PID namespace */
		err = find_task(ix, word + 4, t);
		if (err == -EINVAL)
			snprintf(message, size, "not a process id: %s", word + 4);
		return err == -ENOENT ? not_found(ix, "PID", word + 4, message, size) : err;
	}
	if (has_prefix(word, "container:")) {
		err = find_container(ix, word + 10, t, message, size);
		return err == -ENOENT ? not_found(ix, "container", word + 10, message, size) : err;
	}
	if (has_prefix(word, "pod:"))
		return find_pod(ix, word + 4, t, message, size);
	if (has_prefix(word, "netns:") || *word == '/') {
		err = *word == '/' ? find_path(ix, word, t) : find_netns(ix, word + 6, t);
		return err ? not_found(ix, "named namespace", word, message, size) : 0;
	}
	if (!nstype_parse_link(word, &type, &inum)) {
		err = use_ns(ix, type, inum, t);
		return err ? not_found(ix, "namespace", word, message, size) : 0;
	}
	if (!*word) {
		snprintf(message, size, "an empty word names nothing");
		return -EINVAL;
	}
	err = resolve_bare(ix, word, t, message, size);
	/* "host" last, as for all bare words: a container of that name wins. */
	if (err == -ENOENT && !strcmp(word, "host")) {
		*t = (struct target){ .kind = TARGET_HOST };
		return 0;
	}
	return err;
}

static bool in_pod(const struct target *t, const struct snap_container *c)
{
	return c && same(c->pod, t->pod) && (c->pod_namespace == t->pod_namespace || same(c->pod_namespace, t->pod_namespace));
}

bool target_has_task(const struct index *ix, const struct target *t, uint32_t task)
{
	const struct snap *s = ix->snap;
	const struct snap_task *x = &s->tasks[task];
	const struct snap_ns *ns;

	switch (t->kind) {
	case TARGET_TASK:
		return x->tid == s->tasks[t->task].tid ||
		       (s->tasks[t->task].tid == s->tasks[t->task].pid && x->pid == s->tasks[t->task].pid);
	case TARGET_CONTAINER:
		return t->pod ? in_pod(t, index_container(ix, x->container)) : same(x->container, t->container->id);
	case TARGET_NS:
		ns = &s->namespaces[t->ns];
		return x->ns[ns->type] == ns->inum;
	case TARGET_HOST:
		return x->ns[NS_PID] == s->head.initial[NS_PID];
	}
	return false;
}

bool target_has_ns(const struct index *ix, const struct target *t, uint32_t ns)
{
	const struct ns_members *m = &ix->ns[ns];

	if (t->kind == TARGET_NS)
		return t->ns == ns;
	if (t->kind == TARGET_HOST)
		return index_is_initial(ix, ns);
	for (uint32_t i = m->begin; i < m->begin + m->n; i++)
		if (target_has_task(ix, t, ix->members[i]))
			return true;
	return false;
}
