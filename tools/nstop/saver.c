// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/eventfd.h>

#include "saver.h"
#include "store/store.h"

const uint64_t saver_wants = WANT_TASKS | WANT_COMMANDS | WANT_HIDDEN | WANT_NS | WANT_DETAILS | WANT_NETNSID | WANT_KEEPERS |
			     WANT_ALL_KEEPERS | WANT_MOUNTED | WANT_CONTAINERS | WANT_ALL_CONTAINERS | WANT_USERS | WANT_USAGE |
			     WANT_LINKS | WANT_LISTENERS | WANT_SOCKETS | WANT_SOCKET_FDS | WANT_ROUTES | WANT_NSIDS |
			     WANT_FIREWALL | INSIDE_WANTS;

void saver_init(struct saver *s)
{
	*s = (struct saver){ .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
}

static int save_all(const struct saver *s)
{
	const struct collect_opts o = {
		.proc = s->n->cli.proc, .collector = s->n->cli.collector, .tool = "nstop", .wants = saver_wants
	};
	struct snap snap;
	const char *why;
	int err;

	snap_init(&snap);
	err = collect(&snap, &o, &why);
	if (!err)
		err = snap_save_file(&snap, s->path);
	snap_done(&snap);
	return err;
}

static void save(void *arg)
{
	struct saver *s = arg;
	uint64_t one = 1;

	s->err = s->n ? save_all(s) : snap_save_file(&s->frame->snap, s->path);
	if (write(s->fd, &one, sizeof(one)) < 0)
		return; /* cannot be: the counter is empty */
}

bool saver_start(struct saver *s, const struct nstop *n, struct frame *f, const char *path)
{
	if (s->busy || !f)
		return false;
	s->busy = true;
	s->n = n;
	s->frame = frame_get(f);
	snprintf(s->path, sizeof(s->path), "%s", path);
	job_start(&s->job, save, s);
	return true;
}

bool saver_finish(struct saver *s, struct ui *ui)
{
	uint64_t count;

	if (!s->busy || read(s->fd, &count, sizeof(count)) < 0)
		return false;
	job_wait(&s->job);
	frame_put(s->frame);
	s->busy = false;
	if (s->err)
		ui_say(ui, "cannot write %s: %s", s->path, strerror(-s->err));
	else
		ui_say(ui, "saved to %s: nstop --from %s shows it", s->path, s->path);
	return true;
}

void saver_done(struct saver *s)
{
	if (s->busy) {
		job_wait(&s->job);
		frame_put(s->frame);
	}
	if (s->fd >= 0)
		close(s->fd);
}
