// SPDX-License-Identifier: GPL-2.0-or-later
/* Ports that take CAP_NET_BIND_SERVICE in the user namespace that owns the network namespace (inet_port_requires_bind_service()). */
#include "why/checks.h"
#include "why/look.h"
#include "why/seen.h"

static void wrong_userns(struct why_state *st, const struct asker *a, uint32_t owner, int64_t start)
{
	why_add(st, "privileged-port-wrong-userns", EACCES);
	why_summary(st, "port %u is privileged here, and the process's CAP_NET_BIND_SERVICE counts in another user namespace",
		    st->q->port);
	asker_facts(st, a);
	why_number(st, "netns_owner_userns", owner);
	why_bool(st, "cap_in_own_userns", true);
	why_number(st, "ip_unprivileged_port_start", (uint64_t)start);
	why_line(st, "rule",
		 "%u < net.ipv4.ip_unprivileged_port_start = %lld of this network namespace; needs CAP_NET_BIND_SERVICE in "
		 "%s, which owns it",
		 st->q->port, (long long)start, asker_userns_words(st, owner));
	why_line(st, "process", "%s, in user:[%u]: the capability is effective there, which does not count here",
		 asker_words(st, a), a->userns);
	why_advise(st, "let everybody use it there:  %ssysctl -w net.ipv4.ip_unprivileged_port_start=%u", look_enter(st, st->q->ns),
		   st->q->port);
	why_advise(st, "or bind a high port and publish it from outside (-p %u:8080)", st->q->port);
	why_advise(st, "or make the network namespace inside of the user namespace (unshare --user --net)");
}

static const char *why_not_effective(const struct snap_guard *g)
{
	const uint64_t bit = 1ull << CAP_BIT_NET_BIND_SERVICE;

	if (g->cap_permitted & bit)
		return "it is permitted but not effective: the program would have to raise it";
	if (g->flags & GUARD_FILE_CAPS && g->file_caps & bit && g->flags & GUARD_NO_NEW_PRIVS)
		return "its file has the capability, which no_new_privs makes of no effect";
	if (g->flags & GUARD_FILE_CAPS && g->file_caps & bit)
		return "its file has the capability, which took no effect (nosuid mount, or set after it was started)";
	if (g->cap_bounding & bit)
		return "it is in the bounding set only, which gives nothing to a user other than root";
	return "it is not even in the bounding set";
}

static void no_cap(struct why_state *st, const struct asker *a, uint32_t owner, int64_t start)
{
	const uint64_t bit = 1ull << CAP_BIT_NET_BIND_SERVICE;
	const struct snap_guard *g = a->override ? NULL : a->guard;

	why_add(st, "privileged-port-no-cap", EACCES);
	why_summary(st, "port %u is privileged here and %s may not use it", st->q->port,
		    a->task ? "the process" : asker_words(st, a));
	asker_facts(st, a);
	why_number(st, "ip_unprivileged_port_start", (uint64_t)start);
	why_bool(st, "cap_net_bind_service", false);
	why_number(st, "netns_owner_userns", owner);
	if (g) {
		why_text(st, "cap_effective", why_printf(st, "%016llx", (unsigned long long)g->cap_effective));
		why_bool(st, "cap_in_bounding_set", g->cap_bounding & bit);
		if (!seen_gap(st->s, "capabilities of programs' files"))
			why_bool(st, "file_has_capability", g->flags & GUARD_FILE_CAPS && g->file_caps & bit);
		why_bool(st, "no_new_privs", g->flags & GUARD_NO_NEW_PRIVS);
	}
	why_line(st, "rule",
		 "%u < net.ipv4.ip_unprivileged_port_start = %lld of this network namespace; needs CAP_NET_BIND_SERVICE in "
		 "%s, which owns it",
		 st->q->port, (long long)start, asker_userns_words(st, owner));
	if (a->task)
		why_line(st, "process", "%s%s%s", asker_words(st, a), g ? ": " : "", g ? why_not_effective(g) : "");
	why_advise(st, "let everybody use it there:  %ssysctl -w net.ipv4.ip_unprivileged_port_start=%u", look_enter(st, st->q->ns),
		   st->q->port);
	why_advise(st, "or give it the capability:  setcap cap_net_bind_service+ep PROGRAM   (systemd: AmbientCapabilities=)");
	why_advise(st, "or a port from %lld on", (long long)start);
}

static const char *what_is_missing(struct why_state *st, const struct asker *a, uint32_t owner, int may, int64_t start)
{
	const char *of_process = may >= 0                  ? NULL
				 : !a->guard               ? "the process's capabilities are not in the snapshot"
				 : !NSREF_KNOWN(a->userns) ? "the process's user namespace could not be read"
				 : !NSREF_KNOWN(owner)     ? "who owns the network namespace is not known"
							   : "the user namespaces above the process's are not known";
	const char *of_place = OPT_VALUE(start) ? NULL : "net.ipv4.ip_unprivileged_port_start is not in the snapshot";

	return of_process && of_place ? why_printf(st, "%s, and %s", of_process, of_place) : of_process ? of_process : of_place;
}

static void check_privilege(struct why_state *st)
{
	int64_t start = look_sysctl_number(st->s, st->q->ns, "net.ipv4.ip_unprivileged_port_start");
	uint32_t owner = asker_netns_owner(st->s, st->q->ns);
	struct asker a = asker_of(st);
	int may;

	if (st->cap_waived || !st->q->port || st->q->netid == NETID_RAW || st->q->netid == NETID_PING ||
	    (OPT_VALUE(start) && st->q->port >= start))
		return;
	may = asker_capable(st, &a, owner, CAP_BIT_NET_BIND_SERVICE);
	if (may == 1)
		return;
	if (!OPT_VALUE(start) && st->q->port >= 1024) { /* it is lowered more often than raised */
		why_skip(st, "net.ipv4.ip_unprivileged_port_start", NULL, "not in the snapshot");
		return;
	}
	if (may < 0 || !OPT_VALUE(start)) {
		why_skip(st, "whether the port is privileged", a.task ? look_task_words(st, a.task) : NULL,
			 what_is_missing(st, &a, owner, may, start));
		return;
	}
	if (a.guard && !a.override && NSREF_KNOWN(owner) && owner != a.userns &&
	    a.guard->cap_effective >> CAP_BIT_NET_BIND_SERVICE & 1)
		wrong_userns(st, &a, owner, start);
	else
		no_cap(st, &a, owner, start);
}

/* IPv4 looks at the address first, IPv6 at the privilege. */
void check_privilege4(struct why_state *st)
{
	if (st->q->addr.family == 4)
		check_privilege(st);
}

void check_privilege6(struct why_state *st)
{
	if (st->q->addr.family == 6)
		check_privilege(st);
}
