// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices and addresses: rtnl_fill_ifinfo(), net/core/rtnetlink.c; inet_fill_ifaddr(), net/ipv4/devinet.c. */
#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>

#include "net/rtnl.h"

enum { MAX_OPERSTATE = 6 }; /* IF_OPER_UP */

static struct nlmsghdr *get(char *buf, uint16_t type, size_t header_size)
{
	struct nlmsghdr *h = nl_request(buf, type);

	mnl_nlmsg_put_extra_header(h, header_size);
	return h;
}

struct nlmsghdr *rtnl_get_links(char *buf)
{
	return get(buf, RTM_GETLINK, sizeof(struct ifinfomsg));
}

struct nlmsghdr *rtnl_get_addrs(char *buf)
{
	return get(buf, RTM_GETADDR, sizeof(struct ifaddrmsg));
}

struct nlmsghdr *rtnl_get_nsids(char *buf)
{
	return get(buf, RTM_GETNSID, sizeof(struct rtgenmsg));
}

/* --- attributes ------------------------------------------------------------------------------------------------------------- */

const char *rtnl_text(const struct nlattr *a, struct intern *in)
{
	const char *s = mnl_attr_get_payload(a);

	return intern_text(in, s, strnlen(s, mnl_attr_get_payload_len(a)));
}

int64_t rtnl_number(const struct nlattr *a)
{
	const void *p = nl_attr(a, sizeof(uint32_t));
	uint32_t v;

	if (!p)
		return OPT_NONE;
	memcpy(&v, p, sizeof(v));
	return v;
}

const char *rtnl_addr(const struct nlattr *a, int family, struct intern *in)
{
	const void *p = nl_attr(a, family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr));

	return p ? intern_addr(in, family, p) : NULL;
}

const char *rtnl_lladdr(const struct nlattr *a, struct intern *in)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = mnl_attr_get_payload(a);
	size_t n = MIN((size_t)mnl_attr_get_payload_len(a), (size_t)32), len = 0;
	char text[3 * 32];

	for (size_t i = 0; i < n; i++) {
		if (i)
			text[len++] = ':';
		text[len++] = digits[p[i] >> 4];
		text[len++] = digits[p[i] & 15];
	}
	return n ? intern_text(in, text, len) : NULL;
}

static uint32_t number_or_0(const struct nlattr *a)
{
	int64_t n = rtnl_number(a);

	return OPT_VALUE(n) ? (uint32_t)n : 0;
}

/* --- devices ---------------------------------------------------------------------------------------------------------------- */

/* struct rtnl_link_stats64 has grown, and will. */
static void take_stats(const struct nlattr *a, struct snap_link *l)
{
	struct rtnl_link_stats64 st = { 0 };

	memcpy(&st, mnl_attr_get_payload(a), MIN((size_t)mnl_attr_get_payload_len(a), sizeof(st)));
	l->rx_bytes = st.rx_bytes;
	l->rx_packets = st.rx_packets;
	l->rx_errors = st.rx_errors;
	l->rx_dropped = st.rx_dropped;
	l->rx_over_errors = st.rx_over_errors;
	l->rx_multicast = st.multicast;
	l->tx_bytes = st.tx_bytes;
	l->tx_packets = st.tx_packets;
	l->tx_errors = st.tx_errors;
	l->tx_dropped = st.tx_dropped;
	l->tx_carrier_errors = st.tx_carrier_errors;
	l->tx_collisions = st.collisions;
}

static void take_altnames(const struct nlattr *nest, struct intern *in, struct snap_link *l)
{
	const char **names;
	uint32_t n = 0;

	nl_for_each_in (a, nest)
		n += mnl_attr_get_type(a) == IFLA_ALT_IFNAME;
	if (!n)
		return;
	names = arena_alloc(in->arena, n * sizeof(*names));
	l->altnames = names;
	l->n_altnames = n;
	nl_for_each_in (a, nest)
		if (mnl_attr_get_type(a) == IFLA_ALT_IFNAME)
			*names++ = rtnl_text(a, in);
}

static void take_xdp(const struct nlattr *nest, struct snap_link *l)
{
	nl_for_each_in (a, nest)
		if (mnl_attr_get_type(a) == IFLA_XDP_PROG_ID)
			l->xdp_prog = rtnl_number(a);
}

static void take_link_attr(const struct nlattr *a, struct intern *in, struct snap_link *l)
{
	const uint8_t *byte;

	switch (mnl_attr_get_type(a)) {
	case IFLA_IFNAME:
		l->ifname = rtnl_text(a, in);
		break;
	case IFLA_ADDRESS:
		l->address = rtnl_lladdr(a, in);
		break;
	case IFLA_BROADCAST:
		l->broadcast = rtnl_lladdr(a, in);
		break;
	case IFLA_MTU:
		l->mtu = number_or_0(a);
		break;
	case IFLA_TXQLEN:
		l->txqlen = number_or_0(a);
		break;
	case IFLA_GROUP:
		l->group = number_or_0(a);
		break;
	case IFLA_QDISC:
		l->qdisc = rtnl_text(a, in);
		break;
	case IFLA_OPERSTATE:
		byte = nl_attr(a, sizeof(*byte));
		l->operstate = byte && *byte <= MAX_OPERSTATE ? *byte : 0;
		break;
	case IFLA_LINKMODE:
		byte = nl_attr(a, sizeof(*byte));
		l->linkmode = byte ? *byte : 0;
		break;
	case IFLA_MASTER:
		l->master = rtnl_number(a);
		break;
	case IFLA_LINK:
		l->link = rtnl_number(a);
		break;
	case IFLA_LINK_NETNSID:
		l->link_netnsid = rtnl_number(a);
		break;
	case IFLA_STATS64:
		take_stats(a, l);
		break;
	case IFLA_PROP_LIST:
		take_altnames(a, in, l);
		break;
	case IFLA_XDP:
		take_xdp(a, l);
		break;
	case IFLA_LINKINFO:
		rtnl_take_info(a, in, l);
		break;
	}
}

int rtnl_parse_link(const struct nlmsghdr *h, struct intern *in, struct snap_link *out)
{
	struct snap_link l = { .master = OPT_NONE, .link = OPT_NONE, .link_netnsid = OPT_NONE, .xdp_prog = OPT_NONE };
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(h);

	if (h->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(h) < sizeof(*info))
		return -EINVAL;
	l.ifindex = (uint32_t)info->ifi_index;
	l.flags = info->ifi_flags;
	l.type = info->ifi_type;
	nl_for_each (a, h, sizeof(*info))
		take_link_attr(a, in, &l);
	if (!l.ifname)
		return -EINVAL;
	rtnl_take_details(h, in, &l);
	*out = l;
	return 0;
}

/* --- addresses -------------------------------------------------------------------------------------------------------------- */

struct addr_parts {
	int family;
	const char *local, *address; /* ours; the other end's */
};

static void take_addr_attr(const struct nlattr *a, struct intern *in, struct addr_parts *parts, struct snap_addr *out)
{
	struct ifa_cacheinfo life;

	switch (mnl_attr_get_type(a)) {
	case IFA_LOCAL:
		parts->local = rtnl_addr(a, parts->family, in);
		break;
	case IFA_ADDRESS:
		parts->address = rtnl_addr(a, parts->family, in);
		break;
	case IFA_BROADCAST:
		out->broadcast = rtnl_addr(a, parts->family, in);
		break;
	case IFA_LABEL:
		out->label = rtnl_text(a, in);
		break;
	case IFA_FLAGS: /* of 32 bits, where the header has 8 */
		if (nl_attr(a, sizeof(uint32_t)))
			out->flags = (uint64_t)rtnl_number(a);
		break;
	case IFA_CACHEINFO:
		if (!nl_attr(a, sizeof(life)))
			break;
		memcpy(&life, mnl_attr_get_payload(a), sizeof(life));
		out->valid_lft = life.ifa_valid;
		out->preferred_lft = life.ifa_prefered;
		break;
	}
}

/*
 * IFA_LOCAL is ours and IFA_ADDRESS the other end's; of one that has no other end they are equal, and IPv6 then gives IFA_ADDRESS
 * alone (inet_fill_ifaddr, net/ipv4/devinet.c; inet6_fill_ifaddr, net/ipv6/addrconf.c).
 */
int rtnl_parse_addr(const struct nlmsghdr *h, struct intern *in, struct snap_addr *out)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(h);
	struct addr_parts parts = { 0 };
	struct snap_addr addr;

	if (h->nlmsg_type != RTM_NEWADDR || mnl_nlmsg_get_payload_len(h) < sizeof(*info))
		return -EINVAL;
	if (info->ifa_family != AF_INET && info->ifa_family != AF_INET6)
		return -EAFNOSUPPORT;
	parts.family = info->ifa_family;
	addr = (struct snap_addr){
		.ifindex = info->ifa_index,
		.family = info->ifa_family == AF_INET ? ADDR_INET : ADDR_INET6,
		.prefixlen = info->ifa_prefixlen,
		.scope = info->ifa_scope,
		.flags = info->ifa_flags,
		.valid_lft = UINT32_MAX,
		.preferred_lft = UINT32_MAX,
	};
	nl_for_each (a, h, sizeof(*info))
		take_addr_attr(a, in, &parts, &addr);
	addr.local = parts.local ? parts.local : parts.address;
	if (!addr.local)
		return -EINVAL;
	if (parts.local && parts.address && strcmp(parts.local, parts.address) != 0)
		addr.peer = parts.address;
	*out = addr;
	return 0;
}

/* --- ids of namespaces ------------------------------------------------------------------------------------------------------ */

static int nsid_of(const struct nlmsghdr *h, int32_t *nsid)
{
	if (h->nlmsg_type != RTM_NEWNSID || mnl_nlmsg_get_payload_len(h) < sizeof(struct rtgenmsg))
		return -EPROTO;
	*nsid = NETNSA_NSID_NOT_ASSIGNED;
	nl_for_each (a, h, sizeof(struct rtgenmsg))
		if (mnl_attr_get_type(a) == NETNSA_NSID && nl_attr(a, sizeof(*nsid)))
			memcpy(nsid, mnl_attr_get_payload(a), sizeof(*nsid));
	return 0;
}

int rtnl_parse_nsid(const struct nlmsghdr *h, uint32_t *nsid)
{
	int32_t id;

	if (nsid_of(h, &id))
		return -EINVAL;
	if (id < 0)
		return -ENOENT;
	*nsid = (uint32_t)id;
	return 0;
}

int rtnl_ask_nsid(struct nl *nl, int netns_fd, int32_t *nsid)
{
	NL_REQUEST(buf);
	struct nlmsghdr *h = rtnl_get_nsids(buf);
	const struct nlmsghdr *answer;
	int err;

	mnl_attr_put_u32(h, NETNSA_FD, (uint32_t)netns_fd);
	err = nl_ask(nl, h, &answer);
	return err ? err : nsid_of(answer, nsid);
}
