// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Namespace files: what older headers than the kernel do not define, and ways to open one. Values from
 * include/uapi/linux/nsfs.h, pidfd.h, fcntl.h and sockios.h; a kernel that lacks a request answers ENOTTY.
 */
#ifndef NSKIT_NSFS_H
#define NSKIT_NSFS_H

#include <linux/ioctl.h>

#include "collect/sources.h"
#include "model/index.h"

struct nskit_mnt_ns_info {
	uint32_t size, nr_mounts;
	uint64_t mnt_ns_id;
};

#define NSKIT_NS_GET_USERNS _IO(0xb7, 1)                               /* 4.9: fd of the owner */
#define NSKIT_NS_GET_PARENT _IO(0xb7, 2)                               /* 4.9: fd; pid and user */
#define NSKIT_NS_GET_NSTYPE _IO(0xb7, 3)                               /* 4.11: CLONE_NEW* */
#define NSKIT_NS_GET_OWNER_UID _IO(0xb7, 4)                            /* 4.11: uid_t *; user */
#define NSKIT_NS_GET_MNTNS_ID _IOR(0xb7, 5, uint64_t)                  /* 6.11; mnt */
#define NSKIT_NS_GET_PID_FROM_PIDNS _IOR(0xb7, 6, int)                 /* 6.11: pid in there, by value -> our pid; pid */
#define NSKIT_NS_GET_PID_IN_PIDNS _IOR(0xb7, 8, int)                   /* 6.11: our pid, by value -> pid in there; pid */
#define NSKIT_NS_MNT_GET_NEXT _IOR(0xb7, 11, struct nskit_mnt_ns_info) /* 6.12: fd; mnt */
#define NSKIT_NS_MNT_GET_PREV _IOR(0xb7, 12, struct nskit_mnt_ns_info)
#define NSKIT_NS_GET_ID _IOR(0xb7, 13, uint64_t) /* 6.18 */

#define NSKIT_PIDFD_GET_PID_FOR_CHILDREN _IO(0xff, 6) /* 6.11: fd; the third argument must be 0 */
#define NSKIT_SIOCGSKNS 0x894c                        /* 4.9: fd of a socket's network namespace */
#define NSKIT_SO_NETNS_COOKIE 71                      /* 5.14 */
#define NSKIT_NSFS_MAGIC 0x6e736673

/* pidfd_open(2) (5.3), of a thread with PIDFD_THREAD (6.9). fd, or -1 with errno. */
int nsfs_pidfd_open(uint32_t pid, bool thread);

/* What opening needs, for a settled snapshot and the index that was built from it. */
struct nsfs {
	struct collecting *c;
	const struct index *ix;
	uint32_t n_indexed;     /* namespaces that the index knows */
	uint32_t own[NS_TYPES]; /* our own namespaces */
};
void nsfs_init(struct nsfs *n, struct collecting *c, const struct index *ix);

/*
 * Open a namespace (index into the snapshot's, also beyond those that the index knows) by whatever leads to it: a member's
 * /proc/PID/ns, an fd or socket that holds it, a mount in our own mount namespace, its file handle (6.18, when its id is known).
 * fd, or -errno: -EACCES or -EPERM: a way is barred; -EXDEV: only mounted in other mount namespaces, whose paths belong to
 * strangers; -ENOENT: whoever was in it is gone.
 */
int nsfs_open(const struct nsfs *n, uint32_t ns);

/* Open and enter a net, ipc, uts or cgroup namespace: they let a single thread in. 0; -errno of opening or of setns(2). */
int nsfs_enter(const struct nsfs *n, uint32_t ns);

/* Run visit in a thread of its own, which may end in any namespaces, and wait for it. 0, or -errno when there can be none. */
int nsfs_visit(void (*visit)(void *arg), void *arg);

/*
 * Open a namespace by its file handle (6.18). nsfs_fh_to_dentry(), fs/nsfs.c: all three must be right, so that nothing can be opened by
 * guessing; type and number 0 stand for whatever it is (6.19). fd or -errno; -ESTALE: gone, or not for us.
 */
int nsfs_open_handle(uint64_t id, uint32_t clone_flag, uint32_t inum);

/* Is it a file of nsfs? (An O_PATH fd will do.) */
bool nsfs_is(int fd);

/* From an O_PATH fd of a namespace to one that takes ioctls. fd, or -1 with errno. */
int nsfs_reopen(struct collecting *c, int fd);

/* The inode number behind a namespace's fd, or 0. */
uint32_t nsfs_inum(int fd);

/* The kernel's unique id (6.18; mount namespaces 6.11), or 0. */
uint64_t nsfs_id(int fd, enum nstype type);

#endif
