// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdarg.h>
#include <time.h>

#include "store/record.h" /* jansson's header comes before ours */
#include "output/escape.h"
#include "output/json.h"

static size_t write_place(const struct place *at, char *buf, size_t size)
{
	size_t len = at->up ? write_place(at->up, buf, size) : 0;

	if (len < size && at->index >= 0)
		len += (size_t)snprintf(buf + len, size - len, "%s%s[%lld]", at->up ? "." : "", at->name, at->index);
	else if (len < size)
		len += (size_t)snprintf(buf + len, size - len, "%s%s", at->up ? "." : "", at->name);
	return len;
}

int reading_fail(struct reading *r, const struct place *at, const char *fmt, ...)
{
	size_t len = at ? write_place(at, r->error, r->error_size) : 0;
	va_list ap;

	if (at && len < r->error_size)
		len += (size_t)snprintf(r->error + len, r->error_size - len, ": ");
	va_start(ap, fmt);
	if (len < r->error_size)
		vsnprintf(r->error + len, r->error_size - len, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static int read_number(struct reading *r, const struct place *at, const json_t *v, int64_t min, int64_t max, int64_t *out)
{
	json_int_t n = json_integer_value(v);

	if (!json_is_integer(v))
		return reading_fail(r, at, "not a whole number");
	if (n < min || n > max)
		return reading_fail(r, at, "%lld is out of range", (long long)n);
	*out = n;
	return 0;
}

static int read_u32(struct reading *r, const struct place *at, const json_t *v, uint32_t *out)
{
	int64_t n = 0;
	int err = read_number(r, at, v, 0, UINT32_MAX, &n);

	if (!err)
		*out = (uint32_t)n;
	return err;
}

/* The lowest numbers stand for refusals in memory, and no namespace has them. */
static int read_nsref(struct reading *r, const struct place *at, const json_t *v, uint32_t *out)
{
	uint32_t n;
	int err = read_u32(r, at, v, &n);

	if (err)
		return err;
	if (NSREF_DENIED(n))
		return reading_fail(r, at, "%u is no number of a namespace", n);
	*out = n;
	return 0;
}

static int read_str(struct reading *r, const struct place *at, const json_t *v, const char **out)
{
	char *s;

	if (!json_is_string(v))
		return reading_fail(r, at, "not a string");
	s = arena_strndup(r->arena, json_string_value(v), json_string_length(v));
	if (unescape(s) != strlen(s))
		return reading_fail(r, at, "a NUL byte in a string");
	*out = s;
	return 0;
}

/* Documents are smaller than a count can tell. */
static int read_bytes(struct reading *r, const struct place *at, const struct field *f, const json_t *v, void *rec)
{
	char *s;

	if (!json_is_string(v))
		return reading_fail(r, at, "not a string");
	s = arena_strndup(r->arena, json_string_value(v), json_string_length(v));
	*(uint32_t *)(void *)((char *)rec + f->off_n) = (uint32_t)unescape(s);
	*(const char **)(void *)((char *)rec + f->off) = s;
	return 0;
}

static int read_id64(struct reading *r, const struct place *at, const json_t *v, uint64_t *out)
{
	if (!json_is_string(v) || parse_u64(json_string_value(v), UINT64_MAX, out))
		return reading_fail(r, at, "not a decimal number in a string");
	return 0;
}

static int read_bool(struct reading *r, const struct place *at, const json_t *v, bool *out)
{
	if (!json_is_boolean(v))
		return reading_fail(r, at, "neither true nor false");
	*out = json_is_true(v);
	return 0;
}

static size_t find_name(const char *const *names, const json_t *v)
{
	size_t i;

	for (i = 0; names[i]; i++)
		if (json_is_string(v) && !strcmp(names[i], json_string_value(v)))
			break;
	return i;
}

static int read_enum(struct reading *r, const struct place *at, const struct field *f, const json_t *v, uint8_t *out)
{
	size_t i = find_name(f->names, v), len = 0;
	char list[200] = "";

	if (f->names[i]) {
		*out = (uint8_t)i;
		return 0;
	}
	for (i = 0; f->names[i] && len < sizeof(list); i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "", f->names[i]);
	return reading_fail(r, at, "not one of %s", list);
}

static int read_flags(struct reading *r, const struct place *at, const struct field *f, const json_t *v, uint64_t *out)
{
	if (!json_is_array(v))
		return reading_fail(r, at, "not a list");
	for (size_t i = 0; i < json_array_size(v); i++) {
		const json_t *name = json_array_get(v, i);
		size_t bit = find_name(f->names, name);

		if (!json_is_string(name))
			return reading_fail(r, at, "not a list of names");
		if (f->names[bit])
			*out |= 1ull << bit;
	}
	return 0;
}

static int read_errno(struct reading *r, const struct place *at, const json_t *v, int32_t *out)
{
	int err = json_is_string(v) ? errno_by_name(json_string_value(v)) : 0;

	if (!err)
		return reading_fail(r, at, "not the name of an errno");
	*out = err;
	return 0;
}

/* Up to nine digits behind the seconds, in nanoseconds. */
static uint64_t read_fraction(const char *s)
{
	uint64_t ns = 0, unit = 100000000;

	if (*s++ != '.')
		return 0;
	for (; *s >= '0' && *s <= '9'; s++, unit /= 10)
		ns += unit * (uint64_t)(*s - '0');
	return ns;
}

/* Strict by writing it again: what strptime() is generous about comes out differently. */
static int read_time(struct reading *r, const struct place *at, const json_t *v, uint64_t *out)
{
	const char *s = json_is_string(v) ? json_string_value(v) : "";
	struct tm tm = { 0 };
	const char *end = strptime(s, "%Y-%m-%dT%H:%M:%S", &tm);
	char again[64] = "";
	uint64_t ns = 0;

	if (end) {
		ns = (uint64_t)timegm(&tm) * 1000000000 + read_fraction(end);
		time_text(ns, again, sizeof(again));
	}
	if (!end || strcmp(s, again))
		return reading_fail(r, at, "not a time like 2026-11-23T09:12:44.5Z");
	*out = ns;
	return 0;
}

/* One element of a list. */
static int read_item(struct reading *r, const struct place *at, const struct field *f, const json_t *v, char *to)
{
	switch (f->kind) {
	case F_U32S:
		return read_u32(r, at, v, (uint32_t *)(void *)to);
	case F_STRS:
		return json_is_null(v) ? 0 : read_str(r, at, v, (const char **)(void *)to);
	default:
		return record_read(r, at, f->rec, v, to);
	}
}

static int read_list(struct reading *r, const struct place *at, const struct field *f, const json_t *v, void *rec)
{
	size_t size = f->kind == F_U32S ? sizeof(uint32_t) : f->kind == F_STRS ? sizeof(char *) : f->rec->size;
	size_t n = json_array_size(v);
	char *items;

	if (!json_is_array(v))
		return reading_fail(r, at, "not a list");
	if (n > MAX_RECORDS) {
		reading_fail(r, at, "more than %d", MAX_RECORDS);
		return -EFBIG;
	}
	items = arena_alloc(r->arena, n * size); /* of an empty list not NULL either, which is none */
	for (size_t i = 0; i < n; i++) {
		struct place here = { .up = at->up, .name = at->name, .index = (long long)i };
		int err = read_item(r, &here, f, json_array_get(v, i), items + i * size);

		if (err)
			return err;
	}
	*(void **)(void *)((char *)rec + f->off) = items;
	*(uint32_t *)(void *)((char *)rec + f->off_n) = (uint32_t)n;
	return 0;
}

static int read_nested(struct reading *r, const struct place *at, const struct field *f, const json_t *v, void **out)
{
	void *nested = arena_alloc(r->arena, f->rec->size);
	int err = record_read(r, at, f->rec, v, nested);

	if (!err)
		*out = nested;
	return err;
}

static int read_value(struct reading *r, const struct place *at, const struct field *f, const json_t *v, void *rec)
{
	void *p = (char *)rec + f->off;
	int64_t n = 0;
	int err;

	switch (f->kind) {
	case F_U32:
		return read_u32(r, at, v, p);
	case F_NSREF:
		return read_nsref(r, at, v, p);
	case F_U64:
		err = read_number(r, at, v, 0, INT64_MAX, &n);
		if (!err)
			*(uint64_t *)p = (uint64_t)n;
		return err;
	case F_INT:
		err = read_number(r, at, v, INT32_MIN, INT32_MAX, &n);
		if (!err)
			*(int32_t *)p = (int32_t)n;
		return err;
	case F_OPT:
		return read_number(r, at, v, 0, INT64_MAX, p);
	case F_ID64:
		return read_id64(r, at, v, p);
	case F_STR:
		return read_str(r, at, v, p);
	case F_BYTES:
		return read_bytes(r, at, f, v, rec);
	case F_BOOL:
		return read_bool(r, at, v, p);
	case F_MAYBE:
		*(int8_t *)p = json_is_true(v);
		return json_is_boolean(v) ? 0 : reading_fail(r, at, "neither true nor false");
	case F_ENUM:
		return read_enum(r, at, f, v, p);
	case F_FLAGS:
		return read_flags(r, at, f, v, p);
	case F_ERRNO:
		return read_errno(r, at, v, p);
	case F_TIME:
		return read_time(r, at, v, p);
	case F_REC:
		return read_nested(r, at, f, v, p);
	case F_U32S:
	case F_STRS:
	case F_RECS:
		return read_list(r, at, f, v, rec);
	case F_MARK: /* views have such, snapshots do not */
	case F_DICT:
		break;
	}
	return -EINVAL;
}

/* Kinds that are null in JSON where there is none. */
static bool may_be_null(const struct field *f)
{
	switch (f->kind) {
	case F_U32:
	case F_U64:
	case F_INT:
	case F_BOOL:
	case F_ENUM:
	case F_FLAGS:
		return false;
	default:
		return true;
	}
}

/* A field without a value: none, or refused with the errno that stands in "denied". */
static int read_none(struct reading *r, const struct place *at, const struct field *f, const json_t *denied, void *rec)
{
	void *p = (char *)rec + f->off;
	const json_t *name = json_object_get(denied, f->name);
	int32_t err = 0;

	if (f->kind == F_OPT)
		*(int64_t *)p = OPT_NONE;
	if (f->kind == F_MAYBE)
		*(int8_t *)p = -1;
	if (!name || (f->kind != F_OPT && f->kind != F_NSREF))
		return 0;
	if (read_errno(r, at, name, &err))
		return -EINVAL;
	if (err >= 4096)
		return reading_fail(r, at, "not the name of an errno");
	if (f->kind == F_OPT)
		*(int64_t *)p = -err;
	else
		*(uint32_t *)p = (uint32_t)err;
	return 0;
}

int record_read(struct reading *r, const struct place *at, const struct desc *d, const json_t *object, void *rec)
{
	const json_t *denied = json_object_get(object, "denied");

	if (!json_is_object(object))
		return reading_fail(r, at, "not an object");
	for (size_t i = 0; i < d->n_fields; i++) {
		const struct field *f = &d->fields[i];
		struct place here = { .up = at, .name = f->name, .index = -1 };
		const json_t *v = json_object_get(object, f->name);
		int err;

		if (f->flags & FF_TEXT) /* made from other fields, and not saved */
			continue;
		if (!v && i == 0)
			return reading_fail(r, at, "has no \"%s\"", f->name);
		if (!v || (json_is_null(v) && may_be_null(f)))
			err = read_none(r, &here, f, denied, rec);
		else
			err = read_value(r, &here, f, v, rec);
		if (err)
			return err;
	}
	return 0;
}
