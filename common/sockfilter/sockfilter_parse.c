// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>

#include "sockfilter/sockfilter_node.h"
#include "sockfilter/socktokens.h"

enum { MAX_DEPTH = 200 }; /* of parentheses and nots: the parser recurses */

struct parsing {
	struct sockfilter *f;
	int (*service)(const char *name);
	struct socktokens tokens;
	unsigned int depth;
	char *error;
	size_t error_size;
	bool failed;
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

static const struct token *peek(struct parsing *p)
{
	return socktokens_peek(&p->tokens);
}

static bool take(struct parsing *p, enum token_kind kind)
{
	return socktokens_take(&p->tokens, kind);
}

static const char *take_word(struct parsing *p, const char *after)
{
	const struct token *t = peek(p);

	if (t->kind != T_WORD) {
		fail(p, "something is missing after %s", after);
		return NULL;
	}
	p->tokens.at++;
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
	p->tokens.at++;
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
	const struct token *t = peek(p);

	if (t->kind == T_END)
		return fail(p, "the expression ends too early");
	if (t->kind != T_WORD)
		return fail(p, "an operator stands where src, dst, sport, dport, dev or ( should be");
	p->tokens.at++;
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
		p->tokens.at++;
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

int sockfilter_parse(struct sockfilter *f, const char *const *words, int n, int (*service)(const char *name), char *error,
		     size_t size)
{
	struct parsing p = { .f = f, .service = service, .error = error, .error_size = size };

	*f = (struct sockfilter){ 0 };
	for (int i = 0; i < n; i++)
		socktokens_add(&p.tokens, &f->arena, words[i]);
	parse_states(&p);
	if (!p.failed && peek(&p)->kind != T_END)
		f->root = parse_or(&p);
	if (!p.failed && peek(&p)->kind != T_END)
		fail(&p, "a ) too many");
	socktokens_done(&p.tokens);
	return p.failed ? -EINVAL : 0;
}
