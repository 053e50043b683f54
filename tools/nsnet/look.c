// SPDX-License-Identifier: GPL-2.0-or-later
/* From a command line's operands to a snapshot and the network namespaces that are meant. */
#include "nsnet.h"

/* What nsnet saves: all that any of its views shows. */
static const uint64_t save_wants = WANT_TASKS | WANT_COMMANDS | WANT_HIDDEN | WANT_NS | WANT_DETAILS | WANT_KEEPERS | WANT_MOUNTED |
				   WANT_CONTAINERS | WANT_ALL_CONTAINERS | WANT_USERS | WANT_LINKS | WANT_SOCKETS | WANT_SOCKET_FDS |
				   WANT_SOCKET_FLAGS | WANT_TCP_INFO | WANT_SOCKET_MEM | WANT_ROUTES | WANT_NEIGHBOURS | WANT_SYSCTLS |
				   WANT_COUNTERS | WANT_NSIDS | WANT_FIREWALL | WANT_GUARDS;

static bool has_member_of(const struct index *ix, const struct target *t, uint32_t ns)
{
	const struct ns_members *m = &ix->ns[ns];

	for (uint32_t i = m->begin; i < m->begin + m->n; i++)
		if (target_has_task(ix, t, ix->members[i]))
			return true;
	return false;
}

bool nsnet_selects(const struct nsnet *n, const struct index *ix, uint32_t ns)
{
	if (ix->snap->namespaces[ns].type != NS_NET)
		return false;
	for (int i = 0; i < n->n_targets; i++) {
		const struct target *t = &n->targets[i];

		if (t->kind == TARGET_NS ? t->ns == ns : t->kind == TARGET_HOST ? index_is_initial(ix, ns) : has_member_of(ix, t, ns))
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

static int resolve(struct nsnet *n, const struct index *ix)
{
	char message[512];

	free(n->targets);
	n->targets = xcalloc((size_t)n->cli.argc, sizeof(*n->targets));
	for (n->n_targets = 0; n->n_targets < n->cli.argc; n->n_targets++) {
		const char *word = n->cli.argv[n->n_targets];
		struct target *t = &n->targets[n->n_targets];

		if (target_resolve(ix, word, t, message, sizeof(message))) {
			cli_error(&n->cli, "%s", message);
			return -ENOENT;
		}
		if (check_target(n, ix, t, word))
			return -EINVAL;
	}
	return 0;
}

/* A container that does not run, for instance, is in no namespace. */
static int check_found(const struct nsnet *n, const struct index *ix)
{
	for (uint32_t ns = 0; ns < ix->snap->n_namespaces; ns++)
		if (nsnet_selects(n, ix, ns))
			return 0;
	cli_error(&n->cli, n->n_targets ? "%s has no network namespace: nothing of it runs" : "no network namespace could be found",
		  n->n_targets ? n->cli.argv[0] : "");
	return -ESRCH;
}

enum exit_status nsnet_look(struct nsnet *n, uint64_t wants, int (*show)(struct nsnet *n, const struct index *ix, void *arg), void *arg)
{
	enum exit_status status;
	struct index ix;
	struct snap s;

	cli_name_namespaces(&n->cli);
	wants |= WANT_TASKS | WANT_HIDDEN;
	for (int i = 0; i < n->cli.argc; i++)
		wants |= target_wants(n->cli.argv[i]);
	snap_init(&s);
	status = cli_snapshot(&n->cli, &s, wants, save_wants);
	/* A snapshot on standard output is all that goes there. */
	if (status == EXIT_DONE && !(n->cli.save && !strcmp(n->cli.save, "-"))) {
		index_build(&ix, &s);
		if (resolve(n, &ix) || check_found(n, &ix) || show(n, &ix, arg))
			status = EXIT_FAILED;
		index_done(&ix);
	}
	if (status == EXIT_DONE)
		status = cli_finish(&n->cli, &s);
	snap_done(&s);
	return status;
}
