// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/whydoc.h"

#include "output/escape.h"
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

struct printer {
	FILE *f;
	unsigned int flags;
	bool color;
};

static void put(const struct printer *p, const char *text)
{
	escape_to(p->f, text, strlen(text), p->flags);
}

static void put_line(const struct printer *p, const char *label, const char *text)
{
	fprintf(p->f, "  %-9s ", label);
	put(p, text);
	fputc('\n', p->f);
}

static void put_advice(const struct printer *p, const struct why_cause *c)
{
	for (size_t i = 0; i < c->n_advice; i++)
		put_line(p, i ? "" : "way out", c->advice[i]);
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

static void put_next(const struct printer *p, const struct why_cause *c)
{
	const char *error = error_of(c);

	fprintf(p->f, "  and then  %s%s", error ? error : "", error ? ": " : "");
	put(p, c->summary ? c->summary : c->code);
	fputc('\n', p->f);
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

static const char *place_words(const struct index *ix, const struct why_query *q, struct arena *a)
{
	struct why why = { .arena = *a };
	struct why_state st = { .ix = ix, .s = ix->snap, .q = q, .why = &why };
	const char *words = look_ns_words(&st, q->ns);

	*a = why.arena;
	return words;
}

static const char *asker_text(const struct index *ix, const struct why_query *q, struct arena *a)
{
	const struct snap_task *t = q->task == IDMAP_NONE ? NULL : &ix->snap->tasks[q->task];

	if (OPT_VALUE(q->uid) && (q->uid || !t))
		return arena_printf(a, "uid %lld", (long long)q->uid);
	if (t)
		return arena_printf(a, "%s %u, uid %u", t->comm ? t->comm : "?", t->pid, t->uid);
	return "root";
}

/* "is free and may be bound by uid 0 (14 checks)" */
static void put_ok(const struct printer *p, const struct index *ix, const struct why_query *q, const struct why *why,
		   struct arena *a)
{
	static const char *const words[] = { "can be made by", "is free and may be bound by", "can be listened on by",
					     "can be connected to from here, by", "is reached and answers, for" };

	/* Of connect() only this end was looked at, but for unix sockets. */
	put(p, arena_printf(a, " %s %s (%u checks%s)",
			    q->call == CALL_CONNECT && !q->path ? "may be asked for a connection by" : words[q->call],
			    asker_text(ix, q, a), why->checks,
			    q->call == CALL_CONNECT && !q->path ? "; whether it answers: --reach" : ""));
	fputc('\n', p->f);
}

static void put_first(const struct printer *p, const struct index *ix, const struct why_query *q, const struct why *why,
		      struct arena *a)
{
	static const char *const heads[] = { "OK", "BLOCKED", "UNREACHABLE", "DEGRADED", "UNKNOWN" };
	static const char *const colors[] = { "32", "31", "31", "33", "33" };
	const struct why_cause *c = why->n_causes ? why->causes : NULL;
	const char *error = c ? error_of(c) : NULL, *said = "nothing found that stands in the way, but not all could be checked";

	fprintf(p->f, p->color ? "\033[1;%sm%s\033[0m  " : "%.0s%s  ", colors[why->verdict], heads[why->verdict]);
	put(p, subject_of(a, q));
	if (q->ns)
		put(p, arena_printf(a, " in %s", place_words(ix, q, a)));
	if (why->verdict == WHY_OK) {
		put_ok(p, ix, q, why, a);
		return;
	}
	if (c)
		said = c->summary ? c->summary : c->code;
	put(p, arena_printf(a, ": %s%s%s", error ? error : "", error ? ", " : "", said));
	fputc('\n', p->f);
}

void whydoc_text(FILE *f, const struct index *ix, const struct why_query *q, const struct why *why, unsigned int flags, bool color)
{
	struct printer p = { f, flags, color };
	struct arena a = { 0 };

	put_first(&p, ix, q, why, &a);
	if (why->way)
		put_line(&p, "path", why->way);
	if (why->way_back && why->n_causes)
		put_line(&p, "and back", why->way_back);
	if (why->n_causes)
		put_cause(&p, &why->causes[0]);
	for (size_t i = 1; i < why->n_causes; i++)
		put_next(&p, &why->causes[i]);
	if (why->note)
		put_line(&p, "note", why->note);
	put_unchecked(&p, why, &a);
	if (why->n_causes == 1 && !why->n_unchecked)
		put_line(&p, "then",
			 arena_printf(&a, "nothing else stands in the way (%u checks, none left unchecked)", why->checks));
	arena_done(&a);
}

/* --- JSON ------------------------------------------------------------------------------------------------------------------ */

static void put_fact(struct json *j, const struct why_fact *f)
{
	switch (f->kind) {
	case FACT_NUMBER:
		json_num(j, f->key, f->number);
		break;
	case FACT_TEXT:
		json_str(j, f->key, f->text);
		break;
	case FACT_BOOL:
		json_bool(j, f->key, f->truth);
		break;
	case FACT_NUMBERS:
		json_begin_array(j, f->key);
		for (uint32_t i = 0; i < f->n_numbers; i++)
			json_num(j, NULL, f->numbers[i]);
		json_end_array(j);
		break;
	}
}

/* A key is written once: what was said first. */
static bool is_said(const struct why_cause *c, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(c->facts[k].key, c->facts[i].key))
			return true;
	return false;
}

static void put_causes(struct json *j, const struct why *why)
{
	json_begin_array(j, "causes");
	for (size_t i = 0; i < why->n_causes; i++) {
		const struct why_cause *c = &why->causes[i];

		json_begin_object(j, NULL);
		json_str(j, "code", c->code);
		json_str(j, "errno", error_of(c));
		json_str(j, "summary", c->summary);
		json_begin_object(j, "evidence");
		for (size_t k = 0; k < c->n_facts; k++)
			if (!is_said(c, k))
				put_fact(j, &c->facts[k]);
		json_end_object(j);
		json_begin_array(j, "advice");
		for (size_t k = 0; k < c->n_advice; k++)
			json_str(j, NULL, c->advice[k]);
		json_end_array(j);
		json_end_object(j);
	}
	json_end_array(j);
}

/* Where somebody is: {"netns":…,"pid":…,"comm":…,"container":…}. */
static void put_party(struct json *j, const char *key, const struct index *ix, uint32_t ns, uint32_t task,
		      const struct snap_container *c)
{
	const struct snap_task *t = task == IDMAP_NONE ? NULL : &ix->snap->tasks[task];
	uint32_t at = index_ns(ix, NS_NET, ns), more;

	if (!c && t && t->container)
		c = index_container(ix, t->container);
	else if (!c && at != IDMAP_NONE)
		c = index_ns_container(ix, at, &more);
	json_begin_object(j, key);
	if (ns)
		json_num(j, "netns", ns);
	else
		json_none(j, "netns");
	if (t)
		json_num(j, "pid", t->pid);
	else
		json_none(j, "pid");
	json_str(j, "comm", t ? t->comm : NULL);
	if (c)
		json_record(j, "container", &snap_container_desc, c, NULL, 0);
	else
		json_none(j, "container");
	json_end_object(j);
}

static void put_query(struct json *j, const struct index *ix, const struct why_query *q)
{
	char addr[IPADDR_TEXT];
	const struct snap_container *c = q->targeted && q->target.kind == TARGET_CONTAINER ? q->target.container : NULL;

	json_str(j, "call", why_call_names[q->call]);
	json_str(j, "proto", q->path ? "unix" : sock_netid_names[q->netid]);
	if (q->path) {
		json_str(j, "path", q->path);
		json_bool(j, "abstract", q->abstract);
	} else {
		json_str(j, "addr", ipaddr_text(&q->addr, addr));
		json_num(j, "port", q->port);
	}
	put_party(j, "target", ix, q->ns, q->task, c);
	if (q->has_client)
		put_party(j, "client", ix, q->client_ns, q->client_task,
			  q->client.kind == TARGET_CONTAINER ? q->client.container : NULL);
}

void whydoc_json(FILE *f, const struct index *ix, const struct why_query *q, const struct why *why)
{
	struct json j;

	json_start(&j, f, true);
	json_begin_object(&j, NULL);
	json_head(&j, ix->snap, WHY_SCHEMA);
	json_begin_object(&j, "why");
	put_query(&j, ix, q);
	json_str(&j, "verdict", why_verdict_names[why->verdict]);
	json_num(&j, "checks", why->checks);
	if (why->note)
		json_str(&j, "note", why->note);
	if (why->drop_reason)
		json_str(&j, "drop_reason", why->drop_reason);
	if (why->way)
		json_str(&j, "path", why->way);
	if (why->way_back)
		json_str(&j, "path_back", why->way_back);
	json_begin_array(&j, "unchecked");
	for (size_t i = 0; i < why->n_unchecked; i++) {
		json_begin_object(&j, NULL);
		json_str(&j, "what", why->unchecked[i].what);
		json_str(&j, "where", why->unchecked[i].where);
		json_str(&j, "why", why->unchecked[i].why);
		json_end_object(&j);
	}
	json_end_array(&j);
	put_causes(&j, why);
	json_end_object(&j);
	json_end_object(&j);
}

/* --- places ---------------------------------------------------------------------------------------------------------------- */

/* A rule that leads on, behind what else is said of the place. */
static void put_port(const struct printer *p, const struct place *place, struct arena *a)
{
	const struct published_port *port = place->port;
	const struct snap_container *c = port->container;

	const char *then = place->why.n_causes && !place->blocked ? "; " : ": ";

	if (port->by & PUBLISHED_IPVS && !port->addr) {
		put(p, arena_printf(a, "%s%s refuses it, for no server takes connections", then, port->rule));
		return;
	}
	put(p, arena_printf(a, "%s%s leads on to %s:%s%s%s", then, port->rule, port->addr ? port->addr : "itself",
			    published_range(a, port->port, port->last), c ? " of " : "",
			    !c        ? ""
			    : c->name ? c->name
				      : c->id));
}

/* " (process 4711)" */
static const char *asked_as(const struct why_cause *c, struct arena *a)
{
	for (size_t i = 0; i < c->n_facts; i++)
		if (!strcmp(c->facts[i].key, "asking_pid"))
			return arena_printf(a, " (process %llu)", (unsigned long long)c->facts[i].number);
	return "";
}

static void put_why(const struct printer *p, const struct place *place, struct arena *a)
{
	const char *before = place->blocked ? "; nobody there may bind it: " : ": ";

	for (size_t i = 0; i < place->why.n_causes; i++)
		put(p, arena_printf(a, "%s%s", i ? "; " : before, place->why.causes[i].summary));
	if (place->role == PLACE_BLOCKED || place->blocked)
		put(p, asked_as(&place->why.causes[0], a));
}

static void put_place(const struct printer *p, const struct index *ix, const struct place *place, struct arena *a)
{
	const struct snap_container *c = place->container;
	const char *called = !c ? "" : c->name ? c->name : c->id;
	const char *host = place->ns == ix->snap->head.initial[NS_NET] && ix->snap->head.initial_view ? "host" : "";
	const char *whose = *host ? host : place->port ? "" : called;

	put(p, arena_printf(a, "  %-9s %u%s%s", place_role_names[place->role], place->ns, *whose ? " " : "", whose));
	if (c && place->role == PLACE_PUBLISHED && !place->why.n_causes && !place->port)
		put(p, arena_printf(a, ": container %s publishes it%s%s", called, c->state ? ", " : "", c->state ? c->state : ""));
	if (place->port && place->blocked)
		put_port(p, place, a);
	put_why(p, place, a);
	if (place->port && !place->blocked)
		put_port(p, place, a);
	fputc('\n', p->f);
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

void whydoc_places_text(FILE *f, const struct index *ix, const struct why_query *q, const struct places *places, unsigned int flags)
{
	struct printer p = { f, flags, false };
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
	if (places->n_hidden)
		put_line(&p, "unchecked",
			 arena_printf(&a, "in which network namespaces %u processes are: could not be read", places->n_hidden));
	if (places->n_unknown)
		put_line(&p, "unchecked",
			 arena_printf(&a, "sockets of %u network namespaces: could not all be read", places->n_unknown));
	arena_done(&a);
}

static void put_unread(struct json *j, const char *what, uint32_t n)
{
	char why[64];

	snprintf(why, sizeof(why), "%u could not be read", n);
	json_begin_object(j, NULL);
	json_str(j, "what", what);
	json_none(j, "where");
	json_str(j, "why", why);
	json_end_object(j);
}

void whydoc_places_json(FILE *f, const struct index *ix, const struct why_query *q, const struct places *places)
{
	char addr[IPADDR_TEXT];
	struct json j;

	json_start(&j, f, true);
	json_begin_object(&j, NULL);
	json_head(&j, ix->snap, WHY_SCHEMA);
	json_begin_object(&j, "why");
	json_str(&j, "call", why_call_names[q->call]);
	json_str(&j, "proto", sock_netid_names[q->netid]);
	json_str(&j, "addr", ipaddr_text(&q->addr, addr));
	json_num(&j, "port", q->port);
	json_begin_array(&j, "places");
	for (size_t i = 0; i < places->n_items; i++) {
		const struct place *p = &places->items[i];

		json_begin_object(&j, NULL);
		json_num(&j, "ns", p->ns);
		if (p->container)
			json_record(&j, "container", &snap_container_desc, p->container, NULL, 0);
		else
			json_none(&j, "container");
		json_str(&j, "role", place_role_names[p->role]);
		if (p->port)
			json_record(&j, "leads_to", &published_port_desc, p->port, NULL, 0);
		else
			json_none(&j, "leads_to");
		put_causes(&j, &p->why);
		json_end_object(&j);
	}
	json_end_array(&j);
	json_begin_array(&j, "unchecked");
	if (places->n_hidden)
		put_unread(&j, "processes' network namespaces", places->n_hidden);
	if (places->n_unknown)
		put_unread(&j, "network namespaces' sockets", places->n_unknown);
	json_end_array(&j);
	json_end_object(&j);
	json_end_object(&j);
}
