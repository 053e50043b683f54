// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writing JSON, a record at a time, straight to a stream: no document is ever held in memory. (Reading is jansson's work.)
 * One writer serves documents, snapshots and event lines. Errors of the stream are left to ferror(); it is not locked: one thread
 * writes to it. (No name here may be one of jansson's: the program's own would take its place inside of that library.)
 */
#ifndef NSKIT_JSON_H
#define NSKIT_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "model/desc.h"
#include "output/errname.h"

struct json {
	FILE *f;
	unsigned int depth;
	bool comma;              /* something was written at this depth */
	bool lines;              /* records on lines of their own (documents); false: everything on one line (JSON Lines) */
	unsigned int line_depth; /* so many of the open ones have their members on lines of their own */
};

/* One document (or line) after the other may be written; each ends with a newline. */
void json_start(struct json *j, FILE *f, bool lines);

/*
 * key is NULL inside of an array. Keys are ours: plain ASCII, not escaped. In a document the members of the outermost object, and
 * those of arrays, get lines of their own; what is inside of a record does not.
 */
void json_begin_object(struct json *j, const char *key);
void json_begin_array(struct json *j, const char *key);
void json_end_object(struct json *j);
void json_end_array(struct json *j);

/* An object whose members get lines of their own too, if it stands on one itself. */
void json_begin_lines(struct json *j, const char *key);

void json_str(struct json *j, const char *key, const char *s); /* any bytes, escaped; NULL is null */
void json_bytes(struct json *j, const char *key, const char *s, size_t len);
void json_num(struct json *j, const char *key, uint64_t v);
void json_int(struct json *j, const char *key, int64_t v);
void json_bool(struct json *j, const char *key, bool v);
void json_none(struct json *j, const char *key);

/*
 * A record as an object. fields: the ones to write, or NULL for all but FF_TEXT and FF_EXTRA ones. Fields that were refused
 * are null, and the object ends with "denied": {"field": "EPERM"}. rec must not be NULL.
 */
void json_record(struct json *j, const char *key, const struct desc *d, const void *rec, const struct field *const *fields,
		 size_t n_fields);

/* The same without the end: what more belongs to the object can follow, then json_end_object(). */
void json_record_open(struct json *j, const char *key, const struct desc *d, const void *rec, const struct field *const *fields,
		      size_t n_fields);

/* One field's value under its name (nothing for none with FF_OMIT). What was refused is null: why, only json_record() says. */
void json_field(struct json *j, const struct field *f, const void *rec);

/*
 * The header of every document, under "nskit": the schema's name, all of snap_head_desc, "complete" (nothing could not be read)
 * and the "gaps". For schema_write() see schema.h.
 */
struct snap;
void json_head(struct json *j, const struct snap *s, const char *schema);

/* RFC 3339, UTC, with as many digits as there are: "2026-11-23T09:12:44.5Z". At most 31 bytes with the NUL; returns the length. */
size_t time_text(uint64_t ns, char *buf, size_t size);

#endif
