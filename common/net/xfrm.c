// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <linux/xfrm.h>

#include "net/xfrm.h"

int xfrm_parse_policies(const struct nlmsghdr *h, uint32_t *count)
{
	const struct xfrmu_spdinfo *info = NULL;

	if (h->nlmsg_type != XFRM_MSG_NEWSPDINFO)
		return -EPROTO;
	nl_for_each (a, h, sizeof(uint32_t))
		if (mnl_attr_get_type(a) == XFRMA_SPD_INFO)
			info = nl_attr(a, sizeof(*info));
	if (!info)
		return -EPROTO;
	*count = info->incnt + info->outcnt + info->fwdcnt; /* the others are those of sockets */
	return 0;
}

int xfrm_count_policies(struct nl *nl, uint32_t *count)
{
	NL_REQUEST(buf);
	struct nlmsghdr *h = nl_request(buf, XFRM_MSG_GETSPDINFO);
	const struct nlmsghdr *answer;
	int err;

	mnl_nlmsg_put_extra_header(h, sizeof(uint32_t)); /* flags, none of which there are */
	err = nl_ask(nl, h, &answer);
	return err ? err : xfrm_parse_policies(answer, count);
}
