// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>

#include "util/ipaddr.h"
#include "util/util.h"

static const uint8_t mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

int ipaddr_parse(const char *text, struct ipaddr *a)
{
	struct ipaddr parsed = { 0 };

	if (!text)
		return -EINVAL;
	if (inet_pton(AF_INET, text, parsed.bytes) == 1)
		parsed.family = 4;
	else if (inet_pton(AF_INET6, text, parsed.bytes) == 1)
		parsed.family = 6;
	else
		return -EINVAL;
	*a = parsed;
	return 0;
}

const char *ipaddr_text(const struct ipaddr *a, char *buf)
{
	*buf = '\0';
	if (a->family)
		inet_ntop(a->family == 4 ? AF_INET : AF_INET6, a->bytes, buf, IPADDR_TEXT);
	return buf;
}

struct ipaddr ipaddr_any(uint8_t family)
{
	return (struct ipaddr){ .family = family };
}

static size_t length(const struct ipaddr *a)
{
	return a->family == 4 ? 4 : a->family == 6 ? 16 : 0;
}

bool ipaddr_equal(const struct ipaddr *a, const struct ipaddr *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, length(a));
}

bool ipaddr_is_any(const struct ipaddr *a)
{
	static const uint8_t zero[16];

	return a->family && !memcmp(a->bytes, zero, length(a));
}

bool ipaddr_is_mapped(const struct ipaddr *a)
{
	return a->family == 6 && !memcmp(a->bytes, mapped_prefix, sizeof(mapped_prefix));
}

bool ipaddr_is_loopback(const struct ipaddr *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	return a->family == 4 ? a->bytes[0] == 127 : a->family == 6 && !memcmp(a->bytes, one, sizeof(one));
}

bool ipaddr_is_linklocal(const struct ipaddr *a)
{
	if (a->family == 4)
		return a->bytes[0] == 169 && a->bytes[1] == 254;
	return a->family == 6 && a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

bool ipaddr_is_multicast(const struct ipaddr *a)
{
	return a->family == 4 ? (a->bytes[0] & 0xf0) == 0xe0 : a->family == 6 && a->bytes[0] == 0xff;
}

struct ipaddr ipaddr_unmap(const struct ipaddr *a)
{
	struct ipaddr v4 = { .family = 4 };

	if (!ipaddr_is_mapped(a))
		return *a;
	memcpy(v4.bytes, a->bytes + 12, 4);
	return v4;
}

bool ipaddr_in(const struct ipaddr *a, const struct ipaddr *prefix, uint32_t len)
{
	size_t whole = len / 8, rest = len % 8;

	if (a->family != prefix->family || len > length(a) * 8 || memcmp(a->bytes, prefix->bytes, whole) != 0)
		return false;
	return !rest || !((a->bytes[whole] ^ prefix->bytes[whole]) >> (8 - rest));
}
