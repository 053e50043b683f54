// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>

#include "output/errname.h"
#include "output/escape.h"
#include "view/event_text.h"

enum { WIDTH_CLOCK = 12, WIDTH_PID = 7, WIDTH_INSIDE = 8, WIDTH_COMM = 15, WIDTH_CONTAINER = 12, WIDTH_EVENT = 7, MAX_WHAT = 2048 };

/* --- what happened ------------------------------------------------------------------------------------------------------------ */

struct text {
	char *buf;
	size_t size, len;
	const struct event_names *names;
};

static void add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *t, const char *fmt, ...)
{
	size_t room = t->len < t->size ? t->size - t->len : 0;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(room ? t->buf + t->len : NULL, room, fmt, ap);
	va_end(ap);
	t->len += n > 0 ? (size_t)n : 0;
}

static void add_ns(struct text *t, uint32_t ns)
{
	const char *name = t->names && t->names->of_ns ? t->names->of_ns(t->names->arg, ns) : NULL;

	add(t, "%u", ns);
	if (name)
		add(t, " (%s)", name);
}

static void add_changes(struct text *t, const struct event *e, const char *none)
{
	for (uint32_t i = 0; i < e->n_changes; i++) {
		const struct event_change *c = &e->changes[i];

		add(t, "%s%s%s %u -> ", i ? ", " : "", c->type, c->for_children ? " of children" : "", c->from);
		add_ns(t, c->to);
	}
	if (!e->n_changes)
		add(t, "%s", none);
}

/* CLONE_NEWNET as "net", the others as they are called. */
static void add_flags(struct text *t, uint64_t flags)
{
	bool any = false;

	for (unsigned int bit = 0; bit < 64; bit++) {
		enum nstype type = bit < 32 ? nstype_by_flag(1u << bit) : NS_TYPES;

		if (!(flags >> bit & 1))
			continue;
		add(t, "%s%s", any ? " " : "", type < NS_TYPES ? nstypes[type].name : event_flag_names[bit]);
		any = true;
	}
	if (!any)
		add(t, "no flags");
}

static void add_wanted(struct text *t, const struct event *e)
{
	const struct event_wanted *w = e->wanted;

	if (!w) {
		add(t, "a file that is no namespace");
		return;
	}
	if (OPT_VALUE(w->pid))
		add(t, "pidfd of %lld", (long long)w->pid);
	for (uint32_t i = 0; i < w->n_namespaces; i++) {
		add(t, "%s%s ", i ? ", " : ": ", w->namespaces[i].type);
		add_ns(t, w->namespaces[i].ns);
	}
	if (w->n_namespaces || !w->type)
		return;
	add(t, "%s ", w->type);
	add_ns(t, w->ns);
}

static void what_setns(struct text *t, const struct event *e)
{
	if (e->err) {
		add_wanted(t, e);
		if (e->flags && !(e->wanted && e->wanted->n_namespaces)) {
			add(t, ", asked for ");
			add_flags(t, e->flags);
		}
		return;
	}
	if (e->wanted && OPT_VALUE(e->wanted->pid))
		add(t, "by pidfd of %lld: ", (long long)e->wanted->pid);
	if (e->n_changes) {
		add_changes(t, e, "");
	} else {
		add_wanted(t, e);
		add(t, ", where it was");
	}
}

static void what_unshare(struct text *t, const struct event *e)
{
	if (e->err || !e->n_changes)
		add_flags(t, e->flags);
	else
		add_changes(t, e, "");
}

static void add_child(struct text *t, const struct event *e)
{
	const struct event_child *c = e->child;

	if (!c)
		return;
	add(t, c->pid == c->tid ? "child %u" : "thread %u", c->tid);
	if (c->n_nspid > 1)
		add(t, " (%u inside)", c->nspid[c->n_nspid - 1]);
}

static void what_clone(struct text *t, const struct event *e)
{
	if (!e->child) {
		add_flags(t, e->flags);
		return;
	}
	add_child(t, e);
	add(t, ": ");
	add_changes(t, e, "");
}

static void add_address(struct text *t, const struct event *e)
{
	add(t, "%s", e->proto ? e->proto : "a file that is no socket,");
	if (e->addr)
		add(t, e->port >= 0 && strchr(e->addr, ':') ? " [%s]" : " %s", e->addr);
	else
		add(t, e->proto && !strncmp(e->proto, "unix", 4) ? " without a name" : " address unreadable");
	if (OPT_VALUE(e->port))
		add(t, ":%lld", (long long)e->port);
	if (NSREF_KNOWN(e->socket_netns) && e->socket_netns != e->netns) {
		add(t, ", the socket in net ");
		add_ns(t, e->socket_netns);
	}
}

static void what_exit(struct text *t, const struct event *e)
{
	add(t, e->last ? "" : "thread, ");
	if (OPT_VALUE(e->signal))
		add(t, "by signal %lld", (long long)e->signal);
	else
		add(t, "status %lld", (long long)e->code);
}

size_t event_what(const struct event *e, const struct event_names *names, char *buf, size_t size)
{
	struct text t = { .buf = buf, .size = size, .names = names };

	if (size)
		*buf = '\0';
	if (e->err)
		add(&t, "FAILED %s%s ", errno_name(e->err), e->entered ? "" : " before it began (seccomp)");
	switch ((enum event_kind)e->kind) {
	case EVENT_SETNS:
		what_setns(&t, e);
		break;
	case EVENT_UNSHARE:
		what_unshare(&t, e);
		break;
	case EVENT_CLONE:
		what_clone(&t, e);
		break;
	case EVENT_BIND:
	case EVENT_LISTEN:
		add_address(&t, e);
		break;
	case EVENT_SOCKET:
		add(&t, "%s", e->proto);
		break;
	case EVENT_FORK:
		add_child(&t, e);
		break;
	case EVENT_EXIT:
		what_exit(&t, e);
		break;
	case EVENT_CHANGE:
		add_changes(&t, e, "");
		break;
	case EVENT_LOST:
		add(&t, "%llu of %s", (unsigned long long)e->count, e->of);
		break;
	case EVENT_KINDS:
		break;
	}
	if (e->why && e->why->summary)
		add(&t, ": %s", e->why->summary);
	return t.len;
}

/* --- lines -------------------------------------------------------------------------------------------------------------------- */

/* A column: escaped, padded, never cut (a line is one event, and its end is open), a blank behind it. */
static void column(struct event_text *t, const char *s, size_t width)
{
	char escaped[1024];
	size_t used;

	escape(s, strlen(s), t->escape | (width ? ESC_BLANKS : 0), escaped, sizeof(escaped));
	fputs_unlocked(escaped, t->f);
	for (used = escaped_width(escaped); used < width; used++)
		putc_unlocked(' ', t->f);
	putc_unlocked(' ', t->f);
}

static void number(struct event_text *t, uint32_t n, size_t width)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	column(t, text, width);
}

static void put_clock(struct event_text *t, uint64_t ns)
{
	time_t second = (time_t)(ns / 1000000000);
	struct tm tm;

	if (second != t->second || !*t->clock) {
		t->second = second;
		localtime_r(&second, &tm);
		strftime(t->clock, sizeof(t->clock), "%H:%M:%S", &tm);
	}
	fprintf(t->f, "%s.%03u ", t->clock, (unsigned int)(ns % 1000000000 / 1000000));
}

void event_text_header(struct event_text *t)
{
	fprintf(t->f, "%-*s %-*s %-*s %-*s %-*s %-*s WHAT\n", WIDTH_CLOCK, "TIME", WIDTH_PID, "PID", WIDTH_INSIDE, "(INSIDE)",
		WIDTH_COMM, "COMM", WIDTH_CONTAINER, "CONTAINER", WIDTH_EVENT, "EVENT");
}

static const char *container_name(const struct event *e)
{
	if (!e->container)
		return e->container_unknown ? "?" : "-";
	return e->container->name ? e->container->name : e->container->id;
}

static void put_what(struct event_text *t, const struct event *e)
{
	bool red = t->color && (e->err || e->kind == EVENT_LOST);
	char what[MAX_WHAT];

	event_what(e, &t->names, what, sizeof(what));
	if (red)
		fputs_unlocked("\033[31m", t->f);
	escape_to(t->f, what, strlen(what), t->escape);
	if (red)
		fputs_unlocked("\033[0m", t->f);
	putc_unlocked('\n', t->f);
}

void event_text_line(struct event_text *t, const struct event *e)
{
	bool thread = e->n_nstid;
	const uint32_t *nr = thread ? e->nstid : e->nspid;
	uint32_t n = thread ? e->n_nstid : e->n_nspid;

	put_clock(t, e->time);
	if (e->kind == EVENT_LOST) {
		column(t, "-", WIDTH_PID);
		column(t, "-", WIDTH_INSIDE);
		column(t, "-", WIDTH_COMM);
		column(t, "-", WIDTH_CONTAINER);
	} else {
		number(t, thread ? e->tid : e->pid, WIDTH_PID);
		if (n > 1)
			number(t, nr[n - 1], WIDTH_INSIDE);
		else
			column(t, "-", WIDTH_INSIDE);
		column(t, *e->comm ? e->comm : "-", WIDTH_COMM);
		column(t, container_name(e), WIDTH_CONTAINER);
	}
	column(t, event_kinds[e->kind].name, WIDTH_EVENT);
	put_what(t, e);
}
