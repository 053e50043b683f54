// SPDX-License-Identifier: GPL-2.0-or-later
/* Links, addresses, routes, rules and neighbours in the lines that ip prints (iproute2). Pure. Errors are left to ferror(). */
#ifndef NSKIT_IPTEXT_H
#define NSKIT_IPTEXT_H

#include <stdio.h>

#include "view/iprow.h"

struct iptext {
	FILE *f;
	bool ascii;
	/* What to call a namespace ("web"): its text lives until the next call. NULL: its number. */
	const char *(*where)(uint32_t inum, void *arg);
	void *arg;
};

/* With addresses where the row has them (ip addr), with counters (-s) and properties of its kind (-d) the same. */
void iptext_link(const struct iptext *t, const struct iprow_link *l);
void iptext_route(const struct iptext *t, const struct iprow_route *r);
void iptext_rule(const struct iptext *t, const struct iprow_rule *r);
void iptext_neigh(const struct iptext *t, const struct iprow_neigh *n);

#endif
