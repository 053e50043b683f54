// SPDX-License-Identifier: GPL-2.0-or-later
/* For tests: a record with a field of every kind, and helpers to write to memory. Include after <cmocka.h>. */
#ifndef NSKIT_THING_H
#define NSKIT_THING_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/desc.h"

struct part {
	const char *name;
	int64_t opt;
};
static const struct field part_fields[] = {
	{ .name = "name", .kind = F_STR, .off = offsetof(struct part, name), .help = "what it is called" },
	{ .name = "opt", .kind = F_OPT, .off = offsetof(struct part, opt), .help = "may be refused" },
};
static DESC(part_desc, "part", struct part, "a part", part_fields);

struct thing {
	uint32_t u32;
	uint64_t u64, id64, time;
	int32_t integer, err;
	int64_t opt, opt_zero, opt_omit;
	uint32_t nsref, nsref_zero;
	uint64_t flags;
	const char *str, *extra, *text, *hidden, *omit;
	bool boolean;
	uint8_t kind;
	const uint32_t *u32s;
	const char *const *strs;
	const struct part *rec, *recs;
	uint32_t n_u32s, n_strs, n_recs;
};
static const char *const thing_kinds[] = { "first", "second", NULL };
static const char *const thing_flags[] = { "red", "green", "blue", NULL };

static inline void thing_shout(const void *rec, char *buf, size_t size)
{
	const struct thing *t = rec;

	snprintf(buf, size, "<%s>", t->text ? t->text : "");
}

#define THING(member, knd, ...) \
	{ \
		.name = #member, .kind = knd, .off = offsetof(struct thing, member), .help = "the " #member, __VA_ARGS__ \
	}
#define THING_N(member) .off_n = offsetof(struct thing, member)
static const struct field thing_fields[] = {
	THING(str, F_STR, .flags = FF_CUT, .want = 1),
	THING(u32, F_U32, .want = 2),
	THING(u64, F_U64, .want = 4),
	THING(id64, F_ID64),
	THING(integer, F_INT),
	THING(opt, F_OPT),
	THING(opt_zero, F_OPT, .flags = FF_ZERO),
	THING(opt_omit, F_OPT, .flags = FF_OMIT),
	THING(nsref, F_NSREF),
	THING(nsref_zero, F_NSREF, .flags = FF_ZERO),
	THING(extra, F_STR, .flags = FF_EXTRA),
	THING(text, F_STR, .flags = FF_TEXT, .text = thing_shout),
	THING(hidden, F_STR, .flags = FF_HIDDEN),
	THING(omit, F_STR, .flags = FF_OMIT),
	THING(boolean, F_BOOL),
	THING(kind, F_ENUM, .names = thing_kinds),
	THING(flags, F_FLAGS, .names = thing_flags),
	THING(err, F_ERRNO),
	THING(time, F_TIME),
	THING(u32s, F_U32S, THING_N(n_u32s)),
	THING(strs, F_STRS, THING_N(n_strs)),
	THING(rec, F_REC, .rec = &part_desc),
	THING(recs, F_RECS, .rec = &part_desc, THING_N(n_recs)),
};
static DESC(thing_desc, "thing", struct thing, "a thing with a field of every kind", thing_fields);

/* Nothing in it that could be missing. */
static inline struct thing thing_empty(void)
{
	return (struct thing){ .opt = OPT_NONE, .opt_zero = OPT_NONE, .opt_omit = OPT_NONE };
}

static inline struct thing thing_full(void)
{
	static const uint32_t numbers[] = { 1, 0, UINT32_MAX };
	static const char *const strings[] = { "one", NULL, "t\xff" };
	static const struct part parts[] = { { "a \"b\"", 5 }, { NULL, -13 } };

	return (struct thing){
		.u32 = UINT32_MAX,
		.u64 = 1ULL << 52,
		.id64 = UINT64_MAX,
		.time = 1795425164500000000ULL,
		.integer = INT32_MIN,
		.err = 98,
		.opt = INT64_MAX,
		.opt_zero = 7,
		.opt_omit = 8,
		.nsref = 4026531840,
		.nsref_zero = UINT32_MAX,
		.flags = 5,
		.str = "text",
		.extra = "x",
		.text = "t",
		.hidden = "h",
		.omit = "o",
		.boolean = true,
		.kind = 1,
		.u32s = numbers,
		.n_u32s = 3,
		.strs = strings,
		.n_strs = 3,
		.rec = &parts[0],
		.recs = parts,
		.n_recs = 2,
	};
}

/* What is written to a stream, as a string (caller frees). */
struct memory {
	FILE *f;
	char *text;
	size_t len;
};
static inline FILE *memory_open(struct memory *m)
{
	m->f = open_memstream(&m->text, &m->len);
	assert_non_null(m->f);
	return m->f;
}
static inline char *memory_take(struct memory *m)
{
	assert_int_equal(fclose(m->f), 0);
	return m->text;
}

#endif
