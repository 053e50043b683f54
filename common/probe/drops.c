// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>

#include "../bpf/records.h"
#include "collect/bpf_iter.h"
#include "drops.lskel.h"
#include "probe/drops.h"
#include "util/util.h"

struct dropwatch {
	struct drops *skel; /* the light one: it loads from 5.17 on, and before that no reason is told */
};

struct dropwatch *drops_watch(void)
{
	struct dropwatch *w;
	struct drops *skel = bpf_prepare() ? NULL : drops__open();

	if (!skel)
		return NULL;
	if (drops__load(skel) || drops__attach(skel)) {
		drops__destroy(skel);
		return NULL;
	}
	w = xcalloc(1, sizeof(*w));
	w->skel = skel;
	return w;
}

/* A socket for both families speaks IPv4 with a mapped address. The map is shared memory, of a child as well. */
void drops_expect(struct dropwatch *w, const struct drops_flow *flow)
{
	struct ipaddr client = ipaddr_unmap(&flow->client), server = ipaddr_unmap(&flow->server);
	struct drop_flow f = { .family = server.family,
			       .protocol = flow->protocol,
			       .client_port = htons(flow->client_port),
			       .server_port = htons(flow->server_port) };

	memcpy(f.client, client.bytes, ipaddr_size(&client));
	memcpy(f.server, server.bytes, ipaddr_size(&server));
	w->skel->bss->flow = f;
}

/* Reasons that are none: what the kernel has not got a word for, and what becomes of a packet that has done its work. */
static bool is_ordinary(const char *name)
{
	static const char *const ordinary[] = { "SKB_NOT_DROPPED_YET", "SKB_CONSUMED", "SKB_DROP_REASON_NOT_SPECIFIED",
						"SKB_DROP_REASON_TCP_RESET" };

	for (size_t i = 0; i < ARRAY_SIZE(ordinary); i++)
		if (!strcmp(name, ordinary[i]))
			return true;
	return false;
}

/* NULL: the enum has no such value (those of subsystems have enums of their own). */
static const char *name_of(const struct btf *btf, const struct btf_type *reasons, uint32_t reason)
{
	const struct btf_enum *values = btf_enum(reasons);

	for (uint32_t i = 0; i < btf_vlen(reasons); i++)
		if ((uint32_t)values[i].val == reason)
			return btf__name_by_offset(btf, values[i].name_off);
	return NULL;
}

/* The earliest that says something. */
static void choose(const struct btf *btf, int map, char *name)
{
	static const char prefix[] = "SKB_DROP_REASON_";
	int32_t id = btf__find_by_name_kind(btf, "skb_drop_reason", BTF_KIND_ENUM);
	uint32_t reason = 0;
	uint64_t first = UINT64_MAX;

	for (bool more = id > 0 && !bpf_map_get_next_key(map, NULL, &reason); more;
	     more = !bpf_map_get_next_key(map, &reason, &reason)) {
		const char *word = name_of(btf, btf__type_by_id(btf, (uint32_t)id), reason);
		uint64_t when;

		if (!word || is_ordinary(word) || bpf_map_lookup_elem(map, &reason, &when) || when >= first)
			continue;
		first = when;
		snprintf(name, DROPS_NAME, "%s", word + (strncmp(word, prefix, strlen(prefix)) ? 0 : strlen(prefix)));
	}
}

void drops_reason(const struct dropwatch *w, char *name)
{
	int map = w->skel->maps.reasons.map_fd;
	uint32_t reason;
	struct btf *btf;

	*name = '\0';
	if (bpf_map_get_next_key(map, NULL, &reason)) /* none: the names are not needed */
		return;
	btf = btf__load_vmlinux_btf();
	if (!btf)
		return;
	choose(btf, map, name);
	btf__free(btf);
}

void drops_done(struct dropwatch *w)
{
	if (!w)
		return;
	drops__destroy(w->skel);
	free(w);
}
