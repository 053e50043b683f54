// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <sys/sysmacros.h>

#include "view/sockbehind.h"
#include "view/sockinfo.h"

/* --- who has it open, timers, details -------------------------------------------------------------------------------------------- */

static void put_holder(struct cells *c, const struct sock_holder *h)
{
	cells_put(c, "(\"");
	if (h->comm)
		cells_put_foreign(c, h->comm, strlen(h->comm));
	cells_put(c, "\",pid=");
	cells_put_num(c, h->pid);
	if (OPT_VALUE(h->tid)) {
		cells_put(c, ",tid=");
		cells_put_num(c, (uint64_t)h->tid);
	}
	cells_put(c, ",fd=");
	cells_put_num(c, h->fd);
	cells_put(c, ")");
}

/* Where the first of the holders is, if that is not where the socket is. */
static void put_moved(struct cells *c, const struct sockrow *r)
{
	for (uint32_t i = 0; i < r->n_processes; i++)
		if (NSREF_KNOWN(r->processes[i].netns) && r->processes[i].netns != r->netns) {
			cells_put_f(c, " (pid %u is in net:[%u])", r->processes[i].pid, r->processes[i].netns);
			return;
		}
}

static void put_holders(struct cells *c, const struct socktext *t, const struct sockrow *r)
{
	for (uint32_t i = 0; i < r->n_processes; i++) {
		cells_put(c, i ? "," : " users:(");
		put_holder(c, &r->processes[i]);
	}
	if (r->n_processes)
		cells_put(c, ")");
	if (!t->people)
		return;
	if (!r->n_processes && r->ino)
		cells_put(c, t->unsure ? " (nobody known has it open)" : " (nobody has it open)");
	put_moved(c, r);
	if (r->published) {
		cells_put(c, " -> ");
		cells_put_foreign(c, r->published, strlen(r->published));
	}
}

static void put_ms(struct cells *c, int64_t ms)
{
	int64_t seconds = ms / 1000 % 60, minutes = ms / 60000;

	ms %= 1000;
	if (minutes) {
		ms = 0;
		cells_put_f(c, "%" PRId64 "min", minutes);
		if (minutes > 9)
			seconds = 0;
	}
	if (seconds) {
		if (seconds > 9)
			ms = 0;
		cells_put_f(c, "%" PRId64 "%s", seconds, ms ? "." : "sec");
	}
	if (ms)
		cells_put_f(c, "%03" PRId64 "ms", ms);
}

static void put_timer(struct cells *c, const struct sockrow *r)
{
	if (!r->timer || !sock_is_ip(r->socket))
		return;
	cells_put_f(c, " timer:(%s,", r->timer->name);
	put_ms(c, MAX(r->timer->expires_ms, 0));
	cells_put_f(c, ",%u)", r->timer->retrans);
}

static void put_shutdown(struct cells *c, const struct snap_socket *s)
{
	if (s->known & (SOCKF_SHUT_RD | SOCKF_SHUT_WR))
		cells_put_f(c, " %c-%c", s->flags & SOCKF_SHUT_RD ? '-' : '<', s->flags & SOCKF_SHUT_WR ? '-' : '>');
}

static void put_option(struct cells *c, const char *name, int8_t set, bool *any)
{
	if (set <= 0)
		return;
	cells_put(c, *any ? "," : " opts:");
	cells_put(c, name);
	*any = true;
}

/* What ss cannot tell. */
static void put_more_details(struct cells *c, const struct sockrow *r)
{
	const struct sock_options *o = &r->opts;
	bool any = false;

	if (OPT_VALUE(r->inner_uid) && r->inner_uid != r->uid)
		cells_put_f(c, " inner_uid:%" PRId64, r->inner_uid);
	put_option(c, "reuseaddr", o->reuseaddr, &any);
	put_option(c, "reuseport", o->reuseport, &any);
	put_option(c, "freebind", o->freebind, &any);
	put_option(c, "transparent", o->transparent, &any);
	put_option(c, "bind_address_no_port", o->bind_address_no_port, &any);
	put_option(c, "mptcp_subflow", o->mptcp_subflow, &any);
}

static void put_list(struct cells *c, const uint32_t *list, uint32_t n, const char *between)
{
	for (uint32_t i = 0; i < n; i++) {
		cells_put(c, i ? between : "");
		cells_put_num(c, list[i]);
	}
}

static void put_unix_details(struct cells *c, const struct snap_socket *s)
{
	put_shutdown(c, s);
	if (s->vfs_ino)
		cells_put_f(c, " ino:%" PRIu64 " dev:%u/%u", s->vfs_ino, major(s->vfs_dev), minor(s->vfs_dev));
	if (s->state == STATE_LISTEN) {
		cells_put(c, s->n_list ? " peers: " : " peers:");
		put_list(c, s->list, s->n_list, " ");
	}
}

/* ss prints a mask of the first 32, and two fields that have nothing in them since sock_diag tells of netlink. */
static void put_netlink_details(struct cells *c, const struct socktext *t, const struct snap_socket *s)
{
	uint32_t mask = 0;

	if (t->people && s->n_list) {
		cells_put(c, " groups:");
		put_list(c, s->list, s->n_list, ",");
	}
	if (t->people)
		return;
	for (uint32_t i = 0; i < s->n_list && s->list[i] <= 32; i++)
		mask |= 1u << (s->list[i] - 1);
	cells_put_f(c, " sk=0 cb=0 groups=0x%08x", mask);
}

/* "ring_rx.blk_size", "ring_rx.blk_nr": what stands in one pair of brackets. */
static void put_group(struct cells *c, const char *begin, const struct snap_socket *s, const char *name)
{
	size_t len = strlen(name);
	bool any = false;

	for (uint32_t i = 0; i < s->n_details; i++) {
		const struct snap_link_attr *a = &s->details[i];

		if (strncmp(a->key, name, len) != 0 || a->key[len] != '.')
			continue;
		if (!any)
			cells_put_f(c, "%s%s(", begin, name);
		cells_put_f(c, "%s%s:%s", any ? "," : "", a->key + len + 1, a->value);
		any = true;
	}
	if (any)
		cells_put(c, ")");
}

static void put_packet_details(struct cells *c, const struct socktext *t, const struct snap_socket *s)
{
	const char *begin = t->oneline ? " " : "\n\t", *version = sockinfo_detail(s, "ver"), *flags = sockinfo_detail(s, "flags");
	const char *copy = sockinfo_detail(s, "cpy_thresh"), *filter = sockinfo_detail(s, "filter");

	if (version && copy && flags) /* two blanks where it does not run, as ss has it */
		cells_put_f(c, "%sver:%s cpy_thresh:%s flags( %s%s )", begin, version, copy,
			    strncmp(flags, "running", 7) && *flags ? " " : "", *flags ? flags : "0");
	put_group(c, begin, s, "ring_rx");
	put_group(c, begin, s, "ring_tx");
	put_group(c, begin, s, "fanout");
	if (t->people && filter)
		cells_put_f(c, "%sbpf filter (%s)", begin, filter);
}

static void put_details(struct cells *c, const struct socktext *t, const struct sockrow *r)
{
	const struct snap_socket *s = r->socket;

	if (sock_is_unix(s)) {
		put_unix_details(c, s);
		return;
	}
	if (s->netid == NETID_NETLINK) {
		put_netlink_details(c, t, s);
		return;
	}
	if (s->uid)
		cells_put_f(c, " uid:%u", s->uid);
	cells_put_f(c, " ino:%" PRIu64 " sk:%" PRIx64, s->ino, s->cookie);
	if (OPT_VALUE(s->mark) && s->mark)
		cells_put_f(c, " fwmark:0x%" PRIx64, (uint64_t)s->mark);
	if (r->cgroup) {
		cells_put(c, " cgroup:");
		cells_put_foreign(c, r->cgroup, strlen(r->cgroup));
	} else if (s->cgroup) {
		cells_put_f(c, " cgroup:unreachable:%" PRIx64, s->cgroup);
	}
	if (sock_is_ip(s) && s->family == ADDR_INET6 && s->known & SOCKF_V6ONLY)
		cells_put_f(c, " v6only:%d", (s->flags & SOCKF_V6ONLY) != 0);
	if (sock_is_ip(s))
		put_shutdown(c, s);
	else
		put_packet_details(c, t, s);
	if (t->people)
		put_more_details(c, r);
}

static void put_memory(struct cells *c, const struct sockrow *r)
{
	const struct sock_mem *m = r->memory;

	if (!m)
		return;
	cells_put_f(c, " skmem:(r%u,rb%u,t%u,tb%u,f%u,w%u,o%u", m->rmem_alloc, m->rcvbuf, m->wmem_alloc, m->sndbuf, m->fwd_alloc,
		    m->wmem_queued, m->optmem);
	if (r->socket->n_mem > 7)
		cells_put_f(c, ",bl%u", m->backlog);
	if (r->socket->n_mem > 8)
		cells_put_f(c, ",d%u", m->drops);
	cells_put(c, ")");
}

/* --- all of it ------------------------------------------------------------------------------------------------------------------------------ */

static bool has_info_line(const struct socktext *t, const struct snap_socket *s)
{
	return sock_is_ip(s) && (t->memory || (t->info && s->netid != NETID_UDP && s->netid != NETID_UDPLITE));
}

void sockbehind_put(struct cells *c, const struct socktext *t, const struct sockrow *r)
{
	if (t->processes)
		put_holders(c, t, r);
	if (t->timers)
		put_timer(c, r);
	if (t->memory && sock_is_unix(r->socket))
		put_memory(c, r);
	if (t->extended)
		put_details(c, t, r);
	if (has_info_line(t, r->socket) && !t->oneline)
		cells_put(c, "\n\t");
	if (t->memory && r->socket->netid == NETID_NETLINK && !t->people)
		cells_put(c, "\t");
	if (t->memory && !sock_is_unix(r->socket))
		put_memory(c, r);
	if (t->info)
		sockinfo_put(c, t, r);
}
