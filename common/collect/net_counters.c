// SPDX-License-Identifier: GPL-2.0-or-later
/* What the network namespace that the thread is in has counted. */
#include "collect/net.h"
#include "collect/proc.h"
#include "net/netfiles.h"

struct counting {
	struct net_tour *n;
	uint32_t inum;
};

static void take(const char *key, size_t len, uint64_t value, void *arg)
{
	const struct counting *t = arg;

	*ARRAY_ADD(t->n->s, counters) = (struct snap_counter){ t->inum, intern_text(&t->n->in, key, len), value };
}

void net_counters(struct net_tour *n, const struct snap_ns *ns, int dirfd)
{
	static const struct {
		const char *name;
		void (*parse)(const char *buf, size_t len, netfiles_take *take, void *arg);
	} files[] = {
		{ "netstat", netfiles_paired },   { "snmp", netfiles_paired },       { "snmp6", netfiles_snmp6 },
		{ "sockstat", netfiles_sockets }, { "sockstat6", netfiles_sockets }, { "stat/nf_conntrack", netfiles_conntrack },
	};
	struct counting t = { n, ns->inum };
	char buf[16384];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		ssize_t len =
			dirfd < 0 ? net_file(n, files[i].name, buf, sizeof(buf)) : read_at(dirfd, files[i].name, buf, sizeof(buf));

		if (len > 0)
			files[i].parse(buf, (size_t)len, take, &t);
		else if (len < 0 && !proc_gone((int)len)) /* without IPv6 or conntrack there is no such file */
			snap_add_gap(n->s, "network namespaces' counters", (int)-len, NULL);
	}
}
