/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The kernel's types as far as our programs read them. Only names and nesting matter: offsets are found when a program is
 * loaded (CO-RE), from the running kernel's BTF. So no vmlinux.h of any machine is needed.
 *
 * Two habits keep loading cheap, which is most of what a tool that runs for milliseconds pays:
 * - Members behind pointers are read with BPF_CORE_READ (bpf_probe_read_kernel), not by following BTF pointers: for each pointer
 *   taken from a trusted one the verifier searches all type names of the kernel for "struct X__safe_rcu" and its like
 *   (btf_nested_type_is_trusted, kernel/bpf/btf.c). Measured for the task iterator: 16.5 ms to load one way, 3.3 ms the other.
 * - Few distinct types: each costs a search too (bpf_core_add_cands), 0.4 ms. The kernel remembers what it found in 31 places, chosen
 *   by a hash of the name (check_cand_cache, kernel/bpf/btf.c); mnt_namespace and ipc_namespace share one, cgroup_namespace and
 *   time_namespace another, pid and pid_namespace a third. Two programs that name such a pair in opposite orders, one loaded after
 *   the other, search for each half as often.
 */
#ifndef NSKIT_BPF_CORE_H
#define NSKIT_BPF_CORE_H

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_RINGBUF = 27,
	BPF_MAP_TYPE_TASK_STORAGE = 29
};
enum { BPF_F_NO_PREALLOC = 1, BPF_F_MMAPABLE = 1 << 10 };
enum { BPF_LOCAL_STORAGE_GET_F_CREATE = 1 };
enum { BPF_RB_NO_WAKEUP = 1, BPF_RB_FORCE_WAKEUP = 2 };

#define CORE __attribute__((preserve_access_index))

struct list_head {
	struct list_head *next;
} CORE;

struct hlist_node {
	struct hlist_node *next;
} CORE;

struct hlist_head {
	struct hlist_node *first;
} CORE;

struct proc_ns_operations {
	int type; /* until 6.17; then ns_common.ns_type */
} CORE;

struct ns_common {
	__u32 ns_type; /* 6.18 */
	const struct proc_ns_operations *ops;
	unsigned int inum;
	__u64 ns_id;                   /* 6.18 */
	struct list_head ns_list_node; /* 6.18 only */
} CORE;

struct ns_tree_node {
	struct list_head ns_list_entry;
} CORE;

struct ns_common___tree { /* 6.19 and later have this in the place of ns_list_node */
	struct ns_tree_node ns_tree_node;
} CORE;

typedef struct {
	__u32 val;
} kuid_t;

struct uid_gid_extent {
	__u32 first, lower_first, count;
};

struct uid_gid_map {
	struct uid_gid_extent extent[5];
	__u32 nr_extents;
} CORE;

struct user_namespace {
	struct uid_gid_map uid_map, gid_map;
	struct user_namespace *parent;
	int level;
	kuid_t owner;
	struct ns_common ns;
} CORE;

struct new_utsname {
	char nodename[65];
	char domainname[65];
} CORE;

struct uts_namespace {
	struct new_utsname name;
	struct user_namespace *user_ns;
	struct ns_common ns;
} CORE;

struct ipc_namespace {
	struct user_namespace *user_ns;
	struct ns_common ns;
} CORE;

struct mnt_namespace {
	struct user_namespace *user_ns;
	struct ns_common ns;
} CORE;

struct net {
	struct user_namespace *user_ns;
	struct ns_common ns;
} CORE;

struct timespec64 {
	__s64 tv_sec;
	long tv_nsec;
};

struct timens_offsets {
	struct timespec64 monotonic, boottime;
} CORE;

struct time_namespace {
	struct user_namespace *user_ns;
	struct ns_common ns;
	struct timens_offsets offsets;
} CORE;

struct cgroup_namespace {
	struct user_namespace *user_ns;
	struct ns_common ns;
} CORE;

struct pid_namespace {
	unsigned int level;
	struct pid_namespace *parent;
	struct user_namespace *user_ns;
	struct ns_common ns;
} CORE;

struct upid {
	int nr;
	struct pid_namespace *ns;
} CORE;

struct pid {
	unsigned int level;
	struct hlist_head tasks[4]; /* by enum pid_type */
	struct upid numbers[1];
} CORE;

struct nsproxy {
	struct uts_namespace *uts_ns;
	struct ipc_namespace *ipc_ns;
	struct mnt_namespace *mnt_ns;
	struct pid_namespace *pid_ns_for_children;
	struct net *net_ns;
	struct time_namespace *time_ns, *time_ns_for_children; /* 5.6 */
	struct cgroup_namespace *cgroup_ns;
} CORE;

struct cred {
	kuid_t euid, egid;
	struct user_namespace *user_ns;
} CORE;

typedef struct {
	int counter;
} atomic_t;

struct signal_struct {
	int group_exit_code;
	atomic_t live; /* threads that have not begun to exit */
	int nr_threads;
	unsigned long long sum_sched_runtime; /* ns on a CPU of the threads that have exited */
	struct pid *pids[4];                  /* by enum pid_type: PID, TGID, PGID, SID */
} CORE;

struct sched_entity {
	__u64 sum_exec_runtime; /* ns */
} CORE;

struct percpu_counter {
	__s64 count; /* what the CPUs have not yet added is missing */
} CORE;

struct mm_struct {
	struct percpu_counter rss_stat[4]; /* 6.2; pages, by MM_FILEPAGES and so on */
} CORE;

struct mm_rss_stat {
	long count[4];
} CORE;

struct mm_struct___old { /* before 6.2 */
	struct mm_rss_stat rss_stat;
} CORE;

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
} CORE;

struct files_struct {
	struct fdtable *fdt;
} CORE;

struct kernfs_node {
	__u64 id; /* 5.5; its low 32 bits, or all of them, are the inode number */
} CORE;

struct cgroup {
	struct kernfs_node *kn;
} CORE;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
} CORE;

struct css_set {
	struct cgroup_subsys_state *subsys[1]; /* by enum cgroup_subsys_id */
	struct cgroup *dfl_cgrp;               /* in the unified hierarchy */
} CORE;

struct task_struct {
	unsigned int flags;
	int exit_state, exit_code;
	int pid, tgid;
	struct hlist_node pid_links[4];
	struct files_struct *files;
	struct task_struct *real_parent, *group_leader;
	struct pid *thread_pid;
	struct sched_entity se;
	struct mm_struct *mm;
	__u64 start_boottime; /* 5.5; ns since boot, in the initial time namespace */
	const struct cred *real_cred;
	char comm[16];
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	void *cgroups; /* struct css_set: the same for all tasks that are in the same cgroups of all hierarchies */
} CORE;

struct super_block {
	unsigned long s_magic;
} CORE;

struct inode {
	unsigned short i_mode;
	struct super_block *i_sb;
	unsigned long i_ino;
	void *i_private;
} CORE;

struct qstr {
	const unsigned char *name;
} CORE;

struct dentry {
	struct qstr d_name;
} CORE;

struct path {
	struct dentry *dentry;
} CORE;

struct file {
	struct inode *f_inode;
	struct path f_path;
	void *private_data;
} CORE;

typedef struct {
	__s64 counter;
} atomic64_t;

typedef struct {
	struct net *net;
} possible_net_t;

struct in6_addr {
	__u8 bytes[16];
};

struct sock_common {
	__be32 skc_rcv_saddr;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	unsigned char skc_reuse : 4;
	unsigned char skc_reuseport : 1;
	unsigned char skc_ipv6only : 1;
	atomic64_t skc_cookie;
	possible_net_t skc_net;
	struct in6_addr skc_v6_rcv_saddr;
} CORE;

struct sock {
	struct sock_common __sk_common;
	__u16 sk_type, sk_protocol; /* 5.6; bits of a word before, which neither iterators nor ring buffers meet */
} CORE;

struct request_sock_queue {
	atomic_t qlen; /* connections whose handshake is under way */
} CORE;

struct inet_connection_sock {
	struct request_sock_queue icsk_accept_queue;
} CORE;

struct socket {
	short type;
	struct sock *sk;
} CORE;

struct sockaddr_un {
	unsigned short sun_family;
	char sun_path[108];
} CORE;

struct unix_address {
	int len;
	struct sockaddr_un name[1];
} CORE;

struct unix_sock {
	struct unix_address *addr;
} CORE;

/* A task's registers when it called. What a call was given is still in them when it returns, but for what it returns. */
struct pt_regs___x86 {
	unsigned long di, si, dx;
} CORE;

struct user_pt_regs___arm64 {
	__u64 regs[31];
} CORE;

struct pt_regs___arm64 {
	struct user_pt_regs___arm64 user_regs;
	__u64 orig_x0;
} CORE;

/* Where a packet's headers are, from head on. */
struct sk_buff {
	unsigned char *head;
	__u16 network_header;
} CORE;

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
} CORE;

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} CORE;

struct bpf_iter__tcp {
	struct bpf_iter_meta *meta;
	struct sock_common *sk_common;
} CORE;

struct udp_sock; /* it begins with a struct inet_sock, and that with a struct sock */

struct bpf_iter__udp {
	struct bpf_iter_meta *meta;
	struct udp_sock *udp_sk;
} CORE;

struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
} CORE;

#endif
