// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>
#include <time.h>

#include "model/snap.h"
#include "output/escape.h"
#include "output/json.h"

static void put(const struct json *j, char c)
{
	putc_unlocked(c, j->f);
}

static void puts_at(const struct json *j, const char *s, size_t len)
{
	fwrite_unlocked(s, 1, len, j->f);
}

/* What stands in front of a value: comma, line and indentation, key. */
static void begin(struct json *j, const char *key)
{
	if (j->comma)
		put(j, ',');
	if (j->depth && j->depth <= j->line_depth) {
		put(j, '\n');
		for (unsigned int i = 0; i < j->depth; i++)
			put(j, ' ');
	}
	j->comma = true;
	if (key) {
		put(j, '"');
		puts_at(j, key, strlen(key));
		puts_at(j, "\":", 2);
	}
}

static void open_with(struct json *j, const char *key, char bracket, bool broken)
{
	begin(j, key);
	put(j, bracket);
	if (j->lines && broken && j->depth == j->line_depth)
		j->line_depth++;
	j->depth++;
	j->comma = false;
}

static void close_with(struct json *j, char bracket)
{
	bool broken = j->depth == j->line_depth;

	j->depth--;
	if (broken) {
		j->line_depth--;
		if (j->comma) {
			put(j, '\n');
			for (unsigned int i = 0; i < j->depth; i++)
				put(j, ' ');
		}
	}
	put(j, bracket);
	j->comma = j->depth > 0;
	if (!j->depth)
		put(j, '\n');
}

void json_start(struct json *j, FILE *f, bool lines)
{
	*j = (struct json){ .f = f, .lines = lines };
}

void json_begin_object(struct json *j, const char *key)
{
	open_with(j, key, '{', j->depth == 0);
}

void json_begin_lines(struct json *j, const char *key)
{
	open_with(j, key, '{', true);
}

void json_begin_array(struct json *j, const char *key)
{
	open_with(j, key, '[', true);
}

void json_end_object(struct json *j)
{
	close_with(j, '}');
}

void json_end_array(struct json *j)
{
	close_with(j, ']');
}

void json_str(struct json *j, const char *key, const char *s)
{
	if (s)
		json_bytes(j, key, s, strlen(s));
	else
		json_none(j, key);
}

void json_bytes(struct json *j, const char *key, const char *s, size_t len)
{
	begin(j, key);
	put(j, '"');
	escape_to(j->f, s, len, ESC_JSON);
	put(j, '"');
}

static void put_digits(const struct json *j, uint64_t v)
{
	char buf[20], *p = buf + sizeof(buf);

	do
		*--p = (char)('0' + v % 10);
	while (v /= 10);
	puts_at(j, p, (size_t)(buf + sizeof(buf) - p));
}

void json_num(struct json *j, const char *key, uint64_t v)
{
	begin(j, key);
	put_digits(j, v);
}

void json_int(struct json *j, const char *key, int64_t v)
{
	begin(j, key);
	if (v < 0)
		put(j, '-');
	put_digits(j, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void json_bool(struct json *j, const char *key, bool v)
{
	begin(j, key);
	puts_at(j, v ? "true" : "false", v ? 4 : 5);
}

void json_none(struct json *j, const char *key)
{
	begin(j, key);
	puts_at(j, "null", 4);
}

size_t time_text(uint64_t ns, char *buf, size_t size)
{
	time_t seconds = (time_t)(ns / 1000000000);
	uint32_t nsec = (uint32_t)(ns % 1000000000);
	char fraction[16] = "";
	struct tm tm;

	if (nsec) {
		int len = snprintf(fraction, sizeof(fraction), ".%09u", nsec);

		while (fraction[len - 1] == '0')
			fraction[--len] = '\0';
	}
	gmtime_r(&seconds, &tm);
	return (size_t)snprintf(buf, size, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
				tm.tm_hour, tm.tm_min, tm.tm_sec, fraction);
}

/* --- fields -------------------------------------------------------------------------------------------------------- */

/* The errno with which a field was refused, or 0. */
static int denied(const struct field *f, const void *rec)
{
	const void *p = field_at(f, rec);

	if (f->kind == F_OPT && OPT_DENIED(*(const int64_t *)p))
		return (int)-*(const int64_t *)p;
	if (f->kind == F_NSREF && NSREF_DENIED(*(const uint32_t *)p))
		return (int)*(const uint32_t *)p;
	return 0;
}

/* Is there nothing, so that it is null (or left out)? */
static bool is_none(const struct field *f, const void *rec)
{
	const void *p = field_at(f, rec);

	switch (f->kind) {
	case F_OPT:
		return *(const int64_t *)p == OPT_NONE;
	case F_NSREF:
		return !*(const uint32_t *)p;
	case F_ID64:
	case F_TIME:
		return !*(const uint64_t *)p;
	case F_ERRNO:
		return !*(const int32_t *)p;
	case F_MAYBE:
		return *(const int8_t *)p < 0;
	case F_BOOL:
		return f->flags & FF_OMIT && !*(const bool *)p;
	case F_MARK:
		return !*(const bool *)p;
	case F_STR:
	case F_BYTES:
	case F_REC:
	case F_U32S:
	case F_STRS:
	case F_RECS:
	case F_DICT:
		return !*(const void *const *)p;
	default:
		return false;
	}
}

static const char *enum_name(const char *const *names, uint8_t value)
{
	while (*names && value--)
		names++;
	return *names;
}

static void write_flags(struct json *j, const struct field *f, uint64_t value)
{
	json_begin_array(j, f->name);
	for (size_t bit = 0; bit < 64 && f->names[bit]; bit++)
		if (value & 1ull << bit)
			json_str(j, NULL, f->names[bit]);
	json_end_array(j);
}

static void write_list(struct json *j, const struct field *f, const void *rec)
{
	const void *items = *(const void *const *)field_at(f, rec);
	uint32_t n = field_count(f, rec);

	json_begin_array(j, f->name);
	for (uint32_t i = 0; i < n; i++) {
		if (f->kind == F_U32S)
			json_num(j, NULL, ((const uint32_t *)items)[i]);
		else if (f->kind == F_STRS)
			json_str(j, NULL, ((const char *const *)items)[i]);
		else
			json_record(j, NULL, f->rec, (const char *)items + i * f->rec->size, NULL, 0);
	}
	json_end_array(j);
}

/* What JSON takes for a value without quotes; what stands in a file that --from reads may be anything. */
static bool is_bare(const char *s)
{
	const char *p = s + (*s == '-');
	size_t digits = strspn(p, "0123456789");

	if (!strcmp(s, "true") || !strcmp(s, "false") || !strcmp(s, "null"))
		return true;
	if (!digits || (digits > 1 && *p == '0'))
		return false;
	p += digits;
	if (*p == '.') {
		digits = strspn(++p, "0123456789");
		p += digits;
	}
	return digits && !*p;
}

static void write_item(struct json *j, const struct dict_item *item)
{
	bool bare = item->bare && item->value && is_bare(item->value);

	if (!bare)
		put(j, '"');
	escape_to(j->f, item->value ? item->value : "", item->value ? strlen(item->value) : 0, ESC_JSON);
	if (!bare)
		put(j, '"');
}

static void write_key(struct json *j, const char *key, size_t len)
{
	put(j, '"');
	escape_to(j->f, key, len, ESC_JSON);
	puts_at(j, "\":", 2);
}

/* How many of the items stand in one list or object with the first: their keys are alike as far as len. */
static uint32_t count_alike(const struct dict_item *items, uint32_t n, size_t len)
{
	uint32_t i = 1;

	while (i < n && !strncmp(items[i].key, items[0].key, len))
		i++;
	return i;
}

/* A list, an object within, or one value; returns how many items that took. */
static uint32_t write_nested(struct json *j, const struct dict_item *items, uint32_t n)
{
	const char *key = items[0].key, *dot = strchr(key, '.');
	size_t len = strlen(key), before = dot ? (size_t)(dot + 1 - key) : 0;
	bool list = len > 2 && !strcmp(key + len - 2, "[]");

	if (!list && !dot) {
		write_key(j, key, len);
		write_item(j, items);
		return 1;
	}
	n = count_alike(items, n, list ? len + 1 : before);
	write_key(j, key, list ? len - 2 : before - 1);
	put(j, list ? '[' : '{');
	for (uint32_t i = 0; i < n; i++) {
		if (i)
			put(j, ',');
		if (!list)
			write_key(j, items[i].key + before, strlen(items[i].key) - before);
		write_item(j, &items[i]);
	}
	put(j, list ? ']' : '}');
	return n;
}

static void write_dict(struct json *j, const struct field *f, const void *rec)
{
	const struct dict_item *items = *(const struct dict_item *const *)field_at(f, rec);
	uint32_t n = field_count(f, rec);

	begin(j, f->name);
	put(j, '{');
	for (uint32_t i = 0; i < n;) {
		if (i)
			put(j, ',');
		if (f->flags & FF_NEST) {
			i += write_nested(j, items + i, n - i);
		} else {
			write_key(j, items[i].key, strlen(items[i].key));
			write_item(j, &items[i++]);
		}
	}
	put(j, '}');
}

static void write_value(struct json *j, const struct field *f, const void *rec)
{
	const void *p = field_at(f, rec);
	char text[32];

	switch (f->kind) {
	case F_U32:
	case F_NSREF:
		json_num(j, f->name, *(const uint32_t *)p);
		break;
	case F_U64:
		json_num(j, f->name, *(const uint64_t *)p);
		break;
	case F_ID64:
		snprintf(text, sizeof(text), "%llu", (unsigned long long)*(const uint64_t *)p);
		json_str(j, f->name, text);
		break;
	case F_INT:
		json_int(j, f->name, *(const int32_t *)p);
		break;
	case F_OPT:
		json_int(j, f->name, *(const int64_t *)p);
		break;
	case F_STR:
		json_str(j, f->name, *(const char *const *)p);
		break;
	case F_BYTES:
		json_bytes(j, f->name, *(const char *const *)p, field_count(f, rec));
		break;
	case F_BOOL:
		json_bool(j, f->name, *(const bool *)p);
		break;
	case F_MARK:
		json_none(j, f->name);
		break;
	case F_MAYBE:
		json_bool(j, f->name, *(const int8_t *)p);
		break;
	case F_ENUM:
		json_str(j, f->name, enum_name(f->names, *(const uint8_t *)p));
		break;
	case F_FLAGS:
		write_flags(j, f, *(const uint64_t *)p);
		break;
	case F_ERRNO:
		json_str(j, f->name, errno_name(*(const int32_t *)p));
		break;
	case F_TIME:
		time_text(*(const uint64_t *)p, text, sizeof(text));
		json_str(j, f->name, text);
		break;
	case F_REC:
		json_record(j, f->name, f->rec, *(const void *const *)p, NULL, 0);
		break;
	case F_U32S:
	case F_STRS:
	case F_RECS:
		write_list(j, f, rec);
		break;
	case F_DICT:
		write_dict(j, f, rec);
		break;
	}
}

void json_field(struct json *j, const struct field *f, const void *rec)
{
	bool number = f->kind == F_OPT || f->kind == F_NSREF;

	if (denied(f, rec))
		json_none(j, f->name);
	else if (!is_none(f, rec))
		write_value(j, f, rec);
	else if (number && f->flags & FF_ZERO)
		json_num(j, f->name, 0);
	else if (!(f->flags & FF_OMIT) && f->kind != F_MARK)
		json_none(j, f->name);
}

/* The i-th field to write; NULL if it is none, or was written before (a column may be chosen twice, a key not). */
static const struct field *chosen(const struct desc *d, const struct field *const *fields, size_t i)
{
	const struct field *f = fields ? fields[i] : &d->fields[i];

	if (!fields)
		return f->flags & (FF_TEXT | FF_EXTRA) ? NULL : f;
	for (size_t before = 0; before < i; before++)
		if (fields[before] == f)
			return NULL;
	return f;
}

void json_record_open(struct json *j, const char *key, const struct desc *d, const void *rec, const struct field *const *fields,
		      size_t n_fields)
{
	size_t n = fields ? n_fields : d->n_fields;
	const struct field *f;
	bool refused = false;

	json_begin_object(j, key);
	for (size_t i = 0; i < n; i++)
		if ((f = chosen(d, fields, i))) {
			json_field(j, f, rec);
			refused = refused || denied(f, rec);
		}
	if (!refused)
		return;
	json_begin_object(j, "denied");
	for (size_t i = 0; i < n; i++)
		if ((f = chosen(d, fields, i)) && denied(f, rec))
			json_str(j, f->name, errno_name(denied(f, rec)));
	json_end_object(j);
}

void json_record(struct json *j, const char *key, const struct desc *d, const void *rec, const struct field *const *fields,
		 size_t n_fields)
{
	json_record_open(j, key, d, rec, fields, n_fields);
	json_end_object(j);
}

void json_head(struct json *j, const struct snap *s, const char *schema)
{
	json_record_open(j, "nskit", &snap_head_desc, &s->head, NULL, 0);
	json_str(j, "schema", schema);
	json_bool(j, "complete", s->n_gaps == 0);
	json_begin_array(j, "gaps");
	for (size_t i = 0; i < s->n_gaps; i++)
		json_record(j, NULL, &snap_gap_desc, &s->gaps[i], NULL, 0);
	json_end_array(j);
	json_end_object(j);
}
