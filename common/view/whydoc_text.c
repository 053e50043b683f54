// SPDX-License-Identifier: GPL-2.0-or-later
/* What people see of a diagnosis. */
#include "view/whydoc.h"

#include "output/escape.h"
#include "output/wrap.h"
#include "why/look.h"

/* The first line's middle, "tcp 0.0.0.0:8080", raw. */
static char *subject_of(struct arena *a, const struct why_query *q)
{
	static const char *const types[] = {
		[NETID_UNIX_STREAM] = "", [NETID_UNIX_DGRAM] = " (datagram)", [NETID_UNIX_SEQPACKET] = " (seqpacket)"
	};
	char addr[IPADDR_TEXT];
	const char *zone = q->zone ? q->zone : "", *percent = q->zone ? "%" : "";

	if (q->path)
		return arena_printf(a, "unix %s%s%s", q->abstract ? "@" : "", q->path, types[q->netid]);
	ipaddr_text(&q->addr, addr);
	return arena_printf(a, q->addr.family == 6 ? "%s [%s%s%s]:%u" : "%s %s%s%s:%u", sock_netid_names[q->netid], addr, percent,
			    zone, q->port);
}

/* --- text ------------------------------------------------------------------------------------------------------------------ */

/*
 * On a terminal nothing is broken within a word, and nothing at all within a command: whoever copies one gets it whole. What is piped
 * goes on one line each.
 */
struct printer {
	FILE *f;
	struct whydoc_style style;
};

enum { BEHIND_LABEL = 12 };

static void put(const struct printer *p, const char *text)
{
	escape_to(p->f, text, strlen(text), p->style.flags);
}

/* Text of len bytes behind what the line has already, at columns; it goes on below the labels' texts. */
static void put_prose(const struct printer *p, const char *text, size_t len, size_t at)
{
	size_t need = escape(text, len, p->style.flags, NULL, 0) + 1;
	CLEAN_MEM char *buf = xcalloc(1, need);

	escape(text, len, p->style.flags, buf, need);
	if (p->style.width)
		wrap_text(p->f, buf, at, 0, BEHIND_LABEL, p->style.width);
	else
		fputs(buf, p->f);
}

static void put_line(const struct printer *p, const char *label, const char *text)
{
	fprintf(p->f, "  %-9s ", label);
	put_prose(p, text, strlen(text), BEHIND_LABEL);
	fputc('\n', p->f);
}

static size_t width_of(const struct printer *p, const char *text, size_t len)
{
	size_t need = escape(text, len, p->style.flags, NULL, 0) + 1;
	CLEAN_MEM char *buf = xcalloc(1, need);

	escape(text, len, p->style.flags, buf, need);
	return escaped_width(buf);
}

/* "words:  command   (more words)": the command stands on a line of its own where all of it does not fit. */
static void put_command(const struct printer *p, const char *label, const char *text)
{
	const char *command = strstr(text, ":  ") + 3, *more = strstr(command, "   ");
	size_t len = more ? (size_t)(more - command) : strlen(command), words = (size_t)(command - text) - 2;
	size_t width = width_of(p, command, len), at = BEHIND_LABEL + width_of(p, text, words) + 2;

	fprintf(p->f, "  %-9s ", label);
	put_prose(p, text, words, BEHIND_LABEL);
	if (at + width > p->style.width) {
		fprintf(p->f, "\n%*s", BEHIND_LABEL, "");
		at = BEHIND_LABEL;
	} else {
		fputs("  ", p->f);
	}
	escape_to(p->f, command, len, p->style.flags);
	at += width;
	if (more && at + width_of(p, more, strlen(more)) > p->style.width) {
		fprintf(p->f, "\n%*s", BEHIND_LABEL, "");
		at = BEHIND_LABEL;
		more += strspn(more, " ");
	}
	if (more)
		put_prose(p, more, strlen(more), at);
	fputc('\n', p->f);
}

static void put_advice(const struct printer *p, const struct why_cause *c)
{
	for (size_t i = 0; i < c->n_advice; i++)
		(p->style.width && strstr(c->advice[i], ":  ") ? put_command : put_line)(p, i ? "" : "way out", c->advice[i]);
}

static const char *error_of(const struct why_cause *c)
{
	return c->err ? errno_name(c->err) : NULL;
}

static void put_cause(const struct printer *p, const struct why_cause *c)
{
	for (size_t i = 0; i < c->n_lines; i++)
		put_line(p, c->lines[i].label, c->lines[i].text);
	put_advice(p, c);
}

static void put_next(const struct printer *p, const struct why_cause *c, struct arena *a)
{
	const char *error = error_of(c);

	put_line(p, "and then",
		 arena_printf(a, "%s%s%s", error ? error : "", error ? ": " : "", c->summary ? c->summary : c->code));
	for (size_t i = 0; i < c->n_lines; i++)
		if (!strcmp(c->lines[i].label, "rule"))
			put_line(p, "", c->lines[i].text);
	put_advice(p, c);
}

static void put_unchecked(const struct printer *p, const struct why *why, struct arena *a)
{
	for (size_t i = 0; i < why->n_unchecked; i++) {
		const struct why_unchecked *u = &why->unchecked[i];

		put_line(p, i ? "" : "unchecked",
			 arena_printf(a, "%s%s%s%s%s%s", u->what, u->where ? " (" : "", u->where ? u->where : "",
				      u->where ? ")" : "", u->why ? ": " : "", u->why ? u->why : ""));
	}
}

/* The container that was named, though others share its namespace and may come first there. */
static const char *place_words(const struct index *ix, const struct why_query *q, struct arena *a)
{
	struct why why = { .arena = *a };
	struct why_state st = { .ix = ix, .s = ix->snap, .q = q, .why = &why };
	const struct snap_container *c = q->targeted && q->target.kind == TARGET_CONTAINER ? q->target.container : NULL;
	const char *words;

	if (c && q->ns != ix->snap->head.initial[NS_NET])
		words = why_printf(&st, "%s (net %u)", c->name ? c->name : c->id, q->ns);
	else
		words = look_ns_words(&st, q->ns);
	*a = why.arena;
	return words;
}

/* Who asks; of reach, from where, if that was said. */
static const char *asker_text(const struct index *ix, const struct why_query *q, struct arena *a)
{
	const struct snap_task *t = q->task == IDMAP_NONE ? NULL : &ix->snap->tasks[q->task];

	if (OPT_VALUE(q->uid) && (q->uid || !t))
		return arena_printf(a, "uid %lld", (long long)q->uid);
	if (t)
		return arena_printf(a, "%s %u, uid %u", t->comm ? t->comm : "?", t->pid, t->uid);
	return "root";
}

static const char *client_text(const struct index *ix, const struct why_query *q, struct arena *a)
{
	struct why_query from = *q;

	if (!q->has_client || !q->client_ns)
		return "";
	from.ns = q->client_ns;
	from.target = q->client;
	from.targeted = true;
	return arena_printf(a, " from %s", place_words(ix, &from, a));
}

/* "is free and may be bound by uid 0 (14 checks)" */
static const char *ok_text(const struct index *ix, const struct why_query *q, const struct why *why, struct arena *a)
{
	static const char *const words[] = { "can be made by", "is free and may be bound by", "can be listened on by",
					     "can be connected to from here, by" };
	bool half = q->call == CALL_CONNECT && !q->path; /* only this end was looked at */

	if (q->call == CALL_BIND && !q->path && !q->port && q->netid < NETID_RAW)
		return arena_printf(a, "has a port that is free, and that the kernel gives to %s (%u checks)", asker_text(ix, q, a),
				    why->checks);
	if (q->call == CALL_REACH)
		return arena_printf(a, "is reached%s and answers (%u checks)", client_text(ix, q, a), why->checks);
	return arena_printf(a, "%s %s (%u checks%s)", half ? "may be asked for a connection by" : words[q->call],
			    asker_text(ix, q, a), why->checks, half ? "; whether it answers: --reach" : "");
}

static void put_first(const struct printer *p, const struct index *ix, const struct why_query *q, const struct why *why,
		      struct arena *a)
{
	static const char *const heads[] = { "OK", "BLOCKED", "UNREACHABLE", "DEGRADED", "UNKNOWN" };
	static const char *const colors[] = { "32", "31", "31", "33", "33" };
	const struct why_cause *c = why->n_causes ? why->causes : NULL;
	const char *error = c ? error_of(c) : NULL, *said = "nothing found that stands in the way, but not all could be checked";
	const char *line = arena_printf(a, "%s%s%s", subject_of(a, q), q->ns ? " in " : "", q->ns ? place_words(ix, q, a) : "");

	if (!c && q->err && why->n_unchecked == 1) /* that it is not found is all that is unchecked */
		said = arena_printf(a, "nothing found that stands in the way, nor anything that gives %s", errno_name(q->err));
	if (c)
		said = c->summary ? c->summary : c->code;
	if (why->verdict == WHY_OK)
		line = arena_printf(a, "%s %s", line, ok_text(ix, q, why, a));
	else
		line = arena_printf(a, "%s: %s%s%s", line, error ? error : "", error ? ", " : "", said);
	fprintf(p->f, p->style.color ? "\033[1;%sm%s\033[0m  " : "%.0s%s  ", colors[why->verdict], heads[why->verdict]);
	put_prose(p, line, strlen(line), strlen(heads[why->verdict]) + 2);
	fputc('\n', p->f);
}

void whydoc_text(FILE *f, const struct index *ix, const struct why_query *q, const struct why *why,
		 const struct whydoc_style *style)
{
	struct printer p = { f, *style };
	struct arena a = { 0 };

	put_first(&p, ix, q, why, &a);
	if (why->way)
		put_line(&p, "path", why->way);
	if (why->way_back && why->n_causes)
		put_line(&p, "and back", why->way_back);
	if (why->n_causes)
		put_cause(&p, &why->causes[0]);
	for (size_t i = 1; i < why->n_causes; i++)
		put_next(&p, &why->causes[i], &a);
	if (why->note)
		put_line(&p, "note", why->note);
	put_unchecked(&p, why, &a);
	if (why->n_causes == 1 && !why->n_unchecked)
		put_line(&p, "then",
			 arena_printf(&a, "nothing else stands in the way (%u checks, none left unchecked)", why->checks));
	arena_done(&a);
}

/* --- places ---------------------------------------------------------------------------------------------------------------- */

/* A rule that leads on, behind what else is said of the place. */
static const char *port_text(const struct place *place, struct arena *a)
{
	const struct published_port *port = place->port;
	const struct snap_container *c = port->container;
	const char *then = place->why.n_causes && !place->blocked ? "; " : ": ";

	if (port->by & PUBLISHED_IPVS && !port->addr)
		return arena_printf(a, "%s%s refuses it, for no server takes connections", then, port->rule);
	return arena_printf(a, "%s%s leads on to %s:%s%s%s", then, port->rule, port->addr ? port->addr : "itself",
			    published_range(a, port->port, port->last), c ? " of " : "",
			    !c        ? ""
			    : c->name ? c->name
				      : c->id);
}

/* " (process 4711)" */
static const char *asked_as(const struct why_cause *c, struct arena *a)
{
	const struct why_fact *pid = why_fact_of(c, "asking_pid");

	return pid ? arena_printf(a, " (process %llu)", (unsigned long long)pid->number) : "";
}

static void put_place(const struct printer *p, const struct index *ix, const struct place *place, struct arena *a)
{
	const struct snap_container *c = place->container;
	struct why_query here = { .ns = place->ns };
	const char *text = place_words(ix, &here, a);

	if (c && place->role == PLACE_PUBLISHED && !place->why.n_causes && !place->port)
		text = arena_printf(a, "%s: container %s publishes it%s%s", text, c->name ? c->name : c->id, c->state ? ", " : "",
				    c->state ? c->state : "");
	if (place->port && place->blocked)
		text = arena_printf(a, "%s%s", text, port_text(place, a));
	for (size_t i = 0; i < place->why.n_causes; i++)
		text = arena_printf(a, "%s%s%s", text,
				    i                ? "; "
				    : place->blocked ? "; nobody there may bind it: "
						     : ": ",
				    place->why.causes[i].summary);
	if (place->role == PLACE_BLOCKED || place->blocked)
		text = arena_printf(a, "%s%s", text, asked_as(&place->why.causes[0], a));
	if (place->port && !place->blocked)
		text = arena_printf(a, "%s%s", text, port_text(place, a));
	put_line(p, place_role_names[place->role], text);
}

/* Those who may not are many, and much like one another: a screen has some of them. */
static void put_role(const struct printer *p, const struct index *ix, const struct places *places, unsigned int role,
		     struct arena *a)
{
	enum { MAX_BLOCKED = 10 };
	size_t n = 0;

	for (size_t i = 0; i < places->n_items; i++)
		if (places->items[i].role == role && (n++ < MAX_BLOCKED || role != PLACE_BLOCKED))
			put_place(p, ix, &places->items[i], a);
	if (role == PLACE_BLOCKED && n > MAX_BLOCKED)
		put_line(p, "", arena_printf(a, "and %zu more (-J has them all)", n - MAX_BLOCKED));
}

/* "8080", "127.0.0.1:53/udp": as one would ask. */
static const char *question_of(struct arena *a, const struct why_query *q)
{
	const char *proto = q->netid == NETID_TCP ? "" : arena_printf(a, "/%s", sock_netid_names[q->netid]);
	char addr[IPADDR_TEXT];

	if (ipaddr_is_any(&q->addr) && q->addr.family == 4)
		return arena_printf(a, "%u%s", q->port, proto);
	return arena_printf(a, q->addr.family == 6 ? "'[%s]:%u%s'" : "%s:%u%s", ipaddr_text(&q->addr, addr), q->port, proto);
}

void whydoc_places_text(FILE *f, const struct index *ix, const struct why_query *q, const struct places *places,
			const struct whydoc_style *style)
{
	struct printer p = { f, *style };
	struct arena a = { 0 };
	size_t n[3] = { 0 };

	for (size_t i = 0; i < places->n_items; i++) /* by roles, then by namespaces, but for several ways on from one */
		n[places->items[i].role] +=
			!i || places->items[i].role != places->items[i - 1].role || places->items[i].ns != places->items[i - 1].ns;
	put(&p, subject_of(&a, q));
	if (places->n_items)
		put(&p, arena_printf(&a, " is held in %zu of %u network namespaces, published in %zu, blocked in %zu",
				     n[PLACE_HELD], places->n_ns, n[PLACE_PUBLISHED], n[PLACE_BLOCKED]));
	else
		put(&p,
		    arena_printf(&a, " is neither held nor published nor blocked anywhere (network namespaces: %u)", places->n_ns));
	if (places->n_hidden || places->n_unknown)
		put(&p, ", as far as can be seen");
	fputc('\n', f);
	for (unsigned int role = PLACE_HELD; role <= PLACE_BLOCKED; role++)
		put_role(&p, ix, places, role, &a);
	if (places->n_items)
		put_line(&p, "way out",
			 arena_printf(&a, "ask about one of them:  nsnet why %s %u", question_of(&a, q), places->items[0].ns));
	if (places->n_hidden)
		put_line(&p, "unchecked",
			 arena_printf(&a, "in which network namespaces %u processes are: could not be read", places->n_hidden));
	if (places->n_unknown)
		put_line(&p, "unchecked",
			 arena_printf(&a, "sockets of %u network namespaces: could not all be read", places->n_unknown));
	arena_done(&a);
}
