// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdio.h>

#include "model/desc.h"
#include "view/human.h"

static const char *missing(int64_t v)
{
	return OPT_DENIED(v) ? "?" : "";
}

void human_bytes(int64_t bytes, char *buf, size_t size)
{
	static const char units[] = "KMGTPE";
	uint64_t v = (uint64_t)bytes, tenths;
	size_t unit = 0;

	if (!OPT_VALUE(bytes)) {
		snprintf(buf, size, "%s", missing(bytes));
		return;
	}
	if (v < 1024) {
		snprintf(buf, size, "%" PRIu64, v);
		return;
	}
	for (; v >= 1024 * 1024; v /= 1024)
		unit++;
	tenths = v * 10 / 1024;
	if (tenths < 100)
		snprintf(buf, size, "%" PRIu64 ".%" PRIu64 "%c", tenths / 10, tenths % 10, units[unit]);
	else
		snprintf(buf, size, "%" PRIu64 "%c", tenths / 10, units[unit]);
}

void human_cpu(int64_t milli, char *buf, size_t size)
{
	if (!OPT_VALUE(milli))
		snprintf(buf, size, "%s", missing(milli));
	else if (milli < 1000)
		snprintf(buf, size, "%" PRId64 ".%" PRId64, milli / 10, milli % 10);
	else
		snprintf(buf, size, "%" PRId64, milli / 10);
}

void human_age(uint64_t s, char *buf, size_t size)
{
	if (s < 60)
		snprintf(buf, size, "%" PRIu64 "s", s);
	else if (s < 3600)
		snprintf(buf, size, "%" PRIu64 "m", s / 60);
	else if (s < 86400)
		snprintf(buf, size, "%" PRIu64 "h%02" PRIu64, s / 3600, s / 60 % 60);
	else
		snprintf(buf, size, "%" PRIu64 "d", s / 86400);
}
