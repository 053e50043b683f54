// SPDX-License-Identifier: GPL-2.0-or-later
/* nsnet -J: all that is in network namespaces. */
#include "nsnet.h"
#include "view/netdoc.h"
#include "view/sockpick.h"
#include "view/socktext.h"

static int show(struct nsnet *n, const struct index *ix, void *arg)
{
	CLEAN_MEM uint8_t *chosen = nsnet_chosen(n, ix);
	const struct sockpick pick = { .netids = UINT32_MAX, .families = UINT32_MAX, .states = UINT32_MAX, .ns = chosen };
	CLEAN_MEM uint32_t *items = NULL;
	struct sockrows rows;
	struct iprows ip;
	size_t n_items;

	(void)arg;
	sockrows_init(&rows, ix, true);
	iprows_init(&ip, ix, IPROW_DETAILS | IPROW_STATS | IPROW_ADDRESSES | IPROW_LINKMODE);
	items = sockpick_all(&rows, &pick, &n_items);
	netdoc_write(stdout, &(struct netdoc){ .ix = ix,
					       .ns = chosen,
					       .schema = NSNET_SCHEMA,
					       .rows = &rows,
					       .sockets = items,
					       .n_sockets = n_items,
					       .ip = &ip,
					       .parts = NETDOC_SOCKETS | NETDOC_LINKS | NETDOC_ROUTES | NETDOC_RULES |
							NETDOC_NEIGHBOURS | NETDOC_NEXTHOPS | NETDOC_SYSCTLS });
	iprows_done(&ip);
	sockrows_done(&rows);
	return 0;
}

enum exit_status nsnet_show_all(struct nsnet *n)
{
	n->everywhere = true; /* the other ends of links */
	return nsnet_look(n,
			  WANT_SOCKETS | WANT_SOCKET_FDS | WANT_SOCKET_FLAGS | WANT_LINKS | WANT_ROUTES | WANT_NEIGHBOURS |
				  WANT_SYSCTLS | WANT_NSIDS | WANT_CONTAINERS | WANT_ALL_CONTAINERS | WANT_MOUNTED | WANT_NS |
				  WANT_MAPS,
			  show, NULL);
}
