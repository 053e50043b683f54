// SPDX-License-Identifier: GPL-2.0-or-later
/* Sockets: get_tcp4_sock(), net/ipv4/tcp_ipv4.c; unix_seq_show(), net/unix/af_unix.c; packet_seq_show(), netlink_seq_show(). */
#include <arpa/inet.h>
#include <sys/socket.h>

#include "net/diag.h"
#include "net/netfiles.h"

enum { IP4_DIGITS = 8, IP6_DIGITS = 32 };

/* "0100007F:0050": numbers of four bytes in the machine's order, and a port. *addr is NULL for none. */
static int take_address(const struct words *word, struct intern *in, bool may_be_any, uint8_t *family, const char **addr,
			uint32_t *port)
{
	struct words digits, after;
	uint32_t parts[4] = { 0 };
	uint64_t v = 0;
	size_t n;

	if (!words_split(word, ':', &digits, &after) || words_hex(&after, &v) || v > UINT16_MAX)
		return -EINVAL;
	n = words_len(&digits) / 8;
	if (words_len(&digits) != IP4_DIGITS && words_len(&digits) != IP6_DIGITS)
		return -EINVAL;
	*port = (uint32_t)v;
	for (size_t i = 0; i < n; i++) {
		struct words part = { digits.at + 8 * i, digits.at + 8 * i + 8 };

		if (words_hex(&part, &v))
			return -EINVAL;
		parts[i] = (uint32_t)v;
	}
	*family = n == 1 ? ADDR_INET : ADDR_INET6;
	if (may_be_any || *port || parts[0] || parts[1] || parts[2] || parts[3])
		*addr = intern_addr(in, n == 1 ? AF_INET : AF_INET6, parts);
	return 0;
}

/* "00000000:0000002A": two numbers, as of queues (sent, received) and timers (kind, rest in 1/100 s). */
static int take_two(const struct words *word, uint64_t *first, uint64_t *second)
{
	struct words a, b;

	return words_split(word, ':', &a, &b) && !words_hex(&a, first) && !words_hex(&b, second) ? 0 : -EINVAL;
}

/* A file that begins a line with "12:" counts its lines there. */
int netfiles_ip(struct words line, struct intern *in, struct snap_socket *out)
{
	struct snap_socket s = { .ifindex = OPT_NONE, .mark = OPT_NONE, .expires_ms = OPT_NONE };
	struct words w[10];
	uint64_t state, sent, received, timer, rest, retrans, uid, ino;
	uint8_t family;

	for (size_t i = 0; i < ARRAY_SIZE(w); i++)
		if (!words_next(&line, &w[i]))
			return -EINVAL;
	if (take_address(&w[1], in, true, &s.family, &s.addr, &s.port) ||
	    take_address(&w[2], in, false, &family, &s.peer, &s.peer_port) || words_hex(&w[3], &state) ||
	    take_two(&w[4], &sent, &received) || take_two(&w[5], &timer, &rest) || words_hex(&w[6], &retrans) ||
	    words_number(&w[7], &uid) || words_number(&w[9], &ino) || !s.addr)
		return -EINVAL;
	s.state = state < STATES ? (uint8_t)state : 0;
	s.recv_q = (uint32_t)received;
	s.send_q = (uint32_t)sent;
	s.timer = timer <= TIMER_PERSIST ? (uint8_t)timer : TIMER_OFF;
	if (s.timer) {
		s.expires_ms = (int64_t)(rest & INT32_MAX) * 10;
		s.retrans = (uint32_t)retrans;
	}
	s.uid = (uint32_t)uid;
	s.ino = ino;
	*out = s;
	return 0;
}

static uint8_t unix_state(uint8_t netid, bool listens, bool connected)
{
	if (listens)
		return STATE_LISTEN;
	return connected && netid != NETID_UNIX_DGRAM ? STATE_ESTAB : STATE_UNCONN;
}

/* An abstract name's NULs come as @, all of them; the rest of the line is the name. */
int netfiles_unix(struct words line, struct intern *in, struct snap_socket *out)
{
	enum { LISTENS = 0x10000, CONNECTED = 3 }; /* __SO_ACCEPTCON; SS_CONNECTED */
	struct snap_socket s = { .ifindex = OPT_NONE, .mark = OPT_NONE, .expires_ms = OPT_NONE };
	struct words w[7];
	uint64_t flags, type, state, ino;

	for (size_t i = 0; i < ARRAY_SIZE(w); i++)
		if (!words_next(&line, &w[i]))
			return -EINVAL;
	if (words_hex(&w[3], &flags) || words_hex(&w[4], &type) || words_hex(&w[5], &state) || words_number(&w[6], &ino))
		return -EINVAL;
	s.netid = type == SOCK_STREAM ? NETID_UNIX_STREAM : type == SOCK_DGRAM ? NETID_UNIX_DGRAM : NETID_UNIX_SEQPACKET;
	s.state = unix_state(s.netid, flags & LISTENS, state == CONNECTED);
	s.ino = ino;
	if (line.at + 1 < line.end && *line.at == ' ') {
		s.path = intern_text(in, line.at + 1, words_len(&line) - 1);
		s.path_len = (uint32_t)(words_len(&line) - 1);
	}
	*out = s;
	return 0;
}

int netfiles_packet(struct words line, struct intern *in, struct snap_socket *out)
{
	struct snap_socket s = { .state = STATE_UNCONN, .mark = OPT_NONE, .expires_ms = OPT_NONE };
	uint64_t type, protocol, ifindex, memory, uid, ino;
	struct words w[9];

	for (size_t i = 0; i < ARRAY_SIZE(w); i++)
		if (!words_next(&line, &w[i]))
			return -EINVAL;
	if (words_number(&w[2], &type) || words_hex(&w[3], &protocol) || words_number(&w[4], &ifindex) ||
	    words_number(&w[6], &memory) || words_number(&w[7], &uid) || words_number(&w[8], &ino) || protocol > UINT16_MAX)
		return -EINVAL;
	s.netid = type == SOCK_RAW ? NETID_PACKET_RAW : NETID_PACKET_DGRAM;
	s.addr = diag_link_protocol(in, (uint16_t)protocol);
	s.port = (uint32_t)protocol;
	s.ifindex = ifindex ? (int64_t)(ifindex & INT32_MAX) : OPT_NONE;
	s.recv_q = (uint32_t)memory;
	s.uid = (uint32_t)uid;
	s.ino = ino;
	*out = s;
	return 0;
}

int netfiles_netlink(struct words line, struct intern *in, struct snap_socket *out)
{
	struct snap_socket s = {
		.netid = NETID_NETLINK, .state = STATE_UNCONN, .ifindex = OPT_NONE, .mark = OPT_NONE, .expires_ms = OPT_NONE
	};
	uint64_t protocol, port, received, sent, ino;
	struct words w[10];

	for (size_t i = 0; i < ARRAY_SIZE(w); i++)
		if (!words_next(&line, &w[i]))
			return -EINVAL;
	if (words_number(&w[1], &protocol) || words_number(&w[2], &port) || words_number(&w[4], &received) ||
	    words_number(&w[5], &sent) || words_number(&w[9], &ino) || protocol > UINT8_MAX)
		return -EINVAL;
	s.addr = diag_netlink_family(in, (uint8_t)protocol);
	s.port = (uint32_t)port;
	s.recv_q = (uint32_t)received;
	s.send_q = (uint32_t)sent;
	s.ino = ino;
	*out = s;
	return 0;
}
