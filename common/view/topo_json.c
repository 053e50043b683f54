// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/json.h"
#include "view/topo.h"

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
		if (topo_shows(t, t->published.ports[i].to_ns) || topo_shows(t, t->published.ports[i].ns))
			json_record(&j, NULL, &published_port_desc, &t->published.ports[i], NULL, 0);
	json_end_array(&j);
	json_begin_array(&j, "undecoded");
	for (size_t i = 0; i < t->published.n_undecoded; i++)
		if (topo_shows(t, t->published.undecoded[i].ns))
			json_record(&j, NULL, &published_undecoded_desc, &t->published.undecoded[i], NULL, 0);
	json_end_array(&j);
	json_end_object(&j);
}
