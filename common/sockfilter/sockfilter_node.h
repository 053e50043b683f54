// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of sockfilter: the tree that an expression becomes. */
#ifndef NSKIT_SOCKFILTER_NODE_H
#define NSKIT_SOCKFILTER_NODE_H

#include "sockfilter/sockfilter.h"
#include "util/ipaddr.h"

enum node_kind { N_AND, N_OR, N_NOT, N_ADDRESS, N_PORT_GE, N_PORT_LE, N_DEVICE, N_AUTOBOUND, N_MARK };

enum af { AF_ANY, AF_IP, AF_IP4, AF_IP6, AF_PATH, AF_LINK, AF_NL };

struct sockfilter_node {
	enum node_kind kind;
	const struct sockfilter_node *a, *b;
	bool peer; /* dst, dport: the other end */
	enum af family;
	int64_t port;      /* OPT: N_ADDRESS, N_PORT_* */
	struct ipaddr net; /* N_ADDRESS: in there; family 0: any */
	unsigned int bits;
	const char *text;      /* N_DEVICE: name; N_ADDRESS: pattern of a path, or a protocol's name */
	uint32_t number, mask; /* N_DEVICE: ifindex; N_MARK */
};

#endif
