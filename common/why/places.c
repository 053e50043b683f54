// SPDX-License-Identifier: GPL-2.0-or-later
#include "why/places.h"

#include "why/checks.h"
#include "why/holders.h"
#include "why/seen.h"

const char *const place_role_names[] = { "held", "published", "blocked", NULL };

uint64_t places_wants(void)
{
	return WANT_TASKS | WANT_HIDDEN | WANT_NS | WANT_CONTAINERS | WANT_ALL_CONTAINERS | WANT_SOCKETS | WANT_SOCKET_FDS |
	       WANT_SOCKET_FLAGS | WANT_COMMANDS | WANT_LINKS | WANT_NSIDS | WANT_FIREWALL;
}

static bool is_host_port(const struct snap_container *c, const struct why_query *q)
{
	for (uint32_t i = 0; i < c->n_ports; i++)
		if (c->ports[i].host_ip && c->ports[i].host_port == q->port &&
		    (!c->ports[i].proto || !strcmp(c->ports[i].proto, sock_netid_names[q->netid])))
			return true;
	return false;
}

/* A place is one where a plain bind of the port would fail: by who holds it. */
static void look_into(const struct index *ix, const struct why_query *q, uint32_t at, struct places *out)
{
	struct why_query here = *q;
	struct why why = { 0 };
	struct why_state st = { .ix = ix, .s = ix->snap, .q = &here, .why = &why };
	struct place *p;
	uint32_t more;

	here.ns = ix->snap->namespaces[at].inum;
	check_holders(&st);
	if (!why.n_causes) {
		out->n_unknown += why.n_unchecked != 0;
		why_done(&why);
		return;
	}
	p = ARRAY_ADD(out, items);
	p->ns = here.ns;
	p->container = index_ns_container(ix, at, &more);
	p->role = !strcmp(why.causes[0].code, "port-published-by-container") ? PLACE_PUBLISHED : PLACE_HELD;
	p->why = why;
}

static bool is_of_port(const struct published_port *port, const struct why_query *q)
{
	return port->by & PUBLISHED_RULE && q->port >= port->host_port && q->port <= port->host_last &&
	       !strcmp(port->proto, sock_netid_names[q->netid]);
}

/* The place whose causes say already that it is published in that namespace. */
static struct place *told_at(const struct places *out, uint32_t ns)
{
	for (size_t i = 0; i < out->n_items; i++)
		if (out->items[i].ns == ns && out->items[i].role == PLACE_PUBLISHED && out->items[i].why.n_causes)
			return &out->items[i];
	return NULL;
}

/* Translated by rules, without a socket there: each that leads on. */
static void add_rules(const struct index *ix, const struct why_query *q, struct places *out)
{
	published_build(&out->published, ix);
	for (size_t i = 0; i < out->published.n_ports; i++) {
		const struct published_port *port = &out->published.ports[i];
		struct place *told = is_of_port(port, q) ? told_at(out, port->ns) : NULL;

		if (told && !told->port)
			told->port = port;
		else if (!told && is_of_port(port, q))
			*ARRAY_ADD(out, items) = (struct place){
				.ns = port->ns, .container = port->container, .role = PLACE_PUBLISHED, .port = port
			};
	}
}

/* Published by an engine that does so without a socket; or by a container that does not run, for when it will. */
static void add_publishers(const struct index *ix, const struct why_query *q, struct places *out)
{
	for (size_t i = 0; i < ix->snap->n_containers; i++) {
		const struct snap_container *c = &ix->snap->containers[i];
		bool told = false;

		for (size_t k = 0; k < out->n_items && !told; k++)
			told = out->items[k].role == PLACE_PUBLISHED && c->state && !strcmp(c->state, "running");
		if (!told && is_host_port(c, q)) {
			struct place *p = ARRAY_ADD(out, items);

			p->ns = ix->snap->head.initial[NS_NET];
			p->container = c;
			p->role = PLACE_PUBLISHED;
		}
	}
}

void places_find(const struct index *ix, const struct why_query *q, struct places *out)
{
	*out = (struct places){ 0 };
	for (uint32_t i = 0; i < ix->snap->n_namespaces; i++) {
		if (ix->snap->namespaces[i].type != NS_NET || ix->snap->namespaces[i].sockets == OPT_NONE) /* it went meanwhile */
			continue;
		look_into(ix, q, i, out);
		out->n_ns++;
	}
	add_rules(ix, q, out);
	add_publishers(ix, q, out);
	out->n_hidden = seen_n_hidden(ix->snap);
}

void places_done(struct places *p)
{
	for (size_t i = 0; i < p->n_items; i++)
		why_done(&p->items[i].why);
	published_done(&p->published);
	free(p->items);
	*p = (struct places){ 0 };
}
