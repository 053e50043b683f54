// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rulesets of network namespaces, as nf_tables has them (iptables-nft's, too): records of a snapshot (struct snap), one array for each
 * kind, each record beginning with its namespace. Rules stand in the order in which a chain holds them. What a rule does is kept as the
 * kernel's own expressions, which firewall/eval.h replays and firewall/text.h shows. Names and comments are raw bytes.
 */
#ifndef NSKIT_FIREWALL_RECORDS_H
#define NSKIT_FIREWALL_RECORDS_H

#include <stdbool.h>

#include "model/desc.h"

/* NFPROTO_* (include/uapi/linux/netfilter.h), in nft's words. */
enum fw_family { FW_INET, FW_IP, FW_IP6, FW_ARP, FW_BRIDGE, FW_NETDEV, FW_FAMILY_OTHER };
extern const char *const fw_family_names[]; /* "inet", "ip", …; ends with NULL */

/* Where a base chain is hooked in. Netdev chains and inet ones may be at ingress, netdev ones at egress. */
enum fw_hook { FW_NO_HOOK, FW_PREROUTING, FW_INPUT, FW_FORWARD, FW_OUTPUT, FW_POSTROUTING, FW_INGRESS, FW_EGRESS };
extern const char *const fw_hook_names[]; /* "none", "prerouting", …; ends with NULL */

enum fw_table_flags { FW_DORMANT = 1 << 0, FW_OWNER = 1 << 1 }; /* NFT_TABLE_F_*; a dormant table's chains are not hooked in */
extern const char *const fw_table_flag_names[];
struct snap_fw_table {
	uint32_t ns;
	uint8_t family; /* enum fw_family */
	const char *name;
	bool legacy;     /* a table of x_tables (iptables-legacy), whose rules are not among these records */
	uint64_t handle; /* grows with each table that is made in a namespace */
	uint64_t flags;  /* enum fw_table_flags */
	uint32_t use;    /* chains, sets, objects in it */
};

struct snap_fw_chain {
	uint32_t ns;
	uint8_t family;
	const char *table, *name;
	uint64_t handle;
	uint8_t hook;               /* enum fw_hook; FW_NO_HOOK: a chain that others jump to */
	int32_t priority;           /* of a base chain */
	bool drops;                 /* a base chain's policy is drop */
	const char *type;           /* "filter", "nat", "route"; NULL: no base chain */
	const char *const *devices; /* of netdev chains and those at ingress */
	uint32_t n_devices;
};

/*
 * One expression (include/uapi/linux/netfilter/nf_tables.h): its operands under the names that most kinds share, none where it has no such
 * operand. Numbers are in host order; bytes are hex digits, in the order in which the kernel compares them.
 */
struct snap_fw_expr {
	const char *name;         /* the kernel's: "meta", "cmp", "match" */
	const char *ref;          /* lookup, dynset: set; immediate: chain; objref: object; match, target: its name; log: prefix */
	const char *verdict;      /* immediate: "accept", "drop", "queue", "continue", "break", "jump", "goto", "return" */
	const char *data, *data2; /* hex. cmp: data; range: from, to; bitwise: mask (or shift), xor; match, target: its info */
	/* OPT, all of them: */
	int64_t sreg, dreg;        /* registers, NFT_REG_* */
	int64_t key;               /* meta, ct, rt, socket, xfrm, tunnel: NFT_*_KEY; fib: NFT_FIB_RESULT_*; queue: number */
	int64_t op;                /* cmp, range, bitwise, byteorder, exthdr, dynset */
	int64_t base, offset, len; /* payload: NFT_PAYLOAD_*, bytes; exthdr, bitwise, byteorder, hash: bytes */
	int64_t flags;
	int64_t family; /* nat, tproxy: NFPROTO_* */
	int64_t type;   /* nat, reject, limit, exthdr, objref, hash, numgen; match, target: revision */
	int64_t code;   /* reject */
	int64_t dir;    /* ct, xfrm */
	int64_t addr_reg, addr_reg_max, port_reg, port_reg_max; /* nat, redir, masq, tproxy */
	int64_t count;          /* connlimit, limit (rate); hash, numgen: modulus; byteorder: size of a unit; queue: how many */
	int64_t unit, burst;    /* limit: seconds, packets or bytes */
	int64_t packets, bytes; /* counter; quota */
};

struct snap_fw_rule {
	uint32_t ns;
	uint8_t family;
	const char *table, *chain;
	uint64_t handle;
	const char *comment;
	bool unparsed; /* among its expressions are some that are newer than this program: their names alone are here */
	const struct snap_fw_expr *exprs;
	uint32_t n_exprs;
};

enum fw_set_flags { /* NFT_SET_* */
		    FW_SET_ANONYMOUS = 1 << 0,
		    FW_SET_CONSTANT = 1 << 1,
		    FW_SET_INTERVAL = 1 << 2,
		    FW_SET_MAP = 1 << 3,
		    FW_SET_TIMEOUT = 1 << 4,
		    FW_SET_EVAL = 1 << 5,
		    FW_SET_OBJECT = 1 << 6,
		    FW_SET_CONCAT = 1 << 7,
		    FW_SET_EXPR = 1 << 8,
};
extern const char *const fw_set_flag_names[];

struct snap_fw_elem {
	const char *key;     /* hex; NULL: catch-all */
	const char *key_end; /* hex; last key of a range in a set of concatenations; NULL */
	bool interval_end;   /* interval sets: the range that began below ends in front of this key */
	const char *verdict; /* verdict maps, see snap_fw_expr */
	const char *ref;     /* the verdict's chain, or an object */
	const char *data;    /* hex, of maps */
	const char *comment;
	const char *limit; /* "limit", "quota", "connlimit" that whoever finds it has to pass; NULL */
	bool over;         /* passed when it is exceeded, not as long as it is not */
};
struct snap_fw_set {
	uint32_t ns;
	uint8_t family;
	const char *table, *name;
	uint64_t handle;
	uint64_t flags;                                  /* enum fw_set_flags */
	uint32_t key_type, key_len, data_type, data_len; /* nft's types, six bits a field; bytes */
	const char *limit;                               /* of each element that a rule adds, as in snap_fw_elem */
	bool over;
	const uint32_t *fields; /* bytes of each field of a concatenation, which is padded to four */
	uint32_t n_fields;
	const struct snap_fw_elem *elems;
	uint32_t n_elems;
};

struct snap_fw_object {
	uint32_t ns;
	uint8_t family;
	const char *table, *name;
	uint32_t type; /* NFT_OBJECT_* */
};

struct snap_fw_flowtable {
	uint32_t ns;
	uint8_t family;
	const char *table, *name;
	int32_t priority;
	const char *const *devices;
	uint32_t n_devices;
};

extern const struct desc snap_fw_table_desc, snap_fw_chain_desc, snap_fw_rule_desc, snap_fw_set_desc, snap_fw_object_desc,
	snap_fw_flowtable_desc, snap_fw_expr_desc, snap_fw_elem_desc;

/* An expression without operands. */
struct snap_fw_expr snap_fw_expr_of(const char *name);

/* Hex digits as bytes, at most size. How many; 0 for NULL. */
size_t fw_bytes(const char *hex, uint8_t *out, size_t size);

#endif
