// SPDX-License-Identifier: GPL-2.0-or-later
/* An event in words. */
#ifndef NSKIT_EVENT_TEXT_H
#define NSKIT_EVENT_TEXT_H

#include <time.h>

#include "model/event.h"

/* What an event means beyond itself, as far as somebody knows: the name of whom a namespace belongs to ("web", "host"), or NULL. */
struct event_names {
	const char *(*of_ns)(void *arg, uint32_t inum);
	void *arg;
};

/* Flags that text lines share, and the second that was last put into words. */
struct event_text {
	FILE *f;
	unsigned int escape; /* enum escape_flags */
	bool color;
	struct event_names names;
	time_t second;
	char clock[16];
};

/* "TIME  PID  (INSIDE) ..." */
void event_text_header(struct event_text *t);

/* One line. Errors of the stream are left to ferror(). */
void event_text_line(struct event_text *t, const struct event *e);

/* Only what happened, raw (whoever shows it escapes it): "net 4026531833 -> 4026532180 (web)". As snprintf. */
size_t event_what(const struct event *e, const struct event_names *names, char *buf, size_t size);

#endif
