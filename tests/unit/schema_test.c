// SPDX-License-Identifier: GPL-2.0-or-later
/* That documents are valid under their schemas, the command line's tests check with a real validator; here: what a schema says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>

#include "model/snap.h"
#include "output/json.h"
#include "output/schema.h"
#include "store/store.h"
#include "unit/thing.h"

static json_t *schema(const struct schema_part *parts, size_t n)
{
	struct memory m;
	json_error_t error;
	json_t *v;

	schema_write(memory_open(&m), "nskit-test/1", "test", parts, n);
	v = json_loads(memory_take(&m), JSON_REJECT_DUPLICATES, &error);
	if (!v)
		fail_msg("%s, line %d", error.text, error.line);
	free(m.text);
	return v;
}

/* The value at a path of keys. */
static json_t *at(json_t *v, const char *path)
{
	char copy[256], *rest, *key;

	snprintf(copy, sizeof(copy), "%s", path);
	for (key = strtok_r(copy, "/", &rest); key; key = strtok_r(NULL, "/", &rest))
		v = json_object_get(v, key);
	return v;
}

static bool has(json_t *list, const char *name)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!strcmp(json_string_value(json_array_get(list, i)), name))
			return true;
	return false;
}

static bool nullable(json_t *doc, const char *field)
{
	char path[128];

	snprintf(path, sizeof(path), "$defs/thing/properties/%s/type", field);
	return has(at(doc, path), "null");
}

/* Everywhere: objects are closed, properties described, references lead somewhere. */
static void check_everywhere(json_t *doc, json_t *v)
{
	const char *key, *name = json_string_value(json_object_get(v, "$ref"));
	json_t *value;

	if (name && (strncmp(name, "#/", 2) || !at(doc, name + 2)))
		fail_msg("%s leads nowhere", name);
	if (json_is_object(json_object_get(v, "properties"))) {
		assert_true(json_is_false(json_object_get(v, "additionalProperties")));
		assert_string_equal(json_string_value(json_object_get(v, "type")), "object");
		if (v != doc)
			json_object_foreach(json_object_get(v, "properties"), key,
					    value) if (!json_string_length(json_object_get(value, "description")))
				fail_msg("%s has no description", key);
	}
	json_object_foreach(v, key, value) check_everywhere(doc, value);
	for (size_t i = 0; i < json_array_size(v); i++)
		check_everywhere(doc, json_array_get(v, i));
}

static void document(void **state)
{
	static const struct schema_part parts[] = { { .key = "things", .desc = &thing_desc } };
	json_t *doc = schema(parts, 1);

	(void)state;
	assert_string_equal(json_string_value(at(doc, "$schema")), "https://json-schema.org/draft/2020-12/schema");
	assert_true(has(at(doc, "required"), "nskit") && has(at(doc, "required"), "things"));
	assert_string_equal(json_string_value(at(doc, "properties/nskit/properties/schema/const")), "nskit-test/1");
	assert_true(has(at(doc, "properties/nskit/required"), "gaps") && has(at(doc, "properties/nskit/required"), "boot_id"));
	assert_string_equal(json_string_value(at(doc, "properties/things/items/$ref")), "#/$defs/thing");
	assert_non_null(at(doc, "$defs/part"));
	assert_non_null(at(doc, "$defs/gap"));
	check_everywhere(doc, doc);
	json_decref(doc);
}

/* What json_record() writes and what the schema allows are the same keys. */
static void keys_are_those_that_are_written(void **state)
{
	static const struct schema_part parts[] = { { .key = "things", .desc = &thing_desc } };
	json_t *doc = schema(parts, 1), *properties = at(doc, "$defs/thing/properties"),
	       *required = at(doc, "$defs/thing/required");
	struct thing full = thing_full();
	struct memory m;
	struct json j;
	json_t *written, *value;
	const char *key;

	(void)state;
	full.nsref = 1;
	json_start(&j, memory_open(&m), false);
	json_record(&j, NULL, &thing_desc, &full, NULL, 0);
	written = json_loads(memory_take(&m), 0, NULL);
	json_object_foreach(written, key, value) if (!json_object_get(properties, key))
		fail_msg("%s is written and not allowed", key);
	for (size_t i = 0; i < json_array_size(required); i++)
		if (!json_object_get(written, json_string_value(json_array_get(required, i))))
			fail_msg("%s is required and not written", json_string_value(json_array_get(required, i)));
	assert_null(json_object_get(properties, "text"));
	assert_non_null(json_object_get(properties, "extra"));
	assert_false(has(required, "extra") || has(required, "omit") || has(required, "denied"));
	json_decref(written);
	json_decref(doc);
	free(m.text);
}

static void kinds(void **state)
{
	static const struct schema_part parts[] = { { .key = "things", .desc = &thing_desc } };
	json_t *doc = schema(parts, 1);

	(void)state;
	assert_false(nullable(doc, "u32") || nullable(doc, "boolean") || nullable(doc, "flags") || nullable(doc, "omit"));
	assert_true(nullable(doc, "str") && nullable(doc, "opt") && nullable(doc, "opt_zero") && nullable(doc, "opt_omit"));
	assert_true(nullable(doc, "nsref") && nullable(doc, "id64") && nullable(doc, "time") && nullable(doc, "err"));
	assert_true(nullable(doc, "u32s") && nullable(doc, "recs"));
	assert_int_equal(json_integer_value(at(doc, "$defs/thing/properties/u32/maximum")), UINT32_MAX);
	assert_int_equal(json_integer_value(at(doc, "$defs/thing/properties/integer/minimum")), INT32_MIN);
	assert_int_equal(json_array_size(at(doc, "$defs/thing/properties/kind/enum")), 2);
	assert_int_equal(json_array_size(at(doc, "$defs/thing/properties/flags/items/enum")), 3);
	assert_int_equal(json_array_size(at(doc, "$defs/thing/properties/denied/propertyNames/enum")), 5);
	assert_non_null(at(doc, "$defs/part/properties/denied"));
	assert_null(at(doc, "$defs/gap/properties/denied")); /* nothing in it can be refused */
	json_decref(doc);
}

static void chosen_columns(void **state)
{
	static const struct schema_part parts[] = { { .key = "things", .desc = &thing_desc, .columns = true, .children = true } };
	json_t *doc = schema(parts, 1);

	(void)state;
	assert_int_equal(json_array_size(at(doc, "$defs/thing/required")), 0);
	assert_non_null(at(doc, "$defs/thing/properties/text"));
	assert_string_equal(json_string_value(at(doc, "$defs/thing/properties/children/items/$ref")), "#/$defs/thing");
	assert_true(has(at(doc, "$defs/part/required"), "name")); /* nested records come whole */
	check_everywhere(doc, doc);
	json_decref(doc);
}

/* Two kinds of record that call themselves the same must not take each other's place. */
static void same_names(void **state)
{
	static const struct field other_fields[] = { { .name = "other", .kind = F_BOOL, .help = "other" } };
	static DESC(other, "part", bool, "another part", other_fields);
	static const struct schema_part parts[] = { { .key = "a", .desc = &part_desc }, { .key = "b", .desc = &other } };
	json_t *doc = schema(parts, 2);

	(void)state;
	assert_string_equal(json_string_value(at(doc, "properties/a/items/$ref")), "#/$defs/part");
	assert_string_equal(json_string_value(at(doc, "properties/b/items/$ref")), "#/$defs/part_2");
	assert_non_null(at(doc, "$defs/part_2/properties/other"));
	check_everywhere(doc, doc);
	json_decref(doc);
}

static void snapshot(void **state)
{
	struct memory m;
	json_t *doc;

	(void)state;
	store_schema(memory_open(&m));
	doc = json_loads(memory_take(&m), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(doc);
	for (size_t i = 0; i < snap_n_sections; i++)
		if (snap_sections[i].desc != &snap_gap_desc)
			assert_true(has(at(doc, "required"), snap_sections[i].key));
	check_everywhere(doc, doc);
	json_decref(doc);
	free(m.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(document),   cmocka_unit_test(keys_are_those_that_are_written),
		cmocka_unit_test(kinds),      cmocka_unit_test(chosen_columns),
		cmocka_unit_test(same_names), cmocka_unit_test(snapshot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
