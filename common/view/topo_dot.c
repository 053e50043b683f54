// SPDX-License-Identifier: GPL-2.0-or-later
/* The graph: namespaces as boxes, devices in them, lines between what is joined. In DOT, the language of graphviz. */
#include "output/escape.h"
#include "view/topo.h"

/*
 * Inside of a quoted string: what escape() makes of strangers' bytes, then DOT's own: a backslash begins an escape, a quote ends the string,
 * and an ampersand would begin an entity ("&#8238;" turns text round).
 */
static void put(FILE *f, const char *text)
{
	size_t len = escape(text, strlen(text), 0, NULL, 0);
	CLEAN_MEM char *plain = xcalloc(len + 1, 1);

	escape(text, strlen(text), 0, plain, len + 1);
	for (const char *c = plain; *c; c++) {
		if (*c == '"' || *c == '\\')
			fputc('\\', f);
		fputs(*c == '&' ? "&amp;" : (const char[]){ *c, '\0' }, f);
	}
}

static bool is_drawn(const struct topo *t, const struct topo_link *l)
{
	return t->ns[l->of].shown && !topo_is_loopback(l);
}

static void put_link(struct topo *t, FILE *f, uint32_t i)
{
	const struct topo_link *l = &t->links[i];
	bool bridge = l->kind && (!strcmp(l->kind, "bridge") || !strcmp(l->kind, "bond"));

	fprintf(f, "\t\tl%u [label=\"", i);
	put(f, l->ifname);
	if (l->kind && strcmp(l->kind, "veth") != 0) {
		fputs("\\n", f);
		put(f, l->kind);
	}
	if (l->detail) {
		fputc(' ', f);
		put(f, l->detail);
	}
	for (uint32_t k = 0; k < l->n_addresses; k++) {
		if (!strncmp(l->addresses[k], "fe80:", 5)) /* every device that is up has one */
			continue;
		fputs("\\n", f);
		put(f, l->addresses[k]);
	}
	fprintf(f, "\"%s%s];\n", bridge ? ", shape=box3d" : "", l->up ? "" : ", color=gray, fontcolor=gray");
}

static uint32_t first_drawn(const struct topo *t, const struct topo_ns *ns)
{
	for (uint32_t i = ns->first; i < ns->first + ns->n; i++)
		if (is_drawn(t, &t->links[i]))
			return i;
	return IDMAP_NONE;
}

static void put_ns(struct topo *t, FILE *f, const struct topo_ns *ns)
{
	char number[16];

	snprintf(number, sizeof(number), "%u", ns->ns);
	fprintf(f, "\tsubgraph cluster_%u {\n\t\tlabel=\"", ns->ns);
	put(f, ns->where);
	if (strcmp(ns->where, number) != 0)
		fprintf(f, "\\n%s", number);
	fputs("\";\n", f);
	for (uint32_t i = ns->first; i < ns->first + ns->n; i++)
		if (is_drawn(t, &t->links[i]))
			put_link(t, f, i);
	fputs("\t}\n", f);
}

static void put_lines(const struct topo *t, FILE *f)
{
	for (uint32_t i = 0; i < t->n_links; i++) {
		const struct topo_link *l = &t->links[i];

		if (!is_drawn(t, l))
			continue;
		if (l->above != IDMAP_NONE && is_drawn(t, &t->links[l->above]))
			fprintf(f, "\tl%u -> l%u [dir=none%s];\n", l->above, i, l->above == l->other ? ", style=dashed" : "");
		if (l->other == IDMAP_NONE || l->other == l->above || !is_drawn(t, &t->links[l->other]))
			continue;
		if (i < l->other || t->links[l->other].other != i) /* each pair once */
			fprintf(f, "\tl%u -> l%u [dir=none, penwidth=2];\n", i, l->other);
	}
}

/* A published port leads to the first device of its namespace, for want of a better place. */
static void put_ports(struct topo *t, FILE *f)
{
	for (size_t i = 0; i < t->published.n_ports; i++) {
		const struct published_port *p = &t->published.ports[i];
		const struct topo_ns *ns = p->to_ns ? topo_find(t, p->to_ns) : NULL;
		uint32_t to = ns && ns->shown ? first_drawn(t, ns) : IDMAP_NONE;

		if (to == IDMAP_NONE && (p->to_ns || !topo_shows(t, p->ns)))
			continue;
		fprintf(f, "\tp%zu [shape=plaintext, label=\"", i);
		put(f, topo_port_text(t, p));
		fputs("\"];\n", f);
		if (to != IDMAP_NONE)
			fprintf(f, "\tp%zu -> l%u [style=dotted];\n", i, to);
	}
}

void topo_dot(struct topo *t, FILE *f)
{
	fputs("digraph topology {\n\trankdir=LR;\n\tgraph [fontname=\"sans-serif\", style=rounded];\n"
	      "\tnode [shape=box, fontname=\"sans-serif\", fontsize=11];\n",
	      f);
	for (size_t i = 0; i < t->n_ns; i++)
		if (t->ns[i].shown && first_drawn(t, &t->ns[i]) != IDMAP_NONE)
			put_ns(t, f, &t->ns[i]);
	put_lines(t, f);
	put_ports(t, f);
	fputs("}\n", f);
}
