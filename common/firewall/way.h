// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Inside of firewall/: which packets come as far as a rule. What is asked of them on the way (in the rule itself, and in those that
 * jump to it) is carried along as one struct way, a plain value that each condition makes narrower.
 */
#ifndef NSKIT_WAY_H
#define NSKIT_WAY_H

#include "model/firewall.h"
#include "util/ipaddr.h"

struct way {
	uint8_t family;          /* 4, 6 */
	uint8_t proto;           /* IPPROTO_*; 0: any */
	struct ipaddr host;      /* destination; no family: any */
	uint32_t prefix;         /* bits of it that count */
	uint32_t low, high;      /* destination ports */
	unsigned int conditions; /* enum published_condition: what else is asked */
};

/* What a byte of the registers holds. Those from WAY_PROTO on are bytes of a packet that a way tells of. */
enum way_byte {
	WAY_OTHER,
	WAY_PAD,
	WAY_CONSTANT,
	WAY_LOCAL,
	WAY_SOURCE,
	WAY_DEVICE,
	WAY_MARK,
	WAY_CHANCE,
	WAY_PROTO,
	WAY_DPORT,
	WAY_DADDR
};
enum { WAY_BYTES = 64 };

struct way_regs {
	uint8_t what[WAY_BYTES]; /* enum way_byte */
	uint8_t at[WAY_BYTES];   /* which byte of that */
	uint8_t v[WAY_BYTES];    /* of a constant */
	uint8_t mask[WAY_BYTES]; /* bits that have been taken away */
};

/* All packets of a family. */
struct way way_all(uint8_t family);

/* A reader ("meta", "payload", "ct", "fib", "numgen", …) fills its register; a mask takes bits away; constants (hex) are put there. */
void way_read(struct way_regs *regs, const struct way *way, const struct snap_fw_expr *e);
void way_mask(struct way_regs *regs, const struct snap_fw_expr *e);
void way_put(struct way_regs *regs, int64_t reg, const char *hex);

/* n constant bytes of a register into out. False: not all of them are that. */
bool way_constant(const struct way_regs *regs, int64_t reg, size_t n, uint8_t *out);

/* n bytes of a register within two values (high NULL: that one). False: no packet is left. */
bool way_within(struct way *way, const struct way_regs *regs, int64_t reg, const uint8_t *low, const uint8_t *high, size_t n);

/* Not within them: an exclusion of a device or an address leaves the rest, others are conditions that are told. */
bool way_outside(struct way *way, const struct way_regs *regs, int64_t reg, size_t n);

/* Does a value of n bytes of a register tell anything that a way has a place for? */
bool way_tells(const struct way_regs *regs, int64_t reg, size_t n);

/* Narrower, one by one. False: no packet is left. */
bool way_proto(struct way *way, uint8_t proto);
bool way_ports(struct way *way, uint32_t low, uint32_t high);
bool way_host(struct way *way, const struct ipaddr *host, uint32_t prefix);

#endif
