// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * System V objects by the *_STAT_ANY commands (4.17), which look at all of them whatever their modes: what /proc/sysvipc shows too,
 * without text. POSIX message queues have no listing but their file system, which is mounted here for ourselves alone: a mount that
 * is attached nowhere (fsmount(2), 5.2), of the IPC namespace that the thread is in (mqueue_get_tree, ipc/mqueue.c).
 */
#include <fcntl.h>
#include <mqueue.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "collect/inside.h"

/* Younger than some headers; the numbers are the same everywhere (include/uapi/linux/{shm,sem,msg,mount}.h, asm-generic/unistd.h). */
#ifndef SHM_STAT_ANY
#define SHM_STAT_ANY 15
#endif
#ifndef SEM_STAT_ANY
#define SEM_STAT_ANY 20
#endif
#ifndef MSG_STAT_ANY
#define MSG_STAT_ANY 13
#endif
#ifndef SYS_fsopen
#define SYS_fsopen 430
#endif
#ifndef SYS_fsconfig
#define SYS_fsconfig 431
#endif
#ifndef SYS_fsmount
#define SYS_fsmount 432
#endif
enum { FLAG_CLOEXEC = 1, CONFIG_CREATE = 6, ATTR_NOSUID_NODEV_NOEXEC = 2 | 4 | 8 };

struct reading_ipc {
	struct snap *s;
	uint32_t inum;
	bool pids;
};

static struct snap_ipc *add(struct reading_ipc *r, enum ipc_kind kind)
{
	struct snap_ipc *x = ARRAY_ADD(r->s, ipc);

	x->ns = r->inum;
	x->kind = (uint8_t)kind;
	x->key = x->id = x->size = x->attached = x->nsems = x->messages = x->max_messages = x->creator = x->last = OPT_NONE;
	return x;
}

static struct snap_ipc *add_sysv(struct reading_ipc *r, enum ipc_kind kind, int id, const struct ipc_perm *p, time_t changed)
{
	struct snap_ipc *x = add(r, kind);

	x->id = id;
	x->key = (uint32_t)p->__key;
	x->uid = p->uid;
	x->gid = p->gid;
	x->mode = p->mode & 0777;
	x->changed = (uint64_t)changed * 1000000000;
	return x;
}

/* 0: nobody, or someone whom our PID namespace does not have. */
static int64_t pid_of(const struct reading_ipc *r, pid_t pid)
{
	return r->pids && pid > 0 ? pid : OPT_NONE;
}

/* Each of these: how many there are, or -errno. What goes between two calls is not there. */

static int read_shm(struct reading_ipc *r)
{
	struct shm_info info = { 0 };
	int top = shmctl(0, SHM_INFO, (struct shmid_ds *)(void *)&info), n = 0;

	if (top < 0)
		return -errno;
	for (int i = 0; info.used_ids && i <= top; i++) {
		struct shmid_ds ds;
		int id = shmctl(i, SHM_STAT_ANY, &ds);
		struct snap_ipc *x;

		if (id < 0)
			continue;
		x = add_sysv(r, IPC_SHM, id, &ds.shm_perm, ds.shm_ctime);
		x->flags = (ds.shm_perm.mode & SHM_DEST ? IPC_REMOVED : 0u) | (ds.shm_perm.mode & SHM_LOCKED ? IPC_LOCKED : 0u);
		x->size = (int64_t)ds.shm_segsz;
		x->attached = (int64_t)ds.shm_nattch;
		x->creator = pid_of(r, ds.shm_cpid);
		x->last = pid_of(r, ds.shm_lpid);
		n++;
	}
	return n;
}

union semun { /* semctl(2): the caller defines it */
	int val;
	struct semid_ds *buf;
	struct seminfo *info;
};

static int read_sem(struct reading_ipc *r)
{
	struct seminfo info = { 0 };
	int top = semctl(0, 0, SEM_INFO, (union semun){ .info = &info }), n = 0;

	if (top < 0)
		return -errno;
	for (int i = 0; info.semusz && i <= top; i++) { /* of SEM_INFO: how many sets */
		struct semid_ds ds;
		int id = semctl(i, 0, SEM_STAT_ANY, (union semun){ .buf = &ds });

		if (id < 0)
			continue;
		add_sysv(r, IPC_SEM, id, &ds.sem_perm, ds.sem_ctime)->nsems = (int64_t)ds.sem_nsems;
		n++;
	}
	return n;
}

static int read_msg(struct reading_ipc *r)
{
	struct msginfo info = { 0 };
	int top = msgctl(0, MSG_INFO, (struct msqid_ds *)(void *)&info), n = 0;

	if (top < 0)
		return -errno;
	for (int i = 0; info.msgpool && i <= top; i++) { /* of MSG_INFO: how many queues */
		struct msqid_ds ds;
		int id = msgctl(i, MSG_STAT_ANY, &ds);
		struct snap_ipc *x;

		if (id < 0)
			continue;
		x = add_sysv(r, IPC_MSG, id, &ds.msg_perm, ds.msg_ctime);
		x->size = (int64_t)ds.__msg_cbytes;
		x->messages = (int64_t)ds.msg_qnum;
		x->last = pid_of(r, ds.msg_lspid);
		n++;
	}
	return n;
}

/* --- POSIX message queues ---------------------------------------------------------------------------------------------------- */

static int mount_mqueue(void)
{
	CLEAN_FD int fs = (int)syscall(SYS_fsopen, "mqueue", FLAG_CLOEXEC);
	int fd;

	if (fs < 0 || syscall(SYS_fsconfig, fs, CONFIG_CREATE, NULL, NULL, 0))
		return -errno;
	fd = (int)syscall(SYS_fsmount, fs, FLAG_CLOEXEC, ATTR_NOSUID_NODEV_NOEXEC);
	return fd < 0 ? -errno : fd;
}

/* A file there is a queue (the file system makes nothing else), and open it is what mq_getattr(3) wants. Nothing is received. */
static void read_attributes(struct snap_ipc *x, int dirfd, const char *file)
{
	CLEAN_FD int q = openat(dirfd, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct mq_attr attr;

	if (q < 0 || syscall(SYS_mq_getsetattr, q, NULL, &attr)) {
		x->messages = x->max_messages = x->size = -errno;
		return;
	}
	x->messages = attr.mq_curmsgs;
	x->max_messages = attr.mq_maxmsg;
	x->size = attr.mq_msgsize;
}

static bool read_queue(struct reading_ipc *r, int dirfd, const char *file)
{
	struct snap_ipc *x;
	struct stat st;

	if (fstatat(dirfd, file, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
		return false;
	x = add(r, IPC_MQUEUE);
	x->name = arena_printf(&r->s->arena, "/%s", file);
	x->uid = st.st_uid;
	x->gid = st.st_gid;
	x->mode = st.st_mode & 0777;
	x->changed = (uint64_t)st.st_ctim.tv_sec * 1000000000 + (uint64_t)st.st_ctim.tv_nsec;
	read_attributes(x, dirfd, file);
	return true;
}

static int read_mqueues(struct reading_ipc *r)
{
	CLEAN_FD int mount = mount_mqueue();
	int fd = mount < 0 ? -1 : openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), n = 0;
	CLEAN_DIR DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (mount < 0)
		return mount;
	if (!dir)
		return -errno;
	for (struct dirent *e; (e = readdir(dir));)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			n += read_queue(r, fd, e->d_name);
	return n;
}

void inside_ipc(struct snap *s, struct snap_ns *ns, bool pids)
{
	struct reading_ipc r = { s, ns->inum, pids };
	int (*const readers[])(struct reading_ipc *) = { read_shm, read_sem, read_msg };
	int64_t total = 0;

	for (size_t i = 0; i < ARRAY_SIZE(readers) && total >= 0; i++) {
		int n = readers[i](&r);

		total = n < 0 ? n : total + n;
	}
	ns->sysv = total;
	if (ns->sysv < 0)
		snap_add_gap(s, "System V IPC objects", (int)-ns->sysv, NULL);
	ns->mqueues = read_mqueues(&r);
	if (ns->mqueues == -ENOSYS)
		snap_add_gap(s, "POSIX message queues", ENOSYS, "Linux 5.2");
	else if (ns->mqueues < 0)
		snap_add_gap(s, "POSIX message queues", (int)-ns->mqueues, ns->mqueues == -EPERM ? "CAP_SYS_ADMIN" : NULL);
}
