// SPDX-License-Identifier: GPL-2.0-or-later
#include "why/places.h"

#include "why/checks.h"
#include "why/holders.h"
#include "why/seen.h"

const char *const place_role_names[] = { "held", "published", "blocked", NULL };

uint64_t places_wants(void)
{
	return WANT_TASKS | WANT_HIDDEN | WANT_NS | WANT_MOUNTED | WANT_CONTAINERS | WANT_ALL_CONTAINERS | WANT_SOCKETS |
	       WANT_SOCKET_FDS | WANT_SOCKET_FLAGS | WANT_COMMANDS | WANT_LINKS | WANT_NSIDS | WANT_FIREWALL | WANT_GUARDS |
	       WANT_SYSCTLS;
}

static bool is_host_port(const struct snap_container *c, const struct why_query *q)
{
	for (uint32_t i = 0; i < c->n_ports; i++)
		if (c->ports[i].host_ip && c->ports[i].host_port == q->port &&
		    (!c->ports[i].proto || !strcmp(c->ports[i].proto, sock_netid_names[q->netid])))
			return true;
	return false;
}

/* The text of all answers is in one arena: hundreds of them with a block each would cost more than to find them. */
static struct why begin(const struct places *out)
{
	return (struct why){ .arena = out->arena };
}

static void end(struct places *out, struct why *why)
{
	out->arena = why->arena;
	why->arena = (struct arena){ 0 };
}

/* --- may it be bound? ------------------------------------------------------------------------------------------------------- */

enum { MAX_ASKERS = 8 };

static bool is_among(const struct snap *s, const uint32_t *tasks, uint32_t n, const char *container)
{
	for (uint32_t i = 0; i < n; i++) {
		const char *one = s->tasks[tasks[i]].container;

		if (container ? one && !strcmp(one, container) : !one)
			return true;
	}
	return false;
}

/* Who would bind there: of each container the first process. A pod's sandbox binds nothing, and in the host's root may. */
static uint32_t find_askers(const struct index *ix, uint32_t at, uint32_t *out)
{
	const struct snap *s = ix->snap;
	const struct ns_members *m = &ix->ns[at];
	uint32_t n = 0;

	for (uint32_t i = 0; i < m->n && n < MAX_ASKERS && s->namespaces[at].inum != s->head.initial[NS_NET]; i++) {
		uint32_t task = ix->members[m->begin + i];
		const struct snap_task *t = &s->tasks[task];
		const struct snap_container *c = t->container ? index_container(ix, t->container) : NULL;

		if (t->tid == t->pid && !(t->flags & (TASK_ZOMBIE | TASK_KTHREAD)) && !(c && c->sandbox) &&
		    !is_among(s, out, n, t->container))
			out[n++] = task;
	}
	return n;
}

void places_choose(const struct index *ix, uint8_t *which)
{
	for (uint32_t i = 0; i < ix->snap->n_namespaces; i++) {
		uint32_t askers[MAX_ASKERS], n = ix->snap->namespaces[i].type == NS_NET ? find_askers(ix, i, askers) : 0;

		while (n--)
			which[askers[n] / 8] |= (uint8_t)(1 << askers[n] % 8);
	}
}

/* What keeps a process from it, whoever holds the port: nothing of what hangs on addresses and devices. */
static void ask_as(const struct index *ix, const struct why_query *q, uint32_t task, struct why *why)
{
	static void (*const checks[])(struct why_state * st) = {
		check_seccomp, check_lsm, check_cgroup_socket, check_cgroup, check_privilege6, check_privilege4, check_cgroup_post,
	};
	struct why_query as = *q;
	struct why_state st = { .ix = ix, .s = ix->snap, .q = &as, .why = why };

	as.task = task;
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
		checks[i](&st);
}

/* True: none of them may. why: what the first of them would meet. */
static bool is_blocked(const struct index *ix, const struct why_query *q, uint32_t at, struct places *out, struct why *why)
{
	uint32_t askers[MAX_ASKERS], n = find_askers(ix, at, askers);
	bool blocked = n > 0;

	for (uint32_t i = 0; i < n && blocked; i++) {
		struct why one = begin(out);

		ask_as(ix, q, askers[i], &one);
		end(out, &one);
		blocked = one.n_causes != 0;
		if (i || !blocked)
			why_done(&one);
		else
			*why = one;
	}
	if (!blocked)
		why_done(why);
	return blocked;
}

/* ---------------------------------------------------------------------------------------------------------------------------- */

static void add_place(const struct index *ix, uint32_t at, uint8_t role, const struct why *why, struct places *out)
{
	struct place *p = ARRAY_ADD(out, items);
	uint32_t more;

	p->ns = ix->snap->namespaces[at].inum;
	p->container = index_ns_container(ix, at, &more);
	p->role = role;
	p->why = *why;
}

/* A place is one where a plain bind of the port would fail: by who holds it, or by what those who are there may not. */
static void look_into(const struct index *ix, const struct why_query *q, uint32_t at, struct places *out)
{
	struct why_query here = *q;
	struct why why = begin(out);
	struct why_state st = { .ix = ix, .s = ix->snap, .q = &here, .why = &why };

	here.ns = ix->snap->namespaces[at].inum;
	check_holders(&st);
	end(out, &why);
	if (why.n_causes) {
		add_place(ix, at, !strcmp(why.causes[0].code, "port-published-by-container") ? PLACE_PUBLISHED : PLACE_HELD, &why,
			  out);
		return;
	}
	out->n_unknown += why.n_unchecked != 0;
	why_done(&why);
	if (is_blocked(ix, &here, at, out, &why))
		add_place(ix, at, PLACE_BLOCKED, &why, out);
}

static bool is_of_port(const struct published_port *port, const struct why_query *q)
{
	return port->by & (PUBLISHED_RULE | PUBLISHED_IPVS) && q->port >= port->host_port && q->port <= port->host_last &&
	       !strcmp(port->proto, sock_netid_names[q->netid]);
}

/* The place whose causes say already that it is published in that namespace. */
static struct place *told_at(const struct places *out, uint32_t ns)
{
	for (size_t i = 0; i < out->n_items; i++)
		if (out->items[i].ns == ns && out->items[i].role == PLACE_PUBLISHED && out->items[i].why.n_causes &&
		    !out->items[i].blocked)
			return &out->items[i];
	return NULL;
}

/* A namespace is told once: where nobody may bind what is published, its place goes, and what is in the way is handed on. */
static bool take_blocked(struct places *out, uint32_t ns, struct why *why)
{
	for (size_t i = 0; i < out->n_items; i++)
		if (out->items[i].ns == ns && out->items[i].role == PLACE_BLOCKED) {
			*why = out->items[i].why;
			memmove(&out->items[i], &out->items[i + 1], (--out->n_items - i) * sizeof(*out->items));
			return true;
		}
	return false;
}

static void add_rule(const struct published_port *port, struct places *out)
{
	struct place p = { .ns = port->ns, .container = port->container, .role = PLACE_PUBLISHED, .port = port };

	p.blocked = take_blocked(out, port->ns, &p.why);
	*ARRAY_ADD(out, items) = p;
}

/* Translated by rules or IPVS, without a socket there: each that leads on. */
static void add_rules(const struct index *ix, const struct why_query *q, struct places *out)
{
	published_build(&out->published, ix);
	for (size_t i = 0; i < out->published.n_ports; i++) {
		const struct published_port *port = &out->published.ports[i];
		struct place *told = is_of_port(port, q) ? told_at(out, port->ns) : NULL;

		if (told && !told->port)
			told->port = port;
		else if (!told && is_of_port(port, q))
			add_rule(port, out);
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
	arena_done(&p->arena);
	*p = (struct places){ 0 };
}
