// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdarg.h>
#include <sys/sysmacros.h>

#include "output/escape.h"
#include "view/socktext.h"

/* --- which, and in which order ----------------------------------------------------------------------------------------------------- */

/* The order of ss's tables. */
static const enum sock_netid order[] = { NETID_NETLINK,	    NETID_PACKET_RAW, NETID_PACKET_DGRAM, NETID_UNIX_STREAM, NETID_UNIX_DGRAM,
					 NETID_UNIX_SEQPACKET, NETID_RAW,     NETID_PING,	  NETID_UDP,	     NETID_UDPLITE,
					 NETID_TCP,	    NETID_DCCP,	      NETID_SCTP,	  NETID_MPTCP };

static bool is_ip(const struct snap_socket *s)
{
	return s->netid <= NETID_PING;
}

static bool is_unix(const struct snap_socket *s)
{
	return s->netid >= NETID_UNIX_STREAM && s->netid <= NETID_UNIX_SEQPACKET;
}

static bool is_picked(const struct sockrows *rows, const struct sockpick *p, const struct snap_socket *s)
{
	if (!(p->states >> s->state & 1) || (is_ip(s) && !(p->families >> s->family & 1)))
		return false;
	return !p->filter || sockfilter_match(p->filter, s, p->filter->needs_devices ? sockrows_device(rows, s->ifindex) : NULL);
}

struct picking {
	uint32_t *items;
	size_t n_items, cap_items;
};

/* Sockets of a namespace are sorted by their kind: those of one are a run. IPv4 before IPv6. */
static void pick_run(struct sockrows *rows, const struct sockpick *p, const struct snap_socket *s, uint32_t n, struct picking *to)
{
	for (int family = ADDR_INET; family <= ADDR_INET6; family++) {
		for (uint32_t i = 0; i < n; i++)
			if (s[i].family == family && is_picked(rows, p, &s[i]))
				*ARRAY_ADD(to, items) = (uint32_t)(s + i - rows->ix->snap->sockets);
	}
}

static void pick_in(struct sockrows *rows, const struct sockpick *p, uint32_t ns, struct picking *to)
{
	const struct snap *snap = rows->ix->snap;
	uint32_t n, begin[NETIDS] = { 0 }, count[NETIDS] = { 0 };
	const struct snap_socket *s = SNAP_RANGE(snap, sockets, snap->namespaces[ns].inum, &n);

	for (uint32_t i = 0; i < n; i++)
		if (!count[s[i].netid]++)
			begin[s[i].netid] = i;
	for (size_t k = 0; k < ARRAY_SIZE(order); k++)
		if (p->netids >> order[k] & 1)
			pick_run(rows, p, s + begin[order[k]], count[order[k]], to);
}

uint32_t *socktext_pick(struct sockrows *rows, const struct sockpick *p, size_t *n)
{
	struct picking to = { 0 };

	for (uint32_t ns = 0; ns < rows->ix->snap->n_namespaces; ns++) {
		if (!(p->ns[ns / 8] >> ns % 8 & 1))
			continue;
		if (p->filter && p->filter->needs_devices)
			sockrows_enter(rows, ns);
		pick_in(rows, p, ns, &to);
	}
	*n = to.n_items;
	return to.items;
}

/* --- a line ---------------------------------------------------------------------------------------------------------------------------- */

enum col { C_WHERE, C_NETID, C_STATE, C_RECVQ, C_SENDQ, C_ADDR, C_PORT, C_PEER, C_PEER_PORT, C_PROCESS, COLS };

static const struct {
	const char *header, *before;
	bool right;
} cols[COLS] = {
	[C_WHERE] = { "CONTAINER", "", false },
	[C_NETID] = { "Netid", " ", false },
	[C_STATE] = { "State", " ", false },
	[C_RECVQ] = { "Recv-Q", " ", false },
	[C_SENDQ] = { "Send-Q", " ", false },
	[C_ADDR] = { "Local Address:", " ", true },
	[C_PORT] = { "Port", "", false },
	[C_PEER] = { "Peer Address:", " ", true },
	[C_PEER_PORT] = { "Port", "", false },
	[C_PROCESS] = { "Process", "", false },
};

struct line {
	const struct socktext *t;
	char *buf;
	size_t len, cap;
	size_t end[COLS];  /* of each cell in buf; it begins where the one before ends */
	size_t wide[COLS]; /* columns that it takes, where that is not its length in bytes; 0 else */
	enum col at;
	bool skip_behind;
};

static void room(struct line *l, size_t n)
{
	if (l->cap - l->len >= n)
		return;
	l->cap = MAX(l->cap * 2, l->len + n);
	l->buf = xrealloc(l->buf, l->cap);
}

static void put(struct line *l, const char *s)
{
	size_t len = strlen(s);

	room(l, len + 1);
	memcpy(l->buf + l->len, s, len);
	l->len += len;
}

static void put_num(struct line *l, uint64_t v)
{
	char digits[20], *p = digits + sizeof(digits);

	do
		*--p = (char)('0' + v % 10);
	while (v /= 10);
	room(l, 20);
	memcpy(l->buf + l->len, p, (size_t)(digits + sizeof(digits) - p));
	l->len += (size_t)(digits + sizeof(digits) - p);
}

static void put_f(struct line *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put_f(struct line *l, const char *fmt, ...)
{
	va_list ap;

	room(l, 512);
	va_start(ap, fmt);
	l->len += (size_t)vsnprintf(l->buf + l->len, 512, fmt, ap);
	va_end(ap);
}

/* What somebody else chose. */
static void put_foreign(struct line *l, const char *s, size_t len)
{
	room(l, len * 4 + 1);
	l->len += escape(s, len, l->t->ascii ? ESC_ASCII : 0, l->buf + l->len, len * 4 + 1);
}

/* The cell is done. */
static void next(struct line *l)
{
	size_t begin = l->at ? l->end[l->at - 1] : 0;

	l->end[l->at] = l->len;
	l->wide[l->at] = 0;
	for (size_t i = begin; i < l->len; i++)
		if ((unsigned char)l->buf[i] >= 0x80) {
			room(l, 1);
			l->buf[l->len] = '\0';
			l->wide[l->at] = escaped_width(l->buf + begin);
			break;
		}
	l->at++;
}

static size_t cell_width(const struct line *l, enum col c)
{
	return l->wide[c] ? l->wide[c] : l->end[c] - (c ? l->end[c - 1] : 0);
}

/* --- cells: addresses ------------------------------------------------------------------------------------------------------------------- */

static void put_port(struct line *l, uint32_t port, enum sock_netid netid)
{
	const char *name = port && l->t->service ? l->t->service(port, netid, l->t->arg) : NULL;

	if (!port)
		put(l, "*");
	else if (name)
		put(l, name);
	else
		put_num(l, port);
}

/* Where the kernel tells nothing of the other end, ss prints the zeroes that stand in the message. */
static void put_ip(struct line *l, const struct snap_socket *s, const char *addr, const char *device)
{
	bool v6only = s->known & s->flags & SOCKF_V6ONLY;

	if (s->family == ADDR_INET) {
		put(l, addr ? addr : "0.0.0.0");
	} else if ((!addr || !strcmp(addr, "::")) && !v6only) {
		put(l, "*");
	} else {
		put(l, "[");
		put(l, addr ? addr : "::");
		put(l, "]");
	}
	if (device) {
		put(l, "%");
		put_foreign(l, device, strlen(device));
	}
	put(l, ":");
}

static void put_ip_ends(struct line *l, const struct sockrow *r)
{
	const struct snap_socket *s = r->socket;

	put_ip(l, s, s->addr, r->ends[0].ifname);
	next(l);
	put_port(l, s->port, s->netid);
	next(l);
	put_ip(l, s, s->peer, NULL);
	next(l);
	put_port(l, s->peer_port, s->netid);
	next(l);
}

static void put_unix_ends(struct line *l, const struct snap_socket *s)
{
	if (s->path) {
		size_t len = s->path_len ? s->path_len : strlen(s->path);
		char name[128]; /* ss shows each NUL of an abstract name as an @ */

		len = MIN(len, sizeof(name));
		memcpy(name, s->path, len);
		for (size_t i = 0; i < len && *name == '@'; i++)
			if (!name[i])
				name[i] = '@';
		put_foreign(l, name, len);
	} else {
		put(l, "*");
	}
	put(l, " ");
	next(l);
	put_num(l, s->ino);
	next(l);
	put(l, "* ");
	next(l);
	put_num(l, s->peer_ino);
	next(l);
}

static void put_no_peer(struct line *l)
{
	put(l, "*");
	next(l);
	next(l);
}

static void put_packet_ends(struct line *l, const struct sockrow *r)
{
	const struct snap_socket *s = r->socket;

	put(l, s->addr ? s->addr : "*");
	put(l, ":");
	next(l);
	if (r->ends[0].ifname)
		put_foreign(l, r->ends[0].ifname, strlen(r->ends[0].ifname));
	else if (OPT_VALUE(s->ifindex) && s->ifindex)
		put_f(l, "if%" PRId64, s->ifindex);
	else
		put(l, "*");
	next(l);
	put_no_peer(l);
}

/* linux/netlink.h's NETLINK_* as iproute2 calls them (etc/iproute2/nl_protos). */
static const char *const netlink_names[] = { "rtnl", "unused", "usersock", "fw", "tcpdiag", "nflog", "xfrm", "selinux", "iscsi", "audit",
					     "fiblookup", "connector", "nft", "ip6fw", "dec-rt", "uevent", "genl", NULL, "scsi-trans",
					     "ecryptfs", "rdma", "crypto" };

/* A family that we are told by its number or by its name. */
static void put_netlink_family(struct line *l, const char *family)
{
	uint32_t number;

	if (!l->t->process) {
		for (size_t i = 0; family && i < ARRAY_SIZE(netlink_names); i++)
			if (netlink_names[i] && !strcmp(netlink_names[i], family)) {
				put_num(l, i);
				return;
			}
	} else if (family && !parse_u32(family, &number) && number < ARRAY_SIZE(netlink_names) && netlink_names[number]) {
		family = netlink_names[number];
	}
	put(l, family ? family : "?");
}

static void put_netlink_ends(struct line *l, const struct snap_socket *s)
{
	const char *name = s->port && l->t->process ? l->t->process(s->port, l->t->arg) : NULL;

	put_netlink_family(l, s->addr);
	put(l, ":");
	next(l);
	if (s->port == UINT32_MAX) {
		put(l, "*");
	} else if (!s->port && l->t->process) {
		put(l, "kernel");
	} else {
		if (name) {
			put_foreign(l, name, strlen(name));
			put(l, "/");
		}
		if ((int32_t)s->port < 0)
			put(l, "-");
		put_num(l, (int32_t)s->port < 0 ? 0u - s->port : s->port);
	}
	next(l);
	put_no_peer(l);
}

/* --- cells: what stands behind ------------------------------------------------------------------------------------------------------------ */

static void put_holder(struct line *l, const struct sock_holder *h)
{
	put(l, "(\"");
	if (h->comm)
		put_foreign(l, h->comm, strlen(h->comm));
	put(l, "\",pid=");
	put_num(l, h->pid);
	if (OPT_VALUE(h->tid)) {
		put(l, ",tid=");
		put_num(l, (uint64_t)h->tid);
	}
	put(l, ",fd=");
	put_num(l, h->fd);
	put(l, ")");
}

/* Where the first of the holders is, if that is not where the socket is. */
static void put_moved(struct line *l, const struct sockrow *r)
{
	for (uint32_t i = 0; i < r->n_processes; i++)
		if (NSREF_KNOWN(r->processes[i].netns) && r->processes[i].netns != r->netns) {
			put_f(l, " (pid %u is in net:[%u])", r->processes[i].pid, r->processes[i].netns);
			return;
		}
}

static void put_holders(struct line *l, const struct sockrow *r)
{
	for (uint32_t i = 0; i < r->n_processes; i++) {
		put(l, i ? "," : " users:(");
		put_holder(l, &r->processes[i]);
	}
	if (r->n_processes)
		put(l, ")");
	if (!l->t->people)
		return;
	if (!r->n_processes && r->ino)
		put(l, l->t->unsure ? " (nobody known has it open)" : " (nobody has it open)");
	put_moved(l, r);
	if (r->published) {
		put(l, " -> ");
		put_foreign(l, r->published, strlen(r->published));
	}
}

static void put_ms(struct line *l, int64_t ms)
{
	int64_t seconds = ms / 1000 % 60, minutes = ms / 60000;

	ms %= 1000;
	if (minutes) {
		ms = 0;
		put_f(l, "%" PRId64 "min", minutes);
		if (minutes > 9)
			seconds = 0;
	}
	if (seconds) {
		if (seconds > 9)
			ms = 0;
		put_f(l, "%" PRId64 "%s", seconds, ms ? "." : "sec");
	}
	if (ms)
		put_f(l, "%03" PRId64 "ms", ms);
}

static void put_timer(struct line *l, const struct sockrow *r)
{
	if (!r->timer || !is_ip(r->socket))
		return;
	put_f(l, " timer:(%s,", r->timer->name);
	put_ms(l, MAX(r->timer->expires_ms, 0));
	put_f(l, ",%u)", r->timer->retrans);
}

static void put_shutdown(struct line *l, const struct snap_socket *s)
{
	if (s->known & (SOCKF_SHUT_RD | SOCKF_SHUT_WR))
		put_f(l, " %c-%c", s->flags & SOCKF_SHUT_RD ? '-' : '<', s->flags & SOCKF_SHUT_WR ? '-' : '>');
}

static void put_option(struct line *l, const char *name, int8_t set, bool *any)
{
	if (set <= 0)
		return;
	put(l, *any ? "," : " opts:");
	put(l, name);
	*any = true;
}

/* What ss cannot tell. */
static void put_more_details(struct line *l, const struct sockrow *r)
{
	const struct sock_options *o = &r->opts;
	bool any = false;

	if (OPT_VALUE(r->inner_uid) && r->inner_uid != r->uid)
		put_f(l, " inner_uid:%" PRId64, r->inner_uid);
	put_option(l, "reuseaddr", o->reuseaddr, &any);
	put_option(l, "reuseport", o->reuseport, &any);
	put_option(l, "freebind", o->freebind, &any);
	put_option(l, "transparent", o->transparent, &any);
	put_option(l, "bind_address_no_port", o->bind_address_no_port, &any);
	put_option(l, "mptcp_subflow", o->mptcp_subflow, &any);
}

static void put_unix_details(struct line *l, const struct snap_socket *s)
{
	put_shutdown(l, s);
	if (s->vfs_ino)
		put_f(l, " ino:%" PRIu64 " dev:%u/%u", s->vfs_ino, major(s->vfs_dev), minor(s->vfs_dev));
}

static void put_details(struct line *l, const struct sockrow *r)
{
	const struct snap_socket *s = r->socket;

	if (is_unix(s)) {
		put_unix_details(l, s);
		return;
	}
	if (s->netid == NETID_NETLINK)
		return;
	if (s->uid)
		put_f(l, " uid:%u", s->uid);
	put_f(l, " ino:%" PRIu64 " sk:%" PRIx64, s->ino, s->cookie);
	if (OPT_VALUE(s->mark) && s->mark)
		put_f(l, " fwmark:0x%" PRIx64, (uint64_t)s->mark);
	if (r->cgroup) {
		put(l, " cgroup:");
		put_foreign(l, r->cgroup, strlen(r->cgroup));
	} else if (s->cgroup) {
		put_f(l, " cgroup:unreachable:%" PRIx64, s->cgroup);
	}
	if (is_ip(s) && s->family == ADDR_INET6 && s->known & SOCKF_V6ONLY)
		put_f(l, " v6only:%d", (s->flags & SOCKF_V6ONLY) != 0);
	if (is_ip(s))
		put_shutdown(l, s);
	if (l->t->people)
		put_more_details(l, r);
}

static void put_memory(struct line *l, const struct sockrow *r)
{
	const struct sock_mem *m = r->memory;

	if (!m)
		return;
	put_f(l, " skmem:(r%u,rb%u,t%u,tb%u,f%u,w%u,o%u", m->rmem_alloc, m->rcvbuf, m->wmem_alloc, m->sndbuf, m->fwd_alloc, m->wmem_queued,
	      m->optmem);
	if (r->socket->n_mem > 7)
		put_f(l, ",bl%u", m->backlog);
	if (r->socket->n_mem > 8)
		put_f(l, ",d%u", m->drops);
	put(l, ")");
}

/* --- -i ---------------------------------------------------------------------------------------------------------------------------------- */

static void put_count(struct line *l, const char *name, uint64_t v)
{
	if (v)
		put_f(l, " %s:%" PRIu64, name, v);
}

static void put_rate(struct line *l, const char *name, double bits)
{
	static const struct {
		double least;
		char unit;
	} units[] = { { 1e12, 'T' }, { 1e9, 'G' }, { 1e6, 'M' }, { 1e3, 'k' } };

	if (bits <= 0)
		return;
	if (!l->t->service) { /* -n */
		put_f(l, " %s %.0fbps", name, bits);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (bits >= units[i].least) {
			put_f(l, " %s %.3g%cbps", name, bits / units[i].least, units[i].unit);
			return;
		}
	put_f(l, " %s %gbps", name, bits);
}

static void put_rates(struct line *l, const struct snap_tcp_info *i)
{
	if (i->rtt && i->snd_mss && i->cwnd)
		put_rate(l, "send", (double)i->cwnd * i->snd_mss * 8000000. / i->rtt);
	put_count(l, "lastsnd", i->last_snd);
	put_count(l, "lastrcv", i->last_rcv);
	put_count(l, "lastack", i->last_ack);
	if (i->pacing_rate != UINT64_MAX)
		put_rate(l, "pacing_rate", (double)i->pacing_rate * 8.);
	put_rate(l, "delivery_rate", (double)i->delivery_rate * 8.);
	put_count(l, "unacked", i->unacked);
	if (i->retrans || i->total_retrans)
		put_f(l, " retrans:%u/%u", i->retrans, i->total_retrans);
	put_count(l, "lost", i->lost);
	if (i->min_rtt && i->min_rtt != UINT32_MAX)
		put_f(l, " minrtt:%g", (double)i->min_rtt / 1000);
}

static void put_info(struct line *l, const struct snap_tcp_info *i)
{
	if (l->t->timers && i->timestamps)
		put(l, " ts");
	if (l->t->timers && i->sack)
		put(l, " sack");
	if (l->t->timers && i->ecn)
		put(l, " ecn");
	if (i->congestion && *i->congestion) {
		put(l, " ");
		put_foreign(l, i->congestion, strlen(i->congestion));
	}
	if (OPT_VALUE(i->snd_wscale))
		put_f(l, " wscale:%" PRId64 ",%" PRId64, i->snd_wscale, i->rcv_wscale);
	if (i->rto && i->rto != 3000000)
		put_f(l, " rto:%g", (double)i->rto / 1000);
	if (i->rtt)
		put_f(l, " rtt:%g/%g", (double)i->rtt / 1000, (double)i->rttvar / 1000);
	put_count(l, "mss", i->snd_mss);
	put_count(l, "pmtu", i->pmtu);
	put_count(l, "rcvmss", i->rcv_mss);
	put_count(l, "advmss", i->advmss);
	put_count(l, "cwnd", i->cwnd);
	if (i->ssthresh < 0xffff)
		put_count(l, "ssthresh", i->ssthresh);
	put_count(l, "bytes_acked", i->bytes_acked);
	put_count(l, "bytes_received", i->bytes_received);
	put_count(l, "segs_out", i->segs_out);
	put_count(l, "segs_in", i->segs_in);
	put_rates(l, i);
}

static bool has_info_line(const struct socktext *t, const struct snap_socket *s)
{
	return is_ip(s) && (t->memory || (t->info && s->netid != NETID_UDP && s->netid != NETID_UDPLITE));
}

static void put_behind(struct line *l, const struct sockrow *r)
{
	const struct socktext *t = l->t;

	if (l->skip_behind) { /* its width does not matter: only that there is such a column */
		put(l, " ");
		next(l);
		return;
	}
	if (t->processes)
		put_holders(l, r);
	if (t->timers)
		put_timer(l, r);
	if (t->extended)
		put_details(l, r);
	if (has_info_line(t, r->socket) && !t->oneline)
		put(l, "\n\t");
	if (t->memory)
		put_memory(l, r);
	if (t->info && r->info)
		put_info(l, r->info);
	next(l);
}

/* --- all of it ------------------------------------------------------------------------------------------------------------------------------ */

static void put_queue(struct line *l, uint32_t n)
{
	size_t before = l->len;

	put_num(l, n);
	while (l->len - before < 6)
		put(l, " ");
	next(l);
}

static void format(struct line *l, const struct sockrow *r)
{
	const struct snap_socket *s = r->socket;

	l->len = 0;
	l->at = 0;
	if (l->t->where)
		put_foreign(l, r->where, strlen(r->where));
	next(l);
	if (l->t->netid)
		put(l, r->netid);
	next(l);
	if (l->t->state)
		put(l, r->state);
	next(l);
	put_queue(l, s->recv_q);
	put_queue(l, s->send_q);
	if (is_ip(s))
		put_ip_ends(l, r);
	else if (is_unix(s))
		put_unix_ends(l, s);
	else if (s->netid == NETID_NETLINK)
		put_netlink_ends(l, s);
	else
		put_packet_ends(l, r);
	put_behind(l, r);
}

static void format_header(struct line *l)
{
	l->len = 0;
	l->at = 0;
	for (enum col c = 0; c < COLS; c++) {
		if ((c != C_WHERE || l->t->where) && (c != C_NETID || l->t->netid) && (c != C_STATE || l->t->state))
			put(l, c == C_PROCESS && l->t->people ? " Process" : cols[c].header); /* ss's own sticks to the port's */
		next(l);
	}
}

static void blanks(FILE *f, size_t n)
{
	while (n--)
		putc_unlocked(' ', f);
}

/* ss does not count the last line's last cell, which it has not finished when it measures. */
static void measure(const struct line *l, size_t *widths, bool last)
{
	for (enum col c = 0; c < (last && !l->t->people ? C_PROCESS : COLS); c++)
		widths[c] = MAX(widths[c], cell_width(l, c));
}

/* Bytes of the last cell that a line of the terminal has room for. */
static size_t fit(struct line *l, enum col c, size_t used)
{
	size_t begin = l->end[c - 1], len = l->end[c] - begin;

	if (!l->t->width || memchr(l->buf + begin, '\n', len))
		return len;
	room(l, 1);
	l->buf[l->len] = '\0';
	return escaped_fit(l->buf + begin, l->t->width > used ? l->t->width - used : 0, NULL);
}

/* A column without content does not exist; all others are as wide as their widest cell and what stands before it. */
static void print(struct line *l, const size_t *widths, FILE *f)
{
	bool started = false;
	size_t used = 0;

	for (enum col c = 0; c < COLS; c++) {
		const char *text = l->buf + (c ? l->end[c - 1] : 0);
		size_t len = l->end[c] - (c ? l->end[c - 1] : 0), width = cell_width(l, c);
		size_t before = started ? strlen(cols[c].before) : 0;

		if (!widths[c] && !len)
			continue;
		fwrite_unlocked(cols[c].before, 1, before, f);
		if (cols[c].right)
			blanks(f, widths[c] - width);
		fwrite_unlocked(text, 1, c == C_PROCESS ? fit(l, c, used + before) : len, f);
		if (!cols[c].right && (c != C_PROCESS || !l->t->people))
			blanks(f, widths[c] > width ? widths[c] - width : 0);
		used += before + widths[c];
		started = true;
	}
	putc_unlocked('\n', f);
}

/* Twice over all: how wide, and then the text. Nothing is kept of a line. */
void socktext_print(const struct socktext *t, struct sockrows *rows, const uint32_t *items, size_t n, FILE *f)
{
	const struct snap *s = rows->ix->snap;
	struct line l = { .t = t };
	size_t widths[COLS] = { 0 };
	struct sockrow row;
	bool holders = rows->holders;

	if (t->header) {
		format_header(&l);
		measure(&l, widths, false);
	}
	for (int pass = 0; pass < 2; pass++) {
		uint32_t inum = 0;

		l.skip_behind = !pass && t->people;
		rows->holders = holders && !l.skip_behind;
		if (pass && t->header)
			format_header(&l), print(&l, widths, f);
		for (size_t i = 0; i < n; i++) {
			const struct snap_socket *sock = &s->sockets[items[i]];

			if (sock->ns != inum)
				sockrows_enter(rows, index_ns(rows->ix, NS_NET, sock->ns));
			inum = sock->ns;
			sockrows_fill(rows, &row, sock);
			format(&l, &row);
			if (pass)
				print(&l, widths, f);
			else
				measure(&l, widths, i + 1 == n);
		}
	}
	free(l.buf);
}
