// SPDX-License-Identifier: GPL-2.0-or-later
/* --translate: a log from standard input to standard output, with the other side's PIDs beside its own. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include "nspid.h"
#include "output/escape.h"
#include "translate/line.h"
#include "translate/lives.h"
#include "watch/births.h"

enum {
	REMEMBER = 600,        /* seconds that the dead are remembered */
	MAX_DEAD = 1 << 18,    /* and no more of them than that: 12 MB */
	MAX_LINE = 256 * 1024, /* longer ones pass as they are */
	MAX_TRIES = 5,         /* to learn whose a new namespace is: its init may not be in its cgroup yet */
	TRY_INTERVAL = 20,     /* ms between them */
	MAX_ASKED = 8,         /* namespaces at a time: each costs 1 ms */
	BATCH = 64,            /* processes asked at once */
	PARTIAL_WAIT = 1000,   /* ms until the beginning of a line goes out without its end */
};

/* A PID namespace below the host's. */
struct log_ns {
	uint32_t inum, parent; /* parent: inum */
	char *container;       /* its id, or NULL */
	char *where;           /* how it is called in a mark */
	uint32_t tries;        /* left, until it is known to be in no container */
	uint64_t tried;
	uint32_t member; /* who was born in it last */
};

/* What was found last: on a host of many containers each of them has a 2, and a log names it in every line. */
enum { MEMOS = 1024 };
struct memo {
	uint32_t nr, round; /* valid in that round */
	bool found;
	struct line_pid pid;
};

struct translating {
	struct nspid *n;
	struct lives lives;
	struct birthwatch *watch;
	struct log_ns *ns;
	size_t n_ns, cap_ns;
	size_t n_asked; /* of the first so many it is known whose they are */
	struct idmap by_inum;
	/* What the target is: a container, a PID namespace, or nothing (all). */
	char *container;
	uint32_t inum;
	regex_t re;
	struct line_rules rules;
	struct line_out out;
	char *buf;
	size_t begin, end; /* what of buf is not written yet */
	struct memo memos[MEMOS];
	uint32_t round; /* of catching up */
	bool skipping;  /* the rest of a line that has begun to pass */
	bool missed;    /* a number that nobody had: look again before the next one */
};

/* --- namespaces ----------------------------------------------------------------------------------------------------------- */

static char *name_ns(const struct snap_container *c, uint32_t inum)
{
	char buf[512], raw[32];

	snprintf(raw, sizeof(raw), "pid:[%u]", inum);
	const char *name = c ? (c->name ? c->name : c->id) : raw;

	escape(name, strlen(name), cli_ascii() ? ESC_ASCII : 0, buf, sizeof(buf));
	return xstrdup(buf);
}

static void set_container(struct log_ns *ns, const struct snap_container *c)
{
	free(ns->where);
	ns->where = name_ns(c, ns->inum);
	if (c)
		ns->container = xstrdup(c->id);
	ns->tries = 0;
}

static uint32_t add_ns(struct translating *t, uint32_t inum, uint32_t parent)
{
	uint32_t next = (uint32_t)t->n_ns, i = idmap_add(&t->by_inum, inum, next);

	if (i == next)
		*ARRAY_ADD(t, ns) =
			(struct log_ns){ .inum = inum, .parent = parent, .where = name_ns(NULL, inum), .tries = MAX_TRIES };
	return i;
}

static const struct log_ns *ns_above(const struct translating *t, const struct log_ns *ns)
{
	uint32_t i = idmap_get(&t->by_inum, ns->parent);

	return i == IDMAP_NONE ? NULL : &t->ns[i];
}

/* A container's own namespace is the outermost that is its: what it nests has the same numbers again. */
static bool in_scope(const struct life *x, void *arg)
{
	const struct translating *t = arg;
	const struct log_ns *ns = &t->ns[x->ns], *above;

	if (t->inum)
		return ns->inum == t->inum;
	if (!t->container)
		return true;
	above = ns_above(t, ns);
	return ns->container && !strcmp(ns->container, t->container) &&
	       !(above && above->container && !strcmp(above->container, t->container));
}

/* --- births and deaths ------------------------------------------------------------------------------------------------------ */

static void add_life(struct translating *t, uint32_t tid, uint32_t n, const uint32_t *nr, const uint32_t *pidns, uint64_t start)
{
	for (uint32_t i = 1; i < n; i++) {
		uint32_t ns = pidns[i] ? add_ns(t, pidns[i], pidns[i - 1]) : IDMAP_NONE;

		if (ns == IDMAP_NONE)
			continue;
		t->ns[ns].member = tid;
		lives_born(&t->lives, tid, ns, i, nr[i], start);
	}
}

static void on_born(void *arg, const struct birth *b)
{
	add_life(arg, b->tid, b->n, b->nr, b->pidns, b->start);
}

static void on_died(void *arg, uint32_t tid, uint64_t when)
{
	struct translating *t = arg;

	lives_died(&t->lives, tid, when);
}

/* All tasks of a snapshot, and whose namespaces they are in. */
static void add_snapshot(struct translating *t, const struct snap *s)
{
	uint32_t chain[PIDROW_MAX_LEVELS];
	struct index ix;

	index_build(&ix, s);
	for (uint32_t i = 0; i < s->n_tasks; i++) {
		const struct snap_task *x = &s->tasks[i];
		uint32_t n = x->n_nspid > 1 ? pidns_chain(&ix, x, chain) : 0;

		add_life(t, x->tid, n, x->nspid, chain, x->start);
		if (x->flags & TASK_ZOMBIE)
			lives_died(&t->lives, x->tid, births_now());
	}
	for (size_t i = 0; i < t->n_ns; i++) {
		const struct snap_container *c = t->ns[i].tries ? pidns_container(&ix, t->ns[i].inum) : NULL;

		if (c)
			set_container(&t->ns[i], c);
	}
	index_done(&ix);
}

static void ask_processes(struct translating *t, const uint32_t *pids, size_t n)
{
	const struct collect_opts opts = { .proc = t->n->cli.proc,
					   .tool = t->n->cli.tool,
					   .pids = pids,
					   .n_pids = n,
					   .wants = WANT_TASKS | WANT_LEVELS | WANT_CONTAINERS };
	const char *why;
	struct snap s;

	snap_init(&s);
	if (!collect(&s, &opts, &why))
		add_snapshot(t, &s);
	snap_done(&s);
}

static void on_appeared(void *arg, const uint32_t *pids, size_t n)
{
	for (size_t i = 0; i < n; i += BATCH)
		ask_processes(arg, pids + i, MIN((size_t)BATCH, n - i));
}

/* Whose are the namespaces that came up? */
static void ask_namespaces(struct translating *t)
{
	uint64_t now = births_now();
	int asked = 0;

	for (size_t i = t->n_asked; i < t->n_ns && asked < MAX_ASKED; i++) {
		struct log_ns *ns = &t->ns[i];
		uint32_t member = ns->member;

		if (!ns->tries && i == t->n_asked)
			t->n_asked++;
		if (!ns->tries || now - ns->tried < TRY_INTERVAL * 1000000ull)
			continue;
		ns->tries--;
		ns->tried = now;
		asked++;
		ask_processes(t, &member, 1); /* may move ns */
	}
}

static void catch_up(struct translating *t, bool urgent)
{
	uint64_t now = births_now();

	t->round++;
	births_take(t->watch, urgent);
	if (!t->inum)
		ask_namespaces(t);
	if (now > REMEMBER * 1000000000ull)
		lives_forget(&t->lives, now - REMEMBER * 1000000000ull);
}

/* --- translating ------------------------------------------------------------------------------------------------------------------ */

static const struct life *look_up(struct translating *t, uint32_t nr)
{
	bool any = !t->container && !t->inum;

	if (t->n->to_inner)
		return lives_by_host(&t->lives, nr, in_scope, t);
	return lives_by_nr(&t->lives, nr, in_scope, t, any);
}

static bool find_anew(struct translating *t, uint32_t nr, struct line_pid *out)
{
	const struct life *x = look_up(t, nr);

	if (!x && !t->missed) { /* once for each time that we read: it may have come up since */
		t->missed = true;
		catch_up(t, true);
		x = look_up(t, nr);
	}
	if (!x)
		return false;
	*out = (struct line_pid){ .gone = x->died };
	out->where = t->n->to_inner ? t->ns[x->ns].where : "host";
	out->nr = t->n->to_inner ? x->nr : x->host;
	return true;
}

static bool find(void *arg, uint32_t nr, struct line_pid *out)
{
	struct translating *t = arg;
	struct memo *memo = &t->memos[nr % MEMOS];

	if (memo->nr != nr || memo->round != t->round) {
		memo->found = find_anew(t, nr, &memo->pid); /* may begin another round */
		memo->nr = nr;
		memo->round = t->round;
	}
	*out = memo->pid;
	return memo->found;
}

static void translate_lines(struct translating *t)
{
	const char *newline;

	while (t->begin < t->end && (newline = memchr(t->buf + t->begin, '\n', t->end - t->begin))) {
		size_t len = (size_t)(newline - t->buf) - t->begin;

		if (t->skipping)
			line_append(&t->out, t->buf + t->begin, len);
		else
			line_translate(&t->rules, t->buf + t->begin, len, &t->out);
		line_append(&t->out, "\n", 1);
		t->skipping = false;
		t->begin += len + 1;
	}
}

/* What is left is no whole line. It passes as it is, and so will the rest of it. */
static void pass_partial(struct translating *t)
{
	if (t->begin < t->end) {
		line_append(&t->out, t->buf + t->begin, t->end - t->begin);
		t->skipping = true;
	}
	t->begin = t->end = 0;
}

/* Past stdio, which has nothing of ours and would forget why it failed. Says so when it does. */
static int write_out(struct translating *t)
{
	for (size_t done = 0; done < t->out.n_items;) {
		ssize_t n = write(STDOUT_FILENO, t->out.items + done, t->out.n_items - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int err = -errno;

			cli_error(&t->n->cli, "cannot write standard output: %s", strerror(-err));
			return err;
		}
		done += (size_t)n;
	}
	t->out.n_items = 0;
	return 0;
}

/* Until there is something to read. What we know is kept up with meanwhile. 0, or -errno of the output. */
static int wait_for_input(struct translating *t)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	uint64_t since = births_now();
	int err;

	while (poll(&p, 1, births_interval(t->watch)) <= 0) {
		catch_up(t, false);
		if (t->begin == t->end || births_now() - since < PARTIAL_WAIT * 1000000ull)
			continue;
		pass_partial(t);
		err = write_out(t);
		if (err)
			return err;
	}
	return 0;
}

/* 1, or 0 at the end, or -errno after it has spoken. */
static int read_more(struct translating *t)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	ssize_t n;
	int err;

	memmove(t->buf, t->buf + t->begin, t->end - t->begin);
	t->end -= t->begin;
	t->begin = 0;
	if (t->end == MAX_LINE)
		pass_partial(t);
	if (t->out.n_items >= MAX_LINE || poll(&p, 1, 0) <= 0) {
		err = write_out(t);
		if (!err)
			err = wait_for_input(t);
		if (err)
			return err;
	}
	do
		n = read(STDIN_FILENO, t->buf + t->end, MAX_LINE - t->end);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		err = -errno;
		cli_error(&t->n->cli, "cannot read standard input: %s", strerror(-err));
		return err;
	}
	t->end += (size_t)n;
	return n > 0;
}

static enum exit_status pump(struct translating *t)
{
	int more;

	while ((more = read_more(t)) > 0) {
		/* What the lines name was born before they were written. */
		catch_up(t, false);
		t->missed = false;
		translate_lines(t);
	}
	if (more < 0)
		return EXIT_FAILED;
	if (t->skipping || t->begin == t->end)
		pass_partial(t);
	else
		line_translate(&t->rules, t->buf + t->begin, t->end - t->begin, &t->out);
	return write_out(t) ? EXIT_FAILED : EXIT_DONE;
}

/* --- beginning ------------------------------------------------------------------------------------------------------------------------ */

/* Which namespaces are meant. */
static int set_target(struct translating *t, const struct index *ix)
{
	struct nspid *n = t->n;
	const struct target *x;

	if (nspid_resolve(n, ix))
		return -ENOENT;
	if (!n->n_targets)
		return 0;
	x = n->targets;
	if (x->kind == TARGET_CONTAINER && x->container) { /* running or not: it may start again, in another namespace */
		t->container = xstrdup(x->container->id);
		return 0;
	}
	if (x->kind == TARGET_CONTAINER || x->kind == TARGET_HOST) {
		cli_error(&n->cli, "--translate takes a container, a process or a PID namespace: %s is not one of them",
			  n->cli.argv[0]);
		return -EINVAL;
	}
	t->inum = nspid_pidns(ix, x);
	if (!t->inum)
		cli_error(&n->cli, "%s is not in a PID namespace that can be seen", n->cli.argv[0]);
	return t->inum ? 0 : -EINVAL;
}

static enum exit_status look_around(struct translating *t)
{
	const struct collect_opts opts = { .proc = t->n->cli.proc,
					   .collector = t->n->cli.collector,
					   .tool = t->n->cli.tool,
					   .wants = WANT_TASKS | WANT_THREADS | WANT_LEVELS | WANT_CONTAINERS |
						    WANT_ALL_CONTAINERS };
	enum exit_status status = EXIT_FAILED;
	struct index ix;
	const char *why;
	struct snap s;
	int err;

	snap_init(&s);
	err = collect(&s, &opts, &why);
	if (err)
		cli_error(&t->n->cli, "%s (%s)", why ? why : "cannot read /proc", strerror(-err));
	if (!err) {
		index_build(&ix, &s);
		err = set_target(t, &ix);
		index_done(&ix);
	}
	if (!err) {
		add_snapshot(t, &s);
		t->n_asked = t->n_ns;
		status = cli_finish(&t->n->cli, &s);
	}
	snap_done(&s);
	return status;
}

static enum exit_status begin(struct translating *t)
{
	const struct births_sink sink = { on_born, on_appeared, on_died, t };
	struct nspid *n = t->n;
	const char *why;
	int err;

	if (n->cli.argc > 1 || n->cli.from || n->cli.save || n->json || n->threads || n->tree) {
		cli_usage_error(&n->cli,
				"--translate takes one target at the most, and no --from, --save, --json, --threads or --tree");
		return EXIT_USAGE;
	}
	if (n->pattern) {
		err = regcomp(&t->re, n->pattern, REG_EXTENDED);
		if (err || !t->re.re_nsub) {
			cli_usage_error(&n->cli,
					"--pattern takes an extended regular expression with one group around the PID, not '%s'",
					n->pattern);
			if (!err)
				regfree(&t->re);
			n->pattern = NULL;
			return EXIT_USAGE;
		}
	}
	/* First the watch, then the look around: who is born between is met twice, and nobody is missed. */
	t->watch = births_open(n->cli.proc, n->cli.collector, &sink, &err, &why);
	if (!t->watch) {
		cli_error(&n->cli, "%s (%s)", why ? why : "cannot read /proc", strerror(-err));
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

static void done(struct translating *t)
{
	births_close(t->watch);
	lives_done(&t->lives);
	for (size_t i = 0; i < t->n_ns; i++) {
		free(t->ns[i].container);
		free(t->ns[i].where);
	}
	free(t->ns);
	idmap_done(&t->by_inum);
	free(t->container);
	free(t->out.items);
	free(t->buf);
	if (t->n->pattern)
		regfree(&t->re);
}

enum exit_status nspid_translate(struct nspid *n)
{
	struct translating t = { .n = n, .buf = xcalloc(1, MAX_LINE + 1) };
	enum exit_status status, pumped;

	signal(SIGPIPE, SIG_IGN); /* so that a closed pipe is an error that is said */
	lives_init(&t.lives, MAX_DEAD);
	status = begin(&t);
	if (status == EXIT_DONE)
		status = look_around(&t);
	t.rules = (struct line_rules){ .pattern = n->pattern ? &t.re : NULL, .rewrite = n->rewrite, .find = find, .arg = &t };
	if (status == EXIT_DONE || status == EXIT_INCOMPLETE) {
		pumped = pump(&t);
		status = pumped == EXIT_DONE ? status : pumped;
	}
	if (t.watch && births_lost(t.watch))
		cli_error(&n->cli, "%u births and deaths came too fast and were missed", births_lost(t.watch));
	done(&t);
	return status;
}
