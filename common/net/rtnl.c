// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>

#include "net/rtnl.h"

enum { MAX_OPERSTATE = 6 }; /* IF_OPER_UP */

struct nlmsghdr *rtnl_get_links(char *buf)
{
	struct nlmsghdr *h = nl_request(buf, RTM_GETLINK);

	mnl_nlmsg_put_extra_header(h, sizeof(struct ifinfomsg));
	return h;
}

struct nlmsghdr *rtnl_get_addrs(char *buf)
{
	struct nlmsghdr *h = nl_request(buf, RTM_GETADDR);

	mnl_nlmsg_put_extra_header(h, sizeof(struct ifaddrmsg));
	return h;
}

static const char *copy_text(struct arena *arena, const struct nlattr *a)
{
	const char *s = mnl_attr_get_payload(a);

	return arena_strndup(arena, s, strnlen(s, mnl_attr_get_payload_len(a)));
}

static int64_t number(const struct nlattr *a)
{
	const void *p = nl_attr(a, sizeof(uint32_t));
	uint32_t v;

	if (!p)
		return OPT_NONE;
	memcpy(&v, p, sizeof(v));
	return v;
}

/* "02:42:ac:11:00:02"; a tunnel's is four or sixteen bytes of an IP address, shown the same way. */
static const char *hardware_address(struct arena *arena, const struct nlattr *a)
{
	const unsigned char *p = mnl_attr_get_payload(a);
	size_t n = MIN((size_t)mnl_attr_get_payload_len(a), (size_t)32);
	char text[3 * 32 + 1] = "";

	for (size_t i = 0; i < n; i++)
		snprintf(text + (i ? 3 * i - 1 : 0), sizeof(text) - (i ? 3 * i - 1 : 0), "%s%02x", i ? ":" : "", p[i]);
	return n ? arena_strdup(arena, text) : NULL;
}

static const char *kind_of(struct arena *arena, const struct nlattr *info)
{
	const struct nlattr *a;

	for (a = nl_first_in(info); a; a = nl_next_in(info, a))
		if (mnl_attr_get_type(a) == IFLA_INFO_KIND)
			return copy_text(arena, a);
	return NULL;
}

static void take_link_attr(const struct nlattr *a, struct arena *arena, struct snap_link *l)
{
	const uint8_t *state;
	int64_t n;

	switch (mnl_attr_get_type(a)) {
	case IFLA_IFNAME:
		l->ifname = copy_text(arena, a);
		break;
	case IFLA_ADDRESS:
		l->address = hardware_address(arena, a);
		break;
	case IFLA_MTU:
		n = number(a);
		l->mtu = OPT_VALUE(n) ? (uint32_t)n : 0;
		break;
	case IFLA_OPERSTATE:
		state = nl_attr(a, sizeof(*state));
		l->operstate = state && *state <= MAX_OPERSTATE ? *state : 0;
		break;
	case IFLA_MASTER:
		l->master = number(a);
		break;
	case IFLA_LINK:
		l->link = number(a);
		break;
	case IFLA_LINK_NETNSID:
		l->link_netnsid = number(a);
		break;
	case IFLA_LINKINFO:
		l->kind = kind_of(arena, a);
		break;
	}
}

int rtnl_parse_link(const struct nlmsghdr *h, struct arena *arena, struct snap_link *out)
{
	struct snap_link l = { .master = OPT_NONE, .link = OPT_NONE, .link_netnsid = OPT_NONE };
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(h);
	const struct nlattr *a;

	if (h->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(h) < sizeof(*info))
		return -EINVAL;
	l.ifindex = (uint32_t)info->ifi_index;
	l.flags = info->ifi_flags;
	for (a = nl_first(h, sizeof(*info)); a; a = nl_next(h, a))
		take_link_attr(a, arena, &l);
	if (!l.ifname)
		return -EINVAL;
	*out = l;
	return 0;
}

static const char *address_text(struct arena *arena, int family, const struct nlattr *a)
{
	const void *p = nl_attr(a, family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr));
	char text[INET6_ADDRSTRLEN];

	return p && inet_ntop(family, p, text, sizeof(text)) ? arena_strdup(arena, text) : NULL;
}

/*
 * IFA_LOCAL is ours and IFA_ADDRESS the other end's; of one that has no other end they are equal, and IPv6 then gives IFA_ADDRESS
 * alone (inet_fill_ifaddr, net/ipv4/devinet.c; inet6_fill_ifaddr, net/ipv6/addrconf.c).
 */
int rtnl_parse_addr(const struct nlmsghdr *h, struct arena *arena, struct snap_addr *out)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(h);
	const char *local = NULL, *address = NULL;
	const struct nlattr *a;

	if (h->nlmsg_type != RTM_NEWADDR || mnl_nlmsg_get_payload_len(h) < sizeof(*info))
		return -EINVAL;
	if (info->ifa_family != AF_INET && info->ifa_family != AF_INET6)
		return -EAFNOSUPPORT;
	for (a = nl_first(h, sizeof(*info)); a; a = nl_next(h, a)) {
		if (mnl_attr_get_type(a) == IFA_LOCAL)
			local = address_text(arena, info->ifa_family, a);
		else if (mnl_attr_get_type(a) == IFA_ADDRESS)
			address = address_text(arena, info->ifa_family, a);
	}
	if (!local && !address)
		return -EINVAL;
	*out = (struct snap_addr){
		.ifindex = info->ifa_index,
		.family = info->ifa_family == AF_INET ? ADDR_INET : ADDR_INET6,
		.local = local ? local : address,
		.peer = local && address && strcmp(local, address) != 0 ? address : NULL,
		.prefixlen = info->ifa_prefixlen,
	};
	return 0;
}

int rtnl_ask_nsid(struct nl *nl, int netns_fd, int32_t *nsid)
{
	NL_REQUEST(buf);
	struct nlmsghdr *h = nl_request(buf, RTM_GETNSID);
	const struct nlmsghdr *answer;
	const struct nlattr *a;
	int err;

	mnl_nlmsg_put_extra_header(h, sizeof(struct rtgenmsg));
	mnl_attr_put_u32(h, NETNSA_FD, (uint32_t)netns_fd);
	err = nl_ask(nl, h, &answer);
	if (!err && (answer->nlmsg_type != RTM_NEWNSID || mnl_nlmsg_get_payload_len(answer) < sizeof(struct rtgenmsg)))
		err = -EPROTO;
	if (err)
		return err;
	*nsid = NETNSA_NSID_NOT_ASSIGNED;
	for (a = nl_first(answer, sizeof(struct rtgenmsg)); a; a = nl_next(answer, a))
		if (mnl_attr_get_type(a) == NETNSA_NSID && nl_attr(a, sizeof(*nsid)))
			memcpy(nsid, mnl_attr_get_payload(a), sizeof(*nsid));
	return 0;
}
