// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/job.h"

static void *begin(void *arg)
{
	struct job *job = arg;

	job->run(job->arg);
	return NULL;
}

void job_start(struct job *job, void (*run)(void *arg), void *arg)
{
	job->run = run;
	job->arg = arg;
	job->running = !pthread_create(&job->thread, NULL, begin, job);
	if (!job->running)
		run(arg);
}

void job_wait(struct job *job)
{
	if (job->running)
		pthread_join(job->thread, NULL);
	job->running = false;
}
