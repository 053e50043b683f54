// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../bpf/records.h"
#include "collect/bpf_iter.h"
#include "collect/net.h"
#include "options.lskel.h"
#include "options.skel.h"

/* Both iterators, loaded one way or the other. */
struct option_programs {
	struct options *light;
	struct options_full *full;
};

static int load(struct net_tour *n)
{
	struct option_programs *p;

	if (n->options || n->no_options)
		return n->no_options ? -EOPNOTSUPP : 0;
	p = xcalloc(1, sizeof(*p));
	p->light = options__open_and_load();
	if (!p->light)
		p->full = options_full__open_and_load();
	if (p->light || p->full) {
		n->options = p;
		return 0;
	}
	free(p);
	n->no_options = true;
	return -EOPNOTSUPP;
}

void bpf_options_done(struct net_tour *n)
{
	if (!n->options)
		return;
	if (n->options->light)
		options__destroy(n->options->light);
	if (n->options->full)
		options_full__destroy(n->options->full);
	free(n->options);
	n->options = NULL;
}

struct naming {
	struct snap *s;
	struct idmap by_cookie; /* -> sockets */
};

static size_t take(const char *buf, size_t len, void *arg)
{
	struct naming *t = arg;
	size_t used = 0;

	for (; len - used >= sizeof(struct option_rec); used += sizeof(struct option_rec)) {
		struct option_rec r;
		uint32_t i;

		memcpy(&r, buf + used, sizeof(r));
		i = idmap_get(&t->by_cookie, r.cookie);
		if (i == IDMAP_NONE)
			continue;
		t->s->sockets[i].known |=
			SOCKF_REUSEADDR | SOCKF_REUSEPORT | (t->s->sockets[i].family == ADDR_INET6 ? SOCKF_V6ONLY : 0);
		t->s->sockets[i].flags |= (r.bits & SOCKREC_REUSEADDR ? SOCKF_REUSEADDR : 0) |
					  (r.bits & SOCKREC_REUSEPORT ? SOCKF_REUSEPORT : 0) |
					  (r.bits & SOCKREC_V6ONLY ? SOCKF_V6ONLY : 0);
	}
	return used;
}

static bool is_in_question(const struct net_tour *n, const struct snap_socket *x, enum sock_netid netid)
{
	return x->netid == netid && x->cookie && !(x->known & SOCKF_REUSEADDR) &&
	       (!x->ino || idmap_get(&n->pass.by_ino, x->ino) == IDMAP_NONE);
}

static int ask(struct net_tour *n, struct naming *t, enum sock_netid netid)
{
	int err = load(n), fd;

	if (err)
		return err;
	if (n->options->light)
		fd = netid == NETID_TCP ? n->options->light->progs.tcp_options.prog_fd
					: n->options->light->progs.udp_options.prog_fd;
	else
		fd = bpf_program__fd(netid == NETID_TCP ? n->options->full->progs.tcp_options
							: n->options->full->progs.udp_options);
	return bpf_iter_run(fd, take, t);
}

void bpf_options(struct net_tour *n, size_t first)
{
	static const enum sock_netid netids[] = { NETID_TCP, NETID_UDP };

	if (bpf_prepare() || n->c->opts->collector == COLLECT_PROC)
		return;
	for (size_t k = 0; k < ARRAY_SIZE(netids); k++) {
		struct naming t = { .s = n->s };

		for (size_t i = first; i < n->s->n_sockets; i++)
			if (is_in_question(n, &n->s->sockets[i], netids[k]))
				idmap_add(&t.by_cookie, n->s->sockets[i].cookie, (uint32_t)i);
		if (t.by_cookie.n && !n->no_options)
			ask(n, &t, netids[k]);
		idmap_done(&t.by_cookie);
	}
}
