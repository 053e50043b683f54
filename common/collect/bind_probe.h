// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's own word: a real bind in a network namespace, by a child with somebody's user, groups and capabilities, closed at once. It
 * is not in the control group, nor behind the seccomp filters and the sandbox of who asks: what those say, it can't tell.
 */
#ifndef NSKIT_BIND_PROBE_H
#define NSKIT_BIND_PROBE_H

#include "model/snap.h"
#include "util/ipaddr.h"

struct bind_probe {
	const char *netns;  /* path of an nsfs file */
	uint32_t ns;        /* its number: what the path must lead to */
	const char *userns; /* path of the user namespace to enter; NULL: ours will do */
	int64_t uid, gid;   /* OPT: in that user namespace */
	const struct snap_guard *guard; /* groups and capabilities; NULL: none beyond uid */
	bool keep_caps;     /* those of guard, or all where there is none; else whatever the uid leaves */
	int type, protocol; /* SOCK_*, IPPROTO_* */
	struct ipaddr addr;
	uint16_t port;
	uint32_t scope;     /* zone */
	const char *device;
	bool reuseaddr, reuseport;
	int8_t v6only;      /* -1: as the namespace has it */
	bool only_socket;   /* socket() alone */
};

/* 0: the kernel let it. A positive errno: what it said. -errno: it could not be asked. */
int bind_probe(const struct bind_probe *p);

#endif
