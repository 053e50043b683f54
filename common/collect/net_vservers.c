// SPDX-License-Identifier: GPL-2.0-or-later
/* Of the network namespace that the thread is in: the virtual services of IPVS. */
#include <fcntl.h>

#include "collect/net.h"
#include "net/netfiles.h"

enum { MAX_FILE = 64 << 20 };

struct reading {
	struct snap *s;
	struct intern *in;
	size_t begin;
	struct snap_vserver_dest *dests; /* of the last service */
	size_t n_dests, cap_dests;
};

/* The servers so far belong to the last service. */
static void end_service(struct reading *r)
{
	struct snap_vserver_dest *copy;

	if (r->s->n_vservers > r->begin && r->n_dests) {
		copy = arena_alloc(&r->s->arena, r->n_dests * sizeof(*copy));
		memcpy(copy, r->dests, r->n_dests * sizeof(*copy));
		r->s->vservers[r->s->n_vservers - 1].servers = copy;
		r->s->vservers[r->s->n_vservers - 1].n_servers = (uint32_t)r->n_dests;
	}
	r->n_dests = 0;
}

void net_vservers(struct snap *s, const struct snap_ns *ns, struct intern *in)
{
	struct reading r = { .s = s, .in = in, .begin = s->n_vservers };
	CLEAN_MEM char *buf = NULL;
	ssize_t len = read_file_at(AT_FDCWD, "/proc/thread-self/net/ip_vs", 0, MAX_FILE, &buf);
	struct words rest, line;
	struct snap_vserver service;
	struct snap_vserver_dest dest;

	if (len < 0) {
		if (len != -ENOENT) /* no IPVS in this kernel, or nobody has loaded it */
			snap_add_gap(s, "virtual services of IPVS", (int)-len, NULL);
		return;
	}
	rest = (struct words){ buf, buf + len };
	while (words_line(&rest, &line)) {
		if (!netfiles_vserver_dest(line, in, &dest)) {
			*ARRAY_ADD(&r, dests) = dest;
		} else if (!netfiles_vserver(line, in, &service)) {
			end_service(&r);
			service.ns = ns->inum;
			*ARRAY_ADD(s, vservers) = service;
		}
	}
	end_service(&r);
	free(r.dests);
}
