// SPDX-License-Identifier: GPL-2.0-or-later
/* The row of a namespace, live: what nsls shows of it, and what goes on in it. Pure. */
#ifndef NSKIT_NSLIVE_H
#define NSKIT_NSLIVE_H

#include "view/frame.h"
#include "view/nsrow.h"

struct nslive {
	struct nsrow row;  /* first: the fields of nsrow_desc are fields of this one too */
	int64_t cpu;       /* OPT: thousandths of a core */
	int64_t rss;       /* OPT: bytes, summed up over its processes */
	int64_t listeners; /* OPT: sockets that listen (net) */
	int64_t sockets;   /* OPT: all (net) */
	int64_t rx, tx;    /* OPT: bytes a second (net) */
	int64_t age;       /* OPT: seconds since its first process began */
};

/* nsrow_desc's fields and the live ones. */
const struct desc *nslive_desc(void);

struct nslives {
	struct nsrows rows;
	struct nslive *items;
	size_t n_items, cap_items;
};

/* No rows yet; they will be of that frame, which must outlive them. */
void nslives_init(struct nslives *r, const struct frame *f);
void nslives_done(struct nslives *r);

/* Append the row of snap->namespaces[ns]. */
void nslives_add(struct nslives *r, const struct frame *f, uint32_t ns);

#endif
