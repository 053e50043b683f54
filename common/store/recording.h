// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Recordings: snapshots one behind the other in a file, each followed by the events that happened since the one before (JSON Lines, as
 * nstop -e -J prints them), and with a line in front of it that says when it was taken and how long both are, so that a reader can seek:
 *	nskit-recording/1 TAKEN BYTES EVENTS\n   TAKEN in ns since 1970, BYTES of the snapshot (store.h), EVENTS those of the events; none: 0
 * One that was cut off (a full disk, a crash) is whole up to its last complete snapshot with its events.
 */
#ifndef NSKIT_RECORDING_H
#define NSKIT_RECORDING_H

#include "model/eventlist.h"

struct recorded {
	uint64_t taken; /* ns since 1970 */
	long long at;   /* offset of the snapshot in the file; the events follow it */
	uint64_t bytes, event_bytes;
};

/* A new file, or an old one emptied. Only its owner may read it: it holds everybody's command lines. NULL: errno. */
FILE *recording_create(const char *path);

/* Append a snapshot with its events (NULL: none), and flush. 0, or -errno of the stream: then the file ends in the middle, and nothing more should be written. */
int recording_append(FILE *f, const struct snap *s, const struct eventlist *events);

/*
 * The snapshots of a file that can be sought (malloc'ed, caller frees). 0; -EINVAL: it is no recording, or has none; -errno of the
 * stream. *cut: it ends in the middle of one.
 */
int recording_index(FILE *f, struct recorded **out, size_t *n, bool *cut);

/* Read one of them into an empty snapshot. As snap_load(). */
int recording_load(FILE *f, const struct recorded *r, struct snap *s, char *error, size_t error_size);

/*
 * Add its events to a list. 0, or -EINVAL with one line of why in error[]: those before the broken one are there. Takes any bytes; kinds
 * and keys that are not known are passed over.
 */
int recording_events(FILE *f, const struct recorded *r, struct eventlist *out, char *error, size_t error_size);

#endif
