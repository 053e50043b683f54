/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Inside of events.bpf.c: setns, unshare, clone, and other births. */
#ifndef NSKIT_BPF_EVENT_NS_H
#define NSKIT_BPF_EVENT_NS_H

#include "event_call.h"

/* --- setns, unshare ----------------------------------------------------------------------------------------------------------- */

static __noinline __u32 ns_type(const struct ns_common *ns)
{
	if (bpf_core_field_exists(ns->ns_type))
		return BPF_CORE_READ(ns, ns_type);
	return BPF_CORE_READ(ns, ops, type);
}

/* The process that a pidfd means, or NULL. Since 6.9 they are files of pidfs, before files without a file system. */
static __noinline struct pid *pid_of(struct file *file, struct inode *inode, unsigned long magic)
{
	char name[8] = "";

	if (magic == PIDFS)
		return BPF_CORE_READ(inode, i_private);
	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(file, f_path.dentry, d_name.name));
	if (name[0] == '[' && name[1] == 'p' && name[2] == 'i' && name[3] == 'd' && name[4] == 'f' && name[5] == 'd' &&
	    name[6] == ']')
		return BPF_CORE_READ(file, private_data);
	return 0;
}

static void want_process(struct before *b, struct pid *pid)
{
	struct hlist_node *first = BPF_CORE_READ(pid, tasks[0].first);
	struct task_struct *task;

	b->wanted_how = EVWANT_PIDFD;
	if (!first)
		return;
	task = (struct task_struct *)((char *)first - bpf_core_field_offset(struct task_struct, pid_links));
	b->wanted_pid = BPF_CORE_READ(task, tgid);
	read_strangers(BPF_CORE_READ(task, nsproxy), task, b->flags & NEW_ANY & ~NEW_PID, 0, b->wanted);
	if (b->flags & NEW_PID)
		b->wanted[EVNS_PID] = own_pidns(BPF_CORE_READ(task, thread_pid));
}

static void want_namespace(struct before *b, struct inode *inode)
{
	struct ns_common *ns = BPF_CORE_READ(inode, i_private);
	__u32 type = ns_type(ns), inum = BPF_CORE_READ(inode, i_ino);

	b->wanted_how = EVWANT_NS;
	for (int t = 0; t < EVNS_TYPES; t++)
		if (types[t].flag == type)
			b->wanted[t] = inum;
	if (!b->flags)
		b->compared = type;
}

static void read_wanted(struct before *b, struct task_struct *task, int fd)
{
	struct file *file = file_of(task, fd);
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	unsigned long magic = BPF_CORE_READ(inode, i_sb, s_magic);
	struct pid *pid;

	if (!file)
		return;
	if (magic == NSFS) {
		want_namespace(b, inode);
		return;
	}
	pid = pid_of(file, inode, magic);
	if (pid)
		want_process(b, pid);
}

static __always_inline void setns_begins(struct task_struct *task, struct nsproxy *ns, struct before *b, int fd, __u32 flags)
{
	b->flags = flags;
	b->compared = flags & NEW_ANY;
	read_wanted(b, task, fd);
	read_namespaces(ns, task, b->compared, 0, b->from);
}

static __always_inline void unshare_begins(struct task_struct *task, struct nsproxy *ns, struct before *b, __u64 flags)
{
	b->flags = flags;
	b->compared = flags & NEW_ANY;
	read_namespaces(ns, task, b->compared, 1, b->from);
}

static __always_inline void copy_namespaces(__u32 *to, const __u32 *from)
{
	__builtin_memcpy(to, from, EVNS_TYPES * sizeof(*to));
}

/* What is known from the call's beginning; without one what it was given. */
static __always_inline void fill_asked(struct ns_event_rec *r, const struct before *b, __u64 flags)
{
	if (b) {
		r->h.flags |= EVREC_ENTERED;
		r->flags = b->flags;
		r->compared = b->compared;
		r->wanted_how = b->wanted_how;
		r->wanted_pid = b->wanted_pid;
		copy_namespaces(r->from, b->from);
		copy_namespaces(r->wanted, b->wanted);
	} else {
		r->flags = flags;
		r->compared = r->wanted_how = r->wanted_pid = 0;
		__builtin_memset(r->from, 0, sizeof(r->from));
		__builtin_memset(r->wanted, 0, sizeof(r->wanted));
	}
	r->child_pid = r->child_tid = r->pad = 0;
	r->child_start = 0;
	__builtin_memset(r->to, 0, sizeof(r->to));
}

static __always_inline int touches_target(const struct ns_event_rec *r)
{
	return any_target_ns(r->from, 0) || any_target_ns(r->to, 0) || any_target_ns(r->wanted, 0);
}

/* Who comes from a target or goes to one is of interest, whoever he is: docker exec, nsenter. */
static __always_inline int is_ns_event_asked_for(const struct who *w, const struct ns_event_rec *r)
{
	if (only_ppid && r->h.ppid != only_ppid)
		return 0;
	return !only_targets || touches_target(r) || is_task_target(w, &r->h);
}

static int ns_call_ends(struct sys_exit *ctx, const struct who *w, __u16 kind)
{
	__u64 flags = kind == EVREC_SETNS ? (__u32)argument(ctx, 1) : argument(ctx, 0);
	struct before *b = end_call(w->task);
	union record *r = new_record();

	if (!r)
		return 0;
	if (!errors_only || ctx->ret < 0) {
		fill_head(&r->head, w, kind, ctx->ret);
		fill_asked(&r->ns, b, flags);
		read_namespaces(w->ns, w->task, r->ns.compared, kind == EVREC_UNSHARE, r->ns.to);
		if (is_ns_event_asked_for(w, &r->ns))
			put(&r->head, __builtin_offsetof(struct ns_event_rec, nr), put_own_numbers(&r->head, r->ns.nr, w));
	}
	forget_call(b);
	return 0;
}

/* --- clone: one that succeeded by its child, one that failed by its return; forks -------------------------------------------- */

static __always_inline int clone_failed(struct sys_exit *ctx, const struct who *w, __u64 flags, __u32 unknown)
{
	union record *r = new_record();

	if (!r || (!unknown && !(flags & NEW_ANY)))
		return 0;
	fill_head(&r->head, w, EVREC_CLONE, ctx->ret);
	r->head.flags = EVREC_ENTERED; /* not looked for */
	fill_asked(&r->ns, 0, flags);
	if (is_ns_event_asked_for(w, &r->ns))
		put(&r->head, __builtin_offsetof(struct ns_event_rec, nr), put_own_numbers(&r->head, r->ns.nr, w));
	return 0;
}

static __always_inline int clone_ends(struct sys_exit *ctx, const struct who *w)
{
	/* The low byte is the signal (CSIGNAL), so that there is no CLONE_NEWTIME. */
	return ctx->ret < 0 ? clone_failed(ctx, w, (__u32)argument(ctx, 0) & ~0xffu, 0) : 0;
}

static __always_inline int clone3_ends(struct sys_exit *ctx, const struct who *w)
{
	__u64 flags = 0;

	if (ctx->ret >= 0)
		return 0;
	if (bpf_probe_read_user(&flags, sizeof(flags), (const void *)argument(ctx, 0)))
		return clone_failed(ctx, w, 0, 1);
	return clone_failed(ctx, w, flags, 0);
}

static __always_inline void fill_clone(struct ns_event_rec *r, const struct who *parent, const struct who *child, __u64 flags)
{
	struct task_struct *from = parent->task, *to = child->task;

	r->h.flags = EVREC_ENTERED;
	r->flags = flags;
	r->compared = NEW_ANY;
	r->wanted_how = r->wanted_pid = r->pad = 0;
	__builtin_memset(r->wanted, 0, sizeof(r->wanted));
	read_strangers(BPF_CORE_READ(from, nsproxy), from, NEW_ANY & ~NEW_PID, 0, r->from);
	read_strangers(BPF_CORE_READ(to, nsproxy), to, NEW_ANY & ~NEW_PID, 0, r->to);
	r->from[EVNS_PID] = own_pidns(parent->pid);
	r->to[EVNS_PID] = own_pidns(child->pid);
	r->child_pid = BPF_CORE_READ(to, tgid);
	r->child_tid = BPF_CORE_READ(to, pid);
	r->child_start = BPF_CORE_READ(to, start_boottime);
}

static __always_inline __s32 number_at(struct pid *pid, __u32 level)
{
	const char *numbers =
		(const char *)pid + bpf_core_field_offset(struct pid, numbers) + bpf_core_field_offset(struct upid, nr);
	__s32 nr = 0;

	bpf_probe_read_kernel(&nr, sizeof(nr), numbers + level * bpf_core_type_size(struct upid));
	return nr;
}

static __always_inline void put_with_child(union record *r, __u32 fixed, struct event_upid *nr, const struct who *w,
					   const struct who *child)
{
	__u32 n = put_own_numbers(&r->head, nr, w);

	r->head.ret = number_at(child->pid, r->head.levels - 1); /* what clone returns in the parent */
	r->head.child_levels = child->levels;
	n = put_numbers(nr, n, child->pid, r->head.child_levels);
	put(&r->head, fixed, n);
}

static __always_inline void put_clone(const struct who *w, const struct who *child, __u64 flags)
{
	union record *r = new_record();

	if (!r)
		return;
	fill_head(&r->head, w, EVREC_CLONE, 0);
	fill_clone(&r->ns, w, child, flags);
	if (is_ns_event_asked_for(w, &r->ns))
		put_with_child(r, __builtin_offsetof(struct ns_event_rec, nr), r->ns.nr, w, child);
}

static __always_inline void put_fork(const struct who *w, const struct who *child)
{
	struct task_struct *task = child->task;
	union record *r = new_record();

	if (!r)
		return;
	fill_head(&r->head, w, EVREC_FORK, 0);
	if (!is_asked_for(w, &r->head))
		return;
	r->life.start = BPF_CORE_READ(task, start_boottime);
	r->life.child_pid = BPF_CORE_READ(task, tgid);
	r->life.child_tid = BPF_CORE_READ(task, pid);
	r->life.code = r->life.last = 0;
	read_strangers(BPF_CORE_READ(task, nsproxy), task, NEW_ANY & ~NEW_PID, 0, r->life.ns);
	r->life.ns[EVNS_PID] = own_pidns(child->pid);
	put_with_child(r, __builtin_offsetof(struct life_event_rec, nr), r->life.nr, w, child);
}

#endif
