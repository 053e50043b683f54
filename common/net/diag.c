// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>

#include "net/diag.h"

struct nlmsghdr *diag_get(char *buf, int family, int protocol, uint32_t states)
{
	struct nlmsghdr *h = nl_request(buf, SOCK_DIAG_BY_FAMILY);
	struct inet_diag_req_v2 *r = mnl_nlmsg_put_extra_header(h, sizeof(*r));

	r->sdiag_family = (uint8_t)family;
	r->sdiag_protocol = (uint8_t)protocol;
	r->idiag_states = states;
	return h;
}

int diag_parse(const struct nlmsghdr *h, struct arena *arena, struct snap_socket *out)
{
	const struct inet_diag_msg *m = mnl_nlmsg_get_payload(h);
	char text[INET6_ADDRSTRLEN];

	if (h->nlmsg_type != SOCK_DIAG_BY_FAMILY || mnl_nlmsg_get_payload_len(h) < sizeof(*m))
		return -EINVAL;
	if (!inet_ntop(m->idiag_family, m->id.idiag_src, text, sizeof(text)))
		return -EINVAL;
	*out = (struct snap_socket){
		.state = m->idiag_state < STATES ? m->idiag_state : 0,
		.family = m->idiag_family == AF_INET6 ? ADDR_INET6 : ADDR_INET,
		.mark = OPT_NONE,
		.expires_ms = OPT_NONE,
		.addr = arena_strdup(arena, text),
		.port = ntohs(m->id.idiag_sport),
		.ifindex = m->id.idiag_if ? (int64_t)m->id.idiag_if : OPT_NONE,
		.uid = m->idiag_uid,
		.ino = m->idiag_inode,
		.cookie = (uint64_t)m->id.idiag_cookie[1] << 32 | m->id.idiag_cookie[0],
	};
	return 0;
}
