// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/json.h"
#include "view/topo.h"

static bool is_shown(const struct topo *t, uint32_t inum)
{
	uint32_t at = index_ns(t->ix, NS_NET, inum);

	for (size_t low = 0, high = t->n_ns; at != IDMAP_NONE && low < high;) { /* they are in the order of the snapshot */
		size_t middle = low + (high - low) / 2;

		if (t->ns[middle].index == at)
			return t->ns[middle].shown;
		if (t->ns[middle].index < at)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

void topo_json(struct topo *t, FILE *f)
{
	struct json j;

	json_start(&j, f, true);
	json_begin_object(&j, NULL);
	json_head(&j, t->ix->snap, TOPO_SCHEMA);
	json_begin_array(&j, "namespaces");
	for (size_t i = 0; i < t->n_ns; i++)
		if (t->ns[i].shown)
			json_record(&j, NULL, &topo_ns_desc, &t->ns[i], NULL, 0);
	json_end_array(&j);
	json_begin_array(&j, "links");
	for (size_t i = 0; i < t->n_links; i++)
		if (t->ns[t->links[i].of].shown)
			json_record(&j, NULL, &topo_link_desc, &t->links[i], NULL, 0);
	json_end_array(&j);
	json_begin_array(&j, "published");
	for (size_t i = 0; i < t->published.n_ports; i++)
		if (is_shown(t, t->published.ports[i].to_ns) || is_shown(t, t->published.ports[i].ns))
			json_record(&j, NULL, &published_port_desc, &t->published.ports[i], NULL, 0);
	json_end_array(&j);
	json_end_object(&j);
}
