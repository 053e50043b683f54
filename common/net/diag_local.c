// SPDX-License-Identifier: GPL-2.0-or-later
/* Sockets that are no IP ones: net/unix/diag.c, net/packet/diag.c, net/netlink/diag.c. */
#include <linux/netlink_diag.h>
#include <linux/packet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <net/ethernet.h>
#include <arpa/inet.h>
#include <sys/socket.h>

#include "net/diag_inside.h"

enum {
	SHOW_UID = 0x40, /* UDIAG_SHOW_UID (5.3) */
	UNIX_UID = 7,    /* UNIX_DIAG_UID */
};

static bool payload(const struct nlmsghdr *h, uint8_t family, void *out, size_t size)
{
	if (h->nlmsg_type != SOCK_DIAG_BY_FAMILY || mnl_nlmsg_get_payload_len(h) < size)
		return false;
	memcpy(out, mnl_nlmsg_get_payload(h), size);
	return *(uint8_t *)out == family;
}

static uint32_t number(const struct nlattr *a)
{
	const void *p = nl_attr(a, sizeof(uint32_t));
	uint32_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t cookie(const uint32_t *c)
{
	return (uint64_t)c[1] << 32 | c[0];
}

/* Where queues have no field of their own, they are what ss takes for them: bytes of buffers in use. */
static void take_queues(const struct nlattr *a, struct intern *in, struct snap_socket *s)
{
	struct snap_socket all = { 0 };

	diag_take_mem(a, in->arena, &all);
	if (all.n_mem > SK_MEMINFO_WMEM_ALLOC) {
		s->recv_q = all.mem[SK_MEMINFO_RMEM_ALLOC];
		s->send_q = all.mem[SK_MEMINFO_WMEM_ALLOC];
	}
	s->mem = all.mem;
	s->n_mem = all.n_mem;
}

/* --- unix ------------------------------------------------------------------------------------------------------------------- */

struct nlmsghdr *diag_unix_get(char *buf, uint32_t states, bool mem, bool details)
{
	struct nlmsghdr *h = nl_request(buf, SOCK_DIAG_BY_FAMILY);
	struct unix_diag_req *r = mnl_nlmsg_put_extra_header(h, sizeof(*r));

	r->sdiag_family = AF_UNIX;
	r->udiag_states = states;
	r->udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN | SHOW_UID |
			(mem ? UDIAG_SHOW_MEMINFO : 0) | (details ? UDIAG_SHOW_ICONS : 0);
	return h;
}

/* Numbers of 32 bits, as many as there are. */
static void take_list(const struct nlattr *a, struct arena *arena, struct snap_socket *s)
{
	uint32_t n = mnl_attr_get_payload_len(a) / sizeof(uint32_t);
	uint32_t *list = n ? arena_alloc(arena, n * sizeof(*list)) : NULL;

	if (list)
		memcpy(list, mnl_attr_get_payload(a), n * sizeof(*list));
	s->list = list;
	s->n_list = n;
}

/* A path, which may end in a NUL that was counted by whoever bound it; or a NUL and any bytes. */
static void take_name(const struct nlattr *a, struct arena *arena, struct snap_socket *s)
{
	const char *name = mnl_attr_get_payload(a);
	size_t len = mnl_attr_get_payload_len(a);
	char *copy;

	if (!len)
		return;
	if (*name)
		len = strnlen(name, len);
	copy = arena_strndup(arena, name, len);
	if (!*copy)
		*copy = '@';
	s->path = copy;
	s->path_len = (uint32_t)len;
}

static void take_unix_attr(const struct nlattr *a, struct intern *in, struct snap_socket *s)
{
	const struct unix_diag_rqlen *queue;
	const struct unix_diag_vfs *vfs;
	const uint8_t *down;

	switch (mnl_attr_get_type(a)) {
	case UNIX_DIAG_NAME:
		take_name(a, in->arena, s);
		break;
	case UNIX_DIAG_VFS:
		vfs = nl_attr(a, sizeof(*vfs));
		s->vfs_dev = vfs ? vfs->udiag_vfs_dev : 0;
		s->vfs_ino = vfs ? vfs->udiag_vfs_ino : 0;
		break;
	case UNIX_DIAG_PEER:
		s->peer_ino = number(a);
		s->flags |= SOCKF_PEER;
		break;
	case UNIX_DIAG_RQLEN:
		queue = nl_attr(a, sizeof(*queue));
		s->recv_q = queue ? queue->udiag_rqueue : 0;
		s->send_q = queue ? queue->udiag_wqueue : 0;
		break;
	case UNIX_DIAG_ICONS: /* the other ends of what waits: sk_diag_dump_icons */
		take_list(a, in->arena, s);
		break;
	case UNIX_DIAG_MEMINFO:
		diag_take_mem(a, in->arena, s);
		break;
	case UNIX_DIAG_SHUTDOWN:
		down = nl_attr(a, sizeof(*down));
		if (down)
			s->flags |= (*down & 1 ? SOCKF_SHUT_RD : 0) | (*down & 2 ? SOCKF_SHUT_WR : 0);
		break;
	case UNIX_UID:
		s->uid = number(a);
		break;
	}
}

int diag_unix_parse(const struct nlmsghdr *h, struct intern *in, struct snap_socket *out)
{
	struct snap_socket s = { .ifindex = OPT_NONE, .mark = OPT_NONE, .expires_ms = OPT_NONE };
	struct unix_diag_msg m;

	if (!payload(h, AF_UNIX, &m, sizeof(m)))
		return -EINVAL;
	s.netid = m.udiag_type == SOCK_STREAM  ? NETID_UNIX_STREAM
		  : m.udiag_type == SOCK_DGRAM ? NETID_UNIX_DGRAM
					       : NETID_UNIX_SEQPACKET;
	s.state = m.udiag_state < STATES ? m.udiag_state : 0;
	s.ino = m.udiag_ino;
	s.cookie = cookie(m.udiag_cookie);
	s.known = SOCKF_PEER | SOCKF_SHUT_RD | SOCKF_SHUT_WR;
	nl_for_each (a, h, sizeof(m))
		take_unix_attr(a, in, &s);
	*out = s;
	return 0;
}

/* --- packet ----------------------------------------------------------------------------------------------------------------- */

struct nlmsghdr *diag_packet_get(char *buf, bool details)
{
	struct nlmsghdr *h = nl_request(buf, SOCK_DIAG_BY_FAMILY);
	struct packet_diag_req *r = mnl_nlmsg_put_extra_header(h, sizeof(*r));

	r->sdiag_family = AF_PACKET;
	r->pdiag_show = PACKET_SHOW_INFO | PACKET_SHOW_MEMINFO |
			(details ? PACKET_SHOW_RING_CFG | PACKET_SHOW_FANOUT | PACKET_SHOW_FILTER : 0);
	return h;
}

/* ss's words: "*" for all. */
const char *diag_link_protocol(struct intern *in, uint16_t protocol)
{
	static const struct {
		uint16_t number;
		const char *name;
	} known[] = {
		{ ETH_P_ALL, "*" },         { ETHERTYPE_IP, "ip" },       { ETHERTYPE_ARP, "arp" },
		{ ETHERTYPE_IPV6, "ipv6" }, { ETHERTYPE_VLAN, "802.1Q" }, { 0x88cc, "LLDP" },
		{ 0x888e, "802.1X" },       { 0x8863, "ppp_disc" },       { 0x8864, "ppp_ses" },
	};
	char text[16];

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].number == protocol)
			return known[i].name;
	return intern_text(in, text, (size_t)snprintf(text, sizeof(text), "[%u]", protocol));
}

/* Words of PDI_*, from the lowest bit on. */
static void take_packet_info(const struct packet_diag_info *info, struct diag_details *d)
{
	static const char *const names[] = { "running", "auxdata", "origdev", "vnethdr", "loss" };
	char flags[64];
	size_t len = 0;

	*flags = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (info->pdi_flags >> i & 1)
			len += (size_t)snprintf(flags + len, sizeof(flags) - len, "%s%s", len ? " " : "", names[i]);
	diag_detail(d, "ver", true, "%u", info->pdi_version);
	diag_detail(d, "cpy_thresh", true, "%u", info->pdi_copy_thresh);
	diag_detail(d, "flags", false, "%s", flags);
}

/* pdiag_put_ring() */
static void take_ring(const struct nlattr *a, bool rx, struct diag_details *d)
{
	const struct packet_diag_ring *r = nl_attr(a, sizeof(*r));

	if (!r)
		return;
	diag_detail(d, rx ? "ring_rx.blk_size" : "ring_tx.blk_size", true, "%u", r->pdr_block_size);
	diag_detail(d, rx ? "ring_rx.blk_nr" : "ring_tx.blk_nr", true, "%u", r->pdr_block_nr);
	diag_detail(d, rx ? "ring_rx.frm_size" : "ring_tx.frm_size", true, "%u", r->pdr_frame_size);
	diag_detail(d, rx ? "ring_rx.frm_nr" : "ring_tx.frm_nr", true, "%u", r->pdr_frame_nr);
	diag_detail(d, rx ? "ring_rx.tmo" : "ring_tx.tmo", true, "%u", r->pdr_retire_tmo);
	diag_detail(d, rx ? "ring_rx.features" : "ring_tx.features", false, "0x%x", r->pdr_features);
}

/* pdiag_put_fanout(): the group's id, and PACKET_FANOUT_* above. */
static void take_fanout(uint32_t fanout, struct diag_details *d)
{
	static const char *const types[] = { "hash", "lb", "cpu", "roll", "random", "qm" };
	uint32_t type = fanout >> 16;

	diag_detail(d, "fanout.id", true, "%u", fanout & 0xffff);
	if (type < ARRAY_SIZE(types))
		diag_detail(d, "fanout.type", false, "%s", types[type]);
	else
		diag_detail(d, "fanout.type", false, "0x%x", type);
}

static void take_packet_details(const struct nlattr *a, struct diag_details *d)
{
	enum { INSTRUCTION = 8 }; /* struct sock_filter */
	const struct packet_diag_info *info;

	switch (mnl_attr_get_type(a)) {
	case PACKET_DIAG_INFO:
		info = nl_attr(a, sizeof(*info));
		if (info)
			take_packet_info(info, d);
		break;
	case PACKET_DIAG_RX_RING:
	case PACKET_DIAG_TX_RING:
		take_ring(a, mnl_attr_get_type(a) == PACKET_DIAG_RX_RING, d);
		break;
	case PACKET_DIAG_FANOUT:
		take_fanout(number(a), d);
		break;
	case PACKET_DIAG_FILTER:
		diag_detail(d, "filter", true, "%zu", (size_t)mnl_attr_get_payload_len(a) / INSTRUCTION);
		break;
	}
}

static void take_packet_attr(const struct nlattr *a, struct intern *in, struct snap_socket *s)
{
	const struct packet_diag_info *info;

	switch (mnl_attr_get_type(a)) {
	case PACKET_DIAG_INFO:
		info = nl_attr(a, sizeof(*info));
		s->ifindex = info && info->pdi_index ? (int64_t)info->pdi_index : OPT_NONE;
		break;
	case PACKET_DIAG_UID:
		s->uid = number(a);
		break;
	case PACKET_DIAG_MEMINFO:
		take_queues(a, in, s);
		break;
	}
}

int diag_packet_parse(const struct nlmsghdr *h, struct intern *in, struct snap_socket *out)
{
	struct snap_socket s = { .state = STATE_UNCONN, .ifindex = OPT_NONE, .mark = OPT_NONE, .expires_ms = OPT_NONE };
	struct diag_details details = { .in = in };
	struct packet_diag_msg m;

	if (!payload(h, AF_PACKET, &m, sizeof(m)))
		return -EINVAL;
	s.netid = m.pdiag_type == SOCK_RAW ? NETID_PACKET_RAW : NETID_PACKET_DGRAM;
	s.addr = diag_link_protocol(in, m.pdiag_num); /* in the host's order (sk_diag_fill) */
	s.port = m.pdiag_num;
	s.ino = m.pdiag_ino;
	s.cookie = cookie(m.pdiag_cookie);
	nl_for_each (a, h, sizeof(m)) {
		take_packet_attr(a, in, &s);
		take_packet_details(a, &details);
	}
	diag_details_end(&details, &s);
	*out = s;
	return 0;
}

/* --- netlink ---------------------------------------------------------------------------------------------------------------- */

struct nlmsghdr *diag_netlink_get(char *buf, bool details)
{
	struct nlmsghdr *h = nl_request(buf, SOCK_DIAG_BY_FAMILY);
	struct netlink_diag_req *r = mnl_nlmsg_put_extra_header(h, sizeof(*r));

	r->sdiag_family = AF_NETLINK;
	r->sdiag_protocol = NDIAG_PROTO_ALL;
	r->ndiag_show = NDIAG_SHOW_MEMINFO | (details ? NDIAG_SHOW_GROUPS : 0);
	return h;
}

/* iproute2's words for NETLINK_* (lib/rt_names.c, nl_proto). */
const char *diag_netlink_family(struct intern *in, uint8_t protocol)
{
	static const char *const names[] = { "rtnl",    "unused", "usersock", "fw",        "tcpdiag",    "nflog",   "xfrm",
					     "selinux", "iscsi",  "audit",    "fiblookup", "connector",  "nft",     "ip6fw",
					     "dec-rt",  "uevent", "genl",     NULL,        "scsi-trans", "ecryptfs" };
	char text[8];

	if (protocol < ARRAY_SIZE(names) && names[protocol])
		return names[protocol];
	return intern_text(in, text, (size_t)snprintf(text, sizeof(text), "%u", protocol));
}

/* Words of the machine's long, so that on a big endian one the bytes of each stand the other way round. */
static bool is_group(const uint8_t *bytes, uint32_t bit)
{
	uint32_t byte = bit / 8;

	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		byte ^= (uint32_t)sizeof(long) - 1;
	return bytes[byte] >> bit % 8 & 1;
}

/* A bit for each group, the first of which is group 1: sk_diag_dump_groups, net/netlink/diag.c. */
static void take_groups(const struct nlattr *a, struct arena *arena, struct snap_socket *s)
{
	const uint8_t *bytes = mnl_attr_get_payload(a);
	uint32_t n = 0, bits = mnl_attr_get_payload_len(a) / sizeof(long) * sizeof(long) * 8, *list;

	for (uint32_t i = 0; i < bits; i++)
		n += (uint32_t)is_group(bytes, i);
	s->list = list = n ? arena_alloc(arena, n * sizeof(*list)) : NULL;
	s->n_list = n;
	for (uint32_t i = 0; n && i < bits; i++)
		if (is_group(bytes, i))
			*list++ = i + 1;
}

static void take_netlink_attr(const struct nlattr *a, struct intern *in, struct snap_socket *s)
{
	if (mnl_attr_get_type(a) == NETLINK_DIAG_MEMINFO)
		take_queues(a, in, s);
	else if (mnl_attr_get_type(a) == NETLINK_DIAG_GROUPS)
		take_groups(a, in->arena, s);
}

int diag_netlink_parse(const struct nlmsghdr *h, struct intern *in, struct snap_socket *out)
{
	struct snap_socket s = {
		.netid = NETID_NETLINK, .state = STATE_UNCONN, .ifindex = OPT_NONE, .mark = OPT_NONE, .expires_ms = OPT_NONE
	};
	struct netlink_diag_msg m;

	if (!payload(h, AF_NETLINK, &m, sizeof(m)))
		return -EINVAL;
	s.addr = diag_netlink_family(in, m.ndiag_protocol);
	s.port = m.ndiag_portid;
	s.peer_port = m.ndiag_dst_portid;
	s.ino = m.ndiag_ino;
	s.cookie = cookie(m.ndiag_cookie);
	nl_for_each (a, h, sizeof(m))
		take_netlink_attr(a, in, &s);
	*out = s;
	return 0;
}
