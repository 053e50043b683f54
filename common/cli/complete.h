// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * --complete=LIST[,LIST...]: the words that a shell's completion offers, one a line, a tab and what it means behind it. They come
 * from the tables that the tool itself uses, and for live words from this host. An option's line goes on with "no", "yes" or
 * "maybe" for its argument, and with the list that the argument is a word of: "types," may be several joined by commas, "columns,+"
 * also begin with +; "files" and "directories" are left to the shell.
 *
 * It runs at each press of a key: nothing is collected that the lists do not show, and nothing is said on stderr.
 */
#ifndef NSKIT_COMPLETE_H
#define NSKIT_COMPLETE_H

#include "cli/cli.h"

/* A list that only one tool has. The last one's name is NULL. */
struct word_list {
	const char *name;         /* "trees" */
	const char *arg;          /* what the option table calls such an argument: "REL"; the same in all tools */
	const char *const *words; /* ends with NULL */
};

/* Print what c->complete asks for. columns: what --output takes; own may be NULL. EXIT_USAGE when there is no such list. */
enum exit_status cli_complete(const struct cli *c, const struct desc *columns, const struct word_list *own);

#endif
