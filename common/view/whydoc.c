// SPDX-License-Identifier: GPL-2.0-or-later
/* What scripts see of a diagnosis: JSON. */
#include "view/whydoc.h"

#include "why/look.h"

static const char *error_of(const struct why_cause *c)
{
	return c->err ? errno_name(c->err) : NULL;
}

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
