// SPDX-License-Identifier: GPL-2.0-or-later
/* Inside of nstop: what was asked for, and the ways to show it. */
#ifndef NSKIT_NSTOP_H
#define NSKIT_NSTOP_H

#include "cli/cli.h"

#define NSTOP_SCHEMA "nskit-nstop/1"

struct nstop {
	struct cli cli;
	bool json, no_header;
	/* The live view: */
	bool batch, threads;
	uint32_t refreshes;  /* -n: so many, then end; 0: for ever */
	uint32_t delay_ms;   /* between two */
	const char *view;    /* its first letters, or NULL: the one that was shown last */
	const char *columns; /* as typed, or NULL */
	const char *sort;    /* column, or NULL */
	const char *user, *task;
	const char *record, *replay;
	const char *shot, *keys; /* --screen COLSxROWS, and what is pressed before */
	/* The event stream: */
	bool events;
	const char *kinds; /* "bind,setns"; NULL: the usual ones */
	bool errors, why;
	uint32_t ppid;   /* 0: of everybody */
	uint64_t count;  /* end after so many; 0: do not */
	uint32_t for_ms; /* end after so long; 0: do not */
};

/* The live view, on the terminal; and without one: batch mode, --screen. */
enum exit_status nstop_live(struct nstop *n);
enum exit_status nstop_batch(struct nstop *n);
enum exit_status nstop_shot(struct nstop *n);

/* The event stream alone. */
enum exit_status nstop_events(struct nstop *n);

/* --schema, and --schema=events: of a line of its JSON. */
void nstop_schema(void);
void nstop_events_schema(void);

#endif
