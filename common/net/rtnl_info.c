// SPDX-License-Identifier: GPL-2.0-or-later
/* What each kind of virtual device has of its own: IFLA_INFO_DATA, with the keys of ip -d -j. */
#include <linux/if_link.h>

#include "net/rtnl.h"

void rtnl_take_info(const struct nlattr *nest, struct intern *in, struct snap_link *l)
{
	for (const struct nlattr *a = nl_first_in(nest); a; a = nl_next_in(nest, a)) {
		if (mnl_attr_get_type(a) == IFLA_INFO_KIND)
			l->kind = rtnl_text(a, in);
		else if (mnl_attr_get_type(a) == IFLA_INFO_SLAVE_KIND)
			l->slave_kind = rtnl_text(a, in);
	}
}
