// SPDX-License-Identifier: GPL-2.0-or-later
/* From a command line's operands to a snapshot and the network namespaces that are meant. */
#include "nsnet.h"
#include "output/escape.h"
#include "util/words.h"
#include "view/netrow.h"

/* What nsnet saves: all that any of its views shows. */
const uint64_t nsnet_save_wants = WANT_TASKS | WANT_COMMANDS | WANT_HIDDEN | WANT_NS | WANT_DETAILS | WANT_KEEPERS | WANT_MOUNTED |
				  WANT_CONTAINERS | WANT_ALL_CONTAINERS | WANT_USERS | WANT_LINKS | WANT_SOCKETS | WANT_SOCKET_FDS |
				  WANT_SOCKET_FLAGS | WANT_TCP_INFO | WANT_SOCKET_MEM | WANT_ROUTES | WANT_NEIGHBOURS |
				  WANT_SYSCTLS | WANT_COUNTERS | WANT_NSIDS | WANT_FIREWALL | WANT_GUARDS | WANT_PATH;

int nsnet_add_netns(struct nsnet *n, const char *name)
{
	char *word = NULL;

	if (n->n_more == (int)ARRAY_SIZE(n->more))
		return cli_usage_error(&n->cli, "-N can be given %d times", n->n_more);
	if (asprintf(&word, strchr(name, '/') ? "%s" : "netns:%s", name) < 0)
		return -ENOMEM;
	n->more[n->n_more++] = word; /* for as long as we run */
	return 0;
}

bool nsnet_selects(const struct nsnet *n, const struct index *ix, uint32_t ns)
{
	if (ix->snap->namespaces[ns].type != NS_NET)
		return false;
	for (int i = 0; i < n->n_targets; i++) {
		const struct target *t = &n->targets[i];

		if (target_has_ns(ix, t, ns))
			return true;
	}
	return !n->n_targets;
}

bool nsnet_is_single(const struct nsnet *n, const struct index *ix)
{
	unsigned int found = 0;

	for (uint32_t ns = 0; n->n_targets && ns < ix->snap->n_namespaces && found < 2; ns++)
		found += nsnet_selects(n, ix, ns);
	return found == 1;
}

/* A namespace of another type has no sockets, links or routes. */
static int check_target(const struct nsnet *n, const struct index *ix, const struct target *t, const char *word)
{
	const struct snap_ns *ns = t->kind == TARGET_NS ? &ix->snap->namespaces[t->ns] : NULL;

	if (t->kind == TARGET_HOST && !ix->snap->head.initial_view)
		cli_error(&n->cli, "the host cannot be seen from here: showing the network namespace of PID 1 of this view");
	if (!ns || ns->type == NS_NET)
		return 0;
	cli_error(&n->cli, "%s is a %s namespace, not a network namespace", word, nstypes[ns->type].name);
	return -EINVAL;
}

static int n_words(const struct nsnet *n)
{
	return n->n_more + n->cli.argc;
}

static const char *word_at(const struct nsnet *n, int i)
{
	return i < n->n_more ? n->more[i] : n->cli.argv[i - n->n_more];
}

/* 0, or -errno with a line in message[]. */
static int resolve(struct nsnet *n, const struct index *ix, char *message, size_t size)
{
	int err = 0;

	free(n->targets);
	n->targets = xcalloc((size_t)n_words(n), sizeof(*n->targets));
	for (n->n_targets = 0; n->n_targets < n_words(n) && !err;) {
		err = target_resolve(ix, word_at(n, n->n_targets), &n->targets[n->n_targets], message, size);
		if (!err)
			n->n_targets++;
	}
	return err;
}

/* The command that one could have meant who typed word, or NULL. */
static const char *near_command(const char *word)
{
	const char *near = NULL;

	for (const struct nsnet_command *c = nsnet_commands; c->name; c++)
		if (words_near(word, c->name) && (!near || words_distance(word, c->name) < words_distance(word, near)))
			near = c->name;
	return near;
}

/* A word that is nobody's name may as well be a command or a filter mistyped: what to add to the message. */
static void hint(const struct nsnet *n, const char *word, char *message, size_t size)
{
	bool bare = !*n->command->name, filters = bare || !strcmp(n->command->name, "socket");
	const char *near = bare && !n->n_targets && !n->sockets.asked ? near_command(word) : NULL;
	size_t len = strlen(message);

	if (!filters || strchr(word, ':') || !strstr(message, "no such container"))
		return;
	if (near)
		snprintf(message + len, size - len, "%s%s (a command)", strstr(message, "; near: ") ? ", " : "; near: ", near);
	else if (!strstr(message, "; near: "))
		snprintf(message + len, size - len,
			 bare ? ", and no command or filter begins so (see --help)" : ", and no filter begins so");
}

static int resolve_aloud(struct nsnet *n, const struct index *ix)
{
	char message[512];

	if (resolve(n, ix, message, sizeof(message))) {
		hint(n, word_at(n, n->n_targets), message, sizeof(message));
		cli_error(&n->cli, "%s", message);
		return -ENOENT;
	}
	for (int i = 0; i < n->n_targets; i++)
		if (check_target(n, ix, &n->targets[i], word_at(n, i)))
			return -EINVAL;
	return 0;
}

/* Only the namespaces that are going to be shown are entered: collect_opts.choose_ns. */
static void choose_ns(const struct index *ix, uint8_t *which, void *arg)
{
	struct nsnet *n = arg;
	char message[512];

	bool all = n->needs_all && n->needs_all(ix);

	if (resolve(n, ix, message, sizeof(message)))
		return; /* nothing will be shown */
	for (uint32_t ns = 0; ns < ix->snap->n_namespaces; ns++)
		if (all || nsnet_selects(n, ix, ns))
			which[ns / 8] |= (uint8_t)(1 << ns % 8);
}

uint8_t *nsnet_chosen(const struct nsnet *n, const struct index *ix)
{
	uint8_t *bits = xcalloc(ix->snap->n_namespaces / 8 + 1, 1);

	for (uint32_t ns = 0; ns < ix->snap->n_namespaces; ns++)
		if (nsnet_selects(n, ix, ns))
			bits[ns / 8] |= (uint8_t)(1 << ns % 8);
	return bits;
}

void nsnet_print_where(const struct nsnet *n, const struct index *ix, uint32_t ns, struct arena *arena)
{
	const char *where = netrow_where(ix, ns, arena);
	char number[16];

	snprintf(number, sizeof(number), "%u", ix->snap->namespaces[ns].inum);
	if (n->cli.color)
		fputs("\033[1m", stdout);
	escape_to(stdout, where, strlen(where), cli_ascii() ? ESC_ASCII : 0);
	if (strcmp(where, number) != 0)
		printf(" %s", number);
	fputs(n->cli.color ? "\033[0m\n" : "\n", stdout);
}

/* A container that does not run, for instance, is in no namespace. */
static int check_found(const struct nsnet *n, const struct index *ix)
{
	for (uint32_t ns = 0; ns < ix->snap->n_namespaces; ns++)
		if (nsnet_selects(n, ix, ns))
			return 0;
	if (n->n_targets)
		cli_error(&n->cli, "%s has no network namespace: nothing of it runs", word_at(n, 0));
	else
		cli_error(&n->cli, "no network namespace could be found");
	return -ESRCH;
}

enum exit_status nsnet_look(struct nsnet *n, uint64_t wants, int (*show)(struct nsnet *n, const struct index *ix, void *arg),
			    void *arg)
{
	enum exit_status status;
	struct index ix;
	struct snap s;

	cli_name_namespaces(&n->cli);
	/* Namespaces without a process are looked for where they may be meant. */
	wants |= WANT_TASKS | (n_words(n) ? 0 : WANT_HIDDEN);
	for (int i = 0; i < n_words(n); i++)
		wants |= target_wants(word_at(n, i));
	n->cli.narrow.choose_ns = n->everywhere ? NULL : choose_ns;
	n->cli.narrow.choose_ns_arg = n;
	snap_init(&s);
	status = cli_snapshot(&n->cli, &s, wants, nsnet_save_wants);
	/* A snapshot on standard output is all that goes there. */
	if (status == EXIT_DONE && !(n->cli.save && !strcmp(n->cli.save, "-"))) {
		index_build(&ix, &s);
		if (resolve_aloud(n, &ix) || check_found(n, &ix) || show(n, &ix, arg))
			status = EXIT_FAILED;
		index_done(&ix);
	}
	if (status == EXIT_DONE)
		status = cli_finish(&n->cli, &s);
	snap_done(&s);
	return status;
}
