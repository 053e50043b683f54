// SPDX-License-Identifier: GPL-2.0-or-later
/* Names for who holds a port: a table of refinements, most specific first. The rule has named them; here is said what that means. */
#include "why/checks.h"
#include "why/holders.h"
#include "why/look.h"
#include "why/seen.h"

#define ST r->st
#define HOLDER r->h

static const char *who(const struct refining *r)
{
	if (HOLDER->task)
		return look_task_words(ST, HOLDER->task);
	if (HOLDER->x->ino && !seen_all_fds(ST->s))
		return why_printf(ST, "a process of uid %u that can't be seen", HOLDER->x->uid);
	return "a socket that no process has open";
}

static const char *where(const struct refining *r)
{
	return look_endpoint(ST, HOLDER->x->addr, HOLDER->x->port);
}

static bool is_comm(const struct snap_task *t, const char *const *names, size_t n)
{
	for (size_t i = 0; t && t->comm && i < n; i++)
		if (!strncmp(t->comm, names[i], 15)) /* TASK_COMM_LEN - 1 */
			return true;
	return false;
}
#define IS_COMM(t, ...) \
	is_comm(t, (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

/* The last ones of a list: each is another way out. */
static void advise_end(const struct refining *r)
{
	const char * or = ST->why->causes[ST->why->n_causes - 1].n_advice ? "or " : "";

	if (HOLDER->task)
		why_advise(ST, "%send or repair the holder:  kill %u", or, HOLDER->task->pid);
	why_advise(ST, "%stake another port", HOLDER->task ? "or " : or);
}

/* --- Docker ---------------------------------------------------------------------------------------------------------------- */

static bool is_proxy(const struct refining *r)
{
	return IS_COMM(HOLDER->task, "docker-proxy", "rootlesskit", "rootlessport") &&
	       holders_option(ST, HOLDER->task, "-container-ip");
}

/* The network namespace that has an address: 0 none, 1 not every namespace was looked into. */
static uint32_t ns_of_address(const struct refining *r, const char *text)
{
	struct ipaddr a;
	uint32_t ns;

	if (!text || ipaddr_parse(text, &a))
		return 1;
	ns = look_addr_elsewhere(ST, 0, &a);
	return ns || look_everywhere(ST->s) ? ns : 1;
}

static bool is_stale_proxy(const struct refining *r)
{
	return is_proxy(r) && !ns_of_address(r, holders_option(ST, HOLDER->task, "-container-ip"));
}

static void tell_stale_proxy(const struct refining *r)
{
	const char *ip = holders_option(ST, HOLDER->task, "-container-ip"),
		   *port = holders_option(ST, HOLDER->task, "-container-port");

	why_summary(ST, "docker-proxy %u holds it for a container that is gone (%s)", HOLDER->task->pid, ip);
	why_text(ST, "dead_container_ip", ip);
	if (port)
		why_number(ST, "container_port", strtoul(port, NULL, 10));
	why_number(ST, "host_port", ST->q->port);
	why_line(ST, "rule",
		 "the proxy is a process like any other: it keeps its port although no network namespace has %s any more", ip);
	why_advise(ST, "end that proxy:  kill %u", HOLDER->task->pid);
	why_advise(ST, "or restart dockerd");
}

/* dockerd holds the ports itself without a userland proxy, or has made the sockets for its proxies (28). */
static bool is_published(const struct refining *r)
{
	return is_proxy(r) || (IS_COMM(HOLDER->task, "dockerd") && HOLDER->x->ns == HOLDER->task->ns[NS_NET]);
}

/* The container whose network namespace has an address. */
static const struct snap_container *behind(const struct refining *r, const char *ip)
{
	uint32_t ns = ns_of_address(r, ip), at = ns > 1 ? index_ns(ST->ix, NS_NET, ns) : IDMAP_NONE, more;

	return at == IDMAP_NONE ? NULL : index_ns_container(ST->ix, at, &more);
}

static void tell_published(const struct refining *r)
{
	const char *ip = holders_option(ST, HOLDER->task, "-container-ip"),
		   *port = holders_option(ST, HOLDER->task, "-container-port");
	const struct snap_container *c = ip ? behind(r, ip) : NULL;
	const char *name = c && c->name ? c->name : c ? c->id : NULL;

	if (!name)
		name = holders_publisher(ST, ST->q->port, ST->q->netid);
	why_summary(ST, "container %s publishes it%s%s", name ? name : "(unknown)", port ? ", to its port " : "", port ? port : "");
	why_text(ST, "behind_container", name);
	why_text(ST, "container_ip", ip);
	if (port)
		why_number(ST, "container_port", strtoul(port, NULL, 10));
	why_number(ST, "host_port", ST->q->port);
	why_bool(ST, "published", true);
	why_line(ST, "rule", "a published port is held by %s (docker says \"port is already allocated\" before any bind is tried)",
		 HOLDER->task->comm);
	why_advise(ST, "stop that container or publish it elsewhere:  docker stop %s", name ? name : "NAME");
	why_advise(ST, "never kill the proxy: dockerd would not know");
}

/* --- who is where ---------------------------------------------------------------------------------------------------------- */

static bool is_elsewhere(const struct refining *r)
{
	const struct holder *h = HOLDER;

	for (uint32_t i = 0; i < h->n_fds; i++) {
		const struct snap_task *t = look_task(ST->ix, h->fds[i].pid);

		if (!t || !NSREF_KNOWN(t->ns[NS_NET]) || t->ns[NS_NET] == h->x->ns)
			return false;
	}
	return h->task;
}

static void tell_elsewhere(const struct refining *r)
{
	const struct snap_task *t = HOLDER->task;

	why_summary(ST, "%s holds it, from another network namespace", who(r));
	why_number(ST, "holder_proc_netns", t->ns[NS_NET]);
	why_number(ST, "socket_netns", HOLDER->x->ns);
	why_line(ST, "rule", "a socket stays in the network namespace it was made in; the process has moved to %s",
		 look_ns_words(ST, t->ns[NS_NET]));
	advise_end(r);
}

/* --- sockets without a process --------------------------------------------------------------------------------------------- */

static bool is_in_flight(const struct refining *r)
{
	return HOLDER->x->ino && !HOLDER->n_fds && ST->s->n_carriers && seen_all_fds(ST->s);
}

/* Its carrier, or one of several, for what waits in them can't be seen: those of its network namespace are more likely than others. */
static uint32_t likely_carriers(const struct refining *r, const struct snap_carrier **out, uint32_t max)
{
	uint32_t n = 0;

	for (int nearby = 1; nearby >= 0 && !n; nearby--)
		for (size_t i = 0; i < ST->s->n_carriers && n < max; i++) {
			const struct snap_task *t = look_task(ST->ix, ST->s->carriers[i].pid);

			if (!nearby || (t && t->ns[NS_NET] == HOLDER->x->ns))
				out[n++] = &ST->s->carriers[i];
		}
	return n;
}

static void tell_in_flight(const struct refining *r)
{
	const struct snap_carrier *c[4];
	uint32_t n = likely_carriers(r, c, ARRAY_SIZE(c));
	const char *whose = "";

	for (uint32_t i = 0; i < n; i++) {
		const struct snap_task *t = look_task(ST->ix, c[i]->pid);

		whose = why_printf(ST, "%s%s%s", whose, i ? " or " : "", t ? look_task_words(ST, t) : "somebody");
	}
	why_summary(ST, "a socket that is in flight holds it, in a unix socket of %s", whose);
	why_bool(ST, "no_process_fd", true);
	if (n) {
		why_number(ST, "carrier_pid", c[0]->pid);
		why_number(ST, "carrier_inode", c[0]->ino);
	}
	why_line(ST, "rule", "nobody has it open: its only reference is a message (SCM_RIGHTS) that nobody has received yet");
	for (uint32_t i = 0; i < n; i++)
		why_line(ST, "carrier", "unix socket %llu, fd %u of %u: %u files wait in it", (unsigned long long)c[i]->ino,
			 c[i]->fd, c[i]->pid, c[i]->files);
	if (n == 1)
		why_advise(ST, "let %u receive, or end it:  kill %u", c[0]->pid, c[0]->pid);
	else
		why_advise(ST, "let them receive; which of them has it, can't be seen");
}

static bool is_activated(const struct refining *r)
{
	const struct holder *h = HOLDER;

	for (uint32_t i = 0; i < h->n_fds; i++) {
		const struct snap_task *t = look_task(ST->ix, h->fds[i].pid);

		if (!t || (t->pid != 1 && !IS_COMM(t, "systemd", "systemd-socket-", "inetd", "xinetd", "launchd", "s6-tcpserver")))
			return false;
	}
	return h->task && (h->x->state == STATE_LISTEN || h->sock.udp);
}

static void tell_activated(const struct refining *r)
{
	why_summary(ST, "%s listens for a service that it will start", who(r));
	why_line(ST, "rule", "a .socket unit (or inetd) holds the port while its service does not run");
	why_advise(ST,
		   "take the descriptor that is passed (LISTEN_FDS), or see which unit it is:  systemctl list-sockets | grep %u",
		   ST->q->port);
	why_advise(ST, "and stop it:  systemctl disable --now NAME.socket");
}

/* Nobody keeps who made a socket. That a program is no server, and has one, says enough. */
static bool is_inherited(const struct refining *r)
{
	const struct holder *h = HOLDER;

	for (uint32_t i = 0; i < h->n_fds; i++)
		if (!IS_COMM(look_task(ST->ix, h->fds[i].pid), "sleep", "tail", "cat", "sh", "bash", "dash", "zsh", "tee", "logger",
			     "less", "ssh-agent", "gpg-agent", "dbus-daemon", "flock", "timeout", "watch", "grep"))
			return false;
	return h->task && (h->x->state == STATE_LISTEN || h->x->state == STATE_BOUND || h->x->state == STATE_UNCONN);
}

static void tell_inherited(const struct refining *r)
{
	why_summary(ST, "%s has it open, which is no server: it must have inherited it", who(r));
	why_bool(ST, "opener_gone", HOLDER->n_fds == 1);
	why_line(ST, "rule",
		 "a socket lives as long as one descriptor of it is open; fork() shares them, exec() keeps those without CLOEXEC");
	why_advise(ST, "end the helper:  kill %u", HOLDER->task->pid);
	why_advise(ST, "and open sockets with SOCK_CLOEXEC");
}

static bool is_at_listen(const struct refining *r)
{
	return r->listening && HOLDER->x->state == STATE_LISTEN;
}

static void tell_at_listen(const struct refining *r)
{
	why_summary(ST, "%s listens there already", who(r));
	why_bool(ST, "both_reuseaddr", r->asker_sock->reuseaddr == 1 && HOLDER->sock.reuseaddr == 1);
	why_line(ST, "rule",
		 "listen() asks for the port again: with SO_REUSEADDR two may bind, but only one may listen "
		 "(inet_csk_listen_start)");
	why_advise(ST, "stop one of them%s", HOLDER->task ? why_printf(ST, ":  kill %u", HOLDER->task->pid) : "");
	why_advise(ST, "or set SO_REUSEPORT in both, before bind()");
}

static bool is_time_wait(const struct refining *r)
{
	return HOLDER->x->state == STATE_TIME_WAIT;
}

static void tell_time_wait(const struct refining *r)
{
	const struct snap_socket *x = HOLDER->x;

	why_summary(ST, "a connection that has ended waits there (TIME-WAIT)");
	why_text(ST, "state", "TIME_WAIT");
	why_number(ST, "inode", 0);
	why_bool(ST, "no_process", true);
	if (OPT_VALUE(x->expires_ms))
		why_line(ST, "rest", "%lld s", (long long)(x->expires_ms + 999) / 1000);
	why_line(ST, "rule",
		 "it is out of the way only if its socket and the new one have set SO_REUSEADDR; the new one alone does not help");
	why_advise(ST, "set SO_REUSEADDR in the server, before bind(), from now on");
	why_advise(ST, "this once: wait up to 60 s");
}

static bool is_orphan(const struct refining *r)
{
	const uint32_t closing = 1u << STATE_FIN_WAIT1 | 1u << STATE_FIN_WAIT2 | 1u << STATE_LAST_ACK | 1u << STATE_CLOSING;

	return !HOLDER->x->ino && closing >> HOLDER->x->state & 1;
}

/* What ss calls a state that an orphan may be in. */
static const char *ss_word(uint8_t state)
{
	switch (state) {
	case STATE_LAST_ACK:
		return "last-ack";
	case STATE_CLOSING:
		return "closing";
	case STATE_FIN_WAIT1:
		return "fin-wait-1";
	default:
		return "fin-wait-2";
	}
}

static void tell_orphan(const struct refining *r)
{
	const struct snap_socket *x = HOLDER->x;

	why_summary(ST, "a connection that its process has closed still holds it (%s)", sock_state_names[x->state]);
	why_text(ST, "state", sock_state_names[x->state]);
	why_number(ST, "inode", 0);
	why_bool(ST, "no_process", true);
	why_line(ST, "rule", "the kernel keeps a closed socket until the peer (%s) has confirmed, or time is up",
		 look_endpoint(ST, x->peer, x->peer_port));
	why_advise(ST, "destroy it:  %sss -K state %s sport = :%u", look_enter(ST, x->ns), ss_word(x->state), ST->q->port);
	why_advise(ST, "or wait; and set SO_REUSEADDR in the server from now on");
}

/* --- connections ----------------------------------------------------------------------------------------------------------- */

static bool in_range(const struct refining *r, uint32_t port)
{
	uint32_t low, high;

	look_port_range(ST->s, HOLDER->x->ns, &low, &high);
	return port >= low && port <= high;
}

static bool is_connection(const struct refining *r)
{
	const uint32_t not = 1u << STATE_LISTEN | 1u << STATE_BOUND | 1u << STATE_UNCONN | 1u << STATE_TIME_WAIT;

	return !HOLDER->sock.udp && !(not >> HOLDER->x->state & 1) && HOLDER->x->peer_port;
}

/*
 * Whose port was chosen by the kernel, his or the peer's? The kernel does not say. The side whose port is in the range of choice, where
 * the other's is not, is the client. In UDP servers may connect() as well.
 */
static bool is_client(const struct refining *r)
{
	bool connected = is_connection(r) || (HOLDER->sock.udp && HOLDER->x->state == STATE_ESTAB && HOLDER->x->peer_port);

	return connected && in_range(r, HOLDER->x->port) &&
	       (HOLDER->x->state == STATE_SYN_SENT || !in_range(r, HOLDER->x->peer_port));
}

static bool is_established(const struct refining *r)
{
	return is_connection(r) && !is_client(r);
}

static void tell_established(const struct refining *r)
{
	why_summary(ST, "%s has an established connection there, of a listener that is gone", who(r));
	why_text(ST, "state", sock_state_names[HOLDER->x->state]);
	why_line(ST, "rule",
		 "accepted connections keep their listener's port: a new one needs SO_REUSEADDR in both, before bind()");
	if (HOLDER->task)
		why_advise(ST, "end the old worker:  kill %u", HOLDER->task->pid);
	why_advise(ST, "%sset SO_REUSEADDR in the server from now on", HOLDER->task ? "and " : "");
}

static void tell_client(const struct refining *r)
{
	const char *reserved = look_sysctl(ST->s, HOLDER->x->ns, "net.ipv4.ip_local_reserved_ports");

	why_summary(ST, "%s has it for %s connection to %s", who(r), HOLDER->x->state == STATE_ESTAB ? "an established" : "a",
		    look_endpoint(ST, HOLDER->x->peer, HOLDER->x->peer_port));
	why_text(ST, "connected_to", look_endpoint(ST, HOLDER->x->peer, HOLDER->x->peer_port));
	why_text(ST, "ip_local_port_range", look_sysctl(ST->s, HOLDER->x->ns, "net.ipv4.ip_local_port_range"));
	why_text(ST, "state", sock_state_names[HOLDER->x->state]);
	why_line(ST, "rule",
		 "an outgoing connection was given this port, which is in net.ipv4.ip_local_port_range; SO_REUSEADDR of a "
		 "listener does not help");
	if (HOLDER->task)
		why_advise(ST, "now: end that connection, or its process:  kill %u", HOLDER->task->pid);
	why_advise(ST, "for good: reserve the port:  %ssysctl -w net.ipv4.ip_local_reserved_ports=%s%s%u",
		   look_enter(ST, HOLDER->x->ns), reserved ? reserved : "", reserved && *reserved ? "," : "", ST->q->port);
	why_advise(ST, "or move the service out of the range");
}

/* --- a socket and its options ---------------------------------------------------------------------------------------------- */

static bool is_not_listening(const struct refining *r)
{
	return HOLDER->x->state == STATE_BOUND;
}

static void tell_not_listening(const struct refining *r)
{
	why_summary(ST, "%s has it bound, without listening", who(r));
	why_line(ST, "rule", "a bound socket owns its port even before listen(); ss, netstat and /proc/net/tcp do not show it");
	advise_end(r);
}

static bool is_other_user(const struct refining *r)
{
	return r->asker_sock->reuseport == 1 && HOLDER->sock.reuseport == 1 && r->asker_sock->uid != HOLDER->sock.uid;
}

static void tell_other_user(const struct refining *r)
{
	why_summary(ST, "%s holds it with SO_REUSEPORT, but as uid %u", who(r), HOLDER->sock.uid);
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
	why_summary(ST, "%s holds it without SO_REUSEPORT", who(r));
	why_line(ST, "rule", "every socket of the group must have set SO_REUSEPORT before bind()");
	why_advise(ST, "restart the holder with SO_REUSEPORT, or stop it%s",
		   HOLDER->task ? why_printf(ST, ":  kill %u", HOLDER->task->pid) : "");
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
	why_summary(ST, "%s of the host holds it, whose network the container uses", who(r));
	why_bool(ST, "target_netns_is_host", true);
	why_number(ST, "target_netns", ST->q->ns);
	why_line(ST, "rule", "with --network host (hostNetwork: true) a container binds in the host's own network namespace");
	why_advise(ST, "stop the host's service:  kill %u", HOLDER->task->pid);
	why_advise(ST, "or publish the port (-p) instead of using the host's network");
}

static bool is_shared_netns(const struct refining *r)
{
	const char *mine = target_container(r), *theirs = HOLDER->task ? HOLDER->task->container : NULL;

	return mine && theirs && strcmp(mine, theirs) != 0 && ST->q->ns != ST->s->head.initial[NS_NET];
}

static void tell_shared_netns(const struct refining *r)
{
	why_summary(ST, "%s holds it, which shares this network namespace", who(r));
	why_number(ST, "shared_netns", ST->q->ns);
	why_line(ST, "rule",
		 "containers of a pod (or of --network container:NAME) have one network namespace, and so one table of ports");
	why_advise(ST, "give the two different ports: inside of one pod there is one of each");
	if (HOLDER->task)
		why_advise(ST, "or end the other one:  kill %u", HOLDER->task->pid);
}

static bool is_device_bound(const struct refining *r)
{
	return HOLDER->sock.device || r->asker_sock->device;
}

static void tell_device_bound(const struct refining *r)
{
	const char *device = HOLDER->sock.device ? look_ifname(ST->s, HOLDER->x->ns, HOLDER->sock.device) : NULL;

	why_summary(ST, "%s holds it%s%s", who(r), device ? " on device " : " on all devices", device ? device : "");
	why_line(ST, "rule", "sockets are out of each other's way by device only if both are bound to one, and not to the same");
	why_advise(ST, device ? "bind the new one to its own device (SO_BINDTODEVICE)" : "bind the holder to a device of its own");
	advise_end(r);
}

static bool is_dual_stack(const struct refining *r)
{
	struct ipaddr theirs = ipaddr_unmap(&HOLDER->sock.addr), mine = ipaddr_unmap(&r->asker_sock->addr);

	return theirs.family != mine.family;
}

static void tell_dual_stack(const struct refining *r)
{
	bool theirs = HOLDER->sock.addr.family == 6;

	why_summary(ST, "%s holds %s, which takes %s too", who(r), where(r), theirs ? "IPv4" : "what [::] would want of IPv4");
	why_line(ST, "rule", "a socket on [::] without IPV6_V6ONLY owns the IPv4 port as well (%s)",
		 theirs ? "the holder's is one" : "yours would be one");
	why_advise(ST,
		   "set IPV6_V6ONLY on the IPv6 side (net.ipv6.bindv6only=1 makes it the default), or serve both from one socket");
	advise_end(r);
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
	why_summary(ST, "%s holds %s, and %s takes every address", who(r), where(r), they ? HOLDER->x->addr : mine);
	why_line(ST, "rule", "the wildcard overlaps with every address of its family, in both directions");
	if (!they)
		why_advise(ST, "bind the address that is needed instead of %s", mine);
	else
		why_advise(ST, "have the holder bind the address that it needs instead of %s", HOLDER->x->addr);
	advise_end(r);
}

static bool is_any(const struct refining *r)
{
	(void)r;
	return true;
}

static void tell_in_use(const struct refining *r)
{
	why_summary(ST, "%s %s it", who(r), HOLDER->x->state == STATE_LISTEN ? "listens on" : "holds");
	if (!HOLDER->task && seen_all_fds(ST->s))
		why_bool(ST, "no_process_fd", true);
	why_line(ST, "rule",
		 "another socket of this network namespace has the address and port, and the two have not agreed to share it");
	if (!HOLDER->task && seen_all_fds(ST->s))
		why_line(ST, "process", "no process has the socket open: the kernel itself has made it (NFS, a tunnel)");
	else if (!HOLDER->task)
		why_line(ST, "process", "whose it is takes root to see:  sudo nsnet why … from outside of containers");
	advise_end(r);
}

const struct refinement refinements[] = {
	{ "stale-docker-proxy", is_stale_proxy, tell_stale_proxy },
	{ "port-published-by-container", is_published, tell_published },
	{ "port-in-use-holder-in-other-netns", is_elsewhere, tell_elsewhere },
	{ "socket-in-flight", is_in_flight, tell_in_flight },
	{ "port-held-by-socket-activation", is_activated, tell_activated },
	{ "port-held-by-inherited-fd", is_inherited, tell_inherited },
	{ "port-in-use-at-listen", is_at_listen, tell_at_listen },
	{ "time-wait", is_time_wait, tell_time_wait },
	{ "orphaned-socket", is_orphan, tell_orphan },
	{ "port-in-use-established", is_established, tell_established },
	{ "ephemeral-port-clash", is_client, tell_client },
	{ "port-in-use-bound-not-listening", is_not_listening, tell_not_listening },
	{ "reuseport-uid-mismatch", is_other_user, tell_other_user },
	{ "reuseport-not-set-by-holder", is_not_reuseport, tell_not_reuseport },
	{ "port-in-use-host-network", is_host_network, tell_host_network },
	{ "port-in-use-shared-netns", is_shared_netns, tell_shared_netns },
	{ "port-in-use-device-bound", is_device_bound, tell_device_bound },
	{ "port-in-use-dual-stack", is_dual_stack, tell_dual_stack },
	{ "port-in-use-wildcard-overlap", is_wildcard, tell_wildcard },
	{ "port-in-use", is_any, tell_in_use },
};
