// SPDX-License-Identifier: GPL-2.0-or-later
/* What a namespace isolates, in a line. */
#include <inttypes.h>
#include <stdarg.h>

#include "view/inside.h"

struct words {
	char *buf;
	size_t size, len;
};

static void __attribute__((format(printf, 2, 3))) say(struct words *w, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = w->len < w->size ? vsnprintf(w->buf + w->len, w->size - w->len, fmt, ap) : 0;
	va_end(ap);
	w->len += (size_t)MAX(n, 0);
}

enum { MAX_NAMED = 8 }; /* of a list in a line, before the rest is only counted */

/* True when the i-th of n is not named any more: then the rest has been counted. */
static bool say_rest(struct words *w, uint32_t i, uint32_t n)
{
	if (i < MAX_NAMED || n == i + 1)
		return false;
	say(w, " and %u more", n - i);
	return true;
}

static void say_bytes(struct words *w, uint64_t bytes)
{
	static const char units[] = " kMGTPE";
	size_t unit = 0;
	uint64_t n = bytes;

	for (; n >= 10240 && unit < sizeof(units) - 2; unit++)
		n /= 1024;
	if (unit)
		say(w, "%" PRIu64 " %ciB", n, units[unit]);
	else
		say(w, "%" PRIu64 " bytes", n);
}

static void say_ipc(struct words *w, const struct inside *in)
{
	uint32_t n[IPC_MQUEUE + 1] = { 0 };
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < in->n_objects; i++) {
		n[MIN(in->objects[i].kind, IPC_MQUEUE)]++;
		if (in->objects[i].kind == IPC_SHM && OPT_VALUE(in->objects[i].size))
			bytes += (uint64_t)in->objects[i].size;
	}
	if (!in->sysv && !in->mqueues) {
		say(w, "no IPC objects");
		return;
	}
	if (!OPT_VALUE(in->sysv)) {
		say(w, "System V objects unknown, ");
	} else if (in->sysv) {
		say(w, "%u shm", n[IPC_SHM]);
		if (n[IPC_SHM]) {
			say(w, " (");
			say_bytes(w, bytes);
			say(w, ")");
		}
		say(w, ", %u sem, %u msg, ", n[IPC_SEM], n[IPC_MSG]);
	} else {
		say(w, "no System V objects, ");
	}
	if (OPT_VALUE(in->mqueues))
		say(w, "%u mqueue", n[IPC_MQUEUE]);
	else
		say(w, "POSIX queues unknown");
}

static void say_mnt(struct words *w, const struct inside *in)
{
	uint32_t shared = 0, receiving = 0;
	const struct snap_mount *root = NULL;

	if (!OPT_VALUE(in->mount_count)) {
		say(w, "mounts unknown");
		return;
	}
	for (uint32_t i = 0; i < in->n_mounts; i++) {
		const struct snap_mount *m = &in->mounts[i];

		shared += OPT_VALUE(m->shared);
		receiving += OPT_VALUE(m->master);
		if (m->point && !strcmp(m->point, "/")) /* the last of them covers the others */
			root = m;
	}
	say(w, "%u mount%s", in->n_mounts, in->n_mounts == 1 ? "" : "s");
	if (root && root->fstype)
		say(w, ", / is %s%s%s", root->fstype, root->source && *root->source ? " of " : "",
		    root->source ? root->source : "");
	say(w, "; %u shared, %u receiving, %u neither", shared, receiving, in->n_mounts - MIN(in->n_mounts, shared + receiving));
}

static void say_links(struct words *w, const struct inside *in)
{
	if (!in->n_links)
		say(w, "no devices");
	for (uint32_t i = 0; i < in->n_links && !say_rest(w, i, in->n_links); i++) {
		const struct inside_link *l = &in->links[i];

		say(w, "%s%s%s", i ? ", " : "", l->link.ifname ? l->link.ifname : "?", l->link.flags & 1 ? "" : " down");
		for (uint32_t k = 0; k < l->n_addresses && !say_rest(w, k, l->n_addresses); k++)
			say(w, " %s", l->addresses[k]);
	}
}

/* Ports, each once: IPv4 and IPv6, and several sockets of one port, are neighbours. */
static void say_ports(struct words *w, const struct inside *in, enum sock_netid netid)
{
	uint32_t named = 0;
	int64_t last = -1;

	for (uint32_t i = 0; i < in->n_listeners; i++) {
		const struct snap_socket *x = &in->listeners[i];

		if (x->netid != netid || x->port == last)
			continue;
		last = x->port;
		if (named == MAX_NAMED) {
			say(w, " …");
			return;
		}
		if (!named++)
			say(w, " %s", sock_netid_names[netid]);
		say(w, " %u", x->port);
	}
}

static void say_net(struct words *w, const struct inside *in)
{
	if (!OPT_VALUE(in->link_count))
		say(w, "devices unknown");
	else
		say_links(w, in);
	if (!OPT_VALUE(in->listener_count)) {
		say(w, "; listeners unknown");
	} else if (in->n_listeners) {
		say(w, "; %u listening:", in->n_listeners);
		say_ports(w, in, NETID_TCP);
		say_ports(w, in, NETID_UDP);
	} else {
		say(w, "; nobody listens");
	}
}

static void say_map(struct words *w, const char *what, const struct snap_map *map, uint32_t n)
{
	if (!map)
		say(w, "%s unknown", what);
	else if (!n)
		say(w, "no %s", what);
	else
		say(w, "%s", what);
	for (uint32_t i = 0; map && i < n && !say_rest(w, i, n); i++)
		say(w, " %u:%u:%u", map[i].inside, map[i].outside, map[i].count);
}

static void say_names(struct words *w, uint64_t set)
{
	bool comma = false;

	for (unsigned int bit = 0; bit < 64; bit++) {
		if (!(set >> bit & 1))
			continue;
		if (cap_name(bit))
			say(w, "%s%s", comma ? "," : "", cap_name(bit));
		else
			say(w, "%scap_%u", comma ? "," : "", bit);
		comma = true;
	}
}

/* "all", "none", "all but sys_time", "chown,kill": whichever is shorter. */
static void say_caps(struct words *w, const struct inside_caps *c)
{
	uint64_t missing = c->known & ~c->effective;

	say(w, "%u process%s ", c->processes, c->processes == 1 ? "" : "es");
	if (c->all)
		say(w, "all");
	else if (!c->effective)
		say(w, "none");
	else if (c->known && __builtin_popcountll(missing) < __builtin_popcountll(c->effective)) {
		say(w, "all but ");
		say_names(w, missing);
	} else {
		say_names(w, c->effective);
	}
}

static void say_user(struct words *w, const struct inside *in)
{
	say_map(w, "uids", in->uidmap, in->n_uidmap);
	say(w, ", ");
	say_map(w, "gids", in->gidmap, in->n_gidmap);
	if (in->level != 0 && OPT_VALUE(in->owner_uid)) /* nobody made the initial one */
		say(w, ", made by uid %" PRId64 "%s%s%s", in->owner_uid, in->owner ? " (" : "", in->owner ? in->owner : "",
		    in->owner ? ")" : "");
	if (in->n_capabilities)
		say(w, "; capabilities: ");
	for (uint32_t i = 0; i < in->n_capabilities && !say_rest(w, i, in->n_capabilities); i++) {
		say(w, "%s", i ? "; " : "");
		say_caps(w, &in->capabilities[i]);
	}
}

static const char *text_or_empty(const char *s)
{
	return s ? s : "";
}

/* Each path once, with the hierarchies that have another one than the first. */
static void say_cgroup(struct words *w, const struct inside *in)
{
	bool same = true;

	if (!in->n_roots) {
		say(w, "root unknown");
		return;
	}
	for (uint32_t i = 1; i < in->n_roots; i++)
		same = same && !strcmp(text_or_empty(in->roots[i].path), text_or_empty(in->roots[0].path));
	if (same) {
		say(w, "root %s", text_or_empty(in->roots[0].path));
		return;
	}
	for (uint32_t i = 0; i < in->n_roots; i++) {
		const char *hierarchy = text_or_empty(in->roots[i].hierarchy);

		say(w, "%sroot %s (%s)", i ? ", " : "", text_or_empty(in->roots[i].path), *hierarchy ? hierarchy : "v2");
	}
}

static void say_pid(struct words *w, const struct inside *in)
{
	if (OPT_VALUE(in->level))
		say(w, "level %" PRId64 ", ", in->level);
	if (NSREF_KNOWN(in->parent))
		say(w, "below %u, ", in->parent);
	if (OPT_VALUE(in->init))
		say(w, in->init == 1 ? "init %" PRId64 ", " : "init %" PRId64 " (1 inside), ", in->init);
	say(w, "%" PRId64 " process%s", in->processes, in->processes == 1 ? "" : "es");
}

static void say_plain(struct words *w, const struct inside *in)
{
	if (in->type == NS_UTS && in->hostname)
		say(w, "host name %s, domain name %s", in->hostname, text_or_empty(in->domainname));
	else if (in->type == NS_TIME && in->monotonic)
		say(w, "monotonic %s s, boottime %s s", in->monotonic, text_or_empty(in->boottime));
	else
		say(w, "unknown");
}

void inside_words(const struct inside *in, char *buf, size_t size)
{
	static void (*const sayers[NS_TYPES])(struct words *, const struct inside *) = {
		[NS_MNT] = say_mnt, [NS_NET] = say_net,   [NS_PID] = say_pid,       [NS_UTS] = say_plain,
		[NS_IPC] = say_ipc, [NS_USER] = say_user, [NS_CGROUP] = say_cgroup, [NS_TIME] = say_plain,
	};
	struct words w = { buf, size, 0 };

	if (size)
		*buf = '\0';
	sayers[in->type](&w, in);
}
