// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/sockpick.h"

/* The order of ss's tables. */
static const enum sock_netid order[] = { NETID_NETLINK,    NETID_PACKET_RAW,     NETID_PACKET_DGRAM, NETID_UNIX_STREAM,
					 NETID_UNIX_DGRAM, NETID_UNIX_SEQPACKET, NETID_RAW,          NETID_PING,
					 NETID_UDP,        NETID_UDPLITE,        NETID_TCP,          NETID_DCCP,
					 NETID_SCTP,       NETID_MPTCP };

static bool is_picked(const struct sockrows *rows, const struct sockpick *p, const struct snap_socket *s)
{
	if (!(p->states >> s->state & 1) || (sock_is_ip(s) && !(p->families >> s->family & 1)))
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

uint32_t *sockpick_all(struct sockrows *rows, const struct sockpick *p, size_t *n)
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
