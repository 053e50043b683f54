// SPDX-License-Identifier: GPL-2.0-or-later
/* Small things every file needs: cleanup attributes, an arena, growing arrays, strict number parsing. */
#ifndef NSKIT_UTIL_H
#define NSKIT_UTIL_H

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

static inline void cleanup_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
static inline void cleanup_file(FILE **f)
{
	if (*f)
		fclose(*f);
}
static inline void cleanup_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}
static inline void cleanup_mem(void *p)
{
	free(*(void **)p);
}
#define CLEAN_FD __attribute__((cleanup(cleanup_fd)))
#define CLEAN_FILE __attribute__((cleanup(cleanup_file)))
#define CLEAN_DIR __attribute__((cleanup(cleanup_dir)))
#define CLEAN_MEM __attribute__((cleanup(cleanup_mem)))

/*
 * Memory of one owner (a snapshot, a view), freed as a whole. All of it is zeroed. Running out of memory ends the program with
 * status 1 and a line on stderr: a tool that runs for milliseconds has no better answer, and half a snapshot must never look like a
 * whole one.
 */
struct arena_block;
struct arena {
	struct arena_block *head;
};
void *arena_alloc(struct arena *a, size_t size);
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_strdup(struct arena *a, const char *s); /* NULL stays NULL */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void arena_done(struct arena *a);

/* Take over all that another arena holds; that one is empty then. */
void arena_take(struct arena *a, struct arena *from);

/* malloc and realloc that end the program when there is no memory. */
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);

/*
 * Append to a growing array held as (pointer, count, capacity) members NAME, n_NAME, cap_NAME of *owner:
 *	struct snap_task *t = ARRAY_ADD(snap, tasks);
 * The new element is zeroed. Pointers to elements live until the next append.
 */
void *array_grow(void **items, size_t *n, size_t *cap, size_t size);
#define ARRAY_ADD(owner, name) \
	((__typeof__((owner)->name))array_grow((void **)&(owner)->name, &(owner)->n_##name, &(owner)->cap_##name, \
					       sizeof(*(owner)->name)))

/*
 * As qsort(3), but what compares equal stays in its order, which the C library promises nowhere (musl does not do so). Takes
 * room for two pointers and a copy of each item while it runs.
 */
void sort_stable(void *items, size_t n, size_t size, int (*cmp)(const void *, const void *));

/*
 * Numbers as people and scripts type them: digits only, the whole string, no sign, no blank, within [0, max].
 * 0, or -EINVAL (not a number) or -ERANGE (too large); *out is untouched on failure.
 */
int parse_u64(const char *s, uint64_t max, uint64_t *out);
int parse_u32(const char *s, uint32_t *out);

/* Read until the buffer is full or the file at its end; returns how much it was or -errno. */
ssize_t read_full(int fd, char *buf, size_t size);

/*
 * Read a small file (procfs, state files) whole, NUL-terminated, into *buf (malloc'ed, caller frees).
 * Returns its length, -EFBIG beyond max bytes, or -errno.
 */
ssize_t read_file_at(int dirfd, const char *path, int flags, size_t max, char **buf);

/* The same into a buffer of the caller's, cut at size - 1 bytes; returns the length read or -errno. */
ssize_t read_at(int dirfd, const char *path, char *buf, size_t size);

/*
 * One read of a file into buf, not terminated: its length or -errno. What fits of a seq file comes with the first read; a second one
 * would only say that there is no more.
 */
ssize_t read_once(int dirfd, const char *path, char *buf, size_t size);

#endif
