// SPDX-License-Identifier: GPL-2.0-or-later
#include "why/seen.h"

#include "why/holders.h"
#include "why/look.h"

const struct snap_gap *seen_gap(const struct snap *s, const char *what)
{
	for (size_t i = 0; i < s->n_gaps; i++)
		if (!strcmp(s->gaps[i].what, what))
			return &s->gaps[i];
	return NULL;
}

const char *seen_gap_words(struct why_state *st, const struct snap_gap *gap)
{
	return why_printf(st, "%s%s%s", gap->err ? strerror(gap->err) : "could not be read", gap->hint ? ", needs " : "",
			  gap->hint ? gap->hint : "");
}

/* Where kernels before 6.8 leave some out; TCP's sockets that are bound and no more by files; all of a kind where its dump failed otherwise. */
static void note_partial(struct why_state *st, uint32_t ns)
{
	static const char bound[] = "sockets that are bound without listening";
	const char *kind = st->q->path ? "unix" : sock_netid_names[st->q->netid];
	const struct snap_gap *one = seen_gap(st->s, why_printf(st, "network namespaces' %s sockets", kind)),
			      *all = seen_gap(st->s,
					      "network namespaces' whole state (files tell a part of sockets and routes, no more)");

	/* Which namespaces were read by files, the gap does not say; the initial one is most often the reader's own. */
	if (!one && ns != st->s->head.initial[NS_NET])
		one = all;
	if (!st->q->path && holders_same_table(NETID_TCP, st->q->netid) && seen_gap(st->s, bound))
		why_skip(st, bound, look_ns_words(st, ns), seen_gap_words(st, seen_gap(st->s, bound)));
	if (one)
		why_skip(st, "sockets that files do not tell of", look_ns_words(st, ns), seen_gap_words(st, one));
}

bool seen_part_of(struct why_state *st, uint32_t inum, enum seen_part part)
{
	static const char *const names[] = {
		[SEEN_SOCKETS] = "sockets", [SEEN_LINKS] = "devices and addresses", [SEEN_ROUTES] = "routes"
	};
	const struct snap_ns *ns = snap_find_ns(st->s, NS_NET, inum);
	int64_t n = !ns ? OPT_NONE : part == SEEN_SOCKETS ? ns->sockets : part == SEEN_LINKS ? ns->links : ns->routes;

	if (part == SEEN_SOCKETS && OPT_VALUE(n))
		note_partial(st, inum);
	if (OPT_VALUE(n))
		return true;
	why_skip(st, names[part], look_ns_words(st, inum),
		 n == OPT_NONE ? "not in the snapshot" : why_printf(st, "could not be read: %s", strerror((int)-n)));
	return false;
}

bool seen_part(struct why_state *st, enum seen_part part)
{
	return seen_part_of(st, st->q->ns, part);
}

uint32_t seen_n_hidden(const struct snap *s)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s->n_tasks; i++)
		n += NSREF_DENIED(s->tasks[i].ns[NS_NET]) && s->tasks[i].pid != 1 && !(s->tasks[i].flags & TASK_KTHREAD);
	return n;
}

bool seen_all_sockets(struct why_state *st)
{
	uint32_t hidden = seen_n_hidden(st->s), unread = 0;

	for (size_t i = 0; i < st->s->n_namespaces; i++)
		unread += st->s->namespaces[i].type == NS_NET && !OPT_VALUE(st->s->namespaces[i].sockets) &&
			  st->s->namespaces[i].sockets != OPT_NONE; /* it went meanwhile */
	if (unread)
		why_skip(st, "unix sockets of other network namespaces", NULL,
			 why_printf(st, "%u could not be looked into", unread));
	else if (hidden)
		why_skip(st, "unix sockets of other network namespaces", NULL,
			 why_printf(st, "where %u processes are could not be read", hidden));
	return !unread && !hidden;
}

/* The gap does not say whose: who has a socket is not among them. */
bool seen_fds_of(const struct snap *s, uint32_t pid)
{
	for (size_t i = 0; i < s->n_socket_fds; i++)
		if (s->socket_fds[i].pid == pid)
			return true;
	return !seen_gap(s, "processes' open files");
}

bool seen_all_fds(const struct snap *s)
{
	return s->head.initial_view && !seen_gap(s, "processes' open files");
}
