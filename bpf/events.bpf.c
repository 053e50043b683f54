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
#include "core.h"
#include "event_rec.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "event_put.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

struct sys_enter { /* struct syscall_tp_t, kernel/trace/trace_syscalls.c */
	__u64 common;
	int nr, pad;
	unsigned long first;
};

struct sys_exit {
	__u64 common;
	int nr, pad;
	long ret;
};

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
	if (name[0] == '[' && name[1] == 'p' && name[2] == 'i' && name[3] == 'd' && name[4] == 'f' && name[5] == 'd' && name[6] == ']')
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

/* The room for a call under way: of one that begins, or of one that ends and began while we looked; NULL. */
static __always_inline struct before *begin_call(struct task_struct *task)
{
#ifdef NSKIT_OLD_KERNEL
	__u32 tid = bpf_get_current_pid_tgid();
	struct before none = {};

	bpf_map_update_elem(&under_way, &tid, &none, 0);
	return bpf_map_lookup_elem(&under_way, &tid);
#else
	return bpf_task_storage_get(&under_way, task, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
#endif
}

static __always_inline struct before *end_call(struct task_struct *task)
{
#ifdef NSKIT_OLD_KERNEL
	__u32 tid = bpf_get_current_pid_tgid();
	struct before *b = bpf_map_lookup_elem(&under_way, &tid);
#else
	struct before *b = bpf_task_storage_get(&under_way, task, 0, 0);
#endif
	return b && b->start && b->start == READ(task, start_boottime) ? b : 0;
}

static __always_inline void forget_call(struct before *b)
{
#ifdef NSKIT_OLD_KERNEL
	__u32 tid = bpf_get_current_pid_tgid();

	bpf_map_delete_elem(&under_way, &tid);
#else
	if (b)
		b->start = 0;
#endif
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

/* --- clone: one that succeeded by its child, one that failed by its return ---------------------------------------------------- */

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
	const char *numbers = (const char *)pid + bpf_core_field_offset(struct pid, numbers) + bpf_core_field_offset(struct upid, nr);
	__s32 nr = 0;

	bpf_probe_read_kernel(&nr, sizeof(nr), numbers + level * bpf_core_type_size(struct upid));
	return nr;
}

static __always_inline void put_with_child(union record *r, __u32 fixed, struct event_upid *nr, const struct who *w, const struct who *child)
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
	look_from_afar(&w, task);
	fill_head(&r->head, &w, EVREC_EXIT, 0);
	if (!is_asked_for(&w, &r->head))
		return 0;
	r->life.start = BPF_CORE_READ(task, start_boottime);
	r->life.child_pid = r->life.child_tid = 0;
	r->life.code = BPF_CORE_READ(task, exit_code);
	r->life.last = !BPF_CORE_READ(signal, live.counter);
	__builtin_memset(r->life.ns, 0, sizeof(r->life.ns));
	put(&r->head, __builtin_offsetof(struct life_event_rec, nr), put_own_numbers(&r->head, r->life.nr, &w));
	return 0;
}

/* --- bind, listen, socket ----------------------------------------------------------------------------------------------------- */

/* Was the call's beginning seen? Asked once. */
static __always_inline __u16 entered(struct task_struct *task)
{
	struct before *b = end_call(task);
	__u16 flags = b ? EVREC_ENTERED : 0;

	forget_call(b);
	return flags;
}

static __always_inline void clear_sock(struct sock_event_rec *r, const struct who *w)
{
	struct nsproxy *ns = w->ns;

	r->fd = r->backlog = 0;
	r->is_socket = r->family = r->type = r->protocol = r->socket_netns = r->lport = 0;
	r->addr_len = r->addr_read = r->pad = 0;
	r->netns = read_inum(READ(ns, net_ns), INUM_AT(net, EVNS_NET));
}

/* What a socket is; NULL: the fd is none. */
static __noinline struct sock *read_socket(struct sock_event_rec *r, const struct who *w, int fd)
{
	struct file *file = file_of(w->task, fd);
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct socket *socket = BPF_CORE_READ(file, private_data);
	struct sock *sk = BPF_CORE_READ(socket, sk);

	r->fd = fd;
	if (!file || (BPF_CORE_READ(inode, i_mode) & TYPE_MASK) != SOCKET)
		return 0;
	r->is_socket = 1;
	r->family = BPF_CORE_READ(sk, __sk_common.skc_family);
	r->type = BPF_CORE_READ(sk, sk_type);
	r->protocol = BPF_CORE_READ(sk, sk_protocol);
	r->socket_netns = read_inum(BPF_CORE_READ(sk, __sk_common.skc_net.net), INUM_AT(net, EVNS_NET));
	return sk;
}

/* As much of the address as was given and can be read. */
static __always_inline void read_address(struct sock_event_rec *r, const void *addr, int len)
{
	__u64 n = len < 0 ? 0 : len > EVREC_MAX_ADDR ? EVREC_MAX_ADDR : len;

	r->addr_len = len;
	barrier_var(n); /* or the compiler knows what the verifier then does not see */
	if (n <= EVREC_MAX_ADDR && !bpf_probe_read_user(r->addr, n, addr))
		r->addr_read = n;
	else if (n > 16 && !bpf_probe_read_user(r->addr, 16, addr)) /* the rest may be beyond the last page */
		r->addr_read = 16;
}

static __always_inline int put_sock(const struct who *w, union record *r)
{
	if (is_asked_for(w, &r->head) ||
	    (only_targets && (!only_ppid || r->head.ppid == only_ppid) && bpf_map_lookup_elem(&target_namespaces, &r->sock.socket_netns)))
		put(&r->head, __builtin_offsetof(struct sock_event_rec, nr), put_own_numbers(&r->head, r->sock.nr, w));
	return 0;
}

static __always_inline int bind_ends(struct sys_exit *ctx, const struct who *w)
{
	__u16 flags = entered(w->task);
	union record *r = new_record();

	if (!r || (errors_only && ctx->ret >= 0))
		return 0;
	fill_head(&r->head, w, EVREC_BIND, ctx->ret);
	r->head.flags = flags;
	clear_sock(&r->sock, w);
	read_socket(&r->sock, w, argument(ctx, 0));
	if (r->sock.family == FAMILY_NETLINK)
		return 0;
	read_address(&r->sock, (const void *)argument(ctx, 1), argument(ctx, 2));
	return put_sock(w, r);
}

/* Where a socket is bound, as an address. */
static __always_inline void read_bound(struct sock_event_rec *r, struct sock *sk)
{
	r->lport = BPF_CORE_READ(sk, __sk_common.skc_num);
	if (r->family == FAMILY_INET) {
		bpf_probe_read_kernel(r->addr, 4, &sk->__sk_common.skc_rcv_saddr);
		r->addr_read = 4;
	} else if (r->family == FAMILY_INET6) {
		bpf_probe_read_kernel(r->addr, 16, &sk->__sk_common.skc_v6_rcv_saddr);
		r->addr_read = 16;
	} else if (r->family == FAMILY_UNIX) {
		struct unix_address *addr = BPF_CORE_READ((struct unix_sock *)sk, addr);
		__u32 n = BPF_CORE_READ(addr, len);

		r->lport = 0;
		if (addr && n && n <= EVREC_MAX_ADDR && !bpf_probe_read_kernel(r->addr, n, &addr->name))
			r->addr_read = n;
	}
}

static __always_inline int listen_ends(struct sys_exit *ctx, const struct who *w)
{
	__u16 flags = entered(w->task);
	union record *r = new_record();
	struct sock *sk;

	if (!r || (errors_only && ctx->ret >= 0))
		return 0;
	fill_head(&r->head, w, EVREC_LISTEN, ctx->ret);
	r->head.flags = flags;
	clear_sock(&r->sock, w);
	sk = read_socket(&r->sock, w, argument(ctx, 0));
	r->sock.backlog = argument(ctx, 1);
	if (sk)
		read_bound(&r->sock, sk);
	return put_sock(w, r);
}

static __always_inline int socket_ends(struct sys_exit *ctx, const struct who *w)
{
	__u16 flags = entered(w->task);
	union record *r = new_record();

	if (!r || ctx->ret >= 0)
		return 0;
	fill_head(&r->head, w, EVREC_SOCKET, ctx->ret);
	r->head.flags = flags;
	clear_sock(&r->sock, w);
	r->sock.family = argument(ctx, 0);
	r->sock.type = argument(ctx, 1);
	r->sock.protocol = argument(ctx, 2);
	return put_sock(w, r);
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
