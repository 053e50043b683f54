/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Who changes namespaces, and which bind fails: setns, unshare, clone, bind, listen and (failed) socket calls, forks and exits.
 *
 * What a call was given is read when it returns, from the registers that it came with. Then a call that seccomp refused, which has an
 * end and no beginning (syscall_trace_enter, kernel/entry/common.c), is shown like any other, and the page with the address has been
 * read by the kernel itself. Beginnings are watched where something would be gone afterwards: the namespaces that were left, the file
 * behind setns's fd; and, for bind, listen and socket, to know that there was one.
 *
 * Nobody is woken for an event (that costs the traced process 12 us), but for the first one after a time without any.
 */
#include "event_ns.h"
#include "event_sock.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* --- births and deaths ---------------------------------------------------------------------------------------------------------- */

/*
 * Is a child in other namespaces than its parent? Also without a flag: after unshare and setns of a PID or time namespace. This runs
 * for each fork: a child of the initial PID namespace has its parent there, too.
 */
static __always_inline int is_elsewhere(struct task_struct *child, struct task_struct *parent)
{
	__u32 level = READ(child, thread_pid, level);

	return READ(child, nsproxy) != READ(parent, nsproxy) || (level && level != READ(parent, thread_pid, level));
}

SEC("tp_btf/task_newtask") /* (child, clone_flags): it has its pid, and has not run yet */
int born(__u64 *ctx)
{
	struct task_struct *child = (struct task_struct *)ctx[0], *parent = current();
	struct who w, c;

	if (errors_only)
		return 0;

	int clone = want_clone && (ctx[1] & NEW_ANY || is_elsewhere(child, parent));

	if ((!clone && !want_fork) || is_own())
		return 0;
	if (!clone && few_lives && (ctx[1] & CLONE_A_THREAD || !may_tell_life()))
		return 0;
	look_from_afar(&w, parent);
	look_from_afar(&c, child);
	if (clone)
		put_clone(&w, &c, ctx[1]);
	else
		put_fork(&w, &c);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int died(__u64 *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx[0];
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	union record *r = new_record();
	struct who w;

	if (!r || errors_only || is_own())
		return 0;

	__u32 last = !BPF_CORE_READ(signal, live.counter);

	if (few_lives && (!last || !may_tell_life()))
		return 0;
	look_from_afar(&w, task);
	fill_head(&r->head, &w, EVREC_EXIT, 0);
	if (!is_asked_for(&w, &r->head))
		return 0;
	r->life.start = BPF_CORE_READ(task, start_boottime);
	r->life.child_pid = r->life.child_tid = 0;
	r->life.code = BPF_CORE_READ(task, exit_code);
	r->life.last = last;
	__builtin_memset(r->life.ns, 0, sizeof(r->life.ns));
	put(&r->head, __builtin_offsetof(struct life_event_rec, nr), put_own_numbers(&r->head, r->life.nr, &w));
	return 0;
}

/* --- one program for the beginning of all calls, and one for the end: half of what a program costs to load it costs once --------- */

/* Of the first argument alone the context may be asked: unshare has no more (perf_event_set_bpf_prog, kernel/events/core.c). */
SEC("tp/syscalls/sys_enter_setns")
int call_begins(struct sys_enter *ctx)
{
	struct task_struct *task = current();
	struct nsproxy *ns = READ(task, nsproxy);
	struct before *b;

	if (is_own())
		return 0;
	b = begin_call(task);
	if (!b)
		return 0;
	b->start = READ(task, start_boottime);
	b->wanted_how = b->wanted_pid = 0;
	__builtin_memset(b->wanted, 0, sizeof(b->wanted));
	if (ctx->nr == nr_setns)
		setns_begins(task, ns, b, ctx->first, argument(ctx, 1));
	else if (ctx->nr == nr_unshare)
		unshare_begins(task, ns, b, ctx->first);
	return 0;
}

SEC("tp/syscalls/sys_exit_setns")
int call_ends(struct sys_exit *ctx)
{
	int nr = ctx->nr;
	struct who w;

	if (is_own())
		return 0;
	look_at(&w, current());
	if (nr == nr_setns || nr == nr_unshare)
		return ns_call_ends(ctx, &w, nr == nr_setns ? EVREC_SETNS : EVREC_UNSHARE);
	if (nr == nr_clone)
		return clone_ends(ctx, &w);
	if (nr == nr_clone3)
		return clone3_ends(ctx, &w);
	if (nr == nr_bind)
		return bind_ends(ctx, &w);
	if (nr == nr_listen)
		return listen_ends(ctx, &w);
	return socket_ends(ctx, &w);
}
