// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "container/state.h"

enum { DIR_FLAGS = O_PATH | O_DIRECTORY | O_CLOEXEC };

static int open_how(int dir, const char *path, int flags, unsigned resolve)
{
	struct open_how how = { .flags = (uint64_t)flags, .resolve = resolve };
	long fd = -1;

	/* EAGAIN: something was renamed while ".." of a link was resolved. */
	for (int i = 0; fd < 0 && i < 8; i++) {
		fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));
		if (fd < 0 && errno != EAGAIN)
			return -errno;
	}
	return fd < 0 ? -EAGAIN : (int)fd;
}

/*
 * Component by component, no link followed: for kernels before 5.6, and for old seccomp filters that answer EPERM for every
 * call they do not know.
 */
static int open_step_by_step(int dir, const char *path, int flags)
{
	CLEAN_FD int at = fcntl(dir, F_DUPFD_CLOEXEC, 0);

	while (at >= 0) {
		char name[256];
		size_t n;
		int next;

		path += strspn(path, "/");
		n = strcspn(path, "/");
		if (n >= sizeof(name))
			return -ENAMETOOLONG;
		memcpy(name, n ? path : ".", n ? n : 1);
		name[n ? n : 1] = '\0';
		if (!strcmp(name, ".."))
			return -EXDEV;
		path += n;
		if (!path[strspn(path, "/")]) {
			next = openat(at, name, flags | O_NOFOLLOW);
			return next < 0 ? -errno : next;
		}
		next = openat(at, name, DIR_FLAGS | O_NOFOLLOW);
		if (next < 0)
			return -errno;
		close(at);
		at = next;
	}
	return -errno;
}

static int open_within(int dir, const char *path, int flags, unsigned resolve)
{
	int fd = open_how(dir, path, flags, resolve | RESOLVE_NO_MAGICLINKS);

	return fd == -ENOSYS || fd == -EPERM ? open_step_by_step(dir, path, flags) : fd;
}

static int open_below(int dir, const char *path, int flags)
{
	return open_within(dir, path, flags, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

int state_root(const char *root)
{
	int fd = open(root, DIR_FLAGS);

	return fd < 0 ? -errno : fd;
}

int state_dir(int root, const char *path)
{
	return open_within(root, path, DIR_FLAGS, RESOLVE_IN_ROOT);
}

int state_subdir(int dir, const char *path)
{
	return open_below(dir, path, DIR_FLAGS);
}

DIR *state_list(int dir, const char *path, int *err)
{
	int fd = open_below(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d;

	if (fd < 0) {
		*err = fd;
		return NULL;
	}
	d = fdopendir(fd);
	*err = d ? 0 : -errno;
	if (!d)
		close(fd);
	return d;
}

/* O_NONBLOCK: opening a FIFO must not wait for its writer. */
static int open_regular(int dir, const char *path, size_t max, size_t *size)
{
	struct stat st;
	int err = 0, fd = open_below(dir, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return fd;
	if (fstat(fd, &st))
		err = -errno;
	else if (!S_ISREG(st.st_mode))
		err = -EINVAL;
	else if ((uint64_t)st.st_size > max)
		err = -EFBIG;
	if (err) {
		close(fd);
		return err;
	}
	*size = (size_t)st.st_size;
	return fd;
}

/* Runtimes replace their files by rename; one that grows while it is read all the same is cut at the size it had. */
ssize_t state_read(int dir, const char *path, size_t max, char **buf)
{
	size_t size = 0;
	ssize_t len;
	CLEAN_FD int fd = open_regular(dir, path, max, &size);
	CLEAN_MEM char *data = NULL;

	if (fd < 0)
		return fd;
	data = xrealloc(NULL, size + 1);
	len = read_full(fd, data, size);
	if (len < 0)
		return len;
	data[len] = '\0';
	*buf = data;
	data = NULL;
	return len;
}

/*
 * Numbers are not looked at: as reals they cannot overflow (rlimits of 18446744073709551615 do as integers). A NUL in one
 * label must not make the rest of the file unreadable: state_str refuses that one string.
 */
json_t *state_parse(const char *text, size_t len)
{
	return json_loadb(text, len, JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, NULL);
}

json_t *state_json(int dir, const char *path, size_t max, json_type want, int *err)
{
	CLEAN_MEM char *text = NULL;
	ssize_t len = state_read(dir, path, max, &text);
	json_t *json = len < 0 ? NULL : state_parse(text, (size_t)len);

	*err = len < 0 ? (int)len : 0;
	if (len >= 0 && (!json || json_typeof(json) != want)) {
		json_decref(json);
		json = NULL;
		*err = -EBADMSG;
	}
	return json;
}

const char *state_str(const json_t *obj, const char *key)
{
	const json_t *v = json_object_get(obj, key);
	const char *s = json_string_value(v);

	return s && *s && strlen(s) == json_string_length(v) ? s : NULL;
}

bool state_is_component(const char *name)
{
	return *name && strlen(name) < 256 && !strchr(name, '/') && strcmp(name, ".") && strcmp(name, "..");
}
