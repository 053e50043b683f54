// SPDX-License-Identifier: GPL-2.0-or-later
/* Records of events.bpf.c: any bytes; what comes of them can be put into words and JSON. */
#include <jansson.h>

#include "output/json.h"
#include "view/event_text.h"
#include "watch/event_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_json(const struct event *e)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	struct json j;
	json_t *doc;

	json_start(&j, f, false);
	json_record(&j, NULL, event_kinds[e->kind].desc, e, NULL, 0);
	fclose(f);
	doc = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	if (!doc || strcmp(json_string_value(json_object_get(doc, "event")), event_kinds[e->kind].name))
		abort();
	json_decref(doc);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parsed_event p;
	char words[512];

	if (event_parse((const char *)data, size, &p))
		return 0;
	if (p.e.n_changes > NS_TYPES || strlen(p.e.comm) > 16 || p.e.n_nspid > REC_MAX_LEVELS || p.e.port > 65535)
		abort();
	event_what(&p.e, NULL, words, sizeof(words));
	check_json(&p.e);
	return 0;
}
