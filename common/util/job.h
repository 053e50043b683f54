// SPDX-License-Identifier: GPL-2.0-or-later
/* Something to be done meanwhile, in a thread of its own. */
#ifndef NSKIT_JOB_H
#define NSKIT_JOB_H

#include <pthread.h>
#include <stdbool.h>

struct job {
	void (*run)(void *arg);
	void *arg;
	pthread_t thread;
	bool running;
};

/* Begin. Where no thread can be had it is done at once, so that callers need not care. */
void job_start(struct job *job, void (*run)(void *arg), void *arg);

/* Wait until it is done; nothing happens when it is, or was never begun. */
void job_wait(struct job *job);

#endif
