// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "net/nl.h"
#include "util/util.h"

enum {
	BUFFER_SIZE = 32768,  /* what the kernel fills at most in one go of a dump (netlink_dump) */
	BUFFER_MAX = 1 << 20, /* for single messages that are larger */
	MAX_TRIES = 5,
};

int nl_open(struct nl *nl, int protocol)
{
	struct mnl_socket *sock = mnl_socket_open2(protocol, SOCK_CLOEXEC);
	int err;

	if (!sock)
		return -errno;
	if (mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0) {
		err = -errno;
		mnl_socket_close(sock);
		return err;
	}
	*nl = (struct nl){ .sock = sock, .buf = xrealloc(NULL, BUFFER_SIZE), .size = BUFFER_SIZE };
	return 0;
}

void nl_close(struct nl *nl)
{
	if (nl->sock)
		mnl_socket_close(nl->sock);
	free(nl->buf);
	*nl = (struct nl){ 0 };
}

struct nlmsghdr *nl_request(char *buf, uint16_t type)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST;
	return h;
}

const struct nlattr *nl_find_in(const struct nlattr *nest, uint16_t type)
{
	nl_for_each_in (a, nest)
		if (mnl_attr_get_type(a) == type)
			return a;
	return NULL;
}

const void *nl_attr(const struct nlattr *attr, size_t size)
{
	return mnl_attr_get_payload_len(attr) >= size ? mnl_attr_get_payload(attr) : NULL;
}

static int send_request(struct nl *nl, struct nlmsghdr *request)
{
	request->nlmsg_seq = ++nl->seq;
	return mnl_socket_sendto(nl->sock, request, request->nlmsg_len) < 0 ? -errno : 0;
}

static ssize_t receive(struct nl *nl)
{
	ssize_t n;

	do
		n = mnl_socket_recvfrom(nl->sock, nl->buf, nl->size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* The errno of NLMSG_ERROR, or of NLMSG_DONE that ends a dump: an int, 0 or below; a kernel's nonsense is -EPROTO. */
static int status_of(const struct nlmsghdr *h)
{
	int status;

	if (mnl_nlmsg_get_payload_len(h) < sizeof(status))
		return h->nlmsg_type == NLMSG_DONE ? 0 : -EPROTO;
	memcpy(&status, mnl_nlmsg_get_payload(h), sizeof(status));
	return status > 0 || status < -4095 ? -EPROTO : status;
}

/* libmnl's mnl_nlmsg_ok() takes a length beyond INT_MAX for a negative one, which fits everywhere. */
static bool fits(const struct nlmsghdr *h, int left)
{
	return left >= (int)sizeof(*h) && h->nlmsg_len >= sizeof(*h) && h->nlmsg_len <= (uint32_t)left;
}

int nl_take_all(const char *buf, size_t len, uint32_t seq, const struct nl_sink *sink, bool *interrupted)
{
	const struct nlmsghdr *h = (const void *)buf;
	int left = (int)len, err;

	for (; fits(h, left); h = mnl_nlmsg_next(h, &left)) {
		if (h->nlmsg_seq != seq) /* of a dump that was given up */
			continue;
		*interrupted = *interrupted || h->nlmsg_flags & NLM_F_DUMP_INTR;
		if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR) {
			err = status_of(h);
			return err ? err : 1;
		}
		if (h->nlmsg_type < NLMSG_MIN_TYPE)
			continue;
		err = sink->take(h, sink->arg);
		if (err)
			return err;
	}
	return 0;
}

/* One go. 0; -EAGAIN: to be done anew; -errno. */
static int dump_once(struct nl *nl, struct nlmsghdr *request, const struct nl_sink *sink)
{
	bool interrupted = false, larger = false;
	int err = send_request(nl, request);

	while (!err) {
		ssize_t n = receive(nl);

		if (n == -ENOSPC && nl->size < BUFFER_MAX) { /* cut off: what was lost is asked for again */
			interrupted = larger = true;
			continue;
		}
		err = n < 0 ? (int)n : nl_take_all(nl->buf, (size_t)n, nl->seq, sink, &interrupted);
	}
	if (larger) {
		nl->size *= 4;
		nl->buf = xrealloc(nl->buf, nl->size);
	}
	if (err > 0)
		return interrupted ? -EAGAIN : 0;
	return err;
}

int nl_dump(struct nl *nl, struct nlmsghdr *request, const struct nl_sink *sink)
{
	request->nlmsg_flags |= NLM_F_DUMP;
	for (int i = 0; i < MAX_TRIES; i++) {
		int err = dump_once(nl, request, sink);

		if (err != -EAGAIN)
			return err;
		if (sink->again && i + 1 < MAX_TRIES)
			sink->again(sink->arg);
	}
	return -EINTR;
}

int nl_ask(struct nl *nl, struct nlmsghdr *request, const struct nlmsghdr **answer)
{
	const struct nlmsghdr *h = (const void *)nl->buf;
	int err = send_request(nl, request);
	ssize_t n = err ? err : receive(nl);

	if (n < 0)
		return (int)n;
	if (!fits(h, (int)n) || h->nlmsg_seq != nl->seq)
		return -EPROTO;
	if (h->nlmsg_type == NLMSG_ERROR) {
		err = status_of(h);
		return err ? err : -EPROTO;
	}
	*answer = h;
	return 0;
}
