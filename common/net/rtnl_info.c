// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What each kind of virtual device has of its own: IFLA_INFO_DATA, and what it has as a port of another: IFLA_INFO_SLAVE_DATA. A
 * line of a table is an attribute; the keys are those of ip -d -j. What is not in the tables is passed over.
 */
#include <linux/if_bonding.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <arpa/inet.h>
#include <sys/socket.h>

#include "net/rtnl.h"

enum form { U8, U16, U32, BE16, BE32, BOOL8, FLAG, IP4, IP6, ETHERTYPE, BRIDGE_ID, NAME8, NAME16, BIT32 };

struct known {
	uint16_t type;
	uint8_t form;
	const char *key;
	const char *const *names; /* NAME*: by number; BIT32: by bit */
};

static const char *const bond_modes[] = { "balance-rr", "active-backup", "balance-xor", "broadcast",
					  "802.3ad",    "balance-tlb",   "balance-alb", NULL };
static const char *const macvlan_modes[] = { "private", "vepa", "bridge", "passthru", "source", NULL };
static const char *const ipvlan_modes[] = { "l2", "l3", "l3s", NULL };
static const char *const tun_types[] = { "none", "tun", "tap", NULL };
static const char *const port_states[] = { "disabled", "listening", "learning", "forwarding", "blocking", NULL };
static const char *const bond_states[] = { "ACTIVE", "BACKUP", NULL };

static const struct known bridge[] = {
	{ IFLA_BR_FORWARD_DELAY, U32, "forward_delay", NULL },
	{ IFLA_BR_HELLO_TIME, U32, "hello_time", NULL },
	{ IFLA_BR_MAX_AGE, U32, "max_age", NULL },
	{ IFLA_BR_AGEING_TIME, U32, "ageing_time", NULL },
	{ IFLA_BR_STP_STATE, U32, "stp_state", NULL },
	{ IFLA_BR_PRIORITY, U16, "priority", NULL },
	{ IFLA_BR_VLAN_FILTERING, U8, "vlan_filtering", NULL },
	{ IFLA_BR_VLAN_PROTOCOL, ETHERTYPE, "vlan_protocol", NULL },
	{ IFLA_BR_ROOT_ID, BRIDGE_ID, "root_id", NULL },
	{ IFLA_BR_BRIDGE_ID, BRIDGE_ID, "bridge_id", NULL },
	{ IFLA_BR_ROOT_PORT, U16, "root_port", NULL },
	{ IFLA_BR_MCAST_SNOOPING, U8, "mcast_snooping", NULL },
	{ IFLA_BR_VLAN_DEFAULT_PVID, U16, "vlan_default_pvid", NULL },
	{ IFLA_BR_NF_CALL_IPTABLES, U8, "nf_call_iptables", NULL },
	{ IFLA_BR_NF_CALL_IP6TABLES, U8, "nf_call_ip6tables", NULL },
	{ IFLA_BR_NF_CALL_ARPTABLES, U8, "nf_call_arptables", NULL },
};
static const struct known bridge_port[] = {
	{ IFLA_BRPORT_STATE, NAME8, "state", port_states },
	{ IFLA_BRPORT_PRIORITY, U16, "priority", NULL },
	{ IFLA_BRPORT_COST, U32, "cost", NULL },
	{ IFLA_BRPORT_MODE, BOOL8, "hairpin", NULL },
	{ IFLA_BRPORT_GUARD, BOOL8, "guard", NULL },
	{ IFLA_BRPORT_LEARNING, BOOL8, "learning", NULL },
	{ IFLA_BRPORT_UNICAST_FLOOD, BOOL8, "flood", NULL },
	{ IFLA_BRPORT_ISOLATED, BOOL8, "isolated", NULL },
	{ IFLA_BRPORT_LOCKED, BOOL8, "locked", NULL },
};
static const struct known vlan[] = {
	{ IFLA_VLAN_PROTOCOL, ETHERTYPE, "protocol", NULL },
	{ IFLA_VLAN_ID, U16, "id", NULL },
};
static const struct known macvlan[] = { /* 7 and 8: IFLA_MACVLAN_BC_QUEUE_LEN, _USED (5.11) */
	{ IFLA_MACVLAN_MODE, BIT32, "mode", macvlan_modes }, { 7, U32, "bcqueuelen", NULL }, { 8, U32, "usedbcqueuelen", NULL },
};
static const struct known ipvlan[] = { { IFLA_IPVLAN_MODE, NAME16, "mode", ipvlan_modes } };
static const struct known vrf[] = { { IFLA_VRF_TABLE, U32, "table", NULL } };
static const struct known vrf_port[] = { { IFLA_VRF_PORT_TABLE, U32, "table", NULL } };
static const struct known vxlan[] = {
	{ IFLA_VXLAN_ID, U32, "id", NULL },
	{ IFLA_VXLAN_GROUP, IP4, "group", NULL },
	{ IFLA_VXLAN_GROUP6, IP6, "group6", NULL },
	{ IFLA_VXLAN_LOCAL, IP4, "local", NULL },
	{ IFLA_VXLAN_LOCAL6, IP6, "local6", NULL },
	{ IFLA_VXLAN_LINK, U32, "link", NULL },
	{ IFLA_VXLAN_PORT, BE16, "port", NULL },
	{ IFLA_VXLAN_TTL, U8, "ttl", NULL },
	{ IFLA_VXLAN_LEARNING, BOOL8, "learning", NULL },
	{ IFLA_VXLAN_AGEING, U32, "ageing", NULL },
	{ IFLA_VXLAN_PROXY, BOOL8, "proxy", NULL },
	{ IFLA_VXLAN_COLLECT_METADATA, BOOL8, "external", NULL },
};
static const struct known bond[] = {
	{ IFLA_BOND_MODE, NAME8, "mode", bond_modes },   { IFLA_BOND_ACTIVE_SLAVE, U32, "active_slave", NULL },
	{ IFLA_BOND_MIIMON, U32, "miimon", NULL },       { IFLA_BOND_UPDELAY, U32, "updelay", NULL },
	{ IFLA_BOND_DOWNDELAY, U32, "downdelay", NULL }, { IFLA_BOND_PRIMARY, U32, "primary", NULL },
	{ IFLA_BOND_MIN_LINKS, U32, "min_links", NULL },
};
static const struct known bond_port[] = {
	{ IFLA_BOND_SLAVE_STATE, NAME8, "state", bond_states },
	{ IFLA_BOND_SLAVE_LINK_FAILURE_COUNT, U32, "link_failure_count", NULL },
};
static const struct known tun[] = {
	/* IFLA_TUN_*, include/uapi/linux/if_link.h (4.16) */
	{ 1, U32, "user", NULL },          { 2, U32, "group", NULL },      { 3, NAME8, "type", tun_types },
	{ 4, BOOL8, "pi", NULL },          { 5, BOOL8, "vnet_hdr", NULL }, { 6, BOOL8, "persist", NULL },
	{ 7, BOOL8, "multi_queue", NULL },
};
static const struct known tunnel4[] = {
	{ IFLA_IPTUN_LOCAL, IP4, "local", NULL },
	{ IFLA_IPTUN_REMOTE, IP4, "remote", NULL },
	{ IFLA_IPTUN_TTL, U8, "ttl", NULL },
	{ IFLA_IPTUN_COLLECT_METADATA, FLAG, "external", NULL },
};
static const struct known tunnel6[] = {
	{ IFLA_IPTUN_LOCAL, IP6, "local", NULL },
	{ IFLA_IPTUN_REMOTE, IP6, "remote", NULL },
	{ IFLA_IPTUN_TTL, U8, "ttl", NULL },
	{ IFLA_IPTUN_COLLECT_METADATA, FLAG, "external", NULL },
};
static const struct known gre4[] = {
	{ IFLA_GRE_LOCAL, IP4, "local", NULL }, { IFLA_GRE_REMOTE, IP4, "remote", NULL },
	{ IFLA_GRE_TTL, U8, "ttl", NULL },      { IFLA_GRE_IKEY, BE32, "ikey", NULL },
	{ IFLA_GRE_OKEY, BE32, "okey", NULL },  { IFLA_GRE_COLLECT_METADATA, FLAG, "external", NULL },
};
static const struct known gre6[] = {
	{ IFLA_GRE_LOCAL, IP6, "local", NULL }, { IFLA_GRE_REMOTE, IP6, "remote", NULL },
	{ IFLA_GRE_TTL, U8, "ttl", NULL },      { IFLA_GRE_IKEY, BE32, "ikey", NULL },
	{ IFLA_GRE_OKEY, BE32, "okey", NULL },  { IFLA_GRE_COLLECT_METADATA, FLAG, "external", NULL },
};
static const struct known geneve[] = {
	{ IFLA_GENEVE_ID, U32, "id", NULL },           { IFLA_GENEVE_REMOTE, IP4, "remote", NULL },
	{ IFLA_GENEVE_REMOTE6, IP6, "remote6", NULL }, { IFLA_GENEVE_PORT, BE16, "port", NULL },
	{ IFLA_GENEVE_TTL, U8, "ttl", NULL },          { IFLA_GENEVE_COLLECT_METADATA, FLAG, "external", NULL },
};

struct kind {
	const char *name;
	const struct known *list;
	size_t n;
};
#define KIND(name, list) \
	{ \
		name, list, ARRAY_SIZE(list) \
	}
static const struct kind kinds[] = {
	KIND("bridge", bridge),  KIND("vlan", vlan),     KIND("macvlan", macvlan), KIND("macvtap", macvlan),
	KIND("ipvlan", ipvlan),  KIND("ipvtap", ipvlan), KIND("vrf", vrf),         KIND("vxlan", vxlan),
	KIND("bond", bond),      KIND("tun", tun),       KIND("ipip", tunnel4),    KIND("sit", tunnel4),
	KIND("ip6tnl", tunnel6), KIND("gre", gre4),      KIND("gretap", gre4),     KIND("ip6gre", gre6),
	KIND("ip6gretap", gre6), KIND("geneve", geneve),
};
static const struct kind ports[] = { KIND("bridge", bridge_port), KIND("bond", bond_port), KIND("vrf", vrf_port) };

/* --- values ----------------------------------------------------------------------------------------------------------------- */

static const char *number_text(struct intern *in, uint32_t v)
{
	char text[16];

	return intern_text(in, text, (size_t)snprintf(text, sizeof(text), "%u", v));
}

/* One that stands in one, two or four bytes, in the machine's order. false: the attribute has another size. */
static bool take_number(const struct nlattr *a, size_t size, uint32_t *out)
{
	const void *p = nl_attr(a, size);
	uint16_t half;

	if (!p)
		return false;
	if (size == sizeof(half)) {
		memcpy(&half, p, sizeof(half));
		*out = half;
	} else if (size == 1) {
		*out = *(const uint8_t *)p;
	} else {
		memcpy(out, p, sizeof(*out));
	}
	return true;
}

static const char *ethertype(struct intern *in, uint32_t protocol)
{
	char text[16];

	if (protocol == ETH_P_8021Q)
		return "802.1Q";
	if (protocol == ETH_P_8021AD)
		return "802.1ad";
	return intern_text(in, text, (size_t)snprintf(text, sizeof(text), "[%u]", protocol));
}

/* struct ifla_bridge_id: priority and address, "8000.02:42:ac:11:00:02". */
static const char *bridge_id(const struct nlattr *a, struct intern *in)
{
	const uint8_t *p = nl_attr(a, 8);
	char text[32];

	if (!p)
		return NULL;
	return intern_text(in, text,
			   (size_t)snprintf(text, sizeof(text), "%02x%02x.%x:%x:%x:%x:%x:%x", p[0], p[1], p[2], p[3], p[4], p[5],
					    p[6], p[7]));
}

static const char *name_of(const char *const *names, uint32_t number)
{
	while (*names && number--)
		names++;
	return *names;
}

static size_t size_of(enum form form)
{
	switch (form) {
	case U8:
	case BOOL8:
	case NAME8:
		return 1;
	case U16:
	case BE16:
	case ETHERTYPE:
	case NAME16:
		return 2;
	default:
		return 4;
	}
}

static const char *value_of(const struct known *k, const struct nlattr *a, struct intern *in, bool *number)
{
	uint32_t v = 0;

	*number = k->form <= FLAG;
	if (k->form == IP4 || k->form == IP6)
		return rtnl_addr(a, k->form == IP4 ? AF_INET : AF_INET6, in);
	if (k->form == BRIDGE_ID)
		return bridge_id(a, in);
	if (k->form == FLAG)
		return "true";
	if (!take_number(a, size_of(k->form), &v))
		return NULL;
	switch (k->form) {
	case BOOL8:
		return v ? "true" : "false";
	case BE16:
		return number_text(in, ntohs((uint16_t)v));
	case BE32:
		return number_text(in, ntohl(v));
	case ETHERTYPE:
		return ethertype(in, ntohs((uint16_t)v));
	case NAME8:
	case NAME16:
		return name_of(k->names, v);
	case BIT32:
		return v ? name_of(k->names, (uint32_t)__builtin_ctz(v)) : NULL;
	default:
		return number_text(in, v);
	}
}

/* --- attributes ------------------------------------------------------------------------------------------------------------- */

static const struct kind *find_kind(const struct kind *list, size_t n, const char *name)
{
	for (size_t i = 0; name && i < n; i++)
		if (!strcmp(list[i].name, name))
			return &list[i];
	return NULL;
}

static const struct known *find_known(const struct kind *k, uint16_t type)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->list[i].type == type)
			return &k->list[i];
	return NULL;
}

/* The attributes that we know of, in the kernel's order. */
static uint32_t take_data(const struct kind *k, const struct nlattr *nest, struct intern *in, const struct snap_link_attr **out)
{
	struct snap_link_attr *list;
	uint32_t n = 0;

	if (!k || !nest)
		return 0;
	list = arena_alloc(in->arena, k->n * sizeof(*list));
	for (const struct nlattr *a = nl_first_in(nest); a && n < k->n; a = nl_next_in(nest, a)) {
		const struct known *known = find_known(k, mnl_attr_get_type(a));
		struct snap_link_attr attr = { .key = known ? known->key : NULL };

		attr.value = known ? value_of(known, a, in, &attr.number) : NULL;
		if (attr.value)
			list[n++] = attr;
	}
	*out = n ? list : NULL;
	return n;
}

void rtnl_take_info(const struct nlattr *nest, struct intern *in, struct snap_link *l)
{
	const struct nlattr *data = NULL, *slave_data = NULL;

	for (const struct nlattr *a = nl_first_in(nest); a; a = nl_next_in(nest, a)) {
		switch (mnl_attr_get_type(a)) {
		case IFLA_INFO_KIND:
			l->kind = rtnl_text(a, in);
			break;
		case IFLA_INFO_SLAVE_KIND:
			l->slave_kind = rtnl_text(a, in);
			break;
		case IFLA_INFO_DATA:
			data = a;
			break;
		case IFLA_INFO_SLAVE_DATA:
			slave_data = a;
			break;
		}
	}
	l->n_data = take_data(find_kind(kinds, ARRAY_SIZE(kinds), l->kind), data, in, &l->data);
	l->n_slave_data = take_data(find_kind(ports, ARRAY_SIZE(ports), l->slave_kind), slave_data, in, &l->slave_data);
}
