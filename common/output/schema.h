// SPDX-License-Identifier: GPL-2.0-or-later
/* JSON Schema (draft 2020-12) from descriptors. */
#ifndef NSKIT_SCHEMA_H
#define NSKIT_SCHEMA_H

#include <stdbool.h>
#include <stdio.h>

#include "model/desc.h"
#include "output/json.h"

/* A document: the header that json_head() writes, and arrays of records. */
struct schema_part {
	const char *key;
	const struct desc *desc;
	bool columns;  /* the user chooses the fields: none is required, FF_TEXT and FF_EXTRA ones may be there */
	bool children; /* records may nest in "children" (tree mode) */
	/* Not an array of records: writes the schema of the member itself, an object under key. desc is a record that it refers to. */
	void (*write)(struct json *j, const char *key);
};

/*
 * Write the schema of a document; name is "nskit-nsls/1". Records are in "$defs" under their descriptor's name. Unknown keys are
 * refused, so that a forgotten field shows in the tests. Errors are left to ferror().
 */
void schema_write(FILE *f, const char *name, const char *title, const struct schema_part *parts, size_t n);

/* The schema of one of JSON Lines, each of them a record of one of these descriptors. */
void schema_write_lines(FILE *f, const char *title, const struct desc *const *descs, size_t n);

#endif
