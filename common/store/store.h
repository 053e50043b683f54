// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Snapshots in files: JSON, schema nskit-snapshot/1, {"nskit":{header and gaps},"tasks":[…],"namespaces":[…],…}: the sections of
 * snap_sections, whose records are written and read by their descriptors alone.
 */
#ifndef NSKIT_STORE_H
#define NSKIT_STORE_H

#include "model/snap.h"

#define SNAP_SCHEMA "nskit-snapshot/1"

/* Write a snapshot, a record at a time, and flush. 0, or -errno of the stream. */
int snap_save(const struct snap *s, FILE *f);

/*
 * The same to a file, beside the one that may be there and then in its place: a full disk costs no older snapshot. Only its owner may
 * read it, for it holds everybody's command lines. What is no regular file (a device, a pipe) is written to. 0 or -errno.
 */
int snap_save_file(const struct snap *s, const char *path);

/*
 * Read a snapshot into an empty one (snap_init), and settle it. 0; or with *s untouched and one line of why in error[] (plain,
 * escaped text):
 *   -EINVAL  not JSON, not a snapshot, of another major version, a value of a wrong type or out of its range
 *   -EFBIG   more than max_bytes, or more records than a host can have
 *   -errno   of the stream
 * Takes any bytes. Keys that are not known are ignored, and so are names of flags (a newer nskit of the same major version may have
 * written them). A key that is missing is none or 0, but not a record's first, by which it is known. Holds the file's text and one
 * record at a time in memory beside the snapshot.
 */
int snap_load(struct snap *s, FILE *f, size_t max_bytes, char *error, size_t error_size);

/* The JSON Schema of such files. Errors are left to ferror(). */
void store_schema(FILE *f);

#endif
