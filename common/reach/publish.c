// SPDX-License-Identifier: GPL-2.0-or-later
/* A packet that was meant for a container and ended in another namespace, the host's mostly: is the port published there, and does it run? */
#include <netinet/in.h>

#include "reach/trip.h"

/* The container that the answer is expected from, or NULL. */
static const struct snap_container *target_of(const struct why_state *st)
{
	const struct why_query *q = st->q;

	if (!q->targeted)
		return NULL;
	if (q->target.kind == TARGET_CONTAINER)
		return q->target.container;
	if (q->target.kind != TARGET_TASK || q->target.task == IDMAP_NONE || !st->s->tasks[q->target.task].container)
		return NULL;
	return index_container(st->ix, st->s->tasks[q->target.task].container);
}

static const char *name_of(const struct snap_container *c)
{
	return c->name ? c->name : c->id;
}

/* What the client asked for, whoever asked on for it since. */
static const char *asked_ip(struct trip *t)
{
	return trip_ip(t->st, ipaddr_is_any(&t->st->q->addr) ? &t->asked.dst : &t->st->q->addr);
}

static bool runs(const struct snap_container *c)
{
	return !c->state || !strcmp(c->state, "running") || !strcmp(c->state, "paused");
}

/* The engine's entry for the port that was asked for, on whatever address; NULL: none. */
static const struct snap_port *published_at(const struct trip *t, const struct snap_container *c)
{
	const char *proto = t->p.l4proto == IPPROTO_UDP ? "udp" : t->p.l4proto == IPPROTO_SCTP ? "sctp" : "tcp";

	for (uint32_t i = 0; i < c->n_ports; i++)
		if (c->ports[i].host_ip && c->ports[i].host_port == t->st->q->port &&
		    (!c->ports[i].proto || !strcmp(c->ports[i].proto, proto)))
			return &c->ports[i];
	return NULL;
}

/* Who would answer inside: on the port that is published, else on the same number, else whoever listens alone. */
static const struct snap_socket *inner_listener(struct trip *t, const struct snap_port *port)
{
	uint32_t n, ns = t->st->q->ns;
	const struct snap_socket *all = SNAP_RANGE(t->st->s, sockets, ns, &n), *any = NULL;

	for (uint32_t i = 0; i < n && ns != t->end_ns; i++) {
		if (all[i].state != STATE_LISTEN && !(all[i].netid == NETID_UDP && all[i].state == STATE_UNCONN))
			continue;
		if (port ? all[i].port == port->port : all[i].port == t->st->q->port)
			return &all[i];
		any = port || any ? any : &all[i];
	}
	return any;
}

static void listener_facts(struct trip *t, const struct snap_port *port)
{
	struct why_state *st = t->st;
	const struct snap_socket *x = inner_listener(t, port);
	const struct snap_task *h = x ? served_holder(st, x) : NULL;

	if (h)
		why_number(st, "listener_pid", h->pid);
	if (x)
		why_text(st, "listener_addr", x->addr);
	if (h)
		why_line(st, "listener", "%s, %s inside", look_task_words(st, h), look_endpoint(st, x->addr, x->port));
}

static void add_not_running(struct trip *t, const struct snap_container *c, const struct snap_port *port)
{
	struct why_state *st = t->st;

	why_add(st, "container-not-running", ECONNREFUSED);
	if (OPT_VALUE(c->exit_code) && !strcmp(c->state, "exited"))
		why_summary(st, "container %s has exited with status %lld", name_of(c), (long long)c->exit_code);
	else
		why_summary(st, "container %s does not run (%s)", name_of(c), c->state);
	why_text(st, "container_state", c->state);
	if (OPT_VALUE(c->exit_code))
		why_number(st, "exit_code", (uint64_t)c->exit_code);
	why_number(st, "host_port", t->st->q->port);
	why_text(st, "listener_container", name_of(c));
	why_bool(st, "published", port != NULL);
	why_line(st, "rule", "a container that does not run has neither rules nor a proxy: nobody answers for it");
	if (strcmp(c->state, "created") != 0)
		why_advise(st, "see why:  docker logs %s", look_quoted(st, name_of(c)));
	why_advise(st, "start it:  docker start %s", look_quoted(st, name_of(c)));
	if (port)
		why_advise(st, "where that fails, see what has the port:  nsnet why %u %s", port->host_port,
			   look_quoted(st, name_of(c)));
}

static void add_other_address(struct trip *t, const struct snap_container *c, const struct snap_port *port)
{
	struct why_state *st = t->st;

	why_add(st, "published-loopback-only", ECONNREFUSED);
	why_summary(st, "%s publishes the port on %s only, and %s was asked for", name_of(c), port->host_ip, asked_ip(t));
	why_text(st, "host_ip", port->host_ip);
	why_number(st, "host_port", port->host_port);
	why_text(st, "asked_addr", asked_ip(t));
	why_number(st, "container_port", port->port);
	listener_facts(t, port);
	why_line(st, "rule", "rule and proxy bear the address that was given to -p");
	why_advise(st, "publish it on all addresses:  -p %u:%u   (or -p %s:%u:%u)", port->host_port, port->port, asked_ip(t),
		   port->host_port, port->port);
}

static const char *published_words(struct trip *t, const struct snap_container *c)
{
	const char *text = NULL;

	for (uint32_t i = 0; i < c->n_ports; i++)
		if (c->ports[i].host_ip && c->ports[i].host_port)
			text = why_printf(t->st, "%s%s%u:%u", text ? text : "", text ? ", " : "", c->ports[i].host_port,
					  c->ports[i].port);
	return text;
}

static void add_not_published(struct trip *t, const struct snap_container *c)
{
	struct why_state *st = t->st;
	const char *others = published_words(t, c);
	const struct snap_socket *x = inner_listener(t, NULL);
	uint32_t inner = x ? x->port : t->st->q->port;

	why_add(st, "not-published", ECONNREFUSED);
	why_summary(st, "%s does not publish port %u here%s%s", name_of(c), t->st->q->port,
		    others ? "; it publishes " : " (nor any other)", others ? others : "");
	why_bool(st, "published", false);
	why_text(st, "asked_addr", asked_ip(t));
	why_number(st, "host_port", t->st->q->port);
	why_text(st, "container_ip", c->n_addresses ? c->addresses[0] : NULL);
	why_number(st, "container_port", inner);
	listener_facts(t, NULL);
	why_line(st, "rule", "EXPOSE publishes nothing; a port is reached from outside only where -p made a way to it");
	why_advise(st, "run it with that port published:  -p %u:%u", t->st->q->port, inner);
	if (c->network && (!strcmp(c->network, "none")))
		why_advise(st, "its network is \"none\": it needs another for that");
}

/*
 * Nobody answers where the packet ended (answered: somebody else does): what of that is the container's doing. False: nothing, or no
 * container was meant.
 */
bool publish_explain(struct trip *t, const struct snap_socket *answered)
{
	const struct snap_container *c = target_of(t->st);
	const struct snap_task *h = answered ? served_holder(t->st, answered) : NULL;
	const struct snap_port *port = c ? published_at(t, c) : NULL;
	size_t before = t->st->why->n_causes;

	if (!c || (runs(c) && t->end_ns == t->st->q->ns))
		return false;
	if (!runs(c))
		add_not_running(t, c, port);
	else if (port && *port->host_ip && strcmp(port->host_ip, "0.0.0.0") != 0 && strcmp(port->host_ip, "::") != 0)
		add_other_address(t, c, port);
	else if (!port)
		add_not_published(t, c);
	if (t->st->why->n_causes == before)
		return false;
	if (h) {
		why_number(t->st, "answering_pid", h->pid);
		why_line(t->st, "instead", "%s answers on %s", look_task_words(t->st, h),
			 look_endpoint(t->st, answered->addr, answered->port));
	}
	if (!answered)
		trip_word(t, "no socket on %s (refused)", trip_endpoint(t->st, &t->end.dst, t->end.dport));
	return true;
}

bool publish_is_outer(const struct trip *t)
{
	const struct snap_container *c = target_of(t->st);

	return c && t->end_ns == t->st->q->ns && published_at(t, c);
}
