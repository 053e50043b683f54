// SPDX-License-Identifier: GPL-2.0-or-later
/* nstop -e: the events alone, as text or JSON Lines. */
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>

#include "watch/events.h"
#include "model/target.h"
#include "explain.h"
#include "names.h"
#include "nstop.h"
#include "output/escape.h"
#include "output/json.h"
#include "output/schema.h"
#include "view/event_text.h"

enum {
	DRAIN = 2000, /* ms */
	OUT_BUFFER = 256 * 1024,
	PIPE_ROOM = 4096, /* PIPE_BUF: a pipe that polls as writable takes so much without blocking */
};

struct stream {
	struct nstop *n;
	struct eventwatch *watch;
	struct event_text text;
	struct explainer *explainer; /* --why; else NULL */
	struct ns_names *names;      /* text; else NULL */
	FILE *out;
	bool is_pipe;
	int signals;    /* signalfd */
	bool ended;     /* by a signal or the time */
	bool full;      /* by the count */
	uint64_t until; /* ms; 0: for ever */
	uint64_t started;
	int write_err;
	uint64_t seen, of[EVENT_KINDS], failed[EVENT_KINDS], lost;
};

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Until when may be waited, from now, in ms: at most want (-1: for ever). */
static int wait_for(const struct stream *s, int want)
{
	uint64_t now = now_ms();
	int left = !s->until ? -1 : s->until <= now ? 0 : (int)MIN(s->until - now, (uint64_t)1 << 30);

	return left < 0 ? want : want < 0 ? left : MIN(left, want);
}

/* Has the time come, or a signal? */
static bool is_over(struct stream *s)
{
	struct pollfd p = { s->signals, POLLIN, 0 };

	if (poll(&p, 1, 0) > 0 || (s->until && now_ms() >= s->until))
		s->ended = true;
	return s->ended;
}

/* --- output: a reader who takes no more must not keep us from ending ---------------------------------------------------------- */

static ssize_t write_out(void *cookie, const char *buf, size_t size)
{
	struct stream *s = cookie;
	size_t done = 0;

	while (done < size && !s->write_err) {
		struct pollfd p[2] = { { STDOUT_FILENO, POLLOUT, 0 }, { s->signals, POLLIN, 0 } };
		size_t n = s->is_pipe ? MIN(size - done, (size_t)PIPE_ROOM) : size - done;
		ssize_t wrote;

		if (poll(p, 2, wait_for(s, -1)) >= 0 && !p[0].revents) {
			if (is_over(s))
				s->write_err = ETIMEDOUT;
			continue;
		}
		wrote = write(STDOUT_FILENO, buf + done, n);
		if (wrote < 0 && errno != EINTR && errno != EAGAIN)
			s->write_err = errno;
		done += wrote > 0 ? (size_t)wrote : 0;
	}
	return s->write_err ? -1 : (ssize_t)size;
}

static void open_out(struct stream *s)
{
	const cookie_io_functions_t io = { .write = write_out };
	struct stat st;

	s->is_pipe = !fstat(STDOUT_FILENO, &st) && !S_ISREG(st.st_mode);
	s->out = fopencookie(s, "w", io);
	if (s->out)
		setvbuf(s->out, NULL, _IOFBF, OUT_BUFFER);
}

/* Every byte is out, or it is known why not. */
static void flush(struct stream *s)
{
	if (fflush(s->out) && !s->write_err)
		s->write_err = errno ? errno : EIO;
}

/* --- events ------------------------------------------------------------------------------------------------------------------- */

static void put_json(struct stream *s, const struct event *e)
{
	struct json j;

	json_start(&j, s->out, false);
	json_record(&j, NULL, event_kinds[e->kind].desc, e, NULL, 0);
}

static int take(void *arg, const struct event *e)
{
	struct stream *s = arg;
	struct event explained = *e;

	explained.why = s->explainer ? explain(s->explainer, e) : NULL;
	if (s->n->json)
		put_json(s, &explained);
	else
		event_text_line(&s->text, &explained);
	if (e->kind == EVENT_LOST) {
		s->lost += e->count;
		return 0;
	}
	s->of[e->kind]++;
	s->failed[e->kind] += e->err != 0;
	s->full = ++s->seen == s->n->count;
	return s->full || s->write_err;
}

/* Once it is over, what has happened until then is still told: a storm may have left much in the ring. */
static int run(struct stream *s)
{
	uint64_t give_up = UINT64_MAX;
	int n = 1;

	while (n >= 0 && !s->write_err && !s->full) {
		struct pollfd p[2] = { { s->signals, POLLIN, 0 }, { events_fd(s->watch), POLLIN, 0 } };

		poll(p, 2, wait_for(s, events_timeout(s->watch)));
		if (is_over(s) && give_up == UINT64_MAX)
			give_up = now_ms() + DRAIN;
		n = events_service(s->watch);
		flush(s);
		if (s->ended && (!n || now_ms() >= give_up))
			break;
	}
	return n < 0 ? n : 0;
}

/* --- words before and after --------------------------------------------------------------------------------------------------- */

static void summary(const struct stream *s)
{
	char line[512];
	int at = snprintf(line, sizeof(line), "%llu events in %.1f s", (unsigned long long)s->seen,
			  (double)(now_ms() - s->started) / 1000);
	const char *between = ": ";

	for (enum event_kind k = 0; k < EVENT_LOST; k++) {
		if (!s->of[k])
			continue;
		at += snprintf(line + at, sizeof(line) - (size_t)at, "%s%llu %s", between, (unsigned long long)s->of[k],
			       event_kinds[k].name);
		if (s->failed[k])
			at += snprintf(line + at, sizeof(line) - (size_t)at, " (%llu failed)", (unsigned long long)s->failed[k]);
		between = ", ";
	}
	if (s->lost)
		cli_error(&s->n->cli, "%s; %llu lost", line, (unsigned long long)s->lost);
	else
		cli_error(&s->n->cli, "%s; none lost", line);
}

static void say_missing(const struct stream *s)
{
	const char *why, *between = "";
	uint32_t missing = events_missing(s->watch, &why);
	char list[128] = "";
	size_t at = 0;

	if (!missing)
		return;
	for (enum event_kind k = 0; k < EVENT_LOST; k++)
		if (missing & 1u << k) {
			at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s", between, event_kinds[k].name);
			between = ", ";
		}
	cli_error(&s->n->cli, "not seen: %s (%s)", list, why ? why : "not by this kernel");
}

/* --- what was asked for ------------------------------------------------------------------------------------------------------- */

struct targets {
	uint32_t *tasks;
	size_t n_tasks, cap_tasks;
	const char **containers;
	size_t n_containers, cap_containers;
	struct events_ns *namespaces;
	size_t n_namespaces, cap_namespaces;
};

static void add_ns(struct targets *t, uint32_t inum, bool members)
{
	for (size_t i = 0; i < t->n_namespaces; i++)
		if (t->namespaces[i].inum == inum) {
			t->namespaces[i].members |= members;
			return;
		}
	*ARRAY_ADD(t, namespaces) = (struct events_ns){ inum, members };
}

/* The container's cgroups, and whoever comes to the namespaces that it does not share with the host. */
static void add_container(struct targets *t, const struct index *ix, const struct target *x)
{
	const struct snap *s = ix->snap;

	for (size_t i = 0; i < s->n_containers; i++) {
		const struct snap_container *c = &s->containers[i];

		if (x->pod ? c->pod && !strcmp(c->pod, x->pod) : c == x->container)
			*ARRAY_ADD(t, containers) = c->id;
	}
	for (uint32_t i = 0; i < s->n_tasks; i++) {
		if (!target_has_task(ix, x, i))
			continue;
		for (enum nstype type = 0; type < NS_TYPES; type++)
			if (NSREF_KNOWN(s->tasks[i].ns[type]) && s->tasks[i].ns[type] != s->head.initial[type])
				add_ns(t, s->tasks[i].ns[type], false);
	}
}

static void add_target(struct targets *t, const struct index *ix, const struct target *x)
{
	const struct snap *s = ix->snap;

	switch (x->kind) {
	case TARGET_TASK:
		*ARRAY_ADD(t, tasks) = s->tasks[x->task].tid;
		break;
	case TARGET_CONTAINER:
		add_container(t, ix, x);
		break;
	case TARGET_NS:
		add_ns(t, s->namespaces[x->ns].inum, true);
		break;
	case TARGET_HOST:
		add_ns(t, s->head.initial[NS_PID], true);
		break;
	}
}

/* The targets' ids: strings are the snapshot's. */
static enum exit_status resolve(struct nstop *n, struct snap *s, struct targets *t)
{
	enum exit_status status;
	uint64_t wants = WANT_TASKS;
	char message[512];
	struct index ix;

	for (int i = 0; i < n->cli.argc; i++)
		wants |= target_wants(n->cli.argv[i]);
	status = cli_snapshot(&n->cli, s, wants, 0);
	if (status != EXIT_DONE)
		return status;
	index_build(&ix, s);
	for (int i = 0; i < n->cli.argc && status == EXIT_DONE; i++) {
		struct target x;
		int err = target_resolve(&ix, n->cli.argv[i], &x, message, sizeof(message));

		if (err)
			cli_error(&n->cli, "%s%s", message,
				  !i && !n->kinds && err == -ENOENT ? ", and no kind of event (see --help)" : "");
		else
			add_target(t, &ix, &x);
		status = err == -EINVAL ? EXIT_USAGE : err ? EXIT_FAILED : EXIT_DONE;
	}
	index_done(&ix);
	return status;
}

/* "-e setns,bind": the kinds, or (as the option's argument is optional) the first operand if it is a list of kinds. */
static int choose_kinds(struct nstop *n, uint32_t *kinds)
{
	const char *bad;
	size_t bad_len;

	*kinds = EVENTS_USUAL;
	if (!n->kinds && n->cli.argc && !event_kinds_parse(n->cli.argv[0], kinds, &bad, &bad_len)) {
		n->cli.argv++;
		n->cli.argc--;
	} else if (n->kinds && event_kinds_parse(n->kinds, kinds, &bad, &bad_len)) {
		return cli_usage_error(&n->cli,
				       "no such kind of event: %.*s (setns, unshare, clone, bind, listen, socket, fork, exit)",
				       (int)bad_len, bad);
	}
	return 0;
}

/* --- all of it ---------------------------------------------------------------------------------------------------------------- */

static int catch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static enum exit_status finish(struct stream *s, int err)
{
	const struct cli *c = &s->n->cli;

	if (s->write_err == ETIMEDOUT)
		cli_error(c, "standard output takes no more");
	else if (s->write_err)
		cli_error(c, "cannot write standard output: %s", strerror(s->write_err));
	else if (err)
		cli_error(c, "cannot read events: %s", strerror(-err));
	summary(s);
	if (err || s->write_err)
		return EXIT_FAILED;
	return s->lost && c->strict ? EXIT_INCOMPLETE : EXIT_DONE;
}

static enum exit_status stream(struct stream *s, const struct events_opts *o)
{
	const struct events_sink sink = { take, s };
	enum exit_status status;
	const char *why;
	int err;

	s->watch = events_open(o, &sink, &err, &why);
	if (!s->watch) {
		cli_error(&s->n->cli, "cannot watch events: %s (%s)", strerror(-err), why);
		return EXIT_FAILED;
	}
	if (s->n->why)
		s->explainer = explain_new(&s->n->cli);
	open_out(s);
	s->text = (struct event_text){ .f = s->out, .escape = cli_ascii() ? ESC_ASCII : 0, .color = s->n->cli.color };
	if (!s->n->json) {
		s->names = ns_names_new(&s->n->cli);
		s->text.names = (struct event_names){ ns_names_of, s->names };
	}
	s->started = now_ms();
	s->until = s->n->for_ms ? s->started + s->n->for_ms : 0;
	if (!s->n->json && !s->n->no_header)
		event_text_header(&s->text);
	flush(s);
	say_missing(s);
	status = finish(s, run(s));
	fclose(s->out);
	explain_free(s->explainer);
	ns_names_free(s->names);
	return status;
}

enum exit_status nstop_events(struct nstop *n)
{
	struct stream s = { .n = n, .signals = catch_signals() };
	struct events_opts o = { .collector = n->cli.collector, .errors = n->errors, .ppid = n->ppid };
	enum exit_status status = EXIT_DONE;
	struct targets t = { 0 };
	struct snap snap;

	if (choose_kinds(n, &o.kinds))
		return EXIT_USAGE;
	snap_init(&snap);
	o.targets = n->cli.argc;
	if (o.targets)
		status = resolve(n, &snap, &t);
	o.tasks = t.tasks;
	o.n_tasks = t.n_tasks;
	o.containers = t.containers;
	o.n_containers = t.n_containers;
	o.namespaces = t.namespaces;
	o.n_namespaces = t.n_namespaces;
	if (status == EXIT_DONE)
		status = stream(&s, &o);
	events_close(s.watch);
	close(s.signals);
	free(t.tasks);
	free(t.containers);
	free(t.namespaces);
	snap_done(&snap);
	return status;
}

void nstop_events_schema(void)
{
	const struct desc *descs[EVENT_KINDS];

	for (enum event_kind k = 0; k < EVENT_KINDS; k++)
		descs[k] = event_kinds[k].desc;
	schema_write_lines(stdout, "nstop --events --json, a line", descs, ARRAY_SIZE(descs));
}
