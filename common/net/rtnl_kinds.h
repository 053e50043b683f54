// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of net/: what each kind of virtual device has of its own, by the numbers of its attributes. */
#ifndef NSKIT_RTNL_KINDS_H
#define NSKIT_RTNL_KINDS_H

#include <stddef.h>
#include <stdint.h>

enum rtnl_form {
	/* Numbers, of so many bits; BE: the network's order. */
	FORM_U8,
	FORM_U16,
	FORM_U32,
	FORM_U64,
	FORM_BE16,
	FORM_BE32,
	FORM_BOOL8,   /* true or false */
	FORM_SET8,    /* true, where it is set; nothing else */
	FORM_FLAG,    /* true, because it is there */
	FORM_TIMER,   /* 64 bits of clock ticks, 100 a second (USER_HZ): seconds, "0.42" */
	FORM_NUMBERS, /* those in front are numbers, unquoted in JSON */
	FORM_IP4,
	FORM_IP6,
	FORM_MAC,
	FORM_ETHERTYPE,
	FORM_BRIDGE_ID,
	FORM_HEX16,
	FORM_HEX8_SET,
	FORM_BE32_HEX_SET,
	FORM_U32_SET, /* SET: not where it is 0 */
	FORM_NAME8,
	FORM_NAME16,
	FORM_NAME32,    /* of .names, by number */
	FORM_BIT32,     /* of .names, by the lowest bit */
	FORM_FORWARDED, /* 16 bits of groups that a port lets through: their names, "stp,lacp"; and the mask under the key itself */
	FORM_OPTIONS,   /* struct br_boolopt_multi: .names by bit, each 0 or 1 */
	FORM_PORT_RANGE, /* struct ifla_vxlan_port_range */
	FORM_VLAN_FLAGS, /* struct ifla_vlan_flags: .names by bit, a list */
	FORM_IPVLAN,     /* IPVLAN_F_*: a key of its own for each, true */
	FORM_IP4_LIST,
	FORM_IP6_LIST,
	FORM_MAC_LIST, /* a nest of addresses */
	FORM_NEST,     /* .nest */
};

struct rtnl_known {
	uint16_t type;
	uint8_t form;
	const char *key; /* ip -d -j's; below another as "ad_info.aggregator", of a list "flags[]" */
	const char *const *names;
	const struct rtnl_kind *nest;
};

struct rtnl_kind {
	const char *name;
	const struct rtnl_known *list;
	size_t n;
};

/* What a kind of device has (IFLA_INFO_DATA), and what a kind of master gives to its ports (IFLA_INFO_SLAVE_DATA); NULL: not known. */
const struct rtnl_kind *rtnl_kind(const char *name);
const struct rtnl_kind *rtnl_port_kind(const char *name);

#endif
