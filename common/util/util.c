// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <stdarg.h>

#include "util/util.h"

enum { BLOCK_SIZE = 64 * 1024 };

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	char data[] __attribute__((aligned(16)));
};

static void *or_abort(void *p)
{
	if (!p) {
		static const char msg[] = "nskit: out of memory\n";
		ssize_t ignored = write(STDERR_FILENO, msg, sizeof(msg) - 1);
		(void)ignored;
		_exit(1); /* as for any other failure: a core dump would tell nobody more */
	}
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	return or_abort(calloc(n ? n : 1, size ? size : 1));
}

void *xrealloc(void *p, size_t size)
{
	return or_abort(realloc(p, size ? size : 1));
}

char *xstrdup(const char *s)
{
	return or_abort(strdup(s));
}

void *arena_alloc(struct arena *a, size_t size)
{
	size = (size + 15) & ~(size_t)15;
	if (!a->head || a->head->size - a->head->used < size) {
		size_t room = MAX(size, (size_t)BLOCK_SIZE);
		struct arena_block *b = xcalloc(1, sizeof(*b) + room);

		b->size = room;
		b->next = a->head;
		a->head = b;
	}
	void *p = a->head->data + a->head->used;

	a->head->used += size;
	return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *copy = arena_alloc(a, len + 1);

	memcpy(copy, s, len);
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_strndup(a, s, strlen(s)) : NULL;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	char small[256];
	va_list ap;

	va_start(ap, fmt);
	int len = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);

	char *out = arena_alloc(a, (size_t)len + 1);

	va_start(ap, fmt);
	vsnprintf(out, (size_t)len + 1, fmt, ap);
	va_end(ap);
	return out;
}

void arena_done(struct arena *a)
{
	for (struct arena_block *b = a->head, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	a->head = NULL;
}

void arena_take(struct arena *a, struct arena *from)
{
	struct arena_block **last = &from->head;

	while (*last)
		last = &(*last)->next;
	*last = a->head;
	a->head = from->head;
	from->head = NULL;
}

void *array_grow(void **items, size_t *n, size_t *cap, size_t size)
{
	if (*n == *cap) {
		*cap = *cap ? *cap * 2 : 16;
		*items = xrealloc(*items, *cap * size);
	}
	char *item = (char *)*items + (*n)++ * size;

	memset(item, 0, size);
	return item;
}

/* Two sorted runs that follow each other, into one. */
static void merge(const char **from, size_t middle, size_t n, const char **to, int (*cmp)(const void *, const void *))
{
	size_t a = 0, b = middle;

	for (size_t i = 0; i < n; i++)
		to[i] = b == n || (a < middle && cmp(from[a], from[b]) <= 0) ? from[a++] : from[b++];
}

void sort_stable(void *items, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
	CLEAN_MEM const char **room = xcalloc(2 * n, sizeof(*room));
	CLEAN_MEM char *sorted = xcalloc(n, size);
	const char **from = room, **to = room + n;

	for (size_t i = 0; i < n; i++)
		from[i] = (const char *)items + i * size;
	for (size_t width = 1; width < n; width *= 2) {
		for (size_t i = 0; i < n; i += 2 * width)
			merge(from + i, MIN(width, n - i), MIN(2 * width, n - i), to + i, cmp);
		const char **swap = from;

		from = to;
		to = swap;
	}
	for (size_t i = 0; i < n; i++)
		memcpy(sorted + i * size, from[i], size);
	if (n)
		memcpy(items, sorted, n * size);
}

int parse_u64(const char *s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (!s || !*s)
		return -EINVAL;
	for (const char *p = s; *p; p++) {
		if (*p < '0' || *p > '9')
			return -EINVAL;
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v)) {
			/* Still say "not a number" for 99999999999999999999x. */
			for (; *p; p++)
				if (*p < '0' || *p > '9')
					return -EINVAL;
			return -ERANGE;
		}
	}
	if (v > max)
		return -ERANGE;
	*out = v;
	return 0;
}

int parse_u32(const char *s, uint32_t *out)
{
	uint64_t v;
	int err = parse_u64(s, UINT32_MAX, &v);

	if (!err)
		*out = (uint32_t)v;
	return err;
}

ssize_t read_full(int fd, char *buf, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, buf + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

ssize_t read_at(int dirfd, const char *path, char *buf, size_t size)
{
	CLEAN_FD int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -errno : read_full(fd, buf, size - 1);

	if (n >= 0)
		buf[n] = '\0';
	return n;
}

ssize_t read_once(int dirfd, const char *path, char *buf, size_t size)
{
	CLEAN_FD int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size);

	return n < 0 ? -errno : n;
}

ssize_t read_file_at(int dirfd, const char *path, int flags, size_t max, char **buf)
{
	CLEAN_FD int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | flags);
	CLEAN_MEM char *data = NULL;
	size_t len = 0, cap = 4096;

	if (fd < 0)
		return -errno;
	data = xrealloc(NULL, cap + 1);
	for (;;) {
		ssize_t n = read_full(fd, data + len, cap - len);

		if (n < 0)
			return n;
		len += (size_t)n;
		if (len > max)
			return -EFBIG;
		if (len < cap)
			break;
		cap *= 2;
		data = xrealloc(data, cap + 1);
	}
	data[len] = '\0';
	*buf = data;
	data = NULL;
	return (ssize_t)len;
}
