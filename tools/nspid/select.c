// SPDX-License-Identifier: GPL-2.0-or-later
/* Which tasks the targets mean. */
#include "nspid.h"

enum { MAX_HINTS = 5 };

bool nspid_is_pid(const char *word, uint32_t *pid)
{
	if (!strncmp(word, "pid:", 4))
		word += 4;
	return !parse_u32(word, pid) && *pid && *pid <= PID_LIMIT;
}

/* --- one target ---------------------------------------------------------------------------------------------------------- */

uint32_t nspid_pidns(const struct index *ix, const struct target *t)
{
	const struct snap *s = ix->snap;
	const struct snap_task *outermost = NULL;

	if (t->kind == TARGET_NS)
		return s->namespaces[t->ns].type == NS_PID ? s->namespaces[t->ns].inum : 0;
	if (t->kind == TARGET_HOST)
		return s->head.initial[NS_PID];
	for (uint32_t i = 0; i < s->n_tasks; i++) {
		const struct snap_task *x = &s->tasks[i];

		/* A container's own namespace is the outermost that one of its processes is in, and not that of what it nests. */
		if (NSREF_KNOWN(x->ns[NS_PID]) && target_has_task(ix, t, i) && (!outermost || x->n_nspid < outermost->n_nspid))
			outermost = x;
	}
	return outermost ? outermost->ns[NS_PID] : 0;
}

/*
 * Before the parents of PID namespaces are known, whoever is deeper than the target may be below it: then its command is read in
 * vain, and the row left out later.
 */
static bool may_be_below(const struct index *ix, const struct snap_task *t, uint32_t inum)
{
	uint32_t ns = index_ns(ix, NS_PID, inum), chain[PIDROW_MAX_LEVELS], n = pidns_chain(ix, t, chain);
	uint32_t first = ns == IDMAP_NONE ? IDMAP_NONE : ix->ns[ns].first;
	uint32_t level = first == IDMAP_NONE ? 0 : ix->snap->tasks[first].n_nspid - 1;

	if (first == IDMAP_NONE || n <= level)
		return false;
	return chain[level] == inum || (!chain[level] && n > level + 1);
}

static bool has(const struct index *ix, const struct target *t, uint32_t task)
{
	const struct snap *s = ix->snap;

	if (t->kind == TARGET_NS && s->namespaces[t->ns].type == NS_PID)
		return may_be_below(ix, &s->tasks[task], s->namespaces[t->ns].inum);
	return target_has_task(ix, t, task);
}

bool nspid_selects(const struct nspid *n, const struct index *ix, uint32_t task)
{
	const struct snap_task *x = &ix->snap->tasks[task];

	for (int i = 0; i < n->n_targets; i++) {
		const struct target *t = &n->targets[i];
		bool itself = t->kind == TARGET_TASK && t->task == task;

		if (itself || ((x->tid == x->pid || n->threads) && has(ix, t, task)))
			return true;
	}
	return !n->n_targets && (x->tid == x->pid || n->threads);
}

/* --- all of them ----------------------------------------------------------------------------------------------------------- */

/* Somebody may have read the number inside of a container. */
static void add_hints(const struct index *ix, uint32_t nr, FILE *f)
{
	const struct snap *s = ix->snap;
	int hints = 0;

	for (uint32_t i = 0; i < s->n_tasks && hints < MAX_HINTS; i++) {
		const struct snap_task *t = &s->tasks[i];
		const struct snap_container *c = index_container(ix, t->container);

		if (t->n_nspid < 2 || t->nspid[t->n_nspid - 1] != nr)
			continue;
		fprintf(f, "%s %u in ", hints++ ? "," : "; inside of namespaces it is", t->tid);
		if (c)
			fprintf(f, "%s", c->name ? c->name : c->id);
		else
			fprintf(f, "pid:[%u]", t->ns[NS_PID]);
	}
}

/* With where the operand is a number inside of others, for somebody who took it for a pid of this host. */
static void say_not_found(const struct nspid *n, const struct index *ix, const char *word, const char *message)
{
	CLEAN_MEM char *line = NULL;
	size_t len;
	FILE *f = open_memstream(&line, &len);
	uint32_t pid;

	if (!f)
		return;
	fputs(message, f);
	if (nspid_is_pid(word, &pid))
		add_hints(ix, pid, f);
	fclose(f);
	cli_error(&n->cli, "%s", line);
}

int nspid_resolve(struct nspid *n, const struct index *ix)
{
	char message[512];

	free(n->targets);
	n->targets = xcalloc((size_t)n->cli.argc, sizeof(*n->targets));
	n->n_targets = 0;
	for (int i = 0; i < n->cli.argc; i++) {
		const char *word = n->cli.argv[i];
		int err = target_resolve(ix, word, &n->targets[n->n_targets++], message, sizeof(message));

		if (err) {
			say_not_found(n, ix, word, message);
			return err == -EINVAL ? err : -ENOENT;
		}
	}
	return 0;
}
