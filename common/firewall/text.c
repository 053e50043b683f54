// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/netfilter/nf_conntrack_common.h>
#include <netdb.h>
#include <netinet/in.h>

#include "firewall/text.h"
#include "model/net.h"
#include "util/ipaddr.h"

static uint64_t big(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n && i < sizeof(v); i++)
		v = v << 8 | p[i];
	return v;
}

/* In the order of the machine that the snapshot is of, which is ours or little. */
static uint64_t host(const uint8_t *p, size_t n)
{
	uint32_t v = 0;

	memcpy(&v, p, MIN(n, sizeof(v)));
	return v;
}

static void put_bits(FILE *f, uint64_t v, const char *const *names, size_t n)
{
	const char *sep = "";

	for (size_t i = 0; i < n; i++)
		if (v & 1ull << i && names[i]) {
			fprintf(f, "%s%s", sep, names[i]);
			sep = ",";
			v &= ~(1ull << i);
		}
	if (v)
		fprintf(f, "%s0x%llx", sep, (unsigned long long)v);
}

/* The protocols that rules are about. */
static const char *proto_name(uint64_t proto)
{
	static const struct {
		uint8_t proto;
		const char *name;
	} names[] = { { IPPROTO_TCP, "tcp" },         { IPPROTO_UDP, "udp" },   { IPPROTO_ICMP, "icmp" },
		      { IPPROTO_ICMPV6, "icmpv6" },   { IPPROTO_SCTP, "sctp" }, { IPPROTO_DCCP, "dccp" },
		      { IPPROTO_UDPLITE, "udplite" }, { IPPROTO_ESP, "esp" },   { IPPROTO_AH, "ah" },
		      { IPPROTO_GRE, "gre" } };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].proto == proto)
			return names[i].name;
	return NULL;
}

static void put_word(FILE *f, uint64_t v, const char *const *names, size_t n)
{
	if (v < n && names[v])
		fputs(names[v], f);
	else
		fprintf(f, "%llu", (unsigned long long)v);
}

/* Of a prefix that ends with a byte the kernel compares the bytes alone. */
static void put_addr(FILE *f, const uint8_t *p, size_t n)
{
	struct ipaddr a = { .family = n > 4 ? 6 : 4 };
	char text[IPADDR_TEXT];

	memcpy(a.bytes, p, MIN(n, sizeof(a.bytes)));
	fputs(ipaddr_text(&a, text), f);
	if (n < ipaddr_size(&a))
		fprintf(f, "/%zu", 8 * n);
}

/* A device's name; without its NUL it is how names begin. */
static void put_name(FILE *f, const uint8_t *p, size_t n)
{
	size_t len = strnlen((const char *)p, n);

	fprintf(f, "\"%.*s%s\"", (int)len, (const char *)p, len == n && n < 16 ? "*" : "");
}

void text_value(FILE *f, enum text_kind kind, const char *hex)
{
	static const char *const states[] = { "invalid", "established", "related", "new", NULL, NULL, "untracked" };
	static const char *const statuses[] = { "expected", "seen-reply", "assured", "confirmed", "snat", "dnat" };
	static const char *const directions[] = { "original", "reply" };
	static const char *const pkttypes[] = { "host", "broadcast", "multicast", "other" };
	uint8_t p[64];
	size_t n = fw_bytes(hex, p, sizeof(p));
	const char *name;

	if (!n) {
		fputc('?', f);
		return;
	}
	switch (kind) {
	case TEXT_NUMBER:
		fprintf(f, "%llu", (unsigned long long)big(p, n));
		break;
	case TEXT_HOST:
		fprintf(f, "%llu", (unsigned long long)host(p, n));
		break;
	case TEXT_MARK:
		fprintf(f, "0x%llx", (unsigned long long)host(p, n));
		break;
	case TEXT_NAME:
		put_name(f, p, n);
		break;
	case TEXT_ADDR:
		put_addr(f, p, n);
		break;
	case TEXT_PROTO:
		name = proto_name(big(p, n));
		name ? fputs(name, f) : fprintf(f, "%llu", (unsigned long long)big(p, n));
		break;
	case TEXT_FAMILY:
		fputs(p[0] == 10 ? "ipv6" : p[0] == 2 ? "ipv4" : "?", f);
		break;
	case TEXT_ETHER:
		name = big(p, n) == 0x0800 ? "ip" : big(p, n) == 0x86dd ? "ip6" : big(p, n) == 0x0806 ? "arp" : NULL;
		name ? fputs(name, f) : fprintf(f, "0x%04llx", (unsigned long long)big(p, n));
		break;
	case TEXT_CT_STATE:
		put_bits(f, host(p, n), states, ARRAY_SIZE(states));
		break;
	case TEXT_CT_STATUS:
		put_bits(f, host(p, n), statuses, ARRAY_SIZE(statuses));
		break;
	case TEXT_DIRECTION:
		put_word(f, p[0], directions, ARRAY_SIZE(directions));
		break;
	case TEXT_PKTTYPE:
		put_word(f, p[0], pkttypes, ARRAY_SIZE(pkttypes));
		break;
	case TEXT_ADDRTYPE:
		put_word(f, host(p, n), route_type_names, 12);
		break;
	case TEXT_HEX:
		fprintf(f, "0x%s", hex);
		break;
	}
}

const char *text_of_value(struct arena *arena, enum text_kind kind, const char *hex)
{
	char *text CLEAN_MEM = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (!f)
		return "";
	text_value(f, kind, hex);
	return fclose(f) || !text ? "" : arena_strdup(arena, text);
}

unsigned int text_prefix_len(const char *hex)
{
	uint8_t p[64];
	size_t n = fw_bytes(hex, p, sizeof(p));
	unsigned int bits = 0;

	while (bits < 8 * n && p[bits / 8] & 0x80 >> bits % 8)
		bits++;
	return bits;
}

/* One less than a big-endian number. */
static void decrement(uint8_t *p, size_t n)
{
	while (n-- > 0 && p[n]-- == 0)
		;
}

const char *text_before_next(struct arena *arena, const struct snap_fw_set *set, const struct snap_fw_elem *e)
{
	static const char digits[] = "0123456789abcdef";
	const char *next = NULL;
	uint8_t p[64];
	size_t n;
	char *out;

	for (uint32_t i = 0; i < set->n_elems; i++) {
		const char *key = set->elems[i].key;

		if (set->elems[i].interval_end && key && strcmp(key, e->key) > 0 && (!next || strcmp(key, next) < 0))
			next = key;
	}
	n = fw_bytes(next, p, sizeof(p));
	if (!n)
		return NULL;
	decrement(p, n);
	out = arena_alloc(arena, 2 * n + 1);
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	return out;
}
