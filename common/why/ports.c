// SPDX-License-Identifier: GPL-2.0-or-later
/* Is there a port to choose? bind() to port 0 (inet_csk_find_open_port, udp_lib_get_port) and connect() (__inet_hash_connect). */
#include "why/checks.h"
#include "why/conflict.h"
#include "why/holders.h"
#include "why/look.h"
#include "why/seen.h"

struct port_set {
	uint64_t bits[65536 / 64];
};

static bool set_has(const struct port_set *p, uint32_t port)
{
	return p->bits[port / 64] >> port % 64 & 1;
}

static void set_add(struct port_set *p, uint32_t port)
{
	p->bits[port / 64] |= 1ull << port % 64;
}

/* "8080,9148-9150" (proc_do_large_bitmap, kernel/sysctl.c) */
static void parse_ports(const char *text, struct port_set *p)
{
	while (text && *text) {
		char *end;
		unsigned long first = strtoul(text, &end, 10), last = first;

		if (end == text)
			return;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		for (; first <= last && first <= 65535; first++)
			set_add(p, (uint32_t)first);
		text = *end ? end + 1 : end;
	}
}

/*
 * A connection that has ended may be taken over by another one to the same peer after a second (tcp_twsk_unique, net/ipv4/tcp_ipv4.c): by
 * default (2) between addresses of this host. It has waited for what is not left of the minute.
 */
static bool is_past(const struct why_state *st, const struct snap_socket *x, const struct ipaddr *peer)
{
	enum { WHOLE_MS = 60000, DELAY_MS = 1000 };
	int64_t reuse = look_sysctl_number(st->s, x->ns, "net.ipv4.tcp_tw_reuse");

	return x->state == STATE_TIME_WAIT && (reuse == 1 || (reuse == 2 && ipaddr_is_loopback(peer))) &&
	       OPT_VALUE(x->expires_ms) && x->expires_ms < WHOLE_MS - DELAY_MS;
}

/* The figures of the namespace's connections, by cookies. */
struct figures {
	const struct snap_tcp_info *all;
	struct idmap by_cookie;
};

static void read_figures(const struct why_state *st, struct figures *f)
{
	uint32_t n;

	*f = (struct figures){ .all = SNAP_RANGE(st->s, tcp_infos, st->q->ns, &n) };
	for (uint32_t i = 0; i < n; i++)
		idmap_add(&f->by_cookie, f->all[i].cookie, i);
}

/*
 * connect() takes a port that nobody has bound, or that only connections have which it made itself, as long as not the same peer is
 * asked for once more. One that was accepted has its listener's.
 */
static bool takes_from_connect(const struct why_state *st, const struct snap_socket *x, const struct figures *f)
{
	struct ipaddr peer;
	uint32_t i;

	if (x->state == STATE_LISTEN || x->state == STATE_BOUND || x->state == STATE_UNCONN)
		return true;
	if (!x->peer || ipaddr_parse(x->peer, &peer))
		return false;
	i = x->cookie ? idmap_get(&f->by_cookie, x->cookie) : IDMAP_NONE;
	if (i != IDMAP_NONE && look_opened(x, &f->all[i]) == 0)
		return true;
	peer = ipaddr_unmap(&peer);
	return x->peer_port == st->q->port && ipaddr_equal(&peer, &st->q->addr) && !is_past(st, x, &peer);
}

static void mark_used(const struct why_state *st, struct port_set *used)
{
	struct conflict_sock asker = holders_asker(st);
	struct figures figures;
	uint32_t n;
	const struct snap_socket *all = SNAP_RANGE(st->s, sockets, st->q->ns, &n);

	read_figures(st, &figures);
	for (uint32_t i = 0; i < n; i++) {
		struct conflict_sock there;

		if (!holders_same_table(st->q->netid, all[i].netid) || !all[i].port || all[i].port > 65535 ||
		    !holders_model(st->s, &all[i], &there))
			continue;
		/* UDP chooses for connect() as it does for bind(). */
		if (st->q->call == CALL_CONNECT && !asker.udp ? takes_from_connect(st, &all[i], &figures)
							      : conflict_choosing(&there, &asker) == CONFLICT_YES)
			set_add(used, all[i].port);
	}
	idmap_done(&figures.by_cookie);
}

struct range {
	uint32_t low, high, n_reserved, n_used;
	const char *text, *reserved;
};

static void no_port(struct why_state *st, const struct range *r)
{
	bool reserved = r->n_reserved == r->high - r->low + 1;
	bool udp = st->q->netid == NETID_UDP || st->q->netid == NETID_UDPLITE;
	int64_t start;
	int err = st->q->call != CALL_CONNECT ? EADDRINUSE : udp ? EAGAIN /* inet_autobind */ : EADDRNOTAVAIL;

	why_add(st, reserved ? "local-ports-all-reserved" : "local-port-range-exhausted", err);
	if (reserved)
		why_summary(st, "all ports that the kernel may choose are reserved");
	else
		why_summary(st, "no port is left of the %u that the kernel may choose from", r->high - r->low + 1);
	why_number(st, "netns", st->q->ns);
	why_text(st, "ip_local_port_range", r->text);
	why_text(st, "ip_local_reserved_ports", r->reserved && *r->reserved ? r->reserved : NULL);
	why_number(st, "used_ports", r->n_used);
	why_line(st, "rule", "net.ipv4.ip_local_port_range = %u %u; %u reserved (ip_local_reserved_ports%s%s), %u in use", r->low,
		 r->high, r->n_reserved, r->reserved && *r->reserved ? " = " : "", r->reserved ? r->reserved : "", r->n_used);
	if (reserved) {
		why_line(st, "also", "a port that is named explicitly can be bound: reservations only steer the choice");
		why_advise(st, "reserve less:  %ssysctl -w net.ipv4.ip_local_reserved_ports=''", look_enter(st, st->q->ns));
	}
	start = look_sysctl_number(st->s, st->q->ns, "net.ipv4.ip_unprivileged_port_start");
	why_advise(st, "%swiden the range:  %ssysctl -w net.ipv4.ip_local_port_range='%lld 65535'", reserved ? "or " : "",
		   look_enter(st, st->q->ns), (long long)MAX(start, (int64_t)1024));
	if (!reserved) {
		why_advise(st, "or see who has them, it may be a leak:  nsnet %s %u", udp ? "-uanp" : "-tanp", st->q->ns);
		why_advise(st, "or, in clients that bind an address: IP_BIND_ADDRESS_NO_PORT");
	}
}

void check_port_range(struct why_state *st)
{
	struct range r = { .text = look_sysctl(st->s, st->q->ns, "net.ipv4.ip_local_port_range"),
			   .reserved = look_sysctl(st->s, st->q->ns, "net.ipv4.ip_local_reserved_ports") };
	CLEAN_MEM struct port_set *reserved = NULL, *used = NULL;

	if ((st->q->call != CALL_CONNECT && st->q->port) || st->q->netid >= NETID_RAW)
		return;
	if (!look_port_range(st->s, st->q->ns, &r.low, &r.high)) {
		why_skip(st, "net.ipv4.ip_local_port_range", NULL, "not in the snapshot");
		return;
	}
	if (!seen_part(st, SEEN_SOCKETS))
		return;
	reserved = xcalloc(1, sizeof(*reserved));
	used = xcalloc(1, sizeof(*used));
	parse_ports(r.reserved, reserved);
	mark_used(st, used);
	for (uint32_t port = r.low; port <= r.high; port++) {
		r.n_reserved += set_has(reserved, port);
		r.n_used += !set_has(reserved, port) && set_has(used, port);
	}
	if (r.n_reserved + r.n_used == r.high - r.low + 1)
		no_port(st, &r);
}
