// SPDX-License-Identifier: GPL-2.0-or-later
/* Which sockets ss's letters mean. What belongs together, and what each letter adds, is as in its misc/ss.c. */
#include "nsnet.h"

enum socktable {
	T_TCP,
	T_DCCP,
	T_UDP,
	T_RAW,
	T_UNIX_DGRAM,
	T_UNIX_STREAM,
	T_UNIX_SEQPACKET,
	T_PACKET_DGRAM,
	T_PACKET_RAW,
	T_NETLINK,
	T_SCTP,
	T_MPTCP,
	TABLES
};

enum family { FAM_INET = ADDR_INET, FAM_INET6 = ADDR_INET6, FAM_UNIX, FAM_PACKET, FAM_NETLINK, FAMILIES };

#define BIT(x) (1u << (x))
enum {
	INET = BIT(FAM_INET) | BIT(FAM_INET6),
	UNCONN = BIT(STATE_UNCONN),
	ESTAB = BIT(STATE_ESTAB),
	UNIX_TABLES = BIT(T_UNIX_DGRAM) | BIT(T_UNIX_STREAM) | BIT(T_UNIX_SEQPACKET),
	PACKET_TABLES = BIT(T_PACKET_DGRAM) | BIT(T_PACKET_RAW),
	INET_TABLES = BIT(T_TCP) | BIT(T_MPTCP) | BIT(T_UDP) | BIT(T_DCCP) | BIT(T_SCTP) | BIT(T_RAW),
};

static const struct {
	uint32_t netids, states, families;
} tables[TABLES] = {
	[T_TCP] = { BIT(NETID_TCP), STATES_CONNECTED, INET },
	[T_MPTCP] = { BIT(NETID_MPTCP), STATES_CONNECTED, INET },
	[T_DCCP] = { BIT(NETID_DCCP), STATES_CONNECTED, INET },
	[T_SCTP] = { BIT(NETID_SCTP), STATES_CONNECTED, INET },
	[T_UDP] = { BIT(NETID_UDP) | BIT(NETID_UDPLITE), ESTAB, INET },
	[T_RAW] = { BIT(NETID_RAW) | BIT(NETID_PING), ESTAB, INET },
	[T_UNIX_DGRAM] = { BIT(NETID_UNIX_DGRAM), UNCONN, BIT(FAM_UNIX) },
	[T_UNIX_STREAM] = { BIT(NETID_UNIX_STREAM), STATES_CONNECTED, BIT(FAM_UNIX) },
	[T_UNIX_SEQPACKET] = { BIT(NETID_UNIX_SEQPACKET), STATES_CONNECTED, BIT(FAM_UNIX) },
	[T_PACKET_DGRAM] = { BIT(NETID_PACKET_DGRAM), UNCONN, BIT(FAM_PACKET) },
	[T_PACKET_RAW] = { BIT(NETID_PACKET_RAW), UNCONN, BIT(FAM_PACKET) },
	[T_NETLINK] = { BIT(NETID_NETLINK), UNCONN, BIT(FAM_NETLINK) },
};

/* Words of -f, and what a family adds where no table of it was named. */
static const struct {
	const char *word;
	uint32_t tables, states;
} families[FAMILIES] = {
	[FAM_INET] = { "inet", INET_TABLES, STATES_CONNECTED }, [FAM_INET6] = { "inet6", INET_TABLES, STATES_CONNECTED },
	[FAM_UNIX] = { "unix", UNIX_TABLES, STATES_CONNECTED }, [FAM_PACKET] = { "link", PACKET_TABLES, UNCONN },
	[FAM_NETLINK] = { "netlink", BIT(T_NETLINK), UNCONN },
};

/* Words of -A. */
static const struct {
	const char *word;
	uint32_t tables;
} queries[] = {
	{ "all", BIT(TABLES) - 1 },
	{ "inet", INET_TABLES },
	{ "tcp", BIT(T_TCP) },
	{ "mptcp", BIT(T_MPTCP) },
	{ "udp", BIT(T_UDP) },
	{ "raw", BIT(T_RAW) },
	{ "unix", UNIX_TABLES },
	{ "unix_stream", BIT(T_UNIX_STREAM) },
	{ "u_str", BIT(T_UNIX_STREAM) },
	{ "unix_dgram", BIT(T_UNIX_DGRAM) },
	{ "u_dgr", BIT(T_UNIX_DGRAM) },
	{ "unix_seqpacket", BIT(T_UNIX_SEQPACKET) },
	{ "u_seq", BIT(T_UNIX_SEQPACKET) },
	{ "packet", PACKET_TABLES },
	{ "packet_raw", BIT(T_PACKET_RAW) },
	{ "p_raw", BIT(T_PACKET_RAW) },
	{ "packet_dgram", BIT(T_PACKET_DGRAM) },
	{ "p_dgr", BIT(T_PACKET_DGRAM) },
	{ "netlink", BIT(T_NETLINK) },
	{ "dccp", BIT(T_DCCP) },
	{ "sctp", BIT(T_SCTP) },
};

const char *const nsnet_family_words[] = { "inet", "inet6", "link", "netlink", "unix", NULL };
const char *const nsnet_query_words[] = { "all", "dccp", "inet", "mptcp", "netlink", "packet",     "packet_dgram",   "packet_raw",
					  "raw", "sctp", "tcp",  "udp",   "unix",    "unix_dgram", "unix_seqpacket", "unix_stream",
					  NULL };

static void add_table(struct nsnet_sockets *s, enum socktable t)
{
	s->tables |= BIT(t);
	s->states |= tables[t].states;
}

static void add_family(struct nsnet_sockets *s, enum family f)
{
	s->families |= BIT(f);
	s->states |= families[f].states;
}

static int add_family_word(struct nsnet *n, const char *word)
{
	for (int f = 0; f < FAMILIES; f++)
		if (!strcmp(families[f].word, word)) {
			add_family(&n->sockets, (enum family)f);
			return 0;
		}
	return cli_usage_error(&n->cli, "no such family: %s (inet, inet6, link, netlink or unix)", word);
}

static int add_query(struct nsnet *n, const char *list)
{
	struct nsnet_sockets *s = &n->sockets;
	char word[32];

	if (!s->queried) {
		s->queried = true;
		s->tables = 0;
		s->named_states = s->named_states ? s->named_states : STATES_CONNECTED;
	}
	for (const char *p = list;; p++) {
		size_t len = strcspn(p, ","), i = 0;

		snprintf(word, sizeof(word), "%.*s", (int)MIN(len, sizeof(word)), p);
		while (i < ARRAY_SIZE(queries) && strcmp(queries[i].word, word) != 0)
			i++;
		if (i == ARRAY_SIZE(queries))
			return cli_usage_error(&n->cli, "no such table of sockets: %.*s", (int)len, p);
		s->tables |= queries[i].tables;
		p += len;
		if (!*p)
			return 0;
	}
}

static const struct {
	int letter;
	enum socktable table;
} table_letters[] = { { 't', T_TCP }, { 'u', T_UDP }, { 'w', T_RAW }, { 'M', T_MPTCP }, { 'S', T_SCTP }, { 'd', T_DCCP } };

static const struct {
	int letter;
	enum family family;
} family_letters[] = { { '4', FAM_INET }, { '6', FAM_INET6 }, { '0', FAM_PACKET }, { 'x', FAM_UNIX } };

static const struct {
	int letter;
	uint32_t states;
} state_letters[] = { { 'a', STATES_ALL }, { 'l', STATES_LISTENING }, { 'B', BIT(STATE_BOUND) } };

static int add_letter(struct nsnet_sockets *s, int id)
{
	for (size_t i = 0; i < ARRAY_SIZE(table_letters); i++)
		if (table_letters[i].letter == id) {
			add_table(s, table_letters[i].table);
			return 0;
		}
	for (size_t i = 0; i < ARRAY_SIZE(family_letters); i++)
		if (family_letters[i].letter == id) {
			add_family(s, family_letters[i].family);
			return 0;
		}
	for (size_t i = 0; i < ARRAY_SIZE(state_letters); i++)
		if (state_letters[i].letter == id) {
			s->named_states = state_letters[i].states;
			return 0;
		}
	return -ENOENT;
}

static int set_flag(struct nsnet_sockets *s, int id)
{
	const struct {
		int letter;
		bool *flag;
	} flags[] = { { 'n', &s->numeric }, { 'p', &s->processes }, { 'i', &s->info },   { 'm', &s->memory },
		      { 'o', &s->timers },  { 's', &s->summary },   { 'O', &s->oneline } };

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (flags[i].letter == id) {
			*flags[i].flag = true;
			return 0;
		}
	if (id != 'e')
		return -ENOENT;
	s->extended = s->timers = true; /* as ss has it */
	return 0;
}

int nsnet_socket_option(struct nsnet *n, int id, const char *value)
{
	int err = id == 'f' ? add_family_word(n, value) : id == 'A' ? add_query(n, value) : add_letter(&n->sockets, id);

	if (err == -ENOENT)
		err = set_flag(&n->sockets, id);
	if (!err)
		n->sockets.asked = true;
	return err;
}

/* Letters of nothing mean all; tables bring their families along, and families without a table theirs. */
void nsnet_settle_sockets(struct nsnet *n)
{
	struct nsnet_sockets *s = &n->sockets;
	const char *family = sockfilter_family(&s->filter);

	for (int f = 0; family && f < FAMILIES; f++)
		if (!strcmp(families[f].word, family)) {
			s->families = BIT(f);
			s->states |= families[f].states;
		}
	if (s->filter.states)
		s->named_states = s->filter.states;
	if (!s->tables && !s->families) {
		s->tables = BIT(TABLES) - 1;
		s->states = STATES_CONNECTED;
	}
	for (int t = 0; t < TABLES; t++)
		if (s->tables >> t & 1 && !(s->families & tables[t].families))
			s->families |= tables[t].families;
	for (int f = 0; f < FAMILIES; f++)
		if (s->families >> f & 1 && !(s->tables & families[f].tables))
			s->tables |= families[f].tables;
}

uint32_t nsnet_socket_netids(const struct nsnet *n)
{
	uint32_t netids = 0;

	for (int t = 0; t < TABLES; t++)
		if (n->sockets.tables >> t & 1 && n->sockets.families & tables[t].families)
			netids |= tables[t].netids;
	return netids;
}

uint32_t nsnet_socket_families(const struct nsnet *n)
{
	return n->sockets.families & INET;
}

uint32_t nsnet_socket_states(const struct nsnet *n)
{
	return n->sockets.named_states ? n->sockets.named_states : n->sockets.states;
}

bool nsnet_socket_one_table(const struct nsnet *n)
{
	return !(n->sockets.tables & (n->sockets.tables - 1));
}
