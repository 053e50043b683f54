// SPDX-License-Identifier: GPL-2.0-or-later
/* --diff: what distinguishes two targets, or one host at two times. */
#include <sys/stat.h>
#include <sys/vfs.h>

#include "nsls.h"
#include "output/json.h"
#include "output/schema.h"
#include "store/store.h"

enum { NSFS = 0x6e736673 }; /* NSFS_MAGIC, include/uapi/linux/magic.h */

struct diffrow {
	const char *change; /* born, gone, changed; of two targets: same, differs */
	const char *type;
	uint32_t ns;           /* NSREF: the namespace; of two targets the first one's */
	uint32_t other;        /* NSREF: of two targets the second one's */
	const char *container; /* named by people: the container that it is about */
	const char *was, *now;
};

#define F(member, ...) FIELD(diffrow, member, __VA_ARGS__)
static const struct field diffrow_fields[] = {
	F(change, F_STR, .help = "born, gone or changed; of two targets same or differs"),
	F(type, F_STR, .help = "type of namespace"),
	F(ns, F_NSREF, .help = "its number; of two targets the first one's"),
	F(other, F_NSREF, .help = "of two targets the second one's"),
	F(container, F_STR, .help = "the container that it is about"),
	F(was, F_STR, .flags = FF_CUT, .help = "whose it was in the first snapshot"),
	F(now, F_STR, .flags = FF_CUT, .help = "whose it is in the second"),
};
static DESC(diffrow_desc, "difference", struct diffrow, "a difference between two targets or snapshots", diffrow_fields);

struct diff {
	struct arena arena;
	struct diffrow *rows;
	size_t n_rows, cap_rows;
};

static void print(const struct nsls *n, const struct diff *d, const struct snap *s, const char *columns)
{
	struct table t = { .desc = &diffrow_desc,
			   .rows = (const char *)d->rows,
			   .n_rows = d->n_rows,
			   .raw = n->raw,
			   .no_header = n->no_header,
			   .dash = true,
			   .ascii = cli_ascii(),
			   .width = n->no_cut ? 0 : cli_width() };
	const char *bad;
	struct json j;
	size_t len;

	if (n->json) {
		json_start(&j, stdout, true);
		json_begin_object(&j, NULL);
		json_head(&j, s, NSLS_DIFF_SCHEMA);
		json_begin_array(&j, "diff");
		for (size_t i = 0; i < d->n_rows; i++)
			json_record(&j, NULL, &diffrow_desc, &d->rows[i], NULL, 0);
		json_end_array(&j);
		json_end_object(&j);
		return;
	}
	table_choose(&t, NULL, columns, &bad, &len);
	if (d->n_rows)
		table_print(&t, stdout);
	table_done(&t);
}

void nsls_diff_schema(void)
{
	static const struct schema_part parts[] = { { .key = "diff", .desc = &diffrow_desc } };

	schema_write(stdout, NSLS_DIFF_SCHEMA, "nsls --diff --json", parts, ARRAY_SIZE(parts));
}

/* --- two targets --------------------------------------------------------------------------------------------------------- */

/* Where a target is, by type; a namespace that its processes do not share is that of the first. */
static void namespaces_of(const struct index *ix, const struct target *t, uint32_t ns[NS_TYPES])
{
	const struct snap *s = ix->snap;

	memset(ns, 0, NS_TYPES * sizeof(*ns));
	if (t->kind == TARGET_HOST)
		memcpy(ns, s->head.initial, NS_TYPES * sizeof(*ns));
	for (uint32_t i = 0; i < s->n_tasks && t->kind != TARGET_HOST; i++)
		if (target_has_task(ix, t, i))
			for (enum nstype type = 0; type < NS_TYPES; type++)
				if (!NSREF_KNOWN(ns[type]))
					ns[type] = s->tasks[i].ns[type];
}

int nsls_diff_targets(const struct nsls *n, const struct index *ix, bool *differ)
{
	struct diff d = { 0 };
	uint32_t ns[2][NS_TYPES];

	for (int i = 0; i < 2; i++) {
		if (n->targets[i].kind == TARGET_NS) {
			cli_error(&n->cli, "--diff compares processes, containers or snapshot files; %s is a namespace",
				  n->cli.argv[i]);
			return -EINVAL;
		}
		namespaces_of(ix, &n->targets[i], ns[i]);
	}
	*differ = false;
	for (enum nstype type = 0; type < NS_TYPES; type++) {
		bool known = NSREF_KNOWN(ns[0][type]) && NSREF_KNOWN(ns[1][type]);
		bool same = known && ns[0][type] == ns[1][type];

		if (!ns[0][type] && !ns[1][type]) /* the kernel does not have this type */
			continue;
		*differ |= known && !same;
		*ARRAY_ADD(&d, rows) = (struct diffrow){
			.change = !known ? "unknown"
				  : same ? "same"
					 : "differs",
			.type = nstypes[type].name,
			.ns = ns[0][type],
			.other = ns[1][type],
		};
	}
	print(n, &d, ix->snap, "TYPE,NS,OTHER,CHANGE");
	free(d.rows);
	return 0;
}

/* --- two snapshots --------------------------------------------------------------------------------------------------------- */

/* A regular file that is no namespace (nsfs files call themselves regular too). */
static bool is_file(const char *path)
{
	struct statfs fs;
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !statfs(path, &fs) && (uint32_t)fs.f_type != NSFS;
}

bool nsls_diff_of_files(const struct nsls *n)
{
	return n->cli.argc == 2 && is_file(n->cli.argv[0]) && is_file(n->cli.argv[1]);
}

/* In whose hands a namespace is. */
static const char *holder(struct diff *d, const struct index *ix, uint32_t ns)
{
	const struct ns_members *m = &ix->ns[ns];
	uint32_t more;
	const struct snap_container *c = index_ns_container(ix, ns, &more);
	struct keeper *keepers;
	size_t n;
	char buf[256];

	if (c)
		return arena_strdup(&d->arena, c->name ? c->name : c->id);
	if (m->first != IDMAP_NONE) {
		const struct snap_task *t = &ix->snap->tasks[m->first];

		return arena_printf(&d->arena, "%s %u", t->comm ? t->comm : "pid", t->pid);
	}
	n = index_keepers(ix, ns, &keepers);
	buf[0] = '\0';
	if (n)
		keeper_words(&keepers[0], buf, sizeof(buf));
	free(keepers);
	return arena_strdup(&d->arena, buf);
}

/* The same namespace in the other snapshot. Numbers come again after a namespace has died, the kernel's ids (6.18) do not. */
static uint32_t counterpart(const struct index *ix, const struct snap_ns *x)
{
	uint32_t i = index_ns(ix, x->type, x->inum);

	if (i != IDMAP_NONE && x->id && ix->snap->namespaces[i].id && ix->snap->namespaces[i].id != x->id)
		return IDMAP_NONE;
	return i;
}

static void compare_namespaces(struct diff *d, const struct index *a, const struct index *b)
{
	for (uint32_t i = 0; i < a->snap->n_namespaces; i++) {
		const struct snap_ns *x = &a->snap->namespaces[i];
		uint32_t j = counterpart(b, x);
		const char *was = holder(d, a, i), *now = j == IDMAP_NONE ? NULL : holder(d, b, j);

		if (!now || strcmp(was, now) != 0)
			*ARRAY_ADD(d, rows) = (struct diffrow){ .change = now ? "changed" : "gone",
								.type = nstypes[x->type].name,
								.ns = x->inum,
								.was = was,
								.now = now };
	}
	for (uint32_t j = 0; j < b->snap->n_namespaces; j++) {
		const struct snap_ns *x = &b->snap->namespaces[j];

		if (counterpart(a, x) == IDMAP_NONE)
			*ARRAY_ADD(d, rows) = (struct diffrow){
				.change = "born", .type = nstypes[x->type].name, .ns = x->inum, .now = holder(d, b, j)
			};
	}
}

/*
 * Numbers of different boots have nothing in common; containers have their names. What a container isolates: for each type
 * "own", "host", "shared", or NULL where no process of it tells.
 */
struct isolation {
	const char *of[NS_TYPES];
};

static const char *isolates(const struct index *ix, uint32_t ns)
{
	uint32_t more;

	if (index_is_initial(ix, ns))
		return "host";
	index_ns_container(ix, ns, &more);
	return more ? "shared" : "own";
}

/* By each container's first process that is in a known namespace of the type; parallel to the snapshot's containers. */
static struct isolation *isolations(const struct index *ix)
{
	const struct snap *s = ix->snap;
	struct isolation *all = xcalloc(s->n_containers + 1, sizeof(*all));

	for (uint32_t i = 0; i < s->n_tasks; i++) {
		const struct snap_container *c = index_container(ix, s->tasks[i].container);
		struct isolation *x = c ? &all[c - s->containers] : NULL;

		for (enum nstype type = 0; x && type < NS_TYPES; type++) {
			uint32_t ns = x->of[type] ? IDMAP_NONE : index_ns(ix, type, s->tasks[i].ns[type]);

			if (ns != IDMAP_NONE)
				x->of[type] = isolates(ix, ns);
		}
	}
	return all;
}

static const char *name_of(const struct snap_container *c)
{
	return c->name ? c->name : c->id;
}

/* Containers of two boots are the same by name and pod. */
static uint64_t name_key(const struct snap_container *c)
{
	return text_key(name_of(c)) * 31 + (c->pod ? text_key(c->pod) : 0);
}

static void add_container(struct diff *d, const struct snap_container *c, enum nstype type, const char *was, const char *now)
{
	*ARRAY_ADD(d, rows) = (struct diffrow){
		.change = !was  ? "born"
			  : now ? "changed"
				: "gone",
		.type = nstypes[type].name,
		.container = name_of(c),
		.was = was,
		.now = now,
	};
}

/* The containers of one snapshot against those of the other; back: only who is missing there. */
static void compare_containers(struct diff *d, const struct index *a, const struct index *b, bool back)
{
	CLEAN_MEM struct isolation *of_a = isolations(a), *of_b = isolations(b);
	const struct isolation none = { { NULL } };
	struct idmap by_name = { 0 };

	for (uint32_t i = 0; i < b->snap->n_containers; i++)
		idmap_add(&by_name, name_key(&b->snap->containers[i]), i);
	for (uint32_t i = 0; i < a->snap->n_containers; i++) {
		const struct snap_container *c = &a->snap->containers[i];
		uint32_t other = idmap_get(&by_name, name_key(c));
		const struct isolation *was = &of_a[i], *now = other == IDMAP_NONE ? &none : &of_b[other];

		for (enum nstype type = 0; type < NS_TYPES; type++) {
			if (!was->of[type])
				continue;
			if (back && !now->of[type])
				add_container(d, c, type, NULL, was->of[type]);
			else if (!back && (!now->of[type] || strcmp(was->of[type], now->of[type]) != 0))
				add_container(d, c, type, was->of[type], now->of[type]);
		}
	}
	idmap_done(&by_name);
}

static bool same_boot(const struct snap *a, const struct snap *b)
{
	return a->head.boot_id && b->head.boot_id && !strcmp(a->head.boot_id, b->head.boot_id);
}

static enum exit_status load(const struct nsls *n, const char *path, struct snap *s)
{
	struct cli one = n->cli;

	one.from = path;
	one.save = NULL;
	return cli_snapshot(&one, s, WANT_TASKS | WANT_HIDDEN, 0);
}

enum exit_status nsls_diff_files(const struct nsls *n)
{
	struct snap s[2];
	struct index ix[2];
	struct diff d = { 0 };
	enum exit_status status = EXIT_DONE;

	for (int i = 0; i < 2; i++) {
		snap_init(&s[i]);
		if (status == EXIT_DONE)
			status = load(n, n->cli.argv[i], &s[i]);
	}
	if (status != EXIT_DONE)
		goto out;
	for (int i = 0; i < 2; i++)
		index_build(&ix[i], &s[i]);
	if (same_boot(&s[0], &s[1])) {
		compare_namespaces(&d, &ix[0], &ix[1]);
		print(n, &d, &s[1], "CHANGE,TYPE,NS,WAS,NOW");
	} else {
		cli_error(
			&n->cli,
			"snapshots of different boots or hosts (%s, %s): numbers mean nothing across them, comparing containers by name",
			s[0].head.host ? s[0].head.host : "?", s[1].head.host ? s[1].head.host : "?");
		compare_containers(&d, &ix[0], &ix[1], false);
		compare_containers(&d, &ix[1], &ix[0], true);
		print(n, &d, &s[1], "CHANGE,CONTAINER,TYPE,WAS,NOW");
	}
	for (int i = 0; i < 2; i++)
		status = MAX(status, cli_finish(&n->cli, &s[i]));
	if (d.n_rows)
		status = EXIT_FOUND;
	for (int i = 0; i < 2; i++)
		index_done(&ix[i]);
out:
	free(d.rows);
	arena_done(&d.arena);
	for (int i = 0; i < 2; i++)
		snap_done(&s[i]);
	return status;
}
