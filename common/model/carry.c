// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/carry.h"
#include "util/idmap.h"

/* --- a record -------------------------------------------------------------------------------------------------------------- */

static const void *copy_records(struct arena *a, const struct desc *d, const void *from, size_t n)
{
	char *to = arena_alloc(a, MAX(n, (size_t)1) * d->size);

	for (size_t i = 0; i < n; i++)
		record_copy(a, d, to + i * d->size, (const char *)from + i * d->size);
	return to;
}

static const void *copy_strings(struct arena *a, const char *const *from, uint32_t n)
{
	const char **to = arena_alloc(a, MAX(n, 1u) * sizeof(*to));

	for (uint32_t i = 0; i < n; i++)
		to[i] = arena_strdup(a, from[i]);
	return to;
}

static const void *copy_numbers(struct arena *a, const void *from, uint32_t n)
{
	void *to = arena_alloc(a, MAX(n, 1u) * sizeof(uint32_t));

	memcpy(to, from, n * sizeof(uint32_t));
	return to;
}

void record_copy(struct arena *a, const struct desc *d, void *to, const void *from)
{
	memcpy(to, from, d->size);
	for (size_t i = 0; i < d->n_fields; i++) {
		const struct field *f = &d->fields[i];
		const void **p = (const void **)(void *)((char *)to + f->off);

		switch (f->kind) {
		case F_STR:
			*p = arena_strdup(a, *p);
			break;
		case F_BYTES:
			*p = *p ? arena_strndup(a, *p, field_count(f, from)) : NULL;
			break;
		case F_STRS:
			*p = *p ? copy_strings(a, *p, field_count(f, from)) : NULL;
			break;
		case F_U32S:
			*p = *p ? copy_numbers(a, *p, field_count(f, from)) : NULL;
			break;
		case F_REC:
			*p = *p ? copy_records(a, f->rec, *p, 1) : NULL;
			break;
		case F_RECS:
			*p = *p ? copy_records(a, f->rec, *p, field_count(f, from)) : NULL;
			break;
		default:
			break;
		}
	}
}

/* --- a section --------------------------------------------------------------------------------------------------------------- */

/* What of a snapshot belongs to a want: sections of records that begin with their namespace's number, which is of this type. */
static const struct carried {
	uint64_t want;
	const char *section;
	enum nstype type;
} carried[] = {
	{ WANT_IPC, "ipc", NS_IPC },
	{ WANT_MOUNTS, "mounts", NS_MNT },
	{ WANT_LINKS, "links", NS_NET },
	{ WANT_LINKS, "addresses", NS_NET },
	{ WANT_LISTENERS | WANT_SOCKETS, "sockets", NS_NET },
	{ WANT_TCP_INFO, "tcp_infos", NS_NET },
	{ WANT_ROUTES, "routes", NS_NET },
	{ WANT_ROUTES, "rules", NS_NET },
	{ WANT_ROUTES, "nexthops", NS_NET },
	{ WANT_NEIGHBOURS, "neighbours", NS_NET },
	{ WANT_SYSCTLS, "sysctls", NS_NET },
	{ WANT_COUNTERS, "counters", NS_NET },
	{ WANT_NSIDS, "nsids", NS_NET },
	{ WANT_FIREWALL, "fw_tables", NS_NET },
	{ WANT_FIREWALL, "fw_chains", NS_NET },
	{ WANT_FIREWALL, "fw_rules", NS_NET },
	{ WANT_FIREWALL, "fw_sets", NS_NET },
	{ WANT_FIREWALL, "fw_objects", NS_NET },
	{ WANT_FIREWALL, "fw_flowtables", NS_NET },
	{ WANT_PATH, "hooks", NS_NET },
	{ WANT_PATH | WANT_FIREWALL, "vservers", NS_NET },
};

static uint32_t ns_of(const void *rec)
{
	return *(const uint32_t *)rec;
}

static void remember_all(struct idmap *m, const struct snap_array *p, size_t size)
{
	uint32_t last = 0;

	for (size_t i = 0; i < *p->n; i++) {
		uint32_t ns = ns_of((const char *)*p->items + i * size);

		if (ns != last)
			idmap_add(m, ns, 0);
		last = ns;
	}
}

/* Namespaces of both snapshots by number: one that died and whose number came again has another id, where ids are known. */
static bool still_there(const struct snap *s, const struct snap *before, enum nstype type, uint32_t inum)
{
	const struct snap_ns *now = snap_find_ns(s, type, inum), *then = snap_find_ns(before, type, inum);

	return now && then && (now->id == then->id || !now->id || !then->id);
}

static void carry_section(struct snap *s, const struct snap *before, const struct carried *c)
{
	const struct snap_section *section = snap_section(c->section);
	struct snap_array to, from;
	struct idmap fresh = { 0 };
	uint32_t last = 0;
	bool take = false;

	if (!section)
		return;
	to = snap_array(s, section);
	from = snap_array(before, section);
	remember_all(&fresh, &to, section->desc->size);
	for (size_t i = 0; i < *from.n; i++) {
		const char *rec = (const char *)*from.items + i * section->desc->size;

		if (ns_of(rec) != last)
			take = idmap_get(&fresh, ns_of(rec)) == IDMAP_NONE && still_there(s, before, c->type, ns_of(rec));
		last = ns_of(rec);
		if (take)
			record_copy(&s->arena, section->desc, array_grow(to.items, to.n, to.cap, section->desc->size), rec);
	}
	idmap_done(&fresh);
}

/* --- what hangs on processes, and counts ---------------------------------------------------------------------------------------------------------- */

static void carry_holds(struct snap *s, const struct snap *before)
{
	struct idmap alive = { 0 };

	for (size_t i = 0; i < s->n_tasks; i++)
		idmap_add(&alive, s->tasks[i].tid, 0);
	for (size_t i = 0; i < before->n_holds; i++) {
		const struct snap_hold *h = &before->holds[i];

		if ((h->pid && idmap_get(&alive, h->pid) == IDMAP_NONE) || !snap_find_ns(s, h->type, h->inum))
			continue;
		record_copy(&s->arena, &snap_hold_desc, ARRAY_ADD(s, holds), h);
	}
	idmap_done(&alive);
}

/* Namespaces that no process was in, and that were found by searching: as long as nobody has searched again they are taken for alive. */
static void carry_hidden(struct snap *s, const struct snap *before)
{
	struct idmap used = { 0 };
	size_t had = s->n_namespaces;

	for (size_t i = 0; i < before->n_tasks; i++)
		for (enum nstype t = 0; t < NS_TYPES; t++)
			idmap_add(&used, ns_key(t, before->tasks[i].ns[t]), 0);
	for (size_t i = 0; i < had; i++)
		idmap_add(&used, ns_key(s->namespaces[i].type, s->namespaces[i].inum), 0);
	for (size_t i = 0; i < before->n_namespaces; i++) {
		const struct snap_ns *ns = &before->namespaces[i];

		if (idmap_get(&used, ns_key(ns->type, ns->inum)) == IDMAP_NONE)
			record_copy(&s->arena, &snap_ns_desc, ARRAY_ADD(s, namespaces), ns);
	}
	idmap_done(&used);
	if (s->n_namespaces != had)
		snap_settle(s);
}

/* Who has which socket open: the section is sorted by the sockets, and stays so. */
static void carry_socket_fds(struct snap *s, const struct snap *before)
{
	struct idmap alive = { 0 };

	for (size_t i = 0; i < s->n_tasks; i++)
		idmap_add(&alive, s->tasks[i].tid, 0);
	for (size_t i = 0; i < before->n_socket_fds; i++)
		if (idmap_get(&alive, before->socket_fds[i].pid) != IDMAP_NONE)
			*ARRAY_ADD(s, socket_fds) = before->socket_fds[i];
	idmap_done(&alive);
}

static void carry_opt(int64_t *to, int64_t from)
{
	if (*to == OPT_NONE)
		*to = from;
}

/* What stands in the namespaces' own records. Both arrays are sorted: one walk. */
static void carry_counts(struct snap *s, const struct snap *before)
{
	size_t k = 0;

	for (size_t i = 0; i < s->n_namespaces; i++) {
		struct snap_ns *ns = &s->namespaces[i];
		const struct snap_ns *then;

		while (k < before->n_namespaces && before->namespaces[k].inum < ns->inum)
			k++;
		then = k < before->n_namespaces ? &before->namespaces[k] : NULL;
		if (!then || then->inum != ns->inum || then->type != ns->type || (ns->id && then->id && ns->id != then->id))
			continue;
		carry_opt(&ns->sysv, then->sysv);
		carry_opt(&ns->mqueues, then->mqueues);
		carry_opt(&ns->mounts, then->mounts);
		carry_opt(&ns->links, then->links);
		carry_opt(&ns->listeners, then->listeners);
		carry_opt(&ns->sockets, then->sockets);
		carry_opt(&ns->routes, then->routes);
		if (!ns->counted)
			ns->counted = then->counted;
	}
}

void snap_carry(struct snap *s, const struct snap *before, uint64_t wants)
{
	wants &= before->head.wants;
	if (!wants)
		return;
	if (wants & WANT_HIDDEN && !s->head.lister)
		carry_hidden(s, before);
	for (size_t i = 0; i < ARRAY_SIZE(carried); i++)
		if (carried[i].want & wants)
			carry_section(s, before, &carried[i]);
	if (wants & (WANT_KEEPERS | WANT_MOUNTED) && !s->n_holds)
		carry_holds(s, before);
	if (wants & WANT_SOCKET_FDS && !s->n_socket_fds)
		carry_socket_fds(s, before);
	carry_counts(s, before);
	s->head.wants |= wants;
	snap_settle(s);
}

const struct snap_task *snap_same_task(const struct snap *before, const struct snap_task *t, size_t *at)
{
	const struct snap_task *b;

	while (*at < before->n_tasks) {
		b = &before->tasks[*at];
		if (b->pid > t->pid || (b->pid == t->pid && (b->tid == t->tid || (b->tid != b->pid && b->tid > t->tid))))
			break;
		++*at;
	}
	if (*at == before->n_tasks)
		return NULL;
	b = &before->tasks[*at];
	return b->pid == t->pid && b->tid == t->tid && b->start == t->start ? b : NULL;
}
