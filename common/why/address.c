// SPDX-License-Identifier: GPL-2.0-or-later
/* Address and device of a bind: __inet_bind (net/ipv4/af_inet.c) and __inet6_bind (net/ipv6/af_inet6.c) up to get_port(). */
#include "why/checks.h"
#include "why/look.h"
#include "why/seen.h"

enum { ADDR_TENTATIVE = 1 << 6, ADDR_DADFAILED = 1 << 3, ADDR_OPTIMISTIC = 1 << 2 }; /* IFA_F_* */
enum { TABLE_LOCAL = 255, TYPE_LOCAL = 2, TYPE_BROADCAST = 3, TYPE_MULTICAST = 5 };  /* RTN_* */

/* --- what was asked for ---------------------------------------------------------------------------------------------------- */

static bool needs_scope(const struct ipaddr *a)
{
	return a->family == 6 &&
	       (ipaddr_is_linklocal(a) || (a->bytes[0] == 0xff && ((a->bytes[1] & 15) == 1 || (a->bytes[1] & 15) == 2)));
}

/* A zone or a --device may be a number. */
static uint32_t device_by_word(const struct why_state *st, const char *word)
{
	const struct snap_link *link = look_link_named(st->s, st->q->ns, word);
	uint32_t index;

	if (link)
		return link->ifindex;
	if (!parse_u32(word, &index) && index && look_link(st->s, st->q->ns, index))
		return index;
	return UINT32_MAX;
}

uint32_t asked_device(const struct why_state *st)
{
	if (st->q->zone && needs_scope(&st->q->addr))
		return device_by_word(st, st->q->zone);
	return st->q->device ? device_by_word(st, st->q->device) : 0;
}

int asked_v6only(const struct why_state *st)
{
	int64_t usual;

	if (st->q->addr.family != 6 || ipaddr_is_mapped(&st->q->addr))
		return st->q->v6only == FLAG_ON;
	if (!ipaddr_is_any(&st->q->addr))
		return 1; /* a concrete address makes it so */
	if (st->q->v6only != FLAG_UNSET)
		return st->q->v6only;
	usual = look_sysctl_number(st->s, st->q->ns, "net.ipv6.bindv6only");
	return OPT_VALUE(usual) ? usual != 0 : -1;
}

static const char *asked_text(struct why_state *st)
{
	char buf[IPADDR_TEXT];

	return why_printf(st, "%s", ipaddr_text(&st->q->addr, buf));
}

/* Of IPv4 nobody asks. */
void check_multicast(struct why_state *st)
{
	uint8_t netid = st->q->netid;

	if (st->q->addr.family != 6 || !ipaddr_is_multicast(&st->q->addr) ||
	    (netid != NETID_TCP && netid != NETID_MPTCP && netid != NETID_SCTP && netid != NETID_DCCP))
		return;
	why_add(st, "addr-multicast-stream", EINVAL);
	why_summary(st, "%s is a group of receivers, which %s can't serve", asked_text(st), sock_netid_names[netid]);
	why_text(st, "asked_addr", asked_text(st));
	why_line(st, "rule", "a multicast address of IPv6 can be bound by datagram sockets only (__inet6_bind)");
	why_advise(st, "bind [::] or an address of a device; or use udp");
}

/* What ip(8) takes for a network namespace: a path, a name, or a process in it. */
static const char *netns_word(struct why_state *st, uint32_t ns)
{
	const char *enter = look_enter(st, ns), *path = strstr(enter, "--net=");
	uint32_t at = index_ns(st->ix, NS_NET, ns);

	if (path)
		return why_printf(st, "%.*s", (int)strcspn(path + 6, " "), path + 6);
	return at != IDMAP_NONE && st->ix->ns[at].first != IDMAP_NONE ? why_printf(st, "%u", st->s->tasks[st->ix->ns[at].first].pid)
								      : "PID";
}

/* --- devices --------------------------------------------------------------------------------------------------------------- */

static void no_device(struct why_state *st, const char *name, const char *how)
{
	uint32_t elsewhere = look_device_elsewhere(st, st->q->ns, name);

	why_add(st, "device-missing", ENODEV);
	why_summary(st, "there is no device %s here%s%s", name, elsewhere ? ": it is in " : "",
		    elsewhere ? look_ns_words(st, elsewhere) : "");
	why_text(st, "asked_device", name);
	why_number(st, "netns", st->q->ns);
	if (elsewhere)
		why_number(st, "device_found_in_netns", elsewhere);
	why_line(st, "rule", "%s takes a device of the socket's own network namespace", how);
	if (elsewhere)
		why_advise(st, "move it here:  %sip link set %s netns %s", look_enter(st, elsewhere), look_quoted(st, name),
			   netns_word(st, st->q->ns));
	why_advise(st, "%sname one that is here:  %sip -br link", elsewhere ? "or " : "", look_enter(st, st->q->ns));
}

void check_device(struct why_state *st)
{
	if (st->q->device && seen_part(st, SEEN_LINKS) && device_by_word(st, st->q->device) == UINT32_MAX)
		no_device(st, st->q->device, "SO_BINDTODEVICE");
}

void check_scope(struct why_state *st)
{
	const struct why_query *q = st->q;
	char local[IPADDR_TEXT];
	const struct snap_addr *a;

	if (!needs_scope(&q->addr) || ipaddr_is_mapped(&q->addr))
		return;
	if (q->zone) {
		if (seen_part(st, SEEN_LINKS) && device_by_word(st, q->zone) == UINT32_MAX)
			no_device(st, q->zone, "the zone of an address");
		return;
	}
	if (q->device)
		return;
	a = look_addr(st->s, q->ns, &q->addr, 0);
	why_add(st, "link-local-no-scope", EINVAL);
	why_summary(st, "%s is link-local and says nothing without its device", ipaddr_text(&q->addr, local));
	why_text(st, "asked_addr", local);
	why_number(st, "scope_id", 0);
	if (a)
		why_text(st, "device", look_ifname(st->s, q->ns, a->ifindex));
	why_line(st, "rule",
		 "link-local addresses exist once for each device: bind() wants sin6_scope_id or SO_BINDTODEVICE (__inet6_bind)");
	why_advise(st, "bind %s%%%s", local, a ? look_ifname(st->s, q->ns, a->ifindex) : "DEVICE");
}

/* --- the socket's state ---------------------------------------------------------------------------------------------------- */

/* A socket of the asker's own that is bound already: BOUND; with the errno reported, also one that listens or is connected. */
static const struct snap_socket *own_bound(const struct why_state *st, const struct snap_task *t)
{
	uint32_t n;
	const struct snap_socket *all = SNAP_RANGE(st->s, sockets, st->q->ns, &n);

	for (uint32_t i = 0; i < n; i++) {
		uint32_t n_fds;
		const struct snap_socket_fd *fds = all[i].netid == st->q->netid ? snap_socket_fds(st->s, all[i].ino, &n_fds) : NULL;

		if (!fds || (all[i].state != STATE_BOUND && st->q->err != EINVAL))
			continue;
		for (uint32_t k = 0; k < n_fds; k++)
			if (fds[k].pid == t->pid)
				return &all[i];
	}
	return NULL;
}

/*
 * Which socket it will call bind() on, nobody can know. One that is bound and does nothing else tells of a program that binds twice; else
 * it takes the errno that was reported.
 */
void check_bound(struct why_state *st)
{
	struct asker a = asker_of(st);
	bool asked = a.task && st->q->named && st->q->call == CALL_BIND && seen_part(st, SEEN_SOCKETS);
	const struct snap_socket *x = asked ? own_bound(st, a.task) : NULL;

	if (asked && !x && !seen_fds_of(st->s, a.task->pid))
		why_skip(st, "whether its socket is bound already", look_task_words(st, a.task),
			 "its open files could not be read");
	if (!x)
		return;
	st->bound = x->ino;
	why_add(st, "socket-already-bound", EINVAL);
	why_summary(st, "its socket is bound already, to %s", look_endpoint(st, x->addr, x->port));
	why_text(st, "current_addr", look_endpoint(st, x->addr, x->port));
	why_number(st, "current_inode", x->ino);
	why_text(st, "state", sock_state_names[x->state]);
	asker_facts(st, &a);
	why_line(st, "rule", "a socket can be bound once (__inet_bind: inet_num is set)");
	why_line(st, "process", "%s", asker_words(st, &a));
	why_advise(st, "a second socket for the second address: that is for the program to repair");
}

void check_mapped(struct why_state *st)
{
	char text[IPADDR_TEXT];
	struct ipaddr v4 = ipaddr_unmap(&st->q->addr);

	if (!ipaddr_is_mapped(&st->q->addr))
		return;
	if (st->q->v6only != FLAG_ON &&
	    (st->q->v6only == FLAG_OFF || look_sysctl_number(st->s, st->q->ns, "net.ipv6.bindv6only") != 1))
		return;
	why_add(st, "v6only-mapped-address", EINVAL);
	why_summary(st, "%s is an IPv4 address, and the socket is IPv6 only", asked_text(st));
	why_text(st, "asked_addr", asked_text(st));
	why_bool(st, "asked_v6only", true);
	why_line(st, "rule", "a mapped address can't be bound by a socket with IPV6_V6ONLY (__inet6_bind)");
	why_advise(st, "clear IPV6_V6ONLY, or bind %s with an AF_INET socket", ipaddr_text(&v4, text));
}

/* --- the address ----------------------------------------------------------------------------------------------------------- */

/* The table that says what is local: of a VRF its own (__inet_bind: l3mdev_fib_table_by_index). */
static uint32_t local_table(const struct why_state *st)
{
	uint32_t device = asked_device(st), vrf = device == UINT32_MAX ? 0 : look_vrf(st->s, st->q->ns, device);

	return vrf ? look_vrf_table(st->s, st->q->ns, vrf) : (uint32_t)TABLE_LOCAL;
}

/* What the local table says of an IPv4 address: RTN_*; 0: nothing. *empty: it has no route at all. */
static uint8_t local_type(const struct why_state *st, const struct ipaddr *a, bool *empty)
{
	uint32_t n, best = 0;
	const struct snap_route *routes = SNAP_RANGE(st->s, routes, st->q->ns, &n);
	uint32_t table = local_table(st);
	uint8_t type = 0;

	*empty = true;
	for (uint32_t i = 0; i < n; i++) {
		struct ipaddr dst;

		if (routes[i].family != ADDR_INET || routes[i].table != table)
			continue;
		*empty = false;
		if (routes[i].dst && !ipaddr_parse(routes[i].dst, &dst) && ipaddr_in(a, &dst, routes[i].dst_len) &&
		    (!type || routes[i].dst_len >= best)) {
			best = routes[i].dst_len;
			type = routes[i].type;
		}
	}
	return type;
}

static const char *nonlocal_key(const struct why_state *st)
{
	return ipaddr_unmap(&st->q->addr).family == 4 ? "net.ipv4.ip_nonlocal_bind" : "net.ipv6.ip_nonlocal_bind";
}

/* The address, where a device has it that is in another VRF than the socket's, or in one at all. */
static const struct snap_addr *in_other_vrf(const struct why_state *st)
{
	const struct snap_addr *a = look_addr(st->s, st->q->ns, &st->q->addr, 0);
	uint32_t device = asked_device(st);

	return a && look_vrf(st->s, st->q->ns, a->ifindex) != look_vrf(st->s, st->q->ns, device) ? a : NULL;
}

static void not_local(struct why_state *st)
{
	uint32_t elsewhere = look_addr_elsewhere(st, st->q->ns, &st->q->addr);
	const char *text = asked_text(st);
	const struct snap_addr *here = in_other_vrf(st);
	const char *device = here ? look_ifname(st->s, st->q->ns, here->ifindex) : NULL, *vrf = NULL;

	if (!look_sysctl(st->s, st->q->ns, nonlocal_key(st))) {
		why_skip(st, nonlocal_key(st), NULL, "not in the snapshot");
		return;
	}
	if (here && look_vrf(st->s, st->q->ns, here->ifindex))
		vrf = look_ifname(st->s, st->q->ns, look_vrf(st->s, st->q->ns, here->ifindex));
	why_add(st, "addr-not-local", EADDRNOTAVAIL);
	if (here)
		why_summary(st, "%s is an address of %s, which is %s%s%s", text, device, vrf ? "in VRF " : "in none",
			    vrf ? vrf : "", st->q->device ? ", and the socket's device is not" : ", and the socket is in none");
	else
		why_summary(st, "%s is no address of this network namespace%s%s", text, elsewhere ? ", but of " : "",
			    elsewhere ? look_ns_words(st, elsewhere) : "");
	why_text(st, "device", device);
	why_text(st, "vrf", vrf);
	why_text(st, "asked_addr", text);
	why_bool(st, "addr_local", false);
	why_number(st, "netns", st->q->ns);
	why_number(st, "ip_nonlocal_bind", 0);
	if (elsewhere)
		why_number(st, "addr_found_in_netns", elsewhere);
	why_line(st, "rule",
		 "only addresses of the own network namespace can be bound (unless IP_FREEBIND, IP_TRANSPARENT or "
		 "ip_nonlocal_bind)");
	if (here) {
		why_line(st, "vrf", "what is local is told by the table of the VRF that the socket's device is in");
		why_advise(st,
			   vrf ? "bind the socket to %s first (SO_BINDTODEVICE; ip vrf exec %s COMMAND)"
			       : "bind the socket to %s, or to no device",
			   vrf ? vrf : device, vrf ? vrf : "");
		return;
	}
	why_advise(st, "bind %s, or an address that is here:  %sip -br addr", st->q->addr.family == 4 ? "0.0.0.0" : "[::]",
		   look_enter(st, st->q->ns));
}

static bool is_fallback(const struct snap_link *l)
{
	static const char *const names[] = { "lo",      "tunl0",    "gre0", "gretap0", "erspan0",
					     "ip_vti0", "ip6_vti0", "sit0", "ip6tnl0", "ip6gre0" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (l->ifname && !strcmp(l->ifname, names[i]))
			return true;
	return false;
}

/* --- of IPv6: a device that can have no address as it is ------------------------------------------------------------------------------ */

static bool is_off(const struct why_state *st, const struct snap_link *l)
{
	char key[256];

	snprintf(key, sizeof(key), "net.ipv6.conf.%s.disable_ipv6", l->ifname);
	return look_sysctl_number(st->s, st->q->ns, key) == 1;
}

static bool lacks_addresses(const struct why_state *st, const struct snap_link *l)
{
	return !(l->flags & LINK_UP) || is_off(st, l);
}

static bool has_network(const struct why_state *st, uint32_t ns, int64_t ifindex)
{
	uint32_t n;
	const struct snap_addr *all = SNAP_RANGE(st->s, addresses, ns, &n);
	struct ipaddr net;

	for (uint32_t i = 0; i < n; i++)
		if (all[i].ifindex == ifindex && all[i].family == ADDR_INET6 && all[i].prefixlen &&
		    !ipaddr_parse(all[i].local, &net) && ipaddr_in(&st->q->addr, &net, all[i].prefixlen))
			return true;
	return false;
}

/* Its other end, or the bridge that this is a port of, is in the network of the address. */
static bool suits(const struct why_state *st, const struct snap_link *l)
{
	const struct snap_link *end =
		NSREF_KNOWN(l->peer_ns) && OPT_VALUE(l->link) ? look_link(st->s, l->peer_ns, (uint32_t)l->link) : NULL;

	return end && (has_network(st, end->ns, end->ifindex) || (OPT_VALUE(end->master) && has_network(st, end->ns, end->master)));
}

/*
 * The device that the address would be on, if it were not down or had IPv6 switched off: lo for ::1; any, where all are like that; else
 * one whose neighbours tell. *all: every device is like that.
 */
static const struct snap_link *bare_device(const struct why_state *st, uint32_t *n_devices, bool *all)
{
	uint32_t n, bare = 0;
	const struct snap_link *links = SNAP_RANGE(st->s, links, st->q->ns, &n), *lo = look_link_named(st->s, st->q->ns, "lo"),
			       *last = NULL, *fits = NULL;

	*n_devices = 0;
	for (uint32_t i = 0; i < n && !ipaddr_is_loopback(&st->q->addr); i++) {
		if (is_fallback(&links[i]))
			continue;
		++*n_devices;
		if (!lacks_addresses(st, &links[i]))
			continue;
		bare++;
		last = &links[i];
		if (!fits && suits(st, &links[i]))
			fits = &links[i];
	}
	*all = bare == *n_devices;
	if (!*n_devices)
		return lo && (is_off(st, lo) || (ipaddr_is_loopback(&st->q->addr) && lacks_addresses(st, lo))) ? lo : NULL;
	if (last && !fits && !*all)
		st->why->elsewhere |= !look_everywhere(st->s);
	return fits ? fits : *all ? last : NULL;
}

static void is_down(struct why_state *st, const struct snap_link *link)
{
	why_add(st, "interface-down", EADDRNOTAVAIL);
	why_summary(st, "%s can't be used while %s is down", asked_text(st), link->ifname);
	why_text(st, "asked_addr", asked_text(st));
	why_text(st, "device", link->ifname);
	why_bool(st, "device_up", false);
	why_number(st, "netns", st->q->ns);
	why_line(st, "rule", "an IPv6 address of a device that is down is gone or tentative (IPv4 ones stay)");
	why_advise(st, "set it up:  %sip link set %s up", look_enter(st, st->q->ns), look_quoted(st, link->ifname));
	why_advise(st, "or start the service after the network");
}

static void disabled(struct why_state *st, const char *device)
{
	why_add(st, "ipv6-disabled", EADDRNOTAVAIL);
	why_summary(st, "IPv6 is switched off here, so there is no %s", asked_text(st));
	why_text(st, "asked_addr", asked_text(st));
	why_text(st, "device", device);
	why_number(st, "disable_ipv6", 1);
	why_number(st, "netns", st->q->ns);
	why_line(st, "rule", "net.ipv6.conf.%s.disable_ipv6 = 1 leaves no IPv6 address ([::] can still be bound)", device);
	why_advise(st, "switch it on:  %ssysctl -w %s=0   (containers: --sysctl)", look_enter(st, st->q->ns),
		   look_conf(st, "ipv6", device, "disable_ipv6"));
	why_advise(st, "or use IPv4");
}

static const char *address_command(struct why_state *st, const char *verb, const struct snap_addr *a, const char *flag)
{
	const struct snap_link *link = look_link(st->s, st->q->ns, a->ifindex);

	return why_printf(st, "%sip addr %s %s/%u dev %s%s", look_enter(st, st->q->ns), verb, asked_text(st), a->prefixlen,
			  link ? look_quoted(st, link->ifname) : "DEVICE", flag);
}

static void unfinished(struct why_state *st, const struct snap_addr *a)
{
	const struct snap_link *link = look_link(st->s, st->q->ns, a->ifindex);
	bool failed = a->flags & ADDR_DADFAILED;
	uint32_t elsewhere = failed ? look_addr_elsewhere(st, st->q->ns, &st->q->addr) : 0;

	if (!failed && link && !(link->flags & LINK_UP)) {
		is_down(st, link);
		return;
	}
	why_add(st, failed ? "addr-dadfailed" : "addr-tentative", EADDRNOTAVAIL);
	if (failed)
		why_summary(st, "%s of %s is a duplicate: %s has it", asked_text(st), link ? link->ifname : "?",
			    elsewhere ? look_ns_words(st, elsewhere) : "another host");
	else
		why_summary(st, "%s of %s is tentative: duplicate address detection has not ended yet", asked_text(st),
			    link ? link->ifname : "?");
	why_text(st, "asked_addr", asked_text(st));
	why_text(st, "ifaddr_flags", failed ? "dadfailed tentative" : "tentative");
	why_text(st, "device", link ? link->ifname : NULL);
	why_number(st, "netns", st->q->ns);
	if (elsewhere)
		why_number(st, "addr_found_in_netns", elsewhere);
	if (failed) {
		why_line(st, "rule",
			 "an address whose duplicate address detection failed is never used, and stays so until it is removed");
		why_advise(st, "remove the duplicate, then add it anew:  %s; %s", address_command(st, "del", a, ""),
			   address_command(st, "add", a, ""));
	} else {
		why_line(st, "rule", "IPv6 addresses can't be bound until duplicate address detection has ended (1 to 2 s)");
		why_advise(st, "wait 2 s and try again, or start the service after the network");
		/* One that is there cannot be added again, and to replace it leaves it tentative. */
		why_advise(st, "or add it anew without:  %s; %s   (for good: accept_dad=0; IP_FREEBIND)",
			   address_command(st, "del", a, ""), address_command(st, "add", a, " nodad"));
	}
}

static void check_address6(struct why_state *st)
{
	const struct ipaddr *a = &st->q->addr;
	uint32_t device = asked_device(st);
	const struct snap_addr *found = NULL;
	const struct snap_link *bare;
	uint32_t n_devices;
	bool all;

	if (device == UINT32_MAX || (needs_scope(a) && !device) || ipaddr_is_multicast(a))
		return; /* said already; or not looked up */
	/* Of addresses of wider scope the device does not matter (ipv6_chk_addr_and_flags, net/ipv6/addrconf.c). */
	found = look_addr(st->s, st->q->ns, a, needs_scope(a) || ipaddr_is_loopback(a) ? device : 0);
	if (found && look_vrf(st->s, st->q->ns, found->ifindex) != look_vrf(st->s, st->q->ns, device)) {
		not_local(st);
		return;
	}
	if (found && (!(found->flags & ADDR_TENTATIVE) || found->flags & ADDR_OPTIMISTIC))
		return;
	if (found) {
		unfinished(st, found);
		return;
	}
	bare = bare_device(st, &n_devices, &all);
	if (bare && !all && look_addr_elsewhere(st, st->q->ns, a))
		bare = NULL;
	if (bare && is_off(st, bare))
		disabled(st, all && n_devices > 1 ? "all" : bare->ifname);
	else if (bare)
		is_down(st, bare);
	else
		not_local(st);
}

void check_address(struct why_state *st)
{
	struct ipaddr a = ipaddr_unmap(&st->q->addr);
	static const uint8_t all_ones[4] = { 255, 255, 255, 255 };
	bool empty;
	uint8_t type;

	if (ipaddr_is_any(&st->q->addr) || look_sysctl_number(st->s, st->q->ns, nonlocal_key(st)) == 1 ||
	    !seen_part(st, SEEN_LINKS))
		return;
	if (a.family == 6) {
		check_address6(st);
		return;
	}
	if (ipaddr_is_multicast(&a) || !memcmp(a.bytes, all_ones, 4)) /* __inet_dev_addr_type, net/ipv4/fib_frontend.c */
		return;
	if (!seen_part(st, SEEN_ROUTES))
		return;
	type = local_type(st, &a, &empty);
	if (type == TYPE_LOCAL || type == TYPE_BROADCAST || type == TYPE_MULTICAST)
		return;
	if (empty && !look_addr(st->s, st->q->ns, &a, 0))
		/* Until lo was up for the first time there is no local table, and then any address will do. */
		why_skip(st, "whether the address is local", look_ns_words(st, st->q->ns),
			 "lo is down: bind() takes any IPv4 address until lo has been up once");
	else
		not_local(st);
}
