// SPDX-License-Identifier: GPL-2.0-or-later
/* Names for who holds a port: what the tables of refinements have in common. Inside of them a cause is about r, see holders.h. */
#ifndef NSKIT_WHY_REFINE_H
#define NSKIT_WHY_REFINE_H

#include "why/holders.h"

#define ST r->st
#define HOLDER r->h

/* Who holds it, in words: "nginx 4711 in web", or why nobody can be named. In the answer's arena. */
const char *refine_who(const struct refining *r);
/* The address and port that it holds. In the answer's arena. */
const char *refine_where(const struct refining *r);

/* Is its command's name one of these? No task is none of them. */
bool refine_is_comm(const struct snap_task *t, const char *const *names, size_t n);
#define IS_COMM(t, ...) \
	refine_is_comm(t, (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

/* The last advice of a list: to end the holder, or to take another port. */
void refine_advise_end(const struct refining *r);

/* In their order; each ends with an empty row, the last one has a row that is true of all. */
extern const struct refinement refine_keepers[];     /* who has it open: refine_keepers.c */
extern const struct refinement refine_connections[]; /* what connections hold, and leave behind: refine_connections.c */
extern const struct refinement refine_sockets[];     /* the sockets, their users and options: refine.c */

#endif
