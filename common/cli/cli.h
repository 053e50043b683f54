// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What all tools have in common on the command line: one option table each, from which getopt, --help and the completions are made;
 * the options that mean the same everywhere; one line on stderr for a failure; the exit statuses.
 */
#ifndef NSKIT_CLI_H
#define NSKIT_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include "collect/collect.h"
#include "model/snap.h"

enum exit_status { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_INCOMPLETE = 3, EXIT_FOUND = 4 };

enum { MAX_SNAPSHOT = 1 << 30 };        /* bytes of a file that --from takes */
extern const char *const color_names[]; /* what --color takes; ends with NULL */

enum opt_arg { ARG_NO, ARG_YES, ARG_MAYBE };

/* An option. Ids from 256 on have no letter. The table ends with id 0. */
struct opt {
	int id;           /* the letter, or a number of its own */
	const char *name; /* long name, or NULL */
	enum opt_arg arg;
	const char *arg_name; /* for --help: "PID". The same name takes the same words in all tools (complete.c) */
	const char *help;     /* one line; NULL: accepted, not shown */
};

/* The options of all four tools: ids, and their rows for the tools' tables. */
enum {
	OPT_SAVE = 256,
	OPT_FROM,
	OPT_PROC,
	OPT_COLLECTOR,
	OPT_STRICT,
	OPT_COLOR,
	OPT_SCHEMA,
	OPT_COMPLETE,
	OPT_OUTPUT,
	OPT_NO_HEADER,
	OPT_TOOL = 512, /* a tool's own begin here */
};
/* clang-format off */
#define CLI_COMMON_OPTS \
	{ OPT_SAVE, "save", ARG_YES, "FILE", "save what was collected (- is standard output)" }, \
	{ OPT_FROM, "from", ARG_YES, "FILE", "show a saved snapshot instead of this host (- is standard input)" }, \
	{ OPT_PROC, "proc", ARG_YES, "DIR", "read another procfs, for instance /host/proc" }, \
	{ OPT_COLLECTOR, "collector", ARG_YES, "HOW", "auto (the faster one that works here), bpf or proc" }, \
	{ OPT_STRICT, "strict", ARG_NO, NULL, "exit status 3 when something could not be read" }, \
	{ OPT_COLOR, "color", ARG_MAYBE, "WHEN", "auto, always or never (NO_COLOR is honoured)" }, \
	{ OPT_SCHEMA, "schema", ARG_MAYBE, "NAME", "print the JSON Schema of --json (or of a snapshot)" }, \
	{ OPT_COMPLETE, "complete", ARG_YES, "WHAT", NULL }, \
	{ 'h', "help", ARG_NO, NULL, "this help" }, \
	{ 'V', "version", ARG_NO, NULL, "version" }
/* clang-format on */

struct cli {
	const char *tool;     /* "nsls" */
	const char *summary;  /* one line for --help */
	const char *synopsis; /* "[options] [NS|TARGET...]" */
	const struct opt *opts;
	/* What was asked for: */
	const char *save, *from, *proc;
	enum collector collector;
	bool strict;
	bool color;           /* decided: stdout is a terminal that wants it */
	const char *schema;   /* "" for the tool's own */
	const char *complete; /* what the shell wants words for */
	/* Set by the tool: pids, inner and choose of what cli_snapshot() collects, unless it is saved. */
	struct collect_opts narrow;
	int argc; /* the operands */
	char **argv;
};

/*
 * Read the command line. own() gets each option that is not a common one: 0, or -EINVAL after it has spoken with cli_usage_error().
 * Returns EXIT_DONE to go on; otherwise exit with that. --help and --version have been answered: *answered is set.
 */
enum exit_status cli_parse(struct cli *c, int argc, char **argv, int (*own)(void *arg, int id, const char *value), void *arg,
			   bool *answered);

/* "nsls: what" on stderr. */
void cli_error(const struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same, and where help is; returns -EINVAL. */
int cli_usage_error(const struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * The snapshot that was asked for: collected, or loaded with --from; saved where --save says so. All errors are spoken.
 * wants: what the view needs. Under --save all that the tool can collect is collected (all_wants), unless narrow.
 */
enum exit_status cli_snapshot(const struct cli *c, struct snap *s, uint64_t wants, uint64_t save_wants);

/* What to say where collect() has failed with this, and why if it knew more. */
void cli_why_not_collected(const struct cli *c, int err, const char *why, char *line, size_t size);

/* One line on stderr that sums up the gaps, if there are any; the status to exit with when all else went well. */
enum exit_status cli_finish(const struct cli *c, const struct snap *s);

/*
 * Operands that are paths of namespace files ("/run/netns/blue", "/proc/self/ns/net", "./blue", links to such) are rewritten to
 * "net:[4026531833]". Not under --from: a snapshot is of another time, perhaps another host.
 */
void cli_name_namespaces(struct cli *c);

/* Flush stdout between one part and the next. False: it failed; cli_close_stdout() will say why. */
bool cli_flush_stdout(void);

/* Flush stdout: a full disk or a closed pipe is an error. Call last. */
enum exit_status cli_close_stdout(const struct cli *c, enum exit_status status);

/* Width to cut tables to: the terminal's when stdout is one, else 0. COLUMNS wins. */
size_t cli_width(void);

/* Whether the locale's encoding is not UTF-8, so that only ASCII may be shown. setlocale() has been called by cli_parse(). */
bool cli_ascii(void);

#endif
