// SPDX-License-Identifier: GPL-2.0-or-later
/* sock_diag: requests for dumps of IP sockets, and their messages as records. The parser takes any bytes. */
#ifndef NSKIT_DIAG_H
#define NSKIT_DIAG_H

#include "model/snap.h"
#include "net/nl.h"

/*
 * A request for sockets of a family (AF_INET, AF_INET6) and protocol (IPPROTO_TCP, IPPROTO_UDP) in states that are bits by the
 * kernel's TCP_* numbers: into NL_REQUEST_SIZE bytes.
 */
enum { DIAG_UNCONN = 1 << 7, DIAG_LISTEN = 1 << 10 };
struct nlmsghdr *diag_get(char *buf, int family, int protocol, uint32_t states);

/* An answer. 0 with all but ->ns and ->netid filled in, strings in the arena; -EINVAL. */
int diag_parse(const struct nlmsghdr *h, struct arena *arena, struct snap_socket *out);

#endif
