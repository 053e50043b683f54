// SPDX-License-Identifier: GPL-2.0-or-later
#include <strings.h>

#include "model/desc.h"

const struct field *desc_field(const struct desc *d, const char *name)
{
	for (size_t i = 0; i < d->n_fields; i++)
		if (!strcasecmp(d->fields[i].name, name))
			return &d->fields[i];
	return NULL;
}
