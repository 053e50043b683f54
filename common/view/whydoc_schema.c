// SPDX-License-Identifier: GPL-2.0-or-later
/* The JSON Schema of a diagnosis, told member by member. */
#include "output/schema.h"
#include "view/whydoc.h"

static void member(struct json *j, const char *key, const char *type, bool nullable)
{
	json_begin_object(j, key);
	if (nullable) {
		json_begin_array(j, "type");
		json_str(j, NULL, type);
		json_str(j, NULL, "null");
		json_end_array(j);
	} else {
		json_str(j, "type", type);
	}
	json_end_object(j);
}

static void words_member(struct json *j, const char *key, const char *const *words)
{
	json_begin_object(j, key);
	json_begin_array(j, "enum");
	for (; *words; words++)
		json_str(j, NULL, *words);
	json_end_array(j);
	json_end_object(j);
}

static void begin_object(struct json *j, const char *key)
{
	json_begin_object(j, key);
	json_str(j, "type", "object");
	json_bool(j, "additionalProperties", false);
	json_begin_object(j, "properties");
}

static void end_object(struct json *j, const char *const *required)
{
	json_end_object(j);
	json_begin_array(j, "required");
	for (; *required; required++)
		json_str(j, NULL, *required);
	json_end_array(j);
	json_end_object(j);
}

static void begin_list(struct json *j, const char *key)
{
	json_begin_object(j, key);
	json_str(j, "type", "array");
}

/* A record, or null. */
static void record_member(struct json *j, const char *key, const char *ref)
{
	json_begin_object(j, key);
	json_begin_array(j, "anyOf");
	json_begin_object(j, NULL);
	json_str(j, "$ref", ref);
	json_end_object(j);
	member(j, NULL, "null", false);
	json_end_array(j);
	json_end_object(j);
}

static void container_member(struct json *j)
{
	record_member(j, "container", "#/$defs/container");
}

static void party_member(struct json *j, const char *key)
{
	static const char *const required[] = { "netns", "pid", "comm", "container", NULL };

	begin_object(j, key);
	member(j, "netns", "integer", true);
	member(j, "pid", "integer", true);
	member(j, "comm", "string", true);
	container_member(j);
	end_object(j, required);
}

/* Evidence: keys as the manual lists them; a value is a number, a text, true or false, or a list of numbers. */
static void evidence_member(struct json *j)
{
	json_begin_object(j, "evidence");
	json_str(j, "type", "object");
	json_begin_object(j, "additionalProperties");
	json_begin_array(j, "type");
	json_str(j, NULL, "integer");
	json_str(j, NULL, "string");
	json_str(j, NULL, "boolean");
	json_str(j, NULL, "array");
	json_end_array(j);
	json_end_object(j);
	json_end_object(j);
}

static void causes_member(struct json *j)
{
	static const char *const required[] = { "code", "errno", "summary", "evidence", "advice", NULL };

	begin_list(j, "causes");
	begin_object(j, "items");
	member(j, "code", "string", false);
	member(j, "errno", "string", true);
	member(j, "summary", "string", true);
	evidence_member(j);
	begin_list(j, "advice");
	member(j, "items", "string", false);
	json_end_object(j);
	end_object(j, required);
	json_end_object(j);
}

static void unchecked_member(struct json *j)
{
	static const char *const required[] = { "what", "where", "why", NULL };

	begin_list(j, "unchecked");
	begin_object(j, "items");
	member(j, "what", "string", false);
	member(j, "where", "string", true);
	member(j, "why", "string", true);
	end_object(j, required);
	json_end_object(j);
}

static void places_member(struct json *j)
{
	static const char *const required[] = { "ns", "container", "role", "leads_to", "causes", NULL };

	begin_list(j, "places");
	begin_object(j, "items");
	member(j, "ns", "integer", true);
	container_member(j);
	words_member(j, "role", place_role_names);
	record_member(j, "leads_to", "#/$defs/published_port");
	causes_member(j);
	end_object(j, required);
	json_end_object(j);
}

static void why_member(struct json *j, const char *key)
{
	static const char *const required[] = { "call", "proto", NULL };

	begin_object(j, key);
	words_member(j, "call", why_call_names);
	member(j, "proto", "string", false);
	member(j, "path", "string", false);
	member(j, "abstract", "boolean", false);
	member(j, "addr", "string", false);
	member(j, "port", "integer", false);
	party_member(j, "target");
	party_member(j, "client");
	words_member(j, "verdict", why_verdict_names);
	member(j, "checks", "integer", false);
	member(j, "note", "string", false);
	member(j, "drop_reason", "string", false);
	member(j, "path_back", "string", false);
	unchecked_member(j);
	causes_member(j);
	places_member(j);
	end_object(j, required);
}

void whydoc_schema(FILE *f)
{
	static const struct schema_part parts[] = { { .key = "why", .desc = &published_port_desc, .write = why_member } };

	schema_write(f, WHY_SCHEMA, "nsnet why --json", parts, ARRAY_SIZE(parts));
}
