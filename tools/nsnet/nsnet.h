// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of nsnet: its sub-commands, what was asked for, and what they share. */
#ifndef NSKIT_NSNET_H
#define NSKIT_NSNET_H

#include "cli/cli.h"
#include "model/target.h"
#include "output/table.h"
#include "sockfilter/sockfilter.h"

#define NSNET_SCHEMA "nskit-nsnet/1"
#define NSNET_SUMMARY_SCHEMA "nskit-nsnet-summary/1" /* --output and --json of nsnet alone */

struct nsnet;

/*
 * A sub-command: a word, and what runs it. It gets the command line without that word, and reads it with a table of options of its
 * own (cli_parse() on n->cli, of which opts, summary and synopsis are then its own): letters may mean what its peer means by them.
 */
struct nsnet_command {
	const char *name; /* "" is nsnet without a sub-command */
	const char *help; /* one line */
	enum exit_status (*run)(struct nsnet *n, int argc, char **argv);
};
extern const struct nsnet_command nsnet_commands[]; /* ends with NULL */

/* What ss's letters asked for. */
struct nsnet_sockets {
	bool asked;            /* any of them was there, or a filter: sockets, not the summary */
	uint32_t tables;       /* 1 << enum socktable */
	uint32_t families;     /* 1 << enum family of socket.c */
	uint32_t states;       /* what the letters add up to: used where no state is named */
	uint32_t named_states; /* -a, -l, -B, state ... */
	bool queried;          /* -A */
	bool numeric, processes, extended, info, memory, timers, summary, oneline;
	struct sockfilter filter;
};

struct nsnet {
	struct cli cli;
	const struct nsnet_command *command;
	bool json, no_header;
	const char *columns; /* as typed, or NULL */
	struct table table;
	const char *more[8]; /* targets that options name (-N), in front of the operands */
	int n_more;
	struct target *targets;
	int n_targets;
	bool (*needs_all)(const struct index *ix); /* the same where this says so of the tasks; NULL */
	bool everywhere;                           /* look into all namespaces, not only into those that are shown */
	struct nsnet_sockets sockets;
};

/* --- look.c: collect or load, and who is meant ----------------------------------------------------------------------------- */

/*
 * The snapshot with these wants, its targets resolved (n->cli.argv, into n->targets), shown by show() (0, or -errno after it has
 * spoken), and what was missing said. All errors are spoken.
 */
enum exit_status nsnet_look(struct nsnet *n, uint64_t wants, int (*show)(struct nsnet *n, const struct index *ix, void *arg),
			    void *arg);

/* -N NAME, as ss and ip have it. 0, or -errno after it has spoken. */
int nsnet_add_netns(struct nsnet *n, const char *name);

/* Is a network namespace (an index into namespaces) one of the targets' (or are there none)? */
bool nsnet_selects(const struct nsnet *n, const struct index *ix, uint32_t ns);

/* The same of all, as bits (malloc'ed, caller frees). */
uint8_t *nsnet_chosen(const struct nsnet *n, const struct index *ix);

/* Do the targets name one namespace, so that a script gets what the peer would have shown in it? */
bool nsnet_is_single(const struct nsnet *n, const struct index *ix);

/* A line that says whose namespace follows: "web 4026532180", bold where colours are wanted. */
void nsnet_print_where(const struct nsnet *n, const struct index *ix, uint32_t ns, struct arena *arena);

/* --- the sub-commands, each in its file --------------------------------------------------------------------------------------- */

/* nsnet alone, and nsnet socket. */
enum exit_status nsnet_bare(struct nsnet *n, int argc, char **argv);
enum exit_status nsnet_socket(struct nsnet *n, int argc, char **argv);

/* ip.c */
enum exit_status nsnet_link(struct nsnet *n, int argc, char **argv);
enum exit_status nsnet_addr(struct nsnet *n, int argc, char **argv);
enum exit_status nsnet_route(struct nsnet *n, int argc, char **argv);
enum exit_status nsnet_rule(struct nsnet *n, int argc, char **argv);
enum exit_status nsnet_neigh(struct nsnet *n, int argc, char **argv);

/* topo.c */
enum exit_status nsnet_topo(struct nsnet *n, int argc, char **argv);
enum exit_status nsnet_topo_schema(void);

/* socktable.c: which tables and states the letters mean, as ss puts them together. */
int nsnet_socket_option(struct nsnet *n, int id, const char *value); /* -ENOENT: it is none of them; -EINVAL: spoken */
void nsnet_settle_sockets(struct nsnet *n);
uint32_t nsnet_socket_netids(const struct nsnet *n);
uint32_t nsnet_socket_families(const struct nsnet *n); /* of IP: 1 << enum addr_family */
uint32_t nsnet_socket_states(const struct nsnet *n);

/* socket.c, sockstat.c, summary.c: the views. */
enum exit_status nsnet_show_sockets(struct nsnet *n);
enum exit_status nsnet_show_sockstat(struct nsnet *n);
enum exit_status nsnet_show_summary(struct nsnet *n);
enum exit_status nsnet_show_all(struct nsnet *n); /* -J */
extern const char *const nsnet_family_words[], *const nsnet_query_words[];
bool nsnet_socket_one_table(const struct nsnet *n); /* so that its name is no news */

/* --complete, --schema. */
enum exit_status nsnet_complete(const struct nsnet *n, const struct desc *columns);
enum exit_status nsnet_schema(const struct nsnet *n);

/* What nsnet is for, and its sub-commands: for --help. */
const char *nsnet_summary_of_commands(void);

/* Columns of a table from --output, or the usual ones; "help" is answered (EXIT_DONE and n->columns is "help"). */
enum exit_status nsnet_choose_columns(struct nsnet *n, const struct desc *d, const char *usual);
enum exit_status nsnet_why(struct nsnet *n, int argc, char **argv);

/* why_probe.c: ask the kernel too, by a real socket() and bind(); what it says goes into why->note. */
struct why;
struct why_query;
void nsnet_why_probe(const struct index *ix, const struct why_query *q, struct why *why);

/* The same for --reach: by a connection, or a datagram, from the client's namespace (the host's, where there is none). */
void nsnet_why_probe_reach(const struct index *ix, const struct why_query *q, struct why *why);

/* What nsnet saves: all that any of its views shows. */
extern const uint64_t nsnet_save_wants;

#endif
