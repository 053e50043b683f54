// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <ctype.h>
#include <fnmatch.h>
#include <net/if.h>
#include <stdarg.h>
#include <strings.h>

#include "model/sockfilter.h"
#include "util/ipaddr.h"

enum { MAX_DEPTH = 200 }; /* of parentheses and nots: the parser recurses */

enum node_kind { N_AND, N_OR, N_NOT, N_ADDRESS, N_PORT_GE, N_PORT_LE, N_DEVICE, N_AUTOBOUND, N_MARK };

enum af { AF_ANY, AF_IP, AF_IP4, AF_IP6, AF_PATH, AF_LINK, AF_NL };

struct sockfilter_node {
	enum node_kind kind;
	const struct sockfilter_node *a, *b;
	bool peer;   /* dst, dport: the other end */
	enum af family;
	int64_t port; /* OPT: N_ADDRESS, N_PORT_* */
	struct ipaddr net; /* N_ADDRESS: in there; family 0: any */
	unsigned int bits;
	const char *text; /* N_DEVICE: name; N_ADDRESS: pattern of a path, or a protocol's name */
	uint32_t number, mask; /* N_DEVICE: ifindex; N_MARK */
};

/* --- states -------------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	uint32_t states;
} state_words[] = {
	{ "established", 1 << STATE_ESTAB },	   { "syn-sent", 1 << STATE_SYN_SENT },
	{ "syn-recv", 1 << STATE_SYN_RECV | 1 << STATE_NEW_SYN_RECV }, { "fin-wait-1", 1 << STATE_FIN_WAIT1 },
	{ "fin-wait-2", 1 << STATE_FIN_WAIT2 },   { "time-wait", 1 << STATE_TIME_WAIT },
	{ "closed", 1 << STATE_UNCONN },	   { "close-wait", 1 << STATE_CLOSE_WAIT },
	{ "last-ack", 1 << STATE_LAST_ACK },	   { "listening", 1 << STATE_LISTEN },
	{ "closing", 1 << STATE_CLOSING },	   { "bound-inactive", 1 << STATE_BOUND },
	{ "all", STATES_ALL },
	{ "connected", STATES_ALL & ~(1 << STATE_UNCONN | 1 << STATE_LISTEN | 1 << STATE_BOUND) },
	{ "synchronized", STATES_ALL & ~(1 << STATE_UNCONN | 1 << STATE_LISTEN | 1 << STATE_BOUND | 1 << STATE_SYN_SENT) },
	{ "bucket", 1 << STATE_SYN_RECV | 1 << STATE_NEW_SYN_RECV | 1 << STATE_TIME_WAIT },
	{ "big", STATES_ALL & ~(1 << STATE_SYN_RECV | 1 << STATE_NEW_SYN_RECV | 1 << STATE_TIME_WAIT | 1 << STATE_BOUND) },
	/* What ss takes too, and what its output calls them. */
	{ "unconnected", 1 << STATE_UNCONN },	   { "close", 1 << STATE_UNCONN },
	{ "syn-rcv", 1 << STATE_SYN_RECV | 1 << STATE_NEW_SYN_RECV }, { "bound", 1 << STATE_BOUND },
	{ "estab", 1 << STATE_ESTAB },		   { "listen", 1 << STATE_LISTEN },
	{ "unconn", 1 << STATE_UNCONN },
};
const char *const sockfilter_state_words[] = { "all", "bound-inactive", "big", "bucket", "close-wait", "closed", "closing", "connected",
					       "established", "fin-wait-1", "fin-wait-2", "last-ack", "listening", "syn-recv",
					       "syn-sent", "synchronized", "time-wait", NULL };

uint32_t sockfilter_state(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(state_words); i++)
		if (!strcasecmp(state_words[i].word, word))
			return state_words[i].states;
	return 0;
}

/* --- words to tokens --------------------------------------------------------------------------------------------------------------- */

enum token_kind { T_END, T_WORD, T_OPEN, T_CLOSE, T_NOT, T_AND, T_OR, T_EQ, T_NE, T_LT, T_GT, T_LE, T_GE };

struct token {
	enum token_kind kind;
	char *text;
};

struct parsing {
	struct sockfilter *f;
	int (*service)(const char *name);
	struct token *tokens;
	size_t n_tokens, cap_tokens, at;
	unsigned int depth;
	char *error;
	size_t error_size;
	bool failed;
};

static const struct {
	const char *word;
	enum token_kind kind;
} operators[] = {
	/* The longer ones first. */
	{ "&&", T_AND }, { "||", T_OR }, { "==", T_EQ }, { "!=", T_NE }, { "<=", T_LE }, { ">=", T_GE },
	{ "(", T_OPEN }, { ")", T_CLOSE }, { "&", T_AND }, { "|", T_OR }, { "!", T_NOT }, { "=", T_EQ }, { "<", T_LT }, { ">", T_GT },
	{ "and", T_AND }, { "or", T_OR }, { "not", T_NOT }, { "eq", T_EQ }, { "ne", T_NE }, { "neq", T_NE }, { "lt", T_LT },
	{ "gt", T_GT }, { "le", T_LE }, { "leq", T_LE }, { "ge", T_GE }, { "geq", T_GE },
};

static const struct sockfilter_node *fail(struct parsing *p, const char *fmt, ...)
{
	va_list ap;

	if (p->failed)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(p->error, p->error_size, fmt, ap);
	va_end(ap);
	p->failed = true;
	return NULL;
}

static bool is_sign(char c)
{
	return c && strchr("()!&|=<>", c);
}

/* An operator of signs at s, its length in *len; words stand alone. */
static enum token_kind sign_at(const char *s, size_t *len)
{
	for (size_t i = 0; i < ARRAY_SIZE(operators); i++) {
		*len = strlen(operators[i].word);
		if (is_sign(*operators[i].word) && !strncmp(s, operators[i].word, *len))
			return operators[i].kind;
	}
	return T_END;
}

static enum token_kind word_kind(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(operators); i++)
		if (!strcmp(operators[i].word, word))
			return operators[i].kind;
	return T_WORD;
}

/* A word of the command line may hold several: 'sport = :80', '(sport=:80'. A pattern of unix paths may hold signs: "unix:..." ends at a blank. */
static void add_tokens(struct parsing *p, const char *s)
{
	size_t len;

	while (*s) {
		struct token *t;

		if (isspace((unsigned char)*s)) {
			s++;
			continue;
		}
		t = ARRAY_ADD(p, tokens);
		if (is_sign(*s)) {
			t->kind = sign_at(s, &len);
		} else {
			bool path = !strncmp(s, "unix:", 5);

			for (len = 0; s[len] && !isspace((unsigned char)s[len]) && (path || !is_sign(s[len])); len++)
				;
			t->text = arena_strndup(&p->f->arena, s, len);
			t->kind = word_kind(t->text);
		}
		s += len;
	}
}

static struct token *peek(struct parsing *p)
{
	static struct token end = { T_END, NULL };

	return p->at < p->n_tokens ? &p->tokens[p->at] : &end;
}

static bool take(struct parsing *p, enum token_kind kind)
{
	if (peek(p)->kind != kind)
		return false;
	p->at++;
	return true;
}

static const char *take_word(struct parsing *p, const char *after)
{
	struct token *t = peek(p);

	if (t->kind != T_WORD) {
		fail(p, "something is missing after %s", after);
		return NULL;
	}
	p->at++;
	return t->text;
}

static struct sockfilter_node *node(struct parsing *p, enum node_kind kind)
{
	struct sockfilter_node *n = arena_alloc(&p->f->arena, sizeof(*n));

	n->kind = kind;
	n->port = OPT_NONE;
	return n;
}

static const struct sockfilter_node *join(struct parsing *p, enum node_kind kind, const struct sockfilter_node *a,
					  const struct sockfilter_node *b)
{
	struct sockfilter_node *n = node(p, kind);

	n->a = a;
	n->b = b;
	return n;
}

static const struct sockfilter_node *negate(struct parsing *p, const struct sockfilter_node *a, bool really)
{
	return really && a ? join(p, N_NOT, a, NULL) : a;
}

/* --- addresses and ports ----------------------------------------------------------------------------------------------------------- */

static bool parse_port(struct parsing *p, const char *word, int64_t *port)
{
	uint32_t number;
	int found;

	*port = OPT_NONE;
	if (!*word || !strcmp(word, "*"))
		return true;
	if (!parse_u32(word, &number) && number <= UINT16_MAX) {
		*port = number;
		return true;
	}
	found = p->service ? p->service(word) : -1;
	if (found >= 0)
		*port = found;
	else
		fail(p, "\"%s\" does not look like a port", word);
	return found >= 0;
}

static const struct {
	const char *prefix;
	enum af family;
} families[] = { { "inet:", AF_IP4 }, { "inet6:", AF_IP6 }, { "unix:", AF_PATH }, { "link:", AF_LINK }, { "netlink:", AF_NL } };

static char *take_family(char *word, struct sockfilter_node *n)
{
	n->family = AF_ANY;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (!strncmp(word, families[i].prefix, strlen(families[i].prefix))) {
			n->family = families[i].family;
			return word + strlen(families[i].prefix);
		}
	return word;
}

/* Split "ADDRESS/BITS:PORT", "[ADDRESS]:PORT", "ADDRESS:PORT": what stands for the port, or NULL; the rest ends before it. */
static char *split_port(char **word)
{
	char *slash, *port;

	if (**word == '[') {
		port = strchr(*word, ']');
		if (!port)
			return NULL; /* and what is left is no address */
		++*word;
		*port++ = '\0';
		return *port == ':' ? port + 1 : NULL;
	}
	slash = strchr(*word, '/');
	port = strrchr(slash ? slash : *word, ':');
	/* An IPv6 address without brackets: ss takes what stands behind its last colon for the port. */
	if (!port)
		return NULL;
	*port = '\0';
	return port + 1;
}

static bool parse_net(struct parsing *p, const char *word, struct sockfilter_node *n)
{
	char *text = arena_strdup(&p->f->arena, word), *slash = strchr(text, '/');
	uint32_t bits;

	if (slash)
		*slash++ = '\0';
	if (ipaddr_parse(text, &n->net))
		return fail(p, "\"%s\" does not look like an address", word) != NULL;
	n->bits = n->net.family == 4 ? 32 : 128;
	if (slash && (parse_u32(slash, &bits) || bits > n->bits))
		return fail(p, "\"%s\" does not look like a network", word) != NULL;
	if (slash)
		n->bits = bits;
	return true;
}

static bool parse_ip_address(struct parsing *p, char *word, struct sockfilter_node *n)
{
	char *port = split_port(&word);

	if (port && !parse_port(p, port, &n->port))
		return false;
	if (!*word || !strcmp(word, "*"))
		return true;
	if (n->family == AF_ANY)
		n->family = AF_IP;
	return parse_net(p, word, n);
}

static const struct sockfilter_node *parse_address(struct parsing *p, const char *typed, bool peer)
{
	struct sockfilter_node *n = node(p, N_ADDRESS);
	char *word = take_family(arena_strdup(&p->f->arena, typed), n);

	n->peer = peer;
	switch (n->family) {
	case AF_PATH:
		n->text = word;
		return n;
	case AF_LINK:
	case AF_NL: {
		char *port = strchr(word, ':');

		if (port)
			*port++ = '\0';
		n->text = *word && strcmp(word, "*") ? word : NULL;
		return !port || parse_port(p, port, &n->port) ? n : NULL;
	}
	default:
		return parse_ip_address(p, word, n) ? n : NULL;
	}
}

/* --- the grammar -------------------------------------------------------------------------------------------------------------------- */

static const struct sockfilter_node *parse_or(struct parsing *p);

static enum token_kind take_comparison(struct parsing *p)
{
	enum token_kind kind = peek(p)->kind;

	if (kind < T_EQ)
		return T_END;
	p->at++;
	return kind;
}

static const struct sockfilter_node *port_bound(struct parsing *p, enum node_kind kind, bool peer, int64_t port)
{
	struct sockfilter_node *n = node(p, kind);

	n->peer = peer;
	n->port = port;
	return n;
}

static const struct sockfilter_node *parse_port_condition(struct parsing *p, bool peer)
{
	const char *name = peer ? "dport" : "sport", *word;
	enum token_kind op = take_comparison(p);
	struct sockfilter_node *n;
	int64_t port;

	if (op == T_END)
		return fail(p, "%s wants a comparison: %s = :80", name, name);
	word = take_word(p, name);
	if (!word || !parse_port(p, word + (*word == ':'), &port))
		return NULL;
	if (op == T_EQ || op == T_NE) {
		n = node(p, N_ADDRESS);
		n->peer = peer;
		n->port = port;
		return negate(p, n, op == T_NE);
	}
	if (!OPT_VALUE(port))
		return fail(p, "%s wants a port to compare with", name);
	if (op == T_GE || op == T_LT)
		return negate(p, port_bound(p, N_PORT_GE, peer, port), op == T_LT);
	return negate(p, port_bound(p, N_PORT_LE, peer, port), op == T_GT);
}

static const struct sockfilter_node *parse_address_condition(struct parsing *p, bool peer)
{
	enum token_kind op = take_comparison(p);
	const char *word;

	if (op != T_END && op != T_EQ && op != T_NE)
		return fail(p, "%s can only be = or !=", peer ? "dst" : "src");
	word = take_word(p, peer ? "dst" : "src");
	return word ? negate(p, parse_address(p, word, peer), op == T_NE) : NULL;
}

static const struct sockfilter_node *parse_device(struct parsing *p)
{
	enum token_kind op = take_comparison(p);
	struct sockfilter_node *n = node(p, N_DEVICE);

	if (op != T_END && op != T_EQ && op != T_NE)
		return fail(p, "dev can only be = or !=");
	n->text = take_word(p, "dev");
	if (!n->text)
		return NULL;
	if (parse_u32(n->text, &n->number))
		n->number = 0;
	p->f->needs_devices = true;
	return negate(p, n, op == T_NE);
}

static bool parse_hex(const char *word, uint32_t *out)
{
	char *end;
	unsigned long v;

	errno = 0;
	v = strtoul(word, &end, 0);
	if (end == word || *end || errno || v > UINT32_MAX || *word == '-')
		return false;
	*out = (uint32_t)v;
	return true;
}

static const struct sockfilter_node *parse_mark(struct parsing *p)
{
	enum token_kind op = take_comparison(p);
	struct sockfilter_node *n = node(p, N_MARK);
	char *word, *slash;

	if (op != T_EQ && op != T_NE)
		return fail(p, "fwmark wants = or !=");
	word = (char *)take_word(p, "fwmark");
	if (!word)
		return NULL;
	slash = strchr(word, '/');
	if (slash)
		*slash++ = '\0';
	n->mask = UINT32_MAX;
	if (!parse_hex(word, &n->number) || (slash && !parse_hex(slash, &n->mask)))
		return fail(p, "\"%s\" does not look like a mark", word);
	return negate(p, n, op == T_NE);
}

static const struct sockfilter_node *parse_condition(struct parsing *p)
{
	struct token *t = peek(p);

	if (t->kind == T_END)
		return fail(p, "the expression ends too early");
	if (t->kind != T_WORD)
		return fail(p, "an operator stands where src, dst, sport, dport, dev or ( should be");
	p->at++;
	if (!strcmp(t->text, "sport") || !strcmp(t->text, "dport"))
		return parse_port_condition(p, *t->text == 'd');
	if (!strcmp(t->text, "src") || !strcmp(t->text, "dst"))
		return parse_address_condition(p, *t->text == 'd');
	if (!strcmp(t->text, "dev"))
		return parse_device(p);
	if (!strcmp(t->text, "fwmark") || !strcmp(t->text, "mark"))
		return parse_mark(p);
	if (!strcmp(t->text, "autobound"))
		return node(p, N_AUTOBOUND);
	return fail(p, "\"%s\" is none of src, dst, sport, dport, dev, fwmark, autobound, not, (", t->text);
}

static const struct sockfilter_node *parse_not(struct parsing *p)
{
	const struct sockfilter_node *n;

	if (++p->depth > MAX_DEPTH)
		return fail(p, "more than %d levels of parentheses", MAX_DEPTH);
	if (take(p, T_NOT)) {
		n = negate(p, parse_not(p), true);
	} else if (take(p, T_OPEN)) {
		n = parse_or(p);
		if (n && !take(p, T_CLOSE))
			n = fail(p, "a ) is missing");
	} else {
		n = parse_condition(p);
	}
	p->depth--;
	return n;
}

static const struct sockfilter_node *parse_and(struct parsing *p)
{
	const struct sockfilter_node *n = parse_not(p);

	while (n) {
		enum token_kind next = peek(p)->kind;
		const struct sockfilter_node *b;

		if (next == T_END || next == T_CLOSE || next == T_OR)
			break;
		take(p, T_AND); /* or none: two conditions beside each other */
		b = parse_not(p);
		n = b ? join(p, N_AND, n, b) : NULL;
	}
	return n;
}

static const struct sockfilter_node *parse_or(struct parsing *p)
{
	const struct sockfilter_node *n = parse_and(p);

	while (n && take(p, T_OR)) {
		const struct sockfilter_node *b = parse_and(p);

		n = b ? join(p, N_OR, n, b) : NULL;
	}
	return n;
}

/* "state" adds to what other "state"s said; "exclude" takes from that, or from all. */
static void parse_states(struct parsing *p)
{
	bool seen = false;

	while (peek(p)->kind == T_WORD && !p->failed) {
		const char *word = peek(p)->text, *state;
		bool is_exclude = !strcmp(word, "exclude") || !strcmp(word, "excl");
		uint32_t states;

		if (!is_exclude && strcmp(word, "state") != 0)
			return;
		p->at++;
		state = take_word(p, word);
		states = state ? sockfilter_state(state) : 0;
		if (state && !states)
			fail(p, "there is no state \"%s\"", state);
		if (is_exclude)
			p->f->states = (seen ? p->f->states : (uint32_t)STATES_ALL) & ~states;
		else
			p->f->states |= states;
		seen = true;
	}
	if (seen && !p->f->states)
		fail(p, "no state is left");
}

bool sockfilter_begins(const char *word)
{
	static const char *const openers[] = { "state", "exclude", "excl", "sport", "dport", "src", "dst", "dev", "not", "fwmark", "autobound" };

	word += strspn(word, " \t");
	if (*word == '(' || *word == '!')
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(openers); i++) {
		size_t len = strlen(openers[i]);

		if (!strncmp(word, openers[i], len) && (!word[len] || isspace((unsigned char)word[len]) || strchr("=!<>", word[len])))
			return true;
	}
	return false;
}

int sockfilter_parse(struct sockfilter *f, const char *const *words, int n, int (*service)(const char *name), char *error, size_t size)
{
	struct parsing p = { .f = f, .service = service, .error = error, .error_size = size };

	*f = (struct sockfilter){ 0 };
	for (int i = 0; i < n; i++)
		add_tokens(&p, words[i]);
	parse_states(&p);
	if (!p.failed && peek(&p)->kind != T_END)
		f->root = parse_or(&p);
	if (!p.failed && peek(&p)->kind != T_END)
		fail(&p, "a ) too many");
	free(p.tokens);
	return p.failed ? -EINVAL : 0;
}

void sockfilter_done(struct sockfilter *f)
{
	arena_done(&f->arena);
	*f = (struct sockfilter){ 0 };
}

/* --- evaluation ---------------------------------------------------------------------------------------------------------------------- */

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
	static const char *const names[] = { [AF_IP4] = "inet", [AF_IP6] = "inet6", [AF_PATH] = "unix", [AF_LINK] = "link", [AF_NL] = "netlink" };
	enum af found = AF_ANY;

	if (!f->root || !find_family(f->root, &found))
		return NULL;
	return names[found];
}
