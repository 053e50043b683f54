// SPDX-License-Identifier: GPL-2.0-or-later
/* What people and scripts see of a diagnosis (why.h): text whose first line is the answer, and JSON. */
#ifndef NSKIT_WHYDOC_H
#define NSKIT_WHYDOC_H

#include <stdio.h>

#include "output/json.h"
#include "why/places.h"
#include "why/why.h"

#define WHY_SCHEMA "nskit-nsnet-why/1"

struct whydoc_style {
	unsigned int flags; /* ESC_ASCII of escape.h or 0 */
	bool color;
	size_t width; /* of the terminal, where lines go on below one another; 0: each stays one line */
};

/* Errors are left to ferror(). */
void whydoc_text(FILE *f, const struct index *ix, const struct why_query *q, const struct why *why,
		 const struct whydoc_style *style);

/* The document: the snapshot's header and "why". */
void whydoc_json(FILE *f, const struct index *ix, const struct why_query *q, const struct why *why);

/* Without a target: the places, in the same two forms. */
void whydoc_places_text(FILE *f, const struct index *ix, const struct why_query *q, const struct places *p,
			const struct whydoc_style *style);
void whydoc_places_json(FILE *f, const struct index *ix, const struct why_query *q, const struct places *p);

/* The JSON Schema of the document. */
void whydoc_schema(FILE *f);

#endif
