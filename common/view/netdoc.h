// SPDX-License-Identifier: GPL-2.0-or-later
/* The JSON document of nsnet: what is in network namespaces, one object for each, written a record at a time. */
#ifndef NSKIT_NETDOC_H
#define NSKIT_NETDOC_H

#include "output/json.h"
#include "view/sockrow.h"

enum netdoc_part {
	NETDOC_SOCKETS = 1 << 0,
};

struct netdoc {
	const struct index *ix;
	const uint8_t *ns;      /* bit of each namespace (its index) that is meant */
	const char *schema;     /* its name */
	unsigned int parts;     /* enum netdoc_part */
	/* NETDOC_SOCKETS: which, in order of their namespaces, and (or NULL) which fields of sockrow_desc. */
	struct sockrows *rows;
	const uint32_t *sockets;
	size_t n_sockets;
	const struct field *const *fields;
	size_t n_fields;
};

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
	const void *sockets;
	uint32_t n_sockets;
};
extern const struct desc netdoc_desc;

#endif
