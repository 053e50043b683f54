// SPDX-License-Identifier: GPL-2.0-or-later
/* What a namespace isolates: for JSON all of it, for people a line, or that line and lists. Pure. */
#ifndef NSKIT_INSIDE_H
#define NSKIT_INSIDE_H

#include "model/index.h"
#include "output/table.h"

struct inside_link {
	struct snap_link link;
	const char *const *addresses; /* "172.17.0.2/16" */
	uint32_t n_addresses;
};

struct inside_caps {
	const char *const *names;
	uint32_t n_names;
	bool all;
	uint64_t effective, known;
	uint32_t processes, pid; /* how many have them; the one with the lowest pid */
};

/* Of each type its own; elsewhere none (OPT_NONE, NULL), which is unknown, or went while it was read, where it would be due. */
struct inside {
	enum nstype type;
	const char *hostname, *domainname; /* uts */
	int64_t sysv, mqueues;             /* OPT, ipc: how many, or why that is not known; the same below */
	const struct snap_ipc *objects;
	uint32_t n_objects;
	int64_t mount_count; /* mnt */
	const struct snap_mount *mounts;
	uint32_t n_mounts;
	int64_t link_count, listener_count; /* net */
	const struct inside_link *links;
	const struct snap_socket *listeners;
	uint32_t n_links, n_listeners;
	const struct snap_map *uidmap, *gidmap; /* user */
	uint32_t n_uidmap, n_gidmap;
	int64_t owner_uid;
	const char *owner; /* its name */
	const struct inside_caps *capabilities;
	uint32_t n_capabilities;
	const char *monotonic, *boottime; /* time */
	const struct snap_cgroot *roots;  /* cgroup */
	uint32_t n_roots;
	int64_t level;     /* OPT, pid and user */
	uint32_t parent;   /* NSREF, pid and user */
	int64_t init;      /* OPT, pid: the pid of the process that is 1 inside */
	int64_t processes; /* OPT, pid */
};
extern const struct desc inside_desc;

/* What has to be collected for namespaces of these types (bit by bit; 0: all). */
uint64_t inside_wants(uint32_t types);

/* Of snap->namespaces[ns]; lists and strings live in the arena and the snapshot. */
void inside_fill(struct inside *in, const struct index *ix, uint32_t ns, struct arena *arena);

/* In a line, raw. At most size bytes with the NUL. */
void inside_words(const struct inside *in, char *buf, size_t size);

/* The line, behind "mnt 4026532181: ", and what it sums up as lists. look: how tables are to look (width, ascii, no_header …). */
void inside_print(const struct inside *in, const char *type, uint32_t inum, const struct table *look, FILE *f);

#endif
