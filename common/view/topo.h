// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Topology: which devices of which namespaces are joined, from the host over its bridges to what is behind them, and which ports lead
 * where. One description, shown as a tree, as a graph (DOT) and as JSON. Pure.
 */
#ifndef NSKIT_TOPO_H
#define NSKIT_TOPO_H

#include <stdio.h>

#include "firewall/published.h"
#include "model/index.h"

#define TOPO_SCHEMA "nskit-topo/1"

struct topo_ns {
	uint32_t ns;
	const char *where; /* in one word: "host", "web", a name, or the number */
	bool initial;
	const struct snap_container *container;
	const char *const *names; /* of the files that it is mounted on */
	uint32_t n_names;
	const char *default_via; /* "10.0.0.1 eth0"; NULL */
	uint32_t index;          /* in the snapshot's namespaces */
	bool asked;              /* one of those that are meant */
	bool shown;              /* that, or a link of one leads to it */
	bool told;               /* of the ports that lead to it */
	uint32_t first, n;       /* its links: links[first .. first + n) */
};

struct topo_link {
	uint32_t ns;
	uint32_t ifindex;
	const char *ifname, *kind;
	bool up;
	const char *address;
	const char *const *addresses; /* with prefix length */
	uint32_t n_addresses;
	const char *detail; /* "vlan 5", "vni 7", "private": what its kind has of its own; NULL */
	const char *master; /* name of its bridge or bond; NULL */
	uint32_t peer_ns;   /* NSREF: where its peer or lower device is */
	const char *peer;   /* that one's name; NULL: none, or not known */
	uint32_t peer_ifindex;
	/* Indexes into links, or IDMAP_NONE: */
	uint32_t above; /* what it stands below in the tree: its bridge or bond, or the device that it is on */
	uint32_t other; /* its peer, or the device that it is on */
	uint32_t of;    /* its namespace, an index into topo.ns */
};

struct topo {
	const struct index *ix;
	struct arena arena;
	struct published published;
	struct topo_ns *ns;
	struct topo_link *links; /* by namespace and number */
	size_t n_ns, cap_ns, n_links, cap_links;
	struct idmap by_target; /* namespace -> the first of published.ports that lead to it */
	uint32_t *next_port;    /* the next of them, IDMAP_NONE ends */
};
extern const struct desc topo_ns_desc, topo_link_desc;

/* asked: bits of the namespaces (by their index) from which to start; the others are there as far as a link leads to them. */
void topo_build(struct topo *t, const struct index *ix, const uint8_t *asked);
void topo_done(struct topo *t);

/* What a published port says: ":8080 -> :80 nginx 4711"; with the address where its namespace is not known. Raw, in the arena. */
const char *topo_port_text(struct topo *t, const struct published_port *port);

/* A network namespace; NULL: it is not there. Is it asked for, or does a link of one that is lead to it? */
struct topo_ns *topo_find(const struct topo *t, uint32_t ns);
bool topo_shows(const struct topo *t, uint32_t ns);

/* Is it the loopback device? It joins nothing. */
bool topo_is_loopback(const struct topo_link *l);

/* topo_tree.c: lines of text. flags: enum escape_flags; with ESC_ASCII the tree is drawn in ASCII, too. */
void topo_tree(struct topo *t, FILE *f, unsigned int flags, bool color);

/* topo_dot.c: a graph in DOT, of graphviz. */
void topo_dot(struct topo *t, FILE *f);

/* topo_json.c: the document. */
void topo_json(struct topo *t, FILE *f);

#endif
