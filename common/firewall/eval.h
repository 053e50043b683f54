// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a ruleset does to a packet at a hook, as the kernel would (nf_hook_slow, net/netfilter/core.c; nft_do_chain, net/netfilter/
 * nf_tables_core.c). Pure. A match that cannot be told goes both ways: only where all ways end alike is there a verdict, otherwise it
 * is unknown, and the rules on which it hangs are listed.
 */
#ifndef NSKIT_EVAL_H
#define NSKIT_EVAL_H

#include "firewall/ruleset.h"
#include "util/ipaddr.h"

/* What is not known of a packet. Bits of packet.unknown. */
enum packet_unknown {
	PACKET_SADDR = 1 << 0,
	PACKET_DADDR = 1 << 1,
	PACKET_SPORT = 1 << 2,
	PACKET_DPORT = 1 << 3,
	PACKET_IIF = 1 << 4,
	PACKET_OIF = 1 << 5,
	PACKET_MARK = 1 << 6,
	PACKET_CT_MARK = 1 << 7,
	PACKET_UID = 1 << 8,
	PACKET_CT = 1 << 9,
};

/* NF_CT_STATE_BIT() and what goes with it (include/uapi/linux/netfilter/nf_conntrack_common.h), as ct state has it. */
enum packet_ct { CT_INVALID = 1, CT_ESTABLISHED = 2, CT_RELATED = 4, CT_NEW = 8, CT_UNTRACKED = 64 };

/* Of TCP, the first packet of a connection: a SYN and nothing else. */
struct packet;
bool packet_is_syn(const struct packet *p);

struct packet_dev {
	uint32_t index; /* 0: there is none, as for iif of what is sent here */
	const char *name;
};

struct packet {
	uint8_t l4proto;            /* IPPROTO_TCP, … */
	struct ipaddr saddr, daddr; /* daddr's family is the packet's, known or not */
	uint16_t sport, dport;      /* host order; of ICMP: dport is type << 8 | code */
	struct packet_dev iif, oif;
	uint32_t mark, ct_mark;
	uint8_t ct_state;   /* enum packet_ct; the first packet of a connection is CT_NEW, until rules have it CT_UNTRACKED */
	bool reply;         /* it goes in the direction of the answers */
	uint32_t ct_status; /* IPS_*: eval_hook() sets IPS_DST_NAT and IPS_SRC_NAT as it translates */
	/* As it was when the connection was made, set by eval_hook() as it translates; no family: as it is now, or of an answer not known. */
	struct ipaddr orig_saddr, orig_daddr;
	uint16_t orig_sport, orig_dport;
	uint32_t uid, gid;    /* of the sending socket, where there is one: at output and postrouting */
	unsigned int unknown; /* enum packet_unknown */
	uint16_t port_mask;   /* of a port that is unknown, the bits that are known all the same */
};

enum fw_verdict { FW_ACCEPT, FW_DROP, FW_REJECT, FW_QUEUE, FW_STOLEN, FW_UNKNOWN };
extern const char *const fw_verdict_names[]; /* "accept", … */

/* What a rejecting rule answers. */
enum fw_reject {
	FW_REJECT_NONE,
	FW_TCP_RESET,
	FW_PORT_UNREACH,
	FW_HOST_UNREACH,
	FW_NET_UNREACH,
	FW_PROTO_UNREACH,
	FW_ADMIN_PROHIBITED,
	FW_HOST_PROHIBITED,
	FW_NET_PROHIBITED,
	FW_NO_ROUTE,
	FW_POLICY_FAIL,
	FW_REJECT_ROUTE,
	FW_ADDR_UNREACH,
	FW_REJECT_OTHER
};
extern const char *const fw_reject_names[]; /* "", "tcp-reset", "port-unreach", "host-unreach", "net-unreach", … */

/* Who decided: a rule in a chain, reached from a base chain. rule NULL: the base chain's policy. base NULL: nobody objected. */
struct fw_by {
	const struct snap_fw_chain *base;
	const struct snap_fw_rule *rule;
};

enum fw_nat_kind { FW_NAT_NONE, FW_DNAT, FW_REDIRECT, FW_SNAT, FW_MASQUERADE };
extern const char *const fw_nat_names[]; /* "", "dnat", "redirect", "snat", "masquerade" */
struct fw_nat {
	uint8_t kind;                    /* enum fw_nat_kind */
	struct ipaddr addr;              /* no family: unchanged, or not known */
	uint16_t port;                   /* 0: unchanged */
	bool addr_unknown, port_unknown; /* it is changed to something that is not known, or one of many */
	struct fw_by by;
};

/* A rule that could not be evaluated. */
struct fw_unchecked {
	struct fw_by by;
	const char *what; /* the expression: "match recent", "socket" */
	bool assumed;     /* its limit or quota was taken for not reached, and the verdict stands on that */
};

enum { FW_MAX_NATS = 16 };

struct fw_result {
	uint8_t verdict; /* enum fw_verdict. FW_UNKNOWN: it depends on what is unchecked, and by is who would stop it */
	uint8_t reject;  /* enum fw_reject */
	struct fw_by by; /* of all but FW_ACCEPT; of that too where a rule or policy said so last */
	/* Translations. One that is certain has been done to the packet. */
	struct fw_nat nats[FW_MAX_NATS];
	uint32_t n_nats;
	bool nat_certain;                     /* one of them is done, whichever; with n_nats == 1 just that */
	const struct fw_unchecked *unchecked; /* in the arena */
	uint32_t n_unchecked;
};

/*
 * Take a packet through a hook. What rules do to it is done to *p (mark, addresses and ports, tracking), so that the next hook can be asked.
 * Strings and lists of *out are in the arena or the snapshot. Translation rules are only consulted for CT_NEW.
 */
void eval_hook(struct ruleset *r, enum fw_hook hook, struct packet *p, struct arena *arena, struct fw_result *out);

#endif
