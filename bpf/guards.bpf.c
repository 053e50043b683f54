/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What restrains processes and is shown nowhere: their seccomp filters, whose classic programs the kernel keeps beside what it made of
 * them (orig_prog, kernel/seccomp.c), and the TCP ports that their Landlock domains allow (security/landlock/ruleset.h). An iterator
 * over tasks (5.8); first threads only.
 */
#include "core.h"
#include "records.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

const volatile __u32 only = 0; /* one process; 0: all */

struct sock_fprog_kern {
	__u16 len;
	void *filter;
} CORE;

struct bpf_prog {
	struct sock_fprog_kern *orig_prog;
} CORE;

struct seccomp_filter {
	struct seccomp_filter *prev;
	struct bpf_prog *prog;
} CORE;

struct seccomp {
	struct seccomp_filter *filter;
} CORE;

struct rb_node {
	struct rb_node *rb_right, *rb_left;
} CORE;

struct rb_root {
	struct rb_node *rb_node;
} CORE;

struct access_masks {
	__u32 net : 2;
} CORE;

struct landlock_layer {
	__u16 level, access;
} CORE;

struct landlock_rule {
	struct rb_node node;
	union {
		unsigned long data;
	} key;
	__u32 num_layers;
	struct landlock_layer layers[1];
} CORE;

struct landlock_ruleset {
	struct rb_root root_net_port; /* 6.7 */
	__u32 num_layers;
	struct access_masks access_masks[1];
} CORE;

struct landlock_cred_security {
	struct landlock_ruleset *domain;
} CORE;

struct cred___guards {
	void *security;
} CORE;

struct task_struct___guards {
	struct seccomp seccomp;
	const struct cred___guards *cred;
} CORE;

/* The programs, one behind the other. Who has the same filters as his parent has the very same ones. */
enum { CODE_SIZE = 1 << 20, MAX_PROGRAM = 4096 * 8 /* BPF_MAXINSNS */ };
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[CODE_SIZE]);
} code SEC(".maps");

struct {
	__uint(type, 1); /* BPF_MAP_TYPE_HASH */
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, struct guard_filter);
} known SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct guard_rec);
} scratch SEC(".maps");

enum { PENDING = 32 }; /* as deep as a red-black tree of 2^16 ports gets */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct rb_node *[PENDING]);
} pending SEC(".maps");

__u32 used; /* bytes of code */

/* Copy a filter's program unless it is there. len 0: it did not fit. */
static struct guard_filter copy_program(struct seccomp_filter *f)
{
	struct sock_fprog_kern *classic = BPF_CORE_READ(f, prog, orig_prog);
	__u32 zero = 0, len = BPF_CORE_READ(classic, len) * 8, at = used;
	const void *from = BPF_CORE_READ(classic, filter);
	struct guard_filter r = {}, *before;
	__u64 key = (__u64)f;
	char *to = bpf_map_lookup_elem(&code, &zero);

	before = bpf_map_lookup_elem(&known, &key);
	if (before)
		return *before;
	if (!classic || !to || !len || len > MAX_PROGRAM || at > CODE_SIZE - MAX_PROGRAM)
		return r;
	if (bpf_probe_read_kernel(to + at, len, from))
		return r;
	used = at + len;
	r.offset = at;
	r.len = len / 8;
	bpf_map_update_elem(&known, &key, &r, 0);
	return r;
}

static void read_filters(struct guard_rec *r, struct task_struct___guards *task)
{
	struct seccomp_filter *f = BPF_CORE_READ(task, seccomp.filter);

	for (__u32 i = 0; i < GUARD_MAX_FILTERS; i++) {
		barrier_var(i);
		if (!f)
			return;
		r->filters[i] = copy_program(f);
		r->n_filters = i + 1;
		f = BPF_CORE_READ(f, prev);
	}
	r->more_filters = f != NULL;
}

/* --- Landlock --------------------------------------------------------------------------------------------------------------- */

static void read_masks(struct guard_rec *r, struct landlock_ruleset *domain)
{
	__u32 n = BPF_CORE_READ(domain, num_layers);
	const char *masks = (const char *)domain + bpf_core_field_offset(struct landlock_ruleset, access_masks);

	for (__u32 i = 0; i < 16; i++) { /* LANDLOCK_MAX_NUM_LAYERS */
		struct access_masks *m;
		__u32 net;

		barrier_var(i);
		if (i >= n)
			break;
		m = (void *)(masks + i * bpf_core_type_size(struct access_masks));
		net = BPF_CORE_READ_BITFIELD_PROBED(m, net);
		r->binds |= (net & 1) << i; /* without branches, which the verifier would take one by one */
		r->connects |= (net >> 1 & 1) << i;
	}
}

static void read_rule(struct guard_rec *r, struct landlock_rule *rule)
{
	__u32 n = BPF_CORE_READ(rule, num_layers), at = r->n_ports;
	const char *layers = (const char *)rule + bpf_core_field_offset(struct landlock_rule, layers);
	struct guard_port p = { .port = __builtin_bswap16((__u16)BPF_CORE_READ(rule, key.data)) };

	for (__u32 i = 0; i < 16; i++) {
		struct landlock_layer *l;
		__u32 access, bit;

		barrier_var(i);
		if (i >= n)
			break;
		l = (void *)(layers + i * bpf_core_type_size(struct landlock_layer));
		bit = (BPF_CORE_READ(l, level) - 1) & 15;
		access = BPF_CORE_READ(l, access);
		p.binds |= (access & 1) << bit;
		p.connects |= (access >> 1 & 1) << bit;
	}
	if (at >= GUARD_MAX_PORTS) {
		r->more_ports = 1;
		return;
	}
	r->ports[at] = p;
	r->n_ports = at + 1;
}

struct descent {
	struct guard_rec *r;
	struct rb_node **stack; /* of PENDING */
	__u32 depth;
};

static void push(struct descent *d, struct rb_node *node)
{
	__u32 at = d->depth;

	if (!node || at >= PENDING)
		return;
	d->stack[at & (PENDING - 1)] = node;
	d->depth = at + 1;
}

/* The next of the nodes that wait: its rule, and its children wait. */
static long visit(__u64 i, void *arg)
{
	struct descent *d = arg;
	struct rb_node *node;

	(void)i;
	if (!d->depth)
		return 1;
	d->depth--;
	node = d->stack[d->depth & (PENDING - 1)];
	read_rule(d->r, (void *)((char *)node - bpf_core_field_offset(struct landlock_rule, node)));
	push(d, BPF_CORE_READ(node, rb_left));
	push(d, BPF_CORE_READ(node, rb_right));
	return 0;
}

static void read_landlock(struct guard_rec *r, struct task_struct___guards *task)
{
	struct landlock_cred_security *blob;
	struct landlock_ruleset *domain;
	__u32 zero = 0;
	struct descent d = { .r = r, .stack = bpf_map_lookup_elem(&pending, &zero) };

	if (!d.stack || !bpf_core_type_exists(struct landlock_cred_security))
		return;
	blob = BPF_CORE_READ(task, cred, security);
	domain = blob ? BPF_CORE_READ(blob, domain) : NULL;
	if (!domain)
		return;
	r->landlock = 1;
	if (!bpf_core_field_exists(domain->root_net_port))
		return;
	read_masks(r, domain);
	push(&d, BPF_CORE_READ(domain, root_net_port.rb_node));
	bpf_loop(GUARD_MAX_PORTS + 1, visit, &d, 0);
}

SEC("iter/task")
int guards(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	__u32 zero = 0;
	struct guard_rec *r = bpf_map_lookup_elem(&scratch, &zero);

	if (!task || !r || BPF_CORE_READ(task, pid) != BPF_CORE_READ(task, tgid))
		return 0;
	r->n_filters = r->more_filters = r->landlock = r->more_ports = r->n_ports = r->binds = r->connects = 0;
	r->pid = BPF_CORE_READ(task, tgid);
	if (only && r->pid != only)
		return 0;
	read_filters(r, (void *)task);
	read_landlock(r, (void *)task);
	if (only || r->n_filters || r->landlock)
		bpf_seq_write(ctx->meta->seq, r, sizeof(*r));
	return 0;
}
