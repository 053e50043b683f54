// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of net/: what the files that read sock_diag's answers share. */
#ifndef NSKIT_DIAG_INSIDE_H
#define NSKIT_DIAG_INSIDE_H

#include "net/diag.h"

enum { DIAG_DETAILS = 24 };

/* What a kind of sockets has of its own, gathered while its attributes are read. */
struct diag_details {
	struct snap_link_attr items[DIAG_DETAILS];
	uint32_t n;
	struct intern *in;
};

/* One more; number: the text is one, or true or false. What is beyond DIAG_DETAILS is left out. */
void diag_detail(struct diag_details *d, const char *key, bool number, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* They are the socket's. */
void diag_details_end(struct diag_details *d, struct snap_socket *s);

/* INET_DIAG_INFO of TCP (and DCCP, which has the same), INET_DIAG_BBRINFO, INET_DIAG_DCTCPINFO, INET_DIAG_ULP_INFO; INET_DIAG_INFO of MPTCP. */
void diag_take_tcp_info(const struct nlattr *a, struct snap_tcp_info *out);
void diag_take_bbr(const struct nlattr *a, struct diag_details *d);
void diag_take_dctcp(const struct nlattr *a, struct diag_details *d);
void diag_take_ulp(const struct nlattr *nest, struct diag_details *d);
void diag_take_mptcp_info(const struct nlattr *a, struct diag_details *d);

/* SK_MEMINFO_* of an attribute. */
void diag_take_mem(const struct nlattr *a, struct arena *arena, struct snap_socket *s);

#endif
