// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <inttypes.h>

#include "store/record.h" /* jansson's header comes before ours */
#include "output/json.h"
#include "store/recording.h"
#include "store/store.h"

#define MAGIC "nskit-recording/1"
enum { MAX_HEAD = 80, MAX_BYTES = 1 << 30 };

static void write_events(FILE *f, const struct eventlist *events)
{
	struct json j;

	json_start(&j, f, false);
	for (size_t i = 0; events && i < events->n_items; i++)
		json_record(&j, NULL, event_kinds[events->items[i].kind].desc, &events->items[i], NULL, 0);
}

int recording_append(FILE *f, const struct snap *s, const struct eventlist *events)
{
	CLEAN_MEM char *text = NULL;
	size_t size, bytes = 0;
	FILE *m = open_memstream(&text, &size);
	int err = m ? snap_save(s, m) : -errno;

	if (m && !err) {
		bytes = size; /* as the flush at its end left it */
		write_events(m, events);
	}
	if (m && fclose(m) && !err)
		err = -errno;
	if (err)
		return err;
	errno = 0;
	fprintf(f, MAGIC " %" PRIu64 " %zu %zu\n", s->head.taken, bytes, size - bytes);
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

/* "nskit-recording/1 TAKEN BYTES EVENTS\n", and nothing else. */
static bool parse_head(char *line, struct recorded *r)
{
	char *taken = line + strlen(MAGIC) + 1, *bytes, *events, *end;

	if (strncmp(line, MAGIC " ", strlen(MAGIC) + 1) != 0)
		return false;
	bytes = strchr(taken, ' ');
	events = bytes ? strchr(bytes + 1, ' ') : NULL;
	end = events ? strchr(events, '\n') : NULL;
	if (!end)
		return false;
	*bytes++ = '\0';
	*events++ = '\0';
	*end = '\0';
	return !parse_u64(taken, UINT64_MAX, &r->taken) && !parse_u64(bytes, MAX_BYTES, &r->bytes) && r->bytes &&
	       !parse_u64(events, MAX_BYTES, &r->event_bytes);
}

static long long end_of(const struct recorded *r)
{
	return r->at + (long long)(r->bytes + r->event_bytes);
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
		if (end_of(&r) > size) {
			*cut = true;
			break;
		}
		*ARRAY_ADD(list, items) = r;
		if (fseeko(f, end_of(&r), SEEK_SET))
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

/* One line of JSON to one event more. */
static int read_event(struct reading *r, const char *line, size_t len, struct eventlist *out)
{
	const struct place here = { .name = "event", .index = -1 };
	json_error_t e;
	json_t *v = json_loadb(line, len, 0, &e);
	const char *name = json_string_value(json_object_get(v, "event"));
	enum event_kind kind = name ? event_kind_by_name(name) : EVENT_KINDS;
	int err = 0;

	if (!v || !name)
		err = reading_fail(r, &here, "not a JSON object with the name of an event");
	else if (kind < EVENT_KINDS) /* else a newer one, which says nothing to us */
		err = record_read(r, &here, event_kinds[kind].desc, v, ARRAY_ADD(out, items));
	if (err && name && kind < EVENT_KINDS)
		out->n_items--;
	json_decref(v);
	return err;
}

int recording_events(FILE *f, const struct recorded *r, struct eventlist *out, char *error, size_t error_size)
{
	struct reading reading = { .arena = &out->arena, .error = error, .error_size = error_size };
	CLEAN_MEM char *text = NULL;
	int err = 0;

	if (!r->event_bytes)
		return 0;
	text = xcalloc(1, r->event_bytes);
	if (fseeko(f, r->at + (long long)r->bytes, SEEK_SET) || fread(text, 1, r->event_bytes, f) != r->event_bytes)
		return reading_fail(&reading, NULL, "it ends too early");
	for (char *line = text, *end; !err && line < text + r->event_bytes; line = end + 1) {
		end = memchr(line, '\n', (size_t)(text + r->event_bytes - line));
		if (!end)
			return reading_fail(&reading, NULL, "its events end in the middle of a line");
		err = read_event(&reading, line, (size_t)(end - line), out);
	}
	return err;
}
