// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Inside of net/: attributes of nf_tables, whose numbers are in network order. One of a size that its type does not have is passed over, as is
 * one of an unknown type: what was there before stays.
 */
#ifndef NSKIT_NFT_ATTR_H
#define NSKIT_NFT_ATTR_H

#include "model/snap.h"
#include "net/nl.h"

/* Is it a message of nf_tables with that NFT_MSG_*, and long enough for its header? */
bool nft_is(const struct nlmsghdr *h, uint8_t op);

/* Its family as enum fw_family. */
uint8_t nft_family(const struct nlmsghdr *h);

/* Text up to its NUL or its end. */
const char *nft_text(const struct nlattr *a, struct arena *arena);

/* A number of just that size into *out. */
void nft_set_u32(const struct nlattr *a, uint32_t *out);
void nft_set_u64(const struct nlattr *a, uint64_t *out);

/* A number of one, two, four or eight bytes, OPT_NONE beyond 2^53. False: of another size, and *out is as it was. */
bool nft_number(const struct nlattr *a, int64_t *out);

/* The bytes as hex digits, NULL for none. */
const char *nft_bytes(const struct nlattr *a, struct arena *arena);

/* NFTA_DATA_*: a value into *data, or a verdict and its chain into the others. */
void nft_data(const struct nlattr *nest, struct arena *arena, const char **data, const char **verdict, const char **chain);

/* nft and iptables-nft put a comment into the user data of rules and elements. NULL: there is none. */
const char *nft_comment(const struct nlattr *userdata, struct arena *arena);

/* nft_expr.c. One expression (the nest of NFTA_EXPR_*); *known: whether its kind is. */
struct snap_fw_expr nft_expr(const struct nlattr *nest, struct arena *arena, bool *known);

/* All of a list (NFTA_LIST_ELEM), in the arena, into a rule. */
void nft_set_exprs(const struct nlattr *list, struct arena *arena, struct snap_fw_rule *out);

#endif
