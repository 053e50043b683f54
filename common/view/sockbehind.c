// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <sys/sysmacros.h>

#include "view/sockbehind.h"

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

static void put_unix_details(struct cells *c, const struct snap_socket *s)
{
	put_shutdown(c, s);
	if (s->vfs_ino)
		cells_put_f(c, " ino:%" PRIu64 " dev:%u/%u", s->vfs_ino, major(s->vfs_dev), minor(s->vfs_dev));
}

static void put_details(struct cells *c, const struct socktext *t, const struct sockrow *r)
{
	const struct snap_socket *s = r->socket;

	if (sock_is_unix(s)) {
		put_unix_details(c, s);
		return;
	}
	if (s->netid == NETID_NETLINK)
		return;
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

/* --- -i ---------------------------------------------------------------------------------------------------------------------------------- */

static void put_count(struct cells *c, const char *name, uint64_t v)
{
	if (v)
		cells_put_f(c, " %s:%" PRIu64, name, v);
}

static void put_rate(struct cells *c, const struct socktext *t, const char *name, double bits)
{
	static const struct {
		double least;
		char unit;
	} units[] = { { 1e12, 'T' }, { 1e9, 'G' }, { 1e6, 'M' }, { 1e3, 'k' } };

	if (bits <= 0)
		return;
	if (!t->service) { /* -n */
		cells_put_f(c, " %s %.0fbps", name, bits);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (bits >= units[i].least) {
			cells_put_f(c, " %s %.3g%cbps", name, bits / units[i].least, units[i].unit);
			return;
		}
	cells_put_f(c, " %s %gbps", name, bits);
}

static void put_rates(struct cells *c, const struct socktext *t, const struct snap_tcp_info *i)
{
	if (i->rtt && i->snd_mss && i->cwnd)
		put_rate(c, t, "send", (double)i->cwnd * i->snd_mss * 8000000. / i->rtt);
	put_count(c, "lastsnd", i->last_snd);
	put_count(c, "lastrcv", i->last_rcv);
	put_count(c, "lastack", i->last_ack);
	if (i->pacing_rate != UINT64_MAX)
		put_rate(c, t, "pacing_rate", (double)i->pacing_rate * 8.);
	put_rate(c, t, "delivery_rate", (double)i->delivery_rate * 8.);
	put_count(c, "unacked", i->unacked);
	if (i->retrans || i->total_retrans)
		cells_put_f(c, " retrans:%u/%u", i->retrans, i->total_retrans);
	put_count(c, "lost", i->lost);
	if (i->min_rtt && i->min_rtt != UINT32_MAX)
		cells_put_f(c, " minrtt:%g", (double)i->min_rtt / 1000);
}

static void put_info(struct cells *c, const struct socktext *t, const struct snap_tcp_info *i)
{
	if (t->timers && i->timestamps)
		cells_put(c, " ts");
	if (t->timers && i->sack)
		cells_put(c, " sack");
	if (t->timers && i->ecn)
		cells_put(c, " ecn");
	if (i->congestion && *i->congestion) {
		cells_put(c, " ");
		cells_put_foreign(c, i->congestion, strlen(i->congestion));
	}
	if (OPT_VALUE(i->snd_wscale))
		cells_put_f(c, " wscale:%" PRId64 ",%" PRId64, i->snd_wscale, i->rcv_wscale);
	if (i->rto && i->rto != 3000000)
		cells_put_f(c, " rto:%g", (double)i->rto / 1000);
	if (i->rtt)
		cells_put_f(c, " rtt:%g/%g", (double)i->rtt / 1000, (double)i->rttvar / 1000);
	put_count(c, "mss", i->snd_mss);
	put_count(c, "pmtu", i->pmtu);
	put_count(c, "rcvmss", i->rcv_mss);
	put_count(c, "advmss", i->advmss);
	put_count(c, "cwnd", i->cwnd);
	if (i->ssthresh < 0xffff)
		put_count(c, "ssthresh", i->ssthresh);
	put_count(c, "bytes_acked", i->bytes_acked);
	put_count(c, "bytes_received", i->bytes_received);
	put_count(c, "segs_out", i->segs_out);
	put_count(c, "segs_in", i->segs_in);
	put_rates(c, t, i);
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
	if (t->extended)
		put_details(c, t, r);
	if (has_info_line(t, r->socket) && !t->oneline)
		cells_put(c, "\n\t");
	if (t->memory)
		put_memory(c, r);
	if (t->info && r->info)
		put_info(c, t, r->info);
}
