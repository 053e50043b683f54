// SPDX-License-Identifier: GPL-2.0-or-later
#include "why/holders.h"
#include "why/checks.h"
#include "why/look.h"
#include "why/seen.h"

bool holders_same_table(uint8_t netid, uint8_t other)
{
	bool tcp = netid == NETID_TCP || netid == NETID_MPTCP, other_tcp = other == NETID_TCP || other == NETID_MPTCP;

	return netid == other || (tcp && other_tcp);
}

static int8_t flag_of(const struct snap_socket *x, uint64_t flag)
{
	return x->known & flag ? (x->flags & flag) != 0 : CONFLICT_UNKNOWN;
}

static int8_t v6only_of(const struct snap_socket *x, const struct ipaddr *a)
{
	if (x->known & SOCKF_V6ONLY)
		return (x->flags & SOCKF_V6ONLY) != 0;
	if (a->family == 4 || ipaddr_is_mapped(a))
		return 0;
	/* Whoever has bound a concrete address is V6ONLY; who has only connected need not be. */
	return !ipaddr_is_any(a) && (x->state == STATE_LISTEN || x->state == STATE_BOUND) ? 1 : CONFLICT_UNKNOWN;
}

/* Unless TCP is told to listen in all VRFs at once, each has ports of its own; of UDP all are one table (udp_lib_lport_inuse). */
static uint32_t vrf_of(const struct snap *s, uint32_t ns, uint8_t netid, uint32_t device)
{
	if (netid == NETID_UDP || netid == NETID_UDPLITE || look_sysctl_number(s, ns, "net.ipv4.tcp_l3mdev_accept") > 0)
		return 0;
	return look_vrf(s, ns, device);
}

bool holders_model(const struct snap *s, const struct snap_socket *x, struct conflict_sock *out)
{
	struct ipaddr addr;

	if (!x->addr || ipaddr_parse(x->addr, &addr))
		return false;
	*out = (struct conflict_sock){
		.addr = addr,
		.udp = x->netid == NETID_UDP || x->netid == NETID_UDPLITE,
		.v6only = v6only_of(x, &addr),
		.reuseaddr = flag_of(x, SOCKF_REUSEADDR),
		.reuseport = flag_of(x, SOCKF_REUSEPORT),
		.device = OPT_VALUE(x->ifindex) ? (uint32_t)x->ifindex : 0,
		.uid = x->uid,
		.state = x->state,
	};
	out->vrf = vrf_of(s, x->ns, x->netid, out->device);
	return true;
}

/* Root in a user namespace is some user outside. */
static uint32_t maker_uid(const struct why_state *st, const struct asker *a)
{
	const struct snap_ns *owner;

	if (a->task || a->override)
		return OPT_VALUE(a->uid) ? (uint32_t)a->uid : 0;
	owner = snap_find_ns(st->s, NS_USER, asker_netns_owner(st->s, st->q->ns));
	for (uint32_t i = 0; owner && owner->uid_map && i < owner->n_uid_map; i++)
		if (owner->uid_map[i].inside == 0)
			return owner->uid_map[i].outside;
	return 0;
}

struct conflict_sock holders_asker(const struct why_state *st)
{
	struct asker a = asker_of(st);

	uint32_t device = asked_device(st);

	return (struct conflict_sock){
		.addr = st->q->call == CALL_CONNECT ? ipaddr_any(st->q->addr.family) : st->q->addr,
		.udp = st->q->netid == NETID_UDP || st->q->netid == NETID_UDPLITE,
		.v6only = (int8_t)asked_v6only(st),
		.reuseaddr = st->q->reuseaddr,
		.reuseport = st->q->reuseport,
		.device = device,
		.vrf = vrf_of(st->s, st->q->ns, st->q->netid, device),
		.uid = maker_uid(st, &a),
		.state = STATE_BOUND,
	};
}

const char *holders_option(struct why_state *st, const struct snap_task *t, const char *flag)
{
	const char *at = t && t->command ? strstr(t->command, flag) : NULL;
	size_t len = strlen(flag);

	for (; at; at = strstr(at + 1, flag))
		if (at[len] == ' ' || at[len] == '=')
			return arena_strndup(&st->why->arena, at + len + 1, strcspn(at + len + 1, " "));
	return NULL;
}

/* --- finding --------------------------------------------------------------------------------------------------------------- */

static void find_task(const struct why_state *st, struct holder *h)
{
	h->fds = snap_socket_fds(st->s, h->x->ino, &h->n_fds);
	for (uint32_t i = 0; i < h->n_fds && !h->task; i++)
		h->task = look_task(st->ix, h->fds[i].pid);
	if (h->task)
		h->container = look_container(st->ix, h->task->container);
}

/* An mptcp socket stands twice in the snapshot, with its subflow, which is what the table has. */
static bool stands_as_subflow(const struct why_state *st, const struct snap_socket *x)
{
	uint32_t n;
	const struct snap_socket *all = SNAP_RANGE(st->s, sockets, st->q->ns, &n);

	for (uint32_t i = 0; x->netid == NETID_MPTCP && i < n && all[i].netid == NETID_TCP; i++)
		if (x->ino && all[i].ino == x->ino && all[i].port == x->port)
			return true;
	return false;
}

/* Connections that are being made, or that wait to be accepted, are their listener's. */
static bool counts(const struct why_state *st, const struct snap_socket *x)
{
	if (!holders_same_table(st->q->netid, x->netid) || x->port != st->q->port || (st->q->socket && x->ino == st->q->socket))
		return false;
	return x->state != STATE_SYN_RECV && x->state != STATE_NEW_SYN_RECV && !stands_as_subflow(st, x);
}

/* --- telling --------------------------------------------------------------------------------------------------------------- */

static void socket_facts(const struct refining *r)
{
	struct why_state *st = r->st;
	const struct snap_socket *x = r->h->x;
	bool mptcp = x->netid == NETID_MPTCP || x->flags & SOCKF_MPTCP_SUBFLOW;

	why_text(st, "holder_addr", x->addr);
	why_text(st, "holder_state", sock_state_names[x->state]);
	why_text(st, "holder_proto", mptcp ? "mptcp" : sock_netid_names[x->netid]);
	why_number(st, "holder_inode", x->ino);
	why_number(st, "holder_uid", x->uid);
	why_number(st, "netns", x->ns);
	if (x->family == ADDR_INET6 && r->h->sock.v6only != CONFLICT_UNKNOWN)
		why_bool(st, "holder_v6only", r->h->sock.v6only);
	if (r->h->sock.reuseport != CONFLICT_UNKNOWN)
		why_bool(st, "holder_reuseport", r->h->sock.reuseport);
	if (r->h->sock.device)
		why_text(st, "holder_device", look_ifname(st->s, x->ns, r->h->sock.device));
	if (x->peer && x->peer_port) {
		why_text(st, "holder_peer", look_endpoint(st, x->peer, x->peer_port));
		why_text(st, "peer_addr", x->peer);
		why_number(st, "peer_port", x->peer_port);
	}
}

static void asked_facts(const struct refining *r)
{
	struct why_state *st = r->st;
	char text[IPADDR_TEXT];

	why_text(st, "asked_addr", ipaddr_text(&st->q->addr, text));
	why_bool(st, "asked_reuseaddr", st->q->reuseaddr);
	if (st->q->reuseport) {
		why_bool(st, "asking_reuseport", true);
		why_number(st, "asking_uid", r->asker_sock->uid);
	}
	if (st->q->addr.family == 6)
		why_bool(st, "asked_v6only", r->asker_sock->v6only == 1);
	why_text(st, "asked_device", st->q->device);
}

static void holder_facts(const struct refining *r)
{
	struct why_state *st = r->st;
	const struct holder *h = r->h;

	if (h->task) {
		why_number(st, "holder_pid", h->task->pid);
		why_text(st, "holder_comm", h->task->comm);
		why_text(st, "holder_container", h->container);
	}
	socket_facts(r);
	asked_facts(r);
}

static void holder_line(const struct refining *r)
{
	const struct holder *h = r->h;
	const struct snap_task *t = h->task;
	const char *where = look_endpoint(r->st, h->x->addr, h->x->port);

	if (!t) {
		why_line(r->st, "holder", "%s, %s, %s, uid %u",
			 h->x->ino ? why_printf(r->st, "socket %llu", (unsigned long long)h->x->ino) : "no process, no open socket",
			 where, sock_state_names[h->x->state], h->x->uid);
		return;
	}
	why_line(r->st, "holder", "%s pid %u%s%s, uid %u, fd %u, socket %llu, %s, %s%s", t->comm ? t->comm : "?", t->pid,
		 t->n_nspid > 1 ? why_printf(r->st, " (%u in %s)", t->nspid[t->n_nspid - 1],
					     h->container ? h->container : "its PID namespace")
				: "",
		 look_started(r->st, t), t->uid, h->fds[0].fd, (unsigned long long)h->x->ino, where, sock_state_names[h->x->state],
		 h->n_fds > 1 ? why_printf(r->st, "; %u descriptors of it are open", h->n_fds) : "");
}

/* Several holders with one name are one cause: the first is told, the others are counted and named by pid. */
struct telling {
	const char *code;
	size_t cause; /* index */
	uint64_t pids[64];
	uint32_t n_pids, n;
};

static void remember(struct telling *t, const struct holder *h)
{
	t->n++;
	for (uint32_t i = 0; i < h->n_fds; i++) {
		uint32_t k = 0;

		while (k < t->n_pids && t->pids[k] != h->fds[i].pid)
			k++;
		if (k == t->n_pids && k < ARRAY_SIZE(t->pids))
			t->pids[t->n_pids++] = h->fds[i].pid;
	}
}

static const struct refinement *refine(const struct refining *r)
{
	for (const struct refinement *const *table = refinements; *table; table++)
		for (const struct refinement *row = *table; row->is; row++)
			if (row->is(r))
				return row;
	return NULL; /* never: the last row is true of all */
}

struct sweep {
	struct why_state *st;
	struct asker asker;
	struct conflict_sock sock;
	bool listening;
	struct telling *tellings;
	size_t n_tellings, cap_tellings;
};

static void tell(struct sweep *w, const struct holder *h)
{
	struct refining r = { w->st, h, &w->sock, &w->asker, w->listening };
	const struct refinement *row = refine(&r);
	struct telling *t = w->tellings;

	while (t < w->tellings + w->n_tellings && strcmp(t->code, row->code) != 0)
		t++;
	if (t == w->tellings + w->n_tellings) {
		t = ARRAY_ADD(w, tellings);
		t->code = row->code;
		t->cause = w->st->why->n_causes;
		why_add(w->st, row->code, EADDRINUSE);
		holder_facts(&r);
		if (w->listening) {
			why_text(w->st, "failing_call", "listen");
			asker_facts(w->st, &w->asker);
		}
		row->tell(&r);
		holder_line(&r);
	}
	remember(t, h);
}

/* "3 sockets in all are in the way like this one, of nginx 4711, nginx 4712" */
static const char *others(struct why_state *st, const struct telling *t)
{
	const char *text = why_printf(st, "%u sockets in all are in the way like this one", t->n);

	for (uint32_t i = 0; t->n_pids > 1 && i < MIN(t->n_pids, 6u); i++) {
		const struct snap_task *task = look_task(st->ix, (uint32_t)t->pids[i]);

		text = why_printf(st, "%s%s%s", text, i ? ", " : ", of ", task ? look_task_words(st, task) : "?");
	}
	return t->n_pids > 6 ? why_printf(st, "%s and more", text) : text;
}

/* Who ends one of several has not got the port yet: "kill 4711" becomes "kill 4711 4712". */
static void end_all(struct why_state *st, const struct telling *t, struct why_cause *c)
{
	const char *one = why_printf(st, ":  kill %llu", (unsigned long long)t->pids[0]);
	size_t len = strlen(one);

	for (size_t i = 0; i < c->n_advice; i++) {
		size_t at = strlen(c->advice[i]);

		if (at < len || strcmp(c->advice[i] + at - len, one) != 0)
			continue;
		for (uint32_t k = 1; k < MIN(t->n_pids, 32u); k++)
			c->advice[i] = why_printf(st, "%s %llu", c->advice[i], (unsigned long long)t->pids[k]);
	}
}

/* The newest cause is what why_*() write to: those that were told first are finished by hand. */
static void finish(struct sweep *w)
{
	for (size_t i = 0; i < w->n_tellings; i++) {
		struct telling *t = &w->tellings[i];
		struct why_cause *c = &w->st->why->causes[t->cause];
		uint64_t *pids;

		if (t->n < 2 && t->n_pids < 2)
			continue;
		pids = arena_alloc(&w->st->why->arena, t->n_pids * sizeof(*pids) + 1);
		memcpy(pids, t->pids, t->n_pids * sizeof(*pids));
		*ARRAY_ADD(c, facts) = (struct why_fact){ .key = "holders", .kind = FACT_NUMBER, .number = t->n };
		if (t->n_pids > 1)
			*ARRAY_ADD(c, facts) = (struct why_fact){
				.key = "holder_pids", .kind = FACT_NUMBERS, .numbers = pids, .n_numbers = t->n_pids
			};
		if (t->n_pids > 1)
			end_all(w->st, t, c);
		if (t->n > 1)
			*ARRAY_ADD(c, lines) = (struct why_line){ "more", others(w->st, t) };
	}
	free(w->tellings);
}

/* UDP ends its search at the first holder with whom the port is shared by SO_REUSEPORT, and in which order it looks can't be seen. */
static bool order_decides(bool udp, bool ends, bool blocked)
{
	return udp && ends && blocked;
}

static void sweep(struct sweep *w, const struct snap_socket *all, uint32_t n, bool only_look, bool *ends, bool *blocked)
{
	for (uint32_t i = 0; i < n; i++) {
		struct holder h = { .x = &all[i] };

		if (!counts(w->st, &all[i]) || !holders_model(w->st->s, &all[i], &h.sock))
			continue;
		switch (conflict_pair(&h.sock, &w->sock)) {
		case CONFLICT_YES:
			*blocked = true;
			if (only_look)
				break;
			find_task(w->st, &h);
			tell(w, &h);
			break;
		case CONFLICT_ENDS:
			*ends = true;
			break;
		case CONFLICT_MAYBE:
			if (!only_look)
				why_skip(w->st, "options of a socket",
					 why_printf(w->st, "%s, %s, inode %llu", look_endpoint(w->st, all[i].addr, all[i].port),
						    sock_state_names[all[i].state], (unsigned long long)all[i].ino),
					 "SO_REUSEADDR, SO_REUSEPORT and V6ONLY could not be read (it takes CAP_BPF and "
					 "CAP_PERFMON)");
			break;
		default:
			break;
		}
	}
}

uint64_t holders_own(const struct why_state *st, const struct asker *a)
{
	uint32_t n;
	const struct snap_socket *all = SNAP_RANGE(st->s, sockets, st->q->ns, &n);

	for (uint32_t i = 0; a->task && i < n; i++) {
		uint32_t n_fds;
		const struct snap_socket_fd *fds =
			all[i].state == STATE_BOUND && counts(st, &all[i]) ? snap_socket_fds(st->s, all[i].ino, &n_fds) : NULL;

		for (uint32_t k = 0; fds && k < n_fds; k++)
			if (fds[k].pid == a->task->pid)
				return all[i].ino;
	}
	return 0;
}

void check_holders(struct why_state *st)
{
	struct why_query own = *st->q;
	struct why_state as = *st;
	struct sweep w = { .st = &as, .asker = asker_of(st), .sock = holders_asker(st) };
	uint32_t n;
	const struct snap_socket *all = SNAP_RANGE(st->s, sockets, st->q->ns, &n);
	bool ends = false, blocked = false;

	if (!st->q->port || st->q->netid >= NETID_RAW)
		return;
	if (st->q->call == CALL_LISTEN && w.sock.udp)
		return; /* check_listen() */
	if (!seen_part(st, SEEN_SOCKETS))
		return;
	if (st->q->call == CALL_LISTEN && !own.socket)
		own.socket = holders_own(st, &w.asker);
	if (st->bound)
		own.socket = st->bound;
	as.q = &own;
	w.listening = st->q->call == CALL_LISTEN && own.socket;
	sweep(&w, all, n, true, &ends, &blocked);
	if (order_decides(w.sock.udp, ends, blocked))
		why_skip(st, "the order of UDP sockets", why_printf(st, "port %u", st->q->port),
			 "the newest of them decides whether the port is shared");
	else
		sweep(&w, all, n, false, &ends, &blocked);
	finish(&w);
}

void check_listen(struct why_state *st)
{
	static const uint32_t listens = 1u << NETID_TCP | 1u << NETID_MPTCP | 1u << NETID_SCTP | 1u << NETID_DCCP |
					1u << NETID_UNIX_STREAM | 1u << NETID_UNIX_SEQPACKET;
	const char *name = st->q->path ? "unix datagram" : sock_netid_names[st->q->netid];

	if (listens >> st->q->netid & 1)
		return;
	why_add(st, "protocol-unsupported", EOPNOTSUPP);
	why_summary(st, "%s has no listen(): its sockets receive as soon as they are bound", name);
	why_text(st, "failing_call", "listen");
	why_text(st, "proto", name);
	why_line(st, "rule", "only connection-oriented sockets listen (sock_no_listen)");
	why_advise(st, "leave listen() out, or use %s", st->q->path ? "a stream socket" : "tcp");
}

/* Is that an address on which the port of the query would be? */
static bool meets(const struct why_query *q, const char *host_ip)
{
	struct ipaddr a;

	if (!host_ip || !*host_ip || ipaddr_parse(host_ip, &a) || ipaddr_is_any(&a) || ipaddr_is_any(&q->addr))
		return true;
	return ipaddr_equal(&a, &q->addr);
}

static const struct snap_port *published_by(const struct why_state *st, const struct snap_container *c, uint32_t port,
					    uint8_t netid)
{
	for (uint32_t i = 0; i < c->n_ports; i++)
		if (c->ports[i].host_ip && c->ports[i].host_port == port && meets(st->q, c->ports[i].host_ip) &&
		    (!c->ports[i].proto || !strcmp(c->ports[i].proto, sock_netid_names[netid])))
			return &c->ports[i];
	return NULL;
}

static const struct snap_container *publisher(const struct why_state *st, uint32_t port, uint8_t netid,
					      const struct snap_container *but)
{
	for (size_t i = 0; i < st->s->n_containers; i++) {
		const struct snap_container *c = &st->s->containers[i];

		if (c != but && c->state && (!strcmp(c->state, "running") || !strcmp(c->state, "paused")) &&
		    published_by(st, c, port, netid))
			return c;
	}
	return NULL;
}

const char *holders_publisher(struct why_state *st, uint32_t port, uint8_t netid)
{
	const struct snap_container *c = publisher(st, port, netid, NULL);

	return c ? (c->name ? c->name : c->id) : NULL;
}

/*
 * A container that does not run asks by its engine, which refuses a port that it has given away before any bind is tried; also where it
 * forwards packets alone, and no socket holds the port.
 */
void check_published(struct why_state *st)
{
	const struct why_query *q = st->q;
	const struct snap_gap *hidden;
	const struct snap_container *c;

	if (!q->targeted || q->target.kind != TARGET_CONTAINER || q->task != IDMAP_NONE)
		return;
	c = publisher(st, q->port, q->netid, q->target.container);
	hidden = seen_gap(st->s, "containers' state files");
	if (!c && hidden)
		why_skip(st, "what other containers publish", NULL, seen_gap_words(st, hidden));
	for (size_t i = 0; i < st->why->n_causes; i++)
		if (!strcmp(st->why->causes[i].code, "port-published-by-container"))
			return;
	if (!c)
		return;
	why_add(st, "port-published-by-container", EADDRINUSE);
	why_summary(st, "container %s publishes it already", c->name ? c->name : c->id);
	why_text(st, "behind_container", c->name ? c->name : c->id);
	why_number(st, "host_port", q->port);
	why_bool(st, "published", true);
	why_line(st, "rule", "the engine gives each port of the host away once (\"port is already allocated\")");
	why_advise(st, "stop that container or publish it elsewhere:  docker stop %s", c->name ? c->name : c->id);
}
