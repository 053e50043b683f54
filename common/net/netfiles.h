// SPDX-License-Identifier: GPL-2.0-or-later
/* Files below /proc/PID/net as records. The parsers take any bytes. */
#ifndef NSKIT_NETFILES_H
#define NSKIT_NETFILES_H

#include "model/snap.h"
#include "util/intern.h"

/* A value of sockstat, sockstat6: "TCP: inuse 5 orphan 0 tw 0 alloc 9 mem 1" has "inuse" of "TCP". 0, or -ENOENT. */
int netfiles_sockstat(const char *buf, size_t len, const char *line, const char *key, uint64_t *out);

#endif
