// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#include "net/conntrack.h"

static int family_of(const char *addr)
{
	return strchr(addr, ':') ? AF_INET6 : AF_INET;
}

/* The tuple of the trial's packet; without its source, where that does not matter. False: addresses of no IP family. */
static bool put_tuple(struct nlmsghdr *h, const struct snap_trial *t, bool with_source)
{
	int family = family_of(t->dst), size = family == AF_INET ? 4 : 16;
	uint8_t src[16], dst[16];
	struct nlattr *tuple, *part;

	if (inet_pton(family, t->src, src) != 1 || inet_pton(family, t->dst, dst) != 1)
		return false;
	tuple = mnl_attr_nest_start(h, CTA_TUPLE_ORIG);
	part = mnl_attr_nest_start(h, CTA_TUPLE_IP);
	if (with_source)
		mnl_attr_put(h, family == AF_INET ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, (size_t)size, src);
	mnl_attr_put(h, family == AF_INET ? CTA_IP_V4_DST : CTA_IP_V6_DST, (size_t)size, dst);
	mnl_attr_nest_end(h, part);
	part = mnl_attr_nest_start(h, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(h, CTA_PROTO_NUM, t->proto);
	if (with_source)
		mnl_attr_put_u16(h, CTA_PROTO_SRC_PORT, htons((uint16_t)t->sport));
	mnl_attr_put_u16(h, CTA_PROTO_DST_PORT, htons((uint16_t)t->dport));
	mnl_attr_nest_end(h, part);
	mnl_attr_nest_end(h, tuple);
	return true;
}

static struct nlmsghdr *request(char *buf, const struct snap_trial *t)
{
	struct nlmsghdr *h = nl_request(buf, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET);
	struct nfgenmsg *head = mnl_nlmsg_put_extra_header(h, sizeof(*head));

	head->nfgen_family = (uint8_t)family_of(t->dst);
	return h;
}

struct nlmsghdr *conntrack_get(char *buf, const struct snap_trial *t)
{
	struct nlmsghdr *h = request(buf, t);

	return put_tuple(h, t, true) ? h : NULL;
}

/* CTA_FILTER (5.8) and what it goes by: net/netfilter/nf_internals.h. */
enum { FILTER = 25, FILTER_ORIG_FLAGS = 1, BY_IP_DST = 1 << 1, BY_PROTO = 1 << 3, BY_DST_PORT = 1 << 5 };

struct nlmsghdr *conntrack_list(char *buf, const struct snap_trial *t)
{
	struct nlmsghdr *h = request(buf, t);
	struct nlattr *filter;

	if (!put_tuple(h, t, false))
		return NULL;
	filter = mnl_attr_nest_start(h, FILTER);
	mnl_attr_put_u32(h, FILTER_ORIG_FLAGS, BY_IP_DST | BY_PROTO | BY_DST_PORT);
	mnl_attr_nest_end(h, filter);
	return h;
}

struct tuple {
	const char *src, *dst;
	uint32_t sport, dport;
	uint8_t proto;
};

static const char *address(struct arena *arena, const struct nlattr *a, int family)
{
	const void *p = nl_attr(a, family == AF_INET ? 4 : 16);
	char text[INET6_ADDRSTRLEN];

	return p && inet_ntop(family, p, text, sizeof(text)) ? arena_strdup(arena, text) : NULL;
}

static uint32_t port(const struct nlattr *a)
{
	const void *p = nl_attr(a, sizeof(uint16_t));
	uint16_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return ntohs(v);
}

static void take_part(const struct nlattr *part, struct arena *arena, struct tuple *t)
{
	bool is_ip = mnl_attr_get_type(part) == CTA_TUPLE_IP;

	nl_for_each_in (a, part) {
		uint16_t type = mnl_attr_get_type(a);

		if (is_ip && (type == CTA_IP_V4_SRC || type == CTA_IP_V6_SRC))
			t->src = address(arena, a, type == CTA_IP_V4_SRC ? AF_INET : AF_INET6);
		else if (is_ip && (type == CTA_IP_V4_DST || type == CTA_IP_V6_DST))
			t->dst = address(arena, a, type == CTA_IP_V4_DST ? AF_INET : AF_INET6);
		else if (!is_ip && type == CTA_PROTO_SRC_PORT)
			t->sport = port(a);
		else if (!is_ip && type == CTA_PROTO_DST_PORT)
			t->dport = port(a);
		else if (!is_ip && type == CTA_PROTO_NUM && nl_attr(a, 1))
			t->proto = *(const uint8_t *)nl_attr(a, 1);
	}
}

static struct tuple tuple_of(const struct nlattr *nest, struct arena *arena)
{
	struct tuple t = { 0 };

	nl_for_each_in (a, nest)
		if (mnl_attr_get_type(a) == CTA_TUPLE_IP || mnl_attr_get_type(a) == CTA_TUPLE_PROTO)
			take_part(a, arena, &t);
	return t;
}

static uint32_t be32_of(const struct nlattr *a)
{
	const void *p = nl_attr(a, sizeof(uint32_t));
	uint32_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return ntohl(v);
}

/* What an entry says: as the first packet came, and as its answers come. */
struct entry {
	struct tuple orig, reply;
	uint32_t status, timeout;
};

static int parse(const struct nlmsghdr *h, struct arena *arena, struct entry *e)
{
	*e = (struct entry){ 0 };
	if (h->nlmsg_type != (NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_NEW) ||
	    mnl_nlmsg_get_payload_len(h) < sizeof(struct nfgenmsg))
		return -EINVAL;
	nl_for_each (a, h, sizeof(struct nfgenmsg)) {
		uint16_t type = mnl_attr_get_type(a);

		if (type == CTA_TUPLE_ORIG)
			e->orig = tuple_of(a, arena);
		else if (type == CTA_TUPLE_REPLY)
			e->reply = tuple_of(a, arena);
		else if (type == CTA_STATUS)
			e->status = be32_of(a);
		else if (type == CTA_TIMEOUT)
			e->timeout = be32_of(a);
	}
	return e->orig.src && e->orig.dst && e->reply.src && e->reply.dst ? 0 : -EINVAL;
}

int conntrack_parse(const struct nlmsghdr *h, struct arena *arena, struct snap_trial *t)
{
	struct entry e;
	int err = parse(h, arena, &e);

	if (err)
		return err;
	if (strcmp(e.orig.src, t->src) != 0 || strcmp(e.orig.dst, t->dst) != 0 || e.orig.sport != t->sport ||
	    e.orig.dport != t->dport)
		return -ENOENT;
	t->to_src = e.reply.dst;
	t->to_dst = e.reply.src;
	t->to_sport = e.reply.dport;
	t->to_dport = e.reply.sport;
	t->unreplied = !(e.status & IPS_SEEN_REPLY);
	t->timeout = e.timeout;
	return 0;
}

int conntrack_parse_flow(const struct nlmsghdr *h, struct arena *arena, const struct snap_trial *t, struct snap_trial_flow *out)
{
	struct entry e;
	int err = parse(h, arena, &e);

	if (err)
		return err;
	if (strcmp(e.orig.dst, t->dst) != 0 || e.orig.dport != t->dport || e.orig.proto != t->proto)
		return -ENOENT;
	*out = (struct snap_trial_flow){ .src = e.orig.src,
					 .sport = e.orig.sport,
					 .to_dst = e.reply.src,
					 .to_dport = e.reply.sport,
					 .unreplied = !(e.status & IPS_SEEN_REPLY) };
	return 0;
}
