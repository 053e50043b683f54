// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "net/nft.h"
#include "net/nft_attr.h"

bool nft_is(const struct nlmsghdr *h, uint8_t op)
{
	return h->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | op) && mnl_nlmsg_get_payload_len(h) >= sizeof(struct nfgenmsg);
}

uint8_t nft_family(const struct nlmsghdr *h)
{
	static const uint8_t protos[] = { NFPROTO_INET, NFPROTO_IPV4, NFPROTO_IPV6, NFPROTO_ARP, NFPROTO_BRIDGE, NFPROTO_NETDEV };
	const struct nfgenmsg *m = mnl_nlmsg_get_payload(h);

	for (unsigned int i = 0; i < ARRAY_SIZE(protos); i++)
		if (protos[i] == m->nfgen_family)
			return (uint8_t)i;
	return FW_FAMILY_OTHER;
}

const char *nft_text(const struct nlattr *a, struct arena *arena)
{
	const char *s = mnl_attr_get_payload(a);

	return arena_strndup(arena, s, strnlen(s, mnl_attr_get_payload_len(a)));
}

void nft_set_u32(const struct nlattr *a, uint32_t *out)
{
	if (mnl_attr_get_payload_len(a) == sizeof(*out))
		*out = ntohl(mnl_attr_get_u32(a));
}

void nft_set_u64(const struct nlattr *a, uint64_t *out)
{
	if (mnl_attr_get_payload_len(a) == sizeof(*out))
		*out = be64toh(mnl_attr_get_u64(a));
}

bool nft_number(const struct nlattr *a, int64_t *out)
{
	const uint8_t *p = mnl_attr_get_payload(a);
	size_t n = mnl_attr_get_payload_len(a);
	uint64_t v = 0;

	if (n != 1 && n != 2 && n != 4 && n != 8)
		return false;
	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	*out = v < 1ull << 53 ? (int64_t)v : OPT_NONE;
	return true;
}

const char *nft_hex(struct arena *arena, const void *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = bytes;
	char *hex;

	if (!n)
		return NULL;
	hex = arena_alloc(arena, 2 * n + 1);
	for (size_t i = 0; i < n; i++) {
		hex[2 * i] = digits[p[i] >> 4];
		hex[2 * i + 1] = digits[p[i] & 15];
	}
	return hex;
}

const char *nft_bytes(const struct nlattr *a, struct arena *arena)
{
	return nft_hex(arena, mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
}

/* NF_* of include/uapi/linux/netfilter.h, NFT_* of nf_tables.h; NULL: no such. */
static const char *verdict_word(int64_t code)
{
	switch ((int32_t)code) {
	case NF_DROP:
		return "drop";
	case NF_ACCEPT:
		return "accept";
	case NFT_CONTINUE:
		return "continue";
	case NFT_BREAK:
		return "break";
	case NFT_JUMP:
		return "jump";
	case NFT_GOTO:
		return "goto";
	case NFT_RETURN:
		return "return";
	default:
		return (code & NF_VERDICT_MASK) == NF_QUEUE ? "queue" : NULL;
	}
}

void nft_data(const struct nlattr *nest, struct arena *arena, const char **data, const char **verdict, const char **chain)
{
	const struct nlattr *value = nl_find_in(nest, NFTA_DATA_VALUE), *said = nl_find_in(nest, NFTA_DATA_VERDICT);
	uint32_t code;

	if (value)
		*data = nft_bytes(value, arena);
	nl_for_each_in (a, said)
		if (mnl_attr_get_type(a) == NFTA_VERDICT_CHAIN) {
			*chain = nft_text(a, arena);
		} else if (mnl_attr_get_type(a) == NFTA_VERDICT_CODE) {
			code = NF_MAX_VERDICT + 1; /* none */
			nft_set_u32(a, &code);
			*verdict = verdict_word(code);
		}
}

/* Records of type, length, text with its NUL; in either kind of user data a comment is of type 0. */
const char *nft_comment(const struct nlattr *userdata, struct arena *arena)
{
	enum { COMMENT = 0 }; /* NFTNL_UDATA_RULE_COMMENT, NFTNL_UDATA_SET_ELEM_COMMENT (libnftnl/udata.h) */
	const uint8_t *p = mnl_attr_get_payload(userdata);
	size_t len = mnl_attr_get_payload_len(userdata);

	while (len >= 2 && len - 2 >= p[1]) {
		if (p[0] == COMMENT)
			return arena_strndup(arena, (const char *)p + 2, strnlen((const char *)p + 2, p[1]));
		len -= 2u + p[1];
		p += 2u + p[1];
	}
	return NULL;
}
