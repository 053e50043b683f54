// SPDX-License-Identifier: GPL-2.0-or-later
/* What ip -d shows of any device (print_linkinfo(), ip/ipaddress.c), with its keys: rtnl_fill_ifinfo(), net/core/rtnetlink.c. */
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include "net/rtnl.h"

/* Attributes whose kernels are newer than these headers. */
enum { ATTR_GRO_MAX_SIZE = 58, ATTR_TSO_MAX_SIZE = 59, ATTR_TSO_MAX_SEGS = 60, ATTR_ALLMULTI = 61 };

static const struct {
	uint16_t type;
	const char *key;
} numbers[] = {
	{ IFLA_PROMISCUITY, "promiscuity" },   { ATTR_ALLMULTI, "allmulti" },           { IFLA_MIN_MTU, "min_mtu" },
	{ IFLA_MAX_MTU, "max_mtu" },           { IFLA_NUM_TX_QUEUES, "num_tx_queues" }, { IFLA_NUM_RX_QUEUES, "num_rx_queues" },
	{ IFLA_GSO_MAX_SIZE, "gso_max_size" }, { IFLA_GSO_MAX_SEGS, "gso_max_segs" },   { ATTR_TSO_MAX_SIZE, "tso_max_size" },
	{ ATTR_TSO_MAX_SEGS, "tso_max_segs" }, { ATTR_GRO_MAX_SIZE, "gro_max_size" },
};

/* IN6_ADDR_GEN_MODE_*, include/uapi/linux/if_link.h */
static const char *const gen_modes[] = { "eui64", "none", "stable_secret", "random" };

/* IFLA_AF_SPEC: a nest for each address family, in AF_INET6's the mode. */
static const char *gen_mode(const struct nlattr *nest)
{
	nl_for_each_in (family, nest) {
		if (mnl_attr_get_type(family) != 10) /* AF_INET6 */
			continue;
		nl_for_each_in (a, family) {
			const uint8_t *mode = mnl_attr_get_type(a) == IFLA_INET6_ADDR_GEN_MODE ? nl_attr(a, 1) : NULL;

			if (mode && *mode < ARRAY_SIZE(gen_modes))
				return gen_modes[*mode];
		}
	}
	return NULL;
}

/* A number that most devices have alike is stored once: the interner knows its text. */
static const char *text_of(int64_t value, struct intern *in)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", (uint32_t)value);

	return intern_text(in, text, (size_t)len);
}

void rtnl_take_details(const struct nlmsghdr *h, struct intern *in, struct snap_link *l)
{
	struct snap_link_attr found[ARRAY_SIZE(numbers) + 1] = { { 0 } }, *list;
	const char *mode = NULL;

	nl_for_each (a, h, sizeof(struct ifinfomsg)) {
		for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
			if (mnl_attr_get_type(a) == numbers[i].type && OPT_VALUE(rtnl_number(a)))
				found[i] = (struct snap_link_attr){ numbers[i].key, text_of(rtnl_number(a), in), true };
		if (mnl_attr_get_type(a) == IFLA_AF_SPEC)
			mode = gen_mode(a);
	}
	if (mode)
		found[ARRAY_SIZE(numbers)] = (struct snap_link_attr){ "inet6_addr_gen_mode", mode, false };
	list = arena_alloc(in->arena, sizeof(found));
	for (size_t i = 0; i < ARRAY_SIZE(found); i++)
		if (found[i].key)
			list[l->n_details++] = found[i];
	l->details = list;
}
