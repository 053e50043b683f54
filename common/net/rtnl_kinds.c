// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What each kind of virtual device has of its own. A line of a table is an attribute; the keys are those of ip -d -j (ip/iplink_*.c), the
 * sizes those of the kernel's fill_info. What is not in the tables is passed over.
 */
#include <linux/if_bonding.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <string.h>

#include "net/rtnl_kinds.h"
#include "util/util.h"

#define A(number_, form_, key_, ...) \
	{ \
		.type = number_, .form = FORM_##form_, .key = key_, ##__VA_ARGS__ \
	}

static const char *const off_on[] = { "off", "on", NULL };

/* --- bridges --------------------------------------------------------------------------------------------------------------------------- */

static const char *const port_states[] = { "disabled", "listening", "learning", "forwarding", "blocking", NULL };
static const char *const bridge_options[] = { "no_linklocal_learn", "mcast_vlan_snooping", "mst_enabled",
					      NULL }; /* enum br_boolopt_id */
static const struct rtnl_known bridge[] = {
	A(IFLA_BR_FORWARD_DELAY, U32, "forward_delay"),
	A(IFLA_BR_HELLO_TIME, U32, "hello_time"),
	A(IFLA_BR_MAX_AGE, U32, "max_age"),
	A(IFLA_BR_AGEING_TIME, U32, "ageing_time"),
	A(IFLA_BR_STP_STATE, U32, "stp_state"),
	A(IFLA_BR_PRIORITY, U16, "priority"),
	A(IFLA_BR_VLAN_FILTERING, U8, "vlan_filtering"),
	A(IFLA_BR_VLAN_PROTOCOL, ETHERTYPE, "vlan_protocol"),
	A(IFLA_BR_BRIDGE_ID, BRIDGE_ID, "bridge_id"),
	A(IFLA_BR_ROOT_ID, BRIDGE_ID, "root_id"),
	A(IFLA_BR_ROOT_PORT, U16, "root_port"),
	A(IFLA_BR_ROOT_PATH_COST, U32, "root_path_cost"),
	A(IFLA_BR_TOPOLOGY_CHANGE, U8, "topology_change"),
	A(IFLA_BR_TOPOLOGY_CHANGE_DETECTED, U8, "topology_change_detected"),
	A(IFLA_BR_HELLO_TIMER, TIMER, "hello_timer"),
	A(IFLA_BR_TCN_TIMER, TIMER, "tcn_timer"),
	A(IFLA_BR_TOPOLOGY_CHANGE_TIMER, TIMER, "topology_change_timer"),
	A(IFLA_BR_GC_TIMER, TIMER, "gc_timer"),
	A(IFLA_BR_VLAN_DEFAULT_PVID, U16, "vlan_default_pvid"),
	A(IFLA_BR_VLAN_STATS_ENABLED, U8, "vlan_stats_enabled"),
	A(IFLA_BR_VLAN_STATS_PER_PORT, U8, "vlan_stats_per_port"),
	A(IFLA_BR_GROUP_FWD_MASK, HEX16, "group_fwd_mask"),
	A(IFLA_BR_GROUP_ADDR, MAC, "group_addr"),
	A(IFLA_BR_MCAST_SNOOPING, U8, "mcast_snooping"),
	A(IFLA_BR_MULTI_BOOLOPT, OPTIONS, NULL, .names = bridge_options),
	A(IFLA_BR_MCAST_ROUTER, U8, "mcast_router"),
	A(IFLA_BR_MCAST_QUERY_USE_IFADDR, U8, "mcast_query_use_ifaddr"),
	A(IFLA_BR_MCAST_QUERIER, U8, "mcast_querier"),
	A(IFLA_BR_MCAST_HASH_ELASTICITY, U32, "mcast_hash_elasticity"),
	A(IFLA_BR_MCAST_HASH_MAX, U32, "mcast_hash_max"),
	A(IFLA_BR_MCAST_LAST_MEMBER_CNT, U32, "mcast_last_member_cnt"),
	A(IFLA_BR_MCAST_STARTUP_QUERY_CNT, U32, "mcast_startup_query_cnt"),
	A(IFLA_BR_MCAST_LAST_MEMBER_INTVL, U64, "mcast_last_member_intvl"),
	A(IFLA_BR_MCAST_MEMBERSHIP_INTVL, U64, "mcast_membership_intvl"),
	A(IFLA_BR_MCAST_QUERIER_INTVL, U64, "mcast_querier_intvl"),
	A(IFLA_BR_MCAST_QUERY_INTVL, U64, "mcast_query_intvl"),
	A(IFLA_BR_MCAST_QUERY_RESPONSE_INTVL, U64, "mcast_query_response_intvl"),
	A(IFLA_BR_MCAST_STARTUP_QUERY_INTVL, U64, "mcast_startup_query_intvl"),
	A(IFLA_BR_MCAST_STATS_ENABLED, U8, "mcast_stats_enabled"),
	A(IFLA_BR_MCAST_IGMP_VERSION, U8, "mcast_igmp_version"),
	A(IFLA_BR_MCAST_MLD_VERSION, U8, "mcast_mld_version"),
	A(IFLA_BR_NF_CALL_IPTABLES, U8, "nf_call_iptables"),
	A(IFLA_BR_NF_CALL_IP6TABLES, U8, "nf_call_ip6tables"),
	A(IFLA_BR_NF_CALL_ARPTABLES, U8, "nf_call_arptables"),
};
static const struct rtnl_known bridge_port[] = {
	A(IFLA_BRPORT_STATE, NAME8, "state", .names = port_states),
	A(IFLA_BRPORT_PRIORITY, U16, "priority"),
	A(IFLA_BRPORT_COST, U32, "cost"),
	A(IFLA_BRPORT_MODE, BOOL8, "hairpin"),
	A(IFLA_BRPORT_GUARD, BOOL8, "guard"),
	A(IFLA_BRPORT_PROTECT, BOOL8, "root_block"),
	A(IFLA_BRPORT_FAST_LEAVE, BOOL8, "fastleave"),
	A(IFLA_BRPORT_LEARNING, BOOL8, "learning"),
	A(IFLA_BRPORT_UNICAST_FLOOD, BOOL8, "flood"),
	A(IFLA_BRPORT_ID, HEX16, "id"),
	A(IFLA_BRPORT_NO, HEX16, "no"),
	A(IFLA_BRPORT_DESIGNATED_PORT, U16, "designated_port"),
	A(IFLA_BRPORT_DESIGNATED_COST, U16, "designated_cost"),
	A(IFLA_BRPORT_BRIDGE_ID, BRIDGE_ID, "bridge_id"),
	A(IFLA_BRPORT_ROOT_ID, BRIDGE_ID, "root_id"),
	A(IFLA_BRPORT_HOLD_TIMER, TIMER, "hold_timer"),
	A(IFLA_BRPORT_MESSAGE_AGE_TIMER, TIMER, "message_age_timer"),
	A(IFLA_BRPORT_FORWARD_DELAY_TIMER, TIMER, "forward_delay_timer"),
	A(IFLA_BRPORT_TOPOLOGY_CHANGE_ACK, U8, "topology_change_ack"),
	A(IFLA_BRPORT_CONFIG_PENDING, U8, "config_pending"),
	A(IFLA_BRPORT_PROXYARP, BOOL8, "proxy_arp"),
	A(IFLA_BRPORT_PROXYARP_WIFI, BOOL8, "proxy_arp_wifi"),
	A(IFLA_BRPORT_MULTICAST_ROUTER, U8, "multicast_router"),
	A(IFLA_BRPORT_MCAST_FLOOD, BOOL8, "mcast_flood"),
	A(IFLA_BRPORT_BCAST_FLOOD, BOOL8, "bcast_flood"),
	A(IFLA_BRPORT_MCAST_TO_UCAST, BOOL8, "mcast_to_unicast"),
	A(IFLA_BRPORT_NEIGH_SUPPRESS, BOOL8, "neigh_suppress"),
	A(IFLA_BRPORT_GROUP_FWD_MASK, FORWARDED, "group_fwd_mask"),
	A(IFLA_BRPORT_VLAN_TUNNEL, BOOL8, "vlan_tunnel"),
	A(IFLA_BRPORT_ISOLATED, BOOL8, "isolated"),
	A(IFLA_BRPORT_LOCKED, BOOL8, "locked"),
};

/* --- bonds ----------------------------------------------------------------------------------------------------------------------------- */

static const char *const bond_modes[] = { "balance-rr", "active-backup", "balance-xor", "broadcast",
					  "802.3ad",    "balance-tlb",   "balance-alb", NULL };
static const char *const arp_validate[] = { "null", "active", "backup", "all", "filter", "filter_active", "filter_backup", NULL };
static const char *const arp_all_targets[] = { "any", "all", NULL };
static const char *const primary_reselect[] = { "always", "better", "failure", NULL };
static const char *const fail_over_mac[] = { "none", "active", "follow", NULL };
static const char *const xmit_hash_policy[] = { "layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4", "vlan+srcmac", NULL };
static const char *const lacp_rate[] = { "slow", "fast", NULL };
static const char *const ad_select[] = { "stable", "bandwidth", "count", NULL };
static const char *const bond_states[] = { "ACTIVE", "BACKUP", NULL };
static const char *const mii_status[] = { "UP", "GOING_DOWN", "DOWN", "GOING_BACK", NULL };
static const struct rtnl_known ad_info[] = {
	A(IFLA_BOND_AD_INFO_AGGREGATOR, U16, "ad_info.aggregator"),   A(IFLA_BOND_AD_INFO_NUM_PORTS, U16, "ad_info.num_ports"),
	A(IFLA_BOND_AD_INFO_ACTOR_KEY, U16, "ad_info.actor_key"),     A(IFLA_BOND_AD_INFO_PARTNER_KEY, U16, "ad_info.partner_key"),
	A(IFLA_BOND_AD_INFO_PARTNER_MAC, MAC, "ad_info.partner_mac"),
};
static const struct rtnl_kind ad_info_kind = { NULL, ad_info, ARRAY_SIZE(ad_info) };
static const struct rtnl_known bond[] = {
	A(IFLA_BOND_MODE, NAME8, "mode", .names = bond_modes),
	A(IFLA_BOND_ACTIVE_SLAVE, U32_SET, "active_slave"),
	A(IFLA_BOND_MIIMON, U32, "miimon"),
	A(IFLA_BOND_UPDELAY, U32, "updelay"),
	A(IFLA_BOND_DOWNDELAY, U32, "downdelay"),
	A(IFLA_BOND_PEER_NOTIF_DELAY, U32, "peer_notify_delay"),
	A(IFLA_BOND_USE_CARRIER, U8, "use_carrier"),
	A(IFLA_BOND_ARP_INTERVAL, U32, "arp_interval"),
	A(IFLA_BOND_MISSED_MAX, U8, "arp_missed_max"),
	A(IFLA_BOND_ARP_IP_TARGET, IP4_LIST, "arp_ip_target[]"),
	A(IFLA_BOND_NS_IP6_TARGET, IP6_LIST, "ns_ip6_target[]"),
	A(IFLA_BOND_ARP_VALIDATE, NAME32, "arp_validate", .names = arp_validate),
	A(IFLA_BOND_ARP_ALL_TARGETS, NAME32, "arp_all_targets", .names = arp_all_targets),
	A(IFLA_BOND_PRIMARY, U32_SET, "primary"),
	A(IFLA_BOND_PRIMARY_RESELECT, NAME8, "primary_reselect", .names = primary_reselect),
	A(IFLA_BOND_FAIL_OVER_MAC, NAME8, "fail_over_mac", .names = fail_over_mac),
	A(IFLA_BOND_XMIT_HASH_POLICY, NAME8, "xmit_hash_policy", .names = xmit_hash_policy),
	A(IFLA_BOND_RESEND_IGMP, U32, "resend_igmp"),
	A(IFLA_BOND_NUM_PEER_NOTIF, U8, "num_peer_notif"),
	A(IFLA_BOND_ALL_SLAVES_ACTIVE, U8, "all_slaves_active"),
	A(IFLA_BOND_MIN_LINKS, U32, "min_links"),
	A(IFLA_BOND_LP_INTERVAL, U32, "lp_interval"),
	A(IFLA_BOND_PACKETS_PER_SLAVE, U32, "packets_per_slave"),
	A(IFLA_BOND_AD_LACP_ACTIVE, NAME8, "ad_lacp_active", .names = off_on),
	A(IFLA_BOND_AD_LACP_RATE, NAME8, "ad_lacp_rate", .names = lacp_rate),
	A(IFLA_BOND_AD_SELECT, NAME8, "ad_select", .names = ad_select),
	A(IFLA_BOND_AD_INFO, NEST, "ad_info", .nest = &ad_info_kind),
	A(IFLA_BOND_AD_ACTOR_SYS_PRIO, U16, "ad_actor_sys_prio"),
	A(IFLA_BOND_AD_USER_PORT_KEY, U16, "ad_user_port_key"),
	A(IFLA_BOND_AD_ACTOR_SYSTEM, MAC, "ad_actor_system"),
	A(IFLA_BOND_TLB_DYNAMIC_LB, U8, "tlb_dynamic_lb"),
};
static const struct rtnl_known bond_port[] = {
	A(IFLA_BOND_SLAVE_STATE, NAME8, "state", .names = bond_states),
	A(IFLA_BOND_SLAVE_MII_STATUS, NAME8, "mii_status", .names = mii_status),
	A(IFLA_BOND_SLAVE_LINK_FAILURE_COUNT, U32, "link_failure_count"),
	A(IFLA_BOND_SLAVE_PERM_HWADDR, MAC, "perm_hwaddr"),
	A(IFLA_BOND_SLAVE_QUEUE_ID, U16, "queue_id"),
	A(IFLA_BOND_SLAVE_PRIO, U32, "prio"),
	A(IFLA_BOND_SLAVE_AD_AGGREGATOR_ID, U16, "ad_aggregator_id"),
	A(IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE, U8, "ad_actor_oper_port_state"),
	A(IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE, U16, "ad_partner_oper_port_state"),
};

/* --- what stands on another device ------------------------------------------------------------------------------------------------------ */

static const char *const vlan_flags[] = {
	"REORDER_HDR", "GVRP", "LOOSE_BINDING", "MVRP", "BRIDGE_BINDING", NULL
}; /* VLAN_FLAG_* */
static const struct rtnl_known vlan[] = {
	A(IFLA_VLAN_PROTOCOL, ETHERTYPE, "protocol"),
	A(IFLA_VLAN_ID, U16, "id"),
	A(IFLA_VLAN_FLAGS, VLAN_FLAGS, "flags[]", .names = vlan_flags),
};
static const char *const macvlan_modes[] = { "private", "vepa", "bridge", "passthru", "source", NULL };
static const struct rtnl_known macvlan[] = {
	A(IFLA_MACVLAN_MODE, BIT32, "mode", .names = macvlan_modes), A(IFLA_MACVLAN_MACADDR_COUNT, U32_SET, "macaddr_count"),
	A(IFLA_MACVLAN_MACADDR_DATA, MAC_LIST, "macaddr_data[]"),    A(IFLA_MACVLAN_BC_QUEUE_LEN, U32, "bcqueuelen"),
	A(IFLA_MACVLAN_BC_QUEUE_LEN_USED, U32, "usedbcqueuelen"),
};
static const char *const ipvlan_modes[] = { "l2", "l3", "l3s", NULL };
static const struct rtnl_known ipvlan[] = {
	A(IFLA_IPVLAN_MODE, NAME16, "mode", .names = ipvlan_modes),
	A(IFLA_IPVLAN_FLAGS, IPVLAN, NULL),
};
static const struct rtnl_known vrf[] = {
	A(IFLA_VRF_TABLE, U32, "table"),
};
static const struct rtnl_known vrf_port[] = {
	A(IFLA_VRF_PORT_TABLE, U32, "table"),
};

/* --- tunnels --------------------------------------------------------------------------------------------------------------------------- */

static const char *const vxlan_df[] = { "unset", "set", "inherit", NULL };
static const struct rtnl_known vxlan[] = {
	A(IFLA_VXLAN_COLLECT_METADATA, SET8, "external"),
	A(IFLA_VXLAN_VNIFILTER, SET8, "vnifilter"),
	A(IFLA_VXLAN_ID, U32, "id"),
	A(IFLA_VXLAN_GROUP, IP4, "group"),
	A(IFLA_VXLAN_GROUP6, IP6, "group6"),
	A(IFLA_VXLAN_LOCAL, IP4, "local"),
	A(IFLA_VXLAN_LOCAL6, IP6, "local6"),
	A(IFLA_VXLAN_LINK, U32, "link"),
	A(IFLA_VXLAN_PORT_RANGE, PORT_RANGE, "port_range"),
	A(IFLA_VXLAN_PORT, BE16, "port"),
	A(IFLA_VXLAN_LEARNING, BOOL8, "learning"),
	A(IFLA_VXLAN_PROXY, SET8, "proxy"),
	A(IFLA_VXLAN_RSC, SET8, "rsc"),
	A(IFLA_VXLAN_L2MISS, SET8, "l2miss"),
	A(IFLA_VXLAN_L3MISS, SET8, "l3miss"),
	A(IFLA_VXLAN_TOS, HEX8_SET, "tos"),
	A(IFLA_VXLAN_TTL, U8, "ttl"),
	A(IFLA_VXLAN_DF, NAME8, "df", .names = vxlan_df),
	A(IFLA_VXLAN_LABEL, BE32_HEX_SET, "label"),
	A(IFLA_VXLAN_AGEING, U32, "ageing"),
	A(IFLA_VXLAN_LIMIT, U32_SET, "limit"),
	A(IFLA_VXLAN_UDP_CSUM, BOOL8, "udp_csum"),
	A(IFLA_VXLAN_UDP_ZERO_CSUM6_TX, BOOL8, "udp_zero_csum6_tx"),
	A(IFLA_VXLAN_UDP_ZERO_CSUM6_RX, BOOL8, "udp_zero_csum6_rx"),
	A(IFLA_VXLAN_REMCSUM_TX, SET8, "remcsum_tx"),
	A(IFLA_VXLAN_REMCSUM_RX, SET8, "remcsum_rx"),
	A(IFLA_VXLAN_GBP, FLAG, "gbp"),
	A(IFLA_VXLAN_GPE, FLAG, "gpe"),
};
static const char *const tun_types[] = { "none", "tun", "tap", NULL };
static const struct rtnl_known tun[] = {
	A(IFLA_TUN_OWNER, U32, "user"),
	A(IFLA_TUN_GROUP, U32, "group"),
	A(IFLA_TUN_TYPE, NAME8, "type", .names = tun_types),
	A(IFLA_TUN_PI, BOOL8, "pi"),
	A(IFLA_TUN_VNET_HDR, BOOL8, "vnet_hdr"),
	A(IFLA_TUN_MULTI_QUEUE, BOOL8, "multi_queue"),
	A(IFLA_TUN_NUM_QUEUES, U32, "numqueues"),
	A(IFLA_TUN_NUM_DISABLED_QUEUES, U32, "numdisabled"),
	A(IFLA_TUN_PERSIST, BOOL8, "persist"),
};
static const struct rtnl_known tunnel4[] = {
	A(IFLA_IPTUN_LOCAL, IP4, "local"),
	A(IFLA_IPTUN_REMOTE, IP4, "remote"),
	A(IFLA_IPTUN_TTL, U8, "ttl"),
	A(IFLA_IPTUN_COLLECT_METADATA, FLAG, "external"),
};
static const struct rtnl_known tunnel6[] = {
	A(IFLA_IPTUN_LOCAL, IP6, "local"),
	A(IFLA_IPTUN_REMOTE, IP6, "remote"),
	A(IFLA_IPTUN_TTL, U8, "ttl"),
	A(IFLA_IPTUN_COLLECT_METADATA, FLAG, "external"),
};
static const struct rtnl_known gre4[] = {
	A(IFLA_GRE_LOCAL, IP4, "local"), A(IFLA_GRE_REMOTE, IP4, "remote"), A(IFLA_GRE_TTL, U8, "ttl"),
	A(IFLA_GRE_IKEY, BE32, "ikey"),  A(IFLA_GRE_OKEY, BE32, "okey"),    A(IFLA_GRE_COLLECT_METADATA, FLAG, "external"),
};
static const struct rtnl_known gre6[] = {
	A(IFLA_GRE_LOCAL, IP6, "local"), A(IFLA_GRE_REMOTE, IP6, "remote"), A(IFLA_GRE_TTL, U8, "ttl"),
	A(IFLA_GRE_IKEY, BE32, "ikey"),  A(IFLA_GRE_OKEY, BE32, "okey"),    A(IFLA_GRE_COLLECT_METADATA, FLAG, "external"),
};
static const struct rtnl_known geneve[] = {
	A(IFLA_GENEVE_ID, U32, "id"),      A(IFLA_GENEVE_REMOTE, IP4, "remote"), A(IFLA_GENEVE_REMOTE6, IP6, "remote6"),
	A(IFLA_GENEVE_PORT, BE16, "port"), A(IFLA_GENEVE_TTL, U8, "ttl"),        A(IFLA_GENEVE_COLLECT_METADATA, FLAG, "external"),
};

/* --- by name ----------------------------------------------------------------------------------------------------------------------------- */

#define KIND(name, list) \
	{ \
		name, list, ARRAY_SIZE(list) \
	}
static const struct rtnl_kind kinds[] = {
	KIND("bridge", bridge), KIND("vlan", vlan),      KIND("macvlan", macvlan), KIND("macvtap", macvlan), KIND("ipvlan", ipvlan),
	KIND("ipvtap", ipvlan), KIND("vrf", vrf),        KIND("vxlan", vxlan),     KIND("bond", bond),       KIND("tun", tun),
	KIND("ipip", tunnel4),  KIND("sit", tunnel4),    KIND("ip6tnl", tunnel6),  KIND("gre", gre4),        KIND("gretap", gre4),
	KIND("ip6gre", gre6),   KIND("ip6gretap", gre6), KIND("geneve", geneve),
};
static const struct rtnl_kind ports[] = { KIND("bridge", bridge_port), KIND("bond", bond_port), KIND("vrf", vrf_port) };

static const struct rtnl_kind *find(const struct rtnl_kind *list, size_t n, const char *name)
{
	for (size_t i = 0; name && i < n; i++)
		if (!strcmp(list[i].name, name))
			return &list[i];
	return NULL;
}

const struct rtnl_kind *rtnl_kind(const char *name)
{
	return find(kinds, ARRAY_SIZE(kinds), name);
}

const struct rtnl_kind *rtnl_port_kind(const char *name)
{
	return find(ports, ARRAY_SIZE(ports), name);
}
