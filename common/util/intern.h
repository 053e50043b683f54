// SPDX-License-Identifier: GPL-2.0-or-later
/* Texts that come again and again ("0.0.0.0", a counter's name), kept once in an arena. */
#ifndef NSKIT_INTERN_H
#define NSKIT_INTERN_H

#include "util/idmap.h"
#include "util/util.h"

struct intern_item {
	const char *text;
	size_t len;
};
struct intern {
	struct arena *arena; /* where the texts go; they outlive this */
	struct idmap by_hash;
	struct intern_item *items;
	size_t n_items, cap_items;
};

/* The texts stay: they are the arena's. */
void intern_done(struct intern *in);

/* The text with these bytes, which end in a NUL that is not counted. */
const char *intern_text(struct intern *in, const char *s, size_t len);

/* inet_ntop(3) of an address of AF_INET or AF_INET6, 4 or 16 bytes that need not be aligned; NULL: another family. */
const char *intern_addr(struct intern *in, int family, const void *addr);

#endif
