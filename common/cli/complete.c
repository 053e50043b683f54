// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <inttypes.h>

#include "cli/complete.h"
#include "model/index.h"
#include "model/target.h"
#include "output/escape.h"
#include "store/store.h"

enum { MAX_WORD = 300 };

struct completing {
	const struct cli *cli;
	const struct desc *columns;
	const struct word_list *own;
	struct snap snap;
};

/* --- words ----------------------------------------------------------------------------------------------------------- */

/*
 * Names are chosen by strangers, and the shell gets them as its user's own words: what would need quotes, would act on a terminal
 * or would be an option is not offered.
 */
static bool is_plain(const char *word)
{
	char escaped[MAX_WORD];
	size_t len = strlen(word);

	return len && len < MAX_WORD && *word != '-' && !strpbrk(word, "\"'`\\$!&|;<>(){}[]*?~#^=") &&
	       escape(word, len, ESC_BLANKS | (cli_ascii() ? ESC_ASCII : 0), escaped, sizeof(escaped)) == len &&
	       !strcmp(word, escaped);
}

static void put_help(const char *help)
{
	if (!help)
		return;
	putchar('\t');
	escape_to(stdout, help, strlen(help), cli_ascii() ? ESC_ASCII : 0);
}

static void put_word(const char *word, const char *help)
{
	fputs(word, stdout);
	put_help(help);
	putchar('\n');
}

static void put_words(const char *const *words)
{
	while (*words)
		put_word(*words++, NULL);
}

/* --- lists from the code's own tables -------------------------------------------------------------------------------- */

static const char *list_of_argument(const struct completing *x, const char *arg, size_t len);

/* The list that an argument is a word of, by its name for --help: "[+]LIST" and "TYPE,..." are lists of LIST and of TYPE. */
static void put_argument(const struct completing *x, const struct opt *o)
{
	static const char *const args[] = { [ARG_NO] = "no", [ARG_YES] = "yes", [ARG_MAYBE] = "maybe" };
	const char *arg = o->arg_name ? o->arg_name : "", *list;
	bool plus = !strncmp(arg, "[+]", 3);
	size_t len;

	arg += plus ? 3 : 0;
	len = strcspn(arg, ", ");
	list = list_of_argument(x, arg, len);
	printf("\t%s\t%s%s%s", args[o->arg], list, plus || arg[len] == ',' ? "," : "", plus ? "+" : "");
}

static void put_option(const struct completing *x, const struct opt *o)
{
	for (int is_long = 0; is_long < 2; is_long++) {
		if (is_long ? !o->name : o->id >= 256)
			continue;
		if (is_long)
			printf("--%s", o->name);
		else
			printf("-%c", o->id);
		put_help(o->help ? o->help : "");
		put_argument(x, o);
		putchar('\n');
	}
}

static void print_options(const struct completing *x)
{
	for (const struct opt *o = x->cli->opts; o->id; o++)
		if (o->help)
			put_option(x, o);
}

/* Those that are understood but not shown: for tests. */
static void print_hidden_options(const struct completing *x)
{
	for (const struct opt *o = x->cli->opts; o->id; o++)
		if (!o->help)
			put_option(x, o);
}

static void print_columns(const struct completing *x)
{
	for (size_t i = 0; x->columns && i < x->columns->n_fields; i++) {
		const struct field *f = &x->columns->fields[i];
		char word[64];
		size_t len = 0;

		for (; f->name[len] && len < sizeof(word) - 1; len++)
			word[len] = (char)toupper((unsigned char)f->name[len]);
		word[len] = '\0';
		if (!(f->flags & FF_HIDDEN))
			put_word(word, f->help);
	}
}

static void print_nothing(const struct completing *x)
{
	(void)x;
}

static void print_types(const struct completing *x)
{
	(void)x;
	for (enum nstype t = 0; t < NS_TYPES; t++)
		put_word(nstypes[t].name, nstypes[t].what);
}

static void print_collectors(const struct completing *x)
{
	(void)x;
	put_words(collector_names);
}

static void print_colors(const struct completing *x)
{
	(void)x;
	put_words(color_names);
}

/* --- live words -------------------------------------------------------------------------------------------------------- */

static void print_pids(const struct completing *x)
{
	for (const struct snap_task *t = x->snap.tasks; t < x->snap.tasks + x->snap.n_tasks; t++)
		if (t->tid == t->pid && !(t->flags & (TASK_KTHREAD | TASK_ZOMBIE))) {
			printf("%u", t->pid);
			put_help(t->comm);
			putchar('\n');
		}
}

static void print_namespaces(const struct completing *x)
{
	const struct snap *s = &x->snap;
	struct index ix;

	index_build(&ix, s);
	for (size_t i = 0; i < s->n_namespaces; i++) {
		const struct ns_members *m = &ix.ns[i];
		char help[128];
		int n = snprintf(help, sizeof(help), "%s", nstypes[s->namespaces[i].type].name);

		if (m->first != IDMAP_NONE)
			snprintf(help + n, sizeof(help) - (size_t)n, ", %s %u",
				 s->tasks[m->first].comm ? s->tasks[m->first].comm : "pid", s->tasks[m->first].pid);
		printf("%u", s->namespaces[i].inum);
		put_help(help);
		putchar('\n');
	}
	index_done(&ix);
}

struct word {
	const char *word, *help;
	const char *otherwise; /* where several have the same word; NULL: it stands for all of them */
};
struct words {
	struct arena arena;
	struct word *items;
	size_t n_items, cap_items;
};

static int by_word(const void *a, const void *b)
{
	return strcmp(((const struct word *)a)->word, ((const struct word *)b)->word);
}

static void put_plain(const char *word, const char *help)
{
	if (is_plain(word))
		put_word(word, help);
}

static void print_sorted(struct words *w)
{
	size_t end;

	if (w->n_items)
		sort_stable(w->items, w->n_items, sizeof(*w->items), by_word);
	for (size_t i = 0; i < w->n_items; i = end) {
		for (end = i + 1; end < w->n_items && !strcmp(w->items[i].word, w->items[end].word); end++)
			;
		if (end == i + 1 || !w->items[i].otherwise)
			put_plain(w->items[i].word, w->items[i].help);
		else
			for (size_t j = i; j < end; j++)
				put_plain(w->items[j].otherwise, w->items[j].help);
	}
}

/* A bare word may mean something else before it means a container (target_resolve()). */
static const char *container_word(struct words *w, const char *name)
{
	bool other = !name[strspn(name, "0123456789")] || strchr(name, ':') || *name == '/' || !strcmp(name, "host");

	return other ? arena_printf(&w->arena, "container:%s", name) : name;
}

static void add_container(struct words *w, const struct snap_container *c)
{
	const char *name = c->name ? c->name : c->id;

	if (c->pod)
		*ARRAY_ADD(w, items) = (struct word){
			.word = c->pod_namespace ? arena_printf(&w->arena, "pod:%s/%s", c->pod_namespace, c->pod)
						 : arena_printf(&w->arena, "pod:%s", c->pod),
			.help = "Kubernetes pod",
		};
	if (name && !(c->pod && c->sandbox))
		*ARRAY_ADD(w, items) = (struct word){
			.word = container_word(w, name),
			.help = arena_printf(&w->arena, "%s%s%s", c->runtime ? c->runtime : "container", c->image ? ", " : "",
					     c->image ? c->image : ""),
			.otherwise = container_word(w, c->id),
		};
}

/* Those that run: the others have no namespaces to show. */
static void add_containers(struct words *w, const struct snap *s)
{
	CLEAN_MEM bool *runs = xcalloc(MAX(s->n_containers, (size_t)1), sizeof(*runs));
	struct index ix;

	index_build(&ix, s);
	for (size_t i = 0; i < s->n_tasks; i++) {
		const struct snap_container *c = index_container(&ix, s->tasks[i].container);

		if (c)
			runs[c - s->containers] = true;
	}
	index_done(&ix);
	for (size_t i = 0; i < s->n_containers; i++)
		if (runs[i])
			add_container(w, &s->containers[i]);
}

static void print_targets(const struct completing *x)
{
	struct words w = { 0 };

	add_containers(&w, &x->snap);
	for (size_t i = 0; i < x->snap.n_holds; i++) {
		const char *name = target_hold_name(&x->snap, &x->snap.holds[i]);

		if (name)
			*ARRAY_ADD(&w, items) = (struct word){ .word = arena_printf(&w.arena, "netns:%s", name),
							       .help = arena_strdup(&w.arena, "named network namespace") };
	}
	*ARRAY_ADD(&w, items) = (struct word){ .word = "host", .help = "the initial namespaces" };
	print_sorted(&w);
	free(w.items);
	arena_done(&w.arena);
}

static void print_netns(const struct completing *x)
{
	struct words w = { 0 };

	for (size_t i = 0; i < x->snap.n_holds; i++) {
		const struct snap_hold *h = &x->snap.holds[i];
		const char *name = h->kind == HOLD_MOUNT && h->path ? target_netns_name(h->path) : NULL;

		if (name)
			*ARRAY_ADD(&w, items) = (struct word){ .word = name, .help = "named network namespace" };
	}
	print_sorted(&w);
	free(w.items);
}

/* --- which list ---------------------------------------------------------------------------------------------------------- */

static const struct list {
	const char *name;
	const char *arg; /* the name of arguments that are words of it, in all tools' option tables */
	uint64_t wants;
	void (*print)(const struct completing *x); /* NULL: left to the shell, or to the user */
} lists[] = {
	{ "commands", NULL, 0, print_nothing }, /* of a tool that has none */
	{ "options", NULL, 0, print_options },
	{ "hidden-options", NULL, 0, print_hidden_options },
	{ "columns", "LIST", 0, print_columns },
	{ "columns", "COLUMN", 0, print_columns },
	{ "types", "TYPE", 0, print_types },
	{ "collectors", "HOW", 0, print_collectors },
	{ "colors", "WHEN", 0, print_colors },
	{ "pids", "PID", WANT_TASKS, print_pids },
	{ "namespaces", "NS", WANT_TASKS | WANT_MOUNTED, print_namespaces },
	{ "targets", "TARGET", WANT_TASKS | WANT_MOUNTED | WANT_CONTAINERS | WANT_ALL_CONTAINERS, print_targets },
	{ "netns", "NETNS", WANT_TASKS | WANT_MOUNTED, print_netns },
	{ "files", "FILE", 0, NULL },
	{ "directories", "DIR", 0, NULL },
	{ "none", "N", 0, NULL }, /* nobody can know it */
	{ "none", "RE", 0, NULL },
	{ "none", "SEC", 0, NULL },
	{ "none", "USER", 0, NULL },
	{ "none", "KEYS", 0, NULL },
	{ "none", "COLSxROWS", 0, NULL },
};

static bool is_word(const char *word, const char *s, size_t len)
{
	return word && strlen(word) == len && !strncmp(word, s, len);
}

static const char *list_of_argument(const struct completing *x, const char *arg, size_t len)
{
	for (const struct word_list *l = x->own; l && l->name; l++)
		if (is_word(l->arg, arg, len))
			return l->name;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (is_word(lists[i].arg, arg, len))
			return lists[i].name;
	return "";
}

/* Live words of this host, or of the snapshot that --from names. What cannot be read is not offered. */
static void look(struct completing *x, uint64_t wants)
{
	const struct cli *c = x->cli;
	const struct collect_opts opts = { .proc = c->proc, .collector = c->collector, .tool = c->tool, .wants = wants };
	CLEAN_FILE FILE *f = c->from && strcmp(c->from, "-") ? fopen(c->from, "re") : NULL;
	const char *why;
	char error[256];

	if (f)
		snap_load(&x->snap, f, MAX_SNAPSHOT, error, sizeof(error));
	else if (!c->from)
		collect(&x->snap, &opts, &why);
}

/* Say the words of one list; with wants, only what they need collected. False: there is no such list. */
static bool one_list(const struct completing *x, const char *name, size_t len, uint64_t *wants)
{
	for (const struct word_list *l = x->own; l && l->name; l++)
		if (is_word(l->name, name, len)) {
			if (!wants)
				put_words(l->words);
			return true;
		}
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (is_word(lists[i].name, name, len)) {
			if (wants)
				*wants |= lists[i].wants;
			else if (lists[i].print)
				lists[i].print(x);
			return true;
		}
	return false;
}

static bool each_list(const struct completing *x, uint64_t *wants)
{
	size_t len;

	for (const char *p = x->cli->complete;; p += len + 1) {
		len = strcspn(p, ",");
		if (!one_list(x, p, len, wants))
			return false;
		if (!p[len])
			return true;
	}
}

enum exit_status cli_complete(const struct cli *c, const struct desc *columns, const struct word_list *own)
{
	struct completing x = { .cli = c, .columns = columns, .own = own };
	uint64_t wants = 0;

	if (!each_list(&x, &wants))
		return EXIT_USAGE;
	snap_init(&x.snap);
	if (wants)
		look(&x, wants);
	each_list(&x, NULL);
	snap_done(&x.snap);
	return EXIT_DONE;
}
