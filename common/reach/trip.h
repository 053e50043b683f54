// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Inside of reach/: a packet on its way. It is taken from namespace to namespace as the kernel would take it; whatever would stop it is
 * added to the answer as a cause, and then it goes on as if that were repaired, so that the next cause is found, too.
 */
#ifndef NSKIT_TRIP_H
#define NSKIT_TRIP_H

#include "firewall/eval.h"
#include "reach/ways.h"
#include "route/route.h"
#include "why/look.h"

/* The addresses and ports of a packet. */
struct trip_tuple {
	struct ipaddr src, dst;
	uint16_t sport, dport;
};

/* What conntrack of a namespace has of the connection once its first packet has passed. */
struct trip_conn {
	bool seen;
	uint8_t state; /* enum packet_ct: CT_UNTRACKED, or it is tracked */
	uint32_t mark, status;
	unsigned int unknown;   /* enum packet_unknown, of these */
	struct trip_tuple orig; /* as the first packet came; src of no family: not known */
};

/* A namespace that the packet came through: its tables, indexed when it is first entered. */
struct trip_place {
	uint32_t ns;
	struct fib fib;
	struct ruleset rules;
	struct trip_conn conn;
};

/* A translation that was done on the way, to be undone on the way back. */
struct trip_nat {
	uint32_t ns;
	struct trip_tuple before, after;
	struct fw_nat done; /* kind FW_NAT_NONE: by a conntrack entry */
	bool to_other;      /* the destination was changed */
	bool bypasses;      /* a socket of this namespace would have had it otherwise */
};

/* A cause whose name hangs on where the packet ends. */
struct trip_pending {
	size_t cause;
	uint32_t ns;
};

/* A bridge that a packet came through, from port to port; in 0: it was sent there, out 0: it was for the bridge's own namespace. */
struct trip_bridged {
	uint32_t ns, ifindex, in, out;
};

/* And one that would have kept it: which port, or both, did not let it. in, out: NULL as above. */
struct trip_held {
	uint32_t ns;
	const struct snap_link *bridge, *in, *out;
};

struct trip {
	struct why_state *st;
	struct ways *ways;
	struct trip_place **places;
	size_t n_places, cap_places;
	struct trip_nat *nats;
	size_t n_nats, cap_nats;
	struct trip_pending *pending;
	size_t n_pending, cap_pending;
	const char **words; /* the way, for people */
	size_t n_words, cap_words;
	/* The packet, and where it is. */
	struct packet p;
	uint32_t ns;
	bool back;     /* it is the answer */
	uint32_t hops; /* namespaces that forwarded it */
	/* The device that sockets take it to have come by, where p.iif is another: of a VRF, or whose address it is for; 0 */
	uint32_t counts_as;
	uint32_t unasked; /* the namespace whose rules stop questions for neighbours, as was told; 0 */
	/* The question. */
	struct trip_tuple asked;        /* as the client sends it */
	uint32_t start_ns;              /* the client's; 0: it came from beyond a device */
	size_t hijacked;                /* 1 + the cause that says so; 0: nobody is */
	bool chooses;                   /* the rules that it passed last may translate it in several ways */
	bool silent;                    /* a refused route is not told to the sender */
	bool proxied;                   /* the second connection, which a proxy makes */
	struct trip_bridged bridged[8]; /* on the link that it crossed last, the last bridge first */
	struct trip_held held[8];       /* the same of those that would not let it */
	size_t n_bridged, n_held;
	bool knows_lladdr; /* its sender there has the hardware address of the next hop, and need not ask for it */
	/* Where it ended. */
	bool delivered;           /* to a socket of ns, if there is one */
	bool lost;                /* nothing is known of its further way */
	struct trip_tuple end;    /* as it was delivered */
	uint32_t end_ns, end_iif; /* of a VRF its device, not the VRF */
};

/* Give back the tables of the places that it came through. */
void trip_done(struct trip *t);

/* The namespace's tables. Never NULL. */
struct trip_place *trip_place(struct trip *t, uint32_t ns);

/* Another word of the way: "eth0", "nat DOCKER rule 7 (dnat 172.17.0.2:80)". */
void trip_word(struct trip *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* trip.c: send it from a socket of t->ns (t->p is filled in; its source address may be missing), or let it come in there by a device. */
void trip_send(struct trip *t);
void trip_arrive(struct trip *t, uint32_t ifindex);

/* The same for one that a service here sends on: its translations are done. */
void trip_send_on(struct trip *t);

/* What a packet has now; addresses as text, in the answer's arena. */
struct trip_tuple trip_tuple(const struct packet *p);
const char *trip_ip(struct why_state *st, const struct ipaddr *a);
const char *trip_endpoint(struct why_state *st, const struct ipaddr *a, uint32_t port); /* "10.0.0.1:80" */

/* --- track.c: connections of the namespaces on the way ---------------------------------------------------------------------- */

/* It enters the namespace that it is in, by a device or from a socket: what conntrack there knows of it. And it leaves, or arrives. */
void track_meet(struct trip *t);
void track_keep(struct trip *t);

/* A hook at which destinations are translated: the entry that there may be already, and the rules. */
void track_pass(struct trip *t, enum fw_hook hook);

/* The translations of this namespace, undone for the answer: of its source (the destination of the question), or its destination. */
void track_undo(struct trip *t, bool source);

/* --- filter.c: rulesets ----------------------------------------------------------------------------------------------------- */

/* Through a hook of the namespace that it is in; translations are done. Adds the cause, if one of its rules stops it. */
void filter_pass(struct trip *t, enum fw_hook hook);

/* The same where its connection was translated already, so that nat rules are not consulted. */
void filter_pass_known(struct trip *t, enum fw_hook hook);

/* The cause, if a socket here would have had the packet that somebody ("a rule", "IPVS") has just sent elsewhere. False: none. */
bool filter_hijack(struct trip *t, const struct trip_tuple *before, const char *who);

/* Rules of bridges (family bridge) at these hooks (1 << enum fw_hook) of a namespace: they are not evaluated, and said to be unchecked. */
void filter_bridge(struct trip *t, uint32_t ns, unsigned int hooks);

/*
 * Out of t->p.oif its sender asks who has the next hop, and hears it: of IPv6 by messages that rules may stop in either namespace (the cause);
 * of ARP it is not followed, and said where a ruleset minds it.
 */
void filter_neighbour(struct trip *t, const struct ipaddr *next, uint32_t to, struct packet_dev in);
void filter_arp(struct trip *t, uint32_t ns);

/* "table inet t, chain i, handle 7", in the answer's arena. */
const char *filter_rule_words(struct why_state *st, const struct fw_by *by);

/* anyport.c: a hook of which it was seen what it does to the packet, from the port that the client was given for it. */
struct anyport {
	enum fw_hook hook;
	const struct packet *before, *after;
	const struct fw_result *r;
};
/* True, and said to be unchecked: from other ports that the client may have it fares otherwise. */
bool anyport_differs(struct trip *t, const struct anyport *x);

/* What an ICMP error, or a reset, makes of connect(), or of a datagram's sender who waits for an answer. */
int filter_errno(const struct packet *p, uint8_t reject);

/* --- refuse.c: causes of routes and links --------------------------------------------------------------------------------------- */

/* A routing decision that ends its way here; t->lost where nothing can be told of the rest. */
void refuse_route(struct trip *t, const struct route *way);

/* A device that is down, and what a sender sees for it. */
void refuse_down(struct trip *t, uint32_t ns, const struct snap_link *l, int err);

/* It has come to where a socket is bound to its address, which no device there has, and would be handed on: the cause. False: it is not so. */
bool refuse_not_local(struct trip *t, const struct route *way);

/* Nobody on the link t->p.oif has the address of the next hop. */
void refuse_nobody(struct trip *t, const struct ipaddr *next);

/* The answer, or the packet itself, goes past the translation, or back to its sender: the cause, with that summary. */
void refuse_hairpin(struct trip *t, const struct trip_nat *n, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Was that cause told of that namespace (and bridge; NULL: whichever)? What stops both directions is told once. */
bool refuse_is_told(const struct trip *t, const char *code, uint32_t ns, const char *bridge);

/* The last translation of the destination, or NULL. */
const struct trip_nat *refuse_last_dnat(const struct trip *t);

/* The advice to correct a rule: how it is seen where it stands. */
void refuse_advise_rule(struct trip *t, uint32_t ns, const struct snap_fw_rule *rule);

/* --- attach.c: programs and filters of devices, of the namespace, of a control group -------------------------------------------- */

/* What is attached there, tried on the packet: the cause, if it stops it; the question, if it has not been tried yet. */
void attach_device(struct trip *t, enum hook_place place, uint32_t ifindex);
/* IPsec policies of the namespace that the packet is in, at the device that it leaves or comes in by. */
void attach_policies(struct trip *t);
void attach_cgroup(struct trip *t, enum hook_place place, uint64_t cgroup);

/* sk_lookup: 0: none, or it lets the lookup go on; 1: it drops; 2: it chose the socket with *cookie. */
int attach_lookup(struct trip *t, uint32_t ifindex, uint64_t *cookie);

/* The conntrack entry that the packet meets, or NULL: none, or not known. Only asked where its source port is. */
const struct snap_trial *attach_conntrack(struct trip *t);

/* Of datagrams, where it is not asked: all entries for the destination, from whatever port. NULL the same. */
const struct snap_trial *attach_flows(struct trip *t);

/* --- cross.c: from device to device ---------------------------------------------------------------------------------------------- */

enum cross_end {
	CROSS_ARRIVED, /* at device *ifindex of *ns */
	CROSS_NOBODY,  /* no one there has the address */
	CROSS_DOWN,    /* *ns, *ifindex: the device that is down */
	CROSS_OUTSIDE, /* it leaves what can be seen */
};

/*
 * Out of a device of a namespace, to whoever has the address next on that link: t->bridged are the bridges between. If there is no other
 * way, past those of t->held that would not let it.
 */
enum cross_end cross_link(struct trip *t, uint32_t from_ns, uint32_t oif, const struct ipaddr *next, uint32_t *ns,
			  uint32_t *ifindex);

/* The device of the namespace that sees a packet which came in by this one: the bridge that it is a port of, or itself. */
uint32_t cross_upper(struct trip *t, uint32_t ns, uint32_t ifindex);

/* --- bridge.c: what bridges let pass ------------------------------------------------------------------------------------------------ */

/* From port to port (NULL: the bridge itself)? Is it a port that spanning tree keeps shut? Does it send back where it came from? */
bool bridge_passes(const struct snap_link *in, const struct snap_link *out);
bool bridge_is_loop(const struct snap_link *port);
bool bridge_sends_back(const struct snap_link *port);

/* The cause, with the errno of a sender; and what of a bridge on the way is not followed. */
void bridge_refuse(struct trip *t, const struct trip_held *h, int err);
void bridge_mind(struct trip *t, const struct trip_bridged *b);

/* --- deliver.c, served.c: at its end ------------------------------------------------------------------------------------------------ */

/* The sockets that share what arrives, best first; how many. In the answer's arena. */
size_t deliver_lookup(struct trip *t, const struct trip_tuple *to, uint32_t ns, uint32_t iif, const struct snap_socket ***found);

/* The socket that a program chose, the same way. */
size_t deliver_by_cookie(struct trip *t, uint32_t ns, uint64_t cookie, const struct snap_socket ***found);

/* A socket of those meant that would take it, were there not these (found, n), none of which is one of them; NULL. */
const struct snap_socket *deliver_shadowed(struct trip *t, const struct snap_socket *const *found, size_t n,
					   bool (*of)(const struct trip *t, const struct snap_socket *x));

/* Nobody has it: why. */
void deliver_explain(struct trip *t);

/* These have it: do they answer? */
void served_check(struct trip *t, const struct snap_socket *const *found, size_t n);

/* vserver.c: IPVS has it, and has sent it on, or refused it. False: it goes on as if IPVS were not there, perhaps to another port. */
bool vserver_take(struct trip *t);

/* publish.c: the cause where the packet ended elsewhere than in the target's container (answered: who has it there; NULL). False: none. */
bool publish_explain(struct trip *t, const struct snap_socket *answered);
/* Is the port that was asked for the target's own, on the host? For whoever asked the container itself for it. */
bool publish_is_outer(const struct trip *t);

/* A process that has a socket open, or NULL; is it one that holds ports for others (docker-proxy and its like)? */
bool served_is_broker(const struct snap_task *h);
const struct snap_task *served_holder(const struct why_state *st, const struct snap_socket *x);

#endif
