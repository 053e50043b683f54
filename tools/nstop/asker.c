// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/eventfd.h>

#include "asker.h"
#include "eventrow.h"
#include "explain.h"
#include "output/escape.h"

void asker_init(struct asker *a)
{
	*a = (struct asker){ .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
}

static void ask(void *arg)
{
	struct asker *a = arg;
	uint64_t one = 1;
	size_t size;
	FILE *f = open_memstream(&a->answer, &size);
	int err = f ? explain_text(f, a->cli, a->frame, a->failure, a->flags) : -ENOMEM;

	if (f && (fclose(f) || err)) {
		free(a->answer);
		a->answer = NULL;
	}
	if (write(a->fd, &one, sizeof(one)) < 0)
		return; /* cannot be: the counter is empty */
}

/* The newest are last, and they are what one looks at. */
static const struct event *find(const struct eventrows *rows, uint64_t seq)
{
	for (size_t i = rows ? rows->n_items : 0; i-- > 0 && rows->items[i].seq >= seq;)
		if (rows->items[i].seq == seq)
			return rows->items[i].failure;
	return NULL;
}

void asker_start(struct asker *a, const struct cli *c, struct frame *frame, struct ui *ui)
{
	const struct event *failure;

	if (a->busy || !ui->pager.awaits)
		return;
	failure = find(ui->events, ui->pager.awaits);
	if (!failure) { /* so many came that it is forgotten */
		pager_answer(ui, ui->pager.awaits, NULL);
		return;
	}
	a->busy = true;
	a->cli = c;
	a->seq = ui->pager.awaits;
	a->failure = event_copy(&a->arena, failure);
	a->frame = frame_get(frame);
	a->flags = ui->ascii ? ESC_ASCII : 0;
	job_start(&a->job, ask, a);
}

static void forget(struct asker *a)
{
	job_wait(&a->job);
	free(a->answer);
	a->answer = NULL;
	frame_put(a->frame);
	a->frame = NULL;
	arena_done(&a->arena);
	a->busy = false;
}

bool asker_finish(struct asker *a, struct ui *ui)
{
	uint64_t count;

	if (!a->busy || read(a->fd, &count, sizeof(count)) < 0)
		return false;
	job_wait(&a->job);
	pager_answer(ui, a->seq, a->answer);
	forget(a);
	return true;
}

void asker_done(struct asker *a)
{
	forget(a);
	if (a->fd >= 0)
		close(a->fd);
}
