// SPDX-License-Identifier: GPL-2.0-or-later
/* Names for who holds a port: tables of refinements, most specific first. The rule has named them; here is said what that means. */
#include "why/refine.h"
#include "why/look.h"
#include "why/seen.h"

const char *refine_who(const struct refining *r)
{
	if (HOLDER->task)
		return look_task_words(ST, HOLDER->task);
	if (HOLDER->x->ino && !seen_all_fds(ST->s))
		return why_printf(ST, "a process of uid %u that can't be seen", HOLDER->x->uid);
	return "a socket that no process has open";
}

const char *refine_where(const struct refining *r)
{
	return look_endpoint(ST, HOLDER->x->addr, HOLDER->x->port);
}

bool refine_is_comm(const struct snap_task *t, const char *const *names, size_t n)
{
	for (size_t i = 0; t && t->comm && i < n; i++)
		if (!strncmp(t->comm, names[i], 15)) /* TASK_COMM_LEN - 1 */
			return true;
	return false;
}

/* The last ones of a list: each is another way out. */
void refine_advise_end(const struct refining *r)
{
	const char * or = ST->why->causes[ST->why->n_causes - 1].n_advice ? "or " : "";

	if (HOLDER->task)
		why_advise(ST, "%send or repair the holder:  %s", or, look_end(ST, HOLDER->task));
	why_advise(ST, "%stake another port", HOLDER->task ? "or " : or);
}

/* --- a socket and its options ---------------------------------------------------------------------------------------------- */

static bool is_not_listening(const struct refining *r)
{
	return HOLDER->x->state == STATE_BOUND;
}

static void tell_not_listening(const struct refining *r)
{
	why_summary(ST, "%s has it bound, without listening", refine_who(r));
	why_line(ST, "rule", "a bound socket owns its port even before listen(); ss, netstat and /proc/net/tcp do not show it");
	refine_advise_end(r);
}

static bool is_other_user(const struct refining *r)
{
	return r->asker_sock->reuseport == 1 && HOLDER->sock.reuseport == 1 && r->asker_sock->uid != HOLDER->sock.uid;
}

static void tell_other_user(const struct refining *r)
{
	why_summary(ST, "%s holds it with SO_REUSEPORT, but as uid %u", refine_who(r), HOLDER->sock.uid);
	why_line(ST, "rule", "sockets of one user share a port by SO_REUSEPORT; this one was made by uid %u, yours by uid %u",
		 HOLDER->sock.uid, r->asker_sock->uid);
	why_advise(ST, "run both as one user, or have one process make the sockets and pass them (systemd: all of a unit's "
		       ".socket are root's)");
}

static bool is_not_reuseport(const struct refining *r)
{
	return r->asker_sock->reuseport == 1 && HOLDER->sock.reuseport == 0;
}

static void tell_not_reuseport(const struct refining *r)
{
	why_summary(ST, "%s holds it without SO_REUSEPORT", refine_who(r));
	why_line(ST, "rule", "every socket of the group must have set SO_REUSEPORT before bind()");
	why_advise(ST, "restart the holder with SO_REUSEPORT, or stop it%s",
		   HOLDER->task ? why_printf(ST, ":  %s", look_end(ST, HOLDER->task)) : "");
}

static const char *target_container(const struct refining *r)
{
	return r->asker->task ? r->asker->task->container : NULL;
}

static bool is_host_network(const struct refining *r)
{
	const char *mine = target_container(r);

	return mine && ST->q->ns == ST->s->head.initial[NS_NET] && ST->s->head.initial_view && HOLDER->task &&
	       (!HOLDER->task->container || strcmp(HOLDER->task->container, mine) != 0);
}

static void tell_host_network(const struct refining *r)
{
	why_summary(ST, "%s of the host holds it, whose network the container uses", refine_who(r));
	why_bool(ST, "target_netns_is_host", true);
	why_number(ST, "target_netns", ST->q->ns);
	why_line(ST, "rule", "with --network host (hostNetwork: true) a container binds in the host's own network namespace");
	why_advise(ST, "stop %s:  %s", HOLDER->task->container ? "the other container" : "the host's service",
		   look_end(ST, HOLDER->task));
	why_advise(ST, "or publish the port (-p) instead of using the host's network");
}

static bool is_shared_netns(const struct refining *r)
{
	const char *mine = target_container(r), *theirs = HOLDER->task ? HOLDER->task->container : NULL;

	return mine && theirs && strcmp(mine, theirs) != 0 && ST->q->ns != ST->s->head.initial[NS_NET];
}

static void tell_shared_netns(const struct refining *r)
{
	why_summary(ST, "%s holds it, which shares this network namespace", refine_who(r));
	why_number(ST, "shared_netns", ST->q->ns);
	why_line(ST, "rule",
		 "containers of a pod (or of --network container:NAME) have one network namespace, and so one table of ports");
	why_advise(ST, "give the two different ports: inside of one pod there is one of each");
	if (HOLDER->task)
		why_advise(ST, "or end the other one:  %s", look_end(ST, HOLDER->task));
}

static bool is_device_bound(const struct refining *r)
{
	return HOLDER->sock.device || r->asker_sock->device;
}

static void tell_device_bound(const struct refining *r)
{
	const char *device = HOLDER->sock.device ? look_ifname(ST->s, HOLDER->x->ns, HOLDER->sock.device) : NULL;

	why_summary(ST, "%s holds it%s%s", refine_who(r), device ? " on device " : " on all devices", device ? device : "");
	why_line(ST, "rule", "sockets are out of each other's way by device only if both are bound to one, and not to the same");
	why_advise(ST, device ? "bind the new one to its own device (SO_BINDTODEVICE)" : "bind the holder to a device of its own");
	refine_advise_end(r);
}

static bool is_dual_stack(const struct refining *r)
{
	struct ipaddr theirs = ipaddr_unmap(&HOLDER->sock.addr), mine = ipaddr_unmap(&r->asker_sock->addr);

	return theirs.family != mine.family;
}

static void tell_dual_stack(const struct refining *r)
{
	bool theirs = HOLDER->sock.addr.family == 6;

	why_summary(ST, "%s holds %s, which takes %s too", refine_who(r), refine_where(r),
		    theirs ? "IPv4" : "what [::] would want of IPv4");
	why_line(ST, "rule", "a socket on [::] without IPV6_V6ONLY owns the IPv4 port as well (%s)",
		 theirs ? "the holder's is one" : "yours would be one");
	why_advise(ST,
		   "set IPV6_V6ONLY on the IPv6 side (net.ipv6.bindv6only=1 makes it the default), or serve both from one socket");
	refine_advise_end(r);
}

static bool is_wildcard(const struct refining *r)
{
	struct ipaddr theirs = ipaddr_unmap(&HOLDER->sock.addr), mine = ipaddr_unmap(&r->asker_sock->addr);

	return !ipaddr_equal(&theirs, &mine);
}

static void tell_wildcard(const struct refining *r)
{
	char mine[IPADDR_TEXT];
	bool they = ipaddr_is_any(&HOLDER->sock.addr);

	ipaddr_text(&ST->q->addr, mine);
	why_summary(ST, "%s holds %s, and %s takes every address", refine_who(r), refine_where(r), they ? HOLDER->x->addr : mine);
	why_line(ST, "rule", "the wildcard overlaps with every address of its family, in both directions");
	if (!they)
		why_advise(ST, "bind the address that is needed instead of %s", mine);
	else
		why_advise(ST, "have the holder bind the address that it needs instead of %s", HOLDER->x->addr);
	refine_advise_end(r);
}

static bool is_any(const struct refining *r)
{
	(void)r;
	return true;
}

static void tell_in_use(const struct refining *r)
{
	why_summary(ST, "%s %s it", refine_who(r), HOLDER->x->state == STATE_LISTEN ? "listens on" : "holds");
	if (!HOLDER->task && seen_all_fds(ST->s))
		why_bool(ST, "no_process_fd", true);
	why_line(ST, "rule",
		 "another socket of this network namespace has the address and port, and the two have not agreed to share it");
	if (!HOLDER->task && seen_all_fds(ST->s))
		why_line(ST, "process", "no process has the socket open: the kernel itself has made it (NFS, a tunnel)");
	else if (!HOLDER->task)
		why_line(ST, "process", "whose it is takes root to see:  sudo nsnet why ... from outside of containers");
	refine_advise_end(r);
}

const struct refinement refine_sockets[] = {
	{ "port-in-use-bound-not-listening", is_not_listening, tell_not_listening },
	{ "reuseport-uid-mismatch", is_other_user, tell_other_user },
	{ "reuseport-not-set-by-holder", is_not_reuseport, tell_not_reuseport },
	{ "port-in-use-host-network", is_host_network, tell_host_network },
	{ "port-in-use-shared-netns", is_shared_netns, tell_shared_netns },
	{ "port-in-use-device-bound", is_device_bound, tell_device_bound },
	{ "port-in-use-dual-stack", is_dual_stack, tell_dual_stack },
	{ "port-in-use-wildcard-overlap", is_wildcard, tell_wildcard },
	{ "port-in-use", is_any, tell_in_use },
	{ 0 },
};

const struct refinement *const refinements[] = { refine_keepers, refine_connections, refine_sockets, NULL };
