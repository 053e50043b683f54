// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Why can this port not be bound, or not be reached? The kernel's own checks, in the kernel's order, replayed on the evidence of a
 * snapshot. Pure: nothing is asked or tried here. Each check is a step: a function over the evidence that adds the causes it finds,
 * or says what it could not check. All steps are taken, whatever the first ones found: fixing one cause must not reveal the next.
 *
 * A new cause is a function and a row of its list (steps of a call: steps.c; names for who holds a port: refine*.c), its line in
 * the manual and its test.
 */
#ifndef NSKIT_WHY_H
#define NSKIT_WHY_H

#include "model/index.h"
#include "model/target.h"
#include "util/ipaddr.h"

enum why_call { CALL_SOCKET, CALL_BIND, CALL_LISTEN, CALL_CONNECT, CALL_REACH };
extern const char *const why_call_names[]; /* "socket", "bind", "listen", "connect", "reach"; ends with NULL */

enum why_verdict {
	WHY_OK,
	WHY_BLOCKED,
	WHY_UNREACHABLE,
	WHY_DEGRADED, /* it works, but not as meant: another process answers, a part of the connections fails */
	WHY_UNKNOWN,  /* nothing was found, but not everything could be checked */
};
extern const char *const why_verdict_names[]; /* "ok", "blocked", …; ends with NULL */

/* Words of --v6only, and of what nobody said. */
enum why_flag { FLAG_UNSET = -1, FLAG_OFF, FLAG_ON };

struct why_query {
	uint8_t call;  /* enum why_call */
	uint8_t netid; /* enum sock_netid: NETID_TCP, …; NETID_UNIX_* with path */
	/* Where: the network namespace that is judged, and what was named as the target. */
	uint32_t ns; /* its number; 0: not known */
	bool targeted;
	struct target target;
	/* bind, listen: the local address; connect, reach: the destination. Never without a family. */
	struct ipaddr addr;
	const char *zone; /* "eth0" of fe80::1%eth0, NULL */
	uint32_t port;    /* 0: the kernel chooses */
	const char *path; /* unix: the path, or an abstract name without its leading NUL; NULL: an IP socket */
	uint32_t path_len;
	bool abstract;
	/* Who asks. Without a task: root in the user namespace that owns ns. With a uid other than 0: that user without capabilities,
	 * in all else (seccomp, Landlock, control group, root directory) as the task. */
	uint32_t task;    /* index into tasks, or IDMAP_NONE */
	bool named;       /* it was named as the one who asks: what it holds itself may be the socket that is meant */
	int64_t uid, gid; /* OPT, in our user namespace */
	bool reuseaddr, reuseport;
	int8_t v6only;      /* enum why_flag */
	const char *device; /* SO_BINDTODEVICE; NULL */
	uint64_t socket;    /* inode number of the asker's own socket, where there is one already; 0 */
	int32_t err;        /* errno that the program reported; 0 */
	/* reach: the other end. */
	bool has_client;
	struct target client;
	uint32_t client_ns;   /* its network namespace's number; 0: someone beyond the interface that leads to addr */
	uint32_t client_task; /* index into tasks, or IDMAP_NONE */
	uint32_t sport;       /* its port; 0: any */
};

/* A piece of evidence. Keys are promised to scripts: the manual lists them. */
enum why_kind { FACT_NUMBER, FACT_TEXT, FACT_BOOL, FACT_NUMBERS };
struct why_fact {
	const char *key;
	uint8_t kind; /* enum why_kind */
	uint64_t number;
	const char *text; /* raw bytes */
	bool truth;
	const uint64_t *numbers;
	uint32_t n_numbers;
};

/* What people read about a cause below the first line: "rule", "holder", "process", "path". */
struct why_line {
	const char *label;
	const char *text; /* raw bytes */
};

struct why_cause {
	const char *code;    /* literal */
	int err;             /* what the call gives for it; 0: no errno (a time-out is ETIMEDOUT) */
	const char *summary; /* goes on the first line behind the errno: "nginx 4711 in web listens on it" */
	bool degrades;       /* the call works in spite of it */
	struct why_fact *facts;
	struct why_line *lines;
	const char **advice; /* each a command or a short sentence */
	size_t n_facts, cap_facts, n_lines, cap_lines, n_advice, cap_advice;
};

struct why_unchecked {
	const char *what;  /* "seccomp filters" */
	const char *where; /* "process 4711"; NULL */
	const char *why;   /* "CAP_BPF is missing"; NULL */
};

/* The answer. All strings live in its arena or in the snapshot. */
struct why {
	struct arena arena;
	uint8_t verdict;  /* enum why_verdict */
	uint32_t checks;  /* steps taken */
	bool elsewhere;   /* devices and addresses of all network namespaces (WANT_LINKS) would tell more than the snapshot has */
	const char *note; /* what --probe or the reported errno adds to the verdict; NULL */
	const char *drop_reason; /* of the packet that --probe sent: of enum skb_drop_reason, without its prefix; NULL */
	struct why_cause *causes;
	struct why_unchecked *unchecked;
	size_t n_causes, cap_causes, n_unchecked, cap_unchecked;
	/* reach: the way of the packet, there and back, for people. */
	const char *way, *way_back;
	/* reach: what would have to be tried to say more (collect/trials.h); with the answers in the snapshot it is judged anew. */
	struct snap_trial *trials;
	size_t n_trials, cap_trials;
	/* reach: namespaces that it came through and that were not collected (scope.h). */
	uint32_t *needs;
	size_t n_needs, cap_needs;
};

/* Hand the open questions of an answer to the snapshot, for trials_run(). How many there are. */
size_t why_take_trials(const struct why *why, struct snap *s);

/* Judge. why is overwritten; why_done() frees it. The snapshot must outlive it. */
void why_run(const struct index *ix, const struct why_query *q, struct why *why);
void why_done(struct why *why);

/* What has to be collected for a query, enum snap_want. */
uint64_t why_wants(const struct why_query *q);

/* --- for steps ---------------------------------------------------------------------------------------------------------- */

struct why_state {
	const struct index *ix;
	const struct snap *s;
	const struct why_query *q;
	struct why *why;
	bool cap_waived;                  /* a control group's program lets privileged ports be bound */
	uint64_t bound;                   /* the asker's socket, which was told to be bound already: inode number; 0 */
	const struct snap_socket *server; /* unix: the one that takes it; NULL: none does */
};

struct why_step {
	const char *name; /* what it checks, a few words: "address is local" */
	void (*check)(struct why_state *st);
	uint32_t calls; /* 1 << enum why_call */
	uint64_t wants; /* enum snap_want that it reads */
};
/* Ends with an empty row each: bind, listen, socket and connect of IP sockets; unix sockets, all calls; reach of IP sockets. */
extern const struct why_step why_call_steps[], why_unix_steps[], why_reach_steps[];

/* A new cause; what follows is about it. code is a literal. */
struct why_cause *why_add(struct why_state *st, const char *code, int err);
/* What is known under that key of its evidence, or NULL. */
const struct why_fact *why_fact_of(const struct why_cause *c, const char *key);
void why_summary(struct why_state *st, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void why_line(struct why_state *st, const char *label, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* A command stands behind ":  ", with nothing but "   (words)" behind it: on a terminal it is kept whole. */
void why_advise(struct why_state *st, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Evidence of the newest cause. Keys are literals; a text of NULL adds nothing. */
void why_number(struct why_state *st, const char *key, uint64_t v);
void why_text(struct why_state *st, const char *key, const char *v);
void why_bool(struct why_state *st, const char *key, bool v);
void why_numbers(struct why_state *st, const char *key, const uint64_t *v, uint32_t n);

/* Something could not be checked: then there is no "ok". what and why are literals; where is copied. */
void why_skip(struct why_state *st, const char *what, const char *where, const char *why);

/* Text in the answer's arena. */
char *why_printf(struct why_state *st, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
