// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/snap.h"
#include "output/json.h"
#include "output/schema.h"

enum { MAX_DEFS = 64 };

/* The descriptors that a document is made of, each once, with what the parts that use them ask for. */
struct defs {
	struct def {
		const struct desc *desc;
		char name[64];
		bool columns, children;
	} items[MAX_DEFS];
	size_t n;
};

static bool name_taken(const struct defs *defs, const char *name)
{
	for (size_t i = 0; i < defs->n; i++)
		if (!strcmp(defs->items[i].name, name))
			return true;
	return false;
}

static struct def *find_def(struct defs *defs, const struct desc *d)
{
	for (size_t i = 0; i < defs->n; i++)
		if (defs->items[i].desc == d)
			return &defs->items[i];
	return NULL;
}

/* Two descriptors may call themselves the same: the later one gets a number. */
static struct def *add_def(struct defs *defs, const struct desc *d)
{
	struct def *def = find_def(defs, d);

	if (def || defs->n == MAX_DEFS)
		return def;
	def = &defs->items[defs->n];
	def->desc = d;
	snprintf(def->name, sizeof(def->name), "%s", d->name);
	for (unsigned int i = 2; name_taken(defs, def->name); i++)
		snprintf(def->name, sizeof(def->name), "%s_%u", d->name, i);
	defs->n++;
	for (size_t i = 0; i < d->n_fields; i++)
		if (d->fields[i].rec)
			add_def(defs, d->fields[i].rec);
	return def;
}

static void ref(struct json *j, const char *key, struct defs *defs, const struct desc *d)
{
	char path[80];
	const struct def *def = find_def(defs, d);

	snprintf(path, sizeof(path), "#/$defs/%s", def ? def->name : "");
	json_begin_object(j, key);
	json_str(j, "$ref", path);
	json_end_object(j);
}

static void type(struct json *j, const char *name, bool nullable)
{
	if (!nullable) {
		json_str(j, "type", name);
		return;
	}
	json_begin_array(j, "type");
	json_str(j, NULL, name);
	json_str(j, NULL, "null");
	json_end_array(j);
}

static void names(struct json *j, const char *const *list)
{
	json_begin_array(j, "enum");
	for (; *list; list++)
		json_str(j, NULL, *list);
	json_end_array(j);
}

/* What is written as one number, text or truth. */
struct scalar {
	const char *type;
	enum { IF_NONE, NEVER, ALWAYS } null; /* IF_NONE: unless it is left out then. F_OPT and F_NSREF may be refused. */
	int64_t min, max;                     /* of integers; max 0: any */
	const char *pattern, *format;
};
static const struct scalar scalars[] = {
	[F_U32] = { .type = "integer", .null = NEVER, .max = UINT32_MAX },
	[F_U64] = { .type = "integer", .null = NEVER },
	[F_INT] = { .type = "integer", .null = NEVER, .min = INT32_MIN, .max = INT32_MAX },
	[F_OPT] = { .type = "integer", .null = ALWAYS },
	[F_NSREF] = { .type = "integer", .null = ALWAYS, .max = UINT32_MAX },
	[F_ID64] = { .type = "string", .pattern = "^[0-9]{1,20}$" },
	[F_STR] = { .type = "string" },
	[F_BYTES] = { .type = "string" },
	[F_ERRNO] = { .type = "string", .pattern = "^(E[0-9A-Z]+|errno -?[0-9]+)$" },
	[F_TIME] = { .type = "string",
		     .pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?Z$",
		     .format = "date-time" },
	[F_BOOL] = { .type = "boolean", .null = NEVER },
	[F_MARK] = { .type = "null", .null = NEVER },
	[F_MAYBE] = { .type = "boolean" },
};

static void scalar(struct json *j, const struct scalar *s, bool nullable)
{
	type(j, s->type, s->null == ALWAYS || (s->null == IF_NONE && nullable));
	if (!strcmp(s->type, "integer"))
		json_int(j, "minimum", s->min);
	if (s->max)
		json_int(j, "maximum", s->max);
	if (s->pattern)
		json_str(j, "pattern", s->pattern);
	if (s->format)
		json_str(j, "format", s->format);
}

static void list_of_names(struct json *j, const char *const *list)
{
	type(j, "array", false);
	json_begin_object(j, "items");
	names(j, list);
	json_end_object(j);
	json_bool(j, "uniqueItems", true);
}

static void list_of_numbers(struct json *j, bool nullable)
{
	type(j, "array", nullable);
	json_begin_object(j, "items");
	scalar(j, &scalars[F_U32], false);
	json_end_object(j);
}

static void list_of_texts(struct json *j, bool nullable)
{
	type(j, "array", nullable);
	json_begin_object(j, "items");
	type(j, "string", true);
	json_end_object(j);
}

static void one_record(struct json *j, const struct desc *d, struct defs *defs, bool nullable)
{
	json_begin_array(j, "anyOf");
	ref(j, NULL, defs, d);
	if (nullable) {
		json_begin_object(j, NULL);
		type(j, "null", false);
		json_end_object(j);
	}
	json_end_array(j);
}

static void list_of_records(struct json *j, const struct desc *d, struct defs *defs, bool nullable)
{
	type(j, "array", nullable);
	ref(j, "items", defs, d);
}

/* An object whose keys are not ours. */
static void dict(struct json *j, bool nested, bool nullable)
{
	static const char *const types[] = { "string", "number", "boolean", "null", "object", "array" };

	type(j, "object", nullable);
	json_begin_object(j, "additionalProperties");
	json_begin_array(j, "type");
	for (size_t i = 0; i < (nested ? ARRAY_SIZE(types) : 3); i++)
		json_str(j, NULL, types[i]);
	json_end_array(j);
	json_end_object(j);
}

/* Where there is none, null is written: json_field() knows. What was refused is null in any case. */
static void value(struct json *j, const struct field *f, struct defs *defs)
{
	bool nullable = !(f->flags & FF_OMIT);

	switch (f->kind) {
	case F_ENUM:
		names(j, f->names);
		break;
	case F_FLAGS:
		list_of_names(j, f->names);
		break;
	case F_U32S:
		list_of_numbers(j, nullable);
		break;
	case F_STRS:
		list_of_texts(j, nullable);
		break;
	case F_REC:
		one_record(j, f->rec, defs, nullable);
		break;
	case F_RECS:
		list_of_records(j, f->rec, defs, nullable);
		break;
	case F_DICT:
		dict(j, f->flags & FF_NEST, nullable);
		break;
	default:
		scalar(j, &scalars[f->kind], nullable);
	}
}

static bool deniable(const struct field *f)
{
	return f->kind == F_OPT || f->kind == F_NSREF;
}

static bool present(const struct def *def, const struct field *f)
{
	return def->columns || !(f->flags & FF_TEXT);
}

/* "denied": which fields were refused, and why. */
static void denied(struct json *j, const struct def *def)
{
	json_begin_object(j, "denied");
	json_str(j, "description", "what was refused, and why; it is null above");
	type(j, "object", false);
	json_begin_object(j, "propertyNames");
	json_begin_array(j, "enum");
	for (size_t i = 0; i < def->desc->n_fields; i++)
		if (deniable(&def->desc->fields[i]) && present(def, &def->desc->fields[i]))
			json_str(j, NULL, def->desc->fields[i].name);
	json_end_array(j);
	json_end_object(j);
	json_begin_object(j, "additionalProperties");
	type(j, "string", false);
	json_end_object(j);
	json_end_object(j);
}

static void children(struct json *j, struct defs *defs, const struct desc *d)
{
	json_begin_object(j, "children");
	json_str(j, "description", "records below this one in the tree");
	type(j, "array", false);
	ref(j, "items", defs, d);
	json_end_object(j);
}

static void properties(struct json *j, const struct def *def, struct defs *defs)
{
	const struct desc *d = def->desc;
	bool any_deniable = false;

	for (size_t i = 0; i < d->n_fields; i++) {
		const struct field *f = &d->fields[i];

		if (!present(def, f))
			continue;
		json_begin_object(j, f->name);
		json_str(j, "description", f->help ? f->help : "");
		value(j, f, defs);
		json_end_object(j);
		any_deniable = any_deniable || deniable(f);
	}
	if (any_deniable)
		denied(j, def);
	if (def->children)
		children(j, defs, d);
}

static void required(struct json *j, const struct def *def)
{
	for (size_t i = 0; i < def->desc->n_fields; i++) {
		const struct field *f = &def->desc->fields[i];

		if (!def->columns && f->kind != F_MARK && !(f->flags & (FF_TEXT | FF_EXTRA | FF_OMIT)))
			json_str(j, NULL, f->name);
	}
}

static void closed(struct json *j)
{
	type(j, "object", false);
	json_bool(j, "additionalProperties", false);
}

static void record(struct json *j, const struct def *def, struct defs *defs)
{
	json_begin_lines(j, def->name);
	json_str(j, "description", def->desc->help ? def->desc->help : "");
	closed(j);
	json_begin_lines(j, "properties");
	properties(j, def, defs);
	json_end_object(j);
	json_begin_array(j, "required");
	required(j, def);
	json_end_array(j);
	json_end_object(j);
}

static void array_of(struct json *j, const char *key, const char *help, struct defs *defs, const struct desc *d)
{
	json_begin_object(j, key);
	json_str(j, "description", help);
	type(j, "array", false);
	ref(j, "items", defs, d);
	json_end_object(j);
}

/* The header: what json_head() writes. */
static void head(struct json *j, const char *name, struct defs *defs)
{
	static const char *const more[] = { "schema", "complete", "gaps" };
	const struct def def = { .desc = &snap_head_desc };

	json_begin_lines(j, "nskit");
	json_str(j, "description", snap_head_desc.help);
	closed(j);
	json_begin_lines(j, "properties");
	properties(j, &def, defs);
	json_begin_object(j, "schema");
	json_str(j, "description", "the schema of this document");
	json_str(j, "const", name);
	json_end_object(j);
	json_begin_object(j, "complete");
	json_str(j, "description", "whether all that was looked for could be read");
	type(j, "boolean", false);
	json_end_object(j);
	array_of(j, "gaps", "what could not be read", defs, &snap_gap_desc);
	json_end_object(j);
	json_begin_array(j, "required");
	required(j, &def);
	for (size_t i = 0; i < ARRAY_SIZE(more); i++)
		json_str(j, NULL, more[i]);
	json_end_array(j);
	json_end_object(j);
}

static void collect_defs(struct defs *defs, const struct schema_part *parts, size_t n)
{
	add_def(defs, &snap_gap_desc);
	for (size_t i = 0; i < n; i++) {
		struct def *def = add_def(defs, parts[i].desc);

		if (!def)
			continue;
		def->columns = def->columns || parts[i].columns;
		def->children = def->children || parts[i].children;
	}
}

static void begin_document(struct json *j, FILE *f, const char *title)
{
	json_start(j, f, true);
	json_begin_object(j, NULL);
	json_str(j, "$schema", "https://json-schema.org/draft/2020-12/schema");
	json_str(j, "title", title);
}

/* "$defs", and the end of the document. */
static void end_document(struct json *j, struct defs *defs)
{
	json_begin_lines(j, "$defs");
	for (size_t i = 0; i < defs->n; i++)
		record(j, &defs->items[i], defs);
	json_end_object(j);
	json_end_object(j);
}

void schema_write(FILE *f, const char *name, const char *title, const struct schema_part *parts, size_t n)
{
	struct defs defs = { .n = 0 };
	struct json j;

	collect_defs(&defs, parts, n);
	begin_document(&j, f, title);
	closed(&j);
	json_begin_lines(&j, "properties");
	head(&j, name, &defs);
	for (size_t i = 0; i < n; i++)
		if (parts[i].write)
			parts[i].write(&j, parts[i].key);
		else
			array_of(&j, parts[i].key, parts[i].desc->help, &defs, parts[i].desc);
	json_end_object(&j);
	json_begin_array(&j, "required");
	json_str(&j, NULL, "nskit");
	for (size_t i = 0; i < n; i++)
		json_str(&j, NULL, parts[i].key);
	json_end_array(&j);
	end_document(&j, &defs);
}

void schema_write_lines(FILE *f, const char *title, const struct desc *const *descs, size_t n)
{
	struct defs defs = { .n = 0 };
	struct json j;

	for (size_t i = 0; i < n; i++)
		add_def(&defs, descs[i]);
	begin_document(&j, f, title);
	json_begin_array(&j, "anyOf");
	for (size_t i = 0; i < n; i++)
		ref(&j, NULL, &defs, descs[i]);
	json_end_array(&j);
	end_document(&j, &defs);
}
