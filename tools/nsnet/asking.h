// SPDX-License-Identifier: GPL-2.0-or-later
/* nsnet why: what was asked, and who answers it. */
#ifndef NSKIT_NSNET_ASKING_H
#define NSKIT_NSNET_ASKING_H

#include "nsnet.h"
#include "why/scope.h"
#include "why/why.h"

struct asking {
	struct nsnet *n;
	struct why_query q;
	struct arena arena;
	const char *target, *as, *client;
	bool probe;
	struct scope scope; /* reach: the namespaces that are collected */
};

/* Collect what the question needs, judge, and print the answer. The exit status is the verdict's. */
enum exit_status asking_answer(struct asking *a);

/* The same without a target: every network namespace where the port is held, published or blocked. */
enum exit_status asking_places(struct asking *a);

#endif
