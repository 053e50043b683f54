// SPDX-License-Identifier: GPL-2.0-or-later
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
	free(f);
}
