// SPDX-License-Identifier: GPL-2.0-or-later
/* Who changes namespaces, binds and fails: the last events, the newest first. */
#include <time.h>

#include "eventrow.h"
#include "ui.h"
#include "output/escape.h"

static void time_text_(const void *rec, char *buf, size_t size)
{
	const struct eventrow *r = rec;
	time_t t = (time_t)(r->time / 1000000000);
	struct tm tm;
	char at[16];

	localtime_r(&t, &tm);
	strftime(at, sizeof(at), "%H:%M:%S", &tm);
	snprintf(buf, size, "%s.%03u", at, (unsigned int)(r->time / 1000000 % 1000));
}

#define F(member, ...) FIELD(eventrow, member, __VA_ARGS__)

static const struct field fields[] = {
	F(seq, F_U64, .flags = FF_HIDDEN, HELP("counts up")),
	F(time, F_TIME, .text = time_text_, HELP("when")),
	F(pid, F_U32, HELP("process id on the host")),
	F(inside, F_OPT, HELP("process id in its own PID namespace, where that is another")),
	F(comm, F_STR, HELP("its name")),
	F(container, F_STR, HELP("container that it is in")),
	{ .name = "event", .kind = F_STR, .off = offsetof(struct eventrow, kind), HELP("what it called, or lost") },
	F(what, F_STR, .flags = FF_CUT, HELP("what came of it")),
	F(failed, F_BOOL, HELP("it failed")),
	F(ask, F_STR, .flags = FF_CUT, HELP("the command that explains the failure")),
};
DESC(eventrow_desc, "shown_event", struct eventrow, "an event", fields);

static const struct desc *desc(void)
{
	return &eventrow_desc;
}

static uint64_t key(const void *rec)
{
	return ((const struct eventrow *)rec)->seq;
}

static enum style style(const void *rec)
{
	return ((const struct eventrow *)rec)->failed ? STYLE_FAILED : STYLE_PLAIN;
}

struct rows {
	struct eventrow *items;
	size_t n_items, cap_items;
};

static void drop(struct view *v)
{
	struct rows *r = v->rows;

	if (r)
		free(r->items);
	free(r);
	v->rows = NULL;
}

static bool in_scope(const struct scope *sc, const struct eventrow *e)
{
	bool any = false;

	switch (sc->kind) {
	case SCOPE_SEVERAL:
		for (size_t i = 0; i < sc->n_each && !any; i++)
			any = in_scope(&sc->each[i], e);
		return any;
	case SCOPE_TASK:
		return e->pid == sc->pid;
	case SCOPE_NS:
		return true;
	default: /* the container itself may be gone */
		return scope_has_container(sc, e->container_id ? &(struct snap_container){ .id = e->container_id,
											   .pod = e->pod,
											   .pod_namespace = e->pod_namespace }
							       : NULL);
	}
}

static void fill(struct ui *ui, struct view *v)
{
	struct rows *r = xcalloc(1, sizeof(*r));

	for (size_t i = ui->events ? ui->events->n_items : 0; i-- > 0;)
		if (in_scope(&ui->scope, &ui->events->items[i]))
			*ARRAY_ADD(r, items) = ui->events->items[i];
	v->rows = r;
	rowlist_arrange(&v->list, r->items, r->n_items, NULL);
}

static void put_field(struct ui *ui, FILE *f, const struct field *field, const void *rec)
{
	char buf[2048];

	rowlist_cell(&ui_view(ui)->list, field, rec, buf, sizeof(buf));
	fprintf(f, "%-10s %s\n", field->name, buf);
}

/* All that is known of an event, unabridged; the cause of a failure comes when it has been looked for, above the command to ask again. */
static void enter(struct ui *ui, const void *rec)
{
	const struct field *ask = desc_field(&eventrow_desc, "ask");
	const struct eventrow *r = rec;
	long gap = 0;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return;
	for (size_t i = 0; i < eventrow_desc.n_fields; i++) {
		const struct field *field = &eventrow_desc.fields[i];

		if (!(field->flags & FF_HIDDEN) && field != ask)
			put_field(ui, f, field, rec);
	}
	if (r->failure) {
		fputc('\n', f);
		gap = ftell(f);
		fputs(ui->ascii ? "asking...\n\n" : "asking…\n\n", f);
	}
	put_field(ui, f, ask, rec);
	fclose(f);
	pager_open(ui, "Event", text);
	if (r->failure)
		pager_await(ui, r->seq, (size_t)gap);
}

enum { FAILURE = sizeof("FAILED EADDRINUSE tcp 127.0.0.1:65535") - 1 };

/* What came of it says most: on a narrow screen all else gives way to it. */
static const struct rowlist_look looks[] = {
	{ "pid", NULL, 6, 0, 0 },       { "inside", NULL, 6, 1, 0 },     { "comm", NULL, 0, 2, 0 }, { "event", NULL, 0, 3, 0 },
	{ "container", NULL, 0, 4, 0 }, { "what", NULL, 0, 0, FAILURE }, { NULL, NULL, 0, 0, 0 },
};

const struct view_ops view_events = {
	.name = "Events",
	.desc = desc,
	.columns = "time,pid,inside,comm,container,event,what",
	.looks = looks,
	.key = key,
	.style = style,
	.fill = fill,
	.drop = drop,
	.enter = enter,
};
