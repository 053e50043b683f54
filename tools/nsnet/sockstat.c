// SPDX-License-Identifier: GPL-2.0-or-later
/* How many sockets of each kind, as ss -s counts them: from the counters that each namespace has of itself. */
#include <inttypes.h>

#include "nsnet.h"
#include "view/netrow.h"

static int64_t counter(const struct snap *s, uint32_t inum, const char *key)
{
	uint32_t n;
	const struct snap_counter *c = SNAP_RANGE(s, counters, inum, &n);

	for (uint32_t i = 0; i < n; i++)
		if (!strcmp(c[i].key, key))
			return (int64_t)c[i].value;
	return 0;
}

static void print_line(const char *name, int64_t v4, int64_t v6)
{
	printf("%s\t  %-9" PRId64 " %-9" PRId64 " %-9" PRId64 "\n", name, v4 + v6, v4, v6);
}

/* Of the kernel's figures alloc, orphan and sockets used are the whole machine's (net/ipv4/proc.c), and so ss's totals are. */
static void print_stat(const struct snap *s, uint32_t inum)
{
	int64_t tcp4 = counter(s, inum, "sockstat.TCP.inuse"), tcp6 = counter(s, inum, "sockstat.TCP6.inuse");
	int64_t udp4 = counter(s, inum, "sockstat.UDP.inuse"), udp6 = counter(s, inum, "sockstat.UDP6.inuse");
	int64_t raw4 = counter(s, inum, "sockstat.RAW.inuse"), raw6 = counter(s, inum, "sockstat.RAW6.inuse");
	int64_t frag4 = counter(s, inum, "sockstat.FRAG.inuse"), frag6 = counter(s, inum, "sockstat.FRAG6.inuse");
	int64_t alloc = counter(s, inum, "sockstat.TCP.alloc"), tw = counter(s, inum, "sockstat.TCP.tw");

	printf("Total: %" PRId64 "\n", counter(s, inum, "sockstat.sockets.used"));
	printf("TCP:   %" PRId64 " (estab %" PRId64 ", closed %" PRId64 ", orphaned %" PRId64 ", timewait %" PRId64 ")\n\n",
	       alloc + tw, counter(s, inum, "Tcp.CurrEstab"), alloc - (tcp4 + tcp6 - tw), counter(s, inum, "sockstat.TCP.orphan"),
	       tw);
	printf("Transport Total     IP        IPv6\n");
	print_line("RAW", raw4, raw6);
	print_line("UDP", udp4, udp6);
	print_line("TCP", tcp4, tcp6);
	print_line("INET", raw4 + udp4 + tcp4, raw6 + udp6 + tcp6);
	print_line("FRAG", frag4, frag6);
	putchar('\n');
}

static int show(struct nsnet *n, const struct index *ix, void *arg)
{
	bool peer_alone = n->no_header && nsnet_is_single(n, ix);
	struct arena arena = { 0 };

	(void)arg;
	for (uint32_t ns = 0; ns < ix->snap->n_namespaces; ns++) {
		if (!nsnet_selects(n, ix, ns))
			continue;
		if (!peer_alone)
			nsnet_print_where(n, ix, ns, &arena);
		print_stat(ix->snap, ix->snap->namespaces[ns].inum);
	}
	arena_done(&arena);
	return 0;
}

enum exit_status nsnet_show_sockstat(struct nsnet *n)
{
	return nsnet_look(n, WANT_COUNTERS | WANT_CONTAINERS | WANT_ALL_CONTAINERS | WANT_MOUNTED, show, NULL);
}
