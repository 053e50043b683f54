// SPDX-License-Identifier: GPL-2.0-or-later
#include "view/human.h"
#include "view/procrow.h"

void container_name(const struct snap_container *c, char *buf, size_t size)
{
	if (!c)
		*buf = '\0';
	else if (c->name)
		snprintf(buf, size, "%s", c->name);
	else
		snprintf(buf, size, "%.12s", c->id);
}

static void container_text(const void *rec, char *buf, size_t size)
{
	const struct procrow *r = rec;

	container_name(r->container, buf, size);
}

static void cpu_text(const void *rec, char *buf, size_t size)
{
	const struct procrow *r = rec;

	human_cpu(r->cpu, buf, size);
}

static void rss_text(const void *rec, char *buf, size_t size)
{
	const struct procrow *r = rec;

	human_bytes(r->rss, buf, size);
}

static void age_text(const void *rec, char *buf, size_t size)
{
	const struct procrow *r = rec;

	*buf = '\0';
	if (OPT_VALUE(r->age))
		human_age((uint64_t)r->age, buf, size);
}

#define F(member, ...) FIELD(procrow, member, __VA_ARGS__)

static const struct field procrow_fields[] = {
	F(pid, F_U32, HELP("process id on the host")),
	F(inside, F_OPT, HELP("process id in its own PID namespace, where that is another")),
	F(tid, F_U32, HELP("thread id; of a process its pid")),
	F(ppid, F_U32, HELP("parent's pid")),
	F(uid, F_U32, HELP("effective user id")),
	F(user, F_STR, .want = WANT_USERS, HELP("its name")),
	F(cpu, F_OPT, .text = cpu_text, .want = WANT_USAGE,
	  HELP("CPU time a second, in thousandths of a core; the screen shows per cent")),
	F(rss, F_OPT, .text = rss_text, .want = WANT_USAGE, HELP("resident memory in bytes")),
	F(nthreads, F_U32, HELP("threads")),
	F(container, F_REC, .rec = &snap_container_desc, .text = container_text, .want = WANT_CONTAINERS | WANT_ALL_CONTAINERS,
	  HELP("container")),
	F(start, F_TIME, HELP("when it began")),
	F(age, F_OPT, .text = age_text, HELP("seconds since then")),
	F(state, F_STR, HELP("zombie, or kernel for a kernel thread")),
	F(comm, F_STR, HELP("name")),
	F(command, F_STR, .flags = FF_CUT, .want = WANT_COMMANDS, HELP("command line")),
};
DESC(procrow_desc, "process", struct procrow, "a process, live", procrow_fields);

void procrow_fill(struct procrow *row, const struct frame *f, uint32_t task)
{
	const struct snap *s = &f->snap;
	const struct snap_task *t = &s->tasks[task];

	*row = (struct procrow){
		.task = task,
		.pid = t->pid,
		.tid = t->tid,
		.ppid = t->ppid,
		.nthreads = t->nthreads,
		.inside = t->n_nspid > 1 ? t->nspid[t->n_nspid - 1] : OPT_NONE,
		.uid = t->uid,
		.user = index_user(&f->ix, t->uid),
		.cpu = f->rates.cpu[task],
		.rss = t->rss,
		.start = s->head.booted ? s->head.booted + t->start * 10000000 : 0,
		.age = s->head.ticks >= t->start ? (int64_t)((s->head.ticks - t->start) / 100) : OPT_NONE,
		.container = index_container(&f->ix, t->container),
		.state = t->flags & TASK_ZOMBIE    ? "zombie"
			 : t->flags & TASK_KTHREAD ? "kernel"
						   : NULL,
		.comm = t->comm,
		.command = t->command ? t->command : t->comm,
		.host = !t->container,
	};
}
