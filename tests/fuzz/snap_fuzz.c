// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Any bytes as a snapshot: never a crash, neither in loading nor in what is made of it; and what is taken, comes back the same when it
 * is saved and loaded again.
 */
#include "model/target.h"
#include "store/store.h"
#include "view/nstree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int load(struct snap *s, const void *data, size_t size)
{
	FILE *f = size ? fmemopen((void *)(uintptr_t)data, size, "r") : fopen("/dev/null", "r");
	char error[200];
	int err;

	if (!f)
		abort();
	snap_init(s);
	err = snap_load(s, f, 1 << 20, error, sizeof(error));
	fclose(f);
	if (err && (!*error || strpbrk(error, "\n\033") || strlen(error) >= sizeof(error)))
		abort(); /* one printable line of why */
	return err;
}

static void save(const struct snap *s, char **text, size_t *len)
{
	FILE *f = open_memstream(text, len);

	if (!f || snap_save(s, f))
		abort();
	fclose(f);
}

static void order(const struct nsrows *rows, enum nstree kind)
{
	struct table_node *nodes = nstree_nodes(rows, kind);
	struct tree_row *ordered = tree_order(nodes, rows->n_items);
	uint8_t *seen = xcalloc(rows->n_items + 1, 1);

	for (size_t i = 0; i < rows->n_items; i++)
		if (ordered[i].row >= rows->n_items || seen[ordered[i].row]++)
			abort(); /* each once */
	free(seen);
	free(ordered);
	free(nodes);
}

static void look(const struct snap *s)
{
	static const char *const words[] = { "1",
					     "pid:1",
					     "web",
					     "container:web",
					     "pod:default/web",
					     "4026531833",
					     "host",
					     "netns:blue",
					     "net:[4026531833]",
					     "/run/netns/blue",
					     "/proc/1/ns/net",
					     "pod:/" };
	struct nsrows rows;
	struct index ix;

	index_build(&ix, s);
	nsrows_init(&rows, &ix);
	rows.keepers = rows.inside = rows.explain = true;
	for (uint32_t i = 0; i < s->n_namespaces; i++)
		nsrows_add(&rows, i);
	for (enum nstree kind = NSTREE_PARENT; kind <= NSTREE_PROCESS; kind++) {
		uint8_t *which = xcalloc(s->n_namespaces + 1, 1);

		if (s->n_namespaces)
			which[s->n_namespaces / 2] = 1;
		nstree_close(&ix, kind, which);
		free(which);
		order(&rows, kind);
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		char message[256] = "";
		struct target t;
		int err = target_resolve(&ix, words[i], &t, message, sizeof(message));

		for (uint32_t task = 0; !err && task < s->n_tasks; task++)
			target_has_task(&ix, &t, task);
	}
	nsrows_done(&rows);
	index_done(&ix);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *first, *second;
	size_t n_first, n_second;
	struct snap s, again;

	if (load(&s, data, size))
		return 0;
	look(&s);
	save(&s, &first, &n_first);
	if (load(&again, first, n_first))
		abort();
	save(&again, &second, &n_second);
	if (n_first != n_second || memcmp(first, second, n_first))
		abort();
	snap_done(&s);
	snap_done(&again);
	free(first);
	free(second);
	return 0;
}
