// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a process finds at a path: openat2(O_PATH) below its root directory, which follows links inside of it only and never those of
 * procfs (RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS, 5.6). Paths of strangers lead anywhere, to a network mount that is dead for instance:
 * so a child does it.
 */
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "collect/aside.h"
#include "collect/guards.h"
#include "collect/proc_parse.h"

enum { MAX_DEPTH = 64, LINK_SIZE = 256 };

/* What the child tells of one path. */
struct found {
	int32_t err;
	uint32_t mode, uid, gid, major, minor, nlink;
	uint64_t ino;
	uint8_t read_only, immutable, acl, mount_point, followed;
	char link[LINK_SIZE];
};

static int open_below(int root, const char *path, uint64_t flags)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC | flags, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

static void look_at(int root, const char *path, bool follow, struct found *out)
{
	struct statx sx;
	struct statvfs fs;
	char self[64];
	ssize_t n;
	int fd = open_below(root, path, follow ? 0 : O_NOFOLLOW);

	*out = (struct found){ .err = fd < 0 ? -fd : 0, .followed = follow };
	if (fd < 0)
		return;
	if (statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &sx)) {
		out->err = errno;
	} else {
		out->mode = sx.stx_mode;
		out->uid = sx.stx_uid;
		out->gid = sx.stx_gid;
		out->major = sx.stx_dev_major;
		out->minor = sx.stx_dev_minor;
		out->ino = sx.stx_ino;
		out->nlink = sx.stx_nlink;
		out->immutable = !!(sx.stx_attributes & STATX_ATTR_IMMUTABLE);
		out->mount_point = !!(sx.stx_attributes & 0x2000 /* STATX_ATTR_MOUNT_ROOT, 5.8 */);
	}
	out->read_only = !fstatvfs(fd, &fs) && fs.f_flag & ST_RDONLY;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	out->acl = getxattr(self, "system.posix_acl_access", NULL, 0) > 0;
	n = readlinkat(fd, "", out->link, sizeof(out->link) - 1);
	if (n > 0)
		out->link[n] = '\0';
	close(fd);
}

struct walk {
	int root;
	char *path;
};

/* In the child: each directory on the way, then the path itself, then what it leads to. */
static void look_along(int out, void *arg)
{
	const struct walk *w = arg;
	char *path = w->path;
	int root = w->root;
	struct found f;

	look_at(root, "/", true, &f);
	if (write(out, &f, sizeof(f)) < 0)
		return;
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		look_at(root, path, true, &f);
		*slash = '/';
		if (write(out, &f, sizeof(f)) < 0)
			return;
	}
	for (int follow = 0; follow < 2; follow++) {
		look_at(root, path, follow, &f);
		if (write(out, &f, sizeof(f)) < 0)
			return;
	}
}

static void add_file(struct snap *s, uint32_t pid, const char *path, const struct found *f)
{
	*ARRAY_ADD(s, files) = (struct snap_file){
		.pid = pid,
		.path = path,
		.err = f->err,
		.mode = f->mode,
		.uid = f->uid,
		.gid = f->gid,
		.dev_major = f->major,
		.dev_minor = f->minor,
		.ino = f->ino,
		.nlink = f->nlink,
		.read_only = f->read_only,
		.immutable = f->immutable,
		.acl = f->acl,
		.mount_point = f->mount_point,
		.followed = f->followed,
		.linked = f->link[0] ? arena_strdup(&s->arena, f->link) : NULL,
	};
}

/* The paths that the child goes through, in its order. */
static uint32_t list_paths(struct snap *s, const char *path, const char **paths)
{
	uint32_t n = 0;

	paths[n++] = "/";
	for (const char *slash = strchr(path + 1, '/'); slash && n < MAX_DEPTH; slash = strchr(slash + 1, '/'))
		paths[n++] = arena_strndup(&s->arena, path, (size_t)(slash - path));
	paths[n++] = arena_strdup(&s->arena, path);
	paths[n] = paths[n - 1];
	return n + 1;
}

static void take_answers(struct snap *s, uint32_t pid, struct aside *a, const char *const *paths, uint32_t n)
{
	struct found f;

	for (uint32_t i = 0; i < n; i++) {
		if (aside_read(a, &f, sizeof(f))) {
			snap_add_gap(s, "files below processes' root directories", ETIMEDOUT, NULL);
			return;
		}
		add_file(s, pid, paths[i], &f);
	}
}

static void look_below(struct collecting *c, uint32_t pid, int root, const char *path)
{
	const char *paths[MAX_DEPTH + 3];
	uint32_t n = list_paths(c->snap, path, paths);
	struct walk w = { .root = root, .path = (char *)(uintptr_t)paths[n - 1] };
	struct aside a;
	int err = aside_start(&a, look_along, &w);

	if (err) {
		snap_add_gap(c->snap, "files below processes' root directories", -err, NULL);
		return;
	}
	take_answers(c->snap, pid, &a, paths, n);
	aside_end(&a);
}

/* --- where a file that was mounted alone came from ------------------------------------------------------------------------- */

/* A mount: which device, and which file or directory of it. */
struct origin {
	uint32_t major, minor;
	char *root; /* NULL: none found */
};

static char *unescape(struct slice text)
{
	char *buf = xcalloc(text.len + 1, 1);

	buf[proc_unescape(text, buf)] = '\0';
	return buf;
}

/* What is mounted at that point: the last line that says so lies on top. */
static struct origin origin_of(struct slice mountinfo, const char *point)
{
	struct origin o = { 0 };
	struct proc_mount m;
	struct slice line;

	while (proc_next_line(&mountinfo, &line)) {
		CLEAN_MEM char *at = proc_parse_mount(line.at, line.len, &m) ? NULL : unescape(m.point);

		if (!at || strcmp(at, point) != 0)
			continue;
		free(o.root);
		o = (struct origin){ m.major, m.minor, unescape(m.root) };
	}
	return o;
}

/* The same file in our own mounts, as far as they show it: its path. The root of a mount whose file was removed ends in "//deleted". */
static const char *path_here(struct snap *s, struct slice mountinfo, const struct origin *o)
{
	static const char deleted[] = "//deleted";
	size_t len = strlen(o->root), best = 0;
	const char *path = NULL;
	struct proc_mount m;
	struct slice line;

	if (len >= sizeof(deleted) && !strcmp(o->root + len - (sizeof(deleted) - 1), deleted))
		len -= sizeof(deleted) - 1;
	while (proc_next_line(&mountinfo, &line)) {
		if (proc_parse_mount(line.at, line.len, &m) || m.major != o->major || m.minor != o->minor)
			continue;
		CLEAN_MEM char *root = unescape(m.root), *point = unescape(m.point);
		size_t n = strcmp(root, "/") ? strlen(root) : 0;

		/* Of that file alone there may be mounts here as well: its directory is asked for. */
		if (n >= len || strncmp(root, o->root, n) != 0 || o->root[n] != '/' || (path && n < best))
			continue;
		best = n;
		path = arena_printf(&s->arena, "%s%.*s", strcmp(point, "/") ? point : "", (int)(len - n), o->root + n);
	}
	return path;
}

/* The process's file may be the root of a mount: then also look at what is now where that file was. */
static void look_behind(struct collecting *c, uint32_t pid, int own)
{
	struct snap *s = c->snap;
	struct snap_file *f = s->n_files ? &s->files[s->n_files - 1] : NULL;
	CLEAN_MEM char *theirs = NULL, *ours = NULL;
	char name[64];
	ssize_t n, n_own;

	if (!f || f->pid != pid || f->err || !f->mount_point || own < 0)
		return;
	snprintf(name, sizeof(name), "%u/mountinfo", pid);
	n = read_file_at(c->proc_fd, name, 0, 16 << 20, &theirs);
	n_own = read_file_at(AT_FDCWD, "/proc/self/mountinfo", 0, 16 << 20, &ours);
	if (n < 0 || n_own < 0)
		return;
	struct origin o = origin_of((struct slice){ theirs, (size_t)n }, f->path);

	if (o.root)
		f->source = path_here(s, (struct slice){ ours, (size_t)n_own }, &o);
	free(o.root);
	if (f->source)
		look_below(c, 0, own, f->source);
}

void files_read(struct collecting *c)
{
	const char *path = c->opts->path;
	CLEAN_FD int own = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < c->snap->n_guards; i++) {
		char name[64];

		snprintf(name, sizeof(name), "%u/root", c->snap->guards[i].pid);
		CLEAN_FD int root = openat(c->proc_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (root >= 0) {
			look_below(c, c->snap->guards[i].pid, root, path);
			look_behind(c, c->snap->guards[i].pid, own);
		} else if (!proc_gone(-errno))
			snap_add_gap(c->snap, "processes' root directories", errno, errno == EACCES ? "CAP_SYS_PTRACE" : NULL);
	}
	if (own >= 0)
		look_below(c, 0, own, path);
}
