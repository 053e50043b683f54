// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tree: namespaces, below each its devices, those of a bridge below that, and beside each what it leads to. A namespace that hangs on
 * one device is told where that leads; only what is more, or hangs on nothing, has a tree of its own.
 */
#include "output/escape.h"
#include "output/tree.h"
#include "view/topo.h"

enum { FEW = 8 };       /* namespaces of which each may have its line, whatever there is to tell */
enum { MAX_LEFT = 48 }; /* columns that names may push the rest to the right */

struct node {
	uint32_t ns;        /* a namespace's own line; IDMAP_NONE */
	uint32_t link;      /* else a device's */
	bool far;           /* it stands below a device of another namespace that it is on */
	char *left, *right; /* escaped, malloc'ed */
};

struct growing {
	struct topo *t;
	unsigned int flags;
	struct node *nodes;
	struct table_node *parents;
	size_t n_nodes, cap_nodes, n_parents, cap_parents;
	uint32_t *node_of;                  /* of links */
	uint32_t *first_upper, *next_upper; /* devices of other namespaces that are on a link */
	bool *met;                          /* namespaces that a line tells of */
	size_t lonely;                      /* namespaces of no name that nothing is joined to: their number is all that is told */
};

/* --- which lines there are ---------------------------------------------------------------------------------------------------------------- */

static uint32_t add_node(struct growing *g, uint32_t parent, struct node node)
{
	*ARRAY_ADD(g, nodes) = node;
	ARRAY_ADD(g, parents)->parent = parent;
	return (uint32_t)(g->n_nodes - 1);
}

static void index_uppers(struct growing *g)
{
	const struct topo *t = g->t;

	g->node_of = xcalloc(t->n_links + 1, sizeof(*g->node_of));
	g->first_upper = xcalloc(t->n_links + 1, sizeof(*g->first_upper));
	g->next_upper = xcalloc(t->n_links + 1, sizeof(*g->next_upper));
	g->met = xcalloc(t->n_ns + 1, sizeof(*g->met));
	memset(g->node_of, 0xff, t->n_links * sizeof(*g->node_of));
	memset(g->first_upper, 0xff, t->n_links * sizeof(*g->first_upper));
	for (uint32_t i = (uint32_t)t->n_links; i-- > 0;) {
		uint32_t above = t->links[i].above;

		g->next_upper[i] = IDMAP_NONE;
		if (above == IDMAP_NONE || t->links[above].of == t->links[i].of)
			continue;
		g->next_upper[i] = g->first_upper[above];
		g->first_upper[above] = i;
	}
}

static void meet(struct growing *g, uint32_t link)
{
	const struct topo_link *l = &g->t->links[link];

	if (l->other != IDMAP_NONE)
		g->met[g->t->links[l->other].of] = true;
}

/* Devices that may lead anywhere. */
static uint32_t ways_out(const struct topo *t, const struct topo_ns *ns)
{
	uint32_t n = 0;

	for (uint32_t i = ns->first; i < ns->first + ns->n; i++)
		n += !topo_is_loopback(&t->links[i]);
	return n;
}

static void add_ns(struct growing *g, uint32_t ns)
{
	const struct topo_ns *x = &g->t->ns[ns];
	uint32_t root = add_node(g, TREE_ROOT, (struct node){ .ns = ns, .link = IDMAP_NONE }), begin = (uint32_t)g->n_nodes;

	g->met[ns] = true;
	if (!ways_out(g->t, x))
		return;
	for (int loopback = 0; loopback < 2; loopback++) /* that one last */
		for (uint32_t i = x->first; i < x->first + x->n; i++)
			if (topo_is_loopback(&g->t->links[i]) == loopback) {
				g->node_of[i] = add_node(g, root, (struct node){ .ns = IDMAP_NONE, .link = i });
				meet(g, i);
			}
	for (uint32_t node = begin, end = (uint32_t)g->n_nodes; node < end; node++) {
		uint32_t link = g->nodes[node].link, above = g->t->links[link].above;

		if (above != IDMAP_NONE && g->t->links[above].of == ns)
			g->parents[node].parent = g->node_of[above];
		for (uint32_t up = g->first_upper[link]; up != IDMAP_NONE; up = g->next_upper[up]) {
			add_node(g, node, (struct node){ .ns = IDMAP_NONE, .link = up, .far = true });
			g->met[g->t->links[up].of] = true;
		}
	}
}

struct candidate {
	uint32_t ns, ways;
	bool initial;
};

/* The host first, then who has most to tell. */
static int by_weight(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->initial != y->initial)
		return x->initial ? -1 : 1;
	if (x->ways != y->ways)
		return x->ways > y->ways ? -1 : 1;
	return x->ns < y->ns ? -1 : x->ns > y->ns;
}

static bool is_nameless(const struct topo *t, const struct topo_ns *ns)
{
	return !ns->initial && !ns->container && !ns->n_names && idmap_get(&t->by_target, ns->ns) == IDMAP_NONE;
}

static void add_all(struct growing *g)
{
	const struct topo *t = g->t;
	struct candidate *list = xcalloc(t->n_ns + 1, sizeof(*list));
	size_t n = 0;

	for (uint32_t i = 0; i < t->n_ns; i++)
		if (t->ns[i].asked)
			list[n++] = (struct candidate){ i, ways_out(t, &t->ns[i]), t->ns[i].initial };
	if (n)
		qsort(list, n, sizeof(*list), by_weight);
	for (size_t i = 0; i < n; i++)
		if (n > FEW && !list[i].ways && is_nameless(t, &t->ns[list[i].ns]))
			g->lonely++;
		else if (!g->met[list[i].ns] || list[i].ways > 1)
			add_ns(g, list[i].ns);
	free(list);
}

/* --- what they say ----------------------------------------------------------------------------------------------------------------------------- */

struct saying {
	FILE *f;
	unsigned int flags;
	const char *sep; /* in front of the next word */
};

static void put(struct saying *s, const char *text)
{
	escape_to(s->f, text, strlen(text), s->flags);
}

static void say(struct saying *s, const char *sep, const char *text)
{
	if (!text || !*text)
		return;
	fputs(s->sep, s->f);
	put(s, text);
	s->sep = sep;
}

/* "web 4026532180" */
static void say_where(struct saying *s, const struct topo_ns *ns)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", ns->ns);
	say(s, " ", ns->where);
	if (strcmp(ns->where, number) != 0)
		say(s, "  ", number);
	s->sep = "  ";
}

/* Link-local addresses are on every device that is up, and tell nobody anything. */
static bool is_telling(const char *address)
{
	return strncmp(address, "fe80:", 5) != 0;
}

static bool say_addresses(struct saying *s, const struct topo_link *l)
{
	bool said = false;

	for (uint32_t i = 0; i < l->n_addresses; i++)
		if (is_telling(l->addresses[i])) {
			say(s, ", ", l->addresses[i]);
			said = true;
		}
	s->sep = said ? "  " : s->sep;
	return said;
}

/* Once, where the namespace is first met: it may hang on several devices. */
static void say_ports(struct saying *s, struct topo *t, struct topo_ns *ns)
{
	uint32_t first = idmap_get(&t->by_target, ns->ns);

	if (ns->told)
		return;
	ns->told = true;
	for (uint32_t i = first; i != IDMAP_NONE; i = t->next_port[i])
		say(s, ", ", topo_port_text(t, &t->published.ports[i]));
	if (first == IDMAP_NONE && ns->container && !ns->initial)
		say(s, "  ", "(nothing published)");
	s->sep = "  ";
}

/* "default via 10.0.0.1", where this is the device of that: default_via is "10.0.0.1 eth0", or "eth0" alone. */
static void say_default(struct saying *s, struct topo *t, const struct topo_link *l)
{
	const char *via = t->ns[l->of].default_via, *dev = via ? strrchr(via, ' ') : NULL;

	if (!via || strcmp(dev ? dev + 1 : via, l->ifname) != 0)
		return;
	if (dev)
		say(s, "  ", arena_printf(&t->arena, "default via %.*s", (int)(dev - via), via));
	else
		say(s, "  ", "default");
}

static bool is_veth(const struct topo_link *l)
{
	return l->kind && !strcmp(l->kind, "veth");
}

/* The other end of a veth: what it has, and where it is; in this namespace it has a line of its own. */
static void say_peer(struct saying *s, struct topo *t, const struct topo_link *l, bool addressed)
{
	const struct topo_link *peer = &t->links[l->other];

	if (peer->of != l->of) {
		if (addressed)
			s->sep = s->flags & ESC_ASCII ? " -- " : " ── ";
		say_addresses(s, peer);
		s->sep = *s->sep ? "  " : s->sep;
		say_where(s, &t->ns[peer->of]);
		say_ports(s, t, &t->ns[peer->of]);
	}
	if (peer->master)
		say(s, "  ", arena_printf(&t->arena, "in %s", peer->master));
}

static void say_left(struct saying *s, struct topo *t, const struct node *node)
{
	const struct topo_link *l = node->link == IDMAP_NONE ? NULL : &t->links[node->link];
	const char *line = s->flags & ESC_ASCII ? " -- " : " ── ";

	if (!l) {
		say_where(s, &t->ns[node->ns]);
		return;
	}
	put(s, l->ifname);
	if (is_veth(l) && l->peer) {
		fputs(line, s->f);
		put(s, l->peer);
	} else if (is_veth(l)) {
		fprintf(s->f, "%s?", line);
	}
}

static void say_right(struct saying *s, struct topo *t, const struct node *node)
{
	const struct topo_link *l = node->link == IDMAP_NONE ? NULL : &t->links[node->link];
	struct topo_ns *ns = l ? &t->ns[l->of] : &t->ns[node->ns];
	bool addressed;

	if (!l) {
		if (!ways_out(t, ns))
			say(s, "  ", "(joined to nothing)");
		if (idmap_get(&t->by_target, ns->ns) != IDMAP_NONE)
			say_ports(s, t, ns);
		return;
	}
	if (l->kind && !is_veth(l))
		say(s, " ", l->kind);
	say(s, " ", l->detail);
	s->sep = *s->sep ? "  " : s->sep;
	addressed = say_addresses(s, l);
	say_default(s, t, l);
	if (!l->up)
		say(s, "  ", "(down)");
	if (node->far) {
		say_where(s, ns);
		say_ports(s, t, ns);
	} else if (is_veth(l) && l->other != IDMAP_NONE) {
		say_peer(s, t, l, addressed);
	} else if (is_veth(l)) {
		say(s, "  ", "(its other end is in a namespace that is not known)");
	} else if (l->other != IDMAP_NONE && t->links[l->other].of != l->of) {
		say(s, "  ", arena_printf(&t->arena, "on %s of %s", l->peer, t->ns[t->links[l->other].of].where));
	}
}

static char *text_of(struct growing *g, const struct node *node,
		     void (*tell)(struct saying *s, struct topo *t, const struct node *node))
{
	char *text = NULL;
	size_t len;
	struct saying s = { .f = open_memstream(&text, &len), .flags = g->flags, .sep = "" };

	if (!s.f)
		return xstrdup("");
	tell(&s, g->t, node);
	if (fclose(s.f) || !text)
		return xstrdup("");
	return text;
}

/* --- drawing ------------------------------------------------------------------------------------------------------------------------------------ */

static void draw_branches(FILE *f, const struct tree_row *row, const bool *last, bool ascii)
{
	for (uint32_t d = 1; d < row->depth; d++)
		fputs(last[d] ? "   " : ascii ? "|  " : "│  ", f);
	if (row->depth)
		fputs(row->last ? (ascii ? "`- " : "└─ ") : ascii ? "|- " : "├─ ", f);
}

static void draw(struct growing *g, FILE *f, const struct tree_row *rows, size_t width, bool color)
{
	bool last[256] = { false }, ascii = g->flags & ESC_ASCII;

	for (size_t i = 0; i < g->n_nodes; i++) {
		const struct node *node = &g->nodes[rows[i].row];
		size_t used = 3 * (size_t)rows[i].depth + escaped_width(node->left);
		bool bold = color && node->link == IDMAP_NONE;

		last[MIN(rows[i].depth, 255)] = rows[i].last;
		draw_branches(f, &rows[i], last, ascii);
		fprintf(f, "%s%s%s", bold ? "\033[1m" : "", node->left, bold ? "\033[0m" : "");
		if (*node->right)
			fprintf(f, "%*s%s", (int)(used < width ? width - used : 0) + 2, "", node->right);
		fputc('\n', f);
	}
}

static size_t width_of(const struct growing *g, const struct tree_row *rows)
{
	size_t width = 0;

	for (size_t i = 0; i < g->n_nodes; i++) {
		const struct node *node = &g->nodes[rows[i].row];

		if (node->link != IDMAP_NONE)
			width = MAX(width, 3 * (size_t)rows[i].depth + escaped_width(node->left));
	}
	return MIN(width, (size_t)MAX_LEFT);
}

/* Ports that lead to where no line of the tree is. */
static void put_lost(struct topo *t, FILE *f, unsigned int flags)
{
	for (size_t i = 0; i < t->published.n_ports; i++) {
		const struct published_port *p = &t->published.ports[i];
		const char *text;

		if (p->to_ns || !topo_shows(t, p->ns))
			continue;
		text = topo_port_text(t, p);
		fprintf(f, "published in net %u: ", p->ns);
		escape_to(f, text, strlen(text), flags);
		fputc('\n', f);
	}
}

static void put_undecoded(const struct topo *t, FILE *f, unsigned int flags)
{
	for (size_t i = 0; i < t->published.n_undecoded; i++) {
		const struct published_undecoded *u = &t->published.undecoded[i];

		if (!topo_shows(t, u->ns))
			continue;
		fprintf(f, "not told where it leads, in net %u: ", u->ns);
		if (u->rule) {
			escape_to(f, u->rule, strlen(u->rule), flags);
			fputs(": ", f);
		}
		escape_to(f, u->text, strlen(u->text), flags);
		fputc('\n', f);
	}
}

void topo_tree(struct topo *t, FILE *f, unsigned int flags, bool color)
{
	struct growing g = { .t = t, .flags = flags };
	struct tree_row *rows;

	index_uppers(&g);
	add_all(&g);
	for (size_t i = 0; i < g.n_nodes; i++) {
		g.nodes[i].left = text_of(&g, &g.nodes[i], say_left);
		g.nodes[i].right = text_of(&g, &g.nodes[i], say_right);
	}
	rows = tree_order(g.parents, g.n_nodes);
	draw(&g, f, rows, width_of(&g, rows), color);
	if (g.lonely)
		fprintf(f, "and %zu more namespaces without a name, joined to nothing\n", g.lonely);
	put_lost(t, f, flags);
	put_undecoded(t, f, flags);
	for (size_t i = 0; i < g.n_nodes; i++) {
		free(g.nodes[i].left);
		free(g.nodes[i].right);
	}
	free(rows);
	free(g.nodes);
	free(g.parents);
	free(g.node_of);
	free(g.first_upper);
	free(g.next_upper);
	free(g.met);
}
