// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <sys/stat.h>

#include "config.h"

enum { MAX_CONFIG = 64 * 1024 };

/* --- text ------------------------------------------------------------------------------------------------------------------------ */

static void write_view(FILE *f, const char *name, const struct view *v)
{
	fprintf(f, "%s.columns=", name);
	for (size_t i = 0; i < v->list.n_cols; i++)
		fprintf(f, "%s%s", i ? "," : "", v->list.cols[i].field->name);
	fprintf(f, "\n%s.sort=%s%s\n", name, v->list.invert ? "-" : "", v->list.sort ? v->list.sort->name : "");
	if (v->ops->trees)
		fprintf(f, "%s.tree=%s\n", name, v->ops->trees[v->tree]);
}

char *config_text(const struct ui *ui)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		return xstrdup("");
	fprintf(f, "# What nstop has been told last; background=light is for terminals that do not say so.\n");
	fprintf(f, "view=%s\nbackground=%s\n", ui_view_words[ui->here], ui->light ? "light" : "dark");
	for (enum view_id i = 0; i < VIEWS; i++)
		write_view(f, ui_view_words[i], &ui->views[i]);
	fclose(f);
	return text;
}

static void set_sort(struct view *v, const char *value)
{
	bool invert = *value == '-';
	const struct field *f = desc_field(v->list.desc, value + invert);

	if (*(value + invert) && !f)
		return;
	v->list.sort = f;
	v->list.invert = invert;
}

static void set_tree(struct view *v, const char *value)
{
	for (int i = 0; v->ops->trees && v->ops->trees[i]; i++)
		if (!strcmp(v->ops->trees[i], value))
			v->tree = i;
}

static void set(struct ui *ui, const char *name, const char *value)
{
	const char *dot = strchr(name, '.'), *bad;
	size_t bad_len;

	if (!strcmp(name, "view"))
		ui_go(ui, value);
	if (!strcmp(name, "background"))
		ui->light = !strcmp(value, "light");
	for (enum view_id i = 0; dot && i < VIEWS; i++) {
		size_t len = strlen(ui_view_words[i]);

		if ((size_t)(dot - name) != len || strncmp(name, ui_view_words[i], len) != 0)
			continue;
		if (!strcmp(dot, ".columns"))
			rowlist_columns(&ui->views[i].list, value, &bad, &bad_len);
		else if (!strcmp(dot, ".sort"))
			set_sort(&ui->views[i], value);
		else if (!strcmp(dot, ".tree"))
			set_tree(&ui->views[i], value);
	}
}

void config_apply(struct ui *ui, char *text)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *value = strchr(line, '=');

		if (*line == '#' || !value)
			continue;
		*value++ = '\0';
		set(ui, line, value);
	}
	ui->wishes.collect = false;
}

/* --- the file -------------------------------------------------------------------------------------------------------------------- */

/* A name below the directory of configurations; NULL: there is none (no HOME). */
static char *path_of(const char *name)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char *path;
	int n;

	if (xdg && *xdg == '/')
		n = asprintf(&path, "%s/%s", xdg, name);
	else if (home && *home == '/')
		n = asprintf(&path, "%s/.config/%s", home, name);
	else
		return NULL;
	return n < 0 ? NULL : path;
}

static char *read_config(void)
{
	CLEAN_MEM char *path = path_of("nskit/nstop.conf");
	char *text = NULL;

	if (!path || read_file_at(AT_FDCWD, path, 0, MAX_CONFIG, &text) < 0)
		return NULL;
	return text;
}

void config_load(struct ui *ui)
{
	CLEAN_MEM char *text = read_config();

	if (text)
		config_apply(ui, text);
}

static int write_config(const char *path, const char *text)
{
	CLEAN_MEM char *beside = NULL;
	FILE *f;
	int fd, err = 0;

	if (asprintf(&beside, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(beside, O_CLOEXEC);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		return -errno;
	if (fputs(text, f) < 0)
		err = -errno;
	if (fclose(f) && !err)
		err = -errno;
	if (!err && rename(beside, path))
		err = -errno;
	if (err)
		unlink(beside);
	return err;
}

static void make_directories(void)
{
	static const char *const names[] = { "", "nskit" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CLEAN_MEM char *dir = path_of(names[i]);

		if (dir)
			mkdir(dir, 0700);
	}
}

void config_save(const struct ui *ui, char *why, size_t size)
{
	CLEAN_MEM char *path = path_of("nskit/nstop.conf"), *text = config_text(ui), *old = read_config();
	int err;

	if (!path || (old && !strcmp(old, text)))
		return;
	make_directories();
	err = write_config(path, text);
	if (err && err != -EROFS && err != -EACCES) /* a home that may not be written to is no failure */
		snprintf(why, size, "cannot write %s: %s", path, strerror(-err));
}
