// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of collect/: walking the mounts of a mount namespace, by statmount(2) and listmount(2) (6.11), else by a mountinfo file. */
#ifndef NSKIT_MOUNTS_H
#define NSKIT_MOUNTS_H

#include <sys/syscall.h>

#include "collect/nsfs.h"
#include "collect/proc_parse.h"

/* include/uapi/linux/mount.h; younger than many headers. The numbers are the same on all architectures but alpha. */
#ifndef SYS_statmount
#define SYS_statmount 457
#endif
#ifndef SYS_listmount
#define SYS_listmount 458
#endif

enum {
	MASK_SB_BASIC = 1,
	MASK_MNT_BASIC = 2,
	MASK_PROPAGATE_FROM = 4,
	MASK_MNT_ROOT = 8,
	MASK_MNT_POINT = 0x10,
	MASK_FS_TYPE = 0x20,
	MASK_MNT_OPTS = 0x80,    /* 6.11 */
	MASK_FS_SUBTYPE = 0x100, /* 6.13, and so is */
	MASK_SB_SOURCE = 0x200,
	REQ_SIZE_OWN = 24, /* 6.8: without mnt_ns_id */
	REQ_SIZE_ANY = 32, /* 6.11 */
};

struct nskit_mnt_id_req {
	uint32_t size, spare;
	uint64_t mnt_id, param, mnt_ns_id;
};

struct nskit_statmount {
	uint32_t size, mnt_opts;
	uint64_t mask;
	uint32_t sb_dev_major, sb_dev_minor;
	uint64_t sb_magic;
	uint32_t sb_flags, fs_type;
	uint64_t mnt_id, mnt_parent_id;
	uint32_t mnt_id_old, mnt_parent_id_old;
	uint64_t mnt_attr, mnt_propagation, mnt_peer_group, mnt_master, propagate_from;
	uint32_t mnt_root, mnt_point;
	uint64_t mnt_ns_id;
	uint32_t fs_subtype, sb_source;
	uint64_t rest[48];
	char str[]; /* the strings, which the members named after them are offsets into */
};
_Static_assert(sizeof(struct nskit_statmount) == 512, "struct statmount's strings begin at 512");

struct mounts {
	struct nsfs n;
	struct snap *s;
	uint32_t mntns;    /* at hand */
	uint32_t pid;      /* a process in it, or 0 */
	bool no_statmount; /* not on this kernel */
	bool files_first;  /* mountinfo tells more than its statmount */
	struct nskit_statmount *sm;
	size_t sm_size;
	/* Whoever walks: each mount comes one way or the other; begin: forget those of the namespace at hand. */
	void (*take_id)(struct mounts *m, uint64_t mnt, uint64_t ns);
	void (*take_line)(struct mounts *m, struct slice line);
	void (*begin)(struct mounts *m);
	void *arg;
};
void mounts_init(struct mounts *m, struct collecting *c, const struct index *ix); /* take_*, begin and arg are set */
void mounts_done(struct mounts *m);

/* All mounts of a namespace (an index). 0; -errno, after which some may have been taken: it went, or we may not. */
int mounts_walk(struct mounts *m, uint32_t ns);

/* The same by listmount() alone: -ENOSYS where there is none. */
int mounts_walk_ids(struct mounts *m, uint32_t ns);

/* statmount() into m->sm: what mask says of a mount in the namespace with the id ns (0: ours). 0 or -errno. */
int mounts_ask(struct mounts *m, uint64_t mnt, uint64_t ns, uint64_t mask);

#endif
