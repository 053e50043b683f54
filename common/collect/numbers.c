// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/syscall.h>

#include "collect/numbers.h"

struct dirent64_head { /* getdents64(2); include/linux/dirent.h */
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

static void add_number(struct numbers *list, const char *name, uint64_t ino)
{
	uint32_t n;

	if (!parse_u32(name, &n))
		*ARRAY_ADD(list, items) = (struct proc_entry){ n, ino };
}

int numbers_read(struct numbers *list, int dirfd)
{
	char buf[16384] __attribute__((aligned(8)));

	list->n_items = 0;
	for (;;) {
		long n = syscall(SYS_getdents64, dirfd, buf, sizeof(buf));

		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		for (char *p = buf; p < buf + n;) {
			const struct dirent64_head *e = (const void *)p;

			add_number(list, e->name, e->ino);
			p += e->reclen;
		}
	}
}

void numbers_done(struct numbers *list)
{
	free(list->items);
	*list = (struct numbers){ 0 };
}

char *numbers_name(char *buf, uint32_t n)
{
	char digits[NUMBER_SIZE], *p = digits + sizeof(digits);

	do
		*--p = (char)('0' + n % 10);
	while (n /= 10);
	return mempcpy(buf, p, (size_t)(digits + sizeof(digits) - p));
}
