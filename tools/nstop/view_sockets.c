// SPDX-License-Identifier: GPL-2.0-or-later
/* A row for each socket of the network namespaces in the scope. */
#include "ui.h"
#include "view/procrow.h"

struct row {
	uint64_t cookie;
	uint32_t ns;
	const char *netid, *state;
	uint32_t recv_q, send_q;
	const char *local, *peer;
	const struct snap_container *container;
	bool host;
	const char *process; /* "nginx 4711"; NULL: nobody that we know has it open */
	uint32_t uid;
	uint64_t ino;
	bool failed; /* it is in trouble: connections wait to be accepted, and no more fit */
};

static void container_text(const void *rec, char *buf, size_t size)
{
	const struct row *r = rec;

	if (r->host)
		snprintf(buf, size, "host");
	else
		container_name(r->container, buf, size);
}

#define F(member, ...) FIELD(row, member, __VA_ARGS__)

static const struct field fields[] = {
	F(cookie, F_ID64, HELP("the kernel's number for it")),
	F(ns, F_U32, HELP("its network namespace")),
	F(container, F_REC, .rec = &snap_container_desc, .text = container_text, HELP("container that the namespace belongs to")),
	F(netid, F_STR, HELP("protocol")),
	F(state, F_STR, HELP("state")),
	F(recv_q, F_U32, HELP("bytes not yet read; of a listener: connections that wait to be accepted")),
	F(send_q, F_U32, HELP("bytes not yet acknowledged; of a listener: how many may wait")),
	F(local, F_STR, HELP("its own address and port, or path")),
	F(peer, F_STR, HELP("the other's address and port")),
	F(process, F_STR, .flags = FF_CUT, .want = WANT_SOCKET_FDS, HELP("a process that has it open")),
	F(uid, F_U32, HELP("user id of who made it")),
	F(ino, F_U64, HELP("inode number")),
};
static DESC(row_desc, "live_socket", struct row, "a socket, live", fields);

static const struct desc *desc(void)
{
	return &row_desc;
}

static uint64_t key(const void *rec)
{
	const struct row *r = rec;

	return r->cookie ? r->cookie : r->ino;
}

static enum style style(const void *rec)
{
	const struct row *r = rec;

	return r->failed ? STYLE_FAILED : STYLE_PLAIN;
}

struct rows {
	struct arena arena;
	struct row *items;
	size_t n_items, cap_items;
};

static void drop(struct view *v)
{
	struct rows *r = v->rows;

	if (!r)
		return;
	free(r->items);
	arena_done(&r->arena);
	free(r);
	v->rows = NULL;
}

static const char *endpoint(struct arena *a, const struct snap_socket *k, const char *addr, uint32_t port)
{
	const char *form = k->family == ADDR_INET6 && addr && strchr(addr, ':') ? "[%s]:%u" : "%s:%u";

	if (!addr)
		return NULL;
	return port ? arena_printf(a, form, addr, port) : arena_printf(a, "%s:*", addr);
}

/* Who has a socket open, the first of them if there are several; IDMAP_NONE: nobody whom we know. */
static uint32_t holder(const struct frame *f, uint64_t ino)
{
	uint32_t n;
	const struct snap_socket_fd *fd = snap_socket_fds(&f->snap, ino, &n);

	return fd ? index_task(&f->ix, fd->pid) : IDMAP_NONE;
}

static void name_holder(struct rows *r, struct row *row, const struct frame *f)
{
	uint32_t task = holder(f, row->ino);

	if (task != IDMAP_NONE)
		row->process = arena_printf(&r->arena, "%s %u", f->snap.tasks[task].comm ? f->snap.tasks[task].comm : "pid",
					    f->snap.tasks[task].pid);
}

static void add(struct rows *r, const struct frame *f, const struct snap_socket *k, uint32_t ns)
{
	struct row *row = ARRAY_ADD(r, items);
	uint32_t more;

	*row = (struct row){
		.cookie = k->cookie,
		.ns = k->ns,
		.netid = sock_netid_names[k->netid],
		.state = sock_state_names[k->state],
		.recv_q = k->recv_q,
		.send_q = k->send_q,
		.local = k->path ? k->path : endpoint(&r->arena, k, k->addr, k->port),
		.peer = endpoint(&r->arena, k, k->peer, k->peer_port),
		.uid = k->uid,
		.ino = k->ino,
		.failed = k->state == STATE_LISTEN && k->send_q && k->recv_q > k->send_q,
	};
	if (row->failed)
		row->state = "LISTEN full";
	row->container = index_ns_container(&f->ix, ns, &more);
	row->host = index_is_initial(&f->ix, ns);
	name_holder(r, row, f);
}

static void fill(struct ui *ui, struct view *v)
{
	const struct frame *f = ui->frame;
	CLEAN_MEM uint8_t *which = scope_namespaces(&ui->scope, f);
	struct rows *r = xcalloc(1, sizeof(*r));

	for (uint32_t i = 0; i < f->snap.n_namespaces; i++) {
		const struct snap_socket *k;
		uint32_t n;

		if (f->snap.namespaces[i].type != NS_NET || !which[i])
			continue;
		k = SNAP_RANGE(&f->snap, sockets, f->snap.namespaces[i].inum, &n);
		for (uint32_t j = 0; j < n; j++)
			add(r, f, &k[j], i);
	}
	v->rows = r;
	rowlist_arrange(&v->list, r->items, r->n_items, NULL);
}

static void enter(struct ui *ui, const void *rec)
{
	const struct row *r = rec;
	uint32_t task = holder(ui->frame, r->ino);
	struct scope sc;

	if (task == IDMAP_NONE) {
		ui_say(ui, "no process is known that has this socket open");
		return;
	}
	scope_of_task(&sc, ui->frame, task);
	ui_enter(ui, VIEW_PROCESSES, &sc);
}

const struct view_ops view_sockets = {
	.name = "Sockets",
	.desc = desc,
	.columns = "container,netid,state,recv_q,send_q,local,peer,process",
	.wants = WANT_LISTENERS,
	.key = key,
	.style = style,
	.fill = fill,
	.drop = drop,
	.enter = enter,
};
