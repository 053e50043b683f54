// SPDX-License-Identifier: GPL-2.0-or-later
/* IP sockets: inet_sk_diag_fill() and its like, net/ipv4/inet_diag.c. */
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>

#include "net/diag_inside.h"

enum {
	MAX_PROTOCOL = 255, /* in a request; a larger one stands in an attribute */
	EXT_MEM = 1 << (INET_DIAG_SKMEMINFO - 1),
	EXT_INFO = 1 << (INET_DIAG_INFO - 1) | 1 << (INET_DIAG_VEGASINFO - 1) | 1 << (INET_DIAG_CONG - 1),
};

/* --- requests --------------------------------------------------------------------------------------------------------------- */

struct compare {
	uint8_t code; /* INET_DIAG_BC_S_GE: source port at least, and so on */
	uint16_t port;
};

/*
 * All of the comparisons must hold: each stands in two operations, the second of which has nothing but the port (in "no"). The
 * first says how far to go on if it holds, and if not: beyond the end, which is a no (valid_port_comparison, inet_diag_bc_run).
 */
static void put_compares(struct nlmsghdr *h, const struct compare *c, size_t n)
{
	struct inet_diag_bc_op ops[8];
	uint16_t left = (uint16_t)(2 * n * sizeof(ops[0]));

	for (size_t i = 0; i < n; i++, left -= 2 * sizeof(ops[0])) {
		ops[2 * i] = (struct inet_diag_bc_op){ c[i].code, 2 * sizeof(ops[0]), (uint16_t)(left + 4) };
		ops[2 * i + 1] = (struct inet_diag_bc_op){ .no = c[i].port };
	}
	if (n)
		mnl_attr_put(h, INET_DIAG_REQ_BYTECODE, 2 * n * sizeof(ops[0]), ops);
}

static void put_ports(struct nlmsghdr *h, const struct diag_query *q)
{
	struct compare c[4];
	size_t n = 0;

	if (q->ports.min)
		c[n++] = (struct compare){ INET_DIAG_BC_S_GE, q->ports.min };
	if (q->ports.max && q->ports.max < UINT16_MAX)
		c[n++] = (struct compare){ INET_DIAG_BC_S_LE, q->ports.max };
	if (q->peer_ports.min)
		c[n++] = (struct compare){ INET_DIAG_BC_D_GE, q->peer_ports.min };
	if (q->peer_ports.max && q->peer_ports.max < UINT16_MAX)
		c[n++] = (struct compare){ INET_DIAG_BC_D_LE, q->peer_ports.max };
	put_compares(h, c, n);
}

struct nlmsghdr *diag_get(char *buf, const struct diag_query *q)
{
	struct nlmsghdr *h = nl_request(buf, q->family == AF_UNSPEC ? TCPDIAG_GETSOCK : SOCK_DIAG_BY_FAMILY);
	uint8_t ext = (uint8_t)((q->mem ? EXT_MEM : 0) | (q->info ? EXT_INFO : 0));

	if (q->family == AF_UNSPEC) {
		struct inet_diag_req *old = mnl_nlmsg_put_extra_header(h, sizeof(*old));

		old->idiag_ext = ext;
		old->idiag_states = q->states;
	} else {
		struct inet_diag_req_v2 *r = mnl_nlmsg_put_extra_header(h, sizeof(*r));

		r->sdiag_family = (uint8_t)q->family;
		r->sdiag_protocol = (uint8_t)MIN(q->protocol, (int)MAX_PROTOCOL);
		r->idiag_ext = ext;
		r->idiag_states = q->states;
		if (q->protocol > MAX_PROTOCOL)
			mnl_attr_put_u32(h, INET_DIAG_REQ_PROTOCOL, (uint32_t)q->protocol);
	}
	put_ports(h, q);
	return h;
}

/* --- answers ---------------------------------------------------------------------------------------------------------------- */

void diag_take_mem(const struct nlattr *a, struct arena *arena, struct snap_socket *s)
{
	size_t n = MIN(mnl_attr_get_payload_len(a) / sizeof(uint32_t), (size_t)SK_MEMINFO_VARS);
	uint32_t *mem = n ? arena_alloc(arena, n * sizeof(*mem)) : NULL;

	if (!mem)
		return;
	memcpy(mem, mnl_attr_get_payload(a), n * sizeof(*mem));
	s->mem = mem;
	s->n_mem = (uint32_t)n;
}

static uint8_t byte_of(const struct nlattr *a)
{
	const uint8_t *p = nl_attr(a, 1);

	return p ? *p : 0;
}

static void set_flag(struct snap_socket *s, uint64_t flag, bool on)
{
	s->known |= flag;
	if (on)
		s->flags |= flag;
}

/* struct inet_diag_sockopt (5.10): bit fields of two bytes, named from the lowest bit on. */
static void take_options(const struct nlattr *a, struct snap_socket *s)
{
	const uint8_t *p = nl_attr(a, 2);

	if (!p)
		return;
	set_flag(s, SOCKF_FREEBIND, p[0] & 1 << 2);
	set_flag(s, SOCKF_HDRINCL, p[0] & 1 << 3);
	set_flag(s, SOCKF_TRANSPARENT, p[0] & 1 << 5);
	set_flag(s, SOCKF_BIND_NO_PORT, p[1] & 1 << 0);
	s->known |= SOCKF_MPTCP_SUBFLOW; /* older than these options (5.7) */
}

static void find_subflow(const struct nlattr *nest, struct snap_socket *s)
{
	nl_for_each_in (a, nest)
		if (mnl_attr_get_type(a) == INET_ULP_INFO_MPTCP)
			s->flags |= SOCKF_MPTCP_SUBFLOW;
}

/* A message under way. */
struct answer {
	struct snap_socket s;
	struct snap_tcp_info *info; /* NULL: no figures are wanted */
	struct diag_details details;
	struct intern *in;
};

/* What a kind has no structure for that we know is passed over. */
static void take_info(const struct nlattr *a, struct answer *w)
{
	if (w->s.netid == NETID_TCP || w->s.netid == NETID_DCCP)
		diag_take_tcp_info(a, w->info);
	else if (w->s.netid == NETID_MPTCP)
		diag_take_mptcp_info(a, &w->details);
}

static void take_figures(const struct nlattr *a, struct answer *w)
{
	const char *text = mnl_attr_get_payload(a);

	switch (mnl_attr_get_type(a)) {
	case INET_DIAG_INFO:
		take_info(a, w);
		break;
	case INET_DIAG_CONG:
		w->info->congestion = intern_text(w->in, text, strnlen(text, mnl_attr_get_payload_len(a)));
		break;
	case INET_DIAG_BBRINFO:
		diag_take_bbr(a, &w->details);
		break;
	case INET_DIAG_DCTCPINFO:
		diag_take_dctcp(a, &w->details);
		break;
	case INET_DIAG_ULP_INFO:
		diag_take_ulp(a, &w->details);
		break;
	}
}

static void take_attr(const struct nlattr *a, struct intern *in, struct snap_socket *s)
{
	const void *p;
	uint32_t mark;

	switch (mnl_attr_get_type(a)) {
	case INET_DIAG_SHUTDOWN: /* RCV_SHUTDOWN is 1, SEND_SHUTDOWN 2 (include/net/sock.h) */
		set_flag(s, SOCKF_SHUT_RD, byte_of(a) & 1);
		set_flag(s, SOCKF_SHUT_WR, byte_of(a) & 2);
		break;
	case INET_DIAG_SKV6ONLY:
		set_flag(s, SOCKF_V6ONLY, byte_of(a));
		break;
	case INET_DIAG_MARK:
		p = nl_attr(a, sizeof(mark));
		if (p) {
			memcpy(&mark, p, sizeof(mark));
			s->mark = mark;
		}
		break;
	case INET_DIAG_SKMEMINFO:
		diag_take_mem(a, in->arena, s);
		break;
	case INET_DIAG_ULP_INFO:
		find_subflow(a, s);
		break;
	case INET_DIAG_CGROUP_ID:
		p = nl_attr(a, sizeof(s->cgroup));
		if (p)
			memcpy(&s->cgroup, p, sizeof(s->cgroup));
		break;
	case INET_DIAG_SOCKOPT:
		take_options(a, s);
		break;
	}
}

static bool has_peer(const struct inet_diag_msg *m)
{
	static const uint32_t none[4];

	return m->id.idiag_dport || memcmp(m->id.idiag_dst, none, m->idiag_family == AF_INET ? 4 : 16) != 0;
}

/* What stands in front of the attributes. */
static int take_head(const struct inet_diag_msg *m, struct intern *in, struct snap_socket *out)
{
	struct snap_socket s = { .mark = OPT_NONE, .expires_ms = OPT_NONE };

	s.addr = intern_addr(in, m->idiag_family, m->id.idiag_src);
	if (!s.addr)
		return -EINVAL;
	s.family = m->idiag_family == AF_INET6 ? ADDR_INET6 : ADDR_INET;
	s.state = m->idiag_state < STATES ? m->idiag_state : 0;
	s.peer = has_peer(m) ? intern_addr(in, m->idiag_family, m->id.idiag_dst) : NULL;
	s.port = ntohs(m->id.idiag_sport);
	s.peer_port = ntohs(m->id.idiag_dport);
	s.ifindex = m->id.idiag_if ? (int64_t)m->id.idiag_if : OPT_NONE;
	s.recv_q = m->idiag_rqueue;
	s.send_q = m->idiag_wqueue;
	s.uid = m->idiag_uid;
	s.ino = m->idiag_inode;
	s.cookie = (uint64_t)m->id.idiag_cookie[1] << 32 | m->id.idiag_cookie[0];
	s.timer = m->idiag_timer <= TIMER_PERSIST ? m->idiag_timer : TIMER_OFF;
	if (s.timer) {
		s.expires_ms = m->idiag_expires;
		s.retrans = m->idiag_retrans;
	}
	*out = s;
	return 0;
}

int diag_parse(const struct nlmsghdr *h, enum sock_netid netid, struct intern *in, struct snap_socket *out,
	       struct snap_tcp_info *info)
{
	const struct inet_diag_msg *m = mnl_nlmsg_get_payload(h);
	struct answer w = { .info = info, .in = in };

	w.details.in = in;
	if ((h->nlmsg_type != SOCK_DIAG_BY_FAMILY && h->nlmsg_type != TCPDIAG_GETSOCK) ||
	    mnl_nlmsg_get_payload_len(h) < sizeof(*m) || take_head(m, in, &w.s))
		return -EINVAL;
	w.s.netid = (uint8_t)netid;
	if (info)
		*info = (struct snap_tcp_info){ .snd_wscale = OPT_NONE, .rcv_wscale = OPT_NONE };
	nl_for_each (a, h, sizeof(*m)) {
		take_attr(a, in, &w.s);
		if (info)
			take_figures(a, &w);
	}
	if (info && info->cookie)
		info->cookie = w.s.cookie;
	diag_details_end(&w.details, &w.s);
	*out = w.s;
	return 0;
}
