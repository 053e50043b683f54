// SPDX-License-Identifier: GPL-2.0-or-later
/* Who holds a port, of those whom the conflict rule names. Pure. */
#ifndef NSKIT_WHY_HOLDERS_H
#define NSKIT_WHY_HOLDERS_H

#include "why/asker.h"
#include "why/conflict.h"

/* Sockets that are in each other's way have one table: MPTCP's are TCP's, for its first subflow is a TCP socket. */
bool holders_same_table(uint8_t netid, uint8_t other);

/* A socket as the rule sees it. False: its address can't be read. */
bool holders_model(const struct snap *s, const struct snap_socket *x, struct conflict_sock *out);

/* The socket that the query would bind. */
struct conflict_sock holders_asker(const struct why_state *st);

/* The socket that the asker has bound to the port, and will listen on: inode number, 0 none. */
uint64_t holders_own(const struct why_state *st, const struct asker *a);

struct holder {
	const struct snap_socket *x;
	const struct snap_socket_fd *fds; /* by whom it is open; NULL: nobody */
	uint32_t n_fds;
	const struct snap_task *task; /* the first of them; NULL: none is known */
	const char *container;        /* its name; NULL */
	struct conflict_sock sock;
};

/* What a refinement goes by. */
struct refining {
	struct why_state *st;
	const struct holder *h;
	const struct conflict_sock *asker_sock;
	const struct asker *asker;
	bool listening; /* the call is listen(), of a socket that is bound */
};

/* refine*.c: name it, most specific first. */
struct refinement {
	const char *code;
	bool (*is)(const struct refining *r);
	void (*tell)(const struct refining *r); /* summary, lines and advice, behind the usual evidence */
};
extern const struct refinement *const refinements[]; /* tables, each with an empty row behind; the last row is true of all */

/* A word of a command line whose words are parted by blanks, behind the one that is flag: "-container-ip 172.17.0.2"; NULL. Arena. */
const char *holders_option(struct why_state *st, const struct snap_task *t, const char *flag);

/* The container that publishes a port of the host, by the runtimes' records: its name, or NULL. */
const char *holders_publisher(struct why_state *st, uint32_t port, uint8_t netid);

#endif
