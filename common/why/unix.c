// SPDX-License-Identifier: GPL-2.0-or-later
/* Unix sockets: unix_bind, unix_find_other and unix_stream_connect (net/unix/af_unix.c), with the path's walk (unix_walk.c). */
#include "why/unix.h"

#include <sys/stat.h>

#include "why/checks.h"
#include "why/halted.h"
#include "why/look.h"
#include "why/seen.h"

enum { SUN_PATH = 108 };

/* --- sockets --------------------------------------------------------------------------------------------------------------- */

static bool is_unix(const struct snap_socket *x)
{
	return x->netid == NETID_UNIX_STREAM || x->netid == NETID_UNIX_DGRAM || x->netid == NETID_UNIX_SEQPACKET;
}

/* Accepted ends bear their listener's name and file. */
static bool is_accepted(const struct snap_socket *x)
{
	return x->netid != NETID_UNIX_DGRAM && x->state == STATE_ESTAB && x->flags & SOCKF_PEER;
}

static bool bears_name(const struct snap_socket *x, const struct why_query *q)
{
	if (!x->path)
		return false;
	if (!q->abstract)
		return !strcmp(x->path, q->path);
	return x->path[0] == '@' && x->path_len == q->path_len + 1 && !memcmp(x->path + 1, q->path, q->path_len);
}

/* The socket that is bound to a file: by its device and inode number, in any network namespace. */
static const struct snap_socket *bound_to(const struct why_state *st, const struct snap_file *f)
{
	const struct snap_socket *found = NULL;

	for (size_t i = 0; i < st->s->n_sockets; i++) {
		const struct snap_socket *x = &st->s->sockets[i];

		if (!is_unix(x) || is_accepted(x) || !x->vfs_ino || x->vfs_ino != (uint32_t)f->ino)
			continue;
		if ((x->vfs_dev >> 20 == f->dev_major && (x->vfs_dev & 0xfffff) == f->dev_minor) ||
		    (x->path && bears_name(x, st->q)))
			found = x;
	}
	return found;
}

/* A bound socket of that name: in ns, or with ns 0 anywhere but in other_than. */
static const struct snap_socket *named(const struct why_state *st, uint32_t ns, uint32_t other_than, bool any_type)
{
	for (size_t i = 0; i < st->s->n_sockets; i++) {
		const struct snap_socket *x = &st->s->sockets[i];

		if (is_unix(x) && !is_accepted(x) && (!ns || x->ns == ns) && x->ns != other_than && bears_name(x, st->q) &&
		    (any_type || x->netid == st->q->netid))
			return x;
	}
	return NULL;
}

static const struct snap_task *task_of(const struct why_state *st, const struct snap_socket *x)
{
	uint32_t n;
	const struct snap_socket_fd *fds = x ? snap_socket_fds(st->s, x->ino, &n) : NULL;

	return fds ? look_task(st->ix, fds[0].pid) : NULL;
}

static const char *type_word(uint8_t netid)
{
	return netid == NETID_UNIX_DGRAM ? "dgram" : netid == NETID_UNIX_SEQPACKET ? "seqpacket" : "stream";
}

/* prefix: "holder" or "listener". */
static void party_facts(struct why_state *st, const struct snap_socket *x, bool holder)
{
	const struct snap_task *t = task_of(st, x);

	if (t) {
		why_number(st, holder ? "holder_pid" : "listener_pid", t->pid);
		why_text(st, "holder_comm", holder ? t->comm : NULL);
		why_text(st, holder ? "holder_container" : "listener_container", look_container(st->ix, t->container));
	}
	why_number(st, holder ? "holder_inode" : "inode", x->ino);
	why_text(st, holder ? "holder_state" : "state", sock_state_names[x->state]);
	if (!holder) {
		why_number(st, "listener_netns", x->ns);
		why_text(st, "listener_type", type_word(x->netid));
	}
	why_line(st, holder ? "holder" : "listener", "%s, socket %llu, %s%s%s, in net %u",
		 t ? look_task_words(st, t) : "no process that can be seen", (unsigned long long)x->ino, sock_state_names[x->state],
		 x->path ? ", bound as " : "", x->path ? x->path : "", x->ns);
}

static const char *who(struct why_state *st, const struct snap_socket *x)
{
	const struct snap_task *t = task_of(st, x);

	return t ? look_task_words(st, t) : "a process that can't be seen";
}

/* --- bind ------------------------------------------------------------------------------------------------------------------ */

/* To call it left over would have somebody remove the file of a server that runs. */
static void may_be_bound(struct why_state *st, const struct snap_file *f)
{
	why_add(st, "unix-path-in-use", EADDRINUSE);
	why_summary(st, "the file is there; whether a server is bound to it could not be seen");
	why_text(st, "path", st->q->path);
	why_bool(st, "file_is_socket", true);
	why_number(st, "inode", f->ino);
	unix_file_facts(st, f, false);
	why_line(st, "rule", "bind() creates the file, and it exists already");
	why_advise(st, "look as root, from outside of containers, before anybody removes it:  sudo nsnet why unix:%s", st->q->path);
}

/* f: what is there itself, be it a symbolic link; to: where that leads. */
static void file_is_there(struct why_state *st, const struct walker *w, const struct snap_file *f, const struct snap_file *to)
{
	const struct snap_file *end = to && !to->err ? to : f;
	const struct snap_socket *x = S_ISSOCK(end->mode) ? bound_to(st, end) : NULL;
	const struct snap_task *t = task_of(st, x);

	if (!x && S_ISSOCK(end->mode) && !seen_all_sockets(st)) {
		may_be_bound(st, f);
		return;
	}
	why_add(st, x ? "unix-path-in-use" : "unix-stale-path", EADDRINUSE);
	why_text(st, "path", st->q->path);
	why_bool(st, "file_is_socket", S_ISSOCK(f->mode));
	why_bool(st, "live_listener", x);
	why_number(st, "inode", f->ino);
	unix_file_facts(st, f, false);
	if (x) {
		why_summary(st, "%s is bound to it", who(st, x));
		why_line(st, "rule",
			 "the file is there, and a living socket is bound to it (paths are shared by all network namespaces)");
		party_facts(st, x, true);
		why_advise(st, "do not remove the file: stop the server%s", t ? why_printf(st, ":  %s", look_end(st, t)) : "");
		why_advise(st, "or take another path");
		return;
	}
	why_summary(st, S_ISSOCK(f->mode)  ? "the file is left over: no socket is bound to it any more"
			: S_ISLNK(f->mode) ? "there is a symbolic link, behind which nobody is bound"
			: S_ISDIR(f->mode) ? "there is a directory"
					   : "there is a file that is no socket");
	why_line(st, "rule", "bind() creates the file, and it exists already; nobody removes it when its server ends");
	if (S_ISSOCK(f->mode))
		why_advise(st, "remove it:  %srm %s   (and have the server unlink() it before bind())", unix_inside(st, w),
			   look_quoted(st, st->q->path));
	else
		why_advise(st, "see whose it is before it goes:  %sls -ld %s", unix_inside(st, w), look_quoted(st, st->q->path));
	why_advise(st, "or take another path");
}

static void bind_path(struct why_state *st, const struct walker *w)
{
	const struct snap_file *f = unix_file(st->s, w->pid, st->q->path, false),
			       *d = unix_file(st->s, w->pid, unix_parent(st, st->q->path), true);
	bool unmapped;
	int yes;

	if (unix_walk_fails(st, w) || unix_is_hidden(st, f))
		return;
	if (!f->err)
		file_is_there(st, w, f, unix_file(st->s, w->pid, st->q->path, true));
	if (!d || d->err)
		return;
	yes = unix_may(st, &w->a, d, MAY_WRITE | MAY_EXEC, &unmapped);
	if (d->read_only)
		unix_bad_directory(st, w, d, EROFS);
	if (d->immutable)
		unix_bad_directory(st, w, d, EPERM);
	if (yes < 0)
		unix_skip_permission(st, d);
	else if (!yes)
		unix_bad_directory(st, w, d, EACCES);
}

static void bind_abstract(struct why_state *st, const struct walker *w)
{
	const struct snap_socket *x = named(st, w->ns, 0, false);
	const struct snap_task *t = task_of(st, x);

	if (!seen_part_of(st, w->ns, SEEN_SOCKETS) || !x)
		return;
	why_add(st, "unix-abstract-in-use", EADDRINUSE);
	why_summary(st, "%s is bound to @%s", who(st, x), st->q->path);
	why_text(st, "abstract_name", st->q->path);
	why_number(st, "netns", x->ns);
	why_line(st, "rule", "abstract names are unique in a network namespace");
	party_facts(st, x, true);
	why_advise(st, "stop it%s", t ? why_printf(st, ":  %s", look_end(st, t)) : "");
	why_advise(st, "or take another name, or a network namespace of its own");
}

/* --- connect --------------------------------------------------------------------------------------------------------------- */

static void nobody(struct why_state *st, int err, const char *summary)
{
	why_add(st, "unix-no-listener", err);
	why_summary(st, "%s", summary);
	why_text(st, st->q->abstract ? "abstract_name" : "path", st->q->path);
	why_bool(st, "live_listener", false);
	why_line(st, "rule", "a connection needs a socket that is bound to that name and listens");
	why_advise(st, "start the server, and see where it listens:  nsnet -xl");
}

/* Does its process see the file system that the walker sees? False, too, where nobody knows. */
static bool sees_the_same(const struct why_state *st, const struct walker *w, const struct snap_socket *x)
{
	uint32_t mine = w->a.task ? w->a.task->ns[NS_MNT] : st->s->head.own_mntns;
	const struct snap_task *t = task_of(st, x);

	return t && NSREF_KNOWN(mine) && t->ns[NS_MNT] == mine;
}

/* Those elsewhere come before those whose file is gone. */
static const struct snap_socket *named_elsewhere(const struct why_state *st, const struct walker *w)
{
	const struct snap_socket *here = NULL;

	for (size_t i = 0; i < st->s->n_sockets; i++) {
		const struct snap_socket *x = &st->s->sockets[i];

		if (!is_unix(x) || is_accepted(x) || !bears_name(x, st->q))
			continue;
		if (!sees_the_same(st, w, x))
			return x;
		here = x;
	}
	return here;
}

static void file_is_gone(struct why_state *st, const struct snap_socket *x)
{
	why_add(st, "unix-no-listener", ENOENT);
	why_summary(st, "%s has bound it, but the file is gone: removed, or renamed", who(st, x));
	why_text(st, "path", st->q->path);
	why_bool(st, "live_listener", true);
	why_line(st, "rule", "a socket is found by its file; without that nobody can connect, though the server lives");
	party_facts(st, x, false);
	why_advise(
		st,
		"restart the server, which makes its file anew; and find out who removes it (a second instance, a cleaner of /tmp)");
}

static void connect_nowhere(struct why_state *st, const struct walker *w)
{
	const struct snap_socket *x = named_elsewhere(st, w);

	if (!x) {
		nobody(st, ENOENT, seen_all_sockets(st) ? "no such file, and no socket of that name anywhere" : "no such file");
		return;
	}
	if (sees_the_same(st, w, x)) {
		file_is_gone(st, x);
		return;
	}
	why_add(st, "unix-path-other-mntns", ENOENT);
	why_summary(st, "%s has it, in a file system that %s does not see", who(st, x),
		    w->a.task ? look_task_words(st, w->a.task) : "this one");
	why_text(st, "path", st->q->path);
	why_line(st, "rule", "a path is looked up in the client's own mount namespace and root directory");
	party_facts(st, x, false);
	if (strcmp(unix_parent(st, st->q->path), "/") != 0)
		why_advise(st, "share the socket's directory (not the file) with both, as a volume:  -v %s:%s",
			   look_quoted(st, unix_parent(st, st->q->path)), look_quoted(st, unix_parent(st, st->q->path)));
	else
		why_advise(st, "have the server listen in a directory of its own, and share that with both, as a volume");
}

/* A file that was bind-mounted keeps the inode that was there at the time. */
static void stale_mount(struct why_state *st, const struct snap_file *f)
{
	const struct snap_file *host = f->source ? unix_file(st->s, 0, f->source, true) : NULL;
	const struct snap_socket *x = host && !host->err && S_ISSOCK(host->mode) ? bound_to(st, host) : named(st, 0, 0, true);

	why_add(st, "unix-stale-bind-mount", ECONNREFUSED);
	why_summary(st, "the file was mounted alone, and its server has made a new one since");
	why_text(st, "path", st->q->path);
	why_bool(st, "mount_root_deleted", !f->nlink);
	why_number(st, "mounted_inode", f->ino);
	if (host && !host->err)
		why_number(st, "current_inode", host->ino);
	why_bool(st, "live_listener", x);
	why_line(st, "rule",
		 "a bind mount of a file pins its inode; a server that starts again makes another one, which the mount does not "
		 "show");
	if (x)
		party_facts(st, x, false);
	why_advise(st, "mount the directory instead of the file, and restart the container");
}

/* Of abstract names each type has its own, so that nobody is found. */
static void type_mismatch(struct why_state *st, const struct snap_socket *x)
{
	bool abstract = st->q->abstract;

	why_add(st, "unix-type-mismatch", abstract ? ECONNREFUSED : EPROTOTYPE);
	why_summary(st, "%s has a %s socket there, and %s was asked for", who(st, x), type_word(x->netid), type_word(st->q->netid));
	why_text(st, abstract ? "abstract_name" : "path", st->q->path);
	why_text(st, "asked_type", type_word(st->q->netid));
	why_line(st, "rule",
		 abstract ? "both ends must be of one type, and each type has abstract names of its own (unix_abstract_hash)"
			  : "both ends must be of one type (unix_find_bsd)");
	party_facts(st, x, false);
	why_advise(st, "use the server's type: unix:%s%s/%s", abstract ? "@" : "", st->q->path, type_word(x->netid));
}

static void queue_full(struct why_state *st, const struct snap_socket *x)
{
	why_add(st, "accept-queue-full", EAGAIN);
	why_summary(st, "%s does not accept: connections that wait: %u, allowed: %u", who(st, x), x->recv_q, x->send_q);
	why_text(st, "path", st->q->path);
	why_number(st, "recv_q", x->recv_q);
	why_number(st, "send_q", x->send_q);
	why_line(st, "rule", "connect() waits, or gives EAGAIN, while the listener's queue is full");
	party_facts(st, x, false);
	if (task_of(st, x))
		why_advise(st, "look at what it does instead:  cat /proc/%u/stack", task_of(st, x)->pid);
	else
		why_advise(st, "find out why it does not accept()");
}

static void check_listener(struct why_state *st, const struct snap_socket *x)
{
	if (x->netid != st->q->netid) {
		type_mismatch(st, x);
	} else if (x->netid != NETID_UNIX_DGRAM && x->state != STATE_LISTEN) {
		nobody(st, ECONNREFUSED, why_printf(st, "%s has it bound, without listening", who(st, x)));
		party_facts(st, x, false);
	} else if (x->netid != NETID_UNIX_DGRAM && x->known & x->flags & SOCKF_SHUT_RD) {
		nobody(st, ECONNREFUSED, why_printf(st, "%s has shut its socket down", who(st, x)));
		party_facts(st, x, false);
	} else if (x->netid == NETID_UNIX_DGRAM && x->known & x->flags & SOCKF_PEER) { /* unix_may_send */
		nobody(st, EPERM, why_printf(st, "%s has its socket connected, and receives from that end alone", who(st, x)));
		party_facts(st, x, false);
	} else {
		st->server = x;
		if (x->netid != NETID_UNIX_DGRAM && x->recv_q > x->send_q)
			queue_full(st, x);
	}
}

/* A question of --reach: a call is done with when the kernel has taken it. */
void check_unix_halted(struct why_state *st)
{
	const struct snap_halt *h = st->server ? halted_by(st, st->server) : NULL;

	if (!h)
		return;
	halted_tell(st, who(st, st->server), h);
	party_facts(st, st->server, false);
}

static void connect_path(struct why_state *st, const struct walker *w)
{
	const struct snap_file *f = unix_file(st->s, w->pid, st->q->path, true); /* it is there: check_unix() has looked */
	const struct snap_socket *x = !f->err && S_ISSOCK(f->mode) ? bound_to(st, f) : NULL;
	bool unmapped, told = unix_walk_fails(st, w);
	int yes;

	if (f->err) {
		if (!told && !unix_is_hidden(st, f))
			connect_nowhere(st, w);
		return;
	}
	if (told && x)
		party_facts(st, x, false);
	yes = unix_may(st, &w->a, f, MAY_WRITE, &unmapped);
	if (yes < 0)
		unix_skip_permission(st, f);
	if (!yes) {
		size_t at = st->why->n_causes;

		unix_no_permission(st, w, f, unmapped);
		if (x && st->why->n_causes > at)
			party_facts(st, x, false);
	}
	if (x)
		check_listener(st, x);
	else if (S_ISSOCK(f->mode) && !seen_all_sockets(st))
		return;
	else if (!f->nlink || (f->mount_point && named(st, 0, 0, true)))
		stale_mount(st, f);
	else
		nobody(st, ECONNREFUSED,
		       S_ISSOCK(f->mode) ? "the file is left over: nobody is bound to it" : "the file is no socket");
}

static void connect_abstract(struct why_state *st, const struct walker *w)
{
	const struct snap_socket *right = named(st, w->ns, 0, false), *x = right ? right : named(st, w->ns, 0, true),
				 *elsewhere = x ? NULL : named(st, 0, w->ns, true);

	if (!seen_part_of(st, w->ns, SEEN_SOCKETS))
		return;
	if (x) {
		check_listener(st, x);
		return;
	}
	if (!elsewhere) {
		nobody(st, ECONNREFUSED,
		       seen_all_sockets(st) ? "no socket has that name, here or in any other network namespace"
					    : "no socket has that name in this network namespace");
		return;
	}
	why_add(st, "unix-abstract-other-netns", ECONNREFUSED);
	why_summary(st, "%s has that name, in another network namespace", who(st, elsewhere));
	why_text(st, "abstract_name", st->q->path);
	why_number(st, "client_netns", w->ns);
	why_line(st, "rule", "abstract names belong to a network namespace; here nobody has it");
	party_facts(st, elsewhere, false);
	why_advise(st, "a socket with a path, on a shared volume; or one network namespace for both");
}

/* -------------------------------------------------------------------------------------------------------------------------- */

static bool is_too_long(struct why_state *st)
{
	if (st->q->path_len < SUN_PATH) /* with the NUL before an abstract name, or behind a path */
		return false;
	why_add(st, "unix-path-too-long", EINVAL);
	if (st->q->path_len == SUN_PATH)
		why_summary(st, "its 108 bytes leave no room for the NUL that goes with them");
	else
		why_summary(st, "it has %u bytes, and sun_path holds 108", st->q->path_len);
	why_text(st, "path", st->q->path);
	why_number(st, "path_length", st->q->path_len);
	why_number(st, "limit", SUN_PATH);
	if (st->q->abstract)
		why_line(st, "rule",
			 "an abstract name has 107 bytes behind its NUL at most (struct sockaddr_un: sun_path holds 108)");
	else
		why_line(st, "rule",
			 "a path has 107 bytes and a NUL at most; 108 only in a program that leaves the NUL out (unix_mkname_bsd)");
	why_advise(st, "a shorter path, or chdir() and a relative one");
	return true;
}

static const char *why_not_looked_up(struct why_state *st)
{
	const struct snap_gap *root = seen_gap(st->s, "processes' root directories"),
			      *file = seen_gap(st->s, "files below processes' root directories");

	return root ? seen_gap_words(st, root) : file ? seen_gap_words(st, file) : "it was not looked up for this snapshot";
}

void check_unix(struct why_state *st)
{
	struct walker w = unix_walker(st);

	if (st->q->call == CALL_SOCKET || st->q->call == CALL_LISTEN || is_too_long(st))
		return;
	if (!st->q->abstract && !unix_file(st->s, w.pid, st->q->path, true)) {
		why_skip(st, "what is at the path", w.a.task ? look_task_words(st, w.a.task) : NULL, why_not_looked_up(st));
		return;
	}
	if (w.a.task && !w.a.guard)
		why_skip(st, "permissions", look_task_words(st, w.a.task), "credentials are not in the snapshot");
	if (st->q->call == CALL_BIND)
		(st->q->abstract ? bind_abstract : bind_path)(st, &w);
	else
		(st->q->abstract ? connect_abstract : connect_path)(st, &w);
}
