// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Expressions that choose sockets, as ss has them (misc/ssfilter.y): [state STATE | exclude STATE]... EXPRESSION, where
 *	EXPRESSION: src ADDR, dst ADDR, sport OP PORT, dport OP PORT, dev = DEVICE, autobound, fwmark = MARK[/MASK];
 *	not, and, or, parentheses; two that follow each other are both meant. OP: = != < > <= >=, or eq ne lt gt le ge.
 *	ADDR: [inet:|inet6:|unix:|link:|netlink:]ADDRESS[/BITS][:PORT], [ADDRESS]:PORT, :PORT, *; unix: a pattern of a path.
 * Parsed from words, evaluated on records; pure.
 */
#ifndef NSKIT_SOCKFILTER_H
#define NSKIT_SOCKFILTER_H

#include "model/net.h"
#include "util/util.h"

struct sockfilter_node;
struct sockfilter {
	struct arena arena;
	uint32_t states;                    /* 1 << enum sock_state; 0: no state was named */
	const struct sockfilter_node *root; /* NULL: all */
	bool needs_devices;                 /* it names one */
};

/* Does a word (of a command line) begin an expression? */
bool sockfilter_begins(const char *word);

/*
 * Parse the words. service() gives the port of a service's name, or a negative number. 0; -EINVAL with one line of why in error[].
 * sockfilter_done() in any case.
 */
int sockfilter_parse(struct sockfilter *f, const char *const *words, int n, int (*service)(const char *name), char *error,
		     size_t size);
void sockfilter_done(struct sockfilter *f);

/* Does the expression choose the socket? Of the state, the caller has to ask f->states. device: name of s->ifindex, or NULL. */
bool sockfilter_match(const struct sockfilter *f, const struct snap_socket *s, const char *device);

/* The ports that a socket must have to be chosen, as far as that can be said as a range: 0..65535 is any. */
struct sockfilter_range {
	uint16_t min, max;
};
void sockfilter_ports(const struct sockfilter *f, struct sockfilter_range *local, struct sockfilter_range *peer);

/* The address family that is named for all of it ("inet", "unix"); NULL: none, or several. */
const char *sockfilter_family(const struct sockfilter *f);

/* The states that a word of "state" means ("listening", "connected", "all"), 1 << enum sock_state; 0: there is no such word. */
uint32_t sockfilter_state(const char *word);
extern const char *const sockfilter_state_words[]; /* ends with NULL */

/* ss's own sets: -a; without -a and -l. */
enum {
	STATES_ALL = (1 << STATES) - 2, /* state 0 is none */
	STATES_CONNECTED = STATES_ALL & ~(1 << STATE_LISTEN | 1 << STATE_UNCONN | 1 << STATE_TIME_WAIT | 1 << STATE_SYN_RECV |
					  1 << STATE_NEW_SYN_RECV | 1 << STATE_BOUND),
	STATES_LISTENING = 1 << STATE_LISTEN | 1 << STATE_UNCONN | 1 << STATE_BOUND,
};

#endif
