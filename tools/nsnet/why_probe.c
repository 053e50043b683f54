// SPDX-License-Identifier: GPL-2.0-or-later
/* nsnet why --probe: the kernel's own word beside ours. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "nsnet.h"
#include "output/errname.h"
#include "probe/probe.h"
#include "probe/reach_probe.h"
#include "why/asker.h"
#include "why/checks.h"
#include "why/holders.h"
#include "why/look.h"

/* A file of the network namespace: that of a process that is in it, or a mount of ours. */
static const char *netns_path(const struct index *ix, uint32_t ns, struct arena *a)
{
	uint32_t at = index_ns(ix, NS_NET, ns);
	const struct snap *s = ix->snap;

	if (at != IDMAP_NONE && ix->ns[at].first != IDMAP_NONE)
		return arena_printf(a, "/proc/%u/ns/net", s->tasks[ix->ns[at].first].pid);
	for (uint32_t h = at == IDMAP_NONE ? IDMAP_NONE : ix->first_hold[at]; h != IDMAP_NONE; h = ix->next_hold[h])
		if (s->holds[h].kind == HOLD_MOUNT && s->holds[h].mntns == s->head.own_mntns)
			return s->holds[h].path;
		else if (s->holds[h].kind == HOLD_FD && OPT_VALUE(s->holds[h].fd))
			return arena_printf(a, "/proc/%u/fd/%lld", s->holds[h].pid, (long long)s->holds[h].fd);
	return NULL;
}

/* The number that an id of ours has in a user namespace, or none. */
static int64_t inside(const struct snap_map *map, uint32_t n, int64_t id)
{
	for (uint32_t i = 0; map && i < n; i++)
		if (id >= map[i].outside && id - map[i].outside < map[i].count)
			return map[i].inside + (id - map[i].outside);
	return OPT_NONE;
}

static void fill_who(struct probe *p, const struct why_state *st, const struct asker *who, struct arena *a)
{
	const struct snap_ns *user = NSREF_KNOWN(who->userns) ? snap_find_ns(st->s, NS_USER, who->userns) : NULL;

	p->uid = who->task || who->uid ? who->uid : OPT_NONE;
	p->gid = OPT_VALUE(who->gid) ? who->gid : p->uid;
	p->guard = who->guard;
	p->keep_caps = !who->override;
	p->root = who->task ? arena_printf(a, "/proc/%u/root", who->task->pid) : NULL;
	if (!who->task || who->userns == st->s->head.own_userns || !user)
		return;
	p->userns = arena_printf(a, "/proc/%u/ns/user", who->task->pid);
	p->uid = inside(user->uid_map, user->n_uid_map, who->uid);
	p->gid = inside(user->gid_map, user->n_gid_map, who->gid);
}

/* The snapshot has the newest first. */
static void fill_filters(struct probe *p, const struct why_state *st, struct arena *a)
{
	const struct snap_guard *g = p->guard;
	const struct snap_filter **filters;

	if (!g || !(g->flags & GUARD_SECCOMP_KNOWN) || !g->n_filters)
		return;
	filters = arena_alloc(a, g->n_filters * sizeof(*filters));
	for (uint32_t i = 0; i < g->n_filters; i++) {
		filters[i] = asker_filter(st->s, g->filters[g->n_filters - 1 - i]);
		if (!filters[i])
			return;
	}
	p->filters = filters;
	p->n_filters = g->n_filters;
}

static void fill_socket(struct probe *p, const struct why_query *q)
{
	static const uint8_t kinds[] = { [CALL_SOCKET] = PROBE_SOCKET,
					 [CALL_BIND] = PROBE_BIND,
					 [CALL_LISTEN] = PROBE_LISTEN,
					 [CALL_CONNECT] = PROBE_CONNECT,
					 [CALL_REACH] = PROBE_CONNECT };

	p->kind = kinds[q->call];
	p->domain = q->path ? AF_UNIX : q->addr.family == 6 ? AF_INET6 : AF_INET;
	p->type = asked_type(q);
	p->protocol = q->netid == NETID_TCP || q->netid == NETID_UDP ? 0 : asked_protocol(q);
	p->path = q->path;
	p->path_len = q->path_len;
	p->abstract = q->abstract;
}

static void fill_ip(struct probe *p, const struct why_state *st)
{
	const struct why_query *q = st->q;
	uint32_t device = asked_device(st);

	p->addr = q->addr;
	p->port = (uint16_t)q->port;
	p->scope = q->zone && device != UINT32_MAX ? device : 0;
	p->device = q->device;
	p->reuseaddr = q->reuseaddr;
	p->reuseport = q->reuseport;
	p->v6only = q->v6only;
}

/* --- beside the verdict --------------------------------------------------------------------------------------------------------------- */

/* What a child of ours is not behind. */
static bool is_beyond(const struct probe *p, const char *code)
{
	if (!strcmp(code, "seccomp-deny"))
		return !p->filters && !(p->guard && p->guard->seccomp_mode == 1);
	if (!strcmp(code, "lsm-deny"))
		return !p->guard || !(p->guard->flags & GUARD_LANDLOCK_KNOWN);
	return !strcmp(code, "cgroup-bpf-deny") || !strcmp(code, "fd-limit");
}

static int expected(const struct probe *p, const struct why *why)
{
	for (size_t i = 0; i < why->n_causes; i++)
		if (!is_beyond(p, why->causes[i].code))
			return why->causes[i].err ? why->causes[i].err : PROBE_KILLED;
	return 0;
}

static bool blames(const struct why *why, const char *code)
{
	for (size_t i = 0; i < why->n_causes; i++)
		if (!strcmp(why->causes[i].code, code))
			return true;
	return false;
}

static bool is_unchecked(const struct why *why, const char *what)
{
	for (size_t i = 0; i < why->n_unchecked; i++)
		if (!strcmp(why->unchecked[i].what, what))
			return true;
	return false;
}

/* What bears on the asker's call, and does not on its stand-in's. */
static const char *not_covered(struct why_state *st, const struct probe *p, const struct asker *who)
{
	const char *cgroup = who->guard ? who->guard->cgroup : NULL, *text = "";
	bool asked = false;

	for (size_t i = 0; cgroup && i < st->s->n_cgprogs; i++)
		asked |= st->s->cgprogs[i].cgroup && !strcmp(st->s->cgprogs[i].cgroup, cgroup);
	if (asked)
		text = why_printf(st, "; not by the BPF programs of control group %s, which it is not in", cgroup);
	if (p->guard && p->guard->seccomp_mode == 2 && !p->filters)
		text = why_printf(st, "%s; not behind its seccomp filters, which could not be read", text);
	if (is_unchecked(st->why, "Landlock"))
		text = why_printf(st, "%s; not in its Landlock domain", text);
	if (is_unchecked(st->why, "policy of the security module"))
		text = why_printf(st, "%s; not under its label", text);
	if (blames(st->why, "fd-limit"))
		text = why_printf(st, "%s; not with its open files", text);
	return st->q->path && !st->q->abstract ? why_printf(st, "%s; not about the directories on the path's way", text) : text;
}

static void could_not_ask(struct why_state *st, int err, const char *reason)
{
	if (!reason)
		reason = why_printf(st, "it could not be asked: %s", strerror(-err));
	why_skip(st, "the kernel's word (--probe)", NULL, reason);
}

static const char *word_for(int said)
{
	switch (said) {
	case 0:
		return "yes";
	case PROBE_KILLED:
		return "killed by a seccomp filter";
	case PROBE_THERE:
		return "yes, as far as it goes without a connection that the server would notice";
	default:
		return errno_name(said);
	}
}

static void tell(struct why_state *st, const struct probe *p, const struct asker *who, int said)
{
	struct why *why = st->why;
	bool yes = !said || said == PROBE_THERE, same = said == PROBE_THERE ? !expected(p, why) : said == expected(p, why),
	     open = yes && same && why->verdict != WHY_OK; /* it left out what stands in the way */

	why->note =
		why_printf(st, "the kernel was asked by a real %s and says%s%s%s%s",
			   why_call_names[st->q->call == CALL_REACH ? CALL_CONNECT : st->q->call],
			   same && !open ? " the same: " : " ", word_for(said),
			   same || open || said == PROBE_THERE ? "" : ", which differs from the above", not_covered(st, p, who));
}

/*
 * A second socket of UDP on a port, or a second listener of a group, takes the packets of those that are there, which are lost with it. What
 * is refused, takes none.
 */
static bool would_share(const struct why_state *st)
{
	const struct why_query *q = st->q;
	bool udp = q->netid == NETID_UDP || q->netid == NETID_UDPLITE;
	uint32_t n;
	const struct snap_socket *all = SNAP_RANGE(st->s, sockets, q->ns, &n);

	if (st->why->n_causes || q->path || !(q->reuseport || (udp && q->reuseaddr)) ||
	    !((udp && q->call == CALL_BIND) || q->call == CALL_LISTEN))
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (all[i].port == q->port && holders_same_table(q->netid, all[i].netid) && (udp || all[i].state == STATE_LISTEN))
			return true;
	return false;
}

void nsnet_why_probe(const struct index *ix, const struct why_query *q, struct why *why)
{
	struct why_query at = *q;
	struct why_state st = { .ix = ix, .s = ix->snap, .q = &at, .why = why };
	struct asker who;
	struct probe p = { 0 };
	int err;

	if (q->call == CALL_REACH && q->has_client) { /* of a unix socket: its client asks */
		at.task = q->client_task;
		at.ns = q->client_ns ? q->client_ns : q->ns;
	}
	who = asker_of(&st);
	p.netns = netns_path(ix, at.ns, &why->arena);
	p.ns = at.ns;
	fill_who(&p, &st, &who, &why->arena);
	fill_filters(&p, &st, &why->arena);
	fill_socket(&p, &at);
	if (!q->path)
		fill_ip(&p, &st);
	if (q->call == CALL_LISTEN && holders_own(&st, &who)) {
		could_not_ask(&st, 0, "its own socket would have to listen");
		return;
	}
	if (blames(why, "socket-already-bound")) {
		could_not_ask(&st, 0, "it would take the socket that is bound already");
		return;
	}
	if (would_share(&st)) {
		could_not_ask(&st, 0, "it would take packets of the sockets that share the port");
		return;
	}
	p.mismatch = expected(&p, why) == EPROTOTYPE;
	err = p.netns ? probe_call(&p) : -ENOENT;
	if (err < 0)
		could_not_ask(&st, err, err == -EOPNOTSUPP ? "it would have to send something" : NULL);
	else
		tell(&st, &p, &who, err);
}

/* --- --reach: a real attempt from where the client is ------------------------------------------------------------------------------------ */

enum { WAIT_MS = 4000 }; /* longer than a neighbour that does not answer takes to be given up (3 s) */

static uint32_t client_ns(const struct index *ix, const struct why_query *q)
{
	return q->client_ns ? q->client_ns : ipaddr_is_loopback(&q->addr) && q->ns ? q->ns : ix->snap->head.initial[NS_NET];
}

/* Connected, and then nobody answers: that the handshake does not show. A part of the connections may pass, too. */
static bool fits(const struct why *why, int said)
{
	static const char *const late[] = { "container-paused", "process-stopped" };

	for (size_t i = 0; i < why->n_causes && !said; i++)
		for (size_t k = 0; k < ARRAY_SIZE(late); k++)
			if (!strcmp(why->causes[i].code, late[k]))
				return true;
	return said == (why->n_causes ? why->causes[0].err : 0) || (!said && why->verdict == WHY_DEGRADED);
}

void nsnet_why_probe_reach(const struct index *ix, const struct why_query *q, struct why *why)
{
	struct why_state st = { .ix = ix, .s = ix->snap, .q = q, .why = why };
	const struct snap_link *zone = q->zone ? look_link_named(ix->snap, client_ns(ix, q), q->zone) : NULL;
	struct reach_probe p = { .ns = client_ns(ix, q),
				 .type = q->netid == NETID_UDP ? SOCK_DGRAM : SOCK_STREAM,
				 .addr = q->addr,
				 .port = (uint16_t)q->port,
				 .sport = (uint16_t)q->sport,
				 .scope = zone ? zone->ifindex : 0,
				 .wait_ms = WAIT_MS };
	char reason[DROPS_NAME];
	const char *said;
	int err;

	p.netns = netns_path(ix, p.ns, &why->arena);
	p.protocol = q->netid == NETID_MPTCP ? 262 : q->netid == NETID_SCTP ? IPPROTO_SCTP : 0;
	err = p.netns ? reach_probe(&p, reason) : -ENOENT;
	why->drop_reason = p.netns && *reason ? why_printf(&st, "%s", reason) : NULL;
	if (err == -ENODATA) {
		why->note = why_printf(&st, "the kernel was asked by a real datagram: nobody answered it, %s%s%s",
				       why->drop_reason ? "dropped as " : "which proves nothing",
				       why->drop_reason ? why->drop_reason : "",
				       why->drop_reason && why->verdict == WHY_OK ? ", which differs from the above" : "");
		return;
	}
	if (err < 0) {
		why_skip(&st, "the kernel's word (--probe)", NULL, why_printf(&st, "it could not be asked: %s", errno_name(-err)));
		why->note = why_printf(&st, "the kernel could not be asked: %s", errno_name(-err));
		return;
	}
	said = err ? errno_name(err) : "connected";
	if (why->drop_reason)
		said = why_printf(&st, "%s, dropped as %s", said, why->drop_reason);
	why->note = why_printf(&st, "the kernel was asked by a real connection from %s and says%s: %s%s", look_ns_words(&st, p.ns),
			       fits(why, err) ? " the same" : "", said,
			       fits(why, err) || why->verdict == WHY_UNKNOWN ? "" : ", which differs from the above");
}
