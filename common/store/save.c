// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <sys/stat.h>

#include "output/json.h"
#include "output/schema.h"
#include "store/store.h"

/* Gaps stand in the header, as in every document. */
static bool in_header(const struct snap_section *section)
{
	return section->desc == &snap_gap_desc;
}

/* All that a record holds, also what documents show only when asked for: fields[] has room for all. */
static size_t saved_fields(const struct desc *d, const struct field **fields)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n_fields; i++)
		if (!(d->fields[i].flags & FF_TEXT))
			fields[n++] = &d->fields[i];
	return n;
}

static void save_section(struct json *j, const struct snap *s, const struct snap_section *section)
{
	const struct desc *d = section->desc;
	struct snap_array array = snap_array(s, section);
	const char *items = *array.items;
	CLEAN_MEM const struct field **fields = xcalloc(d->n_fields, sizeof(*fields));
	size_t n_fields = saved_fields(d, fields);

	json_begin_array(j, section->key);
	for (size_t i = 0; i < *array.n; i++)
		json_record(j, NULL, d, items + i * d->size, fields, n_fields);
	json_end_array(j);
}

int snap_save(const struct snap *s, FILE *f)
{
	struct json j;

	errno = 0;
	json_start(&j, f, true);
	json_begin_object(&j, NULL);
	json_head(&j, s, SNAP_SCHEMA);
	for (size_t i = 0; i < snap_n_sections; i++)
		if (!in_header(&snap_sections[i]))
			save_section(&j, s, &snap_sections[i]);
	json_end_object(&j);
	if (!fflush(f) && !ferror(f))
		return 0;
	return errno ? -errno : -EIO;
}

static int save_to(const struct snap *s, FILE *f)
{
	int err = f ? snap_save(s, f) : -errno;

	if (f && fclose(f) && !err)
		err = -errno;
	return err;
}

int snap_save_file(const struct snap *s, const char *path)
{
	CLEAN_MEM char *beside = NULL;
	struct stat st;
	int fd, err;

	if (!stat(path, &st) && !S_ISREG(st.st_mode)) /* a device, a pipe */
		return save_to(s, fopen(path, "we"));
	if (asprintf(&beside, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = save_to(s, fdopen(fd, "w"));
	if (!err && rename(beside, path))
		err = -errno;
	if (err)
		unlink(beside);
	return err;
}

void store_schema(FILE *f)
{
	CLEAN_MEM struct schema_part *parts = xcalloc(snap_n_sections, sizeof(*parts));
	size_t n = 0;

	for (size_t i = 0; i < snap_n_sections; i++)
		if (!in_header(&snap_sections[i]))
			parts[n++] = (struct schema_part){ .key = snap_sections[i].key, .desc = snap_sections[i].desc };
	schema_write(f, SNAP_SCHEMA, "nskit snapshot (--save, --from)", parts, n);
}
