// SPDX-License-Identifier: GPL-2.0-or-later
/* A number on a helper's command line, decimal or with its prefix; anything else ends the helper with status 2. */
#ifndef NSKIT_TESTS_NUMBER_H
#define NSKIT_TESTS_NUMBER_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static inline unsigned long number(const char *s)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(s, &end, 0);
	if (end == s || *end || errno) {
		fprintf(stderr, "not a number: %s\n", s);
		exit(2);
	}
	return n;
}

#endif
