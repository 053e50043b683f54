// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sys/socket.h>

#include "../bpf/records.h"
#include "collect/bpf_iter.h"
#include "collect/net.h"
#include "collect/session.h"
#include "sockets.lskel.h"
#include "sockets.skel.h"
#include "util/job.h"

static void take_one(struct socket_pass *p, const struct sock_rec *r)
{
	bool ip = r->family == AF_INET || r->family == AF_INET6;

	*ARRAY_ADD(p, fds) = (struct seen_fd){
		.fd = { .ino = r->ino, .ns = r->netns, .pid = r->pid, .tid = r->tid, .fd = r->fd },
		.flags = (r->bits & SOCKREC_REUSEADDR ? SOCKF_REUSEADDR : 0) | (r->bits & SOCKREC_REUSEPORT ? SOCKF_REUSEPORT : 0) |
			 (r->bits & SOCKREC_MPTCP ? SOCKF_MPTCP_SUBFLOW : 0) | (r->bits & SOCKREC_V6ONLY ? SOCKF_V6ONLY : 0),
		.known = ip ? SOCKF_REUSEADDR | SOCKF_REUSEPORT | (r->family == AF_INET6 ? SOCKF_V6ONLY : 0) : 0,
		.bound = ip && r->state == STATE_UNCONN ? r->port : 0,
	};
	if (r->carries)
		*ARRAY_ADD(p, carriers) = (struct snap_carrier){ .ino = r->ino, .pid = r->pid, .fd = r->fd, .files = r->carries };
	if (ip && r->port && r->state == STATE_UNCONN)
		idmap_add(&p->bound, r->netns, 1);
	if (r->bits & SOCKREC_MPTCP)
		idmap_add(&p->mptcp, r->netns, 1);
	if (r->bits & SOCKREC_HALF_OPEN)
		idmap_add(&p->half_open, r->netns, 1);
}

static size_t take(const char *buf, size_t len, void *arg)
{
	size_t used = 0;

	for (; len - used >= sizeof(struct sock_rec); used += sizeof(struct sock_rec)) {
		struct sock_rec r;

		memcpy(&r, buf + used, sizeof(r));
		take_one(arg, &r);
	}
	return used;
}

static void destroy_full(void *skel)
{
	sockets_full__destroy(skel);
}

static void destroy(void *skel)
{
	sockets__destroy(skel);
}

static int load(struct loaded *l, void *arg)
{
	struct sockets *skel = sockets__open_and_load();
	struct sockets_full *full;

	(void)arg;
	if (skel) {
		*l = (struct loaded){ .prog_fd = skel->progs.sockets.prog_fd, .skel = skel, .destroy = destroy };
		return 0;
	}
	full = sockets_full__open_and_load();
	if (!full)
		return -errno;
	*l = (struct loaded){ .prog_fd = bpf_program__fd(full->progs.sockets), .skel = full, .destroy = destroy_full };
	return 0;
}

static int read_all(struct session *session, struct socket_pass *p)
{
	struct loaded own, *prog;
	int err = bpf_prepare();

	if (err)
		return err;
	prog = session_get(session, SESSION_SOCKETS, load, NULL, &own, &err);
	if (!prog)
		return err;
	err = bpf_iter_run(prog->prog_fd, take, p);
	session_put(session, prog);
	p->complete = !err;
	if (err)
		p->n_fds = 0;
	return err;
}

/* --- in a thread while the tasks are read ---------------------------------------------------------------------------------- */

struct socket_walk {
	struct job job;
	struct session *session;
	struct socket_pass pass;
	int err;
};

static void walk(void *arg)
{
	struct socket_walk *w = arg;

	w->err = read_all(w->session, &w->pass);
}

void bpf_sockets_start(struct collecting *c)
{
	if (!(c->opts->wants & (WANT_SOCKET_FDS | WANT_SOCKET_FLAGS)) || !c->initial_pidns || c->opts->collector == COLLECT_PROC)
		return;
	c->sockets = xcalloc(1, sizeof(*c->sockets));
	c->sockets->session = c->opts->session;
	job_start(&c->sockets->job, walk, c->sockets);
}

int bpf_sockets(struct collecting *c, struct socket_pass *p)
{
	struct socket_walk *w = c->sockets;

	if (!c->initial_pidns || c->opts->collector == COLLECT_PROC)
		return -EXDEV;
	if (!w)
		return read_all(c->opts->session, p);
	job_wait(&w->job);
	*p = w->pass;
	w->pass = (struct socket_pass){ 0 };
	return w->err;
}

void bpf_sockets_done(struct collecting *c)
{
	if (!c->sockets)
		return;
	job_wait(&c->sockets->job);
	net_pass_done(&c->sockets->pass);
	free(c->sockets);
	c->sockets = NULL;
}
