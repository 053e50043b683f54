// SPDX-License-Identifier: GPL-2.0-or-later
/* The thread that makes frames. */
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>

#include "between.h"
#include "feed.h"
#include "store/recording.h"

enum { MOST_EVENTS = 10000 }; /* between two frames that are recorded */

struct feed {
	const struct nstop *n;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	int fd;
	bool running;
	/* The thread's own: */
	struct collecting_again *again; /* this host, or */
	struct replay *replay;          /* a file */
	FILE *record;
	struct frame *collected; /* the last one */
	struct between between;
	uint64_t next_ns; /* monotonic: not before is anything shown between two collections */
	/* Under the lock: */
	struct order order;
	struct turn turn;
	bool now, stop;
	struct frame *ready;
	struct happened happened; /* of the replay, not yet taken */
	struct eventlist to_record;
	struct eventlist happening; /* to be shown */
	bool storm;                 /* more than can be shown */
	uint64_t too_many[EVENT_KINDS];
	char trouble[160], lost[160], place[64]; /* lost: why nothing is recorded any more */
	uint64_t since;                          /* ns: a collection began; 0: none is under way */
};

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static uint64_t monotonic_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* --- in the thread ------------------------------------------------------------------------------------------------------------- */

/* What has happened since the last frame; of what was too much it says how much. */
static struct eventlist take_events(struct feed *f)
{
	struct eventlist list;

	pthread_mutex_lock(&f->lock);
	list = f->to_record;
	f->to_record = (struct eventlist){ 0 };
	for (enum event_kind kind = 0; kind < EVENT_KINDS; kind++) {
		if (f->too_many[kind])
			eventlist_add(&list, &(struct event){ .kind = EVENT_LOST,
							      .time = list.items[list.n_items - 1].time,
							      .count = f->too_many[kind],
							      .of = event_kinds[kind].name });
		f->too_many[kind] = 0;
	}
	pthread_mutex_unlock(&f->lock);
	return list;
}

/* One failure ends the recording: a file with a hole in its middle would be no use, and its end is whole. */
static void record(struct feed *f, const struct frame *frame)
{
	struct eventlist events;
	int err;

	if (!frame || !f->record)
		return;
	events = take_events(f);
	err = recording_append(f->record, &frame->snap, &events);
	eventlist_done(&events);
	if (!err)
		return;
	fclose(f->record);
	f->record = NULL;
	pthread_mutex_lock(&f->lock);
	snprintf(f->lost, sizeof(f->lost), "recording has ended: %s: %s", f->n->record, strerror(-err));
	pthread_mutex_unlock(&f->lock);
}

/* trouble NULL: nothing was collected, so what there was of it stays. */
static void publish(struct feed *f, struct frame *frame, struct happened *happened, const char *trouble)
{
	uint64_t one = 1;

	pthread_mutex_lock(&f->lock);
	if (frame) {
		frame_put(f->ready);
		f->ready = frame;
	}
	if (happened)
		happened_add(&f->happened, happened);
	if (trouble) {
		f->since = 0;
		snprintf(f->trouble, sizeof(f->trouble), "%s", trouble);
	}
	if (f->replay)
		replay_place(f->replay, f->place, sizeof(f->place));
	pthread_mutex_unlock(&f->lock);
	if (write(f->fd, &one, sizeof(one)) < 0)
		return; /* it is readable already */
}

static bool is_turned(const struct turn *t)
{
	return t->step || t->seek || t->faster;
}

/* Something happened, and may be shown before the next frame is collected. */
static bool is_between(const struct feed *f, uint64_t now, uint64_t due)
{
	return (f->happening.n_items || f->storm || f->between.due) && f->collected && f->next_ns <= now &&
	       now + BETWEEN_LEFT * 1000000ull < due;
}

enum due { DUE_END, DUE_FRAME, DUE_BETWEEN };

/* Wait until it is time, or until something was asked for. */
static enum due wait_turn(struct feed *f, uint64_t due)
{
	enum due what = DUE_FRAME;

	pthread_mutex_lock(&f->lock);
	while (!f->stop && !f->now && !is_turned(&f->turn)) {
		uint64_t now = monotonic_ns(), until = due;

		if (!f->order.paused && now >= due)
			break;
		if (!f->order.paused && is_between(f, now, due)) {
			what = DUE_BETWEEN;
			break;
		}
		if (is_between(f, f->next_ns, due))
			until = MIN(due, f->next_ns);

		struct timespec at = { (time_t)(until / 1000000000), (long)(until % 1000000000) };

		if (f->order.paused || due == UINT64_MAX)
			pthread_cond_wait(&f->wake, &f->lock);
		else
			pthread_cond_timedwait(&f->wake, &f->lock, &at);
	}
	if (f->stop)
		what = DUE_END;
	if (what == DUE_FRAME) {
		f->now = false;
		f->since = monotonic_ns();
	}
	pthread_mutex_unlock(&f->lock);
	return what;
}

static struct order copy_order(struct feed *f)
{
	struct order c;

	pthread_mutex_lock(&f->lock);
	c = f->order;
	c.netns = xcalloc(c.n_netns, sizeof(*c.netns));
	if (c.n_netns)
		memcpy(c.netns, f->order.netns, c.n_netns * sizeof(*c.netns));
	pthread_mutex_unlock(&f->lock);
	return c;
}

static void take_happening(struct feed *f)
{
	struct eventlist happening;
	bool storm;

	pthread_mutex_lock(&f->lock);
	happening = f->happening;
	storm = f->storm;
	f->happening = (struct eventlist){ 0 };
	f->storm = false;
	pthread_mutex_unlock(&f->lock);
	between_add(&f->between, &happening);
	if (storm)
		between_storm(&f->between);
}

/* What has happened since the last collection is shown as soon as it may be: seldom, where that takes long. */
static struct frame *make_later(struct feed *f)
{
	uint64_t before = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	struct frame *frame = NULL;

	take_happening(f);
	if (f->between.due)
		frame = between_frame(&f->between, f->n, f->collected, clock_ns(CLOCK_REALTIME));
	f->next_ns = monotonic_ns() + MAX(BETWEEN_MS * 1000000ull, BETWEEN_SHARE * (clock_ns(CLOCK_THREAD_CPUTIME_ID) - before));
	return frame;
}

/* This host. When the next frame is due. */
static uint64_t collect_one(struct feed *f, bool first)
{
	/* The first frame holds what is quick to have; what is slow follows at once. */
	struct order o = copy_order(f);
	uint64_t due = monotonic_ns() + (first ? 100000000ull : (uint64_t)o.delay_ms * 1000000);
	struct frame *frame = NULL;
	char trouble[160] = "";
	const char *why = NULL;
	int err;

	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < f->to_record.n_items; i++)
		again_failed(f->again, &f->to_record.items[i]);
	pthread_mutex_unlock(&f->lock);
	between_begin(&f->between, clock_ns(CLOCK_REALTIME));
	err = again_collect(f->again, &o, &frame, &why);
	free(o.netns);
	if (err)
		cli_why_not_collected(&f->n->cli, err, why, trouble, sizeof(trouble));
	record(f, frame);
	if (frame) {
		struct frame *later;

		frame_put(f->collected);
		f->collected = frame;
		later = make_later(f); /* it may have taken long */
		frame = later ? later : frame_get(frame);
	}
	publish(f, frame, NULL, trouble);
	return due;
}

static uint64_t replay_one(struct feed *f)
{
	struct happened happened = { 0 };
	struct frame *frame = NULL;
	char trouble[160] = "";
	struct turn turn;
	uint64_t wait;

	pthread_mutex_lock(&f->lock);
	turn = f->turn;
	f->turn = (struct turn){ 0 };
	pthread_mutex_unlock(&f->lock);
	wait = replay_next(f->replay, &turn, &frame, &happened, trouble, sizeof(trouble));
	publish(f, frame, &happened, trouble);
	return wait == UINT64_MAX ? wait : monotonic_ns() + wait;
}

/* As long as a storm lasts it is the collections that are followed: each second. */
static uint64_t soon(const struct feed *f, uint64_t due)
{
	return f->between.storm ? MIN(due, monotonic_ns() + 1000000000) : due;
}

static void *run(void *arg)
{
	struct feed *f = arg;
	uint64_t due = 0;
	bool first = true;
	enum due what;

	while ((what = wait_turn(f, due)) != DUE_END) {
		if (what == DUE_BETWEEN) {
			struct frame *later = make_later(f);

			if (later)
				publish(f, later, NULL, NULL);
			due = soon(f, due);
			continue;
		}
		due = f->replay ? replay_one(f) : soon(f, collect_one(f, first));
		first = false;
	}
	if (f->record && f->again && f->to_record.n_items) /* what has happened since is not lost */
		collect_one(f, false);
	return NULL;
}

/* --- for the others -------------------------------------------------------------------------------------------------------------- */

static int open_files(struct feed *f, char *why, size_t size)
{
	if (f->n->record) {
		f->record = recording_create(f->n->record);
		if (!f->record) {
			snprintf(why, size, "cannot write %s: %s", f->n->record, strerror(errno));
			return -errno;
		}
	}
	if (f->n->replay || f->n->cli.from)
		return replay_open(&f->replay, f->n, why, size);
	f->again = again_new(f->n);
	return 0;
}

int feed_open(struct feed **out, const struct nstop *n, char *why, size_t size)
{
	struct feed *f = xcalloc(1, sizeof(*f));
	pthread_condattr_t attr;
	int err;

	f->n = n;
	f->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&f->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&f->wake, &attr);
	pthread_condattr_destroy(&attr);
	err = f->fd < 0 ? -errno : open_files(f, why, size);
	if (f->fd < 0)
		snprintf(why, size, "%s", strerror(-err));
	if (err)
		feed_stop(f, why, size);
	else
		*out = f;
	return err;
}

int feed_start(struct feed *f, const struct order *first)
{
	sigset_t all, old;
	int err;

	f->order = *first;
	sigfillset(&all); /* signals are the main thread's */
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&f->thread, NULL, run, f);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	f->running = !err;
	return -err;
}

static void close_record(struct feed *f, char *why, size_t size)
{
	if (f->record && fclose(f->record) && !*f->lost)
		snprintf(f->lost, sizeof(f->lost), "recording has ended: %s: %s", f->n->record, strerror(errno));
	if (*f->lost && !*why)
		snprintf(why, size, "%s", f->lost);
}

void feed_stop(struct feed *f, char *why, size_t size)
{
	if (!f)
		return;
	pthread_mutex_lock(&f->lock);
	f->stop = true;
	pthread_cond_signal(&f->wake);
	pthread_mutex_unlock(&f->lock);
	if (f->running)
		pthread_join(f->thread, NULL);
	again_free(f->again);
	replay_close(f->replay);
	close_record(f, why, size);
	frame_put(f->ready);
	frame_put(f->collected);
	between_done(&f->between);
	eventlist_done(&f->happening);
	eventlist_done(&f->happened.events);
	eventlist_done(&f->to_record);
	free(f->order.netns);
	if (f->fd >= 0)
		close(f->fd);
	pthread_cond_destroy(&f->wake);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

int feed_fd(const struct feed *f)
{
	return f->fd;
}

void feed_order(struct feed *f, const struct order *o, bool now)
{
	pthread_mutex_lock(&f->lock);
	free(f->order.netns);
	now |= f->order.paused && !o->paused;
	f->order = *o;
	f->now |= now;
	pthread_cond_signal(&f->wake);
	pthread_mutex_unlock(&f->lock);
}

void feed_turn(struct feed *f, int step, int64_t seek, int faster)
{
	pthread_mutex_lock(&f->lock);
	f->turn.step += step;
	f->turn.seek += seek;
	f->turn.faster += faster;
	pthread_cond_signal(&f->wake);
	pthread_mutex_unlock(&f->lock);
}

struct frame *feed_take(struct feed *f, char *trouble, size_t size, char *place, size_t place_size)
{
	struct frame *frame;
	uint64_t count;

	pthread_mutex_lock(&f->lock);
	if (read(f->fd, &count, sizeof(count)) < 0)
		count = 0;
	frame = f->ready;
	f->ready = NULL;
	snprintf(trouble, size, "%s", *f->trouble ? f->trouble : f->lost);
	snprintf(place, place_size, "%s", f->place);
	pthread_mutex_unlock(&f->lock);
	return frame;
}

void feed_event(struct feed *f, const struct event *e)
{
	bool life = 1u << e->kind & EVENTS_LIVES;

	pthread_mutex_lock(&f->lock);
	if (f->n->record && !*f->lost && !life) {
		if (f->to_record.n_items < MOST_EVENTS)
			eventlist_add(&f->to_record, e);
		else
			f->too_many[e->kind]++;
	}
	if (between_concerns(e) && f->happening.n_items < 2 * BETWEEN_LIVES) {
		eventlist_add(&f->happening, e);
		if (f->happening.n_items == 1)
			pthread_cond_signal(&f->wake);
	} else if (between_concerns(e)) {
		f->storm = true;
	}
	pthread_mutex_unlock(&f->lock);
}

void feed_storm(struct feed *f)
{
	pthread_mutex_lock(&f->lock);
	f->storm = true;
	pthread_cond_signal(&f->wake);
	pthread_mutex_unlock(&f->lock);
}

void feed_happened(struct feed *f, struct happened *h)
{
	pthread_mutex_lock(&f->lock);
	happened_add(h, &f->happened);
	pthread_mutex_unlock(&f->lock);
}

bool feed_is_late(struct feed *f, uint32_t ms)
{
	bool late;

	pthread_mutex_lock(&f->lock);
	late = f->since && monotonic_ns() - f->since > (uint64_t)ms * 1000000;
	pthread_mutex_unlock(&f->lock);
	return late;
}
