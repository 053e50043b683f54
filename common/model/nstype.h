// SPDX-License-Identifier: GPL-2.0-or-later
/* The eight namespace types: the one table that everything else is made from. A new type is a row in nstype.c. */
#ifndef NSKIT_NSTYPE_H
#define NSKIT_NSTYPE_H

#include <stdbool.h>
#include <stdint.h>

/* In lsns's order of rows for one process: it breaks ties only, rows are sorted by number. */
enum nstype { NS_MNT, NS_NET, NS_PID, NS_UTS, NS_IPC, NS_USER, NS_CGROUP, NS_TIME, NS_TYPES };

struct nstype_info {
	const char *name;         /* as in /proc/PID/ns and in "net:[4026531833]" */
	const char *for_children; /* its link for future children, or NULL */
	uint32_t clone_flag;      /* CLONE_NEW*, which is also what NS_GET_NSTYPE returns */
	uint32_t initial;         /* inode number of the initial one where the kernel fixes it (enum init_ns_ino,
	                             include/uapi/linux/nsfs.h, 6.18; all but net and mnt since 3.8, time since 5.6) */
	bool hierarchical;        /* has a parent (NS_GET_PARENT): pid and user */
	const char *what;         /* one line for people: what it isolates */
};

extern const struct nstype_info nstypes[NS_TYPES];

/* Type by name ("net"), or NS_TYPES. */
enum nstype nstype_by_name(const char *name);

/* Type by CLONE_NEW* flag, or NS_TYPES. */
enum nstype nstype_by_flag(uint32_t flag);

/* Parse "net:[4026531833]" (the text of a nsfs link, mount root or target). 0, or -EINVAL. */
int nstype_parse_link(const char *s, enum nstype *type, uint32_t *inum);

#endif
