// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <inttypes.h>

#include "store/recording.h"
#include "store/store.h"

#define MAGIC "nskit-recording/1"
enum { MAX_HEAD = 80, MAX_BYTES = 1 << 30 };

int recording_append(FILE *f, const struct snap *s)
{
	CLEAN_MEM char *text = NULL;
	size_t size;
	FILE *m = open_memstream(&text, &size);
	int err = m ? snap_save(s, m) : -errno;

	if (m)
		fclose(m);
	if (err)
		return err;
	errno = 0;
	fprintf(f, MAGIC " %" PRIu64 " %zu\n", s->head.taken, size);
	fwrite(text, 1, size, f);
	if (!fflush(f) && !ferror(f))
		return 0;
	return errno ? -errno : -EIO;
}

FILE *recording_create(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	return fd < 0 ? NULL : fdopen(fd, "w");
}

/* "nskit-recording/1 TAKEN BYTES\n", and nothing else. */
static bool parse_head(char *line, struct recorded *r)
{
	char *taken = line + strlen(MAGIC) + 1, *bytes, *end;

	if (strncmp(line, MAGIC " ", strlen(MAGIC) + 1) != 0)
		return false;
	bytes = strchr(taken, ' ');
	end = bytes ? strchr(bytes, '\n') : NULL;
	if (!end)
		return false;
	*bytes++ = '\0';
	*end = '\0';
	return !parse_u64(taken, UINT64_MAX, &r->taken) && !parse_u64(bytes, MAX_BYTES, &r->bytes) && r->bytes;
}

struct list {
	struct recorded *items;
	size_t n_items, cap_items;
};

static int index_all(FILE *f, struct list *list, bool *cut)
{
	char line[MAX_HEAD];
	long long size;

	if (fseeko(f, 0, SEEK_END) || (size = ftello(f)) < 0 || fseeko(f, 0, SEEK_SET))
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		struct recorded r = { 0 };

		if (!parse_head(line, &r)) {
			*cut = true;
			break;
		}
		r.at = ftello(f);
		if (r.at + (long long)r.bytes > size) {
			*cut = true;
			break;
		}
		*ARRAY_ADD(list, items) = r;
		if (fseeko(f, r.at + (long long)r.bytes, SEEK_SET))
			return -errno;
	}
	return ferror(f) ? -EIO : 0;
}

int recording_index(FILE *f, struct recorded **out, size_t *n, bool *cut)
{
	struct list list = { 0 };
	int err;

	*cut = false;
	err = index_all(f, &list, cut);
	if (!err && !list.n_items)
		err = -EINVAL;
	if (err) {
		free(list.items);
		return err;
	}
	*out = list.items;
	*n = list.n_items;
	return 0;
}

int recording_load(FILE *f, const struct recorded *r, struct snap *s, char *error, size_t error_size)
{
	CLEAN_MEM char *text = xcalloc(1, r->bytes);
	CLEAN_FILE FILE *m = NULL;

	if (fseeko(f, r->at, SEEK_SET) || fread(text, 1, r->bytes, f) != r->bytes) {
		snprintf(error, error_size, "it ends too early");
		return -EINVAL;
	}
	m = fmemopen(text, r->bytes, "r");
	if (!m) {
		snprintf(error, error_size, "%s", strerror(errno));
		return -errno;
	}
	return snap_load(s, m, MAX_BYTES, error, error_size);
}
