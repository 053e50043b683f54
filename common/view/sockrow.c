// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>

#include "view/netrow.h"
#include "view/sockrow.h"

/* --- how nested values look in a cell ------------------------------------------------------------------------------------------------ */

static void end_text(const struct sock_end *e, bool is_v6, char *buf, size_t size)
{
	*buf = '\0';
	if (e && e->addr)
		snprintf(buf, size, is_v6 ? "[%s]%s%s:%u" : "%s%s%s:%u", e->addr, e->ifname ? "%" : "", e->ifname ? e->ifname : "",
			 e->port);
}

static bool is_v6(const struct snap_socket *s)
{
	return sock_is_ip(s) && s->family == ADDR_INET6;
}

static void local_text(const void *rec, char *buf, size_t size)
{
	const struct sockrow *r = rec;

	end_text(r->local, is_v6(r->socket), buf, size);
}

static void peer_text(const void *rec, char *buf, size_t size)
{
	const struct sockrow *r = rec;

	end_text(r->peer, is_v6(r->socket), buf, size);
}

static void where_text(const void *rec, char *buf, size_t size)
{
	const struct sockrow *r = rec;

	snprintf(buf, size, "%s", r->where);
}

static void options_text(const void *rec, char *buf, size_t size)
{
	const struct sockrow *r = rec;
	const struct sock_options *o = r->options;
	const struct {
		const char *name;
		int8_t set;
	} all[] = { { "reuseaddr", o->reuseaddr },     { "reuseport", o->reuseport },
		    { "v6only", o->v6only },           { "freebind", o->freebind },
		    { "transparent", o->transparent }, { "bind_address_no_port", o->bind_address_no_port },
		    { "hdrincl", o->hdrincl },         { "mptcp_subflow", o->mptcp_subflow } };
	size_t len = 0;

	*buf = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(all) && len < size; i++)
		if (all[i].set > 0)
			len += (size_t)snprintf(buf + len, size - len, "%s%s", len ? "," : "", all[i].name);
	if (OPT_VALUE(o->mark) && o->mark && len < size)
		snprintf(buf + len, size - len, "%smark=0x%" PRIx64, len ? "," : "", (uint64_t)o->mark);
}

static void timer_text(const void *rec, char *buf, size_t size)
{
	const struct sockrow *r = rec;

	*buf = '\0';
	if (r->timer)
		snprintf(buf, size, "%s,%" PRId64 "ms,%u", r->timer->name, MAX(r->timer->expires_ms, 0), r->timer->retrans);
}

static void processes_text(const void *rec, char *buf, size_t size)
{
	const struct sockrow *r = rec;
	size_t len = 0;

	*buf = '\0';
	for (uint32_t i = 0; i < r->n_processes && len < size; i++)
		len += (size_t)snprintf(buf + len, size - len, "%s%s %u", i ? ", " : "",
					r->processes[i].comm ? r->processes[i].comm : "pid", r->processes[i].pid);
}

/* --- the columns ------------------------------------------------------------------------------------------------------------------------ */

#define E(member, knd, ...) \
	{ \
		.name = #member, .kind = knd, .off = offsetof(struct sock_end, member), __VA_ARGS__ \
	}
static const struct field end_fields[] = {
	E(addr, F_STR, HELP("address")),
	E(port, F_U32, HELP("port; of a raw socket the protocol, of a netlink socket the port id")),
	E(ifname, F_STR, HELP("device that it is bound to")),
};
static DESC(end_desc, "sock_end", struct sock_end, "an end of a connection", end_fields);

#define O(member, ...) \
	{ \
		.name = #member, .kind = F_MAYBE, .off = offsetof(struct sock_options, member), OMIT, __VA_ARGS__ \
	}
static const struct field option_fields[] = {
	O(reuseaddr, HELP("SO_REUSEADDR")),
	O(reuseport, HELP("SO_REUSEPORT")),
	O(v6only, HELP("IPV6_V6ONLY")),
	O(freebind, HELP("IP_FREEBIND")),
	O(transparent, HELP("IP_TRANSPARENT")),
	O(bind_address_no_port, HELP("IP_BIND_ADDRESS_NO_PORT")),
	O(hdrincl, HELP("IP_HDRINCL")),
	O(mptcp_subflow, HELP("it belongs to an MPTCP socket")),
	{ .name = "mark", .kind = F_OPT, .off = offsetof(struct sock_options, mark), OMIT, HELP("SO_MARK") },
};
static DESC(options_desc, "sock_options", struct sock_options, "options of a socket; what is missing is not known", option_fields);

#define T(member, knd, ...) \
	{ \
		.name = #member, .kind = knd, .off = offsetof(struct sock_timers, member), __VA_ARGS__ \
	}
static const struct field timer_fields[] = {
	T(name, F_STR, HELP("which timer runs")),
	T(expires_ms, F_OPT, HELP("its rest, in ms")),
	T(retrans, F_U32, HELP("retransmissions")),
};
static DESC(timer_desc, "sock_timer", struct sock_timers, "a timer of a socket", timer_fields);

#define M(member, ...) \
	{ \
		.name = #member, .kind = F_U32, .off = offsetof(struct sock_mem, member), __VA_ARGS__ \
	}
static const struct field mem_fields[] = {
	M(rmem_alloc, HELP("allocated for receiving, bytes")),
	M(rcvbuf, HELP("may be allocated for receiving")),
	M(wmem_alloc, HELP("allocated for sending")),
	M(sndbuf, HELP("may be allocated for sending")),
	M(fwd_alloc, HELP("allocated ahead")),
	M(wmem_queued, HELP("queued for sending")),
	M(optmem, HELP("for options")),
	M(backlog, HELP("not yet processed")),
	M(drops, HELP("packets dropped")),
};
static DESC(mem_desc, "sock_mem", struct sock_mem, "memory of a socket", mem_fields);

#define H(member, knd, ...) \
	{ \
		.name = #member, .kind = knd, .off = offsetof(struct sock_holder, member), __VA_ARGS__ \
	}
static const struct field holder_fields[] = {
	H(pid, F_U32, HELP("process")),
	H(tid, F_OPT, OMIT, HELP("thread in whose table alone it is")),
	H(fd, F_U32, HELP("file descriptor")),
	H(comm, F_STR, HELP("name of the process")),
	H(container, F_REC, .rec = &snap_container_desc, HELP("container that it is in")),
	H(netns, F_NSREF, HELP("network namespace that it is in; the socket stays in its own")),
};
static DESC(holder_desc, "sock_holder", struct sock_holder, "a process that has a socket open", holder_fields);

#define F(member, ...) FIELD(sockrow, member, __VA_ARGS__)
static const struct field sockrow_fields[] = {
	F(netid, F_STR, HELP("kind of socket, as ss calls it")),
	F(state, F_STR, HELP("state, as ss calls it; BOUND: bound, neither listening nor connected")),
	F(recv_q, F_U32, HELP("bytes received; of a listener, connections not accepted yet")),
	F(send_q, F_U32, HELP("bytes not acknowledged; of a listener, how many it lets wait")),
	F(local, F_REC, OMIT, .rec = &end_desc, .text = local_text, HELP("local address and port")),
	F(peer, F_REC, OMIT, .rec = &end_desc, .text = peer_text, HELP("the other end's")),
	F(path, F_BYTES, OMIT, .off_n = offsetof(struct sockrow, path_len), HELP("path or, behind @, abstract name (unix)")),
	F(peer_path, F_BYTES, OMIT, .off_n = offsetof(struct sockrow, peer_path_len), HELP("the other end's (unix)")),
	F(ino, F_U64, HELP("inode number; 0: no file has it")),
	F(peer_ino, F_U64, .flags = FF_EXTRA, HELP("inode number of the other end (unix)")),
	F(uid, F_U32, HELP("owner's user id")),
	F(inner_uid, F_OPT, .want = WANT_NS | WANT_MAPS, HELP("the same in the user namespace that owns the network namespace")),
	F(user, F_STR, .flags = FF_TEXT, .want = WANT_USERS, HELP("owner's name on this host")),
	F(cookie, F_ID64, HELP("the kernel's id of the socket")),
	F(cgroup_id, F_ID64, .flags = FF_OMIT, HELP("id of its control group")),
	F(cgroup, F_STR, .flags = FF_OMIT, .want = WANT_SOCKET_FLAGS, HELP("its control group")),
	F(options, F_REC, .rec = &options_desc, .text = options_text, .want = WANT_SOCKET_FLAGS,
	  HELP("options that decide about sharing")),
	F(timer, F_REC, OMIT, .rec = &timer_desc, .text = timer_text, HELP("the timer that runs")),
	F(memory, F_REC, OMIT, .rec = &mem_desc, .want = WANT_SOCKET_MEM, HELP("memory, as ss -m has it")),
	F(info, F_REC, OMIT, .rec = &tcp_info_desc, .want = WANT_TCP_INFO, HELP("figures of a TCP connection, as ss -i has them")),
	F(details, F_DICT, .flags = FF_OMIT | FF_NEST, COUNTED(sockrow, details),
	  HELP("what its kind has of its own, in ss's words: packet, mptcp, congestion control")),
	F(groups, F_U32S, OMIT, COUNTED(sockrow, groups), HELP("multicast groups (netlink)")),
	F(pending, F_U32S, OMIT, COUNTED(sockrow, pending), HELP("inode numbers of what waits to be accepted (unix)")),
	F(processes, F_RECS, OMIT, .rec = &holder_desc, COUNTED(sockrow, processes), .text = processes_text,
	  .want = WANT_SOCKET_FDS, HELP("who has it open")),
	F(published, F_STR, OMIT, HELP("container and port that a proxy's listener leads to")),
	/* What a table of several namespaces needs; in JSON it is said once, above. */
	F(netns, F_U32, .flags = FF_TEXT, HELP("network namespace")),
	F(container, F_REC, .flags = FF_TEXT, .rec = &snap_container_desc, .text = where_text,
	  .want = WANT_CONTAINERS | WANT_ALL_CONTAINERS | WANT_MOUNTED,
	  HELP("container of the namespace, host, or the namespace's name or number")),
};
DESC(sockrow_desc, "socket", struct sockrow, "a socket", sockrow_fields);

/* --- filling ---------------------------------------------------------------------------------------------------------------------------- */

void sockrows_init(struct sockrows *r, const struct index *ix, bool holders)
{
	*r = (struct sockrows){ .ix = ix, .holders = holders };
	for (size_t i = 0; i < ix->snap->n_cgroups; i++)
		idmap_add(&r->cgroups, ix->snap->cgroups[i].id, (uint32_t)i);
	for (size_t i = 0; i < ix->snap->n_tcp_infos; i++)
		idmap_add(&r->infos, ix->snap->tcp_infos[i].cookie, (uint32_t)i);
	for (size_t i = 0; i < ix->snap->n_sockets; i++)
		if (ix->snap->sockets[i].path)
			idmap_add(&r->paths, ix->snap->sockets[i].ino, (uint32_t)i);
}

static void leave(struct sockrows *r)
{
	idmap_done(&r->links);
	arena_done(&r->arena);
	r->arena = (struct arena){ 0 };
}

void sockrows_done(struct sockrows *r)
{
	leave(r);
	idmap_done(&r->infos);
	idmap_done(&r->paths);
	idmap_done(&r->cgroups);
	free(r->list);
	free(r->items);
	arena_done(&r->kept);
}

/* The user namespace that a network namespace belongs to. */
static void find_owner(struct sockrows *r, const struct snap_ns *ns)
{
	uint32_t i = index_ns(r->ix, NS_USER, ns->owner);

	r->owner = i == IDMAP_NONE ? NULL : &r->ix->snap->namespaces[i];
	r->own_owner = r->owner && r->owner->inum == r->ix->snap->head.own_userns;
}

void sockrows_enter(struct sockrows *r, uint32_t ns)
{
	const struct snap *s = r->ix->snap;
	uint32_t n, more = 0;
	const struct snap_link *links = SNAP_RANGE(s, links, s->namespaces[ns].inum, &n);

	leave(r);
	r->ns = ns;
	r->container = index_ns_container(r->ix, ns, &more);
	r->containers = r->container ? more + 1 : 0;
	r->where = netrow_where(r->ix, ns, &r->arena);
	for (uint32_t i = 0; i < n; i++)
		idmap_add(&r->links, links[i].ifindex, (uint32_t)(links + i - s->links));
	find_owner(r, &s->namespaces[ns]);
}

const char *sockrows_device(const struct sockrows *r, int64_t ifindex)
{
	uint32_t i = OPT_VALUE(ifindex) && ifindex ? idmap_get(&r->links, (uint64_t)ifindex) : IDMAP_NONE;

	return i == IDMAP_NONE ? NULL : r->ix->snap->links[i].ifname;
}

static int8_t option(const struct snap_socket *s, uint64_t bit)
{
	return s->known & bit ? (s->flags & bit) != 0 : -1;
}

static void fill_options(struct sockrow *row, const struct snap_socket *s)
{
	row->opts = (struct sock_options){
		.reuseaddr = option(s, SOCKF_REUSEADDR),
		.reuseport = option(s, SOCKF_REUSEPORT),
		.v6only = option(s, SOCKF_V6ONLY),
		.freebind = option(s, SOCKF_FREEBIND),
		.transparent = option(s, SOCKF_TRANSPARENT),
		.bind_address_no_port = option(s, SOCKF_BIND_NO_PORT),
		.hdrincl = option(s, SOCKF_HDRINCL),
		.mptcp_subflow = option(s, SOCKF_MPTCP_SUBFLOW),
		.mark = s->mark,
	};
	row->options = &row->opts;
	if (s->timer == TIMER_OFF)
		return;
	row->timing = (struct sock_timers){ sock_timer_names[s->timer], s->expires_ms, s->retrans };
	row->timer = &row->timing;
}

static void fill_memory(struct sockrow *row, const struct snap_socket *s)
{
	uint32_t *const to[] = { &row->mem.rmem_alloc, &row->mem.rcvbuf,    &row->mem.wmem_alloc,
				 &row->mem.sndbuf,     &row->mem.fwd_alloc, &row->mem.wmem_queued,
				 &row->mem.optmem,     &row->mem.backlog,   &row->mem.drops };

	if (!s->mem)
		return;
	row->mem = (struct sock_mem){ 0 };
	for (uint32_t i = 0; i < MIN(s->n_mem, (uint32_t)ARRAY_SIZE(to)); i++)
		*to[i] = s->mem[i];
	row->memory = &row->mem;
}

static void fill_holders(struct sockrows *r, struct sockrow *row, uint64_t ino)
{
	const struct snap *s = r->ix->snap;
	uint32_t n;
	const struct snap_socket_fd *fds = snap_socket_fds(s, ino, &n);

	r->n_list = 0;
	for (const struct snap_socket_fd *f = fds; f < fds + n; f++) {
		uint32_t at = index_task(r->ix, f->tid ? f->tid : f->pid);
		uint32_t leader = at == IDMAP_NONE ? index_task(r->ix, f->pid) : at;
		const struct snap_task *t = leader == IDMAP_NONE ? NULL : &s->tasks[leader];
		struct sock_holder *h = ARRAY_ADD(r, list);

		h->pid = f->pid;
		h->tid = f->tid && f->tid != f->pid ? f->tid : OPT_NONE;
		h->fd = f->fd;
		h->comm = t ? t->comm : NULL;
		h->container = t ? index_container(r->ix, t->container) : NULL;
		h->netns = t ? t->ns[NS_NET] : 0;
	}
	if (!r->list)
		ARRAY_ADD(r, list), r->n_list = 0; /* an empty list is not the same as none */
	row->processes = r->list;
	row->n_processes = (uint32_t)r->n_list;
}

static int64_t inner_uid(const struct sockrows *r, uint32_t uid)
{
	if (r->own_owner)
		return uid;
	for (uint32_t i = 0; r->owner && i < r->owner->n_uid_map; i++) {
		const struct snap_map *m = &r->owner->uid_map[i];

		if (uid >= m->outside && uid - m->outside < m->count)
			return (int64_t)m->inside + (uid - m->outside);
	}
	return OPT_NONE;
}

static void fill_paths(const struct sockrows *r, struct sockrow *row, const struct snap_socket *s)
{
	uint32_t peer = s->peer_ino ? idmap_get(&r->paths, s->peer_ino) : IDMAP_NONE;

	row->path = s->path;
	row->path_len = s->path_len;
	if (peer != IDMAP_NONE) {
		row->peer_path = r->ix->snap->sockets[peer].path;
		row->peer_path_len = r->ix->snap->sockets[peer].path_len;
	}
}

/* A key and its text are the same in both. */
static void fill_own(struct sockrows *r, struct sockrow *row, const struct snap_socket *s)
{
	r->n_items = 0;
	for (uint32_t i = 0; i < s->n_details; i++)
		*ARRAY_ADD(r, items) = (struct dict_item){ s->details[i].key, s->details[i].value, s->details[i].number };
	row->details = s->n_details ? r->items : NULL;
	row->n_details = s->n_details;
	if (s->netid == NETID_NETLINK) {
		row->groups = s->list;
		row->n_groups = s->n_list;
	} else {
		row->pending = s->list;
		row->n_pending = s->n_list;
	}
}

static void fill_ends(struct sockrows *r, struct sockrow *row, const struct snap_socket *s)
{
	const char *device = sockrows_device(r, s->ifindex);

	if (sock_is_unix(s)) {
		fill_paths(r, row, s);
		return;
	}
	row->ends[0] = (struct sock_end){ s->addr, s->port, device };
	row->ends[1] = (struct sock_end){ s->peer, s->peer_port, NULL };
	if (!s->peer && sock_is_ip(s))
		row->ends[1].addr = s->family == ADDR_INET6 ? "::" : "0.0.0.0";
	row->local = &row->ends[0];
	row->peer = &row->ends[1];
}

void sockrows_fill(struct sockrows *r, struct sockrow *row, const struct snap_socket *s)
{
	uint32_t info = r->infos.n ? idmap_get(&r->infos, s->cookie) : IDMAP_NONE;

	*row = (struct sockrow){
		.socket = s,
		.netns = s->ns,
		.netid = sock_netid_names[s->netid],
		.state = sock_state_names[s->state],
		.where = r->where,
		.container = r->container,
		.recv_q = s->recv_q,
		.send_q = s->send_q,
		.ino = s->ino,
		.peer_ino = s->peer_ino,
		.uid = s->uid,
		.inner_uid = inner_uid(r, s->uid),
		.user = index_user(r->ix, s->uid),
		.cookie = s->cookie,
		.cgroup_id = s->cgroup,
		.info = info == IDMAP_NONE ? NULL : &r->ix->snap->tcp_infos[info],
	};
	if (s->cgroup && r->cgroups.n) {
		uint32_t i = idmap_get(&r->cgroups, s->cgroup);

		row->cgroup = i == IDMAP_NONE ? NULL : r->ix->snap->cgroups[i].path;
	}
	fill_ends(r, row, s);
	fill_options(row, s);
	fill_memory(row, s);
	fill_own(r, row, s);
	if (r->holders)
		fill_holders(r, row, s->ino);
	if (r->holders && r->published)
		row->published = r->published(s, row->processes, row->n_processes, r->published_arg);
}

static void *keep(struct sockrows *r, const void *list, size_t size)
{
	return size ? memcpy(arena_alloc(&r->kept, size), list, size) : NULL;
}

struct sockrow *sockrows_all(struct sockrows *r, const uint32_t *items, size_t n)
{
	const struct snap *s = r->ix->snap;
	struct sockrow *rows = xcalloc(MAX(n, (size_t)1), sizeof(*rows));
	const char *where = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct snap_socket *sock = &s->sockets[items[i]];

		if (!i || sock->ns != rows[i - 1].netns) {
			sockrows_enter(r, index_ns(r->ix, NS_NET, sock->ns));
			where = arena_strdup(&r->kept, r->where);
		}
		sockrows_fill(r, &rows[i], sock);
		rows[i].where = where;
		/* What points into the row that was filled points into this one: it is the same. Lists are the next row's, too. */
		rows[i].processes = keep(r, rows[i].processes, rows[i].n_processes * sizeof(*rows[i].processes));
		rows[i].details = keep(r, rows[i].details, rows[i].n_details * sizeof(*rows[i].details));
	}
	return rows;
}
