// SPDX-License-Identifier: GPL-2.0-or-later
/* A hash map from 64-bit ids (pid, inode number, pointer value) to 32-bit indexes of an array. */
#ifndef NSKIT_IDMAP_H
#define NSKIT_IDMAP_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

#define IDMAP_NONE UINT32_MAX

struct idmap {
	struct idmap_slot *slots;
	size_t n, cap;
};

/* An empty map is left, as all zero is one. */
void idmap_done(struct idmap *m);

/* Make room for so many at once; more than that still fit. For a map that is empty. */
void idmap_reserve(struct idmap *m, size_t n);

/* The index stored for id, or IDMAP_NONE. */
uint32_t idmap_get(const struct idmap *m, uint64_t id);

/* Store an index unless the id is there already; returns the one that is now in the map. */
uint32_t idmap_add(struct idmap *m, uint64_t id, uint32_t index);

/* A 64-bit id for bytes, and for a text (FNV-1a). Two texts with one id are possible, and as good as never. */
uint64_t bytes_key(const char *s, size_t len);
uint64_t text_key(const char *s);

/* Store an index, in the place of one that is there. */
void idmap_set(struct idmap *m, uint64_t id, uint32_t index);

#endif
