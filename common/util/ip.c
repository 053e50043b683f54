// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "util/ip.h"

int ip_parse(const char *text, struct ip *out)
{
	struct ip a = { 0 };

	if (!text)
		return -EINVAL;
	a.family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(a.family, text, a.b) != 1)
		return -EINVAL;
	*out = a;
	return 0;
}

const char *ip_text(const struct ip *a, char buf[IP_TEXT_SIZE])
{
	if (!a->family || !inet_ntop(a->family, a->b, buf, IP_TEXT_SIZE))
		buf[0] = '\0';
	return buf;
}

unsigned int ip_size(const struct ip *a)
{
	return a->family == AF_INET ? 4 : 16;
}

unsigned int ip_bits(const struct ip *a)
{
	return 8 * ip_size(a);
}

bool ip_equal(const struct ip *a, const struct ip *b)
{
	return a->family == b->family && !memcmp(a->b, b->b, ip_size(a));
}

bool ip_in(const struct ip *a, const struct ip *net, unsigned int len)
{
	unsigned int bytes = len / 8, rest = len % 8;

	if (a->family != net->family || len > ip_bits(a) || memcmp(a->b, net->b, bytes) != 0)
		return false;
	return !rest || !((a->b[bytes] ^ net->b[bytes]) >> (8 - rest));
}

bool ip_is_any(const struct ip *a)
{
	static const uint8_t none[16];

	return !memcmp(a->b, none, ip_size(a));
}

bool ip_is_loopback(const struct ip *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	return a->family == AF_INET ? a->b[0] == 127 : a->family == AF_INET6 && !memcmp(a->b, one, sizeof(one));
}

bool ip_is_multicast(const struct ip *a)
{
	return a->family == AF_INET ? (a->b[0] & 0xf0) == 0xe0 : a->family == AF_INET6 && a->b[0] == 0xff;
}

bool ip_is_link_local(const struct ip *a)
{
	if (a->family == AF_INET)
		return a->b[0] == 169 && a->b[1] == 254;
	return a->family == AF_INET6 && a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80;
}

bool ip_is_mapped(const struct ip *a)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return a->family == AF_INET6 && !memcmp(a->b, prefix, sizeof(prefix));
}

struct ip ip_unmapped(const struct ip *a)
{
	struct ip v4 = { .family = AF_INET };

	if (!ip_is_mapped(a))
		return *a;
	memcpy(v4.b, a->b + 12, 4);
	return v4;
}
