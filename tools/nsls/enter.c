// SPDX-License-Identifier: GPL-2.0-or-later
/* --enter: the nsenter(1) command for a namespace. Printed, never run. */
#include <ctype.h>
#include <inttypes.h>

#include "nsls.h"

/* nsenter's letters (sys-utils/nsenter.c); each enters that namespace of -t PID. */
static const char letters[NS_TYPES] = { [NS_MNT] = 'm', [NS_NET] = 'n',  [NS_PID] = 'p',    [NS_UTS] = 'u',
					[NS_IPC] = 'i', [NS_USER] = 'U', [NS_CGROUP] = 'C', [NS_TIME] = 'T' };

/* Its long options, for those that take a path. */
static const char *const words[NS_TYPES] = { [NS_MNT] = "mount", [NS_NET] = "net",   [NS_PID] = "pid",       [NS_UTS] = "uts",
					     [NS_IPC] = "ipc",   [NS_USER] = "user", [NS_CGROUP] = "cgroup", [NS_TIME] = "time" };

/* A word that a shell takes as it stands, or quoted so that it does. */
static void print_word(const char *s)
{
	const char *p = s;

	while (isalnum((unsigned char)*p) || (*p && strchr("/._-:+@%,=", *p)))
		p++;
	if (!*p && p != s) {
		fputs(s, stdout);
		return;
	}
	fputs("$'", stdout); /* control bytes in a path: bash, zsh and busybox read this; nothing of it reaches the terminal raw */
	for (p = s; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (c < ' ' || c >= 0x7f)
			printf("\\x%02x", c);
		else
			printf(c == '\'' || c == '\\' ? "\\%c" : "%c", c);
	}
	fputc('\'', stdout);
}

static const struct snap_hold *any_hold(const struct index *ix, uint32_t ns, enum hold_kind kind)
{
	for (uint32_t i = ix->first_hold[ns]; i != IDMAP_NONE; i = ix->next_hold[i])
		if (ix->snap->holds[i].kind == kind &&
		    (kind != HOLD_MOUNT || (ix->snap->holds[i].path && ix->snap->holds[i].mntns == ix->snap->head.own_mntns)))
			return &ix->snap->holds[i];
	return NULL;
}

/* A thread's links are in /proc though readdir hides it. */
static uint32_t any_thread(const struct index *ix, uint32_t ns)
{
	return ix->ns[ns].n ? ix->snap->tasks[ix->members[ix->ns[ns].begin]].tid : 0;
}

static int enter_ns(const struct nsls *n, const struct index *ix, uint32_t ns)
{
	const struct snap_ns *x = &ix->snap->namespaces[ns];
	const char *proc = ix->snap->head.proc;
	const struct snap_hold *h;
	char buf[64 + sizeof("/4294967295/ns/time_for_children")];
	const char *path = buf;

	if (ix->ns[ns].first != IDMAP_NONE) {
		printf("nsenter -t %u -%c\n", ix->snap->tasks[ix->ns[ns].first].pid, letters[x->type]);
		return 0;
	}
	if (any_thread(ix, ns)) {
		snprintf(buf, sizeof(buf), "%s/%u/ns/%s", proc, any_thread(ix, ns), nstypes[x->type].name);
	} else if ((h = any_hold(ix, ns, HOLD_MOUNT))) {
		path = h->path;
	} else if ((h = any_hold(ix, ns, HOLD_FD))) {
		snprintf(buf, sizeof(buf), "%s/%u/fd/%" PRId64, proc, h->pid, h->fd);
	} else if (ix->first_future[0][ns] != IDMAP_NONE || ix->first_future[1][ns] != IDMAP_NONE) {
		uint32_t t = ix->first_future[x->type == NS_TIME][ns];

		snprintf(buf, sizeof(buf), "%s/%u/ns/%s", proc, ix->snap->tasks[t].tid, nstypes[x->type].for_children);
	} else {
		cli_error(&n->cli, "%s:[%u] cannot be entered: no process, fd or mount of ours leads to it", nstypes[x->type].name,
			  x->inum);
		return -ENOENT;
	}
	printf("nsenter --%s=", words[x->type]);
	print_word(path);
	putchar('\n');
	return 0;
}

/* A process or container: all of its namespaces that are not the host's, by its first process. */
static int enter_member(const struct nsls *n, const struct index *ix, const struct target *t)
{
	const struct snap *s = ix->snap;

	for (uint32_t i = 0; i < s->n_tasks; i++) {
		const struct snap_task *task = &s->tasks[i];
		bool any = false;

		if (!target_has_task(ix, t, i) || !task->ns[NS_NET] || task->flags & TASK_ZOMBIE)
			continue;
		printf("nsenter -t %u", task->tid);
		for (enum nstype type = 0; type < NS_TYPES; type++)
			if (NSREF_KNOWN(task->ns[type]) && task->ns[type] != s->head.initial[type]) {
				printf(" -%c", letters[type]); /* apart: what follows a letter would be its file */
				any = true;
			}
		puts(any ? "" : " -a");
		return 0;
	}
	cli_error(&n->cli, "no process of it is left to enter");
	return -ESRCH;
}

int nsls_enter(const struct nsls *n, const struct index *ix)
{
	int err = 0;

	for (int i = 0; i < n->n_targets && !err; i++) {
		const struct target *t = &n->targets[i];

		if (t->kind == TARGET_NS)
			err = enter_ns(n, ix, t->ns);
		else if (t->kind == TARGET_HOST)
			puts("nsenter -t 1 -a");
		else
			err = enter_member(n, ix, t);
	}
	return err;
}
