// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/apply.h"
#include "view/frame.h"

struct frame *frame_new(struct snap *s, const struct frame *before)
{
	struct frame *f = xcalloc(1, sizeof(*f));

	f->holders = 1;
	f->snap = *s;
	snap_init(s);
	index_build(&f->ix, &f->snap);
	rates_make(&f->rates, &f->snap, before ? &before->snap : NULL, before ? &before->rates : NULL);
	return f;
}

struct frame *frame_later(struct frame *base, uint64_t now, const struct event *events, size_t n, const struct snap *few,
			  const uint32_t *pids, size_t n_pids)
{
	struct frame *f;
	struct snap s;

	snap_borrow(&s, &base->snap);
	snap_apply(&s, events, n);
	if (now > base->snap.head.taken) {
		s.head.taken = now;
		s.head.ticks = MAX(s.head.ticks, base->snap.head.ticks + (now - base->snap.head.taken) / 10000000);
	}
	if (n_pids)
		snap_refine(&s, few, pids, n_pids);
	f = frame_new(&s, base);
	f->base = frame_get(base);
	return f;
}

struct frame *frame_get(struct frame *f)
{
	if (f)
		__atomic_add_fetch(&f->holders, 1, __ATOMIC_RELAXED);
	return f;
}

void frame_put(struct frame *f)
{
	if (!f || __atomic_sub_fetch(&f->holders, 1, __ATOMIC_ACQ_REL))
		return;
	rates_done(&f->rates);
	index_done(&f->ix);
	snap_done(&f->snap);
	frame_put(f->base);
	free(f);
}
