// SPDX-License-Identifier: GPL-2.0-or-later
/* The text of one field of one record. */
#include "output/json.h"
#include "output/table.h"
#include "util/util.h"

/* Text that is counted beyond the end of its buffer. */
struct text {
	char *buf;
	size_t size, len;
};

static void add(struct text *t, const char *s, size_t len)
{
	size_t room = t->len + 1 < t->size ? t->size - 1 - t->len : 0;

	if (len && room)
		memcpy(t->buf + t->len, s, MIN(len, room));
	t->len += len;
}

static void add_str(struct text *t, const char *s)
{
	if (s)
		add(t, s, strlen(s));
}

static void add_num(struct text *t, uint64_t v, bool negative)
{
	char buf[24], *p = buf + sizeof(buf);

	do
		*--p = (char)('0' + v % 10);
	while (v /= 10);
	if (negative)
		*--p = '-';
	add(t, p, (size_t)(buf + sizeof(buf) - p));
}

static void add_opt(struct text *t, const struct field *f, int64_t v)
{
	if (OPT_DENIED(v))
		add_str(t, "?");
	else if (v != OPT_NONE)
		add_num(t, v < 0 ? 0 - (uint64_t)v : (uint64_t)v, v < 0);
	else if (f->flags & FF_ZERO)
		add_str(t, "0");
}

static void add_nsref(struct text *t, const struct field *f, uint32_t v)
{
	if (NSREF_DENIED(v))
		add_str(t, "?");
	else if (v || f->flags & FF_ZERO)
		add_num(t, v, false);
}

static void add_flags(struct text *t, const struct field *f, uint64_t v)
{
	bool comma = false;

	for (size_t bit = 0; bit < 64 && f->names[bit]; bit++) {
		if (!(v & 1ull << bit))
			continue;
		if (comma)
			add(t, ",", 1);
		add_str(t, f->names[bit]);
		comma = true;
	}
}

static void add_enum(struct text *t, const struct field *f, uint8_t v)
{
	const char *const *name = f->names;

	while (*name && v--)
		name++;
	add_str(t, *name);
}

static void add_time(struct text *t, uint64_t ns)
{
	char buf[64];

	if (ns)
		add(t, buf, time_text(ns, buf, sizeof(buf)));
}

static void add_field(struct text *t, const struct field *f, const void *rec);

/* A nested record without a text of its own: its name, else what it is known by, its first field. */
static void add_record(struct text *t, const struct desc *d, const void *rec)
{
	const struct field *name = desc_field(d, "name");
	size_t before = t->len;

	if (!rec || !d->n_fields)
		return;
	if (name)
		add_field(t, name, rec);
	if (t->len == before)
		add_field(t, &d->fields[0], rec);
}

static void add_list(struct text *t, const struct field *f, const void *rec)
{
	const void *items = *(const void *const *)field_at(f, rec);
	uint32_t n = items ? field_count(f, rec) : 0;

	for (uint32_t i = 0; i < n; i++) {
		if (i)
			add(t, ",", 1);
		if (f->kind == F_U32S)
			add_num(t, ((const uint32_t *)items)[i], false);
		else if (f->kind == F_STRS)
			add_str(t, ((const char *const *)items)[i]);
		else
			add_record(t, f->rec, (const char *)items + i * f->rec->size);
	}
}

static void add_dict(struct text *t, const struct field *f, const void *rec)
{
	const struct dict_item *items = *(const struct dict_item *const *)field_at(f, rec);

	for (uint32_t i = 0; items && i < field_count(f, rec); i++) {
		if (i)
			add(t, ",", 1);
		add_str(t, items[i].key);
		add(t, "=", 1);
		add_str(t, items[i].value);
	}
}

static void add_field(struct text *t, const struct field *f, const void *rec)
{
	const void *p = field_at(f, rec);

	switch (f->kind) {
	case F_U32:
		add_num(t, *(const uint32_t *)p, false);
		break;
	case F_U64:
		add_num(t, *(const uint64_t *)p, false);
		break;
	case F_ID64:
		if (*(const uint64_t *)p)
			add_num(t, *(const uint64_t *)p, false);
		break;
	case F_INT: {
		int64_t v = *(const int32_t *)p;

		add_num(t, (uint64_t)(v < 0 ? -v : v), v < 0);
		break;
	}
	case F_OPT:
		add_opt(t, f, *(const int64_t *)p);
		break;
	case F_NSREF:
		add_nsref(t, f, *(const uint32_t *)p);
		break;
	case F_STR:
		add_str(t, *(const char *const *)p);
		break;
	case F_BYTES:
		if (*(const char *const *)p)
			add(t, *(const char *const *)p, field_count(f, rec));
		break;
	case F_BOOL:
	case F_MARK:
		add_str(t, *(const bool *)p ? "yes" : "no");
		break;
	case F_MAYBE:
		if (*(const int8_t *)p >= 0)
			add_str(t, *(const int8_t *)p ? "yes" : "no");
		break;
	case F_ENUM:
		add_enum(t, f, *(const uint8_t *)p);
		break;
	case F_FLAGS:
		add_flags(t, f, *(const uint64_t *)p);
		break;
	case F_ERRNO:
		if (*(const int32_t *)p)
			add_str(t, errno_name(*(const int32_t *)p));
		break;
	case F_TIME:
		add_time(t, *(const uint64_t *)p);
		break;
	case F_REC:
		add_record(t, f->rec, *(const void *const *)p);
		break;
	case F_U32S:
	case F_STRS:
	case F_RECS:
		add_list(t, f, rec);
		break;
	case F_DICT:
		add_dict(t, f, rec);
		break;
	}
}

static bool refused(const struct field *f, const void *rec)
{
	return (f->kind == F_OPT && OPT_DENIED(*(const int64_t *)field_at(f, rec))) ||
	       (f->kind == F_NSREF && NSREF_DENIED(*(const uint32_t *)field_at(f, rec)));
}

size_t cell_text(const struct field *f, const void *rec, char *buf, size_t size)
{
	struct text t = { .buf = buf, .size = size };

	if (f->text && !refused(f, rec)) {
		if (!size)
			return 0;
		buf[0] = '\0';
		f->text(rec, buf, size);
		return strlen(buf);
	}
	add_field(&t, f, rec);
	if (size)
		buf[MIN(t.len, size - 1)] = '\0';
	return t.len;
}
