// SPDX-License-Identifier: GPL-2.0-or-later
#include <endian.h>
#include <linux/capability.h>

#include "collect/guards.h"
#include "util/words.h"

/* The text behind "Name:\t" of a line; NULL: no such line. */
static const char *value_of(const char *buf, size_t len, const char *name)
{
	size_t n = strlen(name);

	for (const char *line = buf, *end = buf + len; line < end;) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));

		if ((size_t)(end - line) > n + 1 && !memcmp(line, name, n) && line[n] == ':')
			return line + n + 1;
		if (!newline)
			return NULL;
		line = newline + 1;
	}
	return NULL;
}

static bool hex_of(const char *buf, size_t len, const char *name, uint64_t *out)
{
	const char *value = value_of(buf, len, name);

	if (!value)
		return false;
	*out = strtoull(value, NULL, 16);
	return true;
}

static int64_t number_of(const char *buf, size_t len, const char *name)
{
	const char *value = value_of(buf, len, name);

	return value ? (int64_t)MIN(strtoull(value, NULL, 10), (unsigned long long)INT64_MAX) : OPT_NONE;
}

/* "Uid:\treal\teffective\tsaved\tfs" */
static uint32_t fourth_of(const char *buf, size_t len, const char *name)
{
	const char *value = value_of(buf, len, name);
	uint64_t ids[4];

	return value && words_numbers(value, ids, 4) == 4 ? (uint32_t)ids[3] : 0;
}

static void read_groups(const char *buf, size_t len, struct guard_status *out)
{
	const char *at = value_of(buf, len, "Groups");
	size_t cap = 0, n = 0;

	while (at) {
		char *end;
		unsigned long gid;

		while (*at == ' ' || *at == '\t')
			at++;
		if (*at < '0' || *at > '9')
			break;
		gid = strtoul(at, &end, 10);
		*(uint32_t *)array_grow((void **)&out->groups, &n, &cap, sizeof(*out->groups)) = (uint32_t)gid;
		at = end;
	}
	out->n_groups = (uint32_t)n;
}

/* buf ends with a NUL behind len bytes. */
int guards_parse_status(const char *buf, size_t len, struct guard_status *out)
{
	const char *state = value_of(buf, len, "State");

	*out = (struct guard_status){ 0 };
	if (!hex_of(buf, len, "CapEff", &out->effective) || !hex_of(buf, len, "CapPrm", &out->permitted) ||
	    !hex_of(buf, len, "CapBnd", &out->bounding))
		return -EINVAL;
	hex_of(buf, len, "CapInh", &out->inheritable);
	hex_of(buf, len, "CapAmb", &out->ambient); /* 4.3 */
	out->fsuid = fourth_of(buf, len, "Uid");
	out->fsgid = fourth_of(buf, len, "Gid");
	out->no_new_privs = number_of(buf, len, "NoNewPrivs") == 1;
	out->seccomp = number_of(buf, len, "Seccomp");
	out->seccomp_filters = number_of(buf, len, "Seccomp_filters"); /* 5.9 */
	if (state)
		out->state = state[strspn(state, " \t")];
	read_groups(buf, len, out);
	return 0;
}

int64_t guards_parse_nofile(const char *buf, size_t len)
{
	static const char name[] = "Max open files";
	const char *line = memmem(buf, len, name, sizeof(name) - 1);
	uint64_t soft;

	if (!line)
		return OPT_NONE;
	line += sizeof(name) - 1;
	line += strspn(line, " ");
	if (!strncmp(line, "unlimited", 9))
		return INT64_MAX;
	return words_numbers(line, &soft, 1) == 1 ? (int64_t)MIN(soft, (uint64_t)INT64_MAX) : OPT_NONE;
}

int guards_parse_file_caps(const void *value, size_t len, uint64_t *permitted, bool *effective)
{
	struct vfs_cap_data v = { 0 };
	uint32_t magic;

	if (len < sizeof(v.magic_etc) + sizeof(v.data[0]))
		return -EINVAL;
	memcpy(&v, value, MIN(len, sizeof(v)));
	magic = le32toh(v.magic_etc);
	*permitted = le32toh(v.data[0].permitted);
	if ((magic & VFS_CAP_REVISION_MASK) != VFS_CAP_REVISION_1 && len >= sizeof(v))
		*permitted |= (uint64_t)le32toh(v.data[1].permitted) << 32;
	*effective = magic & VFS_CAP_FLAGS_EFFECTIVE;
	return 0;
}
