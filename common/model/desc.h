// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Descriptors: what a record is made of, said once. From a descriptor come its JSON, its JSON Schema, its loading from a
 * saved snapshot, and the columns of a table (a column is a field that a person asked for; its header is the name in capitals).
 */
#ifndef NSKIT_DESC_H
#define NSKIT_DESC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A number that may be missing, in int64_t: a value (0 and up), OPT_NONE (there is none), or -errno (there may be one, but
 * we were refused). So EPERM never becomes 0.
 */
#define OPT_NONE INT64_MIN
#define OPT_VALUE(v) ((v) >= 0)
#define OPT_DENIED(v) ((v) < 0 && (v) > -4096)

/*
 * The same for a namespace's number, in uint32_t: 0 is none, 1..4095 is the errno of the refusal, the rest are inode numbers
 * (procfs hands them out from 0xF0000000 on: PROC_DYNAMIC_FIRST, fs/proc/generic.c).
 */
#define NSREF_KNOWN(r) ((r) > 4095)
#define NSREF_DENIED(r) ((r) >= 1 && (r) <= 4095)

enum field_kind {
	F_U32,   /* uint32_t */
	F_U64,   /* uint64_t that stays below 2^53 */
	F_ID64,  /* uint64_t that may pass 2^53: a decimal string in JSON; 0 is none */
	F_INT,   /* int32_t */
	F_OPT,   /* int64_t, see OPT_NONE */
	F_NSREF, /* uint32_t, see NSREF_KNOWN */
	F_STR,   /* const char *, any bytes; NULL is none */
	F_BYTES, /* const char * with a count: the same where NUL may be among the bytes (and one follows them) */
	F_BOOL,  /* bool; with FF_OMIT left out where false */
	F_MARK,  /* bool: null where true, left out where not, as ip -j writes some flags. Not loaded from snapshots. */
	F_MAYBE, /* int8_t: 1 yes, 0 no, -1 nobody knows */
	F_ENUM,  /* uint8_t, an index of .names */
	F_FLAGS, /* uint64_t, bits named by .names: a list of strings */
	F_ERRNO, /* int32_t, positive: its name ("EACCES"), 0 is none */
	F_TIME,  /* uint64_t, nanoseconds since 1970 UTC: RFC 3339; 0 is none */
	F_U32S,  /* const uint32_t * with a count: a list of numbers */
	F_STRS,  /* const char *const * with a count: a list of strings */
	F_REC,   /* const void *, one record of .rec, or NULL */
	F_RECS,  /* const void *, an array of records of .rec with a count */
	F_DICT,  /* const struct dict_item *, with a count: an object whose keys are not ours. Not loaded from snapshots. */
};

enum field_flags {
	FF_CUT = 1,    /* a table may cut this column to fit the terminal */
	FF_HIDDEN = 2, /* not a column (JSON only) */
	FF_TEXT = 4,   /* a column only, not in JSON unless asked for by name */
	FF_EXTRA = 8,  /* in JSON only when asked for (costly to collect) */
	FF_OMIT = 16,  /* left out of JSON where there is none, instead of null */
	FF_ZERO = 32,  /* F_NSREF, F_OPT: none is 0 in text and JSON, as lsns has it. (What was refused never is.) */
	FF_NEST = 64,  /* F_DICT: in JSON a key "a.b" is b of an object a, those that end in [] make a list; they stand together */
};

struct dict_item {
	const char *key, *value;
	bool bare; /* value is a number, true, false or null: not in quotes */
};

struct desc;
struct field {
	const char *name; /* JSON key; in capitals the column's header; the word for -o and for sorting */
	enum field_kind kind;
	uint8_t flags;  /* enum field_flags */
	uint16_t off;   /* of the member */
	uint16_t off_n; /* of its count (uint32_t): F_BYTES, F_U32S, F_STRS, F_RECS, F_DICT */
	const struct desc *rec;
	const char *const *names; /* F_ENUM, F_FLAGS: ends with NULL */
	const char *help;         /* one line, lower case: what it is, with its unit */
	/* What a column prints for a F_REC or F_RECS, or for a number with a human form; NULL: the value. Writes at most
	 * size bytes with the NUL, raw (the table escapes). */
	void (*text)(const void *rec, char *buf, size_t size);
	uint64_t want; /* what has to be collected for it (WANT_* of snap.h), beyond the tasks themselves */
};

struct desc {
	const char *name; /* singular: "task" */
	const char *help;
	size_t size; /* of the C struct */
	const struct field *fields;
	size_t n_fields;
};

/*
 * For tables of fields: member M of struct REC is field "M", or KEY where JSON has another name for it; a list's count is n_M.
 *	FIELD(snap_link, master, F_OPT, OMIT, HELP("index of its bridge or bond")),
 */
/* clang-format off */
#define FIELD(rec, member, knd, ...) FIELD_AS(rec, #member, member, knd, __VA_ARGS__)
#define FIELD_AS(rec, key, member, knd, ...) { .name = key, .kind = knd, .off = offsetof(struct rec, member), __VA_ARGS__ }
#define COUNTED(rec, member) .off_n = offsetof(struct rec, n_##member)
#define OMIT .flags = FF_OMIT
#define HELP(words) .help = words

#define DESC(var, cname, ctype, helptext, fieldlist) \
	const struct desc var = { .name = cname, .help = helptext, .size = sizeof(ctype), .fields = fieldlist, \
				  .n_fields = sizeof(fieldlist) / sizeof((fieldlist)[0]) }
/* clang-format on */

/* The field with that name, capitals or not; NULL. */
const struct field *desc_field(const struct desc *d, const char *name);

/* Is its value one number: right-aligned in tables, sorted as a number? */
bool desc_is_number(const struct field *f);

/* The member of rec that a field describes, and its count for lists. */
static inline const void *field_at(const struct field *f, const void *rec)
{
	return (const char *)rec + f->off;
}
static inline uint32_t field_count(const struct field *f, const void *rec)
{
	return *(const uint32_t *)(const void *)((const char *)rec + f->off_n);
}

#endif
