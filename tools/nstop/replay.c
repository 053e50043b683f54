// SPDX-License-Identifier: GPL-2.0-or-later
#include "replay.h"
#include "store/recording.h"
#include "store/store.h"

enum {
	MAX_FASTER = 6,
	MAX_PAUSE_S = 10,
	EVENT_BYTES = 1 << 21, /* so many of the events before the frame that one goes to: more than the screen keeps */
};

struct replay {
	FILE *file;
	const char *path;
	struct recorded *frames; /* of a recording */
	size_t n, at;            /* at: the one that is shown; n: none yet */
	int faster;              /* the speed is 2 to this power */
	struct frame *last;      /* what the next one is compared with */
	bool single, cut;
};

static int open_recording(struct replay *r, const struct nstop *n, char *why, size_t size)
{
	int err;

	r->path = n->replay;
	r->file = fopen(r->path, "re");
	if (!r->file) {
		snprintf(why, size, "cannot open %s: %s", r->path, strerror(errno));
		return -errno;
	}
	err = recording_index(r->file, &r->frames, &r->n, &r->cut);
	if (err == -EINVAL)
		snprintf(why, size, "%s: this is no recording (nstop --record FILE makes one)", r->path);
	else if (err)
		snprintf(why, size, "cannot read %s: %s", r->path, strerror(-err));
	return err;
}

static int load_single(struct replay *r, const struct nstop *n, char *why, size_t size)
{
	bool is_stdin = !strcmp(n->cli.from, "-");
	char error[256] = "";
	struct snap s;
	int err;

	r->single = true;
	r->path = is_stdin ? "standard input" : n->cli.from;
	r->file = is_stdin ? fdopen(dup(STDIN_FILENO), "r") : fopen(r->path, "re");
	if (!r->file) {
		snprintf(why, size, "cannot open %s: %s", r->path, strerror(errno));
		return -errno;
	}
	snap_init(&s);
	err = snap_load(&s, r->file, MAX_SNAPSHOT, error, sizeof(error));
	if (err)
		snprintf(why, size, "%s: %s", r->path, error);
	else
		r->last = frame_new(&s, NULL);
	snap_done(&s);
	return err;
}

int replay_open(struct replay **out, const struct nstop *n, char *why, size_t size)
{
	struct replay *r = xcalloc(1, sizeof(*r));
	int err = n->replay ? open_recording(r, n, why, size) : load_single(r, n, why, size);

	r->at = r->n;
	if (err)
		replay_close(r);
	else
		*out = r;
	return err;
}

void replay_close(struct replay *r)
{
	if (!r)
		return;
	if (r->file)
		fclose(r->file);
	frame_put(r->last);
	free(r->frames);
	free(r);
}

/* The frame at a moment, or the last one before it. */
static size_t find_time(const struct replay *r, uint64_t time)
{
	size_t i = 0;

	while (i + 1 < r->n && r->frames[i + 1].taken <= time)
		i++;
	return i;
}

static size_t next_place(const struct replay *r, const struct turn *t)
{
	long at = (long)r->at;

	if (r->at == r->n)
		return 0;
	if (t->seek) {
		uint64_t now = r->frames[r->at].taken, span = (uint64_t)(t->seek < 0 ? -t->seek : t->seek) * 1000000000;

		return find_time(r, t->seek < 0 ? now - MIN(span, now) : now + span);
	}
	if (!t->step && t->faster)
		return r->at;
	at += t->step ? t->step : 1;
	return (size_t)MIN(MAX(at, 0L), (long)r->n - 1);
}

/* How long a frame stays: as long as it did, or less; but an hour without one is not waited for. */
static uint64_t how_long(const struct replay *r)
{
	uint64_t ns;

	if (r->at + 1 >= r->n)
		return UINT64_MAX;
	ns = r->frames[r->at + 1].taken > r->frames[r->at].taken ? r->frames[r->at + 1].taken - r->frames[r->at].taken : 0;
	ns = MIN(ns, (uint64_t)MAX_PAUSE_S * 1000000000);
	return r->faster < 0 ? ns << -r->faster : ns >> r->faster;
}

void happened_add(struct happened *h, struct happened *more)
{
	if (more->anew)
		eventlist_done(&h->events);
	h->anew |= more->anew;
	eventlist_move(&h->events, &more->events);
	more->anew = false;
}

/* What happened up to the frame that is shown. */
static void recall(struct replay *r, bool follows, struct happened *h, char *trouble, size_t size)
{
	uint64_t bytes = r->frames[r->at].event_bytes;
	struct happened more = { .anew = !follows };
	char error[256] = "";
	size_t i = r->at;

	while (!follows && i && bytes < EVENT_BYTES)
		bytes += r->frames[--i].event_bytes;
	for (; i <= r->at; i++)
		if (recording_events(r->file, &r->frames[i], &more.events, error, sizeof(error)))
			snprintf(trouble, size, "events of frame %zu of %s: %.100s", i + 1, r->path, error);
	happened_add(h, &more);
}

static void show(struct replay *r, size_t to, struct frame **out, char *trouble, size_t size)
{
	bool follows = r->at != r->n && to == r->at + 1;
	char error[256] = "";
	struct snap s;

	snap_init(&s);
	r->at = to;
	if (recording_load(r->file, &r->frames[to], &s, error, sizeof(error))) {
		snprintf(trouble, size, "frame %zu of %s: %.100s", to + 1, r->path, error);
		return;
	}
	*out = frame_new(&s, follows ? r->last : NULL);
	frame_put(r->last);
	r->last = frame_get(*out);
}

uint64_t replay_next(struct replay *r, const struct turn *turn, struct frame **out, struct happened *h, char *trouble, size_t size)
{
	bool follows;
	size_t to;

	if (r->single) {
		*out = frame_get(r->last);
		return UINT64_MAX;
	}
	r->faster = MIN(MAX(r->faster + turn->faster, -MAX_FASTER), MAX_FASTER);
	to = next_place(r, turn);
	/* Rates are differences: whoever goes elsewhere sees them all the same. */
	follows = r->at != r->n && to == r->at + 1;
	if (!follows && to > 0 && to != r->at) {
		struct frame *skipped = NULL;

		show(r, to - 1, &skipped, trouble, size);
		frame_put(skipped);
	}
	if (to != r->at)
		show(r, to, out, trouble, size);
	if (*out)
		recall(r, follows, h, trouble, size);
	if (r->cut && r->at + 1 == r->n && !*trouble)
		snprintf(trouble, size, "the recording ends in the middle of a snapshot");
	return how_long(r);
}

void replay_place(const struct replay *r, char *buf, size_t size)
{
	if (r->single)
		*buf = '\0';
	else if (r->faster < 0)
		snprintf(buf, size, "%zu/%zu x1/%d", r->at + 1, r->n, 1 << -r->faster);
	else
		snprintf(buf, size, "%zu/%zu x%d", r->at + 1, r->n, 1 << r->faster);
}
