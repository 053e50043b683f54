// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>

#include "model/snap.h"
#include "output/json.h"
#include "unit/thing.h"

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *v = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	if (!v)
		fail_msg("jansson refuses it: %s, line %d\n%s", error.text, error.line, text);
	return v;
}

static char *write_thing(struct memory *m, const struct thing *t, const struct field *const *fields, size_t n)
{
	struct json j;

	json_start(&j, memory_open(m), false);
	json_record(&j, NULL, &thing_desc, t, fields, n);
	return memory_take(m);
}

static void full_record(void **state)
{
	struct thing t = thing_full();
	struct memory m;

	(void)state;
	assert_string_equal(
		write_thing(&m, &t, NULL, 0),
		"{\"str\":\"text\",\"u32\":4294967295,\"u64\":4503599627370496,\"id64\":\"18446744073709551615\","
		"\"integer\":-2147483648,\"opt\":9223372036854775807,\"opt_zero\":7,\"opt_omit\":8,\"nsref\":4026531840,"
		"\"nsref_zero\":4294967295,\"hidden\":\"h\",\"omit\":\"o\",\"boolean\":true,\"kind\":\"second\","
		"\"flags\":[\"red\",\"blue\"],\"err\":\"EADDRINUSE\",\"time\":\"2026-11-23T09:12:44.5Z\","
		"\"u32s\":[1,0,4294967295],\"strs\":[\"one\",null,\"t\\\\xff\"],\"rec\":{\"name\":\"a \\\"b\\\"\",\"opt\":5},"
		"\"recs\":[{\"name\":\"a "
		"\\\"b\\\"\",\"opt\":5},{\"name\":null,\"opt\":null,\"denied\":{\"opt\":\"EACCES\"}}]}\n");
	json_decref(parse(m.text));
	free(m.text);
}

static void empty_record(void **state)
{
	struct thing t = thing_empty();
	struct memory m;

	(void)state;
	assert_string_equal(
		write_thing(&m, &t, NULL, 0),
		"{\"str\":null,\"u32\":0,\"u64\":0,\"id64\":null,\"integer\":0,\"opt\":null,\"opt_zero\":0,\"nsref\":null,"
		"\"nsref_zero\":0,\"hidden\":null,\"boolean\":false,\"kind\":\"first\",\"flags\":[],\"err\":null,\"time\":null,"
		"\"u32s\":null,\"strs\":null,\"rec\":null,\"recs\":null}\n");
	json_decref(parse(m.text));
	free(m.text);
}

/* A list that is there and empty is not one that is unknown. */
static void empty_lists(void **state)
{
	struct thing t = thing_empty();
	struct memory m;
	json_t *v;

	(void)state;
	t.u32s = (const uint32_t *)&t;
	t.recs = (const struct part *)&t;
	v = parse(write_thing(&m, &t, NULL, 0));
	assert_true(json_is_array(json_object_get(v, "u32s")));
	assert_true(json_is_array(json_object_get(v, "recs")));
	assert_true(json_is_null(json_object_get(v, "strs")));
	json_decref(v);
	free(m.text);
}

/* What was refused is null, never 0, and is said with its errno; FF_ZERO and FF_OMIT change nothing about that. */
static void refused_fields(void **state)
{
	struct thing t = thing_empty();
	struct memory m;
	json_t *v, *denied;

	(void)state;
	t.opt = -EPERM;
	t.opt_zero = -EACCES;
	t.opt_omit = -4095;
	t.nsref = EPERM;
	t.nsref_zero = ENOENT;
	v = parse(write_thing(&m, &t, NULL, 0));
	denied = json_object_get(v, "denied");
	assert_int_equal(json_object_size(denied), 5);
	assert_string_equal(json_string_value(json_object_get(denied, "opt")), "EPERM");
	assert_string_equal(json_string_value(json_object_get(denied, "opt_zero")), "EACCES");
	assert_string_equal(json_string_value(json_object_get(denied, "opt_omit")), "errno 4095");
	assert_string_equal(json_string_value(json_object_get(denied, "nsref")), "EPERM");
	assert_string_equal(json_string_value(json_object_get(denied, "nsref_zero")), "ENOENT");
	assert_true(json_is_null(json_object_get(v, "opt")));
	assert_true(json_is_null(json_object_get(v, "opt_zero")));
	assert_true(json_is_null(json_object_get(v, "opt_omit")));
	assert_true(json_is_null(json_object_get(v, "nsref")));
	assert_true(json_is_null(json_object_get(v, "nsref_zero")));
	json_decref(v);
	free(m.text);
}

/* Only what was asked for, also costly ones and columns; a key once, even when its column was asked for twice. */
static void chosen_fields(void **state)
{
	const struct field *fields[] = { desc_field(&thing_desc, "extra"), desc_field(&thing_desc, "TEXT"),
					 desc_field(&thing_desc, "u32"), desc_field(&thing_desc, "extra"),
					 desc_field(&thing_desc, "nsref") };
	struct thing t = thing_full();
	struct memory m;

	(void)state;
	t.nsref = EPERM;
	t.opt = -EPERM; /* not asked for */
	assert_string_equal(
		write_thing(&m, &t, fields, 5),
		"{\"extra\":\"x\",\"text\":\"t\",\"u32\":4294967295,\"nsref\":null,\"denied\":{\"nsref\":\"EPERM\"}}\n");
	free(m.text);
}

static void layout(void **state)
{
	struct part part = { "p", 1 };
	struct memory m;
	struct json j;

	(void)state;
	for (int lines = 0; lines < 2; lines++) {
		json_start(&j, memory_open(&m), lines);
		json_begin_object(&j, NULL);
		json_begin_object(&j, "head");
		json_int(&j, "a", -1);
		json_begin_array(&j, "list");
		json_bool(&j, NULL, false);
		json_bool(&j, NULL, true);
		json_end_array(&j);
		json_end_object(&j);
		json_begin_array(&j, "parts");
		json_record(&j, NULL, &part_desc, &part, NULL, 0);
		json_record_open(&j, NULL, &part_desc, &part, NULL, 0);
		json_begin_array(&j, "children");
		json_record(&j, NULL, &part_desc, &part, NULL, 0);
		json_end_array(&j);
		json_end_object(&j);
		json_end_array(&j);
		json_begin_array(&j, "none");
		json_end_array(&j);
		json_begin_lines(&j, "deep");
		json_num(&j, "x", 9007199254740991);
		json_end_object(&j);
		json_end_object(&j);
		json_decref(parse(memory_take(&m)));
		assert_string_equal(m.text,
				    lines ? "{\n"
					    " \"head\":{\"a\":-1,\"list\":[false,true]},\n"
					    " \"parts\":[\n"
					    "  {\"name\":\"p\",\"opt\":1},\n"
					    "  {\"name\":\"p\",\"opt\":1,\"children\":[{\"name\":\"p\",\"opt\":1}]}\n"
					    " ],\n"
					    " \"none\":[],\n"
					    " \"deep\":{\n"
					    "  \"x\":9007199254740991\n"
					    " }\n"
					    "}\n"
					  : "{\"head\":{\"a\":-1,\"list\":[false,true]},\"parts\":[{\"name\":\"p\",\"opt\":1},"
					    "{\"name\":\"p\",\"opt\":1,\"children\":[{\"name\":\"p\",\"opt\":1}]}],\"none\":[],"
					    "\"deep\":{\"x\":9007199254740991}}\n");
		free(m.text);
	}
}

/* One writer, many lines: each a document of its own. */
static void json_lines(void **state)
{
	struct memory m;
	struct json j;

	(void)state;
	json_start(&j, memory_open(&m), false);
	for (int i = 0; i < 2; i++) {
		json_begin_object(&j, NULL);
		json_str(&j, "s", "\n\033\"");
		json_end_object(&j);
	}
	assert_string_equal(memory_take(&m), "{\"s\":\"\\\\x0a\\\\x1b\\\"\"}\n{\"s\":\"\\\\x0a\\\\x1b\\\"\"}\n");
	free(m.text);
}

static void times(void **state)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} table[] = {
		{ 1, "1970-01-01T00:00:00.000000001Z" },
		{ 1000000000, "1970-01-01T00:00:01Z" },
		{ 951782400123000000, "2000-02-29T00:00:00.123Z" },
		{ 1795425164000000000, "2026-11-23T09:12:44Z" },
		{ UINT64_MAX, "2554-07-21T23:34:33.709551615Z" },
	};
	char buf[32];

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		assert_int_equal(time_text(table[i].ns, buf, sizeof(buf)), strlen(table[i].text));
		assert_string_equal(buf, table[i].text);
	}
}

static void errno_names(void **state)
{
	int named = 0;

	(void)state;
	assert_string_equal(errno_name(EPERM), "EPERM");
	assert_string_equal(errno_name(EADDRINUSE), "EADDRINUSE");
	assert_string_equal(errno_name(EOPNOTSUPP), "EOPNOTSUPP");
	assert_string_equal(errno_name(0), "errno 0");
	assert_string_equal(errno_name(529), "errno 529");
	assert_string_equal(errno_name(-1), "errno -1");
	assert_int_equal(errno_by_name("EHWPOISON"), EHWPOISON);
	assert_int_equal(errno_by_name("errno 529"), 529);
	assert_int_equal(errno_by_name("errno 99999999999"), 0);
	assert_int_equal(errno_by_name("errno -1"), 0);
	assert_int_equal(errno_by_name("eperm"), 0);
	assert_int_equal(errno_by_name(""), 0);
	for (int err = 1; err < 4096; err++) {
		assert_int_equal(errno_by_name(errno_name(err)), err);
		named += errno_name(err)[0] == 'E';
	}
	/* Linux has these numbers up to 133, but for 41 and 58. */
	assert_int_equal(named, 131);
}

static void header(void **state)
{
	struct snap s;
	struct memory m;
	struct json j;
	json_t *v, *head;

	(void)state;
	snap_init(&s);
	s.head = (struct snap_head){ .tool = "nsls", .host = "a\xff", .wants = WANT_TASKS | WANT_USERS, .taken = 1 };
	for (int gaps = 0; gaps < 2; gaps++) {
		if (gaps) {
			snap_add_gap(&s, "processes' namespaces", EPERM, "CAP_SYS_PTRACE");
			snap_add_gap(&s, "processes' namespaces", EPERM, "CAP_SYS_PTRACE");
		}
		json_start(&j, memory_open(&m), true);
		json_begin_object(&j, NULL);
		json_head(&j, &s, "nskit-nsls/1");
		json_end_object(&j);
		v = parse(memory_take(&m));
		head = json_object_get(v, "nskit");
		assert_string_equal(json_string_value(json_object_get(head, "schema")), "nskit-nsls/1");
		assert_string_equal(json_string_value(json_object_get(head, "host")), "a\\xff");
		assert_int_equal(json_array_size(json_object_get(head, "wants")), 2);
		assert_int_equal(json_is_true(json_object_get(head, "complete")), !gaps);
		assert_int_equal(json_array_size(json_object_get(head, "gaps")), gaps);
		for (size_t i = 0; i < snap_head_desc.n_fields; i++)
			assert_non_null(json_object_get(head, snap_head_desc.fields[i].name));
		json_decref(v);
		free(m.text);
	}
	snap_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_record),    cmocka_unit_test(empty_record),  cmocka_unit_test(empty_lists),
		cmocka_unit_test(refused_fields), cmocka_unit_test(chosen_fields), cmocka_unit_test(layout),
		cmocka_unit_test(json_lines),     cmocka_unit_test(times),         cmocka_unit_test(errno_names),
		cmocka_unit_test(header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
