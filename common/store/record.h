// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of store/: from a parsed JSON object to a record, by its descriptor. */
#ifndef NSKIT_RECORD_H
#define NSKIT_RECORD_H

#include <jansson.h>

#include "model/desc.h"
#include "util/util.h"

enum { MAX_RECORDS = 1 << 22 }; /* of one kind: as many as Linux has ids for tasks (PID_MAX_LIMIT) */

/* Where a value stands, for messages: "namespaces[3].uid_map[0].inside". index is -1 for what is in no list. */
struct place {
	const struct place *up;
	const char *name;
	long long index;
};

struct reading {
	struct arena *arena; /* strings and nested records go here */
	char *error;         /* one line */
	size_t error_size;
};

/* Say what is wrong at a place (NULL: with the whole). The text is ours; what it quotes has been escaped. Returns -EINVAL. */
int reading_fail(struct reading *r, const struct place *at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Fill the zeroed record rec. 0, -EINVAL or -EFBIG, said in r->error. */
int record_read(struct reading *r, const struct place *at, const struct desc *d, const json_t *object, void *rec);

#endif
