// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>

#include "util/intern.h"

void intern_done(struct intern *in)
{
	idmap_done(&in->by_hash);
	free(in->items);
	*in = (struct intern){ .arena = in->arena };
}

const char *intern_text(struct intern *in, const char *s, size_t len)
{
	uint32_t next = (uint32_t)in->n_items;
	uint32_t i = idmap_add(&in->by_hash, bytes_key(s, len), next);

	if (i != next && in->items[i].len == len && !memcmp(in->items[i].text, s, len))
		return in->items[i].text;

	const char *copy = arena_strndup(in->arena, s, len);

	if (i == next) /* else another text has its hash: it stays alone */
		*ARRAY_ADD(in, items) = (struct intern_item){ copy, len };
	return copy;
}

const char *intern_addr(struct intern *in, int family, const void *addr)
{
	char text[INET6_ADDRSTRLEN];

	if ((family != AF_INET && family != AF_INET6) || !inet_ntop(family, addr, text, sizeof(text)))
		return NULL;
	return intern_text(in, text, strlen(text));
}
