// SPDX-License-Identifier: GPL-2.0-or-later
#include "collect/session.h"
#include "util/util.h"

struct session *session_new(void)
{
	return xcalloc(1, sizeof(struct session));
}

void session_drop(struct loaded *l)
{
	if (l->skel)
		l->destroy(l->skel);
	*l = (struct loaded){ 0 };
}

void session_free(struct session *s)
{
	for (size_t i = 0; s && i < SESSION_SLOTS; i++)
		session_drop(&s->slots[i]);
	free(s);
}

struct loaded *session_get(struct session *s, enum session_slot slot, int (*load)(struct loaded *l, void *arg), void *arg,
			   struct loaded *own, int *err)
{
	struct loaded *l = s ? &s->slots[slot] : own;

	*err = 0;
	if (!s)
		*own = (struct loaded){ 0 };
	if (l->skel)
		return l;
	*err = l->failed ? -EOPNOTSUPP : load(l, arg);
	if (!*err)
		return l;
	*l = (struct loaded){ .failed = true };
	return NULL;
}

void session_put(struct session *s, struct loaded *l)
{
	if (!s)
		session_drop(l);
}
