// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A main for fuzz targets where there is no libFuzzer: gives the target each file of its corpus, whole, cut short at many places
 * and with bytes changed, in TAP. Which changes is fixed, so that a failure comes again.
 */
#include <dirent.h>
#include <libgen.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { VARIANTS = 400 };

/* An exact copy on the heap each time, so that a sanitizer sees a read beyond the end. */
static void feed(const char *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		exit(1);
	if (size)
		memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void feed_variants(char *data, size_t size)
{
	static const char bytes[] = "\0\xff\"\\{}[]:,-9eE \n\x80";
	uint32_t random = 1;

	feed(data, size);
	for (size_t i = 0; i < VARIANTS; i++)
		feed(data, size * i / VARIANTS);
	for (size_t i = 0; size && i < VARIANTS; i++) {
		random = random * 1664525 + 1013904223;

		size_t at = random % size;
		char was = data[at];

		data[at] = bytes[(random >> 24) % (sizeof(bytes) - 1)];
		feed(data, size);
		data[at] = was;
	}
}

static int replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *data = NULL;
	size_t size = 0, n;

	if (!f)
		return -1;
	do {
		char *more = realloc(data, size + 65536);

		if (!more)
			exit(1);
		data = more;
		n = fread(data + size, 1, 65536, f);
		size += n;
	} while (n);
	fclose(f);
	feed_variants(data, size);
	free(data);
	return 0;
}

static int is_file(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* The corpus of X_fuzz is tests/fuzz/corpus/X, seen from the top of the tree. */
int main(int argc, char **argv)
{
	char dir[4096], path[8192];
	struct dirent **files = NULL;
	char *name = basename(argv[0]);
	char *suffix = strstr(name, "_fuzz");
	int n, failed = 0;

	if (argc > 1)
		snprintf(dir, sizeof(dir), "%s", argv[1]);
	else
		snprintf(dir, sizeof(dir), "tests/fuzz/corpus/%.*s", suffix ? (int)(suffix - name) : (int)strlen(name), name);
	n = scandir(dir, &files, is_file, alphasort);
	if (n < 0)
		n = 0;
	printf("1..%d\nok 1 - %s: nothing at all\n", n + 1, name);
	feed("", 0);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, files[i]->d_name);

		int err = replay(path);

		failed += err != 0;
		printf("%sok %d - %s: %s\n", err ? "not " : "", i + 2, name, files[i]->d_name);
		fflush(stdout);
		free(files[i]);
	}
	free(files);
	return failed != 0;
}
