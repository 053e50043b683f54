// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What namespaces isolate. One thread goes from one to the next (2 us each by setns(2), where a thread for each would cost thirty),
 * and never comes back: it ends in a stranger's namespaces, and nobody with it. It enters IPC, network and cgroup namespaces; mounts
 * are read from outside.
 */
#include "collect/inside.h"
#include "collect/net.h"
#include "collect/proc.h"

struct tour {
	struct nsfs n;
	struct snap *s;
	uint64_t wants;
	struct cgroup_views cgroups;
	struct net_tour net;
};

/* What is wanted of each type, beyond what stands in the namespaces' own records. */
static uint64_t wants_of(enum nstype type)
{
	switch (type) {
	case NS_IPC:
		return WANT_IPC;
	case NS_NET:
		return WANT_LINKS | WANT_LISTENERS | WANT_FIREWALL | WANT_PATH | NET_WANTS;
	case NS_CGROUP:
		return WANT_CGROUP_ROOTS;
	default:
		return 0;
	}
}

static void look_around(struct tour *t, uint32_t i)
{
	struct snap_ns *ns = &t->s->namespaces[i];

	if (ns->type == NS_IPC)
		inside_ipc(t->s, ns, t->n.c->own_proc);
	if (ns->type == NS_NET)
		net_look(&t->net, i);
	if (ns->type == NS_NET && t->wants & WANT_PATH)
		net_hooks(&t->net, ns);
	if (ns->type == NS_NET && t->wants & (WANT_PATH | WANT_FIREWALL))
		net_vservers(t->s, ns, &t->net.in);
	if (ns->type == NS_NET && t->wants & WANT_FIREWALL)
		net_firewall(t->s, ns);
	if (ns->type == NS_CGROUP)
		inside_cgroup_look(&t->cgroups, &t->n, i);
}

static const char *hint_of(int err)
{
	switch (err) {
	case -EXDEV:
		return "CAP_BPF and CAP_PERFMON";
	case -EACCES:
		return "CAP_SYS_PTRACE";
	case -EPERM:
		return "CAP_SYS_ADMIN";
	default:
		return NULL;
	}
}

/* Nobody could enter: that is the answer for all that is in there. */
static void note_refusal(struct tour *t, struct snap_ns *ns, int err)
{
	static const char *const whats[NS_TYPES] = {
		[NS_IPC] = "insides of IPC namespaces",
		[NS_NET] = "insides of network namespaces",
		[NS_CGROUP] = "cgroup namespaces' roots",
	};

	if (ns->type == NS_IPC)
		ns->sysv = ns->mqueues = err;
	if (ns->type == NS_NET && t->wants & WANT_LINKS)
		ns->links = err;
	if (ns->type == NS_NET && t->wants & WANT_LISTENERS)
		ns->listeners = err;
	if (ns->type == NS_NET && t->wants & WANT_FIREWALL)
		ns->firewall = err;
	if (ns->type == NS_NET && t->wants & WANT_SOCKETS)
		ns->sockets = err;
	if (ns->type == NS_NET && t->wants & WANT_ROUTES)
		ns->routes = err;
	snap_add_gap(t->s, whats[ns->type], -err, hint_of(err));
}

/* Our own first: it takes no capability to look around where one is, but it takes one to come back. */
static void visit_all(void *arg)
{
	struct tour *t = arg;

	for (int own = 1; own >= 0; own--)
		for (uint32_t i = 0; i < t->n.n_indexed; i++) {
			struct snap_ns *ns = &t->s->namespaces[i];
			bool is_own = ns->inum == t->n.own[ns->type];
			int err = 0;

			if (!(wants_of(ns->type) & t->wants) || is_own != own || (ns->type == NS_NET && !net_is_chosen(&t->net, i)))
				continue;
			if (!is_own)
				err = nsfs_enter(&t->n, i);
			if (!err)
				look_around(t, i);
			else if (!proc_gone(err) && (ns->type != NS_NET || net_look_at_files(&t->net, &t->n, i)))
				note_refusal(t, ns, err);
		}
	if (t->wants & WANT_NSIDS)
		net_resolve_nsids(&t->net, &t->n);
}

void inside_read(struct collecting *c)
{
	struct tour t = { .s = c->snap, .wants = c->opts->wants };
	const uint64_t touring = WANT_IPC | WANT_LINKS | WANT_LISTENERS | WANT_CGROUP_ROOTS | WANT_FIREWALL | WANT_PATH | NET_WANTS;
	struct index ix;
	int err = 0;

	index_build(&ix, c->snap);
	nsfs_init(&t.n, c, &ix);
	if (t.wants & WANT_CGROUP_ROOTS)
		inside_cgroup_before(&t.cgroups, &t.n);
	net_before(&t.net, c, &ix);
	if (t.wants & touring)
		err = nsfs_visit(visit_all, &t);
	if (err)
		snap_add_gap(c->snap, "insides of namespaces", -err, NULL);
	net_after(&t.net);
	if (t.wants & WANT_PATH) {
		net_hooks_cgroups(c->snap);
		halts_read(c);
	}
	if (t.wants & WANT_CGROUP_ROOTS)
		inside_cgroup_after(&t.cgroups, &t.n);
	if (t.wants & WANT_MOUNTS)
		inside_mounts(c, &ix);
	if (t.wants & WANT_CAPS)
		inside_caps(c);
	index_done(&ix);
	snap_settle(c->snap);
}
