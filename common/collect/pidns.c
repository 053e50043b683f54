// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

#include "collect/nsfs.h"
#include "collect/pidns.h"

void pidns_init(struct pidns_cache *cache, bool own_proc)
{
	struct rlimit files = { .rlim_cur = 0 };

	getrlimit(RLIMIT_NOFILE, &files);
	*cache = (struct pidns_cache){ .translates = own_proc, .spare_fds = (uint32_t)MIN(files.rlim_cur / 2, 1024u) };
}

static void close_all(struct pidns_cache *cache, struct pidns *p)
{
	for (; p->n; cache->spare_fds++)
		close(p->fd[--p->n]);
}

void pidns_done(struct pidns_cache *cache)
{
	for (size_t i = 0; i < N_PIDNS; i++)
		close_all(cache, &cache->known[i]);
}

/* NSpid stands behind the line of groups, which has up to 65536 of them: then a read of one page is not enough. */
static int read_status(int ns_dir, struct proc_levels *levels)
{
	char buf[4096];
	CLEAN_MEM char *whole = NULL;
	ssize_t n = read_once(ns_dir, "../status", buf, sizeof(buf));

	if (n < 0)
		return (int)n;
	if ((size_t)n < sizeof(buf))
		return proc_parse_nspid(buf, (size_t)n, levels);
	n = read_file_at(ns_dir, "../status", 0, 4 << 20, &whole);
	return n < 0 ? (int)n : proc_parse_nspid(whole, (size_t)n, levels);
}

/* Open a PID namespace and its ancestors up to the view's. False: not allowed, too deep, or no such interface (before 4.9). */
static bool open_all(struct pidns_cache *cache, struct pidns *p, int ns_dir)
{
	int chain[PIDNS_LEVELS];
	uint32_t n = 0;
	CLEAN_FD int fd = openat(ns_dir, "pid", O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && nsfs_inum(fd) == p->inum;

	while (ok && nsfs_inum(fd) != cache->view) {
		ok = n < MIN(PIDNS_LEVELS, cache->spare_fds);
		if (ok) {
			chain[n++] = fd;
			fd = ioctl(fd, NSKIT_NS_GET_PARENT);
			ok = fd >= 0;
		}
	}
	if (!ok) {
		while (n)
			close(chain[--n]);
		return false;
	}
	for (p->n = 0; p->n < n; p->n++, cache->spare_fds--)
		p->fd[p->n] = chain[n - 1 - p->n];
	return true;
}

/* The namespace of a task, opened. NULL where that cannot be done, or not yet. */
static const struct pidns *opened(struct pidns_cache *cache, int ns_dir, uint32_t inum)
{
	struct pidns *p = &cache->known[inum * 0x9e3779b1u >> (32 - PIDNS_BITS)];

	if (!cache->translates || !NSREF_KNOWN(cache->view) || !NSREF_KNOWN(inum))
		return NULL;
	if (p->inum != inum) {
		close_all(cache, p);
		*p = (struct pidns){ .inum = inum };
		return NULL;
	}
	if (!p->n && !p->failed)
		p->failed = !open_all(cache, p, ns_dir);
	return p->failed ? NULL : p;
}

/* NSpid without reading status. */
static bool translate(struct pidns_cache *cache, const struct pidns *p, uint32_t tid, struct proc_levels *levels)
{
	levels->nr[0] = tid;
	for (levels->n = 1; levels->n <= p->n; levels->n++) {
		int nr = ioctl(p->fd[levels->n - 1], NSKIT_NS_GET_PID_IN_PIDNS, (unsigned long)tid);

		if (nr < 0) {
			cache->translates = errno != ENOTTY;
			return false;
		}
		levels->nr[levels->n] = (uint32_t)nr;
	}
	return true;
}

int pidns_levels(struct pidns_cache *cache, int ns_dir, const struct snap_task *t, struct proc_levels *levels)
{
	uint32_t inum = t->ns[NS_PID];
	const struct pidns *p;
	int err;

	/* In the view's own PID namespace there is but one, so that nothing has to be read. */
	if (inum == cache->view && NSREF_KNOWN(inum)) {
		levels->nr[0] = t->tid;
		levels->n = 1;
		return 0;
	}
	p = opened(cache, ns_dir, inum);
	if (p && translate(cache, p, t->tid, levels))
		return 0;
	err = read_status(ns_dir, levels);
	if (!err && levels->n == 1 && NSREF_KNOWN(inum))
		cache->view = inum;
	return err;
}
