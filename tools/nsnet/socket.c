// SPDX-License-Identifier: GPL-2.0-or-later
/* Sockets: as ss prints them, as a table of chosen columns, or as JSON. */
#include <netdb.h>

#include "firewall/published.h"
#include "nsnet.h"
#include "view/netdoc.h"
#include "view/sockpick.h"
#include "view/socktext.h"
#include "why/look.h"

enum { PORTS = 65536 };

/* --- names of ports and protocols ----------------------------------------------------------------------------------------------- */

struct names {
	const struct index *ix;
	uint32_t ephemeral_min, ephemeral_max; /* ports that ss does not name: somebody got them by chance */
	char **services[2];                    /* TCP, UDP: by port; "" is none; NULL: not looked up yet */
};

static const char *service_name(struct names *names, uint32_t port, bool udp)
{
	char **name;
	const struct servent *s;

	if (port >= PORTS || (port >= names->ephemeral_min && port <= names->ephemeral_max))
		return NULL;
	if (!names->services[udp]) {
		setservent(1);
		names->services[udp] = xcalloc(PORTS, sizeof(char *));
	}
	name = &names->services[udp][port];
	if (!*name) {
		s = getservbyport(htons((uint16_t)port), udp ? "udp" : "tcp");
		*name = xstrdup(s ? s->s_name : "");
	}
	return **name ? *name : NULL;
}

static const char *name_of_port(uint32_t port, enum sock_netid netid, void *arg)
{
	const struct protoent *p;

	switch (netid) {
	case NETID_UDP:
	case NETID_UDPLITE:
		return service_name(arg, port, true);
	case NETID_RAW:
	case NETID_PING:
		p = getprotobynumber((int)port);
		return p ? p->p_name : NULL;
	default:
		return service_name(arg, port, false);
	}
}

static const char *name_of_process(uint32_t pid, void *arg)
{
	const struct names *names = arg;
	uint32_t task = index_task(names->ix, pid);

	return task == IDMAP_NONE ? NULL : names->ix->snap->tasks[task].comm;
}

static void names_init(struct names *names, const struct index *ix)
{
	*names = (struct names){ .ix = ix };
	look_port_range(ix->snap, ix->snap->head.initial[NS_NET], &names->ephemeral_min, &names->ephemeral_max);
}

static void names_done(struct names *names)
{
	for (int udp = 0; udp < 2; udp++) {
		for (int i = 0; names->services[udp] && i < PORTS; i++)
			free(names->services[udp][i]);
		free(names->services[udp]);
	}
}

/* --- where a docker-proxy's listener leads to ------------------------------------------------------------------------------------------ */

struct doors {
	struct published published;
	struct idmap by_proxy; /* pid -> index into its ports */
	struct idmap by_port;  /* the same by namespace and port: a port may have a second proxy, for IPv6 */
	struct arena arena;
};

static bool is_proxy(const struct snap_task *t)
{
	return t->tid == t->pid && t->comm && !strcmp(t->comm, "docker-proxy");
}

/* Of all command lines only theirs are of interest: collect_opts.choose. */
static void choose_proxies(const struct index *ix, uint8_t *which, void *arg)
{
	(void)arg;
	for (uint32_t i = 0; i < ix->snap->n_tasks; i++)
		if (is_proxy(&ix->snap->tasks[i]))
			which[i / 8] |= (uint8_t)(1 << i % 8);
}

/* What such a listener leads to is in other namespaces. */
static bool has_proxies(const struct index *ix)
{
	for (uint32_t i = 0; i < ix->snap->n_tasks; i++)
		if (is_proxy(&ix->snap->tasks[i]))
			return true;
	return false;
}

static const char *leads_to(const struct snap_socket *s, const struct sock_holder *holders, uint32_t n, void *arg)
{
	struct doors *d = arg;
	uint32_t i = n ? idmap_get(&d->by_proxy, holders[0].pid) : IDMAP_NONE;
	const struct published_port *port;
	const struct snap_container *c;

	if (i == IDMAP_NONE && n && holders[0].comm && !strcmp(holders[0].comm, "docker-proxy"))
		i = idmap_get(&d->by_port, (uint64_t)s->ns << 32 | s->port);
	port = i == IDMAP_NONE ? NULL : &d->published.ports[i];
	c = port ? port->container : NULL;

	if (!port || port->host_port != s->port)
		return NULL;
	return arena_printf(&d->arena, "%s:%u", c ? (c->name ? c->name : c->id) : port->addr ? port->addr : "?", port->port);
}

static void doors_open(struct doors *d, struct sockrows *rows)
{
	*d = (struct doors){ .arena = { 0 } };
	if (!rows->holders || !has_proxies(rows->ix))
		return;
	published_build(&d->published, rows->ix);
	for (size_t i = 0; i < d->published.n_ports; i++) {
		idmap_add(&d->by_port, (uint64_t)d->published.ports[i].ns << 32 | d->published.ports[i].host_port, (uint32_t)i);
		if (OPT_VALUE(d->published.ports[i].proxy_pid))
			idmap_add(&d->by_proxy, (uint64_t)d->published.ports[i].proxy_pid, (uint32_t)i);
	}
	rows->published = leads_to;
	rows->published_arg = d;
}

static void doors_close(struct doors *d)
{
	if (d->by_proxy.n || d->published.ix)
		published_done(&d->published);
	idmap_done(&d->by_proxy);
	idmap_done(&d->by_port);
	arena_done(&d->arena);
}

/* --- the views ---------------------------------------------------------------------------------------------------------------------- */

/* Whether there may be processes whose files nobody could read. */
static bool is_unsure(const struct snap *s)
{
	return s->n_gaps > 0;
}

static void print_as_ss(const struct nsnet *n, struct sockrows *rows, const uint32_t *items, size_t n_items)
{
	const struct nsnet_sockets *s = &n->sockets;
	uint32_t states = nsnet_socket_states(n);
	bool peer_alone = n->no_header && nsnet_is_single(n, rows->ix);
	struct names names;
	struct socktext t = {
		.header = !n->no_header,
		.netid = !nsnet_socket_one_table(n),
		.state = (states & (states - 1)) != 0,
		.where = !peer_alone,
		.people = !peer_alone,
		.processes = s->processes,
		.timers = s->timers,
		.extended = s->extended,
		.memory = s->memory,
		.info = s->info,
		.oneline = s->oneline,
		.unsure = is_unsure(rows->ix->snap),
		.ascii = cli_ascii(),
		.width = peer_alone || s->oneline ? 0 : cli_width(),
		.service = s->numeric ? NULL : name_of_port,
		.process = s->numeric ? NULL : name_of_process,
		.arg = &names,
	};

	names_init(&names, rows->ix);
	socktext_print(&t, rows, items, n_items, stdout);
	names_done(&names);
}

/* Chosen columns: all rows at once, as tables are. */
static void print_table(struct nsnet *n, struct sockrows *rows, const uint32_t *items, size_t n_items)
{
	struct table *t = &n->table;

	t->n_rows = n_items;
	t->no_header = n->no_header;
	t->ascii = cli_ascii();
	t->dash = true;
	t->width = cli_width();
	t->rows = (const char *)sockrows_all(rows, items, n_items);
	table_print(t, stdout);
	free((void *)t->rows);
}

static int show(struct nsnet *n, const struct index *ix, void *arg)
{
	CLEAN_MEM uint8_t *chosen = nsnet_chosen(n, ix);
	const struct sockpick pick = {
		.netids = nsnet_socket_netids(n),
		.families = nsnet_socket_families(n),
		.states = nsnet_socket_states(n),
		.filter = &n->sockets.filter,
		.ns = chosen,
	};
	CLEAN_MEM uint32_t *items = NULL;
	struct sockrows rows;
	struct doors doors;
	size_t n_items;

	(void)arg;
	sockrows_init(&rows, ix, ix->snap->head.wants & WANT_SOCKET_FDS);
	doors_open(&doors, &rows);
	items = sockpick_all(&rows, &pick, &n_items);
	if (n->json)
		netdoc_write(stdout, &(struct netdoc){ .ix = ix,
						       .ns = chosen,
						       .schema = NSNET_SCHEMA,
						       .rows = &rows,
						       .sockets = items,
						       .n_sockets = n_items,
						       .parts = NETDOC_SOCKETS });
	else if (n->columns)
		print_table(n, &rows, items, n_items);
	else
		print_as_ss(n, &rows, items, n_items);
	doors_close(&doors);
	sockrows_done(&rows);
	return 0;
}

/* What the kernel need not tell. */
static void request(struct nsnet *n)
{
	struct sock_request *r = &n->cli.narrow.sockets;
	struct sockfilter_range local, peer;

	r->netids = nsnet_socket_netids(n);
	r->families = nsnet_socket_families(n);
	r->states = nsnet_socket_states(n);
	sockfilter_ports(&n->sockets.filter, &local, &peer);
	if (local.min || local.max != UINT16_MAX)
		r->ports = (struct sock_ports){ local.min, local.max };
	if (peer.min || peer.max != UINT16_MAX)
		r->peer_ports = (struct sock_ports){ peer.min, peer.max };
}

static uint64_t wanted(const struct nsnet *n)
{
	const struct nsnet_sockets *s = &n->sockets;
	uint64_t wants = WANT_SOCKETS | WANT_LINKS | WANT_CONTAINERS | WANT_ALL_CONTAINERS | WANT_MOUNTED;

	if (s->processes || (n->json && !n->columns))
		wants |= WANT_SOCKET_FDS | WANT_COMMANDS;
	if (s->extended || (n->json && !n->columns))
		wants |= WANT_SOCKET_FLAGS | WANT_NS | WANT_MAPS | WANT_USERS;
	if (s->info)
		wants |= WANT_TCP_INFO;
	if (s->memory)
		wants |= WANT_SOCKET_MEM;
	if (!s->numeric && !n->json)
		wants |= WANT_SYSCTLS; /* the range of ephemeral ports */
	return wants | table_wants(&n->table);
}

/* The host's own sockets, and not who has them: two processes tell which namespace that is, whatever else there is. */
static bool is_host_alone(const struct nsnet *n)
{
	const struct nsnet_sockets *s = &n->sockets;

	for (int i = 0; i < n->cli.argc; i++)
		if (strcmp(n->cli.argv[i], "host") != 0)
			return false;
	return n->cli.argc && !n->n_more && !n->json && !n->columns && !s->processes && !s->extended && !n->cli.from &&
	       !n->cli.save && !(nsnet_socket_netids(n) & 1u << NETID_NETLINK); /* which are named by their processes */
}

static enum exit_status show_host(struct nsnet *n)
{
	static const uint32_t pids[] = { 1, 2 };

	n->cli.narrow.pids = pids;
	n->cli.narrow.n_pids = ARRAY_SIZE(pids);
	return nsnet_look(n, wanted(n) & ~(uint64_t)(WANT_CONTAINERS | WANT_ALL_CONTAINERS | WANT_MOUNTED), show, NULL);
}

enum exit_status nsnet_show_sockets(struct nsnet *n)
{
	static const char usual[] = "CONTAINER,NETID,STATE,RECV_Q,SEND_Q,LOCAL,PEER";
	enum exit_status status = n->columns ? nsnet_choose_columns(n, &sockrow_desc, usual) : EXIT_DONE;

	if (status != EXIT_DONE)
		return status;
	request(n);
	if (is_host_alone(n))
		return show_host(n);
	n->cli.narrow.choose = choose_proxies;
	n->needs_all = wanted(n) & WANT_SOCKET_FDS ? has_proxies : NULL;
	return nsnet_look(n, wanted(n), show, NULL);
}
