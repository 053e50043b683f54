// SPDX-License-Identifier: GPL-2.0-or-later
#include "why/conflict.h"

/* Mapped addresses are compared as IPv4, the mapped wildcard too (ipv6_rcv_saddr_equal). */
static bool overlap_in_family(const struct ipaddr *a, const struct ipaddr *b)
{
	return ipaddr_equal(a, b) || ipaddr_is_any(a) || ipaddr_is_any(b);
}

/*
 * Of an IPv6 socket and an IPv4 one. An IPv6 socket that is not V6ONLY has an IPv4 address too: 0.0.0.0 for "::", and 127.0.0.6
 * (LOOPBACK4_IPV6) for a concrete one, by which a connection meets who asks for the IPv4 wildcard (ipv4_rcv_saddr_equal). The other
 * way round, who asks with IPv6 compares IPv6 addresses (ipv6_rcv_saddr_equal).
 */
static bool overlap_across(const struct ipaddr *six, const struct ipaddr *four, bool asks_six)
{
	const struct ipaddr stand_in = { 4, { 127, 0, 0, 6 } };

	if (ipaddr_is_any(six))
		return true;
	return !asks_six && (ipaddr_is_any(four) || ipaddr_equal(four, &stand_in));
}

/* MAYBE: it hangs on an unknown V6ONLY. */
static enum conflict addresses_overlap(const struct conflict_sock *holder, const struct conflict_sock *asker)
{
	struct ipaddr h = ipaddr_unmap(&holder->addr), a = ipaddr_unmap(&asker->addr);
	const struct conflict_sock *six = h.family == 6 ? holder : asker;

	if (h.family == a.family)
		return overlap_in_family(&h, &a) ? CONFLICT_YES : CONFLICT_NO;
	/* A mapped asker compares as IPv6: it meets the wildcard only. */
	if (!overlap_across(six == holder ? &h : &a, six == holder ? &a : &h, asker->addr.family == 6) || six->v6only == 1)
		return CONFLICT_NO;
	return six->v6only == 0 ? CONFLICT_YES : CONFLICT_MAYBE;
}

static bool devices_overlap(const struct conflict_sock *a, const struct conflict_sock *b)
{
	if (a->vrf != b->vrf)
		return false;
	return !a->device || !b->device || a->device == b->device;
}

/* Three-valued and. */
static int both(int a, int b)
{
	if (a == 0 || b == 0)
		return 0;
	return a == 1 && b == 1 ? 1 : CONFLICT_UNKNOWN;
}

/* Do they share by SO_REUSEADDR? A listener never does in TCP. */
static int share_addr(const struct conflict_sock *holder, const struct conflict_sock *asker)
{
	if (!asker->udp && holder->state == STATE_LISTEN)
		return 0;
	return both(holder->reuseaddr, asker->reuseaddr);
}

/* By SO_REUSEPORT? The makers must be one user, but nobody asks a TIME_WAIT for its. */
static int share_port(const struct conflict_sock *holder, const struct conflict_sock *asker)
{
	if (holder->uid != asker->uid && (asker->udp || holder->state != STATE_TIME_WAIT))
		return 0;
	return both(holder->reuseport, asker->reuseport);
}

enum conflict conflict_pair(const struct conflict_sock *holder, const struct conflict_sock *asker)
{
	enum conflict meet = devices_overlap(holder, asker) ? addresses_overlap(holder, asker) : CONFLICT_NO;
	int addr, port;

	if (meet == CONFLICT_NO)
		return CONFLICT_NO;
	addr = share_addr(holder, asker);
	port = share_port(holder, asker);
	if (addr == 1)
		return CONFLICT_SHARED;
	if (port == 1)
		return !asker->udp ? CONFLICT_SHARED : meet == CONFLICT_YES && addr == 0 ? CONFLICT_ENDS : CONFLICT_SHARED;
	if (addr == 0 && port == 0)
		return meet;
	return CONFLICT_MAYBE;
}

/* --- several holders ------------------------------------------------------------------------------------------------------- */

/*
 * What a TCP port's bucket remembers of the last SO_REUSEPORT socket that was let in (struct inet_bind_bucket): whoever matches it is
 * not checked against the others. Mostly that comes to the same. Not always: "::" with V6ONLY lets a later "::" without it pass by an
 * IPv4 socket.
 */
struct bucket {
	enum { PORT_NOBODY, PORT_ANY, PORT_STRICT } reuseport; /* fastreuseport */
	const struct conflict_sock *last;
	bool used;
};

static bool is_v6only(const struct conflict_sock *s)
{
	return s->addr.family == 6 && !ipaddr_is_mapped(&s->addr) && s->v6only == 1;
}

/* ipv6_rcv_saddr_equal() and ipv4_rcv_saddr_equal() with the first one's wildcard as such, and the second one's as an address. */
static bool covers(const struct conflict_sock *one, const struct conflict_sock *two)
{
	struct ipaddr a = ipaddr_unmap(&one->addr), b = ipaddr_unmap(&two->addr);

	if (a.family == 4 && b.family == 4)
		return ipaddr_equal(&a, &b) || ipaddr_is_any(&a);
	if (a.family == 6 && b.family == 6)
		return ipaddr_equal(&a, &b) || ipaddr_is_any(&a);
	if (a.family == 6)
		return ipaddr_is_any(&a) && !is_v6only(one);
	/* An IPv4 socket's bucket holds "::" for 0.0.0.0; a mapped one's knows better. */
	return one->addr.family == 4 && ipaddr_is_any(&a) && ipaddr_is_any(&b) && !is_v6only(two);
}

/* sk_reuseport_match() */
static bool matches(const struct bucket *b, const struct conflict_sock *s)
{
	if (b->reuseport == PORT_NOBODY || s->reuseport != 1 || b->last->uid != s->uid)
		return false;
	return b->reuseport == PORT_ANY || covers(b->last, s);
}

/* inet_csk_update_fastreuse() */
static void let_in(struct bucket *b, const struct conflict_sock *s)
{
	if (s->reuseport != 1)
		b->reuseport = PORT_NOBODY;
	else if (!b->used || !matches(b, s))
		*b = (struct bucket){ b->used ? PORT_STRICT : PORT_ANY, s, true };
	b->used = true;
}

static bool passes_unchecked(const struct conflict_sock *holders, size_t n, const struct conflict_sock *asker)
{
	struct bucket b = { 0 };

	for (size_t i = n; i-- > 0;) {
		if (holders[i].vrf != asker->vrf)
			continue;
		let_in(&b, &holders[i]);
		if (holders[i].state == STATE_LISTEN) /* listen() asks for the port again */
			let_in(&b, &holders[i]);
	}
	return matches(&b, asker);
}

enum conflict conflict_any(const struct conflict_sock *holders, size_t n, const struct conflict_sock *asker)
{
	enum conflict answer = CONFLICT_NO;

	if (!asker->udp && passes_unchecked(holders, n, asker))
		return CONFLICT_NO;
	for (size_t i = 0; i < n; i++) {
		switch (conflict_pair(&holders[i], asker)) {
		case CONFLICT_YES: /* unless an unknown one has ended the search before */
			return asker->udp && answer != CONFLICT_NO ? answer : CONFLICT_YES;
		case CONFLICT_ENDS:
			return answer;
		case CONFLICT_MAYBE:
			answer = CONFLICT_MAYBE;
			break;
		default:
			break;
		}
	}
	return answer;
}

enum conflict conflict_choosing(const struct conflict_sock *holder, const struct conflict_sock *asker)
{
	struct conflict_sock alone = *asker;

	if (!asker->udp)
		alone.reuseaddr = alone.reuseport = 0;
	return conflict_pair(holder, &alone);
}
