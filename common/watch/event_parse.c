// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "watch/event_parse.h"

enum {
	NS_PER_TICK = 10000000,
	MAX_ERRNO = 4095, /* include/linux/err.h */
	TYPE_MASK = 0xf,  /* SOCK_TYPE_MASK, include/linux/net.h: above it are SOCK_CLOEXEC and SOCK_NONBLOCK */
	PROTO_MPTCP = 262,
};

/* --- addresses and protocols -------------------------------------------------------------------------------------------------- */

const char *event_proto(uint32_t family, uint32_t type, uint32_t protocol, char *buf, size_t size)
{
	static const struct {
		uint16_t family, type, protocol; /* protocol 0: the type's usual one, or any */
		const char *name;
	} known[] = {
		{ AF_INET, SOCK_STREAM, 0, "tcp" },
		{ AF_INET, SOCK_STREAM, IPPROTO_TCP, "tcp" },
		{ AF_INET, SOCK_STREAM, PROTO_MPTCP, "mptcp" },
		{ AF_INET, SOCK_STREAM, IPPROTO_SCTP, "sctp" },
		{ AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP, "sctp" },
		{ AF_INET, SOCK_SEQPACKET, 0, "sctp" },
		{ AF_INET, SOCK_DGRAM, 0, "udp" },
		{ AF_INET, SOCK_DGRAM, IPPROTO_UDP, "udp" },
		{ AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE, "udplite" },
		{ AF_INET, SOCK_DGRAM, IPPROTO_ICMP, "icmp" },
		{ AF_INET, SOCK_DGRAM, IPPROTO_ICMPV6, "icmp6" },
	};
	uint32_t inet = family == AF_INET6 ? AF_INET : family;

	type &= TYPE_MASK;
	if (family == AF_UNIX)
		return type == SOCK_STREAM ? "unix" : type == SOCK_SEQPACKET ? "unix-seqpacket" : "unix-dgram"; /* SOCK_RAW, too */
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].family == inet && known[i].type == type && known[i].protocol == protocol)
			return known[i].name;
	if (inet == AF_INET && type == SOCK_RAW)
		return "raw";
	if (family == AF_PACKET)
		return "packet";
	if (family == AF_VSOCK)
		return "vsock";
	if (family == AF_NETLINK)
		return "netlink";
	snprintf(buf, size, "%u/%u/%u", family, type, protocol);
	return buf;
}

static void put_ip(struct parsed_event *p, int family, const void *bytes, uint32_t scope)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(family, bytes, text, sizeof(text));
	if (scope)
		snprintf(p->addr, sizeof(p->addr), "%s%%%u", text, scope);
	else
		snprintf(p->addr, sizeof(p->addr), "%s", text);
	p->e.addr = p->addr;
}

/* A name of any bytes; one that is abstract begins with a NUL, which is shown as "@", as ss has it, like those within. */
static void put_unix(struct parsed_event *p, const uint8_t *addr, uint32_t len)
{
	const size_t at = offsetof(struct sockaddr_un, sun_path);
	size_t n = len > at ? len - at : 0;

	if (!n)
		return; /* autobind */
	n = MIN(n, sizeof(p->addr) - 1);
	if (addr[at])
		n = strnlen((const char *)addr + at, n);
	for (size_t i = 0; i < n; i++)
		p->addr[i] = addr[at + i] ? (char)addr[at + i] : '@';
	p->addr[n] = '\0';
	p->e.addr = p->addr;
}

/* A struct sockaddr as bind(2) got it. One that is too short for its family says what it can. */
static void put_sockaddr(struct parsed_event *p, const uint8_t *addr, uint32_t len)
{
	uint16_t family;
	uint16_t port;

	if (len < sizeof(family))
		return;
	memcpy(&family, addr, sizeof(family));
	if (family == AF_UNIX) {
		put_unix(p, addr, len);
		return;
	}
	if ((family != AF_INET && family != AF_INET6) || len < 2 + sizeof(port))
		return;
	memcpy(&port, addr + 2, sizeof(port));
	p->e.port = ntohs(port);
	if (family == AF_INET && len >= offsetof(struct sockaddr_in, sin_addr) + 4) {
		put_ip(p, AF_INET, addr + offsetof(struct sockaddr_in, sin_addr), 0);
	} else if (family == AF_INET6 && len >= offsetof(struct sockaddr_in6, sin6_addr) + 16) {
		uint32_t scope = 0;

		if (len >= sizeof(struct sockaddr_in6))
			memcpy(&scope, addr + offsetof(struct sockaddr_in6, sin6_scope_id), sizeof(scope));
		put_ip(p, AF_INET6, addr + offsetof(struct sockaddr_in6, sin6_addr), scope);
	}
}

/* --- numbers at each level ---------------------------------------------------------------------------------------------------- */

static uint32_t take_numbers(uint32_t *nr, const char *buf, uint32_t at, uint32_t levels)
{
	for (uint32_t i = 0; i < levels; i++) {
		struct event_upid u;

		memcpy(&u, buf + (at + i) * sizeof(u), sizeof(u));
		nr[i] = (uint32_t)u.nr;
	}
	return at + levels;
}

/* What follows a record's fixed part: as long as its head says, or it is none. */
static int parse_numbers(struct parsed_event *p, const struct event_head *h, const char *buf, size_t len)
{
	bool thread = h->tid != h->pid;
	uint32_t n;

	if (!h->levels || h->levels > REC_MAX_LEVELS || h->child_levels > REC_MAX_LEVELS ||
	    len != (h->levels * (thread ? 2u : 1u) + h->child_levels) * sizeof(struct event_upid))
		return -EINVAL;
	n = take_numbers(thread ? p->nstid : p->nspid, buf, 0, h->levels);
	if (thread) {
		n = take_numbers(p->nspid, buf, n, h->levels);
		p->e.nstid = p->nstid;
		p->e.n_nstid = h->levels;
	}
	take_numbers(p->child_nspid, buf, n, h->child_levels);
	p->e.nspid = p->nspid;
	p->e.n_nspid = h->levels;
	return 0;
}

static void put_child(struct parsed_event *p, const struct event_head *h, uint32_t pid, uint32_t tid)
{
	if (!h->child_levels)
		return;
	p->child = (struct event_child){ .pid = pid, .tid = tid, .nspid = p->child_nspid, .n_nspid = h->child_levels };
	p->e.child = &p->child;
}

/* --- kinds -------------------------------------------------------------------------------------------------------------------- */

static void put_wanted(struct parsed_event *p, const struct ns_event_rec *r)
{
	uint32_t n = 0;

	if (r->wanted_how == EVWANT_NONE)
		return;
	p->wanted = (struct event_wanted){ .pid = r->wanted_how == EVWANT_PIDFD ? (int64_t)r->wanted_pid : OPT_NONE };
	for (enum nstype t = 0; t < NS_TYPES; t++)
		if (r->wanted[t])
			p->namespaces[n++] = (struct event_ns){ nstypes[t].name, r->wanted[t] };
	if (n == 1) {
		p->wanted.type = p->namespaces[0].type;
		p->wanted.ns = p->namespaces[0].ns;
	}
	if (r->wanted_how == EVWANT_PIDFD) {
		p->wanted.namespaces = p->namespaces;
		p->wanted.n_namespaces = n;
	}
	p->e.wanted = &p->wanted;
}

static void put_changes(struct parsed_event *p, const struct ns_event_rec *r)
{
	struct event *e = &p->e;

	e->changes = p->changes;
	for (enum nstype t = 0; t < NS_TYPES; t++) {
		if (!r->from[t] || !r->to[t] || r->from[t] == r->to[t])
			continue;
		p->changes[e->n_changes++] = (struct event_change){
			nstypes[t].name,
			r->from[t],
			r->to[t],
			e->kind != EVENT_CLONE && (t == NS_PID || (t == NS_TIME && e->kind == EVENT_UNSHARE)),
		};
	}
}

static int parse_ns(struct parsed_event *p, const char *buf, size_t len)
{
	const size_t fixed = offsetof(struct ns_event_rec, nr);
	struct ns_event_rec r;

	if (len < fixed)
		return -EINVAL;
	memcpy(&r, buf, fixed);
	p->e.flags = r.flags;
	put_wanted(p, &r);
	put_changes(p, &r);
	if (parse_numbers(p, &r.h, buf + fixed, len - fixed))
		return -EINVAL;
	put_child(p, &r.h, r.child_pid, r.child_tid);
	for (enum nstype t = 0; p->e.child && t < NS_TYPES; t++)
		p->e.ns[t] = r.to[t];
	p->e.start = r.child_start / NS_PER_TICK;
	return 0;
}

static int parse_sock(struct parsed_event *p, const char *buf, size_t len)
{
	const size_t fixed = offsetof(struct sock_event_rec, nr);
	struct sock_event_rec r;
	struct event *e = &p->e;

	if (len < fixed)
		return -EINVAL;
	memcpy(&r, buf, fixed);
	if (r.addr_read > sizeof(r.addr))
		return -EINVAL;
	e->fd = r.fd;
	e->backlog = r.backlog;
	e->netns = r.netns;
	e->socket_netns = r.socket_netns;
	if (r.is_socket || e->kind == EVENT_SOCKET)
		e->proto = event_proto(r.family, r.type, r.protocol, p->proto, sizeof(p->proto));
	if (e->kind == EVENT_BIND)
		put_sockaddr(p, r.addr, r.addr_read);
	else if (r.family == AF_UNIX)
		put_unix(p, r.addr, r.addr_read);
	else if (r.addr_read)
		put_ip(p, (int)r.family, r.addr, 0);
	if (e->kind == EVENT_LISTEN && r.is_socket && (r.family == AF_INET || r.family == AF_INET6))
		e->port = r.lport & UINT16_MAX; /* a port has no more bits, whatever the record says */
	return parse_numbers(p, &r.h, buf + fixed, len - fixed);
}

static int parse_life(struct parsed_event *p, const char *buf, size_t len)
{
	const size_t fixed = offsetof(struct life_event_rec, nr);
	struct life_event_rec r;
	struct event *e = &p->e;

	if (len < fixed)
		return -EINVAL;
	memcpy(&r, buf, fixed);
	e->start = r.start / NS_PER_TICK;
	for (enum nstype t = 0; t < NS_TYPES; t++)
		e->ns[t] = r.ns[t];
	if (e->kind == EVENT_EXIT) {
		e->last = r.last;
		e->signal = r.code & 0x7f ? (int64_t)(r.code & 0x7f) : OPT_NONE;
		e->code = r.code & 0x7f ? OPT_NONE : (int64_t)(r.code >> 8 & 0xff);
	}
	if (parse_numbers(p, &r.h, buf + fixed, len - fixed) || (e->kind == EVENT_FORK && !r.h.child_levels))
		return -EINVAL;
	put_child(p, &r.h, r.child_pid, r.child_tid);
	return 0;
}

int event_parse(const char *buf, size_t len, struct parsed_event *p)
{
	struct event_head h;
	struct event *e = &p->e;

	if (len < sizeof(h))
		return -EINVAL;
	memcpy(&h, buf, sizeof(h));
	if (h.kind >= EVREC_KINDS)
		return -EINVAL;
	memcpy(p->comm, h.comm, sizeof(h.comm));
	p->comm[sizeof(h.comm)] = '\0';
	p->cgroup = h.cgroup;
	p->mono = h.time;
	*e = (struct event){
		.kind = (uint8_t)h.kind,
		.pid = h.pid,
		.tid = h.tid,
		.ppid = h.ppid,
		.uid = h.uid,
		.comm = p->comm,
		.ret = h.ret,
		.err = h.ret < 0 && h.ret >= -MAX_ERRNO ? -h.ret : 0,
		.entered = h.flags & EVREC_ENTERED,
		.port = OPT_NONE,
		.code = OPT_NONE,
		.signal = OPT_NONE,
	};
	switch (h.kind) {
	case EVREC_SETNS:
	case EVREC_UNSHARE:
	case EVREC_CLONE:
		return parse_ns(p, buf, len);
	case EVREC_BIND:
	case EVREC_LISTEN:
	case EVREC_SOCKET:
		return parse_sock(p, buf, len);
	default:
		return parse_life(p, buf, len);
	}
}
