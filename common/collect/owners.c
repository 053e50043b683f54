// SPDX-License-Identifier: GPL-2.0-or-later
#include <grp.h>
#include <pwd.h>

#include "collect/sources.h"

/* Owners of tun devices, as ip has them: by name where this host has one. */
static const char *name_of_owner(const struct snap_link_attr *a)
{
	bool user = !strcmp(a->key, "user"), group = !strcmp(a->key, "group");
	const struct passwd *pw = NULL;
	const struct group *gr = NULL;
	uint64_t id;

	if ((!user && !group) || !a->number || parse_u64(a->value, UINT32_MAX, &id))
		return NULL;
	if (user)
		pw = getpwuid((uid_t)id);
	else
		gr = getgrgid((gid_t)id);
	return pw ? pw->pw_name : gr ? gr->gr_name : NULL;
}

void owners_name(struct snap *s)
{
	for (size_t i = 0; i < s->n_links; i++) {
		struct snap_link *l = &s->links[i];
		struct snap_link_attr *data;

		if (!l->kind || strcmp(l->kind, "tun") != 0 || !l->n_data)
			continue;
		data = arena_alloc(&s->arena, l->n_data * sizeof(*data));
		for (uint32_t k = 0; k < l->n_data; k++) {
			const char *name = name_of_owner(&l->data[k]);

			data[k] =
				name ? (struct snap_link_attr){ l->data[k].key, arena_strdup(&s->arena, name), false } : l->data[k];
		}
		l->data = data;
	}
}
