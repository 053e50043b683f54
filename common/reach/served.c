// SPDX-License-Identifier: GPL-2.0-or-later
/* The sockets that get it: do their processes answer? */
#include <netinet/in.h>

#include "reach/trip.h"
#include "why/halted.h"

const struct snap_task *served_holder(const struct why_state *st, const struct snap_socket *x)
{
	uint32_t n;
	const struct snap_socket_fd *fds = snap_socket_fds(st->s, x->ino, &n);

	return n ? look_task(st->ix, fds[0].pid) : NULL;
}

bool served_is_broker(const struct snap_task *h)
{
	static const char *const names[] = { "docker-proxy", "dockerd", "rootlesskit", "rootlessport",
					     "slirp4netns",  "pasta",   "passt",       "conmon" };

	for (size_t i = 0; h && h->comm && i < ARRAY_SIZE(names); i++)
		if (!strcmp(h->comm, names[i]))
			return true;
	return false;
}

static void socket_facts(struct why_state *st, const struct snap_socket *x, const char *pid_key)
{
	const struct snap_task *h = served_holder(st, x);

	if (h)
		why_number(st, pid_key, h->pid);
	why_text(st, "listener_addr", x->addr);
	why_number(st, "listener_inode", x->ino);
	if (x->state == STATE_LISTEN) {
		why_number(st, "recv_q", x->recv_q);
		why_number(st, "send_q", x->send_q);
		why_bool(st, "recv_q_nonzero", x->recv_q > 0);
	}
}

static const char *holder_words(struct why_state *st, const struct snap_socket *x)
{
	const struct snap_task *h = served_holder(st, x);

	return h ? look_task_words(st, h) : "the server";
}

static void add_halted(struct trip *t, const struct snap_socket *x, const struct snap_halt *h)
{
	halted_tell(t->st, holder_words(t->st, x), h);
	socket_facts(t->st, x, "listener_pid");
}

/* --- queues -------------------------------------------------------------------------------------------------------------------------- */

static int64_t counter(const struct snap *s, uint32_t ns, const char *key)
{
	uint32_t n;
	const struct snap_counter *all = SNAP_RANGE(s, counters, ns, &n);

	for (uint32_t i = 0; i < n; i++)
		if (!strcmp(all[i].key, key))
			return (int64_t)all[i].value;
	return OPT_NONE;
}

/* sk_acceptq_is_full, include/net/sock.h: longer than the backlog, not just as long. */
static bool is_full(const struct snap_socket *x)
{
	return x->state == STATE_LISTEN && x->recv_q > x->send_q;
}

static void add_full(struct trip *t, const struct snap_socket *x)
{
	struct why_state *st = t->st;
	int64_t overflows = counter(st->s, x->ns, "TcpExt.ListenOverflows");

	/* tcp_abort_on_overflow answers only who was let in before it was full: a SYN is dropped all the same (tcp_conn_request). */
	why_add(st, "accept-queue-full", ETIMEDOUT);
	why_summary(st, "the queue of %s is full, and it does not accept(): connections that wait: %u, allowed: %u",
		    holder_words(st, x), x->recv_q, x->send_q);
	socket_facts(st, x, "listener_pid");
	if (OPT_VALUE(overflows))
		why_number(st, "listen_overflows", (uint64_t)overflows);
	why_line(st, "rule", "a queue longer than min(backlog, somaxconn) drops new connections");
	if (served_holder(st, x))
		why_advise(st, "look at what it does instead:  cat /proc/%u/stack", served_holder(st, x)->pid);
	why_advise(st, "a longer queue (backlog, net.core.somaxconn) only delays it");
}

/* Connections that no file has yet and whose client has given up already: whoever does not fetch those is stuck. */
static bool has_abandoned(const struct snap *s, const struct snap_socket *x)
{
	uint32_t n;
	const struct snap_socket *all = SNAP_RANGE(s, sockets, x->ns, &n);

	for (uint32_t i = 0; i < n; i++)
		if (all[i].port == x->port && all[i].state == STATE_CLOSE_WAIT && !all[i].ino)
			return true;
	return false;
}

static bool is_stuck(const struct why_state *st, const struct snap_socket *x)
{
	if (x->state != STATE_LISTEN)
		return halted_by(st, x); /* of datagrams the queue is bytes, and fills and empties */
	return halted_by(st, x) || is_full(x) || x->recv_q > 1 || (x->recv_q && has_abandoned(st->s, x));
}

static bool shares_port(const struct snap_socket *x)
{
	return x->known & SOCKF_REUSEPORT && x->flags & SOCKF_REUSEPORT;
}

/* SO_REUSEPORT: each member gets its share by a hash (reuseport_select_sock, net/core/sock_reuseport.c), whether it accepts or not. */
static void check_group(struct trip *t, const struct snap_socket *const *found, size_t n)
{
	struct why_state *st = t->st;
	const struct snap_socket *good = NULL, *stuck = NULL;

	for (size_t i = 0; i < n; i++) {
		if (!is_stuck(st, found[i]))
			good = good ? good : found[i];
		else if (!stuck || found[i]->recv_q > stuck->recv_q)
			stuck = found[i];
	}
	if (!stuck)
		return;
	if (!good) {
		if (halted_by(st, stuck))
			add_halted(t, stuck, halted_by(st, stuck));
		else if (is_full(stuck))
			add_full(t, stuck);
		return;
	}
	why_add(st, "reuseport-member-stuck", ETIMEDOUT)->degrades = true;
	if (stuck->state == STATE_LISTEN)
		why_summary(st, "a part of the connections hangs: %s shares the port and does not accept() (%u wait)",
			    holder_words(st, stuck), stuck->recv_q);
	else
		why_summary(st, "a part of the datagrams is lost: %s shares the port and does not run", holder_words(st, stuck));
	if (served_holder(st, good))
		why_number(st, "listener_pid", served_holder(st, good)->pid);
	socket_facts(st, stuck, "stuck_pid");
	why_bool(st, "stuck_recv_q_nonzero", stuck->recv_q > 0);
	why_line(st, "rule",
		 "with SO_REUSEPORT the kernel spreads what comes over all members by a hash, whether or not they take it");
	if (halted_by(st, stuck) && halted_by(st, stuck)->kind == HALT_STOPPED)
		why_advise(st, "let it go on:  kill -CONT %u", halted_by(st, stuck)->pid);
	else if (served_holder(st, stuck))
		why_advise(st, "end or repair it:  %s", look_end(st, served_holder(st, stuck)));
}

/* --- another one gets it -------------------------------------------------------------------------------------------------------------- */

/* Is the answer expected from this one: does the process, or container, that was named have it open? */
static bool is_meant(const struct trip *t, const struct snap_socket *x)
{
	const struct why_state *st = t->st;
	uint32_t n;
	const struct snap_socket_fd *fds = snap_socket_fds(st->s, x->ino, &n);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t at = index_task(st->ix, fds[i].pid);

		if (at != IDMAP_NONE && target_has_task(st->ix, &st->q->target, at))
			return true;
	}
	return false;
}

static bool sets(const struct snap_socket *x, enum sock_flags flag)
{
	return x->known & flag && x->flags & flag;
}

static void thief_facts(struct why_state *st, const struct snap_socket *thief, const struct snap_socket *robbed)
{
	socket_facts(st, robbed, "listener_pid");
	why_number(st, "thief_pid", served_holder(st, thief)->pid);
	why_number(st, "answering_pid", served_holder(st, thief)->pid);
	if (sets(thief, SOCKF_REUSEADDR) && sets(robbed, SOCKF_REUSEADDR))
		why_bool(st, "both_reuseaddr", true);
}

/* What the one that gets it has that counts more. */
static const char *advantage(struct why_state *st, const struct snap_socket *thief, const struct snap_socket *robbed)
{
	if (thief->state == STATE_ESTAB)
		return why_printf(st, "is connected to %s", look_endpoint(st, thief->peer, thief->peer_port));
	if (strcmp(thief->addr, robbed->addr) != 0)
		return why_printf(st, "is on %s", look_endpoint(st, thief->addr, thief->port));
	if (OPT_VALUE(thief->ifindex))
		return why_printf(st, "is bound to %s", look_ifname(st->s, thief->ns, (uint32_t)thief->ifindex));
	return "comes before it";
}

/* The socket on the very address, the connected one, the one of the device get it, and who is on the wildcard hears nothing of it. */
static void check_shadow(struct trip *t, const struct snap_socket *const *found, size_t n)
{
	struct why_state *st = t->st;
	const struct why_query *q = st->q;
	bool named = q->targeted && (q->target.kind == TARGET_TASK || q->target.kind == TARGET_CONTAINER);
	const struct snap_socket *robbed = named ? deliver_shadowed(t, found, n, is_meant) : NULL, *thief = found[0];

	if (!robbed || !served_holder(st, thief))
		return;
	why_add(st, thief->state == STATE_LISTEN ? "listener-shadowed" : "udp-port-stolen", 0)->degrades = true;
	why_summary(st, "%s gets it: its socket %s, that of %s on %s", holder_words(st, thief), advantage(st, thief, robbed),
		    holder_words(st, robbed), look_endpoint(st, robbed->addr, robbed->port));
	thief_facts(st, thief, robbed);
	why_line(
		st, "rule",
		"sockets on the packet's own address are asked before those on the wildcard; a peer, then a device, counts among equals");
	why_advise(st, "ask for an address that %s does not have, or stop it: kill %u",
		   look_task_words(st, served_holder(st, thief)), served_holder(st, thief)->pid);
}

/* udp4_lib_lookup2: of equals the one that was bound last is met first, and listed first (sk_add_node_rcu of udp_lib_get_port). */
static void check_thief(struct trip *t, const struct snap_socket *const *found, size_t n)
{
	struct why_state *st = t->st;
	const struct snap_socket *thief = found[0], *robbed = NULL;

	for (size_t i = 0; i < n; i++) {
		if (shares_port(found[i]))
			return;
		if (served_holder(st, found[i]) != served_holder(st, thief))
			robbed = found[i];
	}
	if (!robbed || !served_holder(st, thief))
		return;
	/* The one that is asked about is the one that answers. */
	if (st->q->targeted && st->q->target.kind == TARGET_TASK && is_meant(t, thief))
		return;
	why_add(st, "udp-port-stolen", 0)->degrades = true;
	why_summary(st, "%s gets it all: it bound %s later than %s", holder_words(st, thief),
		    look_endpoint(st, thief->addr, thief->port), holder_words(st, robbed));
	thief_facts(st, thief, robbed);
	why_line(st, "rule",
		 "UDP sockets that both set SO_REUSEADDR may have the same address and port; the newest gets the datagrams");
	why_advise(st, "stop one of the two:  %s", look_end(st, served_holder(st, thief)));
}

void served_check(struct trip *t, const struct snap_socket *const *found, size_t n)
{
	const struct snap_halt *h;

	t->st->why->checks += 3;
	check_shadow(t, found, n);
	if (n > 1 && (found[0]->state == STATE_LISTEN || shares_port(found[0]))) {
		check_group(t, found, n);
		return;
	}
	if (n > 1)
		check_thief(t, found, n);
	h = halted_by(t->st, found[0]);
	if (h)
		add_halted(t, found[0], h);
	if (is_full(found[0]))
		add_full(t, found[0]);
}
