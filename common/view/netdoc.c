// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/netdoc.h"
#include "view/netrow.h"

#define F(member, knd, ...) { .name = #member, .kind = knd, .off = offsetof(struct netdoc_head, member), __VA_ARGS__ }
#define N(member) .off_n = offsetof(struct netdoc_head, n_##member)
#define HELP(text_) .help = text_
#define PART .flags = FF_OMIT | FF_EXTRA
static const struct field netdoc_fields[] = {
	F(ns, F_U32, HELP("network namespace (inode number)")),
	F(initial, F_BOOL, HELP("whether it is the host's")),
	F(container, F_REC, .rec = &snap_container_desc, HELP("container of its first process")),
	F(names, F_STRS, N(names), HELP("names that it was given below /run/netns and /run/docker/netns")),
	F(pids, F_U32S, N(pids), HELP("processes in it")),
	/* Arrays that are written one record at a time. */
	F(sockets, F_RECS, N(sockets), PART, .rec = &sockrow_desc, HELP("its sockets")),
};
DESC(netdoc_desc, "netns", struct netdoc_head, "a network namespace and what is in it", netdoc_fields);

static uint32_t *pids_of(const struct index *ix, uint32_t ns, struct arena *arena, uint32_t *n)
{
	const struct ns_members *m = &ix->ns[ns];
	uint32_t *pids = arena_alloc(arena, MAX(m->n, 1u) * sizeof(*pids));

	*n = 0;
	for (uint32_t i = m->begin; i < m->begin + m->n; i++) {
		const struct snap_task *t = &ix->snap->tasks[ix->members[i]];

		if (t->tid == t->pid)
			pids[(*n)++] = t->pid;
	}
	return pids;
}

static void open_head(struct json *j, const struct netdoc *d, uint32_t ns)
{
	struct arena arena = { 0 };
	struct netdoc_head head = { .ns = d->ix->snap->namespaces[ns].inum, .initial = index_is_initial(d->ix, ns) };
	uint32_t more;

	head.container = index_ns_container(d->ix, ns, &more);
	head.n_names = netrow_names(d->ix, ns, &arena, &head.names);
	head.pids = pids_of(d->ix, ns, &arena, &head.n_pids);
	json_record_open(j, NULL, &netdoc_desc, &head, NULL, 0);
	arena_done(&arena);
}

/* The sockets of one namespace; they come in order. */
static size_t write_sockets(struct json *j, const struct netdoc *d, uint32_t ns, size_t at)
{
	const struct snap *s = d->ix->snap;
	struct sockrow row;

	sockrows_enter(d->rows, ns);
	json_begin_array(j, "sockets");
	for (; at < d->n_sockets && s->sockets[d->sockets[at]].ns == s->namespaces[ns].inum; at++) {
		sockrows_fill(d->rows, &row, &s->sockets[d->sockets[at]]);
		json_record(j, NULL, &sockrow_desc, &row, d->fields, d->n_fields);
	}
	json_end_array(j);
	return at;
}

void netdoc_write(FILE *f, const struct netdoc *d)
{
	const struct snap *s = d->ix->snap;
	size_t socket = 0;
	struct json j;

	json_start(&j, f, true);
	json_begin_object(&j, NULL);
	json_head(&j, s, d->schema);
	json_begin_array(&j, "netns");
	for (uint32_t ns = 0; ns < s->n_namespaces; ns++) {
		if (!(d->ns[ns / 8] >> ns % 8 & 1))
			continue;
		open_head(&j, d, ns);
		if (d->parts & NETDOC_SOCKETS)
			socket = write_sockets(&j, d, ns, socket);
		json_end_object(&j);
	}
	json_end_array(&j);
	json_end_object(&j);
}
