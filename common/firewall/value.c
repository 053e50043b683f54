// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "firewall/value.h"

enum tri tri_and(enum tri a, enum tri b)
{
	if (a == NO || b == NO)
		return NO;
	return a == MAYBE || b == MAYBE ? MAYBE : YES;
}

struct value value_of(const void *bytes, size_t n)
{
	struct value x = { 0 };

	memcpy(x.v, bytes, n);
	memset(x.k, 0xff, sizeof(x.k)); /* beyond n it is zeroes */
	return x;
}

struct value value_unknown(void)
{
	return (struct value){ 0 };
}

enum tri value_equals(const struct value *x, size_t at, const uint8_t *bytes, size_t n)
{
	enum tri t = YES;

	if (at > VALUE_SIZE || n > VALUE_SIZE - at)
		return MAYBE;
	for (size_t i = 0; i < n; i++) {
		if ((x->v[at + i] ^ bytes[i]) & x->k[at + i])
			return NO;
		if (x->k[at + i] != 0xff)
			t = MAYBE;
	}
	return t;
}

enum tri value_within(const struct value *x, size_t at, const uint8_t *low, const uint8_t *high, size_t n)
{
	uint8_t least[VALUE_SIZE] = { 0 }, most[VALUE_SIZE] = { 0 }; /* what it can be: unknown bits all 0, all 1 */

	if (at > VALUE_SIZE || n > VALUE_SIZE - at)
		return MAYBE;
	for (size_t i = 0; i < n; i++) {
		least[i] = x->v[at + i] & x->k[at + i];
		most[i] = least[i] | (uint8_t)~x->k[at + i];
	}
	if ((low && memcmp(most, low, n) < 0) || (high && memcmp(least, high, n) > 0))
		return NO;
	return (!low || memcmp(least, low, n) >= 0) && (!high || memcmp(most, high, n) <= 0) ? YES : MAYBE;
}
