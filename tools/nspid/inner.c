// SPDX-License-Identifier: GPL-2.0-or-later
/* -i N TARGET: which PID is PID N in there? The kernel's own word for it where it has one (6.11), else the snapshot's. */
#include "nspid.h"

static const uint64_t wants_world = WANT_TASKS | WANT_THREADS | WANT_LEVELS;

/* The task that has that number in the PID namespace, in a snapshot. */
static uint32_t find_inner(const struct index *ix, uint32_t pidns, uint32_t nr)
{
	uint32_t chain[PIDROW_MAX_LEVELS];

	for (uint32_t i = 0; i < ix->snap->n_tasks; i++) {
		const struct snap_task *t = &ix->snap->tasks[i];
		uint32_t n = pidns_chain(ix, t, chain);

		for (uint32_t k = 0; k < n; k++)
			if (chain[k] == pidns && t->nspid[k] == nr)
				return i;
	}
	return IDMAP_NONE;
}

static enum exit_status answer(struct nspid *n, const struct index *ix, uint32_t pidns)
{
	uint32_t task = pidns ? find_inner(ix, pidns, n->inner) : IDMAP_NONE;

	if (!pidns) {
		cli_error(&n->cli, "%s has no process here, or its PID namespace may not be seen", n->cli.argv[0]);
		return EXIT_FAILED;
	}
	if (task == IDMAP_NONE) {
		cli_error(&n->cli, "there is no PID %u in %s (pid namespace %u)", n->inner, n->cli.argv[0], pidns);
		return EXIT_FAILED;
	}
	if (!n->json && !n->columns) {
		printf("%u\n", ix->snap->tasks[task].tid);
		return EXIT_DONE;
	}
	n->targets[0] = (struct target){ .kind = TARGET_TASK, .task = task };
	n->n_targets = 1;
	return nspid_list(n, ix) ? EXIT_FAILED : EXIT_DONE;
}

/* The PID namespace of pid, and who is PID N in it: no other process is looked at. False: the kernel can't tell (or not us). */
static bool ask_kernel(struct nspid *n, uint32_t pid, uint32_t pidns, enum exit_status *status)
{
	const struct collect_opts opts = { .proc = n->cli.proc,
					   .tool = n->cli.tool,
					   .pids = &pid,
					   .n_pids = 1,
					   .inner = n->inner,
					   .wants = wants_world | table_wants(&n->table) };
	const char *why;
	struct index ix;
	struct snap s;
	uint32_t i;
	bool done = false;

	snap_init(&s);
	if (!collect(&s, &opts, &why)) {
		index_build(&ix, &s);
		i = index_task(&ix, pid);
		/* Who is gone, or is not there any more, says nothing. */
		if (i != IDMAP_NONE && NSREF_KNOWN(s.tasks[i].ns[NS_PID]) && (!pidns || s.tasks[i].ns[NS_PID] == pidns)) {
			*status = answer(n, &ix, s.tasks[i].ns[NS_PID]);
			done = true;
		}
		index_done(&ix);
	}
	snap_done(&s);
	return done;
}

/* A process of that PID namespace. */
static uint32_t member_of(const struct index *ix, uint32_t pidns)
{
	uint32_t ns = index_ns(ix, NS_PID, pidns);

	return ns == IDMAP_NONE || ix->ns[ns].first == IDMAP_NONE ? 0 : ix->snap->tasks[ix->ns[ns].first].pid;
}

static enum exit_status by_snapshot(struct nspid *n, const struct snap *s)
{
	enum exit_status status = EXIT_FAILED;
	struct index ix;
	uint32_t pidns, member;

	index_build(&ix, s);
	if (nspid_resolve(n, &ix))
		goto out;
	if (n->targets[0].kind == TARGET_NS && s->namespaces[n->targets[0].ns].type != NS_PID) {
		cli_error(&n->cli, "%s is a %s namespace: --inner takes a process, a container or a PID namespace", n->cli.argv[0],
			  nstypes[s->namespaces[n->targets[0].ns].type].name);
		goto out;
	}
	pidns = nspid_pidns(&ix, &n->targets[0]);
	member = member_of(&ix, pidns);
	if (n->cli.from || n->cli.save || !member || !ask_kernel(n, member, pidns, &status))
		status = answer(n, &ix, pidns);
out:
	index_done(&ix);
	return status;
}

enum exit_status nspid_inner(struct nspid *n)
{
	enum exit_status status = EXIT_FAILED;
	struct snap s;
	uint32_t pid;

	if (n->cli.argc != 1) {
		cli_usage_error(&n->cli, "--inner takes a PID and one target: whose PID is it?");
		return EXIT_USAGE;
	}
	n->targets = xcalloc(1, sizeof(*n->targets));
	if (!n->cli.from && !n->cli.save && nspid_is_pid(n->cli.argv[0], &pid) && ask_kernel(n, pid, 0, &status))
		return status;
	snap_init(&s);
	status = cli_snapshot(&n->cli, &s,
			      wants_world | (target_wants(n->cli.argv[0]) & ~(uint32_t)WANT_HIDDEN) | table_wants(&n->table), 0);
	if (status == EXIT_DONE)
		status = by_snapshot(n, &s);
	if (status == EXIT_DONE)
		status = cli_finish(&n->cli, &s);
	snap_done(&s);
	return status;
}
