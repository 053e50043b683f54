// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>

#include "firewall/published.h"
#include "firewall/walk.h"
#include "firewall/way.h"

struct way way_all(uint8_t family)
{
	return (struct way){ .family = family, .high = UINT16_MAX };
}

/* --- registers ----------------------------------------------------------------------------------------------------------------- */

/* Bytes that there is room for. */
static size_t room(int at, size_t n)
{
	return at < 0 ? 0 : MIN(n, (size_t)(WAY_BYTES - at));
}

/* A value of n bytes, padded to whole words as the kernel does. */
static void set_bytes(struct way_regs *regs, int64_t reg, size_t n, enum way_byte what, size_t first)
{
	int to = regs_at(reg);
	size_t padded = room(to, (n + 3) & ~(size_t)3);

	for (size_t i = 0; i < padded; i++) {
		regs->what[(size_t)to + i] = (uint8_t)(i < n ? what : WAY_PAD);
		regs->at[(size_t)to + i] = (uint8_t)(first + i);
		regs->mask[(size_t)to + i] = 0;
	}
}

/* Where things stand in a header. nft reads neighbours at once, so each byte is looked at. */
struct place_in_header {
	uint8_t family; /* 0: either */
	uint32_t base;
	uint32_t first, n;
	enum way_byte what;
};
static const struct place_in_header header[] = {
	{ 4, NFT_PAYLOAD_NETWORK_HEADER, 9, 1, WAY_PROTO },    { 4, NFT_PAYLOAD_NETWORK_HEADER, 12, 4, WAY_SOURCE },
	{ 4, NFT_PAYLOAD_NETWORK_HEADER, 16, 4, WAY_DADDR },   { 6, NFT_PAYLOAD_NETWORK_HEADER, 6, 1, WAY_PROTO },
	{ 6, NFT_PAYLOAD_NETWORK_HEADER, 8, 16, WAY_SOURCE },  { 6, NFT_PAYLOAD_NETWORK_HEADER, 24, 16, WAY_DADDR },
	{ 0, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, WAY_SOURCE }, { 0, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, WAY_DPORT },
};

static void read_payload(struct way_regs *regs, const struct way *way, const struct snap_fw_expr *e)
{
	int to = regs_at(e->dreg);
	size_t n = e->len > 0 ? room(to, (size_t)e->len) : 0;

	set_bytes(regs, e->dreg, n, WAY_OTHER, 0);
	for (size_t i = 0; i < n && e->offset >= 0; i++)
		for (size_t k = 0; k < ARRAY_SIZE(header); k++) {
			int64_t in = e->offset + (int64_t)i - header[k].first;

			if (header[k].base != e->base || (header[k].family && header[k].family != way->family) || in < 0 ||
			    in >= header[k].n)
				continue;
			regs->what[(size_t)to + i] = (uint8_t)header[k].what;
			regs->at[(size_t)to + i] = (uint8_t)in;
		}
}

/* The family is the way's from the beginning: it matches, or nothing comes so far. */
static void read_meta(struct way_regs *regs, const struct way *way, const struct snap_fw_expr *e)
{
	uint8_t family = way->family == 4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
	int to = regs_at(e->dreg);

	switch (e->key) {
	case NFT_META_L4PROTO:
		set_bytes(regs, e->dreg, 1, WAY_PROTO, 0);
		break;
	case NFT_META_NFPROTO:
		set_bytes(regs, e->dreg, 1, WAY_CONSTANT, 0);
		if (to >= 0)
			regs->v[to] = family;
		break;
	case NFT_META_IIF:
	case NFT_META_IIFNAME:
	case NFT_META_IIFTYPE:
	case NFT_META_IIFGROUP:
	case NFT_META_IIFKIND:
	case NFT_META_BRI_IIFNAME:
		set_bytes(regs, e->dreg, 16, WAY_DEVICE, 0);
		break;
	default:
		set_bytes(regs, e->dreg, 16, e->key == NFT_META_MARK ? WAY_MARK : WAY_OTHER, 0);
	}
}

void way_read(struct way_regs *regs, const struct way *way, const struct snap_fw_expr *e)
{
	bool daddr = e->flags != OPT_NONE && e->flags & NFTA_FIB_F_DADDR;
	enum way_byte what = WAY_OTHER;

	if (!strcmp(e->name, "payload")) {
		read_payload(regs, way, e);
		return;
	}
	if (!strcmp(e->name, "meta")) {
		read_meta(regs, way, e);
		return;
	}
	if (!strcmp(e->name, "numgen") || !strcmp(e->name, "hash"))
		what = WAY_CHANCE;
	else if (!strcmp(e->name, "fib") && daddr && e->key == NFT_FIB_RESULT_ADDRTYPE)
		what = WAY_LOCAL;
	else if (!strcmp(e->name, "ct")) /* what is translated is new */
		what = e->key == NFT_CT_STATE ? WAY_PAD : e->key == NFT_CT_MARK ? WAY_MARK : WAY_OTHER;
	if (strcmp(e->name, "byteorder") != 0 || e->len != 1) /* a byte alone has no order */
		set_bytes(regs, e->dreg, 16, what, 0);
}

void way_mask(struct way_regs *regs, const struct snap_fw_expr *e)
{
	uint8_t kept[WAY_BYTES], xor[WAY_BYTES];
	int from = regs_at(e->sreg), to = regs_at(e->dreg);
	size_t n = fw_bytes(e->data, kept, sizeof(kept)), n_xor = fw_bytes(e->data2, xor, sizeof(xor));
	bool plain = e->op == OPT_NONE || e->op == NFT_BITWISE_BOOL;

	for (size_t i = 0; i < n_xor; i++)
		plain = plain && !xor[i];
	if (!n || from < 0 || to < 0 || !plain) {
		set_bytes(regs, e->dreg, e->len > 0 ? (size_t)e->len : 4, WAY_OTHER, 0);
		return;
	}
	n = MIN(room(from, n), room(to, n));
	for (size_t i = 0; i < n; i++) {
		regs->what[(size_t)to + i] = regs->what[(size_t)from + i];
		regs->at[(size_t)to + i] = regs->at[(size_t)from + i];
		regs->mask[(size_t)to + i] = (uint8_t)(regs->mask[(size_t)from + i] | ~kept[i]);
		if (regs->what[(size_t)to + i] == WAY_CONSTANT)
			regs->what[(size_t)to + i] = WAY_OTHER;
	}
}

void way_put(struct way_regs *regs, int64_t reg, const char *hex)
{
	uint8_t bytes[WAY_BYTES];
	int to = regs_at(reg);
	size_t n = room(to, fw_bytes(hex, bytes, sizeof(bytes)));

	set_bytes(regs, reg, n, WAY_CONSTANT, 0);
	if (n)
		memcpy(regs->v + to, bytes, n);
}

bool way_constant(const struct way_regs *regs, int64_t reg, size_t n, uint8_t *out)
{
	int from = regs_at(reg);

	if (room(from, n) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (regs->what[(size_t)from + i] != WAY_CONSTANT)
			return false;
	memcpy(out, regs->v + from, n);
	return true;
}

/* --- conditions ---------------------------------------------------------------------------------------------------------------- */

bool way_proto(struct way *way, uint8_t proto)
{
	if (way->proto && way->proto != proto)
		return false;
	way->proto = proto;
	return true;
}

bool way_ports(struct way *way, uint32_t low, uint32_t high)
{
	way->low = MAX(way->low, low);
	way->high = MIN(way->high, high);
	return way->low <= way->high;
}

bool way_host(struct way *way, const struct ipaddr *host, uint32_t prefix)
{
	if (way->host.family && !ipaddr_in(prefix > way->prefix ? host : &way->host, prefix > way->prefix ? &way->host : host,
					   MIN(prefix, way->prefix)))
		return false;
	if (!way->host.family || prefix > way->prefix) {
		way->host = *host;
		way->prefix = prefix;
	}
	return host->family == way->family;
}

/* From one address to another, if that is what a prefix has. */
static bool within_addresses(struct way *way, const uint8_t *low, const uint8_t *high)
{
	struct ipaddr host = { .family = way->family };
	uint32_t bits = (uint32_t)ipaddr_size(&host) * 8, prefix = 0;

	memcpy(host.bytes, low, ipaddr_size(&host));
	while (prefix < bits && !((low[prefix / 8] ^ high[prefix / 8]) & 0x80 >> prefix % 8))
		prefix++;
	for (uint32_t i = prefix; i < bits; i++)
		if (low[i / 8] & 0x80 >> i % 8 || !(high[i / 8] & 0x80 >> i % 8)) {
			way->conditions |= PUBLISHED_OTHER;
			return true;
		}
	return !prefix || way_host(way, &host, prefix);
}

static bool within_ports(struct way *way, const uint8_t *low, const uint8_t *high)
{
	return way_ports(way, (uint32_t)(low[0] << 8 | low[1]), (uint32_t)(high[0] << 8 | high[1]));
}

static bool within_protos(struct way *way, const uint8_t *low, const uint8_t *high)
{
	if (*low == *high)
		return way_proto(way, *low);
	way->conditions |= PUBLISHED_OTHER;
	return true;
}

/* What is told of the others is that they are asked for. */
static unsigned int condition_of(uint8_t what)
{
	static const unsigned int conditions[] = {
		[WAY_OTHER] = PUBLISHED_OTHER,   [WAY_CONSTANT] = 0,          [WAY_SOURCE] = PUBLISHED_SOURCE,
		[WAY_DEVICE] = PUBLISHED_DEVICE, [WAY_MARK] = PUBLISHED_MARK, [WAY_CHANCE] = PUBLISHED_CHANCE
	};

	return what < ARRAY_SIZE(conditions) ? conditions[what] : 0;
}

/* Bits that count are one run from the left: 0xf0, and all of the bytes before. */
static bool is_prefix(uint8_t gone, uint8_t gone_before)
{
	return !(gone & (gone + 1)) && (!gone_before || gone == 0xff);
}

/* Bytes of one kind, in the order of the packet; those that are not asked for may be anything. */
struct asked {
	bool any;
	uint8_t low[16], high[16];
};

bool way_within(struct way *way, const struct way_regs *regs, int64_t reg, const uint8_t *low, const uint8_t *high, size_t n)
{
	struct asked asked[WAY_DADDR + 1];
	int from = regs_at(reg);
	bool left = room(from, n) == n, mangled = !left;
	uint8_t gone_before = 0;

	for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
		asked[i].any = false;
		memset(asked[i].low, 0, sizeof(asked[i].low));
		memset(asked[i].high, 0xff, sizeof(asked[i].high));
	}
	high = high ? high : low;
	for (size_t i = 0; left && i < n; i++) {
		size_t r = (size_t)from + i;
		uint8_t what = regs->what[r], gone = regs->mask[r];
		struct asked *a = &asked[what];

		if (what == WAY_CONSTANT && low[i] == high[i] && regs->v[r] != low[i])
			return false;
		if (what == WAY_LOCAL && regs->at[r] == 0 && low[i] != RTN_LOCAL &&
		    low[i] != 0) /* of a number in the kernel's order */
			way->conditions |= PUBLISHED_OTHER;
		if (what >= WAY_PROTO && regs->at[r] < sizeof(a->low)) {
			mangled = mangled || !is_prefix(gone, gone_before);
			a->low[regs->at[r]] = low[i] & (uint8_t)~gone;
			a->high[regs->at[r]] = high[i] | gone;
			a->any = true;
			gone_before = gone;
		}
		way->conditions |= condition_of(what);
	}
	if (mangled) {
		way->conditions |= PUBLISHED_OTHER;
		return true;
	}
	return (!asked[WAY_PROTO].any || within_protos(way, asked[WAY_PROTO].low, asked[WAY_PROTO].high)) &&
	       (!asked[WAY_DPORT].any || within_ports(way, asked[WAY_DPORT].low, asked[WAY_DPORT].high)) &&
	       (!asked[WAY_DADDR].any || within_addresses(way, asked[WAY_DADDR].low, asked[WAY_DADDR].high));
}

bool way_outside(struct way *way, const struct way_regs *regs, int64_t reg, size_t n)
{
	int from = regs_at(reg);

	for (size_t i = 0, end = room(from, n); i < end; i++) {
		uint8_t what = regs->what[(size_t)from + i];

		if (what == WAY_PROTO || what == WAY_DPORT)
			way->conditions |= PUBLISHED_OTHER;
		else if (what != WAY_DEVICE)
			way->conditions |= condition_of(what);
	}
	return true;
}

bool way_tells(const struct way_regs *regs, int64_t reg, size_t n)
{
	int from = regs_at(reg);

	for (size_t i = 0, end = room(from, n); i < end; i++)
		if (regs->what[(size_t)from + i] >= WAY_PROTO)
			return true;
	return false;
}
