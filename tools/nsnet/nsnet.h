// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of nsnet: its sub-commands, what was asked for, and what they share. */
#ifndef NSKIT_NSNET_H
#define NSKIT_NSNET_H

#include "cli/cli.h"
#include "model/target.h"
#include "output/table.h"

#define NSNET_SCHEMA "nskit-nsnet/1"

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

struct nsnet {
	struct cli cli;
	const struct nsnet_command *command;
	bool json, no_header;
	const char *columns; /* as typed, or NULL */
	struct table table;
	struct target *targets;
	int n_targets;
};

/* --- look.c: collect or load, and who is meant ----------------------------------------------------------------------------- */

/*
 * The snapshot with these wants, its targets resolved (n->cli.argv, into n->targets), shown by show() (0, or -errno after it has
 * spoken), and what was missing said. All errors are spoken.
 */
enum exit_status nsnet_look(struct nsnet *n, uint64_t wants, int (*show)(struct nsnet *n, const struct index *ix, void *arg), void *arg);

/* Is a network namespace (an index into namespaces) one of the targets' (or are there none)? */
bool nsnet_selects(const struct nsnet *n, const struct index *ix, uint32_t ns);

/* Do the targets name one namespace, so that a script gets what the peer would have shown in it? */
bool nsnet_is_single(const struct nsnet *n, const struct index *ix);

/* --- the sub-commands, each in its file --------------------------------------------------------------------------------------- */

enum exit_status nsnet_summary(struct nsnet *n, int argc, char **argv);

#endif
