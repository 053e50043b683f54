// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of firewall/: bytes of which some bits are known and others not, and answers that are yes, no, or cannot be told. */
#ifndef NSKIT_VALUE_H
#define NSKIT_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tri { NO, YES, MAYBE };
enum { VALUE_SIZE = 64 }; /* the kernel's registers: 16 of four bytes (struct nft_regs) */

struct value {
	uint8_t v[VALUE_SIZE];
	uint8_t k[VALUE_SIZE]; /* which bits of v are known; the others are 0 */
};

static inline enum tri tri_not(enum tri t)
{
	return t == MAYBE ? MAYBE : t == YES ? NO : YES;
}
enum tri tri_and(enum tri a, enum tri b); /* NO wins over MAYBE */

/* n known bytes, and what follows unknown; all unknown. */
struct value value_of(const void *bytes, size_t n);
struct value value_unknown(void);

/* Are n bytes from there equal to these? */
enum tri value_equals(const struct value *x, size_t at, const uint8_t *bytes, size_t n);

/* Are they, as one big-endian number, within [low, high]? low NULL: 0; high NULL: no end. */
enum tri value_within(const struct value *x, size_t at, const uint8_t *low, const uint8_t *high, size_t n);

#endif
