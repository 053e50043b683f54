// SPDX-License-Identifier: GPL-2.0-or-later
#include <netinet/in.h>

#include "firewall/published.h"
#include "firewall/rule_text.h"

const char *const published_by_names[] = { "rule", "proxy", "engine", "ipvs", NULL };
const char *const published_condition_names[] = { "source", "device", "mark", "chance", "other", NULL };

#define F(member, ...) FIELD(published_port, member, __VA_ARGS__)
static const struct field port_fields[] = {
	F(ns, F_U32, HELP("network namespace in which it is published")),
	F(proto, F_STR, HELP("protocol")),
	F(host_ip, F_STR, HELP("address there, or prefix; none: all")),
	F(host_port, F_U32, HELP("port there, or the first of several")),
	F(host_last, F_U32, HELP("the last")),
	F(to_ns, F_NSREF, HELP("network namespace that it leads to")),
	F(addr, F_STR, HELP("address in that")),
	F(port, F_U32, HELP("port there, or the first of several")),
	F(last, F_U32, HELP("the last")),
	F(conditions, F_FLAGS, .names = published_condition_names,
	  HELP("what the rule asks for beside: source, device, mark, chance (one of several), other")),
	F(by, F_FLAGS, .names = published_by_names, HELP("what says so: rule, proxy, engine, ipvs")),
	F(rule, F_STR, HELP("table, chain and handle of the rule, or IPVS")),
	F(proxy_pid, F_OPT, HELP("docker-proxy")),
	F(container, F_REC, .rec = &snap_container_desc, HELP("container that it leads to")),
	F(listens, F_BOOL, HELP("whether anybody listens there")),
	F(listener_pid, F_OPT, HELP("who does")),
	F(listener_comm, F_STR, HELP("its name")),
};
DESC(published_port_desc, "published_port", struct published_port, "a published port", port_fields);
#undef F

#define F(member, ...) FIELD(published_undecoded, member, __VA_ARGS__)
static const struct field undecoded_fields[] = {
	F(ns, F_U32, HELP("network namespace")),
	F(rule, F_STR, HELP("table, chain and handle; none: of a part of the ruleset")),
	F(text, F_STR, HELP("the rule, or what else could not be told")),
};
DESC(published_undecoded_desc, "published_undecoded", struct published_undecoded, "a rule that translates, not told what to what",
     undecoded_fields);

struct building {
	struct published *p;
	const struct snap *s;
	struct idmap by_addr; /* address -> the first of addresses that have it */
	uint32_t *next_addr;
	struct idmap by_port; /* what is the same port -> ports */
	struct idmap ns_of;   /* container -> namespace */
	struct idmap peers;   /* pairs of namespaces that a link joins */
};

/* --- where an address is ------------------------------------------------------------------------------------------------------------------ */

static uint64_t pair_key(uint32_t a, uint32_t b)
{
	return (uint64_t)a << 32 | b;
}

static void index_addresses(struct building *b)
{
	const struct snap *s = b->s;

	b->next_addr = xcalloc(s->n_addresses + 1, sizeof(*b->next_addr));
	for (uint32_t i = (uint32_t)s->n_addresses; i-- > 0;) {
		uint64_t key = text_key(s->addresses[i].local);

		b->next_addr[i] = idmap_get(&b->by_addr, key);
		idmap_set(&b->by_addr, key, i);
	}
	for (uint32_t i = 0; i < s->n_links; i++)
		if (NSREF_KNOWN(s->links[i].peer_ns))
			idmap_add(&b->peers, pair_key(s->links[i].ns, s->links[i].peer_ns), i);
}

/* Many namespaces may have 172.17.0.2: the one that a link joins with where it is looked for comes first, then the first. */
static uint32_t ns_of_address(const struct building *b, const char *addr, uint32_t from)
{
	uint32_t found = 0;

	if (!addr)
		return 0;
	for (uint32_t i = idmap_get(&b->by_addr, text_key(addr)); i != IDMAP_NONE; i = b->next_addr[i]) {
		uint32_t ns = b->s->addresses[i].ns;

		if (strcmp(b->s->addresses[i].local, addr) != 0)
			continue;
		if (idmap_get(&b->peers, pair_key(ns, from)) != IDMAP_NONE ||
		    idmap_get(&b->peers, pair_key(from, ns)) != IDMAP_NONE)
			return ns;
		if (!found || ns == from)
			found = ns;
	}
	return found;
}

static void index_containers(struct building *b)
{
	for (uint32_t i = 0; i < b->s->n_tasks; i++) {
		const struct snap_task *t = &b->s->tasks[i];
		uint32_t ns = t->container && NSREF_KNOWN(t->ns[NS_NET]) ? index_ns(b->p->ix, NS_NET, t->ns[NS_NET]) : IDMAP_NONE;

		if (ns != IDMAP_NONE)
			idmap_add(&b->ns_of, text_key(t->container), ns);
	}
}

/* --- one port, said once ------------------------------------------------------------------------------------------------------------------- */

static bool is_any(const char *ip)
{
	return !ip || !*ip || !strcmp(ip, "0.0.0.0") || !strcmp(ip, "::");
}

static uint64_t port_key(const struct published_port *x)
{
	char text[256];

	snprintf(text, sizeof(text), "%u %s %s %u %u %u %s %u %u", x->ns, x->proto, is_any(x->host_ip) ? "" : x->host_ip,
		 x->host_port, x->host_last, x->to_ns, x->to_ns || !x->addr ? "" : x->addr, x->port, x->last);
	return text_key(text);
}

/* What says so last adds what the others did not know. */
static void add_port(struct building *b, const struct published_port *x)
{
	uint32_t next = (uint32_t)b->p->n_ports, at = idmap_add(&b->by_port, port_key(x), next);
	struct published_port *port;

	if (at == next) {
		port = ARRAY_ADD(b->p, ports);
		*port = *x;
		if (is_any(port->host_ip))
			port->host_ip = NULL;
		return;
	}
	port = &b->p->ports[at];
	if (x->by & PUBLISHED_RULE) /* of two rules one may ask for nothing */
		port->conditions = !(port->by & PUBLISHED_RULE)        ? x->conditions
				   : port->conditions && x->conditions ? port->conditions | x->conditions
								       : 0;
	port->by |= x->by;
	if (!port->rule)
		port->rule = x->rule;
	if (!port->addr)
		port->addr = x->addr;
	if (!port->container)
		port->container = x->container;
	if (port->proxy_pid == OPT_NONE)
		port->proxy_pid = x->proxy_pid;
}

static struct published_port port_of(uint32_t ns, const char *proto, enum published_by by)
{
	return (struct published_port){ .ns = ns, .proto = proto, .by = by, .proxy_pid = OPT_NONE, .listener_pid = OPT_NONE };
}

static const char *copy_address(struct building *b, const struct ipaddr *a)
{
	char text[IPADDR_TEXT];

	return a->family ? arena_strdup(&b->p->arena, ipaddr_text(a, text)) : NULL;
}

const char *published_range(struct arena *arena, uint32_t first, uint32_t last)
{
	if (first <= 1 && last == UINT16_MAX)
		return "*";
	return first == last ? arena_printf(arena, "%u", first) : arena_printf(arena, "%u-%u", first, last);
}

/* --- who says so ------------------------------------------------------------------------------------------------------------------------------- */

struct ruling {
	struct building *b;
	struct ruleset r;
};

static const char *name_of(struct building *b, const struct snap_fw_rule *rule)
{
	return arena_printf(&b->p->arena, "%s %s %llu", rule->table, rule->chain, (unsigned long long)rule->handle);
}

static const char *proto_word(uint8_t proto)
{
	return proto == IPPROTO_TCP ? "tcp" : proto == IPPROTO_UDP ? "udp" : proto == IPPROTO_SCTP ? "sctp" : NULL;
}

static void take_rule(void *arg, const struct published_rule *r)
{
	struct building *b = ((struct ruling *)arg)->b;
	const char *proto = proto_word(r->way.proto);
	struct published_port x = port_of(r->rule->ns, proto, PUBLISHED_RULE);

	if (!proto) /* without ports */
		return;
	x.host_ip = copy_address(b, &r->way.host);
	if (x.host_ip && r->way.prefix < ipaddr_size(&r->way.host) * 8)
		x.host_ip = arena_printf(&b->p->arena, "%s/%u", x.host_ip, r->way.prefix);
	x.host_port = r->way.low;
	x.host_last = r->way.high;
	x.addr = copy_address(b, &r->to);
	x.port = r->port;
	x.last = r->last;
	x.conditions = r->way.conditions;
	x.to_ns = x.addr ? ns_of_address(b, x.addr, x.ns) : x.ns;
	x.rule = name_of(b, r->rule);
	add_port(b, &x);
}

static void add_undecoded(struct building *b, uint32_t ns, const char *rule, const char *text)
{
	*ARRAY_ADD(b->p, undecoded) = (struct published_undecoded){ .ns = ns, .rule = rule, .text = text };
}

static void take_undecoded(void *arg, const struct snap_fw_rule *rule)
{
	struct ruling *r = arg;

	if (!rule)
		add_undecoded(r->b, r->r.ns, NULL, "more ways through the ruleset than were gone");
	else
		add_undecoded(r->b, r->r.ns, name_of(r->b, rule), rule_text(&r->r, rule, &r->b->p->arena));
}

static void add_rules_of(struct building *b, uint32_t ns)
{
	struct ruling ruling = { .b = b };
	const struct published_sink sink = { take_rule, take_undecoded, &ruling };

	ruleset_open(&ruling.r, b->s, ns);
	published_rules(&ruling.r, &sink);
	for (uint32_t i = 0; i < ruling.r.n_tables; i++)
		if (ruling.r.tables[i].legacy && !strcmp(ruling.r.tables[i].name, "nat"))
			add_undecoded(b, ns, NULL, "the table nat of iptables-legacy");
	ruleset_done(&ruling.r);
}

static void add_rules(struct building *b)
{
	for (uint32_t i = 0; i < b->s->n_fw_tables; i++)
		if (!i || b->s->fw_tables[i - 1].ns != b->s->fw_tables[i].ns)
			add_rules_of(b, b->s->fw_tables[i].ns);
}

static void add_proxies(struct building *b)
{
	for (uint32_t i = 0; i < b->s->n_tasks; i++) {
		const struct snap_task *t = &b->s->tasks[i];
		struct published_proxy parsed;
		struct published_port x;

		/* Inside of a container anybody may call himself so. */
		if (t->container || !t->command || !t->comm || strcmp(t->comm, "docker-proxy") != 0 ||
		    !published_parse_proxy(t->command, &parsed))
			continue;
		x = port_of(NSREF_KNOWN(t->ns[NS_NET]) ? t->ns[NS_NET] : 0, parsed.proto, PUBLISHED_PROXY);
		x.host_ip = copy_address(b, &parsed.host);
		x.host_port = x.host_last = parsed.host_port;
		x.addr = copy_address(b, &parsed.to);
		x.port = x.last = parsed.port;
		x.to_ns = ns_of_address(b, x.addr, x.ns);
		x.proxy_pid = t->pid;
		add_port(b, &x);
	}
}

/* The address that an engine has noted for a container, of the family in which it is published. */
static const char *address_of(const struct snap_container *c, const char *host_ip)
{
	bool v6 = host_ip && strchr(host_ip, ':');

	for (uint32_t i = 0; i < c->n_addresses; i++)
		if (!!strchr(c->addresses[i], ':') == v6)
			return c->addresses[i];
	return c->n_addresses ? c->addresses[0] : NULL;
}

static void add_engines(struct building *b)
{
	for (uint32_t i = 0; i < b->s->n_containers; i++) {
		const struct snap_container *c = &b->s->containers[i];
		uint32_t ns = idmap_get(&b->ns_of, text_key(c->id));

		for (uint32_t k = 0; ns != IDMAP_NONE && k < c->n_ports; k++) {
			struct published_port x = port_of(b->s->head.initial[NS_NET], c->ports[k].proto, PUBLISHED_ENGINE);

			if (!c->ports[k].host_ip || !c->ports[k].host_port)
				continue;
			x.host_ip = c->ports[k].host_ip;
			x.host_port = x.host_last = c->ports[k].host_port;
			x.port = x.last = c->ports[k].port;
			x.to_ns = b->s->namespaces[ns].inum;
			x.addr = address_of(c, x.host_ip);
			x.container = c;
			add_port(b, &x);
		}
	}
}

static uint32_t taking_part(const struct snap_vserver *v)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < v->n_servers; i++)
		n += v->servers[i].weight != 0;
	return n;
}

/* A service without a server that takes connections leads nowhere, and has the port all the same. Those by mark have no port. */
static void add_vserver(struct building *b, const struct snap_vserver *v)
{
	static const char *const protos[] = { "tcp", "udp", "sctp" };
	struct published_port x = port_of(v->ns, NULL, PUBLISHED_IPVS);
	uint32_t n = taking_part(v);

	for (size_t i = 0; i < ARRAY_SIZE(protos); i++)
		if (v->proto && !strcasecmp(v->proto, protos[i]))
			x.proto = protos[i];
	if (!v->addr || !x.proto)
		return;
	x.host_ip = v->addr;
	x.host_port = x.port = v->port;
	x.host_last = x.last = v->port ? v->port : UINT16_MAX;
	x.conditions = n > 1 ? PUBLISHED_CHANCE : 0;
	x.rule = "IPVS";
	for (uint32_t i = 0; i < v->n_servers; i++) {
		if (!v->servers[i].weight)
			continue;
		x.addr = v->servers[i].addr;
		if (v->port)
			x.port = x.last = v->servers[i].port;
		x.to_ns = ns_of_address(b, x.addr, x.ns);
		add_port(b, &x);
	}
	if (!n)
		add_port(b, &x);
}

static void add_vservers(struct building *b)
{
	for (size_t i = 0; i < b->s->n_vservers; i++)
		add_vserver(b, &b->s->vservers[i]);
}

/* --- who listens there --------------------------------------------------------------------------------------------------------------------- */

static bool listens_at(const struct snap_socket *x, const struct published_port *port)
{
	struct ipaddr a;
	bool tcp = !strcmp(port->proto, "tcp");

	if (tcp ? x->netid != NETID_TCP || x->state != STATE_LISTEN : x->netid != NETID_UDP)
		return false;
	if (!port->addr || ipaddr_parse(x->addr, &a))
		return true;
	return ipaddr_is_any(&a) ? !(x->flags & SOCKF_V6ONLY && !strchr(port->addr, ':')) : !strcmp(x->addr, port->addr);
}

/* Sockets of a namespace are sorted by netid and port: the first of a port. */
static uint32_t first_of_port(const struct snap_socket *x, uint32_t n, enum sock_netid netid, uint32_t port)
{
	uint32_t low = 0, high = n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (x[middle].netid < netid || (x[middle].netid == netid && x[middle].port < port))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void find_listener(struct building *b, struct published_port *port)
{
	enum sock_netid netid = strcmp(port->proto, "tcp") ? NETID_UDP : NETID_TCP;
	uint32_t n, n_fds, task;
	const struct snap_socket *x = SNAP_RANGE(b->s, sockets, port->to_ns, &n);
	const struct snap_socket_fd *fd;

	for (uint32_t i = first_of_port(x, n, netid, port->port); i < n && x[i].netid == netid && x[i].port <= port->last; i++) {
		if (!listens_at(&x[i], port))
			continue;
		port->listens = true;
		fd = snap_socket_fds(b->s, x[i].ino, &n_fds);
		task = fd ? index_task(b->p->ix, fd->pid) : IDMAP_NONE;
		if (fd)
			port->listener_pid = fd->pid;
		if (task != IDMAP_NONE)
			port->listener_comm = b->s->tasks[task].comm;
		return;
	}
}

static void find_targets(struct building *b)
{
	for (size_t i = 0; i < b->p->n_ports; i++) {
		struct published_port *port = &b->p->ports[i];
		uint32_t ns = port->to_ns ? index_ns(b->p->ix, NS_NET, port->to_ns) : IDMAP_NONE, more;

		if (ns == IDMAP_NONE)
			continue;
		if (!port->container)
			port->container = index_ns_container(b->p->ix, ns, &more);
		find_listener(b, port);
	}
}

static int by_place(const void *a, const void *b)
{
	const struct published_port *x = a, *y = b;

	if (x->ns != y->ns)
		return x->ns < y->ns ? -1 : 1;
	if (x->host_port != y->host_port)
		return x->host_port < y->host_port ? -1 : 1;
	if (strcmp(x->proto, y->proto) != 0)
		return strcmp(x->proto, y->proto);
	return x->to_ns < y->to_ns ? -1 : x->to_ns > y->to_ns;
}

void published_build(struct published *p, const struct index *ix)
{
	struct building b = { .p = p, .s = ix->snap };

	*p = (struct published){ .ix = ix };
	index_addresses(&b);
	index_containers(&b);
	add_engines(&b);
	add_proxies(&b);
	add_rules(&b);
	add_vservers(&b);
	find_targets(&b);
	if (p->n_ports)
		sort_stable(p->ports, p->n_ports, sizeof(*p->ports), by_place);
	free(b.next_addr);
	idmap_done(&b.by_addr);
	idmap_done(&b.by_port);
	idmap_done(&b.ns_of);
	idmap_done(&b.peers);
}

void published_done(struct published *p)
{
	free(p->ports);
	free(p->undecoded);
	arena_done(&p->arena);
	*p = (struct published){ 0 };
}
