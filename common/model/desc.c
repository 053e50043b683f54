// SPDX-License-Identifier: GPL-2.0-or-later
#include <strings.h>

#include "model/desc.h"

bool desc_is_number(const struct field *f)
{
	switch (f->kind) {
	case F_U32:
	case F_U64:
	case F_ID64:
	case F_INT:
	case F_OPT:
	case F_NSREF:
		return true;
	default:
		return false;
	}
}

const struct field *desc_field(const struct desc *d, const char *name)
{
	for (size_t i = 0; i < d->n_fields; i++)
		if (!strcasecmp(d->fields[i].name, name))
			return &d->fields[i];
	return NULL;
}
