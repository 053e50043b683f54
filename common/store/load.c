// SPDX-License-Identifier: GPL-2.0-or-later
#include <limits.h>

#include "output/escape.h"
#include "store/record.h"
#include "store/store.h"

/*
 * The outermost object and its lists are walked here and handed to jansson an element at a time, so that a large file never
 * becomes a large tree.
 */
struct loading {
	struct reading r;
	struct snap *snap;
	const char *text, *at, *end;
	bool headed; /* "nskit" was seen */
};

static int fail_syntax(struct loading *l, const char *where, const char *what)
{
	size_t line = 1;
	char shown[160];

	for (const char *p = l->text; p < where; p++)
		line += *p == '\n';
	escape(what, strlen(what), ESC_ASCII, shown, sizeof(shown));
	return reading_fail(&l->r, NULL, "line %zu: %s", line, shown);
}

/* The next byte that is not blank, or 0 at the end. It stays. */
static char peek(struct loading *l)
{
	while (l->at < l->end && (*l->at == ' ' || *l->at == '\t' || *l->at == '\n' || *l->at == '\r'))
		l->at++;
	return l->at < l->end ? *l->at : '\0';
}

static bool take(struct loading *l, char c)
{
	if (peek(l) != c)
		return false;
	l->at++;
	return true;
}

/* The next value whole (caller decrefs), or NULL after having said why. */
static json_t *next_value(struct loading *l)
{
	json_error_t e;
	json_t *v;

	peek(l);
	v = json_loadb(l->at, MIN((size_t)(l->end - l->at), (size_t)INT_MAX), JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, &e);
	if (!v) {
		fail_syntax(l, l->at + MIN(MAX(e.position, 0), l->end - l->at), e.text);
		return NULL;
	}
	l->at += MIN(MAX(e.position, 0), l->end - l->at);
	return v;
}

/* A zeroed record more in a section's array. */
static void *add_record(struct snap *s, const struct snap_section *section)
{
	struct snap_array array = snap_array(s, section);

	return array_grow(array.items, array.n, array.cap, section->desc->size);
}

static int load_record(struct loading *l, const struct snap_section *section, const json_t *v, long long index)
{
	const struct place here = { .name = section->key, .index = index };

	if (index >= MAX_RECORDS) {
		reading_fail(&l->r, NULL, "%s: more than %d", section->key, MAX_RECORDS);
		return -EFBIG;
	}
	const struct field *key = &section->desc->fields[0];

	/* What a record is known by is never none: views join by it. */
	if (key->kind == F_STR && json_is_null(json_object_get(v, key->name)))
		return reading_fail(&l->r, &here, "has no \"%s\"", key->name);
	return record_read(&l->r, &here, section->desc, v, add_record(l->snap, section));
}

static int load_section(struct loading *l, const struct snap_section *section)
{
	if (!take(l, '['))
		return reading_fail(&l->r, NULL, "%s: not a list", section->key);
	if (take(l, ']'))
		return 0;
	for (long long i = 0;; i++) {
		json_t *v = next_value(l);
		int err = v ? load_record(l, section, v, i) : -EINVAL;

		json_decref(v);
		if (err)
			return err;
		if (take(l, ']'))
			return 0;
		if (!take(l, ','))
			return fail_syntax(l, l->at, "neither a comma nor the end of a list");
	}
}

/* "nskit-snapshot/1": later minor changes only add keys, so that the name is all that has to match. */
static int check_schema(struct loading *l, const json_t *head)
{
	const char *schema = json_string_value(json_object_get(head, "schema"));
	char shown[64];

	if (!schema)
		return reading_fail(&l->r, NULL, "not a snapshot: its header names no schema");
	if (!strcmp(schema, SNAP_SCHEMA))
		return 0;
	escape(schema, strlen(schema), ESC_ASCII, shown, sizeof(shown));
	if (!strncmp(schema, SNAP_SCHEMA, strcspn(SNAP_SCHEMA, "/") + 1))
		return reading_fail(&l->r, NULL, "a snapshot of another version: %s; this program reads %s", shown, SNAP_SCHEMA);
	return reading_fail(&l->r, NULL, "not a snapshot (%s) but %s", SNAP_SCHEMA, shown);
}

static int load_gaps(struct loading *l, const json_t *gaps)
{
	static const struct place nskit = { .name = "nskit", .index = -1 };

	if (gaps && !json_is_array(gaps))
		return reading_fail(&l->r, &nskit, "gaps: not a list");
	if (json_array_size(gaps) > MAX_RECORDS)
		return reading_fail(&l->r, &nskit, "gaps: more than %d", MAX_RECORDS), -EFBIG;
	for (size_t i = 0; i < json_array_size(gaps); i++) {
		struct place here = { .up = &nskit, .name = "gaps", .index = (long long)i };
		int err = record_read(&l->r, &here, &snap_gap_desc, json_array_get(gaps, i), ARRAY_ADD(l->snap, gaps));

		if (err)
			return err;
	}
	return 0;
}

/* A second header replaces the first, as the last of equal keys does everywhere. */
static int load_head(struct loading *l)
{
	static const struct place nskit = { .name = "nskit", .index = -1 };
	json_t *v = next_value(l);
	int err;

	if (!v)
		return -EINVAL;
	l->snap->head = (struct snap_head){ 0 };
	l->snap->n_gaps = 0;
	err = json_is_object(v) ? check_schema(l, v) : reading_fail(&l->r, &nskit, "not an object");
	if (!err)
		err = record_read(&l->r, &nskit, &snap_head_desc, v, &l->snap->head);
	if (!err)
		err = load_gaps(l, json_object_get(v, "gaps"));
	json_decref(v);
	l->headed = true;
	return err;
}

static int load_member(struct loading *l, const char *key)
{
	const struct snap_section *section = snap_section(key);
	json_t *v;
	int err;

	if (!strcmp(key, "nskit"))
		return load_head(l);
	if (section && section->desc != &snap_gap_desc) { /* gaps stand in the head */
		err = load_section(l, section);
		/* Somebody else's "namespaces" fit badly: say what is wrong with the whole. */
		if (err && !l->headed)
			return reading_fail(&l->r, NULL, "not a snapshot: no \"nskit\" header before \"%s\"", section->key);
		return err;
	}
	v = next_value(l);
	json_decref(v);
	return v ? 0 : -EINVAL;
}

/* A key, a colon, and what the key says. */
static int load_pair(struct loading *l)
{
	json_t *key = peek(l) == '"' ? next_value(l) : NULL;
	int err;

	if (!key)
		return *l->r.error ? -EINVAL : fail_syntax(l, l->at, "a key was expected");
	if (take(l, ':'))
		err = load_member(l, json_string_value(key));
	else
		err = fail_syntax(l, l->at, "a colon was expected");
	json_decref(key);
	return err;
}

static int load_document(struct loading *l)
{
	if (peek(l) == '\0' && l->at == l->end)
		return reading_fail(&l->r, NULL, "empty");
	if (!take(l, '{'))
		return reading_fail(&l->r, NULL, "not a snapshot: not a JSON object");
	if (take(l, '}'))
		return reading_fail(&l->r, NULL, "not a snapshot: no \"nskit\" header");
	for (;;) {
		int err = load_pair(l);

		if (err)
			return err;
		if (take(l, '}'))
			break;
		if (!take(l, ','))
			return fail_syntax(l, l->at, "neither a comma nor the end of the object");
	}
	if (peek(l) || l->at < l->end)
		return fail_syntax(l, l->at, "something follows the end");
	return l->headed ? 0 : reading_fail(&l->r, NULL, "not a snapshot: no \"nskit\" header");
}

/* All of a stream, malloc'ed. 0, or -errno said in r. */
static int read_stream(struct reading *r, FILE *f, size_t max, char **text, size_t *len)
{
	CLEAN_MEM char *buf = NULL;
	size_t n = 0, cap = 0;

	do {
		if (n == cap) {
			cap = cap ? cap * 2 : 65536;
			buf = xrealloc(buf, cap);
		}
		errno = 0;
		n += fread(buf + n, 1, cap - n, f);
		if (ferror(f)) {
			int err = errno ? errno : EIO;

			reading_fail(r, NULL, "cannot be read: %s", strerror(err));
			return -err;
		}
		if (n > max) {
			reading_fail(r, NULL, "larger than %zu bytes", max);
			return -EFBIG;
		}
	} while (!feof(f));
	*text = buf;
	*len = n;
	buf = NULL;
	return 0;
}

int snap_load(struct snap *s, FILE *f, size_t max_bytes, char *error, size_t error_size)
{
	struct snap loaded;
	struct loading l = { .r = { .arena = &loaded.arena, .error = error, .error_size = error_size }, .snap = &loaded };
	CLEAN_MEM char *text = NULL;
	size_t len;
	int err;

	if (error_size)
		*error = '\0';
	snap_init(&loaded);
	err = read_stream(&l.r, f, max_bytes, &text, &len);
	if (!err) {
		l.text = l.at = text;
		l.end = text + len;
		err = load_document(&l);
	}
	if (err) {
		snap_done(&loaded);
		return err;
	}
	snap_settle(&loaded);
	snap_done(s);
	*s = loaded;
	return 0;
}
