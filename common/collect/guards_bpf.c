// SPDX-License-Identifier: GPL-2.0-or-later
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../bpf/records.h"
#include "collect/bpf_iter.h"
#include "collect/guards.h"
#include "guards.lskel.h"
#include "guards.skel.h"
#include "util/job.h"

struct taking {
	struct snap *s;
	struct idmap by_pid;    /* guards */
	struct idmap by_offset; /* of a program in the map, plus one -> its filter */
	struct guard_rec *recs;
	size_t n_recs, cap_recs;
	char *code; /* what the map of programs holds; malloc'ed */
	size_t code_size;
};

static size_t take(const char *buf, size_t len, void *arg)
{
	size_t used = 0;

	for (; len - used >= sizeof(struct guard_rec); used += sizeof(struct guard_rec))
		memcpy(ARRAY_ADD((struct taking *)arg, recs), buf + used, sizeof(struct guard_rec));
	return used;
}

/* The filter whose program lies there: an index, IDMAP_NONE when it was not read. */
static uint32_t filter_at(struct taking *t, const struct guard_filter *f)
{
	struct snap *s = t->s;
	uint32_t at = idmap_add(&t->by_offset, (uint64_t)f->offset + 1, (uint32_t)s->n_filters);
	size_t size = (size_t)f->len * 8;
	uint32_t *insns;

	if (!f->len || f->offset > t->code_size || size > t->code_size - f->offset)
		return IDMAP_NONE;
	if (at != s->n_filters)
		return at;
	insns = arena_alloc(&s->arena, size);
	memcpy(insns, t->code + f->offset, size);
	*ARRAY_ADD(s, filters) = (struct snap_filter){ .id = at, .insns = insns, .n_insns = f->len * 2 };
	return at;
}

static void take_filters(struct taking *t, struct snap_guard *g, const struct guard_rec *r)
{
	uint32_t *ids = arena_alloc(&t->s->arena, MAX(r->n_filters, 1u) * sizeof(*ids));
	bool whole = !r->more_filters && r->n_filters <= GUARD_MAX_FILTERS;

	for (uint32_t i = 0; i < r->n_filters && whole; i++) {
		ids[i] = filter_at(t, &r->filters[i]);
		whole = ids[i] != IDMAP_NONE;
	}
	if (!whole)
		return;
	g->filters = ids;
	g->n_filters = r->n_filters;
	g->flags |= GUARD_SECCOMP_KNOWN;
}

/* The ports that every layer that asks for them allows. */
static void take_landlock(struct taking *t, struct snap_guard *g, const struct guard_rec *r)
{
	uint32_t n = MIN(r->n_ports, (uint32_t)GUARD_MAX_PORTS), *binds = arena_alloc(&t->s->arena, (n + 1) * sizeof(*binds)),
		 *connects = arena_alloc(&t->s->arena, (n + 1) * sizeof(*connects));

	for (uint32_t i = 0; i < n; i++) {
		if ((r->ports[i].binds & r->binds) == r->binds)
			binds[g->n_landlock_bind++] = r->ports[i].port;
		if ((r->ports[i].connects & r->connects) == r->connects)
			connects[g->n_landlock_connect++] = r->ports[i].port;
	}
	g->landlock_bind = binds;
	g->landlock_connect = connects;
	g->flags |= (r->landlock ? GUARD_LANDLOCK : 0) | (r->binds ? GUARD_LANDLOCK_BIND : 0) |
		    (r->connects ? GUARD_LANDLOCK_CONNECT : 0) | (r->more_ports ? 0 : GUARD_LANDLOCK_KNOWN);
}

/* Of whom the iterator has not spoken, he has neither. */
static void fill(struct taking *t)
{
	for (uint32_t i = 0; i < t->s->n_guards; i++)
		idmap_add(&t->by_pid, t->s->guards[i].pid, i);
	for (size_t i = 0; i < t->n_recs; i++) {
		uint32_t at = idmap_get(&t->by_pid, t->recs[i].pid);

		if (at == IDMAP_NONE)
			continue;
		take_filters(t, &t->s->guards[at], &t->recs[i]);
		take_landlock(t, &t->s->guards[at], &t->recs[i]);
		idmap_set(&t->by_pid, t->recs[i].pid, IDMAP_NONE);
	}
	for (uint32_t i = 0; i < t->s->n_guards; i++)
		if (idmap_get(&t->by_pid, t->s->guards[i].pid) == i && t->s->guards[i].seccomp_mode == 0)
			t->s->guards[i].flags |= GUARD_SECCOMP_KNOWN | GUARD_LANDLOCK_KNOWN;
}

static int read_code(struct taking *t, int map_fd, size_t size)
{
	uint32_t zero = 0;

	t->code = xcalloc(1, size);
	t->code_size = size;
	return bpf_map_lookup_elem(map_fd, &zero, t->code) ? -errno : 0;
}

enum { CODE_SIZE = 1 << 20 }; /* of guards.bpf.c */

static int run_full(struct taking *t, uint32_t only)
{
	struct guards_full *skel = guards_full__open();
	int err;

	if (!skel)
		return -errno;
	skel->rodata->only = only;
	err = guards_full__load(skel);
	if (!err)
		err = bpf_iter_run(bpf_program__fd(skel->progs.guards), take, t);
	if (!err)
		err = read_code(t, bpf_map__fd(skel->maps.code), CODE_SIZE);
	guards_full__destroy(skel);
	return err;
}

/* --- in a thread, while namespaces are looked into: to have it verified takes as long as the rest of a small answer ---------------------- */

struct guards_loading {
	struct job job;
	uint32_t only;
	struct guards *skel;
	int err;
};

static void load(void *arg)
{
	struct guards_loading *l = arg;

	l->skel = guards__open();
	if (!l->skel) {
		l->err = -ENOMEM;
		return;
	}
	l->skel->rodata->only = l->only;
	l->err = guards__load(l->skel);
}

void guards_bpf_start(struct collecting *c, uint32_t only)
{
	if (!c->initial_pidns || c->opts->collector == COLLECT_PROC || bpf_prepare())
		return;
	c->guards = xcalloc(1, sizeof(*c->guards));
	c->guards->only = only;
	job_start(&c->guards->job, load, c->guards);
}

void guards_bpf_done(struct collecting *c)
{
	if (!c->guards)
		return;
	job_wait(&c->guards->job);
	if (c->guards->skel)
		guards__destroy(c->guards->skel);
	free(c->guards);
	c->guards = NULL;
}

static bool has_filters(const struct taking *t)
{
	for (size_t i = 0; i < t->n_recs; i++)
		if (t->recs[i].n_filters)
			return true;
	return false;
}

static int run(struct taking *t, struct collecting *c, uint32_t only)
{
	struct guards *skel;
	int err;

	if (c->guards && c->guards->only && c->guards->only != only) /* others were chosen meanwhile */
		guards_bpf_done(c);
	if (!c->guards)
		guards_bpf_start(c, only);
	job_wait(&c->guards->job);
	skel = c->guards->skel;
	err = c->guards->err;
	if (!err)
		err = bpf_iter_run(skel->progs.guards.prog_fd, take, t);
	if (!err && has_filters(t))
		err = read_code(t, skel->maps.code.map_fd, CODE_SIZE);
	return err;
}

/* ------------------------------------------------------------------------------------------------------------------------------------------- */

void guards_bpf(struct collecting *c)
{
	struct snap *s = c->snap;
	struct taking t = { .s = s };
	uint32_t only = s->n_guards == 1 ? s->guards[0].pid : 0;
	int err = !s->n_guards ? 0 : !c->initial_pidns || c->opts->collector == COLLECT_PROC ? -EXDEV : bpf_prepare();

	if (s->n_guards && !err) {
		err = run(&t, c, only);
		if (err) {
			t.n_recs = 0;
			free(t.code);
			t.code = NULL;
			err = run_full(&t, only);
		}
	}
	if (!err)
		fill(&t);
	else
		snap_add_gap(s, "seccomp filters and Landlock domains", err == -EXDEV ? 0 : -err, "CAP_BPF and CAP_PERFMON");
	free(t.recs);
	free(t.code);
	idmap_done(&t.by_pid);
	idmap_done(&t.by_offset);
}
