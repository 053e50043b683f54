// SPDX-License-Identifier: GPL-2.0-or-later
/* The way of a path and who may go it: what the walk (fs/namei.c) asks of directories and of the file at its end. */
#include "why/unix.h"

#include <sys/stat.h>

#include "why/look.h"
#include "why/seen.h"

struct walker unix_walker(const struct why_state *st)
{
	struct why_query q = *st->q;
	struct why_state as = *st;
	struct walker w = { .ns = q.ns };

	if (q.call == CALL_REACH && q.has_client) {
		q.task = q.client_task;
		w.ns = q.client_ns ? q.client_ns : q.ns;
	}
	as.q = &q;
	w.a = asker_of(&as);
	w.pid = w.a.task ? w.a.task->pid : 0;
	return w;
}

const struct snap_file *unix_file(const struct snap *s, uint32_t pid, const char *path, bool followed)
{
	const struct snap_file *any = NULL;

	for (size_t i = 0; i < s->n_files; i++)
		if (s->files[i].pid == pid && !strcmp(s->files[i].path, path)) {
			if (s->files[i].followed == followed)
				return &s->files[i];
			any = &s->files[i];
		}
	return any;
}

/* We could not look, which says nothing about whether the process could. It is told. */
bool unix_is_hidden(struct why_state *st, const struct snap_file *f)
{
	if (!f->err || f->err == ENOENT || f->err == ENOTDIR || f->err == ENAMETOOLONG)
		return false;
	why_skip(st, "what is at the path", f->path, why_printf(st, "it could not be looked up: %s", strerror(f->err)));
	return true;
}

const char *unix_inside(struct why_state *st, const struct walker *w)
{
	const struct snap_task *t = w->a.task;

	if (!t || t->ns[NS_MNT] == st->s->head.own_mntns)
		return "";
	return why_printf(st, "nsenter -t %u -m ", t->pid);
}

/* --- permissions ----------------------------------------------------------------------------------------------------------- */

static bool is_mapped(const struct snap *s, uint32_t userns, const struct snap_file *f)
{
	const struct snap_ns *ns = NSREF_KNOWN(userns) ? snap_find_ns(s, NS_USER, userns) : NULL;
	bool uid = false, gid = false;

	if (!ns || userns == s->head.initial[NS_USER] || !ns->uid_map)
		return true;
	for (uint32_t i = 0; i < ns->n_uid_map; i++)
		uid |= f->uid >= ns->uid_map[i].outside && f->uid - ns->uid_map[i].outside < ns->uid_map[i].count;
	for (uint32_t i = 0; i < ns->n_gid_map; i++)
		gid |= f->gid >= ns->gid_map[i].outside && f->gid - ns->gid_map[i].outside < ns->gid_map[i].count;
	return uid && gid;
}

static bool has_override(const struct asker *a, unsigned int mask, bool directory)
{
	if (!a->task)
		return !a->override; /* root */
	if (a->override || !a->guard)
		return false;
	return a->guard->cap_effective >> CAP_BIT_DAC_OVERRIDE & 1 ||
	       (directory && mask == MAY_EXEC && a->guard->cap_effective >> CAP_BIT_DAC_READ_SEARCH & 1);
}

static bool in_group(const struct asker *a, uint32_t gid)
{
	if (a->override || !a->guard)
		return OPT_VALUE(a->gid) ? (uint32_t)a->gid == gid : OPT_VALUE(a->uid) && (uint32_t)a->uid == gid;
	if (a->guard->fsgid == gid)
		return true;
	for (uint32_t i = 0; i < a->guard->n_groups; i++)
		if (a->guard->groups[i] == gid)
			return true;
	return false;
}

/* generic_permission(), fs/namei.c. 1 yes, 0 no, -1 it can't be told. *unmapped: the capability would, but not for this owner. */
int unix_may(const struct why_state *st, const struct asker *a, const struct snap_file *f, unsigned int mask, bool *unmapped)
{
	bool directory = S_ISDIR(f->mode);
	uint32_t uid = a->guard && !a->override ? a->guard->fsuid : OPT_VALUE(a->uid) ? (uint32_t)a->uid : 0;
	unsigned int bits = f->mode;

	*unmapped = false;
	if (uid == f->uid)
		bits >>= 6;
	else if (in_group(a, f->gid))
		bits >>= 3;
	if ((bits & mask) == mask)
		return 1;
	if (has_override(a, mask, directory)) {
		if (a->task && !NSREF_KNOWN(a->userns))
			return -1;
		if (is_mapped(st->s, a->userns, f))
			return 1;
		*unmapped = true;
	}
	return f->acl ? -1 : 0;
}

/* What unix_may() could not tell. */
void unix_skip_permission(struct why_state *st, const struct snap_file *f)
{
	if (f->acl)
		why_skip(st, "access control lists", f->path, "not evaluated");
	else
		why_skip(st, "permissions", f->path, "the user namespace of the process could not be read");
}

void unix_file_facts(struct why_state *st, const struct snap_file *f, bool directory)
{
	why_text(st, directory ? "dir_mode" : "file_mode", why_printf(st, "%04o", f->mode & 07777));
	why_number(st, directory ? "dir_uid" : "file_uid", f->uid);
}

void unix_no_permission(struct why_state *st, const struct walker *w, const struct snap_file *f, bool unmapped)
{
	bool directory = S_ISDIR(f->mode);

	why_add(st, unmapped ? "unix-permission-userns" : "unix-permission", EACCES);
	if (unmapped)
		why_summary(st, "%s belongs to uid %u, which is nobody in the user namespace of the process", f->path, f->uid);
	else
		why_summary(st, "%s (mode %04o, uid %u, gid %u) may not be %s by %s", f->path, f->mode & 07777, f->uid, f->gid,
			    directory ? "passed" : "written", asker_words(st, &w->a));
	why_text(st, "path", st->q->path);
	unix_file_facts(st, f, directory);
	asker_facts(st, &w->a);
	if (unmapped) {
		why_line(st, "rule",
			 "root of a user namespace has its capabilities over files only whose uid and gid are mapped there "
			 "(capable_wrt_inode_uidgid)");
		why_advise(st, "let that user have it, too:  setfacl -m u:%lld:%s %s   (package acl)", (long long)w->a.uid,
			   directory ? "x" : "rw", look_quoted(st, f->path));
		why_advise(st, "or map the owner into the user namespace, or use an idmapped mount");
	} else {
		why_line(st, "rule",
			 "connect() needs write permission on the socket's file, and search on each directory before it");
		why_advise(st, "a group that both are in:  %schgrp GROUP %s; %schmod g+%s %s", unix_inside(st, w),
			   look_quoted(st, f->path), unix_inside(st, w), directory ? "x" : "rw", look_quoted(st, f->path));
	}
}

/* --- directories ----------------------------------------------------------------------------------------------------------- */

const char *unix_parent(struct why_state *st, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash != path ? arena_strndup(&st->why->arena, path, (size_t)(slash - path)) : "/";
}

void unix_bad_directory(struct why_state *st, const struct walker *w, const struct snap_file *d, int err)
{
	why_add(st, "unix-bind-directory", err);
	if (err == EACCES)
		why_summary(st, "%s may not create files in %s (mode %04o, uid %u)", asker_words(st, &w->a), d->path,
			    d->mode & 07777, d->uid);
	else if (err == EPERM)
		why_summary(st, "%s is immutable (chattr +i), even for root", d->path);
	else if (err == EROFS)
		why_summary(st, "%s is on a read-only mount", d->path);
	else if (err == ENOTDIR)
		why_summary(st, "%s is no directory", d->path);
	else
		why_summary(st, "there is no directory %s", d->path);
	why_text(st, "path", st->q->path);
	if (!d->err)
		unix_file_facts(st, d, true);
	asker_facts(st, &w->a);
	why_line(st, "rule", "bind() of a path creates a file: it takes write and search permission on its directory");
	if (err == ENOENT)
		why_advise(st, "create it for the service's user:  %sinstall -d -o %lld %s   (systemd: RuntimeDirectory=)",
			   unix_inside(st, w), (long long)(OPT_VALUE(w->a.uid) ? w->a.uid : 0),
			   look_quoted(st, unix_parent(st, st->q->path)));
	else if (err == EACCES)
		why_advise(
			st,
			"give the service a directory of its own:  %sinstall -d -o %lld /run/NAME   (systemd: RuntimeDirectory=)",
			unix_inside(st, w), (long long)(OPT_VALUE(w->a.uid) ? w->a.uid : 0));
	else if (err == EPERM)
		why_advise(st, "let it be changed:  %schattr -i %s", unix_inside(st, w), look_quoted(st, d->path));
	why_advise(st, "%stake another path", err == ENOENT || err == EACCES || err == EPERM ? "or " : "");
}

/* One of the directories that lead to the path. */
static bool is_on_way(const char *dir, const char *path)
{
	size_t len = strcmp(dir, "/") ? strlen(dir) : 0;

	return !strncmp(dir, path, len) && path[len] == '/';
}

/* The first directory on the way that can't be passed. True: it was told. */
bool unix_walk_fails(struct why_state *st, const struct walker *w)
{
	for (size_t i = 0; i < st->s->n_files; i++) {
		const struct snap_file *f = &st->s->files[i];
		bool unmapped;
		int yes;

		if (f->pid != w->pid || !is_on_way(f->path, st->q->path))
			continue;
		if (unix_is_hidden(st, f))
			return true;
		if (f->err || !S_ISDIR(f->mode)) {
			if (st->q->call == CALL_BIND)
				unix_bad_directory(st, w, f, f->err ? f->err : ENOTDIR);
			return st->q->call == CALL_BIND;
		}
		yes = unix_may(st, &w->a, f, MAY_EXEC, &unmapped);
		if (yes < 0)
			unix_skip_permission(st, f);
		if (yes)
			continue;
		if (st->q->call == CALL_BIND)
			unix_bad_directory(st, w, f, EACCES);
		else
			unix_no_permission(st, w, f, unmapped);
		return true;
	}
	return false;
}
