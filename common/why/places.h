// SPDX-License-Identifier: GPL-2.0-or-later
/* Where is a port held, published or blocked, of all network namespaces? What `nsnet why PORT` says without a target. Pure. */
#ifndef NSKIT_WHY_PLACES_H
#define NSKIT_WHY_PLACES_H

#include "firewall/published.h"
#include "why/why.h"

enum place_role { PLACE_HELD, PLACE_PUBLISHED, PLACE_BLOCKED };
extern const char *const place_role_names[]; /* "held", "published", "blocked"; ends with NULL */

struct place {
	uint32_t ns;                            /* 0: of a container that does not say where */
	const struct snap_container *container; /* whose namespace it is, or who publishes; NULL */
	uint8_t role;                           /* enum place_role */
	bool blocked;                           /* published, and nobody who is there may bind it: so say the causes */
	const struct published_port *port;      /* what leads on from there without a socket that holds it; NULL */
	struct why why;                         /* its causes: what a bind of the port there would run into */
};

struct places {
	struct arena arena; /* of the causes' text */
	struct place *items;
	size_t n_items, cap_items;
	struct published published;
	uint32_t n_ns;      /* network namespaces that were looked into */
	uint32_t n_unknown; /* and of which it can't be told, for not all could be read */
	uint32_t n_hidden;  /* processes whose network namespace could not be read, so that there may be more */
};

/*
 * Look for the query's protocol, address and port. *out is overwritten; places_done() frees it, the snapshot must outlive it.
 *
 * Blocked: nobody holds it there, and none of those who are there may bind it, of each container its first process; the host's own
 * namespace never is. Held and published stand first.
 */
void places_find(const struct index *ix, const struct why_query *q, struct places *out);
void places_done(struct places *p);

/* Whose restraints have to be read for that, as collect_opts.choose wants them. */
void places_choose(const struct index *ix, uint8_t *which);

/* What has to be collected, enum snap_want; of settings net/ipv4/ip_unprivileged_port_start will do. */
uint64_t places_wants(void);

#endif
