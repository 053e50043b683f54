// SPDX-License-Identifier: GPL-2.0-or-later
/* IP addresses as values: from text and back, prefixes, and what kind they are. IPv4 ones take the first four bytes. */
#ifndef NSKIT_IP_H
#define NSKIT_IP_H

#include <stdbool.h>
#include <stdint.h>

struct ip {
	uint8_t family; /* AF_INET, AF_INET6; 0: none */
	uint8_t b[16];  /* network byte order */
};

enum { IP_TEXT_SIZE = 46 }; /* INET6_ADDRSTRLEN */

/* From what inet_ntop(3) gives. 0, or -EINVAL (also for NULL); *out is untouched then. */
int ip_parse(const char *text, struct ip *out);

/* To text; returns buf. Of none: "". */
const char *ip_text(const struct ip *a, char buf[IP_TEXT_SIZE]);

/* 4 or 16 bytes; 32 or 128. */
unsigned int ip_size(const struct ip *a);
unsigned int ip_bits(const struct ip *a);

bool ip_equal(const struct ip *a, const struct ip *b);

/* Are the first len bits of both the same? Never of two families. */
bool ip_in(const struct ip *a, const struct ip *net, unsigned int len);

bool ip_is_any(const struct ip *a);        /* 0.0.0.0, :: */
bool ip_is_loopback(const struct ip *a);   /* 127/8, ::1 */
bool ip_is_multicast(const struct ip *a);
bool ip_is_link_local(const struct ip *a); /* 169.254/16, fe80::/10 */
bool ip_is_mapped(const struct ip *a);     /* ::ffff:0:0/96 */

/* The IPv4 address that a v4-mapped one stands for; any other as it is. */
struct ip ip_unmapped(const struct ip *a);

#endif
