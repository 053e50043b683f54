// SPDX-License-Identifier: GPL-2.0-or-later
/* The namespaces that the kernel knows, whoever keeps them. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "../bpf/records.h"
#include "collect/bpf_iter.h"
#include "collect/nsfs.h"
#include "collect/session.h"
#include "collect/sources.h"
#include "nslist.lskel.h"
#include "util/job.h"

static const struct snap_map *copy_map(struct snap *s, const struct map_rec *from, uint32_t n, uint32_t *n_out)
{
	struct snap_map *to;

	if (n > ARRAY_SIZE(((struct ns_rec *)0)->uid)) /* kept elsewhere by the kernel: unknown here, details_read() may know */
		return NULL;
	to = arena_alloc(&s->arena, MAX(n, 1u) * sizeof(*to));
	for (uint32_t i = 0; i < n; i++)
		to[i] = (struct snap_map){ from[i].first, from[i].lower, from[i].count };
	*n_out = n;
	return to;
}

static void add_ns(struct snap *s, const struct ns_rec *r)
{
	enum nstype type = nstype_by_flag(r->type);

	if (type == NS_TYPES) /* a ninth type: nothing here knows it yet */
		return;

	struct snap_ns *ns = snap_add_ns(s, type, r->inum);

	ns->id = r->id;
	ns->owner = r->owner;
	ns->parent = r->parent;
	ns->listed = true;
	if (nstypes[type].hierarchical)
		ns->level = r->level;
	if (type == NS_USER) {
		ns->owner_uid = r->owner_uid;
		ns->uid_map = copy_map(s, r->uid, r->n_uid, &ns->n_uid_map);
		ns->gid_map = copy_map(s, r->gid, r->n_gid, &ns->n_gid_map);
	} else if (type == NS_UTS) {
		ns->hostname = arena_strndup(&s->arena, r->hostname, strnlen(r->hostname, sizeof(r->hostname)));
		ns->domainname = arena_strndup(&s->arena, r->domainname, strnlen(r->domainname, sizeof(r->domainname)));
	} else if (type == NS_TIME) {
		ns->monotonic = snap_offset(s, r->monotonic_sec, r->monotonic_nsec);
		ns->boottime = snap_offset(s, r->boottime_sec, r->boottime_nsec);
	}
}

/* --- the BPF walk, in a thread while the tasks are read ------------------------------------------------------------------- */

struct ns_walk {
	struct job job;
	struct session *session;
	struct ns_rec *recs; /* malloc'ed */
	uint32_t room, found;
	int err;
};

static void destroy(void *skel)
{
	nslist__destroy(skel);
}

static int load(struct loaded *l, void *arg)
{
	struct nslist *skel = nslist__open();
	const struct ns_walk *w = arg;
	int err;

	if (!skel)
		return -ENOMEM;
	skel->maps.namespaces.max_entries = w->room;
	err = nslist__load(skel);
	if (err) {
		nslist__destroy(skel);
		return err;
	}
	*l = (struct loaded){ .prog_fd = skel->progs.nslist.prog_fd, .skel = skel, .destroy = destroy };
	return 0;
}

static int copy_records(struct ns_walk *w, const struct nslist *skel)
{
	const struct ns_rec *recs = mmap(NULL, w->room * sizeof(*recs), PROT_READ, MAP_SHARED, skel->maps.namespaces.map_fd, 0);

	if (recs == MAP_FAILED)
		return -errno;
	w->recs = xcalloc(w->found, sizeof(*recs));
	memcpy(w->recs, recs, w->found * sizeof(*recs));
	munmap((void *)recs, w->room * sizeof(*recs));
	return 0;
}

/* One walk with room for so many; there are w->found. */
static int walk_once(struct ns_walk *w)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct loaded own, *prog;
	struct nslist *skel;
	int err;

	prog = session_get(w->session, SESSION_LIST, load, w, &own, &err);
	if (!prog)
		return err;
	skel = prog->skel;
	w->room = skel->maps.namespaces.max_entries; /* one that was kept may have another */
	err = bpf_prog_test_run_opts(prog->prog_fd, &opts);
	if (!err && !opts.retval)
		err = -EOPNOTSUPP;
	if (!err && skel->bss->endless)
		err = -ELOOP;
	if (!err)
		w->found = skel->bss->found;
	if (!err && w->found <= w->room)
		err = copy_records(w, skel);
	if (!err && w->found > w->room)
		session_drop(prog);
	else
		session_put(w->session, prog);
	return err;
}

static void walk(void *arg)
{
	struct ns_walk *w = arg;

	for (int tries = 0; tries < 4; tries++) {
		w->err = walk_once(w);
		if (w->err || w->recs)
			return;
		while (w->room < w->found)
			w->room *= 2;
	}
	w->err = -E2BIG;
}

/* The list came with the namespaces' ids: where those are unknown the program need not even be loaded. */
static bool has_list(void)
{
	CLEAN_FD int fd = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);

	return fd < 0 || nsfs_id(fd, NS_UTS);
}

void list_start(struct collecting *c)
{
	struct stat st;

	if (c->walk || !(c->opts->wants & WANT_HIDDEN) || bpf_prepare() || !has_list())
		return;
	c->walk = xcalloc(1, sizeof(*c->walk));
	c->walk->session = c->opts->session;
	c->walk->room = 1024;
	/* Rarely more than one namespace for two processes (see collect.c for the links); if there are, the second walk has room. */
	while (!fstatat(c->proc_fd, ".", &st, 0) && c->walk->room < st.st_nlink)
		c->walk->room *= 2;
	job_start(&c->walk->job, walk, c->walk);
}

static int bpf_walk(struct collecting *c)
{
	struct ns_walk *w = c->walk;

	if (!w)
		return -EOPNOTSUPP;
	job_wait(&w->job);
	for (uint32_t i = 0; !w->err && i < w->found; i++)
		add_ns(c->snap, &w->recs[i]);
	return w->err;
}

void list_done(struct collecting *c)
{
	if (!c->walk)
		return;
	job_wait(&c->walk->job);
	free(c->walk->recs);
	free(c->walk);
	c->walk = NULL;
}

/* --- listns(2) ------------------------------------------------------------------------------------------------------------ */

/* include/uapi/linux/nsfs.h, 6.19. The number is the same on all architectures but alpha. */
#ifndef SYS_listns
#define SYS_listns 470
#endif

struct nskit_ns_id_req {
	uint32_t size, spare;
	uint64_t ns_id;   /* go on behind that one; 0: begin */
	uint32_t ns_type; /* CLONE_NEW* that are wanted; 0: all */
	uint32_t spare2;
	uint64_t user_ns_id; /* whose owner is that one; 0: all */
};
_Static_assert(sizeof(struct nskit_ns_id_req) == 32, "NS_ID_REQ_SIZE_VER0");

/* One that died meanwhile, or that we may not open, is passed over. */
static void add_id(struct snap *s, uint64_t id)
{
	CLEAN_FD int fd = nsfs_open_handle(id, 0, 0); /* from 6.19 on an id alone will do (nsfs_fh_to_dentry, fs/nsfs.c) */
	int flag = fd < 0 ? -1 : ioctl(fd, NSKIT_NS_GET_NSTYPE);
	enum nstype type = flag < 0 ? NS_TYPES : nstype_by_flag((uint32_t)flag);
	uint32_t inum = type == NS_TYPES ? 0 : nsfs_inum(fd);

	if (!inum)
		return;

	struct snap_ns *ns = snap_add_ns(s, type, inum);

	ns->id = id;
	ns->listed = true;
}

/*
 * The namespaces that a process is in, a file is open on or mounted from, or that are parent or owner of such a one: not those that
 * only a socket keeps (nstree.c calls the others active), and not those that our capabilities do not reach.
 */
static int ask_listns(struct collecting *c)
{
	struct nskit_ns_id_req req = { .size = sizeof(req) };
	uint64_t ids[512];
	long n;

	do {
		n = syscall(SYS_listns, &req, ids, ARRAY_SIZE(ids), 0);
		if (n < 0) /* ENOENT: there is none behind the last one */
			return errno == ENOENT && req.ns_id ? 0 : -errno;
		for (long i = 0; i < n; i++)
			add_id(c->snap, ids[i]);
		if (n)
			req.ns_id = ids[n - 1];
	} while (n == ARRAY_SIZE(ids));
	return 0;
}

/* --- the best of them ------------------------------------------------------------------------------------------------------ */

int list_namespaces(struct collecting *c)
{
	if (!bpf_walk(c)) {
		c->snap->head.lister = "bpf";
		return 0;
	}
	if (!ask_listns(c)) {
		c->snap->head.lister = "listns";
	} else {
		c->snap->head.lister = "files";
		mounts_list_namespaces(c); /* refused or too old: then only those that are found by their keepers */
	}
	return -ENODATA;
}
