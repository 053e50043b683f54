// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Paths of the control groups that sockets are in. Their ids are the file handles of their directories (kernfs_encode_fh,
 * fs/kernfs/mount.c), so that the kernel itself finds them; that takes CAP_DAC_READ_SEARCH.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "collect/net.h"

enum { CGROUP2 = 0x63677270, KERNFS = 0xfe }; /* CGROUP2_SUPER_MAGIC, FILEID_KERNFS */

static const char *const mounts[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

static int open_mount(const char **path)
{
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		int fd = open(mounts[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		struct statfs fs;

		if (fd >= 0 && !fstatfs(fd, &fs) && (uint32_t)fs.f_type == CGROUP2) {
			*path = mounts[i];
			return fd;
		}
		if (fd >= 0)
			close(fd);
	}
	return -1;
}

/* Its path below the mount, or NULL: it is gone, or we may not ask. */
static const char *path_of(struct net_tour *n, int mount_fd, const char *mount, uint64_t id)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + sizeof(id)];
	} h = { .handle = { .handle_bytes = sizeof(id), .handle_type = KERNFS } };
	char link[32], path[4096];
	size_t prefix = strlen(mount);
	ssize_t len;

	memcpy(h.handle.f_handle, &id, sizeof(id));

	CLEAN_FD int fd = open_by_handle_at(mount_fd, &h.handle, O_PATH | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0)
		return NULL;
	path[len] = '\0';
	if (strncmp(path, mount, prefix) != 0 || (path[prefix] && path[prefix] != '/'))
		return NULL; /* not below this mount */
	return path[prefix] ? arena_strdup(&n->s->arena, path + prefix) : "/";
}

void net_cgroups(struct net_tour *n)
{
	struct idmap seen = { 0 };
	const char *mount;
	CLEAN_FD int fd = open_mount(&mount);

	for (uint32_t i = 0; fd >= 0 && i < n->s->n_sockets; i++) {
		uint64_t id = n->s->sockets[i].cgroup;
		const char *path = id && idmap_add(&seen, id, i) == i ? path_of(n, fd, mount, id) : NULL;

		if (path)
			*ARRAY_ADD(n->s, cgroups) = (struct snap_cgroup){ id, path };
	}
	idmap_done(&seen);
}
