// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <fnmatch.h>
#include <strings.h>

#include "sockfilter/sockfilter_node.h"

/* --- words ----------------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	uint32_t states;
} state_words[] = {
	{ "established", 1 << STATE_ESTAB },
	{ "syn-sent", 1 << STATE_SYN_SENT },
	{ "syn-recv", 1 << STATE_SYN_RECV | 1 << STATE_NEW_SYN_RECV },
	{ "fin-wait-1", 1 << STATE_FIN_WAIT1 },
	{ "fin-wait-2", 1 << STATE_FIN_WAIT2 },
	{ "time-wait", 1 << STATE_TIME_WAIT },
	{ "closed", 1 << STATE_UNCONN },
	{ "close-wait", 1 << STATE_CLOSE_WAIT },
	{ "last-ack", 1 << STATE_LAST_ACK },
	{ "listening", 1 << STATE_LISTEN },
	{ "closing", 1 << STATE_CLOSING },
	{ "bound-inactive", 1 << STATE_BOUND },
	{ "all", STATES_ALL },
	{ "connected", STATES_ALL & ~(1 << STATE_UNCONN | 1 << STATE_LISTEN | 1 << STATE_BOUND) },
	{ "synchronized", STATES_ALL & ~(1 << STATE_UNCONN | 1 << STATE_LISTEN | 1 << STATE_BOUND | 1 << STATE_SYN_SENT) },
	{ "bucket", 1 << STATE_SYN_RECV | 1 << STATE_NEW_SYN_RECV | 1 << STATE_TIME_WAIT },
	{ "big", STATES_ALL & ~(1 << STATE_SYN_RECV | 1 << STATE_NEW_SYN_RECV | 1 << STATE_TIME_WAIT | 1 << STATE_BOUND) },
	/* What ss takes too, and what its output calls them. */
	{ "unconnected", 1 << STATE_UNCONN },
	{ "close", 1 << STATE_UNCONN },
	{ "syn-rcv", 1 << STATE_SYN_RECV | 1 << STATE_NEW_SYN_RECV },
	{ "bound", 1 << STATE_BOUND },
	{ "estab", 1 << STATE_ESTAB },
	{ "listen", 1 << STATE_LISTEN },
	{ "unconn", 1 << STATE_UNCONN },
};
const char *const sockfilter_state_words[] = { "all",          "bound-inactive", "big",       "bucket",      "close-wait",
					       "closed",       "closing",        "connected", "established", "fin-wait-1",
					       "fin-wait-2",   "last-ack",       "listening", "syn-recv",    "syn-sent",
					       "synchronized", "time-wait",      NULL };

uint32_t sockfilter_state(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(state_words); i++)
		if (!strcasecmp(state_words[i].word, word))
			return state_words[i].states;
	return 0;
}

bool sockfilter_begins(const char *word)
{
	static const char *const openers[] = { "state", "exclude", "excl", "sport",  "dport",    "src",
					       "dst",   "dev",     "not",  "fwmark", "autobound" };

	word += strspn(word, " \t");
	if (*word == '(' || *word == '!')
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(openers); i++) {
		size_t len = strlen(openers[i]);

		if (!strncmp(word, openers[i], len) &&
		    (!word[len] || isspace((unsigned char)word[len]) || strchr("=!<>", word[len])))
			return true;
	}
	return false;
}

void sockfilter_done(struct sockfilter *f)
{
	arena_done(&f->arena);
	*f = (struct sockfilter){ 0 };
}

/* --- evaluation ------------------------------------------------------------------------------------------------------------------ */

static bool is_unix(const struct snap_socket *s)
{
	return s->netid >= NETID_UNIX_STREAM && s->netid <= NETID_UNIX_SEQPACKET;
}

static bool is_ip(const struct snap_socket *s)
{
	return s->netid <= NETID_PING;
}

static bool has_family(const struct sockfilter_node *n, const struct snap_socket *s)
{
	switch (n->family) {
	case AF_ANY:
		return true;
	case AF_IP:
		return is_ip(s);
	case AF_IP4:
		return is_ip(s) && s->family == ADDR_INET;
	case AF_IP6:
		return is_ip(s) && s->family == ADDR_INET6;
	case AF_PATH:
		return is_unix(s);
	case AF_LINK:
		return s->netid == NETID_PACKET_RAW || s->netid == NETID_PACKET_DGRAM;
	case AF_NL:
		return s->netid == NETID_NETLINK;
	}
	return false;
}

/* A v4-mapped address is also in networks of IPv4, as ss has it. */
static bool in_net(const char *text, const struct sockfilter_node *n)
{
	struct ipaddr a, plain;

	if (!n->net.family)
		return true;
	if (!text || ipaddr_parse(text, &a))
		return false;
	plain = ipaddr_unmap(&a);
	return ipaddr_in(&a, &n->net, n->bits) || ipaddr_in(&plain, &n->net, n->bits);
}

static bool matches_address(const struct sockfilter_node *n, const struct snap_socket *s)
{
	const char *addr = n->peer ? s->peer : s->addr;
	uint32_t port = n->peer ? s->peer_port : s->port;

	if (!has_family(n, s))
		return false;
	if (n->family == AF_PATH)
		return !*n->text || !fnmatch(n->text, !n->peer && s->path ? s->path : "", FNM_CASEFOLD);
	if (n->text)
		return addr && !strcasecmp(addr, n->text);
	return (!OPT_VALUE(n->port) || port == n->port) && in_net(addr, n);
}

static bool matches_device(const struct sockfilter_node *n, const struct snap_socket *s, const char *device)
{
	if (device && !strcmp(device, n->text))
		return true;
	return n->number && s->ifindex == n->number;
}

/* The kernel's own choice of a name, or no name; of a port ss asks whether it is an ephemeral one. */
static bool is_autobound(const struct snap_socket *s)
{
	if (is_unix(s))
		return !s->path || (*s->path == '@' && s->path_len == 6 && strspn(s->path + 1, "0123456789abcdef") == 5);
	return is_ip(s) && s->port >= 32768 && s->port <= 60999; /* net.ipv4.ip_local_port_range as Linux sets it */
}

static bool matches(const struct sockfilter_node *n, const struct snap_socket *s, const char *device)
{
	switch (n->kind) {
	case N_AND:
		return matches(n->a, s, device) && matches(n->b, s, device);
	case N_OR:
		return matches(n->a, s, device) || matches(n->b, s, device);
	case N_NOT:
		return !matches(n->a, s, device);
	case N_ADDRESS:
		return matches_address(n, s);
	case N_PORT_GE:
		return (n->peer ? s->peer_port : s->port) >= n->port;
	case N_PORT_LE:
		return (n->peer ? s->peer_port : s->port) <= n->port;
	case N_DEVICE:
		return matches_device(n, s, device);
	case N_AUTOBOUND:
		return is_autobound(s);
	case N_MARK:
		return ((OPT_VALUE(s->mark) ? (uint32_t)s->mark : 0) & n->mask) == n->number;
	}
	return false;
}

bool sockfilter_match(const struct sockfilter *f, const struct snap_socket *s, const char *device)
{
	return !f->root || matches(f->root, s, device);
}

/* --- what can be asked of the kernel -------------------------------------------------------------------------------------------------- */

static void narrow(struct sockfilter_range *r, int64_t min, int64_t max)
{
	r->min = (uint16_t)MAX(r->min, min);
	r->max = (uint16_t)MIN(r->max, max);
}

/* Only what holds for every socket that is chosen: conditions that are joined by "and", not negated. */
static void narrow_by(const struct sockfilter_node *n, bool negated, struct sockfilter_range *local, struct sockfilter_range *peer)
{
	struct sockfilter_range *r = n->peer ? peer : local;

	switch (n->kind) {
	case N_AND:
		if (!negated) {
			narrow_by(n->a, false, local, peer);
			narrow_by(n->b, false, local, peer);
		}
		break;
	case N_NOT:
		narrow_by(n->a, !negated, local, peer);
		break;
	case N_ADDRESS:
		if (!negated && OPT_VALUE(n->port) && n->family <= AF_IP6)
			narrow(r, n->port, n->port);
		break;
	case N_PORT_GE:
		narrow(r, negated ? 0 : n->port, negated ? MAX(n->port - 1, 0) : UINT16_MAX);
		break;
	case N_PORT_LE:
		narrow(r, negated ? MIN(n->port + 1, UINT16_MAX) : 0, negated ? UINT16_MAX : n->port);
		break;
	default:
		break;
	}
}

void sockfilter_ports(const struct sockfilter *f, struct sockfilter_range *local, struct sockfilter_range *peer)
{
	*local = *peer = (struct sockfilter_range){ 0, UINT16_MAX };
	if (f->root)
		narrow_by(f->root, false, local, peer);
}

static bool find_family(const struct sockfilter_node *n, enum af *found)
{
	if (n->a && !find_family(n->a, found))
		return false;
	if (n->b && !find_family(n->b, found))
		return false;
	if (n->kind != N_ADDRESS || n->family == AF_ANY || n->family == AF_IP)
		return true;
	if (*found != AF_ANY && *found != n->family)
		return false;
	*found = n->family;
	return true;
}

const char *sockfilter_family(const struct sockfilter *f)
{
	static const char *const names[] = {
		[AF_IP4] = "inet", [AF_IP6] = "inet6", [AF_PATH] = "unix", [AF_LINK] = "link", [AF_NL] = "netlink"
	};
	enum af found = AF_ANY;

	if (!f->root || !find_family(f->root, &found))
		return NULL;
	return names[found];
}
