// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nf_tables over netlink: requests for dumps, and their messages as records of model/firewall.h, by a reader of our own: libnftnl ends
 * the program over an attribute that is not as wide as it was (abi_breakage), and the records are the kernel's own attributes anyway. It takes
 * CAP_NET_ADMIN in the user namespace that owns the session's network namespace (nfnetlink_rcv, net/netfilter/nfnetlink.c: -EPERM).
 */
#ifndef NSKIT_NFT_H
#define NSKIT_NFT_H

#include "model/snap.h"
#include "net/nl.h"

/* A request for all of a kind and of every family, in NL_REQUEST_SIZE bytes: op is NFT_MSG_GETTABLE and the like. */
struct nlmsghdr *nft_get(char *buf, uint8_t op);

/* The same for the elements of a set. */
struct nlmsghdr *nft_get_elems(char *buf, const struct snap_fw_set *set);

/*
 * The ruleset's generation, which each change raises (NFT_MSG_GETGEN). 0 or -errno; -EINVAL, -EOPNOTSUPP: the kernel has no nf_tables
 * (nfnetlink_rcv_msg), and so no ruleset.
 */
int nft_generation(struct nl *nl, uint32_t *generation);

/* One message each. 0 with all but ->ns filled in, strings in the arena; -EINVAL: not of that kind, or without a name. */
int nft_parse_table(const struct nlmsghdr *h, struct arena *arena, struct snap_fw_table *out);
int nft_parse_chain(const struct nlmsghdr *h, struct arena *arena, struct snap_fw_chain *out);
int nft_parse_rule(const struct nlmsghdr *h, struct arena *arena, struct snap_fw_rule *out);
int nft_parse_set(const struct nlmsghdr *h, struct arena *arena, struct snap_fw_set *out);
int nft_parse_object(const struct nlmsghdr *h, struct arena *arena, struct snap_fw_object *out);
int nft_parse_flowtable(const struct nlmsghdr *h, struct arena *arena, struct snap_fw_flowtable *out);

/* The elements in a message of a set's dump, each handed to take(). */
int nft_parse_elems(const struct nlmsghdr *h, struct arena *arena, void (*take)(const struct snap_fw_elem *elem, void *arg),
		    void *arg);

/* Bytes as hex digits, "0a00"; NULL for none. */
const char *nft_hex(struct arena *arena, const void *bytes, size_t n);

#endif
