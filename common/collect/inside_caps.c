// SPDX-License-Identifier: GPL-2.0-or-later
/* Effective capabilities, of /proc/PID/status, which everybody may read. Counted where the process was when the tasks were read. */
#include "collect/inside.h"
#include "collect/proc.h"

struct counting {
	struct snap *s;
	struct idmap by_set; /* hash of (namespace, set) -> one of them */
	uint64_t known;
};

/* All capabilities that this kernel has. */
static uint64_t known_caps(struct collecting *c)
{
	char text[16];
	ssize_t n = read_at(c->proc_fd, "sys/kernel/cap_last_cap", text, sizeof(text));
	uint32_t last;

	if (n <= 0)
		return 0;
	text[strcspn(text, "\n")] = '\0';
	return !parse_u32(text, &last) && last < 63 ? (2ULL << last) - 1 : 0;
}

static bool is_set(const struct snap_capset *x, uint32_t ns, uint64_t effective)
{
	return x->ns == ns && x->effective == effective;
}

static struct snap_capset *find_set(struct counting *k, uint32_t ns, uint64_t effective)
{
	uint32_t next = (uint32_t)k->s->n_capsets;
	uint32_t i = idmap_add(&k->by_set, (effective * 0x9e3779b97f4a7c15ULL) ^ ns, next);
	struct snap_capset *x;

	if (i != next && is_set(&k->s->capsets[i], ns, effective))
		return &k->s->capsets[i];
	for (i = 0; i != next; i++) /* new, or two of one hash: rare both */
		if (is_set(&k->s->capsets[i], ns, effective))
			return &k->s->capsets[i];
	x = ARRAY_ADD(k->s, capsets);
	*x = (struct snap_capset){ .ns = ns, .effective = effective, .known = k->known };
	return x;
}

static int read_caps(struct collecting *c, const struct snap_task *t, uint64_t *effective)
{
	CLEAN_FD int dirfd = proc_open_dir(c->proc_fd, t->pid);
	char text[8192];
	ssize_t n;

	if (dirfd < 0)
		return dirfd;
	if (!proc_is_task(c, dirfd, t))
		return -ESRCH;
	n = read_at(dirfd, "status", text, sizeof(text));
	return n < 0 ? (int)n : proc_parse_capeff(text, (size_t)n, effective);
}

void inside_caps(struct collecting *c)
{
	struct counting k = { .s = c->snap, .known = known_caps(c) };

	for (size_t i = 0; i < k.s->n_tasks; i++) {
		const struct snap_task *t = &k.s->tasks[i];
		uint64_t effective;
		int err;

		if (t->tid != t->pid || t->flags & (TASK_KTHREAD | TASK_ZOMBIE) || !NSREF_KNOWN(t->ns[NS_USER]))
			continue;
		err = read_caps(c, t, &effective);
		if (!err) {
			struct snap_capset *x = find_set(&k, t->ns[NS_USER], effective);

			x->pid = x->nprocs++ ? x->pid : t->pid;
		} else if (!proc_gone(err)) {
			snap_add_gap(k.s, "processes' capabilities", -err, NULL);
		}
	}
	idmap_done(&k.by_set);
}
