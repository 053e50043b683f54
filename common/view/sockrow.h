// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The row of a socket: what nsnet shows of it beside ss's line. Pure; a field of sockrow_desc is a column, a word for --output and a key
 * of JSON. There may be very many sockets: a row is filled, written and filled again.
 */
#ifndef NSKIT_SOCKROW_H
#define NSKIT_SOCKROW_H

#include "model/index.h"

struct sock_end {
	const char *addr;
	uint32_t port;
	const char *ifname; /* of the device that the socket is bound to, or the address's zone; NULL */
};

/* Whether each is set; -1: nobody knows (struct snap_socket's flags and known). */
struct sock_options {
	int8_t reuseaddr, reuseport, v6only, freebind, transparent, bind_address_no_port, hdrincl, mptcp_subflow;
	int64_t mark; /* OPT */
};

struct sock_timers {
	const char *name;   /* ss's word: "on", "keepalive", "timewait", "persist" */
	int64_t expires_ms; /* OPT */
	uint32_t retrans;
};

/* What ss -m shows, bytes: struct of SK_MEMINFO_* (include/uapi/linux/sock_diag.h). */
struct sock_mem {
	uint32_t rmem_alloc, rcvbuf, wmem_alloc, sndbuf, fwd_alloc, wmem_queued, optmem, backlog, drops;
};

struct sock_holder {
	uint32_t pid;
	int64_t tid; /* OPT: where the descriptor is in that thread's table alone */
	uint32_t fd;
	const char *comm;
	const struct snap_container *container;
	uint32_t netns; /* the process's, NSREF: it may have moved since */
};

struct sockrow {
	const struct snap_socket *socket;
	uint32_t netns;
	const char *netid, *state;
	const char *where; /* container, "host", name or number of the namespace */
	const struct snap_container *container;
	uint32_t recv_q, send_q;
	const struct sock_end *local, *peer; /* NULL: unix */
	const char *path, *peer_path;        /* unix; peer_path: the other end's, where it has one */
	uint32_t path_len, peer_path_len;
	uint64_t ino, peer_ino;
	uint32_t uid;
	int64_t inner_uid; /* OPT: in the user namespace that owns the network namespace; none: not mapped there, or not known */
	const char *user;
	uint64_t cookie, cgroup_id;
	const char *cgroup;
	const struct sock_options *options;
	const struct sock_timers *timer;  /* NULL: none runs */
	const struct sock_mem *memory;    /* NULL: not asked */
	const struct snap_tcp_info *info; /* the same */
	const struct dict_item *details;  /* what its kind has of its own: struct snap_socket */
	const uint32_t *groups, *pending; /* netlink; unix, a listener: inode numbers */
	uint32_t n_details, n_groups, n_pending;
	const struct sock_holder *processes; /* NULL: not asked; none at all: nobody has it open */
	uint32_t n_processes;
	const char *published; /* "web:80": what it is a door to */
	/* What the above point to. */
	struct sock_end ends[2];
	struct sock_options opts;
	struct sock_timers timing;
	struct sock_mem mem;
};
extern const struct desc sockrow_desc;

/* What rows are made from, and what of it is looked up again and again. */
struct sockrows {
	const struct index *ix;
	bool holders;       /* fill in .processes (the snapshot has WANT_SOCKET_FDS) */
	uint32_t ns;        /* index of the namespace at hand: sockrows_enter() */
	struct arena arena; /* of the namespace at hand: its name */
	const char *where;
	const struct snap_container *container;
	uint32_t containers;
	const struct snap_ns *owner; /* user namespace; NULL: unknown */
	bool own_owner;              /* it is the reader's own: uids need no mapping */
	struct idmap links;          /* ifindex -> index into snap->links */
	struct idmap cgroups;        /* id -> index into snap->cgroups */
	struct idmap infos;          /* cookie -> index into snap->tcp_infos */
	struct idmap paths;          /* inode number -> index into snap->sockets, of unix sockets that have a name */
	struct arena kept;           /* what sockrows_all() keeps */
	struct sock_holder *list;    /* of the row at hand */
	size_t n_list, cap_list;
	struct dict_item *items; /* the same */
	size_t n_items, cap_items;
	/* Where a listener of a proxy leads to ("web:80"), or NULL; text lives as long as arg. */
	const char *(*published)(const struct snap_socket *s, const struct sock_holder *holders, uint32_t n, void *arg);
	void *published_arg;
};

/* No rows yet; they will be of that index, which must outlive them. holders: fill in who has each open. */
void sockrows_init(struct sockrows *r, const struct index *ix, bool holders);
void sockrows_done(struct sockrows *r);

/* Go to the sockets of a network namespace (an index). */
void sockrows_enter(struct sockrows *r, uint32_t ns);

/* Fill a row with one of its sockets. It is good until the next call or sockrows_enter(). */
void sockrows_fill(struct sockrows *r, struct sockrow *row, const struct snap_socket *s);

/* Rows of many at once (malloc'ed, caller frees), each with its own holders in the arena of r: for a table. */
struct sockrow *sockrows_all(struct sockrows *r, const uint32_t *items, size_t n);

/* Name of a device of the namespace at hand; NULL: there is none. */
const char *sockrows_device(const struct sockrows *r, int64_t ifindex);

#endif
