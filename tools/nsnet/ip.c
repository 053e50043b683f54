// SPDX-License-Identifier: GPL-2.0-or-later
/* nsnet link, addr, route, rule, neigh: what ip shows, of all network namespaces. */
#include "nsnet.h"
#include "view/iptext.h"
#include "view/netdoc.h"
#include "view/netrow.h"

enum { TABLE_LOCAL = 255, TABLE_MAIN = 254 };

/* What ip's letters and words asked for. */
struct asked {
	struct nsnet *n;
	bool details, stats, all, v4, v6;
	const char *table; /* --table */
	uint32_t table_number;
	unsigned int parts; /* enum netdoc_part */
	bool addresses;
};

static const struct opt options[] = {
	{ '4', NULL, ARG_NO, NULL, "IPv4" },
	{ '6', NULL, ARG_NO, NULL, "IPv6" },
	{ 'd', "details", ARG_NO, NULL, "properties of each kind of device" },
	{ 's', "statistics", ARG_NO, NULL, "counters of devices" },
	{ 'a', "all", ARG_NO, NULL, "routes of all tables, neighbours in all states" },
	{ 't', "table", ARG_YES, "TABLE", "routes of this table: its name or number, or all" },
	{ 'N', "net", ARG_YES, "NETNS", "in the network namespace of that name" },
	{ 'J', "json", ARG_NO, NULL, "JSON" },
	{ OPT_NO_HEADER, "no-header", ARG_NO, NULL, "no line that says whose namespace follows" },
	CLI_COMMON_OPTS,
	{ 0 },
};

static int set_table(struct asked *a, const char *value)
{
	a->table = value;
	for (uint32_t number = 0; number < 256; number++)
		if (route_table_name(number) && !strcmp(route_table_name(number), value)) {
			a->table_number = number;
			return 0;
		}
	a->all = a->all || !strcmp(value, "all");
	if (a->all || !parse_u32(value, &a->table_number))
		return 0;
	return cli_usage_error(&a->n->cli, "no such table: %s (main, local, default, all, or a number)", value);
}

static int own_option(void *arg, int id, const char *value)
{
	struct asked *a = arg;
	const struct {
		int id;
		bool *flag;
	} flags[] = { { '4', &a->v4 },
		      { '6', &a->v6 },
		      { 'd', &a->details },
		      { 's', &a->stats },
		      { 'a', &a->all },
		      { 'J', &a->n->json },
		      { OPT_NO_HEADER, &a->n->no_header } };

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (flags[i].id == id) {
			*flags[i].flag = true;
			return 0;
		}
	return id == 'N' ? nsnet_add_netns(a->n, value) : set_table(a, value);
}

/* --- which records ---------------------------------------------------------------------------------------------------------------- */

static bool has_family(const struct asked *a, uint8_t family)
{
	return a->v4 == a->v6 || (family == ADDR_INET6 ? a->v6 : a->v4);
}

/* People are spared the local table, which the kernel fills by itself. */
static bool shows_route(const void *record, const void *arg)
{
	const struct snap_route *r = record;
	const struct asked *a = arg;

	if (!has_family(a, r->family))
		return false;
	if (a->all)
		return true;
	return a->table ? r->table == a->table_number : a->n->json || r->table != TABLE_LOCAL;
}

static bool shows_rule(const void *record, const void *arg)
{
	return has_family(arg, ((const struct snap_rule *)record)->family);
}

static bool shows_neigh(const void *record, const void *arg)
{
	const struct asked *a = arg;

	return has_family(a, ((const struct snap_neigh *)record)->family) && (a->all || iprows_shows_neigh(record));
}

/* --- text ----------------------------------------------------------------------------------------------------------------------------- */

struct naming {
	const struct index *ix;
	struct arena arena;
};

static const char *where(uint32_t inum, void *arg)
{
	struct naming *naming = arg;
	uint32_t ns = index_ns(naming->ix, NS_NET, inum);

	return ns == IDMAP_NONE ? "?" : netrow_where(naming->ix, ns, &naming->arena);
}

static void print_links(const struct iptext *t, struct iprows *rows)
{
	uint32_t n;
	const struct snap_link *l = SNAP_RANGE(rows->ix->snap, links, rows->inum, &n);
	struct iprow_link row;

	for (uint32_t i = 0; i < n; i++) {
		iprows_link(rows, &l[i], &row);
		iptext_link(t, &row);
	}
}

static void print_routes(const struct iptext *t, struct iprows *rows, const struct asked *a)
{
	uint32_t n;
	const struct snap_route *r = SNAP_RANGE(rows->ix->snap, routes, rows->inum, &n);
	struct iprow_route row;

	for (uint32_t i = 0; i < n; i++)
		if (shows_route(&r[i], a)) {
			iprows_route(rows, &r[i], &row);
			iptext_route(t, &row);
		}
}

static void print_rules(const struct iptext *t, struct iprows *rows, const struct asked *a)
{
	uint32_t n;
	const struct snap_rule *r = SNAP_RANGE(rows->ix->snap, rules, rows->inum, &n);
	struct iprow_rule row;

	for (uint32_t i = 0; i < n; i++)
		if (shows_rule(&r[i], a)) {
			iprows_rule(rows, &r[i], &row);
			iptext_rule(t, &row);
		}
}

static void print_neighs(const struct iptext *t, struct iprows *rows, const struct asked *a)
{
	uint32_t n;
	const struct snap_neigh *x = SNAP_RANGE(rows->ix->snap, neighbours, rows->inum, &n);
	struct iprow_neigh row;

	for (uint32_t i = 0; i < n; i++)
		if (shows_neigh(&x[i], a)) {
			iprows_neigh(rows, &x[i], &row);
			iptext_neigh(t, &row);
		}
}

static void print_text(const struct asked *a, const struct index *ix, struct iprows *rows)
{
	struct naming naming = { .ix = ix };
	const struct iptext t = { .f = stdout, .ascii = cli_ascii(), .where = where, .arg = &naming };
	bool header = !a->n->no_header && !nsnet_is_single(a->n, ix), first = true;

	for (uint32_t ns = 0; ns < ix->snap->n_namespaces; ns++) {
		if (!nsnet_selects(a->n, ix, ns))
			continue;
		if (header && !first)
			putchar('\n');
		if (header)
			nsnet_print_where(a->n, ix, ns, &naming.arena);
		first = false;
		iprows_enter(rows, ns);
		if (a->parts & NETDOC_LINKS)
			print_links(&t, rows);
		if (a->parts & NETDOC_ROUTES)
			print_routes(&t, rows, a);
		if (a->parts & NETDOC_RULES)
			print_rules(&t, rows, a);
		if (a->parts & NETDOC_NEIGHBOURS)
			print_neighs(&t, rows, a);
	}
	arena_done(&naming.arena);
}

/* --- all of it --------------------------------------------------------------------------------------------------------------------------- */

static unsigned int details(const struct asked *a)
{
	return (a->details ? IPROW_DETAILS : 0) | (a->stats ? IPROW_STATS : 0) | (a->addresses ? IPROW_ADDRESSES : 0);
}

static int show(struct nsnet *n, const struct index *ix, void *arg)
{
	const struct asked *a = arg;
	CLEAN_MEM uint8_t *chosen = nsnet_chosen(n, ix);
	struct iprows rows;

	iprows_init(&rows, ix, details(a));
	if (n->json)
		netdoc_write(stdout, &(struct netdoc){ .ix = ix,
						       .ns = chosen,
						       .schema = NSNET_SCHEMA,
						       .parts = a->parts,
						       .ip = &rows,
						       .shows_route = shows_route,
						       .shows_rule = shows_rule,
						       .shows_neigh = shows_neigh,
						       .shows_arg = a });
	else
		print_text(a, ix, &rows);
	iprows_done(&rows);
	return 0;
}

static uint64_t wanted(const struct asked *a)
{
	uint64_t wants = WANT_LINKS | WANT_CONTAINERS | WANT_ALL_CONTAINERS | WANT_MOUNTED;

	if (a->parts & NETDOC_LINKS)
		wants |= WANT_NSIDS | WANT_HIDDEN;
	if (a->parts & (NETDOC_ROUTES | NETDOC_RULES))
		wants |= WANT_ROUTES;
	if (a->parts & NETDOC_NEIGHBOURS)
		wants |= WANT_NEIGHBOURS;
	return wants;
}

static enum exit_status run(struct nsnet *n, int argc, char **argv, unsigned int parts, bool addresses)
{
	struct asked a = { .n = n, .parts = parts, .addresses = addresses };
	enum exit_status status;
	char synopsis[64], summary[128];
	bool answered;

	snprintf(synopsis, sizeof(synopsis), "%s [options] [TARGET...]", n->command->name);
	snprintf(summary, sizeof(summary), "Show %s of network namespaces.", n->command->help);
	n->cli.synopsis = synopsis;
	n->cli.summary = summary;
	n->cli.opts = options;
	status = cli_parse(&n->cli, argc, argv, own_option, &a, &answered);
	if (status != EXIT_DONE || answered)
		return status;
	if (n->cli.complete)
		return nsnet_complete(n, NULL);
	if (n->cli.schema)
		return nsnet_schema(n);
	n->everywhere = parts & NETDOC_LINKS; /* the other ends of its links are in namespaces that were not asked for */
	return nsnet_look(n, wanted(&a), show, &a);
}

enum exit_status nsnet_link(struct nsnet *n, int argc, char **argv)
{
	return run(n, argc, argv, NETDOC_LINKS, false);
}

enum exit_status nsnet_addr(struct nsnet *n, int argc, char **argv)
{
	return run(n, argc, argv, NETDOC_LINKS, true);
}

enum exit_status nsnet_route(struct nsnet *n, int argc, char **argv)
{
	return run(n, argc, argv, NETDOC_ROUTES, false);
}

enum exit_status nsnet_rule(struct nsnet *n, int argc, char **argv)
{
	return run(n, argc, argv, NETDOC_RULES, false);
}

enum exit_status nsnet_neigh(struct nsnet *n, int argc, char **argv)
{
	return run(n, argc, argv, NETDOC_NEIGHBOURS, false);
}
