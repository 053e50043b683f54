// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A netlink session: a socket that stays in the network namespace in which it was opened, wherever its thread goes. Dumps end with
 * the errno that the kernel gives only in NLMSG_DONE (netlink_dump_done, net/netlink/af_netlink.c; libmnl's own loop drops it), and
 * those that were interrupted (NLM_F_DUMP_INTR) are taken again.
 */
#ifndef NSKIT_NL_H
#define NSKIT_NL_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nl {
	struct mnl_socket *sock;
	uint32_t seq;
	char *buf; /* what was received */
	size_t size;
};

/* Open one of protocol NETLINK_* in the calling thread's network namespace. 0 or -errno. A zeroed struct nl is a closed session. */
int nl_open(struct nl *nl, int protocol);
void nl_close(struct nl *nl); /* a closed one is left */

/* A request of that type, into NL_REQUEST_SIZE bytes that are aligned for it; more is to be put behind its header. */
struct nlmsghdr *nl_request(char *buf, uint16_t type);
enum { NL_REQUEST_SIZE = 1024 };
#define NL_REQUEST(name) char name[NL_REQUEST_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)))

/* Who takes the messages of a dump. Called with arg; take: 0 or -errno, which ends the dump. */
struct nl_sink {
	int (*take)(const struct nlmsghdr *h, void *arg);
	void (*again)(void *arg); /* forget what was taken: the dump begins anew */
	void *arg;
};

/*
 * Send a request with NLM_F_DUMP and hand each message of the answer to the sink. 0; -errno of the kernel, whichever way it says so,
 * or of the socket; -EINTR: interrupted each of a few times, and what was taken last may have gaps. (Or the sink's, and then the
 * session is of no more use.)
 */
int nl_dump(struct nl *nl, struct nlmsghdr *request, const struct nl_sink *sink);

/*
 * Send a request that has one answer. *answer points into the session until its next call. 0, or -errno: the kernel's, or -EPROTO
 * for what is no answer.
 */
int nl_ask(struct nl *nl, struct nlmsghdr *request, const struct nlmsghdr **answer);

/* One received buffer of a dump. 0: more is to come; 1: it has ended; -errno. *interrupted is set when a message says so. Pure. */
int nl_take_all(const char *buf, size_t len, uint32_t seq, const struct nl_sink *sink, bool *interrupted);

/*
 * Going through the attributes of a message, behind its header of so many bytes, and through those in a nest:
 *	nl_for_each(a, h, sizeof(struct ifinfomsg)) ...
 * Each of the functions gives the one at that place, or NULL where none fits in front of the end. A nest that is not there (NULL) has none.
 */
#define nl_for_each(a, h, header_size) for (const struct nlattr *a = nl_first(h, header_size); a; a = nl_next(h, a))
#define nl_for_each_in(a, nest) for (const struct nlattr *a = nl_first_in(nest); a; a = nl_next_in(nest, a))

static inline const struct nlattr *nl_attr_at(const void *at, const void *end)
{
	return mnl_attr_ok(at, (int)((const char *)end - (const char *)at)) ? at : NULL;
}
static inline const struct nlattr *nl_first(const struct nlmsghdr *h, size_t header_size)
{
	return nl_attr_at(mnl_nlmsg_get_payload_offset(h, header_size), mnl_nlmsg_get_payload_tail(h));
}
static inline const struct nlattr *nl_next(const struct nlmsghdr *h, const struct nlattr *a)
{
	return nl_attr_at(mnl_attr_next(a), mnl_nlmsg_get_payload_tail(h));
}
static inline const struct nlattr *nl_first_in(const struct nlattr *nest)
{
	return nest ? nl_attr_at(mnl_attr_get_payload(nest), (const char *)nest + mnl_attr_get_len(nest)) : NULL;
}
static inline const struct nlattr *nl_next_in(const struct nlattr *nest, const struct nlattr *a)
{
	return nl_attr_at(mnl_attr_next(a), (const char *)nest + mnl_attr_get_len(nest));
}

/* The first attribute of that type in a nest, or NULL. */
const struct nlattr *nl_find_in(const struct nlattr *nest, uint16_t type);

/* What an attribute holds, if that is at least so many bytes; else NULL. */
const void *nl_attr(const struct nlattr *attr, size_t size);

#endif
