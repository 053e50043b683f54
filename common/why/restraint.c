// SPDX-License-Identifier: GPL-2.0-or-later
/* What stands between a call and the protocol: seccomp (before the call begins), security modules, BPF programs of control groups. */
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "why/cbpf.h"
#include "why/checks.h"
#include "why/ebpf.h"
#include "why/look.h"
#include "why/seen.h"

/* --- seccomp --------------------------------------------------------------------------------------------------------------- */

#if defined(__x86_64__)
enum { OUR_ARCH = AUDIT_ARCH_X86_64 };
#elif defined(__aarch64__)
enum { OUR_ARCH = AUDIT_ARCH_AARCH64 };
#elif defined(__riscv) && __riscv_xlen == 64
enum { OUR_ARCH = AUDIT_ARCH_RISCV64 };
#elif defined(__s390x__)
enum { OUR_ARCH = AUDIT_ARCH_S390X };
#else
enum { OUR_ARCH = 0 };
#endif

/* The call as a filter sees it; descriptors and pointers are anybody's guess. */
static struct cbpf_call make_call(const struct why_query *q, enum why_call call)
{
	static const uint32_t numbers[] = {
		[CALL_SOCKET] = SYS_socket, [CALL_BIND] = SYS_bind, [CALL_LISTEN] = SYS_listen, [CALL_CONNECT] = SYS_connect
	};
	struct cbpf_call c = { .nr = numbers[call], .arch = (uint32_t)OUR_ARCH };

	if (call == CALL_SOCKET) {
		c.args[0] = q->path ? AF_UNIX : q->addr.family == 6 ? AF_INET6 : AF_INET;
		c.args[1] = (uint64_t)asked_type(q);
		c.args[2] = q->netid == NETID_TCP || q->netid == NETID_UDP ? 0 : (uint64_t)asked_protocol(q);
		return c;
	}
	c.args[0] = 3;
	c.args[1] = call == CALL_LISTEN ? 4096 : 0x7ffe00000000;
	c.args[2] = call == CALL_LISTEN ? 0 : q->path ? sizeof(uint16_t) + q->path_len + 1 : q->addr.family == 6 ? 28 : 16;
	c.unknown = call == CALL_LISTEN ? 3 : q->path ? 7 : 3;
	return c;
}

/* What all filters together say. 0, or -EINVAL when one can't be run. */
static int run_filters(const struct snap *s, const struct snap_guard *g, const struct cbpf_call *call, uint32_t *answer,
		       bool *guessed)
{
	*answer = SECCOMP_RET_ALLOW;
	*guessed = false;
	for (uint32_t i = 0; i < g->n_filters; i++) {
		const struct snap_filter *f = asker_filter(s, g->filters[i]);
		uint32_t one;

		if (!f || cbpf_run(f->insns, f->n_insns / 2, call, &one, guessed))
			return -EINVAL;
		*answer = cbpf_stricter(*answer, one);
	}
	return 0;
}

static const char *action_words(uint32_t answer, int *err)
{
	*err = 0;
	switch (answer & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ERRNO:
		*err = (int)MIN(answer & SECCOMP_RET_DATA, 4095u);
		return *err ? "answers with that error" : "answers with success";
	case SECCOMP_RET_KILL_PROCESS:
		return "kills the process";
	case SECCOMP_RET_KILL_THREAD:
		return "kills the thread";
	case SECCOMP_RET_TRAP:
		return "sends SIGSYS";
	default:
		return NULL;
	}
}

static void denied(struct why_state *st, const struct asker *a, enum why_call call, const char *action, int err)
{
	const struct snap_guard *g = a->guard;

	why_add(st, "seccomp-deny", err);
	why_summary(st, "the process's seccomp filter refuses %s()", why_call_names[call]);
	why_text(st, "failing_call", why_call_names[call]);
	why_number(st, "seccomp_mode", (uint64_t)g->seccomp_mode);
	why_number(st, "seccomp_filters", OPT_VALUE(g->seccomp_filters) ? (uint64_t)g->seccomp_filters : g->n_filters);
	asker_facts(st, a);
	why_bool(st, "no_new_privs", g->flags & GUARD_NO_NEW_PRIVS);
	why_line(st, "rule", "the filter %s before the kernel looks at the socket", action);
	why_line(st, "process", "%s", asker_words(st, a));
	if (a->task->container)
		why_advise(st, "allow %s in the container's profile (--security-opt seccomp=PROFILE)", why_call_names[call]);
	else
		why_advise(st, "allow %s in its sandbox (systemd: SystemCallFilter=)", why_call_names[call]);
}

static void seccomp_for(struct why_state *st, const struct asker *a, enum why_call call)
{
	struct cbpf_call made = make_call(st->q, call);
	const char *action;
	uint32_t answer;
	bool guessed;
	int err;

	if (run_filters(st->s, a->guard, &made, &answer, &guessed)) {
		why_skip(st, "seccomp filters", look_task_words(st, a->task), "a filter could not be run");
		return;
	}
	action = action_words(answer, &err);
	if (action && !guessed)
		denied(st, a, call, action, err);
	else if (guessed)
		why_skip(st, "seccomp filters", look_task_words(st, a->task), "they look at arguments that are not known");
	else if ((answer & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_USER_NOTIF ||
		 (answer & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_TRACE)
		why_skip(st, "seccomp filters", look_task_words(st, a->task), "another process decides about the call");
}

void check_seccomp(struct why_state *st)
{
	struct asker a = asker_of(st);
	enum why_call call = st->q->call == CALL_REACH ? CALL_CONNECT : st->q->call;

	if (!a.task)
		return;
	if (!a.guard || !OPT_VALUE(a.guard->seccomp_mode)) {
		why_skip(st, "seccomp filters", look_task_words(st, a.task), "not in the snapshot");
		return;
	}
	if (a.guard->seccomp_mode == 1) {
		denied(st, &a, call, "kills the process (strict mode)", 0);
		return;
	}
	if (!(a.guard->flags & GUARD_SECCOMP_KNOWN) || (uint32_t)OUR_ARCH == 0) {
		why_skip(st, "seccomp filters", look_task_words(st, a.task),
			 "they could not be read (it takes CAP_BPF and CAP_PERFMON)");
		return;
	}
	if (call == CALL_BIND || call == CALL_CONNECT)
		seccomp_for(st, &a, CALL_SOCKET);
	seccomp_for(st, &a, call);
}

/* --- security modules ------------------------------------------------------------------------------------------------------ */

/* Is it active, for all that is known? */
static bool may_have_module(const struct snap *s, const char *name)
{
	const char *list = look_sysctl(s, 0, "lsm");

	return !list || strstr(list, name);
}

static bool has_port(const uint32_t *ports, uint32_t n, uint32_t port)
{
	for (uint32_t i = 0; i < n; i++)
		if (ports[i] == port)
			return true;
	return false;
}

static const char *port_list(struct why_state *st, const uint32_t *ports, uint32_t n)
{
	const char *text = "none";

	for (uint32_t i = 0; i < MIN(n, 16u); i++)
		text = why_printf(st, "%s%s%u", i ? text : "", i ? " " : "", ports[i]);
	return n > 16 ? why_printf(st, "%s ...", text) : text;
}

/* Landlock asks about TCP alone, and about the port alone (security/landlock/net.c, ABI 4). */
static void check_landlock(struct why_state *st, const struct asker *a)
{
	const struct snap_guard *g = a->guard;
	bool binds = st->q->call == CALL_BIND;
	const uint32_t *ports = binds ? g->landlock_bind : g->landlock_connect;
	uint32_t n = binds ? g->n_landlock_bind : g->n_landlock_connect;

	if (st->q->path && g->flags & GUARD_LANDLOCK)
		why_skip(st, "Landlock", look_task_words(st, a->task),
			 "what its domain says of files and abstract names is not read");
	if (st->q->netid != NETID_TCP || (st->q->call != CALL_BIND && st->q->call != CALL_CONNECT))
		return;
	if (!(g->flags & GUARD_LANDLOCK_KNOWN)) {
		if (may_have_module(st->s, "landlock"))
			why_skip(st, "Landlock", look_task_words(st, a->task),
				 "its domain could not be read (it takes CAP_BPF and CAP_PERFMON)");
		return;
	}
	if (!(g->flags & (binds ? GUARD_LANDLOCK_BIND : GUARD_LANDLOCK_CONNECT)) || has_port(ports, n, st->q->port))
		return;
	why_add(st, "lsm-deny", EACCES);
	why_summary(st, "the process's Landlock sandbox lets it %s %s", binds ? "bind" : "connect to",
		    n ? why_printf(st, "only port %s", port_list(st, ports, n)) : "no TCP port");
	why_text(st, "lsm", "landlock");
	asker_facts(st, a);
	why_bool(st, "port_not_privileged", st->q->port >= 1024);
	why_bool(st, "no_new_privs", g->flags & GUARD_NO_NEW_PRIVS);
	why_line(st, "rule", "a TCP port that no rule of its domain allows (LANDLOCK_ACCESS_NET_%s_TCP)",
		 binds ? "BIND" : "CONNECT");
	why_line(st, "process", "%s, allowed: %s", asker_words(st, a), port_list(st, ports, n));
	why_advise(st, "that is the program's own sandbox: its configuration has to name the port");
}

static bool is_confined(const struct snap *s, const struct snap_guard *g)
{
	static const char *const harmless[] = { "unconfined", "docker-default", "cri-containerd.apparmor.d", "containers-default" };

	if (!g->label || (!may_have_module(s, "selinux") && !may_have_module(s, "apparmor") && !may_have_module(s, "smack")))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++) /* they let sockets be */
		if (!strncmp(g->label, harmless[i], strlen(harmless[i])))
			return false;
	return !strstr(g->label, ":unconfined_t:");
}

static bool concerns(const struct snap_cgprog *p, enum why_call call)
{
	static const char *const functions[] = { [CALL_SOCKET] = "bpf_lsm_socket_create",
						 [CALL_BIND] = "bpf_lsm_socket_bind",
						 [CALL_LISTEN] = "bpf_lsm_socket_listen",
						 [CALL_CONNECT] = "bpf_lsm_socket_connect" };

	return p->hook == CGPROG_LSM && call < ARRAY_SIZE(functions) && (!p->attached || !strcmp(p->attached, functions[call]));
}

/* A BPF LSM program may answer with any errno; where one was reported that is not the kernel's own, it is the first suspect. */
static void check_lsm_programs(struct why_state *st)
{
	const struct snap_gap *hidden = may_have_module(st->s, "bpf") ? seen_gap(st->s, "BPF programs") : NULL;

	if (hidden)
		why_skip(st, "BPF LSM programs", NULL, seen_gap_words(st, hidden));
	for (size_t i = 0; i < st->s->n_cgprogs; i++) {
		const struct snap_cgprog *p = &st->s->cgprogs[i];

		if (concerns(p, st->q->call == CALL_REACH ? CALL_CONNECT : st->q->call))
			why_skip(st, "BPF LSM programs", why_printf(st, "%s, id %u", p->name ? p->name : "?", p->prog_id),
				 "what it answers can't be told");
	}
}

void check_lsm(struct why_state *st)
{
	struct asker a = asker_of(st);

	check_lsm_programs(st);
	if (!a.task)
		return;
	if (!a.guard) {
		why_skip(st, "security modules", look_task_words(st, a.task), "not in the snapshot");
		return;
	}
	check_landlock(st, &a);
	if (is_confined(st->s, a.guard))
		why_skip(st, "policy of the security module",
			 why_printf(st, "%s, label %s", look_task_words(st, a.task), a.guard->label),
			 "look for denials:  ausearch -m avc -ts recent, journalctl -k | grep DENIED");
}

/* --- BPF programs of control groups ---------------------------------------------------------------------------------------- */

static void prog_denies(struct why_state *st, const struct asker *a, const struct snap_cgprog *p)
{
	const char *at = p->attached ? p->attached : p->cgroup;

	why_add(st, "cgroup-bpf-deny", EPERM);
	why_summary(st, "BPF program %s (id %u) of control group %s says no", p->name ? p->name : "?", p->prog_id, at);
	why_number(st, "bpf_prog_id", p->prog_id);
	why_text(st, "bpf_prog_name", p->name);
	why_text(st, "attach_type", cgprog_hook_names[p->hook]);
	why_text(st, "cgroup_path", at);
	asker_facts(st, a);
	why_line(st, "rule",
		 "programs of the process's control group and of all above it are asked (%s); one that returns 0 gives EPERM",
		 cgprog_hook_names[p->hook]);
	why_line(st, "process", "%s, in control group %s", asker_words(st, a), p->cgroup);
	why_advise(st, "look at it:  bpftool prog dump xlated id %u; bpftool cgroup show %s%s", p->prog_id, look_cgroup2(st->s),
		   at);
	why_advise(st, "change the policy of who attached it (systemd: SocketBindDeny=; CNI; agents)");
}

static void run_programs(struct why_state *st, uint8_t hook)
{
	struct asker a = asker_of(st);
	const char *cgroup = a.guard ? a.guard->cgroup : NULL;
	const struct snap_gap *hidden = cgroup ? seen_gap(st->s, "BPF programs of control groups") : NULL;

	if (hidden)
		why_skip(st, "BPF programs of control groups", cgroup, seen_gap_words(st, hidden));
	for (size_t i = 0; cgroup && i < st->s->n_cgprogs; i++) {
		const struct snap_cgprog *p = &st->s->cgprogs[i];

		if (p->hook != hook || !p->cgroup || strcmp(p->cgroup, cgroup) != 0)
			continue;
		switch (ebpf_judge(st, p, &st->cap_waived)) {
		case EBPF_DENIES:
			prog_denies(st, &a, p);
			break;
		case EBPF_ALLOWS:
			break;
		case EBPF_UNKNOWN:
			why_skip(st, "BPF programs of control groups",
				 why_printf(st, "%s, id %u, attached to %s", p->name ? p->name : "?", p->prog_id,
					    p->attached ? p->attached : cgroup),
				 "what it answers can't be told");
		}
	}
}

/* At the end of socket() (inet_create). */
void check_cgroup_socket(struct why_state *st)
{
	run_programs(st, CGPROG_SOCK_CREATE);
}

void check_cgroup(struct why_state *st)
{
	static const uint8_t hooks[][2] = {
		[CALL_BIND] = { CGPROG_BIND4, CGPROG_BIND6 }, [CALL_CONNECT] = { CGPROG_CONNECT4, CGPROG_CONNECT6 }
	};

	run_programs(st, hooks[st->q->call][st->q->addr.family == 6]);
}

void check_cgroup_post(struct why_state *st)
{
	run_programs(st, st->q->addr.family == 6 ? CGPROG_POST_BIND6 : CGPROG_POST_BIND4);
}
