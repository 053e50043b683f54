// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "why/halted.h"
#include "why/look.h"

static const struct snap_halt *halt_of(const struct snap *s, uint32_t pid)
{
	for (size_t i = 0; i < s->n_halts; i++)
		if (s->halts[i].pid == pid)
			return &s->halts[i];
	return NULL;
}

const struct snap_halt *halted_by(const struct why_state *st, const struct snap_socket *x)
{
	uint32_t n;
	const struct snap_socket_fd *fds = snap_socket_fds(st->s, x->ino, &n);
	const struct snap_halt *first = NULL;

	for (uint32_t i = 0; i < n; i++) {
		const struct snap_halt *h = halt_of(st->s, fds[i].pid);

		if (!h)
			return NULL;
		first = first ? first : h;
	}
	return first;
}

/* By its runtime, where that knows of it; else as it was frozen. */
static void advise_thaw(struct why_state *st, const struct snap_container *c, const char *cgroup)
{
	bool docker = c && c->runtime && !strcmp(c->runtime, "docker") && (!c->state || !strcmp(c->state, "paused"));

	if (docker || (c && c->runtime && !strcmp(c->runtime, "podman"))) {
		why_advise(st, "let it go on:  %s unpause %s", c->runtime, look_quoted(st, c->name ? c->name : c->id));
		return;
	}
	if (!cgroup)
		return;
	why_advise(st, "thaw it:  echo 0 >%s", look_quoted(st, why_printf(st, "%s%s/cgroup.freeze", look_cgroup2(st->s), cgroup)));
	why_advise(st, "of cgroup v1:  echo THAWED >%s",
		   look_quoted(st, why_printf(st, "/sys/fs/cgroup/freezer%s/freezer.state", cgroup)));
}

static void tell_frozen(struct why_state *st, const char *who, const struct snap_halt *h)
{
	const struct snap_task *task = look_task(st->ix, h->pid);
	const char *container = task ? look_container(st->ix, task->container) : NULL;

	why_add(st, "container-paused", ETIMEDOUT);
	why_summary(st, "%s is frozen: the kernel completes connections, nobody answers", container ? container : who);
	why_text(st, "container_state", "paused");
	why_text(st, "listener_container", container);
	why_text(st, "cgroup_path", h->cgroup);
	why_line(st, "rule", "the freezer of its control group stops its tasks; their sockets stay");
	advise_thaw(st, task && task->container ? index_container(st->ix, task->container) : NULL, h->cgroup);
}

void halted_tell(struct why_state *st, const char *who, const struct snap_halt *h)
{
	bool traced = h->kind == HALT_TRACED;

	if (h->kind == HALT_FROZEN) {
		tell_frozen(st, who, h);
		return;
	}
	why_add(st, "process-stopped", ETIMEDOUT);
	why_summary(st, "%s is %s: the kernel completes connections, nobody answers", who,
		    traced ? "held by a debugger" : "stopped");
	why_text(st, "process_state", traced ? "t (tracing stop)" : "T (stopped)");
	why_line(st, "rule", "connections are accepted by the kernel until the queue is full; the process is in state %s",
		 traced ? "t" : "T");
	why_advise(st, traced ? "detach the debugger from %u" : "let it go on:  kill -CONT %u", h->pid);
}
