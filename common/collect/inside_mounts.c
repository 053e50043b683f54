// SPDX-License-Identifier: GPL-2.0-or-later
/* All mounts, as records. From statmount(2) they come as mountinfo would have them. */
#include "collect/inside.h"
#include "collect/mounts.h"
#include "collect/proc.h"
#include "util/intern.h"

/* include/uapi/linux/mount.h */
enum {
	ATTR_RDONLY = 1,
	ATTR_ATIME = 0x70, /* a field of its own: */
	ATTR_RELATIME = 0,
	ATTR_NOATIME = 0x10,
	PROPAGATION_UNBINDABLE = 1 << 17,
	PROPAGATION_SHARED = 1 << 20,
	SUPER_RDONLY = 1,
	WANTED = MASK_SB_BASIC | MASK_MNT_BASIC | MASK_PROPAGATE_FROM | MASK_MNT_ROOT | MASK_MNT_POINT | MASK_FS_TYPE |
		 MASK_MNT_OPTS | MASK_FS_SUBTYPE | MASK_SB_SOURCE,
};

struct named_flag {
	uint32_t flag;
	const char *name;
};

/* The words of show_mnt_opts() and show_sb_opts(), fs/proc_namespace.c, in their order. */
static const struct named_flag mount_flags[] = {
	{ 2, "nosuid" },          { 4, "nodev" }, { 8, "noexec" }, { 0x80, "nodiratime" }, { 0x200000, "nosymfollow" },
	{ 0x100000, "idmapped" },
};
static const struct named_flag super_flags[] = { { 16, "sync" }, { 128, "dirsync" }, { 1 << 25, "lazytime" } };

struct all_mounts {
	struct mounts m;
	size_t before;
	char *text; /* to unescape in */
	size_t text_size;
	struct intern texts; /* most options and types are those of many mounts */
};

static const char *keep_unescaped(struct all_mounts *a, struct slice s)
{
	if (a->text_size < s.len + 1) {
		a->text_size = 2 * s.len + 256;
		a->text = xrealloc(a->text, a->text_size);
	}
	return intern_text(&a->texts, a->text, proc_unescape(s, a->text));
}

static struct snap_mount *add(struct all_mounts *a)
{
	struct snap_mount *x = ARRAY_ADD(a->m.s, mounts);

	x->ns = a->m.mntns;
	x->shared = x->master = x->propagate_from = OPT_NONE;
	return x;
}

/* --- by statmount ---------------------------------------------------------------------------------------------------------- */

static const char *string_at(const struct mounts *m, uint32_t mask, uint32_t off)
{
	return m->sm->mask & mask && sizeof(*m->sm) + off < m->sm_size ? m->sm->str + off : NULL;
}

static size_t add_flags(char *buf, size_t size, size_t len, const struct named_flag *flags, size_t n, uint64_t set)
{
	for (size_t i = 0; i < n; i++)
		if (set & flags[i].flag && len < size)
			len += (size_t)snprintf(buf + len, size - len, ",%s", flags[i].name);
	return len;
}

static const char *mount_options(struct all_mounts *a, uint64_t attr)
{
	char buf[128];
	size_t len = (size_t)snprintf(buf, sizeof(buf), attr & ATTR_RDONLY ? "ro" : "rw");

	len = add_flags(buf, sizeof(buf), len, mount_flags, 3, attr);
	if ((attr & ATTR_ATIME) == ATTR_NOATIME)
		len += (size_t)snprintf(buf + len, sizeof(buf) - len, ",noatime");
	len = add_flags(buf, sizeof(buf), len, mount_flags + 3, 1, attr);
	if ((attr & ATTR_ATIME) == ATTR_RELATIME)
		len += (size_t)snprintf(buf + len, sizeof(buf) - len, ",relatime");
	len = add_flags(buf, sizeof(buf), len, mount_flags + 4, ARRAY_SIZE(mount_flags) - 4, attr);
	return intern_text(&a->texts, buf, len);
}

/* (Escaped by the file systems' show_options() there too.) */
static const char *super_options(struct all_mounts *a)
{
	const struct mounts *m = &a->m;
	const char *opts = string_at(m, MASK_MNT_OPTS, m->sm->mnt_opts);
	char flags[64];
	size_t len = (size_t)snprintf(flags, sizeof(flags), m->sm->sb_flags & SUPER_RDONLY ? "ro" : "rw");
	CLEAN_MEM char *all = NULL;

	len = add_flags(flags, sizeof(flags), len, super_flags, ARRAY_SIZE(super_flags), m->sm->sb_flags);
	if (!opts || !*opts)
		return intern_text(&a->texts, flags, len);
	len = (size_t)asprintf(&all, "%s,%s", flags, opts);
	return all ? keep_unescaped(a, (struct slice){ all, len }) : NULL;
}

static const char *fs_type(struct all_mounts *a)
{
	const struct mounts *m = &a->m;
	const char *type = string_at(m, MASK_FS_TYPE, m->sm->fs_type), *sub = string_at(m, MASK_FS_SUBTYPE, m->sm->fs_subtype);
	char buf[256];
	int len;

	if (!type)
		return NULL;
	len = snprintf(buf, sizeof(buf), "%s%s%s", type, sub && *sub ? "." : "", sub ? sub : "");
	return intern_text(&a->texts, buf, MIN((size_t)len, sizeof(buf) - 1));
}

static const char *kept_string(struct all_mounts *a, uint32_t mask, uint32_t off)
{
	const char *s = string_at(&a->m, mask, off);

	return s ? intern_text(&a->texts, s, strlen(s)) : NULL;
}

/* What went between the list and the question is not there. A string that is empty has no bit in the mask (statmount_string). */
static void take_id(struct mounts *m, uint64_t mnt, uint64_t ns)
{
	struct all_mounts *a = m->arg;
	const struct nskit_statmount *sm;
	struct snap_mount *x;

	if (mounts_ask(m, mnt, ns, WANTED))
		return;
	sm = m->sm;
	x = add(a);
	x->id = sm->mnt_id_old;
	x->parent = sm->mnt_parent_id_old;
	x->point = kept_string(a, MASK_MNT_POINT, sm->mnt_point);
	x->root = kept_string(a, MASK_MNT_ROOT, sm->mnt_root);
	x->fstype = fs_type(a);
	x->source = kept_string(a, MASK_SB_SOURCE, sm->sb_source);
	if (!x->source && !m->files_first)
		x->source = "";
	x->options = mount_options(a, sm->mnt_attr);
	x->fs_options = super_options(a);
	if (sm->mnt_propagation & PROPAGATION_SHARED)
		x->shared = (int64_t)sm->mnt_peer_group;
	if (sm->mnt_master)
		x->master = (int64_t)sm->mnt_master;
	if (sm->mask & MASK_PROPAGATE_FROM && sm->propagate_from && sm->propagate_from != sm->mnt_master)
		x->propagate_from = (int64_t)sm->propagate_from;
	x->unbindable = sm->mnt_propagation & PROPAGATION_UNBINDABLE;
}

/* --- by mountinfo ---------------------------------------------------------------------------------------------------------- */

static void take_line(struct mounts *m, struct slice line)
{
	struct all_mounts *a = m->arg;
	struct proc_mount pm;
	struct snap_mount *x;

	if (proc_parse_mount(line.at, line.len, &pm))
		return;
	x = add(a);
	x->id = pm.id;
	x->parent = pm.parent;
	x->point = keep_unescaped(a, pm.point);
	x->root = keep_unescaped(a, pm.root);
	x->fstype = keep_unescaped(a, pm.type);
	x->source = keep_unescaped(a, pm.source);
	x->options = intern_text(&a->texts, pm.options.at, pm.options.len);
	x->fs_options = keep_unescaped(a, pm.super_options);
	x->shared = pm.shared;
	x->master = pm.master;
	x->propagate_from = pm.propagate_from;
	x->unbindable = pm.unbindable;
}

/* --- all of them ------------------------------------------------------------------------------------------------------------- */

static void begin(struct mounts *m)
{
	struct all_mounts *a = m->arg;

	m->s->n_mounts = a->before;
}

/* Whether statmount() tells a source (6.13): that of our own root, or of anything else here, has one. */
static void note_source(struct mounts *m, uint64_t mnt, uint64_t ns)
{
	if (m->files_first && !mounts_ask(m, mnt, ns, MASK_SB_SOURCE) && m->sm->mask & MASK_SB_SOURCE)
		m->files_first = false;
}

static void ignore_line(struct mounts *m, struct slice line)
{
	(void)m;
	(void)line;
}

static void ignore_begin(struct mounts *m)
{
	(void)m;
}

static bool tells_source(struct collecting *c, const struct index *ix)
{
	struct mounts m = { .take_id = note_source, .take_line = ignore_line, .begin = ignore_begin };
	uint32_t own;

	mounts_init(&m, c, ix);
	own = index_ns(ix, NS_MNT, m.n.own[NS_MNT]);
	m.files_first = true;
	if (own != IDMAP_NONE)
		mounts_walk_ids(&m, own);
	mounts_done(&m);
	return !m.files_first;
}

static void read_ns(struct all_mounts *a, uint32_t i)
{
	struct snap *s = a->m.s;
	int err;

	a->before = s->n_mounts;
	err = mounts_walk(&a->m, i);
	if (err)
		s->n_mounts = a->before;
	if (proc_gone(err))
		return;
	s->namespaces[i].mounts = err ? err : (int64_t)(s->n_mounts - a->before);
	if (err)
		snap_add_gap(s, "mounts of mount namespaces", -err, err == -ENOSYS ? "Linux 6.11" : "CAP_SYS_ADMIN");
}

void inside_mounts(struct collecting *c, const struct index *ix)
{
	struct all_mounts a = { .m = { .take_id = take_id, .take_line = take_line, .begin = begin, .arg = &a },
				.texts.arena = &c->snap->arena };

	mounts_init(&a.m, c, ix);
	a.m.files_first = !tells_source(c, ix);
	for (uint32_t i = 0; i < a.m.n.n_indexed; i++)
		if (c->snap->namespaces[i].type == NS_MNT)
			read_ns(&a, i);
	mounts_done(&a.m);
	intern_done(&a.texts);
	free(a.text);
}
