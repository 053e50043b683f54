// SPDX-License-Identifier: GPL-2.0-or-later
/* The JSON document of nsnet: what is in network namespaces, one object for each, written a record at a time. */
#ifndef NSKIT_NETDOC_H
#define NSKIT_NETDOC_H

#include "output/json.h"
#include "view/iprow.h"
#include "view/sockrow.h"

enum netdoc_part {
	NETDOC_SOCKETS = 1 << 0,
	NETDOC_LINKS = 1 << 1,
	NETDOC_ROUTES = 1 << 2,
	NETDOC_RULES = 1 << 3,
	NETDOC_NEIGHBOURS = 1 << 4,
	NETDOC_NEXTHOPS = 1 << 5,
	NETDOC_SYSCTLS = 1 << 6,
};

struct netdoc {
	const struct index *ix;
	const uint8_t *ns;  /* bit of each namespace (its index) that is meant */
	const char *schema; /* its name */
	unsigned int parts; /* enum netdoc_part */
	/* NETDOC_SOCKETS: which, in order of their namespaces, and (or NULL) which fields of sockrow_desc. */
	struct sockrows *rows;
	const uint32_t *sockets;
	size_t n_sockets;
	const struct field *const *fields;
	size_t n_fields;
	/* What ip shows; which of the records (struct snap_route ...) is meant: NULL: all. */
	struct iprows *ip;
	bool (*shows_route)(const void *record, const void *arg);
	bool (*shows_rule)(const void *record, const void *arg);
	bool (*shows_neigh)(const void *record, const void *arg);
	const void *shows_arg;
};

/* Write it. Errors are left to ferror(). */
void netdoc_write(FILE *f, const struct netdoc *d);

/* What each object is made of, for the schema. */
struct netdoc_head {
	uint32_t ns;
	bool initial;
	const struct snap_container *container;
	const char *const *names;
	uint32_t n_names;
	const uint32_t *pids;
	uint32_t n_pids;
	const void *links, *routes, *rules, *neighbours, *nexthops, *sockets;
	uint32_t n_links, n_routes, n_rules, n_neighbours, n_nexthops, n_sockets;
	const struct dict_item *sysctls;
	uint32_t n_sysctls;
};
extern const struct desc netdoc_desc;

#endif
