// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/netdoc.h"
#include "view/netrow.h"

#define F(member, ...) FIELD(netdoc_head, member, __VA_ARGS__)
#define N(member) COUNTED(netdoc_head, member)
#define PART .flags = FF_OMIT | FF_EXTRA
static const struct field netdoc_fields[] = {
	F(ns, F_U32, HELP("network namespace (inode number)")),
	F(initial, F_BOOL, HELP("whether it is the host's")),
	F(container, F_REC, .rec = &snap_container_desc, HELP("container of its first process")),
	F(names, F_STRS, N(names), HELP("names that it was given below /run/netns and /run/docker/netns")),
	F(pids, F_U32S, N(pids), HELP("processes in it")),
	/* Arrays that are written one record at a time. */
	F(links, F_RECS, N(links), PART, .rec = &iprow_link_desc, HELP("its network devices and their addresses, with ip's keys")),
	F(routes, F_RECS, N(routes), PART, .rec = &iprow_route_desc, HELP("its routes of all tables, with ip's keys")),
	F(rules, F_RECS, N(rules), PART, .rec = &iprow_rule_desc, HELP("its routing policy rules, with ip's keys")),
	F(neighbours, F_RECS, N(neighbours), PART, .rec = &iprow_neigh_desc, HELP("its neighbours, with ip's keys")),
	F(nexthops, F_RECS, N(nexthops), PART, .rec = &iprow_nexthop_desc, HELP("its nexthop objects, with ip's keys")),
	F(sockets, F_RECS, N(sockets), PART, .rec = &sockrow_desc, HELP("its sockets")),
	F(sysctls, F_DICT, N(sysctls), PART, HELP("settings that decide about ports and routes")),
};
DESC(netdoc_desc, "netns", struct netdoc_head, "a network namespace and what is in it", netdoc_fields);

static uint32_t *pids_of(const struct index *ix, uint32_t ns, struct arena *arena, uint32_t *n)
{
	const struct ns_members *m = &ix->ns[ns];
	uint32_t *pids = arena_alloc(arena, MAX(m->n, 1u) * sizeof(*pids));

	*n = 0;
	for (uint32_t i = m->begin; i < m->begin + m->n; i++) {
		const struct snap_task *t = &ix->snap->tasks[ix->members[i]];

		if (t->tid == t->pid)
			pids[(*n)++] = t->pid;
	}
	return pids;
}

static void open_head(struct json *j, const struct netdoc *d, uint32_t ns)
{
	struct arena arena = { 0 };
	struct netdoc_head head = { .ns = d->ix->snap->namespaces[ns].inum, .initial = index_is_initial(d->ix, ns) };
	uint32_t more;

	head.container = index_ns_container(d->ix, ns, &more);
	head.n_names = netrow_names(d->ix, ns, &arena, &head.names);
	head.pids = pids_of(d->ix, ns, &arena, &head.n_pids);
	json_record_open(j, NULL, &netdoc_desc, &head, NULL, 0);
	arena_done(&arena);
}

/* The sockets of one namespace; they come in order. */
static size_t write_sockets(struct json *j, const struct netdoc *d, uint32_t ns, size_t at)
{
	const struct snap *s = d->ix->snap;
	struct sockrow row;

	sockrows_enter(d->rows, ns);
	json_begin_array(j, "sockets");
	for (; at < d->n_sockets && s->sockets[d->sockets[at]].ns == s->namespaces[ns].inum; at++) {
		sockrows_fill(d->rows, &row, &s->sockets[d->sockets[at]]);
		json_record(j, NULL, &sockrow_desc, &row, d->fields, d->n_fields);
	}
	json_end_array(j);
	return at;
}

/* An array of one kind of record of the namespace at hand. fill() makes a row of a record. */
struct kind {
	const char *key;
	const struct desc *desc;
	const void *items;
	size_t n, size;
	bool (*shows)(const void *record, const void *arg);
	void (*fill)(struct iprows *r, const void *record, void *row);
};

static void fill_link(struct iprows *r, const void *record, void *row)
{
	iprows_link(r, record, row);
}

static void fill_route(struct iprows *r, const void *record, void *row)
{
	iprows_route(r, record, row);
}

static void fill_rule(struct iprows *r, const void *record, void *row)
{
	iprows_rule(r, record, row);
}

static void fill_neigh(struct iprows *r, const void *record, void *row)
{
	iprows_neigh(r, record, row);
}

static void fill_nexthop(struct iprows *r, const void *record, void *row)
{
	iprows_nexthop(r, record, row);
}

static void write_kind(struct json *j, const struct netdoc *d, const struct kind *k)
{
	uint32_t n;
	const char *items = snap_range(k->items, k->n, k->size, d->ip->inum, &n);
	CLEAN_MEM void *row = xcalloc(1, k->desc->size);

	json_begin_array(j, k->key);
	for (uint32_t i = 0; i < n; i++) {
		if (k->shows && !k->shows(items + i * k->size, d->shows_arg))
			continue;
		k->fill(d->ip, items + i * k->size, row);
		json_record(j, NULL, k->desc, row, NULL, 0);
	}
	json_end_array(j);
}

static void write_ip(struct json *j, const struct netdoc *d, uint32_t ns)
{
	const struct snap *s = d->ix->snap;
#define KIND(section, desc_, shows_, fill_) \
	{ \
#section, &(desc_), s->section, s->n_##section, sizeof(*s->section), shows_, fill_ \
	}
	const struct {
		unsigned int part;
		struct kind kind;
	} kinds[] = {
		{ NETDOC_LINKS, KIND(links, iprow_link_desc, NULL, fill_link) },
		{ NETDOC_ROUTES, KIND(routes, iprow_route_desc, d->shows_route, fill_route) },
		{ NETDOC_RULES, KIND(rules, iprow_rule_desc, d->shows_rule, fill_rule) },
		{ NETDOC_NEIGHBOURS, KIND(neighbours, iprow_neigh_desc, d->shows_neigh, fill_neigh) },
		{ NETDOC_NEXTHOPS, KIND(nexthops, iprow_nexthop_desc, NULL, fill_nexthop) },
	};
#undef KIND

	iprows_enter(d->ip, ns);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (d->parts & kinds[i].part)
			write_kind(j, d, &kinds[i].kind);
}

static void write_sysctls(struct json *j, const struct netdoc *d, uint32_t ns)
{
	uint32_t n;
	const struct snap_sysctl *s = SNAP_RANGE(d->ix->snap, sysctls, d->ix->snap->namespaces[ns].inum, &n);
	struct dict_item *items = xcalloc(MAX(n, 1u), sizeof(*items));
	struct netdoc_head head = { .sysctls = items, .n_sysctls = n };

	for (uint32_t i = 0; i < n; i++)
		items[i] = (struct dict_item){ s[i].key, s[i].value, false };
	json_field(j, desc_field(&netdoc_desc, "sysctls"), &head);
	free(items);
}

void netdoc_write(FILE *f, const struct netdoc *d)
{
	const struct snap *s = d->ix->snap;
	size_t socket = 0;
	struct json j;

	json_start(&j, f, true);
	json_begin_object(&j, NULL);
	json_head(&j, s, d->schema);
	json_begin_array(&j, "netns");
	for (uint32_t ns = 0; ns < s->n_namespaces; ns++) {
		if (!(d->ns[ns / 8] >> ns % 8 & 1))
			continue;
		open_head(&j, d, ns);
		if (d->ip)
			write_ip(&j, d, ns);
		if (d->parts & NETDOC_SOCKETS)
			socket = write_sockets(&j, d, ns, socket);
		if (d->parts & NETDOC_SYSCTLS)
			write_sysctls(&j, d, ns);
		json_end_object(&j);
	}
	json_end_array(&j);
	json_end_object(&j);
}
