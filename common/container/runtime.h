// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a container runtime is here: a row of the table in containers.c, and a file with its two functions, which read its state
 * and tell of the containers they find by containers_known().
 */
#ifndef NSKIT_CONTAINER_RUNTIME_H
#define NSKIT_CONTAINER_RUNTIME_H

#include "container/cgroup.h"
#include "container/container.h"
#include "container/state.h"
#include "util/idmap.h"

/* A container that a state file or a cgroup path told of. */
struct record {
	struct snap_container c; /* strings in the snapshot's arena */
	const char *scope;       /* where the id is unique: containerd's namespace, the outer container; NULL: the runtime */
	uint32_t user;           /* whose engine; CGROUP_NO_USER: the system's */
	bool known;              /* a state file told */
	bool nested;             /* in a container that we know: no state file of ours tells */
	uint32_t next;           /* with the same hash of the id */
	const char *shown;       /* its id in the snapshot; NULL: not there yet */
	size_t at;               /* its place there */
};

enum find_result {
	FOUND_NO_CONTAINER = 1, /* the files say what it is, and it is no container (a virtual machine) */
};

enum list_what {
	LIST_ALL,
	LIST_NAMED, /* only those whose id is no hex id, with their cgroup paths: these can be known by their path alone */
};

struct runtime {
	const char *name;
	bool id_is_name; /* people choose the id, there is no other name */
	/*
	 * Tell of one container, or of all if that is as cheap. id may be used as a component of a path. 0 (also when it is not
	 * known here), enum find_result, or -errno: its files were refused or are broken.
	 */
	int (*find)(struct containers *c, uint32_t user, const char *id);
	/* Tell of all, and of the paths of their cgroups where names are listed; count gaps. */
	void (*list)(struct containers *c, uint32_t user, enum list_what what);
};

/* These are declared here and defined in a file of the same name each. */
int docker_find(struct containers *c, uint32_t user, const char *id);
void docker_list(struct containers *c, uint32_t user, enum list_what what);
int containerd_find(struct containers *c, uint32_t user, const char *id);
void containerd_list(struct containers *c, uint32_t user, enum list_what what);
int podman_find(struct containers *c, uint32_t user, const char *id);
void podman_list(struct containers *c, uint32_t user, enum list_what what);
int crio_find(struct containers *c, uint32_t user, const char *id);
int runc_find(struct containers *c, uint32_t user, const char *id);
void runc_list(struct containers *c, uint32_t user, enum list_what what);
int crun_find(struct containers *c, uint32_t user, const char *id);
void crun_list(struct containers *c, uint32_t user, enum list_what what);
int lxc_find(struct containers *c, uint32_t user, const char *id);
void lxc_list(struct containers *c, uint32_t user, enum list_what what);
int nspawn_find(struct containers *c, uint32_t user, const char *id);
void nspawn_list(struct containers *c, uint32_t user, enum list_what what);

/*
 * A state file knows this container (strings of *told are copied, but for those that are in the snapshot's arena already: ports and what
 * follows exit_code; runtime and state are literals). Returns its record, valid until the next
 * call; what an earlier file told of it stays.
 */
struct record *containers_known(struct containers *c, uint32_t user, const struct snap_container *told, const char *scope);

/* The record of that id if a state file told of one (runtime and scope NULL: any), or NULL. */
struct record *containers_get(struct containers *c, uint32_t user, const char *runtime, const char *id, const char *scope);

/* The processes in this cgroup, and below it, are that container's. path as in /proc/PID/cgroup. */
void containers_claim(struct containers *c, uint32_t user, const struct record *r, const char *path);

/* Count state files that could not be read. err -errno; 0 and -ENOENT are no gap. */
void containers_gap(struct containers *c, int err);

/* The same for a directory of them, counted once by its name. */
void containers_refused(struct containers *c, const char *name, int err);

/* A directory of the system's layout, opened once: an O_PATH descriptor that stays c's, or -errno. */
int containers_dir(struct containers *c, const char *path);

/*
 * A directory of a user: below the home (".local/share/docker") or below /run/user/UID ("runc"), no link below those followed.
 * The caller's to close, for there may be thousands of users.
 */
int containers_home_dir(struct containers *c, uint32_t user, const char *path);
int containers_run_dir(struct containers *c, uint32_t user, const char *path);

/* The snapshot's arena; formatted text in it. */
struct arena *containers_arena(struct containers *c);
const char *containers_text(struct containers *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The bound for a file of this user. */
static inline size_t containers_max(uint32_t user, size_t system)
{
	return user == CGROUP_NO_USER ? system : STATE_MAX_USER;
}

/*
 * Call each() for the entries of a directory (none that begins with a dot), arg is passed on. A directory that is refused (dir
 * may be the -errno) counts as one gap, however often it is asked for by this name; as none if name is NULL.
 */
void containers_each(struct containers *c, int dir, const char *name,
		     void (*each)(struct containers *c, int dir, const char *entry, void *arg), void *arg);

/* Where the runtimes keep a little for themselves: docker's directories, which lists were read. */
struct runtime_memory {
	const char **docker_roots; /* directories named "containers" */
	size_t n_docker_roots, cap_docker_roots;
	struct store_read {
		uint32_t user;
		int err;
	} * stores; /* of containers/storage */
	size_t n_stores, cap_stores;
	struct task_dir {
		const char *path; /* directory of a containerd namespace's bundles */
		const char *ns;
		const char *state; /* that containerd's state directory */
	} * task_dirs;
	size_t n_task_dirs, cap_task_dirs;
	int task_dirs_err;
	bool task_dirs_read;
};
struct runtime_memory *containers_memory(struct containers *c);

/* The OCI bundle's config.json of a container of one of containerd's namespaces; NULL without one. Caller: json_decref. */
json_t *containerd_bundle(struct containers *c, const char *ns, const char *id);

/* Call each() for the ids of a namespace's bundles. */
void containerd_each(struct containers *c, const char *ns, void (*each)(struct containers *c, int dir, const char *id, void *arg),
		     void *arg);

/* Claim the cgroups that a state.json of runc names: dir/path. 0 or -errno. */
int runc_claim(struct containers *c, uint32_t user, const struct record *r, int dir, const char *path);

#endif
