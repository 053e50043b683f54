// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sockets as ss prints them (misc/ss.c): its columns, its widths, its words, byte for byte where only the peer's columns are asked for.
 * Pure: what has to be looked up elsewhere comes by function.
 */
#ifndef NSKIT_SOCKTEXT_H
#define NSKIT_SOCKTEXT_H

#include "view/sockrow.h"

struct socktext {
	bool header, netid, state;                      /* columns */
	bool where;                                     /* our own column: whose namespace it is */
	bool processes, timers, extended, memory, info; /* -p -o -e -m -i */
	bool oneline;                                   /* -O */
	bool people; /* say what ss does not: nobody has it open, where a proxy leads, options in -e */
	bool unsure; /* not all processes' files could be read: that nobody has a socket open cannot be said */
	bool ascii;
	size_t width; /* of the terminal; 0: lines may have any length */
	/* The name of a port ("http") and of a process id; NULL: there is none, or numbers are wanted. */
	const char *(*service)(uint32_t port, enum sock_netid netid, void *arg);
	const char *(*process)(uint32_t pid, void *arg);
	void *arg;
};

/* Print the sockets that were picked. */
void socktext_print(const struct socktext *t, struct sockrows *rows, const uint32_t *items, size_t n, FILE *f);

#endif
