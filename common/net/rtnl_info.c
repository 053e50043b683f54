// SPDX-License-Identifier: GPL-2.0-or-later
/* IFLA_INFO_DATA and IFLA_INFO_SLAVE_DATA, by the tables of rtnl_kinds.c: words and values as ip -d -j has them. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <linux/if_bridge.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_vlan.h>
#include <stdarg.h>
#include <sys/socket.h>

#include "net/rtnl.h"
#include "net/rtnl_kinds.h"

enum { MAX_PAIRS = 96 };

struct pairs {
	struct intern *in;
	struct snap_link_attr items[MAX_PAIRS];
	uint32_t n;
};

static void add(struct pairs *p, const char *key, bool number, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
static void add(struct pairs *p, const char *key, bool number, const char *fmt, ...)
{
	char text[128];
	va_list ap;
	int len;

	if (p->n == MAX_PAIRS)
		return;
	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	p->items[p->n++] = (struct snap_link_attr){ key, intern_text(p->in, text, MIN((size_t)len, sizeof(text) - 1)), number };
}

static void add_text(struct pairs *p, const char *key, const char *text)
{
	if (text)
		add(p, key, false, "%s", text);
}

/* --- values ----------------------------------------------------------------------------------------------------------------- */

static size_t size_of(enum rtnl_form form)
{
	switch (form) {
	case FORM_U8:
	case FORM_BOOL8:
	case FORM_SET8:
	case FORM_HEX8_SET:
	case FORM_NAME8:
		return 1;
	case FORM_U16:
	case FORM_BE16:
	case FORM_HEX16:
	case FORM_ETHERTYPE:
	case FORM_NAME16:
	case FORM_FORWARDED:
	case FORM_IPVLAN:
		return 2;
	case FORM_U64:
	case FORM_TIMER:
		return 8;
	default:
		return 4;
	}
}

/* A number in the machine's order. false: the attribute has another size. */
static bool take_number(const struct nlattr *a, size_t size, uint64_t *out)
{
	const void *p = nl_attr(a, size);
	uint16_t half;
	uint32_t word;

	if (!p)
		return false;
	switch (size) {
	case 1:
		*out = *(const uint8_t *)p;
		break;
	case sizeof(half):
		memcpy(&half, p, sizeof(half));
		*out = half;
		break;
	case sizeof(word):
		memcpy(&word, p, sizeof(word));
		*out = word;
		break;
	default:
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
	return intern_text(
		in, text,
		(size_t)snprintf(text, sizeof(text), "%02x%02x.%x:%x:%x:%x:%x:%x", p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7]));
}

static const char *mac(const struct nlattr *a, struct intern *in)
{
	const uint8_t *p = nl_attr(a, ETH_ALEN);
	char text[32];

	if (!p)
		return NULL;
	return intern_text(
		in, text,
		(size_t)snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", p[0], p[1], p[2], p[3], p[4], p[5]));
}

static const char *name_of(const char *const *names, uint64_t number)
{
	while (*names && number--)
		names++;
	return *names;
}

/* A name, or null where ip has null: whoever has the table says so. */
static void add_name(struct pairs *p, const struct rtnl_known *k, uint64_t number)
{
	const char *name = name_of(k->names, number);

	if (name)
		add(p, k->key, !strcmp(name, "null"), "%s", name);
}

/* The groups of link-local addresses that pass, 01:80:c2:00:00:0X, by X; and the mask itself. */
static void add_forwarded(struct pairs *p, const char *key, uint64_t mask)
{
	static const char *const names[16] = { [0] = "stp", [2] = "lacp", [14] = "lldp" };
	char text[128];
	size_t len = 0;

	add(p, key, false, "%#" PRIx64, mask);
	for (unsigned int i = 0; i < 16; i++)
		if (mask >> i & 1)
			len += (size_t)(names[i] ? snprintf(text + len, sizeof(text) - len, "%s%s", len ? "," : "", names[i])
						 : snprintf(text + len, sizeof(text) - len, "%s0x%x", len ? "," : "", 1u << i));
	add(p, "group_fwd_mask_str", false, "%s", len ? text : "0x0");
}

static void add_ipvlan(struct pairs *p, uint64_t flags)
{
	add(p, flags & IPVLAN_F_PRIVATE ? "private" : flags & IPVLAN_F_VEPA ? "vepa" : "bridge", true, "true");
}

static void add_number(struct pairs *p, const struct rtnl_known *k, uint64_t v)
{
	switch ((enum rtnl_form)k->form) {
	case FORM_SET8:
		if (v)
			add(p, k->key, true, "true");
		break;
	case FORM_BOOL8:
		add(p, k->key, true, "%s", v ? "true" : "false");
		break;
	case FORM_BE16:
		add(p, k->key, true, "%u", ntohs((uint16_t)v));
		break;
	case FORM_BE32:
		add(p, k->key, true, "%u", ntohl((uint32_t)v));
		break;
	case FORM_TIMER:
		add(p, k->key, true, "%" PRIu64 ".%02u", v / 100, (unsigned int)(v % 100));
		break;
	case FORM_U32_SET:
		if (v)
			add(p, k->key, true, "%" PRIu64, v);
		break;
	default:
		add(p, k->key, true, "%" PRIu64, v);
	}
}

static void add_word(struct pairs *p, const struct rtnl_known *k, uint64_t v)
{
	switch ((enum rtnl_form)k->form) {
	case FORM_ETHERTYPE:
		add_text(p, k->key, ethertype(p->in, ntohs((uint16_t)v)));
		break;
	case FORM_HEX16:
		add(p, k->key, false, "%#" PRIx64, v);
		break;
	case FORM_HEX8_SET:
		if (v)
			add(p, k->key, false, "%#" PRIx64, v);
		break;
	case FORM_BE32_HEX_SET:
		if (v)
			add(p, k->key, false, "%#x", ntohl((uint32_t)v));
		break;
	case FORM_BIT32:
		if (v)
			add_name(p, k, (uint64_t)__builtin_ctzll(v));
		break;
	case FORM_FORWARDED:
		add_forwarded(p, k->key, v);
		break;
	case FORM_IPVLAN:
		add_ipvlan(p, v);
		break;
	default:
		add_name(p, k, v);
	}
}

/* --- structures and nests --------------------------------------------------------------------------------------------------- */

static void add_port_range(struct pairs *p, const struct nlattr *a)
{
	const struct ifla_vxlan_port_range *r = nl_attr(a, sizeof(*r));

	if (!r)
		return;
	add(p, "port_range.low", true, "%u", ntohs(r->low));
	add(p, "port_range.high", true, "%u", ntohs(r->high));
}

static void add_options(struct pairs *p, const struct rtnl_known *k, const struct nlattr *a)
{
	const struct br_boolopt_multi *o = nl_attr(a, sizeof(*o));

	for (uint32_t bit = 0; o && bit < 32 && k->names[bit]; bit++)
		if (o->optmask >> bit & 1)
			add(p, k->names[bit], true, "%u", o->optval >> bit & 1);
}

static void add_vlan_flags(struct pairs *p, const struct rtnl_known *k, const struct nlattr *a)
{
	const struct ifla_vlan_flags *f = nl_attr(a, sizeof(*f));

	for (uint32_t bit = 0; f && bit < 32 && k->names[bit]; bit++)
		if (f->flags >> bit & 1)
			add_text(p, k->key, k->names[bit]);
}

static void take_data(struct pairs *p, const struct rtnl_kind *kind, const struct nlattr *nest);

static void take_value(struct pairs *p, const struct rtnl_known *k, const struct nlattr *a)
{
	int family = k->form == FORM_IP6 || k->form == FORM_IP6_LIST ? AF_INET6 : AF_INET;
	uint64_t v;

	switch ((enum rtnl_form)k->form) {
	case FORM_FLAG:
		add(p, k->key, true, "true");
		break;
	case FORM_IP4:
	case FORM_IP6:
		add_text(p, k->key, rtnl_addr(a, family, p->in));
		break;
	case FORM_IP4_LIST:
	case FORM_IP6_LIST:
		nl_for_each_in (x, a)
			add_text(p, k->key, rtnl_addr(x, family, p->in));
		break;
	case FORM_MAC_LIST:
		nl_for_each_in (x, a)
			add_text(p, k->key, mac(x, p->in));
		break;
	case FORM_MAC:
		add_text(p, k->key, mac(a, p->in));
		break;
	case FORM_BRIDGE_ID:
		add_text(p, k->key, bridge_id(a, p->in));
		break;
	case FORM_PORT_RANGE:
		add_port_range(p, a);
		break;
	case FORM_OPTIONS:
		add_options(p, k, a);
		break;
	case FORM_VLAN_FLAGS:
		add_vlan_flags(p, k, a);
		break;
	case FORM_NEST:
		take_data(p, k->nest, a);
		break;
	default:
		if (!take_number(a, size_of(k->form), &v))
			break;
		if (k->form < FORM_NUMBERS || k->form == FORM_U32_SET)
			add_number(p, k, v);
		else
			add_word(p, k, v);
	}
}

/* --- attributes ------------------------------------------------------------------------------------------------------------- */

static const struct rtnl_known *find_known(const struct rtnl_kind *k, uint16_t type)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->list[i].type == type)
			return &k->list[i];
	return NULL;
}

/* The attributes that we know of, in the kernel's order. */
static void take_data(struct pairs *p, const struct rtnl_kind *kind, const struct nlattr *nest)
{
	nl_for_each_in (a, nest) {
		const struct rtnl_known *known = find_known(kind, mnl_attr_get_type(a));

		if (known)
			take_value(p, known, a);
	}
}

static uint32_t keep_data(const struct rtnl_kind *kind, const struct nlattr *nest, struct intern *in,
			  const struct snap_link_attr **out)
{
	struct pairs p = { .in = in };
	struct snap_link_attr *list;

	if (!kind || !nest)
		return 0;
	take_data(&p, kind, nest);
	if (!p.n)
		return 0;
	list = arena_alloc(in->arena, p.n * sizeof(*list));
	memcpy(list, p.items, p.n * sizeof(*list));
	*out = list;
	return p.n;
}

void rtnl_take_info(const struct nlattr *nest, struct intern *in, struct snap_link *l)
{
	const struct nlattr *data = NULL, *slave_data = NULL;

	nl_for_each_in (a, nest) {
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
	l->n_data = keep_data(rtnl_kind(l->kind), data, in, &l->data);
	l->n_slave_data = keep_data(rtnl_port_kind(l->slave_kind), slave_data, in, &l->slave_data);
}
