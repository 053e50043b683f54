// SPDX-License-Identifier: GPL-2.0-or-later
/* IP addresses as values: parsed from text once, compared as the kernel compares them. */
#ifndef NSKIT_IPADDR_H
#define NSKIT_IPADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IPADDR_TEXT = 46 }; /* INET6_ADDRSTRLEN */

struct ipaddr {
	uint8_t family;    /* 4 or 6; 0: none */
	uint8_t bytes[16]; /* network order; of an IPv4 address the first four */
};

/* "10.0.0.1", "fe80::1", without a zone. 0 or -EINVAL (also for NULL); *a is untouched then. */
int ipaddr_parse(const char *text, struct ipaddr *a);

/* As inet_ntop(3) writes it; "" for none. At most IPADDR_TEXT bytes with the NUL. Returns buf. */
const char *ipaddr_text(const struct ipaddr *a, char *buf);

/* How many bytes it takes: 4 or 16. */
static inline size_t ipaddr_size(const struct ipaddr *a)
{
	return a->family == 6 ? 16 : 4;
}

/* The wildcard of a family (4 or 6). */
struct ipaddr ipaddr_any(uint8_t family);

bool ipaddr_equal(const struct ipaddr *a, const struct ipaddr *b); /* a mapped address equals no IPv4 one */
bool ipaddr_is_any(const struct ipaddr *a);                        /* 0.0.0.0, :: */
bool ipaddr_is_mapped(const struct ipaddr *a);                     /* ::ffff:a.b.c.d */
bool ipaddr_is_loopback(const struct ipaddr *a);                   /* 127.0.0.0/8, ::1 */
bool ipaddr_is_linklocal(const struct ipaddr *a);                  /* fe80::/10, and 169.254.0.0/16 */
bool ipaddr_is_multicast(const struct ipaddr *a);

/* The IPv4 address that a mapped one stands for; any other is returned as it is. */
struct ipaddr ipaddr_unmap(const struct ipaddr *a);

/* Are the first len bits those of prefix? Of two families never. */
bool ipaddr_in(const struct ipaddr *a, const struct ipaddr *prefix, uint32_t len);

#endif
