// SPDX-License-Identifier: GPL-2.0-or-later
/* Who holds a port, by what connections hold and leave behind, and another one that listens. */
#include "why/look.h"
#include "why/refine.h"
#include "why/seen.h"

static bool is_at_listen(const struct refining *r)
{
	return r->listening && HOLDER->x->state == STATE_LISTEN;
}

static void tell_at_listen(const struct refining *r)
{
	why_summary(ST, "%s listens there already", refine_who(r));
	why_bool(ST, "both_reuseaddr", r->asker_sock->reuseaddr == 1 && HOLDER->sock.reuseaddr == 1);
	why_line(ST, "rule",
		 "listen() asks for the port again: with SO_REUSEADDR two may bind, but only one may listen "
		 "(inet_csk_listen_start)");
	why_advise(ST, "stop one of them%s", HOLDER->task ? why_printf(ST, ":  %s", look_end(ST, HOLDER->task)) : "");
	why_advise(ST, "or set SO_REUSEPORT in both, before bind()");
}

static bool is_time_wait(const struct refining *r)
{
	return HOLDER->x->state == STATE_TIME_WAIT;
}

static void tell_time_wait(const struct refining *r)
{
	const struct snap_socket *x = HOLDER->x;

	why_summary(ST, "a connection that has ended waits there (TIME-WAIT)");
	why_text(ST, "state", "TIME_WAIT");
	why_number(ST, "inode", 0);
	why_bool(ST, "no_process", true);
	why_line(ST, "rule",
		 "it is out of the way only if its socket and the new one have set SO_REUSEADDR; the new one alone does not help");
	why_advise(ST, "set SO_REUSEADDR in the server, before bind(), from now on");
	why_advise(ST, "this once: wait %s%lld s", OPT_VALUE(x->expires_ms) ? "" : "up to ",
		   OPT_VALUE(x->expires_ms) ? (long long)(x->expires_ms + 999) / 1000 : 60);
}

static bool is_orphan(const struct refining *r)
{
	const uint32_t closing = 1u << STATE_FIN_WAIT1 | 1u << STATE_FIN_WAIT2 | 1u << STATE_LAST_ACK | 1u << STATE_CLOSING;

	return !HOLDER->x->ino && closing >> HOLDER->x->state & 1;
}

/* What ss calls a state that an orphan may be in. */
static const char *ss_word(uint8_t state)
{
	switch (state) {
	case STATE_LAST_ACK:
		return "last-ack";
	case STATE_CLOSING:
		return "closing";
	case STATE_FIN_WAIT1:
		return "fin-wait-1";
	default:
		return "fin-wait-2";
	}
}

static void tell_orphan(const struct refining *r)
{
	const struct snap_socket *x = HOLDER->x;

	why_summary(ST, "a connection that its process has closed still holds it (%s)", sock_state_names[x->state]);
	why_text(ST, "state", sock_state_names[x->state]);
	why_number(ST, "inode", 0);
	why_bool(ST, "no_process", true);
	why_line(ST, "rule", "the kernel keeps a closed socket until the peer (%s) has confirmed, or time is up",
		 look_endpoint(ST, x->peer, x->peer_port));
	/* by both ends: others in that state have a process, which shuts down its half */
	why_advise(ST, "destroy it:  %sss -K state %s sport = :%u dst %s", look_enter(ST, x->ns), ss_word(x->state), ST->q->port,
		   look_endpoint(ST, x->peer, x->peer_port));
	why_advise(ST, "or wait; and set SO_REUSEADDR in the server from now on");
}

/* --- connections ----------------------------------------------------------------------------------------------------------- */

static bool in_range(const struct refining *r, uint32_t port)
{
	uint32_t low, high;

	look_port_range(ST->s, HOLDER->x->ns, &low, &high);
	return port >= low && port <= high;
}

static bool is_connection(const struct refining *r)
{
	const uint32_t not = 1u << STATE_LISTEN | 1u << STATE_BOUND | 1u << STATE_UNCONN | 1u << STATE_TIME_WAIT;

	return !HOLDER->sock.udp && !(not >> HOLDER->x->state & 1) && HOLDER->x->peer_port;
}

enum side { SIDE_UNKNOWN, SIDE_OPENED, SIDE_ACCEPTED };

static enum side side_by_figures(const struct refining *r)
{
	uint32_t n;
	const struct snap_tcp_info *all = SNAP_RANGE(ST->s, tcp_infos, HOLDER->x->ns, &n);

	for (uint32_t i = 0; i < n; i++)
		if (all[i].cookie == HOLDER->x->cookie) {
			int opened = look_opened(HOLDER->x, &all[i]);

			return opened < 0 ? SIDE_UNKNOWN : opened ? SIDE_OPENED : SIDE_ACCEPTED;
		}
	return SIDE_UNKNOWN;
}

/* Else the side whose port is in the range of choice, where the other's is not, is the client. */
static enum side side_of(const struct refining *r)
{
	bool mine = in_range(r, HOLDER->x->port), theirs = in_range(r, HOLDER->x->peer_port);
	enum side side = HOLDER->x->state == STATE_SYN_SENT ? SIDE_OPENED : side_by_figures(r);

	if (side != SIDE_UNKNOWN || mine == theirs)
		return side;
	return mine ? SIDE_OPENED : SIDE_ACCEPTED;
}

/* In UDP servers may connect() as well, and there are no figures. */
static bool is_client(const struct refining *r)
{
	bool connected = is_connection(r) || (HOLDER->sock.udp && HOLDER->x->state == STATE_ESTAB && HOLDER->x->peer_port);

	return connected && in_range(r, HOLDER->x->port) && side_of(r) == SIDE_OPENED;
}

static bool is_established(const struct refining *r)
{
	return is_connection(r) && !is_client(r);
}

static bool has_listener(const struct refining *r)
{
	uint32_t n;
	const struct snap_socket *all = SNAP_RANGE(ST->s, sockets, HOLDER->x->ns, &n);

	for (uint32_t i = 0; i < n; i++)
		if (all[i].state == STATE_LISTEN && all[i].port == HOLDER->x->port &&
		    holders_same_table(all[i].netid, HOLDER->x->netid))
			return true;
	return false;
}

/* From a port out of the range: nobody but the program itself can have chosen it. */
static void tell_opened(const struct refining *r)
{
	why_summary(ST, "%s has bound it for a connection of its own, to %s", refine_who(r),
		    look_endpoint(ST, HOLDER->x->peer, HOLDER->x->peer_port));
	why_text(ST, "state", sock_state_names[HOLDER->x->state]);
	why_line(ST, "rule", "a client that binds a port before it connects holds it as a server would");
	if (HOLDER->task)
		why_advise(ST, "now: end that connection, or its process:  %s", look_end(ST, HOLDER->task));
	why_advise(ST, "for good: have the client leave the choice to the kernel, with no bind() before connect()");
}

static void tell_established(const struct refining *r)
{
	enum side side = side_of(r);

	if (side == SIDE_OPENED) {
		tell_opened(r);
		return;
	}
	why_summary(ST, "%s has an established connection there, %s", refine_who(r),
		    side == SIDE_UNKNOWN ? "accepted by a listener, or opened by itself: that can't be told"
		    : has_listener(r)    ? "which stays when its listener ends"
					 : "of a listener that is gone");
	why_text(ST, "state", sock_state_names[HOLDER->x->state]);
	why_line(ST, "rule",
		 "accepted connections keep their listener's port: a new one needs SO_REUSEADDR in both, before bind()");
	if (HOLDER->task)
		why_advise(ST, "%s:  %s", side == SIDE_UNKNOWN ? "end that connection, or its process" : "end the old worker",
			   look_end(ST, HOLDER->task));
	why_advise(ST, "%sset SO_REUSEADDR in the server from now on", HOLDER->task ? "and " : "");
}

static void tell_client(const struct refining *r)
{
	const char *reserved = look_sysctl(ST->s, HOLDER->x->ns, "net.ipv4.ip_local_reserved_ports");

	why_summary(ST, "%s has it for %s connection to %s", refine_who(r),
		    HOLDER->x->state == STATE_ESTAB ? "an established" : "a",
		    look_endpoint(ST, HOLDER->x->peer, HOLDER->x->peer_port));
	why_text(ST, "connected_to", look_endpoint(ST, HOLDER->x->peer, HOLDER->x->peer_port));
	why_text(ST, "ip_local_port_range", look_sysctl(ST->s, HOLDER->x->ns, "net.ipv4.ip_local_port_range"));
	why_text(ST, "state", sock_state_names[HOLDER->x->state]);
	why_line(ST, "rule",
		 "an outgoing connection has this port, which is in net.ipv4.ip_local_port_range; SO_REUSEADDR of a listener "
		 "does not help");
	if (HOLDER->task)
		why_advise(ST, "now: end that connection, or its process:  %s", look_end(ST, HOLDER->task));
	why_advise(ST, "for good: reserve the port:  %ssysctl -w net.ipv4.ip_local_reserved_ports=%s%s%u",
		   look_enter(ST, HOLDER->x->ns), reserved ? reserved : "", reserved && *reserved ? "," : "", ST->q->port);
	why_advise(ST, "or move the service out of the range");
}

const struct refinement refine_connections[] = {
	{ "port-in-use-at-listen", is_at_listen, tell_at_listen },
	{ "time-wait", is_time_wait, tell_time_wait },
	{ "orphaned-socket", is_orphan, tell_orphan },
	{ "port-in-use-established", is_established, tell_established },
	{ "ephemeral-port-clash", is_client, tell_client },
	{ 0 },
};
