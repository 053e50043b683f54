// SPDX-License-Identifier: GPL-2.0-or-later
/* What a cgroup path says about containers. Pure: bytes in, an id out. */
#include "container/cgroup.h"
#include "container/container.h"

enum {
	HEX_ID = 64,   /* docker, containerd's CRI, CRI-O and podman: 32 random bytes in hex */
	MAX_NAME = 255 /* of a cgroup directory (NAME_MAX) */
};

/* How the id is written in a component. */
enum id_kind {
	ID_HEX,  /* 64 hex digits */
	ID_NAME, /* what a person chose */
	ID_UNIT, /* the same, escaped as in systemd's unit names */
};

struct pattern {
	const char *parent;          /* the component above, or NULL for any */
	const char *prefix, *suffix; /* around the id; a suffix ".scope" may be missing (cgroupfs instead of systemd) */
	enum id_kind kind;
	const char *runtime;
	bool monitor;
};

/* The first row that matches counts: the longer of two prefixes stands first. */
static const struct pattern patterns[] = {
	/* docker: daemon/oci_linux.go, WithCgroups */
	{ NULL, "docker-", ".scope", ID_HEX, "docker", false },
	{ "docker", "", "", ID_HEX, "docker", false },
	/* containerd: pkg/cri/server/helpers_linux.go, getCgroupsPath */
	{ NULL, "cri-containerd-", ".scope", ID_HEX, "containerd", false },
	/* cri-o: internal/config/cgmgr, scopePrefix "crio" */
	{ NULL, "crio-conmon-", ".scope", ID_HEX, "cri-o", true },
	{ NULL, "crio-", ".scope", ID_HEX, "cri-o", false },
	/* podman: libpod/container_internal_linux.go getOCICgroupPath, oci_conmon_linux.go moveConmonToCgroupAndSignal */
	{ NULL, "libpod-conmon-", ".scope", ID_HEX, "podman", true },
	{ NULL, "libpod-payload-", ".scope", ID_HEX, "podman", false },
	{ NULL, "libpod-", ".scope", ID_HEX, "podman", false },
	/* lxc: src/lxc/cgroups/cgroup.h, "lxc.payload." since 4.0; "lxc.payload/" in 3.2; "lxc/" before */
	{ NULL, "lxc.payload.", "", ID_NAME, "lxc", false },
	{ NULL, "lxc.monitor.", "", ID_NAME, "lxc", true },
	{ "lxc.payload", "", "", ID_NAME, "lxc", false },
	{ "lxc.monitor", "", "", ID_NAME, "lxc", true },
	{ "lxc", "", "", ID_NAME, "lxc", false },
	/* systemd: src/machine/machine-dbus.c names the scope, units/systemd-nspawn@.service.in the service */
	{ NULL, "machine-", ".scope", ID_UNIT, "nspawn", false },
	{ NULL, "systemd-nspawn@", ".service", ID_UNIT, "nspawn", false },
};

static bool word_is(struct word w, const char *s)
{
	return w.len == strlen(s) && !memcmp(w.s, s, w.len);
}

static bool cut_prefix(struct word *w, const char *prefix)
{
	size_t n = strlen(prefix);

	if (w->len < n || memcmp(w->s, prefix, n))
		return false;
	w->s += n;
	w->len -= n;
	return true;
}

static bool cut_suffix(struct word *w, const char *suffix)
{
	size_t n = strlen(suffix);

	if (w->len < n || memcmp(w->s + w->len - n, suffix, n))
		return false;
	w->len -= n;
	return true;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool cgroup_is_hex_id(struct word w)
{
	if (w.len != HEX_ID)
		return false;
	for (size_t i = 0; i < w.len; i++)
		if (hex_digit(w.s[i]) < 0)
			return false;
	return true;
}

static bool copy_id(struct word w, char id[256])
{
	if (!w.len || w.len > MAX_NAME || memchr(w.s, '\0', w.len))
		return false;
	memcpy(id, w.s, w.len);
	id[w.len] = '\0';
	return true;
}

/* systemd writes what may not stand in a unit's name as \xHH (unit_name_escape). */
static bool copy_unit(struct word w, char id[256])
{
	size_t n = 0;

	if (!w.len || w.len > MAX_NAME)
		return false;
	for (size_t i = 0; i < w.len; i++, n++) {
		id[n] = w.s[i];
		if (w.len - i >= 4 && w.s[i] == '\\' && w.s[i + 1] == 'x' && hex_digit(w.s[i + 2]) >= 0 &&
		    hex_digit(w.s[i + 3]) >= 0) {
			id[n] = (char)(hex_digit(w.s[i + 2]) << 4 | hex_digit(w.s[i + 3]));
			i += 3;
		}
		if (!id[n] || id[n] == '/')
			return false;
	}
	id[n] = '\0';
	return true;
}

/*
 * What registers with systemd-machined is not only nspawn: libvirt's virtual machines are machine-qemu-N-NAME.scope, no
 * containers, and its LXC driver's machine-lxc-N-NAME.scope (libvirt: virSystemdMakeScopeName).
 */
static bool fix_machine(char id[256], const char **runtime)
{
	char *p = id + 4;

	if (!strncmp(id, "qemu-", 5))
		return false;
	if (strncmp(id, "lxc-", 4))
		return true;
	while (*p >= '0' && *p <= '9')
		p++;
	if (p > id + 4 && *p == '-' && p[1]) {
		memmove(id, p + 1, strlen(p + 1) + 1);
		*runtime = "lxc";
	}
	return true;
}

static bool apply(const struct pattern *p, struct word parent, struct word w, char id[256], const char **runtime)
{
	if (p->parent && !word_is(parent, p->parent))
		return false;
	if (!cut_prefix(&w, p->prefix) || (!cut_suffix(&w, p->suffix) && p->kind == ID_UNIT))
		return false;
	*runtime = p->runtime;
	switch (p->kind) {
	case ID_HEX:
		return cgroup_is_hex_id(w) && copy_id(w, id);
	case ID_NAME:
		return copy_id(w, id);
	case ID_UNIT:
		return copy_unit(w, id) && fix_machine(id, runtime);
	}
	return false;
}

/*
 * A run of exactly 64 hex digits in a component of any other form (kubepods/podUID/ID, default/ID, nerdctl-ID.scope, and
 * "kubepods.slice:cri-containerd:ID" when two sides disagree about the driver). Not in a slice, which holds scopes (podman's
 * machine-libpod_pod_ID.slice), nor in other units (podman's health checks are ID.service, layers VAR-ID-merged.mount).
 */
static bool bare_id(struct word w, char id[256])
{
	static const char *const units[] = { ".slice", ".service", ".timer", ".mount", ".socket" };

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		struct word cut = w;

		if (cut_suffix(&cut, units[i]))
			return false;
	}
	for (size_t i = 0, run = 0; i <= w.len; i++) {
		if (i < w.len && hex_digit(w.s[i]) >= 0) {
			run++;
			continue;
		}
		if (run == HEX_ID)
			return copy_id((struct word){ w.s + i - run, run }, id);
		run = 0;
	}
	return false;
}

/* Does one component name a container? */
static bool match_word(struct word parent, struct word w, struct cgroup_match *m)
{
	if (!w.len || w.len > MAX_NAME)
		return false;
	for (const struct pattern *p = patterns; p < patterns + ARRAY_SIZE(patterns); p++)
		if (apply(p, parent, w, m->id, &m->runtime)) {
			m->monitor = p->monitor;
			return true;
		}
	if (!bare_id(w, m->id))
		return false;
	m->runtime = NULL;
	m->monitor = false;
	return true;
}

/* The last component of path, which becomes what is above it. False at the root. */
static bool pop(struct word *path, struct word *last)
{
	while (path->len && path->s[path->len - 1] == '/')
		path->len--;
	if (!path->len)
		return false;
	last->s = path->s + path->len;
	last->len = 0;
	while (path->len && path->s[path->len - 1] != '/') {
		path->len--;
		last->s--;
		last->len++;
	}
	return true;
}

static struct word last_of(struct word path)
{
	struct word last = { path.s, 0 };

	pop(&path, &last);
	return last;
}

/* The deepest component that matches; *above: what is above it; *below: the component right below it, or empty. */
static bool match_deepest(struct word path, struct cgroup_match *m, struct word *above, struct word *below)
{
	struct word w = { path.s, 0 };

	for (*below = w; pop(&path, &w); *below = w)
		if (match_word(last_of(path), w, m)) {
			*above = path;
			return true;
		}
	return false;
}

/*
 * "user.slice/user-1000.slice/…": a user's own engine. Only at the top: below a container it is that container's user. What root
 * started from a session is the system's.
 */
static uint32_t user_of(struct word path)
{
	uint64_t uid = 0;

	if (!cut_prefix(&path, "/user.slice/user-") || !path.len || path.s[0] < '0' || path.s[0] > '9')
		return CGROUP_NO_USER;
	for (; path.len && path.s[0] >= '0' && path.s[0] <= '9' && uid < UINT32_MAX; path.s++, path.len--)
		uid = uid * 10 + (uint64_t)(path.s[0] - '0');
	return uid && uid < UINT32_MAX && cut_prefix(&path, ".slice/") ? (uint32_t)uid : CGROUP_NO_USER;
}

/*
 * A path is relative to the reader's cgroup namespace ("/../docker/ID" from a sibling). A cgroup that was removed while a
 * zombie is in it is shown with " (deleted)" behind (kernel/cgroup/cgroup.c, proc_cgroup_show).
 */
static struct word normalise(struct word path)
{
	cut_suffix(&path, " (deleted)");
	while (path.len >= 3 && !memcmp(path.s, "/..", 3) && (path.len == 3 || path.s[3] == '/'))
		cut_prefix(&path, "/..");
	return path;
}

static bool match_path(struct word path, struct cgroup_match *m)
{
	struct cgroup_match outer;
	struct word above, below;

	m->user = user_of(path);
	if (!match_deepest(path, m, &above, &below)) {
		m->id[0] = '\0'; /* a row that failed may have left something */
		m->runtime = NULL;
		return false;
	}
	/* systemd-nspawn sits beside the payload in a cgroup of its own (src/nspawn/nspawn-cgroup.c, create_subcgroup). */
	if (m->runtime && !strcmp(m->runtime, "nspawn") && word_is(below, "supervisor"))
		m->monitor = true;
	if (match_deepest(above, &outer, &above, &below)) {
		memcpy(m->outer, outer.id, sizeof(m->outer));
		m->outer_runtime = outer.runtime;
	}
	return true;
}

/* A line "id:controllers:path" off the text. */
static bool next_line(struct word *text, bool *v2, struct word *path)
{
	while (text->len) {
		const char *end = memchr(text->s, '\n', text->len);
		struct word line = { text->s, end ? (size_t)(end - text->s) : text->len };
		size_t taken = line.len + (end ? 1 : 0);
		const char *colon;

		text->s += taken;
		text->len -= taken;
		*v2 = cut_prefix(&line, "0::");
		for (int i = 0; !*v2 && i < 2; i++) {
			colon = line.len ? memchr(line.s, ':', line.len) : NULL;
			if (!colon) {
				line.len = 0;
				break;
			}
			line.len -= (size_t)(colon + 1 - line.s);
			line.s = colon + 1;
		}
		if (line.len && line.s[0] == '/') {
			*path = line;
			return true;
		}
	}
	return false;
}

bool cgroup_next_path(struct word *text, struct word *path)
{
	bool v2;

	if (!next_line(text, &v2, path))
		return false;
	*path = normalise(*path);
	return true;
}

static size_t depth(struct word path)
{
	struct word w;
	size_t n = 0;

	while (pop(&path, &w))
		n++;
	return n;
}

bool cgroup_parse(const char *text, size_t len, struct cgroup_match *m, const char **path, size_t *path_len)
{
	struct word deepest = { NULL, 0 }, line, rest;
	size_t best = 0;
	bool v2;

	*m = (struct cgroup_match){ .user = CGROUP_NO_USER, .text = text, .text_len = len };
	/* The v2 line comes last in the file, and first in rank. */
	for (int want_v2 = 1; want_v2 >= 0; want_v2--) {
		rest = (struct word){ text, len };
		while (next_line(&rest, &v2, &line)) {
			size_t n;

			if (v2 != want_v2)
				continue;
			if (match_path(normalise(line), m)) {
				*path = line.s;
				*path_len = line.len;
				return true;
			}
			n = depth(normalise(line));
			if (!deepest.s || n > best) {
				deepest = line;
				best = n;
			}
		}
	}
	*path = deepest.s;
	*path_len = deepest.s ? deepest.len : 0;
	if (deepest.s)
		match_path(normalise(deepest), m);
	return best > 0;
}
