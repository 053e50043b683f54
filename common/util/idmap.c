// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/idmap.h"
#include "util/util.h"

struct idmap_slot {
	uint64_t id;
	uint32_t index;
	bool used;
};

/* splitmix64's finaliser: inode numbers are consecutive, kernel pointers aligned; both must spread. */
static size_t hash(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return (size_t)(x ^ (x >> 31));
}

static struct idmap_slot *find(const struct idmap *m, uint64_t id)
{
	size_t i = hash(id) & (m->cap - 1);

	while (m->slots[i].used && m->slots[i].id != id)
		i = (i + 1) & (m->cap - 1);
	return &m->slots[i];
}

enum { LEAST = 64 };

static void grow(struct idmap *m)
{
	struct idmap old = *m;

	m->cap = old.cap ? old.cap * 2 : LEAST;
	m->slots = xcalloc(m->cap, sizeof(*m->slots));
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].used)
			*find(m, old.slots[i].id) = old.slots[i];
	free(old.slots);
}

void idmap_reserve(struct idmap *m, size_t n)
{
	for (m->cap = LEAST; m->cap * 3 < (n + 1) * 4;)
		m->cap *= 2;
	m->slots = xcalloc(m->cap, sizeof(*m->slots));
}

uint64_t bytes_key(const char *s, size_t len)
{
	uint64_t h = 14695981039346656037ULL;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 1099511628211ULL;
	return h;
}

uint64_t text_key(const char *s)
{
	return bytes_key(s, strlen(s));
}

uint32_t idmap_get(const struct idmap *m, uint64_t id)
{
	if (!m->cap)
		return IDMAP_NONE;

	const struct idmap_slot *s = find(m, id);

	return s->used ? s->index : IDMAP_NONE;
}

/* The id's slot, taken if it was not: then the index is IDMAP_NONE. */
static struct idmap_slot *take(struct idmap *m, uint64_t id)
{
	if ((m->n + 1) * 4 > m->cap * 3)
		grow(m);

	struct idmap_slot *s = find(m, id);

	if (!s->used) {
		*s = (struct idmap_slot){ .id = id, .index = IDMAP_NONE, .used = true };
		m->n++;
	}
	return s;
}

uint32_t idmap_add(struct idmap *m, uint64_t id, uint32_t index)
{
	struct idmap_slot *s = take(m, id);

	if (s->index == IDMAP_NONE)
		s->index = index;
	return s->index;
}

void idmap_set(struct idmap *m, uint64_t id, uint32_t index)
{
	take(m, id)->index = index;
}

void idmap_done(struct idmap *m)
{
	free(m->slots);
	*m = (struct idmap){ 0 };
}
