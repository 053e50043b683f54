// SPDX-License-Identifier: GPL-2.0-or-later
/* Who holds a port, by those who have the socket open: engines and their proxies, processes elsewhere, carriers, activators, heirs. */
#include "why/look.h"
#include "why/refine.h"
#include "why/seen.h"

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
	why_advise(ST, "stop that container or publish it elsewhere:  docker stop %s", name ? look_quoted(ST, name) : "NAME");
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

	why_summary(ST, "%s holds it, from another network namespace", refine_who(r));
	why_number(ST, "holder_proc_netns", t->ns[NS_NET]);
	why_number(ST, "socket_netns", HOLDER->x->ns);
	why_line(ST, "rule", "a socket stays in the network namespace it was made in; the process has moved to %s",
		 look_ns_words(ST, t->ns[NS_NET]));
	refine_advise_end(r);
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
	const struct snap_task *t;
	const char *whose = "";

	for (uint32_t i = 0; i < n; i++) {
		t = look_task(ST->ix, c[i]->pid);
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
		why_line(ST, "carrier", "unix socket %llu, fd %u of %u: %u file%s in it", (unsigned long long)c[i]->ino, c[i]->fd,
			 c[i]->pid, c[i]->files, c[i]->files == 1 ? " waits" : "s wait");
	t = n ? look_task(ST->ix, c[0]->pid) : NULL;
	if (n == 1)
		why_advise(ST, "let %u receive, or end it:  %s", c[0]->pid,
			   t ? look_end(ST, t) : why_printf(ST, "kill %u", c[0]->pid));
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
	why_summary(ST, "%s listens for a service that it will start", refine_who(r));
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
	why_summary(ST, "%s has it open, which is no server: it must have inherited it", refine_who(r));
	why_bool(ST, "opener_gone", HOLDER->n_fds == 1);
	why_line(ST, "rule",
		 "a socket lives as long as one descriptor of it is open; fork() shares them, exec() keeps those without CLOEXEC");
	why_advise(ST, "end the helper:  %s", look_end(ST, HOLDER->task));
	why_advise(ST, "and open sockets with SOCK_CLOEXEC");
}

const struct refinement refine_keepers[] = {
	{ "stale-docker-proxy", is_stale_proxy, tell_stale_proxy },
	{ "port-published-by-container", is_published, tell_published },
	{ "port-in-use-holder-in-other-netns", is_elsewhere, tell_elsewhere },
	{ "socket-in-flight", is_in_flight, tell_in_flight },
	{ "port-held-by-socket-activation", is_activated, tell_activated },
	{ "port-held-by-inherited-fd", is_inherited, tell_inherited },
	{ 0 },
};
